"""A Chinese station's calendar for the tests of working time."""

from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

MORNING, AFTERNOON = (8.5, 12), (14, 17.5)


def china(text):
    """Naive UTC of a time on Chinese clocks."""
    return datetime.fromisoformat(text) - timedelta(hours=8)


class WorkingTimeCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar()
        cls.always = cls.env.ref("power_service_base.resource_calendar_always")
        cls.staff = new_test_user(
            cls.env, "working_staff", "power_service_base.group_power_staff"
        )
        cls.manager = new_test_user(
            cls.env, "working_manager", "power_service_base.group_power_manager"
        )

    @classmethod
    def _create_calendar(cls, spans=(MORNING, AFTERNOON), days=range(5), **vals):
        return cls.env["resource.calendar"].create(
            {
                "name": "Counter",
                "tz": "Asia/Shanghai",
                "company_id": False,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": f"{day} {start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning" if end <= 12 else "afternoon",
                        }
                    )
                    for day in days
                    for start, end in spans
                ],
                **vals,
            }
        )

    def _add_exception(self, day, is_workday=False, calendar=None, **vals):
        return self.env["power.calendar.exception"].create(
            {
                "calendar_id": (calendar or self.calendar).id,
                "date": day,
                "is_workday": is_workday,
                "own_name": "By hand",
                **vals,
            }
        )

    def _exceptions(self, calendar=None):
        return {
            item.date: item.is_workday
            for item in (calendar or self.calendar).exception_ids
        }

    def _deadline(self, start, days, calendar=None):
        return (calendar or self.calendar).add_working_days(china(start), days)
