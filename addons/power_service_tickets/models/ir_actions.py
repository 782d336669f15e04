from odoo import api, fields, models, tools
from odoo.tools import frozendict


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    power_entry = fields.Char(
        "Ticket Entry",
        help="The action on tickets that it opens. The gear menu of a ticket's form "
        "offers it only while it can be done.",
    )


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    @tools.ormcache("model_name", "self.env.lang")
    def _get_bindings(self, model_name):
        """As core's; the web client is told which entries the actions open."""
        bindings = super()._get_bindings(model_name)
        if model_name != "power.ticket":
            return bindings
        # Core reads them for everybody, too, and leaves out what a user may not do.
        actions = self.env["ir.actions.server"].sudo()
        actions = actions.search_fetch([("power_entry", "!=", False)], ["power_entry"])
        entries = {action.id: action.power_entry for action in actions}
        return frozendict(
            {
                kind: tuple(
                    frozendict({**action, "power_entry": entries[action["id"]]})
                    if action["id"] in entries
                    else action
                    for action in bound
                )
                for kind, bound in bindings.items()
            }
        )
