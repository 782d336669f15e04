"""Whose list a promise is on: it follows the ticket, and says the worst."""

from odoo import Command
from odoo.tests import freeze_time, tagged

from .test_sla_tick import TickCommon, at


class PromiseListCommon(TickCommon):
    """Two promises of a ticket: to be contacted within 30 minutes, and the answer
    within 60 minutes, warned of after 48; quality isn't told of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        supervisor = "power_service_base.group_power_supervisor"
        staff = "power_service_base.group_power_staff"
        cls.colleague = cls._create_user("colleague", staff)
        cls.colleague.employee_ids.department_id = cls.team
        cls.far = cls._create_user("far", staff, cls.station_other)
        cls.far_chief = cls._create_user("far_chief", supervisor, cls.station_other)
        cls.station_other.manager_id = cls.far_chief.employee_ids
        cls.policy.escalation_ids -= cls.rungs.filtered(lambda r: r.whom == "quality")
        cls.policy.warn_at_percent = 80
        cls.contact = cls.policy.copy(
            {
                "name": "Contact within half an hour",
                "target_milestone_id": cls.env.ref(
                    "power_service_tickets.power_ticket_milestone_contacted"
                ).id,
                "duration": 30,
                "escalation_ids": [
                    Command.set(cls.rungs.filtered(lambda r: r.whom == "assignee").ids)
                ],
            }
        )

    def _list_of(self, ticket):
        """{person: what the activity says, in two parts} of the ticket's promises."""
        self.env.invalidate_all()
        promises = ticket.sudo().activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("power_service_tickets.mail_activity_promise")
            )
        )
        self.assertEqual(len(promises), len(promises.user_id))
        return {
            activity.user_id: (
                activity.summary.split(":")[0],
                self.policy if self.policy.name in activity.summary else self.contact,
            )
            for activity in promises
        }

    def _create_late(self, **vals):
        """A ticket whose two promises are overdue, and told."""
        ticket = self._create_promised(**vals)
        self._tick(minutes=61)
        return ticket


