from datetime import datetime, timedelta

from psycopg2 import errors

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged, warmup
from odoo.tools import mute_logger

from odoo.addons.power_service_base.models.power_append_only_mixin import RETENTION

from .common import PHOTO, PowerServiceCommon


class NoticeCommon(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Notice = cls.env["power.notice"]
        cls.customer.write({"email": "wang@example.com", "street": "Road 1"})
        cls.station.duty_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Duty", "tz": "Asia/Shanghai"}
        )
        cls.purpose = cls._create_purpose("test", "sms", "email", "letter", "portal")

    @classmethod
    def _create_purpose(cls, code, *channels, **vals):
        return cls.env["power.notice.purpose"].create(
            {
                "name": code,
                "code": code,
                "channel_ids": [
                    (0, 0, {"sequence": number, "channel": channel})
                    for number, channel in enumerate(channels)
                ],
                **vals,
            }
        )

    @classmethod
    def _create_notice(cls, **vals):
        return cls.env["power.notice"].create(
            {
                "partner_id": cls.customer.id,
                "purpose_id": cls.purpose.id,
                "subject": "Hello",
                "body": "Text",
                "supply_point_id": cls.point.id,
                **vals,
            }
        )

    def _run_cron(self, name="ir_cron_notice_send"):
        with self.enter_registry_test_mode():
            cron = self.env.ref(f"power_service_base.{name}")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestMakeNotices(NoticeCommon):
    def test_channel_address_station_and_time_are_filled_in(self):
        notice = self._create_notice()
        self.assertRecordValues(
            notice,
            [
                {
                    "channel": "sms",
                    "address": "+8613800000001",
                    "state": "queued",
                    "proof_level": "none",
                    "needed_proof": "sent",
                    "station_id": self.station.id,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(notice.event_ids.mapped("kind"), ["queued"])
        self.assertTrue(notice.dedup_key)

    def test_preferred_channel_if_it_is_allowed_and_possible(self):
        for preferred, expected in (
            ("email", "email"),
            ("letter", "letter"),
            ("portal", "portal"),
            ("wechat", "sms"),  # not allowed
            ("fax", "sms"),
        ):
            self.customer.preferred_channel = preferred
            with self.subTest(preferred=preferred):
                self.assertEqual(self._create_notice().channel, expected)
        self.customer.email = "no address"
        self.customer.preferred_channel = "email"
        self.assertEqual(self._create_notice().channel, "sms")

    def test_nobody_to_reach_is_a_failed_notice_with_its_reason(self):
        self.customer.write({"phone": False, "email": False, "street": False})
        self.portal.active = False
        self.portal.partner_id = self.env["res.partner"].create({"name": "x"})
        self.point.address = False
        notice = self._create_notice()
        self.assertEqual(notice.state, "failed")
        self.assertIn("no address", notice.failure_reason)
        self.assertIn("contact data", notice.advice)
        self.assertEqual(notice.event_ids.mapped("kind"), ["queued", "failed"])
        failed = self.Notice.search([("state", "=", "failed")])
        self.assertIn(notice, failed)
        with self.assertRaises(UserError):
            notice.action_retry()
        self.customer.phone = "13900000000"
        notice._rechannel("sms")
        self.assertEqual(notice.state, "queued")
        self.assertEqual(notice.address, "+8613900000000")
        self.assertEqual(notice.attempt, 2)

    def test_letter_goes_to_the_supply_point_without_other_address(self):
        self.customer.street = False
        self.point.address = "Village 7"
        notice = self._create_notice(channel="letter")
        self.assertEqual(notice.address, "Village 7")

    def test_a_channel_that_the_purpose_does_not_allow_is_refused(self):
        with self.assertRaises(UserError):
            self._create_notice(channel="visit")

    @mute_logger("odoo.sql_db")
    def test_the_database_takes_each_key_once(self):
        self._create_notice(dedup_key="a")
        with self.assertRaises(errors.UniqueViolation), self.cr.savepoint():
            self._create_notice(dedup_key="a")
        with self.assertRaises(errors.CheckViolation), self.cr.savepoint():
            self._create_notice(dedup_key="a#2")

    def test_a_batch_can_be_repeated(self):
        batch = [
            {
                "partner_id": self.customer.id,
                "subject": "S",
                "body": "B",
                "dedup_key": f"k{number % 3}",
            }
            for number in range(5)
        ]
        self.assertEqual(len(self.Notice._notify("test", batch)), 3)
        self.assertFalse(self.Notice._notify("test", batch))
        with self.assertRaises(UserError):
            self.Notice._notify("no such purpose", batch)

    def test_quiet_hours_delay_the_sending(self):
        self.customer.write({"quiet_from": 21, "quiet_to": 8})
        with freeze_time("2026-03-02 14:00"):  # 22:00 in Shanghai
            self.assertEqual(
                self._create_notice().send_after, datetime(2026, 3, 3, 0, 0)
            )
            # A letter and the portal disturb nobody.
            for channel in ("letter", "portal"):
                notice = self._create_notice(channel=channel)
                self.assertEqual(notice.send_after, datetime(2026, 3, 2, 14, 0))
            self.purpose.has_quiet_hours = False
            self.assertEqual(
                self._create_notice().send_after, datetime(2026, 3, 2, 14, 0)
            )

    def test_the_fast_way_makes_the_same_as_the_orm(self):
        self.customer.write({"quiet_from": 21, "quiet_to": 8})
        self.customer_other.phone = False
        common = {"subject": "S", "body": "B", "res_model": "res.partner"}
        vals_list = [
            {"partner_id": self.customer.id, "res_id": 1},
            {"partner_id": self.customer_other.id, "needed_proof": "none"},
            {
                "partner_id": self.customer.id,
                "supply_point_id": self.point.id,
                "send_after": datetime(2026, 3, 2, 14, 0),
                "fallback_after_hours": 12.5,
                "channel": "email",
            },
        ]
        vals_list = [
            {**common, **vals, "dedup_key": f"k{number}"}
            for number, vals in enumerate(vals_list)
        ]
        with freeze_time("2026-03-02 14:00:00"):
            fast = self.Notice._notify("test", vals_list)
            slow = self.Notice.create(
                [
                    {
                        **vals,
                        "dedup_key": f"slow {vals['dedup_key']}",
                        "purpose_id": self.purpose.id,
                    }
                    for vals in vals_list
                ]
            )
        self.env.flush_all()
        self.env.invalidate_all()
        names = [
            name
            for name, field in self.Notice._fields.items()
            if field.store
            and name not in ("id", "dedup_key", "event_ids", "write_date")
        ]
        self.assertIn("create_uid", names)
        for one, other in zip(fast.read(names), slow.read(names), strict=True):
            one.pop("id"), other.pop("id")
            self.assertEqual(one, other)
        self.assertEqual(fast.mapped("event_ids.kind"), slow.mapped("event_ids.kind"))

    def test_the_fast_way_checks_rights_and_companies(self):
        vals = {
            "partner_id": self.customer.id,
            "subject": "S",
            "body": "B",
            "dedup_key": "x",
        }
        for user, changes, error in (
            ("field", {}, AccessError),
            ("staff", {"station_id": self.station_other.id}, AccessError),
            ("manager", {"company_id": self.company_other.id}, AccessError),
            ("manager", {"station_id": self.station_foreign.id}, AccessError),
        ):
            Notice = self.Notice.with_user(self.users[user])
            with self.subTest(user=user), self.assertRaises(error):
                Notice._notify("test", [{**vals, **changes}])
        with self.assertRaises(UserError):
            self.Notice._notify(
                "test",
                [
                    {
                        **vals,
                        "station_id": self.station_foreign.id,
                        "company_id": self.company.id,
                    }
                ],
            )

    @warmup
    def test_a_batch_costs_the_same_queries_for_1_and_for_50(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"P{number}", "phone": f"1380000{number:04}"}
                for number in range(51)
            ]
        )
        self.env.flush_all()
        for chunk in (partners[:1], partners[1:]):
            vals_list = [
                {
                    "partner_id": partner.id,
                    "subject": "S",
                    "body": "B",
                    "dedup_key": f"q/{partner.id}",
                }
                for partner in chunk
            ]
            self.env.invalidate_all()
            with self.assertQueryCount(14):
                self.Notice._notify("test", vals_list)
                self.env.flush_all()

    def test_form_lets_the_system_choose(self):
        self.purpose.sequence = 0
        with Form(self.Notice.with_user(self.users["staff"])) as form:
            form.partner_id = self.customer
            form.subject = "S"
            form.body = "B"
            form.purpose_id = self.purpose
        self.assertEqual(form.record.channel, "sms")


@tagged("post_install", "-at_install")
class TestNoticeIsEvidence(NoticeCommon):
    def test_state_and_proof_cannot_be_written(self):
        notice = self._create_notice()
        for name, value in (
            ("state", "delivered"),
            ("proof_level", "signed"),
            ("is_proven", True),
            ("sent_at", "2026-01-01"),
            ("attempt", 3),
        ):
            with self.subTest(name=name), self.assertRaises(UserError):
                notice.sudo().write({name: value})
            with self.subTest(name=name), self.assertRaises(UserError):
                notice.sudo().with_context(power_projecting=True).write({name: value})

    def test_state_given_at_creation_is_ignored(self):
        notice = self._create_notice(state="delivered", proof_level="signed")
        self.assertEqual((notice.state, notice.proof_level), ("queued", "none"))

    def test_what_was_said_cannot_be_changed_afterwards(self):
        notice = self._create_notice()
        notice.body = "Corrected"
        notice._record("sent")
        for name in ("body", "subject", "address", "dedup_key"):
            with self.subTest(name=name), self.assertRaises(UserError):
                notice.sudo()[name] = "other"

    def test_notices_and_events_cannot_be_deleted_or_changed(self):
        notice = self._create_notice()
        event = notice.event_ids
        for records in (notice.sudo(), event.sudo()):
            with self.assertRaises(UserError):
                records.unlink()
            with self.assertRaises(UserError):
                records.with_context(power_retention=True).unlink()
        with self.assertRaises(UserError):
            event.sudo().kind = "sent"
        event.with_context(power_retention=RETENTION).sudo().unlink()
        self.assertFalse(event.exists())

    def test_events_project_in_any_order_and_only_once(self):
        notice = self._create_notice()
        at = datetime(2026, 3, 2, 8, 0)
        self.assertEqual(notice._record("delivered", at), notice)
        self.assertFalse(notice._record("delivered", at + timedelta(hours=1)))
        notice._record("sent", at - timedelta(minutes=5))
        self.assertRecordValues(
            notice,
            [
                {
                    "state": "delivered",
                    "proof_level": "delivered",
                    "is_proven": True,
                    "sent_at": at - timedelta(minutes=5),
                    "delivered_at": at,
                }
            ],
        )

    def test_events_entered_by_staff_name_them(self):
        notice = self._create_notice(channel="letter")
        staff = self.users["staff"]
        event = (
            self.env["power.notice.event"]
            .with_user(staff)
            .create(
                {
                    "notice_id": notice.id,
                    "kind": "sent",
                    "user_id": self.users["manager"].id,
                    "recorded_at": "2020-01-01",
                }
            )
        )
        self.assertEqual(event.user_id, staff)
        self.assertGreater(event.recorded_at, datetime(2026, 1, 1))
        self.assertEqual(notice.state, "sent")

    def test_an_empty_projection_still_touches_the_row(self):
        """Two transactions that record at once then collide instead of losing one."""
        notice = self._create_notice()
        notice._record("sent")
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin FROM power_notice WHERE id = %s", [notice.id])
        notice.write_date = datetime(2020, 1, 1)
        self.env.flush_all()
        notice._project()
        self.env.flush_all()
        self.assertGreater(notice.write_date, datetime(2026, 1, 1))


@tagged("post_install", "-at_install")
class TestNoticeAccess(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._create_notice(channel="portal")
        cls.sms = cls._create_notice()
        cls.other = cls._create_notice(
            partner_id=cls.customer_other.id,
            supply_point_id=cls.point_other.id,
            channel="letter",
            address="Road 2",
        )

    def test_staff_see_their_station_quality_all(self):
        both = self.own | self.other
        for name, expected in (
            ("field", self.own),
            ("staff", self.own),
            ("supervisor", self.own),
            ("quality", both),
            ("manager", both),
        ):
            user = self.users[name]
            with self.subTest(group=name):
                self.assertEqual(
                    both.with_user(user)._filtered_access("read"), expected
                )
                self.assertEqual(
                    both.event_ids.with_user(user)._filtered_access("read"),
                    expected.event_ids,
                )

    def test_only_what_a_person_witnesses_is_entered_by_hand(self):
        Event = self.env["power.notice.event"].with_user(self.users["staff"])
        witnessed = {
            "letter": {"sent", "failed"},
            "fax": {"sent", "acknowledged", "failed"},
            "phone": {"delivered", "acknowledged", "failed"},
            "visit": {"delivered", "acknowledged", "failed"},
        }
        channels = dict(self.Notice._fields["channel"].selection)
        purpose = self._create_purpose("every", *channels)
        for channel in channels:
            for kind in dict(Event._fields["kind"].selection):
                if kind == "queued":
                    continue
                notice = self._create_notice(
                    channel=channel, address="x", purpose_id=purpose.id
                )
                allowed = kind in witnessed.get(channel, ())
                with self.subTest(channel=channel, kind=kind), self.cr.savepoint():
                    if allowed:
                        Event.create({"notice_id": notice.id, "kind": kind})
                        continue
                    with self.assertRaises(UserError):
                        Event.create({"notice_id": notice.id, "kind": kind})

    def test_a_signature_entered_by_hand_has_its_photo(self):
        Event = self.env["power.notice.event"].with_user(self.users["staff"])
        notice = self._create_notice(channel="letter")
        with self.assertRaisesRegex(UserError, "photo"), self.cr.savepoint():
            Event.create({"notice_id": notice.id, "kind": "signed"})
        notice._add_proof("signed.png", b"photo", "image/png")
        with self.assertRaisesRegex(UserError, "PDF"), self.cr.savepoint():
            Event.create({"notice_id": notice.id, "kind": "signed"})
        notice._add_proof("signed.png", PHOTO)
        Event.create({"notice_id": notice.id, "kind": "signed"})
        self.assertEqual(notice.proof_level, "signed")

    def test_events_by_hand_are_of_now_and_of_an_open_notice(self):
        Event = self.env["power.notice.event"].with_user(self.users["staff"])
        notice = self._create_notice(channel="letter")
        for vals in (
            {"at": datetime.now() + timedelta(days=1)},
            {"attempt": 2},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaises(UserError),
                self.cr.savepoint(),
            ):
                Event.create({"notice_id": notice.id, "kind": "sent", **vals})
        notice.action_cancel()
        with self.assertRaisesRegex(UserError, "closed"):
            Event.create({"notice_id": notice.id, "kind": "sent"})

    def test_staff_may_not_act_on_another_station(self):
        other = self.other.with_user(self.users["staff"])
        for method in ("action_cancel", "action_retry"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(other, method)()
        with self.assertRaises(AccessError):
            self.env["power.notice.event"].with_user(self.users["staff"]).create(
                {"notice_id": self.other.id, "kind": "sent"}
            )

    def test_the_gateways_secret_is_for_managers(self):
        gateway = self.env["power.message.gateway"].create(
            {"name": "G", "url": "https://x.cn", "key_id": "k", "secret": "s"}
        )
        for name in ("field", "staff", "supervisor", "quality"):
            with self.subTest(group=name), self.assertRaises(AccessError):
                gateway.with_user(self.users[name]).read(["secret"])
        manager = gateway.with_user(self.users["manager"])
        self.assertEqual(manager.read(["secret"])[0]["secret"], "s")

    def test_portal_customer_reads_own_published_notices_only(self):
        Notice = self.Notice.with_user(self.portal)
        self.assertFalse(Notice.search([]), "nothing is published yet")
        (self.own | self.sms)._record("sent")
        self.assertEqual(Notice.search([]), self.own)
        with self.assertRaises(AccessError):
            self.sms.with_user(self.portal).read(["subject"])
        with self.assertRaises(AccessError):
            self.own.with_user(self.portal).read(["dedup_key"])

    def test_opening_in_the_portal_acknowledges_once(self):
        self.own._record("sent")
        self.own.with_user(self.portal)._portal_acknowledge()
        self.own.with_user(self.portal)._portal_acknowledge()
        self.assertEqual(self.own.proof_level, "acknowledged")
        self.assertEqual(
            self.own.event_ids.mapped("kind"), ["queued", "sent", "acknowledged"]
        )
        with self.assertRaises(AccessError):
            self.other.with_user(self.portal)._portal_acknowledge()
        self.assertEqual(self.other.proof_level, "none")

    def test_the_portal_needs_nothing_else(self):
        with self.assertRaises(AccessError):
            self.own.with_user(self.portal).write({"body": "x"})
