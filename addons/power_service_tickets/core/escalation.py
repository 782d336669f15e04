"""The ladder of a promise clock: who is told when, each once, in order.

The steps of a clock are its warning, its breach and the steps of its policy's ladder.
What was done is remembered by the caller as a set of keys (``Due.key``), and handed in
again: a step whose key is there never comes back.

Rules
-----
* A step before the deadline warns; when the deadline has passed, or the clock has
  ended, it is dropped: yesterday's warning doesn't follow today's breach.
* The breach and later steps come due from the first second after the deadline, and are
  caught up with in the order in which they came due.
* A paused clock does nothing. One that was met, exempted or cancelled, or reached
  late, does nothing more.
* An extension brings the warnings again, for the new deadline. So does a new deadline
  the breach and what follows it: a missed clock runs again when something entered late
  is proved, and may be missed once more.

All datetimes are naive UTC. Source: pitfalls of the systems in use, nothing happens at
the deadline; ladders are editable data [S].
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo.addons.power_service_base.core.working_time import WorkingTime

from .sla_clock import get_moment_at
from .sla_facts import ClockState

#: Keys of the steps that every clock has.
WARN, BREACH = "warn", "breach"
#: What a step's amount is in: percent of the allowance used, or minutes after the
#: deadline (negative: before it) on the wall clock or in working time.
BASES = ("percent", "minute", "working_minute")

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a policy's ladder.

    :param key: unique in the ladder, neither ``warn`` nor ``breach``
    :param basis: one of BASES
    :param amount: 80 percent comes before the deadline, 100 at it, 150 after it; so do
        -30, 0 and 30 minutes
    :param whom: who is told; not empty, and meaningless here
    :param how: by which channel, meaningless here
    :raise ValueError: told to nobody, unknown basis, negative percent, a reserved key
    """

    key: str
    basis: str
    amount: float
    whom: object
    how: object = None

    def __post_init__(self):
        if not self.key or self.key in (WARN, BREACH):
            raise ValueError(f"not a key for a step: {self.key!r}")
        if self.basis not in BASES:
            raise ValueError(f"unknown basis: {self.basis}")
        if self.basis == "percent" and self.amount < 0:
            raise ValueError("a step can't come before the clock starts")
        if not self.whom:
            raise ValueError("a step must tell somebody")

    @property
    def is_warning(self) -> bool:
        """Whether it comes before the deadline."""
        return self.amount < (100 if self.basis == "percent" else 0)


class Due(NamedTuple):
    """A step that has come due, or was dropped.

    :param key: to remember that it was dealt with: the name, and which deadline it was
        for when there may be several; at most 40 characters longer than the name
    :param at: when it came due
    :param step: None for the clock's own warning and breach
    :param name: the step's key, ``warn`` or ``breach``
    :param reason: why it was dropped: ``breached`` or ``ended``; empty when due
    """

    key: str
    at: datetime
    step: Step | None
    name: str
    reason: str = ""


class DueSteps(NamedTuple):
    """What to do now, in this order, and what to drop; remember the keys of both."""

    due: tuple[Due, ...]
    skipped: tuple[Due, ...]


def get_step_at(
    state: ClockState, step: Step, worktime: WorkingTime | None = None
) -> datetime:
    """Return when a step comes due as the deadline stands now: naive UTC.

    Never before the clock's start; steps that don't warn never before the first second
    after the deadline.

    :param worktime: needed for working units and working minutes
    :raise ValueError: needed and missing
    """
    if worktime is None and (
        step.basis == "working_minute"
        or (step.basis == "percent" and state.unit.startswith("working"))
    ):
        raise ValueError("working minutes need a working time")
    if step.basis == "percent":
        moment = get_moment_at(state, step.amount, worktime)
    elif step.basis == "minute":
        moment = state.deadline + timedelta(minutes=step.amount)
    elif step.amount >= 0:
        moment = worktime.add_working_minutes(state.deadline, step.amount)
    else:
        whole = worktime.working_minutes_between(state.started_at, state.deadline)
        left = max(whole + step.amount, 0)
        moment = worktime.add_working_minutes(state.started_at, left)
    if step.is_warning:
        return max(moment, state.started_at)
    return max(moment, state.deadline + _SECOND)


def get_due_steps(
    state: ClockState,
    steps: Iterable[Step],
    done: Collection[str],
    now: datetime,
    worktime: WorkingTime | None = None,
) -> DueSteps:
    """Return what a clock asks for at ``now`` that was not done yet.

    :param state: stored, or as evaluated; it need not know yet that it is missed
    :param steps: the policy's ladder, in any order
    :param done: keys of the steps done or dropped before
    :param now: naive UTC
    :param worktime: needed for working units and working minutes
    """
    due, skipped = [], []
    has_ended = _has_ended(state)
    if has_ended or state.state != "paused":
        is_breached = state.state == "missed" or now > state.deadline
        for item, is_warning in _iter_open(state, steps, done, worktime):
            if has_ended:
                # What was still to come needs no mention.
                if item.at <= min(now, state.ended_at):
                    skipped.append(item._replace(reason="ended"))
            elif is_warning and is_breached:
                skipped.append(item._replace(reason="breached"))
            elif item.at <= now:
                due.append(item)
    return DueSteps(tuple(sorted(due, key=_order)), tuple(sorted(skipped, key=_order)))


def get_next_event_at(
    state: ClockState,
    steps: Iterable[Step],
    done: Collection[str],
    worktime: WorkingTime | None = None,
) -> datetime | None:
    """Return the next moment at which the clock asks for something: naive UTC.

    It may have passed: then it is due. None for a clock that has ended, is paused, or
    has nothing left to do.

    :param done: keys of the steps done or dropped before
    :param worktime: needed for working units and working minutes
    """
    if _has_ended(state) or state.state == "paused":
        return None
    is_breached = state.state == "missed"
    return min(
        (
            item.at
            for item, is_warning in _iter_open(state, steps, done, worktime)
            if not (is_warning and is_breached)
        ),
        default=None,
    )


def is_current(key: str, name: str, state: ClockState) -> bool:
    """Return whether a step that was done still holds: for the deadline as it is now.

    :param key: what it is remembered by, :attr:`Due.key`
    :param name: the step's key, ``warn`` or ``breach``
    """
    return key in (_get_key(state, name, True), _get_key(state, name, False))


def _has_ended(state):
    return state.ended_at is not None


def _iter_open(state, steps, done, worktime) -> Iterator[tuple[Due, bool]]:
    """Yield (step, whether it warns) for all that was not dealt with yet."""
    key = _get_key(state, WARN, True)
    if state.warn_at is not None and key not in done:
        yield Due(key, state.warn_at, None, WARN), True
    key = _get_key(state, BREACH, False)
    if key not in done:
        yield Due(key, state.deadline + _SECOND, None, BREACH), False
    for step in steps:
        key = _get_key(state, step.key, step.is_warning)
        if key not in done:
            moment = get_step_at(state, step, worktime)
            yield Due(key, moment, step, step.key), step.is_warning


def _get_key(state, name, is_warning):
    """Return what to remember a step by."""
    if not is_warning:
        return f"{name}@{state.deadline:%Y-%m-%dT%H:%M:%S}"
    return f"{name}+{state.extended_units:g}" if state.extended_units else name


def _order(item):
    """By time; the clock's own warning and breach before the ladder's steps."""
    return item.at, item.step is not None, item.key
