from odoo import api, models

FIRST = ("actionID", "actionModel", "actionPath")


class IrUiMenu(models.Model):
    """What opens first."""

    _inherit = "ir.ui.menu"

    @api.model
    def load_web_menus(self, debug):
        """Whoever works at the desk begins with the own tickets.

        People in the field keep *My Work*, the first menu; a home action of one's own
        goes before both.
        """
        menus = super().load_web_menus(debug)
        find = self.env["ir.model.data"]._xmlid_to_res_id
        app = menus.get(find("power_service_base.power_service_menu_root"))
        mine = menus.get(find("power_service_tickets.power_ticket_menu_mine"))
        if (
            app
            and mine
            and self.env.user.has_group("power_service_base.group_power_staff")
        ):
            app.update((name, mine[name]) for name in FIRST)
        return menus
