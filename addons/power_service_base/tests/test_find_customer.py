from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestFindCustomer(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.cn")
        cls.station_other.hotline = "95598"
        cls.point_other.address = "Taoyuan 5"
        cls.customer_other.write(
            {"phone": "138 0000 0002", "power_id_number": "33010619900101123X"}
        )
        cls.customer_other.ref = "K-77"
        cls.Lookup = cls.env["power.customer.lookup"]

    def _find(self, user="staff", **keys):
        partners = self.env["res.partner"].with_user(self.users[user])
        return partners.find_customer(**keys)

    def test_each_key_finds_a_customer_of_another_station(self):
        self.assertFalse(
            self.point_other.with_user(self.users["staff"]).has_access("read")
        )
        expected = [
            {
                "id": self.customer_other.id,
                "name": "Li Na",
                "supply_points": [
                    {
                        "id": self.point_other.id,
                        "number": "3300000002",
                        "address": "Taoyuan 5",
                        "station": "Taoyuan",
                        "hotline": "95598",
                    }
                ],
            }
        ]
        for user in ("field", "staff"):
            for keys in (
                {"number": "3300000002"},
                {"number": " ３３００００００02 "},
                {"number": "K-77"},
                {"phone": "13800000002"},
                {"phone": "+86 138-0000-0002"},
                {"id_number": "33010619900101123x"},
                {"number": "3300000002", "phone": "13800000002"},
            ):
                with self.subTest(user=user, keys=keys):
                    self.assertEqual(self._find(user, **keys), expected)

    def test_nothing_but_the_exact_key_finds(self):
        for keys in (
            {"number": "330000000"},
            {"number": "33000000%"},
            {"number": "3300000002%"},
            {"number": "330000000_"},
            {"number": "3300000002", "phone": "13800000001"},
            {"id_number": "33010619900101"},
        ):
            with self.subTest(keys=keys):
                self.assertEqual(self._find(**keys), [])
        for keys in ({}, {"number": " "}, {"phone": "138*"}, {"phone": "%"}):
            with self.subTest(keys=keys), self.assertRaises(UserError):
                self._find(**keys)

    def test_other_companies_and_other_partners_are_not_found(self):
        stranger = self.env["res.partner"].create(
            {"name": "Not a customer", "phone": "+86 139 0000 0009"}
        )
        self._create_point("3300000777", self.customer, self.area_foreign)
        self.assertEqual(self._find(phone=stranger.phone), [])
        self.assertEqual(self._find(number="3300000777"), [])
        [found] = self._find(number="3300000001")
        self.assertEqual(
            [point["number"] for point in found["supply_points"]], ["3300000001"]
        )

    def test_portal_and_other_employees_are_refused(self):
        internal = new_test_user(self.env, "test_internal", groups="base.group_user")
        public = self.env.ref("base.public_user")
        for user in (self.portal, internal, public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).find_customer(
                    number="3300000001"
                )
        self.assertFalse(self.Lookup.search([]))

    def test_each_call_is_logged_without_the_key(self):
        self._find(phone="13800000002")
        self._find("field", phone="+86 138 0000 0002")
        self._find(phone="13800000008")
        logs = self.Lookup.search([], order="id")
        self.assertRecordValues(
            logs,
            [
                {
                    "user_id": self.users[user].id,
                    "key_kind": "phone",
                    "found_count": count,
                    "company_id": self.company.id,
                }
                for user, count in (("staff", 1), ("field", 1), ("staff", 0))
            ],
        )
        self.assertEqual(logs[0].key_hash, logs[1].key_hash)
        self.assertNotEqual(logs[0].key_hash, logs[2].key_hash)
        self.assertNotIn("13800000002", str(logs.read()))

    def test_the_hash_needs_the_databases_secret(self):
        """Without it, whoever reads the log tries all phone numbers."""
        keys = {"phone": "+8613800000002"}
        known = self.Lookup._hash_keys(keys)
        self.assertEqual(self.Lookup._hash_keys(dict(keys)), known)
        parameters = self.env["ir.config_parameter"].sudo()  # the secret itself
        parameters.set_param("database.secret", "another")
        self.assertNotEqual(self.Lookup._hash_keys(keys), known)
        parameters.set_param("database.secret", "")
        with self.assertRaises(UserError):
            self.Lookup._hash_keys(keys)

    def test_at_most_twenty_are_found(self):
        self.env["res.partner"].create(
            [
                {
                    "name": f"Same {number}",
                    "phone": "+86 138 0000 0077",
                    "is_power_customer": True,
                }
                for number in range(21)
            ]
        )
        self.assertEqual(len(self._find(phone="13800000077")), 20)
        self.assertEqual(self.Lookup.search([], limit=1).found_count, 20)

    def test_log_is_append_only_and_closed_to_staff(self):
        self._find(number="3300000001")
        log = self.Lookup.search([], limit=1)
        with self.assertRaises(UserError):
            log.sudo().found_count = 5
        with self.assertRaises(UserError):
            log.sudo().unlink()
        for name in ("field", "staff", "supervisor"):
            with self.assertRaises(AccessError):
                log.with_user(self.users[name]).read(["key_hash"])
        self.assertTrue(log.with_user(self.users["quality"]).read(["key_hash"]))

    def test_wizard_shows_what_was_found_and_forgets_the_key(self):
        wizard = (
            self.env["power.customer.find"]
            .with_user(self.users["staff"])
            .create({"phone": "13800000002"})
        )
        wizard.action_find()
        self.assertFalse(wizard.phone)
        self.assertRecordValues(
            wizard.line_ids,
            [{"name": "Li Na", "number": "3300000002", "station": "Taoyuan"}],
        )
        action = wizard.line_ids.action_open()
        self.assertEqual(action["res_id"], self.customer_other.id)
        wizard.number = "0"
        wizard.action_find()
        self.assertFalse(wizard.line_ids)
        self.assertTrue(wizard.is_searched)

    def test_the_number_of_queries_does_not_grow(self):
        for number in range(10):
            self._create_point(f"44000000{number:02}", self.customer)
        self.env.flush_all()
        self.env.invalidate_all()
        self._find(number="3300000001")
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.assertEqual(len(self._find(number="3300000001")[0]["supply_points"]), 11)
        self.assertLess(self.cr.sql_log_count - before, 25)


@tagged("post_install", "-at_install")
class TestExport(PowerServiceCommon):
    def setUp(self):
        super().setUp()
        self.user = self.users["staff"]
        self.user.group_ids += self.env.ref("base.group_allow_export")

    def _logs(self):
        return self.env["power.customer.export"].search([], order="id")

    def test_exporting_customers_needs_its_group(self):
        for record, path in (
            (self.customer, "name"),
            (self.point, "name"),
            (self.contract, "name"),
            (self.contract, "partner_id/phone"),
        ):
            with self.subTest(record=record), self.assertRaises(AccessError):
                record.with_user(self.user).export_data([path])
        self.assertFalse(self._logs())

    def test_customers_as_columns_of_another_export_are_guarded_too(self):
        contact = self.env["power.customer.contact"].create(
            {
                "partner_id": self.customer.id,
                "subject": "Bill",
                "station_id": self.station.id,
            }
        )
        with self.assertRaises(AccessError):
            contact.with_user(self.user).export_data(["subject", "partner_id/phone"])
        self.assertTrue(contact.with_user(self.user).export_data(["subject"])["datas"])

    def test_each_export_is_logged(self):
        self.user.group_ids += self.env.ref("power_service_base.group_power_export")
        for record in (self.customer, self.point, self.contract):
            data = record.with_user(self.user).export_data(["display_name"])["datas"]
            self.assertEqual(data, [[record.display_name]])
        self.assertRecordValues(
            self._logs(),
            [
                {
                    "user_id": self.user.id,
                    "model": record._name,
                    "record_count": 1,
                    "field_names": "display_name",
                }
                for record in (self.customer, self.point, self.contract)
            ],
        )
        with self.assertRaises(UserError):
            self._logs()[0].sudo().unlink()

    def test_other_partners_are_free(self):
        partner = self.env["res.partner"].create({"name": "Supplier"})
        self.assertTrue(partner.with_user(self.user).export_data(["name"])["datas"])
        self.assertFalse(self._logs())

    def test_cores_own_right_is_needed_as_well(self):
        self.user.group_ids += self.env.ref("power_service_base.group_power_export")
        self.user.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(UserError):
            self.customer.with_user(self.user).export_data(["name"])


@tagged("post_install", "-at_install")
class TestFindCustomerTour(PowerServiceCommon, HttpCase):
    def test_enter_finds(self):
        before = self.env["power.customer.lookup"].search([])
        self.start_tour(
            "/odoo/action-power_service_base.power_customer_find_action",
            "power_find_customer",
            login="test_staff",
        )
        lookup = self.env["power.customer.lookup"].search([]) - before
        self.assertEqual(lookup.user_id, self.users["staff"])
        self.assertEqual(lookup.found_count, 1)
