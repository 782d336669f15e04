"""The tick: warns before, says what is missed, climbs the ladder; each once."""

from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MONDAY, TicketCommon


def at(**after):
    return MONDAY + timedelta(**after)


class TickCommon(TicketCommon):
    """A promise of 60 minutes on enquiries, warned of after 30, and its ladder."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        supervisor = "power_service_base.group_power_supervisor"
        cls.chief = cls._create_user("chief", supervisor)
        cls.leader = cls._create_user("leader", supervisor)
        cls.station.manager_id = cls.chief.employee_ids
        cls.team = cls.env["hr.department"].create(
            {
                "name": "Team",
                "power_unit": "team",
                "parent_id": cls.station.id,
                "manager_id": cls.leader.employee_ids.id,
            }
        )
        cls.rungs = cls.env["power.sla.escalation"].create(
            [
                {"name": "Warn", "moment": "warning", "whom": "assignee"},
                {"name": "Late", "moment": "missed", "whom": "assignee"},
                {"name": "Leader", "moment": "missed", "whom": "team_leader"},
                {
                    "name": "Chief",
                    "moment": "after",
                    "minutes": 30,
                    "whom": "station_chief",
                },
                {
                    "name": "Quality",
                    "moment": "after",
                    "minutes": 60,
                    "whom": "quality",
                },
            ]
        )
        cls.policy = cls.env["power.sla.policy"].create(
            {
                "name": "Answer within the hour",
                "type_ids": [Command.set(cls.types["enquiry"].ids)],
                "channel": "counter",
                "target_milestone_id": cls.env.ref(
                    "power_service_tickets.power_ticket_milestone_answered"
                ).id,
                "duration": 60,
                "unit": "minute",
                "warn_at_percent": 50,
                "escalation_ids": [Command.set(cls.rungs.ids)],
            }
        )
        # Only what the tests make is due.
        cls.env["power.sla.clock"].search([]).write({"next_event_at": False})

    def _create_promised(self, **vals):
        """A ticket received at MONDAY with the promise, handled by the user staff."""
        with freeze_time(MONDAY):
            ticket = self._create_ticket(
                channel="counter",
                **{
                    "user_id": self.users["staff"].id,
                    "team_id": self.team.id,
                    **vals,
                },
            )
        self.assertEqual(self._clock(ticket, "answered").policy_id, self.policy)
        return ticket

    def _tick(self, **after):
        self.env.flush_all()
        with freeze_time(at(**after)):
            return self.env["power.sla.clock"]._tick()

    def _alerts(self, ticket):
        """(step or kind, outcome) of the ticket's alerts, in their order."""
        return [
            (alert.escalation_id.name or alert.kind, alert.outcome)
            for alert in ticket.clock_ids.alert_ids.sorted(lambda a: (a.at, a.id))
        ]

    def _activities(self, ticket):
        return {
            (activity.user_id, activity.summary.split(":")[0])
            for activity in ticket.activity_ids
        }


