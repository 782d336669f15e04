"""What the portal says of a promise besides its time."""

from lxml import html

from odoo.tests import tagged

from .test_portal_tickets import PortalTicketCommon


@tagged("post_install", "-at_install")
class TestPortalPromises(PortalTicketCommon):
    def _get_promises(self):
        self.env.flush_all()
        (promises,) = html.fromstring(self._page(self.ticket)).find_class(
            "o_power_promises"
        )
        return promises.text_content()

    def test_provisional_as_long_as_it_may_change(self):
        """A deadline in a year whose holidays are not known yet is marked so."""
        self._login()
        self.ticket.clock_ids.is_provisional = False
        self.assertNotIn("provisional", self._get_promises())
        self._clock(self.ticket, "contacted").is_provisional = True
        self.assertEqual(self._get_promises().count("(provisional)"), 1)
        # What is over doesn't change with holidays any more.
        self.ticket.contact("Called")
        self.ticket.clock_ids.is_provisional = False
        self._clock(self.ticket, "contacted").is_provisional = True
        self.assertNotIn("provisional", self._get_promises())
