# One theme a file.
# pylint: disable=consider-merging-classes-inherited
import json
import logging
import time
from contextlib import closing

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, mute_logger

from ..core.import_format import (
    KINDS,
    Header,
    RowCleaner,
    match_header,
    omittable_names,
)
from ..tools.copy_rows import copy_rows
from ..tools.import_file import FileError, FileForm, inspect_file, read_rows

_logger = logging.getLogger(__name__)

#: Rows per batch: a commit, a step of the progress bar, what a killed run repeats.
BATCH = 5000
#: Repaired values that are listed one by one; all are counted.
LISTED_REPAIRS = 20_000
#: Reading goes on so long in one call of the job: a restart reads past what is staged.
READING_SECONDS = 60
#: Columns by which rows are found and compared.
KEYS = ("code", "consumer_number", "customer_ref", "external_ref", "contract_ref")
KEYS += ("area_code", "element_code", "standby_element_code", "reading_unit_code")
#: The database can't store a value: the row's fault, though the last one, a text too
#: long for an index, counts as an operational error.
VALUE_ERRORS = (
    psycopg2.IntegrityError,
    psycopg2.DataError,
    psycopg2.errors.ProgramLimitExceeded,
)


def is_passing(error):
    """Whether the same work may succeed at another time: a lost connection, a conflict
    with another transaction, a full disk."""
    is_operational = isinstance(error, psycopg2.OperationalError)
    return is_operational and not isinstance(error, VALUE_ERRORS)


