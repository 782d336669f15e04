from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon

EXPORT = "power_service_base.group_power_export"


class ExportCommon(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls.users["staff"]
        cls.staff.group_ids += cls.env.ref("base.group_allow_export")
        cls.Log = cls.env["power.customer.export"]

    def _get_logs(self):
        return [
            (log.model, log.record_count) for log in self.Log.search([], order="id")
        ]

    def _grant(self):
        self.staff.group_ids += self.env.ref(EXPORT)


@tagged("post_install", "-at_install")
class TestExportOfCustomers(ExportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.env["power.customer.contact"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "supply_point_id": cls.point.id,
                    "subject": f"Bill {number}",
                    "station_id": cls.station.id,
                }
                for number in range(3)
            ]
        )
        cls.notice = cls.env["power.notice"].create(
            {
                "partner_id": cls.customer.id,
                "supply_point_id": cls.point.id,
                "purpose_id": cls.env.ref(
                    "power_service_base.power_notice_purpose_general"
                ).id,
                "channel": "letter",
                "address": "Road 1",
                "subject": "Hello",
                "body": "Dear Wang Wei",
            }
        )
        cls.task = cls.env["power.field.task"].create(
            {"supply_point_id": cls.point.id, "note": "Call +8613800000001"}
        )
        cls.env.flush_all()
        line = cls.env["power.customer.timeline"].search(
            [("partner_id", "=", cls.customer.id), ("kind", "=", "notice")]
        )
        cls.guarded = (
            (cls.notice, ["address"]),
            (cls.notice, ["body"]),
            (cls.notice, ["display_name"]),
            (cls.task, ["display_name"]),
            (cls.task, ["note"]),
            (line, ["detail"]),
            (cls.contacts, ["partner_id/name"]),
            (cls.contacts, ["partner_id"]),
            (cls.contacts, ["supply_point_id/partner_id/phone"]),
            (cls.customer.user_ids, ["name"]),
            (cls.customer.user_ids, ["phone"]),
            (cls.customer.user_ids, ["display_name"]),
            (cls.customer.user_ids, ["power_id_number"]),
            (cls.customer.user_ids, ["partner_id/phone"]),
        )

    def test_texts_users_and_paths_need_the_right(self):
        for records, names in self.guarded:
            with (
                self.subTest(model=records._name, names=names),
                self.assertRaises(AccessError),
            ):
                self.assertTrue(records)
                records.with_user(self.staff).export_data(names)
        self.assertFalse(self._get_logs())

    def test_with_the_right_each_leaves_a_line(self):
        self._grant()
        for records, names in self.guarded:
            before = len(self._get_logs())
            with self.subTest(model=records._name, names=names):
                data = records.with_user(self.staff).export_data(names)["datas"]
                self.assertEqual(len(data), len(records))
                self.assertGreater(len(self._get_logs()), before)

    def test_a_line_counts_each_record_once(self):
        self._grant()
        names = ["subject", "partner_id/name", "partner_id/phone"]
        self.contacts.with_user(self.staff).export_data(names)
        self.assertEqual(self._get_logs(), [("res.partner", 1)])
        log = self.Log.search([])
        self.assertEqual(log.field_names, ", ".join(names))
        self.assertEqual(log.user_id, self.staff)

    def test_each_model_that_shows_customers_has_its_line(self):
        self._grant()
        self.contract.with_user(self.staff).export_data(
            ["name", "partner_id/name", "supply_point_id/name"]
        )
        self.assertEqual(
            sorted(self._get_logs()),
            [
                ("power.supply.contract", 1),
                ("power.supply.point", 1),
                ("res.partner", 1),
            ],
        )

    def test_what_shows_no_customer_is_free(self):
        for records, names in (
            (self.contacts, ["subject", "channel"]),
            (self.notice, ["state", "purpose_id/name", "station_id"]),
            (self.task, ["state", "kind", "user_id"]),
            (self.staff, ["name", "login", "phone"]),
            (self.company, ["name", "phone"]),
        ):
            with self.subTest(model=records._name):
                data = records.with_user(self.staff).export_data(names)["datas"]
                self.assertEqual(len(data), len(records))
        self.assertFalse(self._get_logs())

    def test_nothing_of_a_refused_export_is_counted_by_the_next(self):
        with self.assertRaises(AccessError):
            self.contacts.with_user(self.staff).export_data(["partner_id/name"])
        self.contacts.with_user(self.staff).export_data(["subject"])
        self.assertFalse(self._get_logs())

    def test_the_guard_costs_the_same_for_1_and_for_50(self):
        self._grant()
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "is_power_customer": True} for n in range(51)]
        )
        contacts = self.env["power.customer.contact"].create(
            [
                {
                    "partner_id": partner.id,
                    "subject": "Bill",
                    "station_id": self.station.id,
                }
                for partner in partners
            ]
        )
        names = ["subject", "partner_id/name", "partner_id/phone"]
        contacts.with_user(self.staff).export_data(names)
        counts = []
        for some in (contacts[:1], contacts[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.staff).export_data(names)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)


@tagged("post_install", "-at_install")
class TestVcard(HttpCase, ExportCommon):
    def test_cards_of_customers_are_an_export(self):
        other = self.env["res.partner"].create({"name": "Supplier"})
        both = f"/web/partner/vcard?partner_ids={self.customer.id},{other.id}"
        one = f"/web/partner/vcard?partner_ids={self.customer.id}"
        self.authenticate("test_staff", "test_staff")
        for url in (one, both):
            with mute_logger("odoo.http"):
                response = self.url_open(url)
            with self.subTest(url):
                self.assertEqual(response.status_code, 403)
                self.assertNotIn(b"Wang Wei", response.content)
        response = self.url_open(f"/web/partner/vcard?partner_ids={other.id}")
        self.assertEqual(response.status_code, 200)
        self.assertFalse(self._get_logs())
        self._grant()
        response = self.url_open(both)
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        self.assertEqual(self._get_logs(), [("res.partner", 1)])
