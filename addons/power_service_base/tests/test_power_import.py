import csv
import io
import zipfile
from collections import defaultdict
from datetime import date
from pathlib import Path
from unittest.mock import patch

import openpyxl

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged, users
from odoo.tools import SQL, mute_logger

from odoo.addons.power_service_base.core.import_format import KINDS
from odoo.addons.power_service_base.models import power_import_run

from .common import PowerServiceCommon

DIRTY = Path(__file__).resolve().parents[3] / "tests" / "data" / "dirty_station"
ROW = {
    "source_system": "marketing",
    "external_ref": "P1",
    "consumer_number": "5300000001",
    "customer_ref": "C1",
    "customer_name": "张三",
    "customer_kind": "person",
    "id_number": "",
    "phone": "13800123456",
    "email": "Zhang.San@example.com",
    "address": "解放路18号",
    "area_code": "A1",
    "element_code": "T1",
    "standby_element_code": "",
    "reading_unit_code": "R1",
    "customer_class": "residential",
    "voltage_level": "220V",
    "tariff_class": "residential",
    "industry": "",
    "importance_grade": "",
    "region_type": "",
    "supply_state": "",
    "latitude": "26.90383",
    "longitude": "109.295307",
    "contract_ref": "H1",
    "contract_kva": "8",
    "contract_from": "2020-05-01",
    "contract_to": "",
    "payment_mode": "prepaid",
    "segments": "vulnerable|community",
}


def make_csv(rows, encoding="utf-8", columns=None):
    columns = columns or list(rows[0] if rows else ROW)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([[row.get(name, "") for name in columns] for row in rows])
    return stream.getvalue().encode(encoding)


def make_rows(count, **vals):
    """Rows of different customers, each right."""
    return [
        ROW
        | {
            "external_ref": f"P{n}",
            "consumer_number": f"53000{n:05d}",
            "customer_ref": f"C{n}",
            "customer_name": f"客户{n}",
            "contract_ref": f"H{n}",
            "email": "",
            "id_number": "",
        }
        | vals
        for n in range(1, count + 1)
    ]


