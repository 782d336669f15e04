from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged, users

from .import_common import ROW, ImportCommon, make_csv, make_rows


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
