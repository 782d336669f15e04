"""The promise clock: extensions, exemptions, and what is entered late."""

import unittest
from datetime import timedelta

from odoo.addons.power_service_tickets.core.sla_clock import as_of
from odoo.addons.power_service_tickets.core.sla_facts import (
    ENDINGS,
    Policy,
    validate_event,
)

from .sla_clock_common import RECEIVED, china, clock, clocks, event, passed, repair


class TestExtensionAndExemption(unittest.TestCase):
    def test_extension(self):
        enquiry = repair(6, "working_day", key=7)
        cases = [
            (event("extended", "2026-06-16 09:00", units=6), "2026-07-02 17:30", 6),
            (
                event("extended", "2026-06-16 09:00", units=6, policy_key=7),
                "2026-07-02 17:30",
                6,
            ),
            (
                event("extended", "2026-06-16 09:00", units=6, policy_key=8),
                "2026-06-24 17:30",
                0,
            ),
            # After the breach it is too late.
            (event("extended", "2026-06-25 09:00", units=6), "2026-06-24 17:30", 0),
            # So it is for one entered after the breach ...
            (
                event("extended", "2026-06-16 09:00", "2026-06-25 09:00", units=6),
                "2026-06-24 17:30",
                0,
            ),
            # ... unless it is proved.
            (
                event(
                    "extended",
                    "2026-06-16 09:00",
                    "2026-06-25 09:00",
                    units=6,
                    has_proof=True,
                ),
                "2026-07-02 17:30",
                6,
            ),
        ]
        for extension, deadline, units in cases:
            with self.subTest(extension=extension):
                state = clock(enquiry, RECEIVED, extension)
                self.assertEqual(state.deadline, china(deadline))
                self.assertEqual(state.extended_units, units)

    def test_extension_by_nothing(self):
        for units in (0, -1):
            with self.subTest(units=units), self.assertRaises(ValueError):
                clock(repair(), RECEIVED, event("extended", "09:10", units=units))

    def test_extension_moves_the_warning(self):
        state = clock(repair(), RECEIVED, event("extended", "09:10", units=40))
        self.assertEqual(state.warn_at, china("10:20"))
        self.assertEqual(state.allowance_minutes, 100)

    def test_exemption(self):
        exempted = event("exempted", "11:00")
        cases = [
            # other events, state, missed at, reached at
            ([], "exempted", "10:00", None),
            ([passed("arrived", "10:30")], "exempted", "10:00", "10:30"),
            ([passed("arrived", "11:30")], "exempted", "10:00", "11:30"),
            ([passed("arrived", "09:30")], "met", None, "09:30"),
            ([event("cancelled", "09:30")], "cancelled", None, None),
        ]
        for events, name, missed_at, reached_at in cases:
            with self.subTest(events=events):
                state = clock(repair(), RECEIVED, *events, exempted)
                self.assertEqual(state.state, name)
                self.assertEqual(state.missed_at, missed_at and china(missed_at))
                self.assertEqual(state.reached_at, reached_at and china(reached_at))
                if name == "exempted":
                    self.assertEqual(state.exempted_at, china("11:00"))

    def test_exempted_while_running(self):
        events = [RECEIVED, event("exempted", "09:30"), passed("arrived", "12:00")]
        state = clock(repair(), *events)
        self.assertEqual((state.state, state.missed_at), ("exempted", None))
        self.assertEqual((state.ended_at, state.used_minutes), (china("09:30"), 30))

    def test_exemption_of_one_cycle_and_one_policy(self):
        events = [RECEIVED, event("reopened", "11:00")]
        for cycle, names in (
            (1, ["exempted", "running"]),
            (2, ["missed", "exempted"]),
            (0, ["missed", "exempted"]),
            (3, ["missed", "running"]),
        ):
            with self.subTest(cycle=cycle):
                exempted = event("exempted", "11:30", cycle=cycle)
                states = clocks(repair(), *events, exempted)
                self.assertEqual([state.state for state in states], names)
        other = event("exempted", "11:30", policy_key="other")
        self.assertEqual(clock(repair(key="this"), RECEIVED, other).state, "running")


