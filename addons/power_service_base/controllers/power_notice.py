import json
import logging
import time
from datetime import UTC, datetime, timedelta

from odoo import fields, http
from odoo.http import request

from ..core.message_signature import is_valid

_logger = logging.getLogger(__name__)
MAX_BODY = 1_000_000
MAX_RECEIPTS = 1000
KIND_OF_STATE = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "acknowledged",
    "failed": "failed",
}


class PowerNoticeController(http.Controller):
    @http.route(
        "/power_service/receipt/<int:gateway_id>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,  # a machine posts here; the signature takes its place
        save_session=False,
    )
    def receive(self, gateway_id):
        """Take a provider's receipts; see ``docs/notices.md`` for the form.

        A wrong signature, an old request and an unknown gateway look alike. Keys that
        are not known are ignored without a word, repeated receipts change nothing.
        """
        httprequest = request.httprequest
        if (httprequest.content_length or 0) > MAX_BODY:
            return self._answer(413, "too long")
        body = httprequest.get_data(cache=True)
        if len(body) > MAX_BODY:
            return self._answer(413, "too long")
        gateways = request.env["power.message.gateway"].sudo()  # checked by signature
        gateway = gateways.search([("id", "=", gateway_id)])
        headers = httprequest.headers
        valid = is_valid(
            gateway.secret or "no gateway",
            gateway.key_id or "",
            headers.get("X-Power-Timestamp", ""),
            headers.get("X-Power-Nonce", ""),
            body,
            headers.get("X-Power-Signature", ""),
            time.time(),
        )
        if not valid or not gateway:
            _logger.info("Receipts for gateway %s were refused", gateway_id)
            return self._answer(403, "refused")
        try:
            receipts = self._parse(body)
        except (ValueError, TypeError, KeyError, AttributeError):
            return self._answer(400, "malformed")
        notices = request.env["power.notice"].sudo()  # as above
        notices._receive(gateway, receipts)
        return self._answer(200, "ok")

    def _parse(self, body):
        """(key, event kind, time, reason, provider key) of each receipt.

        :raise ValueError: or another of Python's when the form is wrong
        """
        items = json.loads(body)["receipts"]
        if not isinstance(items, list) or len(items) > MAX_RECEIPTS:
            raise ValueError("too many")
        now = fields.Datetime.now()
        return [
            (
                self._get_text(item["key"], 300),
                KIND_OF_STATE[item["state"]],
                self._parse_time(item.get("at"), now),
                self._get_text(item.get("reason"), 500) or None,
                self._get_text(item.get("id"), 200) or None,
            )
            for item in items
        ]

    def _get_text(self, value, length):
        """Text that the database takes."""
        return str(value or "")[:length].replace("\0", "")

    def _parse_time(self, text, now):
        """Naive UTC of an ISO 8601 time with zone; now when missing or impossible."""
        if not text:
            return now
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("a time needs its zone")
        at = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        return at if now - timedelta(days=30) <= at <= now else now

    def _answer(self, status, text):
        return request.make_json_response({"result": text}, status=status)
