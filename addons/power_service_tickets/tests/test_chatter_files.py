"""Files that are posted in a chatter are evidence, as those of the events."""

import json

from odoo import http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.power_service_base.tests.common import PHOTO

from .common import QualityCommon
from .connection_common import ConnectionCommon
from .test_ticket_action import ActionCommon

EMPTY_PDF = b"%PDF-1.4 other"


class ChatterCommon(ActionCommon, ConnectionCommon, QualityCommon):
    def _records(self):
        """One record of each kind that keeps its files."""
        ticket = self._create_ticket("complaint")
        return (
            ticket,
            self._create_connection(),
            self._create_rectification(),
            self.env["power.claim"].create(
                {
                    "name": "Fridge",
                    "ticket_id": ticket.id,
                    "happened_at": "2026-03-01 02:00",
                    "line_ids": [(0, 0, {"name": "x", "amount_claimed": 1})],
                }
            ),
            self.env["power.field.task"].create(
                {
                    "kind": "repair",
                    "supply_point_id": self.point.id,
                    "due_at": "2030-01-01",
                }
            ),
            self.env["power.inspection"].create(
                {
                    "name": "Hall",
                    "checklist_id": self.env.ref(
                        "power_service_tickets.power_inspection_checklist_hall"
                    ).id,
                    "station_id": self.station.id,
                    "inspector_id": self.worker.id,
                }
            ),
            self.env["power.service.meeting"].create(
                {
                    "month": "2026-03-01",
                    "station_id": self.station.id,
                    "chair_id": self.chief.employee_ids.id,
                }
            ),
        )

    def _assert_kept(self, file, record, content=PHOTO):
        """Nobody deletes the file or changes what it says, superuser code neither."""
        self.assertEqual(file.power_sha256, file._power_sha256_of(content))
        for user in (*self.users.values(), self.chief, self.env.user):
            own = file.with_user(user)
            for files in (own, own.sudo()):
                with self.assertRaises(UserError):
                    files.unlink()
                for vals in (
                    {"raw": EMPTY_PDF},
                    {"datas": False},
                    {"name": "other.png"},
                    {"res_id": 0},
                    {"res_model": "res.partner"},
                    {"public": True},
                    {"type": "url", "url": "https://example.com"},
                    {"power_sha256": False},
                ):
                    with self.assertRaises(UserError, msg=vals):
                        files.write(vals)
        self.assertEqual((file.res_model, file.res_id), (record._name, record.id))
        self.assertEqual(file.raw, content)


