from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

ROLES = [
    ("account_manager", "Account manager"),
    ("key_account", "Key-account leader"),
    ("grid_manager", "Grid manager"),
    ("grid_member", "Grid member"),
    ("reader", "Meter reader"),
    ("inspector", "Inspector"),
    ("element_manager", "Transformer area manager"),
    ("team_leader", "Team leader"),
    ("station_chief", "Station chief"),
]
# What a role answers for; the first of them is the one its screens propose.
ROLE_SUBJECTS = {
    "account_manager": ("partner_id",),
    "key_account": ("partner_id",),
    "grid_manager": ("grid_area_id",),
    "grid_member": ("grid_area_id",),
    "reader": ("grid_area_id", "element_id"),
    "inspector": ("grid_area_id", "element_id", "partner_id"),
    "element_manager": ("element_id",),
    "team_leader": ("department_id",),
    "station_chief": ("department_id",),
}
# These may be held by several people at once; the others by one.
SHARED_ROLES = ("grid_member", "reader", "inspector")
SUBJECTS = {
    "partner_id": "res.partner",
    "grid_area_id": "power.grid.area",
    "element_id": "power.network.element",
    "department_id": "hr.department",
}


class PowerResponsibility(models.Model):
    """Who answered for what, from when to when.

    A responsibility runs from ``date_from`` to ``date_to``, both days included, in the
    station's calendar. The database refuses two holders of one role on one subject on
    the same day, except of the roles in ``SHARED_ROLES``, and there the same person
    twice. Who holds a role today is also kept on the subject (a customer's account
    manager, an area's grid manager and members): caches of this table.
    """

    _name = "power.responsibility"
    _inherit = ["power.station.mixin"]
    _description = "Responsibility"
    _order = "date_from desc, id desc"

    role = fields.Selection(ROLES, required=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="Who answers. An employee needs no login.",
    )
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index="btree_not_null"
    )
    has_left = fields.Boolean(
        "Employee Left", compute="_compute_has_left", search="_search_has_left"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    grid_area_id = fields.Many2one(
        "power.grid.area",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    element_id = fields.Many2one(
        "power.network.element",
        string="Network Element",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    department_id = fields.Many2one(
        "hr.department",
        string="Station or Team",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    subject = fields.Char("Answers For", compute="_compute_subject")
    company_id = fields.Many2one(
        compute="_compute_station_id",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    station_id = fields.Many2one(
        compute="_compute_station_id",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    date_from = fields.Date(
        "From", required=True, index=True, default=lambda self: self._get_today()
    )
    date_to = fields.Date("To", help="The last day; empty while it runs.")
    is_current = fields.Boolean(
        "In Force", compute="_compute_is_current", search="_search_is_current"
    )
    valid_on = fields.Date(
        "In Force On",
        compute="_compute_valid_on",
        search="_search_valid_on",
        help="Search by it: who answered on that day.",
    )
    note = fields.Char()

    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(partner_id, grid_area_id, element_id, department_id) = 1)",
        "A responsibility is for exactly one customer, grid area, network element, or "
        "station or team: choose one.",
    )
    _period_valid = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A responsibility can't end before it starts: correct its dates.",
    )
    _period_excl = models.Constraint(
        "EXCLUDE USING gist (COALESCE(partner_id, 0) WITH =, "
        "COALESCE(grid_area_id, 0) WITH =, COALESCE(element_id, 0) WITH =, "
        "COALESCE(department_id, 0) WITH =, role WITH =, "
        "(CASE WHEN role IN ('grid_member', 'reader', 'inspector') "
        "THEN employee_id ELSE 0 END) WITH =, "
        "daterange(date_from, date_to, '[]'::text) WITH &&)",
        "Someone holds this role for the same subject in this period: end that "
        "responsibility first, or transfer it.",
    )

    @api.depends("employee_id.active")
    def _compute_has_left(self):
        for responsibility in self:
            # Whether someone still works here isn't private.
            responsibility.has_left = not responsibility.employee_id.sudo().active

    def _search_has_left(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Whether someone still works here isn't private.
        left = self.env["hr.employee"].sudo()._search([("active", "=", False)])
        return Domain.OR(
            Domain("employee_id", "in" if wanted else "not in", left)
            for wanted in value
        )

    @api.depends("partner_id", "grid_area_id", "element_id", "department_id")
    def _compute_subject(self):
        for responsibility in self:
            subject = responsibility._get_subject()
            responsibility.subject = subject.display_name if subject else False

    @api.depends(
        "partner_id.power_station_id",
        "grid_area_id.station_id",
        "element_id.station_id",
        "department_id.parent_id",
        "department_id.power_unit",
    )
    def _compute_station_id(self):
        for responsibility in self:
            subject = responsibility._get_subject()
            company = self.env.company
            if subject._name == "hr.department":
                station = subject._get_power_station()
                company = subject.company_id or company
            elif subject._name == "res.partner":
                station = subject.power_station_id
                company = station.company_id or subject.company_id or company
            else:
                station = subject.station_id
                company = subject.company_id or company
            responsibility.station_id = station
            responsibility.company_id = company

    @api.depends("date_from", "date_to", "station_id")
    def _compute_is_current(self):
        days = {}
        for responsibility in self:
            station = responsibility.station_id
            if station not in days:
                days[station] = self._get_today(station)
            today = days[station]
            responsibility.is_current = bool(
                responsibility.date_from
                and responsibility.date_from <= today
                and (not responsibility.date_to or responsibility.date_to >= today)
            )

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = self._get_period_domain(self._get_today())
        return Domain.OR(current if wanted else ~current for wanted in value)

    def _compute_valid_on(self):
        self.valid_on = False

    def _search_valid_on(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            self._get_period_domain(fields.Date.to_date(date)) for date in value if date
        )

    @api.depends("role", "employee_id.name")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for responsibility in self:
            role = roles.get(responsibility.role, "")
            name = responsibility.employee_id.name or ""
            responsibility.display_name = f"{role} {name}".strip()

    @api.constrains("role", *SUBJECTS)
    def _check_subject(self):
        for responsibility in self:
            allowed = ROLE_SUBJECTS.get(responsibility.role)
            column = responsibility._get_subject_field()
            if allowed and column and column not in allowed:
                fields_by_name = self.fields_get(allowed, ["string"])
                raise ValidationError(
                    self.env._(
                        "The role %(role)s answers for: %(subjects)s. Choose one of "
                        "these instead of %(subject)s.",
                        role=dict(self._get_roles())[responsibility.role],
                        subjects=", ".join(
                            fields_by_name[name]["string"] for name in allowed
                        ),
                        subject=responsibility.subject,
                    )
                )

    @api.constrains("employee_id")
    def _check_works_here(self):
        """Only who answered before may have left."""
        for station, rows in self.grouped("station_id").items():
            today = self._get_today(station)
            running = rows.filtered(
                lambda row, today=today: not row.date_to or row.date_to >= today
            )
            running.employee_id._check_works_here()

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["role", "employee_id", "date_from", *SUBJECTS])
        self._check_overlap([{**defaults, **vals} for vals in vals_list])
        responsibilities = super().create(vals_list)
        responsibilities._refresh_caches()
        return responsibilities

    def write(self, vals):
        if not vals.keys() & {"role", "employee_id", "date_from", "date_to", *SUBJECTS}:
            return super().write(vals)
        before = self._get_subjects()
        self._check_overlap([{**row, **vals} for row in self._read_rows()])
        result = super().write(vals)
        self._refresh_caches(before)
        return result

    def unlink(self):
        before = self._get_subjects()
        result = super().unlink()
        self.browse()._refresh_caches(before)
        return result

    def action_transfer(self):
        """Open the wizard that hands these responsibilities to someone else."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_responsibility_transfer_action"
        )
        action["context"] = {
            "default_responsibility_ids": self.ids,
            "default_from_employee_id": (
                self.employee_id.id if len(self.employee_id) == 1 else False
            ),
        }
        return action

    def transfer(self, employee, date=None, note=None):
        """Hand over: these end the day before ``date``, and ``employee`` goes on.

        What is held from ``date`` on, be it the rest of a running responsibility or one
        that begins later, goes to the employee until the day when it was to end. What
        ended before stays. A second call with the same arguments changes nothing.

        :param employee: the hr.employee who takes over, or its id
        :param date: first day of the new holder, a date of the station's calendar;
            today when not given
        :param note: why; kept on the new responsibilities
        :return: the responsibilities that ``employee`` holds from then on
        :raise UserError: without an employee, or with an archived one; or when somebody
            else took over all of these meanwhile
        :raise ValidationError: when ``employee`` is of another company, or would hold
            a role twice
        """
        self.check_access("write")
        employee = self._to_employee(employee)
        date = fields.Date.to_date(date) or self._get_today()
        if not employee:
            raise UserError(self.env._("Choose the employee who takes over."))
        if not employee.sudo().active:  # nor is it here
            raise UserError(
                self.env._(
                    "%(employee)s has left: choose someone else to take over.",
                    employee=employee.display_name,
                )
            )
        self.flush_model()
        self._check_still_held(employee, date)
        before = self._get_subjects()
        moved = self._transfer_rows(employee, date, note)
        self.invalidate_model()
        moved._refresh_caches(before)
        moved._check_company()
        return moved

    def _check_still_held(self, employee, date):
        """Refuse to hand over what ended before ``date``, unless to who has it then.

        Of two people who hand over the same at once, the second one is told so.
        """
        if not self or any(not row.date_to or row.date_to >= date for row in self):
            return
        row = self[0]
        # sudo: another station's row may follow
        follower = self.sudo().search(
            Domain("role", "=", row.role)
            & Domain(row._get_subject_field(), "=", row._get_subject().id)
            & self._get_period_domain(date)
        )
        if not follower:
            raise UserError(
                self.env._(
                    "“%(responsibility)s” ended before %(date)s: there is nothing to "
                    "hand over.",
                    responsibility=row.display_name,
                    date=format_date(self.env, date),
                )
            )
        if employee not in follower.employee_id:
            raise UserError(
                self.env._(
                    "“%(responsibility)s” was already handed over to %(employee)s.",
                    responsibility=row.display_name,
                    employee=follower[0].employee_id.name,
                )
            )

    def _read_rows(self):
        """Plain values of the rows, as :meth:`_check_overlap` takes them."""
        return [
            {
                "id": row.id,
                "role": row.role,
                "employee_id": row.employee_id.id,
                "date_from": row.date_from,
                "date_to": row.date_to,
                **{column: row[column].id for column in SUBJECTS},
            }
            for row in self
        ]

    @api.model
    def _check_overlap(self, rows):
        """Say clearly who holds the role already; the constraint is the last wall.

        :param rows: dicts of values; ``id`` when the row exists
        :raise ValidationError: names subject, role, holder, period and the way out
        """
        self.flush_model()
        own_ids = [row["id"] for row in rows if row.get("id")]
        rows = [row for row in rows if row.get("role") and row.get("date_from")]
        if not rows:
            return
        columns = ("role", "employee_id", *SUBJECTS, "date_from", "date_to")
        self.env.cr.execute(
            """
            SELECT old.id
              FROM unnest(%s::text[], %s::int[], %s::int[], %s::int[], %s::int[],
                          %s::int[], %s::date[], %s::date[])
                   AS new(role, employee_id, partner_id, grid_area_id, element_id,
                          department_id, date_from, date_to)
              JOIN power_responsibility AS old
                ON old.role = new.role
               AND COALESCE(old.partner_id, 0) = COALESCE(new.partner_id, 0)
               AND COALESCE(old.grid_area_id, 0) = COALESCE(new.grid_area_id, 0)
               AND COALESCE(old.element_id, 0) = COALESCE(new.element_id, 0)
               AND COALESCE(old.department_id, 0) = COALESCE(new.department_id, 0)
               AND (old.role != ALL(%s) OR old.employee_id = new.employee_id)
             WHERE (new.date_to IS NULL OR new.date_to >= new.date_from)
               AND daterange(old.date_from, old.date_to, '[]')
                && daterange(new.date_from, new.date_to, '[]')
               AND old.id != ALL(%s)
             LIMIT 5
            """,
            [[row.get(column) or None for row in rows] for column in columns]
            + [list(SHARED_ROLES), own_ids],
        )
        # Who holds it is told also where the row itself is closed to the user.
        found = self.sudo().browse(row[0] for row in self.env.cr.fetchall())
        if found:
            raise ValidationError(
                "\n".join(old._get_overlap_message() for old in found)
            )

    def _get_overlap_message(self):
        self.ensure_one()
        start = format_date(self.env, self.date_from)
        return self.env._(
            "%(subject)s already has %(employee)s as %(role)s in this period "
            "(%(period)s). End that responsibility the day before, or use Transfer on "
            "it.",
            subject=self.subject,
            employee=self.employee_id.name,
            role=dict(self._get_roles())[self.role],
            period=(
                self.env._(
                    "%(start)s to %(end)s",
                    start=start,
                    end=format_date(self.env, self.date_to),
                )
                if self.date_to
                else self.env._("since %(start)s", start=start)
            ),
        )

    @api.model
    def _get_roles(self):
        return self._fields["role"]._description_selection(self.env)

    @api.model
    def _get_sql_stamp(self):
        return {"uid": self.env.uid, "now": self.env.cr.now()}

    @api.model
    def _get_today(self, station=None):
        """Today's date where the station is, not where the server is; see
        ``power.calendar.year._get_today``."""
        return self.env["power.calendar.year"]._get_today(station)

    @api.model
    def _get_period_domain(self, date):
        """Responsibilities in force on ``date``."""
        return Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )

    @api.model
    def _get_open_domain(self):
        """Responsibilities that run today or begin later."""
        return Domain("date_to", "=", False) | Domain(
            "date_to", ">=", self._get_today()
        )

    @api.model
    def _get_subject_column(self, subjects):
        for column, model in SUBJECTS.items():
            if subjects._name == model:
                return column
        raise ValueError(f"{subjects._name} can't be a responsibility's subject")

    @api.model
    def _to_employee(self, employee):
        """A record from a record or from an id, as callers outside send it."""
        if isinstance(employee, models.BaseModel):
            return employee
        return self.env["hr.employee"].browse(employee or ()).exists()

    def _get_subject_field(self):
        self.ensure_one()
        return next((column for column in SUBJECTS if self[column]), None)

    def _get_subject(self):
        column = self._get_subject_field()
        return self[column or "grid_area_id"]

    def _get_subjects(self):
        """The subjects of all, as one recordset per model."""
        return [self[column] for column in SUBJECTS if self[column]]
