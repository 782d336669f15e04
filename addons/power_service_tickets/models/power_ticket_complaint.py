# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# The ten prohibitions of staff (十个不准).
PROHIBITIONS = [
    ("1", "1 Cutting supply against the rules, delaying restoration"),
    ("2", "2 Charging outside the approved items"),
    ("3", "3 Naming a designer, builder or supplier"),
    ("4", "4 Not telling all at once, so that customers come back"),
    ("5", "5 Breaking the first-asked duty"),
    ("6", "6 Giving away customers' data"),
    ("7", "7 Drinking at work"),
    ("8", "8 Leaving the counter"),
    ("9", "9 Taking meals, gifts or money"),
    ("10", "10 Using the post for gain"),
]
FINDING_FIELDS = {
    "finding",
    "occurred_on",
    "responsible_employee_id",
    "responsible_team_id",
    "responsible_station_id",
    "responsible_area_id",
    "prohibition",
    "root_cause_id",
}
# Written by the code of this part only, by nobody's hand.
KEPT = frozenset(
    (
        "responsible_user_id",
        "is_upheld",
        "is_responsible",
        "finding_at",
        "finding_user_id",
    )
)


class PowerTicket(models.Model):
    """Complaint control: what was found and who answers for it."""

    _name = "power.ticket"
    _inherit = ["power.ticket", "power.rectification.mixin"]
    _rectification_origin = "ticket"

    finding = fields.Selection(
        [
            ("unfounded", "Not upheld"),
            ("upheld", "Upheld, not responsible"),
            ("responsible", "Upheld and responsible"),
        ],
        copy=False,
        help="What the check found: whether it is true (属实), and whether the "
        "supplier is to blame (有责). Empty until somebody has decided.",
    )
    is_upheld = fields.Boolean(
        "Upheld", compute="_compute_is_upheld", store=True, copy=False
    )
    is_responsible = fields.Boolean(
        "Responsible", compute="_compute_is_upheld", store=True, copy=False
    )
    can_find = fields.Boolean(
        compute="_compute_can_find",
        help="Whether the user may enter what was found.",
    )
    finding_at = fields.Datetime("Found At", readonly=True, copy=False)
    finding_user_id = fields.Many2one(
        "res.users", string="Found By", readonly=True, copy=False
    )
    occurred_on = fields.Date(
        "Happened On",
        compute="_compute_occurred_on",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="The day that is judged: who was responsible then, answers for it.",
    )
    responsible_employee_id = fields.Many2one(
        "hr.employee",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    responsible_user_id = fields.Many2one(
        "res.users",
        string="Login of the Responsible",
        compute="_compute_responsible",
        store=True,
        copy=False,
        index="btree_not_null",
        help="Of the responsible employee, when the finding was entered.",
    )
    responsible_team_id = fields.Many2one(
        "hr.department",
        compute="_compute_responsible",
        store=True,
        readonly=False,
        copy=False,
        domain="[('power_unit', '=', 'team')]",
        index="btree_not_null",
        help="The employee's team on that day.",
    )
    responsible_station_id = fields.Many2one(
        "hr.department",
        compute="_compute_responsible",
        store=True,
        readonly=False,
        copy=False,
        domain="[('power_unit', '=', 'station')]",
        index="btree_not_null",
        help="The employee's station on that day.",
    )
    responsible_area_id = fields.Many2one(
        "power.grid.area",
        compute="_compute_responsible",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        help="The ticket's area when the finding was entered.",
    )
    prohibition = fields.Selection(
        PROHIBITIONS,
        string="Breached Prohibition",
        copy=False,
        help="The ten prohibitions of staff (十个不准).",
    )
    root_cause_id = fields.Many2one(
        "power.root.cause", copy=False, index="btree_not_null", ondelete="restrict"
    )

    # Computed fields ----------------------------------------------------------------

    @api.depends("finding")
    def _compute_is_upheld(self):
        for ticket in self:
            ticket.is_upheld = ticket.finding in ("upheld", "responsible")
            ticket.is_responsible = ticket.finding == "responsible"

    @api.depends("responsible_user_id")
    @api.depends_context("uid")
    def _compute_can_find(self):
        """As the check below has it, so that the form offers nothing else."""
        supervisor = self.env.su or self.env.user.has_group(
            "power_service_base.group_power_supervisor"
        )
        for ticket in self:
            # Who is found responsible, is known to the check only.
            judged = ticket.sudo().responsible_user_id
            ticket.can_find = supervisor and (self.env.su or self.env.user != judged)

    @api.depends("received_at")
    def _compute_occurred_on(self):
        for ticket in self:
            zone = ticket.company_id._get_power_tz()
            ticket.occurred_on = ticket.received_at and fields.Date.to_date(
                fields.Datetime.context_timestamp(
                    ticket.with_context(tz=zone), ticket.received_at
                )
            )

    @api.depends("responsible_employee_id", "occurred_on")
    def _compute_responsible(self):
        """As it was on the day that is judged; later moves change nothing."""
        for date, tickets in self.grouped("occurred_on").items():
            employees = tickets.responsible_employee_id
            units = employees._get_power_units(date) if employees and date else {}
            for ticket in tickets:
                employee = ticket.responsible_employee_id
                team = self.env["hr.department"]
                station = team
                if employee:
                    department, station = units.get(employee.id) or (team, team)
                    team = department if department.power_unit == "team" else team
                # Who has which login is no secret of the personnel files.
                ticket.responsible_user_id = employee.sudo().user_id
                ticket.responsible_team_id = team
                ticket.responsible_station_id = station
                ticket.responsible_area_id = ticket.grid_area_id if employee else False

    # Hooks --------------------------------------------------------------------------

    @api.model
    def _check_not_projected(self, vals):
        result = super()._check_not_projected(vals)
        self._check_kept(KEPT, vals)
        return result

    @api.model
    def _check_kept(self, names, vals):
        """Refuse values that only the buttons write.

        :param names: set of names of fields
        :param vals: what somebody writes
        :raise UserError: names the fields
        """
        given = names & vals.keys()
        if given and not self.env.su:
            raise UserError(
                self.env._(
                    "%(fields)s can't be typed: use the buttons.",
                    fields=", ".join(
                        self._fields[name].get_description(self.env)["string"]
                        for name in sorted(given)
                    ),
                )
            )

    def _after_intake(self):
        result = super()._after_intake()
        decided = self.filtered("finding")
        if decided:
            decided._check_finder()
            decided._enter_finding()
        return result

    def write(self, vals):
        if FINDING_FIELDS & vals.keys():
            self._check_finder()
        return super().write(vals)

    def _after_change(self, vals):
        result = super()._after_change(vals)
        if FINDING_FIELDS & vals.keys():
            self._enter_finding()
        return result

    # Finding ------------------------------------------------------------------------

    def _check_finder(self):
        """Refuse findings by who isn't a supervisor, or is judged by them.

        :raise AccessError: with the reason
        """
        if self.env.su:
            return
        self._check_supervisor(
            self.env._("What was found is entered by a supervisor or quality.")
        )
        if self.env.user in self.sudo().responsible_user_id:  # also of tickets not seen
            raise AccessError(
                self.env._("Who is found responsible can't change the finding.")
            )

    def _enter_finding(self):
        """Keep in the history what was found, by whom and when.

        A form saves more than once until all is entered: what says nothing new makes
        no line.
        """
        decided = self.filtered("finding")
        # Whoever may write the finding sees its lines; the right was checked.
        event_sudo = self.env["power.ticket.event"].sudo()
        last = {
            event.ticket_id.id: event.note
            for event in event_sudo.search(
                [("ticket_id", "in", decided.ids), ("kind", "=", "found")], order="id"
            )
        }
        notes = {ticket: ticket._get_finding_text() for ticket in decided}
        changed = decided.filtered(
            lambda ticket: not ticket.finding_at or notes[ticket] != last.get(ticket.id)
        )
        event_sudo.create(
            [
                {"ticket_id": ticket.id, "kind": "found", "note": notes[ticket]}
                for ticket in changed
            ]
        )
        changed._project_write(
            {"finding_at": fields.Datetime.now(), "finding_user_id": self.env.uid}
        )
        (self - decided)._project_write({"finding_at": False, "finding_user_id": False})

    def _get_finding_text(self):
        """What one ticket's history says of its finding, in the user's language."""
        self.ensure_one()
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("finding", "prohibition")
        }
        lines = (
            labels["finding"].get(self.finding),
            # Who is found responsible is no secret of the personnel files.
            self.responsible_employee_id.sudo().name,
            self.responsible_team_id.name,
            self.root_cause_id.complete_name,
            labels["prohibition"].get(self.prohibition),
        )
        return "\n".join(filter(None, lines))

    def action_propose_responsible(self):
        """Fill in who answered for the place on that day, where nobody is named.

        Taken from the dated responsibilities: of the supply point, else of the area.

        :raise UserError: nobody is known
        """
        self.check_access("write")
        self._check_finder()
        responsibility = self.env["power.responsibility"]
        for ticket in self.filtered(lambda ticket: not ticket.responsible_employee_id):
            place = ticket.supply_point_id or ticket.grid_area_id or ticket.station_id
            # Who answered on a day is asked across stations.
            found = place and responsibility.sudo()._get_responsible(
                place._name,
                place.ids,
                "account_manager"
                if ticket.supply_point_id
                else "grid_manager"
                if ticket.grid_area_id
                else "station_chief",
                ticket.occurred_on,
            )
            if not found or not found[place.id]:
                raise UserError(
                    self.env._(
                        "%(ticket)s: nobody is recorded as responsible on that day.",
                        ticket=ticket.name,
                    )
                )
            ticket.responsible_employee_id = found[place.id]
        return True

    # Closing and putting right ------------------------------------------------------

    def _check_event(self, kind, at, now, vals, allow_closed):
        """Closing is checked by whatever way it is entered."""
        result = super()._check_event(kind, at, now, vals, allow_closed)
        milestone = self.env["power.ticket.milestone"].browse(
            vals.get("milestone_id") or []
        )
        if milestone.code == "closed":
            self._check_closable()
        if kind == "service_ended":
            self._check_finding()
        return result

    def _get_handling_users(self):
        # Who is found responsible, is known to the check only.
        return super()._get_handling_users() | self.sudo().responsible_user_id.with_env(
            self.env
        )

    def _check_closable(self):
        result = super()._check_closable()
        self._check_finding()
        return result

    def _check_finding(self):
        """Refuse to end complaints without finding, cause and rectification.

        :raise UserError: names the ticket and what is missing
        """
        complaints = self.filtered(lambda ticket: ticket.type_id.is_complaint)
        if not complaints:
            return
        rules = self.env["power.complaint.rule"]._get_by_company(complaints.company_id)
        for ticket in complaints:
            if not rules[ticket.company_id].needs_rectification:
                continue
            if not ticket.finding:
                raise UserError(
                    self.env._(
                        "%(ticket)s: say first what was found (whether it is upheld, "
                        "and whose responsibility it is).",
                        ticket=ticket.name,
                    )
                )
            if not ticket.is_responsible:
                continue
            if not ticket.root_cause_id:
                raise UserError(
                    self.env._(
                        "%(ticket)s is upheld: name its root cause before closing it.",
                        ticket=ticket.name,
                    )
                )
            # Also a rectification that the user doesn't see counts.
            if not ticket.sudo().rectification_ids.filtered(
                lambda record: record.state != "cancelled"
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s is upheld: make a rectification before closing it.",
                        ticket=ticket.name,
                    )
                )

    def _prepare_rectification_vals(self):
        vals = super()._prepare_rectification_vals()
        rule = self.env["power.complaint.rule"]._get_by_company(self.company_id)
        days = rule[self.company_id].rectification_days
        return {
            **vals,
            "name": self.subject,
            "station_id": (self.responsible_station_id or self.station_id).id,
            "team_id": self.responsible_team_id.id,
            "owner_id": self.responsible_employee_id.id,
            "cause": self.root_cause_id.complete_name,
            "due_date": fields.Date.add(self._get_company_today(), days=days),
        }

    def action_make_rectification(self):
        """Open a new rectification that comes from this ticket.

        :return: a window action on an unsaved form
        """
        self.ensure_one()
        action = self.action_open_rectifications()
        return {**action, "view_mode": "form", "views": [(False, "form")]}
