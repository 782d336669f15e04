"""Repeated tickets: the same customer, the same matter, again.

Rules
-----
* Two tickets are of one matter when they have a party and a matter in common. Which
  parties and matters a ticket has is said by :func:`get_parties` and
  :func:`get_matters`: the customer or the supply point; the top class of its category,
  or a matter that links categories of several types (an opinion and then a complaint, a
  fault and then a complaint about it). What counts is data (:class:`MatterRule`) [S].
* A ticket repeats another one of the same matter that was closed before it was
  received, inside a window (default 60 days [S]). Of several the one closed last is
  meant.
* Three or more calls on one matter [C] inside the window are marked: each ticket and
  each chasing call counts, also while the first ticket is still open.
* Nobody can be said to repeat anonymously, and a ticket without a matter repeats
  nothing. A ticket that somebody said is of another matter (``is_apart``) repeats
  nothing and counts its own calls only; later ones may still repeat it.

Days are 24 hours, both ends of the window count. All datetimes are naive UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from operator import attrgetter
from typing import NamedTuple

WINDOW = timedelta(days=60)
CALLS = 3
NOTHING: frozenset = frozenset()


@dataclass(frozen=True, slots=True)
class MatterRule:
    """What makes two tickets one matter.

    :param by_point: the same supply point is enough, whoever calls
    :param by_class: the same top class of category; else the very same category
    :param by_link: categories that one matter links
    """

    by_point: bool = True
    by_class: bool = True
    by_link: bool = True


class Topic(NamedTuple):
    """A category as far as matters are concerned.

    :param category: what the ticket is about
    :param top: the class above all, itself when there is none above
    :param links: the matters that link it, or one above it, with others
    """

    category: Hashable
    top: Hashable
    links: frozenset = NOTHING


def get_parties(
    customer: Hashable,
    point: Hashable,
    rule: MatterRule = MatterRule(),  # noqa: B008  frozen
    is_anonymous: bool = False,
) -> frozenset:
    """Return who asks: the customer and the supply point, as far as they count.

    :param customer: None or empty for nobody known
    :param point: None or empty for none
    :param is_anonymous: nobody, also when the point is known
    """
    if is_anonymous:
        return NOTHING
    parties = [("customer", customer)] if customer else []
    if point and rule.by_point:
        parties.append(("point", point))
    return frozenset(parties)


def get_matters(
    topic: Topic | None,
    rule: MatterRule = MatterRule(),  # noqa: B008  frozen
    is_secret: bool = False,
) -> frozenset:
    """Return what it is about; nothing without a topic.

    :param is_secret: a report of wrongdoing is of another matter than what everybody
        may see
    """
    if topic is None:
        return NOTHING
    matters = [("class", topic.top) if rule.by_class else ("category", topic.category)]
    if rule.by_link:
        matters += [("link", link) for link in topic.links]
    return frozenset((*matter, is_secret) for matter in matters)


class Case(NamedTuple):
    """A ticket as far as repeats are concerned.

    :param id: unique; the order of those received in the same moment
    :param parties: who, see :func:`get_parties`; empty for nobody known
    :param matters: what about, see :func:`get_matters`; empty for unknown
    :param received_at: naive UTC
    :param closed_at: naive UTC, None while open
    :param calls: the customer's calls about it, at least one: one and its chases
    :param is_apart: somebody said that it is of another matter than the earlier ones
    """

    id: int
    parties: frozenset
    matters: frozenset
    received_at: datetime
    closed_at: datetime | None = None
    calls: int = 1
    is_apart: bool = False

    def get_keys(self):
        """Tickets that share one of these are of one matter."""
        return product(self.parties, self.matters)


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
    groups: dict[tuple, _Group] = {}
    for case in {**{case.id: case for case in earlier}, **batch}.values():
        for key in case.get_keys():
            groups.setdefault(key, _Group()).cases.append(case)
    for group in groups.values():
        group.sort()
    result = {}
    for case in batch.values():
        own = [] if case.is_apart else [groups[key] for key in case.get_keys()]
        counted = {case.id: case.calls}
        last = None
        for group in own:
            counted.update(group.get_calls(case, window))
            last = max(
                filter(None, (last, group.find_last(case, window))), default=None
            )
        count = sum(counted.values())
        result[case.id] = Repeat(last and last[1], count, count >= calls)
    return result


class _Group:
    """The tickets that share one party and one matter, by receipt and by end."""

    def __init__(self):
        self.cases: list[Case] = []

    def sort(self):
        self.cases.sort(key=attrgetter("received_at", "id"))
        self.received = [(case.received_at, case.id) for case in self.cases]
        self.closed = sorted(
            (case.closed_at, case.id)
            for case in self.cases
            if case.closed_at is not None
        )
        self.ends = [moment for moment, _id in self.closed]

    def get_calls(self, case, window):
        """{id: calls} of those received in the window until ``case``."""
        start = bisect_left(self.received, (case.received_at - window,))
        stop = bisect_right(self.received, (case.received_at, case.id))
        return {other.id: other.calls for other in self.cases[start:stop]}

    def find_last(self, case, window):
        """(when, id) of the one closed last before ``case``, itself left out."""
        stop = bisect_right(self.ends, case.received_at)
        for moment, other in reversed(self.closed[max(stop - 2, 0) : stop]):
            if moment < case.received_at - window:
                return None
            if other != case.id:
                return moment, other
        return None
