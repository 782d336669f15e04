"""Many tickets at once cost what a few cost: grave ones, and edits by hand."""

from urllib.parse import parse_qs, urlsplit

from lxml import html

from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import TicketCommon
from .test_ticket_trace import TraceMixin


class BulkMixin(TraceMixin):
    """How much work on many tickets costs."""

    def _count(self, work):
        """Queries of a request that does ``work``, with all that follows at its end."""
        self._flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self._flush()
        return self.env.cr.sql_log_count - before

    def _create_many(self, count, code="complaint", user=None, **vals):
        tickets = self._traced(
            self.env["power.ticket"].with_user(user or self.env.user)
        )
        return tickets.create(
            [
                {
                    "subject": f"Fallen line {number}",
                    "type_id": self.types[code].id,
                    "supply_point_id": self.point.id,
                    **vals,
                }
                for number in range(count)
            ]
        )


class BulkCommon(BulkMixin, TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._create_user(
            "chief", "power_service_base.group_power_supervisor"
        )
        cls.company.write({"email": "service@example.com", "phone": "95598"})
        cls.station.manager_id = cls.chief.employee_ids
        cls.quality = cls.users["quality"]


@tagged("post_install", "-at_install")
class TestManyGraveTickets(MockEmail, BulkCommon):
    def _get_notified(self, ticket):
        return self.env["mail.notification"].search(
            [
                ("mail_message_id.model", "=", "power.ticket"),
                ("mail_message_id.res_id", "=", ticket.id),
            ]
        )

    def test_taking_in_costs_the_same_for_1_and_50(self):
        cases = [
            ("complaint", "has_injury", "email"),
            ("complaint", "has_media", "inbox"),
            ("fault", "has_injury", "email"),
        ]
        for code, flag, way in cases:
            with self.subTest(code=code, flag=flag, way=way):
                (self.chief | self.quality).notification_type = way
                counts = []
                for count in (1, 1, 50):
                    counts.append(
                        self._count(
                            lambda count=count, code=code, flag=flag: self._create_many(
                                count, code, self.users["staff"], **{flag: True}
                            )
                        )
                    )
                # Few messages are shown in the inbox at once, many are not.
                self.assertLessEqual(counts[2], counts[1])
                self.assertLessEqual(counts[2], 90)

    def test_each_is_told_of_as_a_single_one_is(self):
        self.quality.notification_type = "inbox"
        tickets = self._create_many(3, has_injury=True)
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertTrue(
            self.env["ir.cron.trigger"].search([("cron_id", "=", queue.id)], limit=1)
        )
        for ticket in tickets:
            self.assertTrue(ticket.leaders_told_at)
            self.assertEqual(ticket.activity_ids.user_id, self.chief | self.quality)
            notified = self._get_notified(ticket)
            ways = {
                notification.res_partner_id: notification.notification_type
                for notification in notified
            }
            self.assertEqual(ways[self.chief.partner_id], "email")
            self.assertEqual(ways[self.quality.partner_id], "inbox")
            self.assertEqual(len(notified), 2)
            message = notified.mail_message_id
            self.assertEqual(set(message.mapped("message_type")), {"user_notification"})
            self.assertTrue(all(message.mapped("is_internal")))
            self.assertEqual(
                set(message.mapped("subject")), {f"Personal injury: {ticket.name}"}
            )
            mail = self.env["mail.mail"].search(
                [("mail_message_id", "in", message.ids)]
            )
            self.assertEqual(mail.recipient_ids, self.chief.partner_id)
            self.assertEqual(mail.state, "outgoing")
            self.assertIn(ticket.subject, mail.body_html)
            self._assert_layout(mail, ticket, "Open the ticket")

    def _assert_layout(self, mail, ticket, button):
        """Odoo's own layout: a button to the ticket, and the company's footer."""
        page = html.fromstring(mail.body_html)
        links = {
            link.text_content().strip(): urlsplit(link.get("href"))
            for link in page.iter("a")
        }
        self.assertIn(button, links)
        self.assertEqual(links[button].path, "/mail/view")
        self.assertEqual(
            parse_qs(links[button].query),
            {"model": ["power.ticket"], "res_id": [str(ticket.id)]},
        )
        self.assertNotIn("Internal communication", page.text_content())
        for text in (self.company.name, self.company.email, self.company.phone):
            self.assertIn(text, page.text_content())

    def test_each_reads_it_in_the_own_language(self):
        self.chief.lang = "zh_CN"
        self.quality.lang = "en_US"
        ticket = self._create_many(1, has_injury=True)
        mails = self.env["mail.mail"].search(
            [("mail_message_id.res_id", "=", ticket.id)]
        )
        found = {mail.recipient_ids: mail for mail in mails}
        for user, button, subject in (
            (self.chief, "打开工单", "人身伤害"),
            (self.quality, "Open the ticket", "Personal injury"),
        ):
            with self.subTest(lang=user.lang):
                mail = found[user.partner_id]
                self._assert_layout(mail, ticket, button)
                self.assertIn(subject, mail.subject)

    def test_the_mail_says_in_the_end_that_it_left(self):
        ticket = self._create_many(1, has_injury=True)
        mails = self.env["mail.mail"].search(
            [("mail_message_id.res_id", "=", ticket.id), ("state", "=", "outgoing")]
        )
        self.assertTrue(mails)
        with self.mock_mail_gateway():
            mails.send()
        self.assertEqual(
            set(self._get_notified(ticket).mapped("notification_status")), {"sent"}
        )

    def test_what_a_subject_says_is_text(self):
        ticket = self._create_many(1, has_injury=True, subject="<b>Fire</b><script>")
        mail = self.env["mail.mail"].search(
            [("mail_message_id.res_id", "=", ticket.id)]
        )
        self.assertIn("&lt;b&gt;Fire", mail.body_html)
        self.assertNotIn("<script", mail.body_html)
        self.assertNotIn("<b>", mail.mail_message_id.body)

    def test_nobody_hears_of_a_ticket_that_they_may_not_see(self):
        outsider = self._create_user(
            "outsider", "power_service_base.group_power_staff", self.station_other
        )
        rule = self.env.ref("power_service_tickets.power_complaint_rule_shared")
        rule.told_user_ids = outsider
        tickets = self._create_many(2, has_injury=True)
        there = self._create_many(
            1,
            has_injury=True,
            supply_point_id=False,
            station_id=self.station_other.id,
        )
        for ticket in tickets:
            self.assertNotIn(outsider, ticket.activity_ids.user_id)
            self.assertNotIn(
                outsider.partner_id, self._get_notified(ticket).res_partner_id
            )
        self.assertIn(outsider, there.activity_ids.user_id)


@tagged("post_install", "-at_install")
class TestManyEdits(BulkCommon):
    """One edit by hand of many tickets, with the trace of what was before."""

    def _get_edits(self):
        """What staff edit on a ticket: (fields, most queries for any number)."""
        other = self.categories["complaint_service_attitude"]
        return [
            ({"subject": "New"}, 12),
            ({"description": "New"}, 12),
            ({"contact_phone": "+8613800000008"}, 12),
            ({"contact_name": "Li"}, 12),
            ({"contact_email": "li@example.com"}, 12),
            ({"priority": "2"}, 20),
            ({"channel": "letter"}, 20),
            ({"is_green_channel": True}, 20),
            ({"region_type": "remote"}, 20),
            ({"customer_class": "hv_dual"}, 20),
            ({"category_id": other.id}, 30),
            ({"partner_id": self.customer_other.id}, 30),
            ({"supply_point_id": self.point_other.id}, 30),
            ({"station_id": self.station_other.id}, 30),
            ({"user_id": self.users["staff"].id}, 50),
            ({"is_anonymous": True}, 30),
            ({"occurred_on": "2026-03-01"}, 12),
            ({"finding": "responsible"}, 12),
            ({"prohibition": "1"}, 12),
            ({"complaint_grade": "important"}, 20),
            ({"has_injury": True}, 70),
            ({"has_media": True}, 70),
            ({"complaint_grade": "special"}, 70),
            # The ORM inserts 100 rows in a statement: of these two per ticket.
            ({"subject": "New", "contact_name": "Li", "priority": "2"}, 25),
        ]

    def test_each_costs_the_same_for_2_and_50(self):
        for vals, most in self._get_edits():
            with self.subTest(vals):
                counts = []
                for count in (2, 2, 50):
                    tickets = self._create_many(count)
                    counts.append(self._count(lambda t=tickets, v=vals: t.write(v)))
                self.assertLessEqual(counts[2], counts[1])
                self.assertLessEqual(counts[2], most)

    def test_each_ticket_has_its_own_trace(self):
        tickets = self._create_many(3)
        self._flush()
        mine = tickets.with_user(self.users["staff"])
        mine.write({"subject": "All the same", "priority": "2"})
        for number, ticket in enumerate(tickets):
            trace = self._get_trace(ticket)
            self.assertIn(("subject", f"Fallen line {number}", "All the same"), trace)
            self.assertEqual({name for name, *_ in trace}, {"subject", "priority"})
            message = ticket.message_ids.filtered("tracking_value_ids")
            self.assertEqual(len(message), 1)
            self.assertEqual(message.author_id, self.users["staff"].partner_id)
            self.assertTrue(message.subtype_id.internal)

    def test_what_was_said_of_a_change_and_by_whom_stays(self):
        tickets = self._create_many(2)
        self._flush()
        first, second = tickets
        first._track_set_log_message("Said by the customer")
        second._track_set_author(self.customer)
        tickets.write({"subject": "New"})
        self._flush()
        told = [ticket.message_ids.filtered("tracking_value_ids") for ticket in tickets]
        self.assertIn("Said by the customer", told[0].body)
        self.assertEqual(told[0].author_id, self.env.user.partner_id)
        self.assertFalse(told[1].body)
        self.assertEqual(told[1].author_id, self.customer)

    def test_other_notes_are_written_at_once(self):
        ticket = self._create_many(1)
        self._flush()
        message = ticket._message_log(body="Seen")
        self.assertEqual(message.res_id, ticket.id)
        self.assertIn("Seen", message.body)
