"""Dates of a company whose working schedule nobody has set a time zone for."""

from datetime import date

from odoo.tests import freeze_time, tagged

from .common import QualityCommon, TicketCommon

# 02:00 on 1 September in China, still August in UTC
NIGHT = "2026-08-31 18:00:00"


@tagged("post_install", "-at_install")
class TestTicketDates(TicketCommon):
    def test_a_complaint_at_night_is_of_chinas_day(self):
        self.company.resource_calendar_id.tz = "UTC"
        with freeze_time(NIGHT):
            ticket = self._create_ticket("complaint")
        self.assertEqual(ticket.occurred_on, date(2026, 9, 1))
        row = self.env["power.ticket.analysis"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual(row.received_on, date(2026, 9, 1))

    def test_a_company_elsewhere_has_its_own_day(self):
        self.company.resource_calendar_id.tz = "America/New_York"
        with freeze_time(NIGHT):
            ticket = self._create_ticket("complaint")
        self.assertEqual(ticket.occurred_on, date(2026, 8, 31))
        row = self.env["power.ticket.analysis"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual(row.received_on, date(2026, 8, 31))


@tagged("post_install", "-at_install")
class TestQualityDates(QualityCommon):
    def test_rectification_is_due_and_late_by_chinas_day(self):
        self.company.resource_calendar_id.tz = "UTC"
        with freeze_time("2026-08-20 04:00:00"):
            record = self._create_rectification(due_date="2026-08-31")
            record.with_user(self.users["staff"]).action_open()
        with freeze_time("2026-08-31 15:59:00"):
            self._run_cron("ir_cron_rectification_climb")
        before = record.escalation_ids
        with freeze_time(NIGHT):
            self._run_cron("ir_cron_rectification_climb")
            self._submit(record, self.users["field"], "Replaced")
        self.assertGreater(len(record.escalation_ids), len(before))
        self.assertTrue(record.is_done_late)

    def test_month_of_a_meeting_begins_at_chinas_midnight(self):
        self.company.resource_calendar_id.tz = "UTC"
        meeting = self.env["power.service.meeting"].new({"company_id": self.company.id})
        start, end = meeting._get_period(date(2026, 9, 1))
        self.assertEqual(
            [f"{moment:%m-%d %H:%M}" for moment in (start, end)],
            ["08-31 16:00", "09-30 16:00"],
        )
