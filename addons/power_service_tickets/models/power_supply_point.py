from odoo import models

# What a ticket takes over from its supply point; the grade is read there.
TAKEN_OVER = ("region_type", "customer_class")


class PowerSupplyPoint(models.Model):
    _inherit = "power.supply.point"

    def write(self, vals):
        """Write, and have the promises of open tickets here matched again."""
        result = super().write(vals)
        taken = {name: vals[name] for name in TAKEN_OVER if vals.get(name)}
        if taken or "importance_grade" in vals:
            # Promises hold for all, whoever keeps the archive.
            tickets = self.env["power.ticket"].sudo()
            found = tickets.search(
                [("supply_point_id", "in", self.ids), ("is_open", "=", True)]
            )
            if taken:
                found.write(taken)
            else:
                found._refresh_clocks()
        return result