@tagged("post_install", "-at_install")
class TestChatterFiles(ChatterCommon):
    def _pending(self, user, name="a.png", raw=PHOTO, **vals):
        """As the composer uploads: nobody has posted it yet."""
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .sudo()
            .create(
                {
                    "name": name,
                    "raw": raw,
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                    **vals,
                }
            )
            .sudo(False)
        )

    def test_what_is_posted_stays(self):
        for record in self._records():
            with self.subTest(model=record._name):
                file = self._pending(self.chief)
                record.with_user(self.chief).message_post(
                    body="See", attachment_ids=file.ids
                )
                self._assert_kept(file.sudo(), record)

    def test_what_is_posted_as_content_stays(self):
        for record in self._records():
            with self.subTest(model=record._name):
                message = record.with_user(self.chief).message_post(
                    body="See", attachments=[("a.png", PHOTO)]
                )
                self._assert_kept(message.sudo().attachment_ids, record)

    def test_a_loose_file_that_a_message_shows_belongs_to_the_record(self):
        for record in self._records():
            with self.subTest(model=record._name):
                file = self._upload(self.chief, content=PHOTO)
                record.with_user(self.chief).message_post(
                    body="See", attachment_ids=file.ids
                )
                self._assert_kept(file.sudo(), record)

    def test_somebody_elses_loose_file_is_not_taken(self):
        file = self._upload(self.users["manager"], content=PHOTO)
        ticket = self._create_ticket("complaint")
        # The system's own code may show any file.
        ticket.with_user(self.chief).sudo().message_post(
            body="See", attachment_ids=file.ids
        )
        self.assertFalse(file.sudo().power_sha256)
        self.assertFalse(file.sudo().res_id)

    def test_what_waits_in_the_composer_may_be_taken_away(self):
        file = self._pending(self.staff)
        self.assertFalse(file.sudo().power_sha256)
        file.unlink()
        self.assertFalse(file.exists())

    def test_a_message_that_is_edited_keeps_its_files(self):
        ticket = self._create_ticket("complaint").with_user(self.chief)
        file = self._pending(self.chief)
        message = ticket.message_post(
            body="See", attachment_ids=file.ids, message_type="comment"
        )
        with self.assertRaisesRegex(UserError, "is proof"):
            ticket._message_update_content(message, body="", attachment_ids=[])
        self.assertTrue(file.sudo().exists())
        self.assertEqual(message.attachment_ids, file)

    def test_a_file_put_on_a_ticket_stays(self):
        ticket = self._create_ticket("complaint")
        file = self.env["ir.attachment"].with_user(self.staff)
        file = file.create(
            {"name": "a.png", "raw": PHOTO, "res_model": ticket._name}
            | {"res_id": ticket.id}
        )
        self._assert_kept(file.sudo(), ticket)

    def test_a_form_of_proof_is_saved_before_its_files_stay(self):
        """Who takes the wrong photo may still choose another one."""
        task = self._create_rectification().with_user(self.chief)
        file = self.env["ir.attachment"].with_user(self.chief)
        file = file.create(
            {"name": "a.png", "raw": PHOTO, "res_model": task._name, "res_id": task.id}
        )
        file.unlink()
        self.assertFalse(file.exists())

    def test_what_was_posted_may_prove_an_event_of_the_ticket(self):
        ticket, other = (self._create_ticket("complaint") for _number in range(2))
        file = self._pending(self.chief)
        ticket.with_user(self.chief).message_post(body="See", attachment_ids=file.ids)
        with self.assertRaisesRegex(UserError, "another record"):
            other.with_user(self.chief).register_event(
                "milestone", milestone="contacted", proof_ids=file.ids
            )
        ticket.with_user(self.chief).register_event(
            "milestone", milestone="contacted", proof_ids=file.ids
        )
        self.assertEqual(ticket.event_ids.proof_ids, file)
        self._assert_kept(file.sudo(), ticket)

    def test_an_e_mails_files_stay(self):
        ticket = self._create_ticket("complaint")
        ticket.message_post(
            body="See", message_type="email", attachments=[("a.png", PHOTO)]
        )
        self._assert_kept(ticket.message_ids.attachment_ids, ticket)

    def test_programs_are_refused_where_they_would_stay(self):
        for record in self._records():
            for name, raw in (("run.exe", b"MZ"), ("a.png", b"<html><script>")):
                with self.subTest(model=record._name, name=name):
                    file = self._pending(self.chief, name, raw)
                    mine = record.with_user(self.chief)
                    with self.assertRaisesRegex(UserError, name):
                        mine.message_post(body="See", attachment_ids=file.ids)
                    self.env.invalidate_all(flush=False)
                    self.assertFalse(file.sudo().power_sha256)

    def test_other_records_files_are_nobodys_proof(self):
        file = self._pending(self.chief)
        self.customer.message_post(body="See", attachment_ids=file.ids)
        self.assertFalse(file.sudo().power_sha256)


@tagged("post_install", "-at_install")
class TestChatterFilesOnline(ChatterCommon, HttpCase):
    """As the web client does it."""

    def _call(self, route, **params):
        return self.url_open(
            route,
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()

    def _upload_file(self, record, is_pending):
        response = self.url_open(
            "/mail/attachment/upload",
            {
                "csrf_token": http.Request.csrf_token(self),
                "thread_id": record.id,
                "thread_model": record._name,
                "is_pending": str(is_pending).lower(),
            },
            files={"ufile": ("a.png", PHOTO, "image/png")},
        )
        response.raise_for_status()
        file = self.env["ir.attachment"].browse(
            response.json()["data"]["attachment_id"]
        )
        return file, response.json()["data"]["store_data"]["ir.attachment"][0]

    def test_staff_cannot_delete_what_they_posted_or_put_there(self):
        records = self._records()
        self.authenticate("test_chief", "test_chief")
        for record in records:
            for is_pending in (True, False):
                with self.subTest(model=record._name, is_pending=is_pending):
                    file, shown = self._upload_file(record, is_pending)
                    if is_pending:
                        posted = self._call(
                            "/mail/message/post",
                            thread_model=record._name,
                            thread_id=record.id,
                            post_data={
                                "body": "See",
                                "attachment_ids": file.ids,
                                "attachment_tokens": [shown["ownership_token"]],
                                "message_type": "comment",
                                "subtype_xmlid": "mail.mt_note",
                            },
                        )
                        self.assertNotIn("error", posted)
                    with mute_logger("odoo.http"):
                        answer = self._call(
                            "/mail/attachment/delete",
                            attachment_id=file.id,
                            access_token=shown["ownership_token"],
                        )
                    self.assertIn("is proof", answer["error"]["data"]["message"])
                    self.env.invalidate_all()
                    self._assert_kept(file, record)

    def test_no_button_offers_to_delete_what_is_proof(self):
        ticket = self._create_ticket()
        path = f"/odoo/action-power_service_tickets.power_ticket_action/{ticket.id}"
        self.start_tour(path, "power_chatter_proof", login="test_chief")
        [file] = ticket.message_ids.attachment_ids
        self.assertTrue(file.power_sha256)
