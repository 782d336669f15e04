"""Promise clocks on tickets: stored in sets, matched again at once, counted the same
from the same facts."""

from datetime import datetime, timedelta
from functools import partial

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..core.sla_policies import compile_policies
from .common import MONDAY, TicketCommon


def at(**after):
    return MONDAY + timedelta(**after)


@tagged("post_install", "-at_install")
class TestClockStorage(TicketCommon):
    """House rule 5: a batch costs the same number of queries, whatever its size."""

    def _count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _create_many(self, count):
        return self.env["power.ticket"].create(
            [
                {
                    "subject": f"Light {number}",
                    "type_id": self.types["fault"].id,
                    "supply_point_id": self.point.id,
                    "region_type": ("urban", "rural", "remote")[number % 3],
                }
                for number in range(count)
            ]
        )

    def test_refresh_costs_the_same_for_1_and_50(self):
        tickets = self._create_many(50)
        # What is counted anew: clocks inserted, changed and withdrawn.
        counts = []
        for batch in (tickets[:1], tickets[:1], tickets):
            self.env.cr.execute(
                "DELETE FROM power_sla_clock WHERE ticket_id = ANY(%s)", [batch.ids]
            )
            counts.append(self._count(batch._refresh_clocks))
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 14)

    def test_create_event_and_stage_cost_the_same_for_1_and_50(self):
        for name, work in (
            ("create", self._create_many),
            (
                "event",
                lambda count: self.faults[:count].register_event(
                    "milestone", milestone="arrived"
                ),
            ),
            (
                "stage",
                lambda count: self.faults[:count].write(
                    {"stage_id": self.stages["restored"].id}
                ),
            ),
        ):
            with self.subTest(name):
                counts = []
                for count in (1, 1, 50):  # the first reads what is read once
                    self.faults = self._create_many(50)
                    counts.append(self._count(partial(work, count)))
                self.assertEqual(counts[1], counts[2])

    def test_actions_cost_the_same_for_1_and_50(self):
        reason = self.env["power.ticket.reason"].search(
            [("kind", "=", "extended")], limit=1
        )
        enquiry = self.types["enquiry"].id
        staff = self.users["staff"].id
        for name, work in (
            ("crew", lambda tickets: tickets.send_crew()),
            ("merge", lambda tickets: tickets.merge_into(self.first.id)),
            ("dispatch", lambda tickets: tickets.dispatch(user_id=staff)),
            ("extend", lambda tickets: tickets.extend(1, reason.id)),
            ("report", self._create_reports),
        ):
            with self.subTest(name):
                counts = []
                for count in (2, 2, 50):  # the first reads what is read once
                    self.first = self._create_many(1)
                    tickets = self._create_many(50)
                    if name == "extend":
                        tickets.write({"type_id": enquiry, "category_id": False})
                    counts.append(self._count(partial(work, tickets[:count])))
                self.assertEqual(counts[1], counts[2])

    def _create_reports(self, tickets):
        report = self.types["report"].id
        self.env["power.ticket"].create(
            [{"subject": "Bribe", "type_id": report} for _ticket in tickets]
        )

    def test_counting_again_writes_nothing(self):
        tickets = self._create_many(3)
        tickets[0].register_event("milestone", milestone="arrived")
        tickets[1].cancel("Called by mistake")
        rows = tickets.clock_ids.sorted("id").read()
        tickets._refresh_clocks()
        self.assertEqual(tickets.clock_ids.sorted("id").read(), rows)

    def test_what_was_stored_is_read_at_once(self):
        ticket = self._create_ticket("enquiry")
        self.assertEqual(ticket.clock_ids.mapped("state"), ["running"])
        self.assertTrue(ticket.deadline)
        ticket.answer("Here it is")
        self.assertEqual(ticket.clock_ids.mapped("state"), ["met"])
        self.assertFalse(ticket.deadline)

    def test_done_steps_do_not_come_again(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
        clock = ticket.clock_ids
        first = clock.next_event_at
        self.assertEqual(first, clock.warn_at)
        self.env.cr.execute(
            "INSERT INTO power_sla_alert (clock_id, ticket_id, company_id, key, kind,"
            " outcome, at, recorded_at) SELECT id, ticket_id, company_id, key, 'warn',"
            " 'done', warn_at, warn_at FROM power_sla_clock,"
            " unnest(%s) AS key WHERE id = %s",
            [
                ["warn"]
                + [
                    f"step{rung.id}"
                    for rung in clock.policy_id.escalation_ids
                    if rung.moment == "warning"
                ],
                clock.id,
            ],
        )
        ticket._refresh_clocks()
        self.assertGreater(clock.next_event_at, clock.deadline)


@tagged("post_install", "-at_install")
class TestPolicies(TicketCommon):
    def test_compiled_once_and_again_after_each_change(self):
        policies = self.env["power.sla.policy"]
        first = policies._get_compiled()
        self.assertIs(policies._get_compiled(), first)
        policy = self.env.ref("power_service_tickets.power_sla_policy_arrive_urban")
        rung = policy.escalation_ids[:1]
        for change in (
            lambda: policy.write({"duration": 50}),
            lambda: policy.write({"active": False}),
            lambda: policy.write(
                {"segment_ids": [Command.create({"name": "VIP", "code": "vip_test"})]}
            ),
            lambda: policy.write({"is_next_day_after_hours": True}),
            lambda: rung.write({"moment": "after", "minutes": 7}),
            lambda: rung.write({"active": False}),
            lambda: policy.target_milestone_id.write({"code": "on_the_spot"}),
        ):
            change()
            again = policies._get_compiled()
            self.assertIsNot(again, first)
            first = again

    def test_an_undone_change_is_undone_here_too(self):
        policies = self.env["power.sla.policy"]
        policy = self.env.ref("power_service_tickets.power_sla_policy_arrive_urban")
        first = policies._get_compiled()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            policy.duration = 50
            self.assertEqual(policies._get_compiled().promises[policy.id].duration, 50)
            raise ZeroDivisionError
        self.assertIs(policies._get_compiled(), first)

    def test_holds_values_only(self):
        policies = self.env["power.sla.policy"]._get_compiled()
        with self.assertRaises(TypeError):
            policies.promises[0] = None
        with self.assertRaises(AttributeError):
            policies.targets = {}
        self.assertEqual(compile_policies("[]").promises, {})

    @mute_logger("odoo.sql_db")
    def test_a_promise_of_nothing_or_for_ever_is_refused(self):
        policy = self.env.ref("power_service_tickets.power_sla_policy_arrive_urban")
        for duration in (0, -1, 10**8):
            with (
                self.subTest(duration=duration),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                policy.duration = duration
                policy.flush_recordset()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            policy.copy({"target_milestone_id": False})

    def test_a_promise_from_a_milestone_to_itself_is_refused(self):
        policy = self.env.ref("power_service_tickets.power_sla_policy_arrive_urban")
        with self.assertRaisesRegex(ValidationError, "two different ones"):
            policy.target_milestone_id = policy.start_milestone_id

    def test_a_milestone_has_one_part_in_a_promise(self):
        policy = self.env.ref("power_service_tickets.power_sla_policy_arrive_urban")
        for name, milestone in (
            ("also_reached_by_ids", policy.start_milestone_id),
            ("also_reached_by_ids", policy.void_once_ids),
            ("void_once_ids", policy.start_milestone_id),
            ("void_once_ids", policy.target_milestone_id),
        ):
            with (
                self.subTest(field=name, milestone=milestone.code),
                self.assertRaisesRegex(ValidationError, milestone.name),
                self.env.cr.savepoint(),
            ):
                policy[name] |= milestone

    def test_what_else_ends_a_promise_is_counted_at_once(self):
        policy = self.env.ref("power_service_tickets.power_sla_policy_arrive_urban")
        compiled = self.env["power.sla.policy"]._get_compiled
        policy.void_once_ids = False
        self.assertFalse(compiled().promises[policy.id].void_once)
        policy.also_reached_by_ids = self.env.ref(
            "power_service_tickets.power_ticket_milestone_restored"
        )
        self.assertEqual(
            compiled().promises[policy.id].targets, {"arrived", "restored"}
        )

    def test_a_step_that_tells_nobody_is_refused(self):
        gone = self._create_user("gone", "power_service_base.group_power_staff")
        gone.active = False
        for vals in (
            {"whom": "user"},
            {"whom": "user", "user_id": gone.id},
            {"whom": "user", "user_id": self.portal.id},
            {"whom": "channel"},
            {"whom": "webhook"},
        ):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, "nobody"):
                self.env["power.sla.escalation"].create({"name": "Nobody", **vals})


@tagged("post_install", "-at_install")
class TestMatching(TicketCommon):
    """Pitfalls 3, 6, 13: which promise holds, and that one always does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policies = cls.env["power.sla.policy"]

    def _create_policy(self, **vals):
        answered = self.env.ref("power_service_tickets.power_ticket_milestone_answered")
        return self.policies.create(
            {
                "name": "Test promise",
                "type_ids": [Command.set(self.types["enquiry"].ids)],
                "target_milestone_id": answered.id,
                "duration": 2,
                "unit": "working_day",
                **vals,
            }
        )

    def test_pitfall_6_each_criterion_matches_again_at_once(self):
        segment = self.env["power.customer.segment"].create(
            {"name": "VIP", "code": "vip_test"}
        )
        self.customer.segment_ids = segment
        for field, criterion, value in (
            ("priority", {"priority": "2"}, "2"),
            ("channel", {"channel": "letter"}, "letter"),
            ("region_type", {"region_type": "remote"}, "remote"),
            ("customer_class", {"customer_class": "hv_dual"}, "hv_dual"),
            (
                "station_id",
                {"station_ids": [Command.set(self.station_other.ids)]},
                self.station_other.id,
            ),
            (
                "partner_id",
                {"segment_ids": [Command.set(segment.ids)]},
                self.customer.id,
            ),
        ):
            with self.subTest(field), freeze_time(MONDAY):
                ticket = self._create_ticket(
                    supply_point_id=False, partner_id=self.customer_other.id
                )
                usual = ticket.clock_ids.policy_id
                policy = self._create_policy(**criterion)
                ticket.write({field: value})
                self.assertEqual(self._clock(ticket, "answered").policy_id, policy)
                policy.active = False
                ticket._refresh_clocks()
                self.assertEqual(self._clock(ticket, "answered").policy_id, usual)

    def test_pitfall_6_class_area_and_point_match_again_at_once(self):
        matter, *_others = self.types["service"].category_ids
        self.area_other.region_type = "remote"
        self.point_other.customer_class = "hv_dual"
        self.area_other.flush_recordset()
        service = [Command.set(self.types["service"].ids)]
        for field, criterion, value in (
            ("category_id", {"category_ids": [Command.set(matter.ids)]}, matter),
            ("grid_area_id", {"region_type": "remote"}, self.area_other),
            ("supply_point_id", {"customer_class": "hv_dual"}, self.point_other),
        ):
            with self.subTest(field), freeze_time(MONDAY):
                ticket = self._create_ticket(
                    "service",
                    supply_point_id=False,
                    partner_id=False,
                    receiving_station_id=self.station_other.id,
                )
                policy = self._create_policy(
                    type_ids=service, channel="counter", priority="0", **criterion
                )
                self.assertNotEqual(self._clock(ticket, "answered").policy_id, policy)
                ticket[field] = value
                self.assertEqual(self._clock(ticket, "answered").policy_id, policy)
                policy.active = False

    def test_pitfall_6_pauses_survive_a_match(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
        with freeze_time(at(hours=1)):
            ticket.pause("Bill is missing")
        with freeze_time(at(hours=3)):
            ticket.resume()
        paused = self._clock(ticket, "answered").paused_minutes
        self.assertGreater(paused, 0)
        with freeze_time(at(hours=4)):
            ticket.type_id = self.types["opinion"]
        clock = self._clock(ticket, "answered")
        self.assertEqual(clock.paused_minutes, paused)
        self.assertEqual(clock.started_at, MONDAY)

    def test_there_and_back_takes_the_same_clock(self):
        ticket = self._create_ticket("enquiry")
        clock = ticket.clock_ids
        before = clock.read()
        ticket.type_id = self.types["opinion"]
        self.assertEqual(clock.state, "cancelled")
        ticket.type_id = self.types["enquiry"]
        other = ticket.clock_ids - clock
        self.assertEqual(other.state, "cancelled")
        log = {"write_date", "write_uid"}
        self.assertEqual(
            [{k: v for k, v in row.items() if k not in log} for row in clock.read()],
            [{k: v for k, v in row.items() if k not in log} for row in before],
        )

    def _set_start(self, policy, code):
        policy.start_milestone_id = self.env.ref(
            f"power_service_tickets.power_ticket_milestone_{code}"
        )

    def test_promises_of_other_starts_hold_beside_each_other(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
        usual = ticket.clock_ids
        accepted = self.env.ref("power_service_tickets.power_ticket_milestone_accepted")
        policy = self._create_policy(
            start_milestone_id=accepted.id, duration=60, unit="minute"
        )
        with freeze_time(MONDAY):
            ticket._refresh_clocks()
            self.assertEqual(ticket.clock_ids, usual)  # its start is still to come
        with freeze_time(at(hours=2)):
            ticket.register_event("milestone", milestone="accepted")
            clock = self._clock(ticket, "answered", start="accepted")
            self.assertEqual(clock.policy_id, policy)
            self.assertEqual(clock.started_at, at(hours=2))
            self.assertEqual(usual.state, "running")
            self.assertEqual(ticket.deadline, at(hours=3))
            self.assertEqual(
                ticket._get_answer_times()[ticket],
                ticket._format_portal_time(at(hours=3)),
            )
            # Whatever becomes of one, the other goes on.
            policy.active = False
            ticket._refresh_clocks()
            self.assertEqual((clock.state, usual.state), ("cancelled", "running"))
            policy.active = True
            ticket._refresh_clocks()
            self.assertEqual(clock.state, "running")
        with freeze_time(at(hours=4)):
            ticket.answer("Here it is")
        self.assertEqual((clock.state, usual.state), ("missed", "met"))

    def test_a_running_promise_with_another_start_is_counted_from_there(self):
        policy = self._create_policy(channel="counter")
        with freeze_time(MONDAY):
            ticket = self._create_ticket(channel="counter")
        with freeze_time(at(hours=1)):
            ticket.register_event("milestone", milestone="accepted")
            before = self._clock(ticket, "answered")
            self._set_start(policy, "accepted")
            ticket._refresh_clocks()
            clock = self._clock(ticket, "answered", start="accepted")
            self.assertEqual(before.state, "cancelled")
            self.assertEqual((clock.policy_id, clock.started_at), (policy, at(hours=1)))
            # There and back.
            self._set_start(policy, "received")
            ticket._refresh_clocks()
        self.assertEqual((before.state, clock.state), ("running", "cancelled"))

    def test_what_was_kept_or_broken_is_not_promised_again_from_another_start(self):
        policy = self._create_policy(channel="counter", duration=60, unit="minute")
        for late, state in ((0, "met"), (2, "missed")):
            with self.subTest(state=state):
                self._set_start(policy, "received")
                with freeze_time(MONDAY):
                    ticket = self._create_ticket(channel="counter")
                with freeze_time(at(hours=late)):
                    ticket.register_event("milestone", milestone="accepted")
                    ticket.answer("Here it is")
                    clock = self._clock(ticket, "answered", start="received")
                    # The usual promise has the same start, and was beaten.
                    self._set_start(policy, "accepted")
                    ticket._refresh_clocks()
                self.assertEqual(clock.state, state)
                self.assertEqual(clock.start_milestone_id.code, "received")
                self.assertEqual(ticket.clock_ids, clock)

    @mute_logger("odoo.sql_db")
    def test_the_database_holds_one_clock_per_start_and_target(self):
        ticket = self._create_ticket("enquiry")
        clock = ticket.clock_ids
        vals = {
            "ticket_id": ticket.id,
            "company_id": clock.company_id.id,
            "policy_id": clock.policy_id.id,
            "target_milestone_id": clock.target_milestone_id.id,
            "started_at": clock.started_at,
            "state": "running",
        }
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["power.sla.clock"].create(vals).flush_recordset()
        other = self._create_policy(
            start_milestone_id=self.env.ref(
                "power_service_tickets.power_ticket_milestone_accepted"
            ).id
        )
        again = self.env["power.sla.clock"].create({**vals, "policy_id": other.id})
        self.assertEqual(again.start_milestone_id.code, "accepted")

    def test_pitfall_3_no_calendar_with_hours_is_the_plain_week_provisional(self):
        empty = self.env["resource.calendar"].create(
            {"name": "Empty", "attendance_ids": [Command.clear()]}
        )
        self.company.resource_calendar_id = empty
        self.station.duty_calendar_id = empty
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
        clock = self._clock(ticket, "answered")
        self.assertTrue(clock.is_provisional)
        # Six working days after Monday: Tuesday of the next week, 17:30 in China.
        self.assertEqual(clock.deadline, datetime(2026, 3, 10, 9, 30))

    def test_pitfall_3_a_calendar_closed_for_years_does_not_refuse_a_customer(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-01-01 00:00:00",
                "date_to": "2199-12-31 00:00:00",
            }
        )
        with freeze_time(MONDAY):
            ticket = self._create_ticket("enquiry")
        self.assertTrue(self._clock(ticket, "answered").is_provisional)

    def test_pitfall_13_another_company_s_promise_never_holds(self):
        foreign = self._create_policy(
            company_id=self.company_other.id, channel="counter", priority="0"
        )
        own = self._create_policy(company_id=self.company.id, channel="counter")
        ticket = self._create_ticket(channel="counter")
        self.assertEqual(self._clock(ticket, "answered").policy_id, own)
        far = self.env["power.ticket"].create(
            {
                "subject": "Far",
                "type_id": self.types["enquiry"].id,
                "channel": "counter",
                "company_id": self.company_other.id,
                "station_id": self.station_foreign.id,
            }
        )
        self.assertEqual(self._clock(far, "answered").policy_id, foreign)
        self.assertEqual(far.clock_ids.company_id, self.company_other)

    def test_after_hours_counts_for_the_next_day_when_set(self):
        evening = datetime(2026, 3, 2, 13, 0)  # 21:00 in China
        policy = self._create_policy(channel="counter")
        with freeze_time(evening):
            same = self._create_ticket(channel="counter")
        policy.is_next_day_after_hours = True
        with freeze_time(evening):
            later = self._create_ticket(channel="counter")
        self.assertEqual(
            self._clock(later, "answered").deadline
            - self._clock(same, "answered").deadline,
            timedelta(days=1),
        )
