"""A provider of text messages that plays its part on the loopback address."""

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo.addons.power_service_base.core.message_signature import is_valid


class MessageProvider:
    """Takes signed batches, sends each key once, and misbehaves on demand.

    ``plan`` maps a recipient to ``refuse``, or to a provider's own ``state``;
    ``fault`` is one of ``slow`` (sends, but answers too late), ``malformed``,
    ``http_503``, ``partial`` (answers for the first message only), ``redirect``.
    """

    def __init__(self, key_id="key", secret="secret"):
        self.key_id, self.secret = key_id, secret
        self.sent = {}
        self.requests = []
        self.plan = {}
        self.fault = None
        self.delay = 1.3
        self.reason = "Number does not exist"
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                status, answer = provider.answer(self.headers, self.rfile.read(length))
                # The caller may have given up waiting.
                with contextlib.suppress(ConnectionError):
                    self.send_response(status)
                    if status == 302:
                        self.send_header("Location", provider.url)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/messages"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, headers, body):
        """(status, bytes) of the answer to one request."""
        valid = is_valid(
            self.secret,
            self.key_id,
            headers.get("X-Power-Timestamp", ""),
            headers.get("X-Power-Nonce", ""),
            body,
            headers.get("X-Power-Signature", ""),
            time.time(),
        )
        if not valid or headers.get("X-Power-Key") != self.key_id:
            return 403, b"{}"
        request = json.loads(body)
        self.requests.append(request)
        if self.fault == "http_503":
            return 503, b"busy"
        if self.fault == "redirect":
            return 302, b""
        results = [self.take(message) for message in request["messages"]]
        if self.fault == "slow":
            time.sleep(self.delay)
        if self.fault == "malformed":
            return 200, b"<html>Welcome to the hotel's Wi-Fi</html>"
        if self.fault == "partial":
            results = results[:1]
        return 200, json.dumps({"results": results}).encode()

    def take(self, message):
        """The answer for one message, which is sent unless its key was before."""
        key = message["key"]
        state = self.plan.get(message["to"], "accepted")
        if state == "refuse":
            return {"key": key, "state": "refused", "reason": self.reason}
        if key in self.sent:
            return {"key": key, "state": "duplicate", "id": f"id-{key}"}
        self.sent[key] = message
        return {"key": key, "state": state, "id": f"id-{key}"}
