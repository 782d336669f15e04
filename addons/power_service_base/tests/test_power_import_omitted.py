import csv
import io

from odoo.tests import tagged

from .import_common import ROW, ImportCommon, make_csv, make_rows


@tagged("post_install", "-at_install")
class TestImportOmitted(ImportCommon):
    """A broken optional value: the row is refused, or comes in without it."""

    def test_broken_optional_value_refuses_the_row_unless_said_otherwise(self):
        record = self.load([ROW | {"phone": "1380012"}])
        self.assertEqual(record.broken_optional, "refuse")
        self.assertEqual(self.get_counts(record), (0, 0, 0, 1))
        self.assertEqual(record.omitted_count, 0)

    def test_row_comes_in_without_its_broken_values(self):
        rows = make_rows(6)
        rows[0]["phone"] = "1380012"
        rows[1] |= {"email": "nobody", "id_number": "1", "latitude": "999"}
        rows[2]["reading_unit_code"] = "NO"
        rows[3]["standby_element_code"] = rows[3]["element_code"]
        rows[4] |= {"standby_element_code": "NO", "industry": "nothing"}
        record = self.load(rows, broken_optional="omit")
        self.assertEqual(record.state, "done", record.message)
        self.assertEqual(self.get_counts(record), (6, 0, 0, 0))
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(
            self.kinds(record, "omitted"),
            {
                2: {("phone", "phone_short")},
                3: {
                    ("email", "email_invalid"),
                    ("id_number", "id_length"),
                    ("latitude", "number_range"),
                },
                4: {("reading_unit_code", "unknown_reading_unit")},
                5: {("standby_element_code", "standby_same")},
                6: {
                    ("standby_element_code", "unknown_element"),
                    ("industry", "choice_unknown"),
                },
            },
        )
        self.assertEqual(record.omitted_count, 8)
        self.assertEqual(len(record.omitted_ids), 8)
        point = self.get_point("5300000001")
        self.assertEqual(point.partner_id.name, "客户1")
        self.assertFalse(point.partner_id.phone)
        self.assertFalse(point.partner_id.phone_sanitized)
        self.assertEqual(
            self.get_point("5300000006").partner_id.phone, "+8613800123456"
        )
        self.assertFalse(self.get_point("5300000003").reading_unit_id)
        self.assertEqual(self.get_point("5300000004").source_ids.role, "main")

    def test_what_is_required_or_means_something_when_empty_refuses_the_row(self):
        rows = make_rows(6)
        rows[0]["consumer_number"] = "1.38E+10"
        rows[1]["area_code"] = "NO"
        rows[2]["contract_to"] = "2023-02-30"
        rows[3]["supply_state"] = "dark"
        rows[4]["contract_to"] = "1999-01-01"
        rows[5]["element_code"] = "NO"
        record = self.load(rows, broken_optional="omit")
        self.assertEqual(self.get_counts(record), (0, 0, 0, 6))
        self.assertEqual(
            self.kinds(record),
            {
                2: {("consumer_number", "excel_number")},
                3: {("area_code", "unknown_area")},
                4: {("contract_to", "date_impossible")},
                5: {("supply_state", "choice_unknown")},
                6: {("contract_to", "date_order")},
                7: {("element_code", "unknown_element")},
            },
        )
        self.assertEqual(record.omitted_count, 0)

    def test_left_out_value_takes_nothing_away(self):
        self.load([ROW])
        record = self.load([ROW | {"phone": "1380012"}], broken_optional="omit")
        self.assertEqual(self.get_counts(record), (0, 0, 1, 0))
        self.assertEqual(self.get_point().partner_id.phone, "+8613800123456")

    def test_left_out_value_is_that_of_the_customer_s_other_rows(self):
        rows = make_rows(3, customer_ref="C1", customer_name="张三")
        rows[0]["phone"] = "1380012"
        record = self.load(rows, broken_optional="omit")
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(record.new_count, 3)
        self.assertEqual(self.kinds(record, "omitted"), {2: {("phone", "phone_short")}})
        self.assertEqual(self.get_point().partner_id.phone, "+8613800123456")
        again = self.load(rows, broken_optional="omit")
        self.assertEqual(self.get_counts(again), (0, 0, 3, 0))
        rows[2]["phone"] = "13911112222"
        record = self.load(rows, broken_optional="omit")
        self.assertEqual(self.kinds(record), {4: {("phone", "customer_differs")}})

    def test_issue_file_warns_of_values_left_out(self):
        rows = make_rows(3)
        rows[0]["phone"] = "1380012"
        rows[1]["customer_name"] = ""
        record = self.load(rows, broken_optional="omit")
        _name, content = record._build_error_file("csv")
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        self.assertEqual(
            [row[:3] for row in table[1:]],
            [["2", "phone", "1380012"], ["3", "customer_name", ""]],
        )
        self.assertTrue(table[1][3].startswith("Imported without this value: The"))
        self.assertFalse(table[2][3].startswith("Imported"))
        # Corrected, the row brings its value.
        again = self.load(
            content.decode("utf-8-sig").replace(",1380012,", ",13800000009,").encode()
        )
        self.assertEqual(again.new_count + again.refused_count, 1)
        self.assertEqual(again.updated_count, 1)
        point = self.get_point("5300000001")
        self.assertEqual(point.partner_id.phone, "+8613800000009")

    def test_other_kinds_too(self):
        source = b"code,name,station_code,region_type,manager_code\nA9,N,S1,moon,E0\n"
        self.assertEqual(self.load(source, kind="areas").refused_count, 1)
        record = self.load(source, kind="areas", broken_optional="omit")
        self.assertEqual(self.get_counts(record), (1, 0, 0, 0))
        self.assertEqual(
            self.kinds(record, "omitted"),
            {
                2: {
                    ("region_type", "choice_unknown"),
                    ("manager_code", "unknown_employee"),
                }
            },
        )
        row = ROW | {"contract_kva": "many"}
        record = self.load(make_csv([row]), broken_optional="omit")
        self.assertEqual(self.get_point().contract_id.contract_kva, 0)
        self.assertEqual(record.omitted_count, 1)

    def test_left_out_element_parent_refuses(self):
        header = b"source_system,external_ref,code,name,element_type,parent_code,"
        source = header + b"station_code,capacity_kva\nm,E9,T9,T9,transformer,NO,S1,x\n"
        record = self.load(source, kind="elements", broken_optional="omit")
        self.assertEqual(self.kinds(record), {2: {("parent_code", "unknown_parent")}})
        self.assertEqual(
            self.kinds(record, "omitted"), {2: {("capacity_kva", "number_invalid")}}
        )
