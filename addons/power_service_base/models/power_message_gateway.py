from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.gateway_client import GatewayClient


class PowerMessageGateway(models.Model):
    """A provider of text or WeChat messages, reached over HTTP.

    The generic provider speaks the protocol of ``docs/notices.md``. Another one speaks
    through a subclass of ``GatewayClient``, named in :meth:`_get_client_class`.
    """

    _name = "power.message.gateway"
    _description = "Message Gateway"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        [("sms", "SMS"), ("wechat", "WeChat")], required=True, default="sms"
    )
    provider = fields.Selection(
        [("generic", "Signed JSON over HTTP")], required=True, default="generic"
    )
    url = fields.Char(
        "Address",
        required=True,
        help="Where messages are posted to, for example "
        "https://sms.example.com/v1/messages.",
    )
    key_id = fields.Char(
        required=True, help="The name under which the provider knows us."
    )
    secret = fields.Char(
        required=True,
        copy=False,
        groups="power_service_base.group_power_manager",
        help="Signs the requests to the provider and its receipts.",
    )
    timeout = fields.Integer(
        default=10, required=True, help="Seconds to wait for the provider's answer."
    )
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

    @api.constrains("url")
    def _check_url(self):
        for gateway in self:
            if not (gateway.url or "").startswith(("https://", "http://")):
                raise ValidationError(
                    self.env._("The address starts with https:// or http://.")
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
        gateway = self.sudo()  # the secret is for managers; here it only signs
        client = gateway._get_client_class()(
            url=gateway.url,
            key_id=gateway.key_id,
            secret=gateway.secret,
            timeout=gateway.timeout,
            receipt_url=gateway.receipt_url,
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
