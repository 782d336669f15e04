import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MONDAY
from .test_ticket_action import ActionCommon

PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
        "awAAAABJRU5ErkJggg=="
    )
).decode()


@tagged("post_install", "-at_install")
class TestFieldWork(ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.field = cls.users["field"]
        with freeze_time(MONDAY):
            cls.ticket = cls._create_ticket("fault", contact_phone="13900000001")

    def _send(self, **values):
        self._as(self.staff, self.ticket).send_crew(user_id=self.field.id, **values)
        return self.env["power.field.task"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", self.ticket.id)],
            order="id desc",
            limit=1,
        )

    def test_crew_sees_whom_to_call_and_until_when(self):
        with freeze_time(MONDAY + timedelta(minutes=1)):
            task = self._send()
        arrival = self._clock(self.ticket, "arrived")
        self.assertRecordValues(
            task,
            [
                {
                    "kind": "repair",
                    "partner_id": self.customer.id,
                    "supply_point_id": self.point.id,
                    "station_id": self.station.id,
                    "due_at": arrival.deadline,
                }
            ],
        )
        [card] = task.with_user(self.field).get_my_work()["tasks"]
        self.assertEqual(card["phone"], "+8613900000001")
        self.assertEqual(task.ticket_id, self.ticket)
        self.assertEqual(self.ticket.field_task_count, 1)
        self.assertEqual(
            self.ticket.event_ids.sorted("id")[-1].note,
            f"Crew sent: {self.field.name}",
            "who goes, not to whom",
        )

    def test_report_of_the_crew_arrives_with_its_time_and_proof(self):
        with freeze_time(MONDAY + timedelta(minutes=1)):
            task = self._send().with_user(self.field)
        with freeze_time(MONDAY + timedelta(minutes=20)):
            task.action_arrive()
        with freeze_time(MONDAY + timedelta(minutes=50)):
            task.action_add_proof("photo.png", PIXEL)
            task.action_done("done", "Fuse replaced")
        self.assertEqual(self.ticket.arrived_at, MONDAY + timedelta(minutes=20))
        self.assertEqual(self.ticket.restored_at, MONDAY + timedelta(minutes=50))
        self.assertEqual(self.ticket.stage_id, self.stages["restored"])
        done = self.ticket.event_ids.filtered(
            lambda event: event.milestone_id.code == "restored"
        )
        self.assertEqual(done.note, "Fuse replaced")
        self.assertEqual(
            done.proof_ids.power_sha256, task.sudo().proof_ids.power_sha256
        )
        self.assertEqual(done.user_id, self.field)
        self.assertEqual(self._clock(self.ticket, "arrived").state, "met")

    def test_phone_without_network_keeps_the_time(self):
        with freeze_time(MONDAY + timedelta(minutes=1)):
            task = self._send().with_user(self.field)
        with freeze_time(MONDAY + timedelta(hours=5)):
            # In the order in which they come out of the phone, twice.
            for _ in range(2):
                task.action_done(
                    "done", at=MONDAY + timedelta(minutes=60), client_ref="b"
                )
                task.action_arrive(at=MONDAY + timedelta(minutes=20), client_ref="a")
                task.action_add_proof(
                    "p.png", PIXEL, at=MONDAY + timedelta(minutes=21), client_ref="c"
                )
        self.assertEqual(self.ticket.arrived_at, MONDAY + timedelta(minutes=20))
        self.assertEqual(self.ticket.restored_at, MONDAY + timedelta(minutes=60))
        # Entered after the deadline and proved by a photo: it counts.
        clock = self._clock(self.ticket, "arrived")
        self.assertEqual((clock.state, clock.is_late_proved), ("met", True))

    def test_what_was_not_solved_leaves_the_ticket_open(self):
        task = self._send().with_user(self.field)
        task.action_done("absent", "Nobody opened")
        self.assertFalse(self.ticket.restored_at)
        note = self.ticket.event_ids.sorted("id")[-1].note
        self.assertIn("Nobody opened", note)
        self._send()  # another one may go

    def test_report_of_an_ended_ticket_is_kept_and_refuses_nothing(self):
        task = self._send().with_user(self.field)
        self._as(self.staff, self.ticket).cancel("Withdrawn")
        task.action_arrive()
        self.assertFalse(self.ticket.arrived_at)
        self.assertEqual(self.ticket.event_ids.sorted("id")[-1].kind, "noted")

    def _tasks(self, ticket):
        return self.env["power.field.task"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
        )

    def test_who_only_works_outside_finds_it_in_my_work(self):
        complaint = self._create_ticket("complaint")
        for ticket, kind in ((self.ticket, "repair"), (complaint, "visit")):
            self._as(self.staff, ticket).dispatch(user_id=self.field.id, note="Go")
            self.assertRecordValues(
                self._tasks(ticket), [{"kind": kind, "user_id": self.field.id}]
            )
        cards = self.env["power.field.task"].with_user(self.field).get_my_work()
        self.assertEqual(len(cards["tasks"]), 2)
        # Given again, nobody is sent twice.
        self._as(self.staff, self.ticket).dispatch(user_id=self.staff.id)
        self._as(self.staff, self.ticket).dispatch(user_id=self.field.id)
        self.assertEqual(len(self._tasks(self.ticket)), 1)

    def _ask_of(self, ticket):
        kind = self.env.ref("power_service_tickets.mail_activity_crew")
        return ticket.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def _my_tasks(self, user):
        cards = self.env["power.field.task"].with_user(user).get_my_work()["tasks"]
        return [card["id"] for card in cards]

    def test_given_to_another_worker_the_work_goes_along(self):
        other = self._create_user("other_field", "power_service_base.group_power_field")
        ways = {
            "dispatch": lambda ticket: ticket.dispatch(user_id=other.id),
            "transfer": lambda ticket: ticket.transfer("Ill", user_id=other.id),
            "write": lambda ticket: ticket.write({"user_id": other.id}),
        }
        for name, give in ways.items():
            ticket = self._create_ticket("fault").with_user(self.staff)
            ticket.dispatch(user_id=self.field.id)
            task = self._tasks(ticket)
            give(ticket)
            with self.subTest(way=name):
                self.assertEqual(self._tasks(ticket).user_id, other)
                self.assertEqual(len(self._tasks(ticket)), 1)
                self.assertIn(task.id, self._my_tasks(other))
                self.assertNotIn(task.id, self._my_tasks(self.field))
                self.assertFalse(self._ask_of(ticket))
                [event] = task.event_ids.filtered(lambda e: e.kind == "reassigned")
                self.assertEqual(event.previous_assignee_id, self.field)

    def test_taken_to_a_desk_it_is_asked_what_becomes_of_the_work(self):
        ticket = self.ticket.with_user(self.staff)
        ticket.dispatch(user_id=self.field.id)
        task = self._tasks(self.ticket)
        ticket.transfer("Called", user_id=self.colleague.id)
        self.assertEqual(task.user_id, self.field)
        [asked] = self._ask_of(ticket)
        self.assertEqual(asked.user_id, self.colleague)
        self.assertIn(self.field.name, asked.summary)
        # Given back, nothing is open; ended, neither.
        ticket.dispatch(user_id=self.field.id)
        self.assertFalse(self._ask_of(ticket))
        ticket.dispatch(user_id=self.colleague.id)
        self.assertTrue(self._ask_of(ticket))
        task.with_user(self.field).action_done("done")
        self.assertFalse(self._ask_of(ticket))

    def test_who_is_on_the_way_already_keeps_it(self):
        other = self._create_user("other_field", "power_service_base.group_power_field")
        ticket = self.ticket.with_user(self.staff)
        ticket.dispatch(user_id=self.field.id)
        task = self._tasks(self.ticket)
        task.with_user(self.field).action_start()
        ticket.dispatch(user_id=other.id)
        self.assertEqual(task.user_id, self.field)
        self.assertEqual(self._ask_of(ticket).user_id, other)

    def test_handed_to_another_station_the_work_is_seen_there(self):
        ticket = self.ticket.with_user(self.staff)
        ticket.dispatch(user_id=self.field.id)
        task = self._tasks(self.ticket)
        ticket.transfer("Yours", station_id=self.station_other.id, user_id=self.far.id)
        self.assertEqual(self._ask_of(ticket).user_id, self.far)
        self.assertEqual(task.station_id, self.station_other)
        self.assertTrue(task.with_user(self.field).has_access("read"))
        crew = self._create_user(
            "far_crew", "power_service_base.group_power_field", self.station_other
        )
        task.with_user(self.far).user_id = crew
        self.assertIn(task.id, self._my_tasks(crew))
        self.assertNotIn(task.id, self._my_tasks(self.field))

    def test_a_chief_is_asked_when_nobody_has_it(self):
        chief = self._create_user("chief", "power_service_base.group_power_supervisor")
        self.station.manager_id = chief.employee_ids
        ticket = self.ticket.with_user(self.staff)
        ticket.dispatch(user_id=self.field.id)
        ticket.transfer("Not him", station_id=self.station.id)
        self.assertEqual(self._ask_of(ticket).user_id, chief)

    def test_the_person_on_duty_finds_it_in_my_work(self):
        now = fields.Datetime.now()
        self.env["power.duty.shift"].create(
            {
                "station_id": self.station.id,
                "employee_id": self.field.employee_ids.id,
                "role": "repair",
                "start_at": now - timedelta(hours=1),
                "end_at": now + timedelta(hours=7),
            }
        )
        ticket = self._create_ticket("fault")
        self.assertEqual(ticket.user_id, self.field)
        task = self._tasks(ticket)
        self.assertEqual(task.user_id, self.field)
        self.assertEqual(task.due_at, self._clock(ticket, "arrived").deadline)

    def test_no_crew_where_somebody_asks_first(self):
        at_desk = self._create_ticket("fault")
        self._as(self.staff, at_desk).dispatch(user_id=self.staff.id)
        self.assertFalse(self._tasks(at_desk))
        self.assertFalse(self._create_ticket("report")._fits_crew())
        inside = self._create_ticket(
            "fault", category_id=self.categories["fault_internal"].id
        )
        # What has its price is looked at, not repaired.
        self.assertEqual(inside._get_crew_kind(), "visit")

    def test_giving_many_costs_the_same_queries(self):
        counts = []
        for number in (2, 20):
            tickets = self.env["power.ticket"].union(
                *(self._create_ticket("complaint") for _ in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets._send_assigned(self.field)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self._tasks(tickets[:1])), 1)
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_who_handles_it_is_told_that_the_crew_is_done(self):
        self._as(self.staff, self.ticket).accept()
        task = self._send().with_user(self.field)
        task.action_arrive()
        task.action_done("done", "Fuse replaced")
        self.env.flush_all()
        message = self.env["mail.message"].search(
            [
                ("model", "=", "power.ticket"),
                ("res_id", "=", self.ticket.id),
                ("notified_partner_ids", "in", self.staff.partner_id.id),
            ],
            limit=1,
        )
        self.assertIn(self.ticket.name, message.subject)
        self.assertIn("Fuse replaced", message.body)

    def test_window_proposes_what_a_crew_goes_for(self):
        for code, kind in (("fault", "repair"), ("complaint", "visit")):
            ticket = self._create_ticket(code)
            entry = self.env["power.ticket.entry"].create(
                {"ticket_ids": ticket.ids, "action": "send_crew"}
            )
            self.assertEqual(entry.task_kind, kind)

    def test_history_says_to_whom_and_why(self):
        mine = self._as(self.staff, self.ticket)
        mine.dispatch(user_id=self.users["supervisor"].id)
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "returned")], limit=1
        )
        self._as(self.users["supervisor"], self.ticket).return_to(reason.id)
        details = self.ticket.event_ids.sorted("id").mapped("detail")
        self.assertIn(self.users["supervisor"].name, details[-2])
        self.assertIn(reason.name, details[-1])
        self.assertIn(self.staff.name, details[-1])

    def test_wrong_crews(self):
        mine = self._as(self.staff, self.ticket)
        self._send()
        with self.assertRaisesRegex(UserError, "already"):
            mine.send_crew()
        with self.assertRaises(AccessError):
            self._as(self.field, self.ticket).send_crew()
        report = self._create_ticket("report")
        with self.assertRaisesRegex(UserError, "confidential"):
            report.send_crew()
        mine.cancel("Withdrawn")
        with self.assertRaisesRegex(UserError, "has ended"):
            mine.send_crew("visit")


