"""Open clocks follow promises and working time; met and missed ones stay."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import MONDAY, TicketCommon


@tagged("post_install", "-at_install")
class TestRecount(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.works = cls.env["power.sla.recount"]
        cls.works.search([]).unlink()
        cls.env.cr.precommit.run()
        cls.works.search([]).unlink()

    def _run(self, batch_size=1000):
        """What the cron does until nothing is left."""
        self.env.cr.precommit.run()
        clocks = type(self.works)
        original = clocks._cron_recount
        with (
            self.enter_registry_test_mode(),
            patch.object(
                clocks, "_cron_recount", lambda self: original(self, batch_size)
            ),
        ):
            cron = self.env.ref("power_service_tickets.ir_cron_sla_recount")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def _close_day(self, day):
        self.env["power.calendar.exception"].create(
            {"calendar_id": self.calendar.id, "date": day, "is_workday": False}
        )

    def test_pitfall_7_a_new_holiday_moves_open_deadlines_only(self):
        with freeze_time(MONDAY):
            running, met, missed = (self._create_ticket() for _number in range(3))
        with freeze_time(MONDAY + timedelta(hours=1)):
            met.answer("Here it is")
        deadlines = {
            ticket: self._clock(ticket, "answered").deadline
            for ticket in (running, met, missed)
        }
        missed.clock_ids.write(
            {"state": "missed", "missed_at": deadlines[missed], "next_event_at": False}
        )
        self.env.flush_all()
        self.env.cr.precommit.run()
        self._close_day("2026-03-04")
        self.env.cr.precommit.run()
        self.assertEqual(self.works.search([]).mapped("kind"), ["calendar"])
        with freeze_time(MONDAY + timedelta(hours=2)):
            self._run()
        self.assertFalse(self.works.search([]))
        clock = self._clock(running, "answered")
        self.assertEqual(clock.deadline, deadlines[running] + timedelta(days=1))
        self.assertEqual(running.deadline, clock.deadline)
        for ticket in (met, missed):
            self.assertEqual(
                self._clock(ticket, "answered").deadline, deadlines[ticket]
            )

    def test_pitfall_7_a_changed_promise_moves_open_deadlines_only(self):
        with freeze_time(MONDAY):
            running, met = self._create_ticket(), self._create_ticket()
            met.answer("Here it is")
            policy = running.clock_ids.policy_id
            before = met.clock_ids.read(["deadline", "state", "duration"])
            policy.duration += 1
            self._run()
        self.assertEqual(met.clock_ids.read(["deadline", "state", "duration"]), before)
        self.assertGreater(running.deadline, before[0]["deadline"])

    def test_pitfall_7_a_deadline_that_passed_stays_though_the_tick_was_down(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
        before = ticket.deadline
        with freeze_time(before + timedelta(hours=1)):
            ticket.clock_ids.policy_id.duration += 10
            self._run()
        self.assertEqual(ticket.deadline, before)
        with freeze_time(before + timedelta(hours=2)):
            self.env["power.sla.clock"]._tick()
        self.assertEqual(ticket.clock_ids.state, "missed")

    def test_a_new_promise_starts_clocks_on_open_tickets(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
            self.env["power.sla.policy"].create(
                {
                    "name": "Contact",
                    "type_ids": [Command.set(self.types["enquiry"].ids)],
                    "target_milestone_id": self.env.ref(
                        "power_service_tickets.power_ticket_milestone_contacted"
                    ).id,
                    "duration": 60,
                    "unit": "minute",
                }
            )
            self._run()
        self.assertEqual(self._clock(ticket, "contacted").state, "running")
        self.assertEqual(ticket.deadline, MONDAY + timedelta(hours=1))

    def test_provisional_is_set_right_when_the_year_is_loaded(self):
        with freeze_time(datetime(2030, 12, 30, 2, 0)):
            ticket = self._create_ticket()
            clock = self._clock(ticket, "answered")
            self.assertTrue(clock.is_provisional)
            year = self.env["power.calendar.year"]
            for number in (2030, 2031):
                year._load_days(
                    self.calendar,
                    number,
                    {
                        datetime(number, 1, 1).date(): {
                            "is_workday": False,
                            "holiday": "new_year",
                            "own_name": False,
                            "hours": False,
                        }
                    },
                    "file",
                )
            before = clock.deadline
            self._run()
        self.assertFalse(clock.is_provisional)
        self.assertEqual(clock.deadline, before + timedelta(days=1))

    def test_resumes_where_it_stopped_and_changes_nothing_twice(self):
        with freeze_time(MONDAY):
            tickets = [self._create_ticket() for _number in range(5)]
            self.env.cr.precommit.run()
            self._close_day("2026-03-04")
            self.env.cr.precommit.run()
            work = self.works._take_work()
            self.assertEqual(work._recount_batch(2)[0], 2)
            self.assertGreater(work.last_ticket_id, 0)
            self.assertEqual(self.works._take_work(), work)
            self._run(batch_size=2)
            names = ["deadline", "state", "next_event_at", "warn_at", "write_date"]
            clocks = self.env["power.sla.clock"].union(
                *(ticket.clock_ids for ticket in tickets)
            )
            rows = clocks.read(names)
            self.works._request("calendar")
            self._run()
        self.assertEqual(clocks.read(names), rows)
        self.assertEqual(len({row["deadline"] for row in rows}), 1)

    def test_a_change_while_it_runs_is_counted_too(self):
        with freeze_time(MONDAY):
            for _number in range(4):
                self._create_ticket()
            self.works._request("calendar")
            work = self.works._take_work()
            work._recount_batch(2)
            self.env.cr.precommit.clear()
            self.works._request("calendar")
            self.assertEqual(len(self.works.search([])), 2)
            self._run(batch_size=2)
        self.assertFalse(self.works.search([]))

    def test_a_ticket_that_fails_is_parked_and_holds_up_nobody(self):
        with freeze_time(MONDAY):
            bad, good = self._create_ticket(), self._create_ticket()
            before = good.deadline
            tickets = type(self.env["power.ticket"])
            original = tickets._refresh_clocks

            def break_one(records):
                if bad in records:
                    raise ValueError("broken facts")
                return original(records)

            self.env.cr.precommit.run()
            self._close_day("2026-03-04")
            with patch.object(tickets, "_refresh_clocks", break_one):
                self._run()
        self.assertIn("broken facts", bad.clock_ids.error)
        self.assertEqual(good.deadline, before + timedelta(days=1))
        self.assertFalse(self.works.search([]))

    def test_class_grade_and_segment_of_the_customer_match_again(self):
        answered = self.env.ref("power_service_tickets.power_ticket_milestone_answered")
        segment = self.env["power.customer.segment"].create(
            {"name": "VIP", "code": "vip_test"}
        )

        def promise(**vals):
            return self.env["power.sla.policy"].create(
                {
                    "name": "Special",
                    "type_ids": [Command.set(self.types["enquiry"].ids)],
                    "target_milestone_id": answered.id,
                    "duration": 1,
                    **vals,
                }
            )

        by_class = promise(customer_class="hv_dual")
        by_grade = promise(importance_grade="special", priority="0")
        by_segment = promise(
            segment_ids=[Command.set(segment.ids)], priority="0", channel="counter"
        )
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
            self.point.customer_class = "hv_dual"
            self.assertEqual(self._clock(ticket, "answered").policy_id, by_class)
            self.point.importance_grade = "special"
            self.assertEqual(self._clock(ticket, "answered").policy_id, by_grade)
            self.customer.segment_ids = segment
            self.assertEqual(self._clock(ticket, "answered").policy_id, by_segment)
