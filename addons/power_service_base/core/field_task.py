"""Field work as a pure function of its events.

A task's state and times are nothing but a projection of what happened, in the order in
which it **happened**; when it was entered doesn't matter. A crew without network may
send its taps hours later, after those of somebody else: the answer is the same.

All datetimes are naive UTC. Positions are degrees (WGS 84), distances metres.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt

STATES = ("planned", "started", "arrived", "done", "cancelled")
#: Steps of the work, in their order; each may be taken without the ones before it.
STEPS = ("started", "arrived", "done")
OPEN_STATES = frozenset(("planned", "started", "arrived"))
#: Kinds of event that change no state and fit at any time.
REMARKS = frozenset(("photo", "note", "reassigned"))
EARTH_RADIUS = 6_371_000


@dataclass(frozen=True)
class Event:
    """One thing that happened; ``sequence`` orders events of the same second."""

    kind: str
    at: datetime
    sequence: int = 0


@dataclass(frozen=True)
class Limits:
    """How far a time given by a phone, or entered late, may lie off.

    ``clock_skew``: how much a phone's clock may differ from the server's.
    ``late_entry``: how old an event may be when it is entered; None for no limit.
    """

    clock_skew: timedelta = timedelta(minutes=5)
    late_entry: timedelta | None = timedelta(hours=72)


@dataclass(frozen=True)
class Projection:
    """What the events say together; the events are those that count now.

    ``started``, ``arrived``, ``done`` and ``cancelled`` are the events of the present
    cycle: reopening starts a new one.
    """

    state: str = "planned"
    started: Event | None = None
    arrived: Event | None = None
    done: Event | None = None
    cancelled: Event | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is still work to do."""
        return self.state in OPEN_STATES


def _apply(now: Projection, event: Event) -> Projection | None:
    """Return the projection after one more event, None when it doesn't fit."""
    kind = event.kind
    if kind in REMARKS:
        return now
    if kind == "reopened":
        return None if now.is_open else Projection()
    if not now.is_open:
        return None
    if kind == "cancelled":
        return replace(now, state="cancelled", cancelled=event)
    if kind not in STEPS:
        raise ValueError(f"unknown kind of event: {kind}")
    if STATES.index(now.state) >= STATES.index(kind):
        return None
    return replace(now, state=kind, **{kind: event})


def project(events: Iterable[Event]) -> Projection:
    """Return what the events say together, whatever order they are given in.

    An event that doesn't fit when it happened (a second arrival, a cancellation after
    the work was done) stays in the history and changes nothing here.
    """
    result = Projection()
    for event in sorted(events, key=lambda event: (event.at, event.sequence)):
        result = _apply(result, event) or result
    return result


def check_time(
    at: datetime,
    recorded_at: datetime,
    created_at: datetime,
    limits: Limits,
    offline: bool = False,
) -> str | None:
    """Return why an event's time is refused, None when it is accepted.

    :param at: when it happened
    :param recorded_at: when it is entered
    :param created_at: when the task was made
    :param offline: the time was taken by a phone, whose clock may be off
    :return: ``future``, ``before_task``, ``too_late`` or None
    """
    skew = limits.clock_skew if offline else timedelta()
    if at > recorded_at + skew:
        return "future"
    if at < created_at - skew:
        return "before_task"
    if limits.late_entry is not None and recorded_at - at > limits.late_entry:
        return "too_late"
    return None


def check_order(events: Iterable[Event], new: Event) -> str | None:
    """Return why a new event doesn't fit where it happened, None when it does.

    :return: ``known`` (this step, or one after it, was already taken then: nothing to
        add), ``done``, ``cancelled`` (the task was closed by then), ``open`` (nothing
        to reopen) or None
    """
    if new.kind in REMARKS:
        return None
    before = project(
        event
        for event in events
        if (event.at, event.sequence) <= (new.at, new.sequence)
    )
    if _apply(before, new) is not None:
        return None
    if before.is_open:
        return "open" if new.kind == "reopened" else "known"
    return "known" if new.kind == before.state else before.state


def get_distance(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return the metres between two positions along the earth's surface."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half = (
        sin((other_phi - phi) / 2) ** 2
        + cos(phi) * cos(other_phi) * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))
