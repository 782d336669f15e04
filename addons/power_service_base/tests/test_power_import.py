import csv
from collections import defaultdict

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.power_service_base.core.import_format import KINDS

from .import_common import DIRTY, ROW, ImportCommon, make_csv, make_rows


@tagged("post_install", "-at_install")
class TestImportDirtyStation(ImportCommon):
    """The shipped dirty file, compared with what its maker says of each cell."""

    def test_dirty_station_reports_exactly_what_was_put_in(self):
        for kind in ("stations", "employees", "areas", "reading_units", "elements"):
            record = self.imports._import_file(kind, DIRTY / f"{kind}.csv")
            self.assertEqual((record.state, record.refused_count), ("done", 0), kind)
        record = self.imports._import_file("customers", DIRTY / "customers.csv")
        self.assertEqual(record.state, "done", record.message)
        with (DIRTY / "expected_errors.csv").open(encoding="utf-8") as stream:
            expected = [
                row for row in csv.DictReader(stream) if row["file"] == "customers.csv"
            ]
        refused, repaired = defaultdict(set), {}
        ignored = set()
        for row in expected:
            number = int(row["row"])
            if row["repairable"] == "no":
                refused[number].add((row["column"], row["kind"]))
            elif row["kind"] == "duplicate_exact":
                ignored.add(number)
            elif number and row["kind"] != "quotes":
                repaired[number, row["column"]] = row
        found = self.kinds(record)
        for number in sorted({*found, *refused}):
            self.assertEqual(found.get(number), refused.get(number), f"row {number}")
        self.assertEqual(set(self.kinds(record, "ignored")), ignored)
        found = {
            (number, column)
            for number, issues in self.kinds(record, "repaired").items()
            for column, _kind in issues
        }
        self.assertEqual(found, set(repaired))
        self.assertTrue(record.encoding.startswith("gb18030"))
        self._check_values(record, repaired, set(refused) | ignored)
        former = self.imports._import_file(
            "former_customers", DIRTY / "former_customers.csv"
        )
        self.assertEqual(former.state, "done", former.message)
        self.assertEqual(former.new_count + former.refused_count, former.row_count)
        # A former customer is refused only when his point was.
        kinds = {kind for found in self.kinds(former).values() for _c, kind in found}
        self.assertLessEqual(kinds, {"unknown_consumer_number"})

    def _check_values(self, record, repaired, left_out):
        """The kept value of each cell that was put right."""
        with (DIRTY / "customers.csv").open(encoding="gbk", newline="") as stream:
            cells = dict(enumerate(csv.DictReader(stream), 2))
        good = {
            point.external_ref: point
            for point in self.env["power.supply.point"].search(
                [("source_system", "=", "marketing")]
            )
        }
        self.assertEqual(len(good), len(cells) - len(left_out))
        get = {
            "consumer_number": lambda point: point.name,
            "customer_name": lambda point: point.partner_id.name,
            "id_number": lambda point: point.partner_id.power_id_number,
            "phone": lambda point: point.partner_id.phone,
            "address": lambda point: point.address,
            "area_code": lambda point: point.grid_area_id.code,
            "element_code": lambda point: point.main_element_id.code,
            "customer_class": lambda point: point.customer_class,
            "contract_kva": lambda point: f"{point.contract_ids.contract_kva:g}",
            "contract_from": lambda point: str(point.contract_ids.date_from),
            "contract_to": lambda point: str(point.contract_ids.date_to),
        }
        checked = 0
        for (number, column), row in repaired.items():
            if not column or number in left_out:
                continue
            point = good[row["external_ref"]]
            value = get[column](point)
            if column == "phone":
                value = value.removeprefix("+86")
                expected = row["expected"].replace("-", "").removeprefix("0")
            else:
                expected = row["expected"]
            self.assertEqual(value, expected, f"row {number} {column}")
            checked += 1
        self.assertGreater(checked, 80)


