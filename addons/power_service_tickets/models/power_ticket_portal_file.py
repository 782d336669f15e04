# One theme in one file: what customers send with their tickets, and get.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, models

from ..core import intake, portal_file
from .power_ticket_portal import clean_text


class PowerTicket(models.Model):
    """Photos and papers in the portal: what may be sent, and what is kept and shown."""

    _inherit = "power.ticket"

    @api.model
    def _get_portal_files_text(self):
        """How many and how large files a customer may send, in words."""
        get_limit = self.env["power.limit"]._get
        return self.env._(
            "Up to %(count)s files of at most %(size)g MB each.",
            count=get_limit("portal_max_files"),
            size=get_limit("file_megabytes"),
        )

    @api.model
    def _read_portal_files(self, storages):
        """Check and read files that a customer sends.

        :param storages: werkzeug ``FileStorage`` objects; those without a name are
            none (a browser sends one when nothing was chosen)
        :return: (list of ``core.intake.File``, what is wrong or None)
        """
        storages = [storage for storage in storages if storage.filename]
        most = self.env["power.limit"]._get("portal_max_files")
        if len(storages) > most:
            return [], self.env._("Send %(count)s files at most.", count=most)
        max_bytes, _max_files = self._get_file_limits()
        files, problems = [], []
        for storage in storages:
            # A repeated request (two at once) reads them again.
            storage.stream.seek(0)
            content = storage.stream.read(max_bytes + 1)
            name = clean_text(storage.filename)
            problem = portal_file.find_problem(name, content, max_bytes)
            if problem:
                problems.append(self._get_portal_file_problem(name, problem, max_bytes))
            else:
                files.append(intake.File(name, content))
        return ([], " ".join(problems)) if problems else (files, None)

    @api.model
    def _get_portal_file_problem(self, name, problem, max_bytes):
        names = {"name": intake.shorten(name), "size": max_bytes // 1024 // 1024}
        if problem == "too_large":
            return self.env._("“%(name)s” is larger than %(size)s MB.", **names)
        if problem == "empty":
            return self.env._("“%(name)s” is empty.", **names)
        return self.env._(
            "“%(name)s” is no photo and no PDF: send JPG, PNG, HEIC, WEBP, GIF or PDF.",
            **names,
        )

    def _portal_keep_files(self, files):
        """Files of the customer, not yet linked to what they prove.

        :param files: list of ``core.intake.File``, checked before
        :return: ``ir.attachment`` records
        """
        vals_list = []
        for file in files:
            kind = portal_file.find_kind(file.content)
            vals_list.append(
                {
                    "name": portal_file.get_kept_name(file.name, kind),
                    "raw": file.content,
                    "mimetype": kind.mimetype,
                    "company_id": self.company_id.id,
                }
            )
        return self.env["ir.attachment"].create(vals_list)

    def _get_portal_file(self, attachment_id):
        """One file of the timeline, as superuser; an empty one when it has no such."""
        for line in self._get_portal_timeline():
            for file in line["files"]:
                if file.id == attachment_id:
                    return file
        return self.env["ir.attachment"]
