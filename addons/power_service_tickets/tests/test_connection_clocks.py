from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.power_service_tickets.core import connection as rules

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
        "energised",
        {"residential": 3, "lv_other": 5, "hv_single": 5, "hv_dual": 5},
    ),
]


class DeadlineMixin:
    def _promised_days(self, clock):
        """Working days between start and deadline, by the station's own calendar."""
        calendar = self.station._get_duty_calendar()
        for days in range(1, 60):
            if calendar.add_working_days(clock.started_at, days) == clock.deadline:
                return days
        return None


@tagged("post_install", "-at_install")
class TestConnectionClocks(ConnectionCommon, DeadlineMixin):
    def test_scheme_and_whole_connection_by_class(self):
        for customer_class in CLASSES:
            with self.subTest(customer_class=customer_class), freeze_time(MONDAY):
                connection = self._create_connection("new", customer_class)
                self._take(connection, "accepted")
                ticket = connection.ticket_id
                for target, days in (("scheme_answered", SCHEME), ("energised", WHOLE)):
                    clock = self._clock(ticket, target)  # the only one so far
                    self.assertEqual(clock.started_at, MONDAY)
                    self.assertEqual(
                        self._promised_days(clock), days[customer_class], target
                    )

    def test_nothing_is_promised_for_steps_that_never_come(self):
        for kind, vals in (
            ("transfer", {"new_partner_id": self.applicant.id}),
            ("suspend", {"date_from": "2026-03-05", "date_to": "2026-06-30"}),
            ("resume", {}),
            ("close", {}),
        ):
            with self.subTest(kind=kind), freeze_time(MONDAY):
                connection = self._create_connection(kind, "hv_single", **vals)
                self._take(connection, "accepted")
                clock = connection.ticket_id.clock_ids
                self.assertEqual(clock.target_milestone_id.code, "energised")
                self.assertEqual(self._promised_days(clock), 5)

    def test_promise_goes_and_comes_with_the_step(self):
        with freeze_time(MONDAY):
            connection = self._create_connection("increase", "hv_single")
            self._take(connection, "accepted")
            ticket = connection.ticket_id

            def get_state():
                return ticket.clock_ids.filtered(
                    lambda clock: clock.target_milestone_id.code == "scheme_answered"
                ).mapped("state")

            self.assertEqual(get_state(), ["running"])
            case = rules.Case("suspend", "hv_single")
            with patch.object(type(connection), "_get_case", lambda self: case):
                connection.fee_amount = 10  # counts again
                self.assertEqual(get_state(), ["cancelled"])
            connection.fee_amount = 0
            self.assertEqual(get_state(), ["running"])

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
                            self._take_until(connection, target)
                    clock = self._clock(early.ticket_id, target, start=start)
                    self.assertEqual(self._promised_days(clock), days)
                    with freeze_time(clock.deadline):
                        self._take(early, target)
                    with freeze_time(clock.deadline + timedelta(minutes=1)):
                        self._take(late, target)
                    for connection, state in ((early, "met"), (late, "missed")):
                        found = self._clock(connection.ticket_id, target, start=start)
                        self.assertEqual(found.state, state)

    def test_waiting_for_the_customer_doesnt_count(self):
        with freeze_time(MONDAY):
            connection = self._create_connection("new", "lv_other")
            self._take(connection, "accepted", "surveyed", "scheme_answered")
        ticket = connection.ticket_id
        before = self._clock(ticket, "energised", start="accepted")
        self.assertTrue(connection.is_paused)
        self.assertEqual(before.state, "paused")
        with freeze_time(MONDAY + timedelta(days=60)):
            self._take(connection, "completion_requested")
            self.assertFalse(connection.is_paused)
            clock = self._clock(ticket, "energised", start="accepted")
            self.assertEqual(clock.state, "running")
            self._take_until(connection, "energised")
            connection.enter_step("energised")
        self.assertEqual(
            self._clock(ticket, "energised", start="accepted").state, "met"
        )

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
        for connection, state in ((early, "met"), (late, "missed")):
            clock = self._clock(connection.ticket_id, "energised", start="accepted")
            self.assertEqual(clock.state, state)
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
        self.assertEqual(self._promised_days(clock), WHOLE["hv_single"])
        self.assertEqual(clock.started_at, MONDAY)

    def test_a_step_entered_later_counts_from_when_it_was_done(self):
        with freeze_time(MONDAY):
            connection = self._create_connection()
            self._bring_papers(connection)
        with freeze_time(MONDAY + timedelta(days=1)):
            connection.enter_step("accepted", at=MONDAY + timedelta(hours=2))
        clock = self._clock(connection.ticket_id, "energised")
        self.assertEqual(clock.started_at, datetime(2026, 3, 2, 4))


