from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

IMPORT_KINDS = [
    ("stations", "Stations"),
    ("employees", "Employees"),
    ("areas", "Grid areas"),
    ("reading_units", "Reading sections"),
    ("elements", "Network elements"),
    ("customers", "Customers, supply points, contracts"),
    ("former_customers", "Former customers"),
]
#: What a kind makes: the model, and the action that shows it.
KIND_MODELS = {
    "stations": "hr.department",
    "employees": "hr.employee",
    "areas": "power.grid.area",
    "reading_units": "power.reading.unit",
    "elements": "power.network.element",
    "customers": "power.supply.point",
    "former_customers": "power.supply.contract",
}
MANAGER_KINDS = {"stations", "employees"}
STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("checked", "Checked"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
STEPS = [
    ("reading", "Reading the file"),
    ("checking", "Checking"),
    ("loading", "Importing"),
    ("finishing", "Finishing"),
]
# Steps done in one go: nothing tells how far they are.
UNCOUNTED_STEPS = ("checking", "finishing")
# What a user may change; everything else is written by the import itself.
OPTIONS = {
    "file",
    "file_name",
    "kind",
    "source_system",
    "station_id",
    "existing",
    "broken_optional",
    "ignore_unknown_columns",
    "area_code",
}
#: A file up to this size is worked on at once; a bigger one by the job, with progress.
AT_ONCE_BYTES = 1 << 20


class PowerImport(models.Model):
    """Loads a file of customers, elements or areas: check it, then import it.

    The rows are read and cleaned in a stream into a staging table of the import's own,
    checked there all at once, and loaded in batches, each committed with its position:
    a run that is killed goes on where it stopped, and a second import of the same file
    changes nothing. See docs/importing.md.
    """

    _name = "power.import"
    _description = "Data Import"
    _order = "id desc"
    _rec_name = "file_name"
    _check_company_auto = True

    kind = fields.Selection(IMPORT_KINDS, required=True, default="customers")
    file = fields.Binary(attachment=True, copy=False)
    file_name = fields.Char(copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Imported By",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
        copy=False,
    )
    source_system = fields.Char(
        help="The system that the file comes from, for files without this column."
    )
    station_id = fields.Many2one(
        "hr.department",
        string="Default Station",
        domain="[('power_unit', '=', 'station'), ('company_id', '=', company_id)]",
        check_company=True,
        help="The station of rows that name none.",
    )
    existing = fields.Selection(
        [("update", "Update them"), ("skip", "Leave them as they are")],
        string="Existing Records",
        required=True,
        default="update",
    )
    broken_optional = fields.Selection(
        [
            ("refuse", "Refuse the row"),
            ("omit", "Leave the value out and report it"),
        ],
        string="Broken Optional Values",
        required=True,
        default="refuse",
        help="What becomes of a row whose phone, e-mail, identity number or other "
        "optional value can't be read. A contract's end, the state of supply and what "
        "an element hangs under always refuse the row: without them it says something "
        "else.",
    )
    ignore_unknown_columns = fields.Boolean(
        help="Import the known columns, and leave the others out."
    )
    area_code = fields.Char(
        "Landline Area Code",
        size=4,
        help="Put before landlines that have no area code, for example 0873.",
    )
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, copy=False, index=True
    )
    step = fields.Selection(STEPS, readonly=True, copy=False)
    is_check_only = fields.Boolean(readonly=True, copy=False)
    cancel_requested = fields.Boolean(readonly=True, copy=False)
    file_kind = fields.Char("Format", readonly=True, copy=False)
    encoding = fields.Char(readonly=True, copy=False)
    columns = fields.Char("Column Names", readonly=True, copy=False)
    staged_row = fields.Integer(readonly=True, copy=False, aggregator=None)
    position = fields.Integer(readonly=True, copy=False, aggregator=None)
    percent = fields.Float("Progress", readonly=True, copy=False, aggregator=None)
    row_count = fields.Integer("Rows", readonly=True, copy=False)
    new_count = fields.Integer("New", readonly=True, copy=False)
    updated_count = fields.Integer("Updated", readonly=True, copy=False)
    unchanged_count = fields.Integer("Unchanged", readonly=True, copy=False)
    refused_count = fields.Integer("Refused", readonly=True, copy=False)
    ignored_count = fields.Integer("Duplicates Left Out", readonly=True, copy=False)
    repaired_count = fields.Integer("Values Put Right", readonly=True, copy=False)
    omitted_count = fields.Integer("Values Left Out", compute="_compute_omitted_count")
    started_at = fields.Datetime(readonly=True, copy=False)
    step_started_at = fields.Datetime(readonly=True, copy=False)
    ended_at = fields.Datetime(readonly=True, copy=False)
    seconds = fields.Float("Seconds Worked", readonly=True, copy=False)
    message = fields.Char(readonly=True, copy=False, compute="_compute_message")
    message_key = fields.Char(readonly=True, copy=False)
    message_params = fields.Json(readonly=True, copy=False)
    log = fields.Text(readonly=True, copy=False)
    issue_ids = fields.One2many("power.import.issue", "import_id", readonly=True)
    refused_ids = fields.One2many(
        "power.import.issue",
        "import_id",
        domain=[("severity", "=", "refused")],
        string="Refused Rows",
        readonly=True,
    )
    omitted_ids = fields.One2many(
        "power.import.issue",
        "import_id",
        domain=[("severity", "=", "omitted")],
        string="Rows with Values Left Out",
        readonly=True,
    )

    _running_idx = models.Index("(id) WHERE state = 'running'")

    @api.depends("message_key", "message_params")
    @api.depends_context("lang")
    def _compute_message(self):
        issues = self.env["power.import.issue"]
        for record in self:
            reason, way_out = issues._texts(record.message_key, record.message_params)
            record.message = f"{reason} {way_out}".strip() if reason else False

    @api.depends("issue_ids.severity")
    def _compute_omitted_count(self):
        counts = dict(
            self.env["power.import.issue"]._read_group(
                [("import_id", "in", self.ids), ("severity", "=", "omitted")],
                ["import_id"],
                ["__count"],
            )
        )
        for record in self:
            record.omitted_count = counts.get(record._origin, 0)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # An import runs with the rights of its user: nobody makes one for another.
            for vals in vals_list:
                self._check_options(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self._check_options(vals)
        if OPTIONS & vals.keys():
            if any(record.state == "running" for record in self):
                raise UserError(
                    self.env._("The import is running: wait, or cancel it first.")
                )
            # What was found holds for the file and the options of then.
            vals = {**vals, **self._prepare_restart_vals(), "state": "draft"}
            return super(PowerImport, self.sudo()).write(vals)  # checked above
        return super().write(vals)

    def _check_options(self, vals):
        if forbidden := sorted(vals.keys() - OPTIONS - {"company_id"}):
            raise AccessError(
                self.env._(
                    "These fields are set by the import itself: %(fields)s",
                    fields=", ".join(forbidden),
                )
            )
        if vals.get("company_id", self.env.company.id) not in self.env.companies.ids:
            raise AccessError(self.env._("Choose one of your own companies."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(record.state == "running" for record in self):
            raise UserError(
                self.env._("The import is running: wait, or cancel it first.")
            )

    def unlink(self):
        tables = [record._get_staging() for record in self]
        result = super().unlink()
        for table in tables:
            self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        return result

    # -- buttons

    def action_check(self):
        """Read and check the file; nothing is imported."""
        return self._start(is_check_only=True)

    def action_import(self):
        """Check the file and import its good rows."""
        return self._start(is_check_only=False)

    def action_cancel(self):
        """Stop a running import after its present batch; what is done stays done."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "running":
            self.sudo().cancel_requested = True  # access is checked above
            self.env.ref("power_service_base.ir_cron_power_import")._trigger()
        return True

    def action_open_issues(self):
        """Open all issues of the import."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_import_issue_action"
        )
        action["domain"] = [("import_id", "=", self.id)]
        return action

    def action_open_records(self):
        """Open the records that the file's rows have become."""
        self.ensure_one()
        self.check_access("read")
        model = KIND_MODELS[self.kind]
        ids = self._get_record_ids(limit=20_000)
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["kind"]._description_selection(self.env))[
                self.kind
            ],
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", ids)],
        }

    def get_progress(self):
        """What a progress bar shows.

        :return: dict with ``state``, ``step`` (label), ``percent`` (None in a step that
            is done in one go), ``rows`` handled in this step, ``total`` rows (0 while
            it isn't known), ``rate`` (rows/s) and ``seconds_left`` (None while it can't
            be told)
        """
        self.ensure_one()
        self.check_access("read")
        steps = dict(self._fields["step"]._description_selection(self.env))
        is_loaded = self.step in ("loading", "finishing")
        rows = self.position if is_loaded else self.row_count
        start = self.step_started_at
        seconds = (fields.Datetime.now() - start).total_seconds() if start else 0
        share = self.percent / 100
        is_running = self.state == "running"
        is_counted = not is_running or self.step not in UNCOUNTED_STEPS
        is_known = is_running and is_counted and seconds >= 1 and share > 0.01
        total = self.row_count if self.step != "reading" else 0
        if total:
            rows = min(rows, total)  # the place in the file counts its header
        return {
            "state": self.state,
            "step": steps.get(self.step, ""),
            "percent": round(self.percent, 1) if is_counted else None,
            "rows": rows,
            "total": total,
            "rate": round(rows / seconds) if is_known else 0,
            "seconds_left": round(seconds * (1 - share) / share) if is_known else None,
        }

    # -- starting

    def _start(self, is_check_only):
        """Begin the work: at once for a small file, else by the job."""
        self.ensure_one()
        self.check_access("write")
        record = self.sudo()  # access is checked above; users can't write these fields
        if not record.try_lock_for_update() or record.state == "running":
            raise UserError(self.env._("The import is running already."))
        self._check_right()
        if not record.file and not record._get_attachment():
            raise UserError(self._file_text("file_missing"))
        size = record._get_file_size()
        limit = record._get_limit_mb()
        if size > limit << 20:
            raise UserError(
                self._file_text("file_size", size=-(-size >> 20), limit=limit)
            )
        vals = record._prepare_start_vals(is_check_only)
        record.write(vals)
        if size <= AT_ONCE_BYTES and not record._has_others_running():
            record._as_user()._work_at_once()
        else:
            self.env.ref("power_service_base.ir_cron_power_import")._trigger()
        return True

    def _has_others_running(self):
        """Whether the company has another import at work, for whose turns to wait."""
        others = Domain("state", "=", "running") & Domain("id", "!=", self.id)
        return bool(
            self.search_count(
                others & Domain("company_id", "=", self.company_id.id), limit=1
            )
        )

    def _check_right(self):
        """Who may import this kind: see ``_get_allowed_stations``."""
        user = self.user_id
        is_manager = user.has_group("power_service_base.group_power_manager")
        if is_manager or user._is_superuser():
            return
        if self.kind in MANAGER_KINDS:
            raise AccessError(self._file_text("not_allowed"))
        if not user.has_group("power_service_base.group_power_supervisor"):
            raise AccessError(self.env._("Importing is for supervisors and managers."))
        if not user.power_station_ids:
            raise AccessError(self._file_text("no_station"))

    def _get_allowed_stations(self):
        """Ids of the stations into which the import's user may load; None for all.

        Managers load anywhere in the company, others into their stations and below.
        """
        self.ensure_one()
        user = self.user_id
        if user._is_superuser() or user.has_group(
            "power_service_base.group_power_manager"
        ):
            return None
        return (
            self.env["hr.department"]
            .sudo()  # the tree of departments isn't everybody's to read
            .search(Domain("id", "child_of", user.power_station_ids.ids))
            .ids
        )

    def _prepare_restart_vals(self):
        return {
            "step": False,
            "staged_row": 0,
            "position": 0,
            "percent": 0,
            "row_count": 0,
            "new_count": 0,
            "updated_count": 0,
            "unchanged_count": 0,
            "refused_count": 0,
            "ignored_count": 0,
            "repaired_count": 0,
            "message_key": False,
            "message_params": False,
            "cancel_requested": False,
            "log": False,
            "seconds": 0,
            "ended_at": False,
        }

    def _prepare_start_vals(self, is_check_only):
        """A checked file isn't read again: its rows are still staged."""
        now = fields.Datetime.now()
        vals = {
            "state": "running",
            "is_check_only": is_check_only,
            "step_started_at": now,
            "cancel_requested": False,
            "ended_at": False,
            "percent": 0,
            "message_key": False,
            "message_params": False,
        }
        if self.state in ("checked", "done") and self._is_staged():
            return {**vals, "step": "checking", "position": 0}
        return {
            **self._prepare_restart_vals(),
            **vals,
            "step": "reading",
            "started_at": now,
        }

    def _as_user(self):
        """The import with its user's identity and company, free of access rules.

        What may be loaded is decided by ``_get_allowed_stations``, row by row.
        """
        self.ensure_one()
        context = {
            "tz": self.user_id.tz,
            "lang": self.user_id.lang,
            "active_test": False,
            "tracking_disable": True,
            "mail_create_nolog": True,
        }
        return (
            self.with_user(self.user_id)
            .with_company(self.company_id)
            .with_context(**context)
            .sudo()  # see above
        )

    def _file_text(self, key, **params):
        return " ".join(self.env["power.import.issue"]._texts(key, params))

    def _add_log(self, text):
        """Add a line with the time to the log: the user's, else the company's."""
        tz = self.user_id.tz or self.company_id._get_power_tz()
        at = fields.Datetime.context_timestamp(
            self.with_context(tz=tz), fields.Datetime.now()
        )
        self.log = f"{self.log or ''}{at:%Y-%m-%d %H:%M:%S} {text}\n"

    def _format_seconds(self, seconds):
        minutes, seconds = divmod(seconds, 60)
        return f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:.1f} s"

    # -- staging table

    def _get_staging(self):
        """The table of the file's rows: one per import, dropped a week later."""
        self.ensure_one()
        return SQL.identifier(f"power_import_row_{self.id}")

    def _is_staged(self):
        self.env.cr.execute(
            "SELECT 1 FROM pg_class WHERE relname = %s AND relkind = 'r'",
            [f"power_import_row_{self.id}"],
        )
        return bool(self.env.cr.rowcount)

    def _get_record_ids(self, limit=None):
        if not self._is_staged():
            return []
        loader = self._get_loader()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT %s FROM %s WHERE state IN ('ok', 'loaded') "
                "AND %s IS NOT NULL LIMIT %s",
                loader._get_record_column(self.kind),
                self._get_staging(),
                loader._get_record_column(self.kind),
                limit,
            )
        )
        return [row[0] for row in rows]

    def _get_loader(self):
        """The service that stages, checks and loads the rows of this kind."""
        if self.kind in ("customers", "former_customers"):
            return self.env["power.import.loader.customers"]
        return self.env["power.import.loader.records"]

    @api.autovacuum
    def _gc_staging(self):
        """Drop the staging tables of imports that ended a week ago or are gone."""
        self.env.cr.execute(
            r"SELECT relname FROM pg_class WHERE relkind = 'r' "
            r"AND relname ~ '^power_import_row_\d+$'"
        )
        tables = {
            int(name.rsplit("_", 1)[1]): name for (name,) in self.env.cr.fetchall()
        }
        kept = self.sudo().search(  # a job's own work
            Domain("id", "in", list(tables))
            & (Domain("state", "=", "running") | Domain("write_date", ">", "-7d"))
        )
        for record_id, name in tables.items():
            if record_id not in kept._ids:
                self.env.cr.execute(
                    SQL("DROP TABLE IF EXISTS %s", SQL.identifier(name))
                )
