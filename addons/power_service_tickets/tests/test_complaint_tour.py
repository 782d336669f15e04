"""A complaint in the browser: from a customer's photo to the published case."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, freeze_time, tagged

from .test_complaint import ComplaintCommon

TICKET = "/odoo/action-power_service_tickets.power_ticket_action"
CALLBACKS = "/odoo/action-power_service_tickets.power_ticket_callback_action"
BOARD = "/odoo/action-power_service_tickets.power_ticket_action_board"


class RoadCommon(ComplaintCommon, HttpCase):
    """Walks a ticket's road: each tour is another person's part of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["power.ticket.callback"].search([("state", "=", "open")])._end(
            "cancelled", "ended", {}
        )
        cls.rule.quiet_ids = [fields.Command.clear()]
        cls.users["handler"] = cls._create_user(
            "handler", "power_service_base.group_power_staff"
        )
        cls.customer.lang = "en_US"

    def _speak(self, lang):
        self.env["res.lang"]._activate_lang(lang)
        people = self.portal.browse().union(*self.users.values()) | self.portal
        people.write({"lang": lang, "tz": "Asia/Shanghai"})

    def _tour(self, name, user, path=None, phone=False):
        self.browser_size = "390x844" if phone else "1400x900"
        self.touch_enabled = phone
        path = path or f"{TICKET}/{self.ticket.id}"
        self.start_tour(path, name, login=user and f"test_{user}")
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestComplaintTour(RoadCommon):
    def _make_earlier(self, lang):
        """A closed complaint of the same matter: of the category that is proposed
        first."""
        categories = self.env["power.ticket.category"]
        matters = categories.with_user(self.users["staff"]).with_context(lang=lang)
        [(matter, _name)] = matters.name_search(
            domain=[("type_id", "=", self.types["complaint"].id)], limit=1
        )
        now = fields.Datetime.now()
        with freeze_time(now - timedelta(days=20)):
            earlier = self._create_complaint(category_id=matter)
        with freeze_time(now - timedelta(days=19)):
            self._close(earlier)
        return earlier

    def _make_late(self):
        """Let the promised contact pass, as the clock's job sees it."""
        self.env.flush_all()
        for table, column, where in (
            ("power_ticket", "received_at", "id"),
            ("power_ticket_event", "at", "ticket_id"),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET {column} = {column} - interval '9 days'"  # noqa: S608
                f" WHERE {where} = %s",
                [self.ticket.id],
            )
        self.env.invalidate_all()
        self.ticket._refresh_clocks()
        clock = self._clock(self.ticket, "contacted")
        for moment in (clock.warn_at, clock.deadline):
            self.env.flush_all()
            with freeze_time(moment + timedelta(minutes=1)):
                self.env["power.sla.clock"]._tick()
        self.env.invalidate_all()
        self.assertEqual(clock.state, "missed")
        kinds = clock.alert_ids.mapped("kind")
        self.assertIn("warn", kinds)
        self.assertIn("breach", kinds)
        told = self.ticket.activity_ids.user_id
        self.assertIn(self.users["handler"], told)
        self.assertIn(self.chief, told)

    def _walk_from_photo_to_crew(self, lang):
        self._speak(lang)
        earlier = self._make_earlier(lang)
        tickets = self.env["power.ticket"]
        before = tickets.search([])
        self._tour(
            "power_road_portal_complain",
            "portal",
            "/my/requests/new?type=complaint",
            phone=True,
        )
        self.ticket = tickets.search([]) - before
        self.assertEqual(self.ticket.customer_file_ids.mimetype, "image/png")
        self.assertEqual(self.ticket.supply_point_id, self.point)

        self._tour("power_road_take_in", "staff")
        self.assertRecordValues(
            self.ticket,
            [
                {
                    "repeat_of_id": earlier.id,
                    "complaint_grade": "major",
                    "first_contact_user_id": self.users["staff"].id,
                    "user_id": self.users["handler"].id,
                }
            ],
        )
        self.assertIn(self.chief, self.ticket.activity_ids.user_id)

        self._make_late()
        self._tour("power_road_late_and_return", "handler", BOARD)
        self.assertEqual(self.ticket.return_count, 1)
        self.assertEqual(self.ticket.user_id, self.users["staff"])
        returned = self.ticket.event_ids.filtered(lambda e: e.kind == "returned")
        self.assertTrue(returned.reason_id)

        self._tour("power_road_dispatch_again", "staff")
        self._tour("power_road_contact_and_crew", "handler")
        self.assertTrue(self.ticket.contacted_at)
        self._tour("power_road_crew", "field", "/odoo/my-work", phone=True)
        self.assertTrue(self.ticket.arrived_at)
        crew = self.ticket.event_ids.filtered(
            lambda event: event.user_id == self.users["field"]
        )
        self.assertIn("Set right on site", crew.mapped("note"))
        self.assertEqual(crew.proof_ids.mimetype, "image/jpeg")

    def _walk_from_reply_to_rectified(self):
        self._tour("power_complaint_reply", "handler")
        self.assertEqual(self.ticket.review_state, "to_review")
        self._tour("power_complaint_send_back", "supervisor")
        self.assertEqual(self.ticket.sent_back_count, 1)
        self._tour("power_complaint_reply", "handler")
        self.ticket.responsible_employee_id = self.users["field"].employee_ids
        self._tour("power_complaint_pass", "supervisor")
        self.assertEqual(self.ticket.review_state, "passed")
        self.assertTrue(self.ticket.is_responsible)
        rectification = self.ticket.rectification_ids
        self.assertRecordValues(
            rectification,
            [{"state": "open", "owner_id": self.users["field"].employee_ids.id}],
        )
        self.assertTrue(rectification.before_ids)
        self._tour("power_road_put_right", "field", "/odoo/rectifications", phone=True)
        self.assertEqual(rectification.state, "done")
        self.assertTrue(rectification.proof_ids)
        self._tour(
            "power_road_verify_and_case",
            "supervisor",
            f"/odoo/rectifications/{rectification.id}",
        )
        self.assertRecordValues(
            rectification,
            [{"state": "verified", "verified_by": self.users["supervisor"].id}],
        )
        case = self.ticket.case_ids
        self.assertEqual(case.create_uid, self.users["supervisor"])
        self._tour("power_road_publish", "quality", f"/odoo/power-cases/{case.id}")
        self.assertRecordValues(
            case,
            [{"state": "published", "published_by": self.users["quality"].id}],
        )

    def _walk_to_the_end(self):
        self._tour("power_complaint_close", "handler")
        self.assertFalse(self.ticket.is_open)
        self.assertEqual(self.ticket.satisfaction, "satisfied")
        self._tour("power_road_library", "staff", "/odoo/power-cases")

    def test_from_photo_to_published_case(self):
        self._walk_from_photo_to_crew("en_US")
        self._walk_from_reply_to_rectified()
        self._tour("power_road_similar", "handler")
        notice = self.env["power.notice"].search(
            [("res_id", "=", self.ticket.id), ("purpose", "=", "rating")]
        )
        self.assertIn("/rate/", notice.body)
        path = notice.body[notice.body.index("/rate/") :].split()[0].rstrip(".")
        self._tour("power_road_rate_by_link", None, path, phone=True)
        self._walk_to_the_end()

    def test_from_photo_to_published_case_in_chinese(self):
        self._walk_from_photo_to_crew("zh_CN")
        self._walk_from_reply_to_rectified()
        self.ticket._plan_callbacks()
        self._tour("power_complaint_call_back", "staff", CALLBACKS)
        self._walk_to_the_end()


