from odoo import api, models
from odoo.fields import Domain


class PowerSearchPanelMixin(models.AbstractModel):
    """The panel of stations beside a list, for tables of a million rows.

    To show only the values that occur, Odoo groups all rows each time the screen is
    opened. Our panels say ``expand="1"`` instead: all stations and areas that the user
    may see, in no more time than it takes to read them. The web client asks again for
    the areas when another station is chosen, because their field of the panel says
    ``enable_counters="1"``; no numbers are shown: all rows would have to be counted.
    """

    _name = "power.search.panel.mixin"
    _description = "Search Panel of a Large Table"

    @api.model
    def search_panel_select_range(self, field_name, **kwargs):
        """As Odoo's; of the departments only the stations, with those above them, and
        of the grid areas only those of the station that is chosen beside them.

        :param field_name: a many2one or selection field of the panel
        :param kwargs: see Odoo's method; ``comodel_domain`` narrows the stations, and
            ``category_domain`` holds what is chosen in the rest of the panel
        :return: dict with ``parent_field`` and ``values``
        """
        comodel = self._fields[field_name].comodel_name
        if comodel == "hr.department":
            stations = self.env["hr.department"].search(
                Domain(kwargs.get("comodel_domain") or Domain.TRUE)
                & Domain("power_unit", "=", "station")
                & self._get_panel_station_domain()
            )
            kwargs["comodel_domain"] = [("id", "parent_of", stations.ids)]
        elif comodel == "power.grid.area" and kwargs.get("expand"):
            kwargs["enable_counters"] = False
            kwargs["comodel_domain"] = Domain(
                kwargs.get("comodel_domain") or Domain.TRUE
            ) & self._get_chosen_station_domain(kwargs.get("category_domain") or [])
        return super().search_panel_select_range(field_name, **kwargs)

    @api.model
    def _get_chosen_station_domain(self, category_domain):
        """Of the values chosen in the panel, the stations: a domain of grid areas."""
        return Domain.AND(
            Domain("station_id", condition.operator, condition.value)
            for condition in Domain(category_domain).iter_conditions()
            if self._fields[condition.field_expr].comodel_name == "hr.department"
        )

    @api.model
    def _get_panel_station_domain(self):
        """Which stations the user is offered: all of the company, unless overridden."""
        return Domain.TRUE
