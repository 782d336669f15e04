from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class PowerCampaignPhase(models.Model):
    """A phase: from, to, who, and what came of it. One after the other."""

    _name = "power.campaign.phase"
    _inherit = ["power.state.mixin", "power.proof.mixin"]
    _description = "Campaign Phase"
    _order = "campaign_id, sequence, id"
    _moved_fields = frozenset(("is_done", "done_at", "done_by"))

    campaign_id = fields.Many2one(
        "power.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="campaign_id.station_id", store=True, index=True
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("mobilise", "Mobilise"),
            ("check", "Self-check"),
            ("plan", "Make a plan"),
            ("rectify", "Rectify"),
            ("accept", "Check and accept"),
            ("carry_out", "Carry out"),
            ("summarise", "Summarise"),
        ],
        string="Phase",
        required=True,
    )
    owner_id = fields.Many2one(
        "hr.employee", string="Person in Charge", index="btree_not_null"
    )
    date_from = fields.Date("First Day", required=True)
    date_to = fields.Date("Last Day", required=True, index=True)
    result = fields.Text(help="What the phase brought.")
    is_done = fields.Boolean("Done", readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False)
    done_by = fields.Many2one("res.users", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _dates_valid = models.Constraint(
        "CHECK (date_to >= date_from)", "A phase ends after it starts."
    )
    _kind_uniq = models.UniqueIndex(
        "(campaign_id, kind)", "A campaign has each phase once."
    )

    @api.depends("kind", "campaign_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for phase in self:
            phase.display_name = kinds.get(phase.kind)

    @api.depends("date_to", "is_done", "campaign_id.state")
    def _compute_is_overdue(self):
        today = self.env["power.campaign"]._get_company_today()
        for phase in self:
            phase.is_overdue = bool(
                not phase.is_done
                and phase.campaign_id.state == "running"
                and phase.date_to
                and phase.date_to < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env["power.campaign"]._get_company_today()
        return (
            Domain("is_done", "=", False)
            & Domain("campaign_id.state", "=", "running")
            & Domain("date_to", "<", today)
        )

    @api.constrains("date_from", "date_to", "sequence", "campaign_id")
    def _check_in_order(self):
        for campaign in self.campaign_id:
            phases = campaign.phase_ids.sorted("sequence")
            for former, phase in zip(phases, phases[1:], strict=False):
                if phase.date_from < former.date_from:
                    raise UserError(
                        self.env._(
                            "%(phase)s can't begin before %(former)s.",
                            phase=phase.display_name,
                            former=former.display_name,
                        )
                    )

    def write(self, vals):
        if not self._is_moving() and any(phase.is_done for phase in self):
            raise UserError(self.env._("A phase that is done stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        self.campaign_id._require_state("draft")

    def action_done(self):
        """Say that a phase is over; the last one ends the campaign.

        :raise UserError: the campaign isn't under way, the phase before isn't done, or
            nothing is said of what it brought
        """
        self.ensure_one()
        self.check_access("write")
        self.campaign_id._require_state("running")
        before = self.campaign_id.phase_ids.filtered(
            lambda phase: (phase.sequence, phase.id) < (self.sequence, self.id)
        )
        waiting = before.filtered(lambda phase: not phase.is_done)
        if waiting:
            raise UserError(
                self.env._(
                    "%(former)s has to be done before %(phase)s.",
                    former=waiting[0].display_name,
                    phase=self.display_name,
                )
            )
        if not (self.result or "").strip():
            raise UserError(self.env._("Say what the phase brought."))
        if self.is_done:
            raise UserError(self.env._("A phase that is done stays as it is."))
        self._move(
            {
                "is_done": True,
                "done_at": fields.Datetime.now(),
                "done_by": self.env.uid,
            }
        )
        if all(self.campaign_id.phase_ids.mapped("is_done")):
            # Who ends the last phase ends the campaign, a supervisor's to edit.
            self.campaign_id.sudo()._move({"state": "done"})
        return True
