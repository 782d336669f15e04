"""Years of holidays: loaded from a file, and reminded of."""

import base64
from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, new_test_user

from .working_time_common import WorkingTimeCommon, china


class TestLoadFile(WorkingTimeCommon):
    CONTENT = (
        "日期,类型,名称,上班时间\n2027-01-01,休息,元旦,\n2027-01-03,上班,,9:00-16:00\n"
    )

    def _load(self, content, year=2027, calendars=None, encoding="utf-8", user=None):
        wizard = Form(self.env["power.calendar.load"].with_user(user or self.manager))
        wizard.year = year
        wizard.source = "file"
        wizard.file = base64.b64encode(content.encode(encoding))
        wizard.calendar_ids.clear()
        for calendar in calendars or self.calendar:
            wizard.calendar_ids.add(calendar.with_user(user or self.manager))
        return wizard.save().action_load()

    def test_load(self):
        for encoding in ("gbk", "utf-8-sig", "utf-8"):
            with self.subTest(encoding=encoding):
                action = self._load(self.CONTENT, encoding=encoding)
                self.assertEqual(action["params"]["type"], "success")
                days = self.calendar.exception_ids.sorted("date")
                self.assertRecordValues(
                    days,
                    [
                        {
                            "date": date(2027, 1, 1),
                            "is_workday": False,
                            "name": "元旦",
                            "hours": False,
                            "source": "file",
                        },
                        {
                            "date": date(2027, 1, 3),
                            "is_workday": True,
                            "name": "Make-up workday",
                            "hours": "09:00-16:00",
                            "source": "file",
                        },
                    ],
                )
        self.assertEqual(
            self.calendar.plan_working_days(china("2026-12-31 09:00"), 1),
            # 2026 is not loaded here.
            {"deadline": china("2027-01-03 16:00"), "is_provisional": True},
        )
        self.assertEqual(
            self.calendar.plan_working_days(china("2027-01-01 09:00"), 1),
            {"deadline": china("2027-01-03 16:00"), "is_provisional": False},
        )

    def test_a_second_file_replaces_the_first_but_nothing_else(self):
        self._load(self.CONTENT)
        self._add_exception("2027-05-01")
        self._load("date,kind,name\n2027-01-01,off,\n2027-05-01,workday,\n")
        self.assertEqual(
            self._exceptions(), {date(2027, 1, 1): False, date(2027, 5, 1): False}
        )

    def test_errors_name_row_and_column_and_nothing_is_done(self):
        self._add_exception("2027-05-01")
        before = self._exceptions()
        with self.assertRaises(UserError) as caught:
            self._load(
                "date,kind,name,hours\n2027-01-01,off,\n2027-02-30,off,\n"
                "2026-12-31,maybe,\n2027-01-03,workday,,soon\n"
            )
        text = str(caught.exception)
        for expected in (
            "Nothing was loaded",
            "Row 3, column “date”: this is no date: 2027-02-30",
            "Row 4, column “date”: the date is not in 2027: 2026-12-31",
            "Row 4, column “kind”: it must say “workday” or “off”, not: maybe",
            "Row 5, column “hours”: write hours like",
        ):
            self.assertIn(expected, text)
        self.assertNotIn("Row 2", text)
        self.assertEqual(self._exceptions(), before)
        self.assertFalse(self.calendar.holiday_year_ids)

    def test_wrong_files(self):
        for content, pattern in [
            (
                "name,date\nx,2027-01-01\n",
                "Row 1, column “kind”: the column is missing",
            ),
            ("\n", "holds no days"),
            ("PK\x03\x04\0\0", "no CSV text"),
            ("x,y\n" * 1000, "and 1980 more"),
        ]:
            with self.subTest(pattern), self.assertRaisesRegex(UserError, pattern):
                self._load(content)

    def test_library_keeps_what_a_file_brought(self):
        self._load("2026-10-10,off,Day off\n", year=2026)
        counts = self.calendar.load_cn_holidays(2026)
        self.assertEqual(counts["kept"], 1)
        self.assertIs(self._exceptions()[date(2026, 10, 10)], False)

    def test_library_by_wizard(self):
        wizard = self.env["power.calendar.load"].create(
            {"year": 2026, "calendar_ids": [Command.set(self.calendar.ids)]}
        )
        self.assertIn("39 days added", wizard.action_load()["params"]["message"])

    def test_no_file(self):
        wizard = self.env["power.calendar.load"].create(
            {
                "year": 2027,
                "source": "file",
                "calendar_ids": [Command.set(self.calendar.ids)],
            }
        )
        with self.assertRaisesRegex(UserError, "Choose the CSV file"):
            wizard.action_load()


