"""The ladder: when each step comes due, once, in order, also after downtime."""

import unittest

from odoo.addons.power_service_tickets.core.escalation import (
    BREACH,
    WARN,
    Step,
    get_due_steps,
    get_next_event_at,
    get_step_at,
    is_current,
)
from odoo.addons.power_service_tickets.core.sla_clock import as_of

from .sla_clock_common import (
    RECEIVED,
    WORKTIME,
    china,
    clock,
    event,
    passed,
    repair,
)

LADDER = (
    Step("half", "percent", 50, "staff"),
    Step("soon", "minute", -5, "leader"),
    Step("chief", "minute", 30, "chief"),
    Step("company", "percent", 200, "company"),
)


def keys(state, *names):
    """The keys by which steps of a clock are remembered."""
    result = get_due_steps(state, LADDER, (), china("18:00"), WORKTIME)
    by_name = {item.name: item.key for item in (*result.due, *result.skipped)}
    return [by_name[name] for name in names]


def names(items):
    return [item.name for item in items]


class TestStep(unittest.TestCase):
    def test_refused(self):
        for values in (
            ("", "minute", 1, "chief"),
            (WARN, "minute", 1, "chief"),
            (BREACH, "minute", 1, "chief"),
            ("step", "hour", 1, "chief"),
            ("step", "percent", -1, "chief"),
            ("step", "minute", 1, None),  # a ladder to nobody
            ("step", "minute", 1, ""),
        ):
            with self.subTest(values=values), self.assertRaises(ValueError):
                Step(*values)

    def test_moments(self):
        # Received on Monday at 9:00: an hour later, and on Tuesday at 17:30.
        hour, day = clock(repair(), RECEIVED), clock(repair(1, "working_day"), RECEIVED)
        cases = [
            (hour, "percent", 50, "09:30"),
            (hour, "percent", 150, "10:30"),
            (hour, "minute", -15, "09:45"),
            (hour, "minute", -600, "09:00"),  # not before the start
            (hour, "minute", 30, "10:30"),
            # Two hours until noon, the other two after the break.
            (hour, "working_minute", 240, "16:00"),
            (day, "percent", 50, "2026-06-16 08:45"),
            (day, "percent", 110, "2026-06-17 09:51"),
            (day, "minute", 60, "2026-06-16 18:30"),
            (day, "working_minute", 60, "2026-06-17 09:30"),
            (day, "working_minute", -60, "2026-06-16 16:30"),
            (day, "working_minute", -240, "2026-06-16 11:30"),
            (day, "working_minute", -9999, "09:00"),
        ]
        for state, basis, amount, expected in cases:
            with self.subTest(unit=state.unit, basis=basis, amount=amount):
                moment = get_step_at(state, Step("step", basis, amount, "x"), WORKTIME)
                self.assertEqual(moment, china(expected))

    def test_at_the_deadline_means_after_it(self):
        state = clock(repair(), RECEIVED)
        for basis, amount in (("percent", 100), ("minute", 0), ("working_minute", 0)):
            with self.subTest(basis=basis):
                moment = get_step_at(state, Step("step", basis, amount, "x"), WORKTIME)
                self.assertEqual(moment, china("2026-06-15 10:00:01"))

    def test_needs_a_working_time(self):
        hour, day = clock(repair(), RECEIVED), clock(repair(1, "working_day"), RECEIVED)
        for state, basis in ((hour, "working_minute"), (day, "percent")):
            with self.subTest(basis=basis), self.assertRaises(ValueError):
                get_step_at(state, Step("step", basis, 50, "x"))
        get_step_at(hour, Step("step", "percent", 50, "x"))


