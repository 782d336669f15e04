"""Calling the customer back after the answer (回访): when, how often, and when not.

All datetimes are naive UTC; windows are those of the local clock in the rules' zone.
Source [S], no public text: within one working day of the answer, not from 12:00 to
14:00 nor from 21:00 to 8:00, three attempts at least two hours apart, then closed with
the reason; not for praise, anonymous or refused. All of it is editable data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo.addons.power_service_base.core.quiet_hours import delay_for_quiet_hours
from odoo.addons.power_service_base.core.working_time import (
    DEFAULT_TZ,
    Deadline,
    WorkingTime,
)


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """When and how often to call.

    :param quiet: (from, to) in hours of the local day, 13.5 is 13:30; not to call from
        the first on, to call again from the second on; over midnight when it ends
        before it begins
    :param max_attempts: after so many in vain it is closed
    :param gap: least time between two attempts
    :param working_days: within so many after the day of the answer
    :param excluded_types: codes of ticket types without call-back
    :param tz: name of the station's time zone
    :raise ValueError: no attempt, no day, a negative gap, or no time left to call
    """

    quiet: tuple[tuple[float, float], ...] = ((12, 14), (21, 8))
    max_attempts: int = 3
    gap: timedelta = timedelta(hours=2)
    working_days: int = 1
    excluded_types: frozenset = frozenset(("praise",))
    tz: str = DEFAULT_TZ

    def __post_init__(self):
        if self.max_attempts < 1 or self.working_days < 1:
            raise ValueError("at least one attempt and one working day are needed")
        if self.gap < timedelta():
            raise ValueError("the time between two attempts can't be negative")
        if any(not 0 <= hour <= 24 for window in self.quiet for hour in window):
            raise ValueError("hours of a day lie between 0 and 24")
        if all(self._is_quiet(minute) for minute in range(24 * 60)):
            raise ValueError("the windows leave no time to call")

    def _is_quiet(self, minute):
        for start, end in self.quiet:
            low, high = round(start * 60) % 1440, round(end * 60) % 1440
            if low < high and low <= minute < high:
                return True
            if low > high and (minute >= low or minute < high):
                return True
        return False


@dataclass(frozen=True, slots=True)
class CallbackFacts:
    """What of a ticket decides whether it is called back.

    :param type_code: of the ticket's type
    :param is_anonymous: nobody knows who asked
    :param has_refused: the customer wants no call
    :param has_phone: there is a number to call
    """

    type_code: str
    is_anonymous: bool = False
    has_refused: bool = False
    has_phone: bool = True


class Attempt(NamedTuple):
    """One call: when (naive UTC), and whether the customer was spoken to."""

    at: datetime
    is_reached: bool


class CallbackPlan(NamedTuple):
    """What to do about a call-back.

    :param state: ``not_wanted``, ``open``, ``reached``, or ``given_up`` (all attempts
        in vain)
    :param reason: why not wanted (:func:`get_exclusion`), ``not_reached`` for given up
    :param next_at: from when on the next attempt is allowed; None unless open
    :param due_at: end of the working day to call by; None when not wanted
    :param is_provisional: ``due_at`` may move when holidays get loaded
    :param attempts_left: how many more
    """

    state: str
    reason: str = ""
    next_at: datetime | None = None
    due_at: datetime | None = None
    is_provisional: bool = False
    attempts_left: int = 0


def get_exclusion(facts: CallbackFacts, rules: CallbackRules) -> str | None:
    """Return why a ticket is not called back, None when it is.

    :return: ``excluded_type``, ``anonymous``, ``refused``, ``no_phone`` or None
    """
    if facts.type_code in rules.excluded_types:
        return "excluded_type"
    if facts.is_anonymous:
        return "anonymous"
    if facts.has_refused:
        return "refused"
    return None if facts.has_phone else "no_phone"


def get_next_allowed(at: datetime, rules: CallbackRules) -> datetime:
    """Return ``at``, or the first moment after it that lies in no quiet window.

    :param at: naive UTC
    :return: naive UTC
    """
    while True:
        moment = at
        for quiet_from, quiet_to in rules.quiet:
            moment = delay_for_quiet_hours(moment, rules.tz, quiet_from, quiet_to)
        if moment == at:
            return at
        at = moment


def get_due(
    answered_at: datetime, rules: CallbackRules, worktime: WorkingTime
) -> Deadline:
    """Return by when to have called: the end of a working day, in naive UTC, and
    whether it is provisional."""
    return worktime.plan_working_days(answered_at, rules.working_days)


def plan(
    answered_at: datetime,
    attempts: Iterable[Attempt],
    facts: CallbackFacts,
    rules: CallbackRules,
    worktime: WorkingTime,
) -> CallbackPlan:
    """Return what to do about the call-back of a ticket answered at ``answered_at``.

    Attempts from before the answer belong to an earlier one and don't count.

    :param answered_at: naive UTC
    :param attempts: in any order
    """
    if reason := get_exclusion(facts, rules):
        return CallbackPlan("not_wanted", reason)
    due = get_due(answered_at, rules, worktime)
    made = _since(answered_at, attempts)
    if any(attempt.is_reached for attempt in made):
        return CallbackPlan("reached", "", None, *due)
    if len(made) >= rules.max_attempts:
        return CallbackPlan("given_up", "not_reached", None, *due)
    earliest = made[-1].at + rules.gap if made else answered_at
    left = rules.max_attempts - len(made)
    return CallbackPlan("open", "", get_next_allowed(earliest, rules), *due, left)


def check_attempt(
    at: datetime,
    answered_at: datetime | None,
    attempts: Iterable[Attempt],
    facts: CallbackFacts,
    rules: CallbackRules,
) -> str | None:
    """Return why a call at ``at`` is refused, None when it is allowed.

    Being later than due is no reason: better late than never.

    :param at: naive UTC
    :param answered_at: naive UTC, None when the ticket is not answered yet
    :param attempts: made before, in any order
    :return: a reason of :func:`get_exclusion`, ``not_answered``, ``already_reached``,
        ``no_attempt_left``, ``too_soon`` (after the last attempt), ``quiet`` or None
    """
    if reason := get_exclusion(facts, rules):
        return reason
    if answered_at is None or at < answered_at:
        return "not_answered"
    made = _since(answered_at, attempts)
    if any(attempt.is_reached for attempt in made):
        return "already_reached"
    if len(made) >= rules.max_attempts:
        return "no_attempt_left"
    if any(abs(at - attempt.at) < rules.gap for attempt in made):
        return "too_soon"
    return None if get_next_allowed(at, rules) == at else "quiet"


def _since(answered_at, attempts) -> Sequence[Attempt]:
    return sorted(attempt for attempt in attempts if attempt.at >= answered_at)
