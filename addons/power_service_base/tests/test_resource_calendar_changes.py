"""Nothing is counted by hours, time off or holidays of before."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command

from .working_time_common import WorkingTimeCommon, china


class TestAlwaysUpToDate(WorkingTimeCommon):
    """Nothing is ever counted by hours, time off or holidays of before."""

    def setUp(self):
        super().setUp()
        # Counted once, so that all is cached that can be.
        self.start = china("2026-06-15 09:00")  # a Monday
        self.assertNext("2026-06-16 17:30")

    def assertNext(self, expected, calendar=None):
        self.assertEqual(
            (calendar or self.calendar).add_working_days(self.start, 1),
            china(expected),
        )

    def test_hours(self):
        tuesday = self.calendar.attendance_ids.filtered(
            lambda line: line.dayofweek == "1" and line.hour_from > 12
        )
        tuesday.hour_to = 18
        self.assertNext("2026-06-16 18:00")
        tuesday.dayofweek = "5"
        self.assertNext("2026-06-16 12:00")
        tuesday.unlink()
        self.assertNext("2026-06-16 12:00")
        self.calendar.write(
            {
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Evening",
                            "dayofweek": "1",
                            "hour_from": 19,
                            "hour_to": 24,
                            "day_period": "afternoon",
                        }
                    )
                ]
            }
        )
        self.assertNext("2026-06-17 00:00")

    def test_break_lines_are_no_hours(self):
        self.env["resource.calendar.attendance"].create(
            {
                "name": "Lunch",
                "calendar_id": self.calendar.id,
                "dayofweek": "0",
                "hour_from": 12,
                "hour_to": 14,
                "day_period": "lunch",
            }
        )
        self.assertEqual(
            self.calendar.working_minutes_between(
                china("2026-06-15 00:00"), china("2026-06-16 00:00")
            ),
            420,
        )

    def test_exceptions(self):
        day = self._add_exception("2026-06-16")
        self.assertNext("2026-06-17 17:30")
        day.date = "2026-06-17"
        self.assertNext("2026-06-16 17:30")
        day.write({"date": "2026-06-16", "is_workday": True, "hours": "10:00-11:00"})
        self.assertNext("2026-06-16 11:00")
        day.unlink()
        self.assertNext("2026-06-16 17:30")

    def test_time_off_of_the_calendar(self):
        # As Odoo's form proposes it: until 23:59:59 of the local day.
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.calendar.id,
                "date_from": china("2026-06-16 00:00:00"),
                "date_to": china("2026-06-16 23:59:59"),
            }
        )
        self.assertNext("2026-06-17 17:30")
        leave.date_from = china("2026-06-16 12:00:00")
        self.assertNext("2026-06-16 12:00")
        leave.time_type = "other"
        self.assertNext("2026-06-16 17:30")
        leave.time_type = "leave"
        leave.unlink()
        self.assertNext("2026-06-16 17:30")

    def test_time_off_leaves_no_second_over(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.always.id,
                "date_from": china("2026-06-16 00:00:00"),
                "date_to": china("2026-06-16 23:59:59"),
            }
        )
        self.assertNext("2026-06-18 00:00", self.always)

    def test_time_off_of_a_company(self):
        own = self._create_calendar(company_id=self.env.company.id)
        company = self.env["res.company"].create({"name": "Other"})
        foreign = self._create_calendar(company_id=company.id)
        for calendar in (own, foreign):
            self.assertNext("2026-06-16 17:30", calendar)
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed everywhere",
                "calendar_id": False,
                "company_id": self.env.company.id,
                "date_from": china("2026-06-16 00:00:00"),
                "date_to": china("2026-06-16 23:59:59"),
            }
        )
        self.assertNext("2026-06-17 17:30", own)
        self.assertNext("2026-06-16 17:30", foreign)
        # A shared calendar: as the current company has it.
        self.assertNext("2026-06-17 17:30")
        self.assertNext("2026-06-16 17:30", self.calendar.with_company(company))
        leave.unlink()
        self.assertNext("2026-06-16 17:30", own)
        self.assertNext("2026-06-16 17:30")

    def test_time_off_of_a_person_is_not_the_calendars(self):
        resource = self.env["resource.resource"].create(
            {"name": "Person", "calendar_id": self.calendar.id}
        )
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": resource.id,
                "calendar_id": self.calendar.id,
                "date_from": china("2026-06-16 00:00:00"),
                "date_to": china("2026-06-16 23:59:59"),
            }
        )
        self.assertNext("2026-06-16 17:30")
        leave.resource_id = False
        self.assertNext("2026-06-17 17:30")

    def test_time_zone_and_weeks(self):
        self.calendar.tz = "UTC"
        self.assertEqual(
            self.calendar.add_working_days(self.start, 1),
            datetime(2026, 6, 16, 17, 30),
        )
        self.calendar.tz = "Asia/Shanghai"
        self.calendar.switch_calendar_type()
        self.assertTrue(self.calendar.two_weeks_calendar)
        week_type = self.env["resource.calendar.attendance"].get_week_type(
            date(2026, 6, 16)
        )
        self.assertNext("2026-06-16 17:30")
        self.calendar.attendance_ids.filtered(
            lambda line: (
                line.dayofweek == "1"
                and line.week_type == str(week_type)
                and not line.display_type
            )
        ).unlink()
        self.assertNext("2026-06-17 17:30")
        self.start += timedelta(days=7)
        self.assertNext("2026-06-23 17:30")

    def test_undone_changes(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self._add_exception("2026-06-16")
            self.assertNext("2026-06-17 17:30")
            raise ZeroDivisionError
        self.assertNext("2026-06-16 17:30")

    def test_changes_of_another_worker(self):
        """Another worker knows nothing of our caches; the next transaction sees it."""
        self.env.cr.execute(
            "INSERT INTO power_calendar_exception"
            " (calendar_id, date, is_workday, source)"
            " VALUES (%s, '2026-06-16', FALSE, 'manual')",
            [self.calendar.id],
        )
        self.env.cr.clear()  # as at the end of a transaction
        self.assertNext("2026-06-17 17:30")

    def test_hook_is_called_once_per_transaction(self):
        calls = []
        model = self.registry["resource.calendar"]
        self.env.cr.flush()
        with patch.object(
            model,
            "_working_time_changed",
            lambda self: calls.append((self, self.env.su)),
        ):
            other = self._create_calendar()
            self._add_exception("2026-06-16")
            self._add_exception("2026-06-17")
            other.attendance_ids[0].hour_to = 11
            self.assertFalse(calls)
            self.env.cr.flush()
            self.assertEqual(len(calls), 1)
            calendars, is_superuser = calls.pop()
            self.assertEqual(calendars, self.calendar | other)
            self.assertTrue(is_superuser)

            for change in (
                lambda: self.calendar.load_cn_holidays(2026),
                lambda: self.calendar.holiday_year_ids.action_mark_missing(),
                lambda: self.calendar.write({"tz": "UTC"}),
                lambda: self.calendar.write({"follows_public_holidays": False}),
                lambda: self.calendar.attendance_ids[0].unlink(),
                lambda: self.calendar.exception_ids[0].unlink(),
                lambda: self.calendar.holiday_year_ids.unlink(),
                lambda: self.env["resource.calendar.leaves"].create(
                    {
                        "calendar_id": self.calendar.id,
                        "date_from": "2026-06-16 00:00:00",
                        "date_to": "2026-06-16 01:00:00",
                    }
                ),
                lambda: self.calendar.leave_ids.unlink(),
            ):
                change()
                self.env.cr.flush()
                self.assertEqual([call[0] for call in calls], [self.calendar])
                calls.clear()

            self.calendar.name = "Renamed"
            self.env.cr.flush()
            other.unlink()
            self.env.cr.flush()
            self.assertFalse(calls)

    def test_same_as_odoo_on_a_plain_calendar(self):
        """Without exceptions the minutes are those that Odoo itself counts."""
        self.env["resource.calendar.leaves"].create(
            {
                "calendar_id": self.calendar.id,
                "date_from": china("2026-06-18 10:00"),
                "date_to": china("2026-06-22 15:00"),
            }
        )
        for step in range(1, 40):
            end = self.start + timedelta(minutes=397 * step)
            self.assertAlmostEqual(
                self.calendar.working_minutes_between(self.start, end),
                self.calendar.get_work_hours_count(self.start, end) * 60,
                4,
            )
        for minutes in range(10, 3000, 331):
            self.assertEqual(
                self.calendar.add_working_minutes(self.start, minutes),
                self.calendar.plan_hours(
                    minutes / 60, self.start, compute_leaves=True
                ).replace(microsecond=0),
            )

    def test_queries(self):
        """One query for a calendar in a transaction, and one for many of them."""
        calendars = self.env["resource.calendar"]
        for _index in range(20):
            calendars |= self._create_calendar()
        self.env.flush_all()
        self.env.cr.clear()
        self.calendar.mapped("name")
        with self.assertQueryCount(1):
            working_time = self.calendar._get_working_time()
        with self.assertQueryCount(0):
            for _index in range(1000):
                working_time.add_working_days(self.start, 7)
            self.calendar._get_working_time()
        with self.assertQueryCount(1):
            for calendar in calendars:
                calendar._get_working_time()
        with self.assertQueryCount(0):
            self.calendar.add_working_minutes(self.start, 60)
            calendars[0].add_working_days(self.start, 3)

    def test_loading_costs_the_same_for_many_calendars(self):
        def queries(count):
            calendars = self.env["resource.calendar"]
            for _index in range(count):
                calendars |= self._create_calendar()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            calendars.load_cn_holidays(2026)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(1)  # warm
        # 39 days each; rows are inserted in batches, so a few queries more are all.
        self.assertLessEqual(queries(10), queries(2) + 20)
