"""Repeated tickets: the same customer, the same matter, again.

Rules
-----
* A ticket repeats another one when it is of the same customer and matter and was
  received after that one was closed, inside a window (default 60 days [S]). Of several
  the one closed last is meant.
* Three or more calls on one matter [C] inside the window are marked: each ticket and
  each chasing call counts, also while the first ticket is still open.
* Nobody can be said to repeat anonymously, and a ticket without a matter repeats
  nothing.

Days are 24 hours, both ends of the window count. All datetimes are naive UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

WINDOW = timedelta(days=60)
CALLS = 3


class Case(NamedTuple):
    """A ticket as far as repeats are concerned.

    :param id: unique; the order of those received in the same moment
    :param customer: who; None or empty for nobody known
    :param matter: what about, for example type and category; None or empty for unknown
    :param received_at: naive UTC
    :param closed_at: naive UTC, None while open
    :param calls: the customer's calls about it, at least one: one and its chases
    """

    id: int
    customer: Hashable
    matter: Hashable
    received_at: datetime
    closed_at: datetime | None = None
    calls: int = 1


class Repeat(NamedTuple):
    """What is known of a ticket.

    :param repeat_of: id of the ticket that it repeats, None when it repeats none
    :param calls: on this matter in the window up to its receipt, its own included
    :param is_frequent: there were so many that the matter is marked
    """

    repeat_of: int | None
    calls: int
    is_frequent: bool


def find_repeats(
    cases: Iterable[Case],
    earlier: Iterable[Case] = (),
    window: timedelta = WINDOW,
    calls: int = CALLS,
) -> dict[int, Repeat]:
    """Return {id: what is known} for each of ``cases``, in one go over the batch.

    :param cases: the batch; they may repeat each other
    :param earlier: other tickets of the same customers; more than needed do no harm
    :param window: how far back to look, more than nothing
    :param calls: from how many calls on a matter is marked
    :raise ValueError: a window of nothing, fewer than one call
    """
    if window <= timedelta() or calls < 1:
        raise ValueError("a window and a number of calls are needed")
    batch = {case.id: case for case in cases}
    groups: dict[tuple, list[Case]] = {}
    for case in {**{case.id: case for case in earlier}, **batch}.values():
        if case.customer and case.matter:
            groups.setdefault((case.customer, case.matter), []).append(case)
    result = {
        case.id: Repeat(None, case.calls, case.calls >= calls)
        for case in batch.values()
    }
    for group in groups.values():
        _mark_group(group, batch, window, calls, result)
    return result


def _mark_group(group, batch, window, calls, result):
    """Add what is known of one customer's tickets about one matter."""
    group.sort(key=attrgetter("received_at", "id"))
    times = [case.received_at for case in group]
    totals = list(accumulate((case.calls for case in group), initial=0))
    closed = sorted(
        (case.closed_at, case.id) for case in group if case.closed_at is not None
    )
    ends = [moment for moment, _id in closed]
    for index, case in enumerate(group):
        if case.id not in batch:
            continue
        received = case.received_at
        count = totals[index + 1] - totals[bisect_left(times, received - window)]
        result[case.id] = Repeat(
            _find_last(case, closed, bisect_right(ends, received), received - window),
            count,
            count >= calls,
        )


def _find_last(case, closed, stop, since):
    """Return the id of the ticket closed last before ``stop``, itself left out."""
    for moment, other in reversed(closed[max(stop - 2, 0) : stop]):
        if moment < since:
            return None
        if other != case.id:
            return other
    return None
