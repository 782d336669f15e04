from odoo import api, fields, models
from odoo.tools import SQL

from ..core.repeat import Topic
from .power_ticket import PRIORITIES


class PowerTicketCategory(models.Model):
    """What a ticket is about: classes of complaint, kinds of fault, subjects."""

    _name = "power.ticket.category"
    _inherit = ["power.tree.mixin"]
    _description = "Ticket Category"
    _order = "type_id, sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["name", "code", "parent_id.name"]

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        compute="_compute_complete_name",
        recursive=True,
        search="_search_complete_name",
    )
    code = fields.Char(copy=False, help="The name used by programs and other systems.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        "power.ticket.category", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("power.ticket.category", "parent_id")
    type_id = fields.Many2one(
        "power.ticket.type",
        string="Ticket Type",
        compute="_compute_type_id",
        store=True,
        readonly=False,
        precompute=True,
        recursive=True,
        required=True,
        index=True,
        ondelete="restrict",
    )
    priority = fields.Selection(
        PRIORITIES, help="Of new tickets about this; the type's when empty."
    )
    is_urgent = fields.Boolean(
        help="Goes to the person on duty at once: danger, no supply."
    )
    is_customer_side = fields.Boolean(
        "On the Customer's Side",
        help="Guided by phone; repaired on request for a fee told beforehand.",
    )
    is_paid = fields.Boolean(
        "Paid Service",
        help="A paid extension service (有偿延伸服务): carried out only after the "
        "customer has agreed to its price.",
    )

    matter_ids = fields.Many2many(
        "power.ticket.matter",
        "power_ticket_matter_category_rel",
        "category_id",
        "matter_id",
        string="Matters",
        help="What it has in common with categories of other types; also for all that "
        "lies below it. Tickets of one matter can repeat each other.",
    )

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "Another category already has this code."
    )

    @api.depends("parent_id.type_id")
    def _compute_type_id(self):
        for category in self:
            category.type_id = category.parent_id.type_id or category.type_id

    @api.depends("complete_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # The name isn't stored: that it depends on the language has to be said again.
        return super()._compute_display_name()

    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for category in self:
            parent = category.parent_id
            category.complete_name = (
                f"{parent.complete_name} / {category.name}" if parent else category.name
            )

    # Core's would be kept for all languages: this name isn't a translated field.
    @api.depends("complete_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for category in self:
            category.display_name = category.complete_name

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

    @api.model
    def _get_topics(self):
        """Dict of id to :class:`Topic` of all categories, archived ones too, in one
        query."""
        self.env["power.ticket.category"].flush_model(["parent_path"])
        self.env["power.ticket.matter"].flush_model(["active", "category_ids"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT category.id, split_part(category.parent_path, '/', 1)::int,
                       COALESCE(array_agg(matter.id) FILTER (WHERE matter.active), '{}')
                  FROM power_ticket_category AS category
             LEFT JOIN power_ticket_matter_category_rel AS link
                    ON link.category_id::text
                       = ANY(string_to_array(category.parent_path, '/'))
             LEFT JOIN power_ticket_matter AS matter ON matter.id = link.matter_id
              GROUP BY category.id
                """
            )
        )
        return {
            category: Topic(category, top, frozenset(matters))
            for category, top, matters in rows
        }
