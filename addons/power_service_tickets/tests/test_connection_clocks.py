from datetime import datetime, timedelta

from odoo.tests import freeze_time, tagged

from .common import MONDAY
from .connection_common import ConnectionCommon

CLASSES = ("residential", "lv_other", "hv_single", "hv_dual")
# Working days of rules by class: start -> target; Mondays follow each other without a
# holiday in between until April.
SCHEME = {"residential": 3, "lv_other": 7, "hv_single": 15, "hv_dual": 30}
WHOLE = {"residential": 5, "lv_other": 6, "hv_single": 22, "hv_dual": 32}
STEP_CLOCKS = [
    ("design_submitted", "design_reviewed", {"hv_single": 20, "hv_dual": 20}),
    ("mid_requested", "mid_inspected", {"hv_single": 5, "hv_dual": 5}),
    (
        "completion_requested",
        "completion_checked",
        {"lv_other": 5, "hv_single": 7, "hv_dual": 7},
    ),
    (
        "completion_checked",
        "metered",
        {"residential": 3, "lv_other": 5, "hv_single": 5, "hv_dual": 5},
    ),
]


@tagged("post_install", "-at_install")
class TestConnectionClocks(ConnectionCommon):
    def _deadline_days(self, clock):
        """Working days between start and deadline, by the station's own calendar."""
        calendar = self.station._get_duty_calendar()
        for days in range(1, 60):
            if calendar.add_working_days(clock.started_at, days) == clock.deadline:
                return days
        return None

    def test_scheme_and_whole_connection_by_class(self):
        for customer_class in CLASSES:
            with self.subTest(customer_class=customer_class), freeze_time(MONDAY):
                connection = self._create_connection("new", customer_class)
                self._take(connection, "accepted")
                ticket = connection.ticket_id
                for target, days in (("scheme_answered", SCHEME), ("energised", WHOLE)):
                    clock = self._clock(ticket, target)
                    self.assertEqual(clock.started_at, MONDAY)
                    self.assertEqual(
                        self._deadline_days(clock), days[customer_class], target
                    )

    def test_step_clocks_by_class_are_met_in_time_and_missed_after(self):
        for start, target, by_class in STEP_CLOCKS:
            for customer_class, days in by_class.items():
                with self.subTest(target=target, customer_class=customer_class):
                    with freeze_time(MONDAY):
                        early, late = (
                            self._create_connection("new", customer_class)
                            for _ in range(2)
                        )
                        for connection in (early, late):
                            self._take_until(connection, start)
                            self._take(connection, start)
                            if "contract_signed" not in (start, target):
                                connection.meter_numbers = "M"
                                self._take(connection, "contract_signed")
                    clock = self._clock(early.ticket_id, target)
                    self.assertEqual(self._deadline_days(clock), days)
                    with freeze_time(clock.deadline):
                        self._take(early, target)
                    with freeze_time(clock.deadline + timedelta(minutes=1)):
                        self._take(late, target)
                    self.assertEqual(self._clock(early.ticket_id, target).state, "met")
                    self.assertEqual(
                        self._clock(late.ticket_id, target).state, "missed"
                    )

    def test_waiting_for_the_customer_doesnt_count(self):
        with freeze_time(MONDAY):
            connection = self._create_connection("new", "lv_other")
            self._take(connection, "accepted", "surveyed", "scheme_answered")
        ticket = connection.ticket_id
        before = self._clock(ticket, "energised")
        self.assertTrue(connection.is_paused)
        self.assertEqual(before.state, "paused")
        with freeze_time(MONDAY + timedelta(days=60)):
            self._take(connection, "completion_requested")
            self.assertFalse(connection.is_paused)
            clock = self._clock(ticket, "energised")
            self.assertEqual(clock.state, "running")
            self._take_until(connection, "energised")
            connection.enter_step("energised")
        self.assertEqual(self._clock(ticket, "energised").state, "met")

    def test_a_household_isnt_made_to_wait(self):
        with freeze_time(MONDAY):
            connection = self._create_connection()
            self._take_until(connection, "completion_checked")
        self.assertFalse(connection.is_paused)

    def test_late_energising_is_missed_and_in_time_is_met(self):
        with freeze_time(MONDAY):
            early, late = self._create_connection(), self._create_connection()
            for connection in (early, late):
                self._take_until(connection, "energised")
        with freeze_time(MONDAY + timedelta(days=4)):
            early.enter_step("energised")
        with freeze_time(MONDAY + timedelta(days=8)):
            late.enter_step("energised")
        self.assertEqual(self._clock(early.ticket_id, "energised").state, "met")
        self.assertEqual(self._clock(late.ticket_id, "energised").state, "missed")
        self.assertEqual(early.duration_days, 4)
        # What isn't energised yet counts for nothing, not for no days.
        both = early | self._create_connection()
        [(average,)] = both._read_group(
            [("id", "in", both.ids)], aggregates=["duration_days:avg"]
        )
        self.assertEqual(average, 4)

    def test_a_change_of_class_counts_by_the_new_one(self):
        with freeze_time(MONDAY):
            connection = self._create_connection()
            self._take(connection, "accepted")
            connection.customer_class = "hv_single"
        clock = self._clock(connection.ticket_id, "energised")
        self.assertEqual(self._deadline_days(clock), WHOLE["hv_single"])
        self.assertEqual(clock.started_at, MONDAY)

    def test_a_step_entered_later_counts_from_when_it_was_done(self):
        with freeze_time(MONDAY):
            connection = self._create_connection()
            self._bring_papers(connection)
        with freeze_time(MONDAY + timedelta(days=1)):
            connection.enter_step("accepted", at=MONDAY + timedelta(hours=2))
        clock = self._clock(connection.ticket_id, "energised")
        self.assertEqual(clock.started_at, datetime(2026, 3, 2, 4))