class ImportCommon(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env["power.reading.unit"].create(
            {"name": "Unit", "code": "R1", "station_id": cls.station.id}
        )
        cls.other_feeder = cls.feeder.copy({"code": "F2", "name": "Line 2"})
        cls.imports = cls.env["power.import"]

    def load(self, rows, kind="customers", **options):
        source = rows if isinstance(rows, bytes) else make_csv(rows)
        return self.imports._import_file(kind, source, **options)

    def kinds(self, record, severity="refused"):
        """{row: {(column, kind)}} of an import's issues."""
        found = defaultdict(set)
        for issue in record.issue_ids.filtered(lambda i: i.severity == severity):
            found[issue.row_number].add((issue.column_name or "", issue.kind))
        return dict(found)

    def get_point(self, number="5300000001"):
        return self.env["power.supply.point"].search([("name", "=", number)])

    def get_counts(self, record):
        return (
            record.new_count,
            record.updated_count,
            record.unchanged_count,
            record.refused_count,
        )


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


@tagged("post_install", "-at_install")
class TestImportFiles(ImportCommon):
    def test_forms_of_a_file(self):
        """Encodings, delimiters, Chinese headers in another order, workbooks."""
        names = {column.name: column.zh for column in KINDS["customers"]}
        chinese = {names[key]: value for key, value in reversed(ROW.items())}
        book = openpyxl.Workbook()
        book.active.append(list(ROW))
        cells = ROW | {
            "consumer_number": 5300000001,
            "phone": 13800123456,
            "contract_from": date(2020, 5, 1),
            "contract_kva": 8,
        }
        book.active.append([value if value != "" else None for value in cells.values()])
        stream = io.BytesIO()
        book.save(stream)
        sources = {
            "utf-8": make_csv([ROW]),
            "bom": make_csv([ROW], "utf-8-sig"),
            "gbk": make_csv([chinese], "gbk"),
            "utf-16": make_csv([ROW], "utf-16"),
            "semicolon": make_csv([ROW]).replace(b",", b";"),
            "tab": make_csv([ROW]).replace(b",", b"\t"),
            "xlsx": stream.getvalue(),
        }
        for name, source in sources.items():
            with self.subTest(name):
                record = self.load(source, is_check_only=True)
                self.assertEqual(record.state, "checked", record.message)
                self.assertEqual(self.kinds(record), {})
                self.assertEqual(record.new_count, 1)

    def test_wrong_files_give_one_clear_error(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("a.txt", "a")
        header = ",".join(ROW)
        sources = {
            "file_empty": b"",
            "file_type": b"%PDF-1.7 ...",
            "file_old_excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
            "file_damaged": b"PK\x03\x04 broken",
            "file_binary": b"abc\x00\x01\x02",
            "file_encoding": header.encode() + b"\n\xff\xff\xff",
            "file_header_only": header.encode(),
            "columns_missing": b"consumer_number,customer_name\n1,2\n",
            "columns_unknown": f"{header},colour\n".encode(),
            "columns_repeated": f"{header},phone\n".encode(),
        }
        for key, source in sources.items():
            with self.subTest(key):
                record = self.load(source)
                self.assertEqual((record.state, record.message_key), ("failed", key))
                self.assertTrue(record.message)
                self.assertFalse(record.issue_ids)
        self.assertEqual(self.load(archive.getvalue()).message_key, "file_type")
        record = self.load(b"consumer_number,customer_name\n1,2\n")
        self.assertIn("customer_ref", record.message)
        record = self.load(
            f"{header},colour\n".encode() + make_csv([ROW])[len(header) :]
        )
        self.assertEqual(record.message_key, "columns_unknown")
        self.assertIn("colour", record.message)

    def test_unknown_columns_can_be_passed_over(self):
        source = make_csv([ROW | {"colour": "red"}], columns=[*ROW, "colour"])
        record = self.load(source, ignore_unknown_columns=True)
        self.assertEqual(self.get_counts(record), (1, 0, 0, 0))

    def test_error_file_corrected_is_imported_as_it_is(self):
        rows = make_rows(4)
        rows[1]["phone"] = "12"
        rows[3] |= {"area_code": "NO", "address": "=1+1"}
        record = self.load(make_csv(rows, "gbk"))
        name, content = record._build_error_file("csv")
        self.assertTrue(name.endswith(".csv"))
        table = list(csv.reader(io.StringIO(content.decode("gbk"))))
        self.assertEqual(len(table), 3)
        self.assertEqual([row[0] for row in table[1:]], ["3", "5"])
        self.assertEqual(table[1][1:3], ["phone", "12"])
        self.assertTrue(all(table[1][3:5]))
        self.assertIn("'=1+1", table[2])
        corrected = content.decode("gbk").replace(",12,", ",13800000002,")
        again = self.load(corrected.replace(",NO,", ",A1,").encode("gbk"))
        self.assertEqual(again.state, "done", again.message)
        self.assertEqual(self.kinds(again), {})
        self.assertEqual(again.new_count, 2)
        _name, content = record._build_error_file("xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        self.assertEqual(sheet.max_row, 3)
        self.assertEqual(sheet["A2"].value, "3")

    def test_error_file_of_utf8_opens_in_a_spreadsheet(self):
        record = self.load([ROW | {"phone": "1"}])
        _name, content = record._build_error_file("csv")
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))

    def test_templates_are_accepted(self):
        for kind in KINDS:
            for lang in ("en_US", "zh_CN"):
                imports = self.imports.with_context(lang=lang)
                for extension in ("csv", "xlsx"):
                    _name, content = imports._build_template(kind, extension)
                    record = self.load(content, kind=kind, is_check_only=True)
                    self.assertEqual(record.state, "checked", record.message)
                    found = {k for v in self.kinds(record).values() for _c, k in v}
                    self.assertFalse(
                        [kind for kind in found if not kind.startswith("unknown")]
                    )

    def test_a_thousand_broken_rows(self):
        record = self.load(make_rows(1000, phone="keine"))
        self.assertEqual(self.get_counts(record), (0, 0, 0, 1000))
        self.assertEqual(len(record.refused_ids), 1000)

    def test_size_is_limited(self):
        record = self.imports.create({"kind": "customers", "file_name": "a.csv"})
        self.env["ir.config_parameter"].set_param(
            "power_service_base.import_limit_mb", "0"
        )
        record.file = b"YWJj"
        with self.assertRaisesRegex(Exception, "limit is 0 MB"):
            record.action_check()


@tagged("post_install", "-at_install")
class TestImportTrees(ImportCommon):
    def element(self, code, parent="", kind="branch", **vals):
        return {
            "source_system": "marketing",
            "external_ref": f"E-{code}",
            "code": code,
            "name": code,
            "element_type": kind,
            "parent_code": parent,
            "station_code": "S1",
            "capacity_kva": "",
        } | vals

    def test_cycle_and_what_hangs_on_it_is_refused(self):
        record = self.load(
            [
                self.element("B1", "B2"),
                self.element("B2", "B1"),
                self.element("T9", "B1", "transformer"),
                self.element("B3", "F1"),
                self.element("B4", "NO"),
                self.element("T8", "T1", "transformer"),
                self.element("T7", "B5", "transformer"),
                self.element("B5", "B3"),
                self.element("B6", "", "feeder"),
            ],
            kind="elements",
        )
        self.assertEqual(
            self.kinds(record),
            {
                2: {("parent_code", "cycle")},
                3: {("parent_code", "cycle")},
                4: {("parent_code", "parent_refused")},
                6: {("parent_code", "unknown_parent")},
                7: {("parent_code", "parent_type")},
                10: {("parent_code", "parent_missing")},
            },
        )
        made = self.env["power.network.element"].search(
            [("source_system", "=", "marketing")]
        )
        self.assertEqual(set(made.mapped("code")), {"B3", "B5", "T7"})
        leaf = made.filtered(lambda element: element.code == "T7")
        self.assertEqual(leaf.parent_id.parent_id.parent_id, self.feeder)

    def test_cycle_through_what_is_there(self):
        self.load([self.element("B1", "F1"), self.element("B2", "B1")], kind="elements")
        record = self.load([self.element("B1", "B2")], kind="elements")
        self.assertEqual(self.kinds(record), {2: {("parent_code", "cycle")}})

    def test_row_under_a_broken_row_is_refused_for_that_reason(self):
        record = self.load(
            [self.element("B1", "F1", capacity_kva="many"), self.element("B2", "B1")],
            kind="elements",
        )
        self.assertEqual(
            self.kinds(record),
            {
                2: {("capacity_kva", "number_invalid")},
                3: {("parent_code", "parent_refused")},
            },
        )


@tagged("post_install", "-at_install")
class TestImportRuns(ImportCommon):
    def test_killed_at_any_batch_and_run_again_gives_the_same(self):
        rows = make_rows(25)
        rows[4]["phone"] = "x"
        attachment = make_csv(rows)
        with patch.object(power_import_run, "BATCH", 4):
            for kill_at in range(1, 14):
                with self.subTest(kill_at), self.cr.savepoint() as savepoint:
                    record = self._start_import(attachment)
                    self._run_killed(record, kill_at)
                    self.assertEqual(record.state, "done", record.message)
                    self.assertEqual(self.get_counts(record), (24, 0, 0, 1))
                    points = self.env["power.supply.point"].search_count(
                        [("source_system", "=", "marketing")]
                    )
                    self.assertEqual(points, 24)
                    self.assertEqual(len(record.issue_ids), 1)
                    savepoint.rollback()
                    self.env.invalidate_all(flush=False)

    def _start_import(self, source):
        record = self.imports.create({"kind": "customers", "file_name": "a.csv"})
        self.env["ir.attachment"].create(
            {
                "name": "file",
                "res_model": "power.import",
                "res_field": "file",
                "res_id": record.id,
                "raw": source,
            }
        )
        record.write(record._prepare_start_vals(False))
        return record

    def _run_killed(self, record, kill_at):
        """Run with savepoints as commits; the batch after ``kill_at`` is lost."""

        class Killed(Exception):
            pass

        state = {"pauses": 0, "savepoint": self.cr.savepoint(flush=True)}

        def pause(this, commit, processed=0, least=0):
            this.env.flush_all()
            state["savepoint"].close(rollback=False)
            state["savepoint"] = self.cr.savepoint(flush=True)
            state["pauses"] += 1
            return True

        def copy(this, *args):
            if state["pauses"] == kill_at:
                state["pauses"] += 1
                raise Killed
            return original_flush(this, *args)

        cls = self.env.registry["power.import"]
        loader = self.env.registry["power.import.loader.customers"]
        original_flush = cls._copy_issues
        original_prepare = loader._prepare_batch

        def prepare(this, *args):
            result = original_prepare(this, *args)
            if state["pauses"] == kill_at:
                state["pauses"] += 1
                raise Killed
            return result

        with (
            patch.object(cls, "_pause", pause),
            patch.object(cls, "_copy_issues", copy),
            patch.object(loader, "_prepare_batch", prepare),
        ):
            try:
                record._as_user()._work()
            except Killed:
                self.env.invalidate_all(flush=False)
                state["savepoint"].rollback()
                self.env.invalidate_all(flush=False)
                record._as_user()._work()
        state["savepoint"].close(rollback=False)

    def test_job_runs_the_import_and_shows_progress(self):
        record = self._start_import(make_csv(make_rows(30)))
        self.assertEqual(record.get_progress()["state"], "running")
        cron = self.env.ref("power_service_base.ir_cron_power_import")
        with patch.object(power_import_run, "BATCH", 10):
            with self.enter_registry_test_mode():
                self.assertIs(cron.method_direct_trigger(), True)
        record.invalidate_recordset()
        self.assertEqual(record.state, "done", record.message)
        self.assertEqual(self.get_counts(record), (30, 0, 0, 0))
        self.assertEqual(record.get_progress()["percent"], 100)
        run = self.env["power.job.run"].search([("name", "=", "power.import")], limit=1)
        self.assertEqual((run.state, run.done_count), ("done", 30))

    def test_broken_file_is_parked_and_holds_up_nobody(self):
        bad = self._start_import(b"%PDF")
        good = self._start_import(make_csv(make_rows(2)))
        cron = self.env.ref("power_service_base.ir_cron_power_import")
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        (bad | good).invalidate_recordset()
        self.assertEqual(bad.state, "failed")
        self.assertEqual(good.state, "done")

    def test_cancelled_import_keeps_what_is_done(self):
        record = self._start_import(make_csv(make_rows(10)))
        record.cancel_requested = True
        record._as_user()._work()
        self.assertEqual(record.state, "cancelled")
        self.assertFalse(self.get_point())

    def test_new_file_makes_a_new_draft(self):
        record = self.load([ROW])
        record.file_name = "b.csv"
        self.assertEqual((record.state, record.row_count), ("draft", 0))

    def test_staging_is_dropped_a_week_later(self):
        record = self.load([ROW])
        self.assertTrue(record._is_staged())
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE power_import SET write_date = '2001-01-01' WHERE id = %s",
                record.id,
            )
        )
        record.invalidate_recordset()
        self.imports._gc_staging()
        self.assertFalse(record._is_staged())
        other = self.load([ROW])
        name = f"power_import_row_{other.id}"
        other.unlink()
        self.env.cr.execute("SELECT to_regclass(%s)", [name])
        self.assertFalse(self.env.cr.fetchone()[0])


