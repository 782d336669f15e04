from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import QualityCommon, TicketCommon


@tagged("post_install", "-at_install")
class TestServiceMeeting(QualityCommon, TicketCommon):
    def _meeting(self, **vals):
        return (
            self.env["power.service.meeting"]
            .with_user(self.chief)
            .create(
                {
                    "month": "2026-03-15",
                    "station_id": self.station.id,
                    "chair_id": self.chief.employee_ids.id,
                    "minutes": "<p>All said</p><script>alert(1)</script>",
                    **vals,
                }
            )
        )

    def _figures(self, meeting):
        return {
            figure.name: (figure.value, figure.previous, figure.last_year)
            for figure in meeting.figure_ids
        }

    def test_last_month_is_looked_at_by_default(self):
        # 00:30 of 1 April in China.
        with freeze_time("2026-03-31 16:30"):
            meeting = self.env["power.service.meeting"].with_user(self.chief).new({})
            self.assertEqual(str(meeting.month), "2026-03-01")

    def test_a_month_is_its_first_day_and_has_one_meeting(self):
        meeting = self._meeting()
        self.assertEqual(str(meeting.month), "2026-03-01")
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._meeting()
        meeting.action_cancel("Typhoon")
        self.env.flush_all()
        self._meeting()

    def test_figures_of_the_month_by_the_company_s_midnight(self):
        for at in ("2026-02-28 16:30", "2026-03-31 15:30"):  # 1 March, 31 March
            self._create_ticket("complaint", received_at=at)
        self._create_ticket("enquiry", received_at="2026-03-10 02:00")
        self._create_ticket("enquiry", received_at="2026-02-28 15:30")  # 28 February
        self._create_ticket("enquiry", received_at="2025-03-10 02:00")
        self._create_ticket(
            "enquiry",
            received_at="2026-03-10 02:00",
            supply_point_id=self.point_other.id,
        )
        meeting = self._meeting()
        meeting.action_prepare()
        figures = self._figures(meeting)
        self.assertEqual(figures["Requests"], (3, "1", "1"))
        self.assertEqual(figures["Complaint"], (2, "0", "0"))
        self.assertEqual(figures["Enquiry"], (1, "1", "1"))
        self.assertEqual(figures["Without class"], (2, "0", "0"))
        self.assertEqual(figures["Rectifications overdue now"], (0, False, False))
        requests = meeting.figure_ids.filtered(lambda f: f.name == "Requests")
        self.assertEqual(requests.change, 200)
        self.assertEqual(requests.value_text, "3")

    def test_late_and_repeated_requests_and_quality(self):
        first = self._create_ticket("enquiry", received_at="2026-03-02 02:00")
        self._create_ticket(
            "enquiry", received_at="2026-03-10 02:00", repeat_of_id=first.id
        )
        rectification = self._create_rectification(due_date="2026-03-05")
        rectification.action_open()
        meeting = self._meeting()
        with freeze_time("2026-04-02"):
            meeting.action_prepare()
        figures = self._figures(meeting)
        self.assertEqual(figures["Repeated requests"][0], 1)
        self.assertEqual(figures["Rectifications overdue now"][0], 1)

    def test_confidential_reports_are_not_counted_for_the_station(self):
        self._create_ticket("report", received_at="2026-03-10 02:00")
        meeting = self._meeting()
        meeting.action_prepare()
        self.assertEqual(self._figures(meeting)["Requests"][0], 0)

    def test_held_it_is_frozen(self):
        meeting = self._meeting()
        with self.assertRaises(UserError):
            meeting.action_hold()
        meeting.action_prepare()
        before = self._figures(meeting)
        self._create_ticket("enquiry", received_at="2026-03-10 02:00")
        meeting.action_prepare()
        self.assertEqual(
            self._figures(meeting)["Requests"][0], before["Requests"][0] + 1
        )
        meeting.action_hold()
        self.assertTrue(meeting.held_at)
        self.assertNotIn("<script>", meeting.minutes)
        for call in (
            meeting.action_prepare,
            lambda: meeting.write({"minutes": "Other words"}),
            lambda: meeting.write({"month": "2026-01-01"}),
            lambda: self._decide(meeting),
            meeting.sudo().unlink,
        ):
            with self.assertRaises(UserError):
                call()
        with self.assertRaises(AccessError):
            meeting.figure_ids[0].value = 0

    def _decide(self, meeting, **vals):
        return (
            self.env["power.service.meeting.decision"]
            .with_user(self.chief)
            .create({"meeting_id": meeting.id, "name": "Train the counter", **vals})
        )

    def test_a_decision_becomes_one_rectification(self):
        meeting = self._meeting()
        decision = self._decide(meeting, owner_id=self.worker.id)
        with self.assertRaisesRegex(UserError, "until when"):
            decision.action_make_rectification()
        decision.due_date = "2026-04-20"
        decision.action_make_rectification()
        decision.action_make_rectification()
        rectification = decision.rectification_id
        self.assertEqual(decision.rectification_count, 1)
        self.assertEqual(
            (rectification.state, rectification.origin), ("open", "meeting")
        )
        with self.assertRaises(UserError):
            decision.name = "Something else"
        other = self._decide(
            meeting, owner_id=self.worker.id, due_date="2026-04-30", name="Second"
        )
        noted = self._decide(meeting, name="Noted")
        meeting.action_prepare()
        meeting.action_hold()
        self.assertTrue(other.rectification_id)
        self.assertFalse(noted.rectification_id)

    def test_staff_neither_prepare_nor_hold(self):
        meeting = self._meeting().with_user(self.users["staff"])
        for call in (meeting.action_prepare, meeting.action_hold):
            with self.assertRaises(AccessError):
                call()

    def test_the_minutes_are_one_document(self):
        meeting = self._meeting()
        self._decide(meeting)
        meeting.action_prepare()
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "power_service_tickets.report_power_service_meeting", meeting.ids
            )[0]
            .decode()
        )
        self.assertEqual(html.count('class="article'), 1)
        for text in ("Train the counter", "Requests", "All said", "2026-03"):
            with self.subTest(text=text):
                self.assertIn(text, html)

    def test_preparing_costs_the_same_for_1_and_for_50_tickets(self):
        meeting = self._meeting()
        vals = {
            "subject": "x",
            "type_id": self.types["enquiry"].id,
            "received_at": "2026-03-10 02:00",
            "supply_point_id": self.point.id,
        }

        def queries(count):
            self.env["power.ticket"].create([vals] * count)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            meeting._prepare_figures()
            return self.cr.sql_log_count - start

        queries(1)
        self.assertEqual(queries(1), queries(50))
