from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import MONDAY
from .connection_common import ConnectionCommon


@tagged("post_install", "-at_install")
class TestConnectionMaking(ConnectionCommon):
    def test_a_ticket_of_the_type_has_its_connection_at_once(self):
        ticket = self._create_ticket(
            "connection",
            category_id=self.categories["connection_increase"].id,
        )
        connection = ticket.connection_id
        self.assertRecordValues(
            connection,
            [
                {
                    "kind": "increase",
                    "name": ticket.name,
                    "partner_id": self.customer.id,
                    "station_id": self.station.id,
                    "step": "accepted",
                }
            ],
        )
        self.assertTrue(connection.paper_ids)

    def test_other_tickets_have_none(self):
        self.assertFalse(self._create_ticket("enquiry").connection_id)

    def test_a_ticket_that_becomes_one_gets_it_once(self):
        ticket = self._create_ticket("enquiry")
        ticket.type_id = self.types["connection"]
        connection = ticket.connection_id
        self.assertTrue(connection)
        ticket.type_id = self.types["enquiry"]
        ticket.type_id = self.types["connection"]
        self.assertEqual(ticket.connection_ids, connection)

    def test_entered_by_itself_it_makes_its_ticket(self):
        connection = self._create_connection()
        ticket = connection.ticket_id
        self.assertRecordValues(
            ticket,
            [
                {
                    "partner_id": self.applicant.id,
                    "station_id": self.station.id,
                    "customer_class": "residential",
                    "category_id": self.categories["connection_new"].id,
                }
            ],
        )
        self.assertEqual(ticket.connection_ids, connection)
        self.assertEqual(ticket.event_ids.milestone_id.code, "received")

    def test_another_point_of_the_applicant_isnt_the_one_to_make(self):
        connection = self._create_connection(partner_id=self.customer.id)
        self.assertFalse(connection.supply_point_id)
        self.assertEqual(connection.partner_id, self.customer)
        ticket = self._create_ticket(
            "connection", category_id=self.categories["connection_new"].id
        )
        self.assertFalse(ticket.supply_point_id)
        self.assertEqual(ticket.partner_id, self.customer)

    def test_category_and_kind_go_together_until_papers_are_accepted(self):
        connection = self._create_connection()
        connection.kind = "temporary"
        self.assertEqual(
            connection.ticket_id.category_id, self.categories["connection_temporary"]
        )
        connection.ticket_id.category_id = self.categories["connection_new"]
        self.assertEqual(connection.kind, "new")
        self._take(connection, "accepted")
        with self.assertRaisesRegex(UserError, "another kind"):
            connection.kind = "temporary"

    def test_class_decides_papers_and_promises(self):
        connection = self._create_connection()
        before = connection.paper_ids.type_id
        connection.customer_class = "hv_single"
        added = connection.paper_ids.type_id - before
        self.assertIn("hv_single", added.mapped("customer_class"))
        self.assertEqual(connection.ticket_id.customer_class, "hv_single")
        connection.customer_class = "residential"
        self.assertEqual(connection.paper_ids.type_id, before)

    def test_papers_of_a_later_class_are_asked_for_before_the_next_step(self):
        connection = self._create_connection()
        self._take(connection, "accepted")
        connection.customer_class = "hv_single"
        added = connection.paper_ids.filtered("is_missing").filtered(
            lambda paper: paper.type_id.step == "accepted"
        )
        self.assertEqual(set(added.mapped("step")), {"surveyed"})

    def test_times_cannot_be_typed(self):
        connection = self._create_connection()
        with self.assertRaises(UserError):
            connection.energised_at = MONDAY
        with self.assertRaises(UserError):
            self._create_connection(contract_id=self.contract.id)

    def test_form_of_a_new_one(self):
        form = Form(self.env["power.connection"].with_user(self.users["staff"]))
        form.kind = "new"
        form.partner_id = self.applicant
        form.customer_class = "residential"
        form.wanted_kva = 8
        form.address = "Mill Lane 7"
        connection = form.save()
        self.assertEqual(connection.ticket_id.address, "Mill Lane 7")
        self.assertEqual(connection.station_id, self.station)


