from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import GROUPS, PowerServiceCommon

ID_NUMBER = "110101199001011237"


@tagged("post_install", "-at_install")
class TestCompanies(PowerServiceCommon):
    """Two companies in one database: nothing of one reaches the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.company_other.country_id = cls.env.ref("base.cn")
        cls.far_staff = new_test_user(
            cls.env,
            login="test_far_staff",
            groups=f"{GROUPS['staff']},base.group_partner_manager",
            company_id=cls.company_other.id,
            company_ids=[(6, 0, cls.company_other.ids)],
        )
        cls.far_employee = cls.env["hr.employee"].create(
            {
                "name": "Far",
                "department_id": cls.station_foreign.id,
                "company_id": cls.company_other.id,
                "user_id": cls.far_staff.id,
            }
        )
        cls.far_segment = cls.env["power.customer.segment"].create(
            {"name": "Far", "code": "far", "company_id": cls.company_other.id}
        )
        cls.far_customer = cls.env["res.partner"].create(
            {
                "name": "Far Customer",
                "is_power_customer": True,
                "company_id": cls.company_other.id,
            }
        )

    def test_a_customer_made_on_screen_is_the_own_companys(self):
        staff = self.users["staff"]
        staff.group_ids += self.env.ref("base.group_partner_manager")
        Partner = self.env["res.partner"].with_user(staff)
        with Form(Partner.with_context(default_is_power_customer=True)) as form:
            form.name = "From the form"
        customers = form.record | Partner.create(
            {"name": "From a program", "is_power_customer": True}
        )
        self.assertEqual(customers.company_id, self.company)
        child = Partner.create({"name": "Desk", "parent_id": customers[1].id})
        self.assertEqual(child.company_id, self.company)
        plain = Partner.create({"name": "A supplier"})
        shared = Partner.create(
            {"name": "Shared", "is_power_customer": True, "company_id": False}
        )
        self.assertFalse((plain | shared).company_id)

    def test_the_other_companys_staff_neither_read_nor_find_a_customer(self):
        self.customer.power_id_number = ID_NUMBER
        far = self.env["res.partner"].with_user(self.far_staff)
        self.assertFalse(far.browse(self.customer.id).has_access("read"))
        self.assertFalse(far.search([("id", "=", self.customer.id)]))
        for keys in (
            {"phone": "13800000001"},
            {"number": self.point.name},
            {"id_number": ID_NUMBER},
        ):
            with self.subTest(keys=keys):
                self.assertEqual(far.find_customer(**keys), [])
                own = self.env["res.partner"].with_user(self.users["staff"])
                self.assertTrue(own.find_customer(**keys))

    def test_who_is_shared_keeps_nothing_secret(self):
        shared = self.env["res.partner"].create(
            {"name": "Shared", "is_power_customer": True, "company_id": False}
        )
        for vals in (
            {"power_id_number": ID_NUMBER},
            {"credit_grade": "c"},
            {"vip_grade": "gold"},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError) as error:
                shared.write(vals)
            self.assertIn("set its company", str(error.exception))
        shared.write({"power_id_number": ID_NUMBER, "company_id": self.company.id})
        with self.assertRaises(ValidationError):
            shared.company_id = False

    def test_a_contact_becomes_a_customer_of_the_contracts_company(self):
        plain = self.env["res.partner"].create({"name": "New here"})
        self._create_point("3300000101", plain)
        self.assertTrue(plain.is_power_customer)
        self.assertEqual(plain.company_id, self.company)
        # The company itself may be supplied, and stays as it is.
        own = self.company.partner_id
        self._create_point("3300000102", own)
        self.assertFalse(own.company_id)

    def test_records_of_another_company_are_accepted_nowhere(self):
        Source, Contact = (
            self.env[f"power.{name}"] for name in ("supply.source", "customer.contact")
        )
        far_element = self.env["power.network.element"].create(
            {
                "name": "Far",
                "code": "FAR",
                "element_type": "transformer",
                "company_id": self.company_other.id,
                "station_id": self.station_foreign.id,
            }
        )
        unit = self.env["power.reading.unit"].create({"name": "U", "code": "U"})
        for name, write in {
            "source": lambda: Source.create(
                {"supply_point_id": self.point.id, "element_id": far_element.id}
            ),
            "account manager": lambda: self.customer.write(
                {"account_manager_id": self.far_employee.id}
            ),
            "segment": lambda: self.customer.write(
                {"segment_ids": [(4, self.far_segment.id)]}
            ),
            "segment's customer": lambda: self.far_segment.write(
                {"partner_ids": [(4, self.customer.id)]}
            ),
            "customer's area": lambda: self.customer.write(
                {"grid_area_id": self.area_foreign.id}
            ),
            "contract": lambda: self.contract.write(
                {"partner_id": self.far_customer.id}
            ),
            "contact": lambda: Contact.create(
                {"partner_id": self.far_customer.id, "subject": "Bill"}
            ),
            "grid manager": lambda: self.area.write(
                {"manager_id": self.far_employee.id}
            ),
            "grid member": lambda: self.area.write(
                {"member_ids": [(4, self.far_employee.id)]}
            ),
            "reader": lambda: unit.write({"employee_id": self.far_employee.id}),
            "moved away": lambda: self.customer.write(
                {"company_id": self.company_other.id}
            ),
        }.items():
            with self.subTest(what=name):
                with self.assertRaises(UserError), self.cr.savepoint():
                    write()
                    self.env.flush_all()
                self.env.invalidate_all()

    def test_a_segment_of_one_company_keeps_no_customer_of_another_by_hand(self):
        segment = self.far_segment.copy({"code": "shared", "company_id": False})
        segment.partner_ids = self.customer | self.far_customer
        with self.assertRaises(ValidationError):
            segment.company_id = self.company_other
        segment.partner_ids = self.far_customer
        segment.company_id = self.company_other

    def test_every_link_between_companies_is_checked(self):
        """A link from a company's record to a company's record is checked by Odoo."""
        unchecked = set()
        for name, model in self.env.registry.items():
            if (
                model._original_module != "power_service_base"
                or not name.startswith("power.")
                or model._abstract
                or model._transient
                or not model._auto
                or "company_id" not in model._fields
            ):
                continue
            for field in model._fields.values():
                if (
                    field.type in ("many2one", "many2many")
                    and field.store
                    and not field.related
                    and not getattr(field, "check_company", False)
                    and field.comodel_name not in ("res.company", "res.users")
                    and "company_id" in self.env[field.comodel_name]._fields
                    and "power_service_base" in field._modules
                ):
                    unchecked.add(f"{name}.{field.name}")
            if any(
                getattr(field, "check_company", 0) for field in model._fields.values()
            ):
                self.assertTrue(model._check_company_auto, name)
        self.assertEqual(unchecked, UNCHECKED)

    def test_imports_of_two_companies_have_runs_of_their_own(self):
        runs = self.env["power.job.run"]
        own = runs._start("power.import", self.company)
        far = runs._start("power.import", self.company_other)
        self.assertNotEqual(own, far)
        self.assertEqual(runs._start("power.import", self.company), own)
        own._progress(done=3)
        own._finish()
        self.assertEqual((far.state, far.done_count), ("running", 0))


# Links that need no check by Odoo.
UNCHECKED = {
    # checked by a constraint of its own
    "power.customer.segment.partner_ids",
    # whose company is that of what they lead to
    "power.calendar.exception.calendar_id",
    "power.calendar.year.calendar_id",
    "power.field.task.event.task_id",
    "power.key.account.member.team_id",
    "power.supply.source.supply_point_id",
    # follow from checked ones, never typed
    "power.notice.fallback_of_id",
    "power.supply.point.contract_id",
    "power.supply.point.main_element_id",
    "power.supply.point.partner_id",
    # files of the record itself
    "power.field.task.event.attachment_id",
    "power.field.task.proof_ids",
    "power.notice.proof_ids",
}
