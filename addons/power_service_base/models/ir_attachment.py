import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.mail.tools.discuss import Store

from .power_append_only_mixin import is_retention

# Passed in the context by the only code that may set the hash. Being an object, it
# can't be sent by a client.
SEALING = object()

# What makes a proof: nothing of it changes afterwards. (The access token and thumbnail
# that the web client makes are no part of it.)
PROOF_FIELDS = frozenset(
    {
        "checksum",
        "company_id",
        "datas",
        "db_datas",
        "description",
        "file_size",
        "mimetype",
        "name",
        "power_sha256",
        "public",
        "raw",
        "res_field",
        "res_id",
        "res_model",
        "store_fname",
        "type",
        "url",
    }
)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    power_sha256 = fields.Char(
        "SHA-256",
        size=64,
        readonly=True,
        copy=False,
        help="Hash of the content when the file became proof. A file with it can't be "
        "changed or deleted.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # A hash is taken by sealing, never claimed.
        files = super().create(
            [
                {name: vals[name] for name in vals if name != "power_sha256"}
                for vals in vals_list
            ]
        )
        files._power_seal_what_came()
        return files

    def write(self, vals):
        if not PROOF_FIELDS.isdisjoint(vals):
            self._power_check_unchanged(vals)
        result = super().write(vals)
        if not {"res_model", "res_id"}.isdisjoint(vals):
            self._power_seal_what_came()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_power_proof(self):
        if is_retention(self.env):
            return
        for proof in self.sudo().filtered("power_sha256"):  # also when not readable
            raise UserError(
                self.env._("%(file)s is proof: it can't be deleted.", file=proof.name)
            )

    def _to_store_defaults(self, target):
        return [
            *super()._to_store_defaults(target),
            Store.Attr("power_is_proof", lambda file: bool(file.power_sha256)),
        ]

    def _power_check_unchanged(self, vals):
        """Refuse a write that would change proof, or claim a hash.

        Writing what is there already is let through: moving the file store does so.
        """
        if self.env.context.get("power_sealing") is SEALING:
            return
        if "power_sha256" in vals:
            raise UserError(self.env._("The hash of a file can't be written."))
        for proof in self.sudo().filtered("power_sha256"):  # also when not readable
            for name in PROOF_FIELDS & vals.keys():
                if not proof._power_has_value(name, vals[name]):
                    raise UserError(
                        self.env._(
                            "%(file)s is proof: it can't be changed.", file=proof.name
                        )
                    )

    def _power_has_value(self, name, value):
        """Whether the proof's field ``name`` holds ``value`` already."""
        self.ensure_one()
        if name in ("raw", "datas"):
            content = base64.b64decode(value or b"") if name == "datas" else value
            return self._power_sha256_of(content) == self.power_sha256
        return self._fields[name].convert_to_write(self[name], self) == (value or False)

    @api.model
    def _power_sha256_of(self, content):
        """Hash of ``content`` (bytes, text or nothing) in hexadecimal."""
        if isinstance(content, str):
            content = content.encode()
        return hashlib.sha256(content or b"").hexdigest()

    def _power_seal_what_came(self):
        """Make those of these files proof that came to a record which keeps its files:
        posted or uploaded in its chatter, or by e-mail.

        What waits in the composer isn't posted yet. What a user puts into a form with
        fields of proof becomes proof when the form is saved.
        """
        for file in self.sudo():  # who may attach it was decided by the caller
            record = self.env.get(file.res_model or "")
            keeps = getattr(record, "_power_keeps_files", None)
            if (
                (keeps == "all" or (keeps == "posted" and self.env.su))
                and file.res_id
                and not file.res_field
                and file.type == "binary"
                and file.file_size
                and not file.power_sha256
            ):
                file._power_seal(record.browse(file.res_id))

    def _power_seal(self, record):
        """Make these files proof of ``record``: owned by it, hashed, guarded.

        The user needs to be allowed to write the files; see ``power.proof.mixin``.
        """
        self.check_access("write")
        for attachment in self.sudo():  # the user's right was checked just before
            content = attachment.raw
            if attachment.type != "binary" or not content:
                raise UserError(
                    self.env._(
                        "%(file)s is empty or a link: proof is a file with content.",
                        file=attachment.name,
                    )
                )
            attachment.with_context(power_sealing=SEALING).write(
                {
                    "power_sha256": self._power_sha256_of(content),
                    "res_model": record._name,
                    "res_id": record.id,
                    "res_field": False,
                    "public": False,
                }
            )
