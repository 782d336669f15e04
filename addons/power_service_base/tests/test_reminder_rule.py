from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_notice import NoticeCommon


@tagged("post_install", "-at_install")
class TestReminderRule(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("power_service_base.power_reminder_rule_contract_end")
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.contract.date_to = "2026-07-31"

    def _remind(self, day):
        with freeze_time(f"{day} 02:00"):
            self._run_cron("ir_cron_remind")
        return self._notices()

    def _notices(self):
        return self.env["power.notice"].search(
            [("res_model", "=", "power.supply.contract")]
        )

    def test_reminded_once_within_the_days_before(self):
        self.assertFalse(self._remind("2026-06-30"))
        notice = self._remind("2026-07-01")
        self.assertRecordValues(
            notice,
            [
                {
                    "partner_id": self.customer.id,
                    "supply_point_id": self.point.id,
                    "res_id": self.contract.id,
                    "purpose": "reminder",
                    "needed_proof": "delivered",
                }
            ],
        )
        self.assertIn("3300000001", notice.body)
        self.assertIn("2026-07-31", notice.body)
        self.assertEqual(self._remind("2026-07-02"), notice)
        self.assertEqual(self._remind("2026-07-31"), notice)

    def test_a_new_date_is_reminded_again_and_the_old_one_never(self):
        first = self._remind("2026-07-01")
        self.contract.date_to = "2026-08-10"
        self.assertEqual(self._remind("2026-07-10"), first)
        both = self._remind("2026-07-12")
        self.assertEqual(len(both), 2)
        self.contract.date_to = "2026-07-31"
        self.assertEqual(self._remind("2026-07-13"), both)

    def test_a_missed_run_is_caught_up_but_not_after_the_date(self):
        self.assertEqual(len(self._remind("2026-07-29")), 1)
        self.contract_other.date_to = "2026-07-20"
        self.assertEqual(len(self._remind("2026-07-30")), 1)

    def test_batches_and_several_rules(self):
        self.rule.copy({"days_before": 7})
        for number in range(5):
            _point, contract = self._create_point(f"44{number:08}", self.customer)
            contract.date_to = "2026-07-31"
        Rule = type(self.rule)
        original = Rule._cron_remind
        self.patch(
            Rule, "_cron_remind", lambda self, batch_size=2: original(self, batch_size)
        )
        self.assertEqual(len(self._remind("2026-07-01")), 6)
        self.assertEqual(len(self._remind("2026-07-24")), 12)

    def test_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.rule.with_context(lang="zh_CN").body = "{{ object.partner_id.name }} 您好"
        self.customer.lang = "zh_CN"
        self.assertEqual(self._remind("2026-07-01").body, "Wang Wei 您好")

    def test_a_failing_record_is_parked_and_holds_up_nobody(self):
        self.contract_other.date_to = "2026-07-31"
        self.rule.body = "{{ 1 / (object.partner_id.name != 'Li Na') }}"
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            notice = self._remind("2026-07-01")
        self.assertEqual(notice.partner_id, self.customer)
        failed = self.env["power.reminder"].search([("error", "!=", False)])
        self.assertEqual(failed.res_id, self.contract_other.id)
        self.assertTrue(self.rule.activity_ids)
        # Put right and asked for again, it is made up for.
        self.rule.body = "ok"
        failed.unlink()
        self.assertEqual(len(self._remind("2026-07-02")), 2)

    def test_the_condition_holds(self):
        self.rule.domain = f"[('id', '!=', {self.contract.id})]"
        self.assertFalse(self._remind("2026-07-01"))

    def test_a_companys_rule_reminds_its_own_customers_only(self):
        _point, far = self._create_point("3300000777", self.customer, self.area_foreign)
        far.date_to = "2026-07-31"
        self.rule.company_id = self.company
        with freeze_time("2026-07-01 02:00"):
            for company, contracts in (
                (self.company, self.contract),
                (self.company_other, far),
                (self.env["res.company"], self.contract | far),
            ):
                self.rule.company_id = company
                domain = self.rule._get_due_domain(self.rule._get_today())
                found = self.env["power.supply.contract"].search(domain)
                self.assertEqual(found & (self.contract | far), contracts)

    def test_broken_rules_are_refused(self):
        for vals in (
            {"partner_path": "supply_point_id"},
            {"partner_path": "nobody"},
            {"point_path": "partner_id"},
            {"domain": "[('no_such_field', '=', 1)]"},
            {"domain": "nonsense("},
            {"model_id": self.env["ir.model"]._get("res.users").id},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.rule.write(vals)

    def test_managers_need_the_editors_right_for_code(self):
        manager = self.users["manager"]
        self.rule.with_user(manager).body = "{{ object.partner_id.name }}"
        if manager.has_group("mail.group_mail_template_editor"):
            manager.group_ids -= self.env.ref("mail.group_mail_template_editor")
        with self.assertRaises(AccessError):
            self.rule.with_user(manager).body = "{{ object.env.cr }}"
