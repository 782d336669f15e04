from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import PowerServiceCommon

ID_NUMBER = "33010619900101123X"


@tagged("post_install", "-at_install")
class TestTypedData(PowerServiceCommon):
    """What people type on a form is checked as an import checks it."""

    def test_phones_that_are_none_are_refused(self):
        for phone in ("no phone", "12", "138000000011", "1380000000a"):
            with self.subTest(phone=phone), self.assertRaises(ValidationError) as error:
                self.customer.phone = phone
            self.assertIn(phone, str(error.exception))
        for phone in (
            "13800000003",
            "+86 138 0000 0003",
            "0571-87654321",
            "4008001234",
        ):
            with self.subTest(phone=phone):
                self.customer.phone = phone
        self.customer.phone = False
        child = self.env["res.partner"].create(
            {"name": "Desk", "parent_id": self.customer.id}
        )
        with self.assertRaises(ValidationError):
            child.phone = "no phone"
        supplier = self.env["res.partner"].create({"name": "S", "phone": "ask Li"})
        self.assertEqual(supplier.phone, "ask Li")

    def test_identity_numbers_that_are_none_are_refused(self):
        for number in ("abc", "1", "330106199001011234", "330106199013011237"):
            with self.subTest(number=number):
                with self.assertRaises(ValidationError) as error:
                    self.customer.power_id_number = number
                self.assertIn(number.upper(), str(error.exception))
        self.customer.power_id_number = False

    def test_identity_numbers_are_kept_as_they_are_looked_up(self):
        self.env.company.country_id = self.env.ref("base.cn")
        for typed in (
            "33010619900101123x",
            " 33010619900101123X ",
            "330106 19900101 123X",
            "３３０１０６１９９００１０１１２３ｘ",
        ):
            self.customer.power_id_number = typed
            self.assertEqual(self.customer.power_id_number, ID_NUMBER)
            Partner = self.env["res.partner"].with_user(self.users["staff"])
            [found] = Partner.find_customer(id_number=typed)
            self.assertEqual(found["id"], self.customer.id)
        made = self.customer.create(
            {
                "name": "Made",
                "is_power_customer": True,
                "power_id_number": "11010119900101123 7",
            }
        )
        self.assertEqual(made.power_id_number, "110101199001011237")

    def test_consumer_numbers_are_kept_in_capitals(self):
        self.env.company.country_id = self.env.ref("base.cn")
        point, _contract = self._create_point("ab123456", self.customer)
        self.assertEqual(point.name, "AB123456")
        point.name = "ａｃ123456"
        self.assertEqual(point.name, "AC123456")
        Partner = self.env["res.partner"].with_user(self.users["staff"])
        [found] = Partner.find_customer(number="ac123456")
        self.assertEqual(found["id"], self.customer.id)

    def test_a_point_brings_its_customer_and_station_to_a_contact(self):
        Contact = self.env["power.customer.contact"].with_user(self.users["quality"])
        with Form(Contact) as form:
            form.partner_id = self.customer
            form.subject = "Bill"
            form.supply_point_id = self.point_other
            self.assertEqual(form.partner_id, self.customer_other)
            self.assertEqual(form.station_id, self.station_other)
        self.assertEqual(form.record.partner_id, self.customer_other)
        empty = self.env["power.supply.point"].create({"name": "3300000404"})
        with Form(form.record) as form:
            form.supply_point_id = empty
            self.assertEqual(form.partner_id, self.customer_other)

    def test_a_deleted_contract_leaves_its_point_without_customer(self):
        self.assertEqual(self.point.partner_id, self.customer)
        self.contract.unlink()
        self.assertFalse(self.point.partner_id)
        self.assertFalse(self.point.contract_id)
