from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sms.tools.sms_api import SmsApi, SmsApiBase

from .message_provider import MessageProvider
from .test_notice import NoticeCommon

SENDING = "odoo.addons.power_service_base.models.power_notice_send"


class GatewayCommon(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = MessageProvider()
        cls.addClassCleanup(cls.provider.stop)
        cls.gateway = cls.env["power.message.gateway"].create(
            {
                "name": "Loopback",
                "url": cls.provider.url,
                "key_id": "key",
                "secret": "secret",
                "timeout": 1,
            }
        )

    def setUp(self):
        super().setUp()
        self.provider.plan, self.provider.fault = {}, None
        self.provider.sent.clear()
        self.provider.requests.clear()

    def _pass_time(self, notices):
        """What was put off is due now."""
        notices.send_after = fields.Datetime.now() - timedelta(minutes=1)


@tagged("post_install", "-at_install")
class TestGateway(GatewayCommon):
    def test_the_address_is_one_of_the_web(self):
        for url in (
            "ftp://sms.example.com",
            "file:///etc/passwd",
            "sms.example.com",
            "https://",
            "https:///v1",
            "http://[::1/v1",
        ):
            with self.subTest(url), self.assertRaisesRegex(ValidationError, "https"):
                self.gateway.url = url
        self.gateway.url = "https://sms.example.com/v1/messages"

    def test_sms_is_sent_and_the_answer_noted(self):
        notice = self._create_notice(dedup_key="hello", body="第一条 text")
        self._run_cron()
        self.assertRecordValues(
            notice, [{"state": "sent", "proof_level": "sent", "is_proven": True}]
        )
        self.assertEqual(self.provider.sent["hello"]["text"], "第一条 text")
        self.assertEqual(self.provider.sent["hello"]["to"], "+8613800000001")
        self.assertEqual(notice.event_ids[-1].provider_key, "id-hello")

    def test_one_request_for_a_batch_of_recipients(self):
        self._create_notice(dedup_key="a")
        self._create_notice(dedup_key="b", body="Other text")
        self._create_notice(dedup_key="c")
        self._run_cron()
        self.assertEqual(len(self.provider.requests), 1)
        self.assertEqual(self.provider.sent.keys(), {"a", "b", "c"})
        self.gateway.batch_size = 2
        for key in "def":
            self._create_notice(dedup_key=key)
        self._run_cron()
        self.assertEqual(len(self.provider.requests), 3)

    def test_refusal_fails_with_the_providers_reason_and_can_be_retried(self):
        self.provider.plan["+8613800000001"] = "refuse"
        bad = self._create_notice(dedup_key="bad")
        self.customer_other.phone = "13800000002"
        good = self._create_notice(
            dedup_key="good",
            partner_id=self.customer_other.id,
            supply_point_id=False,
        )
        self._run_cron()
        self.assertEqual((bad.state, good.state), ("failed", "sent"))
        self.assertEqual(bad.failure_reason, "Number does not exist")
        self.customer.phone = "13900000000"
        bad.action_retry()
        self.assertEqual(bad.state, "queued")
        self._run_cron()
        self.assertEqual(bad.state, "sent")
        # The provider knows the old key as refused: the retry has a new one.
        self.assertIn("bad#2", self.provider.sent)

    def test_unclear_answers_are_repeated_with_the_same_key_never_doubled(self):
        cases = {
            "slow": "did not answer in time",
            "malformed": "wrong form",
            "http_503": "HTTP 503",
            "redirect": "HTTP 302",
        }
        for fault, words in cases.items():
            with self.subTest(fault=fault):
                notice = self._create_notice(dedup_key=fault)
                self.provider.fault = fault
                self._run_cron()
                self.assertEqual((notice.state, notice.try_count), ("queued", 1))
                self.assertIn(words, notice.last_error)
                self.assertGreater(notice.send_after, fields.Datetime.now())
                self.provider.fault = None
                self._pass_time(notice)
                self._run_cron()
                self.assertEqual(notice.state, "sent")
                self.assertEqual(list(self.provider.sent).count(fault), 1)
                self.assertEqual(notice.attempt, 1)

    def test_a_message_missing_in_the_answer_is_asked_for_again(self):
        notices = self._create_notice(dedup_key="one") | self._create_notice(
            dedup_key="two"
        )
        self.provider.fault = "partial"
        self._run_cron()
        self.assertEqual(sorted(notices.mapped("state")), ["queued", "sent"])
        self.provider.fault = None
        self._pass_time(notices.filtered(lambda n: n.state == "queued"))
        self._run_cron()
        self.assertEqual(notices.mapped("state"), ["sent", "sent"])
        self.assertEqual(self.provider.sent.keys(), {"one", "two"})

    def test_killed_after_the_request_nothing_is_sent_twice(self):
        notice = self._create_notice(dedup_key="killed")
        with (
            patch.object(
                type(self.env["power.notice"]),
                "_handle_results",
                side_effect=KeyboardInterrupt,
            ),
            self.assertRaises(KeyboardInterrupt),
            self.cr.savepoint(),
        ):
            notice._send()
        self.env.invalidate_all()
        self.assertEqual(notice.state, "queued")
        self._run_cron()
        self.assertEqual(notice.state, "sent")
        self.assertEqual(len(self.provider.requests), 2)
        self.assertEqual(list(self.provider.sent), ["killed"])
        self._run_cron()
        self.assertEqual(len(self.provider.requests), 2, "the second run sends nothing")

    def test_after_many_unclear_answers_it_is_parked_and_somebody_told(self):
        self.provider.fault = "http_503"
        notice = self._create_notice()
        for number in range(6):
            self.assertEqual(notice.state, "queued", number)
            self._pass_time(notice)
            self._run_cron()
        self.assertEqual(notice.state, "failed")
        self.assertIn("may have been sent", notice.failure_reason)
        activity = self.purpose.activity_ids
        self.assertIn("1 notices", activity.note)
        # A second one tells nobody twice.
        self.purpose._park(2, "again")
        self.assertEqual(self.purpose.activity_ids, activity)

    def test_a_wrong_secret_is_unclear_and_shown(self):
        self.gateway.secret = "wrong"
        notice = self._create_notice()
        self._run_cron()
        self.assertIn("HTTP 403", notice.last_error)
        self.assertFalse(self.provider.sent)

    def test_nobody_listens(self):
        self.gateway.url = "http://127.0.0.1:9/"
        notice = self._create_notice()
        self._run_cron()
        self.assertIn("can't be reached", notice.last_error)

    def test_wechat_has_its_own_gateway(self):
        self.purpose.channel_ids = [(0, 0, {"channel": "wechat", "sequence": 9})]
        self.customer.wechat_openid = "openid1"
        without = self._create_notice(channel="wechat")
        self._run_cron()
        self.assertEqual(without.state, "failed")
        self.assertIn("Message Gateways", without.failure_reason)
        self.gateway.copy({"kind": "wechat", "secret": "secret"})
        notice = self._create_notice(channel="wechat", dedup_key="w")
        self._run_cron()
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self.provider.sent["w"]["to"], "openid1")

    def test_without_gateway_sms_fails_with_what_to_do(self):
        self.gateway.active = False
        notice = self._create_notice()
        self._run_cron()
        self.assertEqual(notice.state, "failed")
        self.assertIn("Message Gateways", notice.failure_reason)

    def test_other_companies_gateways_are_not_used(self):
        self.gateway.company_id = self.company_other
        notice = self._create_notice()
        self._run_cron()
        self.assertEqual(notice.state, "failed")
        self.assertFalse(self.provider.requests)

    def test_odoos_own_sms_go_through_the_gateway(self):
        sms = self.env["sms.sms"].create({"number": "+8613800000009", "body": "Core"})
        uuid = sms.uuid
        sms.send()
        self.assertEqual(self.provider.sent[uuid]["text"], "Core")
        self.assertEqual(sms.state, "pending")
        self.gateway.active = False
        self.assertIs(self.company._get_sms_api_class(), SmsApi)

    def test_test_message_shows_the_answer(self):
        wizard = (
            self.env["power.message.gateway.test"]
            .with_user(self.users["manager"])
            .create({"gateway_id": self.gateway.id, "address": "1", "text": "T"})
        )
        wizard.action_send()
        self.assertEqual(wizard.state, "accepted")
        self.provider.fault = "malformed"
        wizard.action_send()
        self.assertEqual(wizard.state, "unknown")
        self.assertIn("wrong form", wizard.answer)