@tagged("post_install", "-at_install")
class TestImportAccess(ImportCommon):
    @users("test_supervisor")
    def test_supervisor_loads_into_own_stations_only(self):
        rows = make_rows(3)
        rows[1]["area_code"] = "A2"
        record = self.imports.with_env(self.env)._import_file(
            "customers", make_csv(rows)
        )
        self.assertEqual(self.kinds(record), {3: {("area_code", "foreign_station")}})
        self.assertEqual(record.new_count, 2)
        self.assertEqual(self.get_point().create_uid, self.env.user)

    @users("test_supervisor")
    def test_supervisor_takes_no_point_of_another_station(self):
        row = ROW | {"consumer_number": self.point_other.sudo().name}
        record = self.imports.with_env(self.env)._import_file(
            "customers", make_csv([row])
        )
        self.assertEqual(self.kinds(record), {2: {("area_code", "foreign_station")}})
        with self.assertRaises(AccessError):
            self.imports.with_env(self.env)._import_file(
                "stations", b"code,name\nS9,Nine\n"
            )

    @users("test_field", "test_staff", "test_portal")
    def test_others_import_nothing(self):
        with self.assertRaises(AccessError):
            self.imports.with_env(self.env).create({"kind": "customers"})
        with self.assertRaises(AccessError):
            self.imports.with_env(self.env).search([])

    def test_nobody_runs_an_import_as_somebody_else(self):
        imports = self.imports.with_user(self.users["supervisor"])
        with self.assertRaises(AccessError):
            imports.create({"kind": "customers", "user_id": self.env.user.id})
        record = imports.create({"kind": "customers"})
        with self.assertRaises(AccessError):
            record.user_id = self.users["manager"]
        with self.assertRaises(AccessError):
            record.state = "done"
        other = self._create_user(
            "supervisor_other", "power_service_base.group_power_supervisor"
        )
        self.assertFalse(self.imports.with_user(other).search([]))
        with self.assertRaises(AccessError):
            record.with_user(other).get_progress()
        self.assertIn(record, self.imports.with_user(self.users["manager"]).search([]))

    def test_two_companies_have_their_own_customers(self):
        self.load([ROW])
        transformer = self.env["power.network.element"].create(
            {
                "name": "T",
                "code": "T1",
                "element_type": "transformer",
                "company_id": self.company_other.id,
                "station_id": self.station_foreign.id,
            }
        )
        self.env["power.reading.unit"].create(
            {"name": "U", "code": "R1", "company_id": self.company_other.id}
        )
        imports = self.imports.with_company(self.company_other)
        record = imports._import_file("customers", make_csv([ROW]))
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(record.new_count, 1)
        points = self.get_point()
        self.assertEqual(len(points), 2)
        self.assertEqual(len(points.partner_id), 2)
        foreign = points.filtered(lambda p: p.company_id == self.company_other)
        self.assertEqual(foreign.main_element_id, transformer)
        self.assertEqual(foreign.station_id, self.station_foreign)
        self.assertEqual(foreign.contract_id.company_id, self.company_other)