@tagged("post_install", "-at_install")
class TestTick(TickCommon):
    def test_a_step_for_a_group_or_system_shows_no_way(self):
        """How people are told means nothing there."""
        for kind in ("list", "form"):
            arch = self.env["power.sla.escalation"].get_view(view_type=kind)["arch"]
            (how,) = etree.fromstring(arch).xpath("//field[@name='how']")
            self.assertEqual(how.get("invisible"), "whom in ('channel', 'webhook')")

    def test_pitfall_10_each_step_once_at_its_time(self):
        ticket = self._create_promised()
        clock = self._clock(ticket, "answered")
        self.assertEqual(clock.next_event_at, at(minutes=30))
        self.assertEqual(self._tick(minutes=29), (0, 0))
        self._tick(minutes=31)
        self.assertEqual(self._alerts(ticket), [("warn", "done"), ("Warn", "done")])
        staff = self.users["staff"]
        self.assertEqual(self._activities(ticket), {(staff, "Due soon")})
        self.assertEqual(self._tick(minutes=31), (0, 0))
        self._tick(minutes=61)
        self.assertEqual(clock.state, "missed")
        self.assertEqual(clock.missed_at, clock.deadline)
        self.assertEqual(
            self._activities(ticket), {(staff, "Overdue"), (self.leader, "Overdue")}
        )
        self._tick(minutes=91)
        self._tick(minutes=121)
        self.assertEqual(
            self._alerts(ticket)[2:],
            [
                ("breach", "done"),
                ("Late", "done"),
                ("Leader", "done"),
                ("Chief", "done"),
                ("Quality", "done"),
            ],
        )
        self.assertFalse(clock.next_event_at)
        self.assertEqual(self._tick(days=9), (0, 0))

    def test_pitfall_10_after_downtime_no_warning_follows_the_breach(self):
        ticket = self._create_promised()
        self._tick(minutes=95)
        self.assertEqual(
            sorted(self._alerts(ticket)[:2]),
            [("Warn", "breached"), ("warn", "breached")],
        )
        self.assertEqual(
            self._alerts(ticket)[2:],
            [
                ("breach", "done"),
                ("Late", "done"),
                ("Leader", "done"),
                ("Chief", "done"),
            ],
        )
        summaries = ticket.activity_ids.mapped("summary")
        self.assertEqual(len(summaries), 3)
        self.assertTrue(all(text.startswith("Overdue") for text in summaries))

    def test_an_answer_takes_the_activities_away(self):
        ticket = self._create_promised()
        self._tick(minutes=31)
        self.assertTrue(ticket.activity_ids)
        with freeze_time(at(minutes=40)):
            ticket.answer("Here it is")
        self.assertFalse(ticket.activity_ids)
        self.assertEqual(self._tick(days=1), (0, 0))
        self.assertEqual(self._clock(ticket, "answered").state, "met")

    def test_pitfall_15_merged_and_cancelled_tickets_leave_the_ladder(self):
        ticket = self._create_promised()
        self._tick(minutes=31)
        with freeze_time(at(minutes=40)):
            ticket.cancel("Came twice")
        self.assertEqual(ticket.clock_ids.state, "cancelled")
        self.assertEqual(self._tick(days=1), (0, 0))
        self.assertFalse(ticket.activity_ids)
        self.assertFalse(ticket.is_overdue)

    def test_pitfall_15_a_merged_ticket_leaves_the_ladder(self):
        self.policy.type_ids = self.types["fault"]
        with freeze_time(MONDAY):
            first, second = (
                self._create_ticket(
                    "fault", channel="counter", user_id=self.users["staff"].id
                )
                for _number in range(2)
            )
        self._tick(minutes=31)
        self.assertTrue(second.activity_ids)
        with freeze_time(at(minutes=40)):
            second.merge_into(first.id)
        self.assertEqual(set(second.clock_ids.mapped("state")), {"cancelled"})
        self._tick(days=1)
        self.assertFalse(second.activity_ids)
        self.assertFalse(second.is_overdue)
        self.assertNotIn("breach", second.clock_ids.alert_ids.mapped("kind"))
        self.assertIn("breach", first.clock_ids.alert_ids.mapped("kind"))

    def test_a_paused_clock_is_left_alone(self):
        ticket = self._create_promised()
        with freeze_time(at(minutes=20)):
            ticket.pause("Bill is missing")
        self.assertEqual(self._tick(days=1), (0, 0))
        with freeze_time(at(minutes=50)):
            ticket.resume()
        clock = self._clock(ticket, "answered")
        self.assertEqual(clock.deadline, at(minutes=90))
        self.assertEqual(clock.next_event_at, at(minutes=60))

    def test_queries_do_not_grow_with_clocks(self):
        counts = []
        for count in (1, 1, 50):  # the first reads what is read once
            tickets = self.env["power.ticket"].union(
                *(self._create_promised() for _number in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self._tick(minutes=61), (count, 0))
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(tickets.clock_ids.mapped("state")), {"missed"})
        self.assertEqual(counts[1], counts[2])

    def test_a_poisoned_clock_is_parked_and_holds_up_nobody(self):
        good, bad, other = (self._create_promised() for _number in range(3))
        poisoned = bad.clock_ids.id
        audience = type(self.env["power.sla.alert"])
        original = audience._prepare_alert_row

        def break_one(model, alert_id, clock, *args):
            if clock.id == poisoned:
                raise ValueError("broken ladder")
            return original(model, alert_id, clock, *args)

        with patch.object(audience, "_prepare_alert_row", break_one):
            self.assertEqual(self._tick(minutes=61), (2, 1))
            self.assertEqual(self._tick(minutes=61), (0, 0))
        self.assertEqual((good | other).clock_ids.mapped("state"), ["missed"] * 2)
        self.assertEqual(bad.clock_ids.state, "running")
        self.assertIn("broken ladder", bad.clock_ids.error)
        self.assertIn("broken ladder", str(bad.activity_ids.note))
        with self.assertRaises(AccessError):
            bad.clock_ids.with_user(self.users["staff"]).action_retry()
        bad.clock_ids.with_user(self.users["manager"]).action_retry()
        self.assertEqual(self._tick(minutes=61), (1, 0))
        self.assertEqual(bad.clock_ids.state, "missed")

    def test_cron_takes_all_in_batches_and_leaves_a_run(self):
        for _number in range(5):
            self._create_promised()
        self.env["power.job.run"].search([("name", "=", "power.sla.tick")]).unlink()
        clocks = type(self.env["power.sla.clock"])
        original = clocks._cron_tick
        with (
            freeze_time(at(minutes=61)),
            self.enter_registry_test_mode(),
            patch.object(clocks, "_cron_tick", lambda self: original(self, 2)),
        ):
            cron = self.env.ref("power_service_tickets.ir_cron_sla_tick")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        run = self.env["power.job.run"].search([("name", "=", "power.sla.tick")])
        self.assertEqual((run.state, run.done_count, run.failed_count), ("done", 5, 0))

    def test_alerts_are_evidence(self):
        ticket = self._create_promised()
        self._tick(minutes=31)
        alert = ticket.clock_ids.alert_ids[:1]
        with self.assertRaises(UserError):
            alert.outcome = "ended"
        with self.assertRaises(UserError):
            alert.unlink()


