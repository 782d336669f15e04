# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.import_format import KINDS

TABLES = {
    "partner": "res.partner",
    "point": "power.supply.point",
    "contract": "power.supply.contract",
    "source": "power.supply.source",
}
#: From so many rows on, new statistics are worth their time.
ANALYZED_ROWS = 1000
SOURCE_COLUMNS = {
    "supply_point_id": SQL("point.id"),
    "element_id": SQL("feed.element_id"),
    "role": SQL("feed.role"),
    "company_id": SQL("point.company_id"),
    "station_id": SQL("point.station_id"),
}


class Known(NamedTuple):
    """Whether some of a batch's customers, and of its points, were there before."""

    partners: bool
    points: bool


class PowerImportLoadCustomers(models.AbstractModel):
    """Loads checked rows by a few statements per batch, whatever its size.

    What the ORM would do besides (defaults, stored computes) is done in the same
    statements; a test compares the records field by field with those of the ORM.
    """

    _inherit = "power.import.loader.customers"

    # -- loading a batch

    @api.model
    def _load(self, record, low, high):
        self.env.flush_all()
        if low == 1:
            self._analyze(record)
        # Statistics lag behind tables that grow by thousands of rows a second, and a
        # plan made for ten rows, once cached for a foreign key, reads the whole table
        # for each row. A batch always finds its rows by an index.
        with self._planner_settings(enable_seqscan="off"):
            done, active, known = self._prepare_batch(record, low, high)
            if active:
                rows = self._batch(record, low, high)
                touched = self._write_batch(record, rows, known)
                self.env.invalidate_all(flush=False)
                for key, model in TABLES.items():
                    self._recompute_others(model, *touched[key])
                self.env.flush_all()
                self._refresh_scores(rows, touched, known)
        return done

    @api.model
    def _prepare_batch(self, record, low, high):
        """Look again at what the rows' records are, and give new ones their ids.

        :return: number of rows, number of those that do something, and :class:`Known`
        """
        staging = record._get_staging()
        ids = ["partner_id", "new_partner", "point_id", "new_point"]
        ids += ["contract_id", "new_contract"]
        columns = [column.name for column in KINDS[record.kind]]
        columns += [
            name
            for name, _type in self._get_extra_columns(record.kind)
            if name not in (*ids, "moves")
        ]
        where = SQL("file.position BETWEEN %s AND %s", low, high)
        self.env.cr.execute(
            SQL(
                """
                WITH prepared AS (
                    UPDATE %(staging)s AS target
                       SET state = 'loaded', moves = found.moves, action = found.action,
                           %(set_ids)s
                      FROM (SELECT row.row_no, %(ids)s, %(moves)s AS moves,
                                   %(action)s AS action
                              FROM (SELECT records.*, %(columns)s
                                      FROM (%(records)s) AS records
                                      JOIN %(staging)s AS file
                                        ON file.row_no = records.row_no) AS row
                           ) AS found
                     WHERE target.row_no = found.row_no
                    RETURNING target.action, target.new_partner, target.new_point)
                SELECT count(*), count(*) FILTER (WHERE action <> 'unchanged'),
                       bool_or(NOT new_partner AND action <> 'unchanged'),
                       bool_or(NOT new_point AND action <> 'unchanged')
                  FROM prepared
                """,
                staging=staging,
                set_ids=SQL(", ").join(
                    SQL("%s = found.%s", SQL.identifier(n), SQL.identifier(n))
                    for n in ids
                ),
                ids=SQL(", ").join(SQL("row.%s", SQL.identifier(n)) for n in ids),
                moves=self._moves(record),
                action=self._action(record),
                columns=SQL(", ").join(
                    SQL("file.%s", SQL.identifier(n)) for n in columns
                ),
                records=self._query_records(record, where, is_loading=True),
            )
        )
        done, active, *known = self.env.cr.fetchone()
        return done, active, Known(*map(bool, known))

    @api.model
    def _batch(self, record, low, high):
        """SQL: the rows of the batch that make or change something."""
        return SQL(
            "(SELECT *, contract_from <= %(today)s "
            "AND (contract_to IS NULL OR contract_to >= %(today)s) AS in_force "
            "FROM %(staging)s WHERE position BETWEEN %(low)s AND %(high)s "
            # Not = 'loaded', which no row was when the table was analyzed.
            "AND state NOT IN ('bad', 'refused', 'ignored') "
            "AND action <> 'unchanged')",
            today=fields.Date.context_today(self),
            staging=record._get_staging(),
            low=low,
            high=high,
        )

    @api.model
    def _write_batch(self, record, rows, known):
        """Write all records of the rows.

        :param known: :class:`Known`: what isn't there needs no statement
        :return: {key of TABLES: (ids made, ids changed)}
        """
        made, changed = {}, {key: set() for key in TABLES}
        is_customers = record.kind == "customers"
        before = []
        if is_customers and known.points:
            before = self._get_point_partners(rows)
        made["partner"], changed["partner"] = self._write_partners(record, rows, known)
        made["point"], made["source"], made["contract"] = [], [], []
        if is_customers:
            if known.points:
                changed["point"] = self._update_points(record, rows)
                changed["source"] = self._update_sources(rows)
            made["point"], made["contract"] = self._insert_points(record, rows)
            made["source"] = self._insert_sources(record, rows)
        if known.points:
            # A contract that exists is one of a point that exists.
            changed["contract"] = self._update(
                record,
                "power.supply.contract",
                self._assign_contract(record),
                rows,
                "contract_id",
            )
            made["contract"] += self._insert_contracts(record, rows)
            changed["point"] |= self._refresh_points(rows)
        if is_customers:
            changed["partner"] |= self._write_segments(rows)
            if known.partners or before:
                changed["partner"] |= self._refresh_partner_areas(rows, before)
        changed["partner"].update(before)  # who lost a point has another score
        return {
            key: (made[key], sorted(changed[key].difference(made[key])))
            for key in TABLES
        }

    @api.model
    def _stamp(self):
        """Who and when: columns of every new record."""
        now = fields.Datetime.now()
        return {
            "create_uid": SQL("%s", self.env.uid),
            "create_date": SQL("%s", now),
            "write_uid": SQL("%s", self.env.uid),
            "write_date": SQL("%s", now),
        }

    @api.model
    def _columns_of_new(self, record, model, assignments):
        """{column: SQL} of a new record: the ORM's defaults under the given columns."""
        columns = {
            name: SQL("%s", value)
            for name, value in self._get_default_values(record, model).items()
            if value is not None
        }
        return columns | self._stamp() | assignments

    @api.model
    def _query_insert(self, record, model, assignments, source):
        """SQL: INSERT ... SELECT with the ORM's defaults under the given columns.

        :param assignments: {column: SQL}
        :param source: SQL after FROM
        """
        columns = self._columns_of_new(record, model, assignments)
        return SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s RETURNING id",
            SQL.identifier(self.env[model]._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(columns.values()),
            source,
        )

    @api.model
    def _query_virtual(self, record, model, assignments, source):
        """SQL: the records that such an INSERT makes, with all their columns.

        :param source: SQL after FROM, with ``old``: an empty row of the model's table
        """
        columns = self._columns_of_new(record, model, assignments)
        records = self.env[model]
        return SQL(
            "SELECT %s FROM %s",
            SQL(", ").join(
                SQL(
                    "%s AS %s",
                    columns.get(name, SQL("old.%s", SQL.identifier(name))),
                    SQL.identifier(name),
                )
                for name, field in records._fields.items()
                if field.store and field.column_type
            ),
            source,
        )

    @api.model
    def _execute_ids(self, query):
        self.env.cr.execute(query)
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _update(self, record, model, assignments, rows, key):
        """UPDATE of the records that differ.

        :return: set of ids changed
        """
        if record.existing == "skip":
            return set()
        stamp = self._stamp()
        columns = assignments | {
            "write_uid": stamp["write_uid"],
            "write_date": stamp["write_date"],
        }
        ids = self._execute_ids(
            SQL(
                "UPDATE %(table)s AS old SET %(columns)s FROM %(rows)s AS row "
                "WHERE old.id = row.%(key)s AND %(differs)s RETURNING old.id",
                table=SQL.identifier(self.env[model]._table),
                columns=SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), value)
                    for name, value in columns.items()
                ),
                rows=rows,
                key=SQL.identifier(key),
                differs=self._differs(assignments),
            )
        )
        return set(ids)

    @api.model
    def _update_points(self, record, rows):
        """Change points; their station goes on to their contracts and sources."""
        changed = self._update(
            record, "power.supply.point", self._assign_point(record), rows, "point_id"
        )
        for table in ("power_supply_contract", "power_supply_source"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s AS item SET station_id = point.station_id "
                    "FROM power_supply_point AS point WHERE point.id = ANY(%s) "
                    "AND item.supply_point_id = point.id "
                    "AND item.station_id IS DISTINCT FROM point.station_id",
                    SQL.identifier(table),
                    list(changed),
                )
            )
        return changed

    @api.model
    def _insert_points(self, record, rows):
        """Make points and their contracts in one statement: each names the other.

        :return: ids of points, ids of contracts
        """
        points = self._query_insert(
            record,
            "power.supply.point",
            self._assign_new_point(record),
            self._new_rows(rows, "power_supply_point"),
        )
        contracts = self._query_insert(
            record,
            "power.supply.contract",
            self._assign_new_contract(record, SQL("row.area_station_id"), SQL("row")),
            self._new_rows(rows, "power_supply_contract"),
        )
        self.env.cr.execute(
            SQL(
                "WITH points AS (%s), contracts AS (%s) SELECT "
                "ARRAY(SELECT id FROM points), ARRAY(SELECT id FROM contracts)",
                points,
                contracts,
            )
        )
        return self.env.cr.fetchone()

    @api.model
    def _new_rows(self, rows, table):
        """SQL after FROM: rows of new points, with an empty row ``old`` of a table."""
        return SQL(
            "(SELECT * FROM %s AS rows WHERE new_point ORDER BY row_no) AS row "
            "LEFT JOIN %s AS old ON FALSE",
            rows,
            SQL.identifier(table),
        )

    @api.model
    def _assign_new_point(self, record):
        """Columns of a new point; today's contract gives it its customer."""
        return self._assign_point(record) | {
            "id": SQL("row.point_id"),
            "company_id": SQL("%s", record.company_id.id),
            "station_id": SQL("row.area_station_id"),
            "region_type": SQL("COALESCE(row.region_type, row.area_region)"),
            "partner_id": SQL("CASE WHEN row.in_force THEN row.partner_id END"),
            "contract_id": SQL("CASE WHEN row.in_force THEN row.contract_id END"),
        }

    @api.model
    def _assign_new_contract(self, record, station, point):
        """Columns of a new contract; ``point`` is what has the customer class."""
        return self._assign_contract(record) | {
            "id": SQL("row.contract_id"),
            "company_id": SQL("%s", record.company_id.id),
            "partner_id": SQL("row.partner_id"),
            "supply_point_id": SQL("row.point_id"),
            "station_id": station,
            "late_charge_rule": SQL(
                "CASE %s.customer_class WHEN 'residential' THEN 'residential' "
                "ELSE 'other' END",
                point,
            ),
        }

    @api.model
    def _insert_contracts(self, record, rows):
        """Make the contracts of points that were there before."""
        return self._execute_ids(
            self._query_insert(
                record,
                "power.supply.contract",
                self._assign_new_contract(
                    record, SQL("point.station_id"), SQL("point")
                ),
                SQL(
                    "%s AS row "
                    "JOIN power_supply_point AS point ON point.id = row.point_id "
                    "LEFT JOIN power_supply_contract AS old ON FALSE "
                    "WHERE row.new_contract AND NOT row.new_point",
                    rows,
                ),
            )
        )

    @api.model
    def _update_sources(self, rows):
        """The elements of the sources of points that were there before.

        :return: set of ids changed
        """
        table = SQL.identifier("power_supply_source")
        stamp = self._stamp()
        changed = set()
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s AS source USING %s AS row "
                "WHERE source.supply_point_id = row.point_id AND NOT row.new_point "
                "AND source.role = 'standby' AND source.element_id = row.element_id",
                table,
                rows,
            )
        )
        for role, element in (("main", "element_id"), ("standby", "standby_id")):
            changed |= set(
                self._execute_ids(
                    SQL(
                        """
                    UPDATE %(table)s AS source
                       SET element_id = row.%(element)s, write_uid = %(uid)s,
                           write_date = %(now)s
                      FROM %(rows)s AS row
                     WHERE source.supply_point_id = row.point_id
                       AND NOT row.new_point AND source.role = %(role)s
                       AND source.id = (SELECT min(id) FROM %(table)s
                                         WHERE supply_point_id = row.point_id
                                           AND role = %(role)s)
                       AND NOT EXISTS (SELECT 1 FROM %(table)s
                                        WHERE supply_point_id = row.point_id
                                          AND element_id = row.%(element)s)
                       AND row.%(element)s IS NOT NULL
                    RETURNING source.id
                    """,
                        table=table,
                        element=SQL.identifier(element),
                        uid=stamp["write_uid"],
                        now=stamp["write_date"],
                        rows=rows,
                        role=role,
                    )
                )
            )
        return changed

    @api.model
    def _insert_sources(self, record, rows):
        """The main source, and a standby that is named, where a point has none."""
        return self._execute_ids(
            self._query_insert(
                record, "power.supply.source", SOURCE_COLUMNS, self._new_sources(rows)
            )
        )

    @api.model
    def _new_sources(self, rows):
        """SQL after FROM: the sources to be made, as ``feed`` of ``point``."""
        return SQL(
            "%s AS row JOIN power_supply_point AS point ON point.id = row.point_id "
            "CROSS JOIN LATERAL (VALUES ('main', row.element_id), "
            "('standby', row.standby_id)) AS feed (role, element_id) "
            "WHERE feed.element_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM power_supply_source AS source "
            "WHERE source.supply_point_id = point.id AND source.role = feed.role)",
            rows,
        )

    @api.model
    def _refresh_points(self, rows):
        """Give points the contract in force today and its customer."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE power_supply_point AS point
                   SET contract_id = found.contract_id, partner_id = found.partner_id
                  FROM (SELECT row.point_id, contract.id AS contract_id,
                               contract.partner_id
                          FROM (SELECT DISTINCT point_id FROM %(rows)s AS rows
                                 WHERE NOT new_point) AS row
                          LEFT JOIN power_supply_contract AS contract
                                 ON contract.supply_point_id = row.point_id
                                AND contract.date_from <= %(today)s
                                AND (contract.date_to IS NULL
                                     OR contract.date_to >= %(today)s)) AS found
                 WHERE point.id = found.point_id
                   AND (point.contract_id, point.partner_id) IS DISTINCT FROM
                       (found.contract_id, found.partner_id)
                RETURNING point.id
                """,
                rows=rows,
                today=fields.Date.context_today(self),
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _write_segments(self, rows):
        """Add the named segments; those put on by hand stay."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO power_segment_partner_rel (segment_id, partner_id) "
                "SELECT DISTINCT segment.id, row.partner_id FROM %s AS row, "
                "unnest(row.segments) AS segment (id) "
                "ON CONFLICT DO NOTHING RETURNING partner_id",
                rows,
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _analyze(self, record):
        """New statistics: the tables may grow a thousandfold."""
        if record.row_count < ANALYZED_ROWS:
            return
        for model in TABLES.values():
            table = SQL.identifier(self.env[model]._table)
            self.env.cr.execute(SQL("ANALYZE %s", table))
        self.env.cr.execute("ANALYZE power_segment_partner_rel")

    @api.model
    def _finish(self, record):
        self._analyze(record)
