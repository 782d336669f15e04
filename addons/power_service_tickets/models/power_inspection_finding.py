from odoo import api, fields, models
from odoo.exceptions import UserError

from .power_rectification import SEVERITIES


class PowerInspectionFinding(models.Model):
    """What an inspection found: fixed on the spot, or by a date."""

    _name = "power.inspection.finding"
    _inherit = [
        "power.proof.mixin",
        "power.rectification.mixin",
        "power.reach.mixin",
    ]
    _reach_fields = ("rectification_id",)
    _description = "Inspection Finding"
    _order = "id desc"
    _proof_fields = ("before_ids", "proof_ids")
    _rectification_origin = "inspection"

    inspection_id = fields.Many2one(
        "power.inspection", required=True, index=True, ondelete="restrict"
    )
    line_id = fields.Many2one(
        "power.inspection.line", index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="inspection_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="inspection_id.station_id", store=True, index=True
    )
    kind = fields.Selection(related="inspection_id.kind", store=True)
    team_id = fields.Many2one(related="inspection_id.team_id", store=True)
    inspection_state = fields.Selection(
        related="inspection_id.state", string="Inspection State"
    )
    date = fields.Date(related="inspection_id.planned_date", store=True, index=True)
    name = fields.Char("What Isn't Right", required=True)
    description = fields.Text()
    severity = fields.Selection(
        SEVERITIES, required=True, default="general", index=True
    )
    points = fields.Float(default=1.0, digits=(6, 2))
    before_ids = fields.Many2many(
        "ir.attachment",
        "power_inspection_finding_before_rel",
        "finding_id",
        "attachment_id",
        copy=False,
        ondelete="restrict",
        bypass_search_access=True,
        help="Photos of how it was. Once saved they can't be changed or deleted.",
    )
    proof_ids = fields.Many2many(
        string="After",
        help="Photos of how it is now. Once saved they can't be changed or deleted.",
    )
    handling = fields.Selection(
        [
            ("spot", "Fixed on the spot"),
            ("dated", "By a date"),
            ("noted", "Noted only"),
        ],
        string="What Is Done",
        required=True,
        default="dated",
    )
    measure = fields.Text()
    owner_id = fields.Many2one(
        "hr.employee", string="Person in Charge", check_company=True
    )
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

    _line_uniq = models.UniqueIndex(
        "(line_id) WHERE line_id IS NOT NULL", "This line has its finding already."
    )
    _points_valid = models.Constraint(
        "CHECK (points BETWEEN 0 AND 100)", "Points lie between 0 and 100."
    )

    @api.model_create_multi
    def create(self, vals_list):
        findings = super().create(vals_list)
        findings.inspection_id._require_state("draft", "running")
        return findings

    def write(self, vals):
        if vals.keys() - {"rectification_id", "proof_ids"}:
            self.inspection_id._require_state("draft", "running")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self.inspection_id._require_state("draft", "running")

    def _make_rectifications(self):
        """Rectifications of the dated findings that have none yet.

        :return: the new ones, given to their persons in charge
        :raise UserError: a finding lacks its person or date, or one fixed on the spot
            its photo afterwards
        """
        for finding in self:
            if finding.handling == "dated" and not (
                finding.owner_id and finding.due_date
            ):
                raise UserError(
                    self.env._(
                        "%(finding)s: who puts it right, until when?",
                        finding=finding.name,
                    )
                )
            if finding.handling == "spot" and not finding.proof_ids:
                raise UserError(
                    self.env._(
                        "“%(finding)s” was fixed on the spot: add a photo of how it is "
                        "now.",
                        finding=finding.name,
                    )
                )
        dated = self.filtered(
            lambda finding: finding.handling == "dated" and not finding.rectification_id
        )
        # Field staff who inspect may enter no other rectifications.
        rectifications = (
            self.env["power.rectification"]
            .sudo()
            .create([finding._prepare_rectification_vals() for finding in dated])
        )
        for finding, rectification in zip(dated, rectifications, strict=True):
            finding.rectification_id = rectification
            for photo in finding.before_ids:
                rectification._add_proof(
                    photo.name, photo.raw, photo.mimetype, "before_ids"
                )
        if rectifications:
            rectifications.action_open()
        return rectifications

    def _prepare_rectification_vals(self):
        return super()._prepare_rectification_vals() | {
            "name": self.name,
            "severity": self.severity,
            "cause": self.description,
            "measure": self.measure or self.name,
            "owner_id": self.owner_id.id,
            "due_date": self.due_date,
        }
