from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from odoo.addons.power_service_tickets.models.power_ticket_action import ENTERED_KINDS
from odoo.addons.power_service_tickets.models.power_ticket_event import EVENT_KINDS

from .common import TicketCommon


@tagged("post_install", "-at_install")
class TestTicketGuard(TicketCommon):
    """What an API key of the station's staff may not do past the buttons."""

    def setUp(self):
        super().setUp()
        self.ticket = self._create_ticket("complaint")
        self.mine = self.ticket.with_user(self.users["staff"])

    def test_events_of_an_action_are_not_entered_past_it(self):
        before = self.ticket.event_ids
        own_action = {kind for kind, _label in EVENT_KINDS} - ENTERED_KINDS
        for kind in [*own_action, "garbage", ""]:
            with self.subTest(kind=kind), self.assertRaises(UserError):
                self.mine.register_event(kind, note="x")
        with self.assertRaises(UserError):
            self.mine.register_event("milestone", milestone="received")
        self.assertEqual(self.ticket.event_ids, before)
        self.assertTrue(self.ticket.is_open)

    def test_answer_and_end_are_checked_as_by_their_buttons(self):
        with self.assertRaisesRegex(UserError, "Say why"):
            self.mine.register_event("milestone", milestone="answered")
        with self.assertRaises(UserError):
            self.mine.register_event("milestone", milestone="closed")
        self.assertFalse(self.ticket.answered_at)
        self.assertTrue(self.ticket.is_open)

    def test_what_was_taken_in_stays(self):
        earlier = self.ticket.received_at - timedelta(days=1)
        for name, value in {
            "received_at": earlier,
            "name": "T1",
            "external_ref": "1",
            "source_system": "95598",
            "reporter_id": self.customer_other.id,
        }.items():
            with self.subTest(field=name), self.assertRaises(UserError):
                self.mine.write({name: value})
        self.assertNotEqual(self.ticket.received_at, earlier)

    def test_nothing_is_received_in_the_future(self):
        tickets = self.env["power.ticket"].with_user(self.users["staff"])
        later = fields.Datetime.now() + timedelta(hours=1)
        with self.assertRaisesRegex(UserError, "future"):
            tickets.create(
                {
                    "subject": "Tomorrow",
                    "type_id": self.types["fault"].id,
                    "received_at": later,
                }
            )

    def test_mail_comes_in_by_mail_only(self):
        for name in ("message_new", "message_update"):
            with self.subTest(method=name), self.assertRaises(AccessError):
                get_public_method(self.env["power.ticket"], name)

    def test_an_exemption_is_of_a_promise_of_the_ticket(self):
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "exempted")], limit=1
        )
        ticket = self.ticket.with_user(self.users["supervisor"])
        with self.assertRaisesRegex(UserError, "no such promise"):
            ticket.exempt(reason.id, "Storm", policy_id=2**31 - 1)

    def test_somebody_elses_file_is_no_proof(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "salary.txt",
                "raw": b"secret",
                "res_model": "hr.employee",
                "res_id": self.users["quality"].employee_ids.id,
            }
        )
        calls = {
            "register_event": lambda: self.mine.register_event(
                "noted", note="x", proof_ids=file.ids
            ),
            "explain": lambda: self.mine.explain("x", proof_ids=file.ids),
            "intake": lambda: (
                self.env["power.ticket.intake"]
                .with_user(self.users["staff"])
                .create(
                    {
                        "type_id": self.types["enquiry"].id,
                        "subject": "x",
                        "proof_ids": [Command.set(file.ids)],
                    }
                )
                .action_create()
            ),
        }
        for name, call in calls.items():
            with self.subTest(call=name), self.assertRaises(AccessError):
                call()
        self.assertEqual(file.res_model, "hr.employee")
        self.assertFalse(file.power_sha256)

    def test_programs_and_large_files_are_refused_on_every_way(self):
        files = self.env["ir.attachment"].with_user(self.users["staff"])
        of_ticket = {"res_model": "power.ticket", "res_id": self.ticket.id}
        for name, raw in (
            ("run.exe", b"MZ"),
            ("photo.jpg", b"MZ a program by another name"),
            ("page.html", b"hello"),
            ("notes.txt", b"<html><script>alert(1)</script>"),
            ("logo.svg", b"<svg onload='alert(1)'/>"),
            ("large.jpg", b"x" * (20 * 1024 * 1024)),
        ):
            with self.subTest(name=name):
                with self.assertRaisesRegex(UserError, name):
                    files.create({"name": name, "raw": raw, **of_ticket})
                loose = files.create({"name": name, "raw": raw})
                with self.assertRaisesRegex(UserError, name):
                    loose.write(of_ticket)
                with self.assertRaisesRegex(UserError, name):
                    self.mine.message_post(body="Look", attachment_ids=loose.ids)
                with self.assertRaisesRegex(UserError, name):
                    self.mine.message_post(body="Look", attachments=[(name, raw)])
        photo = files.create({"name": "pole.png", "raw": b"\x89PNG", **of_ticket})
        self.assertEqual(photo.res_id, self.ticket.id)

    def test_a_time_that_is_none_is_said(self):
        with self.assertRaisesRegex(UserError, "no date and time"):
            self.mine.register_event("noted", note="x", at="yesterday")


