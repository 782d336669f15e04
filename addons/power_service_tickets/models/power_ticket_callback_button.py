# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import models
from odoo.exceptions import UserError


class PowerTicketCallback(models.Model):
    """The buttons of a call-back."""

    _inherit = "power.ticket.callback"

    def action_reached_satisfied(self):
        """One tap: reached, and satisfied."""
        return self.register_attempt("reached", satisfaction="satisfied")

    def action_not_reached(self):
        """One tap: nobody answered; says when to call again."""
        self.register_attempt("not_reached")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": "\n".join(call._get_next_text() for call in self),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_refused(self):
        """One tap: the customer wants no call."""
        return self.register_attempt("refused")

    def action_unsatisfied(self):
        """Open the window that asks why the customer isn't satisfied."""
        if len(self) != 1:
            raise UserError(self.env._("One call-back is entered at a time."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not satisfied"),
            "res_model": "power.ticket.callback.entry",
            "view_mode": "form",
            "target": "new",
            "context": {"default_callback_id": self.id},
        }

    def action_take(self):
        """Make these call-backs the user's."""
        self._check_may_call()
        self.sudo().write({"user_id": self.env.uid})  # checked before
        return True

    def _get_next_text(self):
        """What comes after a call that nobody answered, in the user's language."""
        self.ensure_one()
        if self.state != "open":
            reasons = dict(self._fields["end_reason"]._description_selection(self.env))
            return f"{self.ticket_id.name}: {reasons.get(self.end_reason, '')}"
        rules = self._get_parts()[1]
        return self.env._(
            "%(ticket)s: call again from %(time)s on.",
            ticket=self.ticket_id.name,
            time=self._get_time_text(self.next_at, rules),
        )
