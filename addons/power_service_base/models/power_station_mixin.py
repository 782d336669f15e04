from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime


class PowerStationMixin(models.AbstractModel):
    """What belongs to a station: the record rules read these two fields."""

    _name = "power.station.mixin"
    _inherit = ["power.search.panel.mixin"]
    _description = "Belongs to a Station"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    station_id = fields.Many2one(
        "hr.department",
        index=True,
        domain="[('power_unit', '=', 'station')]",
        check_company=True,
        default=lambda self: self._default_station_id(),
        help="Staff see the records of their own stations. Without a station, a record "
        "is seen by all stations of the company.",
    )

    def _default_station_id(self):
        """The user's station when there is just one."""
        stations = self.env.user.power_station_ids
        return stations if len(stations) == 1 else stations.browse()

    def _get_tz(self):
        """The time zone of one record's station."""
        self.ensure_one()
        return self.env["power.notice"]._get_station_tz(
            self.station_id, self.company_id
        )

    def _format_portal_time(self, time):
        """A time as the customer reads it, in the time zone of the station."""
        return format_datetime(
            self.env,
            time,
            tz=self.sudo()._get_tz(),  # of the station
            dt_format="short",
        )

    @api.model
    def _get_panel_station_domain(self):
        """The stations whose records the user sees: the same as the record rules."""
        user = self.env.user
        if self.env.su or user.has_group("power_service_base.group_power_quality"):
            return super()._get_panel_station_domain()
        operator = "in"
        if user.has_group("power_service_base.group_power_supervisor"):
            operator = "child_of"
        return Domain("id", operator, user.power_station_ids.ids)

    @api.model
    def _get_company_today(self):
        """Today's date where the user's company works, whoever asks."""
        return fields.Date.context_today(
            self.with_context(tz=self.env.company._get_power_tz())
        )

    def write(self, vals):
        """Write, and refuse to move a record to where the user may not write."""
        result = super().write(vals)
        if not self.env.su and {"company_id", "station_id"} & vals.keys():
            self.check_access("write")
        return result
