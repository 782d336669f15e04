"""The promises in force, compiled from their content.

The content itself is the key, so that what is found here can't be out of date,
whichever worker, transaction or database asks; what comes out holds values only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from .escalation import Step
from .sla_facts import Policy
from .sla_match import Course, Facts, Match, Matcher, MatchRule

#: The plural names of criteria with the names of the fields they come from.
_SINGLE = {
    "regions": "region_type",
    "customer_classes": "customer_class",
    "importances": "importance_grade",
    "priorities": "priority",
    "channels": "channel",
}
_MANY = {
    "category_ids": "category_ids",
    "type_ids": "type_ids",
    "segment_ids": "segment_ids",
    "station_ids": "station_ids",
}


class Rung(NamedTuple):
    """Whom a step of the ladder tells, and how.

    :param id: of the rung's record
    :param user_id: the person, for ``whom`` user
    :param channel_id: the discussion channel, for ``whom`` channel
    :param webhook_id: the other system, for ``whom`` webhook
    """

    id: int
    whom: str
    how: str
    user_id: int | None = None
    channel_id: int | None = None
    webhook_id: int | None = None


@dataclass(frozen=True)
class CompiledPolicies:
    """All promises, also archived ones, by which clocks may still run.

    :param promises: policy id to its :class:`~.sla_facts.Policy`
    :param steps: policy id to the steps of its ladder
    :param starts: policy id to the id of its start milestone
    :param targets: policy id to the id of its target milestone
    :param calendars: policy id to the id of its own calendar, of those that have one
    """

    promises: Mapping[int, Policy]
    steps: Mapping[int, tuple[Step, ...]]
    starts: Mapping[int, int]
    targets: Mapping[int, int]
    calendars: Mapping[int, int]
    _live: tuple
    _matchers: dict

    def match(self, facts: Facts) -> dict[Course, Match]:
        """Return {(start, target): winner} for a ticket, by the milestones' codes.

        Only policies of its own company, and those of all companies, are candidates.
        """
        company = facts.company_id
        matcher = self._matchers.get(company)
        if matcher is None:
            matcher = self._matchers[company] = Matcher(
                _get_rule(values, company)
                for values in self._live
                if values["company_id"] in (None, company)
            )
        return matcher.match(facts)


@lru_cache(maxsize=32)
def compile_policies(data: str) -> CompiledPolicies:
    """Compile the policies that are described in ``data``.

    :param data: JSON, an object for each policy: the names of its fields, the
        codes of its milestones (``start``, ``target``, lists of those that keep it as
        well or make it void), and ``rungs``, again objects
    :raise ValueError: a promise that makes no sense
    """
    policies = json.loads(data)
    return CompiledPolicies(
        promises=_frozen(policies, _get_promise),
        steps=_frozen(policies, _get_steps),
        starts=_frozen(policies, lambda values: values["start_id"]),
        targets=_frozen(policies, lambda values: values["target_id"]),
        calendars=_frozen(
            (values for values in policies if values["calendar_id"]),
            lambda values: values["calendar_id"],
        ),
        _live=tuple(values for values in policies if values["active"]),
        _matchers={},
    )


def _frozen(policies, get):
    return MappingProxyType({values["id"]: get(values) for values in policies})


def _get_promise(values):
    return Policy(
        values["start"],
        values["target"],
        values["duration"],
        values["unit"],
        values["warn_at_percent"] or 0,
        values["restart"],
        bool(values["is_next_day_after_hours"]),
        key=values["id"],
        also_reached_by=frozenset(values["also_reached_by"] or ()),
        void_once=frozenset(values["void_once"] or ()),
    )


def _get_steps(values):
    """The ladder: its rungs as steps, each with its :class:`Rung` as ``whom``."""
    steps = []
    for rung in values["rungs"] or ():
        minutes = rung["minutes"] or 0
        basis = "working_minute" if rung["in_working_time"] else "minute"
        if rung["moment"] == "warning":
            basis, minutes = "percent", values["warn_at_percent"] or 100
        elif rung["moment"] == "missed":
            basis, minutes = "minute", 0
        elif rung["moment"] == "before":
            minutes = -minutes
        whom = Rung(
            rung["id"],
            rung["whom"],
            rung["how"],
            rung["user_id"],
            rung["discuss_channel_id"],
            rung["webhook_id"],
        )
        steps.append(Step(f"step{rung['id']}", basis, minutes, whom, rung["how"]))
    return tuple(steps)


def _get_rule(values, company):
    single = {
        name: frozenset((values[field],)) if values[field] else frozenset()
        for name, field in _SINGLE.items()
    }
    many = {name: frozenset(values[field] or ()) for name, field in _MANY.items()}
    return MatchRule(
        id=values["id"],
        company_id=company,
        start=values["start"],
        target=values["target"],
        sequence=values["sequence"] or 0,
        **single,
        **many,
    )
