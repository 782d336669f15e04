from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 08:00")
class TestAssignmentRule(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zhang, cls.zhao, *cls.others = cls.env["hr.employee"].create(
            [
                {"name": name, "department_id": cls.station.id}
                for name in ("Zhang", "Zhao", "Qian", "Sun", "Li")
            ]
        )
        cls.team = cls.env["power.key.account.team"].create(
            {
                "name": "Park",
                "leader_id": cls.zhao.id,
                "phone": "95598",
                "station_id": cls.station.id,
                "member_ids": [
                    (0, 0, {"role": role, "employee_id": employee.id})
                    for role, employee in zip(
                        ("account_manager", "metering", "inspection"),
                        cls.others,
                        strict=True,
                    )
                ],
            }
        )
        cls.shops = cls.env["res.partner"].create(
            [
                {"name": f"Shop {n}", "is_power_customer": True, "ref": "SHOP"}
                for n in range(4)
            ]
        )
        cls.Rule = cls.env["power.assignment.rule"]
        cls.rule = cls.Rule.create(
            {
                "name": "Shops",
                "domain": "[('ref', '=', 'SHOP')]",
                "grid_area_id": cls.area.id,
                "account_manager_id": cls.zhang.id,
                "station_id": False,
            }
        )

    def test_rule_gives_area_station_and_manager_from_today(self):
        self.assertEqual(self.rule.apply(), 4)
        self.assertEqual(self.shops.grid_area_id, self.area)
        self.assertEqual(self.shops.power_station_id, self.station)
        self.assertEqual(self.shops.account_manager_id, self.zhang)
        rows = self.env["power.responsibility"].search(
            [("partner_id", "in", self.shops.ids)]
        )
        self.assertEqual(len(rows), 4)
        self.assertEqual(set(rows.mapped("date_from")), {date(2026, 6, 15)})
        self.assertEqual(rows.station_id, self.station)
        self.assertEqual(self.rule.apply(), 0)

    def test_result_is_the_same_as_written_by_the_orm(self):
        self.rule.apply()
        twin = self.env["res.partner"].create(
            {"name": "Twin", "is_power_customer": True, "ref": "SHOP"}
        )
        twin.write({"grid_area_id": self.area.id, "account_manager_id": self.zhang.id})
        self.env.flush_all()
        stored = [
            name
            for name, field in twin._fields.items()
            if field.store and field.column_type and name != "name"
        ]
        skipped = {"id", "commercial_partner_id", "write_date", "create_date"}
        skipped |= {"complete_name", "barcode"}
        for name in set(stored) - skipped:
            with self.subTest(field=name):
                self.assertEqual(self.shops[0][name], twin[name])

    def test_without_overwrite_only_what_is_empty_is_filled(self):
        self.shops[0].write(
            {"grid_area_id": self.area_other.id, "account_manager_id": self.zhao.id}
        )
        self.assertEqual(self.rule.apply(), 3)
        self.assertEqual(self.shops[0].grid_area_id, self.area_other)
        with freeze_time("2026-06-20 08:00"):
            self.rule.overwrite = True
            self.assertEqual(self.rule.apply(), 1)
            self.assertEqual(self.shops[0].account_manager_id, self.zhang)
        rows = self.env["power.responsibility"].search(
            [("partner_id", "=", self.shops[0].id)], order="date_from"
        )
        self.assertEqual(
            [(row.employee_id, row.date_from, row.date_to) for row in rows],
            [
                (self.zhao, date(2026, 6, 15), date(2026, 6, 19)),
                (self.zhang, date(2026, 6, 20), False),
            ],
        )
        self.assertEqual(rows.station_id, self.station)

    def test_the_first_rule_decides_each_target(self):
        first = self.Rule.create(
            {
                "name": "First",
                "sequence": 1,
                "domain": f"[('id', 'in', {self.shops[:2].ids})]",
                "account_manager_id": self.zhao.id,
                "key_account_team_id": self.team.id,
                "station_id": False,
            }
        )
        self.assertEqual((self.rule | first).apply(), 4)
        self.assertEqual(self.shops[:2].account_manager_id, self.zhao)
        self.assertEqual(self.shops[2:].account_manager_id, self.zhang)
        self.assertEqual(self.shops.grid_area_id, self.area)
        self.assertEqual(self.shops[:2].key_account_team_id, self.team)
        self.assertFalse(self.shops[2:].key_account_team_id)
        self.assertEqual(self.team.partner_count, 2)

    def test_segments_add_up_and_survive_the_segments_refresh(self):
        segment = self.env.ref("power_service_base.segment_vip")
        self.rule.segment_ids = segment
        self.rule.apply()
        segment._refresh_members()
        self.assertEqual(self.shops.segment_ids, segment)
        self.assertEqual(segment.rule_count, 4)

    def test_only_given_customers_and_only_the_rules_station(self):
        self.assertEqual(self.rule.apply(self.shops[:1]), 1)
        self.assertEqual(self.rule.apply(self.shops[1:2].ids), 1)
        self.assertFalse(self.shops[2:].grid_area_id)
        self.rule.write({"overwrite": True, "domain": "[]"})
        self.rule.station_id = self.station_other
        self.assertEqual(self.rule.apply(), 1)
        self.assertEqual(self.customer_other.account_manager_id, self.zhang)
        self.assertFalse(self.customer.account_manager_id)

    def test_customers_of_another_companys_stations_are_left_alone(self):
        foreign = self.env["res.partner"].create(
            {
                "name": "Foreign",
                "is_power_customer": True,
                "company_id": False,
                "ref": "SHOP",
                "grid_area_id": self.area_foreign.id,
            }
        )
        self.rule.overwrite = True
        self.rule.apply()
        self.assertEqual(foreign.grid_area_id, self.area_foreign)
        with self.assertRaises(UserError):
            self.rule.grid_area_id = self.area_foreign

    def test_batches_end_and_do_everything(self):
        self.assertEqual(self.rule._apply(batch_size=3), 4)
        self.assertEqual(self.shops.account_manager_id, self.zhang)

    def test_queries_do_not_grow_with_customers(self):
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
            self.rule._apply()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_a_manager_who_left_is_given_to_nobody(self):
        self.zhang.active = False
        self.assertTrue(self.rule.manager_has_left)
        self.rule.apply()
        self.assertFalse(self.shops.account_manager_id)
        self.assertEqual(self.shops.grid_area_id, self.area)

    def test_preview_shows_before_and_after_and_changes_nothing(self):
        self.rule.overwrite = True
        self.shops[0].account_manager_id = self.zhao
        action = self.rule.action_preview()
        preview = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(preview.partner_count, 4)
        line = preview.line_ids.filtered(
            lambda row: (
                row.partner_id == self.shops[0] and row.what == "Account Manager"
            )
        )
        self.assertEqual((line.before, line.after), ("Zhao", "Zhang"))
        self.assertEqual(self.shops[0].account_manager_id, self.zhao)
        self.assertEqual(len(preview.line_ids), 8)
        preview.action_apply()
        self.assertEqual(self.shops.account_manager_id, self.zhang)
        self.assertEqual(self.rule._preview(), (0, []))

    def test_preview_shows_at_most_the_first_ones(self):
        count, rows = self.rule._preview(limit=2)
        self.assertEqual((count, len(rows)), (4, 2))

    def test_job_applies_all_rules_in_batches(self):
        cron = self.env.ref("power_service_base.ir_cron_apply_assignment")
        cron.code = "model._cron_apply_rules(batch_size=3)"
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(self.shops.account_manager_id, self.zhang)
        run = self.env["power.job.run"].search([("name", "=", "power.assignment.rule")])
        self.assertRecordValues(run, [{"state": "done", "done_count": 4}])

    def test_only_managers_apply(self):
        for name in ("staff", "supervisor", "quality"):
            with self.subTest(group=name), self.assertRaises(AccessError):
                self.rule.with_user(self.users[name]).apply()
        rule = self.rule.with_user(self.users["supervisor"])
        self.assertEqual(rule.action_preview()["res_model"], "power.assignment.preview")
        self.assertEqual(self.rule.with_user(self.users["manager"]).apply(), 4)

    def test_a_rule_needs_a_target_and_a_readable_condition(self):
        with self.assertRaisesRegex(ValidationError, "gives nothing"):
            self.rule.write({"grid_area_id": False, "account_manager_id": False})
        with self.assertRaisesRegex(ValidationError, "can't be read"):
            self.rule.domain = "[('nothing', '=', 1)]"

    def test_team_is_complete_with_three_members_who_work_here(self):
        self.assertFalse(self.team.is_incomplete)
        self.others[0].active = False
        self.assertTrue(self.team.is_incomplete)
        self.others[0].active = True
        self.team.member_ids.filtered(lambda m: m.role != "leader")[0].unlink()
        self.assertTrue(self.team.is_incomplete)
        self.shops[0].key_account_team_id = self.team
        action = self.team.action_open_partners()
        self.assertEqual(
            self.env["res.partner"].search(action["domain"]), self.shops[0]
        )
