# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.tools import SQL, LazyTranslate

from odoo.addons.power_service_base.core.given import shorten

from ..core import attachment_rule, intake
from .power_ticket import CHANNELS

_lt = LazyTranslate(__name__)

SHOWN_PROBLEMS = 20
PROBLEMS = {
    intake.NOT_A_DICT: _lt("a ticket is an object with named fields."),
    intake.UNKNOWN_FIELD: _lt("there is no such field."),
    intake.MISSING: _lt("is needed."),
    intake.NOT_TEXT: _lt("has to be text."),
    intake.TOO_LONG: _lt("is too long."),
    intake.BAD_TEXT: _lt("holds characters that can't be stored."),
    intake.NOT_BOOLEAN: _lt("has to be true or false."),
    intake.NOT_A_TIME: _lt("has to be a date and time as 2026-03-02T10:00:00+08:00."),
    intake.FUTURE: _lt("lies in the future."),
    intake.TOO_OLD: _lt("lies too far back."),
    intake.NOT_FILES: _lt("has to be a list of objects with “name” and “data”."),
    intake.TOO_MANY_FILES: _lt("are too many."),
    intake.NOT_BASE64: _lt("has data that isn't base64."),
    attachment_rule.TOO_LARGE: _lt("is too large."),
    attachment_rule.EMPTY: _lt("is empty."),
    attachment_rule.FORBIDDEN: _lt("is a program or page, which isn't taken."),
    "no_type": _lt("there is no type of ticket with this code."),
    "no_category": _lt("the type has no category with this code."),
    "no_channel": _lt("there is no such channel."),
    "no_station": _lt("the company has no station with this code."),
}


