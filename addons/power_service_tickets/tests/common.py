from datetime import datetime

from odoo import Command, fields

from odoo.addons.power_service_base.tests.common import PowerServiceCommon

# A Monday, 10:00 in China.
MONDAY = datetime(2026, 3, 2, 2, 0)


class QualityCommon(PowerServiceCommon):
    """A team at ``station`` with a leader and a chief who have logins.

    ``chief`` and ``leader`` are supervisors; ``worker`` is the employee of ``field``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        supervisor = "power_service_base.group_power_supervisor"
        cls.chief = cls._create_user("chief", supervisor)
        cls.leader = cls._create_user("leader", supervisor)
        cls.station.manager_id = cls.chief.employee_ids
        cls.team = cls.env["hr.department"].create(
            {
                "name": "Low voltage team",
                "power_unit": "team",
                "parent_id": cls.station.id,
                "manager_id": cls.leader.employee_ids.id,
            }
        )
        cls.worker = cls.users["field"].employee_ids
        cls.worker.department_id = cls.team
        cls.worker_without_login = cls.env["hr.employee"].create(
            {"name": "Lao Zhang", "department_id": cls.team.id}
        )
        cls.env.flush_all()

    @classmethod
    def _create_rectification(cls, **vals):
        return cls.env["power.rectification"].create(
            {
                "name": "Promise board out of date",
                "owner_id": cls.worker.id,
                "measure": "Replace it",
                "due_date": "2026-03-10",
                "station_id": cls.station.id,
                **vals,
            }
        )

    @classmethod
    def _submit(cls, record, user, result="Replaced"):
        """Have a rectification put right by a user, with a photo of it."""
        record = record.with_user(user)
        record.proof_ids = [Command.link(cls._upload(user).id)]
        record.action_submit(result)

    @classmethod
    def _upload(cls, user, name="photo.png", content=b"a photo"):
        """What the web client does: a file that belongs to no record yet."""
        return (
            cls.env["ir.attachment"]
            .with_user(user)
            .create({"name": name, "raw": content, "res_id": 0})
        )

    def _link(self, *files):
        return [Command.link(file.id) for file in files]

    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            cron = self.env.ref(f"power_service_tickets.{name}")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def _date(self, text):
        return fields.Date.to_date(text)


class TicketCommon(PowerServiceCommon):
    """Tickets of the two stations, and who handles them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.types = {
            ticket_type.code: ticket_type
            for ticket_type in cls.env["power.ticket.type"].search([])
        }
        cls.categories = {
            category.code: category
            for category in cls.env["power.ticket.category"].search([])
        }
        cls.stages = {
            xmlid.removeprefix("power_service_tickets.power_ticket_stage_"): record
            for record, xmlid in (
                (stage, stage.get_external_id()[stage.id])
                for stage in cls.env["power.ticket.stage"].search([])
            )
        }

    @classmethod
    def _create_ticket(cls, code="enquiry", **vals):
        """A ticket of the type ``code`` about the station's point, unless said."""
        return cls.env["power.ticket"].create(
            {
                "subject": f"Test {code}",
                "type_id": cls.types[code].id,
                "supply_point_id": cls.point.id,
                **vals,
            }
        )

    def _clock(self, ticket, target, cycle=1, start=None):
        """The ticket's clock for a target milestone's code; of those with this start
        when there may be several."""
        return ticket.clock_ids.filtered(
            lambda clock: (
                clock.target_milestone_id.code == target
                and start in (None, clock.start_milestone_id.code)
                and clock.cycle == cycle
                and clock.state != "cancelled"
            )
        )
