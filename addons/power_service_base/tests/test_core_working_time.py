"""The working-time rules: tables of known answers, laws, and a slow oracle."""

import unittest
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.power_service_base.core.working_time import (
    CalendarSpec,
    DayException,
    Deadline,
    Measure,
    NoWorkingHoursError,
    OutOfRangeError,
    WorkingTime,
    WorkingTimeError,
    format_hours,
    merge_hours,
    parse_hours,
)

OFFICE = ((510, 720), (840, 1050))  # 8:30-12:00, 14:00-17:30
OFFICE_WEEK = (OFFICE,) * 5 + ((), ())
ALWAYS_WEEK = (((0, 1440),),) * 7
NO_WEEK = ((),) * 7

# The State Council's plan for 2026, as published: days off, and make-up workdays.
OFF_2026 = [
    (date(2026, 1, 1), 3),
    (date(2026, 2, 15), 9),
    (date(2026, 4, 4), 3),
    (date(2026, 5, 1), 5),
    (date(2026, 6, 19), 3),
    (date(2026, 9, 25), 3),
    (date(2026, 10, 1), 7),
]
WORK_2026 = [
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
]
EXCEPTIONS_2026 = tuple(
    DayException(first + timedelta(days=index), False)
    for first, count in OFF_2026
    for index in range(count)
) + tuple(DayException(day, True) for day in WORK_2026)


def station(**values):
    """A station's office calendar with the holidays of 2026."""
    values = {
        "weeks": (OFFICE_WEEK,),
        "exceptions": EXCEPTIONS_2026,
        "loaded_years": frozenset({2026}),
        **values,
    }
    return WorkingTime(CalendarSpec(**values))


def china(text):
    """Naive UTC of a time on Chinese clocks."""
    return datetime.fromisoformat(text) - timedelta(hours=8)


