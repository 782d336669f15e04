import csv
import io
import zipfile
from base64 import b64encode
from datetime import date

import openpyxl

from odoo.tests import tagged

from odoo.addons.power_service_base.core.import_format import KINDS

from .import_common import ROW, ImportCommon, make_csv, make_rows


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
        self.env.ref("power_service_base.power_limit_shared").import_megabytes = 1
        record.file = b64encode(b"a" * (1 << 20) + b"a")
        with self.assertRaisesRegex(Exception, "limit is 1 MB"):
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
