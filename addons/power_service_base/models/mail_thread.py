from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_post_after_hook(self, message, msg_values):
        """Files that a message shows belong to the record, where it keeps its files:
        else who uploaded them could delete them."""
        result = super()._message_post_after_hook(message, msg_values)
        if getattr(self, "_power_keeps_files", None):
            # Which of them are nobody's yet, whoever posts; only the own are taken.
            loose = message.sudo().attachment_ids.filtered(
                lambda file: (
                    not file.res_id
                    and file.with_user(self.env.user).has_access("write")
                )
            )
            if loose:
                loose.write({"res_model": self._name, "res_id": self.id})
        return result

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