@tagged("post_install", "-at_install")
class TestConnectionPapers(ConnectionCommon):
    def test_missing_papers_keep_the_clocks_from_starting(self):
        connection = self._create_connection()
        with self.assertRaisesRegex(UserError, "Identity card"):
            connection.enter_step("accepted")
        self.assertFalse(self._clock(connection.ticket_id, "energised"))
        self._bring_papers(connection)
        connection.enter_step("accepted")
        self.assertTrue(self._clock(connection.ticket_id, "energised"))
        self.assertTrue(connection.ticket_id.accepted_at)

    def test_the_ticket_has_no_way_round_the_papers(self):
        connection = self._create_connection()
        ticket = connection.ticket_id
        with self.assertRaisesRegex(UserError, "Papers are missing"):
            ticket.register_event("milestone", milestone="accepted")
        with self.assertRaisesRegex(UserError, "Papers are missing"):
            ticket.stage_id = self.stages["in_progress"]
        self._bring_papers(connection)
        ticket.register_event("milestone", milestone="accepted")
        self.assertTrue(connection.accepted_at)

    def test_papers_that_need_a_file_need_one(self):
        connection = self._create_connection()
        self._take_until(connection, "contract_signed")
        contract = connection.paper_ids.filtered(
            lambda paper: paper.step == "contract_signed"
        )
        contract.is_received = True
        with self.assertRaisesRegex(UserError, "Signed supply contract"):
            connection.enter_step("contract_signed")
        contract._add_proof("contract.pdf", b"%PDF-1.4 signed")
        connection.enter_step("contract_signed")
        self.assertTrue(connection.contract_signed_at)

    def test_missing_papers_are_told_in_one_message(self):
        connection = self._create_connection()
        first = connection.paper_ids[0]
        first.is_received = True
        notice = connection.tell_missing_papers()
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.partner_id, self.applicant)
        missing = connection.paper_ids.filtered("is_missing")
        for paper in missing.filtered(lambda paper: paper.step == "accepted"):
            self.assertIn(paper.title, notice.body)
            self.assertTrue(paper.told_at)
        self.assertNotIn(first.title, notice.body)
        self.assertEqual(connection.papers_told_count, 1)
        self.assertIn("papers_told", connection.event_ids.mapped("kind"))

    def test_telling_again_counts(self):
        connection = self._create_connection()
        connection.tell_missing_papers()
        connection.tell_missing_papers()
        self.assertEqual(connection.papers_told_count, 2)
        self._bring_papers(connection)
        with self.assertRaisesRegex(UserError, "no paper is missing"):
            connection.tell_missing_papers()

    def test_accepted_papers_cannot_become_missing(self):
        connection = self._create_connection()
        self._take(connection, "accepted")
        paper = connection.paper_ids.filtered("is_received")[0]
        with self.assertRaisesRegex(UserError, "accepted as complete"):
            paper.is_received = False
        with self.assertRaisesRegex(UserError, "accepted as complete"):
            connection.paper_ids.create(
                {"connection_id": connection.id, "name": "One more"}
            )


