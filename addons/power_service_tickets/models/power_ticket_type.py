from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.ticket_projection import Stages
from .power_ticket import PRIORITIES


class PowerTicketType(models.Model):
    """What a request is: complaint, enquiry, fault report and so on."""

    _name = "power.ticket.type"
    _description = "Ticket Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="The name used by programs.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True, help="When a request is of this type.")
    milestone_ids = fields.Many2many(
        "power.ticket.milestone",
        help="What its tickets pass, in this order; others can't be entered.",
    )
    stage_ids = fields.Many2many("power.ticket.stage")
    category_ids = fields.One2many("power.ticket.category", "type_id")
    priority = fields.Selection(PRIORITIES, required=True, default="0")
    is_complaint = fields.Boolean(
        help="Its tickets are graded, reviewed before closing and never merged."
    )
    is_confidential = fields.Boolean(
        help="Reports of wrongdoing (举报): quality staff only, never the one reported."
    )
    needs_review = fields.Boolean(
        "Reply is Reviewed",
        help="Somebody else than its author checks that the reply is true, accurate "
        "and complete before the ticket is closed.",
    )
    needs_callback = fields.Boolean("Call-back", help="The customer is called back.")
    is_mergeable = fields.Boolean(
        "May be Merged", help="Reports of one and the same fault may become one."
    )
    may_repeat = fields.Boolean(
        "Can Repeat Another",
        default=True,
        help="A ticket of this type can be the repeat of an earlier one on the same "
        "matter. Earlier ones of all types count.",
    )
    is_portal = fields.Boolean("Offered in the Portal", default=True)

    _code_uniq = models.UniqueIndex("(code)", "Another type already has this code.")

    @api.constrains("is_complaint", "is_mergeable")
    def _check_mergeable(self):
        for ticket_type in self:
            if ticket_type.is_complaint and ticket_type.is_mergeable:
                raise ValidationError(
                    self.env._(
                        "Complaints are never merged: each customer gets an answer. "
                        "Untick one of the two on “%(type)s”.",
                        type=ticket_type.name,
                    )
                )

    def _is_about_supply(self):
        """Whether tickets of this type are about supply at a point: it is restored."""
        self.ensure_one()
        return "restored" in self.milestone_ids.mapped("code")

    @api.model
    def _get_by_code(self, code):
        """The type with this code, or an empty one."""
        return self.search([("code", "=", code)], limit=1)

    def _get_initial_stages(self):
        """Dict of type id to the id of the stage of new tickets, False without."""
        return {
            ticket_type.id: ticket_type.stage_ids.sorted()[:1].id
            for ticket_type in self
        }

    def _get_stages(self):
        """Dict of type id to its stages, as the projection wants them.

        :rtype: dict[int, Stages]
        """
        found = {}
        for ticket_type in self:
            stages = ticket_type.stage_ids.sorted()
            open_stages = stages.filtered(lambda stage: not stage.is_closed)
            working = open_stages.filtered(
                lambda stage: (
                    not stage.pauses_clock
                    and stage.milestone_id.code
                    not in ("received", "answered", "restored")
                )
            )
            found[ticket_type.id] = Stages(
                initial=stages[:1].id or None,
                order={stage.id: place for place, stage in enumerate(stages)},
                by_milestone={
                    stage.milestone_id.code: stage.id
                    for stage in stages
                    if stage.milestone_id
                },
                pausing=stages.filtered("pauses_clock")[:1].id or None,
                ended=stages.filtered(
                    lambda stage: stage.is_closed and not stage.milestone_id
                )[:1].id
                or None,
                working=working[:1].id or None,
            )
        return found
