from odoo.tests import HttpCase, tagged

from .common import BrowserUnitsMixin


@tagged("post_install", "-at_install")
class TestFilesField(BrowserUnitsMixin, HttpCase):
    def test_pictures_open_over_the_page(self):
        self.run_units("@power_service_base/files")
