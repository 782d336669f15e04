from odoo import api, fields, models


class PowerSupplyPoint(models.Model):
    _inherit = "power.supply.point"  # pylint: disable=consider-merging-classes-inherited

    ticket_count = fields.Integer("Open Tickets", compute="_compute_ticket_count")

    @api.depends_context("uid")
    def _compute_ticket_count(self):
        counts = dict(
            self.env["power.ticket"]._read_group(
                [("supply_point_id", "in", self.ids), ("is_open", "=", True)],
                ["supply_point_id"],
                ["__count"],
            )
        )
        for point in self:
            point.ticket_count = counts.get(point, 0)

    def action_open_tickets(self):
        """Open the tickets about this supply point."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_action"
        )
        action["domain"] = [("supply_point_id", "=", self.id)]
        action["context"] = {
            "default_supply_point_id": self.id,
            "search_default_open": 1,
        }
        return action
