"""Which policy a ticket gets, and why: tables, and a slow way to the same answer."""

import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.power_service_tickets.core.sla_match import Facts, Matcher, MatchRule

BUSINESS, READING, SERVICE = 1, 11, 2
COMPLAINT, REPAIR = 101, 102


def rule(id, target="answered", company_id=1, start="received", **values):
    """A rule for company 1; single values become criteria."""
    values = {
        name: frozenset(value) if isinstance(value, tuple | list) else value
        for name, value in values.items()
    }
    return MatchRule(id, company_id, start, target, **values)


def facts(**values):
    values = {
        "company_id": 1,
        "type_id": COMPLAINT,
        "category_path": (BUSINESS, READING),
        "region": "urban",
        "customer_class": "residential",
        "importance": "none",
        "segment_ids": frozenset((5, 6)),
        "priority": "1",
        "channel": "phone",
        "station_id": 7,
        **values,
    }
    return Facts(**values)


class TestMatch(unittest.TestCase):
    def winner(self, rules, ticket=None):
        return Matcher(rules).match(ticket or facts())["received", "answered"]

    def test_refused(self):
        for values in (
            {"company_id": None},
            {"company_id": False},
            {"target": ""},
            {"start": ""},
        ):
            with self.subTest(**values), self.assertRaises(ValueError):
                rule(1, **values)
        with self.assertRaises(ValueError):
            Matcher([rule(1), rule(1, target="contacted")])

    def test_company_must_be_the_same(self):
        self.assertEqual(Matcher([rule(1, company_id=2)]).match(facts()), {})
        by_type = rule(1, company_id=2, type_ids=[COMPLAINT])
        self.assertEqual(Matcher([by_type]).match(facts()), {})

    def test_each_criterion(self):
        cases = [
            # name, rule's values that match, that don't
            ("type_ids", [COMPLAINT, REPAIR], [REPAIR]),
            ("category_ids", [READING], [SERVICE]),
            ("category_ids", [BUSINESS, SERVICE], [12]),
            ("regions", ["urban"], ["rural", "remote"]),
            ("customer_classes", ["residential"], ["hv_dual"]),
            ("importances", ["none"], ["first"]),
            ("segment_ids", [6, 9], [9]),
            ("priorities", ["1"], ["0"]),
            ("channels", ["phone"], ["portal"]),
            ("station_ids", [7], [8]),
        ]
        for name, right, wrong in cases:
            with self.subTest(name=name):
                found = Matcher([rule(1, **{name: right})]).match(facts())
                self.assertEqual(found["received", "answered"].rule.id, 1)
                self.assertEqual(Matcher([rule(1, **{name: wrong})]).match(facts()), {})

    def test_unknown_values(self):
        """A ticket without area, station or category still gets a general promise."""
        bare = Facts(company_id=1)
        rules = [
            rule(1),
            rule(2, regions=["urban"]),
            rule(3, station_ids=[7]),
            rule(4, category_ids=[BUSINESS]),
            rule(5, segment_ids=[5]),
            rule(6, type_ids=[COMPLAINT]),
        ]
        found = Matcher(rules).match(bare)["received", "answered"]
        self.assertEqual((found.rule.id, found.beaten_ids), (1, ()))

    def test_order(self):
        cases = [
            (
                "deeper category",
                [{"category_ids": [BUSINESS]}, {"category_ids": [READING]}],
            ),
            (
                "a category beats none",
                [
                    {"regions": ["urban"], "channels": ["phone"]},
                    {"category_ids": [BUSINESS]},
                ],
            ),
            (
                "its deepest counts",
                [
                    {"category_ids": [BUSINESS], "regions": ["urban"]},
                    {"category_ids": [BUSINESS, READING]},
                ],
            ),
            (
                "more criteria",
                [{"regions": ["urban"]}, {"regions": ["urban"], "channels": ["phone"]}],
            ),
            (
                "sequence",
                [
                    {"regions": ["urban"], "sequence": 5},
                    {"channels": ["phone"], "sequence": 4},
                ],
            ),
            (
                "criteria before sequence",
                [{"sequence": 1}, {"type_ids": [COMPLAINT], "sequence": 99}],
            ),
        ]
        for name, (loser, winner) in cases:
            with self.subTest(name=name):
                for rules in (
                    [rule(1, **loser), rule(2, **winner)],
                    [rule(2, **winner), rule(1, **loser)],
                ):
                    found = self.winner(rules)
                    self.assertEqual(found.rule.id, 2)
                    self.assertEqual(found.beaten_ids, (1,))

    def test_lower_id_in_the_end(self):
        self.assertEqual(self.winner([rule(4), rule(3), rule(5)]).rule.id, 3)
        self.assertEqual(self.winner([rule(4), rule(3), rule(5)]).beaten_ids, (4, 5))

    def test_one_winner_per_start_and_target(self):
        cases = [
            # rules as (id, start, target, values), winners
            (
                "two targets",
                [
                    (1, "received", "answered", {}),
                    (2, "received", "contacted", {}),
                    (3, "received", "answered", {"type_ids": [COMPLAINT]}),
                ],
                {("received", "answered"): 3, ("received", "contacted"): 2},
            ),
            (
                "two starts of one target hold side by side",
                [
                    (1, "received", "answered", {}),
                    (2, "accepted", "answered", {}),
                ],
                {("received", "answered"): 1, ("accepted", "answered"): 2},
            ),
            (
                "the more specific one beats only those of its own start",
                [
                    (1, "received", "answered", {}),
                    (2, "received", "answered", {"regions": ["urban"]}),
                    (3, "accepted", "answered", {}),
                    (4, "accepted", "answered", {"category_ids": [READING]}),
                ],
                {("received", "answered"): 2, ("accepted", "answered"): 4},
            ),
            (
                "the start of one is no target of another",
                [
                    (1, "received", "accepted", {}),
                    (2, "accepted", "answered", {}),
                ],
                {("received", "accepted"): 1, ("accepted", "answered"): 2},
            ),
        ]
        for name, rows, winners in cases:
            with self.subTest(name=name):
                rules = [
                    rule(id, target=target, start=start, **values)
                    for id, start, target, values in rows
                ]
                found = Matcher(rules).match(facts())
                self.assertEqual(
                    {course: match.rule.id for course, match in found.items()}, winners
                )

    def test_beaten_are_those_of_the_same_start(self):
        rules = [
            rule(1),
            rule(2, regions=["urban"]),
            rule(3, start="accepted"),
        ]
        found = Matcher(rules).match(facts())
        self.assertEqual(found["received", "answered"].beaten_ids, (1,))
        self.assertEqual(found["accepted", "answered"].beaten_ids, ())

    def test_reason(self):
        found = self.winner(
            [rule(1, category_ids=[READING], channels=["phone"], type_ids=[COMPLAINT])]
        )
        self.assertEqual(found.category_id, READING)
        self.assertEqual(found.category_depth, 2)
        self.assertEqual(found.criteria, ("type", "channel"))
        plain = self.winner([rule(1)])
        self.assertEqual(
            (plain.category_id, plain.category_depth, plain.criteria), (None, 0, ())
        )

    def test_batch_in_its_order(self):
        matcher = Matcher([rule(1), rule(2, regions=["rural"])])
        tickets = [facts(), facts(region="rural"), facts(company_id=2), facts()]
        self.assertEqual(
            [
                {target: match.rule.id for (_, target), match in found.items()}
                for found in matcher.match_all(tickets)
            ],
            [{"answered": 1}, {"answered": 2}, {}, {"answered": 1}],
        )


