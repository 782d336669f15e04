# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import models

# Whose matter is over when the ticket ends, and when it is opened again.
ENDING_ACTIVITIES = [
    "power_service_tickets.mail_activity_grave_complaint",
    "power_service_tickets.mail_activity_reply",
]
REOPENING_ACTIVITIES = ["power_service_tickets.mail_activity_unsatisfied"]


class PowerTicket(models.Model):
    """What goes from people's lists by itself."""

    _inherit = "power.ticket"

    def _project_write(self, vals):
        result = super()._project_write(vals)
        # The system made them, the system takes them away, whoever is at work.
        tickets = self.sudo()
        if vals.get("is_open") is False:
            tickets.activity_unlink(ENDING_ACTIVITIES)
        if vals.get("reopen_count"):
            tickets.activity_unlink(REOPENING_ACTIVITIES)
        return result
