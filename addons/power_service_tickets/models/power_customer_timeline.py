from odoo import api, fields, models
from odoo.tools import SQL


class PowerCustomerTimeline(models.Model):
    _inherit = "power.customer.timeline"

    kind = fields.Selection(selection_add=[("ticket", "Ticket")])

    @api.model
    def _get_timeline_sources(self):
        """Also tickets; confidential ones never."""
        return [
            *super()._get_timeline_sources(),
            (
                20,
                "ticket",
                "power.ticket",
                SQL(
                    "SELECT id AS res_id, partner_id, received_at AS at,"
                    " concat_ws(' ', name, subject) AS subject,"
                    " description AS detail, user_id, company_id, station_id"
                    " FROM power_ticket"
                    " WHERE partner_id IS NOT NULL AND NOT is_confidential"
                ),
            ),
        ]
