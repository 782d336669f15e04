from datetime import datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import QualityCommon, TicketCommon


@tagged("post_install", "-at_install")
class TestClaim(QualityCommon, TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls.users["staff"]
        cls.decider = cls._create_user(
            "decider", "power_service_base.group_power_supervisor"
        )

    def _claim(self, **vals):
        return (
            self.env["power.claim"]
            .with_user(self.staff)
            .create(
                {
                    "name": "Refrigerator",
                    "partner_id": self.customer.id,
                    "supply_point_id": self.point.id,
                    "station_id": self.station.id,
                    "happened_at": "2026-03-01 02:00",
                    "line_ids": [
                        (0, 0, {"name": "Refrigerator", "amount_claimed": 1200}),
                        (0, 0, {"name": "Television", "amount_claimed": 800}),
                    ],
                    **vals,
                }
            )
        )

    def _checked(self):
        claim = self._claim()
        claim.action_submit()
        claim.check_note = "Compressor burnt, voltage 260 V"
        claim.action_check()
        return claim

    def _decided(self, amount=900):
        claim = self._checked().with_user(self.decider)
        claim.line_ids[0].amount_approved = amount
        claim.write({"responsibility": "supplier", "decision": "Neutral was broken"})
        claim.action_decide()
        return claim

    def test_from_claim_to_payment(self):
        claim = self._decided().with_user(self.chief)
        self.assertEqual((claim.amount_claimed, claim.amount_approved), (2000, 900))
        claim.action_approve()
        with self.assertRaisesRegex(UserError, "receipt"):
            claim.action_pay()
        claim.proof_ids = self._link(self._upload(self.chief, "receipt.png"))
        claim.action_pay()
        self.assertRecordValues(
            claim.sudo(),
            [
                {
                    "state": "paid",
                    "checked_by": self.staff.id,
                    "decided_by": self.decider.id,
                    "approved_by": self.chief.id,
                    "paid_by": self.chief.id,
                }
            ],
        )
        self.assertTrue(claim.paid_date)

    def test_each_step_needs_its_words(self):
        claim = self._claim(line_ids=[])
        with self.assertRaisesRegex(UserError, "what is claimed"):
            claim.action_submit()
        claim = self._claim()
        claim.action_submit()
        with self.assertRaisesRegex(UserError, "found on site"):
            claim.action_check()
        claim.check_note = "x"
        claim.action_check()
        with self.assertRaisesRegex(UserError, "who answers"):
            claim.action_decide()

    def test_who_decided_or_entered_does_not_approve(self):
        claim = self._decided()
        for action in ("action_approve", "action_send_back", "action_refuse"):
            arguments = [] if action == "action_approve" else ["x"]
            for user in (self.decider, self.staff):
                with self.subTest(action=action, user=user.login):
                    with self.assertRaises(AccessError):
                        getattr(claim.with_user(user), action)(*arguments)
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            claim.sudo()._move({"approved_by": self.decider.id})
            self.env.flush_all()

    def test_amounts_never_vanish(self):
        claim = self._claim()
        claim.action_submit()
        line = claim.line_ids[0]
        for call in (
            lambda: line.write({"amount_claimed": 1}),
            line.unlink,
            lambda: claim.write({"line_ids": [(5, 0, 0)]}),
            lambda: claim.write(
                {"line_ids": [(0, 0, {"name": "More", "amount_claimed": 1})]}
            ),
            claim.sudo().unlink,
            lambda: claim.write({"state": "draft"}),
        ):
            with self.assertRaises(UserError):
                call()
        decided = self._decided()
        with self.assertRaises(UserError):
            decided.line_ids[0].amount_approved = 1
        with self.assertRaises(UserError):
            decided.responsibility = "customer"
        self.assertEqual(decided.amount_approved, 900)

    def test_a_draft_may_be_deleted(self):
        claim = self._claim()
        claim.with_user(self.users["manager"]).unlink()
        self.assertFalse(claim.exists())

    def test_sent_back_and_decided_anew(self):
        claim = self._decided().with_user(self.chief)
        claim.action_send_back("The television, too")
        self.assertEqual(claim.state, "checked")
        self.assertIn("television", claim.message_ids[0].body)
        claim.line_ids[1].amount_approved = 300
        claim.with_user(self.decider).action_decide()
        claim.action_approve()
        self.assertEqual(claim.amount_approved, 1200)

    def test_only_a_claim_of_nothing_is_refused(self):
        with self.assertRaises(UserError):
            self._decided().with_user(self.chief).action_refuse("No")
        claim = self._decided(amount=0).with_user(self.chief)
        claim.action_refuse("Own installation")
        self.assertEqual(claim.state, "refused")

    def test_withdrawn_until_approved(self):
        claim = self._decided()
        claim.with_user(self.staff).action_withdraw("Customer was paid by insurance")
        self.assertEqual(claim.state, "withdrawn")
        approved = self._decided()
        approved.with_user(self.chief).action_approve()
        with self.assertRaises(UserError):
            approved.with_user(self.staff).action_withdraw("Late")

    def test_negative_amounts_are_refused(self):
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._claim(line_ids=[(0, 0, {"name": "x", "amount_claimed": -1})])

    def test_the_ticket_gives_customer_and_its_promise_is_met_on_site(self):
        ticket = self._create_ticket(
            "service", category_id=self.categories["service_damage"].id
        )
        clock = self._clock(ticket, "arrived")
        self.assertEqual((clock.duration, clock.unit), (1, "day"))
        context = ticket.action_open_claims()["context"]
        claim = (
            self.env["power.claim"]
            .with_user(self.staff)
            .with_context(**context)
            .create(
                {
                    "happened_at": "2026-03-01",
                    "line_ids": [(0, 0, {"name": "TV", "amount_claimed": 5})],
                }
            )
        )
        self.assertEqual(claim.partner_id, self.customer)
        self.assertEqual(claim.station_id, self.station)
        self.assertEqual(ticket.claim_count, 1)
        claim.action_submit()
        claim.check_note = "Seen"
        claim.action_check()
        self.assertTrue(ticket.arrived_at)
        self.assertEqual(clock.state, "met")

    def test_a_claim_from_no_ticket_makes_its_own_with_the_promise(self):
        reported = datetime(2026, 3, 2, 2, 0)
        with freeze_time(datetime(2026, 3, 2, 3, 0)):
            claim = self._claim(reported_at=reported)
        ticket = claim.ticket_id
        self.assertRecordValues(
            ticket,
            [
                {
                    "subject": "Refrigerator",
                    "category_id": self.categories["service_damage"].id,
                    "type_id": self.types["service"].id,
                    "partner_id": self.customer.id,
                    "supply_point_id": self.point.id,
                    "station_id": self.station.id,
                    "received_at": reported,
                    "first_contact_user_id": self.staff.id,
                }
            ],
        )
        clock = self._clock(ticket, "arrived")
        self.assertEqual(clock.deadline, reported + timedelta(days=1))
        with freeze_time(reported + timedelta(hours=20)):
            claim.action_submit()
            claim.check_note = "Seen"
            claim.action_check()
        self.assertEqual(clock.state, "met")

    def test_with_a_ticket_of_another_kind_it_has_its_deadline_too(self):
        before = datetime(2026, 3, 2, 2, 0)
        reported = before + timedelta(days=9)
        for code, has_ended in (
            ("fault", False),
            ("fault", True),
            ("enquiry", False),
            ("complaint", False),
            ("service", False),
        ):
            with self.subTest(code=code, has_ended=has_ended):
                with freeze_time(before):
                    ticket = self._create_ticket(code)
                    clocks = ticket.clock_ids
                    if has_ended:
                        ticket.cancel("Called twice")
                with freeze_time(reported):
                    claim = (
                        self.env["power.claim"]
                        .with_user(self.staff)
                        .create(
                            {
                                "name": "Refrigerator",
                                "ticket_id": ticket.id,
                                "happened_at": before,
                                "line_ids": [
                                    (0, 0, {"name": "Fridge", "amount_claimed": 1})
                                ],
                            }
                        )
                    )
                check = claim.check_ticket_id
                self.assertEqual(claim.ticket_id, ticket)
                self.assertNotEqual(check, ticket)
                self.assertTrue(claim.has_own_ticket)
                self.assertRecordValues(
                    check,
                    [
                        {
                            "category_id": self.categories["service_damage"].id,
                            "partner_id": self.customer.id,
                            "supply_point_id": self.point.id,
                            "station_id": self.station.id,
                            "received_at": reported,
                            "claim_count": 1,
                        }
                    ],
                )
                deadline = reported + timedelta(days=1)
                clock = self._clock(check, "arrived")
                self.assertEqual(clock.deadline, deadline)
                self.assertEqual(claim.ticket_deadline, check.deadline)
                self.assertEqual(claim.reported_at, reported)
                # The first ticket's promises are its own.
                self.assertEqual(ticket.clock_ids, clocks)
                with freeze_time(deadline + timedelta(minutes=1)):
                    self.env["power.sla.clock"]._tick()
                    self.env.invalidate_all()
                    self.assertEqual(clock.state, "missed")
                    claim.action_submit()
                    claim.check_note = "Seen too late"
                    claim.action_check()
                self.assertTrue(check.arrived_at)
                self.assertFalse(ticket.arrived_at)

    def test_a_ticket_about_damage_keeps_its_promise_for_the_claim(self):
        given = self._create_ticket(
            "service", category_id=self.categories["service_damage"].id
        )
        claim = self._claim(ticket_id=given.id)
        self.assertEqual(claim.check_ticket_id, given)
        self.assertFalse(claim.has_own_ticket)
        # Its promise isn't lost by another ticket that has none.
        claim.ticket_id = self._create_ticket("fault")
        self.assertEqual(claim.check_ticket_id, given)
        self.assertTrue(given.is_open)

    def test_customer_and_supply_point_are_of_one_another(self):
        damage = self.categories["service_damage"].id
        other = self.customer_other
        there, _contract = self._create_point("3300000009", other)
        ticket = self._create_ticket(
            "service", category_id=damage, supply_point_id=there.id
        )
        self.assertEqual(ticket.partner_id, other)
        claim = self._claim()
        own = claim.check_ticket_id
        claim.action_submit()
        # What the form sends: the customer, whom it shows, not the point, read-only.
        claim.write({"ticket_id": ticket.id, "partner_id": other.id})
        self.assertEqual((claim.partner_id, claim.supply_point_id), (other, there))
        self.assertEqual(own.ended_by, "cancelled")
        for call in (
            lambda: claim.write({"partner_id": self.customer.id}),
            lambda: claim.write({"supply_point_id": self.point.id}),
            lambda: self._claim(ticket_id=ticket.id, partner_id=other.id),
        ):
            with (
                self.assertRaisesRegex(ValidationError, "isn't a supply point of"),
                self.env.cr.savepoint(),
            ):
                call()
        # A ticket without point: the old one isn't that customer's.
        tenant = self.env["res.partner"].create({"name": "Tenant"})
        nowhere = self._create_ticket(
            "enquiry", supply_point_id=False, partner_id=tenant.id
        )
        self.assertFalse(nowhere.supply_point_id)
        claim.write({"ticket_id": nowhere.id, "partner_id": tenant.id})
        self.assertEqual(claim.partner_id, tenant)
        self.assertFalse(claim.supply_point_id)

    def test_a_tenants_things_break_at_the_owners_point(self):
        tenant = self.env["res.partner"].create({"name": "Tenant"})
        claim = self._claim(partner_id=tenant.id)
        self.assertEqual(
            (claim.partner_id, claim.supply_point_id), (tenant, self.point)
        )
        self.assertEqual(claim.ticket_id.partner_id, tenant)

    def test_the_own_ticket_is_about_the_same_customer(self):
        other = self.customer_other
        there, _contract = self._create_point("3300000009", other)
        claim = self._claim()
        ticket = claim.check_ticket_id
        claim.write({"partner_id": other.id, "supply_point_id": there.id})
        self.assertEqual((ticket.partner_id, ticket.supply_point_id), (other, there))
        claim.write({"partner_id": self.customer.id, "supply_point_id": self.point.id})
        # Where the customer was supplied once, and somebody else is today.
        self.env["power.supply.contract"].create(
            {
                "partner_id": self.customer.id,
                "supply_point_id": there.id,
                "date_from": "2001-01-01",
                "date_to": "2002-01-01",
            }
        )
        self.assertEqual(there.partner_id, other)
        claim.write({"supply_point_id": there.id})
        self.assertEqual((claim.partner_id, claim.ticket_id), (self.customer, ticket))
        self.assertEqual(
            (ticket.partner_id, ticket.supply_point_id), (self.customer, there)
        )
        fault = self._create_ticket("fault")
        claim.write({"ticket_id": fault.id, "partner_id": self.customer.id})
        self.assertEqual(claim.supply_point_id, self.point)
        self.assertEqual(claim.check_ticket_id, ticket)
        self.assertEqual(
            (ticket.partner_id, ticket.supply_point_id), (self.customer, self.point)
        )

    def test_its_own_check_stays_with_another_ticket_of_another_kind(self):
        claim = self._claim()
        own = claim.ticket_id
        fault = self._create_ticket("fault")
        claim.ticket_id = fault
        self.assertEqual((claim.check_ticket_id, claim.ticket_id), (own, fault))
        self.assertTrue(own.is_open)
        found = self.env["power.claim"].search(own.action_open_claims()["domain"])
        self.assertEqual(found, claim)
        claim.action_submit()
        claim.action_withdraw("Insured")
        self.assertEqual(own.ended_by, "cancelled")
        self.assertTrue(fault.is_open)

    def test_which_ticket_has_the_check_can_not_be_typed(self):
        claim = self._claim()
        fault = self._create_ticket("fault")
        for call in (
            lambda: claim.write({"check_ticket_id": fault.id}),
            lambda: self._claim(check_ticket_id=fault.id),
        ):
            with self.assertRaisesRegex(UserError, "Ticket of the Check"):
                call()

    def test_the_check_of_a_secret_ticket_is_as_secret(self):
        report = self._create_ticket(
            "report", accused_employee_ids=[(6, 0, self.worker.ids)]
        )
        claim = (
            self.env["power.claim"]
            .with_user(self.users["quality"])
            .create(
                {
                    "name": "Television",
                    "ticket_id": report.id,
                    "partner_id": self.customer.id,
                    "happened_at": "2026-03-01",
                }
            )
        )
        check = claim.check_ticket_id
        self.assertNotEqual(check, report)
        self.assertTrue(check.is_confidential)
        self.assertEqual(check.accused_employee_ids, self.worker)
        self.assertTrue(self._clock(check, "arrived"))
        self.assertFalse(check.with_user(self.staff).has_access("read"))

    def test_who_checks_it_has_taken_its_ticket_on(self):
        """Else it lies among those that nobody accepted, also when all is paid."""
        claim = self._checked()
        ticket = claim.check_ticket_id
        self.assertTrue(ticket.accepted_at)
        self.assertEqual(ticket.user_id, self.staff)
        self.assertLessEqual(ticket.accepted_at, ticket.arrived_at)

    def test_taken_on_before_it_is_not_taken_on_again(self):
        claim = self._claim()
        claim.action_submit()
        ticket = claim.check_ticket_id
        ticket.accept()
        claim.check_note = "Burnt"
        claim.action_check()
        accepted = ticket.event_ids.filtered(lambda event: event.kind == "accepted")
        self.assertEqual(len(accepted), 1)

    def test_a_ticket_that_has_ended_is_not_corrected(self):
        there, _contract = self._create_point("3300000009", self.customer_other)
        claim = self._claim()
        ticket = claim.check_ticket_id
        self.env["power.complaint.rule"].search([]).has_callback_first = False
        ticket.sudo().answer("Looked at")
        ticket.sudo().close()
        self.assertFalse(ticket.is_open)
        claim.write({"partner_id": self.customer_other.id, "supply_point_id": there.id})
        self.assertEqual(
            (ticket.partner_id, ticket.supply_point_id), (self.customer, self.point)
        )

    def test_a_colleagues_ticket_stays_theirs(self):
        claim = self._claim()
        claim.action_submit()
        ticket = claim.check_ticket_id.sudo()
        ticket.dispatch(user_id=self.decider.id)
        claim.check_note = "Burnt"
        claim.action_check()
        self.assertEqual(ticket.user_id, self.decider)
        self.assertFalse(ticket.accepted_at)
        self.assertTrue(ticket.arrived_at)

    def test_its_own_promise_is_missed_when_nobody_came(self):
        reported = datetime(2026, 3, 2, 2, 0)
        with freeze_time(reported):
            claim = self._claim()
            claim.action_submit()
        with freeze_time(reported + timedelta(hours=25)):
            claim.check_note = "Seen too late"
            claim.action_check()
        self.assertEqual(self._clock(claim.ticket_id, "arrived").state, "missed")

    def test_the_ticket_cannot_be_lost_and_the_report_stays(self):
        claim = self._claim()
        with self.assertRaisesRegex(UserError, "keeps a ticket"):
            claim.ticket_id = False
        with self.assertRaisesRegex(UserError, "that stays"):
            claim.reported_at = "2020-01-01"
        with self.assertRaisesRegex(UserError, "future"):
            self._claim(reported_at="2999-01-01")
        with self.assertRaises(UserError):
            claim.has_own_ticket = False

    def test_its_own_ticket_ends_with_a_deleted_or_withdrawn_claim_only(self):
        draft, withdrawn, moved = self._claim(), self._claim(), self._claim()
        given = self._create_ticket(
            "service", category_id=self.categories["service_damage"].id
        )
        own = (draft | withdrawn | moved).ticket_id
        other = self._claim(ticket_id=given.id)
        self.assertEqual(other.reported_at, given.received_at)
        draft.sudo().unlink()
        withdrawn.action_submit()
        withdrawn.action_withdraw("Insured")
        moved.ticket_id = given
        self.assertEqual(own.mapped("ended_by"), ["cancelled"] * 3)
        other.sudo().unlink()
        self.assertTrue(given.is_open)

    def test_other_stations_do_not_see_it(self):
        other = self._create_user(
            "other", "power_service_base.group_power_staff", self.station_other
        )
        claim = self._claim()
        for record in (claim, claim.line_ids[0]):
            self.assertFalse(record.with_user(other).has_access("read"))

    def test_creating_and_listing_cost_the_same_for_1_and_for_50(self):
        vals = {
            "name": "x",
            "partner_id": self.customer.id,
            "station_id": self.station.id,
            "happened_at": "2026-03-01",
            "line_ids": [(0, 0, {"name": "x", "amount_claimed": 1})],
        }

        fault = self._create_ticket("fault")

        def queries(count):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            claims = self.env["power.claim"].create([vals] * count)
            self.env.flush_all()
            claims |= self.env["power.claim"].create(
                [{**vals, "ticket_id": fault.id}] * count
            )
            self.env.flush_all()
            made = self.cr.sql_log_count - start
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            claims.read(["name", "amount_claimed", "amount_approved", "state"])
            return made, self.cr.sql_log_count - start

        queries(1)
        self.assertEqual(queries(2), queries(50))
