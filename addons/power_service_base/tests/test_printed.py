import base64
import io
from unittest.mock import patch

import qrcode
from PIL import Image
from pypdf import PdfReader

from odoo.tests import HttpCase, tagged

from .test_notice import NoticeCommon


@tagged("post_install", "-at_install")
class TestPrinted(HttpCase, NoticeCommon):
    """What comes out of the PDF tool, not only its HTML."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.users["field"].employee_ids
        cls.employee.write({"name": "Chen Bo", "mobile_phone": "13811112222"})
        cls.area.manager_id = cls.employee
        cls.station.write({"hotline": "0571-95598", "supervision_phone": "12398"})
        parameters = cls.env["ir.config_parameter"].sudo()  # where the tool asks
        parameters.set_param("report.url", cls.base_url())

    def _print(self, name, records, user="staff"):
        """The pages of a report."""
        reports = self.env["ir.actions.report"].with_user(self.users[user])
        reports = reports.with_context(force_report_rendering=True)
        content, kind = reports._render_qweb_pdf(
            f"power_service_base.{name}", records.ids
        )
        self.assertEqual(kind, "pdf")
        return PdfReader(io.BytesIO(content)).pages

    def _get_text(self, page):
        return " ".join(page.extract_text().split())

    def test_letters_have_a_page_each(self):
        letters = self._create_notice(
            channel="letter", subject="Meter change", body="On Monday"
        ) | self._create_notice(channel="letter", subject="Second", body="On Friday")
        pages = self._print("action_report_power_notice_letter", letters)
        self.assertEqual(len(pages), 2)
        # The tool draws the outlines of the letters' font: which text it is, is told by
        # the HTML alone.
        drawn = [page.get_contents().get_data() for page in pages]
        for page, content in zip(pages, drawn, strict=True):
            # A4, in points.
            self.assertAlmostEqual(float(page.mediabox.width), 595, delta=2)
            self.assertAlmostEqual(float(page.mediabox.height), 842, delta=2)
            self.assertGreater(content.count(b" c\n"), 500, "curves of letters")
        self.assertNotEqual(*drawn)

    def test_contact_card_has_its_texts_and_the_code(self):
        pages = self._print("action_report_contact_card", self.area)
        self.assertEqual(len(pages), 2, "front and back")
        text = "\n".join(self._get_text(page) for page in pages)
        for part in ("Chen Bo", "13811112222", "Area A1", "0571-95598", "12398"):
            self.assertIn(part, text)
        sizes = {
            image.image.size for page in pages for image in page.images if image.image
        }
        self.assertIn(self._get_code().size, sizes)

    def _get_code(self):
        report = self.env["report.power_service_base.report_contact_card"]
        data = base64.b64decode(report._get_portal_qr().partition(",")[2])
        return Image.open(io.BytesIO(data))

    def _get_dots(self, image):
        """The code's dots, True where dark, without the margin."""
        count = image.size[0] // 10 - 2
        return [
            [
                not image.getpixel((column * 10 + 15, row * 10 + 15))
                for column in range(count)
            ]
            for row in range(count)
        ]

    def _encode(self, text, dots):
        """All codes that another library draws of a text, one for each mask."""
        for mask in range(8):
            code = qrcode.QRCode(
                version=(len(dots) - 17) // 4,
                error_correction=qrcode.constants.ERROR_CORRECT_M,
                border=0,
                mask_pattern=mask,
            )
            code.add_data(text, optimize=0)
            code.make(fit=False)
            yield code.get_matrix()

    def test_the_code_says_the_portals_address(self):
        report = self.registry["report.power_service_base.report_contact_card"]
        for url in ("https://power.example.com/my", "https://dian.example.cn/my"):
            with patch.object(report, "_get_portal_url", lambda self, url=url: url):
                dots = self._get_dots(self._get_code())
            self.assertIn(dots, list(self._encode(url, dots)))
            self.assertNotIn(dots, list(self._encode("https://other.cn/my", dots)))
        url = self.env[report._name]._get_portal_url()
        self.assertEqual(url, f"{self.company.get_base_url()}/my")
