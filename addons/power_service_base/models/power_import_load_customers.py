# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.tools import SQL

from ..core.import_format import KINDS

TABLES = {
    "partner": "res.partner",
    "point": "power.supply.point",
    "contract": "power.supply.contract",
    "source": "power.supply.source",
}


class PowerImportLoadCustomers(models.AbstractModel):
    """Loads checked rows by a few statements per batch, whatever its size.

    What the ORM would do besides (defaults, stored computes) is done in the same
    statements; a test compares the records field by field with those of the ORM.
    """

    _inherit = "power.import.loader.customers"

    # -- loading a batch

    @api.model
    def _load(self, record, low, high):
        # Two imports into one company take turns: customers have no key of their own
        # in the database that would keep them from being made twice.
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtext('power.import'), %s)",
            [record.company_id.id],
        )
        self.env.flush_all()
        if low == 1:
            self._analyze(record)
        # Statistics lag behind tables that grow by thousands of rows a second, and a
        # plan made for ten rows, once cached for a foreign key, reads the whole table
        # for each row. A batch always finds its rows by an index.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        done, active = self._prepare_batch(record, low, high)
        if active:
            rows = self._batch(record, low, high)
            touched = self._write_batch(record, rows)
            self.env.invalidate_all(flush=False)
            for key, model in TABLES.items():
                self._recompute_others(model, *touched[key])
            self.env.flush_all()
            self._refresh_scores(rows, touched)
        self.env.cr.execute("SET LOCAL enable_seqscan = on")
        return done

    @api.model
    def _prepare_batch(self, record, low, high):
        """Look again at what the rows' records are, and give new ones their ids.

        :return: number of rows, number of those that do something
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
                    RETURNING target.action)
                SELECT count(*), count(*) FILTER (WHERE action <> 'unchanged')
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
        return self.env.cr.fetchone()

    @api.model
    def _batch(self, record, low, high):
        """SQL: the rows of the batch that make or change something."""
        return SQL(
            "(SELECT *, contract_from <= %(today)s "
            "AND (contract_to IS NULL OR contract_to >= %(today)s) AS in_force "
            "FROM %(staging)s WHERE position BETWEEN %(low)s AND %(high)s "
            "AND state = 'loaded' AND action IN ('new', 'updated'))",
            today=fields.Date.context_today(self),
            staging=record._get_staging(),
            low=low,
            high=high,
        )

    @api.model
    def _write_batch(self, record, rows):
        """Write all records of the rows.

        :return: {key of TABLES: (ids made, ids changed)}
        """
        made, changed = {}, {key: set() for key in TABLES}
        is_customers = record.kind == "customers"
        before = self._get_point_partners(rows) if is_customers else []
        made["partner"], changed["partner"] = self._write_partners(record, rows)
        made["point"], made["source"], made["contract"] = [], [], []
        if is_customers:
            changed["point"] = self._update_points(record, rows)
            made["point"] = self._insert_points(record, rows)
            made["source"], changed["source"] = self._write_sources(record, rows)
        changed["contract"] = self._update(
            record,
            "power.supply.contract",
            self._assign_contract(record),
            rows,
            "contract_id",
        )
        made["contract"] = self._insert_contracts(record, rows)
        changed["point"] |= self._refresh_points(rows)
        if is_customers:
            changed["partner"] |= self._write_segments(rows)
            changed["partner"] |= self._refresh_partner_areas(rows, before)
            found = self.env.execute_query(
                SQL("SELECT contract_id FROM %s AS rows WHERE new_point", rows)
            )
            made["contract"] += [row[0] for row in found]
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
    def _query_insert(self, record, model, assignments, source):
        """SQL: INSERT ... SELECT with the ORM's defaults under the given columns.

        :param assignments: {column: SQL}
        :param source: SQL after FROM
        """
        columns = {
            name: SQL("%s", value)
            for name, value in self._get_default_values(record, model).items()
            if value is not None
        }
        columns |= self._stamp() | assignments
        return SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s RETURNING id",
            SQL.identifier(self.env[model]._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(columns.values()),
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
    def _write_partners(self, record, rows):
        """Change customers, and make new ones with their area where it is known."""
        assignments = self._assign_partner(record)
        first = SQL(
            "(SELECT DISTINCT ON (customer_ref) * FROM %s AS rows "
            "ORDER BY customer_ref, row_no)",
            rows,
        )
        changed = set()
        if record.existing == "update":
            changed |= self._write_special_partners(rows, assignments)
            changed |= self._update(
                record, "res.partner", assignments, first, "partner_id"
            )
        if record.kind == "customers":
            # The area of a customer is that of the first point that isn't closed.
            first = SQL(
                "(SELECT DISTINCT ON (customer_ref) * FROM %s AS rows "
                "ORDER BY customer_ref, in_force DESC, supply_state = 'closed' "
                "AND supply_state IS NOT NULL, point_id)",
                rows,
            )
            assignments |= {
                "grid_area_id": SQL("CASE WHEN row.in_force THEN row.area_id END"),
                "power_station_id": SQL(
                    "CASE WHEN row.in_force THEN (SELECT station_id "
                    "FROM power_grid_area WHERE id = row.area_id) END"
                ),
            }
        made = self._execute_ids(
            self._query_insert(
                record,
                "res.partner",
                assignments
                | {
                    "id": SQL("row.partner_id"),
                    "ref": SQL("row.customer_ref"),
                    "company_id": SQL("%s", record.company_id.id),
                    "commercial_partner_id": SQL("row.partner_id"),
                    "partner_share": SQL("TRUE"),
                    "employee": SQL("FALSE"),
                },
                SQL(
                    "%s AS row LEFT JOIN res_partner AS old ON FALSE "
                    "WHERE row.new_partner",
                    first,
                ),
            )
        )
        return made, changed

    @api.model
    def _write_special_partners(self, rows, assignments):
        """Change by the ORM those few with contacts, bank accounts or a login.

        Their names and addresses stand on other records too.
        """
        found = self.env.execute_query_dict(
            SQL(
                """
                SELECT DISTINCT ON (old.id) old.id, row.customer_name AS name,
                       row.customer_kind, row.phone, row.email, row.id_number
                  FROM res_partner AS old JOIN %s AS row ON row.partner_id = old.id
                 WHERE %s
                   AND (EXISTS (SELECT 1 FROM res_partner WHERE parent_id = old.id)
                        OR EXISTS (SELECT 1 FROM res_users WHERE partner_id = old.id)
                        OR EXISTS (SELECT 1 FROM res_partner_bank
                                    WHERE partner_id = old.id))
                 ORDER BY old.id, row.row_no
                """,
                rows,
                self._differs(assignments),
            )
        )
        for row in found:
            is_company = row["customer_kind"] == "company"
            vals = {
                "name": row["name"],
                "is_company": is_company,
                "power_customer_kind": "organisation" if is_company else "residential",
                "is_power_customer": True,
            }
            for column, name in (
                ("phone", "phone"),
                ("email", "email"),
                ("id_number", "power_id_number"),
            ):
                if row[column]:
                    vals[name] = row[column]
            self.env["res.partner"].browse(row["id"]).write(vals)
        self.env.flush_all()
        return {row["id"] for row in found}

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
        """Make points and their contracts in one statement: each names the other."""
        new = SQL(
            "(SELECT * FROM %s AS rows WHERE new_point ORDER BY row_no) AS row "
            "LEFT JOIN power_supply_point AS old ON FALSE",
            rows,
        )
        points = self._query_insert(
            record,
            "power.supply.point",
            self._assign_point(record)
            | {
                "id": SQL("row.point_id"),
                "company_id": SQL("%s", record.company_id.id),
                "station_id": SQL("row.area_station_id"),
                "region_type": SQL("COALESCE(row.region_type, row.area_region)"),
                "partner_id": SQL("CASE WHEN row.in_force THEN row.partner_id END"),
                "contract_id": SQL("CASE WHEN row.in_force THEN row.contract_id END"),
            },
            new,
        )
        contracts = self._query_insert(
            record,
            "power.supply.contract",
            self._assign_new_contract(record, SQL("row.area_station_id"), SQL("row")),
            SQL(
                "(SELECT * FROM %s AS rows WHERE new_point ORDER BY row_no) AS row "
                "LEFT JOIN power_supply_contract AS old ON FALSE",
                rows,
            ),
        )
        return self._execute_ids(
            SQL(
                "WITH points AS (%s), contracts AS (%s) SELECT id FROM points",
                points,
                contracts,
            )
        )

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
    def _write_sources(self, record, rows):
        """The main source's element; a standby that is named is added or replaced."""
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
        made = []
        for role, element in (("main", "element_id"), ("standby", "standby_id")):
            query = self._query_insert(
                record,
                "power.supply.source",
                {
                    "supply_point_id": SQL("point.id"),
                    "element_id": SQL("row.%s", SQL.identifier(element)),
                    "role": SQL("%s", role),
                    "company_id": SQL("point.company_id"),
                    "station_id": SQL("point.station_id"),
                },
                SQL(
                    "%s AS row JOIN power_supply_point AS point "
                    "ON point.id = row.point_id WHERE row.%s IS NOT NULL "
                    "AND NOT EXISTS (SELECT 1 FROM %s AS source "
                    "WHERE source.supply_point_id = point.id AND source.role = %s)",
                    rows,
                    SQL.identifier(element),
                    table,
                    role,
                ),
            )
            made += self._execute_ids(query)
        return made, changed

    @api.model
    def _get_point_partners(self, rows):
        """Customers that the rows' points have before the batch."""
        found = self.env.execute_query(
            SQL(
                "SELECT DISTINCT point.partner_id FROM power_supply_point AS point "
                "JOIN %s AS row ON row.point_id = point.id "
                "WHERE point.partner_id IS NOT NULL AND row.moves",
                rows,
            )
        )
        return [row[0] for row in found]

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
    def _refresh_partner_areas(self, rows, before):
        """The areas of customers who were there before, and gained or lost a point."""
        self.env.cr.execute(
            SQL(
                """
                WITH concerned AS MATERIALIZED (
                    SELECT unnest(%(before)s::int[]) AS id UNION
                    SELECT partner_id FROM %(rows)s AS rows
                     WHERE moves AND NOT new_partner)
                UPDATE res_partner AS partner
                   SET grid_area_id = found.grid_area_id,
                       power_station_id = found.station_id
                  FROM (SELECT DISTINCT ON (point.partner_id) point.partner_id,
                               point.grid_area_id, area.station_id
                          FROM concerned
                          JOIN power_supply_point AS point
                            ON point.partner_id = concerned.id
                          LEFT JOIN power_grid_area AS area
                                 ON area.id = point.grid_area_id
                         ORDER BY point.partner_id, point.supply_state = 'closed',
                                  point.id) AS found
                 WHERE partner.id = found.partner_id
                   AND found.grid_area_id IS NOT NULL
                   AND (partner.grid_area_id, partner.power_station_id)
                       IS DISTINCT FROM (found.grid_area_id, found.station_id)
                RETURNING partner.id
                """,
                before=before,
                rows=rows,
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _refresh_scores(self, rows, touched):
        """Measure the archives of all customers whom the batch concerns."""
        made, changed = touched["partner"]
        of_points = self.env.execute_query(
            SQL("SELECT DISTINCT partner_id FROM %s AS rows", rows)
        )
        ids = {*made, *changed, *(row[0] for row in of_points)}
        self.env["res.partner"]._refresh_archive_score(sorted(ids))

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
        if record.row_count < 1000:
            return
        for model in TABLES.values():
            table = SQL.identifier(self.env[model]._table)
            self.env.cr.execute(SQL("ANALYZE %s", table))
        self.env.cr.execute("ANALYZE power_segment_partner_rel")

    @api.model
    def _finish(self, record):
        self._analyze(record)
