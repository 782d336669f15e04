from odoo import fields, models

REASON_KINDS = [
    ("returned", "Return"),
    ("paused", "Waiting"),
    ("cancelled", "Cancelling"),
    ("extended", "Extension"),
    ("exempted", "Exemption"),
    ("reopened", "Reopening"),
    ("reply", "Reply sent back"),
    ("unsatisfied", "Not satisfied"),
]


class PowerTicketReason(models.Model):
    """Why a ticket is returned, waits, ends or is extended: a list that is counted."""

    _name = "power.ticket.reason"
    _description = "Ticket Reason"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(REASON_KINDS, required=True, index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    needs_approval = fields.Boolean(help="A supervisor has to enter it.")
