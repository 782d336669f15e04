"""Other systems hear of it by signed POST; what they don't take is tried again."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.power_service_base.core.message_signature import is_valid

from .test_sla_tick import TickCommon, at


class Listener(HTTPServer):
    """Another system on this machine that keeps what it hears."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard = []
        self.status = 200
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


@tagged("post_install", "-at_install")
class TestWebhook(TickCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.listener = Listener()
        cls.addClassCleanup(cls.listener.server_close)
        cls.addClassCleanup(cls.listener.shutdown)
        cls.webhook = cls.env["power.webhook"].create(
            {
                "name": "Group",
                "url": cls.listener.url,
                "key_id": "power",
                "secret": "quite secret",
            }
        )
        cls.policy.escalation_ids = cls.env["power.sla.escalation"].create(
            {
                "name": "Other system",
                "moment": "missed",
                "whom": "webhook",
                "webhook_id": cls.webhook.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.listener.heard.clear()
        self.listener.status = 200
        self.messages = self.env["power.webhook.message"]
        self.messages.search([]).unlink()

    def _post(self, when):
        with freeze_time(when), self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets.ir_cron_webhook_post")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def test_signed_and_heard_once(self):
        tickets = [self._create_promised() for _number in range(3)]
        self._tick(minutes=61)
        self._post(at(minutes=62))
        self._post(at(minutes=63))
        ((headers, body),) = self.listener.heard
        self.assertTrue(
            is_valid(
                "quite secret",
                headers["X-Power-Key"],
                headers["X-Power-Timestamp"],
                headers["X-Power-Nonce"],
                body,
                headers["X-Power-Signature"],
                int(headers["X-Power-Timestamp"]),
            )
        )
        events = json.loads(body)["events"]
        self.assertEqual(
            {event["ticket"] for event in events}, {t.name for t in tickets}
        )
        self.assertEqual({event["event"] for event in events}, {"promise_overdue"})
        # Times with their zone: nobody has to know that they are UTC.
        deadlines = {self._clock(ticket, "answered").deadline for ticket in tickets}
        self.assertEqual(
            {event["deadline"] for event in events},
            {f"{deadline:%Y-%m-%dT%H:%M:%SZ}" for deadline in deadlines},
        )
        for event in events:
            self.assertRegex(event["due_at"], r"^2026-03-02T03:00:0\dZ$")
        # Other systems don't know our ids.
        self.assertEqual(
            {(event["station_code"], event["station"]) for event in events},
            {(self.station.power_code, self.station.name)},
        )
        clocks = tickets[0].clock_ids
        self.assertIn(events[0]["promise"], clocks.policy_id.mapped("name"))
        self.assertEqual(self.messages.search([]).mapped("state"), ["sent"] * 3)

    def test_a_promise_is_named_in_the_company_s_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.company.partner_id.lang = "zh_CN"
        ticket = self._create_promised(station_id=False, supply_point_id=False)
        policy = ticket.clock_ids.policy_id
        policy.with_context(lang="zh_CN").name = "限时答复"
        self._tick(minutes=61)
        events = [
            json.loads(text) for text in self.messages.search([]).mapped("content")
        ]
        self.assertEqual({event["promise"] for event in events}, {"限时答复"})
        self.assertEqual({event["station"] for event in events}, {""})

    def test_not_taken_is_tried_again_with_the_same_key_then_given_up(self):
        self.listener.status = 503
        self._create_promised()
        self._tick(minutes=61)
        now = at(minutes=62)
        for _attempt in range(8):
            self._post(now)
            message = self.messages.search([])
            if message.state == "failed":
                break
            now = message.next_try_at
        self.assertEqual(message.problem, "http_503")
        self.assertEqual(message.attempts, 6)
        keys = {
            json.loads(body)["events"][0]["key"]
            for _headers, body in self.listener.heard
        }
        self.assertEqual(len(keys), 1)
        self.listener.status = 200
        with freeze_time(now):
            message.with_user(self.users["manager"]).action_retry()
        self._post(now)
        self.assertEqual(message.state, "sent")

    def test_address_must_be_http(self):
        with self.assertRaises(ValidationError):
            self.webhook.url = "file:///etc/passwd"

    def test_the_secret_is_for_managers(self):
        with self.assertRaises(AccessError):
            self.webhook.with_user(self.users["quality"]).read(["secret"])
