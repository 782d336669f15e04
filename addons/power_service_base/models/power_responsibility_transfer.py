# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .power_responsibility import SHARED_ROLES, SUBJECTS

# SQL of a subject's station and company; the table's alias is ``subject``.
SUBJECT_PLACES = {
    "partner_id": (
        "subject.power_station_id",
        "(SELECT station.company_id FROM hr_department AS station "
        "WHERE station.id = subject.power_station_id), subject.company_id",
    ),
    "grid_area_id": ("subject.station_id", "subject.company_id"),
    "element_id": ("subject.station_id", "subject.company_id"),
    "department_id": (
        "(SELECT station.id FROM hr_department AS station "
        "WHERE station.power_unit = 'station' "
        "AND subject.parent_path LIKE station.parent_path || '%%' "
        "ORDER BY length(station.parent_path) DESC LIMIT 1)",
        "subject.company_id",
    ),
}


class PowerResponsibility(models.Model):
    _inherit = "power.responsibility"

    def _transfer_rows(self, employee, date, note):
        """The work of :meth:`transfer`: four statements, however many rows."""
        parameters = {
            **self._get_sql_stamp(),
            "ids": list(self.ids),
            "employee": employee.id,
            "user": self._get_login(employee),
            "date": date,
            "note": note or None,
            "shared": list(SHARED_ROLES),
        }
        # What hasn't begun by then changes hands as a whole; who shares the role
        # already needs no second line.
        self.env.cr.execute(
            """
            DELETE FROM power_responsibility AS old
             WHERE id = ANY(%(ids)s) AND date_from >= %(date)s
               AND employee_id != %(employee)s AND role = ANY(%(shared)s)
               AND EXISTS (
                    SELECT 1 FROM power_responsibility AS own
                     WHERE own.employee_id = %(employee)s AND own.role = old.role
                       AND own.partner_id IS NOT DISTINCT FROM old.partner_id
                       AND own.grid_area_id IS NOT DISTINCT FROM old.grid_area_id
                       AND own.element_id IS NOT DISTINCT FROM old.element_id
                       AND daterange(own.date_from, own.date_to, '[]')
                        && daterange(old.date_from, old.date_to, '[]'))
            """,
            parameters,
        )
        self.env.cr.execute(
            """
            UPDATE power_responsibility
               SET employee_id = %(employee)s, user_id = %(user)s,
                   note = COALESCE(%(note)s, note),
                   write_uid = %(uid)s, write_date = %(now)s
             WHERE id = ANY(%(ids)s) AND date_from >= %(date)s
               AND employee_id != %(employee)s
            RETURNING id
            """,
            parameters,
        )
        moved = [row[0] for row in self.env.cr.fetchall()]
        self.env.cr.execute(
            """
            SELECT id, date_to FROM power_responsibility
             WHERE id = ANY(%(ids)s) AND date_from < %(date)s
               AND (date_to IS NULL OR date_to >= %(date)s)
               AND employee_id != %(employee)s
               FOR UPDATE
            """,
            parameters,
        )
        running = self.env.cr.fetchall()
        if not running:
            return self.browse(moved)
        parameters["cut"] = [row[0] for row in running]
        parameters["ends"] = [row[1] for row in running]
        self.env.cr.execute(
            """
            UPDATE power_responsibility
               SET date_to = %(date)s::date - 1,
                   write_uid = %(uid)s, write_date = %(now)s
             WHERE id = ANY(%(cut)s)
            """,
            parameters,
        )
        self.env.cr.execute(
            """
            INSERT INTO power_responsibility
                   (role, employee_id, user_id, partner_id, grid_area_id, element_id,
                    department_id, company_id, station_id, date_from, date_to, note,
                    create_uid, create_date, write_uid, write_date)
            SELECT old.role, %(employee)s, %(user)s, old.partner_id, old.grid_area_id,
                   old.element_id, old.department_id, old.company_id, old.station_id,
                   %(date)s, cut.date_to, %(note)s, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM power_responsibility AS old
              JOIN unnest(%(cut)s::int[], %(ends)s::date[]) AS cut(id, date_to)
                ON cut.id = old.id
             WHERE old.role != ALL(%(shared)s) OR NOT EXISTS (
                    SELECT 1 FROM power_responsibility AS own
                     WHERE own.employee_id = %(employee)s AND own.role = old.role
                       AND own.partner_id IS NOT DISTINCT FROM old.partner_id
                       AND own.grid_area_id IS NOT DISTINCT FROM old.grid_area_id
                       AND own.element_id IS NOT DISTINCT FROM old.element_id
                       AND daterange(own.date_from, own.date_to, '[]')
                        && daterange(%(date)s, cut.date_to, '[]'))
            RETURNING id
            """,
            parameters,
        )
        return self.browse(moved + [row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _assign(self, role, subjects, employee, date=None, note=None):
        """Make ``employee`` hold ``role`` for ``subjects`` from ``date`` on.

        Who holds the role then is followed by the employee for the rest of that time;
        a subject without holder gets the employee until the next holder begins. For a
        role that several share, nobody is ended. Set-based and safe to repeat.

        :param role: one of the roles
        :param subjects: records of one of the subject models
        :param employee: hr.employee record; empty ends the role on ``date``
        :param date: first day, in the station's calendar; today when not given
        """
        column = self._get_subject_column(subjects)
        date = fields.Date.to_date(date) or self._get_today()
        self.flush_model()
        subjects.flush_model()
        if role not in SHARED_ROLES:
            held = self.sudo().search(  # asked for by writes on the subject itself
                Domain("role", "=", role)
                & Domain(column, "in", subjects.ids)
                & self._get_period_domain(date)
            )
            if employee:
                held._transfer_rows(employee, date, note)
            else:
                held._end(date)
        if employee:
            self._open_rows(role, column, subjects.ids, employee, date, note)
        self.invalidate_model()
        self._refresh_caches([subjects])

    def _end(self, date):
        """The last day of these is the day before ``date``; in one statement each."""
        self.flush_model()
        self.env.cr.execute(
            "DELETE FROM power_responsibility WHERE id = ANY(%s) AND date_from >= %s",
            (list(self.ids), date),
        )
        self.env.cr.execute(
            """
            UPDATE power_responsibility
               SET date_to = %(date)s::date - 1,
                   write_uid = %(uid)s, write_date = %(now)s
             WHERE id = ANY(%(ids)s) AND (date_to IS NULL OR date_to >= %(date)s)
            """,
            {**self._get_sql_stamp(), "ids": list(self.ids), "date": date},
        )
        self.invalidate_model()

    @api.model
    def _open_rows(self, role, column, subject_ids, employee, date, note=None):
        """Give the role to ``employee`` where nobody holds it on ``date``.

        A later holder keeps his day: the new row ends the day before. For a shared role
        only the employee's own rows count.
        """
        place, company = SUBJECT_PLACES[column]
        own = SQL(
            "AND held.employee_id = %s" if role in SHARED_ROLES else "AND %s > 0",
            employee.id,
        )
        stamp = SQL("%(uid)s, %(now)s, %(uid)s, %(now)s", **self._get_sql_stamp())
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO power_responsibility
                       (role, employee_id, user_id, %(column)s, company_id, station_id,
                        date_from, date_to, note,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(role)s, %(employee)s, %(user)s, subject.id,
                       COALESCE(%(company)s, %(own_company)s), %(place)s,
                       %(date)s, later.date_to, %(note)s, %(stamp)s
                  FROM %(table)s AS subject
                  -- Read once: a look per subject is slow while the table is new.
                  LEFT JOIN (
                        SELECT held.%(column)s AS id,
                               bool_or(held.date_from <= %(date)s) AS is_held,
                               min(held.date_from) - 1 AS date_to
                          FROM power_responsibility AS held
                         WHERE held.%(column)s = ANY(%(ids)s)
                           AND held.role = %(role)s
                           AND (held.date_to IS NULL OR held.date_to >= %(date)s)
                           %(own)s
                         GROUP BY 1
                       ) AS later ON later.id = subject.id
                 WHERE subject.id = ANY(%(ids)s) AND later.is_held IS NOT TRUE
                """,
                role=role,
                employee=employee.id,
                user=self._get_login(employee),
                column=SQL.identifier(column),
                table=SQL.identifier(self.env[SUBJECTS[column]]._table),
                company=SQL(company),
                own_company=self.env.company.id,
                place=SQL(place),
                date=date,
                note=note or None,
                stamp=stamp,
                ids=list(subject_ids),
                own=own,
            )
        )

    @api.model
    def _get_login(self, employee):
        # A login isn't private, and employees are closed to most users.
        return employee.sudo().user_id.id or None