class ForgetfulApi(SmsApiBase):
    """A provider of another module: it may send one key twice."""

    calls = []
    results = "success"

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        self.calls.append(messages)
        if self.results == "crash":
            raise ConnectionError("lost")
        return [
            {"uuid": number["uuid"], "state": self.results}
            for message in messages
            for number in message["numbers"]
        ]


@tagged("post_install", "-at_install")
class TestForgetfulProvider(NoticeCommon):
    """Through core's other SMS classes nothing may be sent twice either."""

    def setUp(self):
        super().setUp()
        ForgetfulApi.calls.clear()
        self.patch(
            type(self.env["res.company"]),
            "_get_sms_api_class",
            lambda company: ForgetfulApi,
        )

    def test_results(self):
        for result, state in (
            ("success", "sent"),
            ("wrong_number_format", "failed"),
            ("crash", "accepted"),
        ):
            self.patch(ForgetfulApi, "results", result)
            notice = self._create_notice()
            with self.subTest(result=result), mute_logger(SENDING):
                self._run_cron()
                self.assertEqual(notice.state, state)

    def test_an_unclear_outcome_is_never_asked_again(self):
        self.patch(ForgetfulApi, "results", "crash")
        notice = self._create_notice()
        with mute_logger(SENDING):
            self._run_cron()
            self._run_cron()
        self.assertEqual(len(ForgetfulApi.calls), 1)
        self.assertEqual(notice.last_error, "lost")
        self.assertEqual(notice.proof_level, "none")
