from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestPowerLimit(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Limit = cls.env["power.limit"]
        cls.shared = cls.env.ref("power_service_base.power_limit_shared")
        cls.company_other = cls.env["res.company"].create({"name": "Other Power"})

    def test_shipped_figures(self):
        self.assertRecordValues(
            self.shared,
            [
                {
                    "company_id": False,
                    "call_attempts": 3,
                    "call_gap_hours": 2,
                    "visit_hours": 72,
                    "field_late_hours": 72,
                    "field_skew_minutes": 5,
                    "proof_megabytes": 10,
                    "import_megabytes": 100,
                }
            ],
        )

    def test_a_company_has_its_own(self):
        self.Limit.create(
            {
                "name": "Other",
                "company_id": self.company_other.id,
                "call_attempts": 5,
            }
        )
        self.assertEqual(self.Limit._get("call_attempts", self.company_other), 5)
        self.assertEqual(self.Limit._get("call_attempts"), 3)

    def test_a_change_counts_at_once(self):
        self.assertEqual(self.Limit._get("call_attempts"), 3)
        self.shared.call_attempts = 4
        self.assertEqual(self.Limit._get("call_attempts"), 4)
        self.shared.active = False
        self.assertEqual(self.Limit._get("call_attempts"), 3)
        own = self.Limit.create(
            {"name": "Own", "company_id": self.env.company.id, "call_attempts": 6}
        )
        self.assertEqual(self.Limit._get("call_attempts"), 6)
        own.unlink()
        self.assertEqual(self.Limit._get("call_attempts"), 3)

    def test_reading_it_again_costs_no_query(self):
        self.Limit._get("call_attempts")
        with self.assertQueryCount(0):
            self.Limit._get("call_attempts")
            self.Limit._get("visit_hours")

    @mute_logger("odoo.sql_db")
    def test_what_makes_no_sense_is_refused(self):
        for vals in (
            {"call_attempts": 0},
            {"call_gap_hours": -1},
            {"visit_hours": 0},
            {"field_late_hours": -1},
            {"proof_megabytes": 0},
            {"import_megabytes": 0},
        ):
            with self.subTest(vals=vals), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    self.shared.write(vals)
                    self.env.flush_all()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.Limit.create({"name": "Second of all companies"})

    def test_only_managers_change_them(self):
        for group in ("field", "staff", "supervisor", "quality"):
            user = new_test_user(
                self.env,
                login=f"test_limit_{group}",
                groups=f"power_service_base.group_power_{group}",
            )
            with self.subTest(group=group):
                mine = self.shared.with_user(user)
                self.assertEqual(mine.call_attempts, 3)
                with self.assertRaises(AccessError):
                    mine.call_attempts = 4
        manager = new_test_user(
            self.env,
            login="test_limit_manager",
            groups="power_service_base.group_power_manager",
        )
        with Form(self.shared.with_user(manager)) as form:
            form.call_attempts = 4
        self.assertEqual(self.shared.call_attempts, 4)

    # 11:00 in China: five hours later nobody is disturbed either.
    @freeze_time("2026-06-16 03:00:00")
    def test_calls_ring_as_often_as_the_limits_say(self):
        self.shared.write({"call_attempts": 2, "call_gap_hours": 5})
        partner = self.env["res.partner"].create(
            {"name": "Wang", "phone": "+8613800000009", "is_power_customer": True}
        )
        notice = self.env["power.notice"]._notify(
            "general",
            [
                {
                    "partner_id": partner.id,
                    "subject": "S",
                    "body": "B",
                    "channel": "phone",
                    "dedup_key": "test/limit",
                }
            ],
        )
        now = fields.Datetime.now()
        notice._record_not_reached("no_answer", now, None)
        self.assertEqual((notice.attempt, notice.state), (2, "queued"))
        self.assertEqual(notice.send_after, now + timedelta(hours=5))
        notice._record_not_reached("no_answer", now, None)
        self.assertEqual((notice.attempt, notice.state), (2, "failed"))

    def test_settings_lead_to_them(self):
        arch = self.env["res.config.settings"].get_view(view_type="form")["arch"]
        action = self.env.ref("power_service_base.power_limit_action")
        self.assertIn('name="power_service_base"', arch)
        self.assertIn(f'name="{action.id}"', arch)
        settings = self.env["res.config.settings"].create({"power_hotline": "95598-1"})
        settings.execute()
        self.assertEqual(self.env.company.power_hotline, "95598-1")
