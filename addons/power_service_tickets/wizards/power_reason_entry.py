from odoo import fields, models
from odoo.exceptions import UserError


class PowerReasonEntry(models.TransientModel):
    """Asks why, then does it: see ``power.state.mixin``."""

    _name = "power.reason.entry"
    _description = "Reason"

    res_model = fields.Char("Model Name", required=True, readonly=True)
    res_ids = fields.Char("Record IDs", required=True, readonly=True)
    action = fields.Char(required=True, readonly=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Do with the reason what the window was opened for.

        :raise UserError: the model has no such action
        :raise AccessError: the user may not write the records
        """
        self.ensure_one()
        model = self.env.get(self.res_model)
        if model is None or self.action not in getattr(model, "_reason_actions", ()):
            raise UserError(self.env._("There is nothing to give a reason for."))
        records = model.browse(int(res_id) for res_id in self.res_ids.split(","))
        getattr(records, f"action_{self.action}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
