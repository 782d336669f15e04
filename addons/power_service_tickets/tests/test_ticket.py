from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MONDAY, TicketCommon


@tagged("post_install", "-at_install")
class TestTicketIntake(TicketCommon):
    def test_names_of_a_tree_follow_the_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for record in (
            self.categories["complaint_service_attitude"],
            self.env.ref("power_service_tickets.power_root_cause_attitude_rude"),
        ):
            record.with_context(lang="zh_CN").name = "态度"
            english = record.with_context(lang="en_US").display_name
            chinese = record.with_context(lang="zh_CN").display_name
            self.assertNotIn("态度", english)
            self.assertIn("态度", chinese)

    def test_point_gives_customer_area_station_and_region(self):
        ticket = self._create_ticket()
        self.assertRecordValues(
            ticket,
            [
                {
                    "partner_id": self.customer.id,
                    "grid_area_id": self.area.id,
                    "station_id": self.station.id,
                    "region_type": self.area.region_type,
                    "stage_id": self.stages["new"].id,
                    "is_open": True,
                }
            ],
        )
        self.assertEqual(ticket.event_ids.milestone_id.code, "received")

    def test_never_fails_for_want_of_anything(self):
        ticket = self.env["power.ticket"].create({"subject": "No light"})
        self.assertTrue(ticket.name.startswith("T"))
        self.assertFalse(ticket.station_id)
        self.assertTrue(ticket.clock_ids)

    def test_pitfall_3_without_a_place_it_lies_where_it_was_asked(self):
        ticket = (
            self.env["power.ticket"]
            .with_user(self.users["staff"])
            .create({"subject": "No light"})
        )
        self.assertFalse(ticket.grid_area_id or ticket.team_id)
        self.assertEqual(ticket.station_id, self.station)
        self.assertEqual(ticket.receiving_station_id, self.station)

    def test_numbers_are_all_different(self):
        tickets = self.env["power.ticket"].create(
            [{"subject": f"Request {number}"} for number in range(20)]
        )
        self.assertEqual(len(set(tickets.mapped("name"))), 20)

    def test_first_asked_never_changes(self):
        ticket = (
            self.env["power.ticket"]
            .with_user(self.users["staff"])
            .create({"subject": "Bill", "supply_point_id": self.point.id})
        )
        self.assertEqual(ticket.first_contact_user_id, self.users["staff"])
        with self.assertRaises(UserError):
            ticket.first_contact_user_id = self.users["manager"]

    def test_what_events_say_cannot_be_typed(self):
        ticket = self._create_ticket()
        for name, value in (
            ("answered_at", MONDAY),
            ("chase_count", 3),
            ("deadline", MONDAY),
        ):
            with self.subTest(field=name), self.assertRaises(UserError):
                ticket.write({name: value})

    def test_a_ticket_cannot_be_deleted(self):
        with self.assertRaisesRegex(UserError, "Cancel it"):
            self._create_ticket().unlink()