@tagged("post_install", "-at_install")
class TestWhom(TickCommon):
    """Who is told, by which way, and who instead where there is nobody."""

    def _use(self, **vals):
        """Let the ladder be one step at the deadline."""
        self.policy.escalation_ids = self.env["power.sla.escalation"].create(
            {"name": "Only step", "moment": "missed", **vals}
        )

    def _told(self, ticket):
        alert = ticket.clock_ids.alert_ids.filtered("escalation_id")
        return alert.told, alert.told_user_ids

    def test_each_whom(self):
        users = self.users
        for whom, expected in (
            ("assignee", users["staff"]),
            ("first_contact", users["field"]),
            ("team_leader", self.leader),
            ("station_chief", self.chief),
            ("user", users["quality"]),
        ):
            with self.subTest(whom):
                self._use(whom=whom, user_id=users["quality"].id)
                ticket = self._create_promised(first_contact_user_id=users["field"].id)
                self._tick(minutes=61)
                self.assertEqual(self._told(ticket), (whom, expected))
        for whom in ("quality", "manager"):
            with self.subTest(whom):
                self._use(whom=whom)
                ticket = self._create_promised()
                self._tick(minutes=61)
                told, told_users = self._told(ticket)
                self.assertEqual(told, whom)
                self.assertIn(users[whom], told_users)
                self.assertNotIn(self.env.ref("base.user_root"), told_users)

    def test_nobody_there_goes_to_the_next_above_and_is_shown(self):
        self._use(whom="team_leader")
        self.team.manager_id = False
        ticket = self._create_promised()
        self._tick(minutes=61)
        self.assertEqual(self._told(ticket), ("station_chief", self.chief))
        alert = ticket.clock_ids.alert_ids.filtered("escalation_id")
        self.assertIn("Team leader", alert.summary)
        self.assertIn(self.chief.name, alert.summary)
        self.chief.active = False
        again = self._create_promised()
        self._tick(minutes=61)
        self.assertEqual(self._told(again)[0], "quality")

    def test_the_chief_by_responsibility_comes_first(self):
        self._use(whom="station_chief")
        self.env["power.responsibility"].create(
            {
                "role": "station_chief",
                "department_id": self.station.id,
                "employee_id": self.leader.employee_ids.id,
                "date_from": "2020-01-01",
            }
        )
        ticket = self._create_promised()
        self._tick(minutes=61)
        self.assertEqual(self._told(ticket), ("station_chief", self.leader))

    def test_confidential_is_told_to_quality_only_never_to_the_accused(self):
        accused = self._create_user("q2", "power_service_base.group_power_quality")
        channel = self.env["discuss.channel"].create({"name": "Everybody"})
        for vals in (
            {"whom": "assignee"},
            {"whom": "team_leader"},
            {"whom": "station_chief"},
            {"whom": "user", "user_id": self.chief.id},
            {"whom": "quality"},
            {"whom": "manager"},
            {"whom": "channel", "discuss_channel_id": channel.id},
        ):
            with self.subTest(vals):
                self._use(**vals)
                ticket = self._create_promised(
                    is_confidential=True,
                    accused_employee_ids=[Command.set(accused.employee_ids.ids)],
                )
                before = channel.message_ids
                self._tick(minutes=61)
                told = ticket.clock_ids.alert_ids.told_user_ids
                group = "power_service_base.group_power_quality"
                self.assertTrue(all(user.has_group(group) for user in told))
                self.assertNotIn(accused, told)
                self.assertEqual(channel.message_ids, before)
                self.assertEqual(ticket.activity_ids.user_id, told)
                if vals["whom"] == "channel":
                    self.assertIn(("Only step", "confidential"), self._alerts(ticket))
                else:
                    self.assertTrue(told)

    def test_each_way(self):
        staff = self.users["staff"]
        staff.notification_type = "inbox"
        staff.partner_id.write(
            {"email": "staff@example.com", "phone": "+8613811111111"}
        )
        self._use(whom="assignee", how="inbox")
        ticket = self._create_promised()
        self._tick(minutes=61)
        notification = self.env["mail.notification"].search(
            [("res_partner_id", "=", staff.partner_id.id)]
        )
        self.assertEqual(notification.mail_message_id.res_id, ticket.id)
        self.assertIn("Overdue", notification.mail_message_id.body)
        self.assertTrue(
            notification.mail_message_id.with_user(staff).has_access("read")
        )

        staff.notification_type = "email"
        ticket = self._create_promised()
        self._tick(minutes=61)
        mail = self.env["mail.mail"].search([("subject", "ilike", ticket.name)])
        self.assertEqual(
            (mail.recipient_ids, mail.state), (staff.partner_id, "outgoing")
        )

        self._use(whom="assignee", how="sms")
        ticket = self._create_promised()
        self._tick(minutes=61)
        notice = self.env["power.notice"].search([("res_id", "=", ticket.id)])
        self.assertEqual((notice.partner_id, notice.channel), (staff.partner_id, "sms"))

        channel = self.env["discuss.channel"].create({"name": "Station"})
        channel.add_members(staff.partner_id.ids)
        staff.lang = "zh_CN"
        self._use(whom="channel", discuss_channel_id=channel.id)
        tickets = [self._create_promised() for _number in range(2)]
        before = channel.message_ids
        self._tick(minutes=61)
        message = channel.message_ids - before
        self.assertEqual(len(message), 1)
        for ticket in tickets:
            self.assertIn(ticket.name, message.body)
        self.assertIn("已超时", message.body)

    def test_words_are_in_the_reader_s_language(self):
        self.users["staff"].lang = "zh_CN"
        ticket = self._create_promised()
        self._tick(minutes=61)
        activity = ticket.activity_ids.filtered(
            lambda activity: activity.user_id == self.users["staff"]
        )
        self.assertIn("已超时", activity.summary)
