from odoo import api, models


class PowerJobRun(models.Model):
    _inherit = "power.job.run"

    @api.model
    def _get_titles(self):
        return super()._get_titles() | {
            "power.complaint.bulletin": self.env._("Complaint bulletins"),
            "power.rectification.climb": self.env._("Overdue rectifications"),
            "power.sla.bulletin": self.env._("Group bulletins"),
            "power.sla.recount": self.env._("Promises counted again"),
            "power.sla.tick": self.env._("Warnings and ladders"),
            "power.ticket.callback.plan": self.env._("Call-backs planned"),
            "power.ticket.retention": self.env._("Files of old tickets deleted"),
            "power.ticket.rating.ask": self.env._("Customers asked to rate"),
            "power.webhook.post": self.env._("Events to other systems"),
        }
