"""What staff ask a supervisor for: off the lists when it is decided, and who asked
hears what became of it."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_complaint import ComplaintCommon
from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestRequest(ComplaintCommon, ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.staff.lang = "zh_CN"
        cls.quality = cls.users["quality"]

    def _ask(self, action="extend", user=None, ticket=None):
        ticket = ticket or self._create_ticket("enquiry")
        self._as(user or self.staff, ticket).ask_approval(action, "Expert needed")
        self.assertEqual(ticket.activity_ids.user_id, self.chief)
        return ticket

    def _get_told(self, ticket):
        """[(who, subject, text)] of what was told of requests, the newest first."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "power.ticket"),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
                ("subject", "like", "，"),
            ]
        )
        return [
            (message.notified_partner_ids, message.subject, str(message.body))
            for message in messages
        ]

    def _assert_told(self, ticket, subject, text):
        self.assertFalse(ticket.activity_ids)
        [(who, told, body)] = self._get_told(ticket)
        self.assertEqual(who, self.staff.partner_id)
        self.assertEqual(told, subject)
        self.assertIn(text, body)

    def test_granted_it_leaves_all_lists_and_who_asked_hears_it(self):
        other = self._create_user("other", "power_service_base.group_power_supervisor")
        ticket = self._ask()
        self._as(other, ticket).extend(1, self.reasons["extended"].id, "Expert comes")
        self._assert_told(
            ticket, f"{ticket.name}，申请延期：{other.name}已批准", "Expert comes"
        )
        # What was asked for stays in the history of the ticket.
        done = ticket.message_ids.filtered("mail_activity_type_id")
        self.assertIn("Expert needed", str(done.body))

    def test_each_kind_is_granted_by_what_it_asks_for(self):
        complaint = self._create_complaint()
        complaint.with_user(self.quality).write({"finding": "unfounded"})
        self._as(self.staff, complaint).submit_reply("We are sorry")
        self._as(self.supervisor, complaint).review(True, True, True)
        opinion = self.types["opinion"].id
        cases = {
            "exempt": (
                self._create_ticket("enquiry"),
                lambda t: t.exempt(self.reasons["exempted"].id, "Flood"),
            ),
            "end_service": (complaint, lambda t: t.end_service("Explained")),
            "reclassify": (
                self._create_complaint(),
                lambda t: t.reclassify(opinion, "An opinion"),
            ),
            "cancel": (
                self._create_complaint(),
                lambda t: t.cancel("Twice", self.twice.id),
            ),
        }
        for action, (ticket, grant) in cases.items():
            with self.subTest(action=action):
                self._ask(action, ticket=ticket)
                grant(self._as(self.chief, ticket))
                self.assertFalse(ticket.activity_ids)
                [(who, subject, _text)] = self._get_told(ticket)
                self.assertEqual(who, self.staff.partner_id)
                self.assertIn("已批准", subject)

    def test_something_else_grants_nothing(self):
        ticket = self._ask("extend")
        self._as(self.chief, ticket).exempt(
            self.reasons["exempted"].id, "Flood", ticket.clock_ids[:1].policy_id.id
        )
        ticket.with_user(self.staff).contact("Called")
        if ticket._get_running_clocks():
            self.assertTrue(ticket.activity_ids)
        ticket = self._ask("exempt")
        self._as(self.chief, ticket).extend(1, self.reasons["extended"].id)
        self.assertTrue(ticket.activity_ids)
        self.assertFalse(self._get_told(ticket))

    def test_void_when_the_ticket_has_ended(self):
        ticket = self._ask()
        self._as(self.colleague, ticket).cancel("Entered twice")
        self._assert_told(ticket, f"{ticket.name}，申请延期：已无法批准", "Expert")

    def test_an_extension_is_void_when_the_promise_is_kept(self):
        ticket = self._ask()
        self._as(self.colleague, ticket).answer("Here it is")
        self.assertTrue(ticket.is_open)
        self._assert_told(ticket, f"{ticket.name}，申请延期：已无法批准", "Expert")

    def test_an_exemption_may_be_granted_after_the_end(self):
        ticket = self._ask("exempt")
        self._as(self.colleague, ticket).answer("Here it is")
        self._as(self.colleague, ticket).close()
        self.assertEqual(ticket.activity_ids.user_id, self.chief)
        self._as(self.chief, ticket).exempt(self.reasons["exempted"].id, "Flood")
        self.assertFalse(ticket.activity_ids)

    def test_refused_with_words(self):
        ticket = self._ask()
        chief = self._as(self.chief, ticket)
        self.assertTrue(chief.can_decide_request)
        self.assertIn("Expert needed", chief.request_text)
        self.assertIn(self.staff.name, chief.request_text)
        entry = (
            self.env["power.ticket.entry"]
            .with_user(self.chief)
            .create(
                {
                    "ticket_ids": ticket.ids,
                    "action": "refuse_request",
                    "note": "Ask <the> meter team",
                }
            )
        )
        self.assertIn("Expert needed", entry.outcome)
        entry.action_confirm()
        self._assert_told(
            ticket,
            f"{ticket.name}，申请延期：{self.chief.name}未批准",
            "Ask &lt;the&gt; meter team",
        )
        self.assertFalse(chief.request_text or chief.can_decide_request)
        with self.assertRaisesRegex(UserError, "nothing is asked for"):
            chief.refuse_request("Once more")

    def test_who_decides(self):
        ticket = self._ask("exempt")
        staff = self._as(self.staff, ticket)
        self.assertFalse(staff.can_decide_request)
        with self.assertRaises(AccessError):
            staff.refuse_request("Mine")
        # Who has a part in it grants nothing, and refuses nothing.
        ticket.user_id = self.supervisor
        self.assertFalse(self._as(self.supervisor, ticket).can_decide_request)
        with self.assertRaisesRegex(UserError, "nothing is asked for"):
            self._as(self.supervisor, ticket).refuse_request("Not now")
        with self.assertRaises(UserError):
            self._as(self.chief, ticket).refuse_request(" ")
        self.assertTrue(ticket.activity_ids)

    def test_the_button_opens_what_is_asked_for(self):
        ticket = self._ask("exempt")
        action = self._as(self.chief, ticket).action_grant_request()
        self.assertEqual(action["context"]["default_action"], "exempt")
        with self.assertRaisesRegex(UserError, "nothing is asked for"):
            self._as(self.staff, ticket).action_grant_request()

    def test_ticked_off_by_hand_it_is_told_too(self):
        ticket = self._ask()
        ticket.activity_ids.with_user(self.chief).action_feedback("Not now")
        self._assert_told(
            ticket,
            f"{ticket.name}，申请延期：{self.chief.name}已勾销，未批准",
            "Not now",
        )
        ticket = self._ask()
        ticket.activity_ids.with_user(self.chief).unlink()
        self._assert_told(
            ticket,
            f"{ticket.name}，申请延期：{self.chief.name}已勾销，未批准",
            "Expert needed",
        )

    def test_who_takes_the_own_request_back_hears_nothing(self):
        ticket = self._ask()
        ticket.activity_ids.with_user(self.staff).unlink()
        self.assertFalse(self._get_told(ticket))

    def test_who_may_not_know_of_it_any_more_is_not_told(self):
        ticket = self._ask("exempt")
        ticket.with_user(self.quality).is_confidential = True
        self._as(self.quality, ticket).exempt(self.reasons["exempted"].id, "Flood")
        self.assertFalse(self._get_told(ticket))

    def test_many_at_once_cost_the_same_queries(self):
        counts = []
        for count in (1, 1, 10):  # the first reads what is read once
            tickets = self.env["power.ticket"].union(
                *(self._create_ticket("enquiry") for _number in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets._end_requests("extend")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestAsking(ComplaintCommon, ActionCommon):
    """Nobody asks for what nobody could grant; who asked sees of whom."""

    def _open(self, ticket, action, user=None):
        entries = self.env["power.ticket.entry"].with_user(user or self.staff)
        return entries.create(
            {"ticket_ids": ticket.ids, "action": action, "note": "Expert needed"}
        )

    def test_who_asked_sees_who_was_asked(self):
        entry = self._open(self._create_ticket("enquiry"), "extend")
        self.assertTrue(entry.is_request)
        self.assertFalse(entry.obstacle)
        action = entry.action_confirm()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(self.chief.name, action["params"]["message"])
        self.assertEqual(
            action["params"]["next"], {"type": "ir.actions.act_window_close"}
        )

    def test_end_of_service_says_before_what_it_needs(self):
        ticket = self._create_complaint()
        ticket.with_user(self.users["quality"]).write({"finding": "unfounded"})
        for user in (self.staff, self.supervisor):
            entry = self._open(ticket, "end_service", user)
            self.assertIn("passed its review", entry.obstacle)
            with self.assertRaisesRegex(UserError, "passed its review"):
                entry.action_confirm()
        self.assertFalse(ticket.activity_ids)
        self._as(self.staff, ticket).submit_reply("We are sorry")
        entry = self._open(ticket, "end_service")
        self.assertIn("waits for its review", entry.obstacle)
        self._as(self.supervisor, ticket).review(True, True, True)
        self.assertFalse(self._open(ticket, "end_service").obstacle)
        self._as(self.staff, ticket).ask_approval("end_service", "Explained")
        self.assertEqual(ticket.activity_ids.user_id, self.chief)

    def test_of_a_complaint_the_finding(self):
        ticket = self._create_complaint()
        self._as(self.staff, ticket).submit_reply("We are sorry")
        self._as(self.supervisor, ticket).review(True, True, True)
        entry = self._open(ticket, "end_service")
        self.assertIn("what was found", entry.obstacle)

    def test_what_nobody_could_grant(self):
        extended = self._create_ticket("enquiry")
        reason = self.reasons["extended"].id
        self._as(self.supervisor, extended).extend(1, reason)
        answered = self._create_ticket("enquiry")
        answered.answer("Here it is")
        cancelled = self._create_complaint()
        self._as(self.supervisor, cancelled).cancel("Twice", self.twice.id)
        praise = self._create_ticket("praise")
        self.assertFalse(praise.clock_ids)
        cases = (
            (extended, "extend", "extended before"),
            (answered, "extend", "no promise that is still running"),
            (cancelled, "extend", "has ended"),
            (cancelled, "reclassify", "has ended"),
            (cancelled, "cancel", "has ended"),
            (praise, "exempt", "no promise to exempt"),
        )
        for ticket, action, why in cases:
            with self.subTest(action=action, why=why):
                with self.assertRaisesRegex(UserError, why):
                    self._as(self.staff, ticket).ask_approval(action, "x")
                self.assertFalse(ticket.activity_ids)
