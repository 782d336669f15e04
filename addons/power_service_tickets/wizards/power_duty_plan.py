from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core import duty_roster
from ..models.power_duty_shift import DUTY_ROLES


class PowerDutyPlan(models.TransientModel):
    """Plans shifts: a week again, or people in turn.

    Shifts that are there already stay: pressing again makes nothing twice.
    """

    _name = "power.duty.plan"
    _description = "Plan Duty"

    mode = fields.Selection(
        [("copy", "Repeat a week"), ("rotate", "People in turn")],
        required=True,
        default="copy",
    )
    station_id = fields.Many2one(
        "hr.department",
        required=True,
        domain="[('power_unit', '=', 'station')]",
        default=lambda self: self.env["power.duty.shift"]._default_station_id(),
    )
    source_date = fields.Date(
        "Week to Repeat",
        default=lambda self: self.env["power.duty.shift"]._get_company_today(),
        help="Any day of the week; it is taken from Monday.",
    )
    weeks = fields.Integer(default=1, help="How many weeks after it get the same.")
    role = fields.Selection(DUTY_ROLES, string="Post", default="officer")
    line_ids = fields.One2many("power.duty.plan.line", "plan_id", string="In Turn")
    date_from = fields.Date(
        "First Day",
        default=lambda self: self.env["power.duty.shift"]._get_company_today(),
    )
    date_to = fields.Date("Last Day")
    start_hour = fields.Float("Starts At", default=8.0)
    shift_hours = fields.Float("Hours of a Shift", default=24.0)

    _weeks_valid = models.Constraint(
        "CHECK (weeks BETWEEN 1 AND 26)", "Between 1 and 26 weeks can be planned."
    )
    _hours_valid = models.Constraint(
        "CHECK (shift_hours BETWEEN 1 AND 72 AND start_hour >= 0 AND start_hour < 24)",
        "A shift has 1 to 72 hours and starts between 0 and 24.",
    )

    def action_plan(self):
        """Make the shifts, and show them.

        :return: a window action with the shifts made
        :raise UserError: nothing to repeat, nobody named, or a period too long
        """
        self.ensure_one()
        vals_list = (
            self._prepare_repeated() if self.mode == "copy" else self._prepare_turns()
        )
        shifts = self.env["power.duty.shift"].create(self._without_clashes(vals_list))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_duty_shift_action"
        )
        action["domain"] = [("id", "in", shifts.ids)]
        action["context"] = {}
        action["view_mode"] = "list,calendar,form"
        action["views"] = [(False, "list"), (False, "calendar"), (False, "form")]
        action["display_name"] = self.env._(
            "%(made)s shifts planned, %(skipped)s left as they are",
            made=len(shifts),
            skipped=len(vals_list) - len(shifts),
        )
        return action

    def _get_zone(self):
        return self.station_id._get_duty_calendar().sudo().tz or "UTC"  # no secret

    def _prepare_repeated(self):
        """The shifts of the week, in each of the weeks after it."""
        monday = self.source_date - timedelta(days=self.source_date.weekday())
        start, end = (
            duty_roster.to_utc(day, 0, self._get_zone())
            for day in (monday, monday + timedelta(days=7))
        )
        shifts = self.env["power.duty.shift"].search(
            Domain("station_id", "=", self.station_id.id)
            & Domain("start_at", ">=", start)
            & Domain("start_at", "<", end)
        )
        if not shifts:
            raise UserError(self.env._("There is no shift in the week to repeat."))
        return [
            {
                "station_id": self.station_id.id,
                "company_id": self.station_id.company_id.id,
                "employee_id": shift.employee_id.id,
                "team_id": shift.team_id.id,
                "role": shift.role,
                "phone": shift.phone,
                "note": shift.note,
                "start_at": shift.start_at + timedelta(weeks=week),
                "end_at": shift.end_at + timedelta(weeks=week),
            }
            for week in range(1, self.weeks + 1)
            for shift in shifts
        ]

    def _prepare_turns(self):
        """Shifts of the same length, the people taking turns."""
        if not self.line_ids or not self.role:
            raise UserError(self.env._("Choose the post and who takes turns."))
        if not self.date_from or not self.date_to or self.date_to < self.date_from:
            raise UserError(self.env._("The last day comes after the first one."))
        if (self.date_to - self.date_from).days > 366:
            raise UserError(self.env._("A year can be planned at most."))
        start, end = (
            duty_roster.to_utc(day, self.start_hour, self._get_zone())
            for day in (self.date_from, self.date_to + timedelta(days=1))
        )
        return [
            {
                "station_id": self.station_id.id,
                "company_id": self.station_id.company_id.id,
                "employee_id": employee.id,
                "role": self.role,
                "start_at": first,
                "end_at": until,
            }
            for employee, first, until in duty_roster.rotate(
                list(self.line_ids.employee_id), start, end, self.shift_hours
            )
        ]

    @api.model
    def _without_clashes(self, vals_list):
        """Leave out those whose person is on duty already, here or elsewhere."""
        if not vals_list:
            return []
        # A shift at a station that the planner doesn't see is a clash, too.
        there = (
            self.env["power.duty.shift"]
            .sudo()
            .search(
                Domain("employee_id", "in", [vals["employee_id"] for vals in vals_list])
                & Domain("start_at", "<", max(vals["end_at"] for vals in vals_list))
                & Domain("end_at", ">", min(vals["start_at"] for vals in vals_list))
            )
        )
        taken = {}
        for shift in there:
            taken.setdefault(shift.employee_id.id, []).append(
                (shift.start_at, shift.end_at, shift.station_id.id, shift.role)
            )
        kept = []
        for vals in vals_list:
            if not any(
                start < vals["end_at"]
                and end > vals["start_at"]
                and (station != vals["station_id"] or role == vals["role"])
                for start, end, station, role in taken.get(vals["employee_id"], ())
            ):
                kept.append(vals)
        return kept


class PowerDutyPlanLine(models.TransientModel):
    """Who takes turns, in which order."""

    _name = "power.duty.plan.line"
    _description = "Taking Turns on Duty"
    _order = "sequence, id"

    plan_id = fields.Many2one("power.duty.plan", required=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    employee_id = fields.Many2one("hr.employee", required=True)