@tagged("post_install", "-at_install")
class TestTicketPlace(TicketCommon):
    def test_a_team_of_another_station_gets_it_with_its_station_only(self):
        elsewhere = self.env["hr.department"].create(
            {
                "name": "Crew elsewhere",
                "power_unit": "team",
                "parent_id": self.station_other.id,
            }
        )
        ticket = self._create_ticket("fault")
        for name, call in {
            "dispatch": lambda: ticket.dispatch(elsewhere.id),
            "transfer": lambda: ticket.transfer("Yours", team_id=elsewhere.id),
            "write": lambda: ticket.write({"team_id": elsewhere.id}),
        }.items():
            with self.subTest(call=name), self.assertRaisesRegex(UserError, "station"):
                call()
        ticket.transfer("Yours", station_id=self.station_other.id, team_id=elsewhere.id)
        self.assertEqual(ticket.team_id, elsewhere)

    def test_a_customer_with_another_companys_area_is_taken_in(self):
        area = self.env["power.grid.area"].create(
            {
                "name": "Abroad",
                "code": "ABROAD",
                "company_id": self.company_other.id,
                "station_id": self.station_foreign.id,
            }
        )
        caller = self.env["res.partner"].create(
            {
                "name": "Two homes",
                "is_power_customer": True,
                "company_id": False,  # a customer of both companies
                "grid_area_id": area.id,
            }
        )
        ticket = self._create_ticket(
            supply_point_id=False,
            partner_id=caller.id,
            receiving_station_id=self.station.id,
        )
        self.assertFalse(ticket.grid_area_id)
        self.assertEqual(ticket.station_id, self.station)

    def test_priority_follows_the_class_unless_chosen(self):
        category = self.env["power.ticket.category"].create(
            {
                "name": "Danger to life",
                "code": "test_danger",
                "type_id": self.types["enquiry"].id,
                "priority": "2",
            }
        )
        followed = self._create_ticket(category_id=category.id)
        chosen = self._create_ticket(priority="2")
        self.assertEqual(followed.priority, "2")
        (followed | chosen).category_id = False
        self.assertEqual(followed.priority, "0")
        chosen.category_id = category
        chosen.priority = "1"
        chosen.category_id = False
        self.assertEqual(chosen.priority, "1")


