from odoo import api, models
from odoo.fields import Domain


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._get_working_time_calendars()._schedule_working_time_changed()
        return leaves

    def write(self, vals):
        calendars = self._get_working_time_calendars()
        result = super().write(vals)
        calendars |= self._get_working_time_calendars()
        calendars._schedule_working_time_changed()
        return result

    def unlink(self):
        calendars = self._get_working_time_calendars()
        result = super().unlink()
        calendars._schedule_working_time_changed()
        return result

    def _get_working_time_calendars(self):
        """Return the calendars whose working time these leaves cut.

        Only time off that belongs to no single resource does; without a calendar it is
        for all calendars of its company and for the shared ones.
        """
        leaves = self.filtered(lambda leave: not leave.resource_id)
        calendars = leaves.calendar_id
        everywhere = leaves.filtered(lambda leave: not leave.calendar_id)
        if everywhere:
            calendars |= calendars.with_context(active_test=False).search(
                Domain("company_id", "in", [*everywhere.company_id.ids, False])
            )
        return calendars