@tagged("post_install", "-at_install")
class TestConnectionSteps(ConnectionCommon):
    def test_out_of_order_is_refused_with_what_comes_first(self):
        connection = self._create_connection()
        with self.assertRaisesRegex(UserError, "First comes: .*Papers"):
            connection.enter_step("surveyed")
        with self.assertRaisesRegex(UserError, "doesn't have this step"):
            connection.enter_step("design_submitted")
        with self.assertRaisesRegex(UserError, "no step"):
            connection.enter_step("unlink")

    def test_a_step_entered_twice_is_one_event(self):
        connection = self._create_connection()
        self._take(connection, "accepted", "surveyed")
        before = connection.event_ids
        connection.enter_step("surveyed")
        self.assertEqual(connection.event_ids, before)

    def test_household_goes_through_its_steps(self):
        connection = self._create_connection()
        self._take_until(connection, "archived")
        self.assertEqual(connection.step, "archived")
        self._take(connection, "archived")
        self.assertEqual(connection.step, "finished")
        self.assertFalse(connection.design_reviewed_at)

    def test_a_connection_that_is_not_filed_keeps_its_ticket_open(self):
        connection = self._create_connection()
        self._take_until(connection, "archived")
        with self.assertRaisesRegex(UserError, "isn't filed"):
            connection.ticket_id._check_closable()
        self._take(connection, "archived")
        connection.ticket_id._check_closable()

    def test_scheme_is_valid_by_class_and_told(self):
        table = [("residential", date(2026, 6, 2)), ("hv_single", date(2027, 3, 2))]
        for customer_class, until in table:
            with self.subTest(customer_class=customer_class), freeze_time(MONDAY):
                connection = self._create_connection("new", customer_class)
                self._take_until(connection, "scheme_answered")
                self._take(connection, "scheme_answered")
                self.assertEqual(connection.scheme_valid_until, until)
                notice = self.env["power.notice"].search(
                    [
                        ("res_model", "=", "power.connection"),
                        ("res_id", "=", connection.id),
                    ]
                )
                self.assertEqual(notice.partner_id, self.applicant)

    def test_validity_is_the_administrators_to_change(self):
        self.env.ref(
            "power_service_tickets.power_connection_rule_residential"
        ).scheme_months = 6
        with freeze_time(MONDAY):
            connection = self._create_connection()
            self._take_until(connection, "completion_checked")
        self.assertEqual(connection.scheme_valid_until, date(2026, 9, 2))

    def test_lapsed_scheme_is_renewed_before_work_goes_on(self):
        with freeze_time(MONDAY):
            connection = self._create_connection("new", "lv_other")
            self._take_until(connection, "completion_requested")
            self._bring_papers(connection, "completion_requested")
        with freeze_time(MONDAY + timedelta(days=120)):
            connection.invalidate_recordset()
            self.assertTrue(connection.is_scheme_lapsed)
            with self.assertRaisesRegex(UserError, "renew it"):
                connection.enter_step("completion_requested")
            connection.renew_scheme()
            self.assertEqual(connection.scheme_valid_until, date(2026, 9, 30))
            connection.enter_step("completion_requested")
        self.assertIn("scheme_renewed", connection.event_ids.mapped("kind"))

    def test_scheme_is_reminded_of_before_it_lapses(self):
        with freeze_time(MONDAY):
            connection = self._create_connection("new", "lv_other")
            self._take_until(connection, "completion_requested")
        rule = self.env.ref("power_service_tickets.power_reminder_rule_scheme")
        found = rule._get_due_domain(date(2026, 5, 18))
        self.assertNotIn(connection, connection.search(found))
        found = rule._get_due_domain(date(2026, 5, 19))
        self.assertIn(connection, connection.search(found))
        with freeze_time(datetime(2026, 5, 19, 2)):
            rule._remind(100)
            self.assertNotIn(connection, connection.search(found))
        notice = self.env["power.notice"].search(
            [("res_id", "=", connection.id), ("subject", "ilike", "lapses")]
        )
        self.assertIn(connection.name, notice.body)

    def test_defects_are_put_right_and_checked_again(self):
        connection = self._create_connection("new", "lv_other")
        self._take_until(connection, "completion_checked")
        with self.assertRaisesRegex(UserError, "Say why"):
            connection.enter_defects("completion_checked", " ")
        connection.enter_defects("completion_checked", "Earthing missing")
        self.assertFalse(connection.completion_requested_at)
        self.assertTrue(connection.is_paused)
        with self.assertRaisesRegex(UserError, "First comes"):
            connection.enter_step("completion_checked")
        connection.enter_step("completion_requested")
        self.assertFalse(connection.is_paused)
        connection.enter_step("completion_checked")
        failed = connection.event_ids.filtered(lambda e: e.kind == "check_failed")
        self.assertEqual(failed.note, "Earthing missing")
        with self.assertRaisesRegex(UserError, "nothing to check"):
            connection.enter_defects("completion_checked", "Again")

    def test_fee_is_told_before_it_is_paid(self):
        connection = self._create_connection(fee_amount=120)
        self._take_until(connection, "fee_paid")
        self._bring_papers(connection, "fee_paid")
        with self.assertRaisesRegex(UserError, "been told the fee"):
            connection.enter_step("fee_paid")
        connection.action_tell_fee()
        connection.enter_step("fee_paid")
        self.assertTrue(connection.fee_paid_at)

    def test_entry_window_offers_what_may_come_now(self):
        connection = self._create_connection("new", "lv_other")
        self._take_until(connection, "completion_requested")
        entry = self.env["power.connection.entry"].create(
            {"connection_id": connection.id}
        )
        self.assertEqual(entry.step, "completion_requested")
        self.assertEqual(
            set(entry.open_ids.mapped("code")),
            {"completion_requested", "contract_signed"},
        )

    def test_people_outside_enter_what_they_did_there_and_nothing_else(self):
        connection = self._create_connection()
        self._take(connection, "accepted")
        outside = connection.with_user(self.users["field"])
        entry = (
            self.env["power.connection.entry"]
            .with_user(self.users["field"])
            .create({"connection_id": connection.id, "note": "Pole 12, 30 m"})
        )
        entry.action_confirm()
        self.assertEqual(connection.survey_note, "Pole 12, 30 m")
        self.assertEqual(
            connection.event_ids.sorted("id")[-1].user_id, self.users["field"]
        )
        for step in ("scheme_answered", "contract_signed", "archived"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                outside.enter_step(step)
        with self.assertRaises(AccessError):
            outside.wanted_kva = 80

    def test_somebody_elses_file_is_no_proof(self):
        connection = self._create_connection()
        self._take(connection, "accepted")
        secret = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"secret",
                "res_model": "power.connection",
                "res_id": connection.id,
            }
        )
        with self.assertRaises(AccessError):
            connection.with_user(self.users["field"]).enter_step(
                "surveyed", proof_ids=secret.ids
            )

    def test_survey_done_outside_is_the_step(self):
        connection = self._create_connection()
        self._take(connection, "accepted")
        task = self.env["power.field.task"].create(
            {
                "kind": "survey",
                "partner_id": self.applicant.id,
                "station_id": self.station.id,
                "user_id": self.users["field"].id,
                "res_model": "power.connection",
                "res_id": connection.id,
            }
        )
        task.with_user(self.users["field"]).action_done(note="Pole 12")
        self.assertEqual(connection.surveyed_at, task.done_at)
        self.assertEqual(connection.survey_note, "Pole 12")
        self.assertEqual(connection.task_count, 1)

    def test_survey_before_the_papers_keeps_its_findings(self):
        connection = self._create_connection()
        task = self.env["power.field.task"].create(
            {
                "kind": "survey",
                "partner_id": self.applicant.id,
                "station_id": self.station.id,
                "res_model": "power.connection",
                "res_id": connection.id,
            }
        )
        task.action_done(note="Pole 12")
        self.assertFalse(connection.surveyed_at)
        self.assertEqual(connection.survey_note, "Pole 12")
        self.assertIn("Papers", connection.message_ids[0].body)

    def test_bar_says_what_is_next_and_missing(self):
        connection = self._create_connection()
        self.assertIn("Identity card", connection.step_bar)
        self._take_until(connection, "archived")
        self.assertIn("Installation sheet", connection.step_bar)
