from odoo.tests import HttpCase, tagged

from .common import TicketCommon


@tagged("post_install", "-at_install")
class TestPortalTicketTour(HttpCase, TicketCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_complain_answer_rate_reopen(self):
        self.env["res.lang"]._activate_lang("en_US")
        (self.portal | self.users["staff"]).partner_id.lang = "en_US"
        self.start_tour(
            "/my", "power_service_portal_request_complain", login="test_portal"
        )
        ticket = self.env["power.ticket"].search(
            [("reporter_id", "=", self.portal.partner_id.id)]
        )
        self.assertEqual(ticket.subject, "The meter runs too fast")
        self.assertEqual(ticket.event_ids.proof_ids.mimetype, "image/png")
        self.browser_size, self.touch_enabled = "1366x768", False
        self.start_tour(
            f"/odoo/action-power_service_tickets.power_ticket_action/{ticket.id}",
            "power_service_portal_request_reply",
            login="test_staff",
        )
        # The customer has it once another person has found it right.
        self.assertFalse(ticket.answered_at)
        ticket.with_user(self.users["supervisor"]).review(True, True, True)
        self.assertTrue(ticket.answered_at)
        self.browser_size, self.touch_enabled = "390x844", True
        self.start_tour(
            "/my/requests", "power_service_portal_request_reopen", login="test_portal"
        )
        self.assertEqual(ticket.satisfaction_ids.satisfaction, "unsatisfied")
        self.assertEqual(ticket.cycle, 2)
        self.assertTrue(ticket.is_open)
