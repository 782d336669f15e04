"""What can be one fault, and what merging does."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import MONDAY, TicketCommon


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
