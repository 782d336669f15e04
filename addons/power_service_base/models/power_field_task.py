from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core import field_task

TASK_KINDS = [
    ("visit", "Visit"),
    ("notice_delivery", "Notice delivery"),
    ("dunning_visit", "Dunning visit"),
    ("inspection", "Inspection"),
    ("repair", "Repair"),
    ("disconnect", "Disconnection"),
    ("reconnect", "Reconnection"),
    ("meter_check", "Meter check"),
    ("supply_guarantee", "Supply guarantee"),
    ("free_repair", "Free repair"),
]
TASK_STATES = [
    ("planned", "Planned"),
    ("started", "On the way"),
    ("arrived", "On site"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
OUTCOMES = [
    ("done", "Done"),
    ("partial", "Partly done"),
    ("absent", "Nobody there"),
    ("refused", "Refused by the customer"),
    ("impossible", "Not possible"),
]
# What the events say: written by the projection only, by nobody's hand.
PROJECTED = frozenset(
    (
        "state",
        "started_at",
        "arrived_at",
        "done_at",
        "cancelled_at",
        "outcome",
        "outcome_note",
        "arrival_latitude",
        "arrival_longitude",
        "arrival_accuracy",
        "arrival_distance",
        "done_latitude",
        "done_longitude",
        "done_accuracy",
    )
)
MY_LIMIT = 200
FREE_LIMIT = 50


class PowerFieldTask(models.Model):
    """Work outside (外勤): who goes where, for what, until when, and what came of it.

    Its state and times are a projection of its events (``core/field_task.py``), which
    the ``action_*`` methods enter. Addons that plan tasks name their record in
    ``res_model`` and ``res_id``, make doubles impossible with ``dedup_key``, and extend
    :meth:`_after_events` to be told what happened.
    """

    _name = "power.field.task"
    _inherit = [
        "power.origin.mixin",
        "power.station.mixin",
        "power.proof.mixin",
        "power.reach.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Field Task"
    _order = "due_at, id"
    _origin_access = "write"  # arrivals and results are entered there
    _mail_post_access = "read"
    _reach_fields = ("supply_point_id",)
    _rec_names_search = ["name", "partner_id.name", "supply_point_id.name"]
    _power_export_fields = frozenset(("display_name", "name", "note", "outcome_note"))

    name = fields.Char("Subject", help="What it is about; the kind when empty.")
    kind = fields.Selection(TASK_KINDS, required=True, default="visit", index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        help="The point's customer when the task was made, unless set.",
    )
    supply_point_id = fields.Many2one(
        "power.supply.point", index="btree_not_null", check_company=True
    )
    station_id = fields.Many2one(
        compute="_compute_station_id",
        store=True,
        readonly=False,
        precompute=True,
        default=None,  # a default would keep the point's station from being taken
    )
    grid_area_id = fields.Many2one(
        "power.grid.area",
        compute="_compute_grid_area_id",
        check_company=True,
        store=True,
        precompute=True,
        index="btree_not_null",
        help="The point's area when the task was made.",
    )
    team_id = fields.Many2one(
        "hr.department",
        domain="[('power_unit', '=', 'team')]",
        index="btree_not_null",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assigned To",
        index=True,
        domain="[('share', '=', False)]",
        group_expand="_group_expand_user_id",
        help="Nobody: everyone of the team or station may take it.",
    )
    due_at = fields.Datetime("Due", index=True, tracking=True)
    note = fields.Text("What to Do")
    created_at = fields.Datetime(
        "Entered At",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
    )
    state = fields.Selection(
        TASK_STATES,
        required=True,
        readonly=True,
        copy=False,
        default="planned",
        index=True,
        group_expand=True,
    )
    started_at = fields.Datetime("Started", readonly=True, copy=False)
    arrived_at = fields.Datetime("Arrived", readonly=True, copy=False)
    done_at = fields.Datetime("Done", readonly=True, copy=False, index=True)
    cancelled_at = fields.Datetime("Cancelled", readonly=True, copy=False)
    outcome = fields.Selection(OUTCOMES, readonly=True, copy=False)
    outcome_note = fields.Text("What Came of It", readonly=True, copy=False)
    currency_id = fields.Many2one(related="company_id.currency_id")
    charge = fields.Monetary(
        copy=False, tracking=True, help="What the customer pays for the work."
    )
    arrival_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    arrival_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    arrival_accuracy = fields.Float(
        readonly=True, copy=False, aggregator=None, help="Radius in metres."
    )
    arrival_distance = fields.Integer(
        "Distance at Arrival (m)",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Metres between the position at arrival and the supply point; 0 when one "
        "of them is not known.",
    )
    done_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    done_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    done_accuracy = fields.Float(
        readonly=True, copy=False, aggregator=None, help="Radius in metres."
    )
    event_ids = fields.One2many("power.field.task.event", "task_id", readonly=True)
    res_model = fields.Char("Origin Model", readonly=True)
    res_id = fields.Many2oneReference("Origin", model_field="res_model", readonly=True)
    dedup_key = fields.Char(
        readonly=True,
        copy=False,
        help="Named by the job that plans: the same key again makes no second task.",
    )
    is_done_late = fields.Boolean(
        "Done Late", compute="_compute_is_done_late", store=True
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    days_overdue = fields.Integer(
        compute="_compute_is_overdue", help="Whole days since it was due."
    )

    _dedup_key_uniq = models.UniqueIndex(
        "(company_id, dedup_key) WHERE dedup_key IS NOT NULL",
        "This task was already planned.",
    )
    _open_idx = models.Index(
        "(user_id, due_at) WHERE state IN ('planned', 'started', 'arrived')"
    )
    _origin_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")
    _charge_not_negative = models.Constraint(
        "CHECK (charge >= 0)", "A charge can't be negative."
    )

    @api.depends("supply_point_id")
    def _compute_partner_id(self):
        # What the point says later is no business of this task: no dotted dependency.
        for task in self:
            task.partner_id = task.supply_point_id.partner_id or task.partner_id

    @api.depends("supply_point_id", "team_id")
    def _compute_station_id(self):
        for task in self:
            station = task.supply_point_id.station_id
            if not station and task.team_id:
                station = task.team_id._get_power_station()
            task.station_id = station or task.station_id or task._default_station_id()

    @api.depends("supply_point_id")
    def _compute_grid_area_id(self):
        for task in self:
            task.grid_area_id = task.supply_point_id.grid_area_id

    @api.depends("done_at", "due_at")
    def _compute_is_done_late(self):
        for task in self:
            task.is_done_late = bool(
                task.done_at and task.due_at and task.done_at > task.due_at
            )

    @api.depends("due_at", "state")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for task in self:
            late = (
                now - task.due_at
                if task.due_at and task.state in field_task.OPEN_STATES
                else timedelta()
            )
            task.is_overdue = late > timedelta()
            task.days_overdue = max(late.days, 0)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_open_domain() & Domain("due_at", "<", fields.Datetime.now())

    @api.depends("name", "kind", "partner_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for task in self:
            parts = [task.name or kinds.get(task.kind), task.partner_id.name]
            task.display_name = " · ".join(part for part in parts if part)

    @api.model
    def _get_open_domain(self):
        """Tasks with work left to do."""
        return Domain("state", "in", list(field_task.OPEN_STATES))

    @api.model
    def _group_expand_user_id(self, users, domain):
        """On the board, everybody of the supervisor's stations has a column."""
        stations = self.env.user.power_station_ids
        field_group = self.env.ref("power_service_base.group_power_field")
        return users | users.search(
            Domain("power_station_ids", "in", stations.ids)
            & Domain("all_group_ids", "in", field_group.ids)
            & Domain("share", "=", False),
            limit=60,
        )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_projected(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_projected(vals)
        if "user_id" not in vals:
            return super().write(vals)
        previous = {task: task.user_id for task in self}
        result = super().write(vals)
        self._log_reassigned(previous)
        return result

    @api.model
    def _check_not_projected(self, vals):
        """Refuse what only events say; ``created_at`` is the server's to set."""
        if self.env.su and self.env.context.get("power_field_projection"):
            return
        given = PROJECTED & vals.keys()
        if vals.get("state") == "planned":
            given -= {"state"}
        if not self.env.su and "created_at" in vals:
            given |= {"created_at"}
        if given:
            raise UserError(
                self.env._(
                    "%(fields)s can't be typed: enter what happened with the buttons "
                    "of the task.",
                    fields=", ".join(
                        self._fields[name].get_description(self.env)["string"]
                        for name in sorted(given)
                    ),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if self.sudo().event_ids:  # also events that the user may not see
            raise UserError(
                self.env._("This task has a history: cancel it instead of deleting it.")
            )

    def _log_reassigned(self, previous):
        """Enter who had the task before, for those that changed hands.

        :param previous: the user by task
        """
        changed = self.filtered(lambda task: previous[task] != task.user_id)
        # The right to write the task, just used, is the right to this event.
        self.env["power.field.task.event"].sudo().create(
            [
                {
                    "task_id": task.id,
                    "kind": "reassigned",
                    "previous_assignee_id": previous[task].id,
                    "assignee_id": task.user_id.id,
                }
                for task in changed
            ]
        )

    # My work on a phone -------------------------------------------------------------

    @api.model
    @api.readonly
    def get_my_work(self):
        """The user's day: what the My work screen on a phone shows and keeps.

        :return: a dict with ``now`` (the server's clock, UTC), ``tasks`` (the user's
            open tasks by due time, those done today, then those nobody has that the
            user may take), ``outcomes`` (value and label) and ``currency`` (symbol)
        :raise AccessError: the user may read no field tasks
        """
        mine = Domain("user_id", "=", self.env.uid)
        tasks = self.search(mine & self._get_open_domain(), limit=MY_LIMIT)
        done = self.search(
            mine & Domain("state", "=", "done") & Domain("done_at", ">=", "today"),
            order="done_at desc",
            limit=FREE_LIMIT,
        )
        free = self.search(
            Domain("user_id", "=", False)
            & self._get_open_domain()
            & self._get_to_take_domain(),
            limit=FREE_LIMIT,
        )
        return {
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            # Access to the tasks was checked by searching; who goes there needs to see
            # customer and place also when they belong to another station.
            "tasks": (tasks | done | free).sudo()._prepare_my_work_vals(),
            "outcomes": self._fields["outcome"]._description_selection(self.env),
            "currency": self.env.company.currency_id.symbol,
        }

    @api.model
    def _get_to_take_domain(self):
        """Of the tasks that nobody has, those of the user's stations and team."""
        user_sudo = self.env.user
        return Domain("station_id", "in", user_sudo.power_station_ids.ids) | Domain(
            "team_id", "in", user_sudo.employee_ids.department_id.ids
        )

    def _prepare_my_work_vals(self):
        """One dict for each task's card. Addons may add keys."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return [
            {
                "id": task.id,
                "kind": task.kind,
                "kind_name": kinds[task.kind],
                "name": task.name or "",
                "state": task.state,
                "is_mine": task.user_id == self.env.user,
                "customer": task.partner_id.name or "",
                "phone": task.partner_id.phone or "",
                "number": task.supply_point_id.name or "",
                "address": task._get_address(),
                "latitude": task.supply_point_id.latitude,
                "longitude": task.supply_point_id.longitude,
                "note": task.note or "",
                "charge": task.charge,
                "due_at": fields.Datetime.to_string(task.due_at),
                "started_at": fields.Datetime.to_string(task.started_at),
                "arrived_at": fields.Datetime.to_string(task.arrived_at),
                "done_at": fields.Datetime.to_string(task.done_at),
                "outcome": task.outcome,
                "proof_count": len(task.proof_ids),
            }
            for task in self
        ]

    def _get_address(self):
        """Where to go, in one line."""
        point = self.supply_point_id
        if point.address:
            return point.address
        lines = (point.address_id or self.partner_id)._display_address(
            without_company=True
        )
        return ", ".join(line.strip() for line in lines.splitlines() if line.strip())