@tagged("post_install", "-at_install")
class TestTicketStages(TicketCommon):
    def test_an_empty_board_has_columns(self):
        """Without columns the web client would show a blank page, not the help."""
        tickets = self.env["power.ticket"].with_context(read_group_expand=True)
        groups = tickets.formatted_read_group(
            [("id", "=", 0)], ["stage_id"], ["__count"]
        )
        self.assertGreater(len(groups), 1)
        self.assertFalse(sum(group["__count"] for group in groups))

    def test_a_board_of_several_types_shows_no_unused_stage_of_one_type(self):
        """Whoever has no connection in survey needs no column for it."""
        enquiry, fault = self._create_ticket(), self._create_ticket("fault")
        fault.arrive()
        tickets = self.env["power.ticket"].with_context(read_group_expand=True)

        def get_columns(domain, **context):
            groups = tickets.with_context(**context).formatted_read_group(
                domain, ["stage_id"], ["__count"]
            )
            return tickets.stage_id.browse(group["stage_id"][0] for group in groups)

        shared, survey = self.stages["waiting"], self.stages["survey"]
        columns = get_columns([("id", "in", (enquiry | fault).ids)])
        self.assertLessEqual(shared | fault.stage_id | enquiry.stage_id, columns)
        self.assertNotIn(survey, columns)
        self.assertNotIn(fault.stage_id, get_columns([("id", "=", enquiry.id)]))
        connection = self.types["connection"].id
        columns = get_columns([("id", "=", 0)], default_type_id=connection)
        self.assertIn(survey, columns)

    def test_milestone_moves_the_stage(self):
        ticket = self._create_ticket("fault")
        ticket.register_event("milestone", milestone="arrived")
        self.assertEqual(ticket.stage_id, self.stages["on_site"])
        self.assertTrue(ticket.arrived_at)

    def test_moving_to_a_stage_enters_its_milestone(self):
        ticket = self._create_ticket("fault")
        ticket.stage_id = self.stages["restored"]
        self.assertTrue(ticket.restored_at)
        self.assertIn("restored", ticket.event_ids.milestone_id.mapped("code"))

    def test_waiting_pauses_and_going_on_resumes(self):
        ticket = self._create_ticket()
        ticket.stage_id = self.stages["waiting"]
        self.assertTrue(ticket.is_paused)
        self.assertEqual(ticket.clock_ids.state, "paused")
        ticket.stage_id = self.stages["in_progress"]
        self.assertFalse(ticket.is_paused)
        self.assertEqual(ticket.clock_ids.state, "running")
        self.assertEqual(
            sorted(ticket.event_ids.mapped("kind")),
            ["milestone", "milestone", "paused", "resumed"],
        )

    def test_late_entered_milestone_moves_nothing_back(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("fault")
        with freeze_time(MONDAY + timedelta(hours=1)):
            ticket.register_event("milestone", milestone="restored")
        with freeze_time(MONDAY + timedelta(hours=2)):
            ticket.register_event(
                "milestone", milestone="arrived", at=MONDAY + timedelta(minutes=20)
            )
        self.assertEqual(ticket.stage_id, self.stages["restored"])
        self.assertEqual(ticket.arrived_at, MONDAY + timedelta(minutes=20))

    def test_ended_tickets_take_no_more_events(self):
        ticket = self._create_ticket()
        ticket.cancel("Entered twice")
        self.assertEqual(ticket.stage_id, self.stages["ended"])
        self.assertEqual(ticket.clock_ids.state, "cancelled")
        with self.assertRaisesRegex(UserError, "reopen"):
            ticket.answer("Done")

    def test_event_in_the_future_or_before_receipt_is_refused(self):
        ticket = self._create_ticket()
        for at in (datetime(2100, 1, 1), ticket.received_at - timedelta(minutes=1)):
            with self.subTest(at=at), self.assertRaisesRegex(UserError, ticket.name):
                ticket.register_event(
                    "milestone", milestone="answered", note="Done", at=at
                )

    def test_milestone_of_another_type_is_refused(self):
        with self.assertRaisesRegex(UserError, "isn't a milestone"):
            self._create_ticket().register_event("milestone", milestone="energised")

    def test_repeated_key_makes_nothing_twice(self):
        ticket = self._create_ticket()
        for _ in range(2):
            ticket.register_event("chased", note="Again", client_ref="abc")
        self.assertEqual(ticket.chase_count, 1)

    def test_field_staff_may_not_enter_events_by_rpc(self):
        ticket = self._create_ticket().with_user(self.users["field"])
        with self.assertRaises(AccessError):
            ticket.register_event("chased", note="Again")


@tagged("post_install", "-at_install")
class TestTicketClocks(TicketCommon):
    def test_answer_in_time_is_met_and_late_is_missed(self):
        with freeze_time(MONDAY):
            early, late = self._create_ticket(), self._create_ticket()
        with freeze_time(MONDAY + timedelta(days=2)):
            early.answer("Here it is")
        with freeze_time(MONDAY + timedelta(days=30)):
            late.answer("Sorry")
        self.assertEqual(early.clock_ids.state, "met")
        self.assertEqual(late.clock_ids.state, "missed")
        self.assertEqual(late.clock_ids.missed_at, late.clock_ids.deadline)
        self.assertFalse(early.deadline)

    def test_reopening_starts_a_new_cycle(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
        with freeze_time(MONDAY + timedelta(days=1)):
            ticket.answer("Here it is")
            ticket.close()
        with freeze_time(MONDAY + timedelta(days=2)):
            ticket.reopen("Not solved")
        self.assertFalse(ticket.answered_at)
        self.assertTrue(ticket.is_open)
        self.assertEqual(self._clock(ticket, "answered", 1).state, "met")
        again = self._clock(ticket, "answered", 2)
        self.assertEqual(again.state, "running")
        self.assertEqual(again.started_at, MONDAY + timedelta(days=2))
        self.assertEqual(ticket.deadline, again.deadline)

    def test_change_of_type_matches_again_at_once(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
            before = ticket.clock_ids.policy_id
            ticket.type_id = self.types["opinion"]
        running = ticket.clock_ids.filtered(lambda clock: clock.state == "running")
        self.assertNotEqual(running.policy_id, before)
        self.assertEqual(running.started_at, MONDAY)

    def test_counting_again_changes_nothing(self):
        ticket = self._create_ticket("complaint")
        before = ticket.clock_ids.read()
        ticket._refresh_clocks()
        self.assertEqual(ticket.clock_ids.read(), before)
