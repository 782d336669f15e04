from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import format_datetime
from odoo.tools.safe_eval import safe_eval

from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestIntakeForm(ActionCommon):
    def _form(self):
        return Form(self.env["power.ticket.intake"].with_user(self.staff))

    def test_number_shows_all_that_is_known(self):
        known = self._create_ticket("fault", subject="Dark")
        tickets = type(self.env["power.ticket"])
        item = {"kind": "outage", "text": "Works on line 1.", "until": False}
        with patch.object(tickets, "_get_known_interruption", return_value=[item]):
            form = self._form()
            form.lookup = self.point.name
            self.assertEqual(form.supply_point_id, self.point)
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(form.station_name, self.station.name)
            self.assertFalse(form.is_other_station)
            self.assertIn("Works on line 1.", form.interruption)
            self.assertIn(known, form.open_ticket_ids[:])
        form.type_id = self.types["enquiry"]
        form.description = "What about my bill?"
        action = form.save().with_user(self.staff).action_create()
        ticket = self.env["power.ticket"].browse(action["res_id"])
        self.assertRecordValues(
            ticket,
            [
                {
                    "partner_id": self.customer.id,
                    "supply_point_id": self.point.id,
                    "subject": "Enquiry",
                    "channel": "phone",
                    "first_contact_user_id": self.staff.id,
                    "receiving_station_id": self.station.id,
                }
            ],
        )

    def test_another_stations_customer_is_found_and_logged(self):
        lookups = self.env["power.customer.lookup"].search_count([])
        form = self._form()
        form.lookup = "13800000002"
        self.assertEqual(form.partner_id, self.customer_other)
        self.assertTrue(form.is_other_station)
        self.assertEqual(form.contact_phone, "+8613800000002")
        self.assertGreater(self.env["power.customer.lookup"].search_count([]), lookups)
        action = form.save().with_user(self.staff).action_create()
        ticket = self.env["power.ticket"].browse(action["res_id"])
        self.assertEqual(ticket.station_id, self.station_other)
        self.assertEqual(ticket.receiving_station_id, self.station)

    def test_an_id_by_rpc_shows_nothing_of_another_station(self):
        intake = (
            self.env["power.ticket.intake"]
            .with_user(self.staff)
            .create(
                {
                    "supply_point_id": self.point_other.id,
                    "subject": "x",
                    "type_id": self.types["enquiry"].id,
                }
            )
        )
        self.assertFalse(intake.address or intake.station_name)
        self.assertFalse(intake._prepare_ticket_vals()["supply_point_id"])

    def test_a_report_of_wrongdoing_goes_unseen(self):
        form = self._form()
        form.lookup = self.point.name
        form.type_id = self.types["report"]
        action = form.save().with_user(self.staff).action_create()
        self.assertEqual(action["tag"], "display_notification")
        ticket = self.env["power.ticket"].search([], order="id desc", limit=1)
        self.assertTrue(ticket.is_confidential)

    def test_nobody_known(self):
        form = self._form()
        form.lookup = "0000999999"
        self.assertTrue(form.message)
        action = form.save().with_user(self.staff).action_create_next()
        self.assertEqual(action["params"]["next"]["res_model"], "power.ticket.intake")
        ticket = self.env["power.ticket"].search([], order="id desc", limit=1)
        self.assertEqual(ticket.consumer_number_given, "0000999999")

    def test_not_for_field_staff(self):
        with self.assertRaises(AccessError):
            Form(self.env["power.ticket.intake"].with_user(self.users["field"]))


