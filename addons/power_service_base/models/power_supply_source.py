from odoo import api, fields, models


class PowerSupplySource(models.Model):
    """One feed of a supply point; the point is interrupted when all of them are off."""

    _name = "power.supply.source"
    _inherit = ["power.portal.mixin"]
    _description = "Supply Source"
    _order = "supply_point_id, role, id"
    _check_company_auto = True

    supply_point_id = fields.Many2one(
        "power.supply.point", required=True, index=True, ondelete="cascade"
    )
    element_id = fields.Many2one(
        "power.network.element",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    role = fields.Selection(
        [("main", "Main"), ("standby", "Standby")], required=True, default="main"
    )
    company_id = fields.Many2one(related="supply_point_id.company_id", store=True)
    station_id = fields.Many2one(related="supply_point_id.station_id", store=True)

    _element_uniq = models.UniqueIndex(
        "(supply_point_id, element_id)",
        "The supply point is already fed from this network element.",
    )
    _main_uniq = models.UniqueIndex(
        "(supply_point_id) WHERE role = 'main'",
        "A supply point has one main source: set the other one to standby.",
    )

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {"supply_point_id", "role"}
