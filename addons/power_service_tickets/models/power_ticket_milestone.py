from odoo import fields, models


class PowerTicketMilestone(models.Model):
    """A point on a ticket's way that promises are counted from and to.

    Clocks and times name milestones, never stages: a stage may be renamed, moved or
    taken away and the history stays as it was.
    """

    _name = "power.ticket.milestone"
    _description = "Ticket Milestone"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="The name used by programs: policies, interfaces and reports.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        "(code)", "Another milestone already has this code."
    )
