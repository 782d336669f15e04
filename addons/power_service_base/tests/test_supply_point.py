from psycopg2 import errors

from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestSupplyPoint(PowerServiceCommon):
    def test_area_gives_station_and_region(self):
        self.area.region_type = "remote"
        point = self.env["power.supply.point"].create(
            {"name": "3300000003", "grid_area_id": self.area.id}
        )
        self.assertRecordValues(
            point,
            [
                {
                    "station_id": self.station.id,
                    "region_type": "remote",
                    "supply_state": "connected",
                    "customer_class": "residential",
                }
            ],
        )

    def test_point_without_area_lands_at_the_users_station(self):
        with Form(
            self.env["power.supply.point"].with_user(self.users["staff"])
        ) as form:
            form.name = "3300000004"
        self.assertEqual(form.record.station_id, self.station)
        self.assertFalse(form.record.grid_area_id)

    def test_area_moved_to_another_station_takes_its_points_along(self):
        self.area.station_id = self.station_other
        self.assertEqual(self.point.station_id, self.station_other)
        self.assertEqual(self.contract.station_id, self.station_other)

    @mute_logger("odoo.sql_db")
    def test_consumer_number_is_unique_in_the_company(self):
        with self.assertRaises(errors.UniqueViolation), self.cr.savepoint():
            self.env["power.supply.point"].create({"name": self.point.name})
        # Another company may use the same number.
        point, _contract = self._create_point(
            self.point.name, self.customer, self.area_foreign
        )
        self.assertEqual(point.company_id, self.company_other)

    def test_consumer_number_with_spaces_is_refused(self):
        for number in (" 3300000005", "3300000005 ", " ", "\u30003300000005"):
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.env["power.supply.point"].create({"name": number})

    @mute_logger("odoo.sql_db")
    def test_position_outside_the_earth_is_refused(self):
        with self.assertRaises(errors.CheckViolation), self.cr.savepoint():
            self.point.latitude = 91
            self.point.flush_recordset()

    @mute_logger("odoo.sql_db")
    def test_one_main_source(self):
        Source = self.env["power.supply.source"]
        Source.create(
            {"supply_point_id": self.point.id, "element_id": self.transformer.id}
        )
        self.assertEqual(self.point.main_element_id, self.transformer)
        with self.assertRaises(errors.UniqueViolation), self.cr.savepoint():
            Source.create(
                {"supply_point_id": self.point.id, "element_id": self.feeder.id}
            )
        standby = Source.create(
            {
                "supply_point_id": self.point.id,
                "element_id": self.feeder.id,
                "role": "standby",
            }
        )
        self.assertEqual(self.point.main_element_id, self.transformer)
        self.assertEqual(standby.station_id, self.station)

    def test_customer_area_is_that_of_the_first_open_point(self):
        self.assertEqual(self.customer.grid_area_id, self.area)
        self.assertEqual(self.customer.power_station_id, self.station)
        second, _contract = self._create_point(
            "3300000006", self.customer, self.area_other
        )
        self.assertEqual(self.customer.grid_area_id, self.area)
        self.point.address = "Main Street 1"
        second.address = "Mill Road 2"
        self.assertEqual(self.customer.supply_address, "Main Street 1")
        self.point.supply_state = "closed"
        self.assertEqual(self.customer.grid_area_id, second.grid_area_id)
        self.assertEqual(self.customer.supply_address, "Mill Road 2")
        second.address = False
        self.customer.street = "Post Lane 3"
        self.assertEqual(self.customer.supply_address, "Post Lane 3")

    def test_found_by_number_and_by_customer(self):
        Point = self.env["power.supply.point"].with_user(self.users["staff"])
        self.assertEqual(Point.name_search(self.point.name)[0][0], self.point.id)
        self.assertEqual(Point.name_search("Wang Wei")[0][0], self.point.id)
        self.assertIn(self.point.id, dict(Point.name_search(" 33000000")))
        self.assertFalse(Point.name_search("000001"))
        self.assertIn("Wang Wei", self.point.display_name)
        short = self.point.with_context(power_point_short=True)
        self.assertEqual(short.display_name, self.point.name)

    def test_smart_buttons_open_what_they_count(self):
        self.assertEqual(self.customer.supply_point_count, 1)
        action = self.customer.action_open_supply_points()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), self.point
        )
        self.assertEqual(self.area.supply_point_count, 1)
        action = self.area.action_open_supply_points()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), self.point
        )
        action = self.point.action_open_contracts()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), self.contract
        )

    def _create_with_contracts(self, count, first):
        points = self.env["power.supply.point"].create(
            [
                {"name": f"{first + n}", "grid_area_id": self.area.id}
                for n in range(count)
            ]
        )
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}"} for n in range(count)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.env["power.supply.contract"].create(
            [
                {"supply_point_id": point.id, "partner_id": partner.id}
                for point, partner in zip(points, partners, strict=True)
            ]
        )
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_contracts_cost_constant_queries_per_batch(self):
        with freeze_time("2026-06-30 12:00"):
            self._create_with_contracts(1, 4400000000)
            one = self._create_with_contracts(1, 4410000000)
            fifty = self._create_with_contracts(50, 4420000000)
        self.assertLessEqual(fifty, one + 2)