@tagged("post_install", "-at_install")
class TestCharge(ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price = cls.env["power.service.price"].create(
            {
                "code": "test_repair",
                "name": "Indoor repair",
                "kind": "extension",
                "unit": "visit",
                "price": 60,
                "date_from": "2020-01-01",
                "is_free_for_vulnerable": True,
            }
        )
        cls.ticket = cls._create_ticket(
            "fault", category_id=cls.categories["fault_internal"].id
        )

    def test_told_confirmed_then_done(self):
        mine = self._as(self.staff, self.ticket)
        with self.assertRaisesRegex(UserError, "price list"):
            mine.send_crew()
        mine.tell_charge(self.price.id, 2)
        charge = mine.charge_ids
        self.assertEqual((charge.amount, charge.state), (120, "told"))
        with self.assertRaisesRegex(UserError, "not confirmed"):
            mine.send_crew()
        self.price.price = 90
        charge.confirm("Mrs Wang")
        self.assertRecordValues(
            charge,
            [
                {
                    "amount": 120,
                    "state": "confirmed",
                    "confirmed_by": "Mrs Wang",
                    "confirmed_user_id": self.staff.id,
                }
            ],
        )
        mine.send_crew()
        kinds = mine.event_ids.mapped("kind")
        self.assertIn("charge_told", kinds)
        self.assertIn("charge_confirmed", kinds)

    def test_free_for_vulnerable(self):
        segment = self.env["power.customer.segment"].create(
            {"name": "Alone", "code": "alone", "is_vulnerable": True}
        )
        self.customer.segment_ids = segment
        self.ticket.tell_charge(self.price.id)
        charge = self.ticket.charge_ids
        self.assertTrue(charge.is_free)
        self.assertEqual(charge.amount, 0)

    def test_refused_is_not_carried_out(self):
        mine = self._as(self.staff, self.ticket)
        mine.tell_charge(self.price.id)
        mine.charge_ids.refuse("Mr Wang")
        with self.assertRaisesRegex(UserError, "refused the charge"):
            mine.send_crew()
        with self.assertRaises(UserError):
            mine.charge_ids.confirm("Mr Wang")

    def test_refused_on_the_suppliers_side_is_not_carried_out_either(self):
        ticket = self._as(self.staff, self._create_ticket("service"))
        ticket.tell_charge(self.price.id)
        ticket.charge_ids.refuse("Mr Wang")
        with self.assertRaisesRegex(UserError, "refused the charge"):
            ticket.send_crew()

    def test_an_extension_service_is_told_and_confirmed_first(self):
        category = self.categories["service_extension"]
        ticket = self._create_ticket("service", category_id=category.id)
        ticket = self._as(self.staff, ticket)
        with self.assertRaisesRegex(UserError, "price list"):
            ticket.send_crew()
        ticket.tell_charge(self.price.id)
        ticket.charge_ids.confirm("Mr Wang")
        ticket.send_crew()
        self.assertTrue(ticket.field_task_count)

    def test_wrong_charges(self):
        mine = self._as(self.staff, self.ticket)
        tariff = self.env["power.service.price"].create(
            {
                "code": "test_kwh",
                "name": "kWh",
                "unit": "kWh",
                "price": 1,
                "date_from": "2020-01-01",
            }
        )
        past = self.price.copy(
            {"code": "past", "date_from": "2019-01-01", "date_to": "2019-12-31"}
        )
        for values in (
            (tariff.id,),
            (past.id,),
            (99999999,),
            (None,),
            (self.price.id, 0),
            (self.price.id, -1),
            (self.price.id, "x"),
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                mine.tell_charge(*values)
        mine.tell_charge(self.price.id)
        with self.assertRaisesRegex(UserError, "Say who"):
            mine.charge_ids.confirm(" ")
        with self.assertRaises(UserError):
            mine.charge_ids.write({"price": 1})
        with self.assertRaises(UserError):
            mine.charge_ids.write({"state": "confirmed"})
        with self.assertRaises(AccessError):
            mine.charge_ids.with_user(self.far).confirm("Mr Wang")
        with self.assertRaises(AccessError):
            mine.charge_ids.with_user(self.users["field"]).confirm("Mr Wang")
