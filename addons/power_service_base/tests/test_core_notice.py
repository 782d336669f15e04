"""The rules of notices, without a database."""

import random
from datetime import datetime, timedelta
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.power_service_base.core.message_signature import is_valid, sign
from odoo.addons.power_service_base.core.notice_channel import (
    Reach,
    choose_channel,
    choose_fallback,
    normalize_mobile,
)
from odoo.addons.power_service_base.core.notice_projection import (
    NoticeEvent,
    get_proof_rank,
    project,
)
from odoo.addons.power_service_base.core.quiet_hours import delay_for_quiet_hours

START = datetime(2026, 3, 2, 1, 0)
KINDS = (
    "queued",
    "accepted",
    "sent",
    "delivered",
    "acknowledged",
    "signed",
    "failed",
    "retried",
    "cancelled",
    "fallback",
)


def events(*items):
    """Events one minute apart, each a kind or (kind, attempt, reason)."""
    result = []
    for number, item in enumerate(items):
        kind, *rest = item if isinstance(item, tuple) else (item,)
        result.append(NoticeEvent(kind, START + timedelta(minutes=number), *rest))
    return result


EVENT = st.builds(
    NoticeEvent,
    kind=st.sampled_from(KINDS),
    at=st.integers(0, 100).map(lambda minutes: START + timedelta(minutes=minutes)),
    attempt=st.integers(1, 3),
    reason=st.sampled_from(["", "no answer", "refused"]),
)


