from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged, warmup

from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestRoute(ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["power.ticket.route"].search([]).active = False

    def _route(self, **vals):
        return self.env["power.ticket.route"].create({"name": "Route", **vals})

    def test_the_first_that_fits_decides(self):
        self._route(
            sequence=1, type_ids=self.types["opinion"].ids, user_id=self.supervisor.id
        )
        wanted = self._route(
            sequence=2,
            type_ids=self.types["enquiry"].ids,
            station_ids=self.station.ids,
            grid_area_ids=self.area.ids,
            channel="counter",
            user_id=self.staff.id,
            team_id=self.team.id,
        )
        self._route(sequence=3, user_id=self.colleague.id)
        ticket = self._create_ticket("enquiry")
        self.assertRecordValues(
            ticket,
            [
                {
                    "route_id": wanted.id,
                    "user_id": self.staff.id,
                    "team_id": self.team.id,
                }
            ],
        )
        self.assertEqual(self._kinds(ticket), ["milestone", "dispatched"])
        self.assertEqual(self._told(ticket), self.staff.partner_id)
        # Returned, it lies at the station's desk, not with the machine that gave it.
        self._as(self.staff, ticket).return_to(self.reasons["returned"].id)
        self.assertFalse(ticket.user_id or ticket.team_id)
        self.assertEqual(ticket.station_id, self.station)

    def test_categories_with_those_below(self):
        category = self.categories["complaint_service_attitude"]
        self._route(category_ids=category.parent_id.ids, user_id=self.staff.id)
        ticket = self._create_ticket("complaint", category_id=category.id)
        self.assertEqual(ticket.user_id, self.staff)
        self.assertFalse(self._create_ticket("complaint").user_id)

    def test_urgent_go_to_who_is_on_duty(self):
        self._route(
            is_urgent=True, to_duty=True, sequence=1, user_id=self.supervisor.id
        )
        urgent = {"priority": "2"}
        self.assertEqual(self._create_ticket(**urgent).user_id, self.supervisor)
        now = fields.Datetime.now()
        self.env["power.duty.shift"].create(
            {
                "station_id": self.station.id,
                "employee_id": self.colleague.employee_ids.id,
                "start_at": now - timedelta(hours=1),
                "end_at": now + timedelta(hours=1),
            }
        )
        self.assertEqual(self._create_ticket(**urgent).user_id, self.colleague)
        self.assertFalse(self._create_ticket().user_id)

    def test_the_grid_manager(self):
        self.area.manager_id = self.colleague.employee_ids
        self._route(to_area_manager=True)
        self.assertEqual(self._create_ticket().user_id, self.colleague)

    def test_intake_never_fails_for_a_route(self):
        self._route(user_id=self.far.id)
        ticket = self._create_ticket()
        self.assertFalse(ticket.user_id)
        self.assertTrue(ticket.clock_ids)

    def test_confidential_is_not_routed(self):
        self._route(user_id=self.users["quality"].id)
        self.assertFalse(self._create_ticket("report").user_id)

    def test_another_companys_route_is_none(self):
        self._route(company_id=self.company_other.id, user_id=self.staff.id)
        self.assertFalse(self._create_ticket().user_id)

    def test_a_route_leads_somewhere(self):
        with self.assertRaisesRegex(ValidationError, "leads nowhere"):
            self._route()

    @warmup
    def test_one_and_fifty_cost_the_same_queries(self):
        self._route(user_id=self.staff.id, type_ids=self.types["enquiry"].ids)
        counts = []
        vals = {
            "subject": "Bill",
            "type_id": self.types["enquiry"].id,
            "supply_point_id": self.point.id,
            "channel": "hotline",
        }
        for size in (1, 1, 50):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["power.ticket"].create([vals] * size)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 5, counts)
