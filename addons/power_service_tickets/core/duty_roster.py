"""Duty roster: when a post is uncovered, and who is on duty twice.

Instants are naive UTC datetimes; hours of a day are those of the station's time zone.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Shift:
    """Somebody on duty from ``start`` up to ``end``."""

    key: Hashable
    employee: Hashable
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Gap:
    """From ``start`` up to ``end`` so many people are missing."""

    start: datetime
    end: datetime
    missing: int


def to_utc(day, hour, zone):
    """The instant of an hour of a day.

    :param date day: in the time zone ``zone``
    :param float hour: 0 to 24; 24 is the next midnight, 8.5 is half past eight
    :param str zone: name of a time zone
    :return: naive UTC datetime
    """
    minutes = round(hour * 60)
    day += timedelta(days=minutes // 1440)
    local = datetime.combine(day, time(minutes % 1440 // 60, minutes % 60))
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def get_windows(start, end, hour_from, hour_to, zone):
    """When a post is to be covered, between two instants.

    :param float hour_from: 0 to 24, in ``zone``
    :param float hour_to: when not after ``hour_from``, it is of the next day
    :return: list of (start, end), cut to the period, joined where they touch
    """
    windows = []
    local = start.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    day = local.date() - timedelta(days=1)  # a window of yesterday may reach into today
    while to_utc(day, hour_from, zone) < end:
        last = day if hour_to > hour_from else day + timedelta(days=1)
        first = max(to_utc(day, hour_from, zone), start)
        until = min(to_utc(last, hour_to, zone), end)
        if first < until:
            if windows and windows[-1][1] >= first:
                windows[-1] = (windows[-1][0], until)
            else:
                windows.append((first, until))
        day += timedelta(days=1)
    return windows


def find_gaps(windows, shifts: Iterable[Shift], minimum=1):
    """When fewer than ``minimum`` people are on duty.

    :param windows: (start, end) pairs in which the post is to be covered
    :return: list of :class:`Gap`, in order; neighbours with the same number missing
        are one
    """
    gaps = []
    shifts = list(shifts)
    for start, end in windows:
        inside = [s for s in shifts if s.start < end and s.end > start]
        cuts = {start, end}
        cuts |= {cut for s in inside for cut in (s.start, s.end) if start < cut < end}
        cuts = sorted(cuts)
        for first, until in zip(cuts, cuts[1:], strict=False):
            there = {s.employee for s in inside if s.start <= first and s.end >= until}
            missing = minimum - len(there)
            if missing <= 0:
                continue
            if gaps and gaps[-1].end == first and gaps[-1].missing == missing:
                gaps[-1] = Gap(gaps[-1].start, until, missing)
            else:
                gaps.append(Gap(first, until, missing))
    return gaps


def find_doubles(shifts: Iterable[Shift]):
    """Pairs of shifts in which one person is on duty twice at once.

    :return: list of (shift, other shift, start, end), by start
    """
    by_employee = {}
    for shift in shifts:
        by_employee.setdefault(shift.employee, []).append(shift)
    doubles = []
    for own in by_employee.values():
        own.sort(key=lambda shift: (shift.start, shift.end))
        for one, other in combinations(own, 2):
            start, end = max(one.start, other.start), min(one.end, other.end)
            if start < end:
                doubles.append((one, other, start, end))
    return sorted(doubles, key=lambda double: double[2:])


def rotate(employees, start, end, hours):
    """Shifts of ``hours`` one after the other, taken in turn.

    :param employees: at least one, in their order
    :param float hours: length of a shift, above zero
    :return: list of (employee, start, end); the last shift begins before ``end``
    """
    if not employees or hours <= 0:
        raise ValueError("A rotation needs people and a length above zero.")
    shifts, turn = [], 0
    while start < end:
        until = start + timedelta(hours=hours)
        shifts.append((employees[turn % len(employees)], start, until))
        start, turn = until, turn + 1
    return shifts
