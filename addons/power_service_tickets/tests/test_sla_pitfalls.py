"""Each pitfall of promise clocks, on tickets: named by what it would be."""

from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import MONDAY
from .test_sla_tick import TickCommon, at


@tagged("post_install", "-at_install")
class TestPitfalls(TickCommon):
    def _promised(self, ticket, cycle=1):
        return self._clock(ticket, "answered", cycle)

    def test_1_nothing_is_met_at_creation(self):
        ticket = self._create_promised()
        self.assertEqual(self._promised(ticket).state, "running")
        self.assertFalse(self._promised(ticket).reached_at)

    def test_2_waiting_then_straight_to_done_stays_met(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=10)):
            ticket.pause("Bill is missing")
        with freeze_time(at(days=3)):
            ticket.answer("Here it is")
        self.assertEqual(self._promised(ticket).state, "met")
        # What was waited for is not used.
        self.assertEqual(self._promised(ticket).used_minutes, 10)
        self._tick(days=30)
        with freeze_time(at(days=30)):
            ticket._refresh_clocks()
        self.assertEqual(self._promised(ticket).state, "met")
        self.assertFalse(self._promised(ticket).missed_at)

    def test_4_reopening_runs_again_and_keeps_the_first_result(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=10)):
            ticket.answer("Here it is")
            ticket.close()
        with freeze_time(at(hours=5)):
            ticket.reopen("Not solved")
        self.assertFalse(ticket.closed_at)
        first, second = self._promised(ticket), self._promised(ticket, 2)
        self.assertEqual((first.state, first.used_minutes), ("met", 10))
        self.assertEqual(second.started_at, at(hours=5))
        self.assertEqual(ticket.deadline, at(hours=6))
        self._tick(hours=7)
        self.assertEqual(second.state, "missed")
        self.assertEqual(first.state, "met")
        # Each cycle has its own warning and breach.
        self.assertFalse(first.alert_ids)
        self.assertIn(("breach", "done"), self._alerts(ticket))

    def test_4_a_miss_of_the_cycle_before_hurries_nobody(self):
        ticket = self._create_promised()
        self._tick(minutes=61)
        self.assertTrue(ticket.is_overdue)
        self.assertTrue(ticket.activity_ids)
        with freeze_time(at(minutes=90)):
            ticket.cancel("Came twice")
        with freeze_time(at(minutes=100)):
            ticket.reopen("Not solved")
        first, second = self._promised(ticket), self._promised(ticket, 2)
        self.assertEqual((first.state, second.state), ("missed", "running"))
        self.assertEqual(first.ended_at, at(minutes=100))
        with freeze_time(at(minutes=101)):
            self.assertEqual(ticket.deadline, second.deadline)
            self.assertFalse(ticket.is_overdue)
            self.assertFalse(ticket.activity_ids)
        before = self._alerts(ticket)
        self._tick(minutes=110)
        self.assertEqual(self._alerts(ticket), before)

    def test_5_cancelled_counts_neither_way(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=10)):
            ticket.cancel("Came twice")
        clock = ticket.clock_ids
        self.assertEqual(clock.state, "cancelled")
        self.assertFalse(clock.reached_at or clock.missed_at)
        self._tick(days=1)
        self.assertEqual(clock.state, "cancelled")

    def test_5_missed_before_the_cancellation_stays_missed(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=90)):
            ticket.cancel("Came twice")
        self.assertEqual(ticket.clock_ids.state, "missed")
        self._tick(minutes=95)
        self.assertIn(("breach", "done"), self._alerts(ticket))
        self.assertFalse(ticket.activity_ids)
        self.assertFalse(ticket.clock_ids.alert_ids.told_user_ids)
        self.assertFalse(ticket.deadline)
        self.assertFalse(ticket.is_overdue)

    def test_5_a_crew_that_is_not_needed_any_more_counts_neither_way(self):
        with freeze_time(MONDAY):
            ticket, visited, late = (
                self._create_ticket("fault", supply_point_id=self.point.id)
                for _number in range(3)
            )
        arrivals = [self._clock(each, "arrived") for each in (ticket, visited, late)]
        with freeze_time(at(minutes=5)):
            visited.arrive()
        with freeze_time(at(minutes=10)):
            (ticket | visited).restore(note="The main switch had tripped")
        with freeze_time(at(hours=3)):
            late.restore()
        self._tick(hours=4)
        self.assertEqual(
            [clock.state for clock in arrivals], ["cancelled", "met", "missed"]
        )
        self.assertFalse(arrivals[0].missed_at)
        self.assertIn("“Supply restored” came first", arrivals[0].remark)
        self.assertFalse(arrivals[1].remark)
        with freeze_time(at(hours=4)):
            (ticket | visited)._refresh_clocks()
        self.assertEqual(
            [clock.state for clock in arrivals], ["cancelled", "met", "missed"]
        )

    def test_an_answer_is_a_contact(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("complaint")
        ticket.type_id.needs_review = False  # answered as soon as it is written
        contact = self._clock(ticket, "contacted")
        with freeze_time(at(minutes=10)):
            ticket.answer("We are sorry")
        self.assertEqual((contact.state, contact.reached_at), ("met", at(minutes=10)))

    def test_8_a_working_day_is_a_day(self):
        milestone = self.env.ref(
            "power_service_tickets.power_ticket_milestone_answered"
        )
        self.env["power.sla.policy"].create(
            {
                "name": "One working day",
                "type_ids": [Command.set(self.types["enquiry"].ids)],
                "channel": "letter",
                "target_milestone_id": milestone.id,
                "duration": 1,
                "unit": "working_day",
            }
        )
        deadlines = set()
        for hour in (1, 5, 8):
            with freeze_time(MONDAY.replace(hour=hour)):
                ticket = self._create_ticket(channel="letter")
            with self.subTest(hour=hour):
                deadline = self._promised(ticket).deadline
                self.assertEqual(deadline.date(), at(days=1).date())
            deadlines.add(deadline)
        # Whatever the hour it came: the end of the next day's work.
        self.assertEqual(len(deadlines), 1)

    def test_9_a_make_up_saturday_is_a_working_day(self):
        friday = MONDAY + timedelta(days=4)
        with freeze_time(friday):
            before = self._create_ticket(channel="letter").deadline
        self.env["power.calendar.exception"].create(
            {
                "calendar_id": self.company.resource_calendar_id.id,
                "date": friday.date() + timedelta(days=1),
                "is_workday": True,
            }
        )
        with freeze_time(friday):
            after = self._create_ticket(channel="letter").deadline
        self.assertLess(after, before)

    def test_11_stages_moved_and_renamed_change_nothing(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=10)):
            ticket.answer("Here it is")
        for stage in self.stages.values():
            stage.write({"name": f"Other {stage.name}", "sequence": 99 - stage.id})
        with freeze_time(at(days=2)):
            ticket._refresh_clocks()
        self.assertEqual(self._promised(ticket).state, "met")
        self.assertEqual(self._promised(ticket).reached_at, at(minutes=10))
        with freeze_time(at(days=2)):
            ticket._project()
        self.assertEqual(ticket.answered_at, at(minutes=10))
        self.assertTrue(ticket.is_open)

    def test_11_what_happens_after_stages_changed_counts_as_before(self):
        for stage in self.stages.values():
            stage.name = f"Other {stage.name}"
        working, answered = self.stages["in_progress"], self.stages["answered"]
        working.sequence, answered.sequence = answered.sequence, working.sequence
        ticket = self._create_promised()
        with freeze_time(at(minutes=5)):
            ticket.with_user(self.users["staff"]).accept()
        self.assertEqual(ticket.stage_id, working)
        self.assertEqual(self._promised(ticket).state, "running")
        with freeze_time(at(minutes=10)):
            ticket.answer("Here it is")
        clock = self._promised(ticket)
        self.assertEqual((clock.state, clock.reached_at), ("met", at(minutes=10)))
        self.assertEqual(ticket.answered_at, at(minutes=10))
        self.assertTrue(ticket.is_open)

    def test_16_late_is_the_same_wherever_it_is_asked(self):
        ticket = self._create_promised()
        clock = self._promised(ticket)
        for minutes, late in ((59, False), (60, False), (61, True)):
            with self.subTest(minutes=minutes), freeze_time(at(minutes=minutes)):
                self.env.invalidate_all()
                self.assertEqual((clock.is_late, ticket.is_overdue), (late, late))
                for record, name in ((clock, "is_late"), (ticket, "is_overdue")):
                    found = record.search([("id", "=", record.id), (name, "=", True)])
                    self.assertEqual(bool(found), late)

    def test_late_entry_without_proof_stays_missed_and_says_so(self):
        ticket = self._create_promised()
        self._tick(minutes=61)
        with freeze_time(at(minutes=90)):
            ticket.register_event(
                "milestone", milestone="answered", at=at(minutes=50), note="By phone"
            )
        clock = self._promised(ticket)
        self.assertEqual(clock.state, "missed")
        self.assertTrue(clock.is_late_entry)
        self.assertIn("without proof", clock.remark)

    def test_late_entry_with_proof_counts_as_it_happened(self):
        ticket = self._create_promised()
        self._tick(minutes=61)
        proof = self.env["ir.attachment"].create({"name": "a.png", "raw": b"photo"})
        with freeze_time(at(minutes=90)):
            ticket.register_event(
                "milestone",
                milestone="answered",
                at=at(minutes=50),
                note="On site",
                proof_ids=proof.ids,
            )
        clock = self._promised(ticket)
        self.assertEqual((clock.state, clock.reached_at), ("met", at(minutes=50)))
        self.assertTrue(clock.is_late_proved)
        self.assertIn("with proof", clock.remark)
        self.assertFalse(ticket.activity_ids)

    def _enter(self, ticket, kind, when, **vals):
        """An approved event, as the approval methods of the ticket enter it."""
        with freeze_time(when):
            ticket._enter_event(kind, None, {"note": "Works take longer", **vals})

    def test_extension_moves_the_deadline_warns_again_and_says_who_and_why(self):
        ticket = self._create_promised()
        self._tick(minutes=31)
        self._enter(ticket, "extended", at(minutes=40), extension=60)
        clock = self._promised(ticket)
        self.assertEqual(clock.deadline, at(minutes=120))
        self.assertEqual(ticket.deadline, at(minutes=120))
        self.assertIn("Works take longer", clock.remark)
        self.assertIn("60", clock.remark)
        self._tick(minutes=61)
        self.assertEqual(clock.state, "running")
        warnings = [item for item in self._alerts(ticket) if item[0] == "warn"]
        self.assertEqual(len(warnings), 2)
        self._tick(minutes=121)
        self.assertEqual(clock.state, "missed")

    def test_exemption_takes_a_missed_clock_out_and_says_by_whom(self):
        ticket = self._create_promised()
        self._tick(minutes=61)
        self._enter(ticket, "exempted", at(minutes=70))
        clock = self._promised(ticket)
        self.assertEqual(clock.state, "exempted")
        self.assertEqual(clock.missed_at, clock.deadline)
        self.assertIn(self.env.user.name, clock.remark)
        self.assertIn("Works take longer", clock.remark)
        self.assertFalse(ticket.activity_ids)
        self._tick(days=2)
        self.assertEqual(clock.state, "exempted")

    def test_why_this_promise_in_the_reader_s_language(self):
        ticket = self._create_promised()
        clock = self._promised(ticket)
        self.assertIn("channel", clock.why)
        self.assertIn("type", clock.why)
        self.assertIn("渠道", clock.with_context(lang="zh_CN").why)