@tagged("post_install", "-at_install")
class TestEntryForm(ActionCommon):
    def _enter(self, ticket, action, user=None, **values):
        ticket = ticket.with_user(user or self.staff)
        opened = ticket.with_context(power_entry=action).action_open_entry()
        entries = self.env["power.ticket.entry"].with_user(user or self.staff)
        context = opened["context"]
        form = Form(entries.with_context(**context))
        for name, value in values.items():
            setattr(form, name, value)
        return form.save().action_confirm()

    def test_each_action_by_its_window(self):
        ticket = self._create_ticket("fault")
        self._enter(ticket, "dispatch", user_id=self.staff)
        self._enter(ticket, "contact", note="Called")
        self._enter(ticket, "chase", note="Again")
        self._enter(ticket, "pause", note="Gate closed")
        ticket.resume()
        self._enter(ticket, "send_crew", user_id=self.users["field"])
        self._enter(ticket, "arrive", note="Here")
        self._enter(ticket, "restore")
        self._enter(ticket, "answer", note="Fuse")
        self._enter(ticket, "explain", note="Snow")
        self._enter(ticket, "reopen", note="Dark again")
        self._enter(ticket, "return", reason_id=self.reasons["returned"])
        self.assertEqual(ticket.cycle, 2)
        self.assertEqual(
            self._kinds(ticket)[1:],
            [
                "dispatched",
                "milestone",
                "chased",
                "paused",
                "resumed",
                "noted",
                "milestone",
                "milestone",
                "milestone",
                "explained",
                "reopened",
                "returned",
            ],
        )

    def test_handed_over_the_list_is_shown(self):
        ticket = self._create_ticket("enquiry")
        action = self._enter(
            ticket, "transfer", note="Theirs", station_id=self.station_other
        )
        self.assertEqual(action["res_model"], "power.ticket")

    def test_at_the_desk_nobody_has_it_whoever_was_chosen_before(self):
        ticket = self._create_ticket("enquiry", user_id=self.staff.id)
        self._enter(
            ticket, "transfer", user_id=self.staff, to_desk=True, note="Whose is it?"
        )
        self.assertFalse(ticket.station_id or ticket.user_id)

    def test_staff_ask_where_supervisors_do(self):
        ticket = self._create_ticket("enquiry")
        self.station.manager_id = self.supervisor.employee_ids
        self._enter(ticket, "extend", note="Expert needed")
        self.assertEqual(ticket.activity_ids.user_id, self.supervisor)
        self.assertNotIn("extended", self._kinds(ticket))
        self._enter(
            ticket,
            "extend",
            self.supervisor,
            units=2,
            reason_id=self.reasons["extended"],
        )
        self.assertIn("extended", self._kinds(ticket))

    def _open(self, ticket, action, user=None):
        ticket = ticket.with_user(user or self.supervisor)
        opened = ticket.with_context(power_entry=action).action_open_entry()
        entries = self.env["power.ticket.entry"].with_user(user or self.supervisor)
        return Form(entries.with_context(**opened["context"]))

    def test_an_extension_shows_its_unit_and_the_new_deadline(self):
        ticket = self._create_ticket("enquiry")
        clock = self._clock(ticket, "answered")
        form = self._open(ticket, "extend")
        self.assertEqual(form.policy_id, clock.policy_id)
        self.assertEqual((form.units, form.policy_unit), (1, "working_day"))
        form.units = 3
        form.reason_id = self.reasons["extended"]
        shown = form.deadline_preview
        entry = form.save()
        before = format_datetime(entry.env, clock.deadline, dt_format="short")
        entry.action_confirm()
        clock.invalidate_recordset()
        after = format_datetime(entry.env, clock.deadline, dt_format="short")
        self.assertEqual(shown, f"{ticket.name}: {before} → {after}")
        self.assertNotEqual(before, after)

    def test_what_stands_against_an_extension_is_said_before(self):
        ticket = self._create_ticket("enquiry")
        form = self._open(ticket, "extend")
        form.units = 99
        self.assertIn("at most: 6 working days", form.deadline_preview)
        ticket.with_user(self.supervisor).extend(1, self.reasons["extended"].id)
        form = self._open(ticket, "extend")
        self.assertIn("only once", form.deadline_preview)

    def test_the_window_says_what_follows(self):
        ticket = self._create_ticket("enquiry")
        for action, word in (
            ("pause", "clocks rest"),
            ("extend", "once only"),
            ("exempt", "no longer counts"),
            ("explain", "stays missed"),
            ("end_service", "isn't content"),
            ("cancel", "without an answer"),
        ):
            with self.subTest(action):
                self.assertIn(word, self._open(ticket, action).outcome)
        self.assertFalse(self._open(ticket, "chase").outcome)

    def test_a_charge_shows_price_amount_and_for_whom_it_is_free(self):
        ticket = self._create_ticket("service")
        price = self.env["power.service.price"].create(
            {
                "name": "Rewiring",
                "code": "REWIRE",
                "kind": "extension",
                "unit": "hour",
                "price": 80,
                "date_from": "2020-01-01",
            }
        )
        form = self._open(ticket, "tell_charge", self.staff)
        self.assertFalse(form.charge_preview)
        form.price_id = price
        form.quantity = 2.5
        self.assertIn("80.00", form.charge_preview)
        self.assertIn("200.00", form.charge_preview)
        self.assertNotIn("ree", form.charge_preview)
        # As the price list says it, where it has more decimals than money.
        price.price = 0.5653
        form = self._open(ticket, "tell_charge", self.staff)
        form.price_id = price
        form.quantity = 100
        self.assertIn("0.5653", form.charge_preview)
        self.assertIn("56.53", form.charge_preview)
        price.is_free_for_vulnerable = True
        form = self._open(ticket, "tell_charge", self.staff)
        form.price_id = price
        self.assertIn("this one is not", form.charge_preview)
        segment = self.env["power.customer.segment"].create(
            {"name": "In need", "code": "NEED", "is_vulnerable": True}
        )
        ticket.partner_id.segment_ids = segment
        form = self._open(ticket, "tell_charge", self.staff)
        form.price_id = price
        self.assertIn("Free of charge", form.charge_preview)

    def test_prices_of_another_time_are_not_offered(self):
        arch = etree.fromstring(
            self.env["power.ticket.entry"].get_view(view_type="form")["arch"]
        )
        domain = safe_eval(arch.xpath("//field[@name='price_id']")[0].get("domain"))
        values = {"kind": "extension", "unit": "hour", "price": 1}
        prices = self.env["power.service.price"].create(
            [
                {**values, "name": name, "code": name, **period}
                for name, period in (
                    ("Now", {"date_from": "2020-01-01"}),
                    ("Past", {"date_from": "2020-01-01", "date_to": "2021-01-01"}),
                    ("Later", {"date_from": "2999-01-01"}),
                )
            ]
        )
        self.assertEqual(prices.filtered_domain(domain).mapped("name"), ["Now"])

    def _proposed(self, ticket, action, **values):
        opened = ticket.with_user(self.staff).with_context(power_entry=action)
        context = opened.action_open_entry()["context"]
        form = Form(
            self.env["power.ticket.entry"].with_user(self.staff).with_context(**context)
        )
        for name, value in values.items():
            setattr(form, name, value)
        return form.proposed_user_ids[:]

    def test_people_of_the_station_are_proposed(self):
        admin = self.env.ref("base.user_admin")
        inspector = self._create_user(
            "inspector", "power_service_base.group_power_quality", self.station_other
        )
        ticket = self._create_ticket("fault")
        for action in ("dispatch", "transfer", "send_crew"):
            found = self._proposed(ticket, action)
            with self.subTest(action=action):
                self.assertIn(self.users["field"], found)
                self.assertIn(self.colleague, found)
                self.assertFalse(found & (admin | inspector | self.far))
                self.assertFalse(found.filtered("share"))
        found = self._proposed(ticket, "transfer", station_id=self.station_other)
        self.assertIn(self.far, found)
        self.assertNotIn(self.colleague, found)

    def test_a_confidential_ticket_is_proposed_to_who_may_know_of_it(self):
        quality = self.users["quality"]
        accused = self._create_user("q2", "power_service_base.group_power_quality")
        ticket = self._create_ticket(
            "report", accused_employee_ids=[(6, 0, accused.employee_ids.ids)]
        )
        self.assertTrue(ticket.is_confidential)
        form = self._open(ticket, "dispatch", quality)
        found = form.proposed_user_ids[:]
        self.assertIn(quality, found)
        self.assertFalse(found & (accused | self.staff | self.supervisor))

    def test_a_person_brings_the_team(self):
        worker = self.users["field"]
        worker.employee_ids.department_id = self.team
        ticket = self._create_ticket("complaint")
        self._enter(ticket, "dispatch", user_id=worker)
        self.assertEqual((ticket.team_id, ticket.user_id), (self.team, worker))
        self._enter(ticket, "transfer", note="Desk", user_id=self.colleague)
        self.assertEqual((ticket.team_id.id, ticket.user_id), (False, self.colleague))
        self._enter(ticket, "transfer", note="Back", user_id=worker)
        self.assertEqual(ticket.team_id, self.team)
        other = self.team.copy({"name": "Other team"})
        self._enter(ticket, "dispatch", team_id=other, user_id=worker)
        self.assertEqual(ticket.team_id, other)
        # The one at the station that gets it.
        theirs = self.team.copy(
            {"name": "Their team", "parent_id": self.station_other.id}
        )
        self.far.employee_ids.department_id = theirs
        self._enter(
            ticket,
            "transfer",
            note="Theirs",
            station_id=self.station_other,
            user_id=self.far,
        )
        self.assertEqual((ticket.team_id, ticket.user_id), (theirs, self.far))
        fault = self._create_ticket("fault")
        self._enter(fault, "send_crew", user_id=worker)
        task = self.env["power.field.task"].search([("res_id", "=", fault.id)])
        self.assertEqual((task.user_id, task.team_id), (worker, self.team))

    def test_unknown_action(self):
        ticket = self._create_ticket()
        for name in (None, "unlink", "_lock"):
            with self.subTest(name=name), self.assertRaises(UserError):
                ticket.with_context(power_entry=name).action_open_entry()


