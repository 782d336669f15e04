from odoo import models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _split_by_api(self):
        """Odoo's other SMS go through the company's message gateway too."""
        Gateway = self.env["power.message.gateway"]
        rest = self.browse()
        for company, messages in self.grouped(
            lambda sms: sms._get_sms_company()
        ).items():
            if Gateway._get_gateway("sms", company):
                sms_api = company._get_sms_api_class()(self.env)
                sms_api._set_company(company)
                yield sms_api, messages
            else:
                rest |= messages
        if rest:
            yield from super(SmsSms, rest)._split_by_api()
