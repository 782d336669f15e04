from datetime import date, datetime, time, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestCustomerTimeline(PowerServiceCommon):
    def setUp(self):
        super().setUp()
        self.contact = self.env["power.customer.contact"].create(
            {
                "partner_id": self.customer.id,
                "subject": "Asked for a bill",
                "outcome": "Told",
                "contacted_at": "2026-05-01 02:00:00",
                "station_id": self.station.id,
            }
        )
        self.task = self.env["power.field.task"].create(
            {
                "name": "Meter",
                "kind": "meter_check",
                "supply_point_id": self.point.id,
                "due_at": "2026-05-02 02:00:00",
            }
        )
        self.customer.account_manager_id = self.users["staff"].employee_ids
        self.env.flush_all()
        self.Timeline = self.env["power.customer.timeline"]

    def _lines(self, user=None):
        timeline = self.Timeline.with_user(self.users[user]) if user else self.Timeline
        return timeline.search([("partner_id", "=", self.customer.id)])

    def test_everything_of_a_customer_newest_first(self):
        lines = self._lines()
        self.assertEqual(
            {(line.kind, line.res_model, line.res_id) for line in lines},
            {
                ("contact", "power.customer.contact", self.contact.id),
                ("task", "power.field.task", self.task.id),
                ("contract", "power.supply.contract", self.contract.id),
                (
                    "manager",
                    "power.responsibility",
                    self.customer.responsibility_ids.id,
                ),
            },
        )
        self.assertEqual(lines.mapped("at"), sorted(lines.mapped("at"), reverse=True))
        contract = lines.filtered(lambda line: line.kind == "contract")
        self.assertEqual(contract.at, datetime(2019, 12, 31, 16))  # midnight in China
        contact = lines.filtered(lambda line: line.kind == "contact")
        self.assertEqual(
            (contact.subject, contact.detail), ("Asked for a bill", "Told")
        )
        action = contact.action_open_record()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            ("power.customer.contact", self.contact.id),
        )

    def test_notices_say_how_and_whether_the_customer_was_told(self):
        """In the reader's language; nothing is said of those that arrived."""
        purpose = self.env["power.notice.purpose"].create(
            {
                "name": "Test",
                "code": "test",
                "channel_ids": [
                    Command.create({"channel": channel})
                    for channel in ("sms", "portal")
                ],
            }
        )
        vals = {
            "partner_id": self.customer.id,
            "purpose_id": purpose.id,
            "body": "Text",
            "channel": "sms",
        }
        number = "+8613912345678"
        failed, waiting, told, read = self.env["power.notice"].create(
            [
                {**vals, "subject": "Failed", "address": number},
                {**vals, "subject": "Waiting", "address": number},
                {**vals, "subject": "Told", "address": number},
                {
                    **vals,
                    "subject": "Read",
                    "channel": "portal",
                    "address": "portal",
                },
            ]
        )
        failed._record("failed", reason="No such number")
        (told | read)._record("sent")
        self.env.flush_all()
        expected = {
            "en_US": {
                "Failed": f"SMS · {number} · Not delivered",
                "Waiting": f"SMS · {number} · Waiting",
                "Told": f"SMS · {number}",
                "Read": "Portal",
            },
            "zh_CN": {
                "Failed": f"短信 · {number} · 未送达",
                "Waiting": f"短信 · {number} · 待发送",
                "Told": f"短信 · {number}",
                "Read": "门户",
            },
        }
        for lang, details in expected.items():
            self.env.invalidate_all()
            lines = self.Timeline.with_context(lang=lang).search(
                [("partner_id", "=", self.customer.id), ("kind", "=", "notice")]
            )
            with self.subTest(lang=lang):
                self.assertEqual({line.subject: line.detail for line in lines}, details)

    def test_days_begin_where_the_station_is(self):
        """Urumqi's clocks are two hours behind."""
        hours = self.env.ref("power_service_base.resource_calendar_office").copy()
        hours.tz = "Asia/Urumqi"
        self.station.duty_calendar_id = hours
        self.customer_other.account_manager_id = self.users["staff"].employee_ids
        self.env.flush_all()
        lines = self._lines()
        contract = lines.filtered(lambda line: line.kind == "contract")
        self.assertEqual(contract.at, datetime(2019, 12, 31, 18))
        manager = lines.filtered(lambda line: line.kind == "manager")
        begun = self.customer.responsibility_ids.date_from
        self.assertEqual(
            manager.at, datetime.combine(begun, time(18)) - timedelta(days=1)
        )
        other = self.Timeline.search(
            [
                ("partner_id", "=", self.customer_other.id),
                ("kind", "=", "contract"),
            ]
        )
        self.assertEqual(other.at, datetime(2019, 12, 31, 16))

    def test_numbers_of_sources_are_their_own(self):
        numbers = [source[0] for source in self.Timeline._get_timeline_sources()]
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertEqual(len(self.Timeline.search([]).ids), len(set(self._all_ids())))

    def _all_ids(self):
        return self.Timeline.search([]).ids

    def test_a_station_sees_its_own(self):
        self.contact.copy({"station_id": self.station_other.id, "subject": "Other"})
        self.env.flush_all()
        self.assertEqual(len(self._lines()), 5)
        self.assertNotIn("Other", self._lines("field").mapped("subject"))
        self.assertEqual(len(self._lines("quality")), 5)

    def test_months_are_shown_newest_first(self):
        for kind in ("list", "kanban"):
            view = self.env.ref(
                f"power_service_base.power_customer_timeline_view_{kind}"
            )
            with self.subTest(view=kind):
                groups = self.Timeline.web_read_group(
                    [("partner_id", "=", self.customer.id)],
                    ["at:month"],
                    order=view._get_combined_arch().get("default_order"),
                )["groups"]
                months = [group["at:month"][0] for group in groups]
                self.assertGreater(len(months), 2)
                self.assertEqual(months, sorted(months, reverse=True))

    def test_by_month_and_from_the_customer(self):
        groups = self.Timeline._read_group(
            [("partner_id", "=", self.customer.id)], ["at:month"], ["__count"]
        )
        self.assertIn((datetime(2026, 5, 1), 2), groups)
        action = self.customer.with_user(self.users["field"]).action_open_timeline()
        self.assertEqual(action["domain"], [("partner_id", "=", self.customer.id)])


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 08:00")
class TestVisitPlan(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Segment = cls.env["power.customer.segment"]
        cls.Segment.search([]).visit_every_days = 0
        cls.segment, cls.often = cls.Segment.create(
            [
                {
                    "name": name,
                    "code": name,
                    "visit_every_days": days,
                    "partner_ids": [(6, 0, customers.ids)],
                }
                for name, days, customers in (
                    ("seldom", 90, cls.customer | cls.customer_other),
                    ("often", 30, cls.customer),
                )
            ]
        )

    def _visits(self, customer=None):
        domain = [("kind", "=", "visit")]
        if customer:
            domain += [("partner_id", "=", customer.id)]
        return self.env["power.field.task"].search(domain, order="due_at, id")

    def test_first_visits_are_spread_over_the_interval(self):
        self.customer.account_manager_id = self.users["field"].employee_ids
        self.assertEqual(self.Segment._plan_visits(), 2)
        task = self._visits(self.customer)
        self.assertEqual(task.user_id, self.users["field"])
        self.assertEqual(task.station_id, self.station)
        self.assertEqual(
            (task.res_model, task.res_id), (self.often._name, self.often.id)
        )
        self.assertTrue(date(2026, 6, 15) < task.due_at.date() <= date(2026, 7, 15))
        other = self._visits(self.customer_other)
        self.assertEqual(other.station_id, self.station_other)
        self.assertFalse(other.user_id)
        # One open visit a customer: nothing more to plan.
        self.assertEqual(self.Segment._plan_visits(), 0)

    def test_next_visit_is_due_the_shortest_interval_after_the_last(self):
        self.env["power.customer.contact"].create(
            [
                {
                    "partner_id": customer.id,
                    "subject": "Visit",
                    "channel": "visit",
                    "contacted_at": f"{day} 03:00:00",
                }
                for customer, day in (
                    (self.customer, "2026-06-01"),
                    (self.customer_other, "2026-01-01"),
                )
            ]
        )
        self.Segment._plan_visits()
        self.assertEqual(self._visits(self.customer).due_at, datetime(2026, 7, 1, 9))
        # Overdue since March: today.
        self.assertEqual(
            self._visits(self.customer_other).due_at, datetime(2026, 6, 15, 9)
        )

    def test_after_a_visit_the_next_one_and_a_cancelled_one_is_left_out(self):
        self.Segment._plan_visits()
        first = self._visits(self.customer)
        first.action_cancel("Not needed")
        self.assertEqual(self.Segment._plan_visits(), 1)
        second = self._visits(self.customer) - first
        # Thirty days later, or on the next working day.
        self.assertIn((second.due_at - first.due_at).days, (30, 31, 32))
        second.action_arrive()
        second.action_done()
        self.assertEqual(self.Segment._plan_visits(), 1)
        third = self._visits(self.customer) - first - second
        # Done before it was due: the cancelled one's day still is the last.
        self.assertGreater(third.due_at, datetime(2026, 7, 14))
        self.assertEqual(self.Segment._plan_visits(), 0)

    def test_job_plans_in_batches(self):
        cron = self.env.ref("power_service_base.ir_cron_plan_visits")
        cron.code = "model._cron_plan_visits(batch_size=1)"
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(len(self._visits()), 2)
        run = self.env["power.job.run"].search([("name", "=", "power.customer.visits")])
        self.assertRecordValues(run, [{"state": "done", "done_count": 2}])

    def test_one_who_left_gets_no_visit(self):
        user = self.users["field"]
        self.customer.account_manager_id = user.employee_ids
        user.active = False
        self.Segment._plan_visits()
        self.assertFalse(self._visits(self.customer).user_id)

    def _plan_after(self, day):
        """When the visit of a customer visited on ``day`` is due, 30 days later."""
        self.env["power.customer.contact"].create(
            {
                "partner_id": self.customer.id,
                "subject": "Visit",
                "channel": "visit",
                "contacted_at": f"{day} 03:00:00",
            }
        )
        self.Segment._plan_visits()
        return self._visits(self.customer).due_at

    def _set_calendar(self, tz="Asia/Shanghai"):
        self.station.duty_calendar_id = self.env["resource.calendar"].create(
            {"name": "Station", "tz": tz}
        )
        return self.station.duty_calendar_id

    def test_a_visit_on_a_weekend_is_due_on_the_next_working_day(self):
        self._set_calendar()
        # 30 days later is Saturday, 4 July
        self.assertEqual(self._plan_after("2026-06-04"), datetime(2026, 7, 6, 9))

    def test_a_visit_on_a_make_up_workday_stays(self):
        calendar = self._set_calendar()
        self.env["power.calendar.exception"].create(
            {"calendar_id": calendar.id, "date": "2026-07-04", "is_workday": True}
        )
        self.assertEqual(self._plan_after("2026-06-04"), datetime(2026, 7, 4, 9))

    def test_a_visit_on_a_holiday_is_due_on_the_next_working_day(self):
        calendar = self._set_calendar()
        self.env["power.calendar.exception"].create(
            [
                {"calendar_id": calendar.id, "date": f"2026-07-{day:02}"}
                for day in (1, 2, 3)
            ]
        )
        # Wednesday to Friday off, then the weekend
        self.assertEqual(self._plan_after("2026-06-01"), datetime(2026, 7, 6, 9))

    def test_a_visit_is_due_in_the_afternoon_where_the_station_is(self):
        self._set_calendar("America/New_York")
        self.assertEqual(self._plan_after("2026-06-01"), datetime(2026, 7, 1, 21))

    def test_a_station_without_hours_still_gets_its_visits(self):
        self._set_calendar().attendance_ids.unlink()
        self.assertEqual(self._plan_after("2026-06-04"), datetime(2026, 7, 4, 9))
