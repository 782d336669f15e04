from odoo.tests import TransactionCase
from odoo.tools import SQL

from ..tools.copy_rows import copy_rows


class TestCopyRows(TransactionCase):
    def test_every_value_comes_back_as_it_was(self):
        names = ["number", "words", "numbers", "content", "is_true"]
        self.cr.execute(
            "CREATE TEMPORARY TABLE copied (number int, words text, numbers int[],"
            " content jsonb, is_true boolean) ON COMMIT DROP"
        )
        rows = [
            (1, "plain", (1, 2), {"a": [1, "乙"]}, True),
            (2, "tab\tline\nreturn\rslash\\ \\N 户号", (), {"a": "b\n\\"}, False),
            (3, "", None, {}, None),
            (None, None, None, None, None),
        ]
        copy_rows(self.cr, SQL.identifier("copied"), names, rows)
        self.cr.execute("SELECT * FROM copied ORDER BY number")
        found = [
            (*row[:2], row[2] if row[2] is None else tuple(row[2]), *row[3:])
            for row in self.cr.fetchall()
        ]
        self.assertEqual(found, rows)

    def test_nothing_to_copy(self):
        self.cr.execute("CREATE TEMPORARY TABLE copied (number int) ON COMMIT DROP")
        copy_rows(self.cr, SQL.identifier("copied"), ["number"], [])
        self.cr.execute("SELECT count(*) FROM copied")
        self.assertEqual(self.cr.fetchone()[0], 0)