class TestTick(unittest.TestCase):
    def test_through_the_day(self):
        """The tick comes whenever something is due: each step once, at its time."""
        state, done, story = clock(repair(), RECEIVED), set(), []
        while now := get_next_event_at(state, LADDER, done, WORKTIME):
            result = get_due_steps(as_of(state, now), LADDER, done, now, WORKTIME)
            self.assertFalse(result.skipped)
            story += [(item.name, item.at) for item in result.due]
            done.update(item.key for item in result.due)
        self.assertEqual(
            story,
            [
                ("half", china("09:30")),
                (WARN, china("09:48")),
                ("soon", china("09:55")),
                (BREACH, china("2026-06-15 10:00:01")),
                ("chief", china("10:30")),
                ("company", china("11:00")),
            ],
        )

    def test_after_downtime(self):
        cases = [
            # now, done before, due in order, dropped
            ("09:00", [], [], []),
            ("09:50", [], ["half", WARN], []),
            ("10:00", [], ["half", WARN, "soon"], []),
            # No warning after the breach.
            ("10:10", [], [BREACH], ["half", WARN, "soon"]),
            ("10:10", ["half", WARN], [BREACH], ["soon"]),
            ("12:00", [], [BREACH, "chief", "company"], ["half", WARN, "soon"]),
            ("12:00", ["half", WARN, "soon", BREACH], ["chief", "company"], []),
        ]
        state = clock(repair(), RECEIVED)
        for now, done, due, skipped in cases:
            for known in (state, as_of(state, china(now))):
                with self.subTest(now=now, done=done, state=known.state):
                    before = keys(known, *done)
                    result = get_due_steps(known, LADDER, before, china(now), WORKTIME)
                    self.assertEqual(names(result.due), due)
                    self.assertEqual(names(result.skipped), skipped)
                    self.assertLessEqual(
                        {item.reason for item in result.skipped}, {"breached"}
                    )
                    done_now = {
                        *before,
                        *(item.key for item in (*result.due, *result.skipped)),
                    }
                    again = get_due_steps(known, LADDER, done_now, china(now), WORKTIME)
                    self.assertEqual((again.due, again.skipped), ((), ()))

    def test_order_of_one_moment(self):
        state = clock(repair(), RECEIVED)
        steps = [Step("b", "percent", 100, "x"), Step("a", "minute", 0, "x")]
        result = get_due_steps(state, steps, (), china("11:00"))
        self.assertEqual(names(result.due), [BREACH, "a", "b"])

    def test_paused(self):
        state = clock(repair(), RECEIVED, event("paused", "09:10"))
        self.assertIsNone(get_next_event_at(state, LADDER, ()))
        result = get_due_steps(state, LADDER, (), china("15:00"))
        self.assertEqual((result.due, result.skipped), ((), ()))

    def test_ended(self):
        late = [passed("arrived", "10:40")]
        cases = [
            ([passed("arrived", "09:50")], ["half"]),
            (late, ["half", "soon", BREACH, "chief"]),
            ([event("cancelled", "09:40")], ["half"]),
            ([event("merged", "09:20")], []),
            ([event("exempted", "10:10")], ["half", "soon", BREACH]),
        ]
        for events, skipped in cases:
            with self.subTest(events=events):
                state = clock(repair(), RECEIVED, *events)
                self.assertIsNone(get_next_event_at(state, LADDER, ()))
                result = get_due_steps(state, LADDER, (), china("15:00"))
                self.assertEqual(result.due, ())
                self.assertEqual(names(result.skipped), skipped)
                self.assertLessEqual({i.reason for i in result.skipped}, {"ended"})

    def test_missed_without_ladder(self):
        state = as_of(clock(repair(), RECEIVED), china("10:10"))
        self.assertEqual(
            get_next_event_at(state, (), (WARN,)), china("2026-06-15 10:00:01")
        )
        self.assertIsNone(get_next_event_at(state, (), keys(state, BREACH)))

    def test_extended_deadline_warns_again(self):
        before = clock(repair(), RECEIVED)
        done = set(keys(before, "half", WARN, "soon"))
        after = clock(repair(), RECEIVED, event("extended", "09:58", units=60))
        result = get_due_steps(after, LADDER, done, china("10:40"), WORKTIME)
        self.assertEqual(names(result.due), ["half", WARN])
        self.assertEqual([item.key for item in result.due], ["half+60", "warn+60"])

    def test_missed_again(self):
        """A proved pause heals the first breach; the second one is told too."""
        late = [
            event("paused", "09:30", "10:10", has_proof=True),
            event("resumed", "10:10"),
        ]
        missed = as_of(clock(repair(), RECEIVED), china("10:05"))
        done = get_due_steps(missed, (), (), china("10:05"))
        done = {item.key for item in (*done.due, *done.skipped)}
        again = clock(repair(), RECEIVED, *late)
        self.assertEqual((again.state, again.deadline), ("running", china("10:40")))
        self.assertEqual(
            get_next_event_at(again, (), done), china("2026-06-15 10:40:01")
        )
        result = get_due_steps(again, (), done, china("10:50"))
        self.assertEqual(names(result.due), [BREACH])

    def test_a_step_holds_for_its_deadline(self):
        running = clock(repair(), RECEIVED)
        extended = clock(repair(), RECEIVED, event("extended", "09:30", units=30))
        for name, still in (("half", False), ("chief", False)):
            [key] = keys(running, name)
            with self.subTest(step=name):
                self.assertTrue(is_current(key, name, running))
                self.assertEqual(is_current(key, name, extended), still)
                self.assertTrue(is_current(keys(extended, name)[0], name, extended))
                self.assertFalse(is_current(key, "company", running))
