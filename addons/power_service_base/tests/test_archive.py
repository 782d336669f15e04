from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestArchive(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Requirement = cls.env["power.archive.requirement"]
        cls.Requirement.search([]).unlink()
        for customer_class, key, weight in (
            ("residential", "phone", 3),
            ("residential", "id_number", 1),
            ("residential", "contract", 4),
            ("residential", "tariff", 2),
            ("hv_dual", "standby", 1),
            ("hv_dual", "capacity", 1),
        ):
            cls.Requirement.create(
                {"customer_class": customer_class, "key": key, "weight": weight}
            )
        cls.tariff = cls.env.ref("power_service_base.tariff_class_residential")
        cls.customer._refresh_archive_score()

    def test_score_follows_each_write(self):
        customer = self.customer
        self.assertEqual(customer.archive_score, 70)
        customer.power_id_number = "110101199001011237"
        self.assertEqual(customer.archive_score, 80)
        self.point.tariff_class_id = self.tariff
        self.assertEqual(customer.archive_score, 100)
        customer.phone = False
        self.assertEqual(customer.archive_score, 70)
        self.contract.date_to = "2020-12-31"
        # Without a point neither contract nor tariff is there.
        self.assertEqual(customer.archive_score, 10)

    def test_every_open_point_counts_and_the_highest_class_rules(self):
        self.point.tariff_class_id = self.tariff
        point, contract = self._create_point("3300000088", self.customer)
        self.assertEqual(self.customer.archive_score, 70)
        point.supply_state = "closed"
        self.assertEqual(self.customer.archive_score, 90)
        point.write({"supply_state": "connected", "customer_class": "hv_dual"})
        self.assertEqual(self.customer.archive_score, 0)
        contract.contract_kva = 315
        self.contract.contract_kva = 5
        self.assertEqual(self.customer.archive_score, 50)
        self.env["power.supply.source"].create(
            [
                {
                    "supply_point_id": point.id,
                    "element_id": self.transformer.id,
                    "role": "main",
                },
                {
                    "supply_point_id": point.id,
                    "element_id": self.feeder.id,
                    "role": "standby",
                },
            ]
        )
        self.assertEqual(self.customer.archive_score, 100)

    def test_customers_without_points_by_kind_and_others_not_at_all(self):
        partners = self.env["res.partner"].create(
            [
                {"name": "A", "is_power_customer": True, "phone": "+8613800000009"},
                {
                    "name": "B",
                    "is_power_customer": True,
                    "power_customer_kind": "organisation",
                },
                {"name": "C"},
            ]
        )
        # Nothing is required of the second one's class.
        self.assertEqual(partners.mapped("archive_score"), [30, 100, 0])

    def test_rows_made_by_sql_get_the_same_score(self):
        self.env.flush_all()
        self.cr.execute(
            "UPDATE res_partner SET power_id_number = 'X' WHERE id = %s",
            (self.customer.id,),
        )
        self.env.invalidate_all()
        self.assertEqual(self.customer.archive_score, 70)
        changed = self.env["res.partner"]._refresh_archive_score(
            [self.customer.id, self.customer_other.id]
        )
        self.assertEqual(changed, 1)
        self.assertEqual(self.customer.archive_score, 80)
        self.customer.power_id_number = "110101199001011245"
        self.assertEqual(self.customer.archive_score, 80)
        self.assertEqual(self.env["res.partner"]._refresh_archive_score(), 0)

    def test_both_rules_agree_on_every_customer(self):
        customers = self.env["res.partner"].search([("is_power_customer", "=", True)])
        by_orm = {customer.id: customer.archive_score for customer in customers}
        self.assertEqual(by_orm, dict(customers._read_archive_scores(customers.ids)))

    def test_every_key_of_the_safe_list_is_valid_and_has_words(self):
        texts = self.Requirement._get_key_texts()
        self.Requirement.search([]).unlink()
        for key in texts:
            self.Requirement.create({"customer_class": "residential", "key": key})
        self.env["res.partner"]._refresh_archive_score()
        missing = self.customer._get_archive_missing()[self.customer.id]
        self.assertNotIn("phone", missing.mapped("key"))
        self.assertIn("standby", missing.mapped("key"))
        there = len(texts) - len(missing)
        self.assertEqual(self.customer.archive_score, 100 * there // len(texts))
        for item in missing:
            self.assertIn(texts[item.key][0], self.customer.archive_missing)

    def test_missing_is_shown_with_the_way_to_fix_it(self):
        self.assertIn("Identity number", self.customer.archive_missing)
        self.assertIn("Open Supply Points above", self.customer.archive_missing)
        self.assertNotIn("Valid phone", self.customer.archive_missing)
        requirement = self.Requirement.search([("key", "=", "tariff")])
        requirement.hint = "Ask <the> office"
        self.customer.invalidate_recordset(["archive_missing"])
        self.assertIn("Ask &lt;the&gt; office", self.customer.archive_missing)
        self.customer.power_id_number = "110101199001011237"
        self.point.tariff_class_id = self.tariff
        self.customer.invalidate_recordset(["archive_missing"])
        self.assertFalse(self.customer.archive_missing)

    def test_job_goes_through_all_in_slices(self):
        self.Requirement.search([("key", "=", "phone")]).weight = 13
        cron = self.env.ref("power_service_base.ir_cron_refresh_archive")
        with self.enter_registry_test_mode():
            cron.code = "model._cron_refresh_archive(batch_size=1)"
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(self.customer.archive_score, 85)
        self.assertEqual(self.customer_other.archive_score, 85)
        runs = self.env["power.job.run"].search([("name", "=", "res.partner.archive")])
        self.assertEqual(runs.mapped("state"), ["done"])
        customers = self.env["res.partner"].with_context(active_test=False)
        self.assertEqual(
            runs.done_count,
            customers.search_count([("is_power_customer", "=", True)]),
        )

    def test_measured_per_station(self):
        groups = dict(
            self.env["res.partner"]._read_group(
                [("id", "in", (self.customer | self.customer_other).ids)],
                ["power_station_id"],
                ["archive_score:avg"],
            )
        )
        self.assertEqual(groups[self.station], 70)
        incomplete = self.env["res.partner"].search([("archive_score", "<", 100)])
        self.assertIn(self.customer, incomplete)

    def test_only_managers_measure_again(self):
        with self.assertRaises(AccessError):
            self.Requirement.with_user(self.users["staff"]).action_refresh_scores()
        self.Requirement.with_user(self.users["manager"]).action_refresh_scores()
        cron = self.env.ref("power_service_base.ir_cron_refresh_archive")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
