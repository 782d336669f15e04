from odoo import api, fields, models

MEASURES = [
    ("people", "People reached"),
    ("leaflets", "Leaflets handed out"),
    ("visits", "Visits"),
    ("households", "Households helped"),
    ("hazards", "Hazards removed"),
    ("problems", "Problems found"),
]


class PowerCampaignTarget(models.Model):
    """What a campaign is to reach, and what it has reached."""

    _name = "power.campaign.target"
    _description = "Campaign Target"
    _order = "campaign_id, id"
    _rec_name = "measure"

    campaign_id = fields.Many2one(
        "power.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="campaign_id.station_id", store=True, index=True
    )
    measure = fields.Selection(MEASURES, string="What Is Counted", required=True)
    target = fields.Integer(required=True)
    reached = fields.Integer(compute="_compute_reached")
    progress = fields.Integer(compute="_compute_reached", help="Reached, % of target")

    _measure_uniq = models.UniqueIndex(
        "(campaign_id, measure)", "A campaign has one target of a measure."
    )
    _target_valid = models.Constraint("CHECK (target > 0)", "A target lies above zero.")

    @api.depends("target", "campaign_id.count_ids.quantity", "measure")
    def _compute_reached(self):
        reached = {
            (campaign.id, measure): quantity
            for campaign, measure, quantity in self.env[
                "power.campaign.count"
            ]._read_group(
                [("campaign_id", "in", self.campaign_id.ids)],
                ["campaign_id", "measure"],
                ["quantity:sum"],
            )
        }
        for target in self:
            target.reached = reached.get((target.campaign_id.id, target.measure), 0)
            target.progress = (
                100 * target.reached // target.target if target.target else 0
            )


class PowerCampaignCount(models.Model):
    """So many people, leaflets or visits on a day."""

    _name = "power.campaign.count"
    _inherit = ["power.proof.mixin"]
    _description = "Campaign Count"
    _order = "date desc, id desc"
    _rec_name = "measure"

    campaign_id = fields.Many2one(
        "power.campaign", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="campaign_id.station_id", store=True, index=True
    )
    kind = fields.Selection(
        related="campaign_id.kind", string="Campaign Kind", store=True
    )
    date = fields.Date(
        required=True,
        index=True,
        default=lambda self: self.env["power.campaign"]._get_company_today(),
    )
    measure = fields.Selection(
        MEASURES, string="What Is Counted", required=True, default="people"
    )
    quantity = fields.Integer(required=True)
    place = fields.Char()
    note = fields.Char()
    employee_id = fields.Many2one(
        "hr.employee", index=True, default=lambda self: self.env.user.employee_id
    )

    _quantity_valid = models.Constraint(
        "CHECK (quantity > 0)", "A count lies above zero."
    )

    @api.model_create_multi
    def create(self, vals_list):
        counts = super().create(vals_list)
        counts.campaign_id._require_state("running")
        return counts

    def write(self, vals):
        self.campaign_id._require_state("running")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended(self):
        self.campaign_id._require_state("running")