@tagged("post_install", "-at_install")
class TestWorst(PromiseListCommon):
    def test_a_warning_does_not_hide_what_is_overdue(self):
        ticket = self._create_promised()
        self._tick(minutes=31)
        staff = self.users["staff"]
        late = ("Overdue", self.contact)
        self.assertEqual(self._list_of(ticket), {staff: late})
        self._tick(minutes=49)
        warned = ticket.clock_ids.alert_ids.filtered(
            lambda a: a.clock_id.policy_id == self.policy and a.escalation_id
        )
        self.assertEqual(warned.told_user_ids, staff)
        self.assertEqual(self._list_of(ticket), {staff: late})
        # Once that is done, the warning of the other is there again.
        with freeze_time(at(minutes=50)):
            ticket.contact("Called")
        self.assertEqual(self._list_of(ticket), {staff: ("Due soon", self.policy)})
        with freeze_time(at(minutes=51)):
            ticket.answer("Here it is")
        self.assertFalse(self._list_of(ticket))

    def test_of_two_overdue_the_older_is_said(self):
        ticket = self._create_late()
        self.assertEqual(
            self._list_of(ticket)[self.users["staff"]], ("Overdue", self.contact)
        )
        self.assertEqual(self._list_of(ticket)[self.leader], ("Overdue", self.policy))
        with freeze_time(at(minutes=62)):
            ticket.contact("Called")
        self.assertEqual(
            self._list_of(ticket)[self.users["staff"]], ("Overdue", self.policy)
        )

    def test_its_day_is_the_reader_s(self):
        staff = self.users["staff"]
        staff.tz = "Asia/Shanghai"
        # Half past eleven in the evening there: half an hour ends on the next day.
        with freeze_time(at(hours=13, minutes=30)):
            ticket = self._create_ticket(channel="counter", user_id=staff.id)
        self._tick(hours=14, minutes=25)
        activity = ticket.activity_ids.filtered(lambda a: a.user_id == staff)
        self.assertIn("since 2026-03-03 00:00", activity.summary)
        self.assertEqual(str(activity.date_deadline), "2026-03-03")

    def test_what_somebody_ticked_off_does_not_come_back_by_itself(self):
        ticket = self._create_late()
        staff = self.users["staff"]
        ticket.activity_ids.filtered(lambda a: a.user_id == staff).action_feedback()
        with freeze_time(at(minutes=62)):
            ticket.contact("Called")
        self.assertNotIn(staff, self._list_of(ticket))

    def test_after_that_the_next_step_says_what_is_new(self):
        ticket = self._create_promised()
        self._tick(minutes=31)
        ticket.activity_ids.action_feedback()
        self._tick(minutes=49)
        self.assertEqual(
            self._list_of(ticket), {self.users["staff"]: ("Due soon", self.policy)}
        )

    def test_who_was_told_keeps_it_when_the_ladder_means_others_by_now(self):
        ticket = self._create_late()
        self._tick(minutes=91)
        self.assertIn(self.chief, self._list_of(ticket))
        self.station.manager_id = self.leader.employee_ids
        self.env.flush_all()
        with freeze_time(at(minutes=92)):
            ticket.contact("Called")
        self.assertEqual(self._list_of(ticket)[self.chief], ("Overdue", self.policy))

    def test_an_extension_takes_the_warning_away(self):
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "extended")], limit=1
        )
        ticket = self._create_promised()
        self._tick(minutes=49)
        with freeze_time(at(minutes=50)):
            ticket.contact("Called")
            self.assertEqual(
                self._list_of(ticket),
                {self.users["staff"]: ("Due soon", self.policy)},
            )
            ticket.with_user(self.chief).extend(60, reason.id, policy_id=self.policy.id)
        self.assertFalse(self._list_of(ticket))

    def test_a_pause_takes_the_warning_away_until_the_ticket_goes_on(self):
        ticket = self._create_promised()
        staff, warned = self.users["staff"], ("Due soon", self.policy)
        with freeze_time(at(minutes=20)):
            ticket.contact("Called")
        self._tick(minutes=49)
        self.assertEqual(self._list_of(ticket), {staff: warned})
        with freeze_time(at(minutes=50)):
            ticket.with_user(staff).pause("The customer looks for the contract")
        self.assertFalse(self._list_of(ticket))
        with freeze_time(at(minutes=80)):
            ticket.with_user(staff).resume()
        self.assertEqual(self._list_of(ticket), {staff: warned})
        moved = ticket.clock_ids.filtered(lambda c: c.policy_id == self.policy)
        self.assertEqual(moved.deadline, at(minutes=90))
        summary = ticket.activity_ids.filtered(lambda a: a.user_id == staff).summary
        self.assertIn("11:30", summary)

    def test_after_a_pause_nobody_is_asked_who_ticked_it_off(self):
        ticket = self._create_promised()
        staff = self.users["staff"]
        with freeze_time(at(minutes=20)):
            ticket.contact("Called")
        self._tick(minutes=49)
        ticket.activity_ids.with_user(staff).action_feedback()
        with freeze_time(at(minutes=50)):
            ticket.with_user(staff).pause("The customer looks for the contract")
        with freeze_time(at(minutes=80)):
            ticket.with_user(staff).resume()
        self.assertFalse(self._list_of(ticket))

    def test_what_is_overdue_stays_said_while_the_ticket_waits(self):
        ticket = self._create_late()
        before = self._list_of(ticket)
        self.assertEqual(before[self.leader], ("Overdue", self.policy))
        with freeze_time(at(minutes=62)):
            ticket.pause("The customer looks for the contract")
        self.assertEqual(self._list_of(ticket), before)

    def test_handed_over_while_it_waits_it_is_warned_of_when_it_goes_on(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=20)):
            ticket.contact("Called")
        self._tick(minutes=49)
        with freeze_time(at(minutes=50)):
            ticket.pause("The customer looks for the contract")
            ticket.with_user(self.chief).dispatch(user_id=self.colleague.id)
        self.assertFalse(self._list_of(ticket))
        with freeze_time(at(minutes=80)):
            ticket.resume()
        self.assertEqual(
            self._list_of(ticket), {self.colleague: ("Due soon", self.policy)}
        )


