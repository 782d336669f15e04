from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged, warmup
from odoo.tools import mute_logger

from .common import MONDAY, TicketCommon


class ComplaintCommon(TicketCommon):
    """A station chief with a login, a team, and complaints about the meter reader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._create_user(
            "chief", "power_service_base.group_power_supervisor"
        )
        cls.station.manager_id = cls.chief.employee_ids
        cls.team = cls.env["hr.department"].create(
            {
                "name": "Meter team",
                "power_unit": "team",
                "parent_id": cls.station.id,
            }
        )
        cls.matter = cls.types["complaint"].category_ids.filtered(
            lambda category: not category.child_ids
        )[0]
        cls.cause = cls.env.ref("power_service_tickets.power_root_cause_attitude_rude")
        cls.rule = cls.env.ref("power_service_tickets.power_complaint_rule_shared")
        cls.rule.has_callback_first = False  # test_callback.py is about those
        cls.twice = cls.env.ref(
            "power_service_tickets.power_ticket_reason_cancel_twice"
        )
        cls.reason = cls.env.ref(
            "power_service_tickets.power_ticket_reason_reply_incomplete"
        )

    @classmethod
    def _create_complaint(cls, **vals):
        return cls._create_ticket("complaint", **{"category_id": cls.matter.id, **vals})

    @classmethod
    def _close(cls, ticket):
        """Through reply, review by another person, and finding, to the end."""
        ticket.with_user(cls.users["staff"]).answer("We are sorry")
        ticket.with_user(cls.users["supervisor"]).review(True, True, True)
        ticket.finding = "unfounded"
        ticket.close()


@tagged("post_install", "-at_install")
class TestRepeat(ComplaintCommon):
    def test_same_customer_same_matter_after_a_closed_one(self):
        with freeze_time(MONDAY):
            first = self._create_complaint()
        with freeze_time(MONDAY + timedelta(days=1)):
            self._close(first)
        with freeze_time(MONDAY + timedelta(days=30)):
            again = self._create_complaint()
            other_matter = self._create_complaint(
                category_id=self.types["complaint"].category_ids[-1].id
            )
            other_customer = self._create_complaint(supply_point_id=self.point_other.id)
        self.assertEqual(again.repeat_of_id, first)
        self.assertEqual(again.call_count, 2)
        self.assertFalse(other_matter.repeat_of_id)
        self.assertFalse(other_customer.repeat_of_id)
        domain = again.action_open_matter()["domain"]
        self.assertEqual(self.env["power.ticket"].search(domain), again | first)

    def test_colleagues_of_one_organisation_are_one_customer(self):
        works = self.env["res.partner"].create({"name": "Works", "is_company": True})
        one, other = self.env["res.partner"].create(
            [{"name": name, "parent_id": works.id} for name in ("Zhao", "Qian")]
        )
        stranger = self.env["res.partner"].create({"name": "Sun"})
        vals = {"supply_point_id": False, "station_id": self.station.id}
        with freeze_time(MONDAY):
            first = self._create_complaint(partner_id=one.id, **vals)
            self._close(first)
        with freeze_time(MONDAY + timedelta(days=1)):
            again = self._create_complaint(partner_id=other.id, **vals)
            alone = self._create_complaint(partner_id=stranger.id, **vals)
        self.assertEqual((again.repeat_of_id, again.call_count), (first, 2))
        self.assertEqual((alone.repeat_of_id.id, alone.call_count), (False, 1))

    def test_window_is_a_setting(self):
        with freeze_time(MONDAY):
            first = self._create_complaint()
            self._close(first)
        with freeze_time(MONDAY + timedelta(days=61)):
            self.assertFalse(self._create_complaint().repeat_of_id)
        self.rule.repeat_days = 90
        with freeze_time(MONDAY + timedelta(days=62)):
            self.assertEqual(self._create_complaint().repeat_of_id, first)

    def test_an_open_one_is_no_repeat_but_counts(self):
        first = self._create_complaint()
        first.register_event("chased", note="Where are you?")
        second = self._create_complaint()
        self.assertFalse(second.repeat_of_id)
        self.assertEqual(second.call_count, 3)
        self.assertTrue(second.is_frequent)
        self.assertEqual(
            self.env["power.ticket"].search(
                [("is_frequent", "=", True), ("partner_id", "=", self.customer.id)]
            ),
            second,
        )

    def test_entered_by_mistake_is_no_call(self):
        self._create_complaint().cancel("Entered twice", self.twice.id)
        self.assertEqual(self._create_complaint().call_count, 1)

    def test_anonymous_and_unknown_matter_repeat_nothing(self):
        with freeze_time(MONDAY):
            self._close(self._create_complaint())
        with freeze_time(MONDAY + timedelta(days=1)):
            self.assertFalse(self._create_complaint(is_anonymous=True).repeat_of_id)
            self.assertFalse(self._create_complaint(category_id=False).repeat_of_id)

    def test_matter_entered_later_is_found_then(self):
        with freeze_time(MONDAY):
            first = self._create_complaint()
            self._close(first)
        with freeze_time(MONDAY + timedelta(days=1)):
            again = self._create_complaint(category_id=False)
            again.category_id = self.matter
        self.assertEqual(again.repeat_of_id, first)

    def _closed(self, code, category, days=0, **vals):
        """A ticket of the type, closed so many days after MONDAY."""
        with freeze_time(MONDAY + timedelta(days=days)):
            ticket = self._create_ticket(
                code, category_id=self.categories[category].id, **vals
            )
            if ticket.type_id.needs_review:
                self._close(ticket)
            else:
                ticket.answer("Done")
                ticket.close()
        return ticket

    def test_an_opinion_and_then_a_complaint_about_it(self):
        opinion = self._closed("opinion", "opinion_supply")
        with freeze_time(MONDAY + timedelta(days=3)):
            complaint = self._create_complaint(
                category_id=self.categories["complaint_outage_notice"].id
            )
        self.assertRecordValues(
            complaint,
            [{"repeat_of_id": opinion.id, "repeat_state": "proposed", "call_count": 2}],
        )

    def test_a_fault_called_three_times_and_then_a_complaint(self):
        first = self._closed("fault", "fault_lv")
        second = self._closed("fault", "fault_hv", 1)
        with freeze_time(MONDAY + timedelta(days=2)):
            third, again = (
                self._create_ticket("fault", category_id=self.categories["fault_lv"].id)
                for _number in range(2)
            )
            # Merged it is no end, but a call.
            again.merge_into(third.id)
        with freeze_time(MONDAY + timedelta(days=3)):
            complaint = self._create_complaint(
                category_id=self.categories["complaint_outage_repair"].id
            )
        self.assertEqual(second.repeat_of_id, first)
        self.assertRecordValues(
            complaint,
            [{"repeat_of_id": second.id, "call_count": 5, "is_frequent": True}],
        )
        domain = complaint.action_open_matter()["domain"]
        self.assertEqual(
            self.env["power.ticket"].search(domain),
            first | second | third | again | complaint,
        )

    def test_second_level_parent_and_sibling_are_one_class(self):
        first = self._closed("complaint", "complaint_service")
        for days, code in ((1, "attitude"), (2, "hall_hours")):
            with freeze_time(MONDAY + timedelta(days=days)):
                ticket = self._create_complaint(
                    category_id=self.categories[f"complaint_service_{code}"].id
                )
            self.assertEqual(ticket.repeat_of_id, first)
        self.rule.write({"repeats_by_class": False, "repeats_by_link": False})
        ticket._mark_repeats()
        self.assertFalse(ticket.repeat_of_id)

    def test_somebody_else_about_the_same_supply_point(self):
        first = self._closed("complaint", "complaint_service_attitude")
        tenant = self.env["res.partner"].create(
            {"name": "Tenant", "is_power_customer": True}
        )
        with freeze_time(MONDAY + timedelta(days=3)):
            ticket = self._create_complaint(partner_id=tenant.id)
        self.assertEqual(ticket.partner_id, tenant)
        self.assertEqual(ticket.repeat_of_id, first)
        self.rule.repeats_by_point = False
        ticket._mark_repeats()
        self.assertFalse(ticket.repeat_of_id)

    def test_a_question_of_one_kind_is_no_call_on_a_complaint_of_another(self):
        """Three calls on one matter alarm: prices, meters and dunning are three."""
        complaint = "complaint_business_metering"
        for number, (type_code, category, is_same) in enumerate(
            [
                ("enquiry", "enquiry_price", False),
                ("service", "service_reconnect", False),
                ("service", "service_meter_test", True),
            ]
        ):
            earlier = self._closed(type_code, category, number)
            with self.subTest(category), freeze_time(MONDAY + timedelta(days=5)):
                again = self._create_complaint(
                    category_id=self.categories[complaint].id
                )
                self.assertEqual(again.repeat_of_id == earlier, is_same)

    def test_linked_matters_are_data(self):
        self._closed("enquiry", "enquiry_other")
        complaint = self._create_complaint
        with freeze_time(MONDAY + timedelta(days=1)):
            self.assertFalse(complaint().repeat_of_id)
        matter = self.env["power.ticket.matter"].create(
            {
                "name": "Everything",
                "category_ids": [
                    (4, self.categories["enquiry_other"].id),
                    (4, self.matter.parent_id.id),
                ],
            }
        )
        with freeze_time(MONDAY + timedelta(days=2)):
            self.assertTrue(complaint().repeat_of_id)
        matter.active = False
        with freeze_time(MONDAY + timedelta(days=3)):
            self.assertFalse(complaint().repeat_of_id)

    def test_types_that_repeat_nothing(self):
        self._closed("praise", "praise_service")
        with freeze_time(MONDAY + timedelta(days=1)):
            praise = self._create_ticket(
                "praise", category_id=self.categories["praise_service"].id
            )
        self.assertFalse(praise.repeat_of_id)

    def test_confirmed_stays_and_undone_is_apart(self):
        first = self._closed("complaint", "complaint_service_attitude")
        with freeze_time(MONDAY + timedelta(days=2)):
            confirmed, undone = (self._create_complaint() for _number in range(2))
            confirmed.with_user(self.users["staff"]).confirm_repeat()
            undone.with_user(self.users["staff"]).undo_repeat()
        self.assertRecordValues(
            confirmed | undone,
            [
                {"repeat_of_id": first.id, "repeat_state": "confirmed"},
                {"repeat_of_id": False, "repeat_state": "undone"},
            ],
        )
        self.assertEqual((undone.call_count, undone.is_frequent), (1, False))
        for ticket in confirmed | undone:
            note = ticket.event_ids.filtered(lambda event: event.kind == "noted")
            self.assertEqual(note.user_id, self.users["staff"])
            self.assertIn(first.name, note.note)
        self.rule.repeat_days = 1
        (confirmed | undone)._mark_repeats()
        self.assertEqual(confirmed.repeat_of_id, first)
        undone.propose_repeat()
        self.assertFalse(undone.repeat_of_id or undone.repeat_state)
        for ticket in (undone, self._create_ticket("enquiry")):
            with self.assertRaisesRegex(UserError, "repeats nothing"):
                ticket.confirm_repeat()
        # Another customer: what was said holds no more.
        confirmed.supply_point_id = self.point_other
        self.assertFalse(confirmed.repeat_of_id or confirmed.repeat_state)

    def test_other_stations_staff_say_nothing(self):
        self._closed("complaint", "complaint_service_attitude")
        with freeze_time(MONDAY + timedelta(days=2)):
            ticket = self._create_complaint()
        stranger = self._create_user(
            "stranger", "power_service_base.group_power_staff", self.station_other
        )
        for user in (stranger, self.users["field"]):
            for name in ("confirm_repeat", "undo_repeat", "propose_repeat"):
                with self.subTest(name=name), self.assertRaises(AccessError):
                    getattr(ticket.with_user(user), name)()

    def _intake(self, **values):
        form = Form(self.env["power.ticket.intake"].with_user(self.users["staff"]))
        form.lookup = self.point.name
        form.type_id = self.types["complaint"]
        form.category_id = self.matter
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def test_proposed_at_intake_and_confirmed_or_undone_there(self):
        first = self._closed("complaint", "complaint_service_attitude")
        with freeze_time(MONDAY + timedelta(days=2)):
            form = self._intake()
            self.assertIn(first.name, form.repeat_text)
            self.assertIn("call 2", form.repeat_text)
            self.assertFalse(form.is_frequent)
            tickets = self.env["power.ticket"]
            for answer in ("confirmed", False, "undone"):
                intake = self._intake(repeat_answer=answer).save()
                tickets |= tickets.browse(intake.action_create()["res_id"])
            self.assertTrue(self._intake().is_frequent)
            self.assertFalse(self._intake(is_anonymous=True).repeat_text)
            self.assertFalse(self._intake(type_id=self.types["report"]).repeat_text)
        self.assertRecordValues(
            tickets,
            [
                {"repeat_of_id": first.id, "repeat_state": "confirmed"},
                {"repeat_of_id": first.id, "repeat_state": "proposed"},
                {"repeat_of_id": False, "repeat_state": "undone"},
            ],
        )

    def _link(self, ticket, other, name="staff", note="The same neighbour again"):
        return ticket.with_user(self.users[name]).link_repeat(other.id, note)

    def test_linked_by_hand_where_the_rules_propose_nothing(self):
        for code, category in (("enquiry", "enquiry_other"), ("opinion", None)):
            for name in ("staff", "quality"):
                with freeze_time(MONDAY - timedelta(days=300)):
                    first = self._create_ticket(
                        code, category_id=category and self.categories[category].id
                    )
                with freeze_time(MONDAY):
                    ticket = self._create_ticket("complaint")  # of no class
                    self.assertFalse(ticket.repeat_of_id)
                    with self.assertRaisesRegex(UserError, "Say why"):
                        self._link(ticket, first, name, note=" ")
                    self._link(ticket, first, name)
                self.assertRecordValues(
                    ticket, [{"repeat_of_id": first.id, "repeat_state": "confirmed"}]
                )
                event = ticket.event_ids.filtered(lambda event: event.kind == "noted")
                self.assertEqual(event.user_id, self.users[name])
                for word in ("by hand", first.name, "The same neighbour again"):
                    self.assertIn(word, event.note)
                ticket._mark_repeats()
                self.assertEqual(ticket.repeat_of_id, first)
                ticket.with_user(self.users[name]).undo_repeat()
                self.assertRecordValues(
                    ticket, [{"repeat_of_id": False, "repeat_state": "undone"}]
                )
                notes = ticket.event_ids.filtered(lambda event: event.kind == "noted")
                self.assertEqual(len(notes), 2)

    def test_a_window_links_by_hand(self):
        first = self._create_ticket("enquiry")
        ticket = self._create_ticket("complaint").with_user(self.users["staff"])
        action = ticket.with_context(power_entry="link_repeat").action_open_entry()
        windows = self.env[action["res_model"]].with_user(self.users["staff"])
        form = Form(windows.with_context(**action["context"]))
        form.repeated_ticket_id = first
        form.note = "The same neighbour again"
        form.save().action_confirm()
        self.assertEqual(ticket.repeat_of_id, first)

    def test_what_is_not_linked_by_hand(self):
        first = self._create_ticket("enquiry")
        ticket = self._create_ticket("complaint")
        later = self._create_ticket("enquiry")
        far = {"station_id": self.station_other.id}
        far |= {"receiving_station_id": self.station_other.id}
        far |= {"supply_point_id": False, "partner_id": self.customer.id}
        hidden = self._create_ticket("enquiry", **far)
        hidden._project_write({"received_at": first.received_at - timedelta(days=1)})
        secret = self._create_ticket("report")
        secret._project_write({"received_at": first.received_at - timedelta(days=1)})
        other = self._create_ticket("enquiry", supply_point_id=self.point_other.id)
        anonymous = self._create_ticket("fault", is_anonymous=True)
        for target, name, error in (
            (ticket, "staff", UserError),
            (later, "staff", UserError),
            (other, "quality", UserError),
            (anonymous, "quality", UserError),
            (secret, "quality", UserError),
            (secret, "staff", AccessError),
            (hidden, "staff", AccessError),
            (first, "field", AccessError),
        ):
            with self.subTest(target=target.subject, user=name):
                self.env.invalidate_all()
                with self.assertRaises(error):
                    self._link(ticket, target, name)
        for number in (0, False, "x", 2**31 - 1):
            with self.assertRaises(UserError):
                ticket.with_user(self.users["staff"]).link_repeat(number, "x")
        self.assertFalse(ticket.repeat_of_id)
        self._link(ticket, hidden, "quality")
        self.assertEqual(ticket.repeat_of_id, hidden)

    def test_counts_cannot_be_typed(self):
        ticket = self._create_complaint().with_user(self.users["manager"])
        for name, value in (
            ("call_count", 9),
            ("is_frequent", True),
            ("repeat_of_id", False),
            ("repeat_state", "undone"),
        ):
            with self.subTest(field=name), self.assertRaises(UserError):
                ticket.write({name: value})

    @warmup
    def test_queries_do_not_grow(self):
        def count(number):
            self.env.flush_all()
            self.env.invalidate_all()
            tickets = self.env["power.ticket"].search(
                [("subject", "=", "Test complaint")], limit=number
            )
            self.assertEqual(len(tickets), number)
            before = self.env.cr.sql_log_count
            tickets._mark_repeats()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        for _number in range(50):
            self._create_complaint()
        count(1)
        one, fifty = count(1), count(50)
        self.assertLessEqual(fifty, one + 2)


@tagged("post_install", "-at_install")
class TestGrade(ComplaintCommon):
    def test_complaints_are_general_unless_said(self):
        self.assertEqual(self._create_complaint().complaint_grade, "general")
        self.assertFalse(self._create_ticket("enquiry").complaint_grade)

    def test_injury_and_media_are_major_at_least(self):
        self.assertEqual(
            self._create_complaint(has_injury=True).complaint_grade, "major"
        )
        ticket = self._create_complaint(complaint_grade="special", has_media=True)
        self.assertEqual(ticket.complaint_grade, "special")

    def _told(self, ticket):
        return ticket.activity_ids.user_id

    def test_leaders_are_told_at_once_and_once(self):
        ticket = self._create_complaint()
        self.assertFalse(self._told(ticket))
        ticket.has_injury = True
        self.assertIn(self.chief, self._told(ticket))
        self.assertIn(self.users["quality"], self._told(ticket))
        messages = self.env["mail.message"].search(
            [("model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
        )
        notified = messages.notified_partner_ids
        self.assertIn(self.chief.partner_id, notified)
        self.assertIn(self.users["quality"].partner_id, notified)
        count = len(ticket.activity_ids)
        ticket.has_media = True
        ticket.complaint_grade = "special"
        self.assertEqual(len(ticket.activity_ids), count)

    def test_leaders_have_it_on_their_lists_until_the_ticket_ends(self):
        closed, cancelled = (self._create_complaint(has_media=True) for _ in "ab")
        for ticket in closed | cancelled:
            self.assertIn(self.chief, self._told(ticket))
        closed.with_user(self.users["staff"]).contact("Called")
        self.assertIn(self.chief, self._told(closed))
        self._close(closed)
        self.assertFalse(self._told(closed))
        self.assertIn(self.chief, self._told(cancelled))
        cancelled.with_user(self.users["supervisor"]).cancel("Twice", self.twice.id)
        self.assertFalse(self._told(cancelled))

    def test_at_intake_by_staff(self):
        ticket = (
            self.env["power.ticket"]
            .with_user(self.users["staff"])
            .create(
                {
                    "subject": "Fallen line",
                    "type_id": self.types["complaint"].id,
                    "supply_point_id": self.point.id,
                    "has_media": True,
                }
            )
        )
        self.assertTrue(ticket.leaders_told_at)
        self.assertIn(self.chief, self._told(ticket.sudo()))

    def test_who_is_told_is_a_setting(self):
        self.rule.tells_chief = False
        self.rule.told_user_ids = self.users["manager"]
        ticket = self._create_complaint(has_injury=True)
        self.assertNotIn(self.chief, self._told(ticket))
        self.assertIn(self.users["manager"], self._told(ticket))

    def test_company_has_rules_of_its_own(self):
        own = self.rule.copy({"company_id": self.company_other.id, "repeat_days": 5})
        rules = self.env["power.complaint.rule"]._get_by_company(
            self.company | self.company_other
        )
        self.assertEqual(rules[self.company_other], own)
        self.assertEqual(rules[self.company], self.rule)


@tagged("post_install", "-at_install")
class TestReview(ComplaintCommon):
    def setUp(self):
        super().setUp()
        self.ticket = self._create_complaint()
        self.author = self.users["supervisor"]

    def _as(self, name):
        return self.ticket.with_user(self.users[name])

    def test_closing_waits_for_somebody_elses_review(self):
        self.ticket.finding = "unfounded"
        closed = {"milestone": "closed"}
        with self.assertRaisesRegex(UserError, "reviewed"):
            self.ticket.close()
        with self.assertRaisesRegex(UserError, "reviewed"):
            self.ticket.register_event("milestone", **closed)
        with self.assertRaisesRegex(UserError, "reviewed"):
            self.ticket.stage_id = self.stages["closed"]
        self._as("supervisor").answer("We are sorry")
        self.assertEqual(self.ticket.review_state, "to_review")
        with self.assertRaisesRegex(AccessError, "somebody else"):
            self._as("supervisor").review(True, True, True)
        with self.assertRaisesRegex(UserError, "reviewed"):
            self.ticket.close()
        self._as("quality").review(True, True, True)
        self.ticket.close()
        self.assertFalse(self.ticket.is_open)

    def test_staff_review_nothing(self):
        self._as("supervisor").answer("We are sorry")
        with self.assertRaises(AccessError):
            self._as("staff").review(True, True, True)
        with self.assertRaises(AccessError):
            self._as("field").submit_reply("Mine")

    def test_database_refuses_the_own_review_and_a_pass_without_all_ticks(self):
        vals = {
            "ticket_id": self.ticket.id,
            "author_id": self.env.uid,
            "kind": "passed",
            "is_true": True,
            "is_accurate": True,
        }
        for more in ({"is_complete": True}, {"user_id": self.author.id}):
            with (
                self.subTest(more=more),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env["power.ticket.review"].create({**vals, **more})

    def test_sent_back_with_reasons_and_counted(self):
        self._as("staff").answer("Sorry")
        reviewer = self._as("supervisor")
        with self.assertRaisesRegex(UserError, "Choose why"):
            reviewer.review(True, True, False)
        reviewer.review(True, True, False, "What was done?", self.reason.ids)
        self.assertEqual(self.ticket.review_state, "sent_back")
        self.assertEqual(self.ticket.sent_back_count, 1)
        self.assertIn(self.users["staff"], self.ticket.activity_ids.user_id)
        with self.assertRaisesRegex(UserError, "no reply to review"):
            reviewer.review(True, True, True)
        self._as("staff").submit_reply("Sorry, the reader was changed")
        self.assertFalse(self.ticket.activity_ids)
        reviewer.review(True, True, True)
        self.assertEqual(
            self.ticket.review_ids.sorted("id").mapped("kind"),
            ["submitted", "sent_back", "submitted", "passed"],
        )
        with self.assertRaises(UserError):
            self._as("staff").submit_reply("Another one")

    def test_lines_are_evidence(self):
        self._as("staff").answer("Sorry")
        line = self.ticket.review_ids
        with self.assertRaises(UserError):
            line.write({"reply": "Nothing"})
        with self.assertRaises(UserError):
            line.unlink()
        for name in ("review_state", "reply_user_id", "reply"):
            with self.subTest(field=name), self.assertRaises(UserError):
                self._as("manager").write({name: False})

    def test_reopened_needs_a_new_reply(self):
        self._close(self.ticket)
        self.ticket.reopen("Not solved")
        self.assertEqual(self.ticket.review_state, "none")
        with self.assertRaisesRegex(UserError, "reviewed"):
            self.ticket.close()

    def test_windows(self):
        entry = Form(
            self.env["power.ticket.reply.entry"]
            .with_user(self.users["staff"])
            .with_context(default_ticket_id=self.ticket.id)
        )
        entry.reply = "Sorry"
        entry.save().action_confirm()
        self.assertEqual(self.ticket.review_state, "to_review")
        self.assertFalse(self.ticket.answered_at)
        review = Form(
            self.env["power.ticket.review.entry"]
            .with_user(self.users["supervisor"])
            .with_context(default_ticket_id=self.ticket.id)
        )
        review.reason_ids.add(self.reason)
        review.save().action_confirm()
        self.assertEqual(self.ticket.review_state, "sent_back")

    def test_a_reason_does_not_contradict_a_tick(self):
        ticks = {"false": 0, "inaccurate": 1, "incomplete": 2}
        self._as("staff").submit_reply("Sorry")
        reviewer = self._as("supervisor")
        for name, place in ticks.items():
            reason = self.env.ref(
                f"power_service_tickets.power_ticket_reason_reply_{name}"
            )
            for ticked in ({place}, {0, 1, 2}):
                flags = [index in ticked for index in range(3)]
                with (
                    self.subTest(reason=name, flags=flags),
                    self.assertRaisesRegex(UserError, f"“{reason.name}” is given"),
                ):
                    reviewer.review(*flags, reason_ids=reason.ids)
        self.assertEqual(self.ticket.review_state, "to_review")
        # In the window, all three ticked hide what was chosen before.
        review = Form(
            self.env["power.ticket.review.entry"]
            .with_user(self.users["supervisor"])
            .with_context(default_ticket_id=self.ticket.id)
        )
        review.reason_ids.add(self.reason)
        review.is_true = review.is_accurate = review.is_complete = True
        review.save().action_confirm()
        self.assertEqual(self.ticket.review_state, "passed")

    def test_nobody_is_asked_for_a_better_reply_to_what_has_ended(self):
        self._as("staff").submit_reply("We are sorry")
        self._as("supervisor").review(
            True, True, False, reason_ids=self.reason.ids, note="When?"
        )
        self.assertEqual(self.ticket.activity_ids.user_id, self.users["staff"])
        self._as("quality").cancel("Twice", self.twice.id)
        self.assertFalse(self.ticket.activity_ids)

    def test_a_better_reply_starts_from_the_one_sent_back(self):
        def open_window():
            return Form(
                self.env["power.ticket.reply.entry"]
                .with_user(self.users["staff"])
                .with_context(default_ticket_id=self.ticket.id)
            )

        self.assertFalse(open_window().reply)
        self._as("staff").submit_reply("Sorry")
        self._as("supervisor").review(True, True, False, "No", self.reason.ids)
        entry = open_window()
        self.assertEqual(entry.reply, "Sorry")
        entry.reply = "Sorry, it was our fault"
        entry.save().action_confirm()
        self.assertEqual(self.ticket.reply, "Sorry, it was our fault")
        self.assertEqual(self.ticket.review_state, "to_review")

    def test_to_review_is_found(self):
        self._as("staff").answer("Sorry")
        self.assertIn(
            self.ticket,
            self.env["power.ticket"].search([("review_state", "=", "to_review")]),
        )
