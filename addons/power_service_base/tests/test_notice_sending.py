from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged, warmup
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from .common import PHOTO
from .test_notice import NoticeCommon

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
SENDING = "odoo.addons.power_service_base.models.power_notice_send"


@tagged("post_install", "-at_install")
class TestEmail(NoticeCommon, MockEmail):
    def _send_mails(self, notices):
        with self.mock_mail_gateway():
            notices.sudo().mail_id.send()

    def test_handed_over_then_sent(self):
        notice = self._create_notice(channel="email", body="Line 1\nLine <2>")
        self._run_cron()
        self.assertEqual((notice.state, notice.proof_level), ("accepted", "none"))
        mail = notice.sudo().mail_id
        self.assertEqual(mail.email_to, "wang@example.com")
        self.assertIn("Line 1<br/>Line &lt;2&gt;", mail.body_html)
        self._run_cron()
        self.assertEqual(notice.state, "accepted", "it is still in Odoo's queue")
        self._send_mails(notice)
        self._run_cron()
        self.assertEqual((notice.state, notice.proof_level), ("sent", "sent"))

    def test_failed_mail_is_a_failed_notice(self):
        notice = self._create_notice(channel="email")
        self._run_cron()
        notice.sudo().mail_id.write(
            {"state": "exception", "failure_reason": "Mailbox full"}
        )
        self._run_cron()
        self.assertEqual(
            (notice.state, notice.failure_reason), ("failed", "Mailbox full")
        )
        first = notice.sudo().mail_id
        notice.action_retry()
        self._run_cron()
        self.assertEqual(first.state, "cancel", "the old one can't leave any more")
        self.assertNotEqual(notice.sudo().mail_id, first)

    def test_a_mail_deleted_from_the_queue_is_not_sent(self):
        notice = self._create_notice(channel="email")
        self._run_cron()
        notice.sudo().mail_id.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self._run_cron()
        self.assertEqual(notice.state, "failed")

    def test_a_bounce_is_a_failure(self):
        notice = self._create_notice(channel="email")
        self._run_cron()
        self._send_mails(notice)
        self._run_cron()
        message = notice.sudo().mail_id.mail_message_id
        self.env["mail.thread"]._routing_handle_bounce(
            None,
            {
                "email_from": "MAILER-DAEMON@example.com",
                "to": "bounce@example.com",
                "message_id": "<1@example.com>",
                "bounced_email": "wang@example.com",
                "bounced_partner": self.env["res.partner"],
                "bounced_msg_ids": [message.message_id],
                "bounced_message": message,
            },
        )
        self.assertEqual((notice.state, notice.proof_level), ("failed", "none"))
        self.assertIn("wang@example.com", notice.failure_reason)

    def test_what_lost_its_reason_is_cancelled_also_in_the_mail_queue(self):
        waiting = self._create_notice()
        handed = self._create_notice(channel="email")
        gone = self._create_notice(channel="email")
        self._run_cron()
        self._send_mails(gone)
        self._run_cron()
        waiting = self._create_notice()
        cancelled = (waiting | handed | gone)._cancel_pending()
        self.assertEqual(cancelled, waiting | handed)
        self.assertEqual(handed.sudo().mail_id.state, "cancel")
        self.assertEqual(gone.state, "sent")
        with self.assertRaises(UserError):
            gone.action_cancel()


