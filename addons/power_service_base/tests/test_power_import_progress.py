from odoo.tests import HttpCase, tagged

from .common import BrowserUnitsMixin


@tagged("post_install", "-at_install")
class TestImportProgressUnits(BrowserUnitsMixin, HttpCase):
    def test_progress_bar(self):
        self.run_units("@power_service_base/import_progress")
