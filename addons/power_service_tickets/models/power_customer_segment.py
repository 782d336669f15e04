from odoo import models


class PowerCustomerSegment(models.Model):
    _inherit = "power.customer.segment"

    def _refresh_members(self):
        """Have promises matched again when they ask for members that have changed."""
        changed = super()._refresh_members()
        if changed:
            # Promises hold for all, whoever asked for the refresh.
            policies = self.env["power.sla.policy"].sudo()
            if policies.search_count([("segment_ids", "in", self.ids)], limit=1):
                policies._schedule_recompute()
        return changed
