from datetime import datetime, timedelta

from lxml import etree
from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.power_service_tickets.models.power_duty_shift import (
    DOUBLE_COLOR,
    DUTY_ROLES,
    ROLE_COLORS,
)

from .common import QualityCommon

MONDAY = datetime(2026, 3, 1, 16)  # midnight of Monday, 2 March, in China


@tagged("post_install", "-at_install")
class TestDuty(QualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_worker = cls.env["hr.employee"].create(
            {
                "name": "Li Si",
                "department_id": cls.team.id,
                "mobile_phone": "+8613900000001",
            }
        )

    def _shift(self, employee=None, start=0, hours=8, **vals):
        begin = MONDAY + timedelta(hours=start)
        return self.env["power.duty.shift"].create(
            {
                "employee_id": (employee or self.worker).id,
                "station_id": self.station.id,
                "start_at": begin,
                "end_at": begin + timedelta(hours=hours),
                **vals,
            }
        )

    def test_team_and_phone_come_from_the_employee(self):
        shift = self._shift(self.other_worker)
        self.assertEqual(shift.team_id, self.team)
        self.assertEqual(shift.phone, "+8613900000001")
        self.assertEqual(shift.hours, 8)

    def test_the_database_refuses_one_person_at_two_stations(self):
        self._shift()
        with (
            self.assertRaises(ExclusionViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._shift(start=7, station_id=self.station_other.id)
        self._shift(start=8, station_id=self.station_other.id)
        self.env.cr.execute(
            "SELECT count(*) FROM pg_constraint"
            " WHERE conname = 'power_duty_shift_one_station_excl' AND contype = 'x'"
        )
        self.assertEqual(self.env.cr.fetchone()[0], 1)

    def test_two_people_on_a_post_and_two_posts_of_a_person_are_allowed(self):
        one = self._shift()
        self._shift(self.other_worker)
        self.assertFalse(one.is_double)
        two = self._shift(start=4, role="repair")
        (one | two).invalidate_recordset()
        self.assertEqual((one | two).mapped("is_double"), [True, True])
        with freeze_time("2026-03-02"):
            found = self.env["power.duty.shift"].search([("is_double", "=", True)])
        self.assertEqual(found, one | two)

    def test_on_duty_twice_is_red_on_the_calendar(self):
        one, two = self._shift(), self._shift(start=4, role="repair")
        alone = self._shift(self.other_worker)
        (one | two | alone).invalidate_recordset()
        self.assertEqual((one | two).mapped("color"), [DOUBLE_COLOR] * 2)
        self.assertEqual(alone.color, ROLE_COLORS["officer"])
        self.assertNotIn(DOUBLE_COLOR, ROLE_COLORS.values())
        self.assertEqual(set(ROLE_COLORS), set(dict(DUTY_ROLES)))
        arch = alone.get_view(view_type="calendar")["arch"]
        self.assertIn('color="color"', arch)
        self.assertIn('js_class="power_duty_calendar"', arch)

    def test_the_same_shift_twice_is_refused(self):
        self._shift()
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._shift()

    def test_who_is_on_duty_at_many_stations_in_one_query(self):
        officer = self._shift()
        repair = self._shift(self.other_worker, role="repair")
        elsewhere = self._shift(
            self.worker_without_login, station_id=self.station_other.id
        )
        stations = self.station | self.station_other | self.station_foreign
        self.env.flush_all()
        at = MONDAY + timedelta(hours=1)
        with self.assertQueryCount(1):
            found = self.env["power.duty.shift"]._get_on_duty(stations, at)
        self.assertEqual(
            found,
            {
                self.station.id: officer | repair,
                self.station_other.id: elsewhere,
                self.station_foreign.id: officer.browse(),
            },
        )
        found = officer._get_on_duty(stations, at, "repair")
        self.assertEqual(found[self.station.id], repair)
        for hours, expected in ((0, officer), (8, officer.browse())):
            with self.subTest(hours=hours):
                found = officer._get_on_duty(
                    self.station, MONDAY + timedelta(hours=hours), "officer"
                )
                self.assertEqual(found[self.station.id], expected)

    def test_gaps_and_doubles_of_a_period(self):
        posts = self.env["power.duty.post"].search([])
        self.assertEqual(set(posts.mapped("role")), {"officer", "repair"})
        self._shift(hours=8)
        self._shift(self.other_worker, start=10, hours=14)
        self._shift(start=4, hours=30, role="repair")
        problems = self.env["power.duty.shift"]._find_problems(
            self.station, MONDAY, MONDAY + timedelta(hours=24)
        )
        found = {
            (
                problem["kind"],
                problem["role"],
                (problem["start_at"] - MONDAY).total_seconds() / 3600,
                (problem["end_at"] - MONDAY).total_seconds() / 3600,
            )
            for problem in problems
        }
        self.assertEqual(
            found,
            {
                ("gap", "officer", 8, 10),
                ("gap", "repair", 0, 4),
                ("double", "officer", 4, 8),
            },
        )

    def test_a_station_s_own_post_replaces_the_common_one(self):
        self.env["power.duty.post"].create(
            {
                "role": "officer",
                "station_id": self.station.id,
                "hour_from": 8,
                "hour_to": 18,
            }
        )
        problems = self.env["power.duty.shift"]._find_problems(
            self.station | self.station_other, MONDAY, MONDAY + timedelta(hours=24)
        )
        hours = {
            problem["station_id"]: (problem["end_at"] - problem["start_at"]).seconds
            // 3600
            for problem in problems
            if problem["role"] == "officer"
        }
        self.assertEqual(hours, {self.station.id: 10, self.station_other.id: 0})

    def test_the_check_shows_them_and_fills_a_gap(self):
        with freeze_time("2026-03-02 01:00"):
            check = self.env["power.duty.check"].with_user(self.chief)
            check = check.browse(check.action_open_check()["res_id"])
        self.assertEqual(check.station_ids, self.station)
        self.assertEqual((check.gap_count, check.double_count), (2, 0))
        context = check.line_ids[0].action_fill()["context"]
        shift = Form(self.env["power.duty.shift"].with_context(**context))
        shift.employee_id = self.worker
        self.assertEqual(shift.save().start_at, MONDAY)
        check.action_look()
        self.assertEqual(check.gap_count, 1)

    def test_checking_costs_the_same_for_1_and_for_50_shifts(self):
        def queries(count):
            self.env["power.duty.shift"].search([]).unlink()
            self.env["power.duty.shift"].create(
                [
                    {
                        "employee_id": self.worker.id,
                        "station_id": self.station.id,
                        "start_at": MONDAY + timedelta(hours=number),
                        "end_at": MONDAY + timedelta(hours=number + 1),
                    }
                    for number in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            shifts = self.env["power.duty.shift"]._find_problems(
                self.station, MONDAY, MONDAY + timedelta(days=7)
            )
            self.assertTrue(shifts)
            self.env["power.duty.shift"].search([]).read(
                ["is_double", "is_now", "previous_note", "phone"]
            )
            return self.cr.sql_log_count - start

        queries(1)
        self.assertEqual(queries(1), queries(50))

    def _plan(self, **vals):
        plan = self.env["power.duty.plan"].with_user(self.chief)
        plan = plan.create({"station_id": self.station.id, **vals})
        return self.env["power.duty.shift"].browse(plan.action_plan()["domain"][0][2])

    def test_a_week_again_and_a_second_time_nothing(self):
        self._shift(note="Key 3")
        self._shift(self.other_worker, start=48, hours=24, role="repair")
        vals = {"mode": "copy", "source_date": "2026-03-05", "weeks": 2}
        made = self._plan(**vals)
        self.assertEqual(len(made), 4)
        self.assertEqual(min(made.mapped("start_at")), MONDAY + timedelta(weeks=1))
        self.assertEqual(set(made.mapped("note")), {"Key 3", False})
        self.assertFalse(self._plan(**vals))
        with self.assertRaises(UserError):
            self._plan(mode="copy", source_date="2027-01-01")

    def test_people_in_turn_and_who_is_elsewhere_is_left_out(self):
        self._shift(
            self.other_worker, start=32, hours=10, station_id=self.station_other.id
        )
        vals = {
            "mode": "rotate",
            "role": "repair",
            "date_from": "2026-03-02",
            "date_to": "2026-03-05",
            "start_hour": 8,
            "shift_hours": 24,
            "line_ids": [
                (0, 0, {"employee_id": self.worker.id}),
                (0, 0, {"employee_id": self.other_worker.id}),
            ],
        }
        made = self._plan(**vals)
        self.assertEqual(
            made.sorted("start_at").employee_id, self.worker | self.other_worker
        )
        self.assertEqual(len(made), 3)  # not the day when Li Si is elsewhere
        self.assertEqual(min(made.mapped("start_at")), MONDAY + timedelta(hours=8))
        self.assertFalse(self._plan(**vals))

    def test_handing_over_by_the_one_on_duty(self):
        shift = self._shift()
        nurse = shift.with_user(self.users["field"])
        with freeze_time(MONDAY - timedelta(hours=1)), self.assertRaises(UserError):
            nurse.action_hand_over("Too early")
        with freeze_time(MONDAY + timedelta(hours=8)):
            with self.assertRaises(UserError):
                nurse.action_hand_over(" ")
            with self.assertRaises(AccessError):
                shift.with_user(self.users["staff"]).action_hand_over("Not mine")
            with self.assertRaises(AccessError):
                shift.with_user(self.users["staff"]).action_note_handover()
            handover = self.env["power.duty.handover"].with_user(self.users["field"])
            context = nurse.action_note_handover()["context"]
            handover = handover.with_context(**context).create({"note": "Van low"})
            handover.action_confirm()
            with self.assertRaises(UserError):
                nurse.action_hand_over("Again")
        self.assertEqual(shift.handed_over_by, self.users["field"])
        following = self._shift(self.other_worker, start=8)
        self.assertEqual(following.previous_note, "Van low")

    def test_only_what_runs_or_just_ended_is_handed_over(self):
        shift = self._shift()
        nurse = shift.with_user(self.users["field"])
        for hours, offered in ((-1, False), (0, True), (7, True), (20, True)):
            with self.subTest(hours=hours):
                with freeze_time(MONDAY + timedelta(hours=hours)):
                    shift.invalidate_recordset(["can_hand_over"])
                    self.assertIs(shift.can_hand_over, offered)
        with freeze_time(MONDAY + timedelta(days=3)):
            shift.invalidate_recordset(["can_hand_over"])
            self.assertFalse(shift.can_hand_over)
            for refused in (
                lambda: nurse.action_hand_over("Forgot it"),
                nurse.action_note_handover,
                lambda: shift.with_user(self.chief).action_hand_over("For him"),
            ):
                with self.assertRaisesRegex(UserError, "too long ago"):
                    refused()
        self.assertFalse(shift.handed_over_at)
        # One that is being planned has no times yet.
        self.assertFalse(Form(shift.browse()).can_hand_over)

    def test_the_list_opens_on_now_and_what_comes(self):
        over, now, coming = (self._shift(start=start) for start in (-16, 0, 8))
        earliest = self._shift(start=-40)
        arch = etree.fromstring(now.get_view(view_type="list")["arch"])
        names = [field.get("name") for field in arch.iter("field")]
        self.assertEqual(names[:3], ["employee_id", "role", "start_at"])
        order = arch.get("default_order")
        with freeze_time(MONDAY + timedelta(hours=4)):
            found = now.search([("employee_id", "=", self.worker.id)], order=order)
            self.assertEqual(found, now + coming + earliest + over)
            found.invalidate_recordset()
            self.assertEqual(found.mapped("is_over"), [False, False, True, True])

    def test_handed_over_is_locked(self):
        shift = self._shift()
        with freeze_time(MONDAY + timedelta(hours=8)):
            shift.action_hand_over("Nothing")
        for vals in (
            {"handover_note": "Something"},
            {"end_at": MONDAY + timedelta(hours=9)},
            {"handed_over_at": False},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                shift.with_user(self.chief).write(vals)
        with self.assertRaises(UserError):
            shift.unlink()

    def test_only_supervisors_plan(self):
        with self.assertRaises(AccessError):
            self._shift().with_user(self.users["staff"]).write({"note": "x"})