class PowerImportRun(models.Model):
    """The work of an import, step by step; each step can be killed at any line."""

    _inherit = "power.import"

    _source_system_short = models.Constraint(
        "CHECK (length(source_system) <= 100)",
        "The source system's name has 100 characters at most.",
    )

    @api.model
    def _cron_run(self):
        """Work on the oldest running import; goes on with others in the next call."""
        cron = self.env["ir.cron"]
        running = self.search(
            # A script that reads a file of its own works on it itself.
            Domain("state", "=", "running")
            & (Domain("file", "!=", False) | Domain("write_date", "<", "now -15M")),
            order="id",
        )
        record = running._lock_quietly(limit=1)
        if not record:
            if running:  # another worker has it
                cron._commit_progress(0, remaining=len(running))
            else:
                self.env["power.job.run"]._start("power.import")._finish()
            return
        try:
            record._as_user()._work(commit=True)
        except Exception as error:
            if is_passing(error):
                raise  # the job comes again
            # The import is parked with its reason: others wait behind it.
            self.env.cr.rollback()
            self.env.invalidate_all()
            record._as_user()._fail(error)
        waiting = self.search_count([("state", "=", "running"), ("file", "!=", False)])
        if waiting:
            # The framework's own "as soon as possible" waits up to a minute.
            self.env.ref("power_service_base.ir_cron_power_import")._trigger()
        cron._commit_progress(1, remaining=waiting)

    def _work_at_once(self, commit=False, path=None):
        """Work to the end in the caller's transaction, or with commits in a script."""
        try:
            if commit:
                self._work(commit=True, path=path)
            else:
                with self.env.cr.savepoint():
                    self._work(path=path)
        except Exception as error:
            if is_passing(error):
                raise
            # The import is parked with its reason.
            if commit:
                self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            self._fail(error)

    def _fail(self, error):
        """Park the import with its reason; an unexpected one goes to the log."""
        if isinstance(error, FileError):
            reason = error.reason
            vals = {"message_key": reason.key, "message_params": reason.params}
        else:
            _logger.error("Import %s failed", self.id, exc_info=error)
            vals = {"message_key": "unexpected", "message_params": False}
        now = fields.Datetime.now()
        self.write({**vals, "state": "failed", "ended_at": now})
        self._add_log(self.message)
        self.env["power.job.run"]._start("power.import", self.company_id)._finish(
            "failed", f"{self.file_name}: {self.message}"
        )

    def _work(self, commit=False, path=None):
        """Do the steps that remain.

        :param commit: commit each batch, and stop when the job's time is over
        :param path: a file to read in place of the attachment
        """
        run = self.env["power.job.run"]._start("power.import", self.company_id)
        steps = {
            "reading": lambda: self._read(commit, path),
            "checking": lambda: self._check(commit),
            "loading": lambda: self._load(commit, run),
            "finishing": lambda: self._complete(commit, run),
        }
        started = time.monotonic()
        while self.state == "running":
            is_complete = steps[self.step]()
            if self.cancel_requested and self.step != "finishing":
                self._end("cancelled", run)
            elif not is_complete:
                break
        if self.state == "running":
            if self._lock_quietly():  # else another worker goes on with it
                self.seconds += time.monotonic() - started
        elif self.state != "failed":
            self.seconds += time.monotonic() - started
            self._add_log(
                self.env._(
                    "Ended after %(seconds)s of work.",
                    seconds=self._format_seconds(self.seconds),
                )
            )
            run._progress(failed=self.refused_count)
            states = dict(self._fields["state"]._description_selection(self.env))
            run._finish(message=f"{self.file_name}: {states[self.state]}")

    def _pause(self, commit, processed=0, least=0):
        """Between two batches: commit, and say whether to go on.

        :param least: go on until this moment of the monotonic clock, whatever the slot
        """
        if not commit:
            return True
        left = self.env["ir.cron"]._commit_progress(processed, remaining=1)
        # The lock ended with the commit; a button may have asked to cancel meanwhile.
        if not self._lock_quietly():
            return False
        self.invalidate_recordset(["cancel_requested", "state"])
        if self.cancel_requested or self.state != "running":
            return False
        return left > 0 or time.monotonic() < least

    def _lock_quietly(self, limit=None):
        """Those that could be locked: none when another worker was quicker."""
        try:
            with mute_logger("odoo.sql_db"):  # that is no error
                return self.try_lock_for_update(limit=limit)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()  # nothing was done yet
            self.env.invalidate_all(flush=False)
            return self.browse()

    def _next_step(self, step):
        self.write({"step": step, "step_started_at": fields.Datetime.now()})

    def _end(self, state, run):
        """Close the import with the counts of what was done."""
        self._count_rows()
        self.write(
            {
                "state": state,
                "ended_at": fields.Datetime.now(),
                "percent": 100 if state != "cancelled" else self.percent,
            }
        )

    # -- reading

    def _read(self, commit, path=None):
        """Read and clean the file into the staging table; True when all is read."""
        if not path and not self._get_attachment():
            raise FileError("file_missing")
        with self._open_file(path) as stream:
            if not self._is_staged() or not self.staged_row:
                self._begin_reading(stream)
            form = FileForm(self.file_kind, *self.encoding.split("|"))
            stream.seek(0, 2)
            size = stream.tell() or 1
            return self._read_batches(stream, form, size, commit)

    def _begin_reading(self, stream):
        """Look at the file and its header; make an empty staging table."""
        form = inspect_file(stream)
        with closing(read_rows(stream, form)) as rows:
            _number, cells = next(rows, (0, []))
        header = match_header(self.kind, cells)
        self._check_header(header, cells)
        self.write(
            {
                "file_kind": form.kind,
                "encoding": f"{form.encoding}|{form.delimiter}",
                "columns": ",".join(header.indexes),
                "staged_row": 0,
            }
        )
        self.env["power.import.issue"].search([("import_id", "=", self.id)]).unlink()
        loader = self._get_loader()
        columns = [
            SQL("%s %s", SQL.identifier(c.name), SQL(c.sql)) for c in KINDS[self.kind]
        ]
        columns += [
            SQL("%s %s", SQL.identifier(name), SQL(sql_type))
            for name, sql_type in loader._get_extra_columns(self.kind)
        ]
        table = self._get_staging()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        # Not logged: after a crash of the server the file is simply read again.
        self.env.cr.execute(
            SQL(
                "CREATE UNLOGGED TABLE %s (row_no int PRIMARY KEY, position int, "
                "state text NOT NULL DEFAULT 'ok', action text, %s)",
                table,
                SQL(", ").join(columns),
            )
        )
        self.env.cr.execute(SQL("CREATE INDEX ON %s (position)", table))

    def _analyze_staging(self, names):
        """New statistics of columns of the staging table: all of them take long."""
        self.env.cr.execute(
            SQL(
                "ANALYZE %s (%s)",
                self._get_staging(),
                SQL(", ").join(map(SQL.identifier, names)),
            )
        )

    def _check_header(self, header, cells):
        missing = [
            name
            for name in header.missing
            if not (name == "source_system" and self.source_system)
            and not (name == "station_code" and self.station_id)
        ]
        issues = self.env["power.import.issue"]
        for key, names in (
            ("columns_missing", missing),
            ("columns_repeated", header.repeated),
        ):
            if names:
                labels = [issues._column_text(self.kind, name) for name in names]
                raise FileError(key, columns=", ".join(labels))
        if header.unknown and not self.ignore_unknown_columns:
            raise FileError("columns_unknown", columns=", ".join(header.unknown)[:500])

    def _read_batches(self, stream, form, size, commit):
        with closing(read_rows(stream, form)) as rows:
            return self._stage_rows(rows, stream, form, size, commit)

    def _stage_rows(self, rows, stream, form, size, commit):
        """Clean and store the rows that aren't staged yet, batch by batch."""
        header_row, cells = next(rows)
        cleaner = self._make_cleaner(match_header(self.kind, cells))
        loader = self._get_loader()
        batch, issues, skip = [], [], self.staged_row
        deadline = time.monotonic() + READING_SECONDS
        last = max(header_row, skip)
        for number, cells in rows:
            if number <= skip:
                continue
            values, found = cleaner.clean(number, cells)
            state = "ok"
            for issue in found:
                if issue.severity == "refused":
                    state = "bad"
                    break
            batch.append((number, number, state, *loader._extend(cleaner, values)))
            issues += found
            last = number
            if len(batch) >= BATCH:
                self._store_batch(cleaner, batch, issues, last)
                self.percent = min(99, 100 * stream.tell() / size)
                processed = len(batch)
                batch, issues = [], []
                if not self._pause(commit, processed, least=deadline):
                    return False
        self._store_batch(cleaner, batch, issues, last)
        if not self.row_count:
            raise FileError("file_header_only")
        keys = [name for name in KEYS if name in cleaner.names]
        self._analyze_staging(["row_no", "state", *keys])
        self._add_log(
            self.env._(
                "Read %(rows)s rows (%(form)s).",
                rows=self.row_count,
                form=form.encoding or form.kind,
            )
        )
        self._next_step("checking")
        return self._pause(commit, len(batch), least=deadline)

    def _make_cleaner(self, header: Header):
        defaults = {}
        columns = {column.name for column in KINDS[self.kind]}
        if self.source_system and "source_system" in columns:
            defaults["source_system"] = self.source_system
        if self.station_id.power_code and "station_code" in columns:
            defaults["station_code"] = self.station_id.power_code
        return RowCleaner(
            self.kind,
            header,
            choices=self._get_loader()._get_choices(self),
            area_code=self.area_code or "",
            defaults=defaults,
            omits=self.broken_optional == "omit",
        )

    def _store_batch(self, cleaner, batch, issues, last):
        """Append rows to the staging table and their issues to the list."""
        names = ["row_no", "position", "state", *cleaner.names]
        names += self._get_loader()._get_extended_names(self.kind)
        self.env.flush_all()
        copy_rows(self.env.cr, self._get_staging(), names, batch)
        repaired = sum(issue.severity == "repaired" for issue in issues)
        if self.repaired_count > LISTED_REPAIRS:
            issues = [issue for issue in issues if issue.severity != "repaired"]
        self._copy_issues(issues)
        self.write(
            {
                "staged_row": last,
                "row_count": self.row_count + len(batch),
                "repaired_count": self.repaired_count + repaired,
            }
        )

    def _copy_issues(self, issues):
        if not issues:
            return
        names = ["import_id", "row_number", "column_name", "severity", "kind", "value"]
        names += ["params", "create_uid", "write_uid", "create_date", "write_date"]
        now = fields.Datetime.now()
        rows = (
            (
                self.id,
                issue.row,
                issue.column or None,
                issue.severity,
                issue.kind,
                issue.value.replace("\x00", "")[:200] or None,
                issue.params or None,
                self.env.uid,
                self.env.uid,
                now,
                now,
            )
            for issue in issues
        )
        self.env.flush_all()
        copy_rows(self.env.cr, SQL.identifier("power_import_issue"), names, rows)
        self.env["power.import.issue"].invalidate_model(flush=False)

    # -- checking

    def _check(self, commit):
        """Compare the rows with each other and with what is there, all at once."""
        table = self._get_staging()
        self.env.flush_all()
        self.env["power.import.issue"].search(
            [("import_id", "=", self.id), ("from_database", "=", True)]
        ).unlink()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET state = 'ok', action = NULL, position = row_no "
                "WHERE state NOT IN ('ok', 'bad') OR action IS NOT NULL",
                table,
            )
        )
        loader = self._get_loader()
        self.position = 0
        with loader._planner_settings():
            loader._validate(self)
        self._count_rows()
        self._add_log(
            self.env._(
                "Checked: %(new)s new, %(updated)s changed, %(unchanged)s unchanged, "
                "%(refused)s refused.",
                new=self.new_count,
                updated=self.updated_count,
                unchanged=self.unchanged_count,
                refused=self.refused_count,
            )
        )
        if self.is_check_only:
            self.write(
                {"state": "checked", "percent": 100, "ended_at": fields.Datetime.now()}
            )
        else:
            self.percent = 0
            self._next_step("loading")
        return self._pause(commit, 1)

    def _refuse(self, found):
        """Record issues found by a query, and take their rows out; but for a value
        that may be left out, see ``broken_optional``.

        :param found: SQL giving row_no, column_name, kind, value, params (jsonb)
        """
        names = omittable_names(self.kind) if self.broken_optional == "omit" else ()
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                WITH found AS MATERIALIZED (%(found)s), listed AS (
                    INSERT INTO power_import_issue (import_id, row_number, column_name,
                           severity, kind, value, params, from_database,
                           create_uid, write_uid, create_date, write_date)
                    SELECT %(id)s, row_no, column_name,
                           CASE WHEN kind = 'duplicate_exact' THEN 'ignored'
                                WHEN %(may_omit)s THEN 'omitted'
                                ELSE 'refused' END,
                           kind, left(value, 200), params, TRUE,
                           %(uid)s, %(uid)s, %(now)s, %(now)s
                      FROM found ORDER BY row_no)
                UPDATE %(table)s AS row
                   SET state = CASE found.kind WHEN 'duplicate_exact' THEN 'ignored'
                                    ELSE 'refused' END
                  FROM found
                 WHERE row.row_no = found.row_no AND row.state = 'ok'
                   AND NOT %(may_omit)s
                """,
                found=found,
                may_omit=SQL(
                    "(kind LIKE 'unknown%%' AND column_name = ANY(%s))", list(names)
                )
                if names
                else SQL("FALSE"),
                id=self.id,
                uid=self.env.uid,
                now=now,
                table=self._get_staging(),
            )
        )
        self.env["power.import.issue"].invalidate_model(flush=False)
        self.invalidate_recordset(
            ["issue_ids", "refused_ids", "omitted_ids", "omitted_count"]
        )

    def _count_rows(self):
        if not self._is_staged():
            return
        counts = dict(
            self.env.execute_query(
                SQL(
                    "SELECT CASE WHEN state IN ('ok', 'loaded') THEN action "
                    "WHEN state = 'ignored' THEN 'ignored' "
                    "ELSE 'refused' END, count(*) "
                    "FROM %s GROUP BY 1",
                    self._get_staging(),
                )
            )
        )
        self.write(
            {
                f"{name}_count": counts.get(name, 0)
                for name in ("new", "updated", "unchanged", "refused", "ignored")
            }
        )

    # -- loading

    def _load(self, commit, run):
        """Load the checked rows batch by batch; True when all are loaded."""
        loader = self._get_loader()
        if not self._is_staged():  # the database server crashed: read it all again
            self.write(self._prepare_restart_vals())
            self._next_step("reading")
            return True
        table = self._get_staging()
        [(last,)] = self.env.execute_query(SQL("SELECT max(position) FROM %s", table))
        # What was begun so far stays when the first batch meets another import.
        if not self._pause(commit):
            return False
        while self.position < (last or 0):
            low = self.position + 1
            high = min(low + BATCH - 1, last)
            try:
                self._take_turn()
                done = self._load_range(loader, low, high)
                self.write({"position": high, "percent": 100 * high / last})
                run._progress(done=done)
                self.env.flush_all()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not commit:
                    raise  # the whole request is tried again
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                done = 0
            if not self._pause(commit, done):
                return False
        self._next_step("finishing")
        return self._pause(commit)

    def _complete(self, commit, run):
        """All rows are in: statistics and counts, a step that takes its time too."""
        self._get_loader()._finish(self)
        self._end("done", run)
        return self._pause(commit)

    def _take_turn(self):
        """Wait until no other import into the company is writing a batch.

        Customers have no key of their own in the database that would keep them from
        being made twice, so a batch must see what the last one made. A lock alone
        doesn't do that: a transaction sees what was there when it began.

        :raise psycopg2.errors.SerializationFailure: another import's batch ended since
            this transaction began; in a new one the batch can be tried again
        """
        with mute_logger("odoo.sql_db"):  # to wait for a turn is no error
            self.env.cr.execute(
                SQL(
                    "UPDATE res_company SET power_import_turn = "
                    "COALESCE(power_import_turn, 0) + 1 WHERE id = %s",
                    self.company_id.id,
                )
            )

    def _load_range(self, loader, low, high):
        """Load rows; one that the database refuses is searched for and left out.

        :return: number of rows loaded
        """
        try:
            with self.env.cr.savepoint():
                done = loader._load(self, low, high)
                self.env.flush_all()
                return done
        except VALUE_ERRORS as error:
            self.env.invalidate_all(flush=False)
            if low < high:
                middle = (low + high) // 2
                return self._load_range(loader, low, middle) + self._load_range(
                    loader, middle + 1, high
                )
            message = self._get_database_message(error)
        self._refuse(
            SQL(
                "SELECT row_no, NULL::text AS column_name, 'database_refused' AS kind, "
                "NULL::text AS value, %s::jsonb AS params FROM %s WHERE position = %s "
                "AND state = 'ok'",
                json.dumps({"message": message}),
                self._get_staging(),
                low,
            )
        )
        return 0

    def _get_database_message(self, error):
        """The message of the broken constraint as the form would show it."""
        name = error.diag.constraint_name
        for model in self.env.registry.values():
            if name and (found := model._table_objects.get(name)):
                message = found.get_error_message(self.env[model._name], error.diag)
                if message:
                    return str(message)
        return (error.diag.message_primary or str(error)).strip()
