"""Working time on Odoo's calendars: Chinese holidays, caching, access, loading."""

import base64
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, freeze_time, new_test_user, users
from odoo.tools import mute_logger

MORNING, AFTERNOON = (8.5, 12), (14, 17.5)


def china(text):
    """Naive UTC of a time on Chinese clocks."""
    return datetime.fromisoformat(text) - timedelta(hours=8)


class WorkingTimeCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar()
        cls.always = cls.env.ref("power_service_base.resource_calendar_always")
        cls.staff = new_test_user(
            cls.env, "working_staff", "power_service_base.group_power_staff"
        )
        cls.manager = new_test_user(
            cls.env, "working_manager", "power_service_base.group_power_manager"
        )

    @classmethod
    def _create_calendar(cls, spans=(MORNING, AFTERNOON), days=range(5), **vals):
        return cls.env["resource.calendar"].create(
            {
                "name": "Counter",
                "tz": "Asia/Shanghai",
                "company_id": False,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": f"{day} {start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning" if end <= 12 else "afternoon",
                        }
                    )
                    for day in days
                    for start, end in spans
                ],
                **vals,
            }
        )

    def _add_exception(self, day, is_workday=False, calendar=None, **vals):
        return self.env["power.calendar.exception"].create(
            {
                "calendar_id": (calendar or self.calendar).id,
                "date": day,
                "is_workday": is_workday,
                "own_name": "By hand",
                **vals,
            }
        )

    def _exceptions(self, calendar=None):
        return {
            item.date: item.is_workday
            for item in (calendar or self.calendar).exception_ids
        }

    def _deadline(self, start, days, calendar=None):
        return (calendar or self.calendar).add_working_days(china(start), days)


