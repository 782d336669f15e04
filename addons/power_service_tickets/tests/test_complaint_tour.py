"""A complaint in the browser, from the reply to the end."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintTour(ComplaintCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        (cls.users["staff"] | cls.users["supervisor"]).write({"lang": "en_US"})
        cls.env["power.ticket.callback"].search([("state", "=", "open")])._end(
            "cancelled", "ended", {}
        )
        cls.rule.quiet_ids = [fields.Command.clear()]
        cls.ticket = cls._create_complaint(subject="Rude meter reader")
        cls.ticket.responsible_employee_id = cls.users["staff"].employee_ids

    def _tour(self, name, user, path=None):
        path = path or (
            f"/odoo/action-power_service_tickets.power_ticket_action/{self.ticket.id}"
        )
        self.start_tour(path, name, login=f"test_{user}")
        self.env.invalidate_all()

    def test_from_reply_to_closed(self):
        self._tour("power_complaint_reply", "staff")
        self.assertEqual(self.ticket.review_state, "to_review")
        self._tour("power_complaint_send_back", "supervisor")
        self.assertEqual(self.ticket.sent_back_count, 1)
        self._tour("power_complaint_reply", "staff")
        self._tour("power_complaint_pass", "supervisor")
        self.assertEqual(self.ticket.review_state, "passed")
        self.assertTrue(self.ticket.is_responsible)
        self.assertEqual(self.ticket.rectification_count, 1)
        self.ticket._plan_callbacks()
        self._tour(
            "power_complaint_call_back",
            "staff",
            "/odoo/action-power_service_tickets.power_ticket_callback_action",
        )
        self.assertEqual(self.ticket.satisfaction, "satisfied")
        self._tour("power_complaint_close", "staff")
        self.assertFalse(self.ticket.is_open)
