# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class PowerTicket(models.Model):
    """First-asked responsibility (首问负责制): who was asked first calls back."""

    _inherit = "power.ticket"

    is_callback_due = fields.Boolean(
        "Call-back Due",
        compute="_compute_is_callback_due",
        search="_search_is_callback_due",
        help="Answered, and the customer has not been called back yet.",
    )

    @api.depends("answered_at", "type_id.needs_callback", "callback_ids.state")
    def _compute_is_callback_due(self):
        for ticket in self:
            # Who sees the ticket sees whether the customer was called back.
            made = ticket.sudo().callback_ids.filtered(
                lambda callback, ticket=ticket: (
                    callback.cycle == ticket.cycle and callback.state != "open"
                )
            )
            ticket.is_callback_due = bool(
                ticket.answered_at
                and ticket.type_id.needs_callback
                and not ticket.is_anonymous
                and not ticket.ended_by
                and not made
            )

    @api.model
    def _search_is_callback_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        callbacks = self.env["power.ticket.callback"]
        callbacks.flush_model(["ticket_id", "cycle", "state"])
        self.flush_model(["cycle"])
        # Of the ticket's present cycle, as above.
        made = SQL(
            "(SELECT callback.ticket_id FROM power_ticket_callback AS callback"
            " JOIN power_ticket AS ticket ON ticket.id = callback.ticket_id"
            " AND ticket.cycle = callback.cycle WHERE callback.state <> 'open')"
        )
        return (
            Domain("answered_at", "!=", False)
            & Domain("type_id.needs_callback", "=", True)
            & Domain("is_anonymous", "=", False)
            & Domain("ended_by", "=", False)
            & Domain("id", "not in", made)
        )