@tagged("post_install", "-at_install")
class TestNetworkAndAreas(PowerServiceCommon):
    def test_an_element_cannot_be_fed_from_itself(self):
        branch = self.env["power.network.element"].create(
            {
                "name": "Branch",
                "code": "B1",
                "element_type": "branch",
                "parent_id": self.feeder.id,
            }
        )
        below = branch.copy({"code": "B2", "parent_id": branch.id})
        with self.assertRaisesRegex(ValidationError, "can't lie below itself"):
            branch.parent_id = below

    def test_types_hang_in_their_order(self):
        with self.assertRaisesRegex(ValidationError, "can't be fed from"):
            self.env["power.network.element"].create(
                {
                    "name": "Line 2",
                    "code": "F2",
                    "element_type": "feeder",
                    "parent_id": self.transformer.id,
                }
            )

    def test_an_area_cannot_lie_inside_itself(self):
        child = self._create_area("A1-1")
        child.parent_id = self.area
        with self.assertRaisesRegex(ValidationError, "can't lie below itself"):
            self.area.parent_id = child

    def test_points_below_an_element_are_found_from_the_top(self):
        self.env["power.supply.source"].create(
            {"supply_point_id": self.point.id, "element_id": self.transformer.id}
        )
        action = self.feeder.action_open_supply_points()
        self.assertEqual(
            self.env["power.supply.point"].search(action["domain"]), self.point
        )
        self.assertEqual(self.transformer.supply_point_count, 1)
        self.assertEqual(self.feeder.supply_point_count, 1)

    def test_an_element_counts_the_points_that_its_button_opens(self):
        twin = self.transformer.copy({"code": "T2", "parent_id": self.feeder.id})
        lone = self.transformer.copy({"code": "T3", "parent_id": False})
        both, _contract = self._create_point("3300000041", self.customer)
        across, _contract = self._create_point("3300000042", self.customer)
        gone, _contract = self._create_point("3300000043", self.customer)
        self.env["power.supply.source"].create(
            [
                {"supply_point_id": point.id, "element_id": element.id, "role": role}
                for point, element, role in (
                    (self.point, self.transformer, "main"),
                    (both, self.transformer, "main"),
                    (both, twin, "standby"),
                    (across, lone, "main"),
                    (across, self.transformer, "standby"),
                    (across, twin, "standby"),
                    (gone, twin, "main"),
                    (gone, lone, "standby"),
                )
            ]
        )
        gone.active = False
        elements = self.feeder | self.transformer | twin | lone
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(elements.mapped("supply_point_count"), [3, 3, 2, 1])
        for element in elements:
            action = element.action_open_supply_points()
            found = self.env["power.supply.point"].search(action["domain"])
            self.assertEqual(len(found), element.supply_point_count)
        counts = []
        for some in (self.feeder, elements):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("supply_point_count")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    @mute_logger("odoo.sql_db")
    def test_an_element_that_feeds_points_cannot_be_deleted(self):
        self.env["power.supply.source"].create(
            {"supply_point_id": self.point.id, "element_id": self.transformer.id}
        )
        with self.assertRaises(errors.ForeignKeyViolation), self.cr.savepoint():
            self.transformer.unlink()

    def test_a_team_needs_a_station_above_it(self):
        with self.assertRaisesRegex(ValidationError, "needs a supply station"):
            self.env["hr.department"].create({"name": "Team", "power_unit": "team"})

    @mute_logger("odoo.sql_db")
    def test_segment_code_is_unique(self):
        with self.assertRaises(errors.UniqueViolation), self.cr.savepoint():
            self.env["power.customer.segment"].create(
                {"name": "Again", "code": "vulnerable"}
            )

    def test_evidence_refuses_change_and_deletion(self):
        """The mixin's promise, kept by every model that inherits it."""
        mixin = self.env["power.append.only.mixin"]
        heirs = [
            name
            for name, model in self.env.items()
            if not model._abstract and mixin._name in model._inherit
        ]
        for name in heirs:
            with self.subTest(model=name):
                for group in ("staff", "supervisor", "quality", "manager"):
                    Model = self.env[name].with_user(self.users[group])
                    self.assertFalse(Model.has_access("write"))
                    self.assertFalse(Model.has_access("unlink"))
