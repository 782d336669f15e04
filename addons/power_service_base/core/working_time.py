"""Working time: add and measure minutes and days of work.

A calendar is described once (:class:`CalendarSpec`) and compiled
(:class:`WorkingTime`) into sorted arrays of working intervals with running totals,
so that adding or measuring is a binary search, whatever the distance.

Rules
-----
* Moments given and returned are naive UTC datetimes. Days, hours and years are those
  of the calendar's time zone.
* A moment is working time when the local clock stands in one of the day's intervals,
  start included, end excluded. An interval belongs to one local day; intervals that
  touch at midnight stay two intervals without a gap.
* When the local clock jumps forward, the skipped hour does not exist. When it is set
  back, the repeated hour belongs to what was running when it was set back.
* An exception replaces the hours of its day: a day off has none; a make-up workday
  (调休) has its own hours or, without them, those of a normal weekday. Time off is
  taken out of what is left.
* A working day is a day with any working time. "N working days" counts full working
  days after the day of the start; the deadline is the end of the last interval of the
  N-th.
* A result is provisional when it touches a year whose holidays are not loaded: it was
  counted by the plain week there.

Sources: the working-day limits of the service promises count working days of the
Chinese calendar, make-up workdays included.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

DEFAULT_TZ = "Asia/Shanghai"
DAY_MINUTES = 24 * 60
#: Years that can be counted in. Outside of them a date is a typing error.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_ZERO = timedelta()

#: Working minutes of a day: (from, to) in minutes after midnight, to <= 1440.
Hours = tuple[tuple[int, int], ...]
#: Seven days from Monday to Sunday.
Week = tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]


class WorkingTimeError(ValueError):
    """A working time cannot be counted from what was given."""


class NoWorkingHoursError(WorkingTimeError):
    """The calendar has no working hours at all."""


class OutOfRangeError(WorkingTimeError):
    """A moment lies, or a result would lie, outside of the years counted in."""


@dataclass(frozen=True, slots=True)
class DayException:
    """One local day that differs from the week.

    :param day: the local date
    :param is_workday: make-up workday (True) or day off (False)
    :param hours: own hours of a make-up workday; empty means those of a normal weekday
    """

    day: date
    is_workday: bool
    hours: Hours = ()


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """All that decides a calendar's working time.

    :param weeks: one week, or two that alternate (first, second)
    :param tz: name of the time zone the hours are meant in
    :param time_off: (from, to) in naive UTC, e.g. closing of the whole station
    :param exceptions: single days that differ from the week
    :param loaded_years: years whose public holidays are among the exceptions; None when
        the calendar does not follow public holidays, so that nothing is provisional
    """

    weeks: tuple[Week, ...]
    tz: str = DEFAULT_TZ
    time_off: tuple[tuple[datetime, datetime], ...] = ()
    exceptions: tuple[DayException, ...] = ()
    loaded_years: frozenset[int] | None = None


class Deadline(NamedTuple):
    """A moment in naive UTC, and whether it may move when holidays get loaded."""

    at: datetime
    is_provisional: bool


class Measure(NamedTuple):
    """Working minutes, and whether they may change when holidays get loaded."""

    minutes: float
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class _Year:
    """The working intervals of one local year, in UTC."""

    opens: datetime  # local midnight of 1 January
    starts: list[datetime]
    ends: list[datetime]
    day_opens: list[datetime]  # local midnight of each working day
    day_ends: list[datetime]  # end of its last interval


@dataclass(frozen=True, slots=True)
class _Table:
    """Consecutive years put together; replaced, never changed."""

    first_year: int
    last_year: int
    low: datetime
    high: datetime
    starts: list[datetime]
    ends: list[datetime]
    after: list[timedelta]  # running total at the end of each interval
    total: timedelta
    day_opens: list[datetime]
    day_ends: list[datetime]
    year_opens: list[datetime]
    unloaded: list[int]  # years without holidays among the first n years


class WorkingTime:
    """The compiled working time of one calendar.

    Values in, values out; safe to share between threads: what is built later (more
    years, when asked for) replaces a table as a whole and gives the same answers.

    :param spec: the calendar
    :raise NoWorkingHoursError: when the week has no hours
    :raise WorkingTimeError: when hours, time zone or time off make no sense
    """

    def __init__(self, spec: CalendarSpec):
        self.spec = spec
        self._tz = _zone(spec.tz)
        self._weeks = _checked_weeks(spec.weeks)
        self._makeup_hours = tuple(
            tuple(self._normal_hours(week, weekday) for weekday in range(7))
            for week in range(len(self._weeks))
        )
        self._exceptions = {}
        for item in spec.exceptions:
            if item.day in self._exceptions:
                raise WorkingTimeError(f"two exceptions on {item.day.isoformat()}")
            self._exceptions[item.day] = (
                item.is_workday,
                merge_hours(item.hours),
            )
        self._off_starts, self._off_ends = _merged_time_off(spec.time_off)
        self._years: dict[int, _Year] = {}
        self._table: _Table | None = None

    # -- adding ---------------------------------------------------------------------

    def add_working_minutes(self, start: datetime, minutes: float) -> datetime:
        """Return the moment at which ``minutes`` of work have passed since ``start``.

        Used up exactly at the end of an interval, the result is that end, not the start
        of the next one. Zero minutes give ``start`` itself.

        :param start: naive UTC
        :param minutes: working minutes, zero or more
        :return: naive UTC
        :raise WorkingTimeError: negative minutes, or a result after the last year
        """
        table = self._table
        if table is None or not table.low <= start < table.high:
            table = self._cover(start, start)
        if minutes <= 0:
            if minutes < 0:
                raise WorkingTimeError("working minutes to add must not be negative")
            return start
        index = bisect_right(table.ends, start)
        if index < len(table.ends):
            begin, end = table.starts[index], table.ends[index]
            left = end - start if start > begin else end - begin
            target = table.after[index] - left + timedelta(minutes=minutes)
        else:
            target = table.total + timedelta(minutes=minutes)
        if target > table.total:
            self._lengthen(table)
            return self.add_working_minutes(start, minutes)
        index = bisect_left(table.after, target, index)
        return table.ends[index] - (table.after[index] - target)

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """Return the end of the ``days``-th working day after the day of ``start``.

        The day of the start never counts, at whatever hour and whether it is a working
        day or not.

        :param start: naive UTC; its day is that of the calendar's time zone
        :param days: working days, 1 or more
        :return: naive UTC, the end of that day's last interval
        :raise WorkingTimeError: fewer than one day, or a result after the last year
        """
        if days < 1:
            raise WorkingTimeError("working days to add must be 1 or more")
        table = self._table
        if table is None or not table.low <= start < table.high:
            table = self._cover(start, start)
        index = bisect_right(table.day_opens, start) + days - 1
        while index >= len(table.day_ends):
            table = self._lengthen(table)
            index = bisect_right(table.day_opens, start) + days - 1
        return table.day_ends[index]

    def plan_working_minutes(self, start: datetime, minutes: float) -> Deadline:
        """As :meth:`add_working_minutes`, and whether the result is provisional."""
        at = self.add_working_minutes(start, minutes)
        return Deadline(at, self.is_provisional(start, at))

    def plan_working_days(self, start: datetime, days: int) -> Deadline:
        """As :meth:`add_working_days`, and whether the result is provisional."""
        at = self.add_working_days(start, days)
        return Deadline(at, self.is_provisional(start, at))

    # -- measuring ------------------------------------------------------------------

    def working_minutes_between(self, start: datetime, end: datetime) -> float:
        """Return the working minutes from ``start`` to ``end``.

        :param start: naive UTC
        :param end: naive UTC; before ``start`` gives a negative number
        :return: minutes
        :raise OutOfRangeError: a moment outside of the years counted in
        """
        table = self._table
        if table is None or not (
            table.low <= start < table.high and table.low <= end < table.high
        ):
            table = self._cover(min(start, end), max(start, end))
        return (_worked(table, end) - _worked(table, start)) / _MINUTE

    def measure_working_minutes(self, start: datetime, end: datetime) -> Measure:
        """As :meth:`working_minutes_between`, and whether it is provisional."""
        minutes = self.working_minutes_between(start, end)
        return Measure(minutes, self.is_provisional(start, end))

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Tell whether the time between touches a year whose holidays are not loaded.

        :param start: naive UTC
        :param end: naive UTC, itself excluded unless it equals ``start``; any order
        """
        if self.spec.loaded_years is None:
            return False
        if end < start:
            start, end = end, start
        table = self._table
        if table is None or not (table.low <= start and end < table.high):
            table = self._cover(start, end)
        first = bisect_right(table.year_opens, start) - 1
        stop = bisect_left(table.year_opens, end)
        return table.unloaded[max(stop, first + 1)] > table.unloaded[first]

    def intervals(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working intervals between two moments, cut to them, in order.

        :param start: naive UTC
        :param end: naive UTC
        """
        if end <= start:
            return
        table = self._cover(start, end)
        index = bisect_right(table.ends, start)
        while index < len(table.starts) and table.starts[index] < end:
            yield max(table.starts[index], start), min(table.ends[index], end)
            index += 1

    def hours_on(self, day: date) -> Hours:
        """Return the hours of a local day, time off not yet taken out."""
        week = (day.toordinal() - 1) // 7 % 2 if len(self._weeks) == 2 else 0
        weekday = day.weekday()
        exception = self._exceptions.get(day)
        if exception is None:
            return self._weeks[week][weekday]
        is_workday, hours = exception
        if not is_workday:
            return ()
        return hours or self._makeup_hours[week][weekday]

    # -- building -------------------------------------------------------------------

    def _normal_hours(self, week: int, weekday: int) -> Hours:
        """Return the hours of a make-up workday that has none of its own.

        From Monday to Friday the day's own; else those of the first day from Monday on
        that has any, first in the same week, then in the other one.
        """
        days = self._weeks[week]
        if weekday < 5 and days[weekday]:
            return days[weekday]
        for candidates in (days[:5], (days[weekday],), days, *self._weeks):
            for hours in candidates:
                if hours:
                    return hours
        raise NoWorkingHoursError("the calendar has no working hours")

    def _cover(self, start: datetime, end: datetime) -> _Table:
        """Return a table that holds both moments (start <= end), built if needed."""
        table = self._table
        if table is not None and table.low <= start and end < table.high:
            return table
        # The local year can differ by one from that of UTC, at both ends.
        first, last = start.year - 1, end.year + 1
        if not (FIRST_YEAR < start.year and end.year < LAST_YEAR):
            raise OutOfRangeError(
                f"working time is counted from {FIRST_YEAR + 1} to {LAST_YEAR - 1}, "
                f"not from {start.isoformat(' ')} to {end.isoformat(' ')}"
            )
        if table is not None:
            first, last = min(first, table.first_year), max(last, table.last_year)
        return self._build_table(first, last)

    def _lengthen(self, table: _Table) -> _Table:
        """Return a table that goes further than ``table``, by half of its length."""
        if table.last_year >= LAST_YEAR:
            raise OutOfRangeError(
                f"there is not that much working time until the end of {LAST_YEAR}"
            )
        more = 1 + (table.last_year - table.first_year) // 2
        return self._build_table(
            table.first_year, min(table.last_year + more, LAST_YEAR)
        )

    def _build_table(self, first_year: int, last_year: int) -> _Table:
        years = [self._get_year(year) for year in range(first_year, last_year + 1)]
        starts = [item for year in years for item in year.starts]
        ends = [item for year in years for item in year.ends]
        after = list(
            accumulate(end - start for start, end in zip(starts, ends, strict=True))
        )
        loaded = self.spec.loaded_years
        unloaded = accumulate(
            (
                int(loaded is not None and year not in loaded)
                for year in range(first_year, last_year + 1)
            ),
            initial=0,
        )
        self._table = table = _Table(
            first_year=first_year,
            last_year=last_year,
            low=years[0].opens,
            high=self._midnight(date(last_year + 1, 1, 1)),
            starts=starts,
            ends=ends,
            after=after,
            total=after[-1] if after else _ZERO,
            day_opens=[item for year in years for item in year.day_opens],
            day_ends=[item for year in years for item in year.day_ends],
            year_opens=[year.opens for year in years],
            unloaded=list(unloaded),
        )
        return table

    def _get_year(self, number: int) -> _Year:
        if number in self._years:
            return self._years[number]
        day = date(number, 1, 1)
        year = _Year(self._midnight(day), [], [], [], [])
        while day.year == number:
            if hours := self.hours_on(day):
                spans = self._without_time_off(self._day_spans(day, hours))
                if spans:
                    year.starts.extend(start for start, _end in spans)
                    year.ends.extend(end for _start, end in spans)
                    year.day_opens.append(self._midnight(day))
                    year.day_ends.append(spans[-1][1])
            day += _DAY
        self._years[number] = year
        return year

    def _day_spans(self, day: date, hours: Hours) -> list[tuple[datetime, datetime]]:
        """Return a local day's hours as intervals in UTC."""
        midnight = datetime(day.year, day.month, day.day)
        offset = self._tz.utcoffset(midnight)
        if offset == self._tz.utcoffset(midnight + _DAY):
            midnight -= offset
            return [
                (midnight + timedelta(minutes=low), midnight + timedelta(minutes=high))
                for low, high in hours
            ]
        spans = (
            (
                _wall_to_utc(midnight + timedelta(minutes=low), self._tz),
                _wall_to_utc(midnight + timedelta(minutes=high), self._tz),
            )
            for low, high in hours
        )
        return [(low, high) for low, high in spans if low < high]

    def _without_time_off(
        self, spans: list[tuple[datetime, datetime]]
    ) -> list[tuple[datetime, datetime]]:
        """Take the time off out of sorted intervals."""
        if not self._off_starts:
            return spans
        left = []
        for low, high in spans:
            index = bisect_right(self._off_ends, low)
            while index < len(self._off_starts) and self._off_starts[index] < high:
                if low < self._off_starts[index]:
                    left.append((low, self._off_starts[index]))
                low = self._off_ends[index]
                index += 1
            if low < high:
                left.append((low, high))
        return left

    def _midnight(self, day: date) -> datetime:
        return _wall_to_utc(datetime(day.year, day.month, day.day), self._tz)


def merge_hours(hours: Hours) -> Hours:
    """Return a day's hours sorted, overlapping and touching ones joined.

    :param hours: (from, to) in minutes after midnight; empty ones are left out
    :raise WorkingTimeError: hours outside of the day or in the wrong order
    """
    merged: list[tuple[int, int]] = []
    for low, high in sorted(hours):
        if not 0 <= low <= high <= DAY_MINUTES:
            raise WorkingTimeError(
                f"working hours must lie between 00:00 and 24:00, from before to: "
                f"{format_hours(((low, high),))}"
            )
        if low == high:
            continue
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|~|至|到)\s*(\d{1,2}):(\d{2})")


