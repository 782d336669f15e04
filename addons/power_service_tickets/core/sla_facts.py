"""What a promise clock is counted from, and what comes out: policy, events, state.

All datetimes are naive UTC. The rules are those of ``sla_clock.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

MINUTE, DAY = "minute", "day"
WORKING_MINUTE, WORKING_DAY = "working_minute", "working_day"
UNITS = (MINUTE, DAY, WORKING_MINUTE, WORKING_DAY)
WORKING_UNITS = frozenset((WORKING_MINUTE, WORKING_DAY))

#: When a clock that ended starts again: at the reopening itself, at the next start
#: milestone after it, or never.
RESTARTS = ("reopened", "milestone", "never")

KINDS = frozenset(
    (
        "milestone",
        "dispatched",
        "accepted",
        "paused",
        "resumed",
        "returned",
        "chased",
        "transferred",
        "merged",
        "reopened",
        "extended",
        "reclassified",
        "explained",
        "exempted",
        "service_ended",
        "cancelled",
    )
)
#: Kinds after which nothing is promised any more, until the ticket is reopened.
ENDINGS = frozenset(("merged", "service_ended", "cancelled"))
STATES = ("running", "paused", "met", "missed", "exempted", "cancelled")
#: States in which nothing happens by itself any more.
SETTLED_STATES = frozenset(("met", "missed", "exempted", "cancelled"))


@dataclass(frozen=True, slots=True)
class Policy:
    """One promise.

    :param start_milestone: code of the milestone that starts the clock
    :param target_milestone: code of the milestone that stops it
    :param duration: how many units; whole ones for working days
    :param unit: one of UNITS
    :param warn_at_percent: part of the duration used when to warn; 0 for no warning
    :param restart: one of RESTARTS
    :param is_next_day_after_hours: working days count from the next working day when
        the start lies outside of the working hours; else it counts for its own day
    :param key: what an extension or exemption names this policy by
    :param also_reached_by: codes of milestones that keep the promise as well
    :param void_once: codes of milestones after which it is no longer needed
    :raise ValueError: no start, no target, one milestone in two parts, nothing or less
        promised
    """

    start_milestone: str
    target_milestone: str
    duration: float
    unit: str = WORKING_DAY
    warn_at_percent: float = 80
    restart: str = "reopened"
    is_next_day_after_hours: bool = False
    key: object = None
    also_reached_by: frozenset = frozenset()
    void_once: frozenset = frozenset()

    def __post_init__(self):
        if not self.start_milestone:
            raise ValueError("a policy needs a start milestone")
        if not self.target_milestone:
            raise ValueError("a policy needs a target milestone")
        if self.start_milestone == self.target_milestone:
            raise ValueError("a policy's start and target must be two milestones")
        if self.start_milestone in self.targets | self.void_once:
            raise ValueError("a policy can't end with its start milestone")
        if self.targets & self.void_once:
            raise ValueError("a milestone keeps a promise or voids it, not both")
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit: {self.unit}")
        if self.restart not in RESTARTS:
            raise ValueError(f"unknown restart: {self.restart}")
        if not 0 < self.duration < inf:
            raise ValueError("a policy must promise a duration of more than nothing")
        if self.unit == WORKING_DAY and self.duration != int(self.duration):
            raise ValueError("working days are promised as whole days")
        if not 0 <= self.warn_at_percent <= 100:
            raise ValueError("the warning must come between 0 and 100 percent")

    @property
    def targets(self) -> frozenset:
        """Codes of all milestones that keep the promise."""
        return self.also_reached_by | {self.target_milestone}


# Named tuples and not dataclasses: a recompute makes millions of them.


class Event(NamedTuple):
    """One thing that happened to a ticket.

    :param kind: one of KINDS
    :param at: when it happened, naive UTC
    :param recorded_at: when it was entered, naive UTC
    :param sequence: order among those of one moment; unique per ticket (its id)
    :param milestone: code of the milestone it means, whatever its kind
    :param units: of an extension, in the policy's own unit
    :param policy_key: of an extension or exemption: only this policy; None for all
    :param cycle: of an exemption: the clock's cycle; 0 for the present one
    :param cause: of a pause and its resumption; empty in a resumption ends all pauses
    :param has_proof: evidence of ``at`` is attached
    """

    kind: str
    at: datetime
    recorded_at: datetime
    sequence: int = 0
    milestone: str | None = None
    units: float = 0
    policy_key: object = None
    cycle: int = 0
    cause: str = ""
    has_proof: bool = False


class ClockState(NamedTuple):
    """One policy on one ticket in one cycle. Datetimes are naive UTC.

    :param cycle: 1, and one more for each reopening before its start
    :param state: one of STATES
    :param unit: the policy's
    :param started_at: when the start milestone happened
    :param deadline: last moment at which the target counts as met; while paused, what
        it would be if work went on at once: it moves on until then
    :param is_provisional: it was counted through a year whose holidays are not loaded
    :param warn_at: when to warn; None for no warning, or when the clock has ended
    :param reached_at: when the target was reached, late or not
    :param missed_at: the deadline, when it is known to have passed unreached
    :param ended_at: when the clock stopped: reached, cancelled, exempted, or missed and
        replaced by that of the next cycle
    :param paused_from: since when it is paused
    :param used_minutes: in the policy's own clock without pauses, from the start until
        it ended or was paused; 0 while it runs, see :func:`get_used_minutes`
    :param paused_minutes: of finished pauses, in the policy's own clock
    :param allowance_minutes: what the policy allows with its extensions, in its own
        clock: used divided by allowed is the part used
    :param extended_units: sum of the extensions that counted
    :param exempted_at: when it was taken out of the count
    :param is_late_entry: something entered late was decided on, for or against
    :param is_late_proved: it counted, because it had proof
    """

    cycle: int
    state: str
    unit: str
    started_at: datetime
    deadline: datetime
    is_provisional: bool
    warn_at: datetime | None
    reached_at: datetime | None
    missed_at: datetime | None
    ended_at: datetime | None
    paused_from: datetime | None
    used_minutes: float
    paused_minutes: float
    allowance_minutes: float
    extended_units: float
    exempted_at: datetime | None
    is_late_entry: bool
    is_late_proved: bool


def validate_event(
    event: Event, received_at: datetime, clock_skew: timedelta = timedelta()
) -> str | None:
    """Return why an event can't be entered, None when it can.

    :param event: as it is about to be entered; naive UTC
    :param received_at: when the ticket was received, naive UTC
    :param clock_skew: how much a phone's clock may be ahead or behind
    :return: ``unknown_kind``, ``no_milestone`` (a milestone without code),
        ``no_units`` (an extension by nothing or less), ``future`` (after its entry),
        ``before_receipt``, ``backdated`` (a reopening takes place when it is entered),
        or None
    """
    if event.kind not in KINDS:
        return "unknown_kind"
    if event.kind == "milestone" and not event.milestone:
        return "no_milestone"
    if event.kind == "extended" and not event.units > 0:
        return "no_units"
    if event.at > event.recorded_at + clock_skew:
        return "future"
    if event.at < received_at - clock_skew:
        return "before_receipt"
    if event.kind == "reopened" and event.at < event.recorded_at - clock_skew:
        return "backdated"
    return None
