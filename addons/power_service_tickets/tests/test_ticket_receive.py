import base64
import random
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MONDAY, TicketCommon


def encode(content):
    return base64.b64encode(content).decode()


class ReceiveCommon(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["power.ticket"].with_user(cls.users["staff"])

    def _row(self, ref="A1", **vals):
        return {
            "type": "fault",
            "source_system": "95598",
            "external_ref": ref,
            **vals,
        }

    def _refuse(self, *rows):
        """The text with which these rows are refused; nothing may be left of them."""
        before = self.env["power.ticket"].search_count([])
        with self.assertRaises(ValidationError) as caught:
            self.Ticket.receive_many(list(rows))
        self.assertEqual(self.env["power.ticket"].search_count([]), before)
        return str(caught.exception)


@tagged("post_install", "-at_install")
class TestReceive(ReceiveCommon):
    @freeze_time(MONDAY + timedelta(hours=1))
    def test_a_call_becomes_a_ticket(self):
        answer = self.Ticket.receive(
            self._row(
                category="fault_lv",
                consumer_number=self.point.name,
                phone="13800000001",
                description="Dark since eight",
                received_at="2026-03-02T10:30:00+08:00",
                files=[{"name": "photo.jpg", "data": encode(b"\xff\xd8 photo")}],
            )
        )
        ticket = self.env["power.ticket"].browse(answer["id"])
        self.assertEqual(
            answer, {"id": ticket.id, "number": ticket.name, "is_new": True}
        )
        self.assertRecordValues(
            ticket,
            [
                {
                    "type_code": "fault",
                    "category_id": self.categories["fault_lv"].id,
                    "subject": self.categories["fault_lv"].name,
                    "channel": "hotline",
                    "partner_id": self.customer.id,
                    "station_id": self.station.id,
                    "received_at": datetime(2026, 3, 2, 2, 30),
                    "first_contact_user_id": False,
                    "receiving_station_id": False,
                }
            ],
        )
        self.assertEqual(ticket.event_ids.at, ticket.received_at)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(attachment.raw, b"\xff\xd8 photo")
        self.assertFalse(attachment.public)

    def test_repeated_call_makes_one_ticket(self):
        first = self.Ticket.receive(self._row())
        again = self.Ticket.receive(self._row(subject="Sent again"))
        self.assertEqual(again, {**first, "is_new": False})
        both = self.Ticket.receive_many([self._row("B1"), self._row(), self._row("B1")])
        self.assertEqual([row["is_new"] for row in both], [True, False, False])
        self.assertEqual(both[0]["id"], both[2]["id"])

    def test_two_systems_may_use_the_same_key(self):
        first = self.Ticket.receive(self._row())
        other = self.Ticket.receive(self._row(source_system="12345"))
        self.assertNotEqual(first["id"], other["id"])

    def test_who_comes_second_is_repeated_by_the_server(self):
        """Two connections at once: see also tests/test_beside_itself.py."""
        self.Ticket.receive(self._row())
        with (
            patch.object(type(self.Ticket), "_find_received", return_value={}),
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
            self.env.cr.savepoint(),
        ):
            self.Ticket.receive(self._row())

    def test_another_station_is_served_and_not_shown(self):
        answer = self.Ticket.receive(self._row(consumer_number=self.point_other.name))
        ticket = self.env["power.ticket"].browse(answer["id"])
        self.assertEqual(ticket.station_id, self.station_other)
        self.assertFalse(self.Ticket.search([("id", "=", ticket.id)]))

    def test_a_report_of_wrongdoing_is_taken_and_not_shown(self):
        answer = self.Ticket.receive(self._row(type="report"))
        self.assertFalse(self.Ticket.search([("id", "=", answer["id"])]))

    def test_an_unknown_number_is_kept_as_given(self):
        answer = self.Ticket.receive(self._row(consumer_number="999", station="S2"))
        ticket = self.env["power.ticket"].browse(answer["id"])
        self.assertEqual(ticket.consumer_number_given, "999")
        self.assertEqual(ticket.station_id, self.station_other)

    def test_only_who_may_enter_tickets(self):
        for user in (self.users["field"], self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["power.ticket"].with_user(user).receive(self._row())

    def test_row_and_field_are_named(self):
        text = self._refuse(
            self._row("A1"),
            self._row("A2", type="nonsense"),
            self._row("A3", category="service_attitude"),
            self._row("A4", channel="pigeon", station="S9"),
            self._row("A5", phone=5),
        )
        for line in (
            "Row 2, type: “nonsense” there is no type",
            "Row 3, category: “service_attitude” the type has no",
            "Row 4, channel: “pigeon” there is no such channel",
            "Row 4, station: “S9” the company has no",
            "Row 5, phone: “5” has to be text",
        ):
            self.assertIn(line, text)
        self.assertNotIn("Row 1", text)

    def test_files_that_are_not_taken(self):
        big = encode(b"x" * (20 * 1024 * 1024))
        for name, data, reason in (
            ("virus.exe", encode(b"MZ"), "program"),
            ("photo.jpg", encode(b"MZ\x90"), "program"),
            ("page.html", encode(b"<b>"), "program"),
            ("big.jpg", big, "too large"),
            ("empty.jpg", "", "empty"),
        ):
            with self.subTest(name=name):
                text = self._refuse(self._row(files=[{"name": name, "data": data}]))
                self.assertRegex(text, f"Row 1, files: “{name}” .*{reason}")

    def test_limits_are_settings(self):
        limits = self.env.ref("power_service_base.power_limit_shared")
        limits.file_megabytes = 0.001
        with self.assertRaisesRegex(UserError, "too large"):
            self.Ticket._check_file("a.jpg", b"x" * 2000)
        limits.max_files = 1
        files = [{"name": "a", "data": encode(b"a")}] * 2
        self.assertIn("too many", self._refuse(self._row(files=files)))

    def test_lists_that_are_none(self):
        for rows in (None, {}, "x", [], [self._row()] * 1001):
            with self.subTest(rows=type(rows)), self.assertRaises(ValidationError):
                self.Ticket.receive_many(rows)

    def test_thousand_malformed_calls(self):
        """Each is refused with a clear text that names the field; nothing is stored,
        and nothing of the database is told."""
        secret = self.customer_other
        rng = random.Random(1)
        values = (
            None,
            5,
            -1,
            1e308,
            True,
            [],
            {},
            [[]],
            {"a": {}},
            "",
            " ",
            "\x00",
            "\ud800",
            "x" * 30000,
            "'; DROP TABLE power_ticket; --",
            "<script>alert(1)</script>",
            "../../etc/passwd",
            "${7*7}",
            "{{ object }}",
            [{"name": "a"}],
            "٣",
            "2026-13-45",
            "9999-99-99T99:99:99Z",
            [{"name": "a.exe", "data": "TVo="}],
            str(secret.id),
        )
        names = (
            "type", "category", "channel", "received_at", "is_anonymous", "files",
            "source_system", "external_ref", "subject", "station", "partner_id", "id",
            "stage_id", "__proto__", "company_id", "consumer_number",
        )  # fmt: skip
        count = self.env["power.ticket"].search_count([])
        attachments = self.env["ir.attachment"].search_count([])
        refused = 0
        for number in range(1000):
            row = {}
            for name in rng.sample(names, rng.randint(1, 6)):
                row[name] = rng.choice(values)
            with self.subTest(number=number), self.assertRaises(ValidationError) as got:
                self.Ticket.receive(row)
            text = str(got.exception)
            refused += 1
            self.assertTrue(text.startswith("Row 1"), text)
            self.assertLess(len(text), 3000)
            for leak in ("Traceback", "psycopg2", "SELECT", secret.name, "/odoo/"):
                self.assertNotIn(leak, text)
        self.assertEqual(refused, 1000)
        self.assertEqual(self.env["power.ticket"].search_count([]), count)
        self.assertEqual(self.env["ir.attachment"].search_count([]), attachments)

    def test_markup_in_texts_stays_text(self):
        bad = "<img src=x onerror=alert(1)><script>alert(2)</script>"
        answer = self.Ticket.receive(
            self._row(subject=bad, description=bad, contact_name=bad, address=bad)
        )
        ticket = self.env["power.ticket"].browse(answer["id"])
        # Plain fields: kept as they came, escaped wherever they are shown.
        self.assertEqual(ticket.subject, bad)
        html_fields = [n for n, f in ticket._fields.items() if f.type == "html"]
        for name in html_fields:
            self.assertNotIn("<script", str(ticket[name] or ""))

    def test_received_now_without_a_time(self):
        before = fields.Datetime.now()
        answer = self.Ticket.receive(self._row())
        ticket = self.env["power.ticket"].browse(answer["id"])
        self.assertGreaterEqual(ticket.received_at, before)
