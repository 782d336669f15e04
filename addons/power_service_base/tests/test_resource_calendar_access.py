"""Who may count by, read and change a calendar."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, users

from .working_time_common import WorkingTimeCommon, china


class TestAccess(WorkingTimeCommon):
    @users("working_staff")
    def test_staff_counts_and_reads(self):
        calendar = self.calendar.with_env(self.env)
        self.assertEqual(
            calendar.add_working_days(china("2026-06-15 09:00"), 1),
            china("2026-06-16 17:30"),
        )
        self.env["power.calendar.exception"].search([]).mapped("name")
        self.env["power.calendar.year"].search([]).mapped("state")

    @users("working_staff")
    def test_staff_changes_nothing(self):
        calendar = self.calendar.with_env(self.env)
        exceptions = self.env["power.calendar.exception"]
        exception = exceptions.sudo().create(
            {"calendar_id": calendar.id, "date": "2026-06-16", "name": "x"}
        )
        exception = exceptions.browse(exception.id)
        year = self.env["power.calendar.year"]
        for call in (
            lambda: calendar.load_cn_holidays(2026),
            lambda: calendar.write({"tz": "UTC"}),
            lambda: exception.write({"name": "x"}),
            lambda: exception.unlink(),
            lambda: exception.create(
                {"calendar_id": calendar.id, "date": "2026-06-17", "name": "x"}
            ),
            lambda: year.create({"calendar_id": calendar.id, "year": 2026}),
            lambda: self.env["power.calendar.load"].create({"year": 2026}),
        ):
            with self.assertRaises(AccessError):
                call()

    @users("working_manager")
    def test_manager_changes_all(self):
        calendar = self.calendar.with_env(self.env)
        calendar.load_cn_holidays(2026)
        calendar.write({"name": "Renamed", "tz": "Asia/Shanghai"})
        calendar.attendance_ids[0].hour_to = 11
        leave = self.env["resource.calendar.leaves"].create(
            {
                "calendar_id": calendar.id,
                "date_from": "2026-06-16 00:00:00",
                "date_to": "2026-06-16 01:00:00",
            }
        )
        leave.date_to = "2026-06-16 02:00:00"
        leave.unlink()
        exception = self.env["power.calendar.exception"].create(
            {"calendar_id": calendar.id, "date": "2026-06-16", "name": "x"}
        )
        exception.is_workday = True
        exception.unlink()
        calendar.holiday_year_ids.action_mark_missing()
        calendar.holiday_year_ids.action_load_library()
        self.assertEqual(calendar.holiday_year_ids.state, "loaded")

    def test_personnel_officers_keep_their_calendars(self):
        """Those who keep calendars in Odoo but have no power group go on doing so."""
        self.calendar.load_cn_holidays(2026)
        officer = new_test_user(self.env, "working_officer", "hr.group_hr_user")
        calendar = self.calendar.with_user(officer)
        calendar.attendance_ids[0].hour_to = 11
        calendar.tz = "Asia/Shanghai"
        copy = calendar.copy()
        self.assertEqual(self._exceptions(copy.sudo()), self._exceptions())
        copy.unlink()
        self.env.cr.flush()
        # All that they may see, as other systems read it.
        self.assertNotIn("exception_ids", calendar.read()[0])

    def test_other_companies_are_hidden(self):
        company = self.env["res.company"].create({"name": "Other"})
        calendar = self._create_calendar(company_id=company.id)
        calendar.load_cn_holidays(2026)
        for model in ("power.calendar.exception", "power.calendar.year"):
            records = self.env[model].with_user(self.manager)
            self.assertFalse(records.search([("calendar_id", "=", calendar.id)]))
            foreign = self.env[model].search([("calendar_id", "=", calendar.id)])
            with self.assertRaises(AccessError):
                foreign[:1].with_user(self.manager).read(["calendar_id"])

    def test_portal_sees_nothing(self):
        portal = new_test_user(self.env, "working_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.calendar.with_user(portal).add_working_days("2026-06-15 01:00:00", 1)
        for model in ("power.calendar.exception", "power.calendar.year"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])