def parse_hours(text: str) -> Hours:
    """Read a day's hours as people write them, e.g. ``8:30-12:00, 14:00-17:30``.

    Full-width digits and punctuation are understood.

    :param text: intervals separated by comma, semicolon or blank; empty gives ()
    :return: (from, to) in minutes after midnight, sorted and merged
    :raise WorkingTimeError: when the text is no list of hours
    """
    plain = unicodedata.normalize("NFKC", text or "")
    plain = re.sub("[–—−]", "-", plain).strip()
    rest = _SPAN.sub("", plain)
    if rest.strip(" ,;、"):
        raise WorkingTimeError(f"not a list of hours like 8:30-12:00: {text}")
    spans = []
    for match in _SPAN.finditer(plain):
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        if from_minute > 59 or to_minute > 59:
            raise WorkingTimeError(f"an hour has 60 minutes: {text}")
        low, high = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if low >= high:
            raise WorkingTimeError(f"hours must end after they begin: {text}")
        spans.append((low, high))
    return merge_hours(tuple(spans))


def format_hours(hours: Hours) -> str:
    """Write a day's hours, e.g. ``08:30-12:00, 14:00-17:30``."""
    return ", ".join(
        f"{low // 60:02d}:{low % 60:02d}-{high // 60:02d}:{high % 60:02d}"
        for low, high in hours
    )


