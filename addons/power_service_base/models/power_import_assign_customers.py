# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, models
from odoo.tools import SQL


class PowerImportAssignCustomers(models.AbstractModel):
    """What a row says of each record, as SQL, and which rows therefore do something."""

    _inherit = "power.import.loader.customers"

    # -- what a row says of each record, and which records differ

    @api.model
    def _assign_partner(self, record):
        """Columns of the customer: SQL over ``row`` and the present record ``old``.

        An empty cell never takes a value away.
        """
        return {
            "name": SQL("row.customer_name"),
            "is_company": SQL("row.customer_kind = 'company'"),
            "power_customer_kind": SQL(
                "CASE row.customer_kind WHEN 'company' THEN 'organisation' "
                "ELSE 'residential' END"
            ),
            "complete_name": SQL(
                "CASE WHEN row.customer_kind = 'person' AND old.company_name <> '' "
                "THEN old.company_name || ', ' || row.customer_name "
                "ELSE row.customer_name END"
            ),
            "commercial_company_name": SQL(
                "CASE row.customer_kind WHEN 'company' THEN row.customer_name "
                "ELSE old.company_name END"
            ),
            "phone": SQL("COALESCE(row.phone, old.phone)"),
            "phone_sanitized": SQL(
                "CASE WHEN row.phone IS NULL THEN old.phone_sanitized "
                "ELSE row.phone_sanitized END"
            ),
            "email": SQL("COALESCE(row.email, old.email)"),
            "email_normalized": SQL(
                "CASE WHEN row.email IS NULL THEN old.email_normalized "
                "ELSE row.email_normalized END"
            ),
            # Who is shared by all companies keeps nothing secret.
            "power_id_number": SQL(
                "CASE WHEN old.company_id IS NULL THEN old.power_id_number "
                "ELSE COALESCE(row.id_number, old.power_id_number) END"
            ),
            "is_power_customer": SQL("TRUE"),
        }

    @api.model
    def _assign_point(self, record):
        """Columns of the point; another area brings its station and region along."""
        default = self._get_default_values(record, "power.supply.point")
        return {
            "name": SQL("row.consumer_number"),
            "source_system": SQL("row.source_system"),
            "external_ref": SQL("row.external_ref"),
            "address": SQL("COALESCE(row.address, old.address)"),
            "latitude": SQL("COALESCE(round(row.latitude, 7), old.latitude)"),
            "longitude": SQL("COALESCE(round(row.longitude, 7), old.longitude)"),
            "grid_area_id": SQL("row.area_id"),
            "station_id": SQL(
                "CASE WHEN row.area_id IS DISTINCT FROM old.grid_area_id "
                "THEN COALESCE(row.area_station_id, old.station_id) "
                "ELSE old.station_id END"
            ),
            "region_type": SQL(
                "COALESCE(row.region_type, CASE WHEN row.area_id IS DISTINCT FROM "
                "old.grid_area_id THEN row.area_region ELSE old.region_type END)"
            ),
            "main_element_id": SQL("row.element_id"),
            "customer_class": SQL("row.customer_class"),
            "voltage_level": SQL(
                "COALESCE(row.voltage_level, old.voltage_level, %s)",
                default["voltage_level"],
            ),
            "tariff_class_id": SQL("COALESCE(row.tariff_class, old.tariff_class_id)"),
            "tariff_class": SQL(
                "(SELECT code FROM power_tariff_class "
                "WHERE id = COALESCE(row.tariff_class, old.tariff_class_id))"
            ),
            "industry_id": SQL("COALESCE(row.industry, old.industry_id)"),
            "reading_unit_id": SQL("COALESCE(row.unit_id, old.reading_unit_id)"),
            "importance_grade": SQL(
                "COALESCE(row.importance_grade, old.importance_grade, %s)",
                default["importance_grade"],
            ),
            "supply_state": SQL(
                "COALESCE(row.supply_state, old.supply_state, %s)",
                default["supply_state"],
            ),
        }

    @api.model
    def _assign_contract(self, record):
        """Columns of the contract; a file without the end leaves the end as it is."""
        default = self._get_default_values(record, "power.supply.contract")
        has_end = "contract_to" in self._get_file_columns(record)
        return {
            "name": SQL("row.contract_ref"),
            "source_system": SQL("row.source_system"),
            "external_ref": SQL("row.contract_ref"),
            "date_from": SQL("row.contract_from"),
            "date_to": SQL("row.contract_to") if has_end else SQL("old.date_to"),
            "contract_kva": SQL(
                "COALESCE(round(row.contract_kva, 2), old.contract_kva)"
            ),
            "payment_mode": SQL(
                "COALESCE(row.payment_mode, old.payment_mode, %s)",
                default["payment_mode"],
            ),
        }

    @api.model
    def _get_default_values(self, record, model):
        """What the ORM gives new records of a model: {column: value for SQL}."""
        records = self.env[model]
        names = [
            name
            for name, field in records._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        values = records.default_get(names)
        return {
            name: records._fields[name].convert_to_column_insert(value, records)
            for name, value in values.items()
            if records._fields[name].column_type
        }

    @api.model
    def _differs(self, assignments):
        """SQL: whether the record ``old`` has other values than the row."""
        return SQL(
            "(%s) IS DISTINCT FROM (%s)",
            SQL(", ").join(SQL("old.%s", SQL.identifier(n)) for n in assignments),
            SQL(", ").join(assignments.values()),
        )

    @api.model
    def _classify(self, record):
        """Say of each good row whether it is new, changed or unchanged."""
        self.env.cr.execute(
            SQL(
                "UPDATE %s AS row SET moves = %s, action = %s WHERE state = 'ok'",
                record._get_staging(),
                self._moves(record),
                self._action(record),
            )
        )

    @api.model
    def _action(self, record):
        """SQL: what a row does, new, updated or unchanged."""
        is_customers = record.kind == "customers"
        changes = [
            SQL("row.new_partner"),
            SQL("row.new_contract"),
            SQL(
                "EXISTS (SELECT 1 FROM res_partner AS old "
                "WHERE old.id = row.partner_id AND %s)",
                self._differs(self._assign_partner(record)),
            ),
            SQL(
                "EXISTS (SELECT 1 FROM power_supply_contract AS old "
                "WHERE old.id = row.contract_id AND %s)",
                self._differs(self._assign_contract(record)),
            ),
        ]
        if is_customers:
            changes += self._point_changes(record)
        return SQL(
            "CASE WHEN %s THEN 'new' WHEN %s THEN 'unchanged' WHEN %s THEN 'updated' "
            "ELSE 'unchanged' END",
            SQL("row.new_point") if is_customers else SQL("row.new_contract"),
            SQL("TRUE") if record.existing == "skip" else SQL("FALSE"),
            SQL(" OR ").join(changes),
        )

    @api.model
    def _moves(self, record):
        """SQL: whether the row changes where a customer belongs."""
        if record.kind != "customers":
            return SQL("FALSE")
        return SQL(
            "NOT EXISTS (SELECT 1 FROM power_supply_point AS old "
            "WHERE old.id = row.point_id AND old.grid_area_id = row.area_id "
            "AND old.supply_state = COALESCE(row.supply_state, old.supply_state) "
            "AND old.partner_id IS NOT DISTINCT FROM row.partner_id)"
        )

    @api.model
    def _point_changes(self, record):
        """SQL conditions: the point, its sources or its customer's segments differ."""
        return [
            SQL(
                "EXISTS (SELECT 1 FROM power_supply_point AS old "
                "WHERE old.id = row.point_id AND %s)",
                self._differs(self._assign_point(record)),
            ),
            SQL(
                "row.standby_id IS NOT NULL AND NOT EXISTS (SELECT 1 "
                "FROM power_supply_source WHERE supply_point_id = row.point_id "
                "AND element_id = row.standby_id AND role = 'standby')"
            ),
            self._adds_segments(),
        ]

    @api.model
    def _adds_segments(self):
        """SQL: whether the row's customer isn't yet in one of its segments."""
        return SQL(
            "EXISTS (SELECT 1 FROM unnest(row.segments) AS segment (id) "
            "WHERE NOT EXISTS (SELECT 1 FROM power_segment_partner_rel "
            "WHERE partner_id = row.partner_id AND segment_id = segment.id))"
        )

    @api.model
    def _refuse_foreign_customers(self, record):
        """Rows that would change a customer of a station that isn't the user's.

        A customer may have points in several stations: a row that tells nothing else
        of him than what is known adds one. Without a point in use his area would
        become that of the new one.
        """
        allowed = record._get_allowed_stations()
        if allowed is None:
            return
        changes = []
        if record.existing == "update":
            changes.append(self._differs(self._assign_partner(record)))
        if record.kind == "customers":
            changes += [
                self._adds_segments(),
                SQL(
                    "NOT EXISTS (SELECT 1 FROM power_supply_point "
                    "WHERE partner_id = old.id AND supply_state <> 'closed')"
                ),
            ]
        if not changes:
            return
        record._refuse(
            SQL(
                "SELECT row.row_no, 'customer_ref' AS column_name, "
                "'foreign_customer' AS kind, row.customer_ref AS value, "
                "NULL::jsonb AS params FROM %s AS row "
                "JOIN res_partner AS old ON old.id = row.partner_id "
                "WHERE row.state = 'ok' AND old.power_station_id <> ALL (%s) "
                "AND (%s)",
                record._get_staging(),
                allowed,
                SQL(" OR ").join(changes),
            )
        )

    @api.model
    def _fill_left_out(self, record):
        """Where a customer's value was left out, that of his first other row stands."""
        columns = {
            "id_number": "id_number",
            "phone": "phone",
            "phone_sanitized": "phone",
            "email": "email",
            "email_normalized": "email",
        }
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s AS row SET %(values)s FROM ("
                "SELECT customer_ref, %(first)s FROM %(table)s WHERE state = 'ok' "
                "GROUP BY customer_ref HAVING count(*) > 1) AS known "
                "WHERE row.customer_ref = known.customer_ref AND row.state = 'ok' "
                "AND (row.id_number IS NULL OR row.phone IS NULL OR row.email IS NULL)",
                table=record._get_staging(),
                values=SQL(", ").join(
                    SQL(
                        "%(name)s = CASE WHEN row.%(given)s IS NULL "
                        "THEN known.%(name)s ELSE row.%(name)s END",
                        name=SQL.identifier(name),
                        given=SQL.identifier(given),
                    )
                    for name, given in columns.items()
                ),
                first=SQL(", ").join(
                    SQL(
                        "(array_agg(%(name)s ORDER BY row_no) "
                        "FILTER (WHERE %(given)s IS NOT NULL))[1] AS %(name)s",
                        name=SQL.identifier(name),
                        given=SQL.identifier(given),
                    )
                    for name, given in columns.items()
                ),
            )
        )
