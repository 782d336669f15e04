# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, models
from odoo.tools import SQL

from .power_archive_requirement import ALL_POINTS_SQL
from .power_import_load_customers import SOURCE_COLUMNS


class PowerImportLoadPartners(models.AbstractModel):
    """The customers of a batch: changed, made with their score, given their area."""

    _inherit = "power.import.loader.customers"

    @api.model
    def _write_partners(self, record, rows, known):
        """Change customers, and make new ones.

        :return: ids made, set of ids changed
        """
        changed = set()
        if known.partners and record.existing == "update":
            assignments = self._assign_partner(record)
            first = SQL(
                "(SELECT DISTINCT ON (customer_ref) * FROM %s AS rows "
                "ORDER BY customer_ref, row_no)",
                rows,
            )
            changed |= self._write_special_partners(rows, assignments)
            changed |= self._update(
                record, "res.partner", assignments, first, "partner_id"
            )
        return self._insert_partners(record, rows), changed

    @api.model
    def _insert_partners(self, record, rows):
        """Make the new customers, with their score: a later UPDATE of it would write
        the whole row and its twenty index entries again."""
        assignments = self._assign_new_partner(record)
        columns = self._columns_of_new(record, "res.partner", assignments)
        virtual, figures = SQL(), SQL()
        if record.kind == "customers":
            virtual = self._with_virtual_points(record, rows)
            columns["archive_score"] = self.env[
                "power.archive.requirement"
            ]._get_score_sql()
            figures = SQL(
                "JOIN LATERAL (%s) AS p ON TRUE "
                "LEFT JOIN (%s) AS o ON o.partner_id = row.partner_id",
                self._query_virtual(
                    record, "res.partner", assignments, SQL("(VALUES (1)) AS one")
                ),
                SQL(ALL_POINTS_SQL),
            )
        return self._execute_ids(
            SQL(
                "%s INSERT INTO res_partner (%s) SELECT %s "
                "FROM %s AS row LEFT JOIN res_partner AS old ON FALSE %s RETURNING id",
                virtual,
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(columns.values()),
                self._new_partner_rows(record, rows),
                figures,
            )
        )

    @api.model
    def _with_virtual_points(self, record, rows):
        """SQL: WITH the batch's points, contracts, sources by their tables' names.

        They are made after their customers, whose score depends on them: the one rule
        that measures archives reads these instead.
        """
        tables = {
            "power_supply_point": self._query_virtual(
                record,
                "power.supply.point",
                self._assign_new_point(record),
                self._new_rows(rows, "power_supply_point"),
            ),
            "power_supply_contract": self._query_virtual(
                record,
                "power.supply.contract",
                self._assign_new_contract(
                    record, SQL("row.area_station_id"), SQL("row")
                ),
                self._new_rows(rows, "power_supply_contract"),
            ),
            "power_supply_source": self._query_virtual(
                record,
                "power.supply.source",
                SOURCE_COLUMNS,
                SQL(
                    "%s AS row JOIN power_supply_point AS point "
                    "ON point.id = row.point_id "
                    "CROSS JOIN LATERAL (VALUES ('main', row.element_id), "
                    "('standby', row.standby_id)) AS feed (role, element_id) "
                    "LEFT JOIN power_supply_source AS old ON FALSE "
                    "WHERE feed.element_id IS NOT NULL",
                    rows,
                ),
            ),
        }
        return SQL(
            "WITH %s",
            SQL(", ").join(
                SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), query)
                for name, query in tables.items()
            ),
        )

    @api.model
    def _new_partner_rows(self, record, rows):
        """SQL: the row of each new customer from which it gets its values.

        The area of a customer is that of the first point that isn't closed.
        """
        order = SQL("row_no")
        if record.kind == "customers":
            order = SQL(
                "in_force DESC, supply_state = 'closed' AND supply_state IS NOT NULL, "
                "point_id"
            )
        return SQL(
            "(SELECT DISTINCT ON (customer_ref) * FROM %s AS rows WHERE new_partner "
            "ORDER BY customer_ref, %s)",
            rows,
            order,
        )

    @api.model
    def _assign_new_partner(self, record):
        """Columns of a new customer, with its area where it is known."""
        assignments = self._assign_partner(record) | {
            "id": SQL("row.partner_id"),
            "ref": SQL("row.customer_ref"),
            "company_id": SQL("%s", record.company_id.id),
            "power_id_number": SQL("row.id_number"),
            "commercial_partner_id": SQL("row.partner_id"),
            "partner_share": SQL("TRUE"),
            "employee": SQL("FALSE"),
        }
        if record.kind == "customers":
            assignments |= {
                "grid_area_id": SQL("CASE WHEN row.in_force THEN row.area_id END"),
                "power_station_id": SQL(
                    "CASE WHEN row.in_force THEN (SELECT station_id "
                    "FROM power_grid_area WHERE id = row.area_id) END"
                ),
            }
        return assignments

    @api.model
    def _refresh_scores(self, rows, touched, known):
        """Measure the archives of the customers whom the batch concerns, but for new
        ones whose points are all new: theirs came with them."""
        made, changed = touched["partner"]
        ids = set(changed).difference(made)
        if known.partners or known.points:
            of_points = self.env.execute_query(
                SQL(
                    "SELECT DISTINCT partner_id FROM %s AS rows "
                    "WHERE NOT (new_partner AND new_point)",
                    rows,
                )
            )
            ids.update(row[0] for row in of_points)
        if ids:
            self.env["res.partner"]._refresh_archive_score(sorted(ids))

    @api.model
    def _write_special_partners(self, rows, assignments):
        """Change by the ORM those few with contacts, bank accounts or a login.

        Their names and addresses stand on other records too.
        """
        found = self.env.execute_query_dict(
            SQL(
                """
                SELECT DISTINCT ON (old.id) old.id, row.customer_name AS name,
                       row.customer_kind, row.phone, row.email,
                       CASE WHEN old.company_id IS NOT NULL
                            THEN row.id_number END AS id_number
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
