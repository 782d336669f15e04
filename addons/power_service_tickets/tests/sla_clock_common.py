"""What the tables of the promise clock are written in: a calendar and short words."""

from datetime import date, datetime, timedelta

from odoo.addons.power_service_base.core.working_time import (
    CalendarSpec,
    DayException,
    WorkingTime,
)
from odoo.addons.power_service_tickets.core.sla_clock import evaluate
from odoo.addons.power_service_tickets.core.sla_facts import Event, Policy

OFFICE = ((510, 720), (840, 1050))  # 8:30-12:00, 14:00-17:30
OFF = [(date(2026, 2, 15), 9), (date(2026, 6, 19), 3), (date(2026, 10, 1), 7)]
WORK = [date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)]
WORKTIME = WorkingTime(
    CalendarSpec(
        weeks=((OFFICE,) * 5 + ((), ()),),
        exceptions=tuple(
            DayException(first + timedelta(days=index), False)
            for first, count in OFF
            for index in range(count)
        )
        + tuple(DayException(day, True) for day in WORK),
        loaded_years=frozenset({2026}),
    )
)
MONDAY = "2026-06-15"


def china(text):
    """Naive UTC of a time on Chinese clocks; a time alone is on a Monday in June."""
    if len(text) == 5:
        text = f"{MONDAY} {text}"
    return datetime.fromisoformat(text) - timedelta(hours=8)


def event(kind, at, recorded_at=None, **values):
    """An event at a time on Chinese clocks, entered at once unless said otherwise."""
    moment = china(at)
    recorded_at = china(recorded_at) if recorded_at else moment
    return Event(kind, moment, recorded_at, **values)


def passed(milestone, at, recorded_at=None, **values):
    return event("milestone", at, recorded_at, milestone=milestone, **values)


def repair(duration=60, unit="minute", **values):
    """Received to arrived, one hour on the wall clock."""
    return Policy("received", "arrived", duration, unit, **values)


def clocks(policy, *events):
    return evaluate(policy, events, WORKTIME)


def clock(policy, *events):
    (state,) = clocks(policy, *events)
    return state


RECEIVED = passed("received", "09:00")
