# The route and what it does to tickets belong together.
# pylint: disable=consider-merging-classes-inherited
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .power_ticket import CHANNELS


class PowerTicketRoute(models.Model):
    """Who gets new tickets: the first route that fits decides."""

    _name = "power.ticket.route"
    _description = "Ticket Route"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="All companies when empty.",
    )
    type_ids = fields.Many2many("power.ticket.type", string="Types")
    category_ids = fields.Many2many(
        "power.ticket.category", string="Categories", help="With those below them."
    )
    grid_area_ids = fields.Many2many(
        "power.grid.area", string="Grid Areas", help="With those below them."
    )
    station_ids = fields.Many2many(
        "hr.department",
        "power_ticket_route_station_rel",
        "route_id",
        "station_id",
        string="Stations",
        domain="[('power_unit', '=', 'station')]",
    )
    channel = fields.Selection(CHANNELS, help="Every channel when empty.")
    is_urgent = fields.Boolean(
        "Urgent Only",
        help="Urgent are tickets of an urgent category or of the priority Urgent.",
    )
    to_duty = fields.Boolean(
        "To the Person on Duty",
        help="Who is on duty at the station; the team or person below when nobody is.",
    )
    to_area_manager = fields.Boolean(
        "To the Grid Manager",
        help="Who answers for the ticket's grid area; the team or person below when "
        "nobody does.",
    )
    team_id = fields.Many2one(
        "hr.department", domain="[('power_unit', '=', 'team')]", check_company=True
    )
    user_id = fields.Many2one(
        "res.users", string="Person", domain="[('share', '=', False)]"
    )

    @api.constrains("name", "to_duty", "to_area_manager", "team_id", "user_id")
    def _check_target(self):
        for route in self:
            if not (
                route.to_duty or route.to_area_manager or route.team_id or route.user_id
            ):
                raise ValidationError(
                    self.env._(
                        "“%(route)s” leads nowhere: choose who gets the tickets.",
                        route=route.name,
                    )
                )

    @api.model
    def _get_routes(self, companies):
        """The routes of these companies, in their order."""
        domain = Domain("company_id", "in", [False, *companies.ids])
        return self.sudo().search(domain)  # staff's tickets follow them unseen

    def _fits(self, ticket):
        """Whether one route is for one ticket."""
        self.ensure_one()
        if self.company_id and self.company_id != ticket.company_id:
            return False
        if self.type_ids and ticket.type_id not in self.type_ids:
            return False
        if self.channel and self.channel != ticket.channel:
            return False
        if self.station_ids and ticket.station_id not in self.station_ids:
            return False
        if self.is_urgent and not ticket._is_urgent():
            return False
        return self._is_below(ticket.category_id, self.category_ids) and self._is_below(
            ticket.grid_area_id, self.grid_area_ids
        )

    @api.model
    def _is_below(self, record, ancestors):
        if not ancestors:
            return True
        path = (record.parent_path or "").split("/")
        return any(str(ancestor_id) in path for ancestor_id in ancestors.ids)


class PowerTicket(models.Model):
    _inherit = "power.ticket"

    route_id = fields.Many2one(
        "power.ticket.route",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Which rule gave the ticket to whom it was given first.",
    )

    def _after_intake(self):
        result = super()._after_intake()
        self._route()
        return result

    def _is_urgent(self):
        """Whether one ticket can't wait for office hours."""
        self.ensure_one()
        return self.category_id.is_urgent or self.priority == "2"

    def _route(self):
        """Give new tickets that nobody has to a team or person by the routes. A
        constant number of queries for each route that is used.

        Confidential ones aren't routed: quality staff take them. What can't be given to
        anybody stays at its station's or the company's desk.
        """
        tickets = self.sudo().filtered(  # who enters it needn't see who gets it
            lambda ticket: (
                not (ticket.user_id or ticket.team_id or ticket.is_confidential)
            )
        )
        if not tickets:
            return
        routes = self.env["power.ticket.route"]._get_routes(tickets.company_id)
        if not routes:
            return
        duty = None
        groups = {}
        for ticket in tickets:
            route = next((route for route in routes if route._fits(ticket)), None)
            if not route:
                continue
            user, team = route.user_id, route.team_id
            if route.to_duty:
                if duty is None:
                    duty = tickets._get_duty_users(
                        tickets.station_id, fields.Datetime.now()
                    )
                user = duty.get(ticket.station_id.id) or user
            elif route.to_area_manager:
                user = ticket.grid_area_id.manager_id.user_id or user
            groups.setdefault((route, user, team), tickets.browse())
            groups[route, user, team] |= ticket
        for (route, user, team), found in groups.items():
            found._follow_route(route, user.filtered("active"), team)

    def _follow_route(self, route, user, team):
        """Give these tickets to whom the route names, as far as that person sees them.

        Runs as superuser.
        """
        if user:
            seen = self.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            if self - seen._filtered_access("read").with_env(self.env):
                user = user.browse()
        if not (user or team):
            return
        self._project_write(
            {"route_id": route.id, "user_id": user.id, "team_id": team.id}
        )
        self.env["power.ticket.event"].create(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": "dispatched",
                    "at": max(ticket.received_at, ticket.create_date),
                    "note": route.name,
                    "previous_station_id": ticket.station_id.id,
                    "assignee_id": user.id,
                    "team_id": team.id,
                    "user_id": SUPERUSER_ID,
                }
                for ticket in self
            ]
        )
        self._tell_assigned(user)

    @api.model
    def _get_duty_users(self, stations, at):
        """Who is on duty.

        :param stations: ``hr.department`` records
        :param at: naive UTC datetime
        :return: dict of station id to ``res.users``, without stations where nobody is
        """
        shifts = self.env["power.duty.shift"].sudo()  # of stations the user can't see
        found = shifts._get_on_duty(stations, at)
        return {
            station_id: on_duty.user_id[:1]
            for station_id, on_duty in found.items()
            if on_duty.user_id
        }
