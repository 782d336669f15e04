"""A station's day begins at its own midnight, not at that of China or of the server."""

from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.power_service_base.hooks import post_init_hook

from .common import PowerServiceCommon

# Noon of the 16th in China, 23:00 of the 15th in New York
NOON = "2026-06-16 03:00:00"
# An hour and a half later it is the 16th in New York too.
LATER = "2026-06-16 04:30:00"


@tagged("post_install", "-at_install")
class TestStationTime(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.station_other.duty_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Far away", "tz": "America/New_York"}
        )
        cls.new_customer = cls.env["res.partner"].create(
            {"name": "New occupant", "is_power_customer": True}
        )

    def _run(self, name):
        with self.enter_registry_test_mode():
            cron = self.env.ref(f"power_service_base.{name}")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def test_today_is_that_of_the_station_else_of_the_company(self):
        with freeze_time(NOON):
            self.assertEqual(self.station_other._get_local_today(), date(2026, 6, 15))
            # Nobody has set the company's time zone: a station in China.
            self.assertEqual(self.station._get_local_today(), date(2026, 6, 16))
        self.company.resource_calendar_id.tz = "America/Los_Angeles"
        with freeze_time(LATER):
            self.assertEqual(self.station._get_local_today(), date(2026, 6, 15))
            self.assertEqual(
                self.env["power.calendar.year"]._get_today(), date(2026, 6, 15)
            )

    def test_company_schedules_are_in_chinas_time(self):
        user = self.env["res.users"].create({"name": "Founder", "login": "founder"})
        company = self.env["res.company"].with_user(user).sudo()
        for own, context, expected in (
            (False, {}, "Asia/Shanghai"),
            ("UTC", {}, "Asia/Shanghai"),
            ("Asia/Urumqi", {}, "Asia/Urumqi"),
            (False, {"tz": "Asia/Tokyo"}, "Asia/Tokyo"),
        ):
            with self.subTest(own=own, context=context):
                user.tz = own
                made = company.with_context(**{"tz": False, **context}).create(
                    {"name": f"Supply of {own} {context}"}
                )
                self.assertEqual(made.resource_calendar_id.tz, expected)

    def test_installation_sets_chinas_time_and_invitations(self):
        calendar = self.company.resource_calendar_id
        shared = calendar.copy({"company_id": False})
        away = calendar.copy({"tz": "America/New_York"})
        self.assertEqual((calendar.tz, shared.tz), ("UTC", "UTC"))
        users = self.env["res.users"]
        self.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        post_init_hook(self.env)
        self.assertEqual(users._get_signup_invitation_scope(), "b2b")
        self.assertEqual(calendar.tz, "Asia/Shanghai")
        self.assertEqual((shared.tz, away.tz), ("UTC", "America/New_York"))
        self.assertEqual(
            self.env["ir.module.module"].get_module_info("power_service_base")[
                "post_init_hook"
            ],
            "post_init_hook",
        )

    def test_a_team_has_the_day_of_its_station(self):
        team = self.env["hr.department"].create(
            {"name": "T", "power_unit": "team", "parent_id": self.station_other.id}
        )
        with freeze_time(NOON):
            self.assertEqual(team._get_local_today(), date(2026, 6, 15))

    def test_customers_change_at_the_stations_midnight(self):
        with freeze_time("2026-06-01 12:00:00"):
            for point, contract in (
                (self.point, self.contract),
                (self.point_other, self.contract_other),
            ):
                contract.date_to = "2026-06-15"
                self.env["power.supply.contract"].create(
                    {
                        "partner_id": self.new_customer.id,
                        "supply_point_id": point.id,
                        "date_from": "2026-06-16",
                    }
                )
        old = self.customer_other
        self.assertEqual(self.point_other.partner_id, old)
        with freeze_time(NOON):
            self._run("ir_cron_refresh_customers")
            self.assertEqual(self.point.partner_id, self.new_customer)
            self.assertEqual(self.point_other.partner_id, old)
            self.assertFalse(self.contract.is_current)
            self.assertTrue(self.contract_other.is_current)
            # A write refreshes by the same day as the job.
            self.contract_other.name = "Renamed"
            self.point_other._refresh_customer()
            self.assertEqual(self.point_other.partner_id, old)
        with freeze_time(LATER):
            self._run("ir_cron_refresh_customers")
            self.assertEqual(self.point_other.partner_id, self.new_customer)

    def test_managers_and_members_change_at_the_stations_midnight(self):
        first, second = self.env["hr.employee"].create(
            [{"name": "First"}, {"name": "Second"}]
        )
        with freeze_time("2026-06-01 12:00:00"):
            self.env["power.responsibility"].create(
                [
                    {
                        "role": role,
                        "employee_id": employee.id,
                        "grid_area_id": area.id,
                        "date_from": start,
                        "date_to": end,
                    }
                    for area in (self.area, self.area_other)
                    for role in ("grid_manager", "grid_member")
                    for employee, start, end in (
                        (first, "2026-01-01", "2026-06-15"),
                        (second, "2026-06-16", False),
                    )
                ]
            )
        with freeze_time(NOON):
            self._run("ir_cron_refresh_responsible")
            self.assertEqual(self.area.manager_id, second)
            self.assertEqual(self.area.member_ids, second)
            self.assertEqual(self.area_other.manager_id, first)
            self.assertEqual(self.area_other.member_ids, first)
            current = self.area_other.responsibility_ids.filtered("is_current")
            self.assertEqual(current.employee_id, first)
        with freeze_time(LATER):
            self._run("ir_cron_refresh_responsible")
            self.assertEqual(self.area_other.manager_id, second)
            self.assertEqual(self.area_other.member_ids, second)

    def test_jobs_of_the_day_run_each_hour(self):
        for name in ("ir_cron_refresh_customers", "ir_cron_refresh_responsible"):
            cron = self.env.ref(f"power_service_base.{name}")
            self.assertEqual(
                (cron.interval_number, cron.interval_type), (1, "hours"), name
            )
