# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.tools import SQL

from .power_responsibility import ROLE_SUBJECTS, SHARED_ROLES, SUBJECTS

# Where each kind of record lies: the customer, area, element and department that may
# have someone responsible. A supply point's customer is that of the date asked for.
PLACES = {
    "res.partner": """
        SELECT id, id AS partner_id, grid_area_id, NULL::int AS element_id,
               power_station_id AS department_id
          FROM res_partner WHERE id = ANY(%(ids)s)""",
    "power.supply.point": """
        SELECT point.id, contract.partner_id, point.grid_area_id,
               point.main_element_id AS element_id, point.station_id AS department_id
          FROM power_supply_point AS point
          LEFT JOIN power_supply_contract AS contract
                 ON contract.supply_point_id = point.id
                AND contract.date_from <= %(date)s
                AND (contract.date_to IS NULL OR contract.date_to >= %(date)s)
         WHERE point.id = ANY(%(ids)s)""",
    "power.grid.area": """
        SELECT id, NULL::int AS partner_id, id AS grid_area_id,
               NULL::int AS element_id, station_id AS department_id
          FROM power_grid_area WHERE id = ANY(%(ids)s)""",
    "power.network.element": """
        SELECT id, NULL::int AS partner_id, NULL::int AS grid_area_id,
               id AS element_id, station_id AS department_id
          FROM power_network_element WHERE id = ANY(%(ids)s)""",
    "hr.department": """
        SELECT id, NULL::int AS partner_id, NULL::int AS grid_area_id,
               NULL::int AS element_id, id AS department_id
          FROM hr_department WHERE id = ANY(%(ids)s)""",
}
TREES = {
    "grid_area_id": "power_grid_area",
    "element_id": "power_network_element",
    "department_id": "hr_department",
}