@tagged("post_install", "-at_install")
class TestTwoClocksToEnergising(ConnectionCommon, DeadlineMixin):
    """The whole connection and its last step both end with power, each counted from
    its own start."""

    CHECKED = MONDAY + timedelta(days=4)  # a Friday

    def _create_checked(self, customer_class="residential", checked=CHECKED):
        """A connection accepted on Monday, checked later, ready to be energised."""
        with freeze_time(MONDAY):
            connection = self._create_connection("new", customer_class)
            self._take_until(connection, "completion_checked")
        with freeze_time(checked):
            self._take_until(connection, "energised")
        return connection

    def _get_both(self, connection):
        return [
            self._clock(connection.ticket_id, "energised", start=start)
            for start in ("accepted", "completion_checked")
        ]

    def test_they_run_side_by_side_each_from_its_own_start(self):
        with freeze_time(MONDAY):
            connection = self._create_connection()
            self._take_until(connection, "completion_checked")
            whole, step = self._get_both(connection)
            self.assertEqual(whole.state, "running")
            self.assertFalse(step)
        with freeze_time(self.CHECKED):
            self._take(connection, "completion_checked")
            whole, step = self._get_both(connection)
            self.assertEqual((whole.state, step.state), ("running", "running"))
            self.assertEqual(
                (whole.started_at, step.started_at), (MONDAY, self.CHECKED)
            )
            self.assertEqual(self._promised_days(whole), 5)
            self.assertEqual(self._promised_days(step), 3)
            # The earlier one is the ticket's deadline.
            self.assertEqual(connection.ticket_id.deadline, whole.deadline)

    def test_one_energising_decides_both(self):
        cases = [
            # class, checked, energised after days, the whole, the step
            ("residential", self.CHECKED, 7, "met", "met"),
            ("residential", self.CHECKED, 8, "missed", "met"),
            ("residential", self.CHECKED, 10, "missed", "missed"),
            ("hv_single", MONDAY, 9, "met", "missed"),
        ]
        for customer_class, checked, days, *expected in cases:
            with self.subTest(customer_class=customer_class, days=days):
                connection = self._create_checked(customer_class, checked)
                both = self._get_both(connection)
                with freeze_time(MONDAY + timedelta(days=days)):
                    connection.enter_step("energised")
                self.assertEqual([clock.state for clock in both], expected)
                for clock in both:
                    self.assertEqual(clock.reached_at, connection.energised_at)

    def test_the_most_specific_one_of_each_start_holds(self):
        connection = self._create_checked()
        promise = "power_service_tickets.power_sla_policy_%s"
        whole, step = self._get_both(connection)
        self.assertEqual(
            (whole | step).policy_id,
            self.env.ref(promise % "connection_residential")
            | self.env.ref(promise % "metered_residential"),
        )
        self.assertEqual(
            step.match_reason["beaten_ids"], self.env.ref(promise % "metered").ids
        )
        self.assertFalse(whole.match_reason["beaten_ids"])
        self.assertIn("customer class", step.why)
        self.assertIn("More specific than 1 other.", step.why)

    def test_another_class_is_matched_again_in_both(self):
        connection = self._create_checked()
        before = self._get_both(connection)
        with freeze_time(self.CHECKED):
            connection.customer_class = "hv_single"
        self.assertEqual([clock.state for clock in before], ["cancelled", "cancelled"])
        whole, step = self._get_both(connection)
        self.assertEqual((whole.started_at, step.started_at), (MONDAY, self.CHECKED))
        self.assertEqual(self._promised_days(step), 5)
        with freeze_time(self.CHECKED):
            connection.customer_class = "residential"
        # There and back takes the same clocks again, each its own.
        self.assertEqual(self._get_both(connection), before)
        self.assertEqual([clock.state for clock in before], ["running", "running"])

    def test_both_are_ticked_and_each_has_its_own_ladder(self):
        connection = self._create_checked()
        both = self._get_both(connection)
        late = max(clock.deadline for clock in both) + timedelta(minutes=1)
        with freeze_time(late):
            self.env["power.sla.clock"]._tick()
        self.env.invalidate_all()
        for clock in both:
            self.assertEqual(clock.state, "missed")
            self.assertEqual(clock.missed_at, clock.deadline)
            self.assertEqual(
                clock.alert_ids.filtered(lambda alert: alert.kind == "breach").at,
                clock.deadline + timedelta(seconds=1),
            )

    def test_only_the_named_one_is_extended(self):
        connection = self._create_checked()
        whole, step = self._get_both(connection)
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "extended")], limit=1
        )
        ticket = connection.ticket_id.with_user(self.users["supervisor"])
        with freeze_time(self.CHECKED):
            with self.assertRaisesRegex(UserError, "choose a promise"):
                ticket.extend(2, reason.id)
            ticket.extend(2, reason.id, policy_id=step.policy_id.id)
        self.assertEqual(self._promised_days(step), 3 + 2)
        self.assertEqual(self._promised_days(whole), 5)

    def test_the_customer_is_told_which_is_which(self):
        connection = self._create_checked()
        with freeze_time(self.CHECKED):
            promises = [
                (promise["title"], promise["state"])
                for promise in connection.ticket_id._get_portal_promises()
                if promise["code"] == "energised"
            ]
        self.assertEqual(
            promises,
            [
                ("You have power", "running"),
                ("You have power, counted from the passed inspection", "running"),
            ],
        )

    def test_a_promise_that_was_for_the_meter_is_for_power_from_now_on(self):
        """What a database needs whose promises ended with the meter: the target is
        changed by hand, and the job counts open connections again."""
        policy = self.env.ref("power_service_tickets.power_sla_policy_metered")
        energised = policy.target_milestone_id
        policy.target_milestone_id = self.env.ref(
            "power_service_tickets.power_ticket_milestone_metered"
        )
        connection = self._create_checked("lv_other")
        metered = self._clock(connection.ticket_id, "metered")
        self.assertEqual(metered.state, "met")
        self.assertFalse(self._get_both(connection)[1])
        with freeze_time(self.CHECKED):
            policy.target_milestone_id = energised
            connection.ticket_id._refresh_clocks()
        self.assertEqual(metered.state, "met")
        step = self._get_both(connection)[1]
        self.assertEqual((step.state, step.started_at), ("running", self.CHECKED))