@tagged("post_install", "-at_install")
class TestSendingJob(NoticeCommon):
    def _portal_notices(self, count):
        return self.env["power.notice"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "purpose_id": self.purpose.id,
                    "subject": f"S{number}",
                    "body": "B",
                    "channel": "portal",
                }
                for number in range(count)
            ]
        )

    def test_every_batch_border_and_a_second_run(self):
        notices = self._portal_notices(5)
        Notice = type(self.env["power.notice"])
        original = Notice._cron_send
        self.patch(
            Notice, "_cron_send", lambda self, batch_size=2: original(self, batch_size)
        )
        self._run_cron()
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        run = self.env["power.job.run"].search([("name", "=", "power.notice.send")])
        self.assertEqual((run.done_count, run.state), (5, "done"))
        events = len(notices.event_ids)
        self._run_cron()
        self.assertEqual(len(notices.event_ids), events)

    def test_reasons_are_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.company.partner_id.lang = "zh_CN"
        notice = self._create_notice()
        languages = []
        self.patch(
            type(self.env["power.notice"]),
            "_fail_without_gateway",
            lambda records: (
                languages.append(records.env.lang)
                or records._record("failed", reason="x")
            ),
        )
        self._run_cron()
        self.assertEqual(languages, ["zh_CN"])
        self.assertEqual(notice.state, "failed")

    def test_not_before_its_time(self):
        notice = self._create_notice(
            channel="portal", send_after=fields.Datetime.now() + timedelta(hours=1)
        )
        self._run_cron()
        self.assertEqual(notice.state, "queued")

    def test_a_failing_notice_is_parked_and_holds_up_nobody(self):
        notices = self._portal_notices(4)
        poisoned = notices[1]
        Notice = type(self.env["power.notice"])
        original = Notice._render_at_send

        def render(records):
            if poisoned in records:
                raise ValueError("no such bill")
            return original(records)

        self.patch(Notice, "_render_at_send", render)
        with mute_logger(SENDING):
            self._run_cron()
        self.assertEqual((notices - poisoned).mapped("state"), ["sent"] * 3)
        self.assertEqual(poisoned.state, "failed")
        self.assertEqual(poisoned.failure_reason, "no such bill")
        self.assertIn("no such bill", self.purpose.activity_ids.note)

    def test_the_text_is_read_at_sending_and_a_lost_reason_cancels(self):
        notices = self._portal_notices(2)
        Notice = type(self.env["power.notice"])

        def render(records):
            records[0].body = "Now 5 yuan"
            records[1]._cancel_pending()
            return records

        self.patch(Notice, "_render_at_send", render)
        self._run_cron()
        self.assertEqual(notices.mapped("state"), ["sent", "cancelled"])
        self.assertEqual(notices[0].body, "Now 5 yuan")

    def test_quiet_hours_hold_also_when_the_job_runs_late(self):
        notice = self._create_notice()
        self.customer.write({"quiet_from": 21, "quiet_to": 8})
        notice.send_after = "2026-03-02 10:00"
        with freeze_time("2026-03-02 15:00"):  # 23:00 in Shanghai
            notice._send()
        self.assertEqual(notice.state, "queued")
        self.assertEqual(notice.send_after, datetime(2026, 3, 3, 0, 0))

    def test_what_another_worker_holds_is_left_to_it(self):
        notices = self._portal_notices(2)
        with patch.object(
            type(self.env["power.notice"]),
            "try_lock_for_update",
            lambda records, **kwargs: records[:1],
        ):
            self._run_cron()
        self.assertEqual(sorted(notices.mapped("state")), ["sent", "sent"])
        self.assertEqual(len(notices.event_ids), 4, "each was sent once")

    @warmup
    def test_sending_costs_the_same_queries_for_1_and_for_50(self):
        few, many = self._portal_notices(1), self._portal_notices(50)
        self.env.flush_all()
        for notices in (few, many):
            self.env.invalidate_all()
            with self.assertQueryCount(14):
                notices._send()
                self.env.flush_all()
        self.assertEqual(set(many.mapped("state")), {"sent"})


