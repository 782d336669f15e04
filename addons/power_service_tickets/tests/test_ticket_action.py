from datetime import datetime, timedelta

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import MONDAY, TicketCommon


class ActionCommon(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls.users["staff"]
        cls.supervisor = cls.users["supervisor"]
        cls.colleague = cls._create_user(
            "colleague", "power_service_base.group_power_staff"
        )
        cls.far = cls._create_user(
            "far", "power_service_base.group_power_staff", cls.station_other
        )
        cls.team = cls.env["hr.department"].create(
            {"name": "Repair", "power_unit": "team", "parent_id": cls.station.id}
        )
        cls.reasons = {
            kind: cls.env["power.ticket.reason"].search([("kind", "=", kind)], limit=1)
            for kind in ("returned", "extended", "exempted", "paused")
        }

    def _as(self, user, ticket):
        return ticket.with_user(user)

    def _kinds(self, ticket):
        return ticket.event_ids.sorted("id").mapped("kind")

    def _told(self, ticket):
        """The people who were told of the ticket."""
        return (
            self.env["mail.message"]
            .search(
                [
                    ("model", "=", "power.ticket"),
                    ("res_id", "in", ticket.ids),
                    ("message_type", "=", "user_notification"),
                ]
            )
            .notified_partner_ids
        )


@tagged("post_install", "-at_install")
class TestHandover(ActionCommon):
    def test_dispatch_enters_who_and_tells_only_the_employee(self):
        self.customer.email = "wang@example.com"
        ticket = self._create_ticket()
        ticket.message_subscribe(self.customer.ids)
        self._as(self.staff, ticket).dispatch(self.team.id, self.colleague.id, "Go")
        self.assertEqual((ticket.team_id, ticket.user_id), (self.team, self.colleague))
        event = ticket.event_ids.sorted("id")[-1]
        self.assertRecordValues(
            event,
            [
                {
                    "kind": "dispatched",
                    "team_id": self.team.id,
                    "assignee_id": self.colleague.id,
                    "previous_station_id": self.station.id,
                    "user_id": self.staff.id,
                    "note": "Go",
                }
            ],
        )
        self.assertEqual(self._told(ticket), self.colleague.partner_id)

    def test_dispatch_of_many_is_one_message(self):
        tickets = self._create_ticket() | self._create_ticket() | self._create_ticket()
        self._as(self.staff, tickets).dispatch(user_id=self.colleague.id)
        messages = self.env["mail.message"].search(
            [("model", "=", "power.ticket"), ("res_id", "in", tickets.ids)]
        )
        self.assertEqual(len(messages), 1)
        self.assertIn("3 tickets", messages.subject)

    def test_giving_by_hand_is_an_event_too(self):
        ticket = self._create_ticket()
        self._as(self.staff, ticket).user_id = self.colleague
        event = ticket.event_ids.sorted("id")[-1]
        self.assertEqual(
            (event.kind, event.assignee_id), ("dispatched", self.colleague)
        )
        self.assertEqual(self._told(ticket), self.colleague.partner_id)
        count = len(ticket.event_ids)
        self._as(self.staff, ticket).user_id = self.colleague
        self.assertEqual(len(ticket.event_ids), count)

    def test_wrong_dispatches(self):
        ticket = self._as(self.staff, self._create_ticket())
        for values, text in (
            ({}, "a team or a person"),
            ({"team_id": self.station.id}, "no such station or team"),
            ({"team_id": 99999999}, "no such station or team"),
            ({"user_id": self.portal.id}, "no such employee"),
            ({"user_id": 99999999}, "no such employee"),
            ({"user_id": self.far.id}, "can't see"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, text):
                ticket.dispatch(**values)
        with self.assertRaisesRegex(UserError, "can't see"):
            ticket.user_id = self.far
        self.assertEqual(self._kinds(ticket.sudo()), ["milestone"])

    def test_accept_makes_the_first_asked_once(self):
        answer = self.env["power.ticket"].receive(
            {
                "type": "enquiry",
                "source_system": "95598",
                "external_ref": "1",
                "consumer_number": self.point.name,
            }
        )
        ticket = self.env["power.ticket"].browse(answer["id"])
        self.assertFalse(ticket.first_contact_user_id)
        self._as(self.staff, ticket).accept()
        self.assertTrue(ticket.accepted_at)
        self.assertEqual(ticket.user_id, self.staff)
        self.assertEqual(ticket.stage_id, self.stages["in_progress"])
        self._as(self.staff, ticket).transfer("Knows more", user_id=self.colleague.id)
        self._as(self.colleague, ticket).accept()
        self.assertEqual(ticket.first_contact_user_id, self.staff)

    def test_accepting_what_another_has_is_refused(self):
        ticket = self._create_ticket(user_id=self.colleague.id)
        with self.assertRaisesRegex(UserError, "handed over first"):
            self._as(self.staff, ticket).accept()

    def test_transfer_to_another_station_and_back(self):
        ticket = self._as(self.staff, self.env["power.ticket"]).create(
            {
                "subject": "Bill",
                "supply_point_id": self.point.id,
                "user_id": self.staff.id,
            }
        )
        ticket.transfer("Their line", station_id=self.station_other.id)
        ticket = ticket.sudo()
        self.assertEqual(ticket.station_id, self.station_other)
        self.assertFalse(ticket.user_id)
        # Asked first: still seen here, and there.
        self.assertTrue(self._as(self.staff, ticket).has_access("read"))
        self.assertTrue(self._as(self.far, ticket).has_access("read"))
        self._as(self.far, ticket).return_to(self.reasons["returned"].id, "Not ours")
        self.assertRecordValues(
            ticket,
            [
                {
                    "station_id": self.station.id,
                    "user_id": self.staff.id,
                    "return_count": 1,
                }
            ],
        )
        self.assertIn(self.staff.partner_id, self._told(ticket))

    def test_transfer_changes_the_promise_of_the_place(self):
        self.env["power.sla.policy"].search([])
        ticket = self._create_ticket("fault", region_type="urban")
        self._as(self.staff, ticket).transfer("No area", station_id=0)
        self.assertFalse(ticket.station_id)
        self.assertTrue(ticket.clock_ids)

    def test_wrong_transfers(self):
        ticket = self._as(self.staff, self._create_ticket())
        for values, text in (
            ({"note": "x"}, "Say who takes it over"),
            ({"note": " ", "team_id": self.team.id}, "Say why"),
            ({"note": "x", "station_id": self.team.id}, "no such station"),
            ({"note": "x", "station_id": self.station_foreign.id}, "no such station"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, text):
                ticket.transfer(**values)
        # The other station's people see it by then; those of this one's don't.
        with self.assertRaisesRegex(UserError, "can't see"), self.env.cr.savepoint():
            ticket.transfer(
                "x", station_id=self.station_other.id, user_id=self.colleague.id
            )

    def test_returns_go_back_step_by_step(self):
        ticket = self._create_ticket(user_id=self.staff.id)
        self._as(self.staff, ticket).dispatch(user_id=self.colleague.id)
        self._as(self.colleague, ticket).dispatch(user_id=self.supervisor.id)
        reason = self.reasons["returned"].id
        self._as(self.supervisor, ticket).return_to(reason)
        self.assertEqual(ticket.user_id, self.colleague)
        self._as(self.colleague, ticket).return_to(reason)
        self.assertEqual(ticket.user_id, self.staff)
        # And then to the company's desk: it came from outside.
        self._as(self.staff, ticket).return_to(reason)
        self.assertFalse(ticket.station_id)
        self.assertEqual(ticket.return_count, 3)

    def test_return_needs_a_reason_for_returning(self):
        ticket = self._as(self.staff, self._create_ticket())
        for reason_id in (None, 0, 99999999, self.reasons["paused"].id):
            with self.subTest(reason=reason_id), self.assertRaises(UserError):
                ticket.return_to(reason_id)

    def test_chase_is_counted_told_and_limited(self):
        ticket = self._create_ticket(user_id=self.colleague.id)
        mine = self._as(self.staff, ticket)
        mine.chase("Still dark", client_ref="c1")
        mine.chase("Still dark", client_ref="c1")
        mine.chase("And again")
        self.assertEqual(ticket.chase_count, 2)
        self.assertEqual(self._told(ticket), self.colleague.partner_id)
        with self.assertRaisesRegex(UserError, "limit"):
            mine.chase("Third time")
        with self.assertRaisesRegex(UserError, "limit"):
            mine.register_event("chased", note="Third time")
        self.env.ref("power_service_base.power_limit_shared").max_chases = 3
        mine.chase("Third time")
        self.assertEqual(ticket.chase_count, 3)


@tagged("post_install", "-at_install")
class TestApproval(ActionCommon):
    def _clock_of(self, ticket, target="answered"):
        return self._clock(ticket, target)

    def test_one_unit_is_no_many(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
            supervisor = self._as(self.supervisor, ticket)
            supervisor.extend(1, self.reasons["extended"].id, "Expert needed")
        clock = self._clock_of(ticket)
        self.assertIn("Extended by 1 working day.", clock.remark)
        event = ticket.event_ids.filtered(lambda event: event.kind == "extended")
        self.assertIn("+1 working day", event.detail)
        self.assertNotIn("days", event.detail)
        policies = self.env["power.sla.policy"]
        self.assertEqual(policies._get_unit_text("day", 1), "calendar day")
        self.assertEqual(policies._get_unit_text("day", 2), "calendar days")
        chinese = policies.with_context(lang="zh_CN")
        self.assertEqual(
            chinese._get_unit_text("day", 1), chinese._get_unit_text("day", 2)
        )

    def test_extension_moves_the_deadline_once_and_tells_the_customer(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
            before = self._clock_of(ticket).deadline
            supervisor = self._as(self.supervisor, ticket)
            supervisor.extend(6, self.reasons["extended"].id, "Expert needed")
            # 6 and 6 working days: Monday the 2nd, 12 working days later.
            self.assertEqual(before.date().isoformat(), "2026-03-10")
            after = self._clock_of(ticket).deadline
            self.assertEqual(after.date().isoformat(), "2026-03-18")
            with self.assertRaisesRegex(UserError, "only once"):
                supervisor.extend(1, self.reasons["extended"].id)
        notice = self.env["power.notice"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(notice.purpose_id.code, "ticket_extended")

    def test_wrong_extensions(self):
        ticket = self._create_ticket("enquiry")
        supervisor = self._as(self.supervisor, ticket)
        reason = self.reasons["extended"].id
        with self.assertRaises(AccessError):
            self._as(self.staff, ticket).extend(1, reason)
        for units, reason_id, text in (
            (7, reason, "as long as the promise itself"),
            (0, reason, "by how much"),
            (-1, reason, "by how much"),
            ("x", reason, "by how much"),
            (1, None, "Choose a reason"),
            (1, self.reasons["paused"].id, "Choose a reason"),
        ):
            with self.subTest(units=units), self.assertRaisesRegex(UserError, text):
                supervisor.extend(units, reason_id)
        ticket.answer("Done")
        with self.assertRaisesRegex(UserError, "still running"):
            supervisor.extend(1, reason)

    def test_exemption_also_of_what_was_missed(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry", user_id=self.staff.id)
        with freeze_time(MONDAY + timedelta(days=30)):
            ticket.answer("Late")
            ticket.close()
            self.assertEqual(self._clock_of(ticket).state, "missed")
            with self.assertRaises(AccessError):
                self._as(self.staff, ticket).exempt(self.reasons["exempted"].id, "x")
            self._as(self.supervisor, ticket).exempt(
                self.reasons["exempted"].id, "Flood, see the city's order"
            )
        self.assertEqual(self._clock_of(ticket).state, "exempted")
        self.assertTrue(ticket.closed_at)

    def test_nobody_approves_own_work(self):
        ticket = self._create_ticket("complaint", user_id=self.supervisor.id)
        mine = self._as(self.supervisor, ticket)
        for call in (
            lambda: mine.exempt(self.reasons["exempted"].id, "x"),
            lambda: mine.end_service("x"),
            lambda: mine.reclassify(self.types["opinion"].id, "x"),
        ):
            with self.assertRaisesRegex(UserError, "somebody else"):
                call()

    def test_end_of_service(self):
        ticket = self._create_ticket("enquiry")
        with self.assertRaises(AccessError):
            self._as(self.staff, ticket).end_service("Explained five times")
        with self.assertRaisesRegex(UserError, "Say why"):
            self._as(self.supervisor, ticket).end_service(" ")
        self._as(self.supervisor, ticket).end_service("Explained five times")
        self.assertEqual(ticket.ended_by, "service_ended")
        self.assertEqual(ticket.clock_ids.state, "cancelled")

    def test_the_stage_of_ended_ones_says_nothing_of_an_answer(self):
        """How it ended is said by ended_by: a service may end after an answer."""
        ticket = self._create_ticket("enquiry")
        self._as(self.staff, ticket).answer("Because of the season")
        self._as(self.supervisor, ticket).end_service("Explained five times")
        self.assertEqual(ticket.stage_id.name, "Ended")
        self.assertEqual(ticket.stage_id.with_context(lang="zh_CN").name, "已终止")
        for kind in ("kanban", "list"):
            arch = etree.fromstring(ticket.get_view(view_type=kind)["arch"])
            self.assertTrue(arch.xpath("//field[@name='ended_by']"), kind)
        with self.assertRaisesRegex(UserError, "cancel it or end its service"):
            other = self._create_ticket("enquiry")
            other.stage_id = self.stages["ended"]

    def test_reclassified_complaint_counts_by_the_new_promise(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket(
                "complaint",
                category_id=self.categories["complaint_service_attitude"].id,
            )
            with self.assertRaisesRegex(UserError, "use Reclassify"):
                self._as(self.supervisor, ticket).type_id = self.types["opinion"]
            with self.assertRaises(AccessError):
                self._as(self.staff, ticket).reclassify(
                    self.types["opinion"].id, "Not our fault"
                )
            self._as(self.supervisor, ticket).reclassify(
                self.types["opinion"].id, "Not our fault"
            )
        event = ticket.event_ids.filtered(lambda e: e.kind == "reclassified")
        self.assertRecordValues(
            event,
            [
                {
                    "previous_type_id": self.types["complaint"].id,
                    "type_id": self.types["opinion"].id,
                    "note": "Not our fault",
                }
            ],
        )
        self.assertFalse(ticket.category_id)
        clock = self._clock_of(ticket)
        self.assertEqual(clock.started_at, MONDAY)
        self.assertIn(self.types["opinion"], clock.policy_id.type_ids)

    def test_wrong_reclassifications(self):
        ticket = self._as(self.supervisor, self._create_ticket("enquiry"))
        for values in (
            {"type_id": None, "note": "x"},
            {"type_id": 99999999, "note": "x"},
            {"type_id": self.types["opinion"].id, "note": ""},
            {
                "type_id": self.types["opinion"].id,
                "note": "x",
                "category_id": self.categories["fault_lv"].id,
            },
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                ticket.reclassify(**values)

    def test_staff_ask_the_chief(self):
        ticket = self._as(self.staff, self._create_ticket("enquiry"))
        with self.assertRaisesRegex(UserError, "no chief"):
            ticket.ask_approval("extend", "Expert needed")
        self.station.manager_id = self.supervisor.employee_ids
        ticket.ask_approval("extend", "Expert <b>needed</b>")
        activity = ticket.sudo().activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertIn("&lt;b&gt;", activity.note)
        with self.assertRaisesRegex(UserError, "nothing to approve"):
            ticket.ask_approval("unlink", "x")

    def test_explanation_leaves_the_clocks(self):
        ticket = self._create_ticket("enquiry")
        before = ticket.clock_ids.read(["state", "deadline"])
        self._as(self.staff, ticket).explain("Snow on the road")
        self.assertEqual(ticket.clock_ids.read(["state", "deadline"]), before)
        self.assertIn("explained", self._kinds(ticket))


@tagged("post_install", "-at_install")
class TestSteps(ActionCommon):
    def test_contact_arrive_restore_answer_close(self):
        ticket = self._as(self.staff, self._create_ticket("fault"))
        ticket.refuses_callback = True
        ticket.contact("Called, is home")
        ticket.arrive(note="Gate closed")
        ticket.restore()
        ticket.answer("Fuse replaced")
        ticket.close()
        self.assertTrue(
            ticket.contacted_at
            and ticket.arrived_at
            and ticket.restored_at
            and ticket.answered_at
            and ticket.closed_at
        )

    def test_unanswered_is_not_closed(self):
        ticket = self._as(self.staff, self._create_ticket("enquiry"))
        with self.assertRaisesRegex(UserError, "no answer yet"):
            ticket.close()
        with self.assertRaisesRegex(UserError, "no answer yet"):
            ticket.stage_id = self.stages["closed"]

    def test_what_needs_words_is_refused_without(self):
        ticket = self._as(self.staff, self._create_ticket("enquiry"))
        for name in ("contact", "answer", "pause", "cancel", "chase", "explain"):
            with self.subTest(name=name), self.assertRaisesRegex(UserError, "Say why"):
                getattr(ticket, name)("  ")
        ticket.answer("Done")
        with self.assertRaisesRegex(UserError, "Say why"):
            ticket.reopen("")

    def test_pause_and_resume(self):
        ticket = self._as(self.staff, self._create_ticket("enquiry"))
        ticket.pause("Papers", self.reasons["paused"].id)
        self.assertTrue(ticket.is_paused)
        ticket.resume()
        self.assertFalse(ticket.is_paused)

    def test_customers_are_told_once_each(self):
        self.env["power.ticket"].receive(
            {
                "type": "enquiry",
                "source_system": "95598",
                "external_ref": "1",
                "consumer_number": self.point.name,
            }
        )
        ticket = self.env["power.ticket"].search([("external_ref", "=", "1")])
        ticket.answer("Here <script>alert(1)</script>")
        ticket.close()
        notices = self.env["power.notice"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(
            sorted(notices.purpose_id.mapped("code")),
            ["ticket_answered", "ticket_closed", "ticket_received"],
        )
        self.assertEqual(notices.partner_id, self.customer)

    def test_customers_are_told_the_station_s_time(self):
        """Also by a job or a gateway, whose user has no time zone."""
        self.env.user.tz = False
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        ticket = self._create_ticket("enquiry", channel="hotline")
        ticket._project_write({"deadline": datetime(2031, 3, 10, 9, 0)})
        self.assertRegex(ticket.notice_deadline, r"5:00\sPM")

    def test_who_is_not_told(self):
        counter = self._create_ticket("enquiry")
        anonymous = self._create_ticket("enquiry", channel="portal", is_anonymous=True)
        report = self._create_ticket("report", channel="portal")
        for ticket in counter, anonymous, report:
            self.assertFalse(
                self.env["power.notice"].search_count(
                    [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
                )
            )


@tagged("post_install", "-at_install")
class TestActionAccess(ActionCommon):
    """Each public method is refused to who may not write the ticket."""

    def _calls(self, ticket):
        reasons = self.reasons
        return {
            "register_event": lambda: ticket.register_event("chased", note="x"),
            "dispatch": lambda: ticket.dispatch(self.team.id),
            "transfer": lambda: ticket.transfer("x", team_id=self.team.id),
            "return_to": lambda: ticket.return_to(reasons["returned"].id),
            "accept": lambda: ticket.accept(),
            "contact": lambda: ticket.contact("x"),
            "arrive": lambda: ticket.arrive(),
            "restore": lambda: ticket.restore(),
            "answer": lambda: ticket.answer("x"),
            "close": lambda: ticket.close(),
            "reopen": lambda: ticket.reopen("x"),
            "pause": lambda: ticket.pause("x"),
            "resume": lambda: ticket.resume(),
            "cancel": lambda: ticket.cancel("x"),
            "chase": lambda: ticket.chase("x"),
            "merge_into": lambda: ticket.merge_into(ticket.id),
            "extend": lambda: ticket.extend(1, reasons["extended"].id),
            "exempt": lambda: ticket.exempt(reasons["exempted"].id, "x"),
            "end_service": lambda: ticket.end_service("x"),
            "reclassify": lambda: ticket.reclassify(self.types["praise"].id, "x"),
            "explain": lambda: ticket.explain("x"),
            "ask_approval": lambda: ticket.ask_approval("extend", "x"),
        }

    def test_every_method_for_everybody_without_the_right(self):
        ticket = self._create_ticket("fault")
        with freeze_time(ticket.received_at + timedelta(hours=1)):
            ticket.answer("Done")
        foreign_user = self._create_user(
            "abroad", "power_service_base.group_power_manager", self.station_foreign
        )
        foreign_user.write(
            {
                "company_ids": [Command.set(self.company_other.ids)],
                "company_id": self.company_other.id,
            }
        )
        internal = new_test_user(self.env, login="test_plain", groups="base.group_user")
        strangers = {
            "field": self.users["field"],
            "other station": self.far,
            "other company": foreign_user,
            "portal": self.portal,
            "no group": internal,
        }
        count = len(ticket.event_ids)
        for who, user in strangers.items():
            mine = ticket.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            for name, call in self._calls(mine).items():
                with (
                    self.subTest(who=who, method=name),
                    self.assertRaises(AccessError),
                ):
                    call()
        self.assertEqual(len(ticket.event_ids), count)