@tagged("post_install", "-at_install")
class TestLinks(ActionCommon):
    def test_timeline_and_counts(self):
        ticket = self._create_ticket("enquiry", subject="About my bill")
        report = self._create_ticket("report", subject="He took money")
        self.env.flush_all()
        lines = (
            self.env["power.customer.timeline"]
            .with_user(self.users["supervisor"])
            .search([("partner_id", "=", self.customer.id), ("kind", "=", "ticket")])
        )
        self.assertEqual(lines.mapped("res_id"), ticket.ids)
        self.assertNotIn(report.subject, " ".join(lines.mapped("subject")))
        self.assertEqual(self._as(self.staff, self.customer).power_ticket_count, 1)
        self.assertEqual(self._as(self.staff, self.point).ticket_count, 1)
        self.assertEqual(self._as(self.far, self.customer).power_ticket_count, 0)

    def test_who_was_asked_first_has_to_call_back(self):
        tickets = self.env["power.ticket"]
        ticket = self._as(self.staff, tickets).create(
            {
                "subject": "Meter",
                "type_id": self.types["service"].id,
                "supply_point_id": self.point.id,
            }
        )
        due = [
            ("is_callback_due", "=", True),
            ("first_contact_user_id", "=", self.staff.id),
        ]
        self.assertFalse(tickets.search(due))
        self._as(self.colleague, ticket).answer("Checked")
        self.assertTrue(ticket.is_callback_due)
        self.assertEqual(tickets.search(due), ticket.sudo())
        ticket._plan_callbacks()._end("reached", False, {})
        self.assertFalse(tickets.search(due))
        # Opened and answered again: called back again.
        ticket.reopen("Still wrong")
        self._as(self.colleague, ticket).answer("Checked again")
        self.assertTrue(ticket.is_callback_due)
        self.assertEqual(tickets.search(due), ticket.sudo())
        anonymous = self._create_ticket("service", is_anonymous=True)
        anonymous.answer("Checked")
        self.assertFalse(anonymous.is_callback_due)

    def test_my_team(self):
        ticket = self._create_ticket(team_id=self.team.id)
        mine = self.env["power.ticket"].with_user(self.staff)
        self.assertNotIn(ticket, mine.search([("is_my_team", "=", True)]))
        self.staff.employee_ids.department_id = self.team
        self.assertIn(ticket, mine.search([("is_my_team", "=", True)]))
        self.assertTrue(mine.browse(ticket.id).is_my_team)
