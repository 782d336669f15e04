import base64
import io

from PIL import Image
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from odoo import api, models
from odoo.tools.image import image_data_uri

from odoo.addons.base.models.ir_actions_report import _wkhtml

SVG_START = b"P"  # of "<", in base64
# The PDF tool as Debian builds it shrinks pages, and can't be told not to.
UNPATCHED_ZOOM = 1.29


class PowerContactCard(models.AbstractModel):
    """What a grid member's contact card (网格员联系卡) shows.

    Printed for areas (a card for the manager of each) and for employees.
    """

    _name = "report.power_service_base.report_contact_card"
    _description = "Contact Card"

    @api.model
    def _get_report_values(self, docids, data=None):
        areas = self.env["power.grid.area"].browse(docids)
        return {
            "cards": [self._prepare_card(area.manager_id, area) for area in areas],
            "zoom": self._get_zoom(),
        }

    @api.model
    def _get_zoom(self):
        return 1 if _wkhtml().is_patched_qt else UNPATCHED_ZOOM

    @api.model
    def _prepare_card(self, employee, areas):
        """Values of one card.

        :param employee: hr.employee record, or none where nobody answers
        :param areas: power.grid.area records that it names
        """
        areas.check_access("read")
        # A card shows what customers may know: name, work phone, photo, station.
        employee = employee.sudo()
        # So is the station's own address and numbers.
        station = areas.station_id[:1].sudo() or employee.department_id._power_above()
        photo = employee.image_512
        if photo and photo[:1] == SVG_START:
            photo = False  # the initial that Odoo draws for a user, no photo
        return {
            "name": employee.name or "",
            "job": employee.job_title or "",
            "phone": employee.mobile_phone or employee.work_phone or "",
            "photo": image_data_uri(photo) if photo else False,
            "areas": areas.mapped("display_name"),
            "station": station.name or employee.company_id.name or "",
            "address": station.power_address or "",
            "hotline": station.hotline or "",
            "supervision_phone": station.supervision_phone or "",
            "qr": self._get_portal_qr(),
        }

    @api.model
    def _get_portal_qr(self):
        """A QR code of the portal's address, as a data URI: the tool needs no network.

        Drawn here from the code's dots: core's way needs a rendering library that
        ReportLab no longer brings along.
        """
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(self._get_portal_url())
        code.make()
        size = code.getModuleCount()
        image = Image.new("1", (size + 2, size + 2), 1)
        for row in range(size):
            for column in range(size):
                if code.isDark(row, column):
                    image.putpixel((column + 1, row + 1), 0)
        stream = io.BytesIO()
        image.resize(((size + 2) * 10,) * 2, Image.Resampling.NEAREST).save(
            stream, "PNG"
        )
        return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()

    @api.model
    def _get_portal_url(self):
        return f"{self.env.company.get_base_url()}/my"


class PowerContactCardEmployee(models.AbstractModel):
    """The contact cards of employees, each with all areas the employee answers for."""

    _name = "report.power_service_base.report_contact_card_employee"
    _inherit = "report.power_service_base.report_contact_card"
    _description = "Contact Card of an Employee"

    @api.model
    def _get_report_values(self, docids, data=None):
        # Employees are closed to most users; which areas are shown is checked.
        employees = self.env["hr.employee"].browse(docids)
        areas = self.env["power.grid.area"].search(
            ["|", ("manager_id", "in", docids), ("member_ids", "in", docids)]
        )
        return {
            "cards": [
                self._prepare_card(
                    employee,
                    areas.filtered(
                        lambda area, employee=employee: (
                            employee in area.manager_id | area.member_ids
                        )
                    ),
                )
                for employee in employees
            ],
            "zoom": self._get_zoom(),
        }
