from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """Write, and have the promises of these customers' tickets matched again."""
        result = super().write(vals)
        if "segment_ids" in vals:
            # Promises hold for all, whoever keeps the archive.
            tickets = self.env["power.ticket"].sudo()
            tickets.search(
                [("partner_id", "in", self.ids), ("is_open", "=", True)]
            )._refresh_clocks()
        return result
