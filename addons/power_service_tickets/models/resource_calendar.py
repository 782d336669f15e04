from odoo import models


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _working_time_changed(self):
        """Have open clocks counted by the new hours and days off."""
        result = super()._working_time_changed()
        self.env["power.sla.recount"]._request("calendar")
        return result
