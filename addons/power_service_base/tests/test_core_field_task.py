from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.power_service_base.core.field_task import (
    REMARKS,
    STATES,
    STEPS,
    Event,
    Limits,
    Projection,
    check_order,
    check_time,
    get_distance,
    project,
)

DAY = datetime(2026, 3, 2, 8)


def at(minutes):
    return DAY + timedelta(minutes=minutes)


def events(*pairs):
    """Events from (kind, minute), numbered in the order in which they were entered."""
    return [Event(kind, at(minute), n) for n, (kind, minute) in enumerate(pairs, 1)]


@pytest.mark.parametrize(
    ("pairs", "state", "times"),
    [
        ((), "planned", {}),
        ((("started", 0),), "started", {"started": 0}),
        ((("done", 5),), "done", {"done": 5}),
        (
            (("started", 0), ("arrived", 20), ("done", 50)),
            "done",
            {"started": 0, "arrived": 20, "done": 50},
        ),
        # Entered in the wrong order: what counts is when it happened.
        (
            (("done", 50), ("arrived", 20), ("started", 0)),
            "done",
            {"started": 0, "arrived": 20, "done": 50},
        ),
        # The first arrival is the arrival; a step back changes nothing.
        (
            (("arrived", 20), ("arrived", 30), ("started", 40)),
            "arrived",
            {"arrived": 20},
        ),
        # The office calls it off at 60; the crew, without network, was done at 50.
        ((("cancelled", 60), ("done", 50)), "done", {"done": 50}),
        ((("done", 50), ("cancelled", 60)), "done", {"done": 50}),
        ((("cancelled", 40), ("done", 50)), "cancelled", {"cancelled": 40}),
        # Reopening forgets the times of the cycle before, not its events.
        (
            (("started", 0), ("done", 50), ("reopened", 90)),
            "planned",
            {},
        ),
        (
            (("done", 50), ("reopened", 90), ("started", 100), ("started", 10)),
            "started",
            {"started": 100},
        ),
        ((("reopened", 10),), "planned", {}),
        ((("photo", 1), ("note", 2), ("reassigned", 3)), "planned", {}),
        # Same second: the order of entry decides.
        (
            (("started", 0), ("arrived", 0), ("done", 0)),
            "done",
            {"started": 0, "arrived": 0, "done": 0},
        ),
    ],
)
def test_projection(pairs, state, times):
    result = project(events(*pairs))
    assert result.state == state
    for step in (*STEPS, "cancelled"):
        event = getattr(result, step)
        assert (event and event.at) == (at(times[step]) if step in times else None)


@pytest.mark.parametrize(
    ("pairs", "new", "problem"),
    [
        ((), ("started", 0), None),
        ((), ("done", 0), None),
        ((), ("reopened", 0), "open"),
        ((("started", 0),), ("started", 5), "known"),
        ((("started", 5),), ("started", 0), None),
        ((("arrived", 5),), ("started", 6), "known"),
        ((("arrived", 5),), ("started", 4), None),
        ((("done", 5),), ("arrived", 6), "done"),
        ((("done", 5),), ("arrived", 4), None),
        ((("done", 5),), ("done", 6), "known"),
        ((("done", 5),), ("cancelled", 6), "done"),
        ((("done", 5),), ("photo", 6), None),
        ((("done", 5),), ("reopened", 6), None),
        ((("cancelled", 5),), ("done", 6), "cancelled"),
        ((("cancelled", 5),), ("done", 4), None),
        ((("cancelled", 5),), ("cancelled", 6), "known"),
        ((("cancelled", 5),), ("note", 6), None),
        ((("done", 5), ("reopened", 6)), ("done", 7), None),
    ],
)
def test_order(pairs, new, problem):
    history = events(*pairs)
    assert check_order(history, Event(new[0], at(new[1]), 99)) == problem


@pytest.mark.parametrize(
    ("minute", "recorded", "offline", "hours", "problem"),
    [
        (0, 0, False, 72, None),
        (10, 10, False, 72, None),
        (10, 60, False, 72, None),
        (11, 10, False, 72, "future"),
        (15, 10, True, 72, None),
        (16, 10, True, 72, "future"),
        (-1, 10, False, 72, "before_task"),
        (-5, 10, True, 72, None),
        (-6, 10, True, 72, "before_task"),
        (0, 72 * 60, True, 72, None),
        (0, 72 * 60 + 1, True, 72, "too_late"),
        (0, 72 * 60 + 1, False, 72, "too_late"),
        (0, 720 * 60, True, None, None),
    ],
)
def test_time(minute, recorded, offline, hours, problem):
    limits = Limits(late_entry=None if hours is None else timedelta(hours=hours))
    assert check_time(at(minute), at(recorded), at(0), limits, offline) == problem


def test_unknown_kind_is_an_error():
    with pytest.raises(ValueError):
        project([Event("slept", DAY)])


def test_distance():
    assert get_distance(30.0, 120.0, 30.0, 120.0) == 0
    # One degree of latitude is 111.2 km, one of longitude at 60° half of that.
    assert get_distance(30, 120, 31, 120) == pytest.approx(111_195, rel=1e-3)
    assert get_distance(60, 10, 60, 11) == pytest.approx(55_597, rel=1e-3)
    assert get_distance(0, 179.5, 0, -179.5) == pytest.approx(111_195, rel=1e-3)


KINDS = st.sampled_from((*STEPS, "cancelled", "reopened", *sorted(REMARKS)))
PAIRS = st.lists(st.tuples(KINDS, st.integers(0, 30)), max_size=12)


@given(PAIRS, st.randoms())
def test_order_of_entry_does_not_matter(pairs, random):
    history = events(*pairs)
    shuffled = random.sample(history, len(history))
    assert project(shuffled) == project(history)


@given(PAIRS)
def test_repeating_an_event_changes_nothing(pairs):
    history = events(*pairs)
    assert project(history + history) == project(history)


@given(PAIRS)
def test_times_follow_the_order_of_the_steps(pairs):
    result = project(events(*pairs))
    taken = [getattr(result, step) for step in STEPS]
    moments = [event.at for event in taken if event]
    assert moments == sorted(moments)
    assert result.state in STATES
    last = [step for step in STEPS if getattr(result, step)]
    if result.state == "cancelled":
        assert result.cancelled and not result.done
    else:
        assert result.state == (last[-1] if last else "planned")


@given(PAIRS)
def test_only_accepted_events_decide(pairs):
    """Entered one after the other, refused ones left out: the same state."""
    accepted = []
    for event in sorted(events(*pairs), key=lambda e: (e.at, e.sequence)):
        before = project(accepted)
        if check_order(accepted, event) is None:
            accepted.append(event)
        else:
            assert project([*accepted, event]) == before
    assert project(accepted) == project(events(*pairs))


@given(PAIRS)
def test_remarks_change_nothing(pairs):
    history = events(*pairs)
    facts = [event for event in history if event.kind not in REMARKS]
    assert project(history) == project(facts)
    assert project([]) == Projection()
