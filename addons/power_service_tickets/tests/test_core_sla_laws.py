"""The promise clock: laws that hold for all facts."""

import unittest
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.power_service_base.core.working_time import CalendarSpec, WorkingTime
from odoo.addons.power_service_tickets.core.escalation import (
    BREACH,
    WARN,
    Step,
    get_due_steps,
    get_next_event_at,
)
from odoo.addons.power_service_tickets.core.sla_clock import (
    as_of,
    evaluate,
    get_moment_at,
    get_used_minutes,
    keep_settled,
)
from odoo.addons.power_service_tickets.core.sla_facts import (
    RESTARTS,
    SETTLED_STATES,
    STATES,
    UNITS,
    Event,
    Policy,
)

OFFICE = ((510, 720), (840, 1050))
WORKTIME = WorkingTime(
    CalendarSpec(weeks=((OFFICE,) * 5 + ((), ()),), loaded_years=frozenset({2026}))
)
START = datetime(2026, 6, 12, 6)  # a Friday afternoon in China
DAYS = 6
HORIZON = timedelta(days=60)
ROUNDING = timedelta(milliseconds=1)

moments = st.integers(0, DAYS * 24 * 12).map(
    lambda fives: START + timedelta(minutes=5 * fives)
)
CAUSES = ("", "customer", "material")
milestones = st.sampled_from(("received", "arrived", "restored", "answered", None))
kinds = st.sampled_from(
    ("milestone",) * 4
    + ("paused", "resumed") * 2
    + ("extended", "exempted", "reopened", "cancelled", "merged", "chased")
)


@st.composite
def events(draw, max_size=9, late=True):
    """Events of a ticket received at START; late ones are entered up to days later."""
    result = [Event("milestone", START, START, 0, "received")]
    for sequence in range(1, draw(st.integers(0, max_size)) + 1):
        kind, at = draw(kinds), draw(moments)
        recorded_at = at
        if late and kind != "reopened" and draw(st.booleans()):
            recorded_at += timedelta(minutes=draw(st.integers(0, 4000)))
        result.append(
            Event(
                kind,
                at,
                recorded_at,
                sequence,
                draw(milestones) if kind == "milestone" else None,
                units=draw(st.integers(1, 3)),
                cause=draw(st.sampled_from(CAUSES)),
                has_proof=draw(st.booleans()),
            )
        )
    return result


@st.composite
def policies(draw, unit=None):
    unit = unit or draw(st.sampled_from(UNITS))
    most = 3 if unit in ("day", "working_day") else 2000
    return Policy(
        "received",
        "arrived",
        draw(st.integers(1, most)),
        unit,
        draw(st.sampled_from((0, 50, 80, 100))),
        draw(st.sampled_from(RESTARTS)),
        also_reached_by=draw(st.sampled_from((frozenset(), frozenset(["answered"])))),
        void_once=draw(st.sampled_from((frozenset(), frozenset(["restored"])))),
    )


def clocks(policy, facts):
    return evaluate(policy, facts, WORKTIME)


