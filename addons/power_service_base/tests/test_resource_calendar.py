"""Working time on Odoo's calendars: Chinese holidays, duty hours, refusals."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .working_time_common import MORNING, WorkingTimeCommon, china


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