class PowerResponsibility(models.Model):
    _inherit = "power.responsibility"

    @api.model
    def _get_responsible(self, model, res_ids, role, date=None, fallback=True):
        """Who answered for each record on a day. One query, however many records.

        When nobody held the role for the record itself, who is above answers: for a
        customer (or supply point) without account manager the grid manager of its area,
        then of the areas around it, then the station chief; see :meth:`_get_levels`.
        The customer of a supply point is the one whose contract was in force on
        ``date``; areas and stations are those of today.

        :param model: res.partner, power.supply.point, power.grid.area,
            power.network.element or hr.department
        :param res_ids: ids of that model
        :param role: one of the roles
        :param date: a date of the station's calendar; today when not given
        :param fallback: False to ask only for the record itself
        :return: dict of id to hr.employee, with an empty one where nobody answered
        """
        found = self._find_rows(model, res_ids, role, date, fallback)
        employees = self.env["hr.employee"]
        prefetch = {employee_id for _row_id, employee_id in found.values()}
        return {
            res_id: (
                employees.browse(found[res_id][1]).with_prefetch(prefetch)
                if res_id in found
                else employees
            )
            for res_id in res_ids
        }

    @api.model
    def _get_responsibilities(self, model, res_ids, role, date=None, fallback=True):
        """As :meth:`_get_responsible`, with the responsibility instead of its holder:
        its role and subject tell through whom."""
        found = self._find_rows(model, res_ids, role, date, fallback)
        prefetch = {row_id for row_id, _employee_id in found.values()}
        return {
            res_id: (
                self.browse(found[res_id][0]).with_prefetch(prefetch)
                if res_id in found
                else self.browse()
            )
            for res_id in res_ids
        }

    @api.model
    def _find_rows(self, model, res_ids, role, date, fallback):
        """Dict of id to (responsibility id, employee id), of those with an answer."""
        date = fields.Date.to_date(date) or self._get_today()
        res_ids = list(res_ids)
        levels = self._get_levels(model, role, fallback)
        if not levels or not res_ids:
            return {}
        self.flush_model()
        for name in {model, "power.supply.contract", "power.grid.area"}:
            self.env[name].flush_model()
        place = SQL(PLACES[model], ids=res_ids, date=date)
        rows = self.env.execute_query(
            SQL(
                "WITH place AS MATERIALIZED (%s) "
                "SELECT DISTINCT ON (found.id)"
                " found.id, found.row_id, found.employee_id"
                " FROM (%s) AS found"
                " ORDER BY found.id, found.depth, found.date_from, found.row_id",
                place,
                SQL(" UNION ALL ").join(
                    self._get_level_sql(level, column, role_of_level, date)
                    for level, (column, role_of_level) in enumerate(levels)
                ),
            )
        )
        return {res_id: (row_id, holder_id) for res_id, row_id, holder_id in rows}

    @api.model
    def _get_levels(self, model, role, fallback=True):
        """Whom to ask, nearest first: pairs of subject field and role.

        Override to have someone else answer for a role. On a field with a tree (area,
        element, department) a level means the record itself, then those above it.
        """
        if role not in ROLE_SUBJECTS:
            raise ValueError(f"unknown role {role}")
        levels = [(column, role) for column in ROLE_SUBJECTS[role]]
        if fallback and role not in SHARED_ROLES:
            columns = {column for column, _role in levels}
            if columns & {"partner_id", "element_id"}:
                levels.append(("grid_area_id", "grid_manager"))
            if role != "station_chief":
                levels.append(("department_id", "station_chief"))
        if not fallback and model in SUBJECTS.values():
            levels = [level for level in levels if SUBJECTS[level[0]] == model]
        return levels

    @api.model
    def _get_level_sql(self, level, column, role, date):
        """Holders of ``role`` on one level, those nearer by with less depth."""
        subject = SQL.identifier("held", column)
        held = SQL(
            "held.role = %s AND held.date_from <= %s "
            "AND (held.date_to IS NULL OR held.date_to >= %s)",
            role,
            date,
            date,
        )
        if column not in TREES:
            return SQL(
                "SELECT place.id, held.id AS row_id, held.employee_id, held.date_from,"
                " %s AS depth FROM place"
                " JOIN power_responsibility AS held ON %s = %s AND %s",
                level * 1000,
                subject,
                SQL.identifier("place", column),
                held,
            )
        return SQL(
            "SELECT place.id, held.id AS row_id, held.employee_id, held.date_from,"
            " %s - step.number AS depth FROM place"
            " JOIN %s AS tree ON tree.id = %s"
            " CROSS JOIN LATERAL unnest(string_to_array(rtrim(tree.parent_path, '/'),"
            " '/')::int[]) WITH ORDINALITY AS step(id, number)"
            " JOIN power_responsibility AS held ON %s = step.id AND %s",
            level * 1000 + 999,
            SQL.identifier(TREES[column]),
            SQL.identifier("place", column),
            subject,
            held,
        )

    # Today's holders, kept on their subjects.

    @api.model
    def _get_caches(self):
        """(role, subject field, cached field) of every cache of this table."""
        return [
            ("account_manager", "partner_id", "account_manager_id"),
            ("grid_manager", "grid_area_id", "manager_id"),
        ]

    def _refresh_caches(self, subjects=()):
        """Bring the caches of these subjects, and of own ones, to today's holders."""
        if self.env.context.get("power_caches_are_fresh"):
            return  # whoever wrote them in bulk already has
        wanted = {}
        for records in [*self._get_subjects(), *subjects]:
            wanted.setdefault(records._name, set()).update(records.ids)
        for role, column, cache in self._get_caches():
            res_ids = wanted.get(SUBJECTS[column])
            if res_ids:
                self._refresh_cache(role, column, cache, res_ids=list(res_ids))
        areas = wanted.get("power.grid.area")
        if areas:
            self._refresh_members(list(areas))

    @api.model
    def _refresh_cache(self, role, column, cache, res_ids=None, limit=None):
        """Write today's holder on subjects that show another one.

        :param res_ids: only these subjects; all when not given
        :param limit: at most so many
        :return: number of subjects changed
        """
        model = self.env[SUBJECTS[column]]
        self.flush_model()
        model.flush_model([cache])
        place = "power_station_id" if model._name == "res.partner" else "station_id"
        model.flush_model([place])
        today = self.env["hr.department"]._get_today_sql(
            SQL.identifier("subject", place)
        )
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE %(table)s AS target SET %(cache)s = stale.employee_id
                  FROM (SELECT subject.id, held.employee_id
                          FROM %(table)s AS subject
                          LEFT JOIN power_responsibility AS held
                                 ON %(column)s = subject.id AND held.role = %(role)s
                                AND held.date_from <= %(today)s
                                AND (held.date_to IS NULL OR held.date_to >= %(today)s)
                         WHERE %(cached)s IS DISTINCT FROM held.employee_id AND %(only)s
                         LIMIT %(limit)s) AS stale
                 WHERE target.id = stale.id
                RETURNING target.id
                """,
                table=SQL.identifier(model._table),
                cache=SQL.identifier(cache),
                cached=SQL.identifier("subject", cache),
                column=SQL.identifier("held", column),
                role=role,
                today=today,
                only=self._get_only_sql(res_ids),
                limit=limit,
            )
        )
        changed = model.browse(row[0] for row in rows)
        changed.invalidate_recordset([cache])
        changed.modified([cache])
        if changed and model._name == "res.partner":
            model._refresh_archive_score(changed)
        return len(changed)

    @api.model
    def _get_only_sql(self, res_ids):
        if res_ids is None:
            return SQL("TRUE")
        return SQL("subject.id = ANY(%s)", list(res_ids))

    @api.model
    def _refresh_members(self, area_ids=None):
        """Bring the areas' members to today's holders; the number changed."""
        self.flush_model()
        areas = self.env["power.grid.area"]
        areas.flush_model(["member_ids", "station_id"])
        only = SQL("TRUE") if area_ids is None else SQL("area_id = ANY(%s)", area_ids)
        held = SQL(
            "SELECT area.id AS area_id, held.employee_id"
            " FROM power_responsibility AS held"
            " JOIN power_grid_area AS area ON area.id = held.grid_area_id"
            " WHERE held.role = 'grid_member' AND held.date_from <= %(today)s"
            " AND (held.date_to IS NULL OR held.date_to >= %(today)s)",
            today=self.env["hr.department"]._get_today_sql(SQL("area.station_id")),
        )
        self.env.cr.execute(
            SQL(
                "DELETE FROM power_grid_area_member_rel"
                " WHERE (area_id, employee_id) NOT IN (%s) AND %s",
                held,
                only,
            )
        )
        changed = self.env.cr.rowcount
        self.env.cr.execute(
            SQL(
                "INSERT INTO power_grid_area_member_rel (area_id, employee_id)"
                " SELECT area_id, employee_id FROM (%s) AS held WHERE %s"
                " ON CONFLICT DO NOTHING",
                held,
                only,
            )
        )
        changed += self.env.cr.rowcount
        if changed:
            areas.invalidate_model(["member_ids"])
        return changed

    @api.model
    def _adopt_caches(self, res_ids=None):
        """Open a responsibility from today where a cache was filled by SQL (an import)
        and the subject never had a holder of the role. The number opened."""
        self.flush_model()
        opened = 0
        for role, column, cache in self._get_caches():
            model = self.env[SUBJECTS[column]]
            model.flush_model([cache])
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT subject.%(cache)s, array_agg(subject.id)
                      FROM %(table)s AS subject
                     WHERE subject.%(cache)s IS NOT NULL AND %(only)s
                       AND NOT EXISTS (
                            SELECT 1 FROM power_responsibility AS held
                             WHERE held.%(column)s = subject.id
                               AND held.role = %(role)s)
                     GROUP BY 1
                    """,
                    cache=SQL.identifier(cache),
                    table=SQL.identifier(model._table),
                    column=SQL.identifier(column),
                    role=role,
                    only=self._get_only_sql(res_ids),
                )
            )
            for employee_id, subject_ids in rows:
                employee = self.env["hr.employee"].browse(employee_id)
                self._open_rows(role, column, subject_ids, employee, self._get_today())
                opened += len(subject_ids)
        return opened

    @api.model
    def _cron_refresh_responsible(self, batch_size=10000):
        """Bring the caches to the new day's holders, after the station's midnight."""
        run = self.env["power.job.run"]._start_alone("power.responsibility.refresh")
        if not run:
            return
        done = self._adopt_caches()
        full = False
        for role, column, cache in self._get_caches():
            changed = self._refresh_cache(role, column, cache, limit=batch_size)
            full = full or changed == batch_size
            done += changed
        done += self._refresh_members()
        run._progress(done=done)
        if not full:
            run._finish()
        self.env["ir.cron"]._commit_progress(done, remaining=int(full))
