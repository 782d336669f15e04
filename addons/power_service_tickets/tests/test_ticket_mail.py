import hashlib
from email.message import EmailMessage

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestMail(ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "grid.example.com"})
        cls.env["res.company"].search([]).alias_domain_id = domain
        cls.env.ref("power_service_tickets.mail_alias_service").alias_domain_id = domain
        cls.customer.email = "wang@example.com"

    def _send(self, subject="No light", text="Dark since eight", files=(), **headers):
        message = EmailMessage()
        message["From"] = headers.pop("sender", "Wang Wei <wang@example.com>")
        message["To"] = "service@grid.example.com"
        message["Subject"] = subject
        key = hashlib.sha256(f"{subject}{text}{len(files)}".encode()).hexdigest()
        message["Message-Id"] = f"<{key}@example.com>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        for name, content in files:
            message.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=name
            )
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, message.as_bytes())
        return self.env["power.ticket"].search(
            [("channel", "=", "email")], order="id desc", limit=1
        )

    def test_an_email_becomes_a_ticket_of_its_customer(self):
        ticket = self._send()
        self.assertRecordValues(
            ticket,
            [
                {
                    "subject": "No light",
                    "description": "Dark since eight",
                    "partner_id": self.customer.id,
                    "station_id": self.station.id,
                    "first_contact_user_id": False,
                }
            ],
        )
        self.assertEqual(ticket.message_partner_ids, self.env["res.partner"])

    def test_a_stranger_lies_at_the_company_desk(self):
        ticket = self._send(sender="who@example.org")
        self.assertFalse(ticket.partner_id or ticket.station_id)
        self.assertEqual(ticket.contact_email, "who@example.org")

    def test_a_reply_is_added_and_opens_an_answered_ticket(self):
        ticket = self._send()
        ticket.user_id = self.staff
        ticket.answer("Fuse replaced")
        count = self.env["power.ticket"].search_count([])
        self._send(f"Re: Answer to your request {ticket.name}", "Dark again")
        self.assertEqual(self.env["power.ticket"].search_count([]), count)
        self.assertEqual(ticket.cycle, 2)
        self.assertFalse(ticket.answered_at)
        message = ticket.event_ids.filtered(lambda event: event.kind == "message")
        self.assertEqual(message.note, "Dark again")
        self.assertEqual(self._told(ticket), self.staff.partner_id)

    def test_pitfall_15_no_email_of_the_customer_is_an_answer(self):
        ticket = self._send()
        self._send(f"Re: {ticket.name}", "And now?")
        self.assertIn("message", ticket.event_ids.mapped("kind"))
        self.assertEqual(
            set(ticket.event_ids.milestone_id.mapped("code")), {"received"}
        )
        self.assertFalse(ticket.answered_at)
        self.assertEqual(ticket.cycle, 1)
        self.assertEqual(self._clock(ticket, "answered").state, "running")

    def test_pitfall_12_words_of_a_merged_ticket_stay_with_it(self):
        first = self._send("Dark", "Since eight")
        second = self._send("No light", "Since nine")
        (first | second).type_id = self.types["fault"]
        first.user_id = self.staff
        second.merge_into(first.id)
        self._send(f"Re: {second.name}", "My secret words")
        self.assertIn("My secret words", second.event_ids.mapped("note"))
        self.assertNotIn("My secret words", first.event_ids.mapped("note"))
        told = self.env["mail.message"].search(
            [("model", "=", "power.ticket"), ("res_id", "=", first.id)]
        )
        self.assertIn(self.staff.partner_id, told.notified_partner_ids)
        self.assertNotIn("My secret words", "".join(told.mapped("body")))

    def test_after_the_days_set_it_stays_closed(self):
        ticket = self._send()
        ticket.answer("Fuse replaced")
        self.env.ref("power_service_base.power_limit_shared").reopen_days = 0
        self._send(f"Re: {ticket.name}", "Thanks")
        self.assertTrue(ticket.answered_at)
        self.assertIn("message", ticket.event_ids.mapped("kind"))

    def test_a_reply_ends_the_waiting(self):
        ticket = self._send()
        ticket.pause("Papers missing")
        self._send(f"Re: {ticket.name}", "Here they are")
        self.assertFalse(ticket.is_paused)

    def test_a_number_in_the_subject_is_no_key_to_anothers_ticket(self):
        ticket = self._send()
        other = self._send(
            f"Re: {ticket.name}", "I am curious", sender="x@evil.example"
        )
        self.assertNotEqual(other, ticket)
        self.assertNotIn("message", ticket.event_ids.mapped("kind"))

    def test_machines_are_left_out(self):
        count = self.env["power.ticket"].search_count([])
        with mute_logger("odoo.addons.power_service_tickets.models.mail_thread"):
            for number, headers in enumerate(
                (
                    {"Auto_Submitted": "auto-replied"},
                    {"Auto_Submitted": "auto-generated"},
                    {"Precedence": "bulk"},
                    {"X_Autoreply": "yes"},
                    {"sender": "MAILER-DAEMON@example.com"},
                    {"sender": "no-reply@example.com"},
                )
            ):
                self._send(f"Away {number}", **headers)
        self.assertEqual(self.env["power.ticket"].search_count([]), count)

    def test_a_sender_in_a_loop_is_stopped(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        count = self.env["power.ticket"].search_count([])
        for number in range(8):
            self._send(f"Loop {number}")
        self.assertLessEqual(self.env["power.ticket"].search_count([]), count + 3)

    def test_files_that_are_not_taken_are_named(self):
        ticket = self._send(
            files=[
                ("photo.jpg", b"\xff\xd8\xff photo"),
                ("virus.exe", b"MZ"),
                ("big.jpg", b"x" * (20 * 1024 * 1024)),
            ]
        )
        names = self.env["ir.attachment"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(names.mapped("name"), ["photo.jpg"])
        note = ticket.event_ids.filtered(lambda event: event.kind == "noted").note
        self.assertIn("virus.exe", note)
        self.assertIn("big.jpg", note)

    def test_markup_in_an_email_stays_text(self):
        ticket = self._send("<script>alert(1)</script>", "<img src=x onerror=a()>")
        self.assertEqual(ticket.subject, "<script>alert(1)</script>")
        self.assertNotIn("<script", str(ticket.message_ids.mapped("body")))

    def test_notices_are_answered_to_the_tickets(self):
        ticket = self._send()
        notice = self.env["power.notice"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)], limit=1
        )
        self.assertEqual(
            notice._prepare_mail_vals()["reply_to"], "service@grid.example.com"
        )
