from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _routing_handle_bounce(self, email_message, message_dict):
        """A notice whose e-mail comes back has failed."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        message = message_dict.get("bounced_message")
        if message and message.model == "power.notice" and message.res_id:
            notices = self.env["power.notice"].sudo()  # mail comes in for nobody
            notice = notices.browse(message.res_id).exists()
            if notice.sudo().mail_id.mail_message_id == message:  # as above
                notice._record(
                    "failed",
                    reason=self.env._(
                        "The e-mail came back: %(address)s does not take it.",
                        address=notice.address,
                    ),
                )
        return result