@tagged("post_install", "-at_install")
class TestImportCustomers(ImportCommon):
    def test_records_equal_those_of_the_orm(self):
        """Every stored field of every record, also those of addons to come."""
        community = self.env.ref("power_service_base.segment_community")
        vulnerable = self.env.ref("power_service_base.segment_vulnerable")
        partner = self.env["res.partner"].create(
            {
                "name": "张三",
                "ref": "C1",
                "company_id": self.company.id,
                "is_company": False,
                "power_customer_kind": "residential",
                "is_power_customer": True,
                "phone": "+8613800123456",
                "email": "Zhang.San@example.com",
                "power_id_number": "53992119540610114X",
                "segment_ids": [(6, 0, [vulnerable.id, community.id])],
            }
        )
        point = self.env["power.supply.point"].create(
            {
                "name": "5300000001",
                "source_system": "marketing",
                "external_ref": "P1",
                "address": "解放路18号",
                "latitude": 26.90383,
                "longitude": 109.295307,
                "grid_area_id": self.area.id,
                "customer_class": "hv_dual",
                "voltage_level": "10kv",
                "tariff_class_id": self.env.ref(
                    "power_service_base.tariff_class_industrial"
                ).id,
                "industry_id": self.env.ref("base.res_partner_industry_P").id,
                "reading_unit_id": self.unit.id,
                "source_ids": [
                    (0, 0, {"element_id": self.transformer.id, "role": "main"}),
                    (0, 0, {"element_id": self.other_feeder.id, "role": "standby"}),
                ],
            }
        )
        contract = self.env["power.supply.contract"].create(
            {
                "name": "H1",
                "source_system": "marketing",
                "external_ref": "H1",
                "partner_id": partner.id,
                "supply_point_id": point.id,
                "date_from": "2020-05-01",
                "contract_kva": 8,
                "payment_mode": "prepaid",
            }
        )
        self.env.flush_all()
        made = {
            "res.partner": partner,
            "power.supply.point": point,
            "power.supply.contract": contract,
            "power.supply.source": point.source_ids,
        }
        expected = {model: self._snapshot(found) for model, found in made.items()}
        # The same customer again, from a file: the keys of the first make room.
        self.env.cr.execute(
            SQL(
                "UPDATE power_supply_point SET name = 'X', external_ref = 'X' "
                "WHERE id = %s",
                point.id,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE power_supply_contract SET name = 'X', external_ref = 'X' "
                "WHERE id = %s",
                contract.id,
            )
        )
        self.env.cr.execute(
            SQL("UPDATE res_partner SET ref = 'X' WHERE id = %s", partner.id)
        )
        self.env.invalidate_all()
        row = ROW | {
            "id_number": "53992119540610114X",
            "standby_element_code": "F2",
            "customer_class": "hv_dual",
            "voltage_level": "10kV",
            "tariff_class": "大工业",
            "industry": "教育",
        }
        record = self.load([row])
        self.assertEqual(record.state, "done", record.message)
        self.assertEqual(self.kinds(record), {})
        new = self.get_point()
        found = {
            "res.partner": new.partner_id,
            "power.supply.point": new,
            "power.supply.contract": new.contract_id,
            "power.supply.source": new.source_ids,
        }
        same = {partner.id: new.partner_id.id, point.id: new.id}
        same[contract.id] = new.contract_id.id
        for model, records in found.items():
            self.assertNotEqual(records, made[model])
            for name, value in self._snapshot(records).items():
                before = expected[model][name]
                field = self.env[model]._fields[name]
                if field.relational:
                    ids = {
                        "res.partner": {partner.id: new.partner_id.id},
                        "power.supply.point": {point.id: new.id},
                        "power.supply.contract": {contract.id: new.contract_id.id},
                    }.get(field.comodel_name, {})
                    before = [[ids.get(i, i) for i in item] for item in before]
                self.assertEqual(value, before, f"{model}.{name}")

    def _snapshot(self, records):
        """{field: values} of all stored fields, but for ids, dates and messages."""
        skipped = {"id", "create_date", "write_date", "message_ids"}
        skipped |= {"message_follower_ids", "website_message_ids", "source_ids"}
        records.invalidate_recordset()
        result = {}
        for name, field in records._fields.items():
            if not field.store or name in skipped:
                continue
            if field.relational:
                result[name] = [record[name].ids for record in records]
            else:
                result[name] = [record[name] for record in records]
        return result

    def test_null_and_empty_columns_are_those_of_the_orm(self):
        """Not only what the ORM reads is the same, also what lies in the table."""
        orm = self.env["res.partner"].create(
            {"name": "A", "ref": "Z", "is_power_customer": True}
        )
        self.env.flush_all()
        self.load([ROW | {"phone": "", "email": "", "segments": ""}])
        new = self.get_point().partner_id
        rows = {
            row["id"]: row
            for row in self.env.execute_query_dict(
                SQL("SELECT * FROM res_partner WHERE id IN %s", (orm.id, new.id))
            )
        }
        differing = {
            name
            for name, value in rows[orm.id].items()
            if (value is None) != (rows[new.id][name] is None)
        }
        self.assertLessEqual(
            differing,
            {"company_id", "grid_area_id", "power_station_id", "power_customer_kind"},
        )

    def test_second_import_changes_nothing(self):
        rows = make_rows(5)
        self.assertEqual(self.get_counts(self.load(rows)), (5, 0, 0, 0))
        points = self.env["power.supply.point"].search(
            [("source_system", "=", "marketing")]
        )
        tables = ("res_partner", "power_supply_point", "power_supply_contract")
        before = self._write_dates(tables, "2001-01-01")
        self.assertEqual(self.get_counts(self.load(rows)), (0, 0, 5, 0))
        self.assertEqual(self._write_dates(tables), before)
        rows[2] |= {"phone": "13900000003", "contract_kva": "16"}
        self.assertEqual(self.get_counts(self.load(rows)), (0, 1, 4, 0))
        changed = points.filtered(lambda point: point.external_ref == "P3")
        self.assertEqual(changed.partner_id.phone, "+8613900000003")
        self.assertEqual(changed.partner_id.phone_sanitized, "+8613900000003")
        self.assertEqual(changed.contract_id.contract_kva, 16)
        self.assertEqual(
            self.env["power.supply.point"].search_count(
                [("source_system", "=", "marketing")]
            ),
            5,
        )

    def _write_dates(self, tables, value=None):
        result = []
        self.env.flush_all()
        for table in tables:
            name = SQL.identifier(table)
            if value:
                self.env.cr.execute(SQL("UPDATE %s SET write_date = %s", name, value))
            self.env.cr.execute(SQL("SELECT id, write_date FROM %s ORDER BY id", name))
            result.append(self.env.cr.fetchall())
        return result

    def test_empty_cell_takes_nothing_away(self):
        self.load([ROW])
        record = self.load([ROW | {"phone": "", "email": "", "address": ""}])
        self.assertEqual(self.get_counts(record), (0, 0, 1, 0))
        self.assertEqual(self.get_point().partner_id.phone, "+8613800123456")

    def test_existing_records_can_be_left_as_they_are(self):
        self.load([ROW])
        rows = [ROW | {"address": "新"}, *make_rows(2)[1:]]
        record = self.load(rows, existing="skip")
        self.assertEqual(self.get_counts(record), (1, 0, 1, 0))
        self.assertEqual(self.get_point().address, "解放路18号")

    def test_another_area_brings_station_and_region_along(self):
        self.load([ROW])
        point = self.get_point()
        self.area_other.region_type = "remote"
        record = self.load([ROW | {"area_code": "A2"}])
        self.assertEqual(self.get_counts(record), (0, 1, 0, 0))
        self.assertEqual(point.station_id, self.station_other)
        self.assertEqual(point.region_type, "remote")
        self.assertEqual(point.contract_id.station_id, self.station_other)
        self.assertEqual(point.source_ids.station_id, self.station_other)
        self.assertEqual(point.partner_id.grid_area_id, self.area_other)
        self.assertEqual(point.partner_id.power_station_id, self.station_other)

    def test_customer_with_contacts_is_changed_with_them(self):
        self.load([ROW | {"customer_kind": "company", "customer_name": "甲公司"}])
        company = self.get_point().partner_id
        child = self.env["res.partner"].create({"name": "李", "parent_id": company.id})
        self.load([ROW | {"customer_kind": "company", "customer_name": "乙公司"}])
        self.assertEqual(company.name, "乙公司")
        self.assertEqual(child.complete_name, "乙公司, 李")

    def test_point_made_by_hand_is_taken_over_by_its_number(self):
        point, contract = self._create_point("5300000001", self.customer)
        self.customer.ref = "C1"
        contract.name = "H1"
        record = self.load([ROW])
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(self.get_counts(record), (0, 1, 0, 0))
        self.assertEqual(point.external_ref, "P1")
        self.assertEqual(contract.external_ref, "H1")
        self.assertEqual(self.customer.name, "张三")

    def test_future_contract_gives_no_customer_yet(self):
        self.load([ROW | {"contract_from": "2150-01-01"}])
        point = self.get_point()
        self.assertFalse(point.partner_id)
        self.assertEqual(len(point.contract_ids), 1)
        self.assertFalse(point.contract_ids.partner_id.grid_area_id)

    def test_customer_of_several_points_is_made_once(self):
        rows = make_rows(3, customer_ref="C1", customer_name="张三")
        self.assertEqual(self.get_counts(self.load(rows)), (3, 0, 0, 0))
        partner = self.get_point().partner_id
        self.assertEqual(len(partner.supply_point_ids), 3)
        rows[1]["phone"] = "13911112222"
        record = self.load(rows)
        self.assertEqual(self.kinds(record), {3: {("phone", "customer_differs")}})

    def test_bad_rows_harm_no_other(self):
        rows = make_rows(9)
        rows[0]["consumer_number"] = "3300000001"  # a point without a key: taken over
        rows[1]["phone"] = "keine"
        rows[2]["area_code"] = "NO"
        rows[3] |= {"consumer_number": rows[4]["consumer_number"]}
        rows[5]["reading_unit_code"] = "NO"
        rows[8]["contract_ref"] = "H7"
        rows[7]["contract_from"] = ""
        record = self.load(rows)
        self.assertEqual(
            self.kinds(record),
            {
                2: {("contract_from", "contract_overlap")},
                3: {("phone", "phone_letters")},
                4: {("area_code", "unknown_area")},
                6: {("consumer_number", "duplicate_consumer_number")},
                7: {("reading_unit_code", "unknown_reading_unit")},
                9: {("contract_from", "empty_required")},
                10: {("contract_ref", "duplicate_contract")},
            },
        )
        self.assertEqual(self.get_counts(record), (2, 0, 0, 7))
        for issue in record.refused_ids:
            self.assertTrue(issue.reason and issue.way_out, issue.kind)
            self.assertNotIn("%(", issue.reason + issue.way_out)

    def test_a_second_current_contract_is_refused(self):
        self.load([ROW])
        record = self.load([ROW | {"contract_ref": "H9", "customer_ref": "C9"}])
        self.assertEqual(
            self.kinds(record), {2: {("contract_from", "contract_overlap")}}
        )
        self.assertIn("H1", record.refused_ids.reason)
        record = self.load([ROW | {"customer_ref": "C9"}])
        self.assertEqual(
            self.kinds(record), {2: {("contract_ref", "contract_other_customer")}}
        )

    @mute_logger("odoo.sql_db")
    def test_what_only_the_database_finds_is_one_row_s_matter(self):
        """A rule that the import doesn't know refuses its row, the others go in."""
        self.env.cr.execute(
            "ALTER TABLE power_supply_point ADD CONSTRAINT test_address "
            "CHECK (address <> 'forbidden')"
        )
        rows = make_rows(20)
        rows[7]["address"] = "forbidden"
        record = self.load(rows)
        self.assertEqual(self.kinds(record), {9: {("", "database_refused")}})
        self.assertEqual(self.get_counts(record), (19, 0, 0, 1))

    def test_former_customers_never_become_the_present_one(self):
        self.load([ROW])
        columns = [column.name for column in KINDS["former_customers"]]
        old = ROW | {
            "customer_ref": "C0",
            "customer_name": "旧人",
            "contract_ref": "H0",
            "contract_from": "2010-01-01",
            "contract_to": "2020-04-30",
            "email": "",
        }
        rows = [
            old,
            old | {"contract_ref": "H00", "contract_from": "2015-01-01"},
            old | {"contract_ref": "H01", "contract_to": "2020-05-01"},
            old | {"contract_ref": "H02", "consumer_number": "999999"},
        ]
        record = self.load(make_csv(rows, columns=columns), kind="former_customers")
        self.assertEqual(
            self.kinds(record),
            {
                3: {("contract_from", "contract_overlap_row")},
                4: {("contract_from", "contract_overlap_row")},
                5: {("consumer_number", "unknown_consumer_number")},
            },
        )
        point = self.get_point()
        self.assertEqual(point.partner_id.name, "张三")
        self.assertEqual(len(point.contract_ids), 2)

    def test_check_writes_nothing(self):
        record = self.load([ROW], is_check_only=True)
        self.assertEqual(record.state, "checked")
        self.assertEqual(self.get_counts(record), (1, 0, 0, 0))
        self.assertFalse(self.get_point())
        record.action_import()
        self.assertEqual(record.state, "done")
        self.assertEqual(len(self.get_point()), 1)
        self.assertEqual(
            record.action_open_records()["domain"], [("id", "in", self.get_point().ids)]
        )
