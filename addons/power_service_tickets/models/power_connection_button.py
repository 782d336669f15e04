# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import models


class PowerConnection(models.Model):
    """The buttons that open what belongs to a connection."""

    _inherit = "power.connection"

    def action_open_ticket(self):
        """Open the ticket, with its promises and history."""
        self.ensure_one()
        return self._get_form_action(self.ticket_id)

    def action_open_point(self):
        """Open the supply point."""
        self.ensure_one()
        return self._get_form_action(self.supply_point_id)

    def action_open_contract(self):
        """Open the contract that was made or ended."""
        self.ensure_one()
        return self._get_form_action(self.contract_id)

    def _get_form_action(self, record):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_plan_visit(self):
        """Open a new field task for the survey, or for the inspection that is next."""
        self.ensure_one()
        is_survey = self.step in ("accepted", "surveyed")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan a Visit"),
            "res_model": "power.field.task",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": "survey" if is_survey else "connection_check",
                "default_name": self.display_name,
                "default_partner_id": self.partner_id.id,
                "default_supply_point_id": self.supply_point_id.id,
                "default_station_id": self.station_id.id,
                "default_note": self.address,
                "default_res_model": self._name,
                "default_res_id": self.id,
            },
        }

    def action_open_visits(self):
        """Open the field tasks of this connection."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_connection_action_visits"
        )
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        return action
