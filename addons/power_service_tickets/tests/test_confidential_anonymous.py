"""Who calls without a name stays without one, however the request comes in."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import TicketCommon

PHONE = "+8613800000001"
CALLER = "Wang Wei's neighbour"


@tagged("post_install", "-at_install")
class TestAnonymous(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls.users["staff"]
        cls.refs = iter(range(1000))

    def _receive(self, code, **row):
        found = (
            self.env["power.ticket"]
            .with_user(self.staff)
            .receive(
                {
                    "type": code,
                    "source_system": "95598",
                    "external_ref": f"a{next(self.refs)}",
                    "phone": PHONE,
                    "contact_name": CALLER,
                    "email": "wang@example.com",
                    "is_anonymous": True,
                    **row,
                }
            )
        )
        return self.env["power.ticket"].browse(found["id"])

    def _take_in(self, code, lookup):
        form = Form(self.env["power.ticket.intake"].with_user(self.staff))
        form.type_id = self.types[code]
        form.lookup = lookup
        form.contact_name = CALLER
        form.contact_phone = PHONE
        form.is_anonymous = True
        intake = form.save()
        intake.action_create()
        return intake, self.env["power.ticket"].search([], order="id desc", limit=1)

    def _assert_nothing_is_kept(self, record, *more):
        """No field of the record, and of those about it, tells who called."""
        secrets = (PHONE, "13800000001", CALLER, "wang@example.com", *more)
        self.env.flush_all()
        columns = [
            field.name
            for field in record._fields.values()
            if field.store and field.column_type
        ]
        row = record.read(columns)
        for secret in secrets:
            self.assertNotIn(secret, str(row))

    def _assert_anonymous(self, ticket, *more):
        self._assert_nothing_is_kept(ticket, *more)
        self.assertFalse(ticket.partner_id or ticket.reporter_id)
        for event in ticket.event_ids:
            self._assert_nothing_is_kept(event, *more)
        self.assertFalse(
            self.env["power.notice"].search([("partner_id", "=", self.customer.id)])
        )
        messages = ticket.message_ids
        self.assertNotIn(CALLER, str(messages.mapped("body")))

    def test_the_hotline_keeps_neither_number_nor_phone(self):
        for code in ("enquiry", "complaint", "report", "opinion"):
            ticket = self._receive(code, consumer_number=self.point.name)
            with self.subTest(type=code):
                self._assert_anonymous(ticket, self.point.name)
                self.assertFalse(ticket.supply_point_id)
                self.assertFalse(ticket.consumer_number_given)
                # It lies at the station of the point, not at the company's desk.
                self.assertEqual(ticket.station_id, self.station)
                self.assertEqual(ticket.grid_area_id, self.area)

    def test_a_fault_is_where_the_point_is(self):
        ticket = self._receive("fault", consumer_number=self.point_other.name)
        self.assertEqual(ticket.supply_point_id, self.point_other)
        self.assertEqual(ticket.station_id, self.station_other)
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.consumer_number_given)
        self._assert_nothing_is_kept(ticket)

    def test_a_number_nobody_has_is_not_kept_either(self):
        ticket = self._receive("enquiry", consumer_number="0000999999")
        self._assert_anonymous(ticket, "0000999999")
        self.assertFalse(ticket.supply_point_id)

    def test_the_station_that_was_named_stays(self):
        ticket = self._receive(
            "enquiry",
            consumer_number=self.point.name,
            station=self.station_other.power_code,
        )
        self.assertEqual(ticket.station_id, self.station_other)

    def test_the_quick_form_keeps_nothing(self):
        for lookup in (self.point.name, "13800000001", "0000999999"):
            for code in ("enquiry", "report"):
                intake, ticket = self._take_in(code, lookup)
                with self.subTest(type=code, lookup=lookup):
                    self._assert_anonymous(ticket, lookup)
                    self.assertEqual(ticket.station_id, self.station)
                    self._assert_nothing_is_kept(intake, lookup)

    def test_the_quick_form_keeps_the_place_of_a_fault(self):
        for lookup in (self.point.name, "13800000001"):
            _intake, ticket = self._take_in("fault", lookup)
            with self.subTest(lookup=lookup):
                self.assertEqual(ticket.supply_point_id, self.point)
                self.assertFalse(ticket.partner_id or ticket.contact_phone)

    def test_nothing_is_entered_afterwards(self):
        ticket = self._create_ticket("enquiry", is_anonymous=True)
        for vals in (
            {"contact_phone": PHONE},
            {"contact_name": CALLER},
            {"contact_email": "wang@example.com"},
            {"consumer_number_given": self.point.name},
            {"partner_id": self.customer.id},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(ValidationError, "anonymous"),
                self.env.cr.savepoint(),
            ):
                ticket.write(vals)
                self.env.flush_all()
        ticket.write({"is_anonymous": False, "contact_phone": PHONE})
        self.assertEqual(ticket.contact_phone, PHONE)
        ticket.consumer_number_given = "0000999999"
        ticket.is_anonymous = True
        self._assert_nothing_is_kept(ticket, "0000999999")

    def test_many_cost_as_many_queries_as_one(self):
        counts = []
        for number in (1, 1, 20):
            rows = [
                {
                    "subject": "x",
                    "type_id": self.types["enquiry"].id,
                    "is_anonymous": True,
                    "consumer_number_given": self.point.name,
                }
                for _row in range(number)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.env["power.ticket"]._place_anonymous(rows)
            counts.append(self.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])
