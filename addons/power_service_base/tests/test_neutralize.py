from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open


@tagged("post_install", "-at_install")
class TestNeutralize(TransactionCase):
    def test_a_copy_does_not_send_to_customers(self):
        gateway = self.env["power.message.gateway"].create(
            {
                "name": "Provider",
                "kind": "sms",
                "url": "https://sms.example.com/send",
                "key_id": "key",
                "secret": "secret",
            }
        )
        self.env.flush_all()
        with file_open("power_service_base/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertFalse(gateway.active)
        self.assertNotIn("example.com", gateway.url)
