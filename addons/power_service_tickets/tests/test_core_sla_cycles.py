"""The promise clock: reopened and ended tickets, and what stays as it was."""

import unittest

from odoo.addons.power_service_tickets.core.sla_clock import (
    as_of,
    keep_settled,
    withdraw,
)
from odoo.addons.power_service_tickets.core.sla_facts import ENDINGS, Policy

from .sla_clock_common import RECEIVED, china, clock, clocks, event, passed, repair


class TestCycles(unittest.TestCase):
    answer = Policy("received", "answered", 60, "minute")
    answered = passed("answered", "09:30")

    def test_reopened_after_the_answer(self):
        """The answer's clock runs again from the reopening; the old result stays."""
        reopened = event("reopened", "13:00")
        first, second = clocks(self.answer, RECEIVED, self.answered, reopened)
        self.assertEqual((first.cycle, first.state), (1, "met"))
        self.assertEqual(first.reached_at, china("09:30"))
        self.assertEqual((second.cycle, second.state), (2, "running"))
        self.assertEqual(second.started_at, china("13:00"))
        self.assertEqual(second.deadline, china("14:00"))
        states = clocks(
            self.answer, RECEIVED, self.answered, reopened, passed("answered", "15:00")
        )
        self.assertEqual([state.state for state in states], ["met", "missed"])

    def test_missed_stays_missed(self):
        states = clocks(self.answer, RECEIVED, event("reopened", "11:00"))
        self.assertEqual(
            [(state.state, state.missed_at) for state in states],
            [("missed", china("10:00")), ("running", None)],
        )
        # It is over: nobody is hurried any more for it, but for the new one.
        self.assertEqual(states[0].ended_at, china("11:00"))
        self.assertIsNone(states[0].reached_at)
        self.assertIsNone(states[1].ended_at)
        before = as_of(clock(self.answer, RECEIVED), china("10:30"))
        kept = keep_settled(before, states[0])
        self.assertEqual((kept.state, kept.ended_at), ("missed", china("11:00")))

    def test_still_running_goes_on(self):
        """Closed without an answer and reopened: the promise is still the old one."""
        state = clock(self.answer, RECEIVED, event("reopened", "09:40"))
        self.assertEqual((state.cycle, state.deadline), (1, china("10:00")))
        late = clock(
            self.answer,
            RECEIVED,
            event("reopened", "09:40"),
            passed("answered", "10:30"),
        )
        self.assertEqual(late.state, "missed")

    def test_restart_at_the_next_start_milestone(self):
        policy = Policy("arrived", "restored", 60, "minute", restart="milestone")
        events = [
            RECEIVED,
            passed("arrived", "09:30"),
            passed("restored", "10:00"),
            event("reopened", "13:00"),
        ]
        self.assertEqual(clock(policy, *events).state, "met")
        _first, second = clocks(policy, *events, passed("arrived", "13:30"))
        self.assertEqual((second.cycle, second.started_at), (2, china("13:30")))

    def test_never_again(self):
        policy = Policy("received", "answered", 60, "minute", restart="never")
        events = [RECEIVED, self.answered, event("reopened", "13:00")]
        before = clock(policy, *events[:2])
        self.assertEqual(clock(policy, *events, passed("received", "14:00")), before)

    def test_reopening_ends_pauses(self):
        state = clocks(
            self.answer,
            RECEIVED,
            self.answered,
            event("paused", "11:00", cause="customer"),
            event("reopened", "13:00"),
        )[1]
        self.assertEqual(state.state, "running")
        going_on = clock(
            self.answer, RECEIVED, event("paused", "09:10"), event("reopened", "09:40")
        )
        self.assertEqual(
            (going_on.state, going_on.deadline), ("running", china("10:30"))
        )

    def test_cycles_count_reopenings(self):
        """All policies of a ticket call the same cycle by the same number."""
        policy = Policy("arrived", "restored", 60, "minute", restart="milestone")
        state = clock(
            policy,
            RECEIVED,
            event("reopened", "10:00"),
            event("reopened", "11:00"),
            passed("arrived", "11:30"),
        )
        self.assertEqual(state.cycle, 3)


