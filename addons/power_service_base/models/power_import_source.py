# One theme a file.
# pylint: disable=consider-merging-classes-inherited
import io
import os
import tempfile
from contextlib import contextmanager

from odoo import api, models


class PowerImportSource(models.Model):
    """The file of an import: where it lies, how large it is, how it is read."""

    _inherit = "power.import"

    def _get_attachment(self):
        return (
            self.env["ir.attachment"]
            .sudo()  # files of fields are closed to everybody; access is the record's
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "file"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )

    def _get_file_size(self):
        return self._get_attachment().file_size

    @api.model
    def _get_limit_mb(self):
        """The greatest file in MB."""
        return self.env["power.limit"]._get("import_megabytes")

    @contextmanager
    def _open_file(self, path=None):
        """The file as a binary stream, read from disk where it lies there.

        :param path: a file to read in place of the attachment
        """
        attachment = self._get_attachment()
        if not path and attachment.store_fname:
            path = attachment._full_path(attachment.store_fname)
        if path:
            with open(path, "rb") as stream:
                yield stream
            return
        raw = attachment.raw or b""
        with tempfile.TemporaryFile() if len(raw) > 1 << 22 else io.BytesIO() as stream:
            stream.write(raw)
            del raw
            yield stream

    @api.model
    def _import_file(self, kind, source, commit=False, **options):
        """Import a file to the end, now: for scripts, demo data and tests.

        :param kind: one of IMPORT_KINDS
        :param source: a path, or the bytes
        :param commit: commit each batch (in a script; never in a test), so that memory
            and locks stay small and a run that is killed keeps what it did
        :param options: values of the fields of OPTIONS; ``is_check_only`` to check
        :return: the import, done or failed: see ``state`` and ``message``
        """
        is_check_only = options.pop("is_check_only", False)
        path = None
        if isinstance(source, bytes | bytearray):
            options.setdefault("file_name", f"{kind}.csv")
        else:
            path = os.fspath(source)
            options.setdefault("file_name", os.path.basename(path))
        record = self.create({"kind": kind, **options})
        if path is None:
            self.env["ir.attachment"].sudo().create(  # as a field's file is kept
                {
                    "name": "file",
                    "res_model": self._name,
                    "res_field": "file",
                    "res_id": record.id,
                    "type": "binary",
                    "raw": bytes(source),
                }
            )
        record._check_right()
        if commit:
            self.env["ir.cron"]._commit_progress()
        record.sudo().write(record._prepare_start_vals(is_check_only))  # checked above
        record.sudo()._as_user()._work_at_once(commit=commit, path=path)  # as above
        return record
