from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestCustomerSegment(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Segment = cls.env["power.customer.segment"]
        cls.shops = cls.env["res.partner"].create(
            [
                {"name": f"Shop {n}", "is_power_customer": True, "ref": "SHOP"}
                for n in range(3)
            ]
        )
        cls.segment = cls.Segment.create(
            {"name": "Shops", "code": "shops", "domain": "[('ref', '=', 'SHOP')]"}
        )

    def test_members_by_rule_come_and_go_and_those_by_hand_stay(self):
        segment = self.segment
        self.assertEqual(segment.partner_ids, self.shops)
        self.customer.segment_ids = [(4, segment.id)]
        self.shops[0].ref = False
        self.assertEqual(segment._refresh_members(), 1)
        self.assertEqual(segment.partner_ids, self.shops[1:] | self.customer)
        self.assertEqual((segment.rule_count, segment.hand_count), (2, 1))
        self.assertEqual(segment.partner_count, 3)
        self.assertEqual(segment._refresh_members(), 0)

    def test_one_added_by_hand_stays_also_when_the_rule_no_longer_matches(self):
        self.shops[0].ref = False
        self.segment._refresh_members()
        self.shops[0].segment_ids = [(4, self.segment.id)]
        self.shops[0].ref = "SHOP"
        self.segment._refresh_members()
        self.segment.domain = False
        self.assertEqual(self.segment.partner_ids, self.shops[0])

    def test_by_hand_alone_shows_no_rule(self):
        """Odoo's editor says of an empty rule that it takes in all: it stays hidden."""
        arch = self.Segment.get_view(view_type="form")["arch"]
        self.assertIn('invisible="not is_by_rule"', arch)
        with Form(self.Segment) as form:
            form.name, form.code = "By hand", "hand"
            self.assertFalse(form.is_by_rule)
        segment = form.record
        self.assertFalse(segment.domain)
        self.assertFalse(segment.partner_ids)
        with Form(segment) as form:
            form.is_by_rule = True
            self.assertEqual(form.domain, "[('is_power_customer', '=', True)]")
            form.domain = "[('ref', '=', 'SHOP')]"
        self.assertEqual(segment.partner_ids, self.shops)
        with Form(segment) as form:
            form.is_by_rule = False
        self.assertFalse(segment.domain)
        self.assertFalse(segment.partner_ids)
        self.segment.is_by_rule = False
        self.assertFalse(self.segment.domain)

    def test_a_rule_never_takes_in_who_is_no_customer(self):
        self.env["res.partner"].create({"name": "Supplier", "ref": "SHOP"})
        self.segment._refresh_members()
        self.assertEqual(self.segment.partner_ids, self.shops)

    def test_other_companies_customers_stay_out(self):
        self.shops[2].company_id = self.company_other
        self.segment.company_id = self.company
        self.assertEqual(self.segment.partner_ids, self.shops[:2])

    def test_an_unreadable_rule_is_refused_with_a_reason(self):
        for domain in ("[('nothing', '=', 1)]", "[(", "[uid]", "{'a': 1}"):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(ValidationError, "Shops can't be read"),
            ):
                self.segment.domain = domain

    def test_queries_stay_the_same_for_more_customers(self):
        counts = []
        for size in (1, 60):
            self.env["res.partner"].create(
                [
                    {"name": f"S{n}", "is_power_customer": True, "ref": "SHOP"}
                    for n in range(size)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.segment._refresh_members()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[1], 8)

    def test_job_refreshes_every_segment_once(self):
        other = self.segment.copy({"name": "Two", "code": "two"})
        self.shops[0].ref = False
        cron = self.env.ref("power_service_base.ir_cron_refresh_segments")
        cron.code = "model._cron_refresh_segments(batch_size=1)"
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual((self.segment | other).partner_ids, self.shops[1:])
        run = self.env["power.job.run"].search(
            [("name", "=", "power.customer.segment.refresh")]
        )
        self.assertEqual(run.mapped("state"), ["done"])

    def test_button_is_for_managers_and_opens_the_customers(self):
        with self.assertRaises(AccessError):
            self.segment.with_user(self.users["supervisor"]).action_refresh()
        self.segment.with_user(self.users["manager"]).action_refresh()
        action = self.segment.with_user(self.users["staff"]).action_open_partners()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), self.shops)

    def test_five_service_modes_ship(self):
        modes = self.Segment.search([]).mapped("service_mode")
        self.assertLessEqual(
            {"expert", "steward", "nanny", "caring", "volunteer"}, set(modes)
        )
