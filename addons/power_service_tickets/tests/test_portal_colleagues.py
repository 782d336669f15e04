"""Who of an organisation sees whose requests in the portal."""

from odoo.tests import tagged

from .test_portal_tickets import PortalTicketCommon


@tagged("post_install", "-at_install")
class TestPortalTicketColleagues(PortalTicketCommon):
    def _make(self, user, **data):
        self._login(user.login)
        return self._made(self._new(supply_point=self.point_factory.id, **data))

    def _seen(self, user):
        """What a user sees by page and by record rule, which say the same."""
        self._login(user.login)
        listed = self._listed()
        ruled = set(
            self.env["power.ticket"].with_user(user).search([]).mapped("subject")
        )
        self.assertEqual(listed, ruled)
        return listed

    def test_own_only_until_the_main_contact_shares(self):
        ticket = self._make(self.clerk, subject="By clerk")
        self.assertEqual(ticket.partner_id, self.organisation)
        self.assertEqual(ticket.reporter_id, self.clerk.partner_id)
        self._make(self.boss, subject="By boss")
        self._create_ticket(subject="By phone", supply_point_id=self.point_factory.id)
        self.env.flush_all()
        self.assertEqual(self._seen(self.clerk), {"By clerk"})
        self.assertEqual(self._seen(self.boss), {"By boss", "By phone"})
        # The clerk has no say, the boss has.
        self._login(self.clerk.login)
        self._post("/my/requests/sharing", shared="yes")
        self.assertFalse(self.organisation.power_shares_tickets)
        self._login(self.boss.login)
        self.assertIn("Your colleagues", self._get("/my/requests").text)
        self._post("/my/requests/sharing", shared="yes")
        self.env.invalidate_all()
        self.assertTrue(self.organisation.power_shares_tickets)
        everything = {"By clerk", "By boss", "By phone"}
        self.assertEqual(self._seen(self.clerk), everything)
        self.assertEqual(self._seen(self.boss), everything)
        self.assertIn("sees all its requests", self._get("/my/requests").text)
        self._post("/my/requests/sharing", shared="no")
        self.env.invalidate_all()
        self.assertEqual(self._seen(self.clerk), {"By clerk"})
        self.assertEqual(self._seen(self.portal), {"Meter reads wrong"})

    def test_reports_of_wrongdoing_are_the_reporters(self):
        self.organisation.power_shares_tickets = True
        report = self._make(self.clerk, type="report", subject="Bribe")
        self.assertTrue(report.is_confidential)
        self.assertEqual(self._seen(self.clerk), {"Bribe"})
        self.assertEqual(self._seen(self.boss), set())
        for name in ("staff", "supervisor"):
            tickets = self.env["power.ticket"].with_user(self.users[name])
            self.assertFalse(tickets.search([("id", "=", report.id)]))
        tickets = self.env["power.ticket"].with_user(self.users["quality"])
        self.assertTrue(tickets.search([("id", "=", report.id)]))

    def test_main_contact_is_of_the_own_people(self):
        with self.assertRaisesRegex(Exception, "own people"):
            self.organisation.power_main_contact_id = self.customer

    def test_staff_may_set_it(self):
        organisation = self.organisation.with_user(self.users["staff"])
        organisation.power_shares_tickets = True
        self.assertTrue(self.organisation.power_shares_tickets)
