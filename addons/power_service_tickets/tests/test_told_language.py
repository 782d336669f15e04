from odoo.tests import tagged

from .common import QualityCommon
from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestToldLanguage(QualityCommon, ActionCommon):
    """Who is told reads it in the own language, whoever set it off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.staff.lang = "en_US"
        cls.colleague.lang = "zh_CN"

    def _get_messages(self, ticket):
        return self.env["mail.message"].search(
            [
                ("model", "=", "power.ticket"),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
            ]
        )

    def _get_subjects(self, ticket):
        return self._get_messages(ticket).mapped("subject")

    def test_the_approver(self):
        self.supervisor.lang = "zh_CN"
        self.station.manager_id = self.supervisor.employee_ids
        for action, text in (("extend", "申请延期"), ("exempt", "申请免责")):
            ticket = self._create_ticket("enquiry")
            self._as(self.staff, ticket).ask_approval(action, "Expert needed")
            self.assertEqual(ticket.activity_ids.summary, text)

    def test_who_gets_a_returned_ticket_back_reads_why(self):
        ticket = self._create_ticket(user_id=self.colleague.id)
        self._as(self.colleague, ticket).dispatch(user_id=self.staff.id)
        reason = self.reasons["returned"]
        self._as(self.staff, ticket).return_to(reason.id, "Ask the\nvillage head")
        name = reason.with_context(lang="zh_CN").name
        message = self._get_messages(ticket)[0]
        self.assertEqual(message.subject, f"退单：{name}")
        self.assertIn("Ask the<br>village head", message.body)

    def test_the_words_about_a_confidential_one_stay_with_it(self):
        quality = self.users["quality"]
        secret = self._create_ticket(is_confidential=True)
        secret._tell_assigned(quality, "Returned", "Ask the village head")
        message = self._get_messages(secret)[0]
        self.assertIn(secret.name, message.body)
        self.assertNotIn("village", message.body)

    def test_the_handler_of_a_chased_ticket(self):
        ticket = self._create_ticket(user_id=self.colleague.id)
        self._as(self.staff, ticket).chase("Still dark")
        self.assertEqual(self._get_subjects(ticket), [f"{ticket.name}：客户催办"])

    def test_the_handler_of_a_ticket_that_the_customer_wrote_to(self):
        ticket = self._create_ticket(user_id=self.colleague.id)
        self._as(self.staff, ticket)._take_message("Still dark", "m1")
        self.assertEqual(self._get_subjects(ticket), [f"{ticket.name}：客户留言"])

    def test_who_has_a_parked_clock(self):
        ticket = self._create_ticket("enquiry")
        clock = self._clock(ticket, "answered")
        vals = clock._prepare_parked_activity("broken")
        user = self.env["res.users"].browse(vals["user_id"])
        user.lang = "zh_CN"
        vals = clock._prepare_parked_activity("broken")
        self.assertEqual(vals["user_id"], user.id)
        self.assertEqual(vals["summary"], "一个承诺计时被搁置")

    def test_who_gets_a_bulletin_going(self):
        self.env.ref("base.user_admin").lang = "zh_CN"
        bulletin = self.env["power.sla.bulletin"].create(
            {
                "name": "Morning",
                "discuss_channel_id": self.env["discuss.channel"]
                .create({"name": "Group"})
                .id,
            }
        )
        bulletin._park(ValueError("broken"))
        self.assertEqual(bulletin.activity_ids.summary, "群通报未能发送")
