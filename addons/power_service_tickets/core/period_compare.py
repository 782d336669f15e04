"""Weeks and months to compare, and how figures changed between them.

What is missing is not nothing: a period before the first record has no figure, and a
change against nothing has no rate. Both are None, shown as a dash.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

MISSING = "–"


class Period(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date


class Compared(NamedTuple):
    """A figure of a period, of the one before, and of the same one a year before."""

    current: float | None
    previous: float | None
    last_year: float | None


def get_period(kind: str, day: date) -> Period:
    """Return the week (Monday to Sunday) or month that ``day`` lies in.

    :param kind: ``weekly`` or ``monthly``
    :raise ValueError: another kind
    """
    if kind == "weekly":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    if kind == "monthly":
        return Period(
            day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
        )
    raise ValueError(f"no such period: {kind}")


def get_previous(kind: str, period: Period) -> Period:
    """Return the period before (环比)."""
    return get_period(kind, period.first - timedelta(days=1))


def get_last_year(kind: str, period: Period) -> Period:
    """Return the same period a year before (同比): a week 52 weeks before, so that it
    has the same weekdays, a month by its name."""
    if kind == "weekly":
        return get_period(kind, period.first - timedelta(weeks=52))
    return get_period(kind, period.first.replace(year=period.first.year - 1))


def get_change(current: float | None, before: float | None) -> float | None:
    """Return the change in per cent of ``before``; None when there is none to tell.

    :param before: None for no figure; of nothing there is no rate either
    """
    if current is None or not before:
        return None
    return (current - before) / before * 100


def format_change(current: float | None, before: float | None) -> str:
    """Return the change as text, as ``+12.5 %``; a dash when there is none to tell."""
    change = get_change(current, before)
    return MISSING if change is None else f"{change:+.1f} %"


def format_figure(value: float | None, digits: int = 0) -> str:
    """Return a figure as text; a dash when it is missing."""
    return MISSING if value is None else f"{value:,.{digits}f}"