@tagged("post_install", "-at_install")
class TestTicketPoint(TicketCommon):
    """Whoever names a supply point has to be able to read it: the form and the ticket
    show its customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_foreign = cls.env["res.partner"].create(
            {
                "name": "Foreign customer",
                "is_power_customer": True,
                "company_id": cls.company_other.id,
            }
        )
        cls.point_foreign, _contract = cls._create_point(
            "3300000003", cls.customer_foreign, cls.area_foreign
        )
        cls.customer_foreign.company_id = cls.company_other
        cls.closed = cls.point_other | cls.point_foreign

    def setUp(self):
        super().setUp()
        self.tickets = self.env["power.ticket"].with_user(self.users["staff"])
        self.vals = {"subject": "x", "type_id": self.types["enquiry"].id}

    def test_a_form_asked_about_a_closed_point_tells_nothing(self):
        spec = {
            "supply_point_id": {"fields": {"display_name": {}}},
            "partner_id": {"fields": {"display_name": {}}},
            "grid_area_id": {"fields": {"display_name": {}}},
            "station_id": {"fields": {"display_name": {}}},
            "customer_class": {},
        }
        for model in ("power.ticket", "power.connection", "power.inspection"):
            records = self.env[model].with_user(self.users["staff"])
            known = {name: spec[name] for name in spec if name in records._fields}
            for point in self.closed:
                for user in ("field", "staff", "supervisor"):
                    with self.subTest(model=model, point=point.name, user=user):
                        asked = records.with_user(self.users[user])
                        with self.assertRaises(AccessError):
                            asked.onchange(
                                {"supply_point_id": point.id},
                                ["supply_point_id"],
                                known,
                            )
        told = self.tickets.onchange(
            {**self.vals, "supply_point_id": self.point.id}, ["supply_point_id"], spec
        )
        self.assertEqual(told["value"]["partner_id"]["id"], self.customer.id)

    def test_no_ticket_is_made_of_a_closed_point(self):
        for point in self.closed:
            with self.subTest(point=point.name):
                named = {**self.vals, "supply_point_id": point.id}
                with self.assertRaises(AccessError):
                    self.tickets.create(named)
                # Nor with a number that would be recognised, nor as an anonymous one.
                for more in (
                    {"consumer_number_given": self.point.name},
                    {"is_anonymous": True},
                    {"partner_id": self.customer.id},
                ):
                    with self.assertRaises(AccessError):
                        self.tickets.create({**named, **more})
                context = self.tickets.with_context(default_supply_point_id=point.id)
                with self.assertRaises(AccessError):
                    context.default_get(["supply_point_id", "partner_id"])
                with self.assertRaises(AccessError):
                    context.create(self.vals)
                with self.assertRaises(AccessError):
                    context.onchange({}, [], {"supply_point_id": {}, "partner_id": {}})

    def test_no_ticket_is_moved_to_a_closed_point(self):
        ticket = self._create_ticket().with_user(self.users["staff"])
        for point in self.closed:
            with self.subTest(point=point.name):
                with self.assertRaises(AccessError):
                    ticket.write({"supply_point_id": point.id})
                with self.assertRaises(AccessError):
                    ticket.onchange(
                        {"supply_point_id": point.id},
                        ["supply_point_id"],
                        {"partner_id": {"fields": {"display_name": {}}}},
                    )
        self.assertEqual(ticket.partner_id, self.customer)

    def test_another_companys_customer_is_not_named(self):
        for call in (
            lambda: self.tickets.create(
                {**self.vals, "partner_id": self.customer_foreign.id}
            ),
            lambda: self.tickets.with_context(
                default_partner_id=self.customer_foreign.id
            ).create(self.vals),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_number_said_reaches_every_station(self):
        ticket = self.tickets.create(
            {**self.vals, "consumer_number_given": self.point_other.name}
        )
        self.assertEqual(ticket.sudo().supply_point_id, self.point_other)
        self.assertEqual(ticket.sudo().partner_id, self.customer_other)

    def test_a_point_that_a_ticket_has_already_stays(self):
        ticket = self._create_ticket(
            supply_point_id=self.point_other.id,
            receiving_station_id=self.station.id,
        ).with_user(self.users["staff"])
        self.assertFalse(self.point_other.with_user(ticket.env.user).has_access("read"))
        ticket.write({"supply_point_id": self.point_other.id, "subject": "Kept"})
        ticket.onchange({"subject": "y"}, ["subject"], {"partner_id": {}})
        copy = ticket.copy()
        self.assertEqual(copy.sudo().supply_point_id, self.point_other)
        self.assertEqual(copy.sudo().station_id, self.station_other)

    def test_no_journal_names_a_closed_point(self):
        journals = self.env["power.work.journal"].with_user(self.users["staff"])
        for point in self.closed:
            with self.subTest(point=point.name):
                line = {"text": "x", "supply_point_id": point.id}
                with self.assertRaises(AccessError):
                    journals.create({"line_ids": [Command.create(line)]})
