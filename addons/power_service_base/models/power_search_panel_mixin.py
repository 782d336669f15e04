from odoo import api, models
from odoo.fields import Domain


class PowerSearchPanelMixin(models.AbstractModel):
    """The panel of stations beside a list, for tables of a million rows.

    To show only the values that occur, Odoo groups all rows each time the screen is
    opened. Our panels say ``expand="1"`` instead: all stations and areas that the user
    may see, in no more time than it takes to read them.
    """

    _name = "power.search.panel.mixin"
    _description = "Search Panel of a Large Table"

    @api.model
    def search_panel_select_range(self, field_name, **kwargs):
        """As Odoo's; of the departments only the stations, with those above them.

        :param field_name: a many2one or selection field of the panel
        :param kwargs: see Odoo's method; ``comodel_domain`` narrows the stations
        :return: dict with ``parent_field`` and ``values``
        """
        if self._fields[field_name].comodel_name == "hr.department":
            stations = self.env["hr.department"].search(
                Domain(kwargs.get("comodel_domain") or Domain.TRUE)
                & Domain("power_unit", "=", "station")
                & self._get_panel_station_domain()
            )
            kwargs["comodel_domain"] = [("id", "parent_of", stations.ids)]
        return super().search_panel_select_range(field_name, **kwargs)

    @api.model
    def _get_panel_station_domain(self):
        """Which stations the user is offered: all of the company, unless overridden."""
        return Domain.TRUE
