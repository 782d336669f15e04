from odoo import api, fields, models

from ..tools.gateway_client import GatewayClient


class PowerMessageGateway(models.Model):
    """A provider of text or WeChat messages, reached over HTTP.

    The generic provider speaks the protocol of ``docs/notices.md``. Another one speaks
    through a subclass of ``GatewayClient``, named in :meth:`_get_client_class`.
    """

    _name = "power.message.gateway"
    _inherit = ["power.endpoint.mixin"]
    _description = "Message Gateway"

    kind = fields.Selection(
        [("sms", "SMS"), ("wechat", "WeChat")], required=True, default="sms"
    )
    provider = fields.Selection(
        [("generic", "Signed JSON over HTTP")], required=True, default="generic"
    )
    url = fields.Char(
        help="Where messages are posted to, for example "
        "https://sms.example.com/v1/messages.",
    )
    secret = fields.Char(help="Signs the requests to the provider and its receipts.")
    batch_size = fields.Integer(
        default=100, required=True, help="Recipients in one request."
    )
    receipt_url = fields.Char(
        "Address for Receipts",
        compute="_compute_receipt_url",
        help="Where the provider posts its receipts to.",
    )

    _timeout_valid = models.Constraint(
        "CHECK (timeout BETWEEN 1 AND 120 AND batch_size BETWEEN 1 AND 1000)",
        "The time-out lies between 1 and 120 seconds, the batch between 1 and 1,000.",
    )

    @api.depends("active")
    def _compute_receipt_url(self):
        for gateway in self:
            gateway.receipt_url = (
                f"{gateway.get_base_url()}/power_service/receipt/{gateway.id}"
                if gateway.id
                else False
            )

    @api.model
    def _get_gateway(self, kind, company):
        """The gateway of a company for sms or wechat: the first active one, or none."""
        gateways = self.sudo()  # users send through it without reading its settings
        return gateways.search(
            [("kind", "=", kind), ("company_id", "=", company.id)], limit=1
        )

    def _get_client_class(self):
        """The class that speaks with this provider; others add theirs by inheritance.

        :return: :class:`GatewayClient` or a subclass
        """
        self.ensure_one()
        return GatewayClient

    def _send_messages(self, messages):
        """Send messages through this gateway, in its batches.

        :param messages: list of ``tools.gateway_client.GatewayMessage``
        :return: ``{message key: GatewayResult}``, one for each message
        """
        self.ensure_one()
        gateway = self.sudo()  # its settings are for managers
        client = gateway._get_client_class()(
            **gateway._get_client_values(), receipt_url=gateway.receipt_url
        )
        results = {}
        for start in range(0, len(messages), gateway.batch_size):
            results.update(client.send(messages[start : start + gateway.batch_size]))
        return results

    def action_test(self):
        """Open the dialogue that sends a test message."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send a Test Message"),
            "res_model": "power.message.gateway.test",
            "view_mode": "form",
            "target": "new",
            "context": {"default_gateway_id": self.id},
        }
