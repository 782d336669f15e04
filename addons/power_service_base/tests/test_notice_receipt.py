"""The provider's receipts, and those who only pretend to be the provider."""

import json
import time

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.power_service_base.core.message_signature import sign

from .test_notice import NoticeCommon

CONTROLLER = "odoo.addons.power_service_base.controllers.power_notice"


@tagged("post_install", "-at_install")
class TestReceipt(NoticeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.env["power.message.gateway"].create(
            {"name": "G", "url": "https://x.cn", "key_id": "key", "secret": "secret"}
        )
        cls.notice = cls._create_notice(dedup_key="hello", needed_proof="delivered")
        cls.notice._record("sent")

    def _post(self, receipts, status=200, **changes):
        body = changes.get("body")
        if body is None:
            body = json.dumps({"receipts": receipts}).encode()
        timestamp = changes.get("timestamp", int(time.time()))
        signed = changes.get("signed", body)
        signature = sign(
            changes.get("secret", "secret"), "key", timestamp, "nonce", signed
        )
        headers = {
            "Content-Type": "application/json",
            "X-Power-Key": "key",
            "X-Power-Timestamp": str(timestamp),
            "X-Power-Nonce": changes.get("nonce", "nonce"),
            "X-Power-Signature": changes.get("signature", signature),
        }
        for name in changes.get("without", ()):
            headers.pop(name)
        gateway = changes.get("gateway", self.gateway.id)
        response = self.url_open(
            f"/power_service/receipt/{gateway}",
            data=body,
            headers=headers,
            method="POST",
        )
        self.assertEqual(response.status_code, status, response.text)
        self.notice.invalidate_recordset()
        return response

    def test_late_receipt_raises_the_proof(self):
        self._post(
            [{"key": "hello", "state": "delivered", "at": "2020-01-01T00:00:00+08:00"}]
        )
        self.assertRecordValues(
            self.notice,
            [{"state": "delivered", "proof_level": "delivered", "is_proven": True}],
        )
        # A time that can't be is the time of the receipt.
        self.assertGreaterEqual(self.notice.delivered_at, self.notice.create_date)
        self._post([{"key": "hello", "state": "read"}])
        self.assertEqual(self.notice.proof_level, "acknowledged")

    def test_a_repeated_or_replayed_receipt_changes_nothing(self):
        receipt = [{"key": "hello", "state": "delivered"}]
        self._post(receipt)
        before = self.notice.read(["state", "delivered_at", "event_ids"])
        self._post(receipt)
        self._post(receipt * 3)
        self.assertEqual(
            before, self.notice.read(["state", "delivered_at", "event_ids"])
        )

    def test_receipts_before_the_answer_lead_to_the_same_state(self):
        notice = self._create_notice(dedup_key="early")
        self._post([{"key": "early", "state": "delivered"}])
        notice._record("sent")
        self.assertEqual(notice.state, "delivered")

    def test_failure_after_sending_is_a_failure(self):
        self._post([{"key": "hello", "state": "failed", "reason": "Phone is off"}])
        self.assertEqual(
            (self.notice.state, self.notice.failure_reason), ("failed", "Phone is off")
        )
        self.assertEqual(self.notice.proof_level, "none")

    def test_a_receipt_of_an_older_attempt(self):
        self.notice._record("failed", reason="x")
        self.notice.action_retry()
        self._post([{"key": "hello", "state": "delivered"}])
        self.assertEqual(self.notice.proof_level, "delivered")
        self._post([{"key": "hello#2", "state": "read"}])
        self.assertEqual(self.notice.proof_level, "acknowledged")

    def test_unknown_keys_are_ignored_without_a_word(self):
        known = self._post([{"key": "hello", "state": "sent"}])
        unknown = self._post(
            [
                {"key": "who?", "state": "delivered"},
                {"key": "hello#9", "state": "delivered"},
                {"key": "hello#0", "state": "delivered"},
                {"key": "hello#x", "state": "sent"},
                {"key": "hello#٣", "state": "delivered"},
                {"key": "\0", "state": "delivered"},
            ]
        )
        self.assertEqual(known.json(), unknown.json())
        self.assertEqual(self.notice.proof_level, "sent")

    def test_only_messages_of_the_gateways_kind_and_company(self):
        receipt = [{"key": "hello", "state": "delivered"}]
        self.gateway.kind = "wechat"
        self._post(receipt)
        self.assertEqual(self.notice.proof_level, "sent")
        self.gateway.write({"kind": "sms", "company_id": self.company_other.id})
        self._post(receipt)
        self.assertEqual(self.notice.proof_level, "sent")

    @mute_logger(CONTROLLER)
    def test_forgeries_are_refused_alike(self):
        receipt = [{"key": "hello", "state": "delivered"}]
        now = int(time.time())
        forgeries = [
            {"secret": "guess"},
            {"secret": "no gateway"},
            {"signature": ""},
            {"signature": "0" * 64},
            {"signature": "ü"},
            {"signed": b"another body"},
            {"nonce": "another"},
            {"timestamp": now - 3600},
            {"timestamp": now + 3600},
            {"without": ["X-Power-Signature"]},
            {"without": ["X-Power-Timestamp"]},
            {"without": ["X-Power-Nonce"]},
            {"gateway": self.gateway.id + 999},
            {"gateway": self.gateway.id + 999, "secret": "no gateway"},
        ]
        answers = set()
        for forgery in forgeries:
            if "ü" in forgery.get("signature", ""):
                forgery["signature"] = "%C3%BC"
            with self.subTest(forgery=forgery):
                answers.add(self._post(receipt, 403, **forgery).text)
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.notice.proof_level, "sent")

    def test_an_archived_gateway_is_closed(self):
        self.gateway.active = False
        with mute_logger(CONTROLLER):
            self._post([{"key": "hello", "state": "delivered"}], 403)
        self.assertEqual(self.notice.proof_level, "sent")

    def test_signed_nonsense_is_named_so(self):
        for body in (
            b"",
            b"[]",
            b"{}",
            b"null",
            b"\xff\xfe",
            b'{"receipts": 1}',
            b'{"receipts": [1]}',
            b'{"receipts": [{}]}',
            b'{"receipts": [{"key": "hello", "state": "stolen"}]}',
            b'{"receipts": [{"key": "hello", "state": ["sent"]}]}',
            b'{"receipts": [{"key": "hello", "state": "delivered", "at": "soon"}]}',
            b'{"receipts": [{"key": "hello", "state": "delivered", "at": 5}]}',
            json.dumps(
                {"receipts": [{"key": "hello", "state": "delivered"}] * 1001}
            ).encode(),
        ):
            with self.subTest(body=body[:60]):
                self._post(None, 400, body=body)
        self.assertEqual(self.notice.proof_level, "sent")

    def test_too_much_is_refused_unread(self):
        self._post(None, 413, body=b" " * 1_000_001)

    def test_reading_is_no_way_in(self):
        response = self.url_open(f"/power_service/receipt/{self.gateway.id}")
        self.assertEqual(response.status_code, 405)
