from odoo import Command

from odoo.addons.power_service_tickets.core import connection as rules

from .common import TicketCommon


class ConnectionCommon(TicketCommon):
    """Connections at ``station``, and what takes them through their steps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.applicant = cls.env["res.partner"].create(
            {"name": "Zhao Min", "phone": "+8613800000003"}
        )
        cls.transformer_standby = cls.transformer.copy(
            {"name": "Transformer 2", "code": "T2"}
        )

    @classmethod
    def _create_connection(cls, kind="new", customer_class="residential", **vals):
        """A connection of ``applicant``; all but new ones are about the point."""
        place = {"partner_id": cls.applicant.id, "grid_area_id": cls.area.id}
        if kind not in rules.MAKING_KINDS:
            place = {"supply_point_id": cls.point.id}
        connection = cls.env["power.connection"].create(
            {
                "kind": kind,
                "station_id": cls.station.id,
                "customer_class": customer_class,
                "wanted_kva": 8,
                **place,
                **vals,
            }
        )
        connection.customer_class = customer_class
        return connection

    @classmethod
    def _bring_papers(cls, connection, step="accepted"):
        for paper in connection.paper_ids.filtered(lambda paper: paper.step == step):
            if paper.needs_file:
                paper._add_proof(f"{paper.title}.pdf", b"%PDF-1.4 scan")
            paper.is_received = True

    @classmethod
    def _fill_scheme(cls, connection):
        sources = [{"element_id": cls.transformer.id}]
        if connection.customer_class == "hv_dual":
            sources.append(
                {"element_id": cls.transformer_standby.id, "role": "standby"}
            )
        connection.write(
            {
                "scheme_metering": "lv_direct",
                "source_ids": [Command.clear()]
                + [Command.create(vals) for vals in sources],
            }
        )

    @classmethod
    def _take(cls, connection, *steps, at=None):
        """Enter steps with all that they need."""
        for step in steps:
            cls._bring_papers(connection, step)
            if step == "scheme_answered":
                cls._fill_scheme(connection)
            elif step == "fee_paid":
                connection.action_tell_fee()
            elif step == "metered":
                connection.meter_numbers = "M-001"
            connection.enter_step(step, at=at)

    @classmethod
    def _take_until(cls, connection, step):
        """Enter the steps up to ``step``, without it."""
        steps = rules.get_steps(connection._get_case())
        done = connection._done()
        todo = [item for item in steps[: steps.index(step)] if item not in done]
        cls._take(connection, *todo)
