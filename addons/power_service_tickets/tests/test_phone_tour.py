"""Boards and calendars at a phone's width."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import MONDAY
from .test_callback import CallbackCommon

ACTION = "/odoo/action-power_service_tickets."


@tagged("post_install", "-at_install")
class TestPhone(CallbackCommon, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        (cls.users["staff"] | cls.users["supervisor"]).lang = "en_US"

    def _run(self):
        # A test with a server is in the registry's test mode already.
        cron = self.env.ref("power_service_tickets.ir_cron_plan_callbacks")
        self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def test_stages_without_tickets_take_no_room(self):
        self._create_ticket(subject="Lamp")
        self.start_tour(
            f"{ACTION}power_ticket_action", "power_phone_board", login="test_staff"
        )

    def test_what_nobody_has_is_seen_at_once(self):
        self._create_ticket(subject="Lamp of nobody", user_id=False)
        self._create_ticket(subject="Lamp", user_id=self.users["staff"].id)
        # Both have a deadline far away: the board without its filters.
        action = self.env.ref("power_service_tickets.power_ticket_action_board")
        action.context = "{}"
        self.start_tour(
            f"{ACTION}power_ticket_action_board?view_type=kanban",
            "power_phone_board_of_nobody",
            login="test_staff",
        )

    def test_the_answers_to_a_call_are_two_and_two(self):
        self._answered(at=MONDAY)
        self.start_tour(
            f"{ACTION}power_ticket_callback_action",
            "power_phone_callback",
            login="test_staff",
        )

    def test_the_duty_roster_opens_the_day(self):
        start = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        self.env["power.duty.shift"].create(
            {
                "employee_id": self.users["field"].employee_ids.id,
                "station_id": self.station.id,
                "start_at": start,
                "end_at": start + timedelta(hours=2),
            }
        )
        self.start_tour("/odoo/duty-roster", "power_phone_duty", login="test_staff")
