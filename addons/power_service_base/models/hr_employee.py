from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    power_code = fields.Char(
        "Staff Number",
        copy=False,
        # Who may read this, but not all of an employee, could not read the name: Odoo
        # would fetch both at once and refuse.
        prefetch=False,
        groups="hr.group_hr_user,power_service_base.group_power_supervisor",
        help="The number (工号) that imports and other systems use.",
    )
    responsibility_ids = fields.One2many(
        "power.responsibility", "employee_id", groups="hr.group_hr_user"
    )
    responsibility_count = fields.Integer(
        "Responsibilities",
        compute="_compute_responsibility_count",
        groups="hr.group_hr_user",
    )

    _power_code_uniq = models.UniqueIndex(
        "(company_id, power_code) WHERE power_code IS NOT NULL",
        "Another employee of the company already has this staff number.",
    )

    def _compute_responsibility_count(self):
        responsibilities = self.env["power.responsibility"]
        counts = dict(
            responsibilities._read_group(
                Domain("employee_id", "in", self.ids)
                & responsibilities._get_open_domain(),
                ["employee_id"],
                ["__count"],
            )
        )
        for employee in self:
            employee.responsibility_count = counts.get(employee, 0)

    def write(self, vals):
        leaving = self.filtered("active") if vals.get("active") is False else None
        result = super().write(vals)
        if leaving:
            leaving._warn_of_open_responsibilities()
        return result

    def _check_works_here(self):
        """Refuse to make somebody answer for something who has left.

        :raise ValidationError: names who has left
        """
        left = self.sudo().filtered(lambda employee: not employee.active)  # no secret
        if left:
            raise ValidationError(
                self.env._(
                    "%(employee)s has left: choose someone else.",
                    employee=", ".join(left.mapped("name")),
                )
            )

    def _warn_of_open_responsibilities(self):
        """Tell the stations' chiefs which areas have lost their manager."""
        areas = (
            self.env["power.grid.area"]
            .sudo()  # who archives an employee needn't see the areas
            .search([("manager_id", "in", self.ids)])
        )
        for station, of_station in areas.grouped("station_id").items():
            chief = station.manager_id.filtered("active").user_id or self.env.user
            for manager, of_manager in of_station.grouped("manager_id").items():
                told = of_manager.with_context(lang=chief.lang)
                told.activity_schedule(
                    "power_service_base.mail_activity_manager_left",
                    user_id=chief.id,
                    note=told.env._(
                        "%(employee)s has left and still answers for this area. Press "
                        "Transfer on the area to hand everything to someone else.",
                        employee=manager.name,
                    ),
                )

    def action_open_responsibilities(self):
        """Open what the employee answers for, now and before."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_responsibility_action"
        )
        action["domain"] = [("employee_id", "=", self.id)]
        action["context"] = {
            "default_employee_id": self.id,
            "search_default_current": 1,
        }
        return action

    def _get_power_units(self, date):
        """Department and station of employees on a day, from their dated versions.

        One query, however many employees. Before the first version counts the first.

        :param date: a date of the station's calendar
        :return: dict of employee id to a pair (department, station) of hr.department
            records, empty where there was none
        """
        self.env["hr.version"].flush_model(["employee_id", "department_id"])
        self.env["hr.version"].flush_model(["date_version", "active"])
        self.env["hr.department"].flush_model(["parent_path", "power_unit"])
        self.env.cr.execute(
            """
            SELECT DISTINCT ON (version.employee_id)
                   version.employee_id, version.department_id, station.id
              FROM hr_version AS version
              LEFT JOIN hr_department AS department
                     ON department.id = version.department_id
              LEFT JOIN LATERAL (
                     SELECT above.id FROM hr_department AS above
                      WHERE above.power_unit = 'station'
                        AND department.parent_path LIKE above.parent_path || '%%'
                      ORDER BY length(above.parent_path) DESC LIMIT 1
                     ) AS station ON TRUE
             WHERE version.employee_id = ANY(%(ids)s) AND version.active
             ORDER BY version.employee_id,
                      CASE WHEN version.date_version <= %(date)s
                           THEN version.date_version END DESC NULLS LAST,
                      version.date_version
            """,
            {"ids": list(self.ids), "date": fields.Date.to_date(date)},
        )
        rows = self.env.cr.fetchall()
        departments = self.env["hr.department"]
        prefetch = {unit for row in rows for unit in row[1:] if unit}
        units = {
            employee_id: tuple(
                departments.browse(unit or ()).with_prefetch(prefetch) for unit in found
            )
            for employee_id, *found in rows
        }
        return {
            res_id: units.get(res_id, (departments, departments)) for res_id in self.ids
        }

    @api.model
    def _get_power_members(self, departments, date):
        """Employees who belonged to each of ``departments`` on a day.

        :param departments: hr.department records; those below them aren't asked for
        :return: dict of department id to hr.employee records
        """
        versions = (
            self.env["hr.version"]
            .sudo()  # versions are closed to those outside human resources
            .search([("department_id", "in", departments.ids)])
        )
        employees = versions.employee_id
        result = {department.id: self.browse() for department in departments}
        for employee_id, (department, _station) in employees._get_power_units(
            date
        ).items():
            if department.id in result:
                result[department.id] |= self.browse(employee_id)
        return result
