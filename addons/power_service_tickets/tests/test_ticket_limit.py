from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MONDAY, TicketCommon


@tagged("post_install", "-at_install")
class TestTicketLimit(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limits = cls.env.ref("power_service_base.power_limit_shared")

    def test_shipped_figures(self):
        self.assertRecordValues(
            self.limits,
            [
                {
                    "max_chases": 2,
                    "reopen_days": 15,
                    "file_megabytes": 10,
                    "max_files": 10,
                    "portal_max_files": 5,
                    "portal_max_tickets": 20,
                }
            ],
        )

    @mute_logger("odoo.sql_db")
    def test_what_makes_no_sense_is_refused(self):
        for vals in (
            {"max_chases": -1},
            {"reopen_days": -1},
            {"merge_hours": 0},
            {"file_megabytes": 0},
            {"max_files": 0},
            {"portal_max_tickets": 0},
            # More than the page takes in at once.
            {"portal_max_files": 10, "file_megabytes": 10},
        ):
            with self.subTest(vals=vals), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    self.limits.write(vals)
                    self.env.flush_all()

    def test_the_company_of_the_ticket_decides(self):
        ticket = self._create_ticket()
        self.limits.copy(
            {"name": "Own", "company_id": ticket.company_id.id, "max_chases": 1}
        )
        other = self.env["res.company"].create({"name": "Other Power"})
        ticket = ticket.with_context(allowed_company_ids=[other.id]).with_company(other)
        ticket.chase("Still dark")
        with self.assertRaisesRegex(UserError, "limit"):
            ticket.chase("Still dark")

    def test_days_to_reopen(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
            ticket.answer("Fuse replaced")
        for days, after, may in ((15, 15, True), (15, 16, False), (0, 0, False)):
            self.limits.reopen_days = days
            with self.subTest(days=days), freeze_time(MONDAY + timedelta(days=after)):
                self.assertEqual(ticket._may_reopen(), may)
                self.assertEqual(ticket._is_reopened_by_answer(), may)

    def test_the_portal_says_how_large_files_may_be(self):
        text = self.env["power.ticket"]._get_portal_files_text()
        self.assertEqual(text, "Up to 5 files of at most 10 MB each.")
        self.limits.write({"portal_max_files": 3, "file_megabytes": 2.5})
        text = self.env["power.ticket"]._get_portal_files_text()
        self.assertEqual(text, "Up to 3 files of at most 2.5 MB each.")
