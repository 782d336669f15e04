from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.power_service_tickets.models.power_notice_shipped import SHIPPED

from .common import MONDAY, TicketCommon

RENDERER = "odoo.addons.mail.models.mail_render_mixin"


@tagged("post_install", "-at_install")
class TestTicketNotice(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purposes = {
            purpose.code: purpose
            for purpose in cls.env["power.notice.purpose"].search([])
        }
        cls.station.hotline = "0571-95598"

    def _get_notice(self, ticket, code):
        return self.env["power.notice"].search(
            [
                ("res_model", "=", "power.ticket"),
                ("res_id", "in", ticket.ids),
                ("purpose_id", "=", self.purposes[code].id),
            ]
        )

    def test_the_texts_are_the_shipped_ones_in_both_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        modules = self.env["ir.module.module"]
        modules._load_module_terms(["power_service_tickets"], ["zh_CN"], overwrite=True)
        for code, shipped in SHIPPED.items():
            for lang in ("en_US", "zh_CN"):
                purpose = self.purposes[code].with_context(lang=lang)
                with self.subTest(code=code, lang=lang):
                    words = tuple(purpose.env._(text) for text in shipped)
                    self.assertEqual((purpose.subject, purpose.body), words)
                    self.assertEqual("您" in "".join(words), lang == "zh_CN")

    def test_shipped_words_need_no_code(self):
        renderer = self.env["mail.render.mixin"]
        for code, shipped in SHIPPED.items():
            for text in shipped:
                with self.subTest(code=code):
                    self.assertFalse(
                        renderer._has_unsafe_expression_template_inline_template(
                            str(text), self.purposes[code].model
                        )
                    )

    def test_received_with_deadline_and_hotline(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("complaint", channel="portal")
        notice = self._get_notice(ticket, "ticket_received")
        self.assertEqual(notice.subject, f"We have your request {ticket.name}")
        first, second, empty, last = notice.body.split("\n")
        self.assertEqual(
            first,
            "Your request “Test complaint” was received under the number "
            f"{ticket.name}.",
        )
        # One working day after Monday ends at 17:00 in China.
        self.assertRegex(second, r"^You hear from us by 3/3/26, 5:00\sPM\.$")
        self.assertEqual((empty, last), ("", "Questions: 0571-95598"))

    def test_without_hotline_and_answer(self):
        self.station.hotline = False
        ticket = self._create_ticket()
        ticket._tell_customers("ticket_answered")
        self.assertEqual(
            self._get_notice(ticket, "ticket_answered").body,
            "About your request “Test enquiry”:\n\nIt has been dealt with.",
        )

    def test_an_administrators_words_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        purpose = self.purposes["ticket_closed"].with_user(self.users["manager"])
        purpose.with_context(lang="zh_CN").write(
            {
                "subject": "{{ object.name }} 办结",
                "body": "感谢您：{{ object.subject }}",
            }
        )
        ticket = self._create_ticket(subject="<b>x</b> {{ object.id }}")
        ticket._tell_customers("ticket_closed")
        notice = self._get_notice(ticket, "ticket_closed")
        self.assertEqual(notice.subject, f"{ticket.name} 办结")
        self.assertEqual(notice.body, "感谢您：<b>x</b> {{ object.id }}")

    @mute_logger(RENDERER)
    def test_a_broken_text_stops_nothing(self):
        self.purposes[
            "ticket_answered"
        ].body = "{{ 1 / 0 if object.subject == 'Bad' else 'ok' }}"
        ticket = self._create_ticket(subject="Bad")
        ticket.with_user(self.users["staff"]).answer("Fuse replaced")
        self.assertTrue(ticket.answered_at)
        body = self._get_notice(ticket, "ticket_answered").body
        self.assertIn("Fuse replaced", body)
        self.assertTrue(self.purposes["ticket_answered"].activity_ids)

    def test_the_words_are_nobody_elses_to_read(self):
        ticket = self._create_ticket().with_user(self.users["manager"])
        for name in ("notice_deadline", "notice_answer", "notice_rating_url"):
            self.assertNotIn(name, ticket.fields_get())

    def test_the_link_to_rate(self):
        ticket = self._create_ticket()
        ticket.answer("Done")
        ticket.with_user(self.users["staff"]).action_ask_rating()
        notice = self._get_notice(ticket, "rating")
        self.assertIn(f"{ticket.name}: http", notice.body)
        self.assertIn("/rate/", notice.body)

    def test_one_and_many_cost_the_same_queries(self):
        tickets = self.env["power.ticket"]
        for number in range(20):
            tickets |= self._create_ticket(subject=f"Request {number}")
        self._create_ticket()._tell_customers("ticket_closed")  # what is read once
        counts = []
        for number, records in enumerate((tickets[:1], tickets[1:])):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records._tell_customers("ticket_closed")
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(
                len(self._get_notice(records, "ticket_closed")), (1, 19)[number]
            )
        self.assertEqual(*counts)