class PowerTicket(models.Model):
    """What other systems send: the hotline 95598, 12345, WeChat."""

    _inherit = "power.ticket"

    @api.model
    def receive(self, vals):
        """Take one request from another system: :meth:`receive_many` with one row.

        :param dict vals: see there
        :return: dict, see there
        """
        return self.receive_many([vals])[0]

    @api.model
    def receive_many(self, vals_list):
        """Take requests from another system, all or none.

        A row with ``source_system`` and ``external_ref`` that are known already makes
        no second ticket, however often and from however many connections it comes.

        :param list vals_list: at most 1,000 dicts with

            - ``type``: code of a type (``fault``, ``enquiry``, ``complaint`` …); needed
            - ``source_system``, ``external_ref``: the sender's name, and its own key of
              the request; both needed
            - ``category``: code of a category of the type
            - ``subject``, ``description``: plain text, at most 250 and 20,000 letters
            - ``channel``: ``hotline`` when left out
            - ``consumer_number``, ``phone``, ``email``: by them the customer is
              recognised; what isn't known is kept as it was given
            - ``contact_name``, ``address``: who called, and where it is
            - ``station``: code of the station that handles it, when no supply point
              says so
            - ``received_at``: when the customer called, ISO 8601; UTC without an
              offset; now when left out
            - ``is_anonymous``: nothing of the caller is kept
            - ``files``: list of ``{"name": …, "data": base64}``
        :return: list of dicts in the same order: ``id``, ``number``, and ``is_new``,
            False when the request was received before
        :raise AccessError: the user may not create tickets
        :raise ValidationError: names each row (from 1) and field that is wrong; then
            nothing was stored
        """
        if not self.has_access("create"):
            raise AccessError(self.env._("You may not enter tickets."))
        rows = self._parse_rows(vals_list)
        # A hotline takes in for all stations, also what its user may not read then.
        tickets_sudo = self.sudo()
        known = tickets_sudo._find_received(rows)
        new = {}
        for row in rows:
            key = (row["source_system"], row["external_ref"])
            if key not in known:
                new.setdefault(key, row)
        if new:
            created = tickets_sudo._create_received(list(new.values()))
            known.update(zip(new, created, strict=True))
        return [
            {
                "id": known[key].id,
                "number": known[key].name,
                # Only the first row of a key has made the ticket.
                "is_new": new.pop(key, None) is not None,
            }
            for row in rows
            for key in [(row["source_system"], row["external_ref"])]
        ]

    @api.model
    def _find_received(self, rows):
        """Dict of (system, key) to the ticket that was made of it before."""
        pairs = tuple({(row["source_system"], row["external_ref"]) for row in rows})
        found = self.env.execute_query(
            SQL(
                "SELECT source_system, external_ref, id FROM power_ticket"
                " WHERE company_id = %s AND external_ref IS NOT NULL"
                " AND (source_system, external_ref) IN %s",
                self.env.company.id,
                pairs or ((None, None),),
            )
        )
        return {(system, ref): self.browse(res_id) for system, ref, res_id in found}

    @api.model
    def _create_received(self, rows):
        """Make the tickets of rows without faults.

        :raise ConcurrencyError: another connection has just made one of them: Odoo
            then repeats the whole request, which finds it
        """
        self._claim_received(rows)
        vals_list = [self._prepare_received_vals(row) for row in rows]
        try:
            with self.env.cr.savepoint():
                tickets = self.create(vals_list)
        except UniqueViolation as error:
            if error.diag.constraint_name != "power_ticket_external_uniq":
                raise
            raise ConcurrencyError(error.diag.message_primary) from error
        for ticket, row in zip(tickets, rows, strict=True):
            ticket._keep_files(row["files"])
        return tickets

    @api.model
    def _claim_received(self, rows):
        """Keep these keys for this transaction. Whoever has one now will have made its
        ticket when the request is repeated; the unique index is what guarantees it.

        :raise ConcurrencyError: another connection works on one of them
        """
        keys = sorted(f"{row['source_system']}\n{row['external_ref']}" for row in rows)
        [(is_ours,)] = self.env.execute_query(
            SQL(
                "SELECT bool_and(pg_try_advisory_xact_lock(%s, hashtext(key)))"
                " FROM unnest(%s) AS key",
                self.env.company.id,
                keys,
            )
        )
        if not is_ours:
            raise ConcurrencyError("The same request is being received right now.")

    @api.model
    def _prepare_received_vals(self, row):
        ticket_type, category = row["type_id"], row["category_id"]
        vals = {
            "type_id": ticket_type.id,
            "category_id": category.id,
            "subject": row.get("subject") or category.name or ticket_type.name,
            "description": row.get("description"),
            "channel": row["channel"],
            "consumer_number_given": row.get("consumer_number"),
            "contact_name": row.get("contact_name"),
            "contact_phone": row.get("phone"),
            "contact_email": row.get("email"),
            "address": row.get("address"),
            "is_anonymous": row["is_anonymous"],
            "received_at": row["received_at"],
            "source_system": row["source_system"],
            "external_ref": row["external_ref"],
            "company_id": self.env.company.id,
            "receiving_station_id": False,
        }
        if row["station_id"]:
            vals["station_id"] = row["station_id"].id
        return vals

    # Reading the rows ---------------------------------------------------------------

    @api.model
    def _parse_rows(self, vals_list):
        """The rows as values, with records in place of codes.

        :raise ValidationError: with every fault of every row
        """
        if not isinstance(vals_list, list) or not vals_list:
            raise ValidationError(self.env._("Send a list with at least one ticket."))
        if len(vals_list) > intake.MAX_ROWS:
            raise ValidationError(
                self.env._(
                    "Send at most %(count)s tickets at once.", count=intake.MAX_ROWS
                )
            )
        now = fields.Datetime.now()
        max_bytes, max_files = self._get_file_limits()
        codes = self._get_codes()
        rows, faults = [], []
        for number, given in enumerate(vals_list, start=1):
            row, problems = intake.parse_row(given, now, max_files)
            if row:
                problems += self._resolve_codes(row, codes)
                problems += self._check_row_files(row, max_bytes)
            faults += [(number, problem) for problem in problems]
            rows.append(row)
        if faults:
            raise ValidationError(self._get_faults_text(faults))
        return rows

    @api.model
    def _get_codes(self):
        types = self.env["power.ticket.type"].search([])
        categories = self.env["power.ticket.category"].search([("code", "!=", False)])
        stations = self.env["hr.department"].sudo()  # any of the company may be named
        stations = stations.search(
            [
                ("power_unit", "=", "station"),
                ("power_code", "!=", False),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return {
            "type": {record.code: record for record in types},
            "category": {
                (record.type_id, record.code): record for record in categories
            },
            "station": {record.power_code: record for record in stations},
            "channel": {code for code, _label in CHANNELS},
        }

    @api.model
    def _resolve_codes(self, row, codes):
        problems = []

        def resolve(name, key, problem, empty):
            given = row.get(name)
            if not given:
                return empty
            if key not in codes[name]:
                problems.append(intake.Problem(name, problem, shorten(given)))
                return empty
            return codes[name][key] if isinstance(codes[name], dict) else key

        row["type_id"] = resolve(
            "type", row.get("type"), "no_type", self.env["power.ticket.type"]
        )
        row["category_id"] = self.env["power.ticket.category"]
        if row["type_id"]:
            row["category_id"] = resolve(
                "category",
                (row["type_id"], row.get("category")),
                "no_category",
                row["category_id"],
            )
        row["station_id"] = resolve(
            "station", row.get("station"), "no_station", self.env["hr.department"]
        )
        row["channel"] = resolve("channel", row.get("channel"), "no_channel", "hotline")
        return problems

    @api.model
    def _check_row_files(self, row, max_bytes):
        problems = []
        for file in row["files"]:
            problem = attachment_rule.find_problem(file.name, file.content, max_bytes)
            if problem:
                problems.append(intake.Problem("files", problem, shorten(file.name)))
        return problems

    @api.model
    def _get_faults_text(self, faults):
        """One line for each fault, the first ones of many."""
        lines = []
        for number, problem in faults[:SHOWN_PROBLEMS]:
            parts = [self.env._("Row %(number)s", number=number), problem.field]
            place = ", ".join(part for part in parts if part)
            given = f" “{problem.value}”" if problem.value else ""
            lines.append(f"{place}:{given} {PROBLEMS[problem.code]}")
        rest = len(faults) - len(lines)
        if rest:
            lines.append(self.env._("… and %(count)s more.", count=rest))
        return "\n".join(lines)

    # Files --------------------------------------------------------------------------

    @api.model
    def _get_file_limits(self):
        """How large a file may be, in bytes, and how many a request may have."""
        get_limit = self.env["power.limit"]._get
        return int(get_limit("file_megabytes") * 1024 * 1024), get_limit("max_files")

    @api.model
    def _check_file(self, name, content):
        """Refuse a file that comes from outside and isn't to be kept.

        :param content: bytes
        :raise UserError: with the reason
        """
        max_bytes, _max_files = self._get_file_limits()
        problem = attachment_rule.find_problem(name, content, max_bytes)
        if problem:
            raise UserError(self._get_file_problem_text(name, problem))

    @api.model
    def _check_no_program(self, name, content):
        """As above, whatever its size."""
        problem = attachment_rule.find_problem(name, content, len(content))
        if problem == attachment_rule.FORBIDDEN:
            raise UserError(self._get_file_problem_text(name, problem))

    def _process_attachments_for_post(
        self, attachments, attachment_ids, message_values
    ):
        # Also files that a message shows without their being moved to the ticket.
        # Whoever writes: what may be attached is decided by the caller.
        files = self.env["ir.attachment"].sudo().browse(attachment_ids or [])
        for file in files:
            self._check_file(file.name, file.raw or b"")
        return super()._process_attachments_for_post(
            attachments, attachment_ids, message_values
        )

    @api.model
    def _get_file_problem_text(self, name, problem):
        return f"“{shorten(name)}” {PROBLEMS[problem]}"

    def _keep_files(self, files):
        """Attach files that were checked to one ticket.

        :param files: list of ``core.intake.File``
        :return: ``ir.attachment`` records
        """
        self.ensure_one()
        return self.env["ir.attachment"].create(
            [
                {
                    "name": file.name,
                    "raw": file.content,
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                }
                for file in files
            ]
        )
