from odoo import fields, models


class PowerConnectionSource(models.Model):
    """A network element from which the supply scheme feeds the customer."""

    _name = "power.connection.source"
    _inherit = ["power.reach.mixin"]
    _description = "Source in a Supply Scheme"
    _reach_fields = ("connection_id",)
    _order = "connection_id, role, id"
    _rec_name = "element_id"

    connection_id = fields.Many2one(
        "power.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    element_id = fields.Many2one(
        "power.network.element",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    role = fields.Selection(
        [("main", "Main"), ("standby", "Standby")],
        "Main or Standby",
        required=True,
        default="main",
    )

    _check_company_auto = True
    _element_uniq = models.UniqueIndex(
        "(connection_id, element_id)",
        "The supply scheme already names this network element.",
    )
