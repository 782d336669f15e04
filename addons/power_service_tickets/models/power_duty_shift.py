from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import duty_roster

DUTY_ROLES = [
    ("leader", "Leader on duty"),
    ("officer", "Duty officer"),
    ("repair", "Repair crew"),
    ("counter", "Counter"),
]
# On the calendar: one colour for each post; red is for those on duty twice.
ROLE_COLORS = {"leader": 4, "officer": 10, "repair": 3, "counter": 8}
DOUBLE_COLOR = 1
# Who was relieved late, or writes the note at the end of a long day, still hands over.
HANDOVER_TIME = timedelta(hours=12)


class PowerDutyShift(models.Model):
    """Who is on duty (值班) where and when.

    The database refuses one person at two stations at once. Two posts of one person at
    one station are allowed and shown; so are hours that nobody covers
    (:meth:`_find_problems`). Urgent work asks :meth:`_get_on_duty`.
    """

    _name = "power.duty.shift"
    _inherit = ["power.state.mixin", "power.station.mixin", "mail.thread"]
    _description = "Duty Shift"
    _order = "start_at, id"
    _mail_post_access = "read"
    _moved_fields = frozenset(("handed_over_at", "handed_over_by"))

    station_id = fields.Many2one(required=True)
    team_id = fields.Many2one(
        "hr.department",
        compute="_compute_from_employee",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain="[('power_unit', '=', 'team')]",
        check_company=True,
    )
    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, check_company=True, tracking=True
    )
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index="btree_not_null"
    )
    role = fields.Selection(
        DUTY_ROLES, string="Post", required=True, default="officer", tracking=True
    )
    start_at = fields.Datetime("From", required=True, index=True, tracking=True)
    end_at = fields.Datetime("To", required=True, index=True, tracking=True)
    hours = fields.Float(compute="_compute_hours", store=True)
    phone = fields.Char(
        compute="_compute_from_employee",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the person is reached while on duty.",
    )
    note = fields.Char()
    previous_note = fields.Text(
        "Handed Over by the Shift Before",
        compute="_compute_previous_note",
        help="What the last shift of this post left to do.",
    )
    handover_note = fields.Text(help="What the next shift has to know and go on with.")
    handed_over_at = fields.Datetime(readonly=True, copy=False)
    handed_over_by = fields.Many2one("res.users", readonly=True, copy=False)
    is_now = fields.Boolean(
        "On Duty Now", compute="_compute_is_now", search="_search_is_now"
    )
    is_over = fields.Boolean(compute="_compute_is_now", export_string_translation=False)
    can_hand_over = fields.Boolean(
        compute="_compute_can_hand_over", export_string_translation=False
    )
    is_double = fields.Boolean(
        "On Duty Twice",
        compute="_compute_is_double",
        search="_search_is_double",
        help="The person has another post at the same time.",
    )
    color = fields.Integer(compute="_compute_color")

    _period_valid = models.Constraint(
        "CHECK (end_at > start_at)", "A shift ends after it starts."
    )
    _one_station_excl = models.Constraint(
        "EXCLUDE USING gist (employee_id WITH =, station_id WITH <>, "
        "tsrange(start_at, end_at) WITH &&)",
        "Nobody can be on duty at two stations at the same time.",
    )
    _once_uniq = models.UniqueIndex(
        "(employee_id, role, start_at)",
        "The person has this post at this time already.",
    )
    _station_idx = models.Index("(station_id, end_at, start_at)")

    @api.depends("employee_id")
    def _compute_from_employee(self):
        for shift in self:
            employee = shift.employee_id
            department = employee.department_id
            if department.power_unit == "team":
                shift.team_id = department
            shift.phone = employee.mobile_phone or employee.work_phone or shift.phone

    @api.depends("start_at", "end_at")
    def _compute_hours(self):
        for shift in self:
            shift.hours = (
                (shift.end_at - shift.start_at).total_seconds() / 3600
                if shift.start_at and shift.end_at
                else 0
            )

    @api.depends("role", "employee_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for shift in self:
            shift.display_name = " · ".join(
                part for part in (shift.employee_id.name, roles.get(shift.role)) if part
            )

    @api.depends("start_at", "station_id", "role")
    def _compute_previous_note(self):
        """The last note handed over, per post, before each shift."""
        self.previous_note = False
        shifts = self.filtered(lambda shift: shift.start_at and shift.station_id)
        if not shifts:
            return
        before = self.search(
            Domain("station_id", "in", shifts.station_id.ids)
            & Domain("role", "in", shifts.mapped("role"))
            & Domain("handed_over_at", "!=", False)
            & Domain("end_at", "<=", max(shifts.mapped("start_at"))),
            order="end_at desc",
            limit=200,
        )
        for shift in shifts:
            found = before.filtered(
                lambda other, shift=shift: (
                    other.station_id == shift.station_id
                    and other.role == shift.role
                    and other.end_at <= shift.start_at
                )
            )
            shift.previous_note = found[:1].handover_note

    @api.depends("start_at", "end_at")
    def _compute_is_now(self):
        now = fields.Datetime.now()
        for shift in self:
            shift.is_now = bool(
                shift.start_at and shift.end_at and shift.start_at <= now < shift.end_at
            )
            shift.is_over = bool(shift.end_at and shift.end_at <= now)

    def _search_is_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_during_domain(fields.Datetime.now())

    @api.depends("start_at", "end_at", "handed_over_at")
    def _compute_can_hand_over(self):
        now = fields.Datetime.now()
        for shift in self:
            shift.can_hand_over = bool(
                shift.id
                and not shift.handed_over_at
                and shift.start_at <= now <= shift.end_at + HANDOVER_TIME
            )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        # Not stored: it changes with time.
        if field_name == "is_over":
            end_at = self._field_to_sql(alias, "end_at", query)
            now = fields.Datetime.now()
            return SQL("(%s <= %s) %s %s", end_at, now, direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.depends("employee_id", "start_at", "end_at")
    def _compute_is_double(self):
        self.is_double = False
        shifts = self.filtered(lambda shift: shift.start_at and shift.end_at)
        if not shifts:
            return
        by_employee = self.search(
            Domain("employee_id", "in", shifts.employee_id.ids)
            & Domain("start_at", "<", max(shifts.mapped("end_at")))
            & Domain("end_at", ">", min(shifts.mapped("start_at")))
        ).grouped("employee_id")
        for shift in shifts:
            shift.is_double = any(
                other != shift._origin
                and other.start_at < shift.end_at
                and other.end_at > shift.start_at
                for other in by_employee.get(shift.employee_id._origin, ())
            )

    @api.depends("role", "is_double")
    def _compute_color(self):
        for shift in self:
            color = ROLE_COLORS.get(shift.role, 0)
            shift.color = DOUBLE_COLOR if shift.is_double else color

    def _search_is_double(self, operator, value):
        if operator != "in":
            return NotImplemented
        rows = self._read_group(
            [("end_at", ">", "today -31d")], ["employee_id"], ["id:recordset"]
        )
        doubles = set()
        for _employee, shifts in rows:
            for one, other, _start, _end in duty_roster.find_doubles(
                shifts._prepare_roster()
            ):
                doubles |= {one.key, other.key}
        return Domain("id", "in", list(doubles))

    def write(self, vals):
        planned = {"employee_id", "station_id", "role", "start_at", "end_at"}
        if not self._is_moving() and (planned | {"handover_note"}) & vals.keys():
            for shift in self:
                if shift.handed_over_at:
                    raise UserError(
                        self.env._(
                            "“%(shift)s” was handed over: it can't be changed.",
                            shift=shift.display_name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_over(self):
        for shift in self:
            if shift.handed_over_at:
                raise UserError(
                    self.env._(
                        "“%(shift)s” was handed over: it can't be deleted.",
                        shift=shift.display_name,
                    )
                )

    def action_hand_over(self, note=None):
        """Hand over at the end of the shift: by the person on duty or a supervisor.

        :param note: what the next shift has to know; the field when not given
        :raise AccessError: somebody else's shift
        :raise UserError: handed over already, not begun yet, over for long, or without
            a note
        """
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user:
            self.check_access("write")
        note = (note or self.handover_note or "").strip()
        if not note:
            raise UserError(
                self.env._("Say what the next shift has to know, if only: nothing.")
            )
        self._check_hand_over()
        self._hand_over(note, fields.Datetime.now())
        return True

    def _check_hand_over(self):
        """Refuse a shift that can't be handed over now.

        :raise UserError: with the reason
        """
        now = fields.Datetime.now()
        if self.handed_over_at:
            raise UserError(self.env._("This shift was handed over already."))
        if now < self.start_at:
            raise UserError(self.env._("This shift has not begun yet."))
        if now > self.end_at + HANDOVER_TIME:
            raise UserError(
                self.env._(
                    "This shift ended too long ago: what is left to do belongs into "
                    "the work journal."
                )
            )

    def _hand_over(self, note, at):
        # Who is on duty may say so, without the right to plan the roster.
        self.sudo()._move(
            {
                "handover_note": note,
                "handed_over_at": at,
                "handed_over_by": self.env.uid,
            }
        )

    def action_note_handover(self):
        """Open the window in which the person on duty writes the note."""
        self.ensure_one()
        if self.user_id != self.env.user and not self.has_access("write"):
            raise AccessError(self.env._("This is somebody else's shift."))
        self._check_hand_over()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over"),
            "res_model": "power.duty.handover",
            "view_mode": "form",
            "target": "new",
            "context": {"default_shift_id": self.id},
        }

    @api.model
    def _get_during_domain(self, at):
        return Domain("start_at", "<=", at) & Domain("end_at", ">", at)

    @api.model
    def _get_on_duty(self, stations, at=None, role=None):
        """Who is on duty at each of many stations, in one query.

        As superuser it also tells of stations that the user doesn't see.

        :param stations: ``hr.department`` records
        :param at: naive UTC datetime; now when not given
        :param role: a value of ``role``; every post when not given
        :return: dict of station id to shifts (empty where nobody is), those that began
            last first
        """
        domain = Domain("station_id", "in", stations.ids)
        domain &= self._get_during_domain(at or fields.Datetime.now())
        if role:
            domain &= Domain("role", "=", role)
        found = self.search(domain, order="start_at desc, id").grouped("station_id")
        return {station.id: found.get(station, self.browse()) for station in stations}

    def _prepare_roster(self):
        """The shifts as ``core.duty_roster.Shift``."""
        return [
            duty_roster.Shift(
                shift.id, shift.employee_id.id, shift.start_at, shift.end_at
            )
            for shift in self
        ]

    @api.model
    def _find_problems(self, stations, start, end):
        """Hours that nobody covers, and people on duty twice.

        :param stations: ``hr.department`` records
        :param start: naive UTC datetime
        :param end: naive UTC datetime
        :return: list of dicts with ``kind`` (gap or double), ``station_id``, ``role``,
            ``start_at``, ``end_at``, ``missing`` and ``employee_id``, by start
        """
        shifts = self.search(
            Domain("station_id", "in", stations.ids)
            & Domain("start_at", "<", end)
            & Domain("end_at", ">", start)
        )
        problems = []
        by_post = shifts.grouped(lambda shift: (shift.station_id, shift.role))
        for station, posts in self.env["power.duty.post"]._get_posts(stations).items():
            zone = station._get_power_tz()
            for post in posts:
                on_post = by_post.get((station, post.role), self.browse())
                for gap in duty_roster.find_gaps(
                    duty_roster.get_windows(
                        start, end, post.hour_from, post.hour_to, zone
                    ),
                    on_post._prepare_roster(),
                    post.minimum,
                ):
                    problems.append(
                        {
                            "kind": "gap",
                            "station_id": station.id,
                            "role": post.role,
                            "start_at": gap.start,
                            "end_at": gap.end,
                            "missing": gap.missing,
                            "employee_id": False,
                        }
                    )
        for one, _other, first, until in duty_roster.find_doubles(
            shifts._prepare_roster()
        ):
            shift = self.browse(one.key)
            problems.append(
                {
                    "kind": "double",
                    "station_id": shift.station_id.id,
                    "role": shift.role,
                    "start_at": first,
                    "end_at": until,
                    "missing": 0,
                    "employee_id": shift.employee_id.id,
                }
            )
        return sorted(problems, key=lambda problem: problem["start_at"])
