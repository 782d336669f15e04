from datetime import date

from psycopg2 import errors

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 08:00")
class TestResponsibility(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Responsibility = cls.env["power.responsibility"]
        cls.zhang, cls.zhao, cls.qian = cls.env["hr.employee"].create(
            [
                {"name": name, "department_id": cls.station.id}
                for name in ("Zhang", "Zhao", "Qian")
            ]
        )
        cls.first = cls.Responsibility.create(
            {
                "role": "grid_manager",
                "employee_id": cls.zhang.id,
                "grid_area_id": cls.area.id,
                "date_from": "2026-01-01",
            }
        )

    def _rows(self, role="grid_manager", **subject):
        [(column, record)] = subject.items()
        rows = self.Responsibility.search(
            [("role", "=", role), (column, "=", record.id)], order="date_from, id"
        )
        return [(row.employee_id.name, row.date_from, row.date_to) for row in rows]

    def test_station_company_and_login_come_from_subject_and_employee(self):
        self.assertEqual(self.first.station_id, self.station)
        self.assertEqual(self.first.company_id, self.company)
        self.assertFalse(self.first.user_id)
        employee = self.users["staff"].employee_ids
        row = self.Responsibility.create(
            {
                "role": "account_manager",
                "employee_id": employee.id,
                "partner_id": self.customer.id,
            }
        )
        self.assertEqual(row.user_id, self.users["staff"])
        self.assertEqual(row.station_id, self.station)

    def test_the_exclusion_is_in_the_database(self):
        self.cr.execute(
            "SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conname = 'power_responsibility_period_excl'"
        )
        [(kind, definition)] = self.cr.fetchall()
        self.assertEqual(kind, "x")
        self.assertIn("daterange(date_from, date_to, '[]'::text) WITH &&", definition)

    @mute_logger("odoo.sql_db")
    def test_sql_can_insert_no_second_holder(self):
        insert = """
            INSERT INTO power_responsibility
                   (role, employee_id, grid_area_id, company_id, date_from, date_to)
            VALUES (%s, %s, %s, %s, %s, %s)
        """
        area, company = self.area.id, self.company.id
        with self.assertRaises(errors.ExclusionViolation), self.cr.savepoint():
            self.cr.execute(
                insert,
                ("grid_manager", self.zhao.id, area, company, "2026-03-01", None),
            )
        with self.assertRaises(errors.ExclusionViolation), self.cr.savepoint():
            self.cr.execute(
                insert,
                (
                    "grid_manager",
                    self.zhao.id,
                    area,
                    company,
                    "2025-01-01",
                    "2026-01-01",
                ),
            )
        # Another role, and the day before, are free; a shared role has many holders.
        self.cr.execute(
            insert,
            ("grid_manager", self.zhao.id, area, company, "2025-01-01", "2025-12-31"),
        )
        for employee in (self.zhang, self.zhao):
            self.cr.execute(
                insert, ("grid_member", employee.id, area, company, "2026-01-01", None)
            )
        with self.assertRaises(errors.ExclusionViolation), self.cr.savepoint():
            self.cr.execute(
                insert, ("grid_member", self.zhao.id, area, company, "2026-05-01", None)
            )

    @mute_logger("odoo.sql_db")
    def test_exactly_one_subject(self):
        with self.assertRaises(errors.CheckViolation), self.cr.savepoint():
            self.Responsibility.create(
                {"role": "account_manager", "employee_id": self.zhao.id}
            )
        with self.assertRaises(errors.CheckViolation), self.cr.savepoint():
            self.cr.execute(
                "UPDATE power_responsibility SET partner_id = %s WHERE id = %s",
                (self.customer.id, self.first.id),
            )

    def test_a_role_answers_for_its_own_kind_of_subject(self):
        with self.assertRaisesRegex(ValidationError, "Grid Area"):
            self.Responsibility.create(
                {
                    "role": "grid_manager",
                    "employee_id": self.zhao.id,
                    "partner_id": self.customer.id,
                }
            )

    def test_overlap_names_subject_holder_role_period_and_way_out(self):
        for change in (
            lambda: self.Responsibility.create(
                {
                    "role": "grid_manager",
                    "employee_id": self.zhao.id,
                    "grid_area_id": self.area.id,
                    "date_from": "2026-06-01",
                }
            ),
            lambda: self.Responsibility.create(
                {
                    "role": "grid_manager",
                    "employee_id": self.zhao.id,
                    "grid_area_id": self.area.id,
                    "date_from": "2025-06-01",
                    "date_to": "2025-12-31",
                }
            ).write({"date_to": "2026-01-01"}),
        ):
            with self.assertRaises(ValidationError) as caught:
                change()
            message = caught.exception.args[0]
            for part in ("A1", "Zhang", "Grid manager", "2026", "Transfer"):
                self.assertIn(part, message)

    def test_employee_of_another_company_is_refused(self):
        stranger = self.env["hr.employee"].create(
            {"name": "Stranger", "company_id": self.company_other.id}
        )
        with self.assertRaises(UserError):
            self.first.transfer(stranger, "2026-06-01")

    # -- transfer --------------------------------------------------------------------

    def test_transfer_closes_and_opens(self):
        new = self.first.transfer(self.zhao, "2026-06-01", note="Moved")
        expected = [
            ("Zhang", date(2026, 1, 1), date(2026, 5, 31)),
            ("Zhao", date(2026, 6, 1), False),
        ]
        self.assertEqual(self._rows(grid_area_id=self.area), expected)
        self.assertEqual(new.note, "Moved")
        self.assertEqual(new.station_id, self.station)
        self.assertEqual(self.area.manager_id, self.zhao)
        # Again: nothing happens, whichever rows it is asked for.
        (self.first | new).transfer(self.zhao, "2026-06-01")
        self.assertEqual(self._rows(grid_area_id=self.area), expected)

    def test_transfer_keeps_the_end_and_what_comes_later(self):
        self.first.date_to = "2026-09-30"
        later = self.Responsibility.create(
            {
                "role": "grid_manager",
                "employee_id": self.zhang.id,
                "grid_area_id": self.area.id,
                "date_from": "2026-10-01",
            }
        )
        (self.first | later).transfer(self.zhao.id, "2026-06-16")
        self.assertEqual(
            self._rows(grid_area_id=self.area),
            [
                ("Zhang", date(2026, 1, 1), date(2026, 6, 15)),
                ("Zhao", date(2026, 6, 16), date(2026, 9, 30)),
                ("Zhao", date(2026, 10, 1), False),
            ],
        )
        self.assertEqual(self.area.manager_id, self.zhang)  # until tomorrow

    def test_transfer_to_one_who_shares_the_role_already(self):
        rows = self.Responsibility.create(
            [
                {
                    "role": "grid_member",
                    "employee_id": employee.id,
                    "grid_area_id": self.area.id,
                    "date_from": start,
                }
                for employee, start in (
                    (self.zhang, "2026-01-01"),
                    (self.zhao, "2026-02-01"),
                    (self.qian, "2026-08-01"),
                )
            ]
        )
        (rows[0] | rows[2]).transfer(self.zhao, "2026-06-15")
        self.assertEqual(
            self._rows("grid_member", grid_area_id=self.area),
            [
                ("Zhang", date(2026, 1, 1), date(2026, 6, 14)),
                ("Zhao", date(2026, 2, 1), False),
            ],
        )
        self.assertEqual(self.area.member_ids, self.zhao)

    def test_transfer_to_nobody_or_to_one_who_left_is_refused(self):
        with self.assertRaisesRegex(UserError, "Choose the employee"):
            self.first.transfer(self.env["hr.employee"])
        self.zhao.active = False
        with self.assertRaisesRegex(UserError, "Zhao has left"):
            self.first.transfer(self.zhao)

    def test_transfer_takes_the_same_queries_for_many(self):
        areas = self.env["power.grid.area"].create(
            [
                {"name": f"B{n}", "code": f"B{n}", "station_id": self.station.id}
                for n in range(40)
            ]
        )
        rows = self.Responsibility.create(
            [
                {
                    "role": "grid_manager",
                    "employee_id": self.zhang.id,
                    "grid_area_id": area.id,
                    "date_from": "2026-01-01",
                }
                for area in areas
            ]
        )
        self.env.flush_all()
        counts = []
        for batch in (rows[:1], rows[1:]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch.transfer(self.zhao, "2026-06-01")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(areas.manager_id, self.zhao)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[1], 35)

    def test_staff_may_not_transfer(self):
        with self.assertRaises(AccessError):
            self.first.with_user(self.users["staff"]).transfer(self.zhao)
        self.first.with_user(self.users["supervisor"]).transfer(self.zhao)
        self.assertEqual(self.area.manager_id, self.zhao)

    # -- caches ----------------------------------------------------------------------

    def test_manager_chosen_on_the_area_answers_from_today(self):
        self.area.manager_id = self.zhao
        self.assertEqual(
            self._rows(grid_area_id=self.area),
            [
                ("Zhang", date(2026, 1, 1), date(2026, 6, 14)),
                ("Zhao", date(2026, 6, 15), False),
            ],
        )
        self.area.manager_id = self.qian  # the same day: a correction
        self.area.manager_id = False
        self.assertEqual(
            self._rows(grid_area_id=self.area),
            [("Zhang", date(2026, 1, 1), date(2026, 6, 14))],
        )
        area = self.env["power.grid.area"].create(
            {"name": "C1", "code": "C1", "manager_id": self.qian.id}
        )
        self.assertEqual(
            self._rows(grid_area_id=area), [("Qian", date(2026, 6, 15), False)]
        )

    def test_account_manager_chosen_on_the_customer_answers_from_today(self):
        both = self.customer | self.customer_other
        both.with_user(self.users["staff"]).account_manager_id = self.zhao
        for partner in both:
            self.assertEqual(
                self._rows("account_manager", partner_id=partner),
                [("Zhao", date(2026, 6, 15), False)],
            )
        partner = self.env["res.partner"].create(
            {"name": "New", "account_manager_id": self.zhang.id}
        )
        self.assertEqual(
            self._rows("account_manager", partner_id=partner),
            [("Zhang", date(2026, 6, 15), False)],
        )

    def test_one_chosen_by_hand_goes_when_the_planned_one_comes(self):
        self.Responsibility.create(
            {
                "role": "account_manager",
                "employee_id": self.zhao.id,
                "partner_id": self.customer.id,
                "date_from": "2026-07-01",
            }
        )
        self.assertFalse(self.customer.account_manager_id)
        self.customer.account_manager_id = self.qian
        self.assertEqual(
            self._rows("account_manager", partner_id=self.customer),
            [
                ("Qian", date(2026, 6, 15), date(2026, 6, 30)),
                ("Zhao", date(2026, 7, 1), False),
            ],
        )

    def test_members_chosen_on_the_area(self):
        self.area.member_ids = self.zhang | self.zhao
        with freeze_time("2026-06-20 08:00"):
            self.area.member_ids = self.zhao | self.qian
        self.assertEqual(
            self._rows("grid_member", grid_area_id=self.area),
            [
                ("Zhang", date(2026, 6, 15), date(2026, 6, 19)),
                ("Zhao", date(2026, 6, 15), False),
                ("Qian", date(2026, 6, 20), False),
            ],
        )

    def test_job_after_midnight_brings_the_new_days_holders(self):
        self.first.transfer(self.zhao, "2026-06-16")
        customer_row = self.Responsibility.create(
            {
                "role": "account_manager",
                "employee_id": self.qian.id,
                "partner_id": self.customer.id,
                "date_from": "2026-06-16",
                "date_to": "2026-06-16",
            }
        )
        self.assertEqual(self.area.manager_id, self.zhang)
        cron = self.env.ref("power_service_base.ir_cron_refresh_responsible")
        # 00:30 of the next day in China
        with freeze_time("2026-06-15 16:30"), self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(self.area.manager_id, self.zhao)
        self.assertEqual(self.customer.account_manager_id, self.qian)
        with freeze_time("2026-06-16 16:30"), self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertFalse(self.customer.account_manager_id)
        self.assertTrue(customer_row.exists())

    def test_job_goes_on_after_a_full_batch(self):
        rows = [
            {
                "role": "account_manager",
                "employee_id": self.qian.id,
                "partner_id": partner.id,
                "date_from": "2026-06-16",
            }
            for partner in self.customer | self.customer_other
        ]
        self.Responsibility.create(rows)
        with freeze_time("2026-06-16 08:00"):
            self.assertEqual(
                self.Responsibility._refresh_cache(
                    "account_manager", "partner_id", "account_manager_id", limit=1
                ),
                1,
            )
            with self.enter_registry_test_mode():
                self.env.ref(
                    "power_service_base.ir_cron_refresh_responsible"
                ).method_direct_trigger()
        both = self.customer | self.customer_other
        self.assertEqual(both.account_manager_id, self.qian)

    def test_cache_filled_by_an_import_is_adopted(self):
        self.cr.execute(
            "UPDATE res_partner SET account_manager_id = %s WHERE id = %s",
            (self.zhao.id, self.customer.id),
        )
        self.env.invalidate_all()
        self.assertEqual(self.Responsibility._adopt_caches(self.customer.ids), 1)
        self.assertEqual(self.Responsibility._adopt_caches(), 0)
        self.assertEqual(
            self._rows("account_manager", partner_id=self.customer),
            [("Zhao", date(2026, 6, 15), False)],
        )

    # -- who was responsible ----------------------------------------------------------

    def _who(self, records, role, day=None, **options):
        found = self.Responsibility._get_responsible(
            records._name, records.ids, role, day, **options
        )
        return [found[record.id].name for record in records]

    def test_who_answers_falls_back_to_area_parents_and_chief(self):
        parent = self._create_area("A0")
        self.area.parent_id = parent
        self.Responsibility.create(
            [
                {
                    "role": "station_chief",
                    "employee_id": self.qian.id,
                    "department_id": self.station.id,
                    "date_from": "2020-01-01",
                },
                {
                    "role": "grid_manager",
                    "employee_id": self.zhao.id,
                    "grid_area_id": parent.id,
                    "date_from": "2025-01-01",
                },
                {
                    "role": "account_manager",
                    "employee_id": self.users["staff"].employee_ids.id,
                    "partner_id": self.customer.id,
                    "date_from": "2026-06-10",
                },
            ]
        )
        for day, name in {
            "2026-06-15": "Employee staff",
            "2026-06-09": "Zhang",
            "2025-12-31": "Zhao",
            "2024-12-31": "Qian",
            "2019-12-31": False,
        }.items():
            with self.subTest(day=day):
                self.assertEqual(
                    self._who(self.customer, "account_manager", day), [name]
                )
                self.assertEqual(self._who(self.point, "account_manager", day), [name])
        self.assertEqual(self._who(self.area, "grid_manager", "2025-06-01"), ["Zhao"])
        self.assertEqual(
            self._who(self.area, "grid_manager", "2025-06-01", fallback=True), ["Zhao"]
        )
        self.assertEqual(
            self._who(self.customer, "account_manager", "2026-06-09", fallback=False),
            [False],
        )
        self.assertEqual(self._who(self.customer_other, "account_manager"), [False])
        self.assertEqual(self.customer.answers_employee_id.name, "Employee staff")

    def test_a_points_former_customer_had_its_own_manager(self):
        self.contract.date_to = "2026-03-31"
        self.env["power.supply.contract"].create(
            {
                "partner_id": self.customer_other.id,
                "supply_point_id": self.point.id,
                "date_from": "2026-04-01",
            }
        )
        self.Responsibility.create(
            {
                "role": "account_manager",
                "employee_id": self.qian.id,
                "partner_id": self.customer.id,
                "date_from": "2026-01-01",
            }
        )
        self.assertEqual(
            self._who(self.point, "account_manager", "2026-03-31"), ["Qian"]
        )
        self.assertEqual(
            self._who(self.point, "account_manager", "2026-04-01"), ["Zhang"]
        )

    def test_elements_and_teams(self):
        self.Responsibility.create(
            [
                {
                    "role": "element_manager",
                    "employee_id": self.zhao.id,
                    "element_id": self.feeder.id,
                    "date_from": "2026-01-01",
                },
                {
                    "role": "station_chief",
                    "employee_id": self.qian.id,
                    "department_id": self.station.id,
                    "date_from": "2026-01-01",
                },
            ]
        )
        team = self.env["hr.department"].create(
            {"name": "Team", "power_unit": "team", "parent_id": self.station.id}
        )
        self.assertEqual(self._who(self.transformer, "element_manager"), ["Zhao"])
        self.assertEqual(self._who(team, "team_leader"), ["Qian"])
        leader = self.Responsibility.create(
            {
                "role": "team_leader",
                "employee_id": self.zhang.id,
                "department_id": team.id,
            }
        )
        self.assertEqual(leader.station_id, self.station)
        self.assertEqual(self._who(team, "team_leader"), ["Zhang"])

    def test_one_query_for_many(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "grid_area_id": self.area.id} for n in range(50)]
        )
        self.env.flush_all()
        with self.assertQueryCount(1):
            found = self.Responsibility._get_responsible(
                "res.partner", partners.ids, "account_manager", date(2026, 6, 15)
            )
        self.assertEqual(set(found.values()), {self.zhang})
        with self.assertQueryCount(1):
            rows = self.Responsibility._get_responsibilities(
                "res.partner", partners.ids, "account_manager", date(2026, 6, 15)
            )
        self.assertEqual(set(rows.values()), {self.first})

    def test_a_points_area_is_todays_also_for_a_past_day(self):
        """The limit that docs/customers.md names: an area's history is not kept."""
        area = self._create_area("A9")
        self.Responsibility.create(
            {
                "role": "grid_manager",
                "employee_id": self.zhao.id,
                "grid_area_id": area.id,
                "date_from": "2026-01-01",
            }
        )
        ask = [self.point._name, self.point.ids, "grid_manager", "2026-02-01"]
        before = self.Responsibility._get_responsible(*ask)[self.point.id]
        self.assertEqual(before, self.zhang)
        self.point.grid_area_id = area
        after = self.Responsibility._get_responsible(*ask)[self.point.id]
        self.assertEqual(after, self.zhao)

    def test_search_by_day(self):
        self.first.transfer(self.zhao, "2026-06-01")
        on_area = [("grid_area_id", "=", self.area.id)]
        for day, name in {"2026-05-31": "Zhang", "2026-06-01": "Zhao"}.items():
            rows = self.Responsibility.search([("valid_on", "=", day), *on_area])
            self.assertEqual(rows.employee_id.name, name)
        current = self.Responsibility.search([("is_current", "=", True), *on_area])
        self.assertEqual(current.employee_id, self.zhao)
        past = self.Responsibility.search([("is_current", "=", False), *on_area])
        self.assertEqual(past, self.first)

    # -- people -----------------------------------------------------------------------

    def test_a_manager_who_left_is_shown_and_handed_over(self):
        chief = self.users["supervisor"]
        self.station.manager_id = chief.employee_ids
        self.zhang.active = False
        self.assertTrue(self.area.manager_has_left)
        self.assertIn(
            self.area,
            self.env["power.grid.area"].search([("manager_id.active", "=", False)]),
        )
        self.assertEqual(
            self.Responsibility.search([("has_left", "=", True)]), self.first
        )
        activity = self.area.activity_ids
        self.assertEqual(activity.user_id, chief)
        action = self.area.with_user(chief).action_transfer_manager()
        wizard_model = self.env["power.responsibility.transfer"].with_user(chief)
        with Form(wizard_model.with_context(**action["context"])) as form:
            self.assertEqual(form.responsibility_count, 1)
            form.to_employee_id = self.zhao
            form.date = date(2026, 6, 15)
        form.record.action_transfer()
        self.assertEqual(self.area.manager_id, self.zhao)
        self.assertFalse(self.area.manager_has_left)
        self.assertFalse(self.area.activity_ids)

    def test_a_chief_is_told_in_his_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["power_service_base"], ["zh_CN"]
        )
        chief = self.users["supervisor"]
        chief.lang = "zh_CN"
        self.station.manager_id = chief.employee_ids
        self.zhang.with_context(lang="en_US").active = False
        self.assertIn("移交", str(self.area.activity_ids.note))

    def test_wizard_hands_over_everything_of_one_role(self):
        self.area_other.manager_id = self.zhang
        self.customer.account_manager_id = self.zhang
        wizard = self.env["power.responsibility.transfer"].create(
            {
                "from_employee_id": self.zhang.id,
                "to_employee_id": self.zhao.id,
                "date": "2026-06-20",
                "role": "grid_manager",
            }
        )
        self.assertEqual(wizard.responsibility_count, 2)
        wizard.action_transfer()
        self.assertEqual(
            self._rows("account_manager", partner_id=self.customer),
            [("Zhang", date(2026, 6, 15), False)],
        )
        self.assertEqual(len(self._rows(grid_area_id=self.area_other)), 2)
        wizard.responsibility_ids = False
        with self.assertRaisesRegex(UserError, "nothing to transfer"):
            wizard.action_transfer()

    def test_department_of_a_day_comes_from_the_versions(self):
        team = self.env["hr.department"].create(
            {"name": "Team", "power_unit": "team", "parent_id": self.station_other.id}
        )
        self.zhang.version_id.date_version = "2026-01-01"
        self.zhang.create_version(
            {"date_version": "2026-06-01", "department_id": team.id}
        )
        both = self.zhang | self.zhao
        self.zhao.version_id.date_version = "2026-01-01"
        self.env.flush_all()
        with self.assertQueryCount(1):
            units = both._get_power_units(date(2026, 5, 31))
        self.assertEqual(units[self.zhang.id], (self.station, self.station))
        units = both._get_power_units("2026-06-01")
        self.assertEqual(units[self.zhang.id], (team, self.station_other))
        self.assertEqual(units[self.zhao.id], (self.station, self.station))
        # Before the first version counts the first.
        self.assertEqual(
            self.zhang._get_power_units("2020-01-01")[self.zhang.id][0], self.station
        )
        members = self.env["hr.employee"]._get_power_members(
            team | self.station, "2026-06-01"
        )
        self.assertEqual(members[team.id], self.zhang)
        self.assertIn(self.zhao, members[self.station.id])
