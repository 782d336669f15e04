"""What is changed by hand leaves a trace; what was a mistake goes back with one."""

from datetime import timedelta

from odoo import fields
from odoo.tests import Form, tagged
from odoo.tools import format_datetime

from .test_complaint import ComplaintCommon
from .test_ticket_action import ActionCommon


class TraceMixin:
    def _flush(self):
        """What happens at the end of a request: changes are written down."""
        self.env.flush_all()
        self.env.cr.flush()

    def _traced(self, tickets):
        """As outside of tests, which leave traces out."""
        return tickets.with_context(tracking_disable=False)

    def _get_trace(self, ticket):
        """List of (field, before, after) as the ticket's chatter tells."""
        self._flush()
        values = self.env["mail.tracking.value"].search(
            [
                ("mail_message_id.model", "=", "power.ticket"),
                ("mail_message_id.res_id", "=", ticket.id),
            ],
            order="id",
        )
        return [
            (
                value.field_id.name,
                value.old_value_char or value.old_value_text or value.old_value_integer,
                value.new_value_char or value.new_value_text or value.new_value_integer,
            )
            for value in values
        ]


@tagged("post_install", "-at_install")
class TestTrace(TraceMixin, ComplaintCommon):
    def setUp(self):
        super().setUp()
        self.ticket = self._create_complaint(
            description="He shouted",
            contact_phone="+8613800000009",
            complaint_grade="important",
        )
        self._flush()
        self.ticket = self._traced(self.ticket)
        self.mine = self.ticket.with_user(self.users["staff"])

    def test_each_change_by_hand_says_what_was_before(self):
        changes = {
            "subject": "Nothing happened",
            "description": "He was friendly",
            "contact_phone": "+8613800000008",
            "complaint_grade": "general",
            "priority": "2",
            "has_injury": False,
        }
        before = {name: self.ticket[name] for name in changes}
        for name, value in changes.items():
            self.mine.write({name: value})
        trace = {name: (old, new) for name, old, new in self._get_trace(self.ticket)}
        for name in ("subject", "description", "contact_phone"):
            with self.subTest(name):
                self.assertEqual(trace[name], (before[name], changes[name]))
        self.assertEqual(trace["complaint_grade"], ("Important", "General"))
        self.assertIn("priority", trace)
        self.assertNotIn("has_injury", trace)
        messages = self.ticket.message_ids.filtered("tracking_value_ids")
        self.assertEqual(messages.author_id, self.users["staff"].partner_id)
        # Customers don't see the trace.
        self.assertTrue(all(message.subtype_id.internal for message in messages))

    def test_a_flag_taken_back_lowers_the_grade_again(self):
        ticket = self._traced(self._create_complaint())
        self._flush()
        for name in ("has_injury", "has_media"):
            with self.subTest(name):
                ticket.with_user(self.users["staff"]).write({name: True})
                self.assertEqual(ticket.complaint_grade, "major")
                self._flush()
                ticket.with_user(self.users["staff"]).write({name: False})
                self.assertEqual(ticket.complaint_grade, "general")
                trace = self._get_trace(ticket)
                self.assertIn(("complaint_grade", "Major", "General"), trace)
                self.assertIn((name, 1, 0), trace)

    def test_a_grade_chosen_by_hand_stays(self):
        self.ticket.write({"complaint_grade": "special", "has_injury": True})
        self.ticket.has_injury = False
        self.assertEqual(self.ticket.complaint_grade, "special")

    def test_a_fault_without_injury_has_no_grade_again(self):
        fault = self._create_ticket("fault", has_injury=True)
        self.assertEqual(fault.complaint_grade, "major")
        fault.has_injury = False
        self.assertFalse(fault.complaint_grade)

    def test_priority_comes_down_with_the_green_channel(self):
        ticket = self._create_ticket("enquiry", is_green_channel=True)
        ticket = self._traced(ticket)
        self._flush()
        self.assertEqual(ticket.priority, "1")
        ticket.is_green_channel = False
        self.assertEqual(ticket.priority, "0")
        self.assertIn(
            "priority", [name for name, _old, _new in self._get_trace(ticket)]
        )
        ticket.write({"priority": "2", "is_green_channel": True})
        ticket.is_green_channel = False
        self.assertEqual(ticket.priority, "2")

    def test_who_becomes_anonymous_leaves_no_phone(self):
        self.mine.contact_phone = "+8613800000008"
        self.assertTrue(self._get_trace(self.ticket))
        self.mine.is_anonymous = True
        self.assertFalse(self.ticket.contact_phone)
        self.assertNotIn(
            "contact_phone", [name for name, _old, _new in self._get_trace(self.ticket)]
        )

    def test_stages_and_receipts_cost_nothing_more(self):
        def count(number):
            self._flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets = self._traced(self.env["power.ticket"]).create(
                [
                    {"subject": "Dark", "type_id": self.types["fault"].id}
                    for _number in range(number)
                ]
            )
            self._flush()
            tickets.write({"stage_id": self.stages["restored"].id})
            self._flush()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(50))


