"""What can be one fault, and what merging does."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MONDAY, TicketCommon
from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestOneFault(TicketCommon):
    def _fault(self, hours=0, **vals):
        with freeze_time(MONDAY + timedelta(hours=hours)):
            return self._create_ticket("fault", **vals)

    def test_not_across_high_and_low_voltage(self):
        kinds = {
            "residential": "low",
            "lv_other": "low",
            "hv_single": "high",
            "hv_dual": "high",
        }
        faults = {
            kind: self._fault(supply_point_id=False, customer_class=kind)
            for kind in kinds
        }
        for kind, fault in faults.items():
            for other, target in faults.items():
                if (fault.received_at, fault.id) <= (target.received_at, target.id):
                    continue
                with self.subTest(f"{kind} into {other}"):
                    if kinds[kind] == kinds[other]:
                        fault._check_one_fault(target)
                        continue
                    with self.assertRaisesRegex(UserError, "different voltages"):
                        fault.merge_into(target.id)

    def test_unknown_voltage_may_be_the_same_fault(self):
        target = self._fault(supply_point_id=False, customer_class="hv_single")
        fault = self._fault(supply_point_id=False)
        self.assertFalse(fault.customer_class)
        fault.merge_into(target.id)
        self.assertEqual(fault.merged_into_id, target)

    def test_not_received_too_far_apart(self):
        first, later, late = self._fault(), self._fault(24), self._fault(24.1)
        later.merge_into(first.id)
        with self.assertRaisesRegex(UserError, "more than 24 hours after"):
            late.merge_into(first.id)
        limit = self.env.ref("power_service_base.power_limit_shared")
        limit.merge_hours = 48
        late.merge_into(first.id)
        self.assertEqual(late.merged_into_id, first)

    def test_the_higher_priority_stays(self):
        first, second, third = self._fault(), self._fault(1), self._fault(2)
        first.priority, second.priority, third.priority = "0", "2", "1"
        second.merge_into(first.id)
        self.assertEqual(first.priority, "2")
        third.merge_into(first.id)
        self.assertEqual(first.priority, "2")

    def test_merged_is_not_in_the_analysis(self):
        first, second = self._fault(), self._fault(1)
        analysis = self.env["power.ticket.analysis"]
        domain = [("ticket_id", "in", (first | second).ids)]
        self.env.flush_all()
        self.assertEqual(analysis.search_count(domain), 2)
        second.merge_into(first.id)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(analysis.search(domain).ticket_id, first)


@tagged("post_install", "-at_install")
class TestMerge(ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.neighbour = cls.env["res.partner"].create(
            {"name": "Zhao", "phone": "+8613800000003", "is_power_customer": True}
        )
        cls.point_near, _contract = cls._create_point("3300000003", cls.neighbour)

    def _pair(self, code="fault"):
        with freeze_time(MONDAY):
            first = self._create_ticket(code, description="My secret words")
        with freeze_time(MONDAY + timedelta(minutes=5)):
            second = self._create_ticket(
                code, supply_point_id=self.point_near.id, description="Zhao's words"
            )
        return first, second

    def test_merged_ends_and_its_customer_gets_the_answer_only(self):
        first, second = self._pair()
        with freeze_time(MONDAY + timedelta(minutes=9)):
            self._as(self.staff, second).merge_into(first.id, "Same transformer")
        self.assertRecordValues(
            second,
            [{"merged_into_id": first.id, "is_open": False, "ended_by": "merged"}],
        )
        self.assertEqual(set(second.clock_ids.mapped("state")), {"cancelled"})
        self.assertFalse(second.deadline)
        self.assertEqual(first.merged_ids, second)
        self.assertIn("joined", first.event_ids.mapped("kind"))
        self.assertTrue(first.is_open)
        self._as(self.staff, first).answer("Fuse replaced")
        self.assertTrue(second.answered_at)
        notices = (
            self.env["power.notice"]
            .search(
                [
                    ("res_model", "=", "power.ticket"),
                    ("res_id", "in", (first | second).ids),
                ]
            )
            .filtered(lambda notice: notice.purpose_id.code == "ticket_answered")
        )
        self.assertEqual(notices.partner_id, self.customer | self.neighbour)
        texts = " ".join(notices.mapped("body")) + " ".join(notices.mapped("subject"))
        self.assertIn("Fuse replaced", texts)
        for secret in ("My secret words", "Zhao's words"):
            self.assertNotIn(secret, texts)
        to_neighbour = notices.filtered(lambda n: n.partner_id == self.neighbour)
        self.assertNotIn(first.name, to_neighbour.subject + to_neighbour.body)
        events = first.event_ids.mapped("note") + second.event_ids.mapped("note")
        self.assertFalse({"My secret words", "Zhao's words"} & set(events))

    def test_chains_end_at_one(self):
        first, second = self._pair()
        with freeze_time(MONDAY + timedelta(minutes=9)):
            third = self._create_ticket("fault", supply_point_id=self.point_near.id)
        third.merge_into(second.id)
        second.merge_into(first.id)
        self.assertEqual(third.merged_into_id, first)

    def test_wrong_merges(self):
        first, second = self._pair()
        complaint, complaint_two = self._pair("complaint")
        other = self._create_ticket("fault", supply_point_id=self.point_other.id)
        ended = self._create_ticket("fault")
        ended.cancel("Twice")
        for ticket, target, text in (
            (complaint_two, complaint, "never merged"),
            (complaint_two, first, "never merged"),
            (first, second, "the later one"),
            (second, second, "itself"),
            (other, first, "different stations"),
            (second, ended, "has ended"),
            (second, self.env["power.ticket"].browse(99999999), "no such ticket"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, text):
                ticket.merge_into(target.id)
        with self.assertRaises(AccessError):
            self._as(self.staff, second).merge_into(other.id)

    def test_merged_is_not_reopened(self):
        first, second = self._pair()
        second.merge_into(first.id)
        with self.assertRaisesRegex(UserError, first.name):
            second.reopen("Still dark")