class TestEndings(unittest.TestCase):
    def test_running_is_cancelled(self):
        for kind in ENDINGS:
            for pause in ([], [event("paused", "09:10")]):
                with self.subTest(kind=kind, paused=bool(pause)):
                    state = clock(repair(), RECEIVED, *pause, event(kind, "09:30"))
                    self.assertEqual(state.state, "cancelled")
                    self.assertEqual(state.ended_at, china("09:30"))
                    self.assertIsNone(state.reached_at)
                    self.assertIsNone(state.missed_at)
                    self.assertIsNone(state.warn_at)

    def test_met_and_missed_stay(self):
        arrived = passed("arrived", "09:20")
        for kind in ENDINGS:
            with self.subTest(kind=kind):
                met = clock(repair(), RECEIVED, arrived, event(kind, "09:30"))
                self.assertEqual(met.state, "met")
                missed = clock(repair(), RECEIVED, event(kind, "10:30"))
                self.assertEqual(missed.state, "missed")
                self.assertEqual(missed.missed_at, china("10:00"))

    def test_cancelled_is_never_met(self):
        state = clock(
            repair(), RECEIVED, event("cancelled", "09:30"), passed("arrived", "09:40")
        )
        self.assertEqual((state.state, state.reached_at), ("cancelled", None))

    def test_nothing_starts_after_the_end(self):
        policy = Policy("arrived", "restored", 60, "minute", restart="milestone")
        events = [RECEIVED, event("merged", "09:30"), passed("arrived", "09:40")]
        self.assertEqual(clocks(policy, *events), ())
        again = [*events, event("reopened", "10:00"), passed("arrived", "10:10")]
        self.assertEqual(clock(policy, *again).started_at, china("10:10"))

    def test_cancelled_and_reopened(self):
        states = clocks(
            repair(), RECEIVED, event("cancelled", "09:30"), event("reopened", "11:00")
        )
        self.assertEqual(
            [(state.cycle, state.state) for state in states],
            [(1, "cancelled"), (2, "running")],
        )

    def test_withdraw(self):
        running = clock(repair(), RECEIVED)
        self.assertEqual(withdraw(running, china("09:30")).state, "cancelled")
        self.assertEqual(withdraw(running, china("10:30")).state, "missed")
        met = clock(repair(), RECEIVED, passed("arrived", "09:20"))
        self.assertIs(withdraw(met, china("09:30")), met)


class TestKeepSettled(unittest.TestCase):
    def test_shorter_or_longer_promise(self):
        """A policy's change leaves alone what was met or missed."""
        arrived = passed("arrived", "09:40")
        met, missed = clock(repair(), RECEIVED, arrived), clock(repair(30), RECEIVED)
        missed = as_of(missed, china("09:35"))
        self.assertIs(keep_settled(met, clock(repair(30), RECEIVED, arrived)), met)
        kept = keep_settled(missed, clock(repair(), RECEIVED))
        self.assertIs(kept, missed)
        late = keep_settled(missed, clock(repair(), RECEIVED, arrived))
        self.assertEqual((late.state, late.missed_at), ("missed", china("09:30")))
        self.assertEqual(late.reached_at, china("09:40"))

    def test_running_follows(self):
        running, longer = clock(repair(), RECEIVED), clock(repair(90), RECEIVED)
        self.assertIs(keep_settled(running, longer), longer)
        self.assertIs(keep_settled(None, longer), longer)

    def test_proof_and_exemption(self):
        missed = as_of(clock(repair(), RECEIVED), china("10:30"))
        arrived = passed("arrived", "09:40", "11:00", has_proof=True)
        proved = keep_settled(missed, clock(repair(), RECEIVED, arrived))
        self.assertEqual((proved.state, proved.is_late_proved), ("met", True))
        exempted = keep_settled(
            missed, clock(repair(), RECEIVED, event("exempted", "11:00"))
        )
        self.assertEqual(
            (exempted.state, exempted.missed_at), ("exempted", china("10:00"))
        )
        self.assertEqual(exempted.exempted_at, china("11:00"))
        # It stays so, whatever becomes of the policy.
        self.assertIs(keep_settled(exempted, clock(repair(90), RECEIVED)), exempted)
