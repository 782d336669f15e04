from odoo import fields, models
from odoo.tools import SQL

from ..models.power_ticket import CHANNELS, PRIORITIES
from ..models.power_ticket_complaint import PROHIBITIONS


class PowerTicketAnalysis(models.Model):
    """Tickets to be counted: class by station by cause, over time.

    Confidential tickets are not in it, for nobody.
    """

    _name = "power.ticket.analysis"
    _description = "Ticket Analysis"
    _auto = False
    _order = "received_at desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one("power.ticket", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    station_id = fields.Many2one("hr.department", readonly=True)
    receiving_station_id = fields.Many2one("hr.department", readonly=True)
    team_id = fields.Many2one("hr.department", readonly=True)
    grid_area_id = fields.Many2one("power.grid.area", readonly=True)
    responsible_station_id = fields.Many2one("hr.department", readonly=True)
    responsible_team_id = fields.Many2one("hr.department", readonly=True)
    type_id = fields.Many2one("power.ticket.type", readonly=True)
    is_complaint = fields.Boolean(readonly=True)
    class_id = fields.Many2one(
        "power.ticket.category",
        readonly=True,
        help="The highest category above.",
    )
    category_id = fields.Many2one("power.ticket.category", readonly=True)
    root_cause_id = fields.Many2one("power.root.cause", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    complaint_grade = fields.Selection(
        lambda self: self.env["power.ticket"]._fields["complaint_grade"].selection,
        readonly=True,
    )
    prohibition = fields.Selection(PROHIBITIONS, readonly=True)
    received_at = fields.Datetime(readonly=True)
    received_on = fields.Date(readonly=True, help="In the company's time zone.")
    is_open = fields.Boolean(readonly=True)
    upheld_count = fields.Integer("Upheld", readonly=True)
    responsible_count = fields.Integer("Upheld and Responsible", readonly=True)
    repeat_count = fields.Integer("Repeated", readonly=True)
    frequent_count = fields.Integer("Three or More Calls", readonly=True)
    chase_count = fields.Integer("Chased", readonly=True)
    reopen_count = fields.Integer("Reopened", readonly=True)
    sent_back_count = fields.Integer("Reply Sent Back", readonly=True)
    answer_hours = fields.Float("Hours to the Answer", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ticket.id, ticket.id AS ticket_id, ticket.company_id,
                   ticket.station_id, ticket.receiving_station_id, ticket.team_id,
                   ticket.grid_area_id, ticket.responsible_station_id,
                   ticket.responsible_team_id, ticket.type_id, type.is_complaint,
                   split_part(category.parent_path, '/', 1)::int AS class_id,
                   ticket.category_id, ticket.root_cause_id, ticket.channel,
                   ticket.priority, ticket.complaint_grade, ticket.prohibition,
                   ticket.received_at,
                   (ticket.received_at AT TIME ZONE 'UTC'
                    AT TIME ZONE %s)::date AS received_on,
                   ticket.is_open,
                   ticket.is_upheld::int AS upheld_count,
                   ticket.is_responsible::int AS responsible_count,
                   (ticket.repeat_of_id IS NOT NULL)::int AS repeat_count,
                   ticket.is_frequent::int AS frequent_count,
                   ticket.chase_count, ticket.reopen_count, ticket.sent_back_count,
                   EXTRACT(EPOCH FROM ticket.answered_at - ticket.received_at) / 3600.0
                   AS answer_hours
              FROM power_ticket AS ticket
              JOIN power_ticket_type AS type ON type.id = ticket.type_id
              JOIN res_company AS company ON company.id = ticket.company_id
              LEFT JOIN resource_calendar AS calendar
                     ON calendar.id = company.resource_calendar_id
              LEFT JOIN power_ticket_category AS category
                     ON category.id = ticket.category_id
             WHERE ticket.is_confidential IS NOT TRUE
               AND COALESCE(ticket.ended_by, '') NOT IN ('cancelled', 'merged')
            """,
            self.env["res.company"]._get_power_tz_sql(SQL("calendar.tz")),
        )
