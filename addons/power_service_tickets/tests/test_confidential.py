"""Reports of wrongdoing: neither who is reported nor the chief finds them."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .test_complaint import ComplaintCommon

SECRET = "Took an envelope"
DERIVED = {
    "power.ticket.event": "ticket_id",
    "power.sla.clock": "ticket_id",
    "power.sla.alert": "ticket_id",
    "power.ticket.review": "ticket_id",
    "power.ticket.callback": "ticket_id",
    "power.ticket.callback.attempt": "callback_id.ticket_id",
    "power.ticket.rating": "ticket_id",
}
ORIGIN = (
    "power.field.task",
    "power.notice",
    "power.rectification",
    "power.customer.contact",
)


class ConfidentialCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        quality = "power_service_base.group_power_quality"
        # The one reported is of quality staff and leads the team: sees all else.
        cls.accused = cls._create_user("accused", quality)
        cls.team.manager_id = cls.accused.employee_ids
        cls.reviewer = cls._create_user("reviewer", quality)
        cls.users |= {"accused": cls.accused, "chief": cls.chief}
        cls.outsiders = {
            name: cls.users[name]
            for name in ("accused", "chief", "supervisor", "staff", "field")
        }
        # May export whatever they see.
        for user in cls.outsiders.values():
            user.group_ids += cls.env.ref("base.group_allow_export")
        cls.report = cls._create_ticket(
            "report",
            subject=SECRET,
            description=SECRET,
            team_id=cls.team.id,
            accused_employee_ids=[Command.set(cls.accused.employee_ids.ids)],
        )

    @classmethod
    def _fill(cls, ticket=None, text=SECRET):
        """Everything that a ticket can lead to; the report when none is given."""
        ticket = ticket or cls.report
        own = ticket.with_user(cls.reviewer)
        own.answer("We look into it", told_how="phone")
        own._plan_callbacks()
        cls.env["power.ticket.callback.attempt"].create(
            {"callback_id": ticket.callback_ids.id, "outcome": "not_reached"}
        )
        cls.env["power.ticket.rating"].create(
            {
                "ticket_id": ticket.id,
                "company_id": cls.company.id,
                "satisfaction": "satisfied",
                "score": 100,
                "source": "phone",
            }
        )
        cls.env["power.sla.alert"].create(
            {
                "clock_id": ticket.clock_ids[:1].id,
                "ticket_id": ticket.id,
                "company_id": cls.company.id,
                "key": "x",
                "kind": "warn",
            }
        )
        origin = {
            "res_model": "power.ticket",
            "res_id": ticket.id,
            "partner_id": cls.customer.id,
            "station_id": cls.station.id,
        }
        cls.env["power.field.task"].create({**origin, "name": text, "kind": "visit"})
        cls.env["power.notice"]._notify(
            "general",
            [{**origin, "subject": text, "body": text, "dedup_key": f"test/{text}"}],
        )
        cls.env["power.customer.contact"].create({**origin, "subject": text})
        cls.env["power.rectification"].create(
            {**ticket._prepare_rectification_vals(), "name": text}
        )
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestConfidential(ConfidentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._fill()

    def _each(self):
        for user in self.outsiders.values():
            self.env.invalidate_all()
            yield user

    def test_quality_works_with_it(self):
        tickets = self.env["power.ticket"].with_user(self.reviewer)
        self.assertEqual(tickets.search([("subject", "=", SECRET)]), self.report)
        for model, path in DERIVED.items():
            records = self.env[model].with_user(self.reviewer)
            with self.subTest(model=model):
                self.assertTrue(records.search([(path, "=", self.report.id)]))
        for model in ORIGIN:
            records = self.env[model].with_user(self.reviewer)
            with self.subTest(model=model):
                self.assertTrue(records.search([("res_id", "=", self.report.id)]))

    def test_one_of_several_and_nobody_named(self):
        nobody = self._create_ticket("report", subject="Nobody named")
        self.assertTrue(nobody.with_user(self.reviewer).has_access("read"))
        self.assertFalse(nobody.with_user(self.chief).has_access("read"))
        nobody.accused_employee_ids = (
            self.accused.employee_ids | self.users["staff"].employee_ids
        )
        self.env.invalidate_all()
        self.assertFalse(nobody.with_user(self.accused).has_access("read"))
        self.assertFalse(nobody.event_ids.with_user(self.accused).has_access("read"))
        self.assertTrue(nobody.with_user(self.reviewer).has_access("read"))

    def test_not_by_search_name_count_or_group(self):
        for user in self._each():
            tickets = self.env["power.ticket"].with_user(user)
            domain = [("subject", "=", SECRET)]
            self.assertFalse(tickets.search(domain))
            self.assertEqual(tickets.search_count(domain), 0)
            self.assertFalse(tickets.name_search(SECRET))
            self.assertFalse(tickets.web_search_read(domain, {"name": {}})["records"])
            self.assertFalse(tickets._read_group(domain, ["type_id"], ["__count"])[1:])
            self.assertFalse(
                tickets.formatted_read_group(domain, ["type_id"], ["__count"])
            )
            self.assertFalse(tickets._read_group([("id", "=", self.report.id)], ["id"]))

    def test_not_by_reading_or_exporting(self):
        for user in self._each():
            ticket = self.report.with_user(user)
            for call in (
                lambda ticket: ticket.read(["subject"]),
                lambda ticket: ticket.web_read({"subject": {}}),
                lambda ticket: ticket.export_data(["name", "subject"]),
                lambda ticket: ticket.message_post(body="?"),
                lambda ticket: ticket.answer("?"),
            ):
                with self.assertRaises(AccessError):
                    call(ticket)

    def test_not_by_its_records(self):
        for user in self._each():
            for model, path in DERIVED.items():
                records = self.env[model].with_user(user)
                found = self.env[model].search([(path, "=", self.report.id)])
                self.assertTrue(found, model)
                self.assertFalse(records.search([(path, "=", self.report.id)]), model)
                self.assertFalse(
                    records._read_group([(path, "=", self.report.id)], [], ["__count"])[
                        0
                    ][0],
                    model,
                )
                with self.assertRaises(AccessError):
                    found.with_user(user).read(["display_name"])

    def test_not_by_records_that_come_from_it(self):
        for user in self._each():
            for model in ORIGIN:
                records = self.env[model].with_user(user)
                domain = [("res_model", "=", "power.ticket")]
                domain.append(("res_id", "=", self.report.id))
                self.assertTrue(self.env[model].search(domain), model)
                self.assertFalse(records.search(domain), model)
                self.assertEqual(records.search_count(domain), 0)

    def test_not_by_the_customers_timeline(self):
        lines = self.env["power.customer.timeline"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertNotIn(SECRET, "".join(lines.mapped(lambda line: line.subject or "")))
        self.assertFalse(lines.filtered(lambda line: line.res_model == "power.ticket"))

    def test_every_model_that_names_tickets_has_a_rule(self):
        """A model with a link to tickets, seen by staff, needs a rule of its own."""
        known = set(DERIVED) | set(ORIGIN) | {"power.ticket", "rating.rating"}
        # What they show of a ticket is its name, which is closed too.
        # Confidential tickets aren't in the analysis at all.
        by_name = {
            "power.work.journal.line",
            "power.ticket.analysis",
        }
        rules = self.env["ir.rule"].search([("global", "=", True)])
        closed = {
            rule.model_id.model
            for rule in rules
            if "is_confidential" in (rule.domain_force or "")
        }
        for name, model in self.env.registry.items():
            if model._abstract or model._transient or name in by_name:
                continue
            links = [
                field.name
                for field in model._fields.values()
                if field.type == "many2one"
                and field.store
                and field.comodel_name == "power.ticket"
            ]
            if links:
                with self.subTest(model=name):
                    self.assertIn(name, closed | by_name)
        self.assertLessEqual(known, closed)

    def test_its_name_is_closed_where_others_point_to_it(self):
        other = self._create_ticket("enquiry", repeat_of_id=self.report.id)
        for user in self._each():
            found = other.with_user(user).web_read(
                {"repeat_of_id": {"fields": {"display_name": {}}}}
            )
            self.assertNotIn(SECRET, str(found))
            self.assertNotIn(self.report.name, str(found))
        self.assertIn(
            SECRET,
            str(
                other.with_user(self.reviewer).web_read(
                    {"repeat_of_id": {"fields": {"display_name": {}}}}
                )
            ),
        )

    def test_not_by_messages_mails_followers_or_notifications(self):
        partners = [user.partner_id.id for user in self.outsiders.values()]
        self.report.message_subscribe([*partners, self.customer.id])
        mails = self.env["mail.mail"].search_count([])
        self.report.with_user(self.reviewer).message_post(
            body=SECRET,
            partner_ids=partners,
            subtype_xmlid="mail.mt_comment",
        )
        self.report.message_notify(body=SECRET, partner_ids=partners)
        self.env.flush_all()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        followers = self.env["mail.followers"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", self.report.id)]
        )
        self.assertFalse(followers)
        for user in self._each():
            messages = self.env["mail.message"].with_user(user)
            self.assertFalse(messages.search([("body", "ilike", SECRET)]))
            notifications = self.env["mail.notification"].with_user(user)
            self.assertFalse(
                notifications.search(
                    [
                        ("mail_message_id.res_id", "=", self.report.id),
                        ("mail_message_id.model", "=", "power.ticket"),
                    ]
                )
            )

    def test_not_by_following_it_past_the_ticket(self):
        """Followers may be entered without asking the ticket."""
        partners = [user.partner_id.id for user in self.outsiders.values()]
        comment = self.env.ref("mail.mt_comment")
        self.env["mail.followers"].create(
            [
                {
                    "res_model": "power.ticket",
                    "res_id": self.report.id,
                    "partner_id": partner_id,
                    "subtype_ids": [Command.link(comment.id)],
                }
                for partner_id in (*partners, self.reviewer.partner_id.id)
            ]
        )
        message = self.report.message_post(body=SECRET, subtype_xmlid="mail.mt_comment")
        self.env.flush_all()
        told = message.notification_ids.res_partner_id
        self.assertEqual(told, self.reviewer.partner_id)

    def test_an_opinion_that_comes_of_it_is_as_closed(self):
        follow = self.env["power.ticket"].create(
            self.report._prepare_opinion_vals("Still not content")
        )
        self.assertEqual(follow.type_code, "opinion")
        self.assertTrue(follow.is_confidential)
        for user in ("staff", "chief", "supervisor"):
            with self.subTest(user):
                self.assertFalse(
                    follow.with_user(self.outsiders[user]).has_access("read")
                )

    def test_not_by_activities(self):
        for user in self._each():
            with self.assertRaises(UserError):  # in a savepoint of its own
                self.report.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=user.id
                )
            domain = [("res_model", "=", "power.ticket")]
            domain.append(("res_id", "=", self.report.id))
            self.assertFalse(self.env["mail.activity"].with_user(user).search(domain))

    def test_not_by_attachments(self):
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{SECRET}.png",
                "raw": b"photo",
                "res_model": "power.ticket",
                "res_id": self.report.id,
            }
        )
        for user in self._each():
            attachments = self.env["ir.attachment"].with_user(user)
            self.assertFalse(attachments.search([("name", "ilike", SECRET)]))
            with self.assertRaises(AccessError):
                attachment.with_user(user).read(["name"])

    def test_leaders_who_are_told_are_quality_only(self):
        self.report.has_injury = True
        told = self.report.activity_ids.user_id
        self.assertIn(self.reviewer, told)
        for user in self.outsiders.values():
            self.assertNotIn(user, told)

    def test_nobody_is_asked_to_rate_by_link(self):
        with self.assertRaisesRegex(UserError, "phone only"):
            self.report.action_ask_rating()
        self.assertFalse(self.report._get_caller())

    def test_the_customers_colleagues_do_not_see_it(self):
        colleague = new_test_user(
            self.env,
            login="test_colleague",
            groups="base.group_portal",
            partner_id=self.env["res.partner"]
            .create({"name": "Colleague", "parent_id": self.customer.id})
            .id,
        )
        tickets = self.env["power.ticket"]
        domain = [("id", "=", self.report.id)]
        mine = tickets.with_user(self.portal).search(domain, order="id")
        self.assertFalse(tickets.with_user(colleague).search(domain, order="id"))
        self.assertEqual(mine, self.report)

    def test_who_is_reported_later_is_shut_out_then(self):
        report = self._create_ticket(
            "report", subject="Another", user_id=self.reviewer.id
        )
        report.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.reviewer.id
        )
        report.message_notify(body="Look", partner_ids=self.reviewer.partner_id.ids)
        self.assertTrue(report.with_user(self.reviewer).has_access("read"))
        report.accused_employee_ids = self.reviewer.employee_ids
        self.env.invalidate_all()
        self.assertFalse(report.with_user(self.reviewer).has_access("read"))
        self.assertFalse(report.user_id)
        self.assertFalse(report.activity_ids)
        messages = self.env["mail.message"].with_user(self.reviewer)
        self.assertFalse(
            messages.search(
                [("model", "=", "power.ticket"), ("res_id", "=", report.id)]
            )
        )

    def test_what_becomes_confidential_takes_its_records_along(self):
        ticket = self._create_ticket("opinion", subject="Later")
        ticket.message_subscribe(self.chief.partner_id.ids)
        task = self.env["power.field.task"].create(
            {
                "kind": "visit",
                "res_model": "power.ticket",
                "res_id": ticket.id,
                "station_id": self.station.id,
            }
        )
        self.assertTrue(task.with_user(self.chief).has_access("read"))
        ticket.is_confidential = True
        self.env.invalidate_all()
        self.assertFalse(task.with_user(self.chief).has_access("read"))
        self.assertFalse(ticket.message_partner_ids)

    def test_ratings_of_it_are_closed(self):
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("power.ticket"),
                "res_id": self.report.id,
                "partner_id": self.customer.id,
            }
        )
        self.assertEqual(rating.power_ticket_id, self.report)
        for user in self._each():
            ratings = self.env["rating.rating"].with_user(user)
            self.assertFalse(ratings.search([("res_id", "=", self.report.id)]))

    def test_no_repeat_between_open_and_confidential(self):
        category = self.types["report"].category_ids[:1]
        report = self._create_ticket("report", category_id=category.id)
        self.assertEqual(report.call_count, 1)
        self.assertFalse(
            self._create_ticket(
                "report", category_id=category.id, is_confidential=True
            ).repeat_of_id
        )


@tagged("post_install", "-at_install")
class TestConfidentialRoutes(ConfidentialCommon, HttpCase):
    def test_export_and_download_by_the_one_reported(self):
        attachment = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": SECRET.encode(),
                "res_model": "power.ticket",
                "res_id": self.report.id,
            }
        )
        self.accused.password = "test_accused_password"
        self.authenticate("test_accused", "test_accused_password")
        for url in (
            f"/web/content/{attachment.id}",
            f"/mail/view?model=power.ticket&res_id={self.report.id}",
        ):
            page = self.url_open(url)
            with self.subTest(url=url):
                self.assertNotIn(SECRET, page.text)
