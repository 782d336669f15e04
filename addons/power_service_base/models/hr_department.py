from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class HrDepartment(models.Model):
    _inherit = "hr.department"

    power_unit = fields.Selection(
        [("station", "Supply station"), ("team", "Team")],
        index=True,
        help="A supply station (供电所) keeps customers; a team belongs to a station.",
    )
    power_code = fields.Char(
        "Station Code", copy=False, help="The code that imports and other systems use."
    )
    hotline = fields.Char(help="The number customers call: repair, complaint, enquiry.")
    supervision_phone = fields.Char(
        help="Where customers can complain about the station itself."
    )
    duty_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Duty Hours",
        help="Working time of the station; the company's when empty.",
    )
    power_tz = fields.Selection(
        related="duty_calendar_id.tz", string="Station Time Zone", readonly=True
    )
    power_user_ids = fields.Many2many(
        "res.users",
        "power_station_users_rel",
        "station_id",
        "user_id",
        string="Station Users",
        readonly=True,
    )
    power_address = fields.Char("Station Address")

    _power_code_uniq = models.UniqueIndex(
        "(company_id, power_code) WHERE power_code IS NOT NULL",
        "Another station or team of the company already has this code.",
    )

    @api.constrains("power_unit", "parent_id")
    def _check_power_unit(self):
        for department in self:
            if department.power_unit == "team" and not department._get_power_station():
                raise ValidationError(
                    self.env._(
                        "The team %(team)s needs a supply station above it: set its "
                        "parent department.",
                        team=department.name,
                    )
                )

    def _get_duty_calendar(self):
        """Return the working time of one department: its station's, or the company's.

        A company always has one, so that there is something to count deadlines by.
        """
        self.ensure_one()
        station = self._get_power_station() or self
        company = self.company_id or self.env.company
        return (
            self.duty_calendar_id
            or station.duty_calendar_id
            or company.resource_calendar_id
        )

    def _get_power_tz(self):
        """The name of the time zone where a station is: its duty hours', its company's.

        :return: the current company's for an empty record
        """
        department = self.sudo()  # the zone is no secret
        station = department._power_above() or department
        return (
            department.duty_calendar_id.tz
            or station.duty_calendar_id.tz
            or (department.company_id or self.env.company)._get_power_tz()
        )

    def _get_local_today(self):
        """Today's date where the station is, whoever asks."""
        return fields.Date.context_today(self.with_context(tz=self._get_power_tz()))

    @api.model
    def _get_today_sql(self, station):
        """Today's date where the station of a row is, as an SQL expression.

        :param SQL station: the row's station id; without one it is the company's day
        """
        return self._get_case_sql(station, type(self)._get_local_today, SQL("date"))

    @api.model
    def _get_tz_sql(self, station):
        """The name of the time zone where the station of a row is, as an SQL
        expression.

        :param SQL station: the row's station id; without one it is the company's zone
        """
        return self._get_case_sql(station, type(self)._get_power_tz, SQL("text"))

    @api.model
    def _get_case_sql(self, station, get, sql_type):
        """A value of the station of a row, as an SQL expression; one query.

        :param get: gives the value of a station, and of none
        """
        default = get(self.browse())
        values = defaultdict(list)
        stations = self.sudo().with_context(active_test=False)  # every row has its own
        for record in stations.search([("power_unit", "=", "station")]):
            values[get(record)].append(record.id)
        values.pop(default, None)
        if not values:
            return SQL("%s::%s", default, sql_type)
        return SQL(
            "(CASE %s ELSE %s::%s END)",
            SQL(" ").join(
                SQL("WHEN %s = ANY(%s) THEN %s::%s", station, ids, value, sql_type)
                for value, ids in values.items()
            ),
            default,
            sql_type,
        )

    def _get_power_station(self):
        """The station of one department: itself, or the nearest one above."""
        self.ensure_one()
        department = self
        while department and department.power_unit != "station":
            department = department.parent_id
        return department

    def _power_above(self):
        """The station of one department, or an empty one without department."""
        return self._get_power_station() if self else self
