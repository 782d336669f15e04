from odoo import api, fields, models
from odoo.exceptions import UserError


class PowerServiceMeetingFigure(models.Model):
    """A figure of a meeting, as it was when it was prepared."""

    _name = "power.service.meeting.figure"
    _description = "Meeting Figure"
    _order = "meeting_id, sequence, id"

    meeting_id = fields.Many2one(
        "power.service.meeting", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="meeting_id.station_id", store=True, index=True
    )
    sequence = fields.Integer()
    group = fields.Selection(
        [
            ("tickets", "Requests"),
            ("complaints", "Complaints by class"),
            ("quality", "Service quality"),
        ],
        required=True,
    )
    name = fields.Char("Figure", required=True)
    value = fields.Float(digits=(12, 2))
    value_text = fields.Char("This Month", compute="_compute_value_text")
    # Text keeps "nothing to compare" apart from 0.
    previous = fields.Char("Month Before")
    last_year = fields.Char("Year Before")
    change = fields.Float("Change, %", compute="_compute_change")

    @api.depends("value")
    def _compute_value_text(self):
        for figure in self:
            figure.value_text = f"{figure.value:g}"

    @api.depends("value", "previous")
    def _compute_change(self):
        for figure in self:
            before = float(figure.previous or 0)
            figure.change = (
                round(100 * (figure.value - before) / before, 1) if before else 0
            )


class PowerServiceMeetingDecision(models.Model):
    """What a meeting decided: who does it, until when."""

    _name = "power.service.meeting.decision"
    _inherit = ["power.state.mixin", "power.rectification.mixin", "power.reach.mixin"]
    _reach_fields = ("rectification_id",)
    _description = "Meeting Decision"
    _order = "meeting_id, id"
    _moved_fields = frozenset(("rectification_id",))
    _rectification_origin = "meeting"

    meeting_id = fields.Many2one(
        "power.service.meeting", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="meeting_id.station_id", store=True, index=True
    )
    name = fields.Char("Decision", required=True)
    owner_id = fields.Many2one("hr.employee", string="Person in Charge")
    due_date = fields.Date()
    rectification_id = fields.Many2one(
        "power.rectification",
        string="Put Right By",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    rectification_state = fields.Selection(
        related="rectification_id.state", string="Rectification State"
    )

    @api.model_create_multi
    def create(self, vals_list):
        decisions = super().create(vals_list)
        decisions.meeting_id._require_state("draft", "prepared")
        return decisions

    def write(self, vals):
        if not self._is_moving():
            self.meeting_id._require_state("draft", "prepared")
            if any(decision.rectification_id for decision in self):
                raise UserError(
                    self.env._("This decision is a rectification already: change that.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        self.meeting_id._require_state("draft", "prepared", "cancelled")
        if any(decision.rectification_id for decision in self):
            raise UserError(
                self.env._("This decision is a rectification already: change that.")
            )

    def action_make_rectification(self):
        """Make a rectification of the decision, once.

        :raise UserError: person or date is missing
        """
        self.check_access("write")
        self._make_rectifications()
        return True

    def _make_rectifications(self):
        """Rectifications of the decisions that name a person and have none yet.

        :return: the new ones, given to their persons in charge
        :raise UserError: somebody is named, but no date
        """
        todo = self.filtered(
            lambda decision: decision.owner_id and not decision.rectification_id
        )
        for decision in todo:
            if not decision.due_date:
                raise UserError(
                    self.env._("%(decision)s: until when?", decision=decision.name)
                )
        rectifications = self.env["power.rectification"].create(
            [decision._prepare_rectification_vals() for decision in todo]
        )
        for decision, rectification in zip(todo, rectifications, strict=True):
            decision._move({"rectification_id": rectification.id})
        if rectifications:
            rectifications.action_open()
        return rectifications

    def _prepare_rectification_vals(self):
        return super()._prepare_rectification_vals() | {
            "name": self.name,
            "measure": self.name,
            "owner_id": self.owner_id.id,
            "due_date": self.due_date,
        }
