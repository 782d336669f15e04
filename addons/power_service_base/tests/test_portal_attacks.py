"""A customer with an own account, and no good intentions, at the open interfaces."""

import json

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon

OWN_MODELS = ("power.supply.point", "power.supply.contract", "power.supply.source")
CLOSED_MODELS = (
    "power.grid.area",
    "power.network.element",
    "power.customer.contact",
    "power.reading.unit",
    "power.customer.segment",
    "power.job.run",
    "power.service.commitment",
    "power.service.price",
    "power.service.procedure",
    "power.service.outlet",
)
SECRET = "SECRET-77"
ID_NUMBER = "110101199001011237"


@tagged("post_install", "-at_install")
class TestPortalAttacks(HttpCase, PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Source = cls.env["power.supply.source"]
        for point in (cls.point, cls.point_other):
            Source.create(
                {"supply_point_id": point.id, "element_id": cls.transformer.id}
            )
        for record in (cls.point, cls.contract, cls.point_other, cls.contract_other):
            record.write(
                {"note": SECRET, "source_system": SECRET, "external_ref": record.name}
            )
        cls.area.note = SECRET
        for customer in (cls.customer, cls.customer_other):
            customer.write(
                {"power_id_number": ID_NUMBER, "credit_grade": "c", "vip_grade": "gold"}
            )
            cls.env["power.customer.contact"].create(
                {"partner_id": customer.id, "subject": SECRET}
            )
        cls.requests = cls.env["power.customer.change.request"]
        for customer in (cls.customer, cls.customer_other):
            cls.requests |= cls.requests._request_changes(customer, {"street": "New 1"})
        cls.own = {
            "power.supply.point": cls.point,
            "power.supply.contract": cls.contract,
            "power.supply.source": cls.point.source_ids,
            "power.customer.change.request": cls.requests[0],
        }
        cls.others = {
            "power.supply.point": cls.point_other,
            "power.supply.contract": cls.contract_other,
            "power.supply.source": cls.point_other.source_ids,
            "power.customer.change.request": cls.requests[1],
        }

    def _call(self, model, method, *args, **kwargs):
        """The answer of the web client's interface, and whether it was refused."""
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": model,
                        "method": method,
                        "args": list(args),
                        "kwargs": kwargs,
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        return response.get("result"), response.get("error")

    def test_only_own_rows_by_every_way_of_reading(self):
        self.authenticate("test_portal", "test_portal")
        for model, own in self.own.items():
            with self.subTest(model=model):
                ids, _error = self._call(model, "search", [])
                self.assertEqual(ids, own.ids)
                self.assertEqual(self._call(model, "search_count", [])[0], 1)
                rows, _error = self._call(model, "search_read", [], ["display_name"])
                self.assertEqual([row["id"] for row in rows], own.ids)
                self.assertNotIn("Li Na", json.dumps(rows))
                names, _error = self._call(model, "name_search", "")
                self.assertEqual([row[0] for row in names], own.ids)
                groups, _error = self._call(
                    model, "formatted_read_group", [], [], ["__count"]
                )
                self.assertEqual(groups[0]["__count"], 1)
                other = self.others[model]
                self.assertEqual(
                    self._call(model, "search", [("id", "=", other.id)])[0], []
                )

    @mute_logger("odoo.http", "odoo.models")
    def test_someone_elses_rows_cannot_be_read_or_written(self):
        self.authenticate("test_portal", "test_portal")
        for model, other in self.others.items():
            with self.subTest(model=model):
                self.assertTrue(self._call(model, "read", other.ids, ["id"])[1])
                self.assertTrue(
                    self._call(model, "web_read", other.ids, {"display_name": {}})[1]
                )
                self.assertTrue(self._call(model, "export_data", other.ids, ["id"])[1])
            for record in (self.own[model], other):
                for method, args in (
                    ("write", ({"company_id": 1},)),
                    ("unlink", ()),
                    ("copy", ()),
                ):
                    with self.subTest(model=model, method=method):
                        error = self._call(model, method, record.ids, *args)[1]
                        self.assertTrue(error)
            self.assertTrue(self._call(model, "create", [{}])[1])

    @mute_logger("odoo.http", "odoo.models")
    def test_fields_that_are_not_shown_are_closed_to_every_question(self):
        self.authenticate("test_portal", "test_portal")
        closed = {
            "power.supply.point": (
                "note",
                "external_ref",
                "grid_area_id",
                "station_id",
            ),
            "power.supply.contract": ("note", "source_system", "external_ref"),
            "power.supply.source": ("element_id", "station_id"),
            "power.customer.change.request": ("decided_by", "user_id", "station_id"),
        }
        for model, names in closed.items():
            own = self.own[model]
            fields, _error = self._call(model, "fields_get")
            for name in names:
                with self.subTest(model=model, field=name):
                    self.assertNotIn(name, fields)
                    for method, args in (
                        ("read", (own.ids, [name])),
                        ("search", ([(name, "=", 1)],)),
                        ("search_count", ([(name, "ilike", SECRET)],)),
                        ("search_read", ([], [name])),
                        ("search", ([], 0, None, name)),
                        ("formatted_read_group", ([], [name], ["__count"])),
                        ("formatted_read_group", ([], [], [f"{name}:count"])),
                        ("mapped", (own.ids, name)),
                        ("filtered_domain", (own.ids, [(name, "=", 1)])),
                    ):
                        result, error = self._call(model, method, *args)
                        self.assertTrue(error, (method, result))
                        self.assertNotIn(SECRET, json.dumps(result))
                        self.assertNotIn(ID_NUMBER, json.dumps(result))

    @mute_logger("odoo.http", "odoo.models")
    def test_sensitive_data_of_the_customer_is_closed(self):
        self.authenticate("test_portal", "test_portal")
        partner = self.customer.ids
        for name, value in (
            ("power_id_number", ID_NUMBER),
            ("credit_grade", "c"),
            ("vip_grade", "gold"),
        ):
            with self.subTest(field=name):
                self.assertTrue(self._call("res.partner", "read", partner, [name])[1])
                self.assertTrue(
                    self._call("res.partner", "search_count", [(name, "=", value)])[1]
                )
                self.assertTrue(
                    self._call(
                        "res.partner", "formatted_read_group", [], [name], ["__count"]
                    )[1]
                )
                self.assertTrue(
                    self._call(
                        "power.supply.point",
                        "search_count",
                        [(f"partner_id.{name}", "=", value)],
                    )[1]
                )

    @mute_logger("odoo.http", "odoo.models")
    def test_what_the_station_notes_of_a_customer_is_closed(self):
        segment = self.env["power.customer.segment"].search([], limit=1)
        self.customer.segment_ids = segment
        self.authenticate("test_portal", "test_portal")
        fields, _error = self._call("res.partner", "fields_get")
        self.assertIn("preferred_channel", fields)
        self.assertIn("phone", fields)
        for name in (
            "segment_ids",
            "archive_score",
            "archive_missing",
            "grid_area_id",
            "account_manager_id",
            "key_account_team_id",
            "answers_employee_id",
            "power_fax",
            "wechat_openid",
        ):
            with self.subTest(field=name):
                self.assertNotIn(name, fields)
                for method, args in (
                    ("read", (self.customer.ids, [name])),
                    ("search_count", ([(name, "!=", False)],)),
                    ("search", ([(name, "=", segment.id)],)),
                    ("formatted_read_group", ([], [name], ["__count"])),
                ):
                    result, error = self._call("res.partner", method, *args)
                    self.assertTrue(error, (method, result))

    @mute_logger("odoo.http", "odoo.models")
    def test_models_of_the_house_are_closed(self):
        self.authenticate("test_portal", "test_portal")
        for model in CLOSED_MODELS:
            for method, args in (
                ("search", ([],)),
                ("search_count", ([],)),
                ("search_read", ([], ["display_name"])),
                ("name_search", ("",)),
                ("formatted_read_group", ([], [], ["__count"])),
                ("read", ([1], ["display_name"])),
            ):
                with self.subTest(model=model, method=method):
                    result, error = self._call(model, method, *args)
                    self.assertTrue(error, result)

    @mute_logger("odoo.http", "odoo.models")
    def test_paths_through_relations_show_no_more(self):
        self.authenticate("test_portal", "test_portal")
        for model, domain in (
            ("res.partner", [("supply_point_ids.note", "=", SECRET)]),
            ("res.partner", [("power_contact_ids.subject", "=", SECRET)]),
            ("power.supply.contract", [("supply_point_id.note", "=", SECRET)]),
            ("power.supply.point", [("contract_ids.note", "=", SECRET)]),
            ("power.supply.point", [("grid_area_id.note", "=", SECRET)]),
        ):
            with self.subTest(domain=domain):
                result, error = self._call(model, "search_count", domain)
                self.assertTrue(error or not result, result)

    @mute_logger("odoo.http", "odoo.models")
    def test_internal_methods_are_closed(self):
        self.authenticate("test_portal", "test_portal")
        for model, method, args in (
            ("power.customer.change.request", "_request_changes", (1, {"name": "x"})),
            ("res.partner", "_save_contact_form", ([1], {}, {})),
            ("res.partner", "_get_account_manager_card", (self.customer_other.ids,)),
            ("power.service.commitment", "_get_published", (1,)),
        ):
            with self.subTest(method=method):
                self.assertTrue(self._call(model, method, *args)[1])

    def test_the_json_interface_says_the_same(self):
        key = (
            self.env["res.users.apikeys"]
            .with_user(self.portal)
            .sudo()
            ._generate("rpc", "test", None)
        )

        def ask(model, method, **body):
            return self.url_open(
                f"/json/2/{model}/{method}",
                data=json.dumps(body),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {key}",
                },
            )

        for model, own in self.own.items():
            response = ask(model, "search", domain=[])
            self.assertEqual(response.json(), own.ids)
            with mute_logger("odoo.http"):
                response = ask(
                    model, "read", ids=self.others[model].ids, fields=["display_name"]
                )
            self.assertEqual(response.status_code, 403)
        with mute_logger("odoo.http"):
            response = ask(
                "power.supply.point", "search_count", domain=[("note", "=", SECRET)]
            )
        self.assertEqual(response.status_code, 403)

    def test_the_public_has_nothing_to_ask(self):
        public = self.env.ref("base.public_user")
        for model in (*self.own, *CLOSED_MODELS):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(public).search([])
