"""Reading a year's days off and make-up workdays from a CSV file."""

import unittest
from datetime import date

from odoo.addons.power_service_base.core.holiday_file import (
    MAX_BYTES,
    MAX_ROWS,
    HolidayFileError,
    HolidayRow,
    read_holiday_file,
)

CHINESE = "日期,类型,名称\n2027-01-01,休息,元旦\n2027/1/3,上班,元旦调休\n"
ROWS = (
    HolidayRow(2, date(2027, 1, 1), False, "元旦"),
    HolidayRow(3, date(2027, 1, 3), True, "元旦调休"),
)


class TestHolidayFile(unittest.TestCase):
    def problems(self, text, year=2027):
        data = text if isinstance(text, bytes) else text.encode()
        with self.assertRaises(HolidayFileError) as caught:
            read_holiday_file(data, year)
        return [
            (item.code, item.row, item.column, item.value)
            for item in caught.exception.problems
        ]

    def test_encodings(self):
        for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"):
            with self.subTest(encoding=encoding):
                self.assertEqual(
                    read_holiday_file(CHINESE.encode(encoding), 2027), ROWS
                )

    def test_shapes(self):
        for text in (
            CHINESE.replace(",", ";"),
            CHINESE.replace(",", "\t"),
            CHINESE.replace("\n", "\r\n"),
            "date,workday/off,name\n20270101,off,元旦\n2027年1月3日,workday,元旦调休",
            "名称,类型,日期\n元旦,放假,2027.1.1\n元旦调休,班,2027-01-03\n",
            "ＤＡＴＥ,type,name\n２０２７-1-1,OFF,元旦\n2027-01-03, work ,元旦调休\n",
            'date,type,name\n"2027-01-01","休","元旦"\n2027-01-03,班,元旦调休\n,,\n\n',
        ):
            with self.subTest(text=text):
                self.assertEqual(read_holiday_file(text.encode(), 2027), ROWS)

    def test_without_heading(self):
        text = "2027-01-01,holiday\n2027-01-03,workday,调休,8:30-12:00 14:00-17:30"
        self.assertEqual(
            read_holiday_file(text.encode(), 2027),
            (
                HolidayRow(1, date(2027, 1, 1), False, ""),
                HolidayRow(
                    2, date(2027, 1, 3), True, "调休", ((510, 720), (840, 1050))
                ),
            ),
        )

    def test_every_problem_is_named_with_row_and_column(self):
        text = (
            "date,type,name,hours\n"
            "2027-01-01,off,\n"
            "2027-02-30,off,\n"
            "\n"
            "2026-12-31,off,\n"
            ",off,\n"
            "2027-01-01,workday,\n"
            "2027-01-04,maybe,\n"
            "2027-01-05,,\n"
            "2027-01-06,workday,,25:00-26:00\n"
            "2027-01-07,off,,8:00-9:00\n"
        )
        self.assertEqual(
            self.problems(text),
            [
                ("bad_date", 3, "date", "2027-02-30"),
                ("other_year", 5, "date", "2026-12-31"),
                ("no_date", 6, "date", ""),
                ("twice", 7, "date", "2027-01-01"),
                ("bad_kind", 8, "kind", "maybe"),
                ("no_kind", 9, "kind", ""),
                ("bad_hours", 10, "hours", "25:00-26:00"),
                ("hours_off", 11, "hours", "8:00-9:00"),
            ],
        )

    def test_wrong_files(self):
        workbook = b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xff\xfe\xfd"
        for data, expected in [
            (b"", [("empty", 0, "", "")]),
            (b"\n ,\n", [("empty", 0, "", "")]),
            (b"date,type,name\n", [("empty", 0, "", "")]),
            (workbook, [("encoding", 0, "", "")]),
            (b"\xff\xff\xff", [("encoding", 0, "", "")]),
            (b"x" * (MAX_BYTES + 1), [("size", 0, "", "")]),
            (b"2027-01-01,off\n" * (MAX_ROWS + 1), [("size", 0, "", "")]),
            (b"name,date\nx,2027-01-01", [("no_column", 1, "kind", "")]),
            (b"type\noff", [("no_column", 1, "date", "")]),
            (
                b"hello\n",
                [("bad_date", 1, "date", "hello"), ("no_kind", 1, "kind", "")],
            ),
        ]:
            with self.subTest(data=data[:20]):
                self.assertEqual(self.problems(data), expected)

    def test_a_thousand_broken_rows(self):
        self.assertEqual(len(self.problems("x,y\n" * MAX_ROWS)), 2 * MAX_ROWS)
