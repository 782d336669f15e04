from odoo import Command
from odoo.tests import tagged, warmup

from .common import TicketCommon


@tagged("post_install", "-at_install")
class TestRecognise(TicketCommon):
    def _take(self, **vals):
        return self.env["power.ticket"].create({"subject": "No light", **vals})

    def test_by_consumer_number(self):
        ticket = self._take(consumer_number_given=self.point.name)
        self.assertRecordValues(
            ticket,
            [
                {
                    "supply_point_id": self.point.id,
                    "partner_id": self.customer.id,
                    "station_id": self.station.id,
                    "consumer_number_given": False,
                }
            ],
        )

    def test_by_phone_in_any_form(self):
        for phone in ("13800000001", "+86 138 0000 0001", "0086-138-0000-0001"):
            with self.subTest(phone=phone):
                ticket = self._take(contact_phone=phone)
                self.assertEqual(ticket.partner_id, self.customer)
                self.assertEqual(ticket.supply_point_id, self.point)
                self.assertEqual(ticket.contact_phone, "+8613800000001")

    def test_by_email(self):
        self.customer.email = "Wang@Example.com"
        ticket = self._take(contact_email="Wang Wei <wang@example.com>")
        self.assertEqual(ticket.partner_id, self.customer)

    def test_a_phone_that_two_share_recognises_nobody(self):
        self.customer_other.phone = self.customer.phone
        ticket = self._take(contact_phone="13800000001")
        self.assertFalse(ticket.partner_id)

    def test_of_two_supply_points_none_is_guessed(self):
        self._create_point("3300000009", self.customer)
        ticket = self._take(contact_phone="13800000001")
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertFalse(ticket.supply_point_id)
        self.assertFalse(ticket.grid_area_id - self.customer.grid_area_id)

    def test_a_number_of_another_company_is_none_of_ours(self):
        point, _contract = self._create_point(
            "3300000777", self.customer, self.area_foreign
        )
        ticket = self._take(consumer_number_given=point.name)
        self.assertFalse(ticket.supply_point_id)
        self.assertEqual(ticket.consumer_number_given, "3300000777")

    def test_nobody_known_lies_at_the_company_desk(self):
        ticket = self._take(contact_phone="no number", contact_email="nobody")
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.station_id)
        desk = self.env["power.ticket"].search([("station_id", "=", False)])
        self.assertIn(ticket, desk)

    def test_anonymous_keeps_nothing_of_the_caller(self):
        ticket = self._take(
            is_anonymous=True,
            supply_point_id=self.point.id,
            contact_phone="13800000001",
            contact_name="Wang",
            contact_email="wang@example.com",
        )
        nothing = dict.fromkeys(
            ("partner_id", "contact_name", "contact_phone", "contact_email"), False
        )
        self.assertRecordValues(ticket, [nothing])
        self.assertEqual(ticket.station_id, self.station)
        ticket = self._take(contact_phone="13800000001")
        ticket.is_anonymous = True
        self.assertRecordValues(ticket, [nothing])
        ticket.supply_point_id = self.point_other
        self.assertRecordValues(ticket, [nothing])

    def test_green_channel_goes_first(self):
        segment = self.env["power.customer.segment"].create(
            {"name": "Alone and ill", "code": "alone", "is_vulnerable": True}
        )
        self.customer.segment_ids = [Command.link(segment.id)]
        ticket = self._create_ticket("enquiry")
        self.assertTrue(ticket.is_green_channel)
        self.assertEqual(ticket.priority, "1")
        ticket = self._create_ticket("enquiry", supply_point_id=self.point_other.id)
        self.assertEqual(ticket.priority, "0")

    def test_a_calendar_without_hours_does_not_stop_intake(self):
        empty = self.env["resource.calendar"].create(
            {"name": "Nothing", "attendance_ids": [Command.clear()]}
        )
        self.company.resource_calendar_id = empty
        self.station.duty_calendar_id = empty
        ticket = self._create_ticket("complaint")
        self.assertTrue(ticket.deadline)
        self.assertEqual(set(ticket.clock_ids.mapped("state")), {"running"})

    @warmup
    def test_one_and_fifty_cost_the_same_queries(self):
        counts = []
        for size in (1, 50):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["power.ticket"].create(
                [
                    {"subject": f"Dark {n}", "contact_phone": "13800000001"}
                    for n in range(size)
                ]
            )
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
