from odoo import api, fields, models

POWER_GROUPS = "power_service_base.group_power_field"


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    power_ticket_ids = fields.One2many(
        "power.ticket", "partner_id", string="Tickets", groups=POWER_GROUPS
    )
    power_ticket_count = fields.Integer(
        "Open Tickets", compute="_compute_power_ticket_count", groups=POWER_GROUPS
    )

    @api.depends_context("uid")
    def _compute_power_ticket_count(self):
        counts = dict(
            self.env["power.ticket"]._read_group(
                [("partner_id", "in", self.ids), ("is_open", "=", True)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.power_ticket_count = counts.get(partner, 0)

    def action_open_power_tickets(self):
        """Open the customer's tickets."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id, "search_default_open": 1}
        return action
