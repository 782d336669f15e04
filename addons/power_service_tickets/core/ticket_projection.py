"""A ticket's state is what its events say: a pure function of them.

Nothing is added up: the events are read from the first to the last each time, so that
one that is entered late, with an earlier time, falls into its place.
"""

from dataclasses import dataclass, field
from datetime import datetime

# Kinds after which nothing is left to do.
ENDING_KINDS = frozenset(("cancelled", "merged", "service_ended"))
CLOSED = "closed"


@dataclass(frozen=True)
class Fact:
    """One event as far as the state depends on it.

    ``at`` is naive UTC; ``sequence`` orders events of the same moment; ``milestone`` is
    a code; ``stage`` the stage that somebody chose by hand.
    """

    kind: str
    at: datetime
    sequence: int
    milestone: str | None = None
    stage: int | None = None


@dataclass(frozen=True)
class Stages:
    """The stages of one type of ticket, as ids.

    ``order`` is their place on the board; ``by_milestone`` the stage entered by each
    milestone code; ``pausing`` the one to wait in, ``ended`` the one of tickets that
    end without being closed; ``working`` where a reopened ticket goes.
    """

    initial: int | None
    order: dict[int, int] = field(default_factory=dict)
    by_milestone: dict[str, int] = field(default_factory=dict)
    pausing: int | None = None
    ended: int | None = None
    working: int | None = None


@dataclass(frozen=True)
class Projection:
    """What the events say now. Times are those of the current cycle."""

    stage: int | None
    cycle: int
    is_paused: bool
    is_open: bool
    milestones: dict[str, datetime]
    closed_at: datetime | None
    ended_by: str | None
    chase_count: int
    return_count: int
    reopen_count: int


def project(facts, stages):
    """Say what state the events lead to.

    :param facts: iterable of :class:`Fact`, in any order
    :param stages: the :class:`Stages` of the ticket's type
    :rtype: Projection
    """
    walk = _Walk(stages)
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.sequence)):
        walk.take(fact)
    return walk.get_projection()


class _Walk:
    """Goes through the events of one ticket, in their order."""

    def __init__(self, stages):
        self.stages = stages
        self.stage = stages.initial
        self.before_pause = None
        self.cycle = 1
        self.milestones = {}
        self.closed_at = self.ended_by = None
        self.is_paused = False
        self.counts = dict.fromkeys(("chased", "returned", "reopened"), 0)

    def take(self, fact):
        if fact.kind == "reopened":
            self._reopen()
        if fact.milestone:
            self._reach(fact)
        if fact.kind == "moved":
            self.stage = fact.stage or self.stage
        elif fact.kind == "paused":
            self._pause()
        elif fact.kind == "resumed":
            self._resume()
        elif fact.kind in ("chased", "returned"):
            self.counts[fact.kind] += 1
        elif fact.kind in ENDING_KINDS and self.closed_at is None:
            self._end(fact.at)
            self.ended_by = fact.kind
            self.stage = self.stages.ended or self.stage

    def _reach(self, fact):
        self.milestones.setdefault(fact.milestone, fact.at)
        stage = self.stages.by_milestone.get(fact.milestone)
        if stage is not None and self._is_further(stage):
            self.stage = stage
        if fact.milestone == CLOSED and self.closed_at is None:
            self._end(fact.at)

    def _is_further(self, stage):
        """A milestone entered late moves nothing back; while a ticket waits, only its
        closing moves it."""
        if self.is_paused and self.stage == self.stages.pausing:
            return self.stages.by_milestone.get(CLOSED) == stage
        order = self.stages.order
        return order.get(stage, 0) >= order.get(self.stage, -1)

    def _pause(self):
        if not self.is_paused and self.closed_at is None:
            self.is_paused, self.before_pause = True, self.stage
            self.stage = self.stages.pausing or self.stage

    def _resume(self):
        if self.is_paused:
            self.is_paused = False
            if self.stage == self.stages.pausing:
                self.stage = self.before_pause

    def _end(self, at):
        self.closed_at, self.is_paused = at, False

    def _reopen(self):
        if self.closed_at is None and "answered" not in self.milestones:
            return
        self.cycle += 1
        self.counts["reopened"] += 1
        self.milestones = {
            code: at for code, at in self.milestones.items() if code == "received"
        }
        self.closed_at = self.ended_by = None
        self.is_paused = False
        self.stage = self.stages.working or self.stages.initial

    def get_projection(self):
        return Projection(
            stage=self.stage,
            cycle=self.cycle,
            is_paused=self.is_paused,
            is_open=self.closed_at is None,
            milestones=self.milestones,
            closed_at=self.closed_at,
            ended_by=self.ended_by,
            chase_count=self.counts["chased"],
            return_count=self.counts["returned"],
            reopen_count=self.counts["reopened"],
        )