class TestLateEntry(unittest.TestCase):
    """A crew without network enters at 11:00 what happened before the deadline."""

    def test_target(self):
        cases = [
            # happened, entered, proof, state, reached, late, proved
            ("09:40", "09:50", False, "met", "09:40", False, False),
            ("09:40", "10:00", False, "met", "09:40", False, False),
            ("09:40", "11:00", True, "met", "09:40", True, True),
            ("09:40", "11:00", False, "missed", "11:00", True, False),
            ("10:20", "11:00", True, "missed", "10:20", False, False),
            ("10:20", "11:00", False, "missed", "10:20", False, False),
        ]
        for at, recorded_at, proof, name, reached_at, is_late, is_proved in cases:
            with self.subTest(at=at, recorded_at=recorded_at, proof=proof):
                arrived = passed("arrived", at, recorded_at, has_proof=proof)
                state = clock(repair(), RECEIVED, arrived)
                self.assertEqual(state.state, name)
                self.assertEqual(state.reached_at, china(reached_at))
                self.assertEqual(state.is_late_entry, is_late)
                self.assertEqual(state.is_late_proved, is_proved)

    def test_the_earliest_that_counts_wins(self):
        unproved = passed("arrived", "09:40", "11:00")
        state = clock(repair(), RECEIVED, unproved, passed("arrived", "10:05"))
        self.assertEqual((state.state, state.reached_at), ("missed", china("10:05")))
        proved = unproved._replace(has_proof=True)
        state = clock(repair(), RECEIVED, proved, passed("arrived", "10:05"))
        self.assertEqual((state.state, state.reached_at), ("met", china("09:40")))

    def test_nothing_without_proof_heals_a_miss(self):
        cases = [
            [event("paused", "09:30", "11:00")],
            [event("paused", "09:30", "11:00"), event("resumed", "10:50", "11:00")],
            [event("cancelled", "09:30", "11:00")],
            [event("merged", "09:30", "11:00")],
            [event("extended", "09:30", "11:00", units=600)],
        ]
        for late in cases:
            with self.subTest(late=late):
                state = clock(repair(), RECEIVED, *late, passed("arrived", "11:10"))
                self.assertEqual(state.state, "missed")
                self.assertEqual(state.missed_at, china("10:00"))
                proved = [item._replace(has_proof=True) for item in late]
                state = clock(repair(), RECEIVED, *proved, passed("arrived", "11:10"))
                self.assertNotEqual(state.state, "missed")
                self.assertTrue(state.is_late_proved)

    def test_a_pause_entered_in_time_counts_from_when_it_began(self):
        pause = [event("paused", "09:10", "09:50"), event("resumed", "09:40", "09:50")]
        state = clock(repair(), RECEIVED, *pause)
        self.assertEqual(state.deadline, china("10:30"))
        self.assertFalse(state.is_late_entry)

    def test_entered_while_another_pause_had_moved_the_deadline(self):
        """At 10:20 the deadline was 10:30: what is entered then is not late."""
        events = [
            RECEIVED,
            event("paused", "09:10"),
            event("resumed", "09:40"),
            passed("arrived", "09:50", "10:20"),
        ]
        state = clock(repair(), *events)
        self.assertEqual((state.state, state.reached_at), ("met", china("09:50")))

    def test_entered_after_the_target(self):
        """A met clock isn't undone, or made earlier, by what comes without proof."""
        met = clock(repair(), RECEIVED, passed("arrived", "09:30"))
        for late in (
            event("cancelled", "09:10", "09:40"),
            event("paused", "09:10", "09:40"),
            event("extended", "09:10", "09:40", units=60),
            passed("arrived", "09:10", "09:40"),
        ):
            with self.subTest(kind=late.kind):
                state = clock(repair(), RECEIVED, passed("arrived", "09:30"), late)
                self.assertEqual(state, met)

    def test_counts_from_its_entry_when_the_clock_still_ran_then(self):
        """Without proof at 9:05 the deadline was 10:00; at 10:20 it was 10:30."""
        late = event("paused", "09:05", "10:20", cause="material")
        pause = event("paused", "09:10", cause="customer")
        resumed = event("resumed", "09:40", cause="customer")
        state = clock(repair(), RECEIVED, late, pause, resumed)
        self.assertEqual((state.state, state.paused_from), ("paused", china("10:20")))
        on = event("resumed", "10:25", cause="material")
        state = clock(repair(), RECEIVED, late, pause, resumed, on)
        self.assertEqual((state.state, state.deadline), ("running", china("10:35")))
        # Over before its entry: it took nothing.
        everything = event("resumed", "09:40")
        state = clock(repair(), RECEIVED, late, pause, everything)
        self.assertEqual((state.state, state.deadline), ("running", china("10:30")))

    def test_before_the_start(self):
        """What is said to have been so before the start, but entered long after."""
        policy = Policy("arrived", "restored", 60, "minute")
        arrived = passed("arrived", "09:30")
        pause = [event("paused", "09:10", "12:00"), event("resumed", "11:00", "12:00")]
        state = clock(policy, RECEIVED, arrived, *pause)
        self.assertEqual((state.state, state.deadline), ("running", china("10:30")))
        proved = [item._replace(has_proof=True) for item in pause]
        state = clock(policy, RECEIVED, arrived, *proved)
        self.assertEqual(state.deadline, china("12:00"))
        for kind in ENDINGS:
            with self.subTest(kind=kind):
                ended = event(kind, "09:10", "12:00")
                state = as_of(clock(policy, RECEIVED, arrived, ended), china("13:00"))
                self.assertEqual(state.state, "missed")
                ended = ended._replace(has_proof=True)
                self.assertEqual(clocks(policy, RECEIVED, arrived, ended), ())

    def test_not_into_the_next_cycle(self):
        """What happened before the reopening says nothing of what follows."""
        reopened = event("reopened", "11:00")
        for late in (
            event("cancelled", "09:10", "11:30"),
            event("paused", "09:10", "11:30"),
            event("extended", "09:10", "11:30", units=60),
        ):
            with self.subTest(kind=late.kind):
                states = clocks(repair(), RECEIVED, late, reopened)
                self.assertEqual(
                    [(state.state, state.deadline) for state in states],
                    [("missed", china("10:00")), ("running", china("12:00"))],
                )

    def test_entered_after_a_target_that_was_entered_late(self):
        """Met by its entry while paused: a later entry doesn't get in between."""
        events = [
            RECEIVED,
            event("paused", "09:10"),
            passed("arrived", "09:20", "10:15"),
        ]
        met = clock(repair(), *events)
        self.assertEqual((met.state, met.reached_at), ("met", china("10:15")))
        late = event("cancelled", "09:30", "10:18")
        self.assertEqual(clock(repair(), *events, late), met)

    def test_belongs_to_its_own_cycle(self):
        """An old answer entered after the reopening doesn't answer the new question."""
        old = passed("arrived", "09:30", "11:30")
        first, second = clocks(repair(), RECEIVED, old, event("reopened", "11:00"))
        self.assertEqual((first.state, first.reached_at), ("missed", china("11:30")))
        self.assertEqual(second.state, "running")


