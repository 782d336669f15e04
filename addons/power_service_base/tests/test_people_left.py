from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .import_common import ImportCommon


@tagged("post_install", "-at_install")
class TestPeopleWhoLeft(ImportCommon):
    """Who has left is made to answer for nothing, and the reason is the right one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here, cls.left = cls.env["hr.employee"].create(
            [
                {
                    "name": name,
                    "power_code": f"E-{name}",
                    "department_id": cls.station.id,
                }
                for name in ("Here", "Left")
            ]
        )
        cls.left.active = False

    def test_nobody_who_left_is_chosen(self):
        responsibility = {
            "role": "reader",
            "grid_area_id": self.area.id,
            "employee_id": self.left.id,
        }
        team = self.env["power.key.account.team"].create(
            {"name": "Team", "leader_id": self.here.id, "phone": "95598"}
        )
        row = self.env["power.responsibility"].create(
            responsibility | {"employee_id": self.here.id}
        )
        rule = self.env["power.assignment.rule"].create(
            {"name": "Rule", "account_manager_id": self.here.id}
        )
        for name, write in {
            "area's manager": lambda: self.area.write({"manager_id": self.left.id}),
            "new area": lambda: self.area.copy(
                {"code": "N", "manager_id": self.left.id}
            ),
            "area's member": lambda: self.area.write(
                {"member_ids": [(4, self.left.id)]}
            ),
            "customer's manager": lambda: self.customer.write(
                {"account_manager_id": self.left.id}
            ),
            "leader": lambda: team.write({"leader_id": self.left.id}),
            "member": lambda: team.write(
                {
                    "member_ids": [
                        (0, 0, {"role": "repair", "employee_id": self.left.id})
                    ]
                }
            ),
            "reader": lambda: self.unit.write({"employee_id": self.left.id}),
            "responsibility": lambda: row.create(responsibility),
            "other employee": lambda: row.write({"employee_id": self.left.id}),
            "rule": lambda: rule.write({"account_manager_id": self.left.id}),
        }.items():
            with self.subTest(what=name):
                with (
                    self.assertRaises(ValidationError) as error,
                    self.cr.savepoint(),
                ):
                    write()
                self.assertIn("Left has left", str(error.exception))
                self.env.invalidate_all()

    def test_what_was_before_may_be_written_down(self):
        row = self.env["power.responsibility"].create(
            {
                "role": "grid_manager",
                "grid_area_id": self.area.id,
                "employee_id": self.left.id,
                "date_from": "2020-01-01",
                "date_to": "2020-12-31",
            }
        )
        self.assertTrue(row.has_left)

    def test_who_leaves_later_is_in_the_way_of_no_other_change(self):
        self.area.member_ids = self.here
        self.area.manager_id = self.here
        self.here.active = False
        other = self.left
        other.active = True
        self.area.member_ids = [Command.link(other.id)]
        self.assertEqual(
            self.area.with_context(active_test=False).member_ids, self.here | other
        )
        self.area.name = "Other name"
        self.area.manager_id = other

    def test_areas_of_who_left_are_refused_with_that_reason(self):
        source = (
            b"code,name,station_code,manager_code\nA8,N,S1,E-Left\nA9,N,S1,E-Nobody\n"
        )
        record = self.load(source, kind="areas")
        self.assertEqual(
            self.kinds(record),
            {
                2: {("manager_code", "employee_left")},
                3: {("manager_code", "unknown_employee")},
            },
        )
        issue = record.issue_ids.filtered(lambda issue: issue.kind == "employee_left")
        self.assertIn("has left", issue.reason)
        self.assertIn("somebody who works here", issue.way_out)

    def test_the_areas_button_counts_what_it_opens(self):
        below = self._create_area("A11")
        below.parent_id = self.area
        lowest = self._create_area("A12")
        lowest.parent_id = below
        self._create_point("3300000031", self.customer, below)
        self._create_point("3300000032", self.customer, lowest)
        areas = self.area | below | lowest | self.area_other
        self.env.invalidate_all()
        self.assertEqual(areas.mapped("supply_point_count"), [3, 2, 1, 1])
        for area in areas:
            action = area.action_open_supply_points()
            found = self.env["power.supply.point"].search(action["domain"])
            self.assertEqual(len(found), area.supply_point_count)
        counts = []
        for some in (self.area, areas):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("supply_point_count")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestPastResponsibilities(ImportCommon):
    """What has been is a fact; a manager's correction is noted on the subject."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))
        cls.first, cls.second = cls.env["hr.employee"].create(
            [{"name": name, "department_id": cls.station.id} for name in ("Qi", "Ba")]
        )
        cls.closed, cls.running = cls.env["power.responsibility"].create(
            [
                {
                    "role": "grid_manager",
                    "grid_area_id": cls.area.id,
                    "employee_id": cls.first.id,
                    "date_from": "2024-01-01",
                    "date_to": "2024-12-31",
                },
                {
                    "role": "grid_manager",
                    "grid_area_id": cls.area.id,
                    "employee_id": cls.second.id,
                    "date_from": "2025-01-01",
                },
            ]
        )

    def test_supervisors_change_nothing_that_has_been(self):
        changes = (
            (self.closed, {"employee_id": self.second.id}),
            (self.closed, {"date_to": "2024-06-30"}),
            (self.closed, {"role": "reader"}),
            (self.running, {"employee_id": self.first.id}),
            (self.running, {"date_from": "2025-03-01"}),
            (self.running, {"date_to": "2025-03-01"}),
        )
        for name in ("supervisor", "quality"):
            for row, vals in changes:
                with self.subTest(user=name, vals=vals):
                    with self.assertRaises(UserError) as error:
                        row.with_user(self.users[name]).write(vals)
                    self.assertIn("Transfer", str(error.exception))
        row = self.running.with_user(self.users["supervisor"])
        row.note = "Told"
        row.date_to = "2099-12-31"
        row.date_to = False

    def test_a_supervisor_still_hands_over(self):
        self.running.with_user(self.users["supervisor"]).transfer(self.first)
        self.assertEqual(self.area.manager_id, self.first)

    def test_a_managers_correction_is_noted(self):
        before = self.area.message_ids
        closed = self.closed.with_user(self.users["manager"])
        closed.date_to = "2024-06-30"
        note = self.area.message_ids - before
        self.assertIn("Responsibility corrected", note.body)
        self.assertIn("Qi", note.body)
        self.assertEqual(note.author_id, self.users["manager"].partner_id)
        closed.unlink()
        note = self.area.message_ids - before - note
        self.assertIn("Responsibility deleted", note.body)
        self.assertFalse(closed.exists())
