from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .power_inspection_checklist import INSPECTION_KINDS

OPEN_STATES = ("draft", "running")


class PowerInspection(models.Model):
    """Walk-round (走动式管理), mystery check (暗访), audit (稽查), line patrol (巡线),
    use-of-power check (用电检查).

    Made on a phone: each line of the checklist is answered by one tap; what isn't right
    is a finding, put right on the spot or by a date (``power.rectification``).
    """

    _name = "power.inspection"
    _inherit = [
        "power.state.mixin",
        "power.station.mixin",
        "power.proof.mixin",
        "power.reach.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Inspection"
    _order = "planned_date desc, id desc"
    _mail_post_access = "read"
    _moved_fields = frozenset(("state", "started_at", "done_at"))
    _reach_fields = ("field_task_id", "supply_point_id")
    _reason_actions = frozenset(("cancel",))

    name = fields.Char("Subject", required=True, tracking=True)
    kind = fields.Selection(INSPECTION_KINDS, required=True, default="walk", index=True)
    checklist_id = fields.Many2one(
        "power.inspection.checklist",
        domain="[('kind', '=', kind)]",
        ondelete="restrict",
        index="btree_not_null",
    )
    inspector_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        check_company=True,
        default=lambda self: self.env.user.employee_id,
        tracking=True,
    )
    inspector_user_id = fields.Many2one(
        related="inspector_id.user_id",
        string="Inspecting User",
        store=True,
        index="btree_not_null",
    )
    team_id = fields.Many2one(
        "hr.department",
        string="Inspected Team",
        domain="[('power_unit', '=', 'team')]",
        index="btree_not_null",
        check_company=True,
    )
    place = fields.Char(help="Which hall, office, post or stretch of line.")
    supply_point_id = fields.Many2one(
        "power.supply.point", index="btree_not_null", check_company=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    element_id = fields.Many2one(
        "power.network.element", index="btree_not_null", check_company=True
    )
    field_task_id = fields.Many2one(
        "power.field.task", copy=False, index="btree_not_null", check_company=True
    )
    planned_date = fields.Date(
        required=True, index=True, default=lambda self: self._get_company_today()
    )
    started_at = fields.Datetime(readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False, index=True)
    line_ids = fields.One2many("power.inspection.line", "inspection_id", copy=False)
    finding_ids = fields.One2many(
        "power.inspection.finding", "inspection_id", copy=False
    )
    notice = fields.Selection(
        [
            ("none", "None"),
            ("hazard", "Hazard notice"),
            ("breach", "Breach notice"),
        ],
        string="Notice to the Customer",
        required=True,
        default="none",
        help="Of a use-of-power check: safety hazards to be removed, or use against "
        "the contract. Printed, and signed by the customer.",
    )
    notice_text = fields.Text("Required of the Customer")
    conclusion = fields.Text()
    open_line_count = fields.Integer("Not Looked At", compute="_compute_counts")
    finding_count = fields.Integer("Findings", compute="_compute_counts")
    points = fields.Float(
        "Points Deducted", compute="_compute_points", store=True, digits=(6, 2)
    )
    state = fields.Selection(
        [
            ("draft", "Planned"),
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

    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    @api.depends("supply_point_id")
    def _compute_partner_id(self):
        for inspection in self:
            inspection.partner_id = (
                inspection.supply_point_id.partner_id or inspection.partner_id
            )

    @api.depends("line_ids.result", "finding_ids")
    def _compute_counts(self):
        lines = dict(
            self.env["power.inspection.line"]._read_group(
                [("inspection_id", "in", self.ids), ("result", "=", "open")],
                ["inspection_id"],
                ["__count"],
            )
        )
        findings = dict(
            self.env["power.inspection.finding"]._read_group(
                [("inspection_id", "in", self.ids)], ["inspection_id"], ["__count"]
            )
        )
        for inspection in self:
            inspection.open_line_count = lines.get(inspection, 0)
            inspection.finding_count = findings.get(inspection, 0)

    @api.depends("planned_date", "state")
    def _compute_is_overdue(self):
        today = self._get_company_today()
        for inspection in self:
            inspection.is_overdue = bool(
                inspection.state in OPEN_STATES
                and inspection.planned_date
                and inspection.planned_date < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "in", OPEN_STATES) & Domain(
            "planned_date", "<", self._get_company_today()
        )

    @api.depends("finding_ids.points")
    def _compute_points(self):
        for inspection in self:
            inspection.points = sum(inspection.finding_ids.mapped("points"))

    def write(self, vals):
        if (
            not self._is_moving()
            and {
                *("kind", "inspector_id", "conclusion", "notice", "notice_text"),
                *("line_ids", "finding_ids", "checklist_id", "planned_date"),
            }
            & vals.keys()
        ):
            self._require_state("draft", "running")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self._require_state("draft")

    def action_start(self):
        """Begin: the checklist is laid out, one line for each of its items.

        :raise UserError: the inspection isn't planned any more
        """
        self.check_access("write")
        self._require_state("draft")
        self._move({"state": "running", "started_at": fields.Datetime.now()})
        self._lay_out()
        return True

    def _lay_out(self):
        """Lines for the checklist's items that have none yet."""
        have = {(line.inspection_id, line.item_id) for line in self.line_ids}
        # Who inspects is given the list; it is a manager's to edit.
        self.env["power.inspection.line"].sudo().create(
            [
                {
                    "inspection_id": inspection.id,
                    "item_id": item.id,
                    "sequence": item.sequence,
                    "name": item.name,
                    "guidance": item.guidance,
                }
                for inspection in self
                for item in inspection.checklist_id.item_ids
                if (inspection, item) not in have
            ]
        )

    def action_done(self):
        """End the inspection: dated findings become rectifications, each once.

        :raise UserError: something was not looked at, a line that isn't right has no
            finding, or a dated finding lacks its person or date
        """
        self.check_access("write")
        self._require_state("running")
        for inspection in self:
            if inspection.open_line_count:
                raise UserError(
                    self.env._(
                        "%(inspection)s: %(count)s things were not looked at yet.",
                        inspection=inspection.name,
                        count=inspection.open_line_count,
                    )
                )
            wrong = inspection.line_ids.filtered(lambda line: line.result == "wrong")
            if wrong - inspection.finding_ids.line_id:
                raise UserError(
                    self.env._(
                        "%(inspection)s: describe what isn't right: %(lines)s",
                        inspection=inspection.name,
                        lines=", ".join(
                            (wrong - inspection.finding_ids.line_id).mapped("name")
                        ),
                    )
                )
        self.finding_ids._make_rectifications()
        self._move({"state": "done", "done_at": fields.Datetime.now()})
        return True

    def action_cancel(self, reason):
        """Give it up before it is done, with the reason."""
        self._cancel(reason, "draft", "running")
        return True

    def action_open_findings(self):
        """Open the findings of this inspection."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_inspection_finding_action"
        )
        action["domain"] = [("inspection_id", "=", self.id)]
        action["context"] = {"default_inspection_id": self.id}
        return action
