"""The promise clock: what a ticket's events say about one promise.

A policy promises a target milestone within a duration of a start milestone. Its clock
is a pure function of the ticket's events, the policy and the station's working time:
the same facts give the same answer, in whatever order they are handed in. "Now" is no
fact: a clock that nobody stopped is running; :func:`as_of` says whether it is missed.

Rules
-----
* Events count in the order of (``at``, ``sequence``). All datetimes are naive UTC; days
  are those of the working time's zone.
* **Start**: the first start milestone of the cycle. Before it there is no clock.
* **Deadline**: ``minute`` and ``day`` (24 h) on the wall clock, ``working_minute`` and
  ``working_day`` in working time. N working days end with the last interval of the N-th
  full working day after the day of the start [C]. What comes outside of office hours
  counts for its own day, or for the next working day if the policy says so.
* **Pauses** move the deadline by what they took of the policy's own clock: minutes, or
  working minutes. Pauses of different causes may overlap, two of one cause count once,
  a resumption without a cause ends them all. A pause before the start counts from the
  start. One that begins after the deadline heals nothing.
* **Reached** at or before the deadline is met, after it missed. A clock that was
  reached doesn't change any more. Another milestone may keep a promise as well: an
  answer is a contact, too.
* **Void**: what comes within the deadline and makes the promise needless cancels it, as
  power that is back before a crew was on site.
* **Reopening** ends all pauses. A clock that has ended starts again in a new cycle; the
  old one keeps its result, and one that was missed and never reached ends with it: now
  the new one is to be kept. One still running within its deadline goes on, with the
  same deadline: what was promised has not been done yet.
* **Merged, cancelled, service ended**: a running clock is cancelled and counts neither
  way; one that was met or missed by then stays so.
* **Extension** (approved) adds units before the deadline only. **Exemption** (approved)
  takes a running or missed clock out of the count; it still shows what happened.
* **Entered late**: what happened while the clock ran but was entered after its deadline
  (or after the target was reached) counts with proof. Without proof it counts from the
  moment of its entry, so it can't turn a missed clock into a met one.

A deadline that moves earlier or later by new holidays, or by a policy's change, is for
running clocks only: :func:`keep_settled` holds on to what was met or missed.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter

from odoo.addons.power_service_base.core.working_time import WorkingTime

from .sla_facts import (
    DAY,
    KINDS,
    WORKING_DAY,
    WORKING_MINUTE,
    WORKING_UNITS,
    ClockState,
    Event,
    Policy,
)

_MINUTE = timedelta(minutes=1)
_DAY_MINUTES = 24 * 60
_MOMENT = 0.0001  # minutes

_get_order = attrgetter("at", "sequence")


def evaluate(
    policy: Policy, events: Iterable[Event], worktime: WorkingTime | None = None
) -> tuple[ClockState, ...]:
    """Return the policy's clocks on a ticket, one per cycle, oldest first.

    :param events: all events of the ticket, in any order; naive UTC
    :param worktime: the station's; may be None for minutes and days of the wall clock
    :return: empty while the start milestone has not come
    :raise ValueError: an event of unknown kind, an extension by nothing, no working
        time for working units
    :raise WorkingTimeError: a deadline outside of the years counted in

    Source: when promises start and how working days count is published [C]; how pauses,
    late entry and cycles count is set here [S].
    """
    if worktime is None and policy.unit in WORKING_UNITS:
        raise ValueError("working units need a working time")
    return _Walk(policy, worktime).go(sorted(events, key=_get_order))


def as_of(state: ClockState, now: datetime) -> ClockState:
    """Return the clock as it stands at ``now`` (naive UTC): missed when it still ran
    and its deadline has passed. The second of the deadline itself still counts."""
    if state.state == "running" and now > state.deadline:
        return state._replace(state="missed", missed_at=state.deadline)
    return state


def keep_settled(before: ClockState | None, after: ClockState) -> ClockState:
    """Return the clock to store when it was ``before`` and is now counted ``after``.

    A clock that was met, missed or exempted changes only by an exemption or by
    something entered late with proof, whatever became of holidays and policy since. A
    late answer is added to a missed clock, which stays missed.

    :param before: as stored, None when there was none; give it through :func:`as_of`,
        so that a deadline that has passed stays passed
    :param after: of the same policy and cycle, counted from all events
    """
    if before is None or before.state not in ("met", "missed", "exempted"):
        return after
    if after.is_late_proved and not before.is_late_proved:
        return after
    if before.state == "missed" and after.state == "exempted":
        return before._replace(
            state="exempted",
            exempted_at=after.exempted_at,
            reached_at=after.reached_at,
            ended_at=after.ended_at,
            used_minutes=after.used_minutes,
        )
    if (before.state, after.state) == ("missed", "missed") and not before.ended_at:
        if after.ended_at and not after.reached_at:
            return before._replace(
                ended_at=after.ended_at, used_minutes=after.used_minutes
            )
    if before.state != "met" and before.reached_at is None and after.reached_at:
        return before._replace(
            reached_at=after.reached_at,
            ended_at=before.ended_at or after.ended_at,
            used_minutes=after.used_minutes,
            is_late_entry=after.is_late_entry or after.reached_at <= before.deadline,
        )
    return before


def withdraw(state: ClockState, at: datetime) -> ClockState:
    """Return the clock of a policy that no longer matches since ``at`` (naive UTC).

    Running and paused ones are cancelled, which counts neither way; others stay. One
    whose deadline had passed by then is missed.
    """
    state = as_of(state, at)
    if state.state not in ("running", "paused"):
        return state
    return state._replace(state="cancelled", ended_at=at, warn_at=None)


def get_used_minutes(
    state: ClockState, worktime: WorkingTime | None, now: datetime
) -> float:
    """Return the minutes used until ``now`` (naive UTC) or until the clock ended.

    Minutes of the policy's own clock (working minutes for working units), without
    pauses; divide by ``allowance_minutes`` for the part used.
    """
    if state.ended_at is not None or state.paused_from is not None:
        return state.used_minutes
    if now <= state.started_at:
        return 0.0
    spent = _measure(state.unit, worktime, state.started_at, now)
    return max(spent - state.paused_minutes, 0.0)


def get_moment_at(
    state: ClockState, percent: float, worktime: WorkingTime | None
) -> datetime:
    """Return when ``percent`` of the allowance are used, as far as known: naive UTC.

    100 gives the deadline; more than 100 goes on in the policy's own clock.
    """
    if percent == 100:
        return state.deadline
    minutes = state.allowance_minutes * percent / 100 + state.paused_minutes
    if state.unit in WORKING_UNITS:
        moment = worktime.add_working_minutes(state.started_at, minutes)
    else:
        moment = state.started_at + timedelta(minutes=minutes)
    if percent < 100:
        return min(moment, state.deadline)
    return max(moment, state.deadline)


def _measure(unit, worktime, start, end) -> float:
    """Return the minutes from start to end in the clock of a unit."""
    if unit in WORKING_UNITS:
        return worktime.working_minutes_between(start, end)
    return (end - start) / _MINUTE


class _Run:
    """A clock while the events are gone through."""

    __slots__ = (
        "cycle",
        "start",
        "lost",
        "extended",
        "paused_from",
        "deadline",
        "is_missed",
        "reached",
        "cancelled",
        "exempted",
        "replaced",
        "is_late",
        "is_proved",
    )

    def __init__(self, cycle, start):
        self.cycle = cycle
        self.start = start
        self.lost = 0.0
        self.extended = 0
        self.paused_from = self.deadline = None
        self.is_missed = False
        self.reached = self.cancelled = self.exempted = self.replaced = None
        self.is_late = self.is_proved = False

    @property
    def is_open(self):
        """Whether neither the target nor anything else has stopped it."""
        return self.reached is self.cancelled is self.exempted is None


class _Walk:
    """One policy going through the events of one ticket, in their order."""

    __slots__ = (
        "policy",
        "targets",
        "worktime",
        "events",
        "runs",
        "run",
        "cycle",
        "causes",
        "is_over",
        "waiting",
        "waiting_pauses",
    )

    def __init__(self, policy, worktime):
        self.policy = policy
        self.targets = policy.targets
        self.worktime = worktime
        self.runs = []
        self.run = None  # the clock of the present cycle
        self.cycle = 1
        self.causes = set()  # of the pauses that are open
        self.is_over = False
        # Entered late without proof: (recorded_at, sequence, role, event, run).
        self.waiting = []
        self.waiting_pauses = {}  # cause: event

    def go(self, events):
        self.events = events
        for event in events:
            if self.waiting:
                self._take_waiting(event.at, event.sequence)
            kind = event.kind
            if kind == "reopened":
                self._reopen(event)
            if event.milestone is not None:
                self._pass_milestone(event)
            action = _ACTIONS.get(kind)
            if action is not None:
                action(self, event)
            elif kind not in KINDS:
                raise ValueError(f"unknown kind of event: {kind}")
        while self.waiting:
            self._take_first_waiting()
        return tuple(map(self._get_state, self.runs))

    # -- what an event does ---------------------------------------------------------

    def _pass_milestone(self, event):
        run = self.run
        if run is None:
            if event.milestone == self.policy.start_milestone and not self.is_over:
                self._start(event.at)
        elif event.milestone in self.targets:
            self._reach(run, event, event.at)
        elif event.milestone in self.policy.void_once:
            self._cancel(run, event, event.at, "void")

    def _start(self, at):
        self.run = _Run(self.cycle, at)
        self.runs.append(self.run)
        if self.causes:
            self.run.paused_from = at

    def _reach(self, run, event, at):
        if run.reached is not None or run.cancelled is not None:
            return
        if run.exempted is None and not self._is_missed(run, at):
            if self._is_held_back(run, event, at, "reach"):
                return
            self._end_pause(run, at)
        run.reached = at

    def _pause(self, event, at=None):
        run, at = self.run, at or event.at
        if run is not None and run.is_open:
            if self._is_missed(run, at):
                return
            if self._is_held_back(run, event, at, "pause"):
                self.waiting_pauses[event.cause] = event
                return
            if run.paused_from is None:
                run.paused_from = at
        elif run is None and self._is_held_back(run, event, at, "pause"):
            self.waiting_pauses[event.cause] = event
            return
        self.causes.add(event.cause)

    def _resume(self, event):
        if event.cause:
            self.causes.discard(event.cause)
            self.waiting_pauses.pop(event.cause, None)
        else:
            self.causes.clear()
            self.waiting_pauses.clear()
        if self.run is not None and not self.causes:
            self._end_pause(self.run, event.at)

    def _extend(self, event, at=None):
        if not event.units > 0:
            raise ValueError("an extension must add more than nothing")
        run, at = self.run, at or event.at
        if run is None or not run.is_open or not self._is_meant(event):
            return
        if self._is_missed(run, at) or self._is_held_back(run, event, at, "extend"):
            return
        run.extended += event.units
        run.deadline = None

    def _end(self, event, at=None):
        run, at = self.run, at or event.at
        if run is None:
            if not self._is_held_back(run, event, at, "end"):
                self.is_over = True
        elif self._cancel(run, event, at, "end"):
            self.is_over = True

    def _cancel(self, run, event, at, role):
        """Take a run that may still be kept out of the count; what is over stays.

        :return: False when the event counts only from its entry on
        """
        if run.is_open and not self._is_missed(run, at):
            if self._is_held_back(run, event, at, role):
                return False
            self._end_pause(run, at)
            run.cancelled = at
        return True

    def _exempt(self, event):
        run = self.run
        if event.cycle:
            run = next((run for run in self.runs if run.cycle == event.cycle), None)
        if run is None or not self._is_meant(event):
            return
        if run.cancelled is not None or run.exempted is not None:
            return
        if run.reached is None:
            self._is_missed(run, event.at)
            self._end_pause(run, event.at)
        elif not run.is_missed:
            return  # met
        run.exempted = event.at

    def _reopen(self, event):
        self.cycle += 1
        self.is_over = False
        self.causes.clear()
        self.waiting_pauses.clear()
        self.waiting = [item for item in self.waiting if item[2] == "reach"]
        run, restart = self.run, self.policy.restart
        if run is not None:
            self._end_pause(run, event.at)
            if restart == "never":
                return
            if run.is_open and not self._is_missed(run, event.at):
                return
            run.replaced = event.at
            self.run = None
        if restart == "reopened":
            self._start(event.at)

    def _is_meant(self, event):
        return event.policy_key is None or event.policy_key == self.policy.key

    # -- entered late ---------------------------------------------------------------

    def _is_held_back(self, run, event, at, role):
        """Whether an event of an unmissed clock counts only from its entry on.

        It does when it was entered after the deadline, or after the target was entered,
        and has no proof; before the start, whenever it was entered afterwards.
        """
        recorded_at = event.recorded_at
        if recorded_at <= at:
            return False
        if run is not None and not self._is_entered_late(run, event, at):
            return False
        if event.has_proof:
            if run is not None:
                run.is_late = run.is_proved = True
            return False
        insort(
            self.waiting,
            (recorded_at, event.sequence, role, event, run),
            key=lambda item: item[:2],
        )
        return True

    def _is_entered_late(self, run, event, at):
        """Whether the clock had ended when the event was entered."""
        if run.paused_from is None:
            deadline = self._get_deadline(run)
        else:
            lost = run.lost + self._measure(run.paused_from, at)
            deadline = self._count(run.start, run.extended, lost)
        return event.recorded_at > deadline or self._was_reached_before(event)

    def _was_reached_before(self, event):
        """Whether the target was known already when the event was entered."""
        entered = event.recorded_at
        return any(
            other.milestone in self.targets
            and other.recorded_at < entered
            and other.at >= event.at
            for other in self.events
        ) or any(item[2] == "reach" and item[0] < entered for item in self.waiting)

    def _take_waiting(self, at, sequence):
        while self.waiting and self.waiting[0][:2] < (at, sequence):
            self._take_first_waiting()

    def _take_first_waiting(self):
        recorded_at, _sequence, role, event, run = self.waiting.pop(0)
        if run is not None and run.is_open and self._is_missed(run, recorded_at):
            run.is_late = True
        if role == "reach":
            self._reach(run, event, recorded_at)
        elif role == "extend":
            self._extend(event, recorded_at)
        elif role == "end":
            self._end(event, recorded_at)
        elif role == "void":
            self._cancel(run, event, recorded_at, role)
        elif self.waiting_pauses.get(event.cause) is event:
            del self.waiting_pauses[event.cause]
            self._pause(event, recorded_at)

    # -- counting -------------------------------------------------------------------

    def _measure(self, start, end):
        return _measure(self.policy.unit, self.worktime, start, end)

    def _count(self, start, extended, lost):
        """Return the deadline."""
        unit, units = self.policy.unit, self.policy.duration + extended
        if unit == WORKING_DAY:
            if self.policy.is_next_day_after_hours:
                # The day of the first moment of work from the start on.
                start = self.worktime.add_working_minutes(start, _MOMENT)
            deadline = self.worktime.add_working_days(start, int(units))
            if lost:
                deadline = self.worktime.add_working_minutes(deadline, lost)
            return deadline
        if unit == WORKING_MINUTE:
            return self.worktime.add_working_minutes(start, units + lost)
        if unit == DAY:
            units *= _DAY_MINUTES
        return start + timedelta(minutes=units + lost)

    def _get_deadline(self, run):
        if run.deadline is None:
            run.deadline = self._count(run.start, run.extended, run.lost)
        return run.deadline

    def _is_missed(self, run, at):
        """Whether the clock's deadline has passed unreached at a moment."""
        if not run.is_missed and run.paused_from is None:
            run.is_missed = at > self._get_deadline(run)
        return run.is_missed

    def _end_pause(self, run, at):
        if run.paused_from is not None:
            if at > run.paused_from:
                run.lost += self._measure(run.paused_from, at)
                run.deadline = None
            run.paused_from = None

    def _get_state(self, run):
        start, deadline = run.start, self._get_deadline(run)
        allowance = self._get_allowance(run)
        ended, stopped = None, run.paused_from
        warn_at, used = None, 0.0
        if run.is_open and run.replaced is None:
            warn_at = self._get_warning(run, deadline, allowance)
        else:
            moments = (run.reached, run.cancelled, run.exempted, run.replaced)
            ended = stopped = min(moment for moment in moments if moment is not None)
        if stopped is not None:
            used = max(self._measure(start, stopped) - run.lost, 0.0)
        return ClockState(
            run.cycle,
            _get_state_name(run),
            self.policy.unit,
            start,
            deadline,
            self.policy.unit in WORKING_UNITS
            and self.worktime.is_provisional(start, deadline),
            warn_at,
            run.reached,
            deadline if run.is_missed else None,
            ended,
            run.paused_from,
            used,
            run.lost,
            allowance,
            run.extended,
            run.exempted,
            run.is_late,
            run.is_proved,
        )

    def _get_warning(self, run, deadline, allowance):
        """Return when that part of the allowance is used that the policy warns at."""
        if not self.policy.warn_at_percent:
            return None
        minutes = allowance * self.policy.warn_at_percent / 100 + run.lost
        if self.policy.unit in WORKING_UNITS:
            moment = self.worktime.add_working_minutes(run.start, minutes)
        else:
            moment = run.start + timedelta(minutes=minutes)
        return min(moment, deadline)

    def _get_allowance(self, run):
        """Return the minutes allowed, in the policy's own clock."""
        unit, units = self.policy.unit, self.policy.duration + run.extended
        if unit == WORKING_DAY:
            end = self._get_deadline(run)
            return self.worktime.working_minutes_between(run.start, end) - run.lost
        return units * _DAY_MINUTES if unit == DAY else units


def _get_state_name(run):
    if run.cancelled is not None:
        return "cancelled"
    if run.exempted is not None:
        return "exempted"
    if run.is_missed:
        return "missed"
    if run.reached is not None:
        return "met"
    return "running" if run.paused_from is None else "paused"


_ACTIONS = {
    "paused": _Walk._pause,
    "resumed": _Walk._resume,
    "extended": _Walk._extend,
    "exempted": _Walk._exempt,
    "merged": _Walk._end,
    "cancelled": _Walk._end,
    "service_ended": _Walk._end,
}