@tagged("post_install", "-at_install")
class TestFallback(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose.write({"proof_level": "delivered", "fallback_after_hours": 24})

    def _late(self, notice):
        """Let the notice's hours pass."""
        return freeze_time(notice.fallback_due_at + timedelta(minutes=1))

    def test_next_channel_once_with_the_old_one_marked(self):
        notice = self._create_notice(dedup_key="k")
        notice._record("sent")
        self._run_cron("ir_cron_notice_fall_back")
        self.assertFalse(notice.fallback_ids, "the hours are not over")
        with self._late(notice):
            self._run_cron("ir_cron_notice_fall_back")
            self._run_cron("ir_cron_notice_fall_back")
        new = notice.fallback_ids
        self.assertRecordValues(
            new,
            [
                {
                    "channel": "email",
                    "address": "wang@example.com",
                    "body": "Text",
                    "dedup_key": "k/email",
                    "state": "queued",
                }
            ],
        )
        self.assertEqual(notice.state, "replaced")
        self.assertFalse(notice.fallback_due_at)

    def test_down_the_whole_chain_then_no_channel_left(self):
        notice = self._create_notice(dedup_key="k")
        chain = notice
        for expected in ("email", "letter", "portal"):
            with self._late(notice):
                self._run_cron("ir_cron_notice_fall_back")
            notice = notice.fallback_ids
            chain |= notice
            self.assertEqual(notice.channel, expected)
        with self._late(notice):
            self._run_cron("ir_cron_notice_fall_back")
        self.assertTrue(notice.is_exhausted)
        self.assertFalse(notice.fallback_ids)
        self.assertFalse(notice.fallback_due_at)
        self.assertIn("no other channel", notice.advice)
        self.assertEqual(len(set(chain.mapped("channel"))), 4)

    def test_proof_in_time_needs_no_other_channel(self):
        notice = self._create_notice()
        due = notice.fallback_due_at
        notice._record("delivered")
        self.assertFalse(notice.fallback_due_at)
        with freeze_time(due + timedelta(days=1)):
            self._run_cron("ir_cron_notice_fall_back")
        self.assertFalse(notice.fallback_ids)

    def test_a_late_receipt_after_the_fallback_still_counts(self):
        notice = self._create_notice()
        notice._record("sent")
        with self._late(notice):
            self._run_cron("ir_cron_notice_fall_back")
        notice._record("delivered")
        self.assertEqual((notice.state, notice.is_proven), ("delivered", True))

    def test_cancelled_ones_stay_quiet(self):
        notice = self._create_notice()
        due = notice.fallback_due_at
        notice.action_cancel()
        with freeze_time(due + timedelta(days=1)):
            self._run_cron("ir_cron_notice_fall_back")
        self.assertFalse(notice.fallback_ids)

    def test_a_failing_one_is_parked_once(self):
        notice = self._create_notice()
        with (
            self._late(notice),
            mute_logger(SENDING),
            patch.object(
                type(self.env["power.notice"]),
                "_prepare_fallback_vals",
                side_effect=ValueError("broken"),
            ),
        ):
            self._run_cron("ir_cron_notice_fall_back")
        self.assertEqual((notice.state, notice.failure_reason), ("failed", "broken"))
        self.assertFalse(notice.fallback_due_at)


@tagged("post_install", "-at_install")
class TestByHand(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose = cls._create_purpose(
            "hand", "phone", "letter", "fax", proof_level="acknowledged"
        )

    def _record_outcome(self, notices, outcome, **vals):
        wizard = (
            self.env["power.notice.outcome"]
            .with_user(self.users["staff"])
            .create(
                {"notice_ids": [Command.set(notices.ids)], "outcome": outcome, **vals}
            )
        )
        wizard.action_record()
        return wizard

    def test_jobs_leave_them_to_people(self):
        notice = self._create_notice(channel="phone")
        self._run_cron()
        self.assertEqual(notice.state, "queued")
        todo = self.Notice.search([("state", "=", "queued"), ("is_manual", "=", True)])
        self.assertIn(notice, todo)
        automatic = self.Notice.search([("is_manual", "=", False)])
        self.assertNotIn(notice, automatic)

    def test_a_call_that_reached_the_customer(self):
        notice = self._create_notice(channel="phone")
        wizard = self._record_outcome(notice, "acknowledged", note="Mrs Wang herself")
        self.assertIn("Wang Wei", wizard.script)
        self.assertIn("Text", wizard.script)
        self.assertEqual(notice.proof_level, "acknowledged")
        self.assertTrue(notice.is_proven)
        self.assertEqual(notice.event_ids[-1].user_id, self.users["staff"])
        self.assertFalse(notice.event_ids[0].reason)
        contact = self.customer.power_contact_ids
        self.assertEqual((contact.channel, contact.direction), ("phone", "out"))
        self.assertIn("Mrs Wang", contact.outcome)

    def test_nobody_answers_three_times(self):
        notice = self._create_notice(channel="phone")
        for attempt in (1, 2):
            self._record_outcome(notice, "no_answer")
            self.assertEqual((notice.state, notice.attempt), ("queued", attempt + 1))
            self.assertGreater(notice.send_after, fields.Datetime.now())
        self._record_outcome(notice, "no_answer")
        self.assertEqual((notice.state, notice.failure_reason), ("failed", "No answer"))

    def test_the_pressed_button_says_the_outcome(self):
        notice = self._create_notice(channel="phone")
        wizard = self.env["power.notice.outcome"].create(
            {"notice_ids": [Command.set(notice.ids)]}
        )
        with self.assertRaises(UserError):
            wizard.action_record()
        wizard.with_context(power_outcome="reached").action_record()
        self.assertEqual(notice.proof_level, "delivered")
        self.assertIs(notice.event_ids[-1].reason, False)

    def test_wrong_number(self):
        notice = self._create_notice(channel="phone")
        self._record_outcome(notice, "wrong_address")
        self.assertEqual(notice.state, "failed")
        self.assertIn("Wrong number", notice.failure_reason)

    def test_letters_are_posted_then_signed_for_with_a_file(self):
        letters = self._create_notice(channel="letter") | self._create_notice(
            channel="letter"
        )
        self._record_outcome(letters, "sent")
        self.assertEqual(letters.mapped("proof_level"), ["sent", "sent"])
        with self.assertRaises(UserError):
            self._record_outcome(letters[0], "signed")
        photo = (
            self.env["ir.attachment"]
            .with_user(self.users["staff"])
            .create({"name": "receipt.png", "raw": PHOTO})
        )
        self._record_outcome(
            letters[0], "signed", attachment_ids=[Command.set(photo.ids)]
        )
        self.assertEqual(letters[0].proof_level, "signed")
        self.assertTrue(letters[0].proof_ids.power_sha256)

    def test_what_cannot_be_is_refused(self):
        phone = self._create_notice(channel="phone")
        letter = self._create_notice(channel="letter")
        with self.assertRaises(UserError):
            self._record_outcome(phone | letter, "signed")
        with self.assertRaises(UserError):
            self._record_outcome(
                phone, "reached", at=fields.Datetime.now() + timedelta(hours=1)
            )
        phone.action_cancel()
        with self.assertRaises(UserError):
            self._record_outcome(phone, "reached")
        other = self._create_notice(
            channel="phone",
            partner_id=self.customer_other.id,
            supply_point_id=self.point_other.id,
        )
        with self.assertRaises(AccessError):
            self._record_outcome(other, "reached")

    def test_letters_are_printed_together(self):
        letters = self._create_notice(
            channel="letter", body="Dear <b>customer</b>"
        ) | self._create_notice(channel="letter")
        report = "power_service_base.report_power_notice_letter"
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            report, letters.ids
        )
        text = html.decode()
        self.assertEqual(text.count("data-notice-id="), 2)
        # The PDF tool of Debian joins no documents: all letters are one.
        self.assertEqual(text.count('class="article"'), 1)
        self.assertIn("Dear &lt;b&gt;customer", text)
        self.assertIn("Road 1", text)
        self.assertEqual(letters.mapped("state"), ["queued", "queued"])

    def test_another_channel_can_be_chosen(self):
        notice = self._create_notice(channel="phone")
        wizard = (
            self.env["power.notice.rechannel"]
            .with_user(self.users["staff"])
            .create({"notice_ids": [Command.set(notice.ids)], "channel": "letter"})
        )
        wizard.action_apply()
        self.assertRecordValues(
            notice,
            [{"channel": "letter", "address": "Road 1", "attempt": 2}],
        )
        wizard.channel = "sms"
        with self.assertRaises(UserError):
            wizard.action_apply()


@tagged("post_install", "-at_install")
class TestVisit(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose = cls._create_purpose("visit", "visit", proof_level="signed")

    def _plan(self):
        notice = self._create_notice()
        self._run_cron()
        task = notice._get_visits()
        task.user_id = self.users["field"]
        return notice, task.with_user(self.users["field"])

    def test_a_visit_becomes_a_field_task_once(self):
        notice, task = self._plan()
        self.assertRecordValues(
            task,
            [
                {
                    "kind": "notice_delivery",
                    "partner_id": self.customer.id,
                    "supply_point_id": self.point.id,
                    "station_id": self.station.id,
                    "res_id": notice.id,
                }
            ],
        )
        self.assertEqual((notice.state, notice.proof_level), ("accepted", "none"))
        self._run_cron()
        self.assertEqual(len(notice._get_visits()), 1)

    def test_done_with_a_photo_is_signed_for(self):
        notice, task = self._plan()
        task.action_add_proof("signed.png", PIXEL)
        task.action_done("done")
        self.assertEqual((notice.state, notice.proof_level), ("delivered", "signed"))
        self.assertTrue(notice.is_proven)
        self.assertEqual(notice.proof_ids.power_sha256, task.proof_ids.power_sha256)
        self.assertNotEqual(notice.proof_ids, task.proof_ids)

    def test_done_without_proof_is_only_delivered(self):
        notice, task = self._plan()
        task.action_done("done")
        self.assertEqual((notice.proof_level, notice.is_proven), ("delivered", False))

    def test_nobody_there_fails_and_the_second_visit_counts(self):
        notice, task = self._plan()
        task.action_done("absent", note="Dog")
        self.assertEqual(notice.state, "failed")
        self.assertEqual(notice.failure_reason, "Nobody there: Dog")
        notice.action_retry()
        self._run_cron()
        second = notice._get_visits() - task.sudo()
        second.with_user(self.users["supervisor"]).action_done("done")
        self.assertEqual((notice.state, notice.attempt), ("delivered", 2))

    def test_a_reopened_visit_is_the_next_attempt(self):
        notice, task = self._plan()
        task.action_done("absent")
        supervisor = task.with_user(self.users["supervisor"])
        supervisor.action_reopen("Try the neighbour")
        self.assertEqual((notice.state, notice.attempt), ("accepted", 2))
        supervisor.action_done("done")
        self.assertEqual(notice.state, "delivered")

    def test_a_cancelled_notice_calls_the_visit_off_and_the_other_way_round(self):
        notice, task = self._plan()
        notice.with_user(self.users["staff"]).action_cancel()
        self.assertEqual((notice.state, task.sudo().state), ("cancelled", "cancelled"))
        notice, task = self._plan()
        task.with_user(self.users["supervisor"]).action_cancel("Road closed")
        self.assertEqual(notice.state, "failed")
        self.assertIn("Road closed", notice.failure_reason)


@tagged("post_install", "-at_install")
class TestComposeAndForget(NoticeCommon):
    def _compose(self, partners, **vals):
        return (
            self.env["power.notice.compose"]
            .with_user(self.users["staff"])
            .create(
                {
                    "partner_ids": [Command.set(partners.ids)],
                    "purpose_id": self.purpose.id,
                    "subject": "S",
                    "body": "Dear {{ object.name }}",
                    **vals,
                }
            )
        )

    def test_preview_tells_how_many_per_channel_and_who_is_not_reached(self):
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        partners = self.customer | self.customer_other | nobody
        wizard = self._compose(partners)
        self.assertIn("SMS: <b>2</b>", wizard.preview)
        self.assertEqual(wizard.unreachable_ids, nobody)
        wizard.action_send()
        notices = self.Notice.search([("partner_id", "in", partners.ids)])
        self.assertEqual(len(notices), 3)
        self.assertEqual(
            notices.filtered(lambda n: n.partner_id == nobody).state, "failed"
        )
        self.assertIn("Dear Wang Wei", notices.mapped("body"))
        # The same dialogue sent twice sends nothing twice.
        wizard.action_send()
        self.assertEqual(
            self.Notice.search([("partner_id", "in", partners.ids)]), notices
        )

    def test_the_purposes_text_comes_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.purpose.write({"subject": "Hello", "body": "Dear {{ object.name }}"})
        self.purpose.with_context(lang="zh_CN").write(
            {"subject": "您好", "body": "尊敬的 {{ object.name }}"}
        )
        self.customer.lang = "zh_CN"
        wizard = self._compose(
            self.customer | self.customer_other,
            subject="Hello",
            body="Dear {{ object.name }}",
        )
        wizard.action_send()
        self.assertEqual(
            self.Notice.search([("partner_id", "=", self.customer.id)]).body,
            "尊敬的 Wang Wei",
        )
        self.assertEqual(
            self.Notice.search([("partner_id", "=", self.customer_other.id)]).body,
            "Dear Li Na",
        )

    def test_staff_may_not_smuggle_code_into_a_text(self):
        wizard = self._compose(
            self.customer, body="{{ object.env['res.users'].search([]) }}"
        )
        staff = self.users["staff"]
        group = self.env.ref("mail.group_mail_template_editor")
        self.assertFalse(staff.has_group("mail.group_mail_template_editor"), group)
        with self.assertRaises(AccessError):
            wizard.action_send()

    def test_field_staff_may_not_send(self):
        with self.assertRaises(AccessError):
            self.env["power.notice.compose"].with_user(self.users["field"]).create({})

    def test_retention_deletes_after_the_purposes_years_only(self):
        other = self._create_purpose("long", "sms", retention_years=5)
        keep = self._create_purpose("forever", "sms", retention_years=0)
        notices = self.env["power.notice"]
        for purpose in (self.purpose, other, keep):
            notices |= self._create_notice(purpose_id=purpose.id)
        young = self._create_notice()
        proof = notices[0]._add_proof("a.txt", b"x")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE power_notice SET create_date = create_date - interval '4 years' "
            "WHERE id = ANY(%s)",
            [notices.ids],
        )
        self.env.invalidate_all()
        self._run_cron("ir_cron_notice_delete_old")
        self.assertEqual(notices.exists(), notices[1:])
        self.assertFalse(proof.exists())
        self.assertTrue(young.exists())
