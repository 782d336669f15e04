"""A ticket on paper: what staff may see of it, in the reader's language."""

from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_complaint import ComplaintCommon

REPORT = "power_service_tickets.report_power_ticket"


@tagged("post_install", "-at_install")
class TestTicketReport(ComplaintCommon):
    def _print(self, tickets, user="staff", **context):
        reports = self.env["ir.actions.report"].with_user(self.users[user])
        reports = reports.with_context(**context)
        return html.fromstring(reports._render_qweb_html(REPORT, tickets.ids)[0])

    def test_it_says_who_what_promised_and_what_happened(self):
        ticket = self._create_complaint(
            description="<script>He</script> shouted", contact_phone="+8613800000009"
        )
        ticket.with_user(self.users["staff"]).accept("On it")
        ticket.with_user(self.users["staff"]).answer("We are sorry")
        text = self._print(ticket).text_content()
        self.assertNotIn("Answer", self._get_titles(ticket), "it waits for its review")
        ticket.with_user(self.users["supervisor"]).review(True, True, True)
        text = self._print(ticket).text_content()
        for expected in (
            ticket.name,
            ticket.subject,
            self.customer.name,
            self.point.name,
            "+8613800000009",
            "<script>He</script> shouted",
            ticket.clock_ids.policy_id[:1].name,
            "On it",
            "We are sorry",
        ):
            self.assertIn(expected, text)
        self.assertIn("Answer", self._get_titles(ticket))

    def _get_titles(self, tickets, **context):
        return self._print(tickets, **context).xpath("//h4/text()")

    def test_one_document_for_several(self):
        tickets = self._create_complaint() | self._create_ticket()
        tree = self._print(tickets)
        self.assertEqual(len(tree.find_class("article")), 1)
        self.assertEqual(len(tree.find_class("o_power_ticket_facts")), 2)

    def test_cycles_are_said_after_a_reopening(self):
        ticket = self._create_ticket()
        self.assertFalse(self._print(ticket).xpath("//th[text()='Cycle']"))
        ticket.answer("0.538 yuan")
        ticket.reopen("The price was wrong")
        tree = self._print(ticket)
        self.assertTrue(tree.xpath("//th[text()='Cycle']"))
        self.assertNotIn("Answer", self._get_titles(ticket))

    def test_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search(
            [("name", "=", "power_service_tickets")]
        )._update_translations(["zh_CN"])
        titles = self._get_titles(self._create_complaint(), lang="zh_CN")
        self.assertEqual(titles, ["承诺", "历史记录"])

    def test_anonymous_stays_anonymous(self):
        ticket = self._create_complaint(is_anonymous=True)
        text = self._print(ticket).text_content()
        self.assertIn("Anonymous", text)
        self.assertNotIn(self.customer.name, text)

    def test_a_confidential_one_is_quality_s_only(self):
        report = self._create_ticket("report", description="He takes money")
        text = self._print(report, "quality").text_content()
        self.assertIn("He takes money", text)
        for user in ("staff", "supervisor", "field"):
            with self.subTest(user), self.assertRaises(AccessError):
                self._print(report, user)

    def test_another_station_s_is_not_printed(self):
        ticket = self._create_ticket(supply_point_id=self.point_other.id)
        with self.assertRaises(AccessError):
            self._print(ticket, "staff")
