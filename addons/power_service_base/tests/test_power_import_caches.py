from odoo.tests import tagged
from odoo.tools import SQL

from .import_common import ROW, ImportCommon, make_csv, make_rows


@tagged("post_install", "-at_install")
class TestImportCaches(ImportCommon):
    """What plain SQL fills in is what the jobs of the night would find."""

    def assert_caches_are_right(self):
        """Nothing changes when all that is kept beside the facts is made anew."""
        self.env.flush_all()
        before = self._read_scores()
        self.env["res.partner"]._refresh_archive_score()
        self.assertEqual(before, self._read_scores())
        self.assertEqual(self.env["power.responsibility"]._adopt_caches(), 0)

    def _read_scores(self):
        return self.env.execute_query(
            SQL(
                "SELECT ref, archive_score FROM res_partner "
                "WHERE company_id = %s AND ref IS NOT NULL ORDER BY ref, id",
                self.company.id,
            )
        )

    def setUp(self):
        super().setUp()
        # What was there before the import is not its matter.
        self.env["res.partner"]._refresh_archive_score()
        self.env["power.responsibility"]._adopt_caches()

    def test_scores_come_with_new_customers(self):
        """Of each class, with and without what its requirements ask for."""
        rows = make_rows(8)
        rows[0] |= {"id_number": "53992119540610114X", "email": "a@example.com"}
        rows[1] |= {"contract_kva": "", "phone": "", "address": ""}
        rows[2] |= {"customer_class": "hv_dual", "standby_element_code": "F2"}
        rows[3] |= {"customer_class": "hv_dual"}
        rows[4] |= {"customer_kind": "company", "customer_class": "lv_other"}
        rows[5] |= {"supply_state": "closed"}
        rows[6] |= {"contract_from": "2150-01-01"}
        # One customer with two points, of which the second lacks something.
        rows[7] |= {"customer_ref": "C1", "reading_unit_code": ""}
        rows[7] |= {key: rows[0][key] for key in ("customer_name", "id_number")}
        rows[7] |= {"email": rows[0]["email"], "customer_class": "hv_single"}
        record = self.load(rows)
        self.assertEqual(self.kinds(record), {})
        self.assertEqual(record.new_count, 8)
        scores = dict(self._read_scores())
        self.assertTrue(all(scores[f"C{n}"] is not None for n in range(1, 8)), scores)
        self.assertGreater(len({scores[f"C{n}"] for n in range(1, 8)}), 3, scores)
        self.assertGreater(scores["C3"], scores["C4"])  # the standby source counts
        self.assert_caches_are_right()

    def test_scores_follow_later_imports(self):
        self.load(make_rows(3, address="", tariff_class=""))
        before = dict(self._read_scores())
        self.load(make_rows(3))
        after = dict(self._read_scores())
        self.assertGreater(after["C2"], before["C2"])
        self.assert_caches_are_right()

    def test_who_lost_a_point_has_another_score(self):
        customer = self.env["res.partner"].create(
            {
                "name": "Former",
                "ref": "C0",
                "company_id": self.company.id,
                "is_power_customer": True,
            }
        )
        point, contract = self._create_point("5300000001", customer)
        self.env["res.partner"]._refresh_archive_score()
        self.env.flush_all()
        before = dict(self._read_scores())["C0"]
        # The contract ended, and the night's job has not come yet.
        self.env.cr.execute(
            SQL(
                "UPDATE power_supply_contract SET date_from = '2001-01-01', "
                "date_to = '2019-12-31' WHERE id = %s",
                contract.id,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(self.get_counts(self.load([ROW])), (0, 1, 0, 0))
        self.assertEqual(point.partner_id.ref, "C1")
        self.assertLess(dict(self._read_scores())["C0"], before)
        self.assert_caches_are_right()

    def test_former_customers_are_measured(self):
        self.load([ROW])
        row = ROW | {
            "customer_ref": "C0",
            "customer_name": "旧人",
            "contract_ref": "H0",
            "contract_from": "2010-01-01",
            "contract_to": "2020-04-30",
        }
        columns = ["source_system", "consumer_number", "customer_ref", "customer_name"]
        columns += ["customer_kind", "phone", "contract_ref", "contract_from"]
        self.load(
            make_csv([row], columns=[*columns, "contract_to"]), kind="former_customers"
        )
        self.assertIsNotNone(dict(self._read_scores())["C0"])
        self.assert_caches_are_right()

    def test_area_manager_is_responsible_from_today(self):
        employees = b"code,name,station_code\nE1,Li,S1\nE2,Wang,S1\n"
        self.assertEqual(self.load(employees, kind="employees").state, "done")
        header = b"code,name,station_code,manager_code\n"
        self.load(header + b"A9,Nine,S1,E1\nA8,Eight,S1,\n", kind="areas")
        self.assert_caches_are_right()
        self.load(header + b"A9,Nine,S1,E2\n", kind="areas")
        self.assert_caches_are_right()
        area = self.env["power.grid.area"].search([("code", "=", "A9")])
        held = self.env["power.responsibility"].search(
            [("grid_area_id", "=", area.id), ("date_to", "=", False)]
        )
        self.assertEqual(held.employee_id, area.manager_id)
        self.assertEqual(area.manager_id.name, "Wang")
