from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PowerServiceCommon


@tagged("post_install", "-at_install")
class TestPeopleAccess(PowerServiceCommon):
    """Responsibilities, teams and rules are seen by station and company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stations = {
            "own": (cls.station, cls.area),
            "other": (cls.station_other, cls.area_other),
            "foreign": (cls.station_foreign, cls.area_foreign),
        }
        cls.records = {}
        for name, (station, area) in cls.stations.items():
            employee = cls.env["hr.employee"].create(
                {
                    "name": f"Of {name}",
                    "department_id": station.id,
                    "company_id": station.company_id.id,
                }
            )
            common = {"station_id": station.id, "company_id": station.company_id.id}
            team = cls.env["power.key.account.team"].create(
                {
                    "name": name,
                    "leader_id": employee.id,
                    "phone": "95598",
                    "member_ids": [
                        (0, 0, {"role": "repair", "employee_id": employee.id})
                    ],
                    **common,
                }
            )
            cls.records[name] = [
                cls.env["power.responsibility"].create(
                    {
                        "role": "grid_manager",
                        "employee_id": employee.id,
                        "grid_area_id": area.id,
                    }
                ),
                team,
                team.member_ids,
                cls.env["power.assignment.rule"].create(
                    {"name": name, "grid_area_id": area.id, **common}
                ),
            ]

    def _sees(self, user, name):
        return [
            bool(record.with_user(self.users[user])._filtered_access("read"))
            for record in self.records[name]
        ]

    def test_company_and_station_come_from_the_subject(self):
        row = self.records["foreign"][0]
        self.assertEqual(row.company_id, self.company_other)
        self.assertEqual(row.station_id, self.station_foreign)

    def test_each_group_sees_its_stations(self):
        staff, all_four = [True, True, True, False], [True] * 4
        for user, own, other in (
            ("field", staff, [False] * 4),
            ("staff", staff, [False] * 4),
            ("supervisor", all_four, [False] * 4),
            ("quality", all_four, all_four),
            ("manager", all_four, all_four),
        ):
            with self.subTest(user=user):
                self.assertEqual(self._sees(user, "own"), own)
                self.assertEqual(self._sees(user, "other"), other)
                self.assertEqual(self._sees(user, "foreign"), [False] * 4)

    def test_supervisor_may_not_touch_another_station(self):
        supervisor = self.users["supervisor"]
        other = self.records["other"][0].with_user(supervisor)
        with self.assertRaises(AccessError):
            other.transfer(self.users["field"].employee_ids)
        with self.assertRaises(AccessError):
            other.date_to = "2030-01-01"
        with self.assertRaises(AccessError):
            self.env["power.responsibility"].with_user(supervisor).create(
                {
                    "role": "grid_member",
                    "employee_id": self.users["field"].employee_ids.id,
                    "grid_area_id": self.area_other.id,
                }
            )

    def test_supervisors_read_names_of_responsibilities(self):
        supervisor = self.users["supervisor"]
        self.assertFalse(supervisor.has_group("hr.group_hr_user"))
        row = self.env["power.responsibility"].create(
            {
                "role": "account_manager",
                "partner_id": self.customer.id,
                "employee_id": self.users["staff"].employee_ids.id,
                "date_from": "2026-01-01",
            }
        )
        self.env.invalidate_all()
        self.assertIn("staff", row.with_user(supervisor).display_name)
        self.assertEqual(row.with_user(supervisor).employee_id.name, "Employee staff")
