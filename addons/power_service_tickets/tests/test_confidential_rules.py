"""Every record rule of the addon shuts somebody out: of another station, of another
company, the one reported and the chief."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .connection_common import ConnectionCommon
from .test_confidential import DERIVED, ORIGIN, SECRET, ConfidentialCommon

# Seen by all stations of the company.
OF_COMPANY = {
    "power.complaint.rule",
    "power.complaint.subscription",
    "power.connection.paper.type",
    "power.connection.rule",
    "power.sla.bulletin",
    "power.sla.policy",
    "power.ticket.route",
    "power.webhook",
    "power.webhook.message",
}
# Of other addons, whose rules by station are tested there: only confidential ones here.
ELSEWHERE = {
    "power.customer.contact",
    "power.field.task",
    "power.field.task.event",
    "power.notice",
    "power.notice.event",
    "rating.rating",
}
# Rules for customers are tested with the portal's pages.
FOR_CUSTOMERS = ("power_ticket_rule_portal", "power_connection_rule_portal")


@tagged("post_install", "-at_install")
class TestRules(ConfidentialCommon, ConnectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.near = cls.users["supervisor"]
        quality = "power_service_base.group_power_manager"
        cls.foreign = cls._create_user("foreign", quality, cls.station_foreign)
        cls.foreign.write(
            {
                "company_ids": [Command.set(cls.company_other.ids)],
                "company_id": cls.company_other.id,
            }
        )
        cls.elsewhere = [
            cls._create_user(
                f"far_{name}", f"power_service_base.group_power_{name}", station
            )
            for name, station in (
                ("field", cls.station_other),
                ("supervisor", cls.station_other),
            )
        ]
        cls.plain = cls._create_ticket(
            "complaint", subject="Plain", team_id=cls.team.id
        )
        cls._fill(cls.report, SECRET)
        cls._fill(cls.plain, "Plain")
        cls.open, cls.secret = {}, {}
        cls._collect(cls.plain, "Plain", cls.open)
        cls._collect(cls.report, SECRET, cls.secret)
        cls._add_connections()
        cls._add_quality_work()
        cls._add_settings()
        cls.env.flush_all()

    # Records ------------------------------------------------------------------------

    @classmethod
    def _collect(cls, ticket, text, found):
        """What came of the ticket, and what else can."""
        found["power.ticket"] = ticket
        for model, path in DERIVED.items():
            found[model] = cls.env[model].search([(path, "=", ticket.id)])
        for model in ORIGIN:
            found[model] = cls.env[model].search(
                [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
            )
        found["power.notice.event"] = found["power.notice"].event_ids
        found["power.field.task.event"] = cls.env["power.field.task.event"].create(
            {"task_id": found["power.field.task"].id, "kind": "note", "note": text}
        )
        found["power.rectification.escalation"] = cls.env[
            "power.rectification.escalation"
        ].create(
            {
                "rectification_id": found["power.rectification"].id,
                "step_id": cls.env["power.rectification.step"].search([], limit=1).id,
                "due_date": "2026-03-01",
                "at": "2026-03-01 00:00",
            }
        )
        price = cls.env["power.service.price"].create(
            {
                "name": text,
                "code": text,
                "kind": "extension",
                "unit": "visit",
                "price": 1,
                "date_from": "2020-01-01",
            }
        )
        found["power.ticket.charge"] = cls.env["power.ticket.charge"].create(
            {"ticket_id": ticket.id, "price_id": price.id}
        )
        claim = cls.env["power.claim"].create(
            {
                "name": text,
                "ticket_id": ticket.id,
                "happened_at": "2026-03-01 00:00",
                "line_ids": [Command.create({"name": text, "amount_claimed": 1})],
            }
        )
        found |= {"power.claim": claim, "power.claim.line": claim.line_ids}
        found["power.case"] = cls.env["power.case"].create(
            {
                "name": text,
                "station_id": cls.station.id,
                "ticket_ids": [Command.link(ticket.id)],
            }
        )
        found["rating.rating"] = cls.env["rating.rating"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id("power.ticket"),
                "res_id": ticket.id,
                "partner_id": cls.customer.id,
            }
        )

    @classmethod
    def _add_connections(cls):
        for found, vals in (
            (cls.open, {}),
            (
                cls.secret,
                {
                    "is_confidential": True,
                    "accused_employee_ids": cls.report.accused_employee_ids.ids,
                },
            ),
        ):
            connection = cls._create_connection()
            cls._fill_scheme(connection)
            connection.ticket_id.write(vals)
            found |= {
                "power.connection": connection,
                "power.connection.paper": connection.paper_ids,
                "power.connection.source": connection.source_ids,
            }

    @classmethod
    def _make(cls, model, **vals):
        """A record of the station with the least it needs."""
        records = cls.env[model]
        if (
            "station_id" in records._fields
            and not records._fields["station_id"].related
        ):
            vals.setdefault("station_id", cls.station.id)
        defaults = records.default_get(list(records._fields))
        for name, field in records._fields.items():
            given = name in vals or name in defaults or field.compute
            if given or not field.required or not field.store:
                continue
            if field.type == "selection":
                vals[name] = field.get_values(cls.env)[0]
            elif field.type == "many2one":
                vals[name] = cls.env[field.comodel_name].search([], limit=1).id
            elif field.type in ("char", "text"):
                vals[name] = "Plain"
            elif field.type in ("integer", "float"):
                vals[name] = 1
            elif field.type in ("date", "datetime"):
                vals[name] = "2026-03-02"
        cls.open[model] = records.create(vals)
        return cls.open[model]

    @classmethod
    def _add_quality_work(cls):
        worker = cls.users["field"].employee_ids
        cls._make(
            "power.duty.shift",
            employee_id=worker.id,
            start_at="2026-03-02 00:00",
            end_at="2026-03-02 08:00",
        )
        cls._make("power.duty.post", hour_to=8)
        inspection = cls._make("power.inspection", inspector_id=worker.id)
        cls._make("power.inspection.line", inspection_id=inspection.id)
        cls._make("power.inspection.finding", inspection_id=inspection.id)
        campaign = cls._make(
            "power.campaign",
            owner_id=worker.id,
            date_from="2026-03-01",
            date_to="2026-03-31",
        )
        cls.open["power.campaign.phase"] = campaign.phase_ids
        cls._make("power.campaign.target", campaign_id=campaign.id)
        campaign.action_start()
        cls._make("power.campaign.count", campaign_id=campaign.id, date="2026-03-02")
        meeting = cls._make("power.service.meeting", month="2026-03-01")
        meeting.action_prepare()
        cls.open["power.service.meeting.figure"] = meeting.figure_ids
        cls._make("power.service.meeting.decision", meeting_id=meeting.id)
        journal = cls._make("power.work.journal", employee_id=worker.id)
        cls._make("power.work.journal.line", journal_id=journal.id)
        cls.open["power.ticket.analysis"] = cls.env["power.ticket.analysis"].search(
            [("ticket_id", "=", cls.plain.id)]
        )

    @classmethod
    def _add_settings(cls):
        company = {"company_id": cls.company.id}
        cls._make("power.complaint.bulletin", user_id=cls.near.id)
        webhook = cls._make("power.webhook", url="https://example.com/", **company)
        cls._make("power.webhook.message", webhook_id=webhook.id)
        cls._make("power.complaint.subscription", user_id=cls.near.id, **company)
        for model in (
            "power.complaint.rule",
            "power.connection.paper.type",
            "power.connection.rule",
        ):
            cls._make(model, **company)
        cls._make("power.sla.bulletin", webhook_id=webhook.id, **company)
        cls._make("power.ticket.route", user_id=cls.near.id, **company)
        answered = "power_service_tickets.power_ticket_milestone_answered"
        cls._make(
            "power.sla.policy",
            target_milestone_id=cls.env.ref(answered).id,
            **company,
        )

    # Who finds what -----------------------------------------------------------------

    def _finds(self, user, record):
        """The ways by which a user finds something of the records."""
        records = self.env[record._name].with_user(user)
        if not records.has_access("read"):
            return []
        domain = [("id", "in", record.ids)]
        found = []
        if records.search(domain):
            found.append("search")
        if records.search_count(domain):
            found.append("search_count")
        if records._read_group(domain, [], ["__count"])[0][0]:
            found.append("read_group")
        for one in record:
            try:
                one.with_user(user).read(["display_name"])
                found.append("read")
            except AccessError:
                continue
        return found

    def _get_shut_out(self):
        """(user, records) of all who may find nothing of them."""
        for model, record in self.open.items():
            if model in ELSEWHERE:
                continue
            yield self.foreign, record
            if model not in OF_COMPANY:
                for user in self.elsewhere:
                    yield user, record
        for record in self.secret.values():
            for name in ("accused", "chief", "staff", "field"):
                yield self.users[name], record

    def test_each_model_with_a_rule_has_its_row(self):
        rules = self._get_rules()
        named = {rule.model_id.model for rule in rules}
        self.assertEqual(named, {*self.open, *self.secret} & named)
        closed = rules.filtered(lambda rule: "is_confidential" in rule.domain_force)
        closed = set(closed.mapped("model_id.model"))
        self.assertEqual(closed, {*self.secret})
        for found in (self.open, self.secret):
            self.assertFalse([model for model, record in found.items() if not record])

    def test_own_people_find_it(self):
        for model, record in self.open.items():
            user = self.near
            if not record.with_user(user).has_access("read"):
                user = self.users["manager"]  # settings that only managers see
            with self.subTest(model=model):
                self.assertLessEqual(
                    {"search", "search_count", "read_group", "read"},
                    set(self._finds(user, record)),
                )
        for model, record in self.secret.items():
            with self.subTest(model=model):
                self.assertTrue(self._finds(self.reviewer, record))

    def test_nobody_else_finds_it(self):
        for user, record in self._get_shut_out():
            with self.subTest(model=record._name, user=user.login):
                self.env.invalidate_all()
                self.assertEqual(self._finds(user, record), [])

    def test_no_name_of_it_shows_where_another_record_points_to_it(self):
        """A name is read as superuser then, but for the one who looks."""
        for model, record in self.secret.items():
            for name in ("accused", "chief", "staff", "field"):
                self.env.invalidate_all()
                shown = record.with_user(self.users[name]).sudo()
                technical = [f"{model},{number}" for number in record.ids]
                with self.subTest(model=model, user=name):
                    names = shown.mapped("display_name")
                    self.assertFalse({*names} - {"Confidential", *technical})
            self.env.invalidate_all()
            with self.subTest(model=model, user="reviewer"):
                names = record.with_user(self.reviewer).sudo().mapped("display_name")
                self.assertNotIn("Confidential", names)
        for model, record in self.open.items():
            self.env.invalidate_all()
            with self.subTest(model=model, user="staff"):
                names = record.with_user(self.users["staff"]).sudo()
                self.assertNotIn("Confidential", names.mapped("display_name"))

    # Each rule counts ---------------------------------------------------------------

    def _get_rules(self):
        """The addon's rules that shut somebody out."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "power_service_tickets"), ("model", "=", "ir.rule")]
        )
        rules = self.env["ir.rule"].browse(
            data.filtered(lambda item: item.name not in FOR_CUSTOMERS).mapped("res_id")
        )
        return rules.filtered(lambda rule: rule.domain_force.strip() != "[(1, '=', 1)]")

    def _reaches(self, user, record, rule):
        """Whether the user may do with the record what the rule is about."""
        operation = "read" if rule.perm_read else "write"
        records = record.with_user(user)
        return records.browse().has_access(operation) and records._filtered_access(
            operation
        )

    def test_each_rule_shuts_somebody_out(self):
        """Without any one of them, somebody finds what this test hides."""
        shut_out = {}
        for user, record in self._get_shut_out():
            shut_out.setdefault(record._name, []).append((user, record))
        for rule in self._get_rules():
            kept = rule.domain_force
            rule.domain_force = "[(1, '=', 1)]"
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(rule=rule.name):
                self.assertTrue(
                    any(
                        self._reaches(user, record, rule)
                        for user, record in shut_out[rule.model_id.model]
                    )
                )
            rule.domain_force = kept
