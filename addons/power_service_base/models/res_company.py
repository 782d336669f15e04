from odoo import models

from ..tools.sms_api import SmsApiPower


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_sms_api_class(self):
        """The company's message gateway sends its SMS, when there is one."""
        if self.env["power.message.gateway"]._get_gateway("sms", self):
            return SmsApiPower
        return super()._get_sms_api_class()