class TestReminder(WorkingTimeCommon):
    def _activities(self, year):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "power.calendar.year"),
                ("res_id", "in", self.calendar.holiday_year_ids.ids),
                ("user_id", "=", self.manager.id),
                ("summary", "like", str(year)),
            ]
        )

    def _remind(self, today):
        return self.env["power.calendar.year"]._remind_missing_years(
            date.fromisoformat(today)
        )

    def test_this_year_always_next_year_from_december(self):
        self.calendar.load_cn_holidays(2026)
        self._remind("2026-11-30")
        self.assertFalse(self._activities(2027))
        self._remind("2026-12-01")
        self.assertEqual(len(self._activities(2027)), 1)
        self._remind("2026-12-02")
        self.assertEqual(len(self._activities(2027)), 1, "once is enough")
        self._remind("2027-03-01")
        self.assertEqual(len(self._activities(2027)), 1)
        self.assertFalse(self._activities(2026))
        # Done, but still not loaded: the next day asks again.
        self._activities(2027).action_done()
        self._remind("2027-03-02")
        self.assertEqual(len(self._activities(2027)), 1)

    def test_reminders_are_no_mails(self):
        before = self.env["mail.mail"].search_count([])
        self._remind("2026-03-01")
        self.assertEqual(len(self._activities(2026)), 1)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_loading_ends_the_reminders_of_everybody(self):
        other = new_test_user(
            self.env, "working_manager2", "power_service_base.group_power_manager"
        )
        self._remind("2026-03-01")
        year = self.calendar.holiday_year_ids
        self.assertIn(other, year.activity_ids.user_id)
        self.assertIn(self.manager, year.activity_ids.user_id)
        self.calendar.with_user(self.manager).load_cn_holidays(2026)
        self.assertFalse(year.activity_ids)
        self.assertFalse(self._activities(2026))

    def test_who_is_reminded(self):
        company = self.env["res.company"].create({"name": "Other"})
        foreign = self._create_calendar(company_id=company.id)
        self._remind("2026-12-01")
        self.assertNotIn(
            self.manager, foreign.holiday_year_ids.sudo().activity_ids.user_id
        )
        self.assertNotIn(
            self.staff, self.calendar.holiday_year_ids.activity_ids.user_id
        )
        self.assertFalse(self.always.holiday_year_ids)
        self.calendar.active = False
        self.calendar.holiday_year_ids.unlink()
        self._remind("2026-12-01")
        self.assertFalse(self.calendar.holiday_year_ids)

    def test_job(self):
        cron = self.env.ref("power_service_base.ir_cron_remind_holidays")
        # 16:30 UTC on 30 November is December in China.
        with freeze_time("2026-11-30 16:30:00"), self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
            self.assertEqual(len(self._activities(2027)), 1)
            self.assertIs(cron.method_direct_trigger(), True)
            self.assertEqual(len(self._activities(2027)), 1)
        run = self.env["power.job.run"].search(
            [("name", "=", "power.calendar.year.remind")], limit=1
        )
        self.assertEqual(run.state, "done")
        self.assertGreater(run.done_count, 0)

    def test_query_count_does_not_grow_with_managers(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._remind("2026-03-01")
            return self.env.cr.sql_log_count - before

        self._remind("2026-03-01")
        first = queries()
        for _index in range(5):
            self._create_calendar()
        self._remind("2026-03-01")
        self.assertLessEqual(queries(), first + 1)
