from odoo import fields, models


class PowerTicketReplyEntry(models.TransientModel):
    """Writes the reply and hands it in for review."""

    _name = "power.ticket.reply.entry"
    _description = "Reply to a Ticket"

    ticket_id = fields.Many2one("power.ticket", required=True, readonly=True)
    last_note = fields.Text("Sent Back With", compute="_compute_last_note")
    reply = fields.Text(required=True)
    is_answered = fields.Boolean(
        "The Customer Has This Answer",
        default=True,
        help="Also enters that the customer was answered now. Untick it to have the "
        "reply reviewed first.",
    )

    def _compute_last_note(self):
        for entry in self:
            last = entry.ticket_id.review_ids[:1]
            entry.last_note = last.kind == "sent_back" and "\n".join(
                filter(None, [", ".join(last.reason_ids.mapped("name")), last.note])
            )

    def action_confirm(self):
        """Hand the reply in; with ``is_answered`` the answer is entered too."""
        self.ensure_one()
        if self.is_answered and not self.ticket_id.answered_at:
            self.ticket_id.answer(self.reply)
        else:
            self.ticket_id.submit_reply(self.reply)
        return {"type": "ir.actions.act_window_close"}


class PowerTicketReviewEntry(models.TransientModel):
    """Judges the reply: true, accurate, complete, or back with reasons."""

    _name = "power.ticket.review.entry"
    _description = "Review of a Reply"

    ticket_id = fields.Many2one("power.ticket", required=True, readonly=True)
    description = fields.Text(related="ticket_id.description")
    reply = fields.Text(related="ticket_id.reply")
    reply_user_id = fields.Many2one(related="ticket_id.reply_user_id")
    is_true = fields.Boolean("True")
    is_accurate = fields.Boolean("Accurate")
    is_complete = fields.Boolean("Complete")
    reason_ids = fields.Many2many(
        "power.ticket.reason", string="Reasons", domain="[('kind', '=', 'reply')]"
    )
    note = fields.Text()

    def action_confirm(self):
        """Pass the reply when all three are ticked, else send it back."""
        self.ensure_one()
        self.ticket_id.review(
            self.is_true,
            self.is_accurate,
            self.is_complete,
            note=self.note,
            reason_ids=self.reason_ids.ids,
        )
        return {"type": "ir.actions.act_window_close"}
