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
        with freeze_time("2026-06-30 12:00"):
            self.contract.date_to = "2026-06-30"
            new = self.env["power.supply.contract"].create(
                {
                    "partner_id": self.customer_other.id,
                    "supply_point_id": self.point.id,
                    "date_from": "2026-07-01",
                }
            )
            self.assertEqual(self.point.partner_id, self.customer)
        with freeze_time("2026-07-01 12:00"), self.enter_registry_test_mode():
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
