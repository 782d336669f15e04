from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import duty_roster
from ..models.power_duty_shift import DUTY_ROLES


class PowerDutyCheck(models.TransientModel):
    """The roster looked through: hours nobody covers, people on duty twice."""

    _name = "power.duty.check"
    _description = "Duty Roster Check"

    station_ids = fields.Many2many(
        "hr.department",
        string="Stations",
        domain="[('power_unit', '=', 'station')]",
        default=lambda self: self._default_station_ids(),
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env["power.duty.shift"]._get_company_today(),
    )
    days = fields.Integer(required=True, default=14)
    line_ids = fields.One2many("power.duty.check.line", "check_id", readonly=True)
    gap_count = fields.Integer("Gaps", compute="_compute_counts")
    double_count = fields.Integer("On Duty Twice", compute="_compute_counts")

    _days_valid = models.Constraint(
        "CHECK (days BETWEEN 1 AND 92)", "The days to look at are 1 to 92."
    )

    @api.depends("date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for check in self:
            check.display_name = self.env._("Gaps and Double Bookings")

    def _default_station_ids(self):
        """The user's stations; all that the user may see when there are none."""
        stations = self.env.user.power_station_ids
        return stations or self.env["hr.department"].search(
            [("power_unit", "=", "station"), ("company_id", "=", self.env.company.id)]
        )

    @api.depends("line_ids.kind")
    def _compute_counts(self):
        for check in self:
            kinds = check.line_ids.mapped("kind")
            check.gap_count = kinds.count("gap")
            check.double_count = kinds.count("double")

    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        checks._look()
        return checks

    def write(self, vals):
        result = super().write(vals)
        if {"station_ids", "date_from", "days"} & vals.keys():
            self._look()
        return result

    @api.model
    def action_open_check(self):
        """Look through the roster of the user's stations for the next two weeks.

        :return: a window action with what was found
        """
        check = self.create({})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Gaps and Double Bookings"),
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
        }

    def action_look(self):
        """Look again: somebody may have filled a gap."""
        self._look()
        return True

    def _look(self):
        """Write down what the roster lacks in the period."""
        self.line_ids.unlink()
        self.env["power.duty.check.line"].create(
            [
                {"check_id": check.id, **problem}
                for check in self
                for problem in self.env["power.duty.shift"]._find_problems(
                    check.station_ids, *check._get_period()
                )
            ]
        )

    def _get_period(self):
        """From midnight to midnight where the company works, in UTC."""
        zone = self.env.company.sudo().resource_calendar_id.tz or "UTC"  # no secret
        return (
            duty_roster.to_utc(self.date_from, 0, zone),
            duty_roster.to_utc(self.date_from + timedelta(days=self.days), 0, zone),
        )


class PowerDutyCheckLine(models.TransientModel):
    """One gap, or one person on duty twice."""

    _name = "power.duty.check.line"
    _description = "Duty Roster Problem"
    _order = "start_at, id"

    check_id = fields.Many2one("power.duty.check", required=True, ondelete="cascade")
    kind = fields.Selection(
        [("gap", "Nobody there"), ("double", "On duty twice")], required=True
    )
    station_id = fields.Many2one("hr.department")
    role = fields.Selection(DUTY_ROLES, string="Post")
    start_at = fields.Datetime("From")
    end_at = fields.Datetime("To")
    hours = fields.Float(compute="_compute_hours")
    missing = fields.Integer("People Missing")
    employee_id = fields.Many2one("hr.employee")

    @api.depends("start_at", "end_at")
    def _compute_hours(self):
        for line in self:
            line.hours = (line.end_at - line.start_at).total_seconds() / 3600

    def action_fill(self):
        """Open a new shift that fills the gap.

        :raise UserError: the line is no gap
        """
        self.ensure_one()
        if self.kind != "gap":
            raise UserError(self.env._("There is no gap to fill."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "power.duty.shift",
            "view_mode": "form",
            "context": {
                "default_station_id": self.station_id.id,
                "default_role": self.role,
                "default_start_at": fields.Datetime.to_string(self.start_at),
                "default_end_at": fields.Datetime.to_string(self.end_at),
            },
        }
