from odoo import api, fields, models


class PowerCustomerExport(models.Model):
    """Who exported customers, supply points or contracts to a file, and how many."""

    _name = "power.customer.export"
    _inherit = ["power.append.only.mixin"]
    _description = "Customer Export"
    _order = "at desc, id desc"
    _rec_name = "model"

    model = fields.Char(required=True, readonly=True)
    model_name = fields.Char("What", compute="_compute_labels")
    field_labels = fields.Text("Fields Exported", compute="_compute_labels")
    record_count = fields.Integer("Records", readonly=True)
    field_names = fields.Text("Fields", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    @api.depends("model", "field_names")
    @api.depends_context("lang")
    def _compute_labels(self):
        """In the reader's words what is kept in Odoo's."""
        for export in self:
            export.model_name = self.env["ir.model"]._get(export.model).name
            names = (export.field_names or "").split(", ")
            known = (
                self.env[export.model].fields_get(names, ["string"])
                if export.model in self.env
                else {}
            )
            export.field_labels = ", ".join(
                known.get(name, {}).get("string", name) for name in names
            )

    @api.model
    def _log(self, model, count, field_names):
        """Log one export."""
        self.sudo().create(  # everybody's exports are logged, few may read them
            {
                "model": model,
                "record_count": count,
                "field_names": ", ".join(field_names),
                "user_id": self.env.uid,
            }
        )
