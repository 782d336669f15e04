import functools
import re

import phonenumbers

from odoo import api, models
from odoo.tools import SQL, email_normalize

from ..core.import_format import INDUSTRIES, TARIFF_CLASSES

CHOICE_FIELDS = {
    "customer_class": "power.supply.point",
    "voltage_level": "power.supply.point",
    "importance_grade": "power.supply.point",
    "region_type": "power.supply.point",
    "supply_state": "power.supply.point",
    "payment_mode": "power.supply.contract",
}


@functools.cache
def _china():
    """Compiled patterns of valid Chinese mobiles and landlines."""
    data = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    return tuple(
        re.compile(part.national_number_pattern)
        for part in (data.mobile, data.fixed_line)
    )


def sanitize_phone(env, number):
    """What ``phone_sanitized`` becomes for a number in E.164 (None when not valid).

    The library takes 0.2 ms for a number; its patterns say the same of nearly all.
    """
    if not number:
        return None
    if number.startswith("+86"):
        national = number[3:]
        if any(pattern.fullmatch(national) for pattern in _china()):
            return number
    return env["res.partner"]._phone_format(number=number) or None


class PowerImportLoaderCustomers(models.AbstractModel):
    """Checks rows of customers, each with its point, contract and sources."""

    _name = "power.import.loader.customers"
    _inherit = "power.import.loader"
    _description = "Import Loader of Customers"

    @api.model
    def _get_extra_columns(self, kind):
        columns = [
            ("phone_sanitized", "text"),
            ("email_normalized", "text"),
            ("partner_id", "int"),
            ("new_partner", "bool"),
            ("point_id", "int"),
            ("new_point", "bool"),
            ("contract_id", "int"),
            ("new_contract", "bool"),
            ("moves", "bool"),
        ]
        if kind == "customers":
            columns += [
                ("area_id", "int"),
                ("area_station_id", "int"),
                ("area_region", "text"),
                ("element_id", "int"),
                ("standby_id", "int"),
                ("unit_id", "int"),
            ]
        return columns

    @api.model
    def _get_extended_names(self, kind):
        return ["phone_sanitized", "email_normalized"]

    @api.model
    def _extend(self, cleaner, values):
        phone = cleaner.value_of(values, "phone")
        email = cleaner.value_of(values, "email")
        return [
            *values,
            sanitize_phone(self.env, phone),
            (email_normalize(email) or None) if email else None,
        ]

    @api.model
    def _get_choices(self, record):
        choices = {
            column: self._get_labels(model, column)
            for column, model in CHOICE_FIELDS.items()
        }
        tariffs = self._get_names("power.tariff.class", "code", "name")
        for label, code in TARIFF_CLASSES.items():
            if code in tariffs:
                tariffs.setdefault(label, tariffs[code])
        industries = {}
        for label, letter in INDUSTRIES.items():
            industry = self.env.ref(
                f"base.res_partner_industry_{letter}", raise_if_not_found=False
            )
            if industry:
                industries[label] = industry.id
        industries |= self._get_names("res.partner.industry", "name", "full_name")
        segments = self._get_names(
            "power.customer.segment",
            "code",
            "name",
            domain=[("company_id", "in", [False, record.company_id.id])],
        )
        return {
            **choices,
            "tariff_class": tariffs,
            "industry": industries,
            "segments": segments,
        }

    @api.model
    def _get_record_column(self, kind):
        return SQL.identifier("point_id" if kind == "customers" else "contract_id")

    # -- checking

    @api.model
    def _validate(self, record):
        if record.kind == "customers":
            self._resolve_references(record)
            self._refuse_unknown(record)
            self._refuse_foreign(record)
            self._refuse_duplicates(record)
        self._refuse_repeated_contracts(record)
        if record.broken_optional == "omit":
            self._fill_left_out(record)
        self._refuse_differing_customers(record)
        self._resolve_records(record)
        self._refuse_foreign_customers(record)
        self._refuse_conflicts(record)
        self._refuse_overlaps(record)
        if record.kind == "former_customers":
            self._refuse_foreign(record)
        self._classify(record)
        # For the plans of the batches.
        names = ["position", "row_no", "state", "action", "customer_ref", "moves"]
        names += ["partner_id", "point_id", "contract_id"]
        names += ["new_partner", "new_point", "new_contract"]
        if record.kind == "customers":
            names += ["element_id", "standby_id", "area_id", "supply_state"]
        record._analyze_staging(names)

    @api.model
    def _resolve_references(self, record):
        """Look up the codes of areas, elements and reading sections."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE %(table)s AS row
                   SET area_id = found.area_id,
                       area_station_id = found.station_id,
                       area_region = found.region_type,
                       element_id = found.element_id,
                       standby_id = found.standby_id,
                       unit_id = found.unit_id
                  FROM (SELECT file.row_no, area.id AS area_id, area.region_type,
                               COALESCE(area.station_id, %(station)s) AS station_id,
                               element.id AS element_id, standby.id AS standby_id,
                               unit.id AS unit_id
                          FROM %(table)s AS file
                          LEFT JOIN %(areas)s AS area
                                 ON upper(area.code) = upper(file.area_code)
                          LEFT JOIN %(elements)s AS element
                                 ON upper(element.code) = upper(file.element_code)
                          LEFT JOIN %(elements)s AS standby
                                 ON upper(standby.code)
                                    = upper(file.standby_element_code)
                          LEFT JOIN %(units)s AS unit
                                 ON upper(unit.code) = upper(file.reading_unit_code)
                       ) AS found
                 WHERE row.row_no = found.row_no
                """,
                table=record._get_staging(),
                station=record.station_id.id or None,
                areas=self._map_codes(record, "power_grid_area"),
                elements=self._map_codes(record, "power_network_element"),
                units=self._map_codes(record, "power_reading_unit"),
            )
        )

    @api.model
    def _refuse_unknown(self, record):
        """Codes that nobody has; rows already refused are told these too."""
        record._refuse(
            SQL(
                """
                SELECT row_no, code.name AS column_name, code.kind, code.value,
                       NULL::jsonb AS params
                  FROM %s, LATERAL (VALUES
                       ('area_code', 'unknown_area', area_code, area_id),
                       ('element_code', 'unknown_element', element_code, element_id),
                       ('standby_element_code', 'unknown_element',
                        standby_element_code, standby_id),
                       ('reading_unit_code', 'unknown_reading_unit',
                        reading_unit_code, unit_id)
                       ) AS code (name, kind, value, id)
                 WHERE code.value IS NOT NULL AND code.id IS NULL
                """,
                record._get_staging(),
            )
        )

    @api.model
    def _refuse_foreign(self, record):
        """Rows of stations into which the import's user may not load."""
        allowed = record._get_allowed_stations()
        if allowed is None:
            return
        is_customers = record.kind == "customers"
        station = SQL("area_station_id") if is_customers else SQL("point.station_id")
        record._refuse(
            SQL(
                """
                SELECT row_no, %(column)s AS column_name, 'foreign_station' AS kind,
                       %(value)s AS value, NULL::jsonb AS params
                  FROM %(table)s AS row
                  LEFT JOIN power_supply_point AS point
                         ON point.company_id = %(company)s
                        AND point.name = row.consumer_number
                 WHERE state = 'ok' AND %(station)s IS NOT NULL
                   AND (%(station)s <> ALL (%(allowed)s)
                        OR point.station_id <> ALL (%(allowed)s))
                """,
                column="area_code" if is_customers else "consumer_number",
                value=SQL("area_code") if is_customers else SQL("consumer_number"),
                table=record._get_staging(),
                company=record.company_id.id,
                station=station,
                allowed=allowed,
            )
        )

    @api.model
    def _get_file_columns(self, record):
        return [name for name in record.columns.split(",") if name]

    @api.model
    def _first_difference(self, names):
        """SQL: the first of the columns in which ``row`` differs from ``first``."""
        return SQL(
            "CASE %s END",
            SQL(" ").join(
                SQL(
                    "WHEN row.%(name)s IS DISTINCT FROM first.%(name)s THEN %(text)s",
                    name=SQL.identifier(name),
                    text=name,
                )
                for name in names
            ),
        )

    @api.model
    def _first_rows(self, record, *keys, states=("ok",)):
        """SQL: rows that aren't the first of their key, joined with the first.

        The first is one that is right in itself: a corrected row that was added below
        a broken one is taken.

        :param states: of the rows that are told; those refused already, too, where
            the reader should see everything at once
        """
        return SQL(
            """
            (SELECT row_no, state, min(row_no) FILTER (WHERE state = 'ok')
                    OVER (PARTITION BY %(keys)s) AS first_row
               FROM %(table)s) AS ranked
              JOIN %(table)s AS row ON row.row_no = ranked.row_no
              JOIN %(table)s AS first ON first.row_no = ranked.first_row
             CROSS JOIN LATERAL (SELECT %(difference)s AS name) AS difference
             WHERE ranked.row_no > ranked.first_row AND ranked.state IN %(states)s
            """,
            keys=SQL(", ").join(map(SQL.identifier, keys)),
            table=record._get_staging(),
            difference=self._first_difference(self._get_file_columns(record)),
            states=states,
        )

    @api.model
    def _refuse_duplicates(self, record):
        """The same point, or the same consumer number, in an earlier row."""
        told = ("ok", "bad", "refused")
        record._refuse(
            SQL(
                """
                SELECT row_no, CASE kind WHEN 'duplicate_exact' THEN NULL
                               WHEN 'duplicate_key' THEN 'external_ref'
                               ELSE name END AS column_name,
                       kind, external_ref AS value,
                       jsonb_build_object('first', first_row) AS params
                  FROM (SELECT row.row_no, row.external_ref, first_row, difference.name,
                               CASE WHEN difference.name IS NULL THEN 'duplicate_exact'
                                    WHEN row.consumer_number <> first.consumer_number
                                    THEN 'duplicate_key'
                                    ELSE 'duplicate_changed' END AS kind
                          FROM %(first_rows)s) AS pairs
                """,
                first_rows=self._first_rows(
                    record, "source_system", "external_ref", states=told
                ),
            )
        )
        record._refuse(
            SQL(
                """
                SELECT row.row_no, 'consumer_number' AS column_name,
                       'duplicate_consumer_number' AS kind,
                       row.consumer_number AS value,
                       jsonb_build_object('first', first.row_no) AS params
                  FROM %s
                   AND (row.source_system, row.external_ref)
                       IS DISTINCT FROM (first.source_system, first.external_ref)
                """,
                self._first_rows(record, "consumer_number", states=told),
            )
        )

    @api.model
    def _refuse_repeated_contracts(self, record):
        """The same contract key in an earlier row."""
        record._refuse(
            SQL(
                """
                SELECT row.row_no, 'contract_ref' AS column_name,
                       'duplicate_contract' AS kind, row.contract_ref AS value,
                       jsonb_build_object('first', first.row_no) AS params
                  FROM %s
                """,
                self._first_rows(record, "source_system", "contract_ref"),
            )
        )

    @api.model
    def _refuse_differing_customers(self, record):
        """A customer of an earlier row with another name, number or address."""
        names = [
            name
            for name in (
                "customer_name",
                "customer_kind",
                "id_number",
                "phone",
                "email",
            )
            if name in self._get_file_columns(record)
        ]
        record._refuse(
            SQL(
                """
                SELECT row_no, name AS column_name, 'customer_differs' AS kind, value,
                       jsonb_build_object('first', first_row) AS params
                  FROM (SELECT row.row_no, first.row_no AS first_row,
                               %(difference)s AS name, row.customer_ref AS value
                          FROM %(first_rows)s) AS pairs
                 WHERE name IS NOT NULL
                """,
                difference=self._first_difference(names),
                first_rows=self._first_rows(record, "customer_ref"),
            )
        )

    @api.model
    def _resolve_records(self, record):
        """Find the customer, point and contract that rows already have."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s AS row
                   SET partner_id = found.partner_id, new_partner = found.new_partner,
                       point_id = found.point_id, new_point = found.new_point,
                       contract_id = found.contract_id,
                       new_contract = found.new_contract
                  FROM (%s) AS found
                 WHERE row.row_no = found.row_no
                """,
                record._get_staging(),
                self._query_records(record, SQL("TRUE")),
            )
        )

    @api.model
    def _query_records(self, record, where, is_loading=False):
        """SQL: customer, point and contract of rows, and whether each is new.

        By the other system's key; else by number, when the record has no key yet.

        :param where: which rows, as ``file``
        :param is_loading: give new records their ids
        """
        fresh = {
            name: SQL("nextval(%s)::int", f"{table}_id_seq")
            if is_loading
            else SQL("NULL::int")
            for name, table in (
                ("new_partner", "res_partner"),
                ("new_point", "power_supply_point"),
                ("new_contract", "power_supply_contract"),
            )
        }
        return SQL(
            """
            SELECT file.row_no, customer.id AS partner_id,
                   customer.is_new AS new_partner,
                   COALESCE(point.id, named.id, %(new_point)s) AS point_id,
                   COALESCE(point.id, named.id) IS NULL AS new_point,
                   COALESCE(contract.id, titled.id, %(new_contract)s) AS contract_id,
                   COALESCE(contract.id, titled.id) IS NULL AS new_contract
              FROM %(table)s AS file
              JOIN (SELECT refs.customer_ref, partner.id IS NULL AS is_new,
                           COALESCE(partner.id, %(new_partner)s) AS id
                      FROM (SELECT DISTINCT customer_ref FROM %(table)s AS file
                             WHERE state = 'ok' AND %(where)s) AS refs
                      LEFT JOIN LATERAL (
                           SELECT id FROM (
                                  SELECT id, company_id, parent_id FROM res_partner
                                   WHERE ref = refs.customer_ref
                                  OFFSET 0) AS same  -- by the index on ref alone
                            WHERE parent_id IS NULL
                              AND (company_id = %(company)s OR company_id IS NULL)
                            ORDER BY company_id NULLS LAST, id LIMIT 1
                           ) AS partner ON TRUE) AS customer
                ON customer.customer_ref = file.customer_ref
              LEFT JOIN power_supply_point AS point
                     ON point.company_id = %(company)s
                    AND point.source_system = file.source_system
                    AND point.external_ref = %(point_key)s
              LEFT JOIN power_supply_point AS named
                     ON named.company_id = %(company)s
                    AND named.name = file.consumer_number AND %(named)s
              LEFT JOIN power_supply_contract AS contract
                     ON contract.company_id = %(company)s
                    AND contract.source_system = file.source_system
                    AND contract.external_ref = file.contract_ref
              LEFT JOIN LATERAL (
                   SELECT id FROM power_supply_contract
                    WHERE supply_point_id = COALESCE(point.id, named.id)
                      AND name = file.contract_ref AND external_ref IS NULL
                    ORDER BY id LIMIT 1) AS titled ON TRUE
             WHERE file.state = 'ok' AND %(where)s
            """,
            table=record._get_staging(),
            company=record.company_id.id,
            where=where,
            **fresh,
            **self._point_keys(record),
        )

    @api.model
    def _point_keys(self, record):
        """Former customers name their point by its number only."""
        if record.kind == "customers":
            return {
                "point_key": SQL("file.external_ref"),
                "named": SQL("named.external_ref IS NULL"),
            }
        return {"point_key": SQL("NULL"), "named": SQL("TRUE")}

    @api.model
    def _refuse_conflicts(self, record):
        """What the records that exist forbid."""
        if record.kind == "customers":
            point = SQL(
                "SELECT row.row_no, 'consumer_number' AS column_name, "
                "'number_taken' AS kind, row.consumer_number AS value, "
                "jsonb_build_object('key', COALESCE(other.external_ref, '')) AS params "
                "FROM %s AS row JOIN power_supply_point AS other "
                "ON other.company_id = %s AND other.name = row.consumer_number "
                "AND other.id IS DISTINCT FROM row.point_id WHERE row.state = 'ok'",
                record._get_staging(),
                record.company_id.id,
            )
        else:
            point = SQL(
                "SELECT row_no, 'consumer_number' AS column_name, "
                "'unknown_consumer_number' AS kind, consumer_number AS value, "
                "NULL::jsonb AS params FROM %s WHERE state = 'ok' AND point_id IS NULL",
                record._get_staging(),
            )
        record._refuse(point)
        record._refuse(
            SQL(
                """
                SELECT row.row_no, 'contract_ref' AS column_name,
                       CASE WHEN contract.supply_point_id IS DISTINCT FROM row.point_id
                            THEN 'contract_other_point'
                            ELSE 'contract_other_customer' END AS kind,
                       row.contract_ref AS value,
                       jsonb_build_object('number', point.name,
                                          'customer', partner.name) AS params
                  FROM %(table)s AS row
                  JOIN power_supply_contract AS contract
                    ON contract.id = row.contract_id
                  JOIN power_supply_point AS point
                    ON point.id = contract.supply_point_id
                  JOIN res_partner AS partner ON partner.id = contract.partner_id
                 WHERE row.state = 'ok'
                   AND (contract.supply_point_id IS DISTINCT FROM row.point_id
                        OR contract.partner_id IS DISTINCT FROM row.partner_id)
                """,
                table=record._get_staging(),
            )
        )

    @api.model
    def _refuse_overlaps(self, record):
        """Two contracts on one point at a time, in the file or with an older one."""
        if record.kind == "former_customers":
            record._refuse(
                SQL(
                    """
                    SELECT row.row_no, 'contract_from' AS column_name,
                           'contract_overlap_row' AS kind,
                           row.contract_from::text AS value,
                           jsonb_build_object('first', min(first.row_no)) AS params
                      FROM %(table)s AS row
                      JOIN %(table)s AS first
                        ON first.consumer_number = row.consumer_number
                       AND first.row_no < row.row_no AND first.state = 'ok'
                       AND daterange(first.contract_from, first.contract_to, '[]')
                           && daterange(row.contract_from, row.contract_to, '[]')
                     WHERE row.state = 'ok'
                     GROUP BY row.row_no
                    """,
                    table=record._get_staging(),
                )
            )
        record._refuse(
            SQL(
                """
                SELECT row.row_no, 'contract_from' AS column_name,
                       'contract_overlap' AS kind, row.contract_from::text AS value,
                       jsonb_build_object(
                           'contract', COALESCE(min(other.name), ''),
                           'start', min(other.date_from),
                           'end', COALESCE(min(other.date_to)::text, '…')) AS params
                  FROM %(table)s AS row
                  JOIN power_supply_contract AS other
                    ON other.supply_point_id = row.point_id
                   AND other.id IS DISTINCT FROM row.contract_id
                   AND daterange(other.date_from, other.date_to, '[]')
                       && daterange(row.contract_from, %(date_to)s, '[]')
                 WHERE row.state = 'ok'
                   AND NOT EXISTS (SELECT 1 FROM %(table)s AS known
                                    WHERE known.contract_id = other.id
                                      AND known.state = 'ok')
                 GROUP BY row.row_no
                """,
                table=record._get_staging(),
                date_to=self._date_to(record, SQL("row")),
            )
        )

    @api.model
    def _date_to(self, record, alias):
        """SQL: the contract's end; a file without the column leaves it as it is."""
        if "contract_to" in self._get_file_columns(record):
            return SQL("%s.contract_to", alias)
        return SQL(
            "(SELECT date_to FROM power_supply_contract WHERE id = %s.contract_id)",
            alias,
        )
