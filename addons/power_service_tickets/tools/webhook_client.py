"""Signed events to another system, over the way of the message gateways."""

import json
import logging
import secrets
import time

import requests

from odoo.addons.power_service_base.core.message_signature import sign
from odoo.addons.power_service_base.tools.gateway_client import (
    GatewayClient,
    GatewayError,
)

_logger = logging.getLogger(__name__)


def format_moment(moment):
    """A naive UTC datetime as other systems read it: ISO 8601 with its zone."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


class WebhookClient(GatewayClient):
    """Posts events as signed JSON; the signature is that of the message gateways."""

    def post(self, events):
        """Post ``events`` in one request; never raises for what the other side does.

        :param events: list of dicts
        :return: ``""`` when they were taken (HTTP 200), else the problem's code
        """
        body = json.dumps({"events": events}, ensure_ascii=False).encode()
        timestamp, nonce = int(time.time()), secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json",
            "X-Power-Key": self.key_id,
            "X-Power-Timestamp": str(timestamp),
            "X-Power-Nonce": nonce,
            "X-Power-Signature": sign(self.secret, self.key_id, timestamp, nonce, body),
        }
        try:
            self._post(body, headers)
        except (requests.RequestException, GatewayError) as error:
            _logger.info("Webhook %s: %s", self.url, error)
            return self._get_problem(error)
        return ""
