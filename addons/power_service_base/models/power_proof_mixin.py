from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

PROOF_TYPES = ("image/", "application/pdf")


def is_photo_or_pdf(raw):
    """Whether the content (bytes) is that of a photo or a PDF file, whatever its name
    says."""
    mimetype = guess_mimetype(raw or b"", default="")
    return mimetype.startswith(PROOF_TYPES) and "svg" not in mimetype


class PowerProofMixin(models.AbstractModel):
    """What is proved by files: photos, signatures, scans, receipts.

    A file becomes proof when it is linked by ``proof_ids``: from then on it carries the
    SHA-256 of its content, belongs to this one record (whose access rules it follows),
    and can be neither changed, unlinked from the record nor deleted. The guard on the
    file itself is in ``ir.attachment``.

    In a form: ``<field name="proof_ids" widget="many2many_binary" />``; in code:
    :meth:`_add_proof` and :meth:`_copy_proofs`. A model with further fields of proof,
    as photos taken before the work, names them in ``_proof_fields``.

    Files that are posted in its chatter become proof as well. A model without fields of
    proof that keeps each file put on it says so by ``_power_keeps_files = "all"``.
    """

    _name = "power.proof.mixin"
    _description = "Proved by Files"
    _proof_fields = ("proof_ids",)
    _power_keeps_files = "posted"

    proof_ids = fields.Many2many(
        "ir.attachment",
        copy=False,
        ondelete="restrict",
        bypass_search_access=True,
        help="Photos, signatures, scans. Once saved they can't be changed or deleted.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if any(vals.get(name) for vals in vals_list for name in self._proof_fields):
            records._seal_proofs()
        return records

    def write(self, vals):
        if vals.keys().isdisjoint(self._proof_fields):
            return super().write(vals)
        before = {
            (record, name): record.sudo()[name]  # all of them
            for record in self
            for name in self._proof_fields
        }
        result = super().write(vals)
        for (record, name), proofs in before.items():
            if proofs - record.sudo()[name]:  # as above
                raise UserError(
                    self.env._(
                        "Proof can't be taken away again. Add a file that says what "
                        "is right."
                    )
                )
        self._seal_proofs()
        return result

    def _seal_proofs(self):
        """Hash, own and guard the linked files that are not proof yet.

        :raise AccessError: when the user may not write a file that would be sealed:
            linking someone else's file must not open it to readers of this record
        :raise UserError: when a file is a link, empty, or the proof of another record
        """
        for record in self:
            for proof in record._get_proofs():
                if not proof.sudo().power_sha256:  # own rights are checked when sealing
                    proof._power_seal(record)
                elif (proof.res_model, proof.res_id) not in record._get_proof_owners():
                    raise UserError(
                        self.env._(
                            "%(file)s already is the proof of another record: add a "
                            "copy of it.",
                            file=proof.name,
                        )
                    )

    def _get_proof_owners(self):
        """Whose files may be linked as proof of this record without being copied.

        To override: add records that the same people may read.

        :return: set of (model name, id)
        """
        self.ensure_one()
        return {(self._name, self.id)}

    @api.model
    def _check_own_files(self, file_ids):
        """Refuse files that the user may not write, before superuser code links them:
        somebody else's file would be opened to all readers of the record.

        :param file_ids: ids of ``ir.attachment``
        :raise AccessError: one of them isn't the user's
        :raise UserError: these are no ids
        """
        file_ids = file_ids or []
        if not isinstance(file_ids, (list, tuple)) or any(
            not isinstance(file_id, int) for file_id in file_ids
        ):
            raise UserError(self.env._("Files are named by a list of their ids."))
        self.env["ir.attachment"].browse(file_ids).check_access("write")

    def _get_proofs(self):
        """All proof of the records, whatever it shows."""
        proofs = self.env["ir.attachment"]
        for name in self._proof_fields:
            proofs |= self[name]
        return proofs

    def _add_proof(self, name, raw, mimetype=None, field="proof_ids"):
        """Keep ``raw`` (bytes) as a file and proof of this record.

        :param name: the file's name
        :param mimetype: guessed from name and content when not given
        :param field: which of ``_proof_fields`` it goes into
        :return: the new ``ir.attachment``
        """
        self.ensure_one()
        vals = {
            "name": name,
            "raw": raw,
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self.company_id.id if "company_id" in self else False,
        }
        if mimetype:
            vals["mimetype"] = mimetype
        proof = self.env["ir.attachment"].create(vals)
        self.write({field: [fields.Command.link(proof.id)]})
        return proof

    def _copy_proofs(self, proofs):
        """Add copies of another record's proofs: same content, same hash.

        :param proofs: ``ir.attachment`` records that the user may read
        :return: the copies; files of the same content are added once
        """
        self.ensure_one()
        have = set(self.sudo().proof_ids.mapped("power_sha256"))  # to compare only
        copies = self.env["ir.attachment"]
        for proof in proofs:
            if proof.power_sha256 not in have:
                copies |= self._add_proof(proof.name, proof.raw, proof.mimetype)
        return copies

    def _get_broken_proofs(self):
        """The proofs whose stored file no longer has the hash taken when it was added:
        changed or lost outside Odoo."""
        return self._get_proofs().filtered(
            lambda proof: proof._power_sha256_of(proof.raw) != proof.power_sha256
        )