class TestLaws(unittest.TestCase):
    @given(policies(), events(), st.randoms())
    @settings(max_examples=300, deadline=None)
    def test_any_order_and_again(self, policy, facts, random):
        before = clocks(policy, facts)
        mixed = list(facts)
        random.shuffle(mixed)
        self.assertEqual(clocks(policy, mixed), before)
        self.assertEqual(clocks(policy, facts), before)

    @given(policies(), events())
    @settings(max_examples=300, deadline=None)
    def test_every_clock_makes_sense(self, policy, facts):
        states = clocks(policy, facts)
        cycles = [state.cycle for state in states]
        self.assertEqual(cycles, sorted(set(cycles)))
        for state in states:
            self.assertIn(state.state, STATES)
            self.assertGreaterEqual(state.deadline, state.started_at)
            if state.warn_at is not None:
                self.assertLessEqual(state.started_at, state.warn_at)
                self.assertLessEqual(state.warn_at, state.deadline)
            self.assertGreaterEqual(state.used_minutes, 0)
            self.assertGreaterEqual(state.paused_minutes, 0)
            self.assertGreater(state.allowance_minutes, 0)
            self.assertEqual(state.paused_from is not None, state.state == "paused")
            if state.state == "met":
                self.assertLessEqual(state.reached_at, state.deadline)
                self.assertIsNone(state.missed_at)
                spare = 0.01 if policy.unit != "working_day" else 0.02
                self.assertLessEqual(
                    state.used_minutes, state.allowance_minutes + spare
                )
            if state.state == "missed":
                self.assertEqual(state.missed_at, state.deadline)
                if state.reached_at is not None:
                    self.assertGreater(state.reached_at, state.deadline)
            if state.state == "cancelled":
                self.assertIsNone(state.reached_at)
                self.assertIsNone(state.missed_at)
        self.assertLessEqual(
            {state.state for state in states[:-1]}, SETTLED_STATES, "an old one runs"
        )

    @given(policies(), events(late=False), moments, st.integers(1, 3000))
    @settings(max_examples=300, deadline=None)
    def test_one_more_pause_never_makes_it_earlier(self, policy, facts, at, minutes):
        end = at + timedelta(minutes=minutes)
        more = [
            *facts,
            Event("paused", at, at, 100, cause="another"),
            Event("resumed", end, end, 101, cause="another"),
        ]
        before, after = clocks(policy, facts)[0], clocks(policy, more)[0]
        self.assertGreaterEqual(after.deadline, before.deadline - ROUNDING)

    @given(st.sampled_from(UNITS), events(late=False), st.data())
    @settings(max_examples=300, deadline=None)
    def test_longer_is_never_earlier(self, unit, facts, data):
        short = data.draw(policies(unit))
        longer = Policy(
            "received",
            "arrived",
            short.duration + data.draw(st.integers(0, 3)),
            unit,
            short.warn_at_percent,
            short.restart,
        )
        self.assertGreaterEqual(
            clocks(longer, facts)[0].deadline, clocks(short, facts)[0].deadline
        )

    @given(policies(), events(), events(), st.data())
    @settings(max_examples=400, deadline=None)
    def test_met_and_missed_stay(self, policy, facts, more, data):
        """What is entered later, without proof, changes no clock that has ended."""
        now = max(event.recorded_at for event in facts)
        later = [
            event._replace(
                recorded_at=now + timedelta(minutes=5 + index),
                at=now + timedelta(minutes=5 + index)
                if event.kind in ("reopened", "resumed")
                or event.milestone == "received"
                else min(event.at, now),
                sequence=200 + index,
                has_proof=False,
            )
            for index, event in enumerate(more)
            if event.kind != "exempted"
        ]
        before = clocks(policy, facts)
        after = {state.cycle: state for state in clocks(policy, [*facts, *later])}
        for state in before:
            if state.state == "met":
                self.assertEqual(after[state.cycle], state)
            missed = as_of(state, now)
            if missed.state == "missed":
                kept = as_of(after[state.cycle], now + HORIZON)
                self.assertEqual(kept.state, "missed")
                self.assertEqual(kept.missed_at, missed.missed_at)
                self.assertEqual(kept.started_at, missed.started_at)

    @given(policies(), policies(), events(), events())
    @settings(max_examples=200, deadline=None)
    def test_kept_through_a_change_of_policy(self, policy, other, facts, more):
        before = [as_of(state, START + HORIZON) for state in clocks(policy, facts)]
        more = [item._replace(sequence=item.sequence + 100) for item in more]
        after = {state.cycle: state for state in clocks(other, [*facts, *more])}
        for state in before:
            if state.cycle not in after:
                continue
            kept = keep_settled(state, after[state.cycle])
            self.assertEqual(keep_settled(kept, after[state.cycle]), kept)
            if state.state in ("met", "missed") and not kept.is_late_proved:
                self.assertEqual(kept.deadline, state.deadline)
                self.assertEqual(kept.missed_at, state.missed_at)
                self.assertIn(kept.state, (state.state, "exempted"))

    @given(policies(), events(), moments)
    @settings(max_examples=200, deadline=None)
    def test_the_whole_allowance_is_used_at_the_deadline(self, policy, facts, now):
        for state in clocks(policy, facts):
            if state.state != "running":
                continue
            self.assertEqual(get_moment_at(state, 100, WORKTIME), state.deadline)
            used = get_used_minutes(state, WORKTIME, state.deadline)
            self.assertAlmostEqual(used, state.allowance_minutes, places=3)
            self.assertGreaterEqual(get_used_minutes(state, WORKTIME, now), 0)


STEPS = (
    Step("half", "percent", 50, "team"),
    Step("hour before", "working_minute", -60, "chief"),
    Step("at", "percent", 100, "chief"),
    Step("hour after", "minute", 60, "company"),
    Step("day after", "working_minute", 420, "company"),
)


class TestTickLaws(unittest.TestCase):
    @given(policies(), events(), st.lists(moments, max_size=6))
    @settings(max_examples=200, deadline=None)
    def test_once_each_in_order(self, policy, facts, nows):
        """Whenever the tick comes: each step once, none early, no warning after."""
        for state in clocks(policy, facts):
            done, told, dropped = set(), [], []
            for now in [*sorted(nows), START + HORIZON]:
                # With nothing due there is nothing to do before the next event.
                expected = get_next_event_at(state, STEPS, done, WORKTIME)
                result = get_due_steps(state, STEPS, done, now, WORKTIME)
                if expected is None or expected > now:
                    self.assertEqual(result.due, ())
                else:
                    self.assertTrue(result.due or result.skipped)
                for item in result.due:
                    self.assertLessEqual(item.at, now)
                    is_warning = (
                        item.step.is_warning if item.step else item.name == WARN
                    )
                    self.assertFalse(is_warning and now > state.deadline)
                told += result.due
                dropped += result.skipped
                done.update(item.key for item in (*result.due, *result.skipped))
            names = [item.name for item in (*told, *dropped)]
            self.assertEqual(len(names), len(set(names)))
            self.assertEqual([item.at for item in told], sorted(i.at for i in told))
            self.assertIsNone(get_next_event_at(state, STEPS, done, WORKTIME))
            if state.state == "running":
                wanted = {BREACH, "at", "hour after", "day after"}
                self.assertLessEqual(wanted, {item.name for item in told})
