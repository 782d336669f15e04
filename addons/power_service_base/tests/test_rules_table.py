"""Whose records each group finds: every model with a station, a company or a rule."""

from contextlib import suppress
from functools import partial

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PowerServiceCommon

# Who finds a record of the own station, of another station and of another company:
# field, staff, s(u)pervisor, quality, manager, portal. What is no station's is found by
# all of its company.
STATION = ("fsuqm", "qm", "")
PORTAL = ("fsuqmp", "qm", "")
COMPANY = ("fsuqm", "fsuqm", "")
TABLE = {
    "power.supply.point": PORTAL,
    "power.supply.source": PORTAL,
    "power.supply.contract": PORTAL,
    "power.reading.unit": STATION,
    "power.grid.area": STATION,
    "power.network.element": STATION,
    "power.customer.segment": COMPANY,
    "power.customer.contact": STATION,
    "power.customer.timeline": STATION,
    "power.customer.change.request": ("suqmp", "qm", ""),
    "power.customer.lookup": ("qm", "qm", ""),
    "power.customer.export": ("qm", "qm", ""),
    "power.limit": COMPANY,
    "power.service.commitment": COMPANY,
    "power.service.price": COMPANY,
    "power.service.procedure": COMPANY,
    "power.service.outlet": COMPANY,
    # A file holds personal data: only who imported it and managers see it.
    "power.import": ("um", "m", ""),
    "power.import.issue": ("um", "m", ""),
    "power.job.run": ("uqm", "uqm", ""),
    "power.calendar.exception": COMPANY,
    "power.calendar.year": COMPANY,
    "power.field.task": STATION,
    "power.field.task.event": STATION,
    "power.responsibility": STATION,
    "power.key.account.team": STATION,
    "power.key.account.member": STATION,
    "power.assignment.rule": ("uqm", "qm", ""),
    "power.notice": PORTAL,
    "power.notice.event": STATION,
    "power.message.gateway": ("m", "m", ""),
    "power.reminder.rule": ("uqm", "uqm", ""),
    "power.reminder": ("uqm", "uqm", ""),
}
LETTERS = {
    "f": "field",
    "s": "staff",
    "u": "supervisor",
    "q": "quality",
    "m": "manager",
    "p": "portal",
}


