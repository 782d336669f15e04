import html
from datetime import timedelta

from lxml import etree
from lxml.html import fromstring

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import MONDAY
from .test_complaint import ComplaintCommon

# 10:00 in China on a Monday; the quiet hours begin at 12:00 and at 21:00.
NOON = MONDAY + timedelta(hours=2, minutes=30)


class CallbackCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.rule.has_callback_first = True
        cls.why = cls.env.ref(
            "power_service_tickets.power_ticket_reason_unsatisfied_unsolved"
        )

    def _run(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets.ir_cron_plan_callbacks")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def _answered(self, code="service", at=MONDAY, **vals):
        """A ticket of the staff user, answered at ``at``, with its call-back."""
        with freeze_time(at):
            ticket = self._create_ticket(code, **vals)
            ticket.sudo().with_context(power_ticket_projection=True).write(
                {"first_contact_user_id": self.users["staff"].id}
            )
            ticket.with_user(self.users["quality"]).answer("Done")
            self._run()
        return ticket


@tagged("post_install", "-at_install")
class TestCallback(CallbackCommon):
    def _call(self, ticket, outcome, at, user="staff", **kwargs):
        with freeze_time(at):
            ticket.callback_ids.sorted("id")[-1].with_user(
                self.users[user]
            ).register_attempt(outcome, **kwargs)

    def test_planned_once_for_who_was_asked_first(self):
        ticket = self._answered()
        with freeze_time(MONDAY):
            self._run()
        self.assertRecordValues(
            ticket.callback_ids,
            [
                {
                    "state": "open",
                    "user_id": self.users["staff"].id,
                    "next_at": MONDAY,
                    "phone": self.customer.phone,
                }
            ],
        )
        self.assertEqual(
            ticket.callback_ids.due_at.date(), (MONDAY + timedelta(days=1)).date()
        )

    def test_who_is_not_called_has_the_reason(self):
        self.assertFalse(self._answered("praise").callback_ids)
        cases = (
            ("anonymous", {"is_anonymous": True}),
            ("refused", {"refuses_callback": True}),
        )
        for reason, vals in cases:
            with self.subTest(reason=reason):
                callback = self._answered(**vals).callback_ids
                self.assertEqual(callback.state, "not_wanted")
                self.assertEqual(callback.end_reason, reason)
        self.customer.phone = False
        self.assertEqual(self._answered().callback_ids.end_reason, "no_phone")

    def test_what_to_press_is_seen(self):
        """Coloured words of a link are grey until the mouse is on them."""
        calls = self.env["power.ticket.callback"].with_user(self.users["quality"])
        arch = etree.fromstring(calls.get_view(view_type="list")["arch"])
        classes = [button.get("class") for button in arch.xpath("//button")]
        self.assertEqual(len(classes), 4)
        for name in classes:
            self.assertIn("btn-secondary", name or "")
        # How a call ended is no step on a way from one to the next.
        arch = etree.fromstring(calls.get_view(view_type="form")["arch"])
        (state,) = arch.xpath("//field[@name='state']")
        self.assertEqual(state.get("widget"), "badge")

    def test_not_at_noon_and_not_too_soon(self):
        ticket = self._answered(at=NOON)
        two_in_the_afternoon = MONDAY + timedelta(hours=4)
        self.assertEqual(ticket.callback_ids.next_at, two_in_the_afternoon)
        with self.assertRaisesRegex(UserError, "14:00"):
            self._call(ticket, "not_reached", NOON)
        self._call(ticket, "not_reached", two_in_the_afternoon)
        with self.assertRaisesRegex(UserError, "16:00"):
            self._call(ticket, "not_reached", MONDAY + timedelta(hours=5))

    def test_who_is_not_reached_is_called_again_at_a_named_time(self):
        ticket = self._answered()
        callback = ticket.callback_ids.with_user(self.users["staff"])
        for hours, expected in ((0, "2026-03-02 14:00"), (4, "2026-03-02 16:00")):
            with self.subTest(hours), freeze_time(MONDAY + timedelta(hours=hours)):
                params = callback.action_not_reached()["params"]
                self.assertEqual(
                    params["message"],
                    f"{ticket.name}: call again from {expected} on.",
                )
                # The list reads itself again behind the message.
                self.assertEqual(params["next"]["type"], "ir.actions.act_window_close")
        with freeze_time(MONDAY + timedelta(hours=6)):
            message = callback.action_not_reached()["params"]["message"]
        self.assertEqual(message, f"{ticket.name}: Not reached in all attempts")

    def test_the_list_says_from_when_to_call(self):
        arch = self.env["power.ticket.callback"].get_view(view_type="list")["arch"]
        column = etree.fromstring(arch).find(".//field[@name='next_at']")
        self.assertNotEqual(column.get("optional"), "hide")

    def test_windows_are_a_setting(self):
        self.rule.quiet_ids = [(5, 0, 0)]
        ticket = self._answered(at=NOON)
        self._call(ticket, "reached", NOON, satisfaction="satisfied")
        self.assertEqual(ticket.callback_ids.state, "reached")

    def test_three_attempts_then_given_up_with_the_reason(self):
        ticket = self._answered()
        for hours in (0, 4, 6):
            self._call(ticket, "not_reached", MONDAY + timedelta(hours=hours))
        self.assertRecordValues(
            ticket.callback_ids,
            [{"state": "given_up", "end_reason": "not_reached", "attempt_count": 3}],
        )
        with self.assertRaisesRegex(UserError, "ended"):
            self._call(ticket, "not_reached", MONDAY + timedelta(hours=9))

    def test_satisfied_in_one_tap(self):
        ticket = self._answered()
        callback = ticket.callback_ids.with_user(self.users["staff"])
        with freeze_time(MONDAY):
            self.assertIn(
                callback,
                callback.search([("is_due_now", "=", True)]),
            )
            callback.action_reached_satisfied()
        self.assertEqual(ticket.satisfaction, "satisfied")
        self.assertEqual(ticket.satisfaction_ids.score, 100)
        with freeze_time(MONDAY):
            self.assertNotIn(callback, callback.search([("is_due_now", "=", True)]))

    def test_unsatisfied_reopens(self):
        ticket = self._answered()
        with self.assertRaisesRegex(UserError, "Choose why"):
            self._call(ticket, "reached", MONDAY, satisfaction="unsatisfied")
        self._call(
            ticket,
            "reached",
            MONDAY,
            satisfaction="unsatisfied",
            reason_ids=self.why.ids,
        )
        self.assertEqual(ticket.cycle, 2)
        self.assertFalse(ticket.satisfaction)
        self.assertEqual(ticket.satisfaction_ids.satisfaction, "unsatisfied")
        self.assertIn(
            self.why.name,
            ticket.event_ids.filtered(lambda event: event.kind == "reopened").note,
        )
        with freeze_time(MONDAY + timedelta(hours=1)):
            ticket.with_user(self.users["quality"]).answer("Done again")
            self._run()
        self.assertEqual(len(ticket.callback_ids), 2)

    def test_unsatisfied_becomes_an_opinion(self):
        ticket = self._answered()
        with freeze_time(MONDAY):
            entry = (
                self.env["power.ticket.callback.entry"]
                .with_user(self.users["staff"])
                .create(
                    {
                        "callback_id": ticket.callback_ids.id,
                        "reason_ids": self.why.ids,
                        "note": "Nobody came",
                        "follow_up": "opinion",
                    }
                )
            )
            entry.action_confirm()
        opinion = ticket.callback_ids.follow_ticket_id
        self.assertEqual(opinion.type_id, self.types["opinion"])
        self.assertEqual(opinion.partner_id, self.customer)
        self.assertIn("Nobody came", opinion.description)
        self.assertEqual(ticket.cycle, 1)

    def test_closing_waits_for_the_call(self):
        ticket = self._answered()
        with self.assertRaisesRegex(UserError, "call the customer back"):
            ticket.close()
        self.rule.has_callback_first = False
        ticket.close()
        self.assertFalse(ticket.is_open)

    def test_closing_waits_for_the_call_that_nobody_planned_yet(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("service")
            ticket.with_user(self.users["quality"]).answer("Done")
            self.assertFalse(ticket.callback_ids)
            with (
                self.assertRaisesRegex(UserError, "call the customer back"),
                self.env.cr.savepoint(),
            ):
                ticket.with_user(self.users["staff"]).close()
            ticket.refuses_callback = True
            ticket.with_user(self.users["staff"]).close()
        self.assertEqual(ticket.callback_ids.state, "not_wanted")
        self.assertFalse(ticket.is_open)

    def test_reopened_ends_the_call(self):
        ticket = self._answered()
        with freeze_time(MONDAY + timedelta(hours=1)):
            ticket.reopen("Not done")
        self.assertEqual(ticket.callback_ids.state, "cancelled")

    def test_calls_are_evidence_and_other_stations_closed(self):
        ticket = self._answered()
        self._call(ticket, "not_reached", MONDAY)
        with self.assertRaises(UserError):
            ticket.callback_ids.attempt_ids.write({"outcome": "reached"})
        stranger = self._create_user(
            "stranger", "power_service_base.group_power_staff", self.station_other
        )
        callbacks = self.env["power.ticket.callback"].with_user(stranger)
        self.assertFalse(callbacks.search([("ticket_id", "=", ticket.id)]))
        with self.assertRaises(AccessError):
            ticket.callback_ids.with_user(stranger).action_not_reached()
        with self.assertRaises(AccessError):
            ticket.callback_ids.with_user(self.users["field"]).action_not_reached()

    def test_queries_do_not_grow(self):
        def plan(number):
            with freeze_time(MONDAY):
                tickets = self.env["power.ticket"]
                for _number in range(number):
                    tickets |= self._create_ticket("service")
                tickets.answer("Done")
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                tickets._plan_callbacks()
                self.env.flush_all()
                return self.env.cr.sql_log_count - before

        plan(1)
        one = plan(1)
        self.assertLessEqual(plan(50), one + 2)


@tagged("post_install", "-at_install")
class TestRating(CallbackCommon):
    def test_one_figure_for_phone_link_and_portal(self):
        phone, link, portal = (self._answered() for _number in range(3))
        with freeze_time(MONDAY):
            phone.callback_ids.with_user(self.users["staff"]).action_reached_satisfied()
            link.rating_apply(1, rating=self._make_rating(link), feedback="Bad")
            portal.with_user(self.portal).rate("satisfied")
        figure = self.env["power.ticket.rating"]._read_group(
            [("ticket_id", "in", (phone | link | portal).ids)],
            [],
            ["score:avg", "__count"],
        )[0]
        self.assertAlmostEqual(figure[0], 200 / 3)
        self.assertEqual(figure[1], 3)
        self.assertEqual(link.callback_ids.end_reason, "rated")
        self.assertEqual(portal.callback_ids.end_reason, "rated_portal")
        # Not "not to be called" beside a mark that was given.
        self.assertEqual((link | portal).callback_ids.mapped("state"), ["rated"] * 2)
        self.assertIn(self.users["staff"], link.activity_ids.user_id)

    def test_what_a_customer_wrote_stands_on_the_ticket(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("service")
            ticket.with_user(self.users["quality"]).answer("Done")
            ticket.with_user(self.portal).rate("unsatisfied", "Nobody came")
            # Rated before the call-back is planned: the same reason.
            ticket._plan_callbacks()
        self.assertEqual(ticket.callback_ids.state, "rated")
        self.assertEqual(ticket.callback_ids.end_reason, "rated_portal")
        staff = ticket.with_user(self.users["staff"])
        self.assertEqual(staff.satisfaction_ids.note, "Nobody came")
        self.assertEqual(len(Form(staff).satisfaction_ids), 1)

    def _make_rating(self, ticket):
        token = ticket._rating_get_access_token()
        return self.env["rating.rating"].search([("access_token", "=", token)])

    def test_once_per_cycle(self):
        ticket = self._answered()
        with freeze_time(MONDAY):
            ticket.with_user(self.portal).rate("neutral")
            with self.assertRaisesRegex(UserError, "already"):
                ticket.with_user(self.portal).rate("satisfied")
        with freeze_time(MONDAY + timedelta(hours=1)):
            ticket.reopen("Again")
            with self.assertRaisesRegex(UserError, "when it is answered"):
                ticket.with_user(self.portal).rate("satisfied")
            ticket.answer("Here")
            ticket.with_user(self.portal).rate("satisfied")
        self.assertEqual(
            ticket.satisfaction_ids.sorted("cycle").mapped("satisfaction"),
            ["neutral", "satisfied"],
        )

    def test_anonymous_are_never_asked(self):
        ticket = self._answered(is_anonymous=True)
        with freeze_time(MONDAY), self.assertRaisesRegex(UserError, "no name"):
            ticket.action_ask_rating()

    def test_staff_cannot_rate(self):
        ticket = self._answered()
        for user in ("staff", "manager"):
            record = ticket.with_user(self.users[user])
            with self.subTest(user=user), freeze_time(MONDAY):
                with self.assertRaises(AccessError):
                    record.rate("satisfied")
                with self.assertRaises(AccessError):
                    record.rating_apply(5, token=ticket._rating_get_access_token())
                with self.assertRaises(UserError):
                    record.satisfaction = "satisfied"

    def test_other_customers_cannot_rate(self):
        ticket = self._answered(supply_point_id=self.point_other.id)
        with self.assertRaises(AccessError):
            ticket.with_user(self.portal).rate("satisfied")

    def test_the_link_goes_out_as_a_notice_once(self):
        ticket = self._answered()
        with freeze_time(MONDAY):
            for _number in range(2):
                ticket.with_user(self.users["staff"]).action_ask_rating()
        notices = self.env["power.notice"].search(
            [
                ("res_model", "=", "power.ticket"),
                ("res_id", "=", ticket.id),
                ("purpose_id.code", "=", "rating"),
            ]
        )
        self.assertEqual(len(notices), 1)
        self.assertIn("/rate/", notices.body)


@tagged("post_install", "-at_install")
class TestRatingAsked(CallbackCommon):
    """The link goes out by itself after closing."""

    def setUp(self):
        super().setUp()
        self.rule.has_callback_first = False
        # Whatever else the database has is decided.
        self.env["power.ticket"].search([])._project_write({"rating_decided_cycle": 99})

    def _closed(self, code="service", at=MONDAY, **vals):
        ticket = self._answered(code, at, **vals)
        with freeze_time(at):
            if ticket.type_id.needs_review:
                self._as_reviewed(ticket)
            ticket.close()
        return ticket

    def _as_reviewed(self, ticket):
        ticket.with_user(self.users["supervisor"]).review(True, True, True)
        ticket.finding = "unfounded"

    def _ask(self, at=MONDAY):
        with freeze_time(at), self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets.ir_cron_ask_ratings")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def _links(self, tickets):
        return self.env["power.notice"].search(
            [
                ("res_model", "=", "power.ticket"),
                ("res_id", "in", tickets.ids),
                ("purpose_id.code", "=", "rating"),
            ]
        )

    def test_asked_once_after_closing(self):
        answered = self._answered()
        ticket = self._closed()
        for _number in range(2):
            self._ask()
        link = self._links(ticket)
        self.assertEqual(len(link), 1)
        self.assertEqual(link.dedup_key, f"ticket/{ticket.id}/rating/1")
        self.assertIn("/rate/", link.body)
        self.assertIn(link.channel, ("sms", "email", "portal"))
        self.assertEqual(ticket.rating_asked_at, MONDAY)
        self.assertFalse(self._links(answered))
        # By the button it isn't sent again.
        with freeze_time(MONDAY):
            ticket.with_user(self.users["staff"]).action_ask_rating()
        self.assertEqual(len(self._links(ticket)), 1)

    def test_within_the_hours_of_calls(self):
        ticket = self._closed(at=NOON)
        self._ask(NOON)
        self.assertFalse(self._links(ticket))
        self._ask(MONDAY + timedelta(hours=12))  # 22:00
        self.assertFalse(self._links(ticket))
        self._ask(MONDAY + timedelta(hours=4))  # 14:00
        self.assertTrue(self._links(ticket))

    def test_who_is_not_asked(self):
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "is_power_customer": True}
        )
        unasked = self._closed("praise")
        for vals in (
            {"is_anonymous": True},
            {"is_confidential": True},
            {"refuses_callback": True},
            {"partner_id": stranger.id},
        ):
            unasked |= self._closed(**vals)
        with freeze_time(MONDAY):
            cancelled = self._create_ticket("service")
            cancelled.cancel("Twice")
        self.types["enquiry"].asks_rating = False
        unasked |= cancelled | self._closed("enquiry")
        self._ask()
        self.assertFalse(self._links(unasked))
        self.assertFalse(unasked.filtered("rating_asked_at"))

    def test_one_rating_whoever_asks_first(self):
        by_phone, by_link = self._answered(), self._answered()
        with freeze_time(MONDAY):
            (by_phone | by_link).close()
            by_phone.callback_ids.with_user(
                self.users["staff"]
            ).action_reached_satisfied()
        self._ask()
        self.assertFalse(self._links(by_phone))
        self.assertTrue(self._links(by_link))
        with freeze_time(MONDAY + timedelta(hours=1)):
            token = by_link._rating_get_access_token()
            rating = self.env["rating.rating"].search([("access_token", "=", token)])
            by_link.rating_apply(1, rating=rating)
            with self.assertRaisesRegex(UserError, "has ended"):
                by_link.callback_ids.with_user(
                    self.users["staff"]
                ).action_reached_satisfied()
            with self.assertRaisesRegex(UserError, "already"):
                by_link._enter_rating("satisfied", "phone")
        figure = self.env["power.ticket.rating"]._read_group(
            [("ticket_id", "in", (by_phone | by_link).ids)],
            [],
            ["score:avg", "__count"],
        )[0]
        self.assertEqual(figure, (50, 2))

    def test_a_reopened_one_is_asked_again_in_its_new_cycle(self):
        ticket = self._closed()
        self._ask()
        later = MONDAY + timedelta(hours=1)
        with freeze_time(later):
            ticket.reopen("Again")
            ticket.answer("Done again")
            ticket.close()
        self._ask(later)
        self.assertEqual(
            self._links(ticket).mapped("dedup_key"),
            [f"ticket/{ticket.id}/rating/{cycle}" for cycle in (2, 1)],
        )

    def test_an_archived_purpose_asks_nobody(self):
        ticket = self._closed()
        purpose = self.env["power.notice.purpose"].search([("code", "=", "rating")])
        purpose.active = False
        self._ask()
        self.assertFalse(self._links(ticket))
        self.assertFalse(ticket.rating_asked_at)
        with freeze_time(MONDAY), self.assertRaises(UserError):
            ticket.action_ask_rating()
        self.assertFalse(ticket.rating_asked_at)
        # In use again, the button asks who wasn't.
        purpose.active = True
        with freeze_time(MONDAY):
            ticket.action_ask_rating()
        self.assertTrue(self._links(ticket))
        self.assertEqual(ticket.rating_asked_at, MONDAY)

    def test_in_batches_and_not_for_what_ended_long_ago(self):
        tickets = self.env["power.ticket"].concat(
            *(self._closed() for _number in range(5))
        )
        old = self._closed(at=MONDAY - timedelta(days=8))
        with freeze_time(MONDAY), self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets.ir_cron_ask_ratings")
            cron.code = "model._cron_ask_ratings(2)"
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        self.assertEqual(len(self._links(tickets)), 5)
        self.assertFalse(self._links(old))

    def test_it_cannot_be_typed(self):
        ticket = self._closed().with_user(self.users["manager"])
        for name in ("rating_asked_at", "rating_decided_cycle"):
            with self.assertRaises(UserError):
                ticket.write({name: False})


@tagged("post_install", "-at_install")
class TestRatingPage(CallbackCommon, HttpCase):
    def _run(self):
        cron = self.env.ref("power_service_tickets.ir_cron_plan_callbacks")
        self.assertIs(cron.method_direct_trigger(), True)  # in test mode already
        self.env.invalidate_all()

    def _post(self, ticket, rate, feedback="Good"):
        token = ticket._rating_get_access_token()
        url = f"/rate/{token}/submit_feedback"
        self.authenticate(None, None)
        page = self.url_open(f"/rate/{token}/5")
        if 'name="csrf_token"' not in page.text:
            return page
        csrf = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open(
            url, data={"rate": rate, "feedback": feedback, "csrf_token": csrf}
        )

    def test_what_is_written_is_kept_as_text(self):
        script = "<script>alert(1)</script><b>Bad</b> ${7*7}"
        with freeze_time(MONDAY):
            ticket = self._answered()
            page = self._post(ticket, 1, script)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("<script>alert", page.text)
        self.assertEqual(ticket.satisfaction_ids.note, script)
        message = ticket.message_ids.filtered("rating_ids")
        self.assertIn("&lt;script&gt;", message.body)
        self.assertNotIn("<script", message.body)
        self.assertNotIn("<b>", message.body)

    def test_what_can_not_be_kept_is_refused_and_may_be_sent_again(self):
        with freeze_time(MONDAY):
            ticket = self._answered()
            for feedback, words in (
                ("x" * 5_001, "is too long"),
                ("x" * 1_000_000, "is too long"),
                ("a\x00b", "can't be stored"),
            ):
                with self.subTest(words=words, size=len(feedback)):
                    page = self._post(ticket, 5, feedback)
                    self.assertEqual(page.status_code, 200)
                    self.assertIn(words, html.unescape(page.text))
                    self.assertFalse(ticket.satisfaction)
                    self.assertFalse(ticket.satisfaction_ids)
            self._post(ticket, 5, "x" * 5_000)
        self.assertEqual(ticket.satisfaction, "satisfied")

    def test_the_link_of_a_cycle_before_is_used_up(self):
        with freeze_time(MONDAY):
            ticket = self._answered()
            token = ticket._rating_get_access_token()
            self._post(ticket, 1)
            ticket.reopen("Again")
            ticket.answer("Here")
            for path in (f"/rate/{token}/5", f"/rate/{token}/submit_feedback"):
                self.assertIn("rated already", self.url_open(path).text)
            self.assertFalse(ticket.satisfaction)
            self._post(ticket, 5)  # by the new one
        self.assertEqual(
            ticket.satisfaction_ids.sorted("cycle").mapped("satisfaction"),
            ["unsatisfied", "satisfied"],
        )

    def test_rated_by_link(self):
        with freeze_time(MONDAY):
            ticket = self._answered()
            page = self._post(ticket, 5)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(ticket.satisfaction, "satisfied")
        self.assertEqual(ticket.satisfaction_ids.source, "link")

    def test_nothing_is_chosen_for_the_customer(self):
        with freeze_time(MONDAY):
            ticket = self._answered()
            token = ticket._rating_get_access_token()
            page = self.url_open(f"/rate/{token}/5").text
            self.assertEqual(page.count('name="rate"'), 3)
            self.assertNotIn("checked", page.split("<form")[1].split("</form>")[0])
            for rate in ("", "0", "4", "nine"):
                with self.subTest(rate=rate):
                    page = self._post(ticket, rate)
                    self.assertEqual(page.status_code, 200)
                    self.assertIn('name="rate"', page.text)
                    self.assertFalse(ticket.satisfaction)
            self._post(ticket, 1)
        self.assertEqual(ticket.satisfaction, "unsatisfied")

    def test_the_page_asks_and_says_which_request(self):
        """Who has the link reads the number, nothing else of the request."""
        with freeze_time(MONDAY):
            ticket = self._answered()
            token = ticket._rating_get_access_token()
            self.authenticate(None, None)
            words = {
                "en_US": ["Satisfied", "So-so", "Not Satisfied"],
                "zh_CN": ["满意", "一般", "不满意"],
            }
            for lang, expected in words.items():
                ticket.partner_id.lang = lang
                page = fromstring(self.url_open(f"/rate/{token}/5").text)
                with self.subTest(lang=lang):
                    (heading,) = page.xpath("//h1")
                    self.assertRegex(heading.text_content(), r"satisfied|满意")
                    (number,) = page.xpath("//div[@name='power_ticket']/p")
                    self.assertIn(ticket.name, number.text_content())
                    labels = page.xpath("//form//label")
                    self.assertEqual(
                        [label.text_content().strip() for label in labels], expected
                    )
                    text = page.text_content()
                    self.assertNotIn(ticket.subject, text)
                    self.assertNotIn(ticket.partner_id.name, text)

    def test_the_system_asks_to_call_who_is_not_satisfied(self):
        """Not the nameless person who opened the link."""
        with freeze_time(MONDAY):
            ticket = self._answered()
            self._post(ticket, 1)
        activity = ticket.activity_ids.filtered(
            lambda line: line.summary and "isn't satisfied" in line.summary
        )
        self.assertEqual(activity.create_uid, self.env.ref("base.user_root"))
        message = self.env["mail.message"].search(
            [
                ("model", "=", "power.ticket"),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", activity.user_id.partner_id.ids),
            ],
            limit=1,
            order="id desc",
        )
        self.assertIn("OdooBot", message.body)
        self.assertNotIn("Public user", message.body)

    def test_late_link_is_told_so(self):
        ticket = self._answered()
        with freeze_time(MONDAY + timedelta(days=31)):
            page = self._post(ticket, 5)
        self.assertIn("is over", page.text)
        self.assertFalse(ticket.satisfaction)

    @mute_logger("odoo.http")
    def test_wrong_token_is_not_found(self):
        for token, status in (
            *(("wrong", 404), ("x" * 5_000, 404), ("%ED%A0%80", 404)),
            *(("<script>", 404), ("a%00b", 400)),
        ):
            for path in ("5", "submit_feedback"):
                with self.subTest(token=token[:20], path=path):
                    page = self.url_open(f"/rate/{token}/{path}")
                    self.assertEqual(page.status_code, status)
