"""Replies: what the customer gets when, and who may end a complaint without one."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import MONDAY
from .test_complaint import ComplaintCommon

WORDS = "The reader apologises"


class ReplyCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(MONDAY):
            cls.ticket = cls._create_complaint(channel="phone")

    def _as(self, name):
        return self.ticket.with_user(self.users[name])

    def _shown(self):
        """What the customer reads: (titles, texts) of the timeline."""
        self.env.flush_all()
        lines = self.ticket.with_user(self.portal)._get_portal_timeline()
        return (
            [line["title"] for line in lines],
            "\n".join(line["text"] for line in lines),
        )

    def _sent(self):
        return self.env["power.notice"].search(
            [
                ("res_model", "=", "power.ticket"),
                ("res_id", "=", self.ticket.id),
                ("purpose_id.code", "=", "ticket_answered"),
            ]
        )


@tagged("post_install", "-at_install")
class TestAnswerAfterReview(ReplyCommon):
    def test_customer_gets_the_answer_when_it_has_passed(self):
        with freeze_time(MONDAY + timedelta(hours=1)):
            self._as("staff").answer(WORDS)
        self.assertFalse(self.ticket.answered_at)
        self.assertNotIn(WORDS, self._shown()[1])
        self.assertFalse(self._sent())
        with freeze_time(MONDAY + timedelta(hours=2)):
            self._as("supervisor").review(True, True, False, "No", self.reason.ids)
        self.assertFalse(self.ticket.answered_at)
        self.assertFalse(self._sent())
        with freeze_time(MONDAY + timedelta(hours=3)):
            self._as("staff").submit_reply(f"{WORDS} twice")
        passed = MONDAY + timedelta(hours=4)
        with freeze_time(passed):
            self._as("supervisor").review(True, True, True)
        self.assertEqual(self.ticket.answered_at, passed)
        self.assertEqual(self._clock(self.ticket, "answered").reached_at, passed)
        titles, text = self._shown()
        self.assertIn("Our answer", titles)
        self.assertIn(f"{WORDS} twice", text)
        self.assertIn(f"{WORDS} twice", self._sent().body)

    def test_no_way_round_the_review(self):
        ticket = self._as("staff")
        for name, call in {
            "event": lambda: ticket.register_event(
                "milestone", milestone="answered", note=WORDS
            ),
            "stage": lambda: ticket.write({"stage_id": self.stages["answered"].id}),
            "time only": lambda: ticket.answer(WORDS, at=MONDAY),
            "no such way": lambda: ticket.answer(WORDS, told_how="rumour"),
        }.items():
            with self.subTest(way=name), self.assertRaises(UserError):
                call()
        self.assertFalse(self.ticket.answered_at)
        ticket.answer(WORDS)
        self._as("supervisor").review(True, True, True)
        for call in (
            lambda: ticket.answer("Other words"),
            lambda: ticket.register_event(
                "milestone", milestone="answered", note="Other words"
            ),
        ):
            with self.assertRaisesRegex(UserError, "reviewed already"):
                call()
        self.assertTrue(ticket.answer(WORDS))
        self.assertNotIn("Other words", self._shown()[1])

    def test_types_without_review_are_answered_at_once(self):
        enquiry = self._create_ticket("enquiry")
        both = (enquiry | self.ticket).with_user(self.users["staff"])
        both.answer(WORDS)
        self.assertTrue(enquiry.answered_at)
        self.assertFalse(self.ticket.answered_at)
        self.assertEqual(self.ticket.review_state, "to_review")

    def test_reviewers_are_told_that_a_reply_waits(self):
        self._as("staff").submit_reply(WORDS)
        told = self.env["mail.message"].search(
            [("model", "=", "power.ticket"), ("res_id", "=", self.ticket.id)]
        )
        self.assertIn(self.chief.partner_id, told.notified_partner_ids)
        self.assertNotIn(WORDS, "".join(told.mapped("body")))


@tagged("post_install", "-at_install")
class TestToldInPerson(ReplyCommon):
    def _tell(self, **values):
        entry = Form(
            self.env["power.ticket.reply.entry"]
            .with_user(self.users["staff"])
            .with_context(default_ticket_id=self.ticket.id)
        )
        entry.reply = WORDS
        entry.is_told = True
        for name, value in values.items():
            setattr(entry, name, value)
        return entry.save().action_confirm()

    def test_who_told_it_when_and_how_is_kept_and_shown_as_that(self):
        told_at = MONDAY + timedelta(hours=1)
        teller = self.users["field"]
        with freeze_time(MONDAY + timedelta(hours=3)):
            self._tell(told_at=told_at, told_by_id=teller, told_how="visit")
        expected = {"told_how": "visit", "told_by_id": teller.id}
        event = self.ticket.event_ids.filtered("told_how")
        self.assertRecordValues(
            event,
            [{**expected, "at": told_at, "user_id": self.users["staff"].id}],
        )
        self.assertRecordValues(
            self.ticket,
            [
                {
                    **expected,
                    "told_at": told_at,
                    "answered_at": told_at,
                    "review_state": "to_review",
                }
            ],
        )
        titles, text = self._shown()
        self.assertIn("We told you our answer on a visit", titles)
        self.assertNotIn(WORDS, text)
        self.assertFalse(self._sent())
        self.assertEqual(
            self.ticket.with_user(self.portal)._get_portal_state(),
            "We told you our answer on a visit",
        )
        # The portal names nobody.
        self.assertNotIn(teller.name, "\n".join(titles) + text)

    def test_it_is_judged_before_closing_all_the_same(self):
        with freeze_time(MONDAY + timedelta(hours=1)):
            self._tell(told_by_id=self.users["supervisor"])
            self.ticket.finding = "unfounded"
            with self.assertRaisesRegex(UserError, "reviewed"):
                self.ticket.close()
            # Neither who wrote it nor who told it judges it.
            with self.assertRaisesRegex(AccessError, "somebody else"):
                self._as("supervisor").review(True, True, True)
            self.assertFalse(self._as("supervisor").can_review)
            self._as("quality").review(True, True, True)
            self.assertIn(WORDS, self._shown()[1])
            self.assertEqual(len(self._sent()), 1)
            self.ticket.close()
        self.assertEqual(self.ticket.answered_at, MONDAY + timedelta(hours=1))

    def test_sent_back_the_customer_reads_the_better_one_only(self):
        with freeze_time(MONDAY + timedelta(hours=1)):
            self._tell()
            self._as("quality").review(True, True, False, "?", self.reason.ids)
            self._as("staff").submit_reply("Two readers apologise")
            self._as("quality").review(True, True, True)
        text = self._shown()[1]
        self.assertIn("Two readers", text)
        self.assertNotIn(WORDS, text)

    def test_a_new_cycle_begins_without_it(self):
        with freeze_time(MONDAY + timedelta(hours=1)):
            self._tell()
        with freeze_time(MONDAY + timedelta(hours=2)):
            self.ticket.reopen("Nobody told me")
        self.assertFalse(self.ticket.told_how or self.ticket.told_by_id)

    def test_it_cannot_be_typed_and_has_its_limits(self):
        for vals in ({"told_how": "phone"}, {"told_by_id": self.users["field"].id}):
            with self.assertRaises(UserError):
                self._as("manager").write(vals)
        with self.assertRaisesRegex(UserError, "no such employee"):
            self._as("staff").answer(WORDS, told_how="phone", told_by_id=self.portal.id)
        with freeze_time(MONDAY), self.assertRaisesRegex(UserError, "future"):
            self._as("staff").answer(
                WORDS, at=MONDAY + timedelta(hours=1), told_how="phone"
            )


@tagged("post_install", "-at_install")
class TestEndingWithoutClosing(ReplyCommon):
    """Cancelling, and end of service, of complaints and reports."""

    def test_handlers_only_ask_to_cancel(self):
        self.ticket.user_id = self.users["staff"]
        with self.assertRaises(AccessError):
            self._as("staff").cancel("Entered twice", self.twice.id)
        entry = (
            self.env["power.ticket.entry"]
            .with_user(self.users["staff"])
            .create(
                {
                    "ticket_ids": self.ticket.ids,
                    "action": "cancel",
                    "note": "Entered twice",
                }
            )
        )
        self.assertTrue(entry.is_request)
        entry.action_confirm()
        self.assertTrue(self.ticket.is_open)
        self.assertIn(self.chief, self.ticket.activity_ids.user_id)
        # An enquiry is still cancelled by who has it.
        enquiry = self._create_ticket("enquiry", user_id=self.users["staff"].id)
        enquiry.with_user(self.users["staff"]).cancel("Entered twice")
        self.assertFalse(enquiry.is_open)

    def test_who_has_a_part_in_it_does_not_approve(self):
        supervisor = self._as("supervisor")
        parts = {
            "has it": lambda: self.ticket.write(
                {"user_id": self.users["supervisor"].id}
            ),
            "had it": lambda: (
                supervisor.accept(),
                self.ticket.write({"user_id": False}),
            ),
            "wrote the reply": lambda: (
                supervisor.submit_reply(WORDS),
                self._as("quality").review(True, True, False, "?", self.reason.ids),
            ),
            "answers for it": lambda: self.ticket.write(
                {
                    "finding": "responsible",
                    "responsible_employee_id": self.users["supervisor"].employee_ids.id,
                }
            ),
        }
        for name, make in parts.items():
            with self.subTest(part=name), self.env.cr.savepoint() as savepoint:
                make()
                with self.assertRaisesRegex(UserError, "somebody else"):
                    supervisor.cancel("x", self.twice.id)
                savepoint.close(rollback=True)
                self.env.invalidate_all()
        supervisor.cancel("Entered twice", self.twice.id)
        self.assertEqual(self.ticket.ended_by, "cancelled")

    def test_cancelled_with_a_reason_and_shown(self):
        with self.assertRaisesRegex(UserError, "reason from the list"):
            self._as("supervisor").cancel("Entered twice")
        self._as("supervisor").cancel("Entered twice", self.twice.id)
        self.assertRecordValues(
            self._as("staff"),
            [
                {
                    "ending_user_id": self.users["supervisor"].id,
                    "ending_reason_id": self.twice.id,
                    "ending_note": "Entered twice",
                }
            ],
        )
        told = self.env["mail.message"].search(
            [("model", "=", "power.ticket"), ("res_id", "=", self.ticket.id)]
        )
        self.assertIn(self.users["quality"].partner_id, told.notified_partner_ids)
        form = self._as("staff").get_view(view_type="form")["arch"]
        self.assertIn('name="ending_user_id"', form)

    def test_nothing_ends_while_a_reply_waits(self):
        self._as("staff").answer(WORDS)
        for call in (
            lambda: self._as("supervisor").cancel("x", self.twice.id),
            lambda: self._as("supervisor").end_service("x"),
        ):
            with self.assertRaisesRegex(UserError, "waits for its review"):
                call()

    def test_no_kind_that_needs_approval_is_entered_as_a_plain_event(self):
        for kind in ("cancelled", "service_ended", "exempted", "extended", "found"):
            for user in ("staff", "manager"):
                with (
                    self.subTest(kind=kind, user=user),
                    self.assertRaisesRegex(UserError, "can't be entered as an event"),
                ):
                    self._as(user).register_event(kind, note="x")
        self.assertTrue(self.ticket.is_open)

    def test_service_ends_with_a_reviewed_answer_and_finding_only(self):
        supervisor = self._as("supervisor")
        with self.assertRaisesRegex(UserError, "passed its review"):
            supervisor.end_service("Explained five times")
        self._as("staff").answer(WORDS)
        supervisor.review(True, True, False, "?", self.reason.ids)
        with self.assertRaisesRegex(UserError, "passed its review"):
            supervisor.end_service("Explained five times")
        self._as("staff").answer(f"{WORDS} twice")
        supervisor.review(True, True, True)
        with self.assertRaisesRegex(UserError, "what was found"):
            supervisor.end_service("Explained five times")
        self.ticket.finding = "unfounded"
        # The customer comes again: one reviewed answer is enough.
        self.ticket.reopen("Still not content")
        supervisor.end_service("Explained five times")
        self.assertEqual(self.ticket.ended_by, "service_ended")

    def test_reports_are_cancelled_by_another_of_quality(self):
        other = self._create_user(
            "other_quality", "power_service_base.group_power_quality"
        )
        report = self._create_ticket("report", user_id=self.users["quality"].id)
        mine = report.with_user(self.users["quality"])
        with self.assertRaisesRegex(UserError, "somebody else"):
            mine.cancel("Made up", self.twice.id)
        with self.assertRaises(AccessError):
            report.with_user(self.chief).cancel("Made up", self.twice.id)
        mine.ask_approval("cancel", "Made up")
        asked = report.activity_ids.user_id
        self.assertTrue(asked and asked != self.users["quality"])
        self.assertNotIn(self.chief, asked)
        report.with_user(other).cancel("Made up", self.twice.id)
        self.assertFalse(report.is_open)
