"""The duty calendar in the browser: what it lacks is seen, or one click away."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestDutyTour(QualityCommon, HttpCase):
    def test_double_bookings_are_red_and_the_check_opens(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.chief.lang = "en_US"
        start = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        self.env["power.duty.shift"].create(
            [
                {
                    "employee_id": self.worker.id,
                    "station_id": self.station.id,
                    "role": role,
                    "start_at": start,
                    "end_at": start + timedelta(hours=2),
                }
                for role in ("officer", "repair")
            ]
        )
        self.start_tour("/odoo/duty-roster", "power_duty_calendar", login="test_chief")