@tagged("post_install", "-at_install")
class TestRulesTable(PowerServiceCommon):
    addon = "power_service_base"
    table = TABLE

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["portal"] = cls.portal
        foreign = cls.env["res.partner"].create(
            {
                "name": "Far Away",
                "is_power_customer": True,
                "company_id": cls.company_other.id,
            }
        )
        cls.records = {
            "own": cls._create_records(cls.station, cls.customer, "supervisor"),
            "other": cls._create_records(
                cls.station_other, cls.customer_other, "manager"
            ),
            "foreign": cls._create_records(cls.station_foreign, foreign, "manager"),
        }
        cls.env.flush_all()

    @classmethod
    def _create_records(cls, station, customer, user):
        """One record of each model, by its model's name."""
        found = {}
        place = {"station_id": station.id, "company_id": station.company_id.id}
        company = {"company_id": station.company_id.id}

        make = partial(cls._make, found)
        cls._create_network(found, station, customer, place)
        cls._create_people(found, station, customer, place)
        cls._create_notices(found, customer, place)
        for model, vals in (
            ("power.service.commitment", {}),
            (
                "power.service.price",
                {"unit": "kWh", "price": 1, "date_from": "2026-1-1"},
            ),
            ("power.service.procedure", {"steps": "One"}),
            ("power.service.outlet", {"address": "Road 1"}),
            ("power.customer.segment", {}),
        ):
            code = f"rules_{station.id}"
            make(model, name=code, code=code, **vals, **company)
        calendar = cls.env["resource.calendar"].create({"name": "Rules", **company})
        make("power.calendar.exception", calendar_id=calendar.id, date="2150-01-05")
        make("power.calendar.year", calendar_id=calendar.id, year=2150)
        # Archived: a company has one set of limits that counts.
        make("power.limit", name="rules", active=False, **company)
        make("power.job.run", name="rules", **company)
        make("power.customer.lookup", key_kind="phone", key_hash="x", **company)
        make("power.customer.export", model="res.partner", **company)
        file = make(
            "power.import", kind="customers", user_id=cls.users[user].id, **place
        )
        make(
            "power.import.issue",
            import_id=file.id,
            row_number=1,
            severity="refused",
            kind="empty_required",
        )
        return found

    @classmethod
    def _make(cls, found, model, /, **vals):
        found[model] = cls.env[model].create(vals)
        return found[model]

    @classmethod
    def _create_network(cls, found, station, customer, place):
        make = partial(cls._make, found)
        area = make("power.grid.area", name="Rules", code=f"R{station.id}", **place)
        unit = make("power.reading.unit", name="Rules", code=f"R{station.id}", **place)
        element = make(
            "power.network.element",
            name="Rules",
            code=f"R{station.id}",
            element_type="transformer",
            **place,
        )
        point = make(
            "power.supply.point",
            name=f"3399{station.id:06}",
            grid_area_id=area.id,
            reading_unit_id=unit.id,
            **place,
        )
        make("power.supply.source", supply_point_id=point.id, element_id=element.id)
        make(
            "power.supply.contract",
            partner_id=customer.id,
            supply_point_id=point.id,
            date_from="2020-01-01",
            company_id=place["company_id"],
        )
        contact = make(
            "power.customer.contact", partner_id=customer.id, subject="Bill", **place
        )
        cls.env.flush_all()
        timeline = cls.env["power.customer.timeline"].search(
            [("res_model", "=", contact._name), ("res_id", "=", contact.id)]
        )
        assert len(timeline) == 1
        found[timeline._name] = timeline

    @classmethod
    def _create_people(cls, found, station, customer, place):
        make = partial(cls._make, found)
        area = found["power.grid.area"]
        employee = cls.env["hr.employee"].create(
            {
                "name": f"Of {station.name}",
                "department_id": station.id,
                "company_id": place["company_id"],
            }
        )
        make(
            "power.responsibility",
            role="grid_manager",
            employee_id=employee.id,
            grid_area_id=area.id,
        )
        team = make(
            "power.key.account.team",
            name="Rules",
            leader_id=employee.id,
            phone="95598",
            **place,
        )
        found["power.key.account.member"] = team.member_ids
        make("power.assignment.rule", name="Rules", grid_area_id=area.id, **place)
        task = make(
            "power.field.task",
            name="Look",
            supply_point_id=found["power.supply.point"].id,
            company_id=place["company_id"],
        )
        make("power.field.task.event", task_id=task.id, kind="note", note="Seen")

    @classmethod
    def _create_notices(cls, found, customer, place):
        make = partial(cls._make, found)
        purpose = cls.env["power.notice.purpose"].create(
            {
                "name": "Rules",
                "code": f"rules_{place['station_id']}",
                "channel_ids": [(0, 0, {"sequence": 1, "channel": "portal"})],
            }
        )
        notice = make(
            "power.notice",
            purpose_id=purpose.id,
            partner_id=customer.id,
            channel="portal",
            address="portal",
            subject="Hello",
            body="Text",
            **place,
        )
        notice._record("sent")
        found["power.notice.event"] = notice.event_ids[:1]
        make(
            "power.message.gateway",
            name="Rules",
            url="https://sms.example.com/v1",
            key_id="key",
            secret="secret",
            company_id=place["company_id"],
        )
        rule = cls.env.ref("power_service_base.power_reminder_rule_contract_end")
        rule = found["power.reminder.rule"] = rule.copy(
            {"company_id": place["company_id"]}
        )
        make(
            "power.reminder",
            rule_id=rule.id,
            res_id=found["power.supply.contract"].id,
            date="2026-07-31",
        )
        make(
            "power.customer.change.request",
            partner_id=customer.id,
            field_name="street",
            new_value="Road 2",
            **place,
        )

    def _find_by(self, name, record):
        """By which ways a user finds a record."""
        Model = self.env[record._name].with_user(self.users[name])
        if not Model.has_access("read"):
            return set()
        Model = Model.with_context(active_test=False)
        domain = [("id", "=", record.id)]
        field = next(
            field.name
            for field in Model._fields.values()
            if field.name != "id"
            and field.column_type
            and field.store
            and Model._has_field_access(field, "read")
        )
        ways = set()
        if Model.search(domain):
            ways.add("search")
        if Model.search_count(domain):
            ways.add("search_count")
        if Model._read_group(domain, [], ["__count"])[0][0]:
            ways.add("_read_group")
        with suppress(AccessError):
            Model.browse(record.id).read([field])
            ways.add("read")
        return ways

    def _get_own_models(self):
        """The addon's models that keep a company or a station, or have a rule."""
        ruled = set(self.env["ir.rule"].search([]).mapped("model_id.model"))
        return {
            name
            for name, model in self.env.registry.items()
            if model._original_module == self.addon
            and name.startswith("power.")
            and not model._abstract
            and not model._transient
            and ({"company_id", "station_id"} & model._fields.keys() or name in ruled)
        }

    def test_every_model_with_station_company_or_rule_has_a_line(self):
        self.assertEqual(self._get_own_models(), set(self.table))
        for place, records in self.records.items():
            with self.subTest(place=place):
                self.assertEqual(set(records), set(self.table))

    def test_each_way_finds_only_what_the_line_says(self):
        every = {"search", "search_count", "_read_group", "read"}
        for model, line in self.table.items():
            for place, letters in zip(self.records, line, strict=True):
                record = self.records[place][model]
                for letter, name in LETTERS.items():
                    expected = every if letter in letters else set()
                    with self.subTest(model=model, place=place, user=name):
                        self.assertEqual(self._find_by(name, record), expected)

    def test_a_rule_that_lets_all_through_changes_the_table(self):
        """Each single rule counts: the table above fails without it."""
        open_domain = "[(1, '=', 1)]"
        ours = self.env["ir.model.data"].search(
            [("module", "=", self.addon), ("model", "=", "ir.rule")]
        )
        rules = self.env["ir.rule"].search(
            [("id", "in", ours.mapped("res_id"))]
            + [("model_id.model", "in", list(self.table))]
        )
        closing = rules.filtered(lambda rule: rule.domain_force != open_domain)
        self.assertGreater(len(closing), 60)
        for rule in closing:
            domain, model = rule.domain_force, rule.model_id.model
            rule.domain_force = open_domain
            seen = [
                "".join(
                    letter
                    for letter, name in LETTERS.items()
                    if self._find_by(name, self.records[place][model])
                )
                for place in self.records
            ]
            with self.subTest(rule=rule.name):
                self.assertNotEqual(seen, list(self.table[model]))
            rule.domain_force = domain