@tagged("post_install", "-at_install")
class TestImportBrowser(HttpCase, ImportCommon):
    def test_supervisor_uploads_a_small_dirty_file(self):
        self.start_tour(
            "/odoo/action-power_service_base.power_import_action",
            "power_import_tour",
            login="test_supervisor",
        )
        self.assertEqual(self.get_point().partner_id.phone, "+8613800123456")
        record = self.imports.search([("user_id.login", "=", "test_supervisor")])
        self.assertEqual((record.state, record.new_count), ("done", 1))
        self.assertEqual(record.refused_count, 2)

    def test_files_are_for_those_who_may_see_the_import(self):
        record = self.load([ROW | {"phone": "1"}])
        url = f"/power_service/import/{record.id}/errors"
        self.authenticate("test_supervisor", "test_supervisor")
        for extension in ("csv", "xlsx"):
            self.assertEqual(self.url_open(f"{url}.{extension}").status_code, 404)
            template = f"/power_service/import/template/customers.{extension}"
            self.assertEqual(self.url_open(template).status_code, 200)
        self.assertEqual(
            self.url_open("/power_service/import/template/nothing.csv").status_code, 404
        )
        self.authenticate("test_manager", "test_manager")
        response = self.url_open(f"{url}.csv")
        self.assertEqual(response.status_code, 200)
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.authenticate("test_staff", "test_staff")
        self.assertEqual(self.url_open(f"{url}.csv").status_code, 404)
        self.assertEqual(
            self.url_open("/power_service/import/template/customers.csv").status_code,
            404,
        )
