"""How the product speaks with a provider of text or WeChat messages."""

import json
import logging
import secrets
import time
from dataclasses import dataclass

import requests

from ..core.message_signature import sign

_logger = logging.getLogger(__name__)
# An answer longer than this is no answer to a batch of messages.
MAX_ANSWER = 1_000_000


@dataclass(frozen=True)
class GatewayMessage:
    """One message: ``key`` is its idempotency key, ``to`` a number or WeChat id."""

    key: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class GatewayResult:
    """What became of a message.

    :param state: ``accepted``; ``refused`` (final); ``unknown`` (no clear answer: it
        may be sent again with the same key, which the provider must not send twice)
    :param reason: the provider's own words
    :param problem: why it is not known: ``timeout``, ``unreachable``, ``malformed``,
        ``missing`` (the answer lacks this message), ``too_long`` or ``http_503``
    """

    state: str
    reason: str = ""
    provider_key: str = ""
    problem: str = ""


class GatewayError(Exception):
    """The provider gave no usable answer; ``args[0]`` is a problem's code."""


class GatewayClient:
    """The generic provider: signed JSON, one request for a batch of recipients.

    For another provider override :meth:`_prepare_request` and :meth:`_parse`; both know
    nothing of Odoo. The provider has to treat ``key`` as idempotent.
    """

    def __init__(self, url, key_id, secret, timeout, receipt_url):
        self.url = url
        self.key_id = key_id
        self.secret = secret
        self.timeout = timeout
        self.receipt_url = receipt_url

    def send(self, messages):
        """Post ``messages`` in one request; never raises for what the provider does.

        :return: ``{key: GatewayResult}``, one for each message
        """
        body, headers = self._prepare_request(messages)
        try:
            answer = self._post(body, headers)
            results = self._parse(answer)
        except (requests.RequestException, GatewayError) as error:
            _logger.info("Message gateway %s: %s", self.url, error)
            result = GatewayResult("unknown", problem=self._get_problem(error))
            return {message.key: result for message in messages}
        missing = GatewayResult("unknown", problem="missing")
        return {message.key: results.get(message.key, missing) for message in messages}

    def _prepare_request(self, messages):
        """The request's body (bytes) and headers."""
        body = json.dumps(
            {
                "receipt_url": self.receipt_url,
                "messages": [
                    {
                        "key": message.key,
                        "to": message.to,
                        "subject": message.subject,
                        "text": message.text,
                    }
                    for message in messages
                ],
            },
            ensure_ascii=False,
        ).encode()
        timestamp, nonce = int(time.time()), secrets.token_hex(16)
        return body, {
            "Content-Type": "application/json",
            "X-Power-Key": self.key_id,
            "X-Power-Timestamp": str(timestamp),
            "X-Power-Nonce": nonce,
            "X-Power-Signature": sign(self.secret, self.key_id, timestamp, nonce, body),
        }

    def _post(self, body, headers):
        """The answer's bytes. Redirects are not followed: a signed message goes to the
        configured address only. The time-out holds for the whole answer."""
        deadline = time.monotonic() + self.timeout
        with requests.post(
            self.url,
            data=body,
            headers=headers,
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            content = b""
            for chunk in response.iter_content(65536):
                content += chunk
                if len(content) > MAX_ANSWER:
                    raise GatewayError("too_long")
                if time.monotonic() > deadline:
                    raise GatewayError("timeout")
            if time.monotonic() > deadline:
                raise GatewayError("timeout")
            if response.status_code != 200:
                raise GatewayError(f"http_{response.status_code}")
            return content

    def _parse(self, content):
        """``{key: GatewayResult}`` from the answer's bytes.

        :raise GatewayError: when the answer is not what the protocol says
        """
        try:
            items = json.loads(content)["results"]
            results = {}
            for item in items:
                state = {
                    "accepted": "accepted",
                    "duplicate": "accepted",
                    "refused": "refused",
                }.get(item["state"], "unknown")
                results[str(item["key"])] = GatewayResult(
                    state,
                    str(item.get("reason") or "")[:500],
                    str(item.get("id") or "")[:200],
                )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise GatewayError("malformed") from error
        return results

    def _get_problem(self, error):
        if isinstance(error, GatewayError):
            return error.args[0]
        return "timeout" if isinstance(error, requests.Timeout) else "unreachable"
