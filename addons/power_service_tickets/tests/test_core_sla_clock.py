"""The promise clock: tables of known answers for deadlines, milestones, pauses."""

import unittest

from odoo.addons.power_service_tickets.core.sla_clock import (
    as_of,
    evaluate,
    get_moment_at,
    get_used_minutes,
)
from odoo.addons.power_service_tickets.core.sla_facts import KINDS, Policy

from .sla_clock_common import (
    RECEIVED,
    WORKTIME,
    china,
    clock,
    clocks,
    event,
    passed,
    repair,
)


class TestPolicy(unittest.TestCase):
    def test_refused(self):
        cases = [
            (
                "start",
                "",
                1,
                "day",
                {},
            ),  # a clock without a target would be met at once
            ("start", None, 1, "day", {}),
            ("", "target", 1, "day", {}),
            ("same", "same", 1, "day", {}),
            ("start", "target", 0, "day", {}),
            ("start", "target", -1, "minute", {}),
            ("start", "target", float("nan"), "minute", {}),
            ("start", "target", float("inf"), "minute", {}),
            ("start", "target", 1.5, "working_day", {}),
            ("start", "target", 1, "week", {}),
            ("start", "target", 1, "day", {"warn_at_percent": 101}),
            ("start", "target", 1, "day", {"warn_at_percent": -1}),
            ("start", "target", 1, "day", {"restart": "always"}),
            ("start", "target", 1, "day", {"also_reached_by": frozenset(["start"])}),
            ("start", "target", 1, "day", {"void_once": frozenset(["start"])}),
            ("start", "target", 1, "day", {"void_once": frozenset(["target"])}),
        ]
        for start, target, duration, unit, values in cases:
            with self.subTest(start=start, target=target, unit=unit, **values):
                with self.assertRaises(ValueError):
                    Policy(start, target, duration, unit, **values)

    def test_working_units_need_a_working_time(self):
        with self.assertRaises(ValueError):
            evaluate(repair(1, "working_day"), [RECEIVED])
        self.assertEqual(evaluate(repair(), [RECEIVED])[0].state, "running")

    def test_unknown_kind(self):
        with self.assertRaises(ValueError):
            clocks(repair(), RECEIVED, event("answered", "09:10"))

    def test_every_kind_is_understood(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                clocks(repair(), RECEIVED, event(kind, "09:10", units=1))


class TestDeadline(unittest.TestCase):
    def test_units(self):
        cases = [
            # received, duration, unit, deadline
            ("09:00", 45, "minute", "09:45"),
            ("2026-06-20 23:50", 45, "minute", "2026-06-21 00:35"),
            ("09:00", 1, "day", "2026-06-16 09:00"),
            ("2026-09-30 09:00", 7, "day", "2026-10-07 09:00"),
            ("11:30", 60, "working_minute", "14:30"),
            ("2026-02-14 17:00", 60, "working_minute", "2026-02-24 09:00"),
            ("09:00", 1, "working_day", "2026-06-16 17:30"),
            ("2026-06-18 09:00", 1, "working_day", "2026-06-22 17:30"),
            ("2026-02-13 08:00", 1, "working_day", "2026-02-14 17:30"),  # 调休
            ("2026-09-29 11:00", 7, "working_day", "2026-10-14 17:30"),
            ("2026-06-13 10:00", 1, "working_day", "2026-06-15 17:30"),  # a Saturday
        ]
        for received, duration, unit, deadline in cases:
            with self.subTest(received=received, duration=duration, unit=unit):
                state = clock(repair(duration, unit), passed("received", received))
                self.assertEqual(state.deadline, china(deadline))
                self.assertEqual(state.state, "running")
                self.assertFalse(state.is_provisional)

    def test_outside_office_hours(self):
        cases = [
            # received, deadline of one working day, of one from the next working day
            ("2026-06-15 17:29:59", "2026-06-16 17:30", "2026-06-16 17:30"),
            ("2026-06-15 17:30", "2026-06-16 17:30", "2026-06-17 17:30"),
            ("2026-06-15 23:00", "2026-06-16 17:30", "2026-06-17 17:30"),
            ("2026-06-15 07:00", "2026-06-16 17:30", "2026-06-16 17:30"),
            ("2026-06-15 13:00", "2026-06-16 17:30", "2026-06-16 17:30"),  # at noon
            ("2026-06-13 10:00", "2026-06-15 17:30", "2026-06-16 17:30"),  # Saturday
            ("2026-06-18 20:00", "2026-06-22 17:30", "2026-06-23 17:30"),  # holidays
        ]
        for received, same_day, next_day in cases:
            for is_next, expected in ((False, same_day), (True, next_day)):
                with self.subTest(received=received, is_next=is_next):
                    policy = repair(1, "working_day", is_next_day_after_hours=is_next)
                    state = clock(policy, passed("received", received))
                    self.assertEqual(state.deadline, china(expected))
                    self.assertEqual(
                        state.allowance_minutes,
                        WORKTIME.working_minutes_between(
                            state.started_at, state.deadline
                        ),
                    )

    def test_provisional(self):
        cases = [
            ("2026-12-28 09:00", 3, "working_day", False),
            ("2026-12-28 09:00", 4, "working_day", True),
            ("2026-12-31 17:00", 31, "working_minute", True),
            ("2026-12-31 17:00", 3, "day", False),  # no holidays in it
        ]
        for received, duration, unit, expected in cases:
            with self.subTest(received=received, duration=duration, unit=unit):
                state = clock(repair(duration, unit), passed("received", received))
                self.assertIs(state.is_provisional, expected)

    def test_warning(self):
        cases = [
            (60, "minute", 80, "09:48"),
            (60, "minute", 100, "10:00"),
            (60, "minute", 0, None),
            (1, "day", 50, "21:00"),
            (60, "working_minute", 50, "09:30"),
            # Monday has 390 minutes left, Tuesday 420: half of 810 is Tuesday 8:45.
            (1, "working_day", 50, "2026-06-16 08:45"),
        ]
        for duration, unit, percent, expected in cases:
            with self.subTest(duration=duration, unit=unit, percent=percent):
                policy = repair(duration, unit, warn_at_percent=percent)
                state = clock(policy, RECEIVED)
                self.assertEqual(state.warn_at, expected and china(expected))

    def test_percent_of_the_allowance(self):
        day = clock(repair(1, "working_day"), RECEIVED)
        self.assertEqual(day.allowance_minutes, 810)
        pause = [event("paused", "09:10"), event("resumed", "09:30")]
        cases = [
            (clock(repair(), RECEIVED), 150, "10:30"),
            (clock(repair(), RECEIVED, *pause), 50, "09:50"),
            (clock(repair(), RECEIVED, *pause), 150, "10:50"),
            (day, 50, "2026-06-16 08:45"),
            (day, 100, "2026-06-16 17:30"),
            (day, 110, "2026-06-17 09:51"),
        ]
        for state, percent, expected in cases:
            with self.subTest(percent=percent, unit=state.unit):
                moment = get_moment_at(state, percent, WORKTIME)
                self.assertEqual(moment, china(expected))

    def test_used_minutes(self):
        minute, working = repair(), repair(1, "working_day")
        pause = [event("paused", "11:00"), event("resumed", "14:30")]
        cases = [
            (minute, [], "09:40", 40),
            (minute, [], "08:00", 0),
            (working, [], "14:30", 210),  # without the noon break
            (working, pause, "15:00", 150),
            (working, pause[:1], "15:00", 120),  # still paused
            (minute, [passed("arrived", "09:20")], "12:00", 20),
        ]
        for policy, events, now, expected in cases:
            with self.subTest(unit=policy.unit, now=now):
                state = clock(policy, RECEIVED, *events)
                used = get_used_minutes(state, WORKTIME, china(now))
                self.assertEqual(used, expected)


class TestStartAndTarget(unittest.TestCase):
    def test_waits_for_the_start(self):
        policy = Policy("arrived", "restored", 180, "minute")
        self.assertEqual(clocks(policy), ())
        self.assertEqual(clocks(policy, RECEIVED, passed("restored", "09:05")), ())
        state = clock(policy, RECEIVED, passed("arrived", "09:30"))
        self.assertEqual(state.started_at, china("09:30"))

    def test_first_start_counts(self):
        state = clock(repair(), RECEIVED, passed("received", "09:30", sequence=2))
        self.assertEqual(state.started_at, china("09:00"))

    def test_reached(self):
        cases = [
            ("09:00", "met", None),
            ("10:00", "met", None),  # the deadline itself
            ("2026-06-15 10:00:01", "missed", "10:00"),
            ("11:00", "missed", "10:00"),
        ]
        for arrived, name, missed_at in cases:
            with self.subTest(arrived=arrived):
                state = clock(
                    repair(), RECEIVED, passed("arrived", arrived, sequence=1)
                )
                self.assertEqual(state.state, name)
                self.assertEqual(state.reached_at, china(arrived))
                self.assertEqual(state.missed_at, missed_at and china(missed_at))
                self.assertEqual(state.ended_at, china(arrived))
                self.assertIsNone(state.warn_at)

    def test_same_moment_goes_by_sequence(self):
        events = [passed("arrived", "09:00", sequence=2), RECEIVED]
        self.assertEqual(clock(repair(), *events).state, "met")
        self.assertEqual(
            clock(repair(), events[0]._replace(sequence=-1), RECEIVED).state, "running"
        )

    def test_an_event_of_any_kind_may_carry_a_milestone(self):
        policy = Policy("received", "accepted", 30, "minute")
        accepted = event("accepted", "09:10", milestone="accepted")
        self.assertEqual(clock(policy, RECEIVED, accepted).state, "met")

    def test_an_answer_is_a_contact(self):
        policy = Policy(
            "received",
            "contacted",
            60,
            "minute",
            also_reached_by=frozenset(["answered"]),
        )
        cases = [
            ([("answered", "09:30")], "met", "09:30"),
            ([("contacted", "09:20"), ("answered", "09:30")], "met", "09:20"),
            ([("answered", "09:30"), ("contacted", "09:40")], "met", "09:30"),
            ([("answered", "10:30")], "missed", "10:30"),
        ]
        for events, name, reached_at in cases:
            with self.subTest(events=events):
                events = [
                    passed(milestone, at, sequence=number)
                    for number, (milestone, at) in enumerate(events, 1)
                ]
                state = clock(policy, RECEIVED, *events)
                self.assertEqual(state.state, name)
                self.assertEqual(state.reached_at, china(reached_at))

    def test_void_once_power_is_back_before_the_crew_came(self):
        policy = repair(void_once=frozenset(["restored"]))
        cases = [
            # (milestone, happened, entered)s, state, ended
            ([("restored", "09:30", None)], "cancelled", "09:30"),
            ([("restored", "10:00", None)], "cancelled", "10:00"),
            # Too late: the crew should have been there.
            ([("restored", "10:30", None)], "missed", None),
            ([("arrived", "09:20", None), ("restored", "09:30", None)], "met", "09:20"),
            # A crew back online: what happened first counts, in whatever order entered.
            (
                [("restored", "09:30", "09:40"), ("arrived", "09:20", "09:50")],
                "met",
                "09:20",
            ),
            # Entered after the deadline without proof it doesn't heal.
            ([("restored", "09:30", "10:30")], "missed", None),
        ]
        for events, name, ended_at in cases:
            with self.subTest(events=events):
                events = [
                    passed(milestone, at, recorded_at, sequence=number)
                    for number, (milestone, at, recorded_at) in enumerate(events, 1)
                ]
                state = as_of(clock(policy, RECEIVED, *events), china("12:00"))
                self.assertEqual(state.state, name)
                self.assertEqual(state.ended_at, ended_at and china(ended_at))

    def test_void_with_proof_entered_late(self):
        policy = repair(void_once=frozenset(["restored"]))
        restored = passed("restored", "09:30", "10:30", has_proof=True)
        state = clock(policy, RECEIVED, restored)
        self.assertEqual((state.state, state.is_late_proved), ("cancelled", True))

    def test_void_in_one_cycle_only(self):
        policy = repair(void_once=frozenset(["restored"]))
        events = [passed("restored", "09:30"), event("reopened", "11:00")]
        states = clocks(policy, RECEIVED, *events)
        self.assertEqual([s.state for s in states], ["cancelled", "running"])

    def test_as_of(self):
        state = clock(repair(), RECEIVED)
        self.assertIs(as_of(state, china("10:00")), state)
        missed = as_of(state, china("2026-06-15 10:00:01"))
        self.assertEqual((missed.state, missed.missed_at), ("missed", china("10:00")))
        met = clock(repair(), RECEIVED, passed("arrived", "09:10"))
        self.assertIs(as_of(met, china("12:00")), met)
        paused = clock(repair(), RECEIVED, event("paused", "09:10"))
        self.assertIs(as_of(paused, china("12:00")), paused)


class TestPause(unittest.TestCase):
    def test_moves_the_deadline(self):
        long = [("paused", "2026-06-16 10:00"), ("resumed", "2026-06-18 10:00")]
        cases = [
            # duration, unit, pauses, deadline, paused minutes
            (60, "minute", [("paused", "09:10"), ("resumed", "09:30")], "10:20", 20),
            (
                1,
                "day",
                [("paused", "10:00"), ("resumed", "12:00")],
                "2026-06-16 11:00",
                120,
            ),
            # The noon break was no working time anyway.
            (
                180,
                "working_minute",
                [("paused", "11:30"), ("resumed", "14:30")],
                "15:00",
                60,
            ),
            (2, "working_day", long, "2026-06-22 17:30", 840),
            (
                3,
                "working_day",
                [("paused", "11:30"), ("resumed", "14:30")],
                "2026-06-22 09:30",
                60,
            ),
            (
                2,
                "working_day",
                [("paused", "18:00"), ("resumed", "20:00")],
                "2026-06-17 17:30",
                0,
            ),
            # Two pauses of one cause count once; the first resumption ends them.
            (
                60,
                "minute",
                [("paused", "09:10"), ("paused", "09:20"), ("resumed", "09:30")],
                "10:20",
                20,
            ),
            (60, "minute", [("resumed", "09:10")], "10:00", 0),
            # Before the start it counts from the start.
            (60, "minute", [("paused", "08:00"), ("resumed", "09:20")], "10:20", 20),
            (60, "minute", [("paused", "08:00"), ("resumed", "08:30")], "10:00", 0),
            # At the deadline's own second there is nothing left, but it isn't passed.
            (60, "minute", [("paused", "10:00"), ("resumed", "10:30")], "10:30", 30),
            # After the deadline it heals nothing.
            (60, "minute", [("paused", "10:01"), ("resumed", "10:30")], "10:00", 0),
        ]
        for duration, unit, pauses, deadline, minutes in cases:
            with self.subTest(duration=duration, unit=unit, pauses=pauses):
                events = [
                    event(kind, at, sequence=index)
                    for index, (kind, at) in enumerate(pauses)
                ]
                state = clock(repair(duration, unit), RECEIVED, *events)
                self.assertEqual(state.deadline, china(deadline))
                self.assertEqual(state.paused_minutes, minutes)

    def test_open_pause(self):
        state = clock(repair(), RECEIVED, event("paused", "09:10"))
        self.assertEqual((state.state, state.paused_from), ("paused", china("09:10")))
        self.assertEqual(state.used_minutes, 10)
        self.assertEqual(state.deadline, china("10:00"))

    def test_causes_overlap(self):
        events = [
            RECEIVED,
            event("paused", "09:10", cause="customer"),
            event("paused", "09:20", cause="material"),
            event("resumed", "09:30", cause="customer"),
        ]
        self.assertEqual(clock(repair(), *events).state, "paused")
        one = clock(repair(), *events, event("resumed", "09:40", cause="material"))
        self.assertEqual(one.deadline, china("10:30"))
        everything = clock(repair(), *events, event("resumed", "09:35"))
        self.assertEqual(everything.deadline, china("10:25"))

    def test_reached_while_paused_never_changes_again(self):
        """Waiting for the customer, then straight to done, then out of the waiting."""
        events = [RECEIVED, event("paused", "09:10"), passed("arrived", "11:00")]
        met = clock(repair(), *events)
        self.assertEqual((met.state, met.used_minutes), ("met", 10))
        self.assertEqual(met.deadline, china("11:50"))
        for later in (
            event("resumed", "13:00"),
            event("paused", "13:00"),
            passed("arrived", "14:00"),
            event("cancelled", "14:00"),
            event("extended", "14:00", units=60),
        ):
            with self.subTest(kind=later.kind):
                self.assertEqual(clock(repair(), *events, later), met)

    def test_pause_after_the_deadline(self):
        late = [RECEIVED, event("paused", "10:30"), event("resumed", "11:00")]
        state = clock(repair(), *late, passed("arrived", "11:10"))
        self.assertEqual((state.state, state.missed_at), ("missed", china("10:00")))
        self.assertEqual(state.used_minutes, 130)
