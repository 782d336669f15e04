from datetime import datetime

from lxml import etree
from psycopg2.errors import CheckViolation

from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .test_notice import NoticeCommon

NIGHT = "2026-03-02 19:00:00"  # 03:00 in China
MORNING = datetime(2026, 3, 3, 0, 0)  # 08:00 there


@tagged("post_install", "-at_install")
class TestQuietHours(NoticeCommon):
    """The company's hours are those of customers who have none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"power_quiet_from": 21, "power_quiet_to": 8})
        cls.calls = cls._create_purpose("call", "phone", "letter")

    def _get_shown(self, name):
        """The notices that a filter of "Calls and Letters to Do" shows."""
        arch = self.env.ref("power_service_base.power_notice_view_search").arch
        [node] = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")
        return self.Notice.search(safe_eval(node.get("domain")))

    def test_a_new_company_has_them(self):
        company = self.env["res.company"].create({"name": "New"})
        self.assertEqual((company.power_quiet_from, company.power_quiet_to), (21, 8))
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            company.power_quiet_to = 25
            self.env.flush_all()

    @freeze_time(NIGHT)
    def test_a_message_made_at_night_waits_for_the_morning(self):
        notice = self._create_notice()
        self.assertEqual(notice.send_after, MORNING)
        [made] = self.Notice._notify(
            "test",
            [
                {
                    "partner_id": self.customer.id,
                    "subject": "S",
                    "body": "B",
                    "dedup_key": "night",
                }
            ],
        )
        self.assertEqual(made.send_after, MORNING)
        letter = self._create_notice(channel="letter")
        self.assertEqual(letter.send_after, datetime(2026, 3, 2, 19, 0))

    @freeze_time(NIGHT)
    def test_an_urgent_purpose_does_not_wait(self):
        self.purpose.has_quiet_hours = False
        self.assertEqual(self._create_notice().send_after, datetime(2026, 3, 2, 19, 0))

    @freeze_time(NIGHT)
    def test_the_customers_own_hours_go_first(self):
        self.customer.write({"quiet_from": 12, "quiet_to": 14})
        self.assertEqual(self._create_notice().send_after, datetime(2026, 3, 2, 19, 0))

    @freeze_time(NIGHT)
    def test_the_job_holds_what_was_due_at_night(self):
        notice = self._create_notice()
        notice.send_after = "2026-03-02 18:00:00"
        self.assertFalse(notice._hold_for_quiet_hours())
        self.assertEqual(notice.send_after, MORNING)

    @freeze_time(NIGHT)
    def test_a_retry_waits_too(self):
        notice = self._create_notice()
        notice._record("failed", reason="x")
        notice.action_retry()
        self.assertEqual((notice.state, notice.send_after), ("queued", MORNING))

    def test_nobody_is_called_again_in_the_night(self):
        with freeze_time("2026-03-02 12:30:00"):  # 20:30 in China
            notice = self._create_notice(channel="phone", purpose_id=self.calls.id)
            self.env["power.notice.outcome"].with_user(self.users["staff"]).create(
                {"notice_ids": [Command.set(notice.ids)], "outcome": "no_answer"}
            ).action_record()
        self.assertEqual((notice.state, notice.attempt), ("queued", 2))
        self.assertEqual(notice.send_after, MORNING)

    def test_calls_to_do_are_those_that_may_be_made_now(self):
        with freeze_time(NIGHT):
            call = self._create_notice(channel="phone", purpose_id=self.calls.id)
            letter = self._create_notice(channel="letter", purpose_id=self.calls.id)
            self.assertNotIn(call, self._get_shown("by_hand"))
            self.assertIn(call, self._get_shown("by_hand_later"))
            self.assertIn(letter, self._get_shown("by_hand"))
        with freeze_time("2026-03-03 01:00:00"):
            self.assertIn(call, self._get_shown("by_hand"))
            self.assertNotIn(call, self._get_shown("by_hand_later"))

    def test_calls_to_do_show_from_when_on(self):
        action = self.env.ref("power_service_base.power_notice_action_by_hand")
        context = safe_eval(action.context)
        self.assertEqual(context["search_default_by_hand"], 1)
        arch = self.env.ref("power_service_base.power_notice_view_list").arch
        shown = [
            node
            for node in etree.fromstring(arch).xpath("//field[@name='send_after']")
            if not safe_eval(node.get("column_invisible"), {"context": context})
        ]
        self.assertEqual(len(shown), 1)
        self.assertFalse(shown[0].get("optional"))
