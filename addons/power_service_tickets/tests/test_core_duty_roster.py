"""The rules of the duty roster, without a database."""

import unittest
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.power_service_tickets.core.duty_roster import (
    Gap,
    Shift,
    find_doubles,
    find_gaps,
    get_windows,
    rotate,
    to_utc,
)

ZONE = "Asia/Shanghai"
START = datetime(2026, 3, 1)


def at(hours):
    return START + timedelta(hours=hours)


def shift(employee, start, end):
    return Shift((employee, start), employee, at(start), at(end))


class TestWindows(unittest.TestCase):
    def test_hours_are_those_of_the_station(self):
        self.assertEqual(
            to_utc(date(2026, 3, 2), 8.5, ZONE), datetime(2026, 3, 2, 0, 30)
        )
        self.assertEqual(to_utc(date(2026, 3, 2), 24, ZONE), datetime(2026, 3, 2, 16))

    def test_around_the_clock_is_one_window(self):
        self.assertEqual(get_windows(at(5), at(77), 0, 24, ZONE), [(at(5), at(77))])

    def test_office_hours_and_nights(self):
        # From midnight in China of the 2nd to midnight of the 3rd.
        start, end = datetime(2026, 3, 1, 16), datetime(2026, 3, 2, 16)
        for hours, expected in (
            ((8, 18), [(8, 18)]),
            ((22, 6), [(0, 6), (22, 24)]),
            ((0, 24), [(0, 24)]),
            ((7.5, 7.5), [(0, 24)]),
        ):
            with self.subTest(hours=hours):
                self.assertEqual(
                    get_windows(start, end, *hours, ZONE),
                    [
                        (start + timedelta(hours=a), start + timedelta(hours=b))
                        for a, b in expected
                    ],
                )

    def test_a_day_with_summer_time_has_23_hours(self):
        start, end = datetime(2026, 3, 29), datetime(2026, 3, 30)
        windows = get_windows(start, end, 0, 8, "Europe/Berlin")
        self.assertEqual(windows[0], (start, datetime(2026, 3, 29, 6)))


class TestGaps(unittest.TestCase):
    def test_table(self):
        window = [(at(0), at(24))]
        for name, shifts, minimum, expected in (
            ("nobody", [], 1, [(0, 24, 1)]),
            ("all day", [shift("a", -1, 30)], 1, []),
            ("touching", [shift("a", 0, 8), shift("b", 8, 24)], 1, []),
            ("hole", [shift("a", 0, 8), shift("b", 10, 24)], 1, [(8, 10, 1)]),
            ("two needed", [shift("a", 0, 24), shift("b", 6, 12)], 2,
             [(0, 6, 1), (12, 24, 1)]),
            ("twice the same is one", [shift("a", 0, 24), shift("a", 6, 12)], 2,
             [(0, 24, 1)]),
            ("steps", [shift("a", 0, 12)], 2, [(0, 12, 1), (12, 24, 2)]),
        ):  # fmt: skip
            with self.subTest(name):
                self.assertEqual(
                    find_gaps(window, shifts, minimum),
                    [Gap(at(a), at(b), missing) for a, b, missing in expected],
                )

    @given(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(-10, 60), st.integers(1, 30)),
            max_size=8,
        ),
        st.integers(1, 3),
    )
    def test_every_hour_is_covered_or_in_a_gap(self, drawn, minimum):
        shifts = [shift(who, start, start + long) for who, start, long in drawn]
        gaps = find_gaps([(at(0), at(48))], shifts, minimum)
        for hour in range(48):
            there = {
                s.employee for s in shifts if s.start <= at(hour) and s.end > at(hour)
            }
            missing = [g.missing for g in gaps if g.start <= at(hour) < g.end]
            self.assertEqual(sum(missing), max(minimum - len(there), 0))
        for one, other in zip(gaps, gaps[1:], strict=False):
            self.assertLessEqual(one.end, other.start)


class TestDoubles(unittest.TestCase):
    def test_table(self):
        one, two = shift("a", 0, 8), shift("a", 6, 10)
        self.assertEqual(find_doubles([two, one]), [(one, two, at(6), at(8))])
        self.assertFalse(find_doubles([one, shift("a", 8, 10)]))
        self.assertFalse(find_doubles([one, shift("b", 6, 10)]))


class TestRotation(unittest.TestCase):
    def test_in_turn(self):
        self.assertEqual(
            rotate(["a", "b"], at(0), at(20), 8),
            [("a", at(0), at(8)), ("b", at(8), at(16)), ("a", at(16), at(24))],
        )

    def test_nobody_or_no_length_is_refused(self):
        for people, hours in (([], 8), (["a"], 0), (["a"], -1)):
            with self.subTest(hours=hours), self.assertRaises(ValueError):
                rotate(people, at(0), at(8), hours)
