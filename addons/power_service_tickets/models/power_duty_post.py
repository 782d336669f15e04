from odoo import api, fields, models
from odoo.fields import Domain

from .power_duty_shift import DUTY_ROLES


class PowerDutyPost(models.Model):
    """What has to be covered: so many people on a post, at which hours."""

    _name = "power.duty.post"
    _inherit = ["power.station.mixin"]
    _description = "Post to Be Covered"
    _order = "station_id, role, id"

    station_id = fields.Many2one(
        default=None, help="Empty: all stations that have no line of their own."
    )
    active = fields.Boolean(default=True)
    role = fields.Selection(DUTY_ROLES, string="Post", required=True)
    minimum = fields.Integer("People", required=True, default=1)
    hour_from = fields.Float("From Hour", required=True, default=0)
    hour_to = fields.Float(
        "To Hour",
        required=True,
        default=24,
        help="Not after the first hour: it is of the next day.",
    )

    _minimum_valid = models.Constraint(
        "CHECK (minimum BETWEEN 1 AND 100)", "A post needs 1 to 100 people."
    )
    _hours_valid = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < 24 AND hour_to > 0 AND hour_to <= 24)",
        "Hours lie between 0 and 24.",
    )

    @api.depends("role", "station_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for post in self:
            station = post.station_id.name or self.env._("All stations")
            post.display_name = f"{station} · {roles.get(post.role)}"

    @api.model
    def _get_posts(self, stations):
        """What each station has to cover: its own lines, else its company's, per post.

        :param stations: ``hr.department`` records
        :return: dict of station to ``power.duty.post`` records
        """
        posts = self.search(
            Domain("company_id", "in", stations.company_id.ids)
            & Domain("station_id", "in", [*stations.ids, False])
        )
        found = {}
        for station in stations:
            own = posts.filtered(
                lambda post, station=station: post.station_id == station
            )
            roles = set(own.mapped("role"))
            found[station] = own | posts.filtered(
                lambda post, station=station, roles=roles: (
                    not post.station_id
                    and post.company_id == station.company_id
                    and post.role not in roles
                )
            )
        return found
