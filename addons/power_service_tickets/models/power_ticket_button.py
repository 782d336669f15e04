# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import models
from odoo.exceptions import UserError


class PowerTicket(models.Model):
    """The buttons that ask before they do something."""

    _inherit = "power.ticket"

    def action_open_entry(self):
        """Open the window that asks what an action needs, and then does it.

        :return: a window action; ``power_entry`` in the context is one of the actions
            of ``power.ticket.entry``
        :raise UserError: the context names something else
        """
        return self._open_entry_wizard(self.env.context.get("power_entry"))

    def _open_entry_wizard(self, action):
        entries = self.env["power.ticket.entry"]
        labels = dict(entries._fields["action"]._description_selection(self.env))
        if action not in labels:
            raise UserError(self.env._("There is no such action."))
        context = {"default_ticket_ids": self.ids, "default_action": action}
        if self.env.context.get("default_charge_id"):
            context["default_charge_id"] = self.env.context["default_charge_id"]
        return {
            "type": "ir.actions.act_window",
            "name": labels[action],
            "res_model": entries._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def action_close(self):
        """Close the tickets."""
        self.close()

    def action_accept(self):
        """Take the tickets on."""
        self.accept()

    def action_resume(self):
        """Go on after a pause."""
        self.resume()
