from odoo.tests import HttpCase, tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestPortalTour(HttpCase, PowerServiceCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_customer_asks_for_a_new_phone_and_staff_approve(self):
        self.env["res.lang"]._activate_lang("en_US")
        (self.portal | self.users["staff"]).partner_id.lang = "en_US"
        self.start_tour("/my", "power_service_portal_contact_data", login="test_portal")
        self.assertEqual(self.customer.preferred_channel, "visit")
        request = self.env["power.customer.change.request"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(request.new_value, "+8613800000009")
        self.assertEqual(self.customer.phone, "+8613800000001")
        self.start_tour(
            "/odoo/power-change-requests",
            "power_service_change_request_approve",
            login="test_staff",
        )
        self.assertEqual(request.state, "approved")
        self.assertEqual(self.customer.phone, "+8613800000009")
