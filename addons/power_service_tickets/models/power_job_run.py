from odoo import api, models


class PowerJobRun(models.Model):
    _inherit = "power.job.run"

    @api.model
    def _get_titles(self):
        return super()._get_titles() | {
            "power.rectification.climb": self.env._("Overdue rectifications"),
        }