@tagged("post_install", "-at_install")
class TestHistory(ActionCommon):
    def test_to_whom_how_much_and_when_entered(self):
        ticket = self._create_ticket("enquiry")
        ticket.with_user(self.staff).dispatch(self.team.id, self.colleague.id, "Go")
        ticket.with_user(self.supervisor).extend(
            2, self.reasons["extended"].id, "Expert needed"
        )
        ticket.with_user(self.staff).transfer("Yours", self.station_other.id)
        events = ticket.event_ids.with_user(self.users["quality"]).grouped("kind")
        policy = events["extended"].policy_id
        self.assertTrue(policy)
        for kind, expected in {
            "dispatched": [self.team.name, self.colleague.name],
            "transferred": [self.station_other.name],
            "extended": [
                self.reasons["extended"].name,
                policy.name,
                "+2 working days",
            ],
        }.items():
            with self.subTest(kind):
                self.assertEqual(events[kind].detail, ", ".join(expected))

    def test_another_ticket_is_named_to_who_sees_it(self):
        first = self._create_ticket("fault")
        second = self._create_ticket("fault")
        second.merge_into(first.id)
        event = second.event_ids.filtered(lambda event: event.kind == "merged")
        self.assertEqual(event.with_user(self.staff).detail, first.display_name)
        first.is_confidential = True
        self.env.invalidate_all()
        self.assertNotIn(first.name, event.with_user(self.staff).detail)

    def test_both_times_when_they_differ(self):
        now = fields.Datetime.now()
        ticket = self._create_ticket("fault", received_at=now - timedelta(hours=2))
        ticket.register_event(
            "milestone", milestone="arrived", at=now - timedelta(hours=1)
        )
        ticket.register_event("noted", note="Pole 5")
        late, at_once = (
            ticket.event_ids.filtered(
                lambda event: event.milestone_id.code == "arrived"
            ),
            ticket.event_ids.filtered(lambda event: event.kind == "noted"),
        )
        self.assertEqual(late.entered_later_at, late.recorded_at)
        self.assertFalse(at_once.entered_later_at)
        self.assertEqual(at_once.detail, "")
        in_china = late.with_context(tz="Asia/Shanghai")
        entered = format_datetime(in_china.env, late.recorded_at, dt_format="short")
        self.assertIn(f"entered later: {entered}", in_china.detail)

    def test_the_list_shows_them(self):
        arch = self.env["power.ticket"].get_view(
            self.env.ref("power_service_tickets.power_ticket_view_form").id
        )["arch"]
        for name in ("detail", "entered_later_at"):
            with self.subTest(name):
                self.assertIn(f'<field name="{name}"', arch)


@tagged("post_install", "-at_install")
class TestIntakeOfInjury(ActionCommon):
    def test_leaders_are_told_of_a_fault_taken_in_with_injury(self):
        chief = self._create_user("chief", "power_service_base.group_power_supervisor")
        self.station.manager_id = chief.employee_ids
        for flag in ("has_injury", "has_media"):
            with self.subTest(flag):
                form = Form(self.env["power.ticket.intake"].with_user(self.staff))
                form.lookup = self.point.name
                form.type_id = self.types["fault"]
                setattr(form, flag, True)
                action = form.save().with_user(self.staff).action_create()
                ticket = self.env["power.ticket"].browse(action["res_id"])
                self.assertTrue(ticket[flag])
                self.assertTrue(ticket.leaders_told_at)
                self.assertIn(chief, ticket.activity_ids.user_id)
                self.assertIn(chief.partner_id, self._told(ticket))
