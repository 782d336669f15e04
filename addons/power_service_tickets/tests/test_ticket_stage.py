"""What a stage may be, what moving to one means, and what events make of a ticket."""

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import MONDAY
from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestStageRules(ActionCommon):
    def test_a_stage_of_another_type_is_refused(self):
        ticket = self._create_ticket("enquiry")
        before = ticket.stage_id
        foreign = self.stages["on_site"]
        self.assertNotIn(foreign, ticket.type_id.stage_ids)
        with self.assertRaisesRegex(UserError, "isn't a stage of the type"):
            ticket.with_user(self.staff).stage_id = foreign
        self.assertEqual(ticket.stage_id, before)
        self.assertEqual(ticket.event_ids.mapped("kind"), ["milestone"])

    def test_a_pausing_stage_neither_ends_nor_reaches_anything(self):
        answered = self.env.ref("power_service_tickets.power_ticket_milestone_answered")
        for vals in ({"is_closed": True}, {"milestone_id": answered.id}):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(ValidationError, "use two stages"),
            ):
                self.env["power.ticket.stage"].create(
                    {"name": "Wait and more", "pauses_clock": True, **vals}
                )

    def test_the_hand_moves_back_and_no_time_is_lost(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("fault").with_user(self.staff)
            ticket.accept()
        with freeze_time(MONDAY + timedelta(minutes=30)):
            ticket.restore()
        with freeze_time(MONDAY + timedelta(minutes=40)):
            ticket.stage_id = self.stages["in_progress"]
        self.assertEqual(ticket.stage_id, self.stages["in_progress"])
        self.assertEqual(ticket.restored_at, MONDAY + timedelta(minutes=30))
        self.assertEqual(ticket.accepted_at, MONDAY)

    def test_time_in_a_pausing_stage_is_given_back(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("fault", region_type="urban")
        before = self._clock(ticket, "arrived").deadline
        with freeze_time(MONDAY + timedelta(minutes=10)):
            ticket.stage_id = self.stages["waiting"]
        self.assertEqual(ticket.stage_id, self.stages["waiting"])
        self.assertFalse(ticket.deadline)
        with freeze_time(MONDAY + timedelta(minutes=30)):
            ticket.stage_id = self.stages["in_progress"]
        clock = self._clock(ticket, "arrived")
        self.assertEqual(clock.state, "running")
        self.assertEqual(clock.deadline, before + timedelta(minutes=20))

    def test_waiting_goes_to_its_stage_and_back_to_where_it_was(self):
        ticket = self._create_ticket("fault")
        ticket.arrive()
        ticket.pause("Gate closed")
        self.assertEqual(ticket.stage_id, self.stages["waiting"])
        ticket.resume()
        self.assertEqual(ticket.stage_id, self.stages["on_site"])

    def test_events_make_the_state(self):
        ticket = self._create_ticket("enquiry")
        ticket.answer("Here it is")
        ticket.reopen("Not clear")
        ticket.answer("Once more")
        ticket.close()
        ticket.reopen("Still not")
        self.assertRecordValues(
            ticket,
            [
                {
                    "cycle": 3,
                    "reopen_count": 2,
                    "is_open": True,
                    "closed_at": False,
                    "answered_at": False,
                    "ended_by": False,
                    "stage_id": self.stages["in_progress"].id,
                }
            ],
        )
        ticket.cancel("Came twice")
        self.assertEqual(ticket.ended_by, "cancelled")
        self.assertEqual(ticket.stage_id, self.stages["ended"])
        ticket.reopen("By mistake")
        self.assertFalse(ticket.ended_by)
