from odoo.exceptions import UserError
from odoo.tests import tagged

from .connection_common import ConnectionCommon


@tagged("post_install", "-at_install")
class TestConnectionWords(ConnectionCommon):
    """Nobody is energised by a suspension, nor told so."""

    def test_the_step_is_called_by_the_kind(self):
        for kind, label, hidden in (
            ("suspend", "Suspending the supply", "Energis"),
            ("close", "Cutting off for good", "Energis"),
            ("transfer", "Changing the customer", "Energis"),
            ("new", "Energising", "Cutting off"),
        ):
            connection = self._create_connection(kind)
            self._take_until(connection, "accepted")
            with self.subTest(kind=kind):
                self.assertIn(label, connection.step_bar)
                self.assertNotIn(hidden, connection.step_bar)

    def test_the_next_step_follows_the_kind(self):
        connection = self._create_connection("suspend", date_to="2099-01-01")
        self._take_until(connection, "energised")
        self.assertEqual(connection.step_name, "Suspending the supply")
        self.env["res.lang"]._activate_lang("zh_CN")
        chinese = connection.with_context(lang="zh_CN")
        self.assertEqual(chinese.step_name, "暂停停电")

    def test_what_stands_against_it_is_said_by_the_kind(self):
        connection = self._create_connection("suspend", date_to="2099-01-01")
        with self.assertRaisesRegex(UserError, "Suspending the supply: this can't be"):
            connection.enter_step("energised")

    def test_what_the_customer_is_waited_for_is_called_by_its_name(self):
        connection = self._create_connection("new", "hv_single")
        self._take_until(connection, "design_submitted")
        self.assertTrue(connection.is_paused)
        paused = connection.ticket_id.event_ids.filtered(lambda e: e.kind == "paused")
        waiting = f"Waiting for: {connection.step_name}"
        self.assertIn(waiting, paused.mapped("note"))
        self.assertNotIn(connection.step, waiting)

    def test_the_window_names_what_is_entered(self):
        connection = self._create_connection("close")
        self._take_until(connection, "energised")
        action = connection.action_enter_step()
        entry = self.env[action["res_model"]].with_context(**action["context"])
        self.assertEqual(entry.create({}).milestone_id.display_name, "Account closed")

    def test_history_clock_and_customer_read_the_kind(self):
        connection = self._create_connection("close")
        self._take_until(connection, "energised")
        ticket = connection.ticket_id
        clock = self._clock(ticket, "energised")
        self.assertEqual(clock.target_name, "Account closed")
        self.assertIn(
            "Your account is closed",
            [promise["title"] for promise in ticket._get_portal_promises()],
        )
        connection.enter_step("energised")
        event = ticket.event_ids.filtered(
            lambda event: event.milestone_id.code == "energised"
        )
        self.assertEqual(event.detail, "Account closed")
        titles = [line["title"] for line in ticket._get_portal_timeline()]
        self.assertIn("Your account is closed", titles)
        self.assertNotIn("Energised", titles)
        self.assertEqual(ticket._get_portal_state(), "Your account is closed")

    def test_a_new_connection_is_energised(self):
        connection = self._create_connection()
        self._take_until(connection, "energised")
        ticket = connection.ticket_id
        self.assertEqual(connection.step_name, "Energising")
        clocks = self._clock(ticket, "energised")
        self.assertEqual(set(clocks.mapped("target_name")), {"Energised"})
        connection.enter_step("energised")
        self.assertEqual(ticket._get_portal_state(), "Energised")
