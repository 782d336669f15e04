from odoo import fields, models


class PowerDutyHandover(models.TransientModel):
    """The note at the end of a shift."""

    _name = "power.duty.handover"
    _inherit = ["power.reach.mixin"]
    _description = "Hand Over a Shift"

    shift_id = fields.Many2one("power.duty.shift", required=True, ondelete="cascade")
    previous_note = fields.Text(related="shift_id.previous_note", related_sudo=False)
    note = fields.Text(required=True)

    def action_confirm(self):
        """Hand the shift over with the note."""
        self.ensure_one()
        self.shift_id.action_hand_over(self.note)
        return {"type": "ir.actions.act_window_close"}