class TestChineseHolidays(WorkingTimeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.counts = cls.calendar.load_cn_holidays(2026)

    def test_deadlines_over_holidays(self):
        for start, days, expected in [
            ("2026-09-29 11:00", 1, "2026-09-30 17:30"),
            ("2026-09-29 11:00", 2, "2026-10-08 17:30"),  # after National Day
            ("2026-09-29 11:00", 4, "2026-10-10 17:30"),  # make-up Saturday
            ("2026-09-29 11:00", 7, "2026-10-14 17:30"),  # answer to a complaint
            ("2026-09-18 16:00", 1, "2026-09-20 17:30"),  # make-up Sunday
            ("2026-02-13 09:00", 1, "2026-02-14 17:30"),  # before Spring Festival
            ("2026-02-13 09:00", 2, "2026-02-24 17:30"),
            ("2026-02-13 09:00", 6, "2026-02-28 17:30"),
            ("2026-04-30 18:00", 3, "2026-05-08 17:30"),  # Labour Day
            ("2026-04-30 18:00", 4, "2026-05-09 17:30"),
        ]:
            with self.subTest(start=start, days=days):
                self.assertEqual(self._deadline(start, days), china(expected))

    def test_minutes_over_holidays(self):
        start = china("2026-09-30 17:00")
        self.assertEqual(
            self.calendar.add_working_minutes(start, 60), china("2026-10-08 09:00")
        )
        self.assertEqual(
            self.calendar.working_minutes_between(start, china("2026-10-11 00:00")),
            30 + 3 * 420,
        )

    def test_days_of_the_year(self):
        self.assertEqual(
            self.counts, {"created": 39, "updated": 0, "deleted": 0, "kept": 0}
        )
        days = self._exceptions()
        self.assertEqual(sum(days.values()), 6)
        self.assertEqual(len(days), 39)
        self.assertIs(days[date(2026, 10, 10)], True)
        self.assertIs(days[date(2026, 10, 1)], False)
        year = self.calendar.holiday_year_ids
        self.assertRecordValues(
            year,
            [
                {
                    "year": 2026,
                    "state": "loaded",
                    "source": "library",
                    "day_off_count": 33,
                    "workday_count": 6,
                }
            ],
        )
        self.assertEqual(self.calendar.exception_count, 39)

    def test_names_of_holidays(self):
        """They come from a selection: each reader has them in the own language."""
        exceptions = self.calendar.exception_ids
        self.assertFalse(exceptions.filtered("own_name"))
        self.assertFalse(exceptions.filtered(lambda item: not item.holiday))
        names = exceptions.mapped("name")
        self.assertIn("National Day", names)
        self.assertIn("Make-up workday: National Day", names)
        domain = [("calendar_id", "=", self.calendar.id)]
        for leaf, expected in [
            (("name", "ilike", "national"), 9),
            (("name", "=", "National Day"), 9),
            (("name", "not ilike", "national"), 30),
        ]:
            with self.subTest(leaf=leaf):
                self.assertEqual(exceptions.search_count([*domain, leaf]), expected)
        first = exceptions[0]
        first.name = "Station moves"
        self.assertEqual(first.own_name, "Station moves")
        self.assertEqual(first.source, "manual")
        self.assertEqual(
            exceptions.search([*domain, ("name", "ilike", "station")]), first
        )
        self.assertEqual(
            self._add_exception("2026-06-01", own_name=False).name, "Day off"
        )

    def test_a_holiday_that_is_new_to_us_keeps_the_librarys_name(self):
        days = self.calendar._get_cn_holidays(2015)
        self.assertEqual(
            days[date(2015, 9, 3)],
            {
                "is_workday": False,
                "holiday": False,
                "own_name": "Anti-Fascist 70th Day",
                "hours": False,
            },
        )

    def test_loading_again_changes_nothing(self):
        before = self.calendar.exception_ids
        counts = self.calendar.load_cn_holidays(2026)
        self.assertEqual(counts, {"created": 0, "updated": 0, "deleted": 0, "kept": 0})
        self.assertEqual(self.calendar.exception_ids, before)

    def test_hand_made_days_are_kept(self):
        # Worked on a holiday by hand, changed by hand, and one of one's own.
        new_years_day = self.calendar.exception_ids.filtered(
            lambda item: item.date == date(2026, 1, 1)
        )
        new_years_day.write({"is_workday": True, "hours": "9:00-10:00"})
        self.assertEqual(new_years_day.source, "manual")
        self._add_exception("2026-06-01")
        counts = self.calendar.load_cn_holidays(2026)
        self.assertEqual(counts, {"created": 0, "updated": 0, "deleted": 0, "kept": 1})
        self.assertTrue(new_years_day.is_workday)
        self.assertEqual(new_years_day.hours, "09:00-10:00")
        self.assertIs(self._exceptions()[date(2026, 6, 1)], False)

    def test_a_corrected_library_is_followed(self):
        """What the library gave is brought up to date; also days it takes back."""
        model = self.registry["resource.calendar"]
        days = self.calendar._get_cn_holidays(2026)
        del days[date(2026, 1, 4)]
        days[date(2026, 1, 2)] = {
            "is_workday": True,
            "own_name": "Make-up workday",
            "hours": False,
        }
        days[date(2026, 12, 31)] = {
            "is_workday": False,
            "own_name": "New",
            "hours": False,
        }
        with patch.object(model, "_get_cn_holidays", lambda self, year: days):
            counts = self.calendar.load_cn_holidays(2026)
        self.assertEqual(counts, {"created": 1, "updated": 1, "deleted": 1, "kept": 0})
        found = self._exceptions()
        self.assertNotIn(date(2026, 1, 4), found)
        self.assertIs(found[date(2026, 1, 2)], True)
        self.assertIs(found[date(2026, 12, 31)], False)

    def test_several_calendars_at_once(self):
        other = self._create_calendar(spans=[MORNING])
        third = self._create_calendar()
        counts = (other | third).load_cn_holidays(2026)
        self.assertEqual(counts["created"], 78)
        self.assertEqual(
            self._deadline("2026-09-29 11:00", 4, other), china("2026-10-10 12:00")
        )

    def test_unknown_year_says_what_to_do(self):
        with self.assertRaisesRegex(UserError, r"2027 .*2004 to 2026.*CSV") as caught:
            self.calendar.load_cn_holidays(2027)
        self.assertIn("provisional", str(caught.exception))
        with self.assertRaisesRegex(UserError, "1999"):
            self.calendar.load_cn_holidays(1999)
        self.assertEqual(self.calendar.holiday_year_ids.mapped("year"), [2026])

    def test_missing_library_says_what_to_do(self):
        with (
            patch.dict("sys.modules", {"chinese_calendar": None}),
            self.assertRaisesRegex(UserError, "pip install chinesecalendar"),
        ):
            self.calendar.load_cn_holidays(2026)

    def test_around_the_clock_takes_no_holidays(self):
        with self.assertRaisesRegex(UserError, "does not follow public holidays"):
            self.always.load_cn_holidays(2026)
        start = china("2026-09-30 23:30")
        self.assertEqual(
            self.always.plan_working_minutes(start, 45),
            {"deadline": start + timedelta(minutes=45), "is_provisional": False},
        )

    def test_provisional_until_loaded(self):
        start = china("2026-12-30 09:00")
        self.assertEqual(
            self.calendar.plan_working_days(start, 1),
            {"deadline": china("2026-12-31 17:30"), "is_provisional": False},
        )
        self.assertEqual(
            self.calendar.plan_working_days(start, 2),
            {"deadline": china("2027-01-01 17:30"), "is_provisional": True},
        )
        self.assertEqual(
            self.calendar.plan_working_minutes(start, 421),
            {"deadline": china("2026-12-31 09:01"), "is_provisional": False},
        )
        self.assertEqual(
            self.calendar.measure_working_minutes(start, china("2027-01-04 00:00")),
            {"minutes": 390 + 420 + 420, "is_provisional": True},
        )
        # Entering the one day that matters is not enough, saying that it is all is.
        self._add_exception("2027-01-01")
        plan = self.calendar.plan_working_days(start, 2)
        self.assertEqual(
            plan, {"deadline": china("2027-01-04 17:30"), "is_provisional": True}
        )
        years = self.env["power.calendar.year"]
        year = years.create({"calendar_id": self.calendar.id, "year": 2027})
        self.assertTrue(self.calendar.plan_working_days(start, 2)["is_provisional"])
        year.action_mark_loaded()
        self.assertFalse(self.calendar.plan_working_days(start, 2)["is_provisional"])
        year.action_mark_missing()
        self.assertTrue(self.calendar.plan_working_days(start, 2)["is_provisional"])

    def test_copy_takes_the_holidays_along(self):
        copy = self.calendar.copy()
        self.assertEqual(self._exceptions(copy), self._exceptions())
        self.assertEqual(copy.holiday_year_ids.mapped("state"), ["loaded"])

    def test_shipped_calendars(self):
        office = self.env.ref("power_service_base.resource_calendar_office")
        self.assertEqual(office.tz, "Asia/Shanghai")
        self.assertFalse(office.company_id)
        office.load_cn_holidays(2026)
        self.assertEqual(
            self._deadline("2026-09-29 11:00", 7, office), china("2026-10-14 17:30")
        )
        self.assertEqual(
            self.always.working_minutes_between(
                china("2026-10-01 00:00"), china("2026-10-08 00:00")
            ),
            7 * 24 * 60,
        )
        # The hour before midnight is not short of anything.
        self.assertEqual(
            self.always.add_working_days(china("2026-10-01 09:00"), 1),
            china("2026-10-03 00:00"),
        )


class TestDutyCalendar(WorkingTimeCommon):
    def test_station_then_company(self):
        departments = self.env["hr.department"]
        station = departments.create({"name": "Station", "power_unit": "station"})
        team = departments.create(
            {"name": "Team", "power_unit": "team", "parent_id": station.id}
        )
        other = departments.create({"name": "Accounting"})
        company_calendar = self.env.company.resource_calendar_id
        self.assertTrue(company_calendar)
        self.assertEqual(team._get_duty_calendar(), company_calendar)
        self.assertEqual(other._get_duty_calendar(), company_calendar)
        station.duty_calendar_id = self.calendar
        self.assertEqual(team._get_duty_calendar(), self.calendar)
        self.assertEqual(station._get_duty_calendar(), self.calendar)
        team.duty_calendar_id = self.always
        self.assertEqual(team._get_duty_calendar(), self.always)


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


class TestRefusals(WorkingTimeCommon):
    def test_calendar_without_hours(self):
        self.calendar.attendance_ids.unlink()
        with self.assertRaisesRegex(UserError, "“Counter” has no working hours.*Enter"):
            self.calendar.add_working_days(china("2026-06-15 09:00"), 1)
        with self.assertRaisesRegex(UserError, "Counter"):
            self.calendar._get_working_time()

    def test_flexible_calendar(self):
        self.calendar.schedule_type = "flexible"
        with self.assertRaisesRegex(UserError, "“Counter” is flexible.*fully fixed"):
            self.calendar.add_working_minutes(china("2026-06-15 09:00"), 1)

    def test_arguments(self):
        start = china("2026-06-15 09:00")
        for pattern, call in [
            ("negative", lambda: self.calendar.add_working_minutes(start, -1)),
            ("1 or more", lambda: self.calendar.add_working_days(start, 0)),
            ("date and time", lambda: self.calendar.add_working_days(False, 1)),
            ("that far", lambda: self.calendar.add_working_days(start, 10**6)),
            (
                "that far",
                lambda: self.calendar.working_minutes_between(
                    start, datetime(9999, 1, 1)
                ),
            ),
        ]:
            with self.subTest(pattern), self.assertRaisesRegex(UserError, pattern):
                call()
        # Other systems call with text.
        self.assertEqual(
            self.calendar.add_working_minutes("2026-06-15 01:00:00", 60),
            china("2026-06-15 10:00"),
        )

    def test_exception_values(self):
        self._add_exception("2026-06-16")
        with (
            self.assertRaisesRegex(Exception, "calendar_date_uniq"),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._add_exception("2026-06-16")
        for vals in [
            {"day": "2026-06-17", "hours": "9:00-10:00"},
            {"day": "2026-06-17", "is_workday": True, "hours": "nine to five"},
            {"day": "2026-06-17", "is_workday": True, "hours": "10:00-9:00"},
            {"day": "0206-06-17"},
        ]:
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self._add_exception(**vals)
        day = self._add_exception(
            "2026-06-18", True, hours="１４：００～１７：３０ 8:30-12:00"
        )
        self.assertEqual(day.hours, "08:30-12:00, 14:00-17:30")


class TestAccess(WorkingTimeCommon):
    @users("working_staff")
    def test_staff_counts_and_reads(self):
        calendar = self.calendar.with_env(self.env)
        self.assertEqual(
            calendar.add_working_days(china("2026-06-15 09:00"), 1),
            china("2026-06-16 17:30"),
        )
        self.env["power.calendar.exception"].search([]).mapped("name")
        self.env["power.calendar.year"].search([]).mapped("state")

    @users("working_staff")
    def test_staff_changes_nothing(self):
        calendar = self.calendar.with_env(self.env)
        exceptions = self.env["power.calendar.exception"]
        exception = exceptions.sudo().create(
            {"calendar_id": calendar.id, "date": "2026-06-16", "name": "x"}
        )
        exception = exceptions.browse(exception.id)
        year = self.env["power.calendar.year"]
        for call in (
            lambda: calendar.load_cn_holidays(2026),
            lambda: calendar.write({"tz": "UTC"}),
            lambda: exception.write({"name": "x"}),
            lambda: exception.unlink(),
            lambda: exception.create(
                {"calendar_id": calendar.id, "date": "2026-06-17", "name": "x"}
            ),
            lambda: year.create({"calendar_id": calendar.id, "year": 2026}),
            lambda: self.env["power.calendar.load"].create({"year": 2026}),
        ):
            with self.assertRaises(AccessError):
                call()

    @users("working_manager")
    def test_manager_changes_all(self):
        calendar = self.calendar.with_env(self.env)
        calendar.load_cn_holidays(2026)
        calendar.write({"name": "Renamed", "tz": "Asia/Shanghai"})
        calendar.attendance_ids[0].hour_to = 11
        leave = self.env["resource.calendar.leaves"].create(
            {
                "calendar_id": calendar.id,
                "date_from": "2026-06-16 00:00:00",
                "date_to": "2026-06-16 01:00:00",
            }
        )
        leave.date_to = "2026-06-16 02:00:00"
        leave.unlink()
        exception = self.env["power.calendar.exception"].create(
            {"calendar_id": calendar.id, "date": "2026-06-16", "name": "x"}
        )
        exception.is_workday = True
        exception.unlink()
        calendar.holiday_year_ids.action_mark_missing()
        calendar.holiday_year_ids.action_load_library()
        self.assertEqual(calendar.holiday_year_ids.state, "loaded")

    def test_personnel_officers_keep_their_calendars(self):
        """Those who keep calendars in Odoo but have no power group go on doing so."""
        self.calendar.load_cn_holidays(2026)
        officer = new_test_user(self.env, "working_officer", "hr.group_hr_user")
        calendar = self.calendar.with_user(officer)
        calendar.attendance_ids[0].hour_to = 11
        calendar.tz = "Asia/Shanghai"
        copy = calendar.copy()
        self.assertEqual(self._exceptions(copy.sudo()), self._exceptions())
        copy.unlink()
        self.env.cr.flush()
        # All that they may see, as other systems read it.
        self.assertNotIn("exception_ids", calendar.read()[0])

    def test_other_companies_are_hidden(self):
        company = self.env["res.company"].create({"name": "Other"})
        calendar = self._create_calendar(company_id=company.id)
        calendar.load_cn_holidays(2026)
        for model in ("power.calendar.exception", "power.calendar.year"):
            records = self.env[model].with_user(self.manager)
            self.assertFalse(records.search([("calendar_id", "=", calendar.id)]))
            foreign = self.env[model].search([("calendar_id", "=", calendar.id)])
            with self.assertRaises(AccessError):
                foreign[:1].with_user(self.manager).read(["calendar_id"])

    def test_portal_sees_nothing(self):
        portal = new_test_user(self.env, "working_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.calendar.with_user(portal).add_working_days("2026-06-15 01:00:00", 1)
        for model in ("power.calendar.exception", "power.calendar.year"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])


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
