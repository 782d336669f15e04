"""Which promise a ticket gets: the most specific policy per start and target milestone.

The candidates are compiled once per batch (:class:`Matcher`) and indexed by company and
ticket type; tickets that are alike in all that matters are looked up, not matched.

A rule matches when each of its criteria that is not empty holds the ticket's value; a
category holds all categories below it. The company must always be the ticket's own:
a rule without a company is refused.

Promises with the same target and different starts are different promises and hold side
by side: power within so many days of the papers, and of the passed inspection. Which of
the matching rules for one start and target wins, in this order:

1. the one with the deeper category (none is least deep),
2. the one with more criteria,
3. the lower sequence, as the administrator arranged them,
4. the lower id.

Source: design (the most specific wins, and the reason is shown) [S].
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

#: Criteria besides company and category, with the ticket's value of each.
CRITERIA = {
    "type": "type_id",
    "region": "region",
    "customer_class": "customer_class",
    "importance": "importance",
    "segment": "segment_ids",
    "priority": "priority",
    "channel": "channel",
    "station": "station_id",
}

#: Codes of the milestones that a promise runs between.
Course = tuple[str, str]
_ANY: frozenset = frozenset()
#: So many different kinds of ticket are remembered before starting anew.
_MEMORY = 50_000


@dataclass(frozen=True, slots=True)
class MatchRule:
    """One policy as a candidate. An empty criterion holds for every ticket.

    :param id: the policy's
    :param company_id: the only company that it is for
    :param start: code of the start milestone
    :param target: code of the target milestone
    :param sequence: the lower one wins between rules equally specific
    :param category_ids: any of them or of those below them
    :param segment_ids: any of the customer's
    :raise ValueError: no company, no start or no target
    """

    id: int
    company_id: Hashable
    start: str
    target: str
    sequence: int = 10
    category_ids: frozenset = _ANY
    type_ids: frozenset = _ANY
    regions: frozenset = _ANY
    customer_classes: frozenset = _ANY
    importances: frozenset = _ANY
    segment_ids: frozenset = _ANY
    priorities: frozenset = _ANY
    channels: frozenset = _ANY
    station_ids: frozenset = _ANY

    def __post_init__(self):
        if not self.company_id:
            raise ValueError("a rule needs a company")
        if not self.start:
            raise ValueError("a rule needs a start milestone")
        if not self.target:
            raise ValueError("a rule needs a target milestone")


class Facts(NamedTuple):
    """What of a ticket decides its promises; None or empty for what is not known.

    :param category_path: ids from the root of the tree down to the ticket's category
    :param segment_ids: the customer's, a frozenset
    """

    company_id: Hashable
    type_id: Hashable = None
    category_path: tuple = ()
    region: Hashable = None
    customer_class: Hashable = None
    importance: Hashable = None
    segment_ids: frozenset = _ANY
    priority: Hashable = None
    channel: Hashable = None
    station_id: Hashable = None


class Match(NamedTuple):
    """The winner for a start and target, and why.

    :param rule: the policy's rule
    :param category_id: the category that it matched by, None without one
    :param category_depth: that category's place in the tree, 1 for the root; 0 without
    :param criteria: names of the other criteria that it matched by, keys of CRITERIA
    :param beaten_ids: the other policies that matched for them, best first
    """

    rule: MatchRule
    category_id: Hashable
    category_depth: int
    criteria: tuple[str, ...]
    beaten_ids: tuple[int, ...]


class Matcher:
    """Candidates compiled for a batch of tickets.

    :param rules: the policies in force; ids must be unique
    :raise ValueError: two rules with the same id
    """

    def __init__(self, rules: Iterable[MatchRule]):
        self._by_type = {}  # (company, type): rules for just that type
        self._any_type = {}  # company: rules for all types
        self._memory = {}
        used = {"company_id", "type_id"}
        known = set()
        for rule in rules:
            if rule.id in known:
                raise ValueError(f"two rules with the id {rule.id}")
            known.add(rule.id)
            entry = _compile(rule)
            used.update(CRITERIA[name] for name in entry[2])
            if rule.category_ids:
                used.add("category_path")
            if not rule.type_ids:
                self._any_type.setdefault(rule.company_id, []).append(entry)
            for type_id in rule.type_ids:
                key = rule.company_id, type_id
                self._by_type.setdefault(key, []).append(entry)
        # Tickets are alike when they are in all that any rule asks for.
        self._get_kind = itemgetter(*map(Facts._fields.index, sorted(used)))

    def match(self, facts: Facts) -> dict[Course, Match]:
        """Return {(start, target): winner} for a ticket; only those with a match.

        The answer is shared between tickets that are alike: it must not be changed.
        """
        kind = self._get_kind(facts)
        found = self._memory.get(kind)
        if found is None:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            found = self._memory[kind] = self._find(facts)
        return found

    def match_all(self, tickets: Sequence[Facts]) -> list[dict[Course, Match]]:
        """Return :meth:`match` of each ticket, in their order."""
        return [self.match(facts) for facts in tickets]

    def _find(self, facts):
        ranked = {}
        for entries in (
            self._any_type.get(facts.company_id, ()),
            self._by_type.get((facts.company_id, facts.type_id), ()),
        ):
            for rule, checks, criteria in entries:
                depth = _get_depth(rule, facts) if rule.category_ids else 0
                if depth is None or not _holds(checks, facts):
                    continue
                rank = (-depth, -len(criteria), rule.sequence, rule.id)
                course = rule.start, rule.target
                ranked.setdefault(course, []).append((rank, rule, criteria))
        return {course: _get_winner(found, facts) for course, found in ranked.items()}


def _compile(rule):
    """Return (rule, checks of single values, names of its criteria)."""
    wanted = {
        "type": rule.type_ids,
        "region": rule.regions,
        "customer_class": rule.customer_classes,
        "importance": rule.importances,
        "segment": rule.segment_ids,
        "priority": rule.priorities,
        "channel": rule.channels,
        "station": rule.station_ids,
    }
    # Types are looked up, so they need no check.
    checks = tuple(
        (Facts._fields.index(CRITERIA[name]), name == "segment", values)
        for name, values in wanted.items()
        if values and name != "type"
    )
    return rule, checks, tuple(name for name, values in wanted.items() if values)


def _holds(checks, facts):
    for place, is_set, values in checks:
        value = facts[place]
        if is_set:
            if values.isdisjoint(value):
                return False
        elif value not in values:
            return False
    return True


def _get_depth(rule, facts):
    """Return how deep the deepest of its categories lies on the path, None if none."""
    path = facts.category_path
    for depth in range(len(path), 0, -1):
        if path[depth - 1] in rule.category_ids:
            return depth
    return None


def _get_winner(found, facts):
    found.sort(key=lambda item: item[0])
    (rank, rule, criteria), *others = found
    depth = -rank[0]
    return Match(
        rule,
        facts.category_path[depth - 1] if depth else None,
        depth,
        criteria,
        tuple(other.id for _rank, other, _criteria in others),
    )
