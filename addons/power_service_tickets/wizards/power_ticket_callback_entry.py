from odoo import fields, models


class PowerTicketCallbackEntry(models.TransientModel):
    """Asks why a customer isn't satisfied, and what is done about it."""

    _name = "power.ticket.callback.entry"
    _inherit = ["power.reach.mixin"]
    _description = "Not Satisfied"

    callback_id = fields.Many2one("power.ticket.callback", required=True, readonly=True)
    reason_ids = fields.Many2many(
        "power.ticket.reason",
        string="Reasons",
        required=True,
        domain="[('kind', '=', 'unsatisfied')]",
    )
    note = fields.Text("In the Customer's Words")
    follow_up = fields.Selection(
        [
            ("reopen", "Reopen the ticket"),
            ("opinion", "Make it an opinion"),
            ("none", "Nothing"),
        ],
        required=True,
        default="reopen",
    )

    def action_confirm(self):
        """Enter the call and do what was chosen."""
        self.ensure_one()
        self.callback_id.register_attempt(
            "reached",
            satisfaction="unsatisfied",
            note=self.note,
            reason_ids=self.reason_ids.ids,
            follow_up=self.follow_up,
        )
        return {"type": "ir.actions.act_window_close"}
