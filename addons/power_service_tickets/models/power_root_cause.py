from odoo import api, fields, models


class PowerRootCause(models.Model):
    """Why something went wrong: a tree that complaints are counted by."""

    _name = "power.root.cause"
    _inherit = ["power.tree.mixin"]
    _description = "Root Cause"
    _order = "sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["name", "code", "parent_id.name"]

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        "Full Name",
        compute="_compute_complete_name",
        search="_search_complete_name",
        recursive=True,
    )
    code = fields.Char(copy=False, help="The name used by programs.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("power.root.cause", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("power.root.cause", "parent_id")

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "Another root cause already has this code."
    )

    @api.depends("complete_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # The name isn't stored: that it depends on the language has to be said again.
        return super()._compute_display_name()

    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for cause in self:
            above = cause.parent_id.complete_name
            cause.complete_name = f"{above} / {cause.name}" if above else cause.name

    # Core's would be kept for all languages: this name isn't a translated field.
    @api.depends("complete_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for cause in self:
            cause.display_name = cause.complete_name

    @api.model
    def _search_complete_name(self, operator, value):
        if operator == "in":
            return fields.Domain.OR(
                [("name", "=", (name or "").rsplit(" / ", 1)[-1])] for name in value
            )
        if operator in ("like", "ilike"):
            return fields.Domain("name", operator, value) | fields.Domain(
                "parent_id.name", operator, value
            )
        return NotImplemented
