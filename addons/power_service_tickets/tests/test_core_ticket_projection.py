"""Rules of a ticket's state: no database."""

import itertools
from datetime import datetime, timedelta
from unittest import TestCase

from odoo.addons.power_service_tickets.core.ticket_projection import (
    Fact,
    Stages,
    project,
)

START = datetime(2026, 3, 2, 2, 0)
NEW, WORK, SITE, WAIT, ANSWERED, CLOSED, ENDED = range(1, 8)
STAGES = Stages(
    initial=NEW,
    order={stage: place for place, stage in enumerate(range(1, 8))},
    by_milestone={
        "received": NEW,
        "accepted": WORK,
        "arrived": SITE,
        "answered": ANSWERED,
        "closed": CLOSED,
    },
    pausing=WAIT,
    ended=ENDED,
    working=WORK,
)


def facts(*kinds):
    """One event an hour; a word that is no kind is a milestone."""
    own = ("paused", "resumed", "chased", "returned", "reopened", "cancelled", "merged")
    return [
        Fact(kind, START + timedelta(hours=hour), hour)
        if kind in own
        else Fact("milestone", START + timedelta(hours=hour), hour, kind)
        for hour, kind in enumerate(kinds)
    ]


class TestProjection(TestCase):
    def test_table(self):
        table = [
            # events, stage, cycle, paused, open
            ("", NEW, 1, False, True),
            ("received", NEW, 1, False, True),
            ("received accepted", WORK, 1, False, True),
            ("received answered arrived", ANSWERED, 1, False, True),
            ("received accepted paused", WAIT, 1, True, True),
            ("received accepted paused paused resumed", WORK, 1, False, True),
            ("received accepted paused chased", WAIT, 1, True, True),
            ("received accepted paused arrived", WAIT, 1, True, True),
            ("received accepted paused closed", CLOSED, 1, False, False),
            ("received resumed", NEW, 1, False, True),
            ("received answered closed", CLOSED, 1, False, False),
            ("received answered closed reopened", WORK, 2, False, True),
            ("received answered reopened", WORK, 2, False, True),
            ("received reopened", NEW, 1, False, True),
            ("received cancelled", ENDED, 1, False, False),
            ("received paused merged", ENDED, 1, False, False),
            ("received cancelled reopened", WORK, 2, False, True),
            ("received answered closed paused", CLOSED, 1, False, False),
        ]
        for kinds, stage, cycle, is_paused, is_open in table:
            with self.subTest(events=kinds):
                found = project(facts(*kinds.split()), STAGES)
                self.assertEqual(
                    (found.stage, found.cycle, found.is_paused, found.is_open),
                    (stage, cycle, is_paused, is_open),
                )

    def test_the_order_in_which_events_are_read_does_not_matter(self):
        events = facts("received", "accepted", "paused", "resumed", "answered")
        expected = project(events, STAGES)
        for order in itertools.permutations(events):
            self.assertEqual(project(order, STAGES), expected)

    def test_reopening_forgets_the_answer_and_keeps_the_receipt(self):
        found = project(facts("received", "answered", "closed", "reopened"), STAGES)
        self.assertEqual(set(found.milestones), {"received"})
        self.assertIsNone(found.closed_at)
        self.assertEqual(found.reopen_count, 1)

    def test_the_first_time_of_a_milestone_counts(self):
        found = project(facts("received", "arrived", "arrived"), STAGES)
        self.assertEqual(found.milestones["arrived"], START + timedelta(hours=1))

    def test_counts(self):
        found = project(facts("received", "chased", "returned", "chased"), STAGES)
        self.assertEqual((found.chase_count, found.return_count), (2, 1))

    def test_the_first_ending_counts(self):
        found = project(facts("received", "merged", "cancelled", "closed"), STAGES)
        self.assertEqual(found.ended_by, "merged")
        self.assertEqual(found.closed_at, START + timedelta(hours=1))
        found = project(facts("received", "closed", "closed"), STAGES)
        self.assertEqual(found.closed_at, START + timedelta(hours=1))

    def test_reopening_forgets_the_end_and_the_pause(self):
        found = project(facts("received", "cancelled", "reopened"), STAGES)
        self.assertIsNone(found.ended_by)
        found = project(facts("received", "answered", "paused", "reopened"), STAGES)
        self.assertFalse(found.is_paused)

    def test_going_on_leaves_what_was_moved_by_hand_meanwhile(self):
        events = facts("received", "accepted", "paused")
        later = START + timedelta(hours=5)
        events += [
            Fact("moved", later, 10, stage=SITE),
            Fact("resumed", later + timedelta(hours=1), 11),
        ]
        self.assertEqual(project(events, STAGES).stage, SITE)

    def test_type_without_stages(self):
        found = project(facts("received", "paused", "closed"), Stages(None))
        self.assertIsNone(found.stage)
        self.assertFalse(found.is_open)
