"""What a complaint was found to be, who answers for it, and its causes."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import MONDAY
from .test_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestFinding(ComplaintCommon):
    def setUp(self):
        super().setUp()
        self.ticket = self._create_complaint()
        self.worker = self.users["staff"].employee_ids

    def _answer(self):
        self.ticket.with_user(self.users["staff"]).answer("We are sorry")
        self.ticket.with_user(self.users["supervisor"]).review(True, True, True)

    def test_upheld_needs_cause_and_rectification(self):
        self._answer()
        with self.assertRaisesRegex(UserError, "what was found"):
            self.ticket.close()
        self.ticket.finding = "responsible"
        self.assertTrue(self.ticket.is_upheld and self.ticket.is_responsible)
        with self.assertRaisesRegex(UserError, "root cause"):
            self.ticket.close()
        self.ticket.root_cause_id = self.cause
        self.ticket.responsible_employee_id = self.worker
        with self.assertRaisesRegex(UserError, "rectification"):
            self.ticket.close()
        action = self.ticket.action_make_rectification()
        rectification = (
            self.env["power.rectification"]
            .with_context(**action["context"])
            .create({"measure": "Training"})
        )
        self.assertRecordValues(
            rectification,
            [
                {
                    "origin": "ticket",
                    "res_id": self.ticket.id,
                    "owner_id": self.worker.id,
                    "cause": self.cause.complete_name,
                }
            ],
        )
        self.assertEqual(self.ticket.rectification_count, 1)
        self.ticket.close()

    def test_the_form_offers_it_to_who_may_enter_it(self):
        asked = {
            "staff": False,
            "supervisor": True,
            "quality": True,
        }
        for name, may in asked.items():
            with (
                self.subTest(user=name),
                Form(self.ticket.with_user(self.users[name])) as form,
            ):
                self.assertEqual(form.can_find, may)
                if may:
                    form.finding = "upheld"
                    continue
                with self.assertRaisesRegex(AssertionError, "readonly"):
                    form.finding = "upheld"
        self.assertEqual(self.ticket.finding, "upheld")
        # Not even a supervisor finds about oneself.
        self.ticket.write(
            {
                "finding": "responsible",
                "responsible_employee_id": self.users["supervisor"].employee_ids.id,
            }
        )
        self.assertFalse(self.ticket.with_user(self.users["supervisor"]).can_find)

    def test_a_cancelled_rectification_is_none(self):
        self._answer()
        self.ticket.write({"finding": "responsible", "root_cause_id": self.cause.id})
        rectification = self.env["power.rectification"].create(
            self.ticket._prepare_rectification_vals()
        )
        rectification.action_cancel("Not needed")
        with self.assertRaisesRegex(UserError, "make a rectification"):
            self.ticket.close()

    def test_the_setting_lets_it_be_closed(self):
        self.rule.needs_rectification = False
        self._answer()
        self.ticket.close()
        self.assertFalse(self.ticket.is_open)

    def test_stamped_as_it_was_on_that_day(self):
        with freeze_time(MONDAY):
            self.worker.department_id = self.team
            self.ticket = self._create_complaint()
            self.ticket.write(
                {
                    "finding": "responsible",
                    "responsible_employee_id": self.worker.id,
                }
            )
        expected = {
            "responsible_team_id": self.team.id,
            "responsible_station_id": self.station.id,
            "responsible_user_id": self.users["staff"].id,
            "responsible_area_id": self.area.id,
        }
        self.assertRecordValues(self.ticket, [expected])
        self.worker.department_id = self.station_other
        self.ticket.grid_area_id = self._create_area("A9")
        self.assertRecordValues(self.ticket, [expected])

    def test_who_answered_then_is_proposed(self):
        self.env["power.responsibility"].create(
            {
                "role": "account_manager",
                "partner_id": self.customer.id,
                "employee_id": self.worker.id,
                "date_from": "2026-01-01",
                "date_to": "2026-03-31",
            }
        )
        self.env["power.responsibility"].create(
            {
                "role": "account_manager",
                "partner_id": self.customer.id,
                "employee_id": self.chief.employee_ids.id,
                "date_from": "2026-04-01",
            }
        )
        with freeze_time(MONDAY):
            self.ticket = self._create_complaint()
        self.ticket.action_propose_responsible()
        self.assertEqual(self.ticket.responsible_employee_id, self.worker)
        nobody = self._create_complaint(supply_point_id=self.point_other.id)
        with self.assertRaisesRegex(UserError, "nobody is recorded"):
            nobody.action_propose_responsible()

    def test_finding_is_a_supervisors_and_nobodys_own(self):
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.users["staff"]).finding = "unfounded"
        self.ticket.write(
            {
                "finding": "responsible",
                "responsible_employee_id": self.chief.employee_ids.id,
            }
        )
        with self.assertRaisesRegex(AccessError, "responsible"):
            self.ticket.with_user(self.chief).finding = "unfounded"
        with self.assertRaises(UserError):
            self.ticket.with_user(self.users["manager"]).is_upheld = False

    def test_finding_stays_in_the_history(self):
        self.ticket.with_user(self.users["supervisor"]).write(
            {"finding": "responsible", "root_cause_id": self.cause.id}
        )
        event = self.ticket.event_ids.filtered(lambda event: event.kind == "found")
        self.assertEqual(event.user_id, self.users["supervisor"])
        self.assertIn(self.cause.complete_name, event.note)
        self.assertEqual(self.ticket.finding_user_id, self.users["supervisor"])

    def _get_found(self):
        return self.ticket.event_ids.filtered(lambda event: event.kind == "found")

    def test_what_says_nothing_new_makes_no_line(self):
        self.ticket.write({"finding": "responsible", "root_cause_id": self.cause.id})
        self.assertEqual(len(self._get_found()), 1)
        at = self.ticket.finding_at
        for vals in (
            {"finding": "responsible"},
            {"responsible_area_id": self.area.id},
            {"root_cause_id": self.cause.id, "prohibition": False},
        ):
            self.ticket.write(vals)
            self.assertEqual(len(self._get_found()), 1, vals)
        self.ticket.prohibition = "5"
        self.assertEqual(len(self._get_found()), 2)
        # Taken back and entered again: that is something new.
        self.ticket.finding = False
        self.assertFalse(self.ticket.finding_at)
        self.ticket.finding = "responsible"
        self.assertEqual(len(self._get_found()), 3)
        self.assertGreaterEqual(self.ticket.finding_at, at)

    def test_the_line_speaks_the_language_of_who_enters_it(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search(
            [("name", "=", "power_service_tickets")]
        )._update_translations(["zh_CN"])
        self.ticket.with_context(lang="zh_CN").write(
            {"finding": "responsible", "prohibition": "5"}
        )
        note = self._get_found().note
        self.assertIn("首问负责制", note)
        self.assertNotRegex(note, "[A-Za-z]")

    def test_the_history_s_column_wraps(self):
        self.assertEqual(self.env["power.ticket.event"]._fields["detail"].type, "text")

    def test_causes_are_a_tree(self):
        cause = self.env["power.root.cause"].search(
            [("complete_name", "ilike", "Attitude")]
        )
        self.assertIn(self.cause, cause)
        self.assertEqual(self.cause.complete_name.count(" / "), 1)
