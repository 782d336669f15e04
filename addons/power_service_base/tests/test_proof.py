import hashlib

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PowerServiceCommon

CONTENT = b"%PDF a signed letter"


@tagged("post_install", "-at_install")
class TestProof(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice = cls._create_notice()
        cls.proof = cls.notice._add_proof("signed.pdf", CONTENT)

    @classmethod
    def _create_notice(cls, **vals):
        return cls.env["power.notice"].create(
            {
                "partner_id": cls.customer.id,
                "subject": "Hello",
                "body": "Text",
                "station_id": cls.station.id,
                **vals,
            }
        )

    def _upload(self, user, **vals):
        """What the web client does: a file that belongs to no record yet."""
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .create(
                {"name": "a.txt", "raw": b"x", "res_model": "power.notice", "res_id": 0}
                | vals
            )
        )

    def test_a_linked_file_is_hashed_and_belongs_to_the_record(self):
        self.assertEqual(self.proof.power_sha256, hashlib.sha256(CONTENT).hexdigest())
        self.assertEqual(self.proof.res_id, self.notice.id)
        self.assertEqual(self.notice.proof_ids, self.proof)
        self.assertFalse(self.notice._get_broken_proofs())

    def test_files_uploaded_before_saving_are_sealed_when_saved(self):
        staff = self.users["staff"]
        upload = self._upload(staff, public=True)
        notice = self.notice.with_user(staff)
        notice.proof_ids = [Command.link(upload.id)]
        self.assertTrue(upload.power_sha256)
        self.assertEqual(upload.res_id, notice.id)
        self.assertFalse(upload.public)
        created = self._create_notice(
            proof_ids=[Command.link(self._upload(self.env.user).id)]
        )
        self.assertTrue(created.proof_ids.power_sha256)

    def test_nothing_of_a_proof_can_be_changed(self):
        for vals in (
            {"raw": b"other"},
            {"datas": b"b3RoZXI="},
            {"name": "other.pdf"},
            {"mimetype": "text/plain"},
            {"res_id": 0},
            {"res_model": "res.partner"},
            {"public": True},
            {"type": "url"},
            {"url": "https://example.com"},
            {"db_datas": b"other"},
            {"description": "other"},
            {"power_sha256": "0" * 64},
            {"power_sha256": False},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.proof.sudo().write(vals)
        self.assertEqual(self.proof.raw, CONTENT)

    def test_the_file_store_can_be_moved(self):
        self.proof._migrate()
        self.assertEqual(self.proof.raw, CONTENT)

    def test_a_proof_cannot_be_deleted_or_unlinked(self):
        with self.assertRaises(UserError):
            self.proof.sudo().unlink()
        # A key that a client can send opens nothing.
        with self.assertRaises(UserError):
            self.proof.sudo().with_context(power_retention=True).unlink()
        for command in (
            Command.unlink(self.proof.id),
            Command.clear(),
            Command.set([]),
            Command.delete(self.proof.id),
        ):
            with self.subTest(command=command), self.assertRaises(UserError):
                self.notice.proof_ids = [command]

    def test_a_hash_cannot_be_claimed(self):
        fake = self._upload(self.env.user, power_sha256="0" * 64)
        self.assertFalse(fake.power_sha256)
        with self.assertRaises(UserError):
            fake.with_context(power_sealing=True).power_sha256 = "0" * 64

    def test_links_and_empty_files_prove_nothing(self):
        for vals in ({"raw": b""}, {"type": "url", "url": "https://example.com"}):
            upload = self._upload(self.env.user, **vals)
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.notice.proof_ids = [Command.link(upload.id)]

    def test_someone_elses_file_cannot_be_taken(self):
        secret = self._upload(self.users["manager"])
        with self.assertRaises(AccessError):
            self.notice.with_user(self.users["staff"]).proof_ids = [
                Command.link(secret.id)
            ]

    def test_the_proof_of_another_record_is_copied(self):
        other = self._create_notice()
        with self.assertRaises(UserError):
            other.proof_ids = [Command.link(self.proof.id)]
        copies = other._copy_proofs(self.proof)
        self.assertEqual(copies.power_sha256, self.proof.power_sha256)
        self.assertFalse(other._copy_proofs(self.proof), "the same file twice")

    def test_a_file_changed_outside_is_found(self):
        self.proof.flush_recordset()
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = NULL, db_datas = 'forged' "
            "WHERE id = %s",
            [self.proof.id],
        )
        self.proof.invalidate_recordset()
        self.assertEqual(self.notice._get_broken_proofs(), self.proof)

    def test_proof_is_read_by_those_who_read_the_record(self):
        self.assertTrue(self.proof.with_user(self.users["field"]).has_access("read"))
        self.notice.flush_recordset()
        other = self._create_user("elsewhere", "power_service_base.group_power_staff")
        other.employee_ids.department_id = self.station_other
        self.env.flush_all()
        self.assertFalse(self.proof.with_user(other).has_access("read"))