def utc(text, tz):
    """Naive UTC of a time on the clocks of a zone."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz))
    return moment.astimezone(UTC).replace(tzinfo=None)


class TestKnownAnswers(unittest.TestCase):
    def test_working_days(self):
        cases = [
            # received, days, deadline (all on Chinese clocks)
            ("2026-09-29 11:00", 1, "2026-09-30 17:30"),
            ("2026-09-29 11:00", 2, "2026-10-08 17:30"),
            ("2026-09-29 11:00", 4, "2026-10-10 17:30"),  # the make-up Saturday
            ("2026-09-29 11:00", 7, "2026-10-14 17:30"),
            ("2026-10-03 09:00", 1, "2026-10-08 17:30"),  # received on a holiday
            ("2026-02-13 08:00", 1, "2026-02-14 17:30"),  # the make-up Saturday
            ("2026-02-13 08:00", 2, "2026-02-24 17:30"),  # after Spring Festival
            ("2026-02-13 08:00", 6, "2026-02-28 17:30"),
            ("2026-06-12 23:59", 1, "2026-06-15 17:30"),  # Friday night
            ("2026-06-13 00:00", 1, "2026-06-15 17:30"),  # Saturday midnight
            ("2026-06-15 00:00", 1, "2026-06-16 17:30"),  # Monday midnight
            ("2026-06-15 03:00", 4, "2026-06-22 17:30"),  # Dragon Boat, Friday off
        ]
        worktime = station()
        for start, days, expected in cases:
            with self.subTest(start=start, days=days):
                self.assertEqual(
                    worktime.add_working_days(china(start), days), china(expected)
                )

    def test_working_minutes(self):
        cases = [
            ("2026-06-15 09:00", 0, "2026-06-15 09:00"),
            ("2026-06-14 09:00", 0, "2026-06-14 09:00"),
            ("2026-06-15 09:00", 60, "2026-06-15 10:00"),
            ("2026-06-15 09:00", 180, "2026-06-15 12:00"),  # used up at the noon break
            ("2026-06-15 09:00", 181, "2026-06-15 14:01"),
            ("2026-06-15 12:30", 1, "2026-06-15 14:01"),
            ("2026-06-15 07:00", 420, "2026-06-15 17:30"),
            ("2026-06-15 07:00", 421, "2026-06-16 08:31"),
            ("2026-06-15 17:30", 30, "2026-06-16 09:00"),
            ("2026-06-15 10:00:30", 0.5, "2026-06-15 10:01:00"),
            ("2026-02-13 17:00", 60, "2026-02-14 09:00"),
            ("2026-02-14 17:00", 60, "2026-02-24 09:00"),
            ("2026-09-30 17:00", 60, "2026-10-08 09:00"),
        ]
        worktime = station()
        for start, minutes, expected in cases:
            with self.subTest(start=start, minutes=minutes):
                self.assertEqual(
                    worktime.add_working_minutes(china(start), minutes),
                    china(expected),
                )

    def test_minutes_between(self):
        cases = [
            ("2026-06-15 08:30", "2026-06-15 17:30", 420),
            ("2026-06-15 00:00", "2026-06-16 00:00", 420),
            ("2026-06-15 11:59:30", "2026-06-15 14:00", 0.5),
            ("2026-06-13 00:00", "2026-06-15 00:00", 0),
            ("2026-10-01 00:00", "2026-10-08 00:00", 0),
            ("2026-10-10 00:00", "2026-10-11 00:00", 420),
            ("2026-06-16 09:00", "2026-06-15 17:00", -60),
            # 2026 has 261 days from Monday to Friday; of the 33 days off 19 fall on
            # them; 6 make-up days come on top.
            ("2026-01-01 00:00", "2027-01-01 00:00", (261 - 19 + 6) * 420),
        ]
        worktime = station()
        for start, end, expected in cases:
            with self.subTest(start=start, end=end):
                self.assertEqual(
                    worktime.working_minutes_between(china(start), china(end)), expected
                )

    def test_provisional(self):
        worktime = station()
        cases = [
            ("2026-12-28 09:00", 3, "2026-12-31 17:30", False),
            ("2026-12-28 09:00", 4, "2027-01-01 17:30", True),
            ("2025-12-31 09:00", 1, "2026-01-04 17:30", True),
            # On Chinese clocks 2026 has begun, in UTC it has not.
            ("2026-01-01 00:00", 1, "2026-01-04 17:30", False),
        ]
        for start, days, at, provisional in cases:
            with self.subTest(start=start, days=days):
                self.assertEqual(
                    worktime.plan_working_days(china(start), days),
                    Deadline(china(at), provisional),
                )
        start = china("2026-12-31 17:00")
        self.assertEqual(
            worktime.plan_working_minutes(start, 30),
            Deadline(china("2026-12-31 17:30"), False),
        )
        self.assertEqual(
            worktime.plan_working_minutes(start, 31),
            Deadline(china("2027-01-01 08:31"), True),
        )
        self.assertEqual(
            worktime.measure_working_minutes(china("2027-01-01 09:00"), start),
            Measure(-60, True),
        )

    def test_provisional_by_order_and_edges(self):
        worktime = station(weeks=(ALWAYS_WEEK,), exceptions=())
        new_year = china("2027-01-01 00:00")
        before = new_year - timedelta(microseconds=1)
        for start, end, expected in [
            (before, before, False),
            (before, new_year, False),  # the end is excluded
            (new_year, before, False),
            (new_year, new_year, True),
            (before, new_year + timedelta(microseconds=1), True),
            (china("2025-06-01 00:00"), china("2027-06-01 00:00"), True),
            (china("2025-12-31 23:59"), china("2026-06-01 00:00"), True),
            (china("2026-01-01 00:00"), new_year, False),
        ]:
            with self.subTest(start=start, end=end):
                self.assertIs(worktime.is_provisional(start, end), expected)

    def test_calendar_without_holidays_is_never_provisional(self):
        worktime = station(loaded_years=None, exceptions=())
        self.assertFalse(
            worktime.plan_working_days(china("2040-01-02 09:00"), 30).is_provisional
        )

    def test_around_the_clock(self):
        worktime = WorkingTime(CalendarSpec((ALWAYS_WEEK,)))
        start = china("2026-09-30 23:50:17")
        self.assertEqual(
            worktime.add_working_minutes(start, 45), start + timedelta(minutes=45)
        )
        self.assertEqual(
            worktime.add_working_minutes(start, 525_600),
            start + timedelta(minutes=525_600),
        )
        self.assertEqual(worktime.add_working_days(start, 1), china("2026-10-02 00:00"))

    def test_intervals_touch_at_midnight(self):
        week = (((0, 360), (1320, 1440)),) * 7
        worktime = WorkingTime(CalendarSpec((week,)))
        self.assertEqual(
            worktime.add_working_minutes(china("2026-06-15 22:00"), 120),
            china("2026-06-16 00:00"),
        )
        self.assertEqual(
            worktime.add_working_minutes(china("2026-06-15 22:00"), 121),
            china("2026-06-16 00:01"),
        )
        self.assertEqual(
            list(
                worktime.intervals(china("2026-06-15 23:00"), china("2026-06-16 01:00"))
            ),
            [
                (china("2026-06-15 23:00"), china("2026-06-16 00:00")),
                (china("2026-06-16 00:00"), china("2026-06-16 01:00")),
            ],
        )
        self.assertEqual(
            worktime.add_working_days(china("2026-06-15 23:00"), 1),
            china("2026-06-17 00:00"),
        )

    def test_time_off(self):
        worktime = station(
            time_off=(
                # overlapping, touching, unsorted; the second takes a whole day
                (china("2026-06-16 10:00"), china("2026-06-16 11:00")),
                (china("2026-06-17 00:00"), china("2026-06-18 00:00")),
                (china("2026-06-16 09:00"), china("2026-06-16 10:30")),
                (china("2026-06-17 00:00"), china("2026-06-17 00:00")),
            )
        )
        self.assertEqual(
            worktime.add_working_minutes(china("2026-06-16 08:30"), 31),
            china("2026-06-16 11:01"),
        )
        self.assertEqual(
            worktime.add_working_days(china("2026-06-16 09:00"), 1),
            china("2026-06-18 17:30"),
        )
        # Time off is taken out of a make-up workday too.
        worktime = station(
            time_off=((china("2026-10-10 14:00"), china("2026-10-10 18:00")),)
        )
        self.assertEqual(
            worktime.add_working_days(china("2026-10-09 09:00"), 1),
            china("2026-10-10 12:00"),
        )

    def test_makeup_workday_hours(self):
        saturday = date(2026, 6, 13)
        short_friday = (OFFICE,) * 4 + (((510, 720),), (), ())
        half_saturday = (OFFICE,) * 5 + (((540, 720),), ())
        weekend_only = ((),) * 5 + (((600, 660),), ((600, 720),))
        for week, day, hours, expected in [
            (OFFICE_WEEK, saturday, (), OFFICE),
            (OFFICE_WEEK, saturday, ((540, 600),), ((540, 600),)),
            (short_friday, saturday, (), OFFICE),  # Monday's
            (short_friday, date(2026, 6, 12), (), ((510, 720),)),  # the Friday's own
            (half_saturday, saturday, (), OFFICE),  # a full day, not half
            (weekend_only, saturday, (), ((600, 660),)),
            (weekend_only, date(2026, 6, 14), (), ((600, 720),)),
            (weekend_only, date(2026, 6, 15), (), ((600, 660),)),
        ]:
            with self.subTest(week=week, day=day, hours=hours):
                worktime = station(
                    weeks=(week,), exceptions=(DayException(day, True, hours),)
                )
                self.assertEqual(worktime.hours_on(day), expected)

    def test_two_weeks(self):
        worktime = WorkingTime(
            CalendarSpec((OFFICE_WEEK, ((), OFFICE, (), (), (), (), ())))
        )
        # The same parity as Odoo's: whole weeks since 0001-01-01, a Monday.
        mondays = [date(2026, 6, 8), date(2026, 6, 15)]
        second = next(day for day in mondays if (day.toordinal() - 1) // 7 % 2)
        first = next(day for day in mondays if day != second)
        self.assertEqual(worktime.hours_on(first), OFFICE)
        self.assertEqual(worktime.hours_on(second), ())
        self.assertEqual(worktime.hours_on(second + timedelta(days=1)), OFFICE)
        # A week without any hours borrows those of the other one.
        idle = WorkingTime(
            CalendarSpec(
                (OFFICE_WEEK, NO_WEEK), exceptions=(DayException(second, True),)
            )
        )
        self.assertEqual(idle.hours_on(second), OFFICE)

    def test_daylight_saving(self):
        night = (((0, 360),),) * 7
        cases = [
            # zone, week, from, to, minutes
            ("Europe/Berlin", night, "2026-03-29 00:00", "2026-03-30 00:00", 300),
            ("Europe/Berlin", night, "2026-10-25 00:00", "2026-10-26 00:00", 420),
            ("Europe/Berlin", ALWAYS_WEEK, "2026-03-29", "2026-03-30", 23 * 60),
            ("Europe/Berlin", ALWAYS_WEEK, "2026-10-25", "2026-10-26", 25 * 60),
            # Only minutes that the clock skips, then half of them.
            ("Europe/Berlin", (((120, 180),),) * 7, "2026-03-29", "2026-03-30", 0),
            ("Europe/Berlin", (((150, 240),),) * 7, "2026-03-29", "2026-03-30", 60),
            ("Australia/Lord_Howe", ALWAYS_WEEK, "2026-10-04", "2026-10-05", 1410),
            # China had summer time once: 3 May 1987 lacked an hour.
            ("Asia/Shanghai", ALWAYS_WEEK, "1987-04-12", "1987-04-13", 1380),
        ]
        for tz, week, start, end, expected in cases:
            with self.subTest(tz=tz, start=start):
                worktime = WorkingTime(CalendarSpec((week,), tz))
                self.assertEqual(
                    worktime.working_minutes_between(utc(start, tz), utc(end, tz)),
                    expected,
                )

    def test_a_day_that_a_zone_left_out(self):
        # Samoa went from 29 to 31 December 2011.
        worktime = WorkingTime(CalendarSpec((ALWAYS_WEEK,), "Pacific/Apia"))
        start = utc("2011-12-29 12:00", "Pacific/Apia")
        self.assertEqual(
            worktime.add_working_days(start, 1), utc("2012-01-01", "Pacific/Apia")
        )

    def test_far_away_and_long(self):
        worktime = station(exceptions=())
        self.assertEqual(
            worktime.add_working_minutes(china("2026-06-15 08:30"), 420 * 5 * 52 * 60),
            worktime.add_working_days(china("2026-06-14 08:30"), 5 * 52 * 60),
        )
        self.assertEqual(
            worktime.add_working_days(china("1950-01-02 09:00"), 1),
            china("1950-01-03 17:30"),
        )

    def test_errors(self):
        worktime = station()
        start = china("2026-06-15 09:00")
        for error, call in [
            (WorkingTimeError, lambda: worktime.add_working_minutes(start, -1)),
            (WorkingTimeError, lambda: worktime.add_working_days(start, 0)),
            (WorkingTimeError, lambda: worktime.add_working_days(start, -1)),
            (OutOfRangeError, lambda: worktime.add_working_minutes(start, 1e9)),
            (OutOfRangeError, lambda: worktime.add_working_days(start, 10**6)),
            (
                OutOfRangeError,
                lambda: worktime.add_working_days(datetime(206, 1, 1), 1),
            ),
            (
                OutOfRangeError,
                lambda: worktime.working_minutes_between(start, datetime(9999, 1, 1)),
            ),
            (NoWorkingHoursError, lambda: WorkingTime(CalendarSpec((NO_WEEK,)))),
            (NoWorkingHoursError, lambda: WorkingTime(CalendarSpec((NO_WEEK,) * 2))),
            (WorkingTimeError, lambda: WorkingTime(CalendarSpec(()))),
            (WorkingTimeError, lambda: station(tz="Asia/Nowhere")),
            (WorkingTimeError, lambda: station(tz="../passwd")),
            (
                WorkingTimeError,
                lambda: station(exceptions=EXCEPTIONS_2026 + EXCEPTIONS_2026[:1]),
            ),
            (
                WorkingTimeError,
                lambda: station(time_off=((start, start - timedelta(hours=1)),)),
            ),
            (WorkingTimeError, lambda: merge_hours(((600, 1441),))),
            (WorkingTimeError, lambda: merge_hours(((600, 540),))),
        ]:
            with self.assertRaises(error):
                call()
        self.assertTrue(issubclass(WorkingTimeError, ValueError))

    def test_calendar_closed_for_ever_ends_with_an_error(self):
        worktime = station(
            exceptions=(), time_off=((datetime(1900, 1, 1), datetime(2300, 1, 1)),)
        )
        with self.assertRaises(OutOfRangeError):
            worktime.add_working_minutes(china("2026-06-15 09:00"), 1)
        self.assertEqual(
            worktime.working_minutes_between(
                china("2026-06-15 09:00"), china("2026-07-15 09:00")
            ),
            0,
        )

    def test_parse_hours(self):
        for text, expected in [
            ("8:30-12:00, 14:00-17:30", OFFICE),
            ("08:30-12:00,14:00-17:30", OFFICE),
            ("８：３０－１２：００，１４：００～１７：３０", OFFICE),
            ("8:30至12:00；14:00到17:30", OFFICE),
            ("14:00–17:30 8:30–12:00", OFFICE),
            ("0:00-24:00", ((0, 1440),)),
            ("8:00-10:00 9:00-12:00", ((480, 720),)),
            ("", ()),
            (None, ()),
        ]:
            with self.subTest(text=text):
                self.assertEqual(parse_hours(text), expected)
        for text in ("8-12", "8:30", "12:00-8:30", "8:60-9:00", "20:00-25:00", "x"):
            with self.subTest(text=text), self.assertRaises(WorkingTimeError):
                parse_hours(text)
        self.assertEqual(format_hours(OFFICE), "08:30-12:00, 14:00-17:30")


# -- Laws ---

ZONES = [
    "Asia/Shanghai",
    "UTC",
    "Asia/Kathmandu",  # not a whole hour
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "America/Havana",  # clocks change at midnight
    "Pacific/Apia",
]
# Around changes of the clock and of the year, where mistakes live.
DAYS = [
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2011, 12, 30),
    date(2026, 1, 1),
    date(2027, 1, 1),
    date(2026, 6, 15),
]
SPAN_MINUTES = 9 * 1440


@st.composite
def day_hours(draw):
    edges = draw(
        st.lists(
            st.integers(0, 1440) | st.sampled_from([0, 120, 150, 180, 1380, 1440]),
            max_size=6,
            unique=True,
        )
    )
    edges.sort()
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars(draw):
    """A calendar and a moment near the days on which something happens in it."""
    pivot = draw(st.sampled_from(DAYS))
    near = st.integers(-4, 4).map(lambda days: pivot + timedelta(days=days))
    week = st.tuples(*[day_hours()] * 7) | st.just(ALWAYS_WEEK) | st.just(OFFICE_WEEK)
    weeks = draw(
        st.lists(week, min_size=1, max_size=2)
        .map(tuple)
        .filter(lambda weeks: any(any(days) for days in weeks))
    )
    exceptions = draw(
        st.lists(
            st.builds(DayException, near, st.just(False))
            | st.builds(DayException, near, st.just(True), day_hours()),
            max_size=4,
            unique_by=lambda item: item.day,
        )
    )
    noon = datetime(pivot.year, pivot.month, pivot.day, 12)
    minute = st.integers(-4 * 1440, 4 * 1440)
    time_off = draw(
        st.lists(
            st.tuples(minute, minute).map(
                lambda pair: tuple(noon + timedelta(minutes=m) for m in sorted(pair))
            ),
            max_size=2,
        )
    )
    spec = CalendarSpec(
        weeks,
        draw(st.sampled_from(ZONES)),
        tuple(time_off),
        tuple(exceptions),
        draw(st.none() | st.frozensets(st.sampled_from([2010, 2026]))),
    )
    return spec, noon + timedelta(minutes=draw(minute))


durations = st.integers(0, 5000)
shifts = st.timedeltas(timedelta(days=-9), timedelta(days=9))
law = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def oracle_hours(spec, day):
    """The hours of a day, said again in another way than the rules do."""
    week = spec.weeks[(day.toordinal() - 1) // 7 % 2 if len(spec.weeks) == 2 else 0]
    own = merge_hours(week[day.weekday()])
    for item in spec.exceptions:
        if item.day == day:
            if not item.is_workday:
                return ()
            if any(low < high for low, high in item.hours):
                return item.hours
            if day.weekday() < 5 and own:
                return own
            order = [*week[:5], own, *week, *(d for w in spec.weeks for d in w)]
            return next(hours for hours in order if any(lo < hi for lo, hi in hours))
    return own


def oracle_minutes(spec, first, minutes):
    """Say of each minute from ``first`` on whether it is worked, by the wall clock.

    While the clock repeats an hour its highest mark counts.
    """
    tz = ZoneInfo(spec.tz)
    moment = first - timedelta(days=2)
    mark = datetime.min
    hours = {}
    for _index in range(2 * 1440 + minutes):
        wall = moment.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None)
        mark = max(mark, wall)
        if moment >= first:
            day = mark.date()
            if day not in hours:
                hours[day] = oracle_hours(spec, day)
            minute = mark.hour * 60 + mark.minute
            yield (
                any(low <= minute < high for low, high in hours[day])
                and not any(low <= moment < high for low, high in spec.time_off),
                day,
            )
        moment += timedelta(minutes=1)


class TestLaws(unittest.TestCase):
    @law
    @given(calendars(), durations)
    def test_adding_then_measuring_gives_back_what_was_added(self, case, minutes):
        spec, start = case
        worktime = WorkingTime(spec)
        end = worktime.add_working_minutes(start, minutes)
        self.assertEqual(worktime.working_minutes_between(start, end), minutes)
        self.assertGreaterEqual(end, start)
        if minutes:
            # It is the first such moment.
            just_before = end - timedelta(microseconds=1)
            self.assertLess(
                worktime.working_minutes_between(start, just_before), minutes
            )

    @law
    @given(calendars(), shifts, durations, durations)
    def test_order_is_kept(self, case, shift, minutes, more):
        spec, start = case
        worktime = WorkingTime(spec)
        early, late = sorted((start, start + shift))
        minutes += 1
        result = worktime.add_working_minutes(early, minutes)
        self.assertLessEqual(result, worktime.add_working_minutes(late, minutes))
        self.assertLessEqual(
            result, worktime.add_working_minutes(early, minutes + more)
        )
        days, more_days = minutes % 15 + 1, more % 15
        result = worktime.add_working_days(early, days)
        self.assertLessEqual(result, worktime.add_working_days(late, days))
        self.assertLessEqual(result, worktime.add_working_days(early, days + more_days))
        self.assertGreater(result, early)

    @law
    @given(calendars(), shifts, shifts)
    def test_measures_add_up(self, case, one, two):
        spec, start = case
        worktime = WorkingTime(spec)
        between = worktime.working_minutes_between
        middle, end = start + one, start + two
        self.assertAlmostEqual(
            between(start, middle) + between(middle, end), between(start, end), 6
        )
        self.assertEqual(between(start, middle), -between(middle, start))

    @law
    @given(calendars(), shifts)
    def test_no_overlap_and_nothing_lost(self, case, shift):
        spec, start = case
        worktime = WorkingTime(spec)
        early, late = sorted((start, start + shift))
        spans = list(worktime.intervals(early, late))
        for low, high in spans:
            self.assertLess(low, high)
        for (_low, end), (begin, _high) in zip(spans, spans[1:], strict=False):
            self.assertLessEqual(end, begin)
        total = sum((high - low for low, high in spans), timedelta())
        self.assertEqual(
            total / timedelta(minutes=1), worktime.working_minutes_between(early, late)
        )

    @law
    @given(st.sampled_from(ZONES), st.sampled_from(DAYS), shifts)
    def test_around_the_clock_has_no_gap(self, tz, day, shift):
        worktime = WorkingTime(CalendarSpec((ALWAYS_WEEK,), tz))
        start = datetime(day.year, day.month, day.day)
        early, late = sorted((start, start + shift))
        moment = early
        for low, high in worktime.intervals(early, late):
            self.assertEqual(low, moment)
            moment = high
        self.assertEqual(moment, late)

    @law
    @given(calendars(), durations, st.lists(shifts, max_size=3))
    def test_earlier_questions_do_not_change_an_answer(self, case, minutes, others):
        spec, start = case
        used = WorkingTime(spec)
        for shift in others:
            used.add_working_minutes(start + 100 * shift, minutes)
        fresh = WorkingTime(spec)
        self.assertEqual(
            used.plan_working_minutes(start, minutes),
            fresh.plan_working_minutes(start, minutes),
        )
        self.assertEqual(
            used.plan_working_days(start, minutes % 9 + 1),
            fresh.plan_working_days(start, minutes % 9 + 1),
        )

    @settings(law, max_examples=40)
    @given(calendars())
    def test_equals_counting_minute_by_minute(self, case):
        spec, start = case
        start = start.replace(second=0, microsecond=0)
        worktime = WorkingTime(spec)
        total, checked = 0, 0
        worked_by_day = {}
        for index, (works, day) in enumerate(
            oracle_minutes(spec, start, SPAN_MINUTES), start=1
        ):
            worked_by_day.setdefault(day, None)
            if works:
                total += 1
                end = start + timedelta(minutes=index)
                worked_by_day[day] = end
                if total % 97 == 1:
                    self.assertEqual(worktime.add_working_minutes(start, total), end)
                    checked += 1
            if index % 251 == 0:
                moment = start + timedelta(minutes=index)
                self.assertEqual(worktime.working_minutes_between(start, moment), total)
        self.assertEqual(
            worktime.working_minutes_between(
                start, start + timedelta(minutes=SPAN_MINUTES)
            ),
            total,
        )
        # The first day is that of the start, the last one may not be complete.
        ends = [end for end in list(worked_by_day.values())[1:-1] if end]
        for days, end in enumerate(ends, start=1):
            self.assertEqual(worktime.add_working_days(start, days), end)
