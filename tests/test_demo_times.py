"""When things happen at the demo station, whatever the hour it is loaded at."""

import sys
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from demo_tickets import BY_NIGHT, CALLS, TICKETS, get_call_time
from demo_times import (
    OFFICE,
    REQUESTS,
    get_midnight,
    is_within,
    move_back,
    plan,
    spread,
)

# Each half hour of a day, and the last moment before and the first after midnight.
HOURS = [datetime(2026, 11, 27) + timedelta(minutes=30 * half) for half in range(48)]
HOURS += [datetime(2026, 11, 27, 15, 59, 59), datetime(2026, 11, 27, 16, 0, 1)]


def plans(now):
    for row in TICKETS:
        yield row, *plan(now, row[5], row[6], row[0] in BY_NIGHT)


@pytest.mark.parametrize("now", HOURS)
def test_requests_come_by_day_and_are_answered_in_office_hours(now):
    for row, received, steps in plans(now):
        assert received <= now
        assert now - received < timedelta(hours=row[5] + 17)
        if row[0] not in BY_NIGHT:
            assert is_within(received, REQUESTS), row[3]
            assert all(is_within(at, OFFICE) for _what, at, _note in steps), row[3]


@pytest.mark.parametrize("now", HOURS)
def test_steps_are_in_order_and_none_is_to_come(now):
    for row, received, steps in plans(now):
        times = [received, *(at for _what, at, _note in steps), now]
        assert times == sorted(times), row[3]


@pytest.mark.parametrize("now", HOURS)
def test_something_was_done_today_and_something_is_new(now):
    done = [
        at
        for row, _received, steps in plans(now)
        for what, at, _note in steps
        if row[0] == "fault" and what == "closed"
    ]
    assert max(done) >= get_midnight(now)
    assert any(not steps for _row, _received, steps in plans(now))


@pytest.mark.parametrize("now", HOURS)
def test_a_promise_in_calendar_days_is_at_risk_and_one_is_overdue(now):
    """To the city's hotline an answer is promised within 7 days; the warning comes at
    80 % of them."""
    ages = [
        now - received
        for row, received, steps in plans(now)
        if row[2] == "city" and "answered" not in [what for what, *_rest in steps]
    ]
    assert any(timedelta(days=5.6) <= age < timedelta(days=7) for age in ages)
    assert any(age > timedelta(days=7) for age in ages)


@pytest.mark.parametrize("now", HOURS)
@pytest.mark.parametrize("days", [1, 2, 9, 45])
def test_connections_move_on_in_office_hours(now, days):
    received = move_back(now - timedelta(days=days), OFFICE)
    times = spread(received, now, 12)
    assert [received, *times, now] == sorted([received, *times, now])
    assert all(is_within(at, OFFICE) for at in (received, *times))


@pytest.mark.parametrize("now", HOURS)
def test_somebody_was_called_back_in_the_morning(now):
    called = [
        get_call_time(at)
        for _row, _received, steps in plans(now)
        for what, at, _note in steps
        if what == "answered" and "closed" in [step[0] for step in steps]
    ]
    assert all(is_within(at, CALLS) for at in called)
    assert any(at <= now for at in called)


def test_the_station_is_eight_hours_ahead():
    assert is_within(datetime(2026, 1, 1, 0, 30), (time(8), time(9)))
    assert get_midnight(datetime(2026, 1, 1, 17)) == datetime(2026, 1, 1, 16)
