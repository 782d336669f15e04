from odoo import fields, models


class PowerTicketMatter(models.Model):
    """What categories of several types have in common: a fault reported three times and
    then a complaint about the repair are one matter. Found by ``core/repeat.py``."""

    _name = "power.ticket.matter"
    _description = "Matter"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    category_ids = fields.Many2many(
        "power.ticket.category",
        "power_ticket_matter_category_rel",
        "matter_id",
        "category_id",
        string="Categories",
        help="Tickets about one of these, or about what lies below it, can repeat each "
        "other, whatever their types.",
    )
