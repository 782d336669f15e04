"""What the lists ask the database: constant queries, and panels without grouping."""

from odoo.tests import new_test_user, tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestLists(PowerServiceCommon):
    def _get_queries(self, partners, fnames):
        """How many queries it costs a staff user to read ``fnames``."""
        partners = partners.with_user(self.users["staff"])
        partners.read(fnames)  # what is cached for long is not counted
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        partners.read(fnames)
        return self.cr.sql_log_count - before

    def test_supply_addresses_of_many_cost_as_much_as_of_one(self):
        customers = self.env["res.partner"].create(
            [
                {"name": f"Customer {n}", "is_power_customer": True, "street": "Home"}
                for n in range(20)
            ]
        )
        for n, customer in enumerate(customers[1:]):
            self._create_point(f"44000000{n:02}", customer, address=f"Road {n}")
        fnames = ["supply_address"]
        self.assertEqual(
            self._get_queries(customers[1:], fnames),
            self._get_queries(customers[1], fnames),
        )
        self.assertEqual(customers[5].supply_address, "Road 4")
        self.assertEqual(customers[0].supply_address, "Home")

    def test_areas_of_many_customers_are_computed_together(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "is_power_customer": True} for n in range(20)]
        )
        for n, customer in enumerate(customers):
            self._create_point(f"45000000{n:02}", customer)
        self.env.flush_all()
        counts = []
        for some in (customers[:1], customers):
            self.env.invalidate_all()
            self.env.add_to_compute(some._fields["grid_area_id"], some)
            before = self.cr.sql_log_count
            some._recompute_recordset(["grid_area_id"])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertEqual(customers.grid_area_id, self.area)

    def _get_stations(self, user, model="power.supply.point", field="station_id"):
        found = (
            self.env[model]
            .with_user(user)
            .search_panel_select_range(
                field, expand=True, enable_counters=False, limit=200
            )
        )
        ids = [value["id"] for value in found["values"]]
        return self.env["hr.department"].browse(ids)

    def test_panel_offers_the_stations_that_the_user_sees(self):
        above = self.env["hr.department"].create({"name": "County company"})
        below = self._create_station("Below Yunxi", "S1B")
        team = self.env["hr.department"].create(
            {"name": "Team", "power_unit": "team", "parent_id": self.station.id}
        )
        self.station.parent_id = above
        below.parent_id = self.station
        for name, expected in (
            ("field", above | self.station),
            ("staff", above | self.station),
            ("supervisor", above | self.station | below),
        ):
            with self.subTest(user=name):
                self.assertEqual(self._get_stations(self.users[name]), expected)
        for name in ("quality", "manager"):
            with self.subTest(user=name):
                stations = self._get_stations(self.users[name])
                self.assertLessEqual(
                    self.station | below | self.station_other, stations
                )
                self.assertFalse(stations & (team | self.station_foreign))

    def test_panel_of_customers_offers_all_stations(self):
        # Names and phones of customers are company-wide on purpose.
        stations = self._get_stations(
            self.users["staff"], "res.partner", "power_station_id"
        )
        self.assertLessEqual(self.station | self.station_other, stations)

    def test_panel_of_areas_is_that_of_the_record_rules(self):
        Point = self.env["power.supply.point"].with_user(self.users["staff"])
        found = Point.search_panel_select_range("grid_area_id", expand=True, limit=500)
        ids = {value["id"] for value in found["values"]}
        self.assertIn(self.area.id, ids)
        self.assertFalse(ids & {self.area_other.id, self.area_foreign.id})

    def test_station_chosen_in_the_panel_narrows_the_areas(self):
        manager = self.users["manager"]
        for model, field in (
            ("power.supply.point", "station_id"),
            ("res.partner", "power_station_id"),
        ):
            panel = self.env[model].with_user(manager)
            for operator in ("=", "child_of"):
                with self.subTest(model=model, operator=operator):
                    found = panel.search_panel_select_range(
                        "grid_area_id",
                        category_domain=[[field, operator, self.station.id]],
                        enable_counters=True,
                        expand=True,
                        limit=500,
                    )
                    ids = {value["id"] for value in found["values"]}
                    areas = self.env["power.grid.area"].search(
                        [("station_id", "child_of", self.station.id)]
                    )
                    self.assertIn(self.area.id, ids)
                    self.assertLessEqual(ids, set(areas.ids))
                    self.assertFalse(any("__count" in v for v in found["values"]))
            with self.subTest(model=model, chosen="none"):
                found = panel.search_panel_select_range(
                    "grid_area_id", category_domain=[], expand=True, limit=500
                )
                ids = {value["id"] for value in found["values"]}
                self.assertLessEqual({self.area.id, self.area_other.id}, ids)

    def test_panels_of_large_lists_do_not_group_their_rows(self):
        for xml_id in (
            "power_supply_point_view_search",
            "res_partner_view_search_power",
        ):
            view = self.env.ref(f"power_service_base.{xml_id}")
            fields = self.env["ir.ui.view"].browse(view.id)._get_combined_arch()
            panel = fields.findall(".//searchpanel/field")
            self.assertTrue(panel)
            self.assertEqual({node.get("expand") for node in panel}, {"1"}, xml_id)
            # The web client asks again for the areas when a station is chosen.
            again = {n.get("name") for n in panel if n.get("enable_counters")}
            self.assertEqual(again, {"grid_area_id"}, xml_id)

    def test_portal_users_stay_outside_when_groups_change(self):
        """The look-up of who works here is emptied with the users' groups."""
        user = new_test_user(
            self.env,
            login="test_turncoat",
            groups="power_service_base.group_power_staff",
        )
        Point = self.env["power.supply.point"].with_user(user)
        field = Point._fields["note"]
        self.assertTrue(Point._has_field_access(field, "read"))
        user.group_ids = self.env.ref("base.group_portal")
        self.assertFalse(Point._has_field_access(field, "read"))
        Partner = self.env["res.partner"].with_user(user)
        self.assertFalse(
            Partner._has_field_access(Partner._fields["archive_score"], "read")
        )