class TestProjection(TestCase):
    def test_table(self):
        # events, state, proof, attempt, reason
        table = [
            ((), "queued", "none", 1, ""),
            (("queued",), "queued", "none", 1, ""),
            (("queued", "accepted"), "accepted", "none", 1, ""),
            (("queued", "sent"), "sent", "sent", 1, ""),
            (("queued", "sent", "delivered"), "delivered", "delivered", 1, ""),
            (("queued", "delivered", "sent"), "delivered", "delivered", 1, ""),
            (("queued", "sent", "signed"), "delivered", "signed", 1, ""),
            (("queued", ("failed", 1, "x")), "failed", "none", 1, "x"),
            # A message that bounced was not sent.
            (("queued", "sent", ("failed", 1, "back")), "failed", "none", 1, "back"),
            (
                ("queued", ("failed", 1, "?"), "delivered"),
                "delivered",
                "delivered",
                1,
                "",
            ),
            (
                ("queued", ("failed", 1, "x"), ("retried", 2)),
                "queued",
                "none",
                2,
                "",
            ),
            (
                ("queued", ("failed", 1, "x"), ("retried", 2), ("sent", 2)),
                "sent",
                "sent",
                2,
                "",
            ),
            # A late receipt of the first attempt counts while the second one waits.
            (
                ("queued", ("failed", 1, "x"), ("retried", 2), ("delivered", 1)),
                "delivered",
                "delivered",
                2,
                "",
            ),
            (("queued", "cancelled"), "cancelled", "none", 1, ""),
            (("queued", ("failed", 1, "x"), "cancelled"), "cancelled", "none", 1, ""),
            (("queued", "sent", "fallback"), "replaced", "sent", 1, ""),
            (
                ("queued", "sent", "fallback", "delivered"),
                "delivered",
                "delivered",
                1,
                "",
            ),
        ]
        for given_events, state, proof, attempt, reason in table:
            with self.subTest(events=given_events):
                result = project(events(*given_events))
                self.assertEqual(
                    (state, proof, attempt, reason),
                    (
                        result.state,
                        result.proof_level,
                        result.attempt,
                        result.failure_reason,
                    ),
                )

    def test_times_are_the_earliest_of_what_holds(self):
        result = project(events("queued", "sent", "delivered", "signed"))
        self.assertEqual(result.sent_at, START + timedelta(minutes=1))
        self.assertEqual(result.delivered_at, START + timedelta(minutes=2))
        late = project(events("queued", "delivered", "sent"))
        self.assertEqual(late.sent_at, START + timedelta(minutes=1))
        bounced = project(events("queued", "sent", "failed"))
        self.assertIsNone(bounced.sent_at)

    @given(st.lists(EVENT, max_size=12), st.randoms(use_true_random=False))
    @settings(max_examples=300, deadline=None)
    def test_order_and_repetition_of_receipts_change_nothing(self, given_events, rng):
        shuffled = given_events + given_events[: len(given_events) // 2]
        rng.shuffle(shuffled)
        self.assertEqual(project(given_events), project(shuffled))

    @given(st.lists(EVENT, max_size=12), EVENT)
    @settings(max_examples=300, deadline=None)
    def test_lasting_proof_is_never_lost(self, given_events, more):
        before = get_proof_rank(project(given_events).proof_level)
        after = get_proof_rank(project([*given_events, more]).proof_level)
        if before >= 2:
            self.assertGreaterEqual(after, before)

    @given(st.lists(EVENT, max_size=12))
    @settings(max_examples=300, deadline=None)
    def test_state_and_proof_agree(self, given_events):
        result = project(given_events)
        rank = get_proof_rank(result.proof_level)
        self.assertEqual(result.state == "delivered", rank >= 2)
        self.assertEqual(result.delivered_at is not None, rank >= 2)
        self.assertEqual(result.sent_at is not None, rank >= 1)
        if result.state != "failed":
            self.assertEqual(result.failure_reason, "")


class TestQuietHours(TestCase):
    def test_table(self):
        # UTC, from, to, expected UTC; Shanghai is UTC+8
        table = [
            ("2026-03-02 03:00", 22, 7, "2026-03-02 03:00"),  # 11:00
            ("2026-03-02 14:00", 22, 7, "2026-03-02 23:00"),  # 22:00 -> 07:00
            ("2026-03-02 13:59", 22, 7, "2026-03-02 13:59"),
            ("2026-03-02 17:30", 22, 7, "2026-03-02 23:00"),  # 01:30
            ("2026-03-02 22:59", 22, 7, "2026-03-02 23:00"),
            ("2026-03-02 23:00", 22, 7, "2026-03-02 23:00"),  # 07:00: over
            ("2026-03-02 04:30", 12, 14.5, "2026-03-02 06:30"),  # 12:30 -> 14:30
            ("2026-03-02 15:00", 22, 24, "2026-03-02 16:00"),  # to midnight
            ("2026-03-02 15:00", 0, 0, "2026-03-02 15:00"),  # none
            ("2026-03-02 15:00", 9, 9, "2026-03-02 15:00"),  # none
        ]
        for at, start, end, expected in table:
            with self.subTest(at=at, start=start, end=end):
                self.assertEqual(
                    delay_for_quiet_hours(
                        datetime.fromisoformat(at), "Asia/Shanghai", start, end
                    ),
                    datetime.fromisoformat(expected),
                )

    def test_summer_time_changes_follow_the_wall_clock(self):
        # Berlin goes from UTC+1 to UTC+2 in the night of 29 March 2026.
        self.assertEqual(
            delay_for_quiet_hours(datetime(2026, 3, 28, 22, 0), "Europe/Berlin", 22, 7),
            datetime(2026, 3, 29, 5, 0),
        )

    @given(
        st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
        st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC", "Asia/Kathmandu"]),
        st.integers(0, 48).map(lambda half: half / 2),
        st.integers(0, 48).map(lambda half: half / 2),
    )
    @settings(max_examples=300, deadline=None)
    def test_result_is_allowed_and_soon(self, at, tz, start, end):
        once = delay_for_quiet_hours(at, tz, start, end)
        self.assertGreaterEqual(once, at)
        self.assertLess(once - at, timedelta(hours=26))
        self.assertEqual(delay_for_quiet_hours(once, tz, start, end), once)


class TestChannel(TestCase):
    def test_mobile_numbers(self):
        table = [
            ("13800000001", "+8613800000001"),
            ("+86 138-0000-0001", "+8613800000001"),
            ("008613800000001", "+8613800000001"),
            ("8613800000001", "+8613800000001"),
            ("0571-88880000", ""),
            ("+86 571 88880000", ""),
            ("12345", ""),
            ("", ""),
            (None, ""),
            ("+49 170 1234567", "+491701234567"),
            ("1380000000", ""),
        ]
        for phone, expected in table:
            with self.subTest(phone=phone):
                self.assertEqual(normalize_mobile(phone), expected)

    def test_preferred_channel_first_if_allowed_and_possible(self):
        reach = Reach(email="a@b.cn", phone="13800000001")
        allowed = ["sms", "email", "letter"]
        self.assertEqual(choose_channel("email", allowed, reach), ("email", "a@b.cn"))
        for preferred in (None, "letter", "wechat"):
            with self.subTest(preferred=preferred):
                self.assertEqual(
                    choose_channel(preferred, allowed, reach),
                    ("sms", "+8613800000001"),
                )
        self.assertIsNone(choose_channel("email", allowed, Reach(email="no address")))

    def test_fallback_never_uses_a_channel_twice(self):
        reach = Reach(email="a@b.cn", phone="13800000001", postal="Road 1")
        allowed = ["sms", "email", "letter"]
        self.assertEqual(choose_fallback(["sms"], allowed, reach)[0], "email")
        self.assertEqual(choose_fallback(["email"], allowed, reach)[0], "letter")
        self.assertEqual(choose_fallback(["letter"], allowed, reach)[0], "sms")
        self.assertIsNone(choose_fallback(["letter", "sms", "email"], allowed, reach))


class TestSignature(TestCase):
    def test_only_the_fresh_untouched_request_is_valid(self):
        body = b'{"receipts": []}'
        good = ["secret", "key", "1000", "nonce", body, "", 1000.0]
        good[5] = sign("secret", "key", 1000, "nonce", body)
        self.assertTrue(is_valid(*good))
        self.assertTrue(is_valid(*good[:6], 1299.0))
        changes = [
            (0, "other"),
            (0, ""),
            (1, "other"),
            (2, "1001"),
            (2, "-1000"),
            (2, ""),
            (2, "٣"),
            (2, "9" * 30),
            (3, "other"),
            (4, body + b" "),
            (5, ""),
            (5, "ü"),
            (5, "0" * 64),
            (6, 1301.0),
            (6, 699.0),
        ]
        for index, value in changes:
            with self.subTest(index=index, value=value):
                self.assertFalse(is_valid(*good[:index], value, *good[index + 1 :]))

    def test_random_signatures_are_refused(self):
        rng = random.Random(1)
        for _number in range(100):
            guess = "".join(rng.choices("0123456789abcdef", k=64))
            self.assertFalse(is_valid("s", "k", "1000", "n", b"", guess, 1000.0))