@tagged("post_install", "-at_install")
class TestImportantUser(ConnectionCommon, DeadlineMixin):
    """A low-voltage connection of an important user (重要用户) is designed, reviewed
    and inspected, by the clocks of low voltage."""

    # Working days of rules for low voltage: start -> target.
    CLOCKS = (
        ("accepted", "scheme_answered", 7),
        ("accepted", "energised", 6),
        ("design_submitted", "design_reviewed", 8),
        ("mid_requested", "mid_inspected", 3),
        ("completion_requested", "completion_checked", 5),
        ("completion_checked", "energised", 5),
    )

    def _create(self):
        return self._create_connection("new", "lv_other", importance_grade="second")

    def test_each_step_has_its_clock(self):
        with freeze_time(MONDAY):
            connection = self._create()
            self._take_until(connection, "archived")
            for start, target, days in self.CLOCKS:
                clock = self._clock(connection.ticket_id, target, start=start)
                with self.subTest(target=target):
                    self.assertEqual(clock.started_at, connection[f"{start}_at"])
                    self.assertEqual(self._promised_days(clock), days)
                    self.assertEqual(clock.state, "met")

    def test_others_of_low_voltage_have_neither_review_nor_inspection(self):
        with freeze_time(MONDAY):
            connection = self._create_connection("new", "lv_other")
            self._take_until(connection, "archived")
        for target in ("design_reviewed", "mid_inspected"):
            self.assertFalse(self._clock(connection.ticket_id, target))

    def test_a_late_review_is_missed_whoever_it_is(self):
        with freeze_time(MONDAY):
            connection = self._create()
            self._take_until(connection, "design_reviewed")
        clock = self._clock(connection.ticket_id, "design_reviewed")
        with freeze_time(clock.deadline + timedelta(minutes=1)):
            self._take(connection, "design_reviewed")
        self.assertEqual(clock.state, "missed")


