# The type's setting and the job belong together.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.callback_window import get_next_allowed

JOB = "power.ticket.rating.ask"
# How long after the end the job still asks.
LOOK_BACK = timedelta(days=7)


class PowerTicketType(models.Model):
    _inherit = "power.ticket.type"

    asks_rating = fields.Boolean(
        "Ask to Rate After Closing",
        help="The link to rate goes to the customer by itself, once, within the hours "
        "in which customers are called back.",
    )


class PowerTicket(models.Model):
    """The link to rate goes out by itself when a ticket was closed, once per cycle.

    Not for anonymous or confidential ones, who wants no call, who said already how
    satisfied they are, and who has neither e-mail nor phone.
    """

    _inherit = "power.ticket"

    rating_asked_at = fields.Datetime("Asked to Rate At", readonly=True, copy=False)
    rating_decided_cycle = fields.Integer(
        "Cycle Decided for Rating",
        readonly=True,
        copy=False,
        default=0,
        aggregator=None,
        help="The last cycle for which it was decided whether the customer is asked.",
    )

    @api.model
    def _check_not_projected(self, vals):
        result = super()._check_not_projected(vals)
        self._check_kept({"rating_asked_at", "rating_decided_cycle"}, vals)
        return result

    def _ask_rating(self):
        result = super()._ask_rating()
        # An archived purpose asks nobody; that it does is no secret.
        purposes = self.env["power.notice.purpose"].sudo()
        is_sent = purposes.search_count([("code", "=", "rating")], limit=1)
        vals = {"rating_asked_at": fields.Datetime.now()} if is_sent else {}
        for cycle, tickets in self.grouped("cycle").items():
            tickets._project_write({**vals, "rating_decided_cycle": cycle})
        return result

    def _is_asked_to_rate(self):
        """Whether one closed ticket's customer is asked by itself."""
        self.ensure_one()
        partner = self.partner_id
        return bool(
            not self._get_rating_refusal()
            and not self.refuses_callback
            and (partner.email or partner.phone)
        )

    @api.model
    def _get_unasked_sql(self):
        """Closed tickets of types that are rated, not decided in this cycle."""
        return SQL(
            """
              FROM power_ticket AS ticket
              JOIN power_ticket_type AS type
                ON type.id = ticket.type_id AND type.asks_rating
             WHERE ticket.closed_at >= %s AND ticket.ended_by IS NULL
               AND COALESCE(ticket.rating_decided_cycle, 0) < ticket.cycle
            """,
            fields.Datetime.now() - LOOK_BACK,
        )

    @api.model
    def _get_callable_sql(self):
        """As above, of the stations whose customers may be called now.

        :return: SQL, or None when there is none
        """
        places = self.env.execute_query(
            SQL(
                "SELECT DISTINCT ticket.company_id, ticket.station_id %s",
                self._get_unasked_sql(),
            )
        )
        now = fields.Datetime.now()
        companies = self.env["res.company"].browse({row[0] for row in places})
        rules = self.env["power.complaint.rule"]._get_by_company(companies)
        now_callable = []
        for company_id, station_id in places:
            company = companies.browse(company_id)
            station = self.env["hr.department"].browse(station_id or [])
            calendar = (
                station and station._get_duty_calendar()
            ) or company.resource_calendar_id
            rule = rules[company]._get_callback_rules(calendar.tz)
            if get_next_allowed(now, rule) == now:
                now_callable.append((company_id, station_id or 0))
        if not now_callable:
            return None
        return SQL(
            "%s AND (ticket.company_id, COALESCE(ticket.station_id, 0)) IN %s",
            self._get_unasked_sql(),
            tuple(now_callable),
        )

    @api.model
    def _cron_ask_ratings(self, batch_size=100):
        """Send the links, the longest closed first: safe to kill, to run twice and
        beside itself."""
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        self.env.flush_all()
        found = self._get_callable_sql()
        tickets, remaining = self.browse(), 0
        if found:
            rows = self.env.execute_query(
                SQL(
                    "SELECT ticket.id %s ORDER BY ticket.closed_at, ticket.id LIMIT %s",
                    found,
                    batch_size,
                )
            )
            tickets = self.browse(row[0] for row in rows)
            tickets._decide_rating()
            self.env.flush_all()
            remaining = self.env.execute_query(SQL("SELECT count(*) %s", found))[0][0]
        run._end_batch(len(tickets), remaining=remaining)

    def _decide_rating(self):
        """Ask who is to be asked; of the others it is kept that it was decided."""
        self._lock()
        self.invalidate_recordset(["satisfaction", "cycle", "closed_at"])
        asked = self.filtered(lambda ticket: ticket._is_asked_to_rate())
        asked._ask_rating()
        for cycle, tickets in (self - asked).grouped("cycle").items():
            tickets._project_write({"rating_decided_cycle": cycle})
