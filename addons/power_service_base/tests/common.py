import base64

from odoo.tests import TransactionCase, new_test_user

from odoo.addons.web.tests.test_js import unit_test_error_checker

# The smallest photo.
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
GROUPS = {
    "field": "power_service_base.group_power_field",
    "staff": "power_service_base.group_power_staff",
    "supervisor": "power_service_base.group_power_supervisor",
    "quality": "power_service_base.group_power_quality",
    "manager": "power_service_base.group_power_manager",
}


class PowerServiceCommon(TransactionCase):
    """Two stations of one company, a third in another one, and a user of each group.

    ``station`` has an area, a transformer, and a customer with a point and a contract.
    The users ``field``, ``staff``, ``supervisor``, ``quality`` and ``manager`` work at
    ``station``; ``portal`` is the customer.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env.company
        # Else what is sent depends on the hour at which the tests run.
        cls.company.write({"power_quiet_from": 0, "power_quiet_to": 0})
        cls.company_other = cls.env["res.company"].create({"name": "Other company"})
        cls.station = cls._create_station("Yunxi", "S1")
        cls.station_other = cls._create_station("Taoyuan", "S2")
        cls.station_foreign = cls._create_station("Far", "S1", cls.company_other)
        cls.area = cls._create_area("A1")
        cls.area_other = cls._create_area("A2", cls.station_other)
        cls.area_foreign = cls._create_area("A1", cls.station_foreign)
        cls.feeder = cls.env["power.network.element"].create(
            {
                "name": "Line 1",
                "code": "F1",
                "element_type": "feeder",
                "station_id": cls.station.id,
            }
        )
        cls.transformer = cls.env["power.network.element"].create(
            {
                "name": "Transformer 1",
                "code": "T1",
                "element_type": "transformer",
                "parent_id": cls.feeder.id,
                "station_id": cls.station.id,
                "capacity_kva": 200,
            }
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Wang Wei", "phone": "+8613800000001", "is_power_customer": True}
        )
        cls.customer_other = cls.env["res.partner"].create(
            {"name": "Li Na", "phone": "+8613800000002", "is_power_customer": True}
        )
        cls.point, cls.contract = cls._create_point("3300000001", cls.customer)
        cls.point_other, cls.contract_other = cls._create_point(
            "3300000002", cls.customer_other, cls.area_other
        )
        cls.users = {
            name: cls._create_user(name, group) for name, group in GROUPS.items()
        }
        cls.portal = new_test_user(
            cls.env,
            login="test_portal",
            name=cls.customer.name,
            groups="base.group_portal",
            partner_id=cls.customer.id,
        )

    @classmethod
    def _create_station(cls, name, code, company=None):
        return cls.env["hr.department"].create(
            {
                "name": name,
                "power_unit": "station",
                "power_code": code,
                "company_id": (company or cls.company).id,
            }
        )

    @classmethod
    def _create_area(cls, code, station=None):
        station = station or cls.station
        return cls.env["power.grid.area"].create(
            {
                "name": f"Area {code}",
                "code": code,
                "station_id": station.id,
                "company_id": station.company_id.id,
            }
        )

    @classmethod
    def _create_point(cls, number, customer, area=None, **vals):
        """A connected point and the running contract of ``customer`` on it."""
        area = area or cls.area
        if customer.company_id != area.company_id:
            customer.company_id = False  # shared by both companies on purpose
        point = cls.env["power.supply.point"].create(
            {
                "name": number,
                "grid_area_id": area.id,
                "company_id": area.company_id.id,
                **vals,
            }
        )
        contract = cls.env["power.supply.contract"].create(
            {
                "partner_id": customer.id,
                "supply_point_id": point.id,
                "company_id": area.company_id.id,
                "date_from": "2020-01-01",
            }
        )
        return point, contract

    @classmethod
    def _create_user(cls, name, group, station=None):
        """A user of one group whose employee works at ``station``."""
        user = new_test_user(cls.env, login=f"test_{name}", groups=group)
        cls.env["hr.employee"].create(
            {
                "name": f"Employee {name}",
                "user_id": user.id,
                "department_id": (station or cls.station).id,
                "company_id": (station or cls.station).company_id.id,
            }
        )
        return user


class BrowserUnitsMixin:
    """Runs a folder's unit tests in the browser; to be mixed into a HttpCase."""

    def run_units(self, suite):
        """Run a suite, as ``@power_service_base/my_work``."""
        number = 0
        for character in suite:
            number = ((number << 5) - number + ord(character)) & 0xFFFFFFFF
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={number:08x}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )


class AccessTableMixin:
    """What each group may do with each model of one addon, held against a table.

    To be mixed into a test class with ``PowerServiceCommon``. ``table`` has a line for
    every model: the letters of what field, staff, supervisor, quality, manager and
    portal users may do (read, write, create, unlink), in this order. A group that a
    line doesn't name may do nothing.
    """

    addon = None
    table = {}
    table_users = ("field", "staff", "supervisor", "quality", "manager", "portal")
    operations = {"r": "read", "w": "write", "c": "create", "u": "unlink"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["portal"] = cls.portal
        cls.users["internal"] = new_test_user(
            cls.env, login="test_internal", groups="base.group_user"
        )

    def _addon_models(self):
        """The addon's own models; those it extends are in another addon's table."""
        return {
            name
            for name, model in self.env.registry.items()
            if model._original_module == self.addon
            and name.startswith("power.")
            and not model._abstract
        }

    def test_every_model_has_a_line(self):
        self.assertEqual(self._addon_models(), set(self.table))

    def test_each_group_may_do_what_its_line_says(self):
        for model, line in self.table.items():
            for name, expected in zip(self.table_users, line, strict=True):
                Model = self.env[model].with_user(self.users[name])
                allowed = "".join(
                    key
                    for key, operation in self.operations.items()
                    if Model.has_access(operation)
                )
                with self.subTest(model=model, group=name):
                    self.assertEqual(allowed, expected)

    def test_other_employees_and_the_public_may_do_nothing(self):
        public = self.env.ref("base.public_user")
        for model in self.table:
            for user in (self.users["internal"], public):
                Model = self.env[model].with_user(user)
                with self.subTest(model=model, user=user.login):
                    self.assertFalse(
                        [op for op in self.operations.values() if Model.has_access(op)]
                    )
