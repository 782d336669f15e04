from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestWorkJournal(QualityCommon):
    def _today(self, user=None):
        Journal = self.env["power.work.journal"].with_user(user or self.users["field"])
        return Journal.browse(Journal.action_open_today()["res_id"])

    def _hard(self, journal, **vals):
        return (
            self.env["power.work.journal.line"]
            .with_env(journal.env)
            .create(
                {
                    "journal_id": journal.id,
                    "kind": "hard",
                    "text": "Voltage too low at the school\nThree times this week",
                    "solve_by": "2026-03-10",
                    **vals,
                }
            )
        )

    def test_one_tap_makes_it_once_and_by_the_company_s_date(self):
        # 00:30 in China on the 4th.
        with freeze_time("2026-03-03 16:30"):
            journal = self._today()
            self.assertEqual(self._today(), journal)
        self.assertEqual(str(journal.date), "2026-03-04")
        self.assertEqual(journal.employee_id, self.worker)
        self.assertEqual(journal.station_id, self.station)
        self.assertFalse(journal.employee_user_id - self.users["field"])

    def test_who_is_no_employee_is_told_so(self):
        user = new_test_user(
            self.env, "test_nobody", "power_service_base.group_power_field"
        )
        with self.assertRaises(UserError):
            self._today(user)

    def test_one_a_day(self):
        journal = self._today()
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            journal.sudo().copy()

    def test_nobody_writes_somebody_else_s(self):
        for user in (self.users["staff"], self.chief):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["power.work.journal"].with_user(user).create(
                    {"employee_id": self.worker.id, "date": "2026-03-01"}
                )
        journal = self._today()
        with self.assertRaises(AccessError):
            journal.with_user(self.chief).summary = "He did nothing"
        self.assertFalse(journal.with_user(self.users["staff"]).has_access("read"))
        self.assertTrue(journal.with_user(self.chief).has_access("read"))
        for_another = (
            self.env["power.work.journal"]
            .with_user(self.chief)
            .create({"employee_id": self.worker_without_login.id, "date": "2026-03-01"})
        )
        for_another.summary = "Read meters"

    def test_signed_and_counter_signed_by_somebody_else(self):
        journal = self._today()
        with self.assertRaises(UserError):
            journal.action_sign()
        journal.summary = "Read 40 meters"
        with self.assertRaises(AccessError):
            journal.with_user(self.chief).action_sign()
        journal.action_sign()
        with self.assertRaises(AccessError):
            journal.action_countersign()
        journal.with_user(self.leader).comment = "Good"
        journal.with_user(self.leader).action_countersign()
        self.assertRecordValues(
            journal.sudo(),
            [
                {
                    "state": "countersigned",
                    "signed_by": self.users["field"].id,
                    "countersigned_by": self.leader.id,
                }
            ],
        )

    def test_a_supervisor_does_not_counter_sign_the_own(self):
        journal = self._today(self.leader)
        journal.summary = "Led"
        journal.action_sign()
        with self.assertRaises(AccessError):
            journal.action_countersign()
        journal.with_user(self.chief).action_countersign()

    def test_signed_is_locked_with_its_lines(self):
        journal = self._today()
        line = self._hard(journal)
        journal.action_sign()
        for record, vals in (
            (journal, {"summary": "x"}),
            (journal, {"date": "2026-01-01"}),
            (journal, {"line_ids": [(2, line.id)]}),
            (line, {"text": "x"}),
            (line, {"solve_by": "2027-01-01"}),
            (line, {"is_solved": True}),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                record.write(vals)
        with self.assertRaises(UserError):
            self._hard(journal)
        with self.assertRaises(UserError):
            line.unlink()
        with self.assertRaises(UserError):
            journal.unlink()
        with self.assertRaises(AccessError):
            journal.comment = "I am my own supervisor"

    def test_sent_back_it_is_written_on(self):
        journal = self._today()
        journal.summary = "x"
        journal.action_sign()
        journal.with_user(self.chief).action_send_back("Say how many meters")
        self.assertEqual(journal.state, "draft")
        self.assertIn("how many", journal.sudo().message_ids[0].body)
        journal.summary = "40"
        journal.action_sign()

    def test_a_hard_case_needs_its_date(self):
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._hard(self._today(), solve_by=False)

    def test_overdue_until_solved_also_when_signed(self):
        journal = self._today()
        line = self._hard(journal)
        journal.action_sign()
        overdue = [("is_overdue", "=", True), ("id", "=", line.id)]
        for now, expected in (("2026-03-10 15:00", 0), ("2026-03-10 17:00", 1)):
            with self.subTest(now=now), freeze_time(now):
                line.invalidate_recordset()
                self.assertEqual(line.search_count(overdue), expected)
                self.assertEqual(line.is_overdue, bool(expected))
        with freeze_time("2026-03-11"):
            with self.assertRaises(AccessError):
                line.with_user(self.users["staff"]).action_solve("Not mine")
            with self.assertRaises(UserError):
                line.action_solve(" ")
            line.action_solve("A new transformer")
            self.assertFalse(line.search_count(overdue))
            with self.assertRaises(UserError):
                line.action_solve("Again")
        self.assertEqual(journal.open_count, 0)
        self.assertEqual(journal.hard_count, 1)

    def test_a_hard_case_becomes_one_ticket_with_its_date(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.users["staff"].lang = "zh_CN"
        journal = self._today(self.users["staff"])
        line = self._hard(journal, supply_point_id=self.point.id)
        journal.action_sign()
        line = line.with_context(lang="en_US")  # whoever makes it
        ticket = self.env["power.ticket"].browse(line.action_make_ticket()["res_id"])
        self.assertEqual(line.action_make_ticket()["res_id"], ticket.id)
        self.assertEqual(ticket.subject, "Voltage too low at the school")
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertEqual(ticket.channel, "internal")
        self.assertEqual(str(ticket.activity_ids.date_deadline), "2026-03-10")
        self.assertEqual(ticket.activity_ids.user_id, self.users["staff"])
        self.assertEqual(ticket.activity_ids.summary, "工作日记中的难点")
        self.assertEqual(line.ticket_id, ticket)
        hot = self._hard(self._today(self.chief), kind="hot")
        with self.assertRaises(UserError):
            hot.action_make_ticket()

    def test_field_staff_may_make_a_ticket_of_their_hard_case(self):
        journal = self._today()
        line = self._hard(journal)
        ticket = self.env["power.ticket"].browse(line.action_make_ticket()["res_id"])
        self.assertEqual(ticket.station_id, self.station)

    def test_lists_cost_the_same_for_1_and_for_50(self):
        def queries(count):
            journals = self.env["power.work.journal"].create(
                [
                    {
                        "employee_id": self.worker.id,
                        "date": f"20{count:02}-{n % 12 + 1:02}-{n % 28 + 1:02}",
                        "line_ids": [(0, 0, {"text": "x"})],
                    }
                    for n in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            journals.read(["display_name", "hard_count", "open_count", "state"])
            return self.cr.sql_log_count - start

        queries(1)
        self.assertEqual(queries(2), queries(50))