some = st.frozensets(st.integers(1, 4), max_size=2)
one = st.one_of(st.none(), st.integers(1, 4))
rules = st.lists(
    st.builds(
        MatchRule,
        id=st.integers(1, 50),
        company_id=st.integers(1, 2),
        start=st.sampled_from(("received", "accepted")),
        target=st.sampled_from(("answered", "contacted")),
        sequence=st.integers(1, 3),
        category_ids=some,
        type_ids=some,
        regions=some,
        segment_ids=some,
        channels=some,
    ),
    max_size=12,
    unique_by=lambda item: item.id,
)
tickets = st.builds(
    Facts,
    company_id=st.integers(1, 2),
    type_id=one,
    category_path=st.lists(st.integers(1, 4), max_size=3, unique=True).map(tuple),
    region=one,
    customer_class=st.none(),
    importance=st.none(),
    segment_ids=some,
    priority=st.none(),
    channel=one,
    station_id=st.none(),
)


def slow_match(rules, ticket):
    """Look at every rule by the letter of the order."""
    best = {}
    for item in rules:
        criteria = [
            (item.type_ids, {ticket.type_id}),
            (item.regions, {ticket.region}),
            (item.segment_ids, ticket.segment_ids),
            (item.channels, {ticket.channel}),
        ]
        used = [(wanted, has) for wanted, has in criteria if wanted]
        depth = max(
            (
                place
                for place, category in enumerate(ticket.category_path, 1)
                if category in item.category_ids
            ),
            default=0,
        )
        if item.company_id != ticket.company_id or (item.category_ids and not depth):
            continue
        if all(wanted & has for wanted, has in used):
            rank = (-depth, -len(used), item.sequence, item.id)
            course = item.start, item.target
            best[course] = min(best.get(course, rank), rank)
    return {course: rank[-1] for course, rank in best.items()}


class TestMatchLaws(unittest.TestCase):
    @given(rules, st.lists(tickets, max_size=4), st.randoms())
    @settings(max_examples=300, deadline=None)
    def test_as_the_slow_way(self, rules, tickets, random):
        mixed = list(rules)
        random.shuffle(mixed)
        matcher = Matcher(mixed)
        for ticket, found in zip(tickets, matcher.match_all(tickets), strict=True):
            ids = {course: match.rule.id for course, match in found.items()}
            self.assertEqual(ids, slow_match(rules, ticket))
            for match in found.values():
                self.assertNotIn(match.rule.id, match.beaten_ids)
