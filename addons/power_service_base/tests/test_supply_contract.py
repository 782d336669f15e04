from psycopg2 import errors

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestSupplyContract(PowerServiceCommon):
    def test_point_has_the_customer_of_its_current_contract(self):
        self.assertEqual(self.point.partner_id, self.customer)
        self.assertEqual(self.point.contract_id, self.contract)

    @mute_logger("odoo.sql_db")
    def test_two_contracts_of_one_point_may_not_overlap(self):
        self.contract.date_to = "2026-06-30"
        with self.assertRaises(errors.ExclusionViolation), self.cr.savepoint():
            self.env["power.supply.contract"].create(
                {
                    "partner_id": self.customer_other.id,
                    "supply_point_id": self.point.id,
                    "date_from": "2026-06-30",
                }
            )

    def test_new_occupant_takes_over_at_the_stations_midnight(self):
        # The station's midnight is 16:00 UTC.
        with freeze_time("2026-06-30 15:55"):
            self.contract.date_to = "2026-06-30"
            new = self.env["power.supply.contract"].create(
                {
                    "partner_id": self.customer_other.id,
                    "supply_point_id": self.point.id,
                    "date_from": "2026-07-01",
                }
            )
            self.assertEqual(self.point.partner_id, self.customer)
        with freeze_time("2026-06-30 16:05"), self.enter_registry_test_mode():
            cron = self.env.ref("power_service_base.ir_cron_refresh_customers")
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(self.point.partner_id, self.customer_other)
        self.assertEqual(self.point.contract_id, new)
        # The old contract, and with it the old debts, stay with the former customer.
        self.assertEqual(self.contract.partner_id, self.customer)

    def test_ended_contract_leaves_the_point_without_customer(self):
        self.contract.write({"date_to": "2020-12-31"})
        self.assertFalse(self.point.partner_id)
        self.assertFalse(self.contract.is_current)
        self.assertNotIn(
            self.contract,
            self.env["power.supply.contract"].search([("is_current", "=", True)]),
        )

    def test_midnight_job_is_resumable_and_safe_to_repeat(self):
        """Batches of two, killed after the first one, then run again to the end."""
        with freeze_time("2026-06-30 12:00"):
            points = self.point
            for number in range(4):
                point, _contract = self._create_point(
                    f"33000001{number:02}", self.customer
                )
                points |= point
            points.contract_id.date_to = "2026-06-30"
        Contract = self.env["power.supply.contract"]
        with freeze_time("2026-06-30 16:05"):
            stale = Contract._get_stale_points(2)
            self.assertEqual(len(stale), 2)
            stale._refresh_customer()
            self.env.flush_all()
            with self.enter_registry_test_mode():
                cron = self.env.ref("power_service_base.ir_cron_refresh_customers")
                self.assertIs(cron.method_direct_trigger(), True)
                self.assertIs(cron.method_direct_trigger(), True)
            self.assertFalse(Contract._get_stale_points(2))
        self.assertFalse(points.partner_id)
        runs = self.env["power.job.run"].search(
            [("name", "=", "power.supply.contract.refresh")]
        )
        # The second run had nothing to do, and says so.
        self.assertRecordValues(
            runs.sorted("id"),
            [{"state": "done", "done_count": 3}, {"state": "idle", "done_count": 0}],
        )
