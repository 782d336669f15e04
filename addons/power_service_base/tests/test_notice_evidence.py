from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import PHOTO
from .test_notice import NoticeCommon

LONG_AGO = "2020-01-01 08:00:00"


@tagged("post_install", "-at_install")
class TestEvidence(NoticeCommon):
    """What a person says of a notice isn't from before it, nor proved by anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose = cls._create_purpose("hand", "letter", "phone")

    def _enter(self, notice, kind, **vals):
        return (
            self.env["power.notice.event"]
            .with_user(self.users["staff"])
            .create({"notice_id": notice.id, "kind": kind, **vals})
        )

    def _record_outcome(self, notices, outcome, **vals):
        self.env["power.notice.outcome"].with_user(self.users["staff"]).create(
            {"notice_ids": [Command.set(notices.ids)], "outcome": outcome, **vals}
        ).action_record()

    def _attach(self, name, raw, mimetype=None):
        vals = {"name": name, "raw": raw}
        if mimetype:
            vals["mimetype"] = mimetype
        return self.env["ir.attachment"].with_user(self.users["staff"]).create(vals)

    def test_nothing_happened_before_the_notice_was_made(self):
        notice = self._create_notice(channel="letter")
        with self.assertRaisesRegex(UserError, "before"), self.cr.savepoint():
            self._enter(notice, "sent", at=LONG_AGO)
        with self.assertRaisesRegex(UserError, "before"):
            self._record_outcome(notice, "sent", at=LONG_AGO)
        self.assertEqual(notice.proof_level, "none")
        # Times are typed to the minute.
        minute = fields.Datetime.now().replace(second=0)
        self._record_outcome(notice, "sent", at=minute)
        self.assertEqual(notice.proof_level, "sent")

    def test_nothing_happened_before_the_attempt(self):
        with freeze_time("2026-03-02 02:00:00"):
            notice = self._create_notice(channel="phone")
            self._record_outcome(notice, "no_answer")
        with freeze_time("2026-03-02 06:00:00"):
            with self.assertRaisesRegex(UserError, "attempt"):
                self._record_outcome(notice, "reached", at="2026-03-02 01:59:00")
            self._record_outcome(notice, "reached", at="2026-03-02 05:30:00")
        self.assertEqual(notice.proof_level, "delivered")

    def test_a_signature_is_a_photo_or_a_pdf(self):
        for number, (name, raw, mimetype) in enumerate(
            (
                ("signed.txt", b"signed", None),
                ("signed.png", b"no photo", "image/png"),
                ("signed.pdf", b"<html>no PDF</html>", "application/pdf"),
                ("signed.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            )
        ):
            notice = self._create_notice(channel="letter", dedup_key=f"n{number}")
            file = self._attach(name, raw, mimetype)
            with self.subTest(name), self.assertRaisesRegex(UserError, "PDF"):
                self._record_outcome(
                    notice, "signed", attachment_ids=[Command.set(file.ids)]
                )
            with self.subTest(name), self.assertRaisesRegex(UserError, "PDF"):
                self._record_outcome(
                    notice, "sent", attachment_ids=[Command.set(file.ids)]
                )
            notice._add_proof(name, raw, mimetype)
            with self.subTest(name), self.assertRaisesRegex(UserError, "PDF"):
                with self.cr.savepoint():
                    self._enter(notice, "signed")
            self.assertEqual(notice.proof_level, "none")
        for name, raw in (("a.png", PHOTO), ("a.pdf", b"%PDF-1.4 scan")):
            notice = self._create_notice(channel="letter")
            self._record_outcome(
                notice,
                "signed",
                attachment_ids=[Command.set(self._attach(name, raw).ids)],
            )
            self.assertEqual(notice.proof_level, "signed", name)

    def test_what_has_to_be_proved_is_fixed_once_sent(self):
        notice = self._create_notice(needed_proof="signed", fallback_after_hours=48)
        staff = notice.with_user(self.users["staff"])
        staff.send_after = fields.Datetime.now() + timedelta(hours=1)
        notice._record("sent")
        for name, value in (
            ("needed_proof", "none"),
            ("fallback_after_hours", 0),
            ("send_after", LONG_AGO),
        ):
            with self.subTest(name), self.assertRaisesRegex(UserError, "sent already"):
                staff.write({name: value})
        self.assertEqual(notice.needed_proof, "signed")

    def test_only_the_system_says_that_no_channel_is_left(self):
        notice = self._create_notice()
        other = self._create_notice()
        for name, value in (("is_exhausted", True), ("fallback_of_id", other.id)):
            with self.subTest(name), self.assertRaisesRegex(UserError, "events"):
                notice.with_user(self.users["staff"]).write({name: value})
            with self.subTest(name), self.assertRaisesRegex(UserError, "events"):
                notice.sudo().write({name: value})
        made = self._create_notice(is_exhausted=True)
        self.assertFalse(made.is_exhausted)
