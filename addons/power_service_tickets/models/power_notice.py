from odoo import models


class PowerNotice(models.Model):
    _inherit = "power.notice"

    def _prepare_mail_vals(self):
        """What a customer answers to a ticket's notice comes back to the tickets."""
        vals = super()._prepare_mail_vals()
        if self.res_model == "power.ticket":
            address = self.env["power.ticket"]._get_intake_address(self.company_id)
            if address:
                vals["reply_to"] = address
        return vals
