"""Forms show nothing of records that their user may not read.

A form's related and stored fields are read as superuser: without a check whoever opens
a window on a ticket's id would read the ticket.
"""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged, warmup

from .connection_common import ConnectionCommon
from .test_confidential import SECRET, ConfidentialCommon

# The windows that were found to be open, each with the link it was opened by.
FOUND_OPEN = {
    ("power.ticket.review.entry", "ticket_id"),
    ("power.ticket.reply.entry", "ticket_id"),
    ("power.ticket.entry", "ticket_ids"),
    ("power.ticket.entry", "charge_id"),
    ("power.ticket.callback.entry", "callback_id"),
    ("power.connection.entry", "connection_id"),
    ("power.duty.handover", "shift_id"),
    ("power.field.task.entry", "task_id"),
    ("power.notice.outcome", "notice_ids"),
}


class ReachCommon(ConfidentialCommon, ConnectionCommon):
    """A record of each model that a window may be opened on, closed to outsiders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._fill()
        cls.report._project_write({"subject": SECRET})
        application = cls._create_ticket(
            "connection",
            subject=SECRET,
            is_confidential=True,
            accused_employee_ids=[Command.set(cls.accused.employee_ids.ids)],
        )
        cls.connection = application.connection_ids
        cls.connection.write({"meter_numbers": SECRET, "contract_number": SECRET})
        price = cls.env["power.service.price"].create(
            {
                "name": SECRET,
                "code": "secret",
                "kind": "extension",
                "unit": "visit",
                "price": 1,
                "date_from": "2020-01-01",
            }
        )
        cls.charge = cls.env["power.ticket.charge"].create(
            {"ticket_id": cls.report.id, "price_id": price.id}
        )
        cls.claim = cls.env["power.claim"].create(
            {
                "name": SECRET,
                "ticket_id": cls.report.id,
                "partner_id": cls.customer.id,
                "happened_at": "2026-03-01 02:00",
                "line_ids": [Command.create({"name": SECRET, "amount_claimed": 1})],
            }
        )
        stranger = cls._create_user(
            "stranger", "power_service_base.group_power_field", cls.station_other
        )
        shifts = cls.env["power.duty.shift"].create(
            [
                {
                    "station_id": cls.station_other.id,
                    "employee_id": stranger.employee_ids.id,
                    "start_at": f"2026-03-0{day} 00:00",
                    "end_at": f"2026-03-0{day} 12:00",
                    "handover_note": SECRET,
                }
                for day in (1, 2)
            ]
        )
        shifts._move({"handed_over_at": "2026-03-01 12:00"})
        origin = [("res_model", "=", "power.ticket"), ("res_id", "=", cls.report.id)]
        cls.closed = {
            "power.ticket": cls.report,
            "power.ticket.charge": cls.charge,
            "power.ticket.callback": cls.report.callback_ids,
            "power.connection": cls.connection,
            "power.claim": cls.claim,
            "power.duty.shift": shifts[1],
            "power.field.task": cls.env["power.field.task"].search(origin),
            "power.notice": cls.env["power.notice"].search(origin),
            "power.rectification": cls.env["power.rectification"].search(origin),
        }
        cls.env.flush_all()

    def _each(self, record):
        """Who may not read it."""
        for user in self.outsiders.values():
            self.env.invalidate_all()
            if not record.with_user(user).has_access("read"):
                self.env.invalidate_all()
                yield user

    def _name(self, field, record):
        """What a client sends to put ``record`` into a field."""
        if field.type == "many2one":
            return record.id
        return [Command.set(record.ids)]

    def _ask(self, model, values, names):
        """What the web client does in a new form after ``names`` were changed."""
        spec = {
            name: {"fields": {"display_name": {}}}
            if field.type in ("many2one", "many2many", "one2many")
            else {}
            for name, field in model._fields.items()
            if name != "id" and model._has_field_access(field, "read")
        }
        return model.onchange(values, names, spec)


@tagged("post_install", "-at_install")
class TestWindows(ReachCommon):
    def _get_windows(self):
        """Every window that can be opened on one of the closed records."""
        for model in self.env.registry.values():
            if not model._transient or not model._name.startswith("power."):
                continue
            for field in model._fields.values():
                if (
                    field.type in ("many2one", "many2many")
                    and field.store
                    and field.comodel_name in self.closed
                ):
                    yield model._name, field

    def _prepare_vals(self, model, field, record):
        """The least a window needs, opened on ``record``."""
        vals = {field.name: self._name(field, record)}
        for name, needed in self.env[model]._fields.items():
            if not needed.required or not needed.store or name in vals:
                continue
            if needed.type == "selection":
                vals[name] = needed.get_values(self.env)[0]
            elif needed.type == "many2one":
                vals[name] = self.env[needed.comodel_name].search([], limit=1).id
            elif needed.type in ("char", "text"):
                vals[name] = "x"
            elif needed.type == "datetime":
                vals[name] = "2026-03-01 00:00:00"
        return vals

    def test_every_window_found_open_is_looked_at(self):
        found = {(model, field.name) for model, field in self._get_windows()}
        self.assertLessEqual(FOUND_OPEN, found)

    def test_none_is_opened_by_who_may_not_read_the_record(self):
        for model, field in self._get_windows():
            record = self.closed[field.comodel_name]
            vals = self._prepare_vals(model, field, record)
            for user in self._each(record):
                windows = self.env[model].with_user(user)
                with self.subTest(model=model, field=field.name, user=user.login):
                    with self.assertRaises(AccessError):
                        windows.create(vals).read()
                    with self.assertRaises(AccessError):
                        self._ask(windows, vals, list(vals))
                    context = {f"default_{key}": vals[key] for key in vals}
                    with self.assertRaises(AccessError):
                        self._ask(windows.with_context(**context), {}, [])

    def test_none_shows_a_record_that_was_closed_afterwards(self):
        """Each field of a window that is there already says nothing."""
        for model, field in self._get_windows():
            record = self.closed[field.comodel_name]
            vals = self._prepare_vals(model, field, record)
            for user in self._each(record):
                window = self.env[model].with_user(user).sudo().create(vals)
                self.env.flush_all()
                self.env.invalidate_all()
                window = window.with_user(user)
                if not window.has_access("read"):
                    continue
                for name, shown in window._fields.items():
                    if not window._has_field_access(shown, "read"):
                        continue
                    is_through = shown.related and shown.related.startswith(
                        f"{field.name}."
                    )
                    self.env.invalidate_all()
                    with self.subTest(model=model, field=name, user=user.login):
                        try:
                            found = window.read([name])[0][name]
                        except AccessError:
                            continue
                        if shown is field and field.comodel_name != "power.ticket":
                            continue  # the name of what it was opened on
                        if shown.comodel_name == "res.currency":
                            continue  # the company's
                        self.assertFalse(is_through and found)
                        if shown.store and shown.compute:
                            continue  # written when it was made, as superuser here
                        self.assertNotIn(SECRET, str(found))

    def test_who_may_read_it_works_with_it(self):
        entry = (
            self.env["power.ticket.review.entry"]
            .with_user(self.reviewer)
            .create({"ticket_id": self.report.id})
        )
        self.assertEqual(entry.read(["description"])[0]["description"], SECRET)
        steps = self.env["power.connection.entry"].with_user(self.reviewer)
        steps = steps.create({"connection_id": self.connection.id})
        self.assertEqual(steps.meter_numbers, SECRET)
        self.assertEqual(steps.milestone_id.code, self.connection.step)

    def test_numbers_of_text_are_no_way_round(self):
        entries = self.env["power.ticket.review.entry"].with_user(self.chief)
        number = self.report.id
        for value in (
            number,
            float(number),
            str(number),
            f" +0{number} ",
        ):
            with self.subTest(value=value), self.assertRaises(AccessError):
                entries.create({"ticket_id": value})
        for value in (
            {"id": self.report.id, "description": "x"},
            (self.report.id, "x"),
        ):
            with self.subTest(value=value), self.assertRaises(AccessError):
                self._ask(entries, {"ticket_id": value}, ["ticket_id"])
        entries = self.env["power.ticket.entry"].with_user(self.chief)
        for value in (
            [(4, self.report.id)],
            [[6, 0, [self.report.id]]],
            [(1, self.report.id, {})],
        ):
            with self.subTest(value=value), self.assertRaises(AccessError):
                self._ask(entries, {"ticket_ids": value}, ["ticket_ids"])


@tagged("post_install", "-at_install")
class TestLinks(ReachCommon):
    """Records that are saved: claims, connections, cases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls._create_ticket(
            "fault", subject=SECRET, supply_point_id=cls.point_other.id
        )
        cls.elsewhere.receiving_station_id = cls.station_other
        cls.env.flush_all()

    def test_no_claim_on_a_ticket_that_is_not_seen(self):
        for ticket in (self.report, self.elsewhere):
            vals = {
                "name": "x",
                "ticket_id": ticket.id,
                "happened_at": "2026-03-01 02:00",
                "partner_id": self.customer.id,
                "supply_point_id": self.point.id,
                "station_id": self.station.id,
            }
            for user in self._each(ticket):
                claims = self.env["power.claim"].with_user(user)
                with self.subTest(ticket=ticket.name, user=user.login):
                    with self.assertRaises(AccessError):
                        self._ask(claims, {"ticket_id": ticket.id}, ["ticket_id"])
                    context = {"default_ticket_id": ticket.id}
                    with self.assertRaises(AccessError):
                        self._ask(claims.with_context(**context), {}, [])
                    with self.assertRaises(AccessError):
                        claims.create(vals)

    def test_no_claim_is_moved_to_a_ticket_that_is_not_seen(self):
        staff = self.users["staff"]
        own = self._create_ticket("fault")
        claim = (
            self.env["power.claim"]
            .with_user(staff)
            .create(
                {"name": "x", "ticket_id": own.id, "happened_at": "2026-03-01 02:00"}
            )
        )
        self.assertEqual(claim.partner_id, self.customer)
        with self.assertRaises(AccessError):
            claim.ticket_id = self.elsewhere
        with self.assertRaises(AccessError):
            claim.supply_point_id = self.point_other
        # What it has already stays, also when the ticket goes elsewhere.
        own._project_write(
            {
                "station_id": self.station_other.id,
                "receiving_station_id": self.station_other.id,
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(own.with_user(staff).has_access("read"))
        claim._check_reach([{"ticket_id": own.id}])
        claim.cause = "Neutral broken"
        found = claim.onchange({"ticket_id": own.id, "cause": "y"}, ["cause"], {})
        self.assertIn("value", found)

    def test_no_connection_shows_a_ticket_that_is_not_seen(self):
        for user in self._each(self.report):
            connections = self.env["power.connection"].with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._ask(connections, {"ticket_id": self.report.id}, ["ticket_id"])
                with self.assertRaises(AccessError):
                    connections.create({"ticket_id": self.report.id})
                tickets = self.env["power.ticket"].with_user(user)
                line = [0, "virtual_1", {"ticket_id": self.report.id}]
                spec = {"connection_ids": {"fields": {"description": {}}}}
                with self.assertRaises(AccessError):
                    tickets.onchange(
                        {"connection_ids": [line]}, ["connection_ids"], spec
                    )

    def test_no_paper_source_or_line_on_what_is_not_seen(self):
        links = {
            "power.connection.paper": ("connection_id", self.connection),
            "power.connection.source": ("connection_id", self.connection),
            "power.claim.line": ("claim_id", self.claim),
        }
        for model, (name, record) in links.items():
            for user in self._each(record):
                records = self.env[model].with_user(user)
                with self.subTest(model=model, user=user.login):
                    with self.assertRaises(AccessError):
                        self._ask(records, {name: record.id}, [name])

    def test_no_case_about_a_ticket_that_is_not_seen(self):
        for user in self._each(self.report):
            cases = self.env["power.case"].with_user(user)
            vals = {"name": "x", "ticket_ids": [Command.link(self.report.id)]}
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._ask(cases, vals, list(vals))
                with self.assertRaises(AccessError):
                    cases.create(vals)

    @warmup
    def test_the_check_costs_the_same_for_many(self):
        staff = self.users["staff"]
        tickets = [self._create_ticket("fault") for _number in range(20)]
        claims = self.env["power.claim"].with_user(staff)
        counts = []
        for some in (tickets[:1], tickets[:1], tickets[:20]):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            claims._check_reach([{"ticket_id": ticket.id} for ticket in some])
            counts.append(self.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestIntakeLookUp(ReachCommon):
    """The quick form tells of another station's point only after a logged look-up."""

    def setUp(self):
        super().setUp()
        self.point_other.address = SECRET
        self.intakes = self.env["power.ticket.intake"].with_user(self.users["staff"])

    def _ask_for(self, lookup, point):
        values = {"lookup": lookup, "other_point_id": point.id, "subject": "x"}
        return self._ask(self.intakes, values, ["subject"])["value"]

    def test_an_id_sent_by_the_form_is_not_believed(self):
        for lookup in (False, "", "x", self.point.name):
            with self.subTest(lookup=lookup):
                self.assertNotIn(SECRET, str(self._ask_for(lookup, self.point_other)))
        # The right number, but nobody looked it up.
        found = self._ask_for(self.point_other.name, self.point_other)
        self.assertNotIn(SECRET, str(found))
        self.assertNotIn(self.customer_other.name, str(found))

    def test_after_the_look_up_it_is_shown(self):
        lookup = self.point_other.name
        values = {"lookup": lookup, "subject": "x"}
        found = self._ask(self.intakes, values, ["lookup"])["value"]
        self.assertIn(SECRET, str(found["address"]))
        self.env.flush_all()
        intake = self.intakes.create({"lookup": lookup, "subject": "x"})
        self.assertEqual(intake.address, SECRET)
        self.assertEqual(
            intake._prepare_ticket_vals()["supply_point_id"], self.point_other.id
        )

    def test_no_phone_of_another_companys_customer(self):
        customer = self.env["res.partner"].create(
            {
                "name": SECRET,
                "phone": "+8613900000009",
                "company_id": self.company_other.id,
            }
        )
        with self.assertRaises(AccessError):
            self._ask(self.intakes, {"partner_id": customer.id}, ["partner_id"])
