"""Whoever handles a ticket hears that it is open again, whoever reopened it."""

from odoo.tests import freeze_time, tagged

from .common import MONDAY
from .test_callback import CallbackCommon
from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestReopened(CallbackCommon, ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.colleague.lang = "zh_CN"

    def _get_answered(self, code="service", **vals):
        ticket = self._create_ticket(code, **{"user_id": self.colleague.id, **vals})
        ticket.with_user(self.users["quality"]).answer("Done")
        return ticket

    def _get_messages(self, ticket):
        """(who, subject, text) of what employees were told of the ticket."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "power.ticket"),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        return [
            (message.notified_partner_ids, message.subject, str(message.body))
            for message in messages
        ]

    def test_by_the_button_the_handler_is_told_why_in_the_own_language(self):
        ticket = self._get_answered()
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "reopened")], limit=1
        )
        self._as(self.staff, ticket).reopen("Dark <again>", reason.id)
        [(who, subject, text)] = self._get_messages(ticket)
        self.assertEqual(who, self.colleague.partner_id)
        self.assertEqual(subject, f"{ticket.name}：{self.staff.name}重新办理了工单")
        self.assertIn("Dark &lt;again&gt;", text)
        self.assertIn(reason.with_context(lang="zh_CN").name, text)

    def test_nobody_tells_oneself(self):
        ticket = self._get_answered()
        self._as(self.colleague, ticket).reopen("Dark again")
        self.assertFalse(self._get_messages(ticket))

    def test_nobodys_ticket_is_the_chiefs(self):
        self.station.manager_id = self.supervisor.employee_ids
        ticket = self._get_answered(user_id=False)
        self.assertFalse(ticket.user_id)
        self._as(self.staff, ticket).reopen("Dark again")
        [(who, subject, _text)] = self._get_messages(ticket)
        self.assertEqual(who, self.supervisor.partner_id)
        self.assertEqual(subject, f"{ticket.name}: reopened by {self.staff.name}")

    def test_who_may_not_know_of_it_is_not_told(self):
        self.station.manager_id = self.supervisor.employee_ids
        ticket = self._get_answered(user_id=False, is_confidential=True)
        self._as(self.users["quality"], ticket).reopen("Look again")
        self.assertFalse(self._get_messages(ticket))

    def test_by_the_call_back(self):
        ticket = self._answered(user_id=self.colleague.id)
        with freeze_time(MONDAY):
            ticket.callback_ids.with_user(self.staff).register_attempt(
                "reached",
                satisfaction="unsatisfied",
                note="Still dark",
                reason_ids=self.why.ids,
            )
        self.assertTrue(ticket.is_open)
        [(who, _subject, text)] = self._get_messages(ticket)
        self.assertEqual(who, self.colleague.partner_id)
        self.assertIn("Still dark", text)
        self.assertIn(self.why.with_context(lang="zh_CN").name, text)

    def test_by_e_mail_the_handler_hears_it_once(self):
        ticket = self._get_answered()
        ticket._take_message("Still dark", "m1")
        self.assertFalse(ticket.answered_at)
        [(who, subject, _text)] = self._get_messages(ticket)
        self.assertEqual(who, self.colleague.partner_id)
        self.assertEqual(subject, f"{ticket.name}：客户留言")

    def test_in_the_portal(self):
        ticket = self._get_answered()
        portal = ticket.with_user(self.portal).sudo()
        portal._portal_reopen("Still dark", "token")
        [(who, subject, text)] = self._get_messages(ticket)
        self.assertEqual(who, self.colleague.partner_id)
        self.assertEqual(subject, f"{ticket.name}：客户要求重新办理")
        self.assertIn("Still dark", text)

    def test_then_nobody_is_asked_to_reopen_it(self):
        ticket = self._answered()
        with freeze_time(MONDAY):
            ticket.with_user(self.portal).rate("unsatisfied", "Nobody came")
            self.assertEqual(ticket.activity_ids.user_id, self.staff)
            self._as(self.staff, ticket).reopen("Nobody came")
        self.assertFalse(ticket.activity_ids)
