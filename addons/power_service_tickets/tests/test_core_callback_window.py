"""Calling customers back: when it is allowed, how often, and when not at all."""

import unittest
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.power_service_tickets.core.callback_window import (
    Attempt,
    CallbackFacts,
    CallbackRules,
    check_attempt,
    get_due,
    get_exclusion,
    get_next_allowed,
    plan,
)

from .sla_clock_common import WORKTIME, china

RULES = CallbackRules()
ASKED = CallbackFacts("complaint")


def vain(*times):
    return [Attempt(china(at), False) for at in times]


class TestRules(unittest.TestCase):
    def test_refused(self):
        for values in (
            {"max_attempts": 0},
            {"working_days": 0},
            {"gap": timedelta(minutes=-1)},
            {"quiet": ((8, 20), (20, 8))},
            {"quiet": ((12, 25),)},
        ):
            with self.subTest(**values), self.assertRaises(ValueError):
                CallbackRules(**values)

    def test_exclusion(self):
        cases = [
            (ASKED, None),
            (CallbackFacts("praise"), "excluded_type"),
            (CallbackFacts("complaint", is_anonymous=True), "anonymous"),
            (CallbackFacts("complaint", has_refused=True), "refused"),
            (CallbackFacts("complaint", has_phone=False), "no_phone"),
        ]
        for facts, reason in cases:
            with self.subTest(facts=facts):
                self.assertEqual(get_exclusion(facts, RULES), reason)
                result = plan(china("09:00"), [], facts, RULES, WORKTIME)
                self.assertEqual(result.state, "not_wanted" if reason else "open")
                self.assertEqual(result.reason, reason or "")
                self.assertEqual(
                    check_attempt(china("10:00"), china("09:00"), [], facts, RULES),
                    reason,
                )


class TestWindow(unittest.TestCase):
    def test_next_allowed(self):
        cases = [
            ("08:00", "08:00"),
            ("07:59", "08:00"),
            ("00:00", "08:00"),
            ("2026-06-15 11:59:59", "2026-06-15 11:59:59"),
            ("12:00", "14:00"),
            ("13:59", "14:00"),
            ("14:00", "14:00"),
            ("20:59", "20:59"),
            ("21:00", "2026-06-16 08:00"),
            ("23:30", "2026-06-16 08:00"),
        ]
        for at, expected in cases:
            with self.subTest(at=at):
                self.assertEqual(get_next_allowed(china(at), RULES), china(expected))

    def test_windows_that_touch(self):
        rules = CallbackRules(quiet=((21, 8), (8, 9.5), (12, 12)))
        self.assertEqual(
            get_next_allowed(china("22:00"), rules), china("2026-06-16 09:30")
        )
        self.assertEqual(get_next_allowed(china("12:00"), rules), china("12:00"))

    def test_no_windows(self):
        rules = CallbackRules(quiet=())
        self.assertEqual(get_next_allowed(china("03:00"), rules), china("03:00"))

    def test_due(self):
        cases = [
            ("09:00", "2026-06-16 17:30", False),
            ("2026-02-13 20:00", "2026-02-14 17:30", False),  # the make-up Saturday
            ("2026-09-30 10:00", "2026-10-08 17:30", False),
            ("2026-12-31 10:00", "2027-01-01 17:30", True),
        ]
        for answered, due, is_provisional in cases:
            with self.subTest(answered=answered):
                self.assertEqual(
                    get_due(china(answered), RULES, WORKTIME),
                    (china(due), is_provisional),
                )

    @given(
        st.integers(0, 3 * 24 * 60),
        st.lists(
            st.tuples(st.integers(0, 24), st.integers(0, 24)).map(tuple), max_size=3
        ),
    )
    @settings(max_examples=200, deadline=None)
    def test_next_allowed_is_the_first_allowed(self, minute, quiet):
        try:
            rules = CallbackRules(quiet=tuple(quiet))
        except ValueError:
            return  # no time left to call
        at = china("00:00") + timedelta(minutes=minute)
        found = get_next_allowed(at, rules)

        def is_quiet(moment):
            hour = (moment + timedelta(hours=8)).hour
            return any(
                low <= hour < high if low < high else hour >= low or hour < high
                for low, high in ((low % 24, high % 24) for low, high in quiet)
                if low != high
            )

        self.assertFalse(is_quiet(found))
        while at < found:
            self.assertTrue(is_quiet(at))
            at += timedelta(minutes=1)


class TestAttempts(unittest.TestCase):
    def test_plan(self):
        cases = [
            # answered, attempts, state, next
            ("09:00", [], "open", "09:00"),
            ("11:59", vain("11:59"), "open", "14:00"),
            ("09:00", vain("09:30"), "open", "11:30"),
            ("09:00", vain("09:30", "18:00"), "open", "20:00"),
            ("09:00", vain("09:30", "20:00"), "open", "2026-06-16 08:00"),
            ("09:00", vain("09:30", "14:00", "16:00"), "given_up", None),
            # Those from before the answer are of an earlier call-back.
            ("16:00", vain("09:30", "11:30", "14:00"), "open", "16:00"),
        ]
        for answered, attempts, state, next_at in cases:
            with self.subTest(answered=answered, attempts=attempts):
                for order in (attempts, attempts[::-1]):
                    result = plan(china(answered), order, ASKED, RULES, WORKTIME)
                    self.assertEqual(result.state, state)
                    self.assertEqual(result.next_at, next_at and china(next_at))
                    self.assertEqual(result.due_at, china("2026-06-16 17:30"))

    def test_reached(self):
        attempts = [*vain("09:30"), Attempt(china("11:40"), True)]
        result = plan(china("09:00"), attempts, ASKED, RULES, WORKTIME)
        self.assertEqual((result.state, result.next_at), ("reached", None))

    def test_attempts_left_and_reason(self):
        for count, left, reason in ((0, 3, ""), (2, 1, ""), (3, 0, "not_reached")):
            attempts = vain("09:30", "14:00", "16:00")[:count]
            result = plan(china("09:00"), attempts, ASKED, RULES, WORKTIME)
            self.assertEqual((result.attempts_left, result.reason), (left, reason))

    def test_check_attempt(self):
        cases = [
            # at, answered, attempts, reason
            ("10:00", "09:00", [], None),
            ("2026-06-19 10:00", "09:00", [], None),  # late, but welcome
            ("10:00", None, [], "not_answered"),
            ("08:59", "09:00", [], "not_answered"),
            ("12:30", "09:00", [], "quiet"),
            ("21:00", "09:00", [], "quiet"),
            ("11:29", "09:00", vain("09:30"), "too_soon"),
            ("11:30", "09:00", vain("09:30"), None),
            ("16:00", "09:00", [Attempt(china("09:30"), True)], "already_reached"),
            ("18:00", "09:00", vain("09:30", "14:00", "16:00"), "no_attempt_left"),
        ]
        for at, answered, attempts, reason in cases:
            with self.subTest(at=at, answered=answered, attempts=attempts):
                result = check_attempt(
                    china(at), answered and china(answered), attempts, ASKED, RULES
                )
                self.assertEqual(result, reason)

    def test_next_is_always_allowed(self):
        attempts = []
        for _count in range(RULES.max_attempts):
            result = plan(china("20:30"), attempts, ASKED, RULES, WORKTIME)
            self.assertIsNone(
                check_attempt(result.next_at, china("20:30"), attempts, ASKED, RULES)
            )
            attempts.append(Attempt(result.next_at, False))
        self.assertEqual(
            [attempt.at for attempt in attempts],
            [china("20:30"), china("2026-06-16 08:00"), china("2026-06-16 10:00")],
        )
