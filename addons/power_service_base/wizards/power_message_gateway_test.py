from uuid import uuid4

from odoo import fields, models

from ..tools.gateway_client import GatewayMessage


class PowerMessageGatewayTest(models.TransientModel):
    """Send one message through a gateway and show the provider's answer."""

    _name = "power.message.gateway.test"
    _description = "Test of a Message Gateway"

    gateway_id = fields.Many2one("power.message.gateway", required=True)
    address = fields.Char("Number or WeChat Id", required=True)
    text = fields.Char(
        required=True, default=lambda self: self.env._("Test message of Power Service")
    )
    state = fields.Selection(
        [
            ("draft", "Not sent"),
            ("accepted", "The provider took it"),
            ("refused", "Refused"),
            ("unknown", "No clear answer"),
        ],
        readonly=True,
        default="draft",
    )
    answer = fields.Char(readonly=True)

    def action_send(self):
        """Send it and stay open with the answer."""
        self.ensure_one()
        self.gateway_id.check_access("write")
        key = f"test-{uuid4().hex}"
        message = GatewayMessage(key, self.address, self.text, self.text)
        result = self.gateway_id._send_messages([message])[key]
        self.state = result.state
        if result.state == "accepted":
            self.answer = self.env._("The provider's key: %s", result.provider_key)
        else:
            self.answer = self.env["power.notice"]._describe_result(result)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Send a Test Message"),
        }