@tagged("post_install", "-at_install")
class TestHotlineTour(RoadCommon):
    def _walk(self, lang):
        self._speak(lang)
        tickets = self.env["power.ticket"]
        before = tickets.search([])
        self._tour(
            "power_road_hotline",
            "staff",
            "/odoo/action-power_service_tickets.power_ticket_intake_action",
        )
        self.ticket = tickets.search([]) - before
        self.assertRecordValues(
            self.ticket,
            [
                {
                    "type_code": "fault",
                    "partner_id": self.customer.id,
                    "first_contact_user_id": self.users["staff"].id,
                    "field_task_count": 1,
                }
            ],
        )
        self._tour("power_road_crew_takes_it", "field", "/odoo/my-work", phone=True)
        self.assertTrue(self.ticket.arrived_at)
        restored = self.ticket.event_ids.filtered(
            lambda event: event.milestone_id.code == "restored"
        )
        self.assertEqual(restored.user_id, self.users["field"])
        self.assertEqual(restored.proof_ids.mimetype, "image/jpeg")
        self._tour("power_road_hotline_answer", "staff")
        self.ticket._plan_callbacks()
        self._tour("power_complaint_call_back", "staff", CALLBACKS)
        self.assertEqual(self.ticket.satisfaction, "satisfied")
        self._tour("power_complaint_close", "staff")
        self.assertFalse(self.ticket.is_open)

    def test_from_call_to_call_back(self):
        self._walk("en_US")

    def test_from_call_to_call_back_in_chinese(self):
        self._walk("zh_CN")
