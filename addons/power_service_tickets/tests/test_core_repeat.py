"""Repeated tickets: the same customer about the same matter, again."""

import unittest
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.power_service_tickets.core.repeat import (
    WINDOW,
    Case,
    MatterRule,
    Repeat,
    Topic,
    find_repeats,
    get_matters,
    get_parties,
)

START = datetime(2026, 1, 1)


def day(number):
    return START + timedelta(days=number)


def names(text):
    """A set of words; of nobody or nothing when empty."""
    return frozenset((text or "").split())


def case(
    id, received, closed=None, customer="Li", matter="voltage", calls=1, apart=False
):
    """A ticket, received and closed so many days after the start; several customers
    and matters are separated by blanks."""
    closed_at = None if closed is None else day(closed)
    who, what = names(customer), names(matter)
    return Case(id, who, what, day(received), closed_at, calls, apart)


# Some categories, and the matters that link them.
ATTITUDE = Topic("attitude", "service")
HALL = Topic("hall hours", "service")
REPAIR = Topic("repair service", "outage", frozenset({"outages"}))
FAULT = Topic("LV fault", "LV fault", frozenset({"outages"}))
SUPPLY = Topic("supply opinion", "supply opinion", frozenset({"outages", "voltage"}))


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

    def test_one_of_several_parties_and_matters_is_enough(self):
        new = case(9, 100, customer="Li P1", matter="outages class")
        for customer, matter, expected in (
            ("Li", "outages", 1),
            ("P1", "class", 1),
            ("Wang P1", "voltage outages", 1),
            ("Wang P2", "outages", None),
            ("Li P1", "voltage", None),
        ):
            with self.subTest(customer=customer, matter=matter):
                found = find_repeats([new], [case(1, 90, 95, customer, matter)])[9]
                self.assertEqual(found, Repeat(expected, 2 if expected else 1, False))

    def test_counted_once_however_many_they_have_in_common(self):
        both = {"customer": "Li P1", "matter": "outages class"}
        found = find_repeats([case(2, 1, **both)], [case(1, 0, 0.5, **both)])[2]
        self.assertEqual(found, Repeat(1, 2, False))

    def test_a_chain_has_no_other_end(self):
        """What is like something else that is like it, isn't like it."""
        tickets = [
            case(1, 0, 1, matter="outages"),
            case(2, 2, 3, matter="outages voltage"),
            case(3, 4, matter="voltage"),
        ]
        self.assertEqual(find_repeats(tickets)[3], Repeat(2, 2, False))

    def test_one_said_to_be_apart(self):
        tickets = [
            case(1, 0, 1),
            case(2, 2, 3, calls=2, apart=True),
            case(3, 4),
        ]
        found = find_repeats(tickets)
        self.assertEqual(found[2], Repeat(None, 2, False))
        self.assertEqual(found[3], Repeat(2, 4, True))

    def test_the_rule_is_data(self):
        everything = MatterRule()
        cases = [
            # first, then, rule, the same matter
            (ATTITUDE, ATTITUDE, everything, True),
            (ATTITUDE, HALL, everything, True),  # second levels of one class
            (ATTITUDE, HALL, MatterRule(by_class=False), False),
            (ATTITUDE, ATTITUDE, MatterRule(by_class=False), True),
            (FAULT, REPAIR, everything, True),  # a fault, then a complaint
            (FAULT, REPAIR, MatterRule(by_link=False), False),
            (SUPPLY, REPAIR, everything, True),  # an opinion, then a complaint
            (SUPPLY, ATTITUDE, everything, False),
            (FAULT, ATTITUDE, everything, False),
        ]
        for first, then, rule, expected in cases:
            with self.subTest(first=first, then=then, rule=rule):
                common = get_matters(first, rule) & get_matters(then, rule)
                self.assertIs(bool(common), expected)

    def test_a_secret_is_another_matter(self):
        self.assertFalse(get_matters(REPAIR) & get_matters(REPAIR, is_secret=True))
        self.assertFalse(get_matters(None))

    def test_parties(self):
        cases = [
            (("Li", "P1"), ("Li", "P2"), MatterRule(), True),
            (("Li", "P1"), ("Wang", "P1"), MatterRule(), True),  # the tenant calls
            (("Li", "P1"), ("Wang", "P1"), MatterRule(by_point=False), False),
            (("Li", "P1"), ("Wang", "P2"), MatterRule(), False),
            ((None, "P1"), (None, "P1"), MatterRule(), True),
            ((None, None), (None, None), MatterRule(), False),
            (("Li", None), (None, "Li"), MatterRule(), False),
        ]
        for first, then, rule, expected in cases:
            with self.subTest(first=first, then=then, rule=rule):
                common = get_parties(*first, rule) & get_parties(*then, rule)
                self.assertIs(bool(common), expected)
        self.assertFalse(get_parties("Li", "P1", is_anonymous=True))

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
        parties=st.frozensets(st.sampled_from(("Li", "Wang", "P1")), max_size=2),
        matters=st.frozensets(st.sampled_from(("voltage", "bills")), max_size=2),
        received_at=st.integers(0, 120).map(day),
        closed_at=st.one_of(st.none(), st.integers(0, 60).map(day)),
        calls=st.integers(1, 3),
        is_apart=st.booleans(),
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
                if not item.is_apart
                and other.parties & item.parties
                and other.matters & item.matters
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
