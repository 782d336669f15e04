import json

from odoo import api, models
from odoo.tools import SQL, groupby

from ..core.import_format import KINDS, Node, check_tree
from .power_import import KIND_MODELS

#: Kinds whose rows hang under each other.
TREES = {"areas", "elements"}
CODE_FIELDS = {"stations": "power_code", "employees": "power_code"}


class PowerImportLoaderRecords(models.AbstractModel):
    """Loads the small kinds through the ORM: stations, people, areas, elements.

    There are hundreds or thousands of them where there are millions of customers.
    """

    _name = "power.import.loader.records"
    _inherit = "power.import.loader"
    _description = "Import Loader of Small Kinds"

    @api.model
    def _get_extra_columns(self, kind):
        return [
            ("record_id", "int"),
            ("station_id", "int"),
            ("manager_id", "int"),
            ("level", "int"),
        ]

    @api.model
    def _get_record_column(self, kind):
        return SQL.identifier("record_id")

    @api.model
    def _get_choices(self, record):
        model = KIND_MODELS[record.kind]
        return {
            column.name: self._get_labels(model, column.name)
            for column in KINDS[record.kind]
            if column.rule == "choice"
        }

    # -- checking

    @api.model
    def _validate(self, record):
        columns = {column.name for column in KINDS[record.kind]}
        if "station_code" in columns:
            self._resolve_stations(record)
        if "manager_code" in columns:
            self._resolve_managers(record)
        self._refuse_duplicates(record, "code")
        if "external_ref" in columns:
            self._refuse_duplicates(record, "source_system", "external_ref")
        self._resolve_records(record)
        if record.kind in TREES:
            self._check_tree(record)
        self._classify(record)

    @api.model
    def _resolve_stations(self, record):
        allowed = record._get_allowed_stations()
        self.env["hr.department"].flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE %s AS row SET station_id = station.id FROM %s AS station "
                "WHERE upper(station.power_code) = upper(row.station_code) "
                "AND station.power_unit = 'station'",
                record._get_staging(),
                self._map_codes(record, "hr_department", "power_code"),
            )
        )
        record._refuse(
            SQL(
                "SELECT row_no, 'station_code' AS column_name, CASE WHEN station_id "
                "IS NULL THEN 'unknown_station' ELSE 'foreign_station' END AS kind, "
                "station_code AS value, NULL::jsonb AS params FROM %s "
                "WHERE station_code IS NOT NULL AND (station_id IS NULL OR %s)",
                record._get_staging(),
                SQL("FALSE")
                if allowed is None
                else SQL("station_id <> ALL (%s)", allowed),
            )
        )

    @api.model
    def _resolve_managers(self, record):
        """Grid managers by their code; who has left can't answer for an area."""
        self.env["hr.employee"].flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE %s AS row SET manager_id = employee.id FROM %s AS employee "
                "WHERE upper(employee.power_code) = upper(row.manager_code) "
                "AND employee.active",
                record._get_staging(),
                self._map_codes(record, "hr_employee", "power_code"),
            )
        )
        record._refuse(
            SQL(
                "SELECT row_no, 'manager_code' AS column_name, "
                "CASE WHEN EXISTS (SELECT 1 FROM %s AS employee WHERE "
                "upper(employee.power_code) = upper(manager_code)) "
                "THEN 'employee_left' ELSE 'unknown_employee' END AS kind, "
                "manager_code AS value, NULL::jsonb AS params FROM %s "
                "WHERE manager_code IS NOT NULL AND manager_id IS NULL",
                self._map_codes(record, "hr_employee", "power_code"),
                record._get_staging(),
            )
        )

    @api.model
    def _refuse_duplicates(self, record, *keys):
        """A key of an earlier good row; the whole row again is left out."""
        names = [name for name in record.columns.split(",") if name]
        record._refuse(
            SQL(
                """
                SELECT row.row_no, %(column)s AS column_name,
                       CASE WHEN (%(row)s) IS NOT DISTINCT FROM (%(first)s)
                            THEN 'duplicate_exact' ELSE 'duplicate_key' END AS kind,
                       row.%(key)s AS value,
                       jsonb_build_object('first', first.row_no) AS params
                  FROM (SELECT row_no, min(row_no) OVER (PARTITION BY %(keys)s) AS least
                          FROM %(table)s WHERE state = 'ok') AS ranked
                  JOIN %(table)s AS row ON row.row_no = ranked.row_no
                  JOIN %(table)s AS first ON first.row_no = ranked.least
                 WHERE ranked.row_no <> ranked.least
                """,
                column=keys[-1],
                key=SQL.identifier(keys[-1]),
                keys=SQL(", ").join(SQL("upper(%s)", SQL.identifier(k)) for k in keys),
                row=SQL(", ").join(SQL("row.%s", SQL.identifier(n)) for n in names),
                first=SQL(", ").join(SQL("first.%s", SQL.identifier(n)) for n in names),
                table=record._get_staging(),
            )
        )

    @api.model
    def _resolve_records(self, record):
        """Find the records that rows already have, by key, else by code."""
        model = self.env[KIND_MODELS[record.kind]]
        model.flush_model()
        table = SQL.identifier(model._table)
        code = SQL.identifier(CODE_FIELDS.get(record.kind, "code"))
        company = record.company_id.id
        by_key = SQL("FALSE")
        free = SQL("TRUE")
        if "external_ref" in model._fields:
            by_key = SQL(
                "keyed.company_id = %s AND keyed.source_system = row.source_system "
                "AND keyed.external_ref = row.external_ref",
                company,
            )
            free = SQL("coded.external_ref IS NULL")
        self.env.cr.execute(
            SQL(
                """
                UPDATE %(staging)s AS file SET record_id = found.id
                  FROM (SELECT row.row_no, COALESCE(keyed.id, coded.id) AS id
                          FROM %(staging)s AS row
                          LEFT JOIN %(table)s AS keyed ON %(by_key)s
                          LEFT JOIN LATERAL (SELECT id FROM %(table)s AS coded
                                WHERE coded.company_id = %(company)s AND %(free)s
                                  AND upper(coded.%(code)s) = upper(row.code)
                                ORDER BY id LIMIT 1) AS coded ON TRUE) AS found
                 WHERE file.row_no = found.row_no
                """,
                staging=record._get_staging(),
                table=table,
                by_key=by_key,
                company=company,
                free=free,
                code=code,
            )
        )
        record._refuse(
            SQL(
                "SELECT row.row_no, 'code' AS column_name, 'code_taken' AS kind, "
                "row.code AS value, NULL::jsonb AS params FROM %s AS row "
                "JOIN %s AS other ON other.company_id = %s AND other.%s = row.code "
                "AND other.id IS DISTINCT FROM row.record_id WHERE row.state = 'ok'",
                record._get_staging(),
                table,
                company,
                code,
            )
        )

    @api.model
    def _check_tree(self, record):
        """Unknown parents, circles, wrong types; rows under a refused one."""
        has_type = record.kind == "elements"
        rows = self.env.execute_query(
            SQL(
                "SELECT row_no, upper(code), upper(parent_code), %s FROM %s "
                "WHERE state = 'ok' ORDER BY row_no",
                SQL("element_type") if has_type else SQL("NULL"),
                record._get_staging(),
            )
        )
        refused_rows = self.env.execute_query(
            SQL(
                "SELECT upper(code), min(row_no) FROM %s "
                "WHERE state IN ('bad', 'refused') AND code IS NOT NULL GROUP BY 1",
                record._get_staging(),
            )
        )
        model = self.env[KIND_MODELS[record.kind]]
        existing = {
            item.code.upper(): (
                item.parent_id.code.upper() if item.parent_id else None,
                item.element_type if has_type else None,
            )
            for item in model.search([("company_id", "=", record.company_id.id)])
        }
        refused, depths = check_tree([Node(*row) for row in rows], existing)
        broken = dict(refused_rows)
        self._refuse_reasons(record, rows, refused, broken)
        if depths:
            # Parents before children: the order in which the rows are loaded.
            order = sorted(depths, key=lambda row: (depths[row], row))
            values = [(row, at, depths[row]) for at, row in enumerate(order, 1)]
            self.env.cr.execute(
                SQL("UPDATE %s SET position = 0", record._get_staging())
            )
            self.env.cr.execute(
                SQL(
                    "UPDATE %s AS row SET position = found.position, "
                    "level = found.level FROM unnest(%s, %s, %s) "
                    "AS found (row_no, position, level) "
                    "WHERE row.row_no = found.row_no",
                    record._get_staging(),
                    *[list(column) for column in zip(*values, strict=True)],
                )
            )

    @api.model
    def _refuse_reasons(self, record, rows, refused, broken):
        parents = {row[0]: row[2] for row in rows}
        found = []
        for row, reason in refused.items():
            key, params = reason
            parent = parents[row]
            if key == "unknown_parent" and parent in broken:
                key, params = (
                    "parent_refused",
                    {"parent": parent, "row": broken[parent]},
                )
            found.append((row, key, parent, json.dumps(params)))
        if found:
            record._refuse(
                SQL(
                    "SELECT row_no, 'parent_code' AS column_name, kind, value, "
                    "params::jsonb FROM unnest(%s, %s, %s, %s) "
                    "AS found (row_no, kind, value, params)",
                    *[list(column) for column in zip(*found, strict=True)],
                )
            )

    @api.model
    def _classify(self, record):
        """Say of each good row whether it is new, changed or unchanged."""
        actions = {}
        for row, item in self._get_rows(record):
            if not item:
                action = "new"
            elif record.existing == "update" and self._get_changes(record, row, item):
                action = "updated"
            else:
                action = "unchanged"
            actions.setdefault(action, []).append(row["row_no"])
        for action, numbers in actions.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET action = %s WHERE row_no = ANY(%s)",
                    record._get_staging(),
                    action,
                    numbers,
                )
            )

    # -- loading

    @api.model
    def _get_rows(self, record, low=0, high=2**31 - 1):
        """Pairs (row as a dict, its record or an empty one) in loading order."""
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT * FROM %s WHERE state = 'ok' AND position BETWEEN %s AND %s "
                "ORDER BY position",
                record._get_staging(),
                low,
                high,
            )
        )
        model = self.env[KIND_MODELS[record.kind]]
        ids = [row["record_id"] for row in rows if row["record_id"]]
        found = {item.id: item for item in model.browse(ids).exists()}
        return [(row, found.get(row["record_id"], model)) for row in rows]

    @api.model
    def _load(self, record, low, high):
        model = self.env[KIND_MODELS[record.kind]]
        pairs = self._get_rows(record, low, high)
        made = []
        for _level, group in groupby(pairs, lambda pair: pair[0]["level"]):
            new = []
            for row, item in group:
                if not item:
                    new.append(row)
                elif record.existing == "update":
                    if changes := self._get_changes(record, row, item):
                        item.write(changes)
            items = model.create([self._prepare_vals(record, row) for row in new])
            made += zip([row["row_no"] for row in new], items.ids, strict=True)
        self.env.flush_all()
        if made:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s AS row SET record_id = made.id "
                    "FROM unnest(%s, %s) AS made (row_no, id) "
                    "WHERE row.row_no = made.row_no",
                    record._get_staging(),
                    *[list(column) for column in zip(*made, strict=True)],
                )
            )
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET state = 'loaded' WHERE state = 'ok' "
                "AND position BETWEEN %s AND %s",
                record._get_staging(),
                low,
                high,
            )
        )
        return len(pairs)

    @api.model
    def _get_changes(self, record, row, item):
        """Values of the row that the record doesn't have yet."""
        vals = self._prepare_vals(record, row, item)
        changes = {}
        for name, value in vals.items():
            field = item._fields[name]
            old = item[name].id if field.type == "many2one" else item[name]
            if field.type == "float":
                if abs((old or 0) - float(value or 0)) > 1e-6:
                    changes[name] = value
            elif (old or False) != (value or False):
                changes[name] = value
        return changes

    @api.model
    def _prepare_vals(self, record, row, item=None):
        """Values of a record; an empty cell leaves what an existing one has."""
        vals = getattr(self, f"_prepare_{record.kind}_vals")(record, row)
        if item:
            vals = {
                name: value
                for name, value in vals.items()
                if value not in (None, False, "") or name == "parent_id"
            }
            vals.pop("company_id", None)
        return vals

    @api.model
    def _find_parent(self, record, row):
        """The parent's id, by its code; made before, as it comes first."""
        if not row["parent_code"]:
            return False
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE company_id = %s AND upper(code) = upper(%s) "
                "ORDER BY id LIMIT 1",
                SQL.identifier(self.env[KIND_MODELS[record.kind]]._table),
                record.company_id.id,
                row["parent_code"],
            )
        )
        return found[0][0] if found else False

    @api.model
    def _prepare_stations_vals(self, record, row):
        return {
            "name": row["name"],
            "power_code": row["code"],
            "power_unit": "station",
            "hotline": row["hotline"],
            "company_id": record.company_id.id,
        }

    @api.model
    def _prepare_employees_vals(self, record, row):
        return {
            "name": row["name"],
            "power_code": row["code"],
            "department_id": self._find_team(record, row),
            "job_title": row["job"],
            "mobile_phone": row["mobile"],
            "company_id": record.company_id.id,
        }

    @api.model
    def _find_team(self, record, row):
        """The team below the station, or the station; no team is made in a check."""
        if not row["team"]:
            return row["station_id"]
        departments = self.env["hr.department"]
        team = departments.search(
            [("parent_id", "=", row["station_id"]), ("name", "=", row["team"])], limit=1
        )
        if not team and record.step == "loading":
            team = departments.create(
                {
                    "name": row["team"],
                    "parent_id": row["station_id"],
                    "power_unit": "team",
                    "company_id": record.company_id.id,
                }
            )
        return team.id or row["station_id"]

    @api.model
    def _prepare_areas_vals(self, record, row):
        vals = {
            "name": row["name"],
            "code": row["code"],
            "parent_id": self._find_parent(record, row),
            "station_id": row["station_id"],
            "manager_id": row["manager_id"],
            "company_id": record.company_id.id,
        }
        if row["region_type"]:
            vals["region_type"] = row["region_type"]
        return vals

    @api.model
    def _prepare_reading_units_vals(self, record, row):
        return {
            "name": row["name"],
            "code": row["code"],
            "station_id": row["station_id"],
            "company_id": record.company_id.id,
        }

    @api.model
    def _prepare_elements_vals(self, record, row):
        return {
            "source_system": row["source_system"],
            "external_ref": row["external_ref"],
            "name": row["name"],
            "code": row["code"],
            "element_type": row["element_type"],
            "parent_id": self._find_parent(record, row),
            "station_id": row["station_id"],
            "capacity_kva": float(row["capacity_kva"] or 0),
            "company_id": record.company_id.id,
        }
