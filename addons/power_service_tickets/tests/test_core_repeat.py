"""Repeated tickets: the same customer about the same matter, again."""

import unittest
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.power_service_tickets.core.repeat import (
    WINDOW,
    Case,
    Repeat,
    find_repeats,
)

START = datetime(2026, 1, 1)


def day(number):
    return START + timedelta(days=number)


def case(id, received, closed=None, customer="Li", matter="voltage", calls=1):
    """A ticket, received and closed so many days after the start."""
    closed_at = None if closed is None else day(closed)
    return Case(id, customer, matter, day(received), closed_at, calls)


class TestRepeat(unittest.TestCase):
    def test_repeat_of(self):
        new = case(9, 100)
        cases = [
            ([], None),
            ([case(1, 90, 95)], 1),
            ([case(1, 90)], None),  # still open: a chase, no repeat
            ([case(1, 90, 101)], None),  # closed only later
            ([case(1, 90, 100)], 1),  # closed in that moment
            ([case(1, 10, 40)], 1),  # the whole window
            ([case(1, 10, 39.999)], None),
            ([case(1, 80, 85), case(2, 90, 95)], 2),
            ([case(1, 80, 96), case(2, 90, 95)], 1),  # the one closed last
            ([case(1, 90, 95, customer="Wang")], None),
            ([case(1, 90, 95, matter="bills")], None),
            ([case(9, 90, 95)], None),  # itself
        ]
        for earlier, expected in cases:
            with self.subTest(earlier=earlier):
                found = find_repeats([new], earlier)
                self.assertEqual(set(found), {9})
                self.assertEqual(found[9].repeat_of, expected)

    def test_calls(self):
        cases = [
            ([case(9, 100)], 1, False),
            ([case(1, 90, 95), case(9, 100)], 2, False),
            ([case(1, 90, 95), case(2, 96), case(9, 100)], 3, True),
            ([case(1, 39, 40), case(2, 96), case(9, 100)], 2, False),
            ([case(1, 40, 41), case(2, 96), case(9, 100)], 3, True),
            ([case(1, 90, 95, calls=2), case(9, 100)], 3, True),  # chased once
            ([case(9, 100, calls=3)], 3, True),
            ([case(9, 100), case(10, 101), case(11, 102)], 1, False),
        ]
        for tickets, calls, is_frequent in cases:
            with self.subTest(tickets=tickets):
                found = find_repeats(tickets)[9]
                self.assertEqual((found.calls, found.is_frequent), (calls, is_frequent))

    def test_batch_repeats_itself(self):
        found = find_repeats([case(3, 20), case(1, 0, 5), case(2, 10, 15)])
        self.assertEqual(
            found,
            {1: Repeat(None, 1, False), 2: Repeat(1, 2, False), 3: Repeat(2, 3, True)},
        )

    def test_anonymous_and_no_matter(self):
        for values in (
            {"customer": None},
            {"customer": ""},
            {"matter": None},
        ):
            with self.subTest(**values):
                found = find_repeats([case(1, 0, 5, **values), case(2, 10, **values)])
                self.assertEqual(found[2], Repeat(None, 1, False))

    def test_closed_when_received(self):
        found = find_repeats([case(1, 5, 5), case(2, 5, 5)])
        self.assertEqual((found[1].repeat_of, found[2].repeat_of), (2, 1))
        self.assertIsNone(find_repeats([case(1, 5, 5)])[1].repeat_of)

    def test_parameters(self):
        earlier = [case(1, 0, 5)]
        for window, expected in ((20, None), (95, 1)):
            found = find_repeats([case(2, 100)], earlier, timedelta(days=window))
            self.assertEqual(found[2].repeat_of, expected)
        found = find_repeats([case(2, 10)], earlier, calls=2)
        self.assertTrue(found[2].is_frequent)
        for values in ({"window": timedelta()}, {"calls": 0}):
            with self.subTest(**values), self.assertRaises(ValueError):
                find_repeats([], **values)


cases = st.lists(
    st.builds(
        Case,
        id=st.integers(1, 100),
        customer=st.sampled_from(("Li", "Wang", None)),
        matter=st.sampled_from(("voltage", "bills")),
        received_at=st.integers(0, 120).map(day),
        closed_at=st.one_of(st.none(), st.integers(0, 60).map(day)),
        calls=st.integers(1, 3),
    ).map(
        lambda item: item._replace(
            closed_at=item.closed_at and item.received_at + (item.closed_at - START)
        )
    ),
    max_size=12,
    unique_by=lambda item: item.id,
)


class TestRepeatLaws(unittest.TestCase):
    @given(cases, st.randoms())
    @settings(max_examples=200, deadline=None)
    def test_as_looking_at_each_pair(self, cases, random):
        mixed = list(cases)
        random.shuffle(mixed)
        batch, earlier = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
        found = find_repeats(batch, earlier)
        self.assertEqual(set(found), {item.id for item in batch})
        for item in batch:
            same = [
                other
                for other in cases
                if item.customer
                and (other.customer, other.matter) == (item.customer, item.matter)
            ]
            closed = [
                (other.closed_at, other.id)
                for other in same
                if other.id != item.id
                and other.closed_at
                and item.received_at - WINDOW <= other.closed_at <= item.received_at
            ]
            calls = sum(
                other.calls
                for other in same
                if item.received_at - WINDOW <= other.received_at
                and (other.received_at, other.id) <= (item.received_at, item.id)
            )
            calls = calls or item.calls
            self.assertEqual(
                found[item.id],
                Repeat(max(closed, default=(None, None))[1], calls, calls >= 3),
            )