class TestValidateEvent(unittest.TestCase):
    def test_reasons(self):
        cases = [
            (event("milestone", "09:30", milestone="arrived"), None),
            (event("milestone", "09:30", "11:00", milestone="arrived"), None),
            (event("milestone", "09:30"), "no_milestone"),
            (event("solved", "09:30"), "unknown_kind"),
            (event("extended", "09:30"), "no_units"),
            (event("extended", "09:30", units=-2), "no_units"),
            (event("extended", "09:30", units=2), None),
            (event("paused", "09:31", "09:30"), "future"),
            (event("paused", "08:59", "09:30"), "before_receipt"),
            (event("paused", "09:00", "09:30"), None),
            (event("reopened", "09:10", "09:30"), "backdated"),
            (event("reopened", "09:30"), None),
        ]
        for item, reason in cases:
            with self.subTest(item=item):
                self.assertEqual(validate_event(item, china("09:00")), reason)

    def test_clock_skew(self):
        skew = timedelta(minutes=5)
        for at, recorded_at, reason in (
            ("09:34", "09:30", None),
            ("09:36", "09:30", "future"),
            ("08:56", "09:30", None),
            ("08:54", "09:30", "before_receipt"),
        ):
            with self.subTest(at=at):
                item = event("paused", at, recorded_at)
                self.assertEqual(validate_event(item, china("09:00"), skew), reason)
