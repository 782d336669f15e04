"""What is made of a confidential ticket stays as closed: cases, claims, rectifications,
figures of meetings."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.power_service_base.tests.common import PHOTO

from .test_confidential import SECRET, ConfidentialCommon

TEXTS = {
    "background": SECRET,
    "root_cause": "Nobody looked",
    "handling": "Told the team",
    "advice": "Look twice",
}


class SpreadCommon(ConfidentialCommon):
    def _each(self):
        for user in self.outsiders.values():
            self.env.invalidate_all()
            yield user

    def _rectify(self, owner=None, **vals):
        """A rectification of the report, by quality."""
        owner = owner or self.reviewer.employee_ids
        return (
            self.env["power.rectification"]
            .with_user(self.reviewer)
            .create(
                {
                    **self.report._prepare_rectification_vals(),
                    "name": SECRET,
                    "owner_id": owner.id,
                    "team_id": self.team.id,
                    "measure": "Two of them go together",
                    "due_date": "2026-03-10",
                    **vals,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestConfidentialCase(SpreadCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = (
            cls.env["power.case"]
            .with_user(cls.reviewer)
            .create(
                {
                    "name": SECRET,
                    "station_id": cls.station.id,
                    "ticket_ids": [Command.link(cls.report.id)],
                    **TEXTS,
                }
            )
        )
        cls.env.flush_all()

    def _is_closed(self, case):
        for user in self._each():
            cases = self.env["power.case"].with_user(user)
            domain = [("name", "=", case.name)]
            with self.subTest(user=user.login):
                self.assertFalse(cases.search(domain))
                self.assertFalse(cases.search([("text", "ilike", SECRET)]) & case)
                self.assertEqual(cases.search_count(domain), 0)
                self.assertFalse(cases.name_search(case.name))
                with self.assertRaises(AccessError):
                    case.with_user(user).read(["background"])
                with self.assertRaises(AccessError):
                    case.with_user(user).action_publish()

    def test_the_draft_is_qualitys(self):
        self.assertTrue(self.case.with_user(self.reviewer).has_access("write"))
        self._is_closed(self.case)

    def test_the_ticket_can_not_be_taken_out_of_the_draft(self):
        for commands in (
            [Command.clear()],
            [Command.unlink(self.report.id)],
            [Command.set([])],
        ):
            with (
                self.assertRaisesRegex(UserError, "confidential ticket"),
                self.env.cr.savepoint(),
            ):
                self.case.ticket_ids = commands
            self.assertEqual(self.case.ticket_ids, self.report)

    def test_a_copy_is_as_closed(self):
        copied = self.case.copy({"name": "Copied"})
        self.env.flush_all()
        self._is_closed(copied)

    def test_what_becomes_confidential_closes_the_draft(self):
        ticket = self._create_ticket("opinion", subject="Later")
        case = self.env["power.case"].create(
            {
                "name": "Draft",
                "station_id": self.station.id,
                "ticket_ids": [Command.link(ticket.id)],
            }
        )
        self.assertTrue(case.with_user(self.chief).has_access("read"))
        ticket.is_confidential = True
        self.env.invalidate_all()
        self.assertFalse(case.with_user(self.chief).has_access("read"))

    def test_quality_publishes_it_without_names(self):
        self.case.message_post(body=SECRET)
        self.case.write({"name": "Gifts are refused", "background": "Without names"})
        self.case.with_user(self.users["quality"]).action_publish()
        self.env.flush_all()
        for user in self._each():
            case = self.case.with_user(user)
            self.assertEqual(case.background, "Without names")
            self.assertFalse(case.ticket_ids)
            self.assertFalse(case.ticket_count)
            messages = self.env["mail.message"].with_user(user)
            self.assertFalse(messages.search([("body", "ilike", SECRET)]))
            self.assertNotIn(SECRET, str(case.message_ids.mapped("body")))
        # It is still there for those who may read the ticket, not for the customer.
        kept = self.env["mail.message"].with_user(self.reviewer)
        kept = kept.search([("body", "ilike", SECRET)])
        self.assertEqual((kept.model, kept.res_id), ("power.ticket", self.report.id))
        self.assertFalse(self.report._get_portal_messages() & kept.sudo())
        self.case.action_withdraw("Wrong")
        self._is_closed(self.case)

    def test_who_it_may_be_about_does_not_take_it_off(self):
        """A chief, or the one reported, is told whom to ask: nothing of a report."""
        self.case.write({"name": "Gifts are refused"})
        self.case.with_user(self.users["quality"]).action_publish()
        self.env.flush_all()
        for name in ("chief", "accused"):
            self.env.invalidate_all()
            case = self.case.with_user(self.users[name])
            with self.subTest(user=name):
                with self.assertRaisesRegex(AccessError, "look after it"):
                    case.action_withdraw("Not about us")
                with self.assertRaisesRegex(AccessError, "look after it"):
                    case.write({"advice": "Nothing to learn"})
        self.env.invalidate_all()
        self.assertEqual(self.case.state, "published")


@tagged("post_install", "-at_install")
class TestConfidentialClaim(SpreadCommon):
    def test_its_lines_are_as_closed(self):
        claim = self.env["power.claim"].create(
            {
                "name": SECRET,
                "ticket_id": self.report.id,
                "partner_id": self.customer.id,
                "happened_at": "2026-03-01 02:00",
                "line_ids": [Command.create({"name": SECRET, "amount_claimed": 1})],
            }
        )
        self.env.flush_all()
        self.assertTrue(claim.line_ids.with_user(self.reviewer).has_access("read"))
        for user in self._each():
            lines = self.env["power.claim.line"].with_user(user)
            self.assertFalse(lines.search([("name", "=", SECRET)]))
            self.assertEqual(lines.search_count([("claim_id", "=", claim.id)]), 0)
            with self.assertRaises(AccessError):
                claim.line_ids.with_user(user).read(["claim_id"])
            with self.assertRaises(UserError):
                claim.activity_schedule("mail.mail_activity_data_todo", user_id=user.id)


@tagged("post_install", "-at_install")
class TestConfidentialRectification(SpreadCommon):
    def _get_told(self, rectification):
        """Users with an activity on it, as the activities stand in the database."""
        self.env.flush_all()
        self.env.invalidate_all()
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", rectification._name),
                ("res_id", "=", rectification.id),
            ]
        )
        return activities.user_id

    def test_who_may_not_know_is_not_put_in_charge(self):
        for user in self._each():
            with self.subTest(user=user.login):
                with self.assertRaisesRegex(UserError, "may not know"):
                    self._rectify(user.employee_ids)
                rectification = self._rectify()
                with self.assertRaisesRegex(UserError, "may not know"):
                    rectification.owner_id = user.employee_ids
        nobody = self.env["hr.employee"].create({"name": "Without a login"})
        self.assertTrue(self._rectify(nobody))

    def test_the_chief_is_not_asked_to_verify(self):
        rectification = self._rectify()
        rectification.action_open()
        self.assertEqual(self._get_told(rectification), self.reviewer)
        rectification._add_proof("after.png", PHOTO, "image/png")
        rectification.action_submit("Done")
        told = self._get_told(rectification)
        self.assertTrue(told)
        for user in self.outsiders.values():
            self.assertNotIn(user, told)
        rectification.with_user(told).action_verify()

    def test_nobody_else_is_told_when_it_is_overdue(self):
        self.env["power.rectification.step"].search([]).active = False
        whoms = ("owner", "leader", "chief", "quality")
        self.env["power.rectification.step"].create(
            [
                {"name": whom, "days": days, "whom": whom}
                for days, whom in enumerate(whoms)
            ]
        )
        nobody = self.env["hr.employee"].create({"name": "Without a login"})
        rectification = self._rectify(nobody)
        rectification.action_open()
        mails = self.env["mail.message"].search_count([])
        with freeze_time("2026-03-20 02:00"), self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets.ir_cron_rectification_climb")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        steps = rectification.sudo().escalation_ids
        self.assertEqual(len(steps), 4)
        self.assertFalse(steps.filtered("error"))
        told = self._get_told(rectification)
        self.assertIn(self.reviewer, told)
        for user in self.outsiders.values():
            self.assertNotIn(user, told)
            self.assertNotIn(user, steps.user_ids)
        for user in self._each():
            activities = self.env["mail.activity"].with_user(user)
            self.assertFalse(activities.search([("res_name", "ilike", SECRET)]))
        self.assertEqual(self.env["mail.message"].search_count([]), mails)

    def test_the_rules_and_the_filter_say_the_same(self):
        users = self.env["res.users"].union(
            *self.users.values(), self.reviewer, *self.outsiders.values()
        )
        for ticket in (self.report, self._create_ticket("report", subject="Nobody")):
            self.assertEqual(
                ticket._filter_knowing(users), ticket._filter_readers(users)
            )

    def test_what_becomes_confidential_forgets_who_was_told(self):
        ticket = self._create_ticket("opinion", subject="Later")
        rectification = self.env["power.rectification"].create(
            {
                **ticket._prepare_rectification_vals(),
                "name": SECRET,
                "owner_id": self.users["field"].employee_ids.id,
                "measure": "x",
                "due_date": "2026-03-10",
            }
        )
        rectification.action_open()
        rectification.message_subscribe(self.chief.partner_id.ids)
        self.assertEqual(self._get_told(rectification), self.users["field"])
        ticket.is_confidential = True
        self.assertFalse(self._get_told(rectification))
        self.assertNotIn(self.chief.partner_id, rectification.message_partner_ids)

    def test_messages_on_it_reach_nobody_else(self):
        rectification = self._rectify()
        partners = [user.partner_id.id for user in self.outsiders.values()]
        rectification.message_subscribe(partners)
        rectification.message_post(
            body=SECRET, partner_ids=partners, subtype_xmlid="mail.mt_comment"
        )
        self.env.flush_all()
        self.assertFalse(
            self.env["mail.notification"].search(
                [
                    ("res_partner_id", "in", partners),
                    ("mail_message_id.model", "=", rectification._name),
                    ("mail_message_id.res_id", "=", rectification.id),
                ]
            )
        )


@tagged("post_install", "-at_install")
class TestConfidentialFigures(SpreadCommon):
    def test_no_figure_counts_it_whoever_prepares_them(self):
        self.report.received_at = "2026-03-10 02:00"
        self._create_ticket("enquiry", received_at="2026-03-10 02:00")
        rectification = self._rectify()
        rectification._move({"state": "verified", "verified_at": "2026-03-11 02:00"})
        overdue = self._rectify()
        overdue.action_open()
        meeting = (
            self.env["power.service.meeting"]
            .with_user(self.reviewer)
            .create({"month": "2026-03-01", "station_id": self.station.id})
        )
        with freeze_time("2026-04-02 02:00"):
            meeting.action_prepare()
        figures = {figure.name: figure.value for figure in meeting.figure_ids}
        self.assertEqual(figures["Requests"], 1)
        self.assertNotIn(self.report.type_id.name, figures)
        self.assertEqual(figures["Rectifications verified"], 0)
        self.assertEqual(figures["Rectifications overdue now"], 0)
