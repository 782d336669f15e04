from datetime import date

from psycopg2 import errors

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 08:00")
class TestKeyAccountTeam(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["hr.employee"].create(
            [
                {"name": name, "department_id": cls.station.id}
                for name in ("Leader", "Manager", "Meters", "Checks", "Next")
            ]
        )
        cls.leader, cls.manager, cls.meters, cls.checks, cls.next = cls.people
        with freeze_time("2026-01-10 08:00"):
            cls.team = cls.env["power.key.account.team"].create(
                {
                    "name": "Industrial park",
                    "phone": "0571-1",
                    "station_id": cls.station.id,
                    "leader_id": cls.leader.id,
                    "member_ids": [
                        (0, 0, {"role": role, "employee_id": employee.id})
                        for role, employee in (
                            ("account_manager", cls.manager),
                            ("metering", cls.meters),
                            ("inspection", cls.checks),
                        )
                    ],
                }
            )

    def _leaders(self, team=None):
        lines = (team or self.team).member_ids
        lines = lines.filtered(lambda line: line.role == "leader").sorted("date_from")
        return [(line.employee_id, line.date_from, line.date_to) for line in lines]

    def test_the_leader_is_a_member_line(self):
        self.assertEqual(self._leaders(), [(self.leader, date(2026, 1, 10), False)])
        self.assertFalse(self.team.is_incomplete)
        self.assertEqual(
            self.team.member_ids.filtered("is_current"), self.team.member_ids
        )

    def test_another_leader_ends_the_line_and_opens_one(self):
        self.team.leader_id = self.next
        expected = [
            (self.leader, date(2026, 1, 10), date(2026, 6, 14)),
            (self.next, date(2026, 6, 15), False),
        ]
        self.assertEqual(self._leaders(), expected)
        # The same one again, and another one on the same day.
        self.team.leader_id = self.next
        self.assertEqual(self._leaders(), expected)
        self.team.leader_id = self.checks
        self.assertEqual(self._leaders()[1], (self.checks, date(2026, 6, 15), False))
        self.assertEqual(len(self._leaders()), 2)

    def test_who_was_in_the_team_on_a_day(self):
        line = self.team.member_ids.filtered(lambda m: m.role == "metering")
        line.date_to = "2026-03-31"
        self.env["power.key.account.member"].create(
            {
                "team_id": self.team.id,
                "role": "metering",
                "employee_id": self.next.id,
                "date_from": "2026-04-01",
            }
        )
        self.team.leader_id = self.checks
        for day, people in (
            ("2026-01-09", self.env["hr.employee"]),
            ("2026-03-31", self.leader | self.manager | self.meters | self.checks),
            ("2026-04-01", self.leader | self.manager | self.next | self.checks),
            (None, self.manager | self.next | self.checks),
        ):
            with self.subTest(day=day):
                members = self.team.with_user(self.users["field"]).get_members(day)
                self.assertEqual(members.sudo().employee_id, people)
        today = self.team.get_members()
        self.assertEqual((today[0].role, today[0].employee_id), ("leader", self.checks))
        current = self.env["power.key.account.member"].search(
            [("is_current", "=", True), ("team_id", "=", self.team.id)]
        )
        self.assertEqual(current, today)
        self.assertFalse(line.is_current)

    def test_another_stations_team_is_not_told(self):
        self.team.station_id = self.station_other
        with self.assertRaises(AccessError):
            self.team.with_user(self.users["field"]).get_members()

    def test_the_leaders_line_is_changed_on_the_team_only(self):
        line = self.team.member_ids.filtered(lambda m: m.role == "leader")
        for vals in (
            {"employee_id": self.next.id},
            {"role": "repair"},
            {"date_to": "2026-06-14"},
            {"date_from": "2026-06-16"},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                line.write(vals)
        with self.assertRaises(UserError):
            line.unlink()
        # A context that a client sends doesn't help.
        with self.assertRaises(ValidationError), self.cr.savepoint():
            line.with_context(power_leader_follows=True).role = "repair"
        # What is not known so well may be put right.
        line.date_from = "2025-12-01"
        self.assertEqual(self._leaders(), [(self.leader, date(2025, 12, 1), False)])

    @mute_logger("odoo.sql_db")
    def test_overlaps_are_refused_by_the_database(self):
        for role, employee in (("leader", self.next), ("metering", self.meters)):
            with (
                self.subTest(role=role),
                self.assertRaises(errors.ExclusionViolation),
                self.cr.savepoint(),
            ):
                self.env.cr.execute(
                    "INSERT INTO power_key_account_member"
                    " (team_id, role, employee_id, date_from)"
                    " VALUES (%s, %s, %s, '2026-02-01')",
                    [self.team.id, role, employee.id],
                )

    def test_back_in_the_same_role_later(self):
        line = self.team.member_ids.filtered(lambda m: m.role == "metering")
        line.date_to = "2026-03-31"
        line.copy({"date_from": "2026-05-01"})
        self.assertEqual(
            self.team.get_members("2026-04-15").filtered(
                lambda m: m.role == "metering"
            ),
            self.env["power.key.account.member"],
        )

    def test_fewer_than_three_members_today_are_incomplete(self):
        line = self.team.member_ids.filtered(lambda m: m.role == "metering")
        line.date_to = "2026-06-14"
        self.assertTrue(self.team.is_incomplete)

    def test_a_copy_begins_today_with_those_of_today(self):
        line = self.team.member_ids.filtered(lambda m: m.role == "metering")
        line.date_to = "2026-06-14"
        copy = self.team.copy()
        self.assertEqual(self._leaders(copy), [(self.leader, date(2026, 6, 15), False)])
        self.assertEqual(len(copy.member_ids), 3)
        self.assertEqual(set(copy.member_ids.mapped("date_from")), {date(2026, 6, 15)})

    def test_supervisors_change_the_leader_on_the_form(self):
        team = self.team.with_user(self.users["supervisor"])
        with Form(team) as form:
            form.leader_id = self.next
        self.assertEqual(self._leaders()[1][0], self.next)
