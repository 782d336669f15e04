from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    power_station_ids = fields.Many2many(
        "hr.department",
        "power_station_users_rel",
        "user_id",
        "station_id",
        string="Supply Stations",
        compute="_compute_power_station_ids",
        store=True,
        readonly=False,
        domain="[('power_unit', '=', 'station')]",
        help="The stations whose records the user sees: the one of the employee's "
        "department, unless set by hand.",
    )
    power_stations_by_hand = fields.Boolean(
        "Stations Set by Hand",
        help="Keep the stations chosen here when the employee changes department.",
    )

    @api.depends(
        "employee_ids.department_id.parent_id",
        "employee_ids.department_id.power_unit",
        "power_stations_by_hand",
    )
    def _compute_power_station_ids(self):
        for user in self:
            if user.power_stations_by_hand:
                user.power_station_ids = user.power_station_ids
                continue
            stations = self.env["hr.department"]
            for department in user.sudo().employee_ids.department_id:  # own employee
                stations |= department._get_power_station()
            user.power_station_ids = stations
        # Record rules are cached by user with the stations in them.
        self.env.registry.clear_cache()

    def _get_customers_shown(self, names):
        """Portal users who are customers, whatever is shown; colleagues by what they
        inherit from a customer's contact."""
        users = self.sudo()  # that somebody is a customer isn't private
        portal = users.filtered(lambda u: u.share and u.partner_id.is_power_customer)
        return {*portal.ids, *super()._get_customers_shown(names)}

    def _get_invalidation_fields(self):
        return super()._get_invalidation_fields() | {
            "power_station_ids",
            "power_stations_by_hand",
        }
