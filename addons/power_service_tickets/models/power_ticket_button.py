# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError


class PowerTicket(models.Model):
    """The buttons that ask before they do something."""

    _inherit = "power.ticket"

    offered_entries = fields.Json(
        compute="_compute_offered_entries",
        export_string_translation=False,
        help="What of the form's gear menu can be done with the ticket now.",
    )

    @api.depends(
        "is_open",
        "is_paused",
        "is_confidential",
        "type_id.milestone_ids",
        "clock_ids.state",
    )
    def _compute_offered_entries(self):
        for ticket in self:
            entries = ticket._get_offered_entries()
            ticket.offered_entries = [name for name, can in entries.items() if can]

    def _get_offered_entries(self):
        """Whether each entry of the gear menu can be done with one ticket, by the names
        of ``power.ticket.entry``. Who may do it, the entries say."""
        self.ensure_one()
        is_open = self.is_open
        reached = set(self.type_id.milestone_ids.mapped("code")) if is_open else ()
        return {
            "contact": "contacted" in reached,
            "arrive": "arrived" in reached,
            "restore": "restored" in reached,
            "pause": is_open and not self.is_paused,
            "cancel": is_open,
            "merge": is_open and self.type_id.is_mergeable,
            "reclassify": is_open,
            "end_service": is_open,
            "extend": is_open and bool(self._get_running_clocks()),
            # These also of a ticket that has ended.
            "exempt": bool(self.sudo().clock_ids),  # clocks of a ticket that is seen
            "explain": True,
            "link_repeat": True,
            "disclose": self.is_confidential and not self.type_id.is_confidential,
        }

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
