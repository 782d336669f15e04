"""Many confidential tickets cost as many queries as one."""

from odoo import Command
from odoo.tests import tagged, warmup

from .test_confidential import ConfidentialCommon
from .test_ticket_bulk import BulkMixin


@tagged("post_install", "-at_install")
class TestManyConfidential(BulkMixin, ConfidentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accused_ids = [Command.set(cls.accused.employee_ids.ids)]
        # Each list is read by its columns.
        fields = cls.env["power.ticket"].get_views([(False, "list")])["models"]
        names = fields["power.ticket"]["fields"]
        cls.specification = {
            name: {"fields": {"display_name": {}}}
            if cls.env["power.ticket"]._fields[name].relational
            else {}
            for name in names
            if cls.env["power.ticket"]._fields[name].type != "one2many"
        }

    def _reports(self, count, user=None, **vals):
        vals = {"accused_employee_ids": self.accused_ids, **vals}
        return self._create_many(count, "report", user, **vals)

    def _assert_same(self, work, make=lambda count: count, most=None):
        """``work`` costs the same on what ``make`` gives for 1 and for 50."""
        counts = []
        for count in (1, 1, 50):
            given = make(count)
            counts.append(self._count(lambda given=given: work(given)))
        # The ORM writes and deletes so many rows at a time.
        self.assertLessEqual(counts[2], counts[1] + 2, counts)
        if most:
            self.assertLessEqual(counts[2], most)

    @warmup
    def test_taking_in(self):
        quality = self.reviewer
        for name, user, vals in (
            ("by quality", quality, {}),
            ("assigned", quality, {"user_id": quality.id}),
            ("assigned to the one it is about", quality, {"user_id": self.accused.id}),
            ("assigned to another", quality, {"user_id": self.users["staff"].id}),
            ("injury", quality, {"has_injury": True}),
            ("to a team", quality, {"team_id": self.team.id}),
            ("anonymous", quality, {"is_anonymous": True}),
        ):
            with self.subTest(name):
                self._assert_same(
                    lambda count, user=user, vals=vals: self._reports(
                        count, user, **vals
                    ),
                    most=120,
                )

    @warmup
    def test_reading(self):
        def read(tickets, user):
            return tickets.with_user(user).web_read(self.specification)

        self._assert_same(lambda t: read(t, self.reviewer), self._reports)

    @warmup
    def test_names_for_who_may_not_know_them(self):
        for user in (self.reviewer, self.accused, self.chief, self.users["staff"]):
            with self.subTest(user.login):
                self._assert_same(
                    lambda t, user=user: (
                        t.with_user(user).sudo().mapped("display_name")
                    ),
                    self._reports,
                    most=10,
                )

    @warmup
    def test_searching(self):
        for user in (self.reviewer, self.accused, self.chief, self.users["staff"]):
            with self.subTest(user.login):
                tickets = self.env["power.ticket"].with_user(user)

                def search(made, tickets=tickets):
                    domain = [("id", "in", made.ids)]
                    tickets.search_count(domain)
                    tickets.web_search_read(domain, self.specification, limit=80)
                    tickets.formatted_read_group(domain, ["station_id"], ["__count"])
                    tickets.name_search("Fallen", domain)

                self._assert_same(search, self._reports)

    def _open_ones(self, count):
        """Complaints that everybody knows, with all that lies beside them."""
        tickets = self._create_many(count, user_id=self.users["staff"].id)
        tickets.message_subscribe(self.users["staff"].partner_id.ids)
        for ticket in tickets:
            ticket.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.users["staff"].id
            )
            ticket.message_notify(
                partner_ids=(self.users["staff"] | self.reviewer).partner_id.ids,
                body="See",
                subject="See",
            )
        self.env["power.field.task"].create(
            [
                {"name": "x", "kind": "visit", "station_id": self.station.id}
                | {"res_model": ticket._name, "res_id": ticket.id}
                for ticket in tickets
            ]
        )
        for ticket in tickets:
            self.env["power.rectification"].create(ticket._prepare_rectification_vals())
        self.env.flush_all()
        return tickets

    @warmup
    def test_closing(self):
        for name, vals in (
            ("confidential", {"is_confidential": True}),
            ("about somebody", {"accused_employee_ids": self.accused_ids}),
            ("another person", {"user_id": self.reviewer.id}),
        ):
            with self.subTest(name):
                make = self._open_ones if "user_id" not in vals else self._reports
                self._assert_same(
                    lambda t, vals=vals: t.with_user(self.reviewer).write(vals), make
                )

    @warmup
    def test_activities(self):
        todo = self.env.ref("mail.mail_activity_data_todo")

        def plan(tickets):
            self.env["mail.activity"].with_context(
                mail_activity_quick_update=True
            ).create(
                [
                    {
                        "res_model_id": self.env["ir.model"]._get_id(tickets._name),
                        "res_id": ticket.id,
                        "user_id": self.reviewer.id,
                        "activity_type_id": todo.id,
                        "automated": True,
                    }
                    for ticket in tickets
                ]
            )

        # Without the mail to each, which is Odoo's own.
        self._assert_same(plan, self._reports)

    @warmup
    def test_what_comes_from_them(self):
        def make(tickets):
            origins = [{"res_model": t._name, "res_id": t.id} for t in tickets]
            place = {"station_id": self.station.id, "name": "x"}
            tasks = self.env["power.field.task"].create(
                [{**origin, **place, "kind": "visit"} for origin in origins]
            )
            self.assertEqual(tasks.confidential_ticket_id, tickets)
            todo = self.env["power.rectification"].create(
                [
                    {**origin, **place, "owner_id": self.reviewer.employee_ids.id}
                    | {"measure": "x", "due_date": "2030-01-01"}
                    for origin in origins
                ]
            )
            self.assertEqual(todo.confidential_ticket_id, tickets)

        self._assert_same(make, self._reports)

    @warmup
    def test_messages(self):
        def note(tickets):
            tickets._message_log_batch({ticket.id: "Seen" for ticket in tickets})

        self._assert_same(note, self._reports)
