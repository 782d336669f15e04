import base64
import io

from PIL import Image

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestContactCard(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.station.write(
            {
                "hotline": "0571-95598",
                "supervision_phone": "12398",
                "power_address": "Yunxi 1",
            }
        )
        cls.employee = cls.users["field"].employee_ids
        cls.employee.write({"name": "Chen Bo", "mobile_phone": "+86 138 1111 2222"})
        cls.area.manager_id = cls.employee
        cls.employee_report = "report.power_service_base.report_contact_card_employee"

    def _render(self, xmlid, records, user="staff", lang=None):
        Report = self.env["ir.actions.report"].with_user(self.users[user])
        if lang:
            Report = Report.with_context(lang=lang)
        html, _type = Report._render_qweb_html(
            f"power_service_base.{xmlid}", records.ids
        )
        return html.decode()

    def test_card_of_an_area_shows_front_and_back(self):
        html = self._render("action_report_contact_card", self.area)
        for text in (
            "Chen Bo",
            "+86 138 1111 2222",
            "A1 Area A1",
            "Yunxi",
            "0571-95598",
            "12398",
            "Yunxi 1",
            "Repairs",
        ):
            with self.subTest(text=text):
                self.assertIn(text, html)
        self.assertEqual(html.count("o_power_card_next"), 2)  # the style, and the back
        # Debian's PDF tool converts one document only, however many cards.
        html = self._render("action_report_contact_card", self.area | self.area)
        self.assertEqual(html.count('class="article"'), 1)
        # Else a browser asks for one that isn't there.
        self.assertIn('rel="icon"', html.split("</head>")[0])

    def test_card_of_an_employee_names_all_areas(self):
        second = self._create_area("A9")
        second.member_ids = self.employee
        html = self._render("action_report_contact_card_employee", self.employee)
        self.assertIn("A1 Area A1, A9 Area A9", html)

    def test_photo_only_when_there_is_one(self):
        report = self.env["report.power_service_base.report_contact_card"]
        self.assertFalse(report._prepare_card(self.employee, self.area)["photo"])
        stream = io.BytesIO()
        Image.new("RGB", (8, 8), "green").save(stream, "PNG")
        self.employee.image_1920 = base64.b64encode(stream.getvalue())
        card = report._prepare_card(self.employee, self.area)
        self.assertTrue(card["photo"].startswith("data:image/png;base64,"))

    def test_qr_is_an_image_of_the_portals_address(self):
        report = self.env["report.power_service_base.report_contact_card"]
        self.assertTrue(report._get_portal_url().endswith("/my"))
        data = base64.b64decode(report._get_portal_qr().partition(",")[2])
        image = Image.open(io.BytesIO(data))
        self.assertGreaterEqual(min(image.size), 200)

    def test_an_area_of_another_station_is_refused(self):
        report = self.env["report.power_service_base.report_contact_card"]
        with self.assertRaises(AccessError):
            report.with_user(self.users["staff"])._get_report_values(
                self.area_other.ids
            )

    def test_employee_without_area_or_department(self):
        employee = self.env["hr.employee"].create({"name": "New"})
        values = self.env[self.employee_report]._get_report_values(employee.ids)
        self.assertEqual(values["cards"][0]["areas"], [])
        self.assertEqual(values["cards"][0]["station"], self.company.name)
