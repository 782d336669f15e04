from odoo.addons.sms.tools.sms_api import SmsApiBase

from .gateway_client import GatewayMessage


class SmsApiPower(SmsApiBase):
    """Odoo's SMS through the company's message gateway, in core's own pattern.

    Core's queue knows sent and not sent only: what has no clear outcome is reported as
    a server error. Notices read the clear result from the extra key ``gateway``.
    """

    # The provider sends one key once, so an unclear outcome may be tried again.
    is_idempotent = True

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """See ``SmsApi._send_sms_batch``; each result has ``gateway``, a
        ``GatewayResult``."""
        gateway = self.env["power.message.gateway"]._get_gateway("sms", self.company)
        results = gateway._send_messages(
            [
                GatewayMessage(number["uuid"], number["number"], "", message["content"])
                for message in messages
                for number in message["numbers"]
            ]
        )
        states = {
            "accepted": "sent",
            "refused": "rejected",
            "unknown": "server_error",
        }
        return [
            {
                "uuid": key,
                "state": states[result.state],
                "failure_reason": result.reason,
                "gateway": result,
            }
            for key, result in results.items()
        ]
