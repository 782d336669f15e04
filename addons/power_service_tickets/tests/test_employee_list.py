"""Lists of employees are filled in by people without rights in human resources."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import QualityCommon, TicketCommon


@tagged("post_install", "-at_install")
class TestEmployeeList(QualityCommon, TicketCommon):
    def _get_lists(self):
        """(who fills it in, the record, the field) of each list."""
        manager, quality = self.users["manager"], self.users["quality"]
        meeting = self.env["power.service.meeting"].create(
            {
                "month": "2026-03-15",
                "station_id": self.station.id,
                "chair_id": self.chief.employee_ids.id,
            }
        )
        return (
            (manager, self.area, "member_ids"),
            (quality, self._create_ticket("report"), "accused_employee_ids"),
            (self.chief, meeting, "attendee_ids"),
        )

    def test_people_of_the_directory_are_added_and_taken_off(self):
        both = self.worker | self.worker_without_login
        for user, record, name in self._get_lists():
            record = record.with_user(user)
            self.assertFalse(record.env["hr.employee"].has_access("read"))
            with self.subTest(field=name):
                record.write({name: [Command.set(both.ids)]})
                self.assertEqual(record.sudo()[name], both)
                record.write({name: [Command.unlink(self.worker.id)]})
                self.assertEqual(record.sudo()[name], self.worker_without_login)
                record.write({name: [Command.link(self.worker.id)]})
                record.write({name: [Command.clear()]})
                self.assertFalse(record.sudo()[name])

    def test_in_a_form(self):
        for user, record, name in self._get_lists():
            with self.subTest(field=name), Form(record.with_user(user)) as form:
                getattr(form, name).add(self.worker.with_user(user))
            self.assertEqual(record.sudo()[name], self.worker)

    def test_at_once_with_the_record(self):
        quality = self.users["quality"]
        ticket = (
            self.env["power.ticket"]
            .with_user(quality)
            .create(
                {
                    "subject": "x",
                    "type_id": self.types["report"].id,
                    "supply_point_id": self.point.id,
                    "accused_employee_ids": [Command.set(self.worker.ids)],
                }
            )
        )
        self.assertEqual(ticket.sudo().accused_employee_ids, self.worker)

    def test_nobody_of_another_company_and_nobody_new(self):
        far = self.env["hr.employee"].create(
            {"name": "Far", "company_id": self.company_other.id}
        )
        refused = (
            Command.link(far.id),
            Command.set((self.worker | far).ids),
            Command.create({"name": "Invented"}),
            Command.update(self.worker.id, {"name": "Renamed"}),
            Command.delete(self.worker.id),
        )
        for user, record, name in self._get_lists():
            record = record.with_user(user)
            record.write({name: [Command.set(self.worker.ids)]})
            for command in refused:
                with self.subTest(field=name, command=command):
                    with self.assertRaises(AccessError):
                        record.write({name: [command]})
                    self.env.invalidate_all()
                    self.assertEqual(record.sudo()[name], self.worker)
        self.assertFalse(self.env["hr.employee"].search([("name", "=", "Invented")]))
        self.assertNotEqual(self.worker.name, "Renamed")

    def test_who_is_on_the_list_already_stays(self):
        far = self.env["hr.employee"].create(
            {"name": "Far", "company_id": self.company_other.id}
        )
        ticket = self._create_ticket("report", accused_employee_ids=far.ids)
        mine = ticket.with_user(self.users["quality"])
        mine.accused_employee_ids = [Command.set((far | self.worker).ids)]
        self.assertEqual(ticket.accused_employee_ids, far | self.worker)

    def test_others_still_may_not_write_it(self):
        ticket = self._create_ticket("report")
        for name in ("staff", "field", "supervisor"):
            with self.subTest(name), self.assertRaises(AccessError):
                ticket.with_user(self.users[name]).write(
                    {"accused_employee_ids": [Command.set(self.worker.ids)]}
                )
