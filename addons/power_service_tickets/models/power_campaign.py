from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Six phases of a self-check (自查自纠), three of the others.
PHASES = {
    "self_check": ("mobilise", "check", "plan", "rectify", "accept", "summarise"),
    "publicity": ("mobilise", "carry_out", "summarise"),
    "winter_help": ("mobilise", "carry_out", "summarise"),
}


class PowerCampaign(models.Model):
    """Campaign (专项活动): self-check, safety publicity, winter help.

    Phases follow each other, each with its dates and its person in charge; what was
    reached is counted against targets.
    """

    _name = "power.campaign"
    _inherit = [
        "power.state.mixin",
        "power.station.mixin",
        "power.rectification.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Campaign"
    _order = "date_from desc, id desc"
    _mail_post_access = "read"
    _reason_actions = frozenset(("cancel",))
    _rectification_origin = "campaign"

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(
        [
            ("self_check", "Self-check"),
            ("publicity", "Safety publicity"),
            ("winter_help", "Winter help"),
        ],
        required=True,
        default="self_check",
        index=True,
    )
    owner_id = fields.Many2one(
        "hr.employee",
        string="Person in Charge",
        index=True,
        check_company=True,
        tracking=True,
        default=lambda self: self.env.user.employee_id,
    )
    date_from = fields.Date(required=True, index=True)
    date_to = fields.Date(required=True)
    goal = fields.Text()
    phase_ids = fields.One2many("power.campaign.phase", "campaign_id", copy=False)
    target_ids = fields.One2many("power.campaign.target", "campaign_id", copy=True)
    count_ids = fields.One2many("power.campaign.count", "campaign_id", copy=False)
    progress = fields.Integer(
        compute="_compute_progress", store=True, aggregator="avg", help="Phases done, %"
    )
    current_phase_id = fields.Many2one(
        "power.campaign.phase", compute="_compute_progress", store=True
    )
    has_overdue_phase = fields.Boolean(
        "Phase Overdue",
        compute="_compute_has_overdue_phase",
        search="_search_has_overdue_phase",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Under Way"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )

    _dates_valid = models.Constraint(
        "CHECK (date_to >= date_from)", "A campaign ends after it starts."
    )

    @api.depends("phase_ids.is_done", "phase_ids.sequence")
    def _compute_progress(self):
        for campaign in self:
            phases = campaign.phase_ids.sorted("sequence")
            done = phases.filtered("is_done")
            campaign.progress = 100 * len(done) // len(phases) if phases else 0
            campaign.current_phase_id = (phases - done)[:1]

    @api.depends("phase_ids.is_overdue")
    def _compute_has_overdue_phase(self):
        for campaign in self:
            campaign.has_overdue_phase = any(campaign.phase_ids.mapped("is_overdue"))

    def _search_has_overdue_phase(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("phase_ids", "any", [("is_overdue", "=", True)])

    @api.model_create_multi
    def create(self, vals_list):
        campaigns = super().create(vals_list)
        campaigns.filtered(lambda campaign: not campaign.phase_ids)._make_phases()
        return campaigns

    def _make_phases(self):
        """The phases of the campaigns' kinds, their dates spread over the period."""
        vals_list = []
        for campaign in self:
            kinds = PHASES[campaign.kind]
            days = (campaign.date_to - campaign.date_from).days + 1
            for number, kind in enumerate(kinds):
                first = number * days // len(kinds)
                last = max((number + 1) * days // len(kinds) - 1, first)
                vals_list.append(
                    {
                        "campaign_id": campaign.id,
                        "sequence": 10 * (number + 1),
                        "kind": kind,
                        "owner_id": campaign.owner_id.id,
                        "date_from": fields.Date.add(campaign.date_from, days=first),
                        "date_to": fields.Date.add(campaign.date_from, days=last),
                    }
                )
        self.env["power.campaign.phase"].create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self._require_state("draft")

    def action_start(self):
        """Begin the campaign.

        :raise UserError: it has begun already, or a phase has no person in charge
        """
        self.check_access("write")
        self._require_state("draft")
        for campaign in self:
            for phase in campaign.phase_ids:
                if not phase.owner_id:
                    raise UserError(
                        self.env._(
                            "The phase %(phase)s needs a person in charge.",
                            phase=phase.display_name,
                        )
                    )
        self._move({"state": "running"})
        return True

    def action_cancel(self, reason):
        """Give it up, with the reason; supervisors only."""
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("draft", "running")
        reason = self._require_reason(reason)
        self._move({"state": "cancelled"})
        for campaign in self:
            campaign.message_post(
                body=self.env._("Cancelled: %(reason)s", reason=reason)
            )
        return True
