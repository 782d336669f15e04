from odoo.exceptions import AccessError
from odoo.tests import tagged

from .connection_common import ConnectionCommon


@tagged("post_install", "-at_install")
class TestConnectionAccess(ConnectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._create_connection()
        cls.other = cls._create_connection(
            station_id=cls.station_other.id, grid_area_id=cls.area_other.id
        )
        cls.other.ticket_id.receiving_station_id = cls.station_other
        cls.foreign_user = cls._create_user(
            "foreign", "power_service_base.group_power_manager", cls.station_foreign
        )
        cls.foreign_user.write(
            {
                "company_ids": [(6, 0, cls.company_other.ids)],
                "company_id": cls.company_other.id,
            }
        )

    def _seen(self, user, model="power.connection"):
        return self.env[model].with_user(user).search([])

    def test_staff_see_the_connections_of_their_station(self):
        for name in ("field", "staff"):
            with self.subTest(user=name):
                seen = self._seen(self.users[name])
                self.assertIn(self.connection, seen)
                self.assertNotIn(self.other, seen)
                papers = self._seen(self.users[name], "power.connection.paper")
                self.assertEqual(papers.connection_id & self.other, self.other[:0])
        self.assertIn(self.other, self._seen(self.users["quality"]))

    def test_who_was_asked_first_sees_it_too(self):
        self.other.ticket_id.receiving_station_id = self.station
        self.assertIn(self.other, self._seen(self.users["staff"]))

    def test_confidential_ones_are_for_quality_but_never_for_those_they_are_about(self):
        ticket = self.connection.ticket_id
        ticket.is_confidential = True
        for name, expected in (("staff", False), ("supervisor", False)):
            with self.subTest(user=name):
                seen = self.connection in self._seen(self.users[name])
                self.assertEqual(seen, expected)
        quality = self.users["quality"]
        self.assertIn(self.connection, self._seen(quality))
        self.assertTrue(self._seen(quality, "power.connection.paper"))
        ticket.accused_employee_ids = quality.employee_ids
        self.assertNotIn(self.connection, self._seen(quality))
        self.assertNotIn(
            self.connection,
            self._seen(quality, "power.connection.paper").connection_id,
        )

    def test_another_company_sees_nothing(self):
        self.assertFalse(self._seen(self.foreign_user) & self.connection)

    def test_staff_of_another_station_enter_nothing(self):
        other = self.other.with_user(self.users["staff"])
        for method, args in (
            ("enter_step", ("accepted",)),
            ("enter_step", ("surveyed",)),
            ("enter_defects", ("completion_checked", "Bad")),
            ("tell_missing_papers", ()),
            ("action_tell_fee", ()),
            ("renew_scheme", ()),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(other, method)(*args)

    def test_customers_read_what_is_named_and_nothing_else(self):
        mine = self._create_connection(
            partner_id=self.customer.id, survey_note="Inside"
        )
        seen = self._seen(self.portal)
        self.assertEqual(seen, mine)
        self.assertEqual(
            mine.with_user(self.portal).read(["kind", "step", "wanted_kva"])[0]["kind"],
            "new",
        )
        for name in ("survey_note", "step_bar", "new_partner_id", "user_id"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                mine.with_user(self.portal).read([name])
        with self.assertRaises(AccessError):
            seen.enter_step("surveyed")

    def test_a_customers_own_application_has_its_connection(self):
        ticket = (
            self.env["power.ticket"]
            .sudo()
            .create(
                {
                    "subject": "New connection",
                    "type_id": self.types["connection"].id,
                    "partner_id": self.customer.id,
                }
            )
        )
        self.assertTrue(ticket.connection_id)

    def _count_making(self, number):
        vals = {
            "subject": "Many",
            "type_id": self.types["connection"].id,
            "partner_id": self.applicant.id,
            "station_id": self.station.id,
            "customer_class": "residential",
        }
        before = self.env.cr.sql_log_count
        self.env["power.ticket"].create([dict(vals) for _ in range(number)])
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_to_make_one_and_fifty(self):
        self._count_making(1)
        one, fifty = self._count_making(1), self._count_making(50)
        self.assertLessEqual(fifty, one + 12)

    def test_queries_of_the_list_for_one_and_fifty(self):
        self._count_making(50)
        names = ["name", "kind", "partner_id", "deadline", "is_overdue", "step"]
        spec = {name: {} for name in [*names, "is_paused", "is_scheme_lapsed"]}
        counts = []
        for limit in (1, 50, 1, 50):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["power.connection"].with_user(self.users["staff"]).web_search_read(
                [], spec, limit=limit
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[3], counts[2] + 1)