@tagged("post_install", "-at_install")
class TestDefects(ConnectionCommon, DeadlineMixin):
    """Defects found by a check: the papers are put right and handed in again; the
    review's clock and that of the whole connection rest until then, and go on."""

    CHECKS = (
        # check, what is handed in, working days promised
        ("design_reviewed", "design_submitted", 20),
        ("mid_inspected", "mid_requested", 5),
    )

    def test_papers_are_put_right_and_the_clocks_go_on(self):
        found = MONDAY + timedelta(days=2)
        again = MONDAY + timedelta(days=7)  # three working days later
        for check, handed_in, days in self.CHECKS:
            with self.subTest(check=check):
                with freeze_time(MONDAY):
                    connection = self._create_connection("new", "hv_single")
                    self._take_until(connection, check)
                ticket = connection.ticket_id
                clock = self._clock(ticket, check)
                whole = self._clock(ticket, "energised")
                whole_days = self._promised_days(whole)
                self.assertEqual(self._promised_days(clock), days)
                with freeze_time(found):
                    connection.enter_defects(check, "Relay settings are missing")
                self.assertFalse(connection[f"{handed_in}_at"])
                self.assertEqual(connection.step, handed_in)
                self.assertEqual((clock.state, whole.state), ("paused", "paused"))
                with freeze_time(again):
                    with self.assertRaisesRegex(UserError, "First comes"):
                        connection.enter_step(check)
                    self._take(connection, handed_in)
                    self.assertEqual(connection[f"{handed_in}_at"], again)
                    self.assertEqual((clock.state, whole.state), ("running", "running"))
                    # The same clock, later by what the customer took.
                    self.assertEqual(self._clock(ticket, check), clock)
                    self.assertEqual(clock.started_at, MONDAY)
                    self.assertEqual(self._promised_days(clock), days + 3)
                    self.assertEqual(self._promised_days(whole), whole_days + 3)
                with freeze_time(clock.deadline):
                    self._take(connection, check)
                self.assertEqual(clock.state, "met")
                event = ticket.event_ids.filtered(lambda e: e.kind == "check_failed")
                self.assertEqual(event.note, "Relay settings are missing")

    def test_the_customers_time_heals_no_late_review(self):
        for check, handed_in, _days in self.CHECKS:
            with self.subTest(check=check):
                with freeze_time(MONDAY):
                    connection = self._create_connection("new", "hv_single")
                    self._take_until(connection, check)
                clock = self._clock(connection.ticket_id, check)
                late = clock.deadline + timedelta(hours=1)
                with freeze_time(late):
                    connection.enter_defects(check, "Drawing 3 is missing")
                with freeze_time(late + timedelta(days=10)):
                    self._take(connection, handed_in, check)
                self.assertEqual(clock.state, "missed")

    def test_defects_twice_count_the_customers_time_twice(self):
        with freeze_time(MONDAY):
            connection = self._create_connection("new", "hv_single")
            self._take_until(connection, "mid_inspected")
        clock = self._clock(connection.ticket_id, "mid_inspected")
        for day in (1, 3):
            with freeze_time(MONDAY + timedelta(days=day)):
                connection.enter_defects("mid_inspected", "Cable is not buried")
            with freeze_time(MONDAY + timedelta(days=day + 1)):
                self._take(connection, "mid_requested")
        self.assertEqual(self._promised_days(clock), 5 + 2)


