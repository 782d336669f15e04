"""The promise clock: tables of known answers."""

import unittest
from datetime import date, datetime, timedelta

from odoo.addons.power_service_base.core.working_time import (
    CalendarSpec,
    DayException,
    WorkingTime,
)
from odoo.addons.power_service_tickets.core.sla_clock import (
    as_of,
    evaluate,
    get_moment_at,
    get_used_minutes,
    keep_settled,
    withdraw,
)
from odoo.addons.power_service_tickets.core.sla_facts import (
    ENDINGS,
    KINDS,
    Event,
    Policy,
    validate_event,
)

OFFICE = ((510, 720), (840, 1050))  # 8:30-12:00, 14:00-17:30
OFF = [(date(2026, 2, 15), 9), (date(2026, 6, 19), 3), (date(2026, 10, 1), 7)]
WORK = [date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)]
WORKTIME = WorkingTime(
    CalendarSpec(
        weeks=((OFFICE,) * 5 + ((), ()),),
        exceptions=tuple(
            DayException(first + timedelta(days=index), False)
            for first, count in OFF
            for index in range(count)
        )
        + tuple(DayException(day, True) for day in WORK),
        loaded_years=frozenset({2026}),
    )
)
MONDAY = "2026-06-15"


def china(text):
    """Naive UTC of a time on Chinese clocks; a time alone is on a Monday in June."""
    if len(text) == 5:
        text = f"{MONDAY} {text}"
    return datetime.fromisoformat(text) - timedelta(hours=8)


def event(kind, at, recorded_at=None, **values):
    """An event at a time on Chinese clocks, entered at once unless said otherwise."""
    moment = china(at)
    recorded_at = china(recorded_at) if recorded_at else moment
    return Event(kind, moment, recorded_at, **values)


def passed(milestone, at, recorded_at=None, **values):
    return event("milestone", at, recorded_at, milestone=milestone, **values)


def repair(duration=60, unit="minute", **values):
    """Received to arrived, one hour on the wall clock."""
    return Policy("received", "arrived", duration, unit, **values)


def clocks(policy, *events):
    return evaluate(policy, events, WORKTIME)


def clock(policy, *events):
    (state,) = clocks(policy, *events)
    return state


RECEIVED = passed("received", "09:00")


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
