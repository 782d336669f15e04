from odoo.tests import HttpCase, tagged

from .connection_common import ConnectionCommon


@tagged("post_install", "-at_install")
class TestConnectionTour(ConnectionCommon, HttpCase):
    def test_household_from_application_to_power(self):
        staff = self.users["staff"]
        staff.write({"tz": "Asia/Shanghai", "lang": "en_US"})
        connection = self._create_connection(address="Mill Lane 7")
        # The scan of the contract comes from the scanner, not through the tour.
        contract = connection.paper_ids.filtered(
            lambda paper: paper.step == "contract_signed"
        )
        contract._add_proof("contract.pdf", b"%PDF-1.4 signed")
        self.start_tour(
            f"/odoo/connections/{connection.id}",
            "power_connection_household",
            login=staff.login,
        )
        connection.invalidate_recordset()
        self.assertRecordValues(
            connection.supply_point_id,
            [
                {
                    "partner_id": self.applicant.id,
                    "address": "Mill Lane 7",
                    "main_element_id": self.transformer.id,
                    "supply_state": "connected",
                }
            ],
        )
        self.assertEqual(connection.contract_id.partner_id, self.applicant)
        self.assertEqual(connection.meter_numbers, "M-2026-001")