@tagged("post_install", "-at_install")
class TestExtendedAndExempted(ConnectionCommon, DeadlineMixin):
    """What a supervisor approves, by the public methods, and what the clocks say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supervisor = cls.users["supervisor"]
        cls.extended, cls.exempted = (
            cls.env["power.ticket.reason"].search([("kind", "=", kind)], limit=1).id
            for kind in ("extended", "exempted")
        )

    def setUp(self):
        super().setUp()
        with freeze_time(MONDAY):
            self.connection = self._create_connection("new", "hv_single")
            self._take(self.connection, "accepted")
        self.ticket = self.connection.ticket_id.with_user(self.supervisor)
        self.scheme = self._clock(self.connection.ticket_id, "scheme_answered")
        self.whole = self._clock(self.connection.ticket_id, "energised")

    def test_only_the_named_promise_gets_more_time(self):
        warned = self.scheme.warn_at
        with freeze_time(MONDAY + timedelta(days=1)):
            with self.assertRaisesRegex(UserError, "choose a promise"):
                self.ticket.extend(5, self.extended)
            self.ticket.extend(
                5, self.extended, "Line works", policy_id=self.scheme.policy_id.id
            )
            self.assertEqual(self._promised_days(self.scheme), 15 + 5)
            self.assertEqual(self._promised_days(self.whole), 22)
            self.assertGreater(self.scheme.warn_at, warned)
            self.assertEqual(self.ticket.sudo().deadline, self.scheme.deadline)
            with self.assertRaisesRegex(UserError, "only once"):
                self.ticket.extend(1, self.extended, policy_id=self.scheme.policy_id.id)
        with freeze_time(self.scheme.deadline):
            self._take(self.connection, "surveyed", "scheme_answered")
        self.assertEqual(self.scheme.state, "met")

    def test_more_time_comes_too_late_after_the_deadline(self):
        with freeze_time(self.scheme.deadline + timedelta(minutes=1)):
            with self.assertRaisesRegex(UserError, "still running"):
                self.env["power.sla.clock"]._tick(500)
                self.env.invalidate_all()
                self.ticket.extend(5, self.extended, policy_id=self.scheme.policy_id.id)
        self.assertEqual(self.scheme.state, "missed")

    def test_only_the_named_promise_is_exempted_also_when_missed(self):
        with freeze_time(self.scheme.deadline + timedelta(days=1)):
            self._take(self.connection, "surveyed", "scheme_answered")
            self.assertEqual(self.scheme.state, "missed")
            self.ticket.exempt(
                self.exempted, "Flood", policy_id=self.scheme.policy_id.id
            )
            self.assertEqual(self.scheme.state, "exempted")
            # It still shows what happened, and who took it out.
            self.assertTrue(self.scheme.reached_at > self.scheme.deadline)
            event = self.ticket.sudo().event_ids.filtered(
                lambda event: event.kind == "exempted"
            )
            self.assertEqual((event.user_id, event.note), (self.supervisor, "Flood"))
            self.assertIn(self.whole.state, ("running", "paused"))

    def test_all_running_ones_are_exempted_without_a_name(self):
        with freeze_time(MONDAY + timedelta(days=1)):
            self.ticket.exempt(self.exempted, "Flood")
        self.assertEqual(
            (self.scheme.state, self.whole.state), ("exempted", "exempted")
        )
        with freeze_time(MONDAY + timedelta(days=90)):
            self._take(self.connection, "surveyed", "scheme_answered")
        self.assertEqual(self.scheme.state, "exempted")

    def test_a_resting_clock_is_extended_too(self):
        with freeze_time(MONDAY + timedelta(days=1)):
            self.ticket.pause("Waiting for the customer's papers")
            self.ticket.extend(5, self.extended, policy_id=self.scheme.policy_id.id)
        with freeze_time(MONDAY + timedelta(days=8)):  # five working days
            self.ticket.resume()
        self.assertEqual(self._promised_days(self.scheme), 15 + 5 + 5)
