import io
import random
import zipfile
from unittest.mock import patch

import openpyxl
import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.power_service_base.core.import_cleaning import NO_RESULT
from odoo.addons.power_service_base.models import power_import_load_customers
from odoo.addons.power_service_base.tools import import_file

from .import_common import ROW, ImportCommon, make_csv, make_rows


def make_text(size):
    """Text that the database can't compress, so that no index takes it."""
    letters = random.Random(1)
    return "".join(chr(letters.randrange(0x4E00, 0x9000)) for _ in range(size))


def make_book(rows):
    book = openpyxl.Workbook()
    book.active.append(list(ROW))
    for row in rows:
        book.active.append([row[name] if row[name] != "" else None for name in ROW])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestImportValues(ImportCommon):
    def test_a_long_text_refuses_its_row(self):
        rows = make_rows(4)
        for row, name in zip(
            rows, ("customer_name", "customer_ref", "external_ref"), strict=False
        ):
            row[name] = make_text(6000)
        record = self.load(rows)
        self.assertEqual((record.state, record.new_count), ("done", 1))
        self.assertEqual(
            self.kinds(record),
            {
                2: {("customer_name", "too_long")},
                3: {("customer_ref", "too_long")},
                4: {("external_ref", "too_long")},
            },
        )
        issue = record.issue_ids.filtered(lambda i: i.row_number == 2)
        self.assertIn("6000", issue.reason)
        self.assertIn("255", issue.reason)

    def test_what_the_database_cannot_index_is_the_rows_fault(self):
        """A limit that no column knows: the batch is halved until the row is found."""
        loader = self.env.registry["power.import.loader.customers"]
        prepare = loader._prepare_batch

        def refuse(this, record, low, high):
            if low <= 4 <= high:
                this.env.cr.execute(
                    "CREATE TEMP TABLE IF NOT EXISTS power_long (text text);"
                    "CREATE INDEX IF NOT EXISTS power_long_idx ON power_long (text);"
                    "INSERT INTO power_long VALUES (%s)",
                    [make_text(6000)],
                )
            return prepare(this, record, low, high)

        with (
            patch.object(loader, "_prepare_batch", refuse),
            mute_logger("odoo.sql_db"),
        ):
            record = self.load(make_rows(6))
        self.assertEqual((record.state, record.new_count), ("done", 5))
        self.assertEqual(self.kinds(record), {4: {("", "database_refused")}})

    def test_an_import_that_no_row_explains_is_parked(self):
        loader = self.env.registry["power.import.loader.customers"]

        def refuse(this, record):
            raise psycopg2.errors.ProgramLimitExceeded("index row size 9000")

        with (
            patch.object(loader, "_validate", refuse),
            mute_logger("odoo.addons.power_service_base.models.power_import_run"),
        ):
            record = self.load([ROW])
        self.assertEqual((record.state, record.message_key), ("failed", "unexpected"))
        run = self.env["power.job.run"].search([("name", "=", "power.import")], limit=1)
        self.assertEqual(run.state, "failed")
        self.assertIn("customers.csv", run.message)

    def test_the_job_parks_it_too_and_goes_on(self):
        records = self.imports.create([{"kind": "customers", "file_name": "a.csv"}] * 2)
        for record in records:
            self.env["ir.attachment"].create(
                {
                    "name": "file",
                    "res_model": record._name,
                    "res_field": "file",
                    "res_id": record.id,
                    "raw": make_csv([ROW]),
                }
            )
            record.write(record._prepare_start_vals(False))
        loader = self.env.registry["power.import.loader.customers"]
        validate = loader._validate

        def refuse(this, record):
            if record.id == records[0].id:
                raise psycopg2.errors.ProgramLimitExceeded("index row size 9000")
            return validate(this, record)

        with (
            patch.object(loader, "_validate", refuse),
            mute_logger("odoo.addons.power_service_base.models.power_import_run"),
            self.enter_registry_test_mode(),
        ):
            cron = self.env.ref("power_service_base.ir_cron_power_import")
            self.assertIs(cron.method_direct_trigger(), True)
        records.invalidate_recordset()
        self.assertEqual(records.mapped("state"), ["failed", "done"])

    def test_a_conflict_is_no_failure_of_the_import(self):
        loader = self.env.registry["power.import.loader.customers"]

        def refuse(this, record):
            raise psycopg2.errors.SerializationFailure("another one was quicker")

        with (
            patch.object(loader, "_validate", refuse),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            self.load([ROW])

    def test_a_failed_import_leaves_its_run(self):
        record = self.load(b"%PDF-1.7")
        run = self.env["power.job.run"].search([("name", "=", "power.import")], limit=1)
        self.assertEqual((record.state, run.state), ("failed", "failed"))
        self.assertEqual(run.message, f"customers.csv: {record.message}")
        self.assertTrue(run.ended_at)

    def test_a_formula_without_result_refuses_the_row(self):
        self.load([ROW | {"contract_to": "2021-12-31"}])
        rows = [
            ROW | {"contract_to": "=DATE(2021,12,31)"},
            *make_rows(4)[1:],
        ]
        rows[1]["customer_name"] = "#N/A"
        rows[2]["address"] = "#REF!"
        record = self.load(make_book(rows))
        self.assertEqual(record.state, "done", record.message)
        self.assertEqual(
            self.kinds(record),
            {
                2: {("contract_to", "formula_no_result")},
                3: {("customer_name", "spreadsheet_error")},
                4: {("address", "spreadsheet_error")},
            },
        )
        contract = self.get_point().contract_ids
        self.assertEqual(str(contract.date_to), "2021-12-31")
        self.assertEqual(record.new_count, 1)
        # The sign that stands for the formula is shown to nobody.
        _name, content = record._build_error_file("csv")
        self.assertNotIn(NO_RESULT, content.decode("utf-8-sig"))
        self.assertFalse(record.issue_ids.filtered(lambda i: i.row_number == 2).value)

    def test_stored_results_and_empty_texts_of_formulas_are_values(self):
        book = make_book([ROW | {"contract_to": "=F", "address": "=G"}])
        parts = {}
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = "xl/worksheets/sheet1.xml"
        sheet = parts[name].decode()
        for formula, kind, value in (("F", "", "44561"), ("G", ' t="str"', "")):
            before = sheet.index(f"<f>{formula}</f>")
            start = sheet.rindex("<c ", 0, before)
            end = sheet.index("</c>", before)
            cell = sheet[start:end].split(" ")[1].split('"')[1]
            sheet = (
                sheet[:start]
                + f'<c r="{cell}"{kind}><f>{formula}</f><v>{value}</v>'
                + sheet[end:]
            )
        parts[name] = sheet.encode()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
        record = self.load(stream.getvalue())
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(str(self.get_point().contract_ids.date_to), "2021-12-31")
        self.assertFalse(self.get_point().address)

    def test_a_workbook_may_not_unpack_without_end(self):
        with patch.object(import_file, "MAX_UNPACKED", 5000):
            record = self.load(make_book(make_rows(50)))
        self.assertEqual(
            (record.state, record.message_key), ("failed", "file_unpacked")
        )
        self.assertFalse(record._is_staged())

    def test_a_running_import_is_not_deleted(self):
        record = self.load([ROW])
        record.state = "running"
        with self.assertRaisesRegex(UserError, "running"):
            record.unlink()
        record.state = "done"
        record.unlink()
        self.assertFalse(record.exists())

    def test_statistics_are_new_after_a_load_of_many(self):
        def get_estimate():
            self.env.cr.execute(
                "SELECT reltuples FROM pg_class WHERE relname = 'power_supply_point'"
            )
            return self.env.cr.fetchone()[0]

        self.env.cr.execute("ANALYZE power_supply_point")
        before = get_estimate()
        with patch.object(power_import_load_customers, "ANALYZED_ROWS", 10):
            self.load(make_rows(5))
            self.assertEqual(get_estimate(), before, "not for a few rows")
            self.load(make_rows(12))
        self.assertEqual(get_estimate(), before + 12, "those just loaded too")

    def test_the_name_of_the_source_is_short(self):
        with (
            self.assertRaises(psycopg2.errors.CheckViolation),
            mute_logger("odoo.sql_db"),
        ):
            self.imports.create({"kind": "customers", "source_system": "x" * 101})


@tagged("post_install", "-at_install")
class TestImportForeignCustomers(ImportCommon):
    """Customers of another station, named in a row of the supervisor's own station."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_other.write(
            {
                "ref": "C1",
                "name": "张三",
                "company_id": cls.company.id,
                "power_customer_kind": "residential",
                "phone": "+8613800123456",
                "email": "Zhang.San@example.com",
            }
        )
        cls.env.flush_all()

    def load_as_supervisor(self, *rows, **options):
        imports = self.imports.with_user(self.users["supervisor"])
        return imports._import_file("customers", make_csv(rows), **options).sudo()

    def test_a_row_does_not_change_them(self):
        plain = ROW | {"segments": ""}
        for change in (
            {"customer_name": "李四"},
            {"phone": "13900123456"},
            {"segments": "vulnerable"},
        ):
            with self.subTest(change):
                record = self.load_as_supervisor(plain | change)
                self.assertEqual(
                    self.kinds(record), {2: {("customer_ref", "foreign_customer")}}
                )
        self.assertEqual(self.customer_other.name, "张三")
        self.assertEqual(self.customer_other.phone, "+8613800123456")
        self.assertFalse(self.customer_other.segment_ids)
        self.assertIn("station", record.issue_ids.reason)

    def test_a_customer_of_both_stations_gets_a_point_here(self):
        record = self.load_as_supervisor(ROW | {"segments": ""})
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(self.get_point().partner_id, self.customer_other)
        self.assertEqual(self.customer_other.grid_area_id, self.area_other)

    def test_the_area_of_one_without_a_point_is_not_moved(self):
        self.point_other.supply_state = "closed"
        self.env.flush_all()
        record = self.load_as_supervisor(ROW | {"segments": ""})
        self.assertEqual(
            self.kinds(record), {2: {("customer_ref", "foreign_customer")}}
        )
        self.assertEqual(self.customer_other.grid_area_id, self.area_other)

    def test_records_left_as_they_are_refuse_nothing(self):
        record = self.load_as_supervisor(
            ROW | {"segments": "", "phone": "13900123456"}, existing="skip"
        )
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(self.customer_other.phone, "+8613800123456")

    def test_a_manager_may(self):
        record = self.load([ROW | {"customer_name": "李四", "segments": ""}])
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(self.customer_other.name, "李四")
