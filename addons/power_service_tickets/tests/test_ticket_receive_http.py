"""The hotline's way in: JSON-2 over HTTP with an API key."""

import json
import random
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import TicketCommon

PATH = "/json/2/power.ticket/receive"
# Nothing of these belongs into an answer.
LEAKS = ("psycopg2", "SELECT ", "password", "/addons/", 'File "')


@tagged("post_install", "-at_install")
class TestReceiveHttp(TicketCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.users["staff"]
        cls.key = cls._make_key(cls.clerk)

    @classmethod
    def _make_key(cls, user):
        keys = cls.env["res.users.apikeys"].with_user(user)
        until = fields.Datetime.now() + timedelta(days=1)
        return keys._generate("rpc", "Hotline 95598", until)

    def _row(self, **vals):
        return {
            "type": "fault",
            "source_system": "95598",
            "external_ref": "call-1",
            "consumer_number": self.point.name,
            "subject": "No light",
            **vals,
        }

    def _post(self, content, key=None, path=PATH):
        """Send what another system would: ``content`` as JSON, or bytes as they are."""
        self.authenticate(None, None)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        if key is not False:
            key = self.key if key is None else key
            headers["Authorization"] = f"bearer {key}"
        answer = self.opener.post(
            self.base_url() + path, data=body, headers=headers, timeout=60
        )
        self.env.invalidate_all()
        return answer

    def _count(self):
        return self.env["power.ticket"].search_count([])

    def _assert_clear(self, answer, *statuses):
        """An error that says what is wrong, and nothing of the machine."""
        self.assertIn(answer.status_code, statuses, answer.text[:500])
        error = answer.json()
        self.assertTrue(error["message"])
        for leak in LEAKS:
            self.assertNotIn(leak, error["message"])
        return error["message"]

    def test_a_call_and_its_repetition_are_one_ticket(self):
        before = self._count()
        first = self._post({"vals": self._row()})
        self.assertEqual(first.status_code, 200, first.text)
        again = self._post({"vals": self._row()})
        self.assertEqual(again.status_code, 200, again.text)
        self.assertTrue(first.json()["is_new"])
        self.assertEqual(again.json(), {**first.json(), "is_new": False})
        self.assertEqual(self._count(), before + 1)
        ticket = self.env["power.ticket"].browse(first.json()["id"])
        self.assertRecordValues(
            ticket,
            [
                {
                    "name": first.json()["number"],
                    "supply_point_id": self.point.id,
                    "station_id": self.station.id,
                    "channel": "hotline",
                    "create_uid": self.clerk.id,
                }
            ],
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.res_users")
    def test_without_a_right_key(self):
        before = self._count()
        gone = self._make_key(self.clerk)
        self.env["res.users.apikeys"].search([], order="id desc", limit=1)._remove()
        for key in (False, "wrong", "", self.key[:-1], self.key.upper(), gone):
            answer = self._post({"vals": self._row()}, key)
            # A page to log in on is of no use to a machine.
            self.assertIn(answer.status_code, (401, 403), key)
            self.assertNotIn("call-1", answer.text)
        self.assertEqual(self._count(), before)

    @mute_logger("odoo.http")
    def test_a_key_gives_its_users_rights_only(self):
        before = self._count()
        portal = self._make_key(self.portal)
        self._assert_clear(self._post({"vals": self._row()}, portal), 403)
        field = self._make_key(self.users["field"])
        text = self._assert_clear(self._post({"vals": self._row()}, field), 403)
        self.assertIn("may not enter tickets", text)
        # Private methods are nobody's.
        for method in ("_create_received", "_enter_event", "_project_write", "create_"):
            path = f"/json/2/power.ticket/{method}"
            self._assert_clear(self._post({"vals": self._row()}, path=path), 403, 404)
        self.assertEqual(self._count(), before)

    @mute_logger("odoo.http")
    def test_wrong_arguments_are_named(self):
        before = self._count()
        for content, word in (
            ({}, "vals"),
            ({"values": self._row()}, "vals"),
            ({"vals": self._row(), "more": 1}, "more"),
            ({"vals": self._row(), "ids": [1]}, "with ids"),
            ({"vals": self._row(type="nonsense")}, "nonsense"),
            ({"vals": self._row(subject=5)}, "subject"),
            ({"vals": [self._row()]}, "Row 1"),
        ):
            with self.subTest(word=word):
                text = self._assert_clear(self._post(content), 422)
                self.assertIn(word, text)
        for body in (b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"null"):
            with self.subTest(body=body):
                answer = self._post(body)
                self.assertIn(answer.status_code, (400, 422), answer.text[:300])
        self.assertEqual(self._count(), before)

    @mute_logger("odoo.http")
    def test_a_thousand_malformed_calls(self):
        """Each gets a clear error; nothing is stored, the next good one is taken."""
        before = self._count()
        rng = random.Random(8)
        values = (
            None, 5, 1e308, True, [], {}, [[]], "", "\x00", "x" * 30000,
            "'; DROP TABLE power_ticket; --", "<script>alert(1)</script>", "${7*7}",
            "2026-13-45", [{"name": "a.exe", "data": "TVo="}],
        )  # fmt: skip
        names = (
            "type", "category", "channel", "received_at", "is_anonymous", "files",
            "source_system", "external_ref", "subject", "station", "company_id",
        )  # fmt: skip
        for number in range(1000):
            row = {name: rng.choice(values) for name in rng.sample(names, 4)}
            with self.subTest(number=number):
                text = self._assert_clear(self._post({"vals": row}), 422)
                self.assertTrue(text.startswith("Row 1"), text)
                self.assertLess(len(text), 3000)
        self.assertEqual(self._count(), before)
        self.assertTrue(self._post({"vals": self._row()}).json()["is_new"])
