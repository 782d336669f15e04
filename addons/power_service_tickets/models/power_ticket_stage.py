from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PowerTicketStage(models.Model):
    """A column of the board. What it means is said by its milestone."""

    _name = "power.ticket.stage"
    _description = "Ticket Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    portal_name = fields.Char(
        translate=True, help="What the customer reads; the name when empty."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fold = fields.Boolean("Folded on the Board")
    type_ids = fields.Many2many("power.ticket.type", string="Ticket Types")
    milestone_id = fields.Many2one(
        "power.ticket.milestone",
        index="btree_not_null",
        ondelete="restrict",
        help="What is reached by entering the stage: its time is entered then.",
    )
    pauses_clock = fields.Boolean(
        "Pauses the Clocks",
        help="While a ticket waits here, say for the customer, its clocks rest.",
    )
    is_closed = fields.Boolean("Closed", help="Nothing is left to do.")

    @api.constrains("pauses_clock", "is_closed", "milestone_id")
    def _check_pause(self):
        for stage in self:
            if stage.pauses_clock and (stage.is_closed or stage.milestone_id):
                raise ValidationError(
                    self.env._(
                        "The stage “%(stage)s” can't pause the clocks and also close "
                        "the ticket or reach a milestone: use two stages.",
                        stage=stage.name,
                    )
                )