def _worked(table: _Table, moment: datetime) -> timedelta:
    """Return the working time of the table before a moment in it."""
    index = bisect_right(table.ends, moment)
    if index == len(table.ends):
        return table.total
    begin, end = table.starts[index], table.ends[index]
    return table.after[index] - (end - moment if moment > begin else end - begin)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise WorkingTimeError(f"unknown time zone: {name}") from error


def _checked_weeks(weeks: tuple[Week, ...]) -> tuple[Week, ...]:
    if len(weeks) not in (1, 2) or any(len(week) != 7 for week in weeks):
        raise WorkingTimeError("a calendar has one or two weeks of seven days")
    weeks = tuple(tuple(merge_hours(hours) for hours in week) for week in weeks)
    if not any(hours for week in weeks for hours in week):
        raise NoWorkingHoursError("the calendar has no working hours")
    return weeks


def _merged_time_off(spans) -> tuple[list[datetime], list[datetime]]:
    """Return starts and ends of the time off, sorted, without overlap."""
    starts, ends = [], []
    for low, high in sorted(spans):
        if high < low:
            raise WorkingTimeError(
                f"time off must end after it begins: {low.isoformat(' ')}"
            )
        if low == high:
            continue
        if ends and low <= ends[-1]:
            ends[-1] = max(ends[-1], high)
        else:
            starts.append(low)
            ends.append(high)
    return starts, ends


def _wall_to_utc(wall: datetime, tz: ZoneInfo) -> datetime:
    """Return the first moment, in naive UTC, at which the local clock reaches a time.

    For a time that the clock skips this is the moment of the jump; for one that it
    shows twice, the first of the two. So the result never decreases with ``wall``, and
    intervals that touch keep touching.
    """
    moment = wall - tz.utcoffset(wall)
    if _utc_to_wall(moment, tz) == wall:
        return moment
    before = wall - tz.utcoffset(wall.replace(fold=1))
    seconds = range(int((moment - before).total_seconds()) + 1)
    return before + timedelta(
        seconds=bisect_left(
            seconds,
            wall,
            key=lambda second: _utc_to_wall(before + timedelta(seconds=second), tz),
        )
    )


def _utc_to_wall(moment: datetime, tz: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None, fold=0)
