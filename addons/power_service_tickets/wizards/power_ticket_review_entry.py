from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.power_ticket_event import TOLD_WAYS


class PowerTicketReplyEntry(models.TransientModel):
    """Writes the reply and hands it in for review."""

    _name = "power.ticket.reply.entry"
    _inherit = ["power.reach.mixin"]
    _description = "Reply to a Ticket"

    ticket_id = fields.Many2one("power.ticket", required=True, readonly=True)
    last_note = fields.Text("Sent Back With", compute="_compute_last_note")
    reply = fields.Text(
        required=True,
        compute="_compute_reply",
        store=True,
        readonly=False,
        compute_sudo=False,
        help="Starts with the reply that was sent back.",
    )
    is_told = fields.Boolean(
        "Told the Customer Already",
        help="Somebody told the customer this answer in person. The portal says so; "
        "the words are shown when they have passed the review.",
    )
    told_how = fields.Selection(TOLD_WAYS, "How", default="phone")
    told_by_id = fields.Many2one(
        "res.users",
        string="Who Told It",
        domain="[('share', '=', False)]",
        default=lambda self: self.env.user,
    )
    told_at = fields.Datetime("When", default=fields.Datetime.now)

    @api.depends("ticket_id")
    def _compute_reply(self):
        for entry in self:
            ticket = entry.ticket_id
            entry.reply = entry.reply or (
                ticket.review_state == "sent_back" and ticket.reply
            )

    @api.depends("ticket_id")
    def _compute_last_note(self):
        for entry in self:
            last = entry.ticket_id.review_ids[:1]
            entry.last_note = last.kind == "sent_back" and "\n".join(
                filter(None, [", ".join(last.reason_ids.mapped("name")), last.note])
            )

    def action_confirm(self):
        """Hand the reply in; with ``is_told`` it is entered that the customer heard
        it."""
        self.ensure_one()
        if not self.is_told:
            self.ticket_id.submit_reply(self.reply)
            return {"type": "ir.actions.act_window_close"}
        if not (self.told_how and self.told_by_id and self.told_at):
            raise UserError(
                self.env._("Say how the customer was told, by whom and when.")
            )
        self.ticket_id.answer(
            self.reply, self.told_at, self.told_how, self.told_by_id.id
        )
        return {"type": "ir.actions.act_window_close"}


class PowerTicketReviewEntry(models.TransientModel):
    """Judges the reply: true, accurate, complete, or back with reasons."""

    _name = "power.ticket.review.entry"
    _inherit = ["power.reach.mixin"]
    _description = "Review of a Reply"

    ticket_id = fields.Many2one("power.ticket", required=True, readonly=True)
    # Not as superuser: whoever may not read the ticket reads nothing of it here.
    description = fields.Text(related="ticket_id.description", related_sudo=False)
    reply = fields.Text(related="ticket_id.reply", related_sudo=False)
    reply_user_id = fields.Many2one(
        related="ticket_id.reply_user_id", related_sudo=False
    )
    told_how = fields.Selection(related="ticket_id.told_how", related_sudo=False)
    told_by_id = fields.Many2one(related="ticket_id.told_by_id", related_sudo=False)
    told_at = fields.Datetime(related="ticket_id.told_at", related_sudo=False)
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
        passed = self.is_true and self.is_accurate and self.is_complete
        self.ticket_id.review(
            self.is_true,
            self.is_accurate,
            self.is_complete,
            note=self.note,
            # The window hides what was chosen before the last tick.
            reason_ids=[] if passed else self.reason_ids.ids,
        )
        return {"type": "ir.actions.act_window_close"}
