"""Who may do what: every model x group x operation, and whose records."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import GROUPS, AccessTableMixin, PowerServiceCommon

# What each group may do with each model; every model of the addon has a line, and a
# group that a line doesn't name may do nothing.
#                                 field   staff   superv. quality manager portal
TABLE = {
    "power.supply.point":         ("r",    "rwc",  "rwc",  "rwc",  "rwcu", "r"),
    "power.supply.source":        ("r",    "rwcu", "rwcu", "rwcu", "rwcu", "r"),
    "power.supply.contract":      ("r",    "rwc",  "rwc",  "rwc",  "rwcu", "r"),
    "power.reading.unit":         ("r",    "r",    "rwc",  "rwc",  "rwcu", ""),
    "power.tariff.class":         ("r",    "r",    "r",    "r",    "rwcu", "r"),
    "power.grid.area":            ("r",    "r",    "rwc",  "rwc",  "rwcu", ""),
    "power.network.element":      ("r",    "r",    "rwc",  "rwc",  "rwcu", ""),
    "power.customer.segment":     ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.customer.contact":     ("rwc",  "rwc",  "rwc",  "rwc",  "rwcu", ""),
    "power.service.commitment":   ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.service.price":        ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.service.procedure":    ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.service.outlet":       ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.customer.change.request": ("",  "rw",   "rw",   "rw",   "rw",   "r"),
    "power.import":               ("",     "",     "rwcu", "rwcu", "rwcu", ""),
    "power.import.issue":         ("",     "",     "r",    "r",    "r",    ""),
    "power.job":                  ("",     "",     "r",    "r",    "r",    ""),
    "power.job.run":              ("",     "",     "r",    "r",    "rwcu", ""),
    "power.calendar.exception":   ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.calendar.year":        ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.calendar.load":        ("",     "",     "",     "",     "rwcu", ""),
    "power.field.task":           ("r",    "rwc",  "rwc",  "rwc",  "rwcu", ""),
    "power.field.task.event":     ("r",    "r",    "r",    "r",    "r",    ""),
    "power.field.task.entry":     ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.responsibility":       ("r",    "r",    "rwc",  "rwc",  "rwcu", ""),
    "power.responsibility.transfer": ("",  "",     "rwcu", "rwcu", "rwcu", ""),
    "power.notice":               ("r",    "rwc",  "rwc",  "rwc",  "rwc",  "r"),
    "power.notice.event":         ("r",    "rc",   "rc",   "rc",   "rc",   ""),
    "power.limit":                ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.notice.purpose":       ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.notice.purpose.channel": ("r",  "r",    "r",    "r",    "rwcu", ""),
    "power.message.gateway":      ("",     "",     "",     "",     "rwcu", ""),
    "power.reminder.rule":        ("",     "",     "r",    "r",    "rwcu", ""),
    "power.reminder":             ("",     "",     "r",    "r",    "ru",   ""),
    "power.notice.compose":       ("",     "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.notice.outcome":       ("",     "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.notice.rechannel":     ("",     "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.message.gateway.test": ("",     "",     "",     "",     "rwcu", ""),
    "power.key.account.team":     ("r",    "r",    "rwc",  "rwc",  "rwcu", ""),
    "power.key.account.member":   ("r",    "r",    "rwcu", "rwcu", "rwcu", ""),
    "power.assignment.rule":      ("",     "",     "r",    "r",    "rwcu", ""),
    "power.assignment.preview":   ("",     "",     "rwcu", "rwcu", "rwcu", ""),
    "power.assignment.preview.line": ("",  "",     "rwcu", "rwcu", "rwcu", ""),
    "power.archive.requirement":  ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.customer.lookup":      ("",     "",     "",     "r",    "r",    ""),
    "power.customer.export":      ("",     "",     "",     "r",    "r",    ""),
    "power.customer.timeline":    ("r",    "r",    "r",    "r",    "r",    ""),
    "power.customer.find":        ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.customer.find.line":   ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccessTable(AccessTableMixin, PowerServiceCommon):
    addon = "power_service_base"
    table = TABLE


@tagged("post_install", "-at_install")
class TestAccessByStation(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.station_below = cls._create_station("Yunxi branch", "S11")
        cls.station_below.parent_id = cls.station
        cls.area_below = cls._create_area("A11", cls.station_below)
        cls.point_below, cls.contract_below = cls._create_point(
            "3300000011", cls.customer_other, cls.area_below
        )
        cls.point_foreign, cls.contract_foreign = cls._create_point(
            "3300000001", cls.customer_other, cls.area_foreign
        )
        cls.point_nowhere = cls.env["power.supply.point"].create(
            {"name": "3300000099", "station_id": False}
        )
        cls.contact = cls.env["power.customer.contact"].create(
            {
                "partner_id": cls.customer.id,
                "subject": "Asked for a bill",
                "station_id": cls.station.id,
            }
        )
        cls.contact_other = cls.contact.copy({"station_id": cls.station_other.id})

    def _seen(self, name, records):
        return records.with_user(self.users[name])._filtered_access("read")

    def test_staff_see_the_points_of_their_stations_and_those_without(self):
        points = (
            self.point
            | self.point_other
            | self.point_below
            | self.point_foreign
            | self.point_nowhere
        )
        own = self.point | self.point_nowhere
        expected = {
            "field": own,
            "staff": own,
            "supervisor": own | self.point_below,
            "quality": points - self.point_foreign,
            "manager": points - self.point_foreign,
        }
        for name, visible in expected.items():
            with self.subTest(group=name):
                self.assertEqual(self._seen(name, points), visible)

    def test_search_and_groups_show_no_more(self):
        Point = self.env["power.supply.point"].with_user(self.users["staff"])
        self.assertNotIn(self.point_other, Point.search([]))
        stations = {
            station.id
            for station, _count in Point._read_group([], ["station_id"], ["__count"])
        }
        self.assertNotIn(self.station_other.id, stations)
        self.assertFalse(Point.search_count([("name", "=", self.point_other.name)]))

    def test_writing_to_another_station_is_refused(self):
        for record in (self.point_other, self.contract_other, self.contact_other):
            with self.subTest(record=record), self.assertRaises(AccessError):
                record.with_user(self.users["staff"]).check_access("write")
        self.assertTrue(self.contact.with_user(self.users["staff"]).has_access("write"))

    def test_a_record_cannot_be_moved_to_a_station_one_does_not_see(self):
        contact = self.contact.with_user(self.users["staff"])
        with self.assertRaises(AccessError):
            contact.station_id = self.station_other

    def test_other_company_is_closed_to_everybody(self):
        for name in GROUPS:
            with self.subTest(group=name), self.assertRaises(AccessError):
                self.point_foreign.with_user(self.users[name]).check_access("read")

    def test_change_of_department_changes_what_is_seen_at_once(self):
        staff = self.users["staff"]
        self.assertFalse(self._seen("staff", self.point_other))
        staff.employee_ids.department_id = self.station_other
        self.env.flush_all()
        self.assertTrue(self._seen("staff", self.point_other))
        self.assertFalse(self._seen("staff", self.point))

    def test_stations_set_by_hand_stay(self):
        staff = self.users["staff"]
        staff.power_stations_by_hand = True
        staff.power_station_ids = self.station | self.station_other
        staff.employee_ids.department_id = self.station_below
        self.env.flush_all()
        self.assertEqual(staff.power_station_ids, self.station | self.station_other)
        self.assertTrue(self._seen("staff", self.point_other))

    def test_team_member_sees_the_station_of_the_team(self):
        team = self.env["hr.department"].create(
            {"name": "Team", "power_unit": "team", "parent_id": self.station_other.id}
        )
        self.users["field"].employee_ids.department_id = team
        self.env.flush_all()
        self.assertEqual(self.users["field"].power_station_ids, self.station_other)

    def test_sensitive_fields_are_for_staff(self):
        self.customer.sudo().power_id_number = "110101199001011237"
        field = self.customer.with_user(self.users["field"])
        with self.assertRaises(AccessError):
            field.read(["power_id_number"])
        staff = self.customer.with_user(self.users["staff"])
        self.assertTrue(staff.read(["power_id_number", "credit_grade", "vip_grade"]))

    def test_other_employees_still_read_whole_contacts(self):
        """Fields that lead to our models must not close core's contacts to them."""
        internal = new_test_user(
            self.env, login="test_reader", groups="base.group_user"
        )
        Partner = self.env["res.partner"].with_user(internal)
        ours = [
            name
            for name in Partner.fields_get()
            if "power_service_base" in Partner._fields[name]._modules
        ]
        self.assertNotIn("supply_point_ids", ours)
        self.assertTrue(self.customer.with_user(internal).read(ours))