@tagged("post_install", "-at_install")
class TestFollows(PromiseListCommon):
    def test_whoever_has_the_ticket_has_its_promises(self):
        staff, colleague = self.users["staff"], self.colleague
        ways = {
            "dispatch": lambda t: t.dispatch(user_id=colleague.id),
            "transfer": lambda t: t.transfer("Ill", user_id=colleague.id),
            "write": lambda t: t.write({"user_id": colleague.id}),
        }
        for name, give in ways.items():
            ticket = self._create_late()
            with freeze_time(at(minutes=62)):
                give(ticket.with_user(self.chief))
            with self.subTest(way=name):
                found = self._list_of(ticket)
                self.assertEqual(found[colleague], ("Overdue", self.contact))
                self.assertNotIn(staff, found)
                self.assertEqual(found[self.leader], ("Overdue", self.policy))

    def test_handed_on_who_ticked_it_off_is_not_asked_again(self):
        ticket = self._create_late()
        ticket.activity_ids.filtered(
            lambda activity: activity.user_id == self.leader
        ).action_feedback()
        with freeze_time(at(minutes=62)):
            ticket.with_user(self.chief).dispatch(user_id=self.colleague.id)
        self.assertEqual(ticket.team_id, self.team)
        found = self._list_of(ticket)
        self.assertIn(self.colleague, found)
        self.assertNotIn(self.leader, found)

    def test_returned_it_goes_back_with_its_promises(self):
        ticket = self._create_promised(user_id=self.colleague.id)
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "returned")], limit=1
        )
        with freeze_time(at(minutes=5)):
            ticket.with_user(self.colleague).transfer(
                "Yours", user_id=self.users["staff"].id
            )
        self._tick(minutes=61)
        self.assertIn(self.users["staff"], self._list_of(ticket))
        with freeze_time(at(minutes=62)):
            ticket.with_user(self.users["staff"]).return_to(reason.id)
        found = self._list_of(ticket)
        self.assertEqual(found[self.colleague], ("Overdue", self.contact))
        self.assertNotIn(self.users["staff"], found)
        # And there and back once more.
        with freeze_time(at(minutes=63)):
            ticket.with_user(self.chief).dispatch(user_id=self.users["staff"].id)
        self.assertIn(self.users["staff"], self._list_of(ticket))
        self.assertNotIn(self.colleague, self._list_of(ticket))

    def test_at_another_station_its_people_have_them(self):
        ticket = self._create_late()
        with freeze_time(at(minutes=62)):
            ticket.with_user(self.chief).transfer("Theirs", self.station_other.id)
        # Nobody has it there: their chief instead, as the ladder would.
        self.assertEqual(
            self._list_of(ticket), {self.far_chief: ("Overdue", self.contact)}
        )
        with freeze_time(at(minutes=63)):
            ticket.with_user(self.far).accept()
        found = self._list_of(ticket)
        self.assertEqual(found[self.far], ("Overdue", self.contact))
        # The leader's step, where there is no team.
        self.assertEqual(found[self.far_chief], ("Overdue", self.policy))
        self.assertEqual(len(found), 2)

    def test_there_and_back_what_holds_again_is_told_again(self):
        theirs = self.policy.copy(
            {"name": "Theirs", "duration": 600, "station_ids": self.station_other.ids}
        )
        ticket = self._create_promised()
        with freeze_time(at(minutes=20)):
            ticket.contact("Called")
        self._tick(minutes=49)
        with freeze_time(at(minutes=50)):
            ticket.with_user(self.chief).transfer("Theirs", self.station_other.id)
        self.assertEqual(self._clock(ticket, "answered").policy_id, theirs)
        self.assertFalse(self._list_of(ticket))
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "returned")], limit=1
        )
        with freeze_time(at(minutes=51)):
            ticket.with_user(self.far).return_to(reason.id)
        self.assertEqual(self._clock(ticket, "answered").policy_id, self.policy)
        # It went back to who sent it.
        self.assertEqual(self._list_of(ticket), {self.chief: ("Due soon", self.policy)})

    def test_another_team_s_leader_has_the_leader_s_step(self):
        other = self._create_user("l2", "power_service_base.group_power_supervisor")
        team = self.team.copy(
            {"name": "Other team", "manager_id": other.employee_ids.id}
        )
        ticket = self._create_late()
        with freeze_time(at(minutes=62)):
            ticket.with_user(self.chief).dispatch(team_id=team.id)
        found = self._list_of(ticket)
        self.assertIn(other, found)
        self.assertNotIn(self.leader, found)
        self.assertIn(self.users["staff"], found)

    def test_taken_by_somebody_it_leaves_who_stood_in(self):
        ticket = self._create_promised(user_id=False, team_id=False)
        self._tick(minutes=31)
        self.assertEqual(self._list_of(ticket), {self.chief: ("Overdue", self.contact)})
        with freeze_time(at(minutes=32)):
            ticket.with_user(self.colleague).accept()
        self.assertEqual(
            self._list_of(ticket), {self.colleague: ("Overdue", self.contact)}
        )

    def test_ended_or_not_late_nothing_moves(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=5)):
            ticket.with_user(self.chief).dispatch(user_id=self.colleague.id)
        self.assertFalse(self._list_of(ticket))

    def test_confidential_stays_with_who_may_know(self):
        quality = self.users["quality"]
        other = self._create_user("q2", "power_service_base.group_power_quality")
        ticket = self._create_late(is_confidential=True, user_id=quality.id)
        group = "power_service_base.group_power_quality"
        found = self._list_of(ticket)
        self.assertEqual(found[quality], ("Overdue", self.contact))
        self.assertTrue(all(user.has_group(group) for user in found))
        with freeze_time(at(minutes=62)):
            ticket.with_user(quality).dispatch(user_id=other.id)
        found = self._list_of(ticket)
        self.assertIn(other, found)
        self.assertTrue(all(user.has_group(group) for user in found))
        # The accused gets nothing, also when the ladder means whoever has it.
        ticket.write({"accused_employee_ids": [Command.set(other.employee_ids.ids)]})
        self.assertNotIn(other, self._list_of(ticket))

    def test_made_confidential_it_leaves_the_station(self):
        ticket = self._create_late()
        self.assertIn(self.leader, self._list_of(ticket))
        with freeze_time(at(minutes=62)):
            ticket.with_user(self.users["quality"]).write({"is_confidential": True})
        group = "power_service_base.group_power_quality"
        found = self._list_of(ticket)
        self.assertTrue(all(user.has_group(group) for user in found))
        self.assertIn(self.users["quality"], found)

    def test_many_cost_the_same_queries(self):
        counts = []
        users = self.colleague, self.users["staff"]
        for count in (1, 1, 20):  # the first reads what is read once
            tickets = self.env["power.ticket"].union(
                *(self._create_promised() for _number in range(count))
            )
            self._tick(minutes=61)
            self.env.flush_all()
            self.env.invalidate_all()
            moved = {
                ticket.id: (ticket.station_id.id, ticket.team_id.id, users[0].id)
                for ticket in tickets
            }
            before = self.env.cr.sql_log_count
            self.env["power.sla.alert"]._hand_on_activities(list(moved), moved)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
