from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.power_service_base.models.power_grid_area import REGION_TYPES
from odoo.addons.power_service_base.models.power_supply_point import (
    CUSTOMER_CLASSES,
    IMPORTANCE_GRADES,
)

from ..core.escalation import Step
from ..core.sla_facts import Policy
from ..core.sla_match import Matcher, MatchRule
from .power_ticket import CHANNELS, PRIORITIES

UNITS = [
    ("minute", "Minutes"),
    ("day", "Days"),
    ("working_minute", "Working minutes"),
    ("working_day", "Working days"),
]
# What can be asked of a ticket; empty means any.
CRITERIA = (
    "type_ids",
    "category_ids",
    "station_ids",
    "segment_ids",
    "region_type",
    "customer_class",
    "importance_grade",
    "priority",
    "channel",
)


class PowerSlaPolicy(models.Model):
    """A promise: from one milestone to another within a time.

    For each target milestone the most specific policy that fits a ticket holds
    (``core/sla_match.py``), and the ticket's form says why.
    """

    _name = "power.sla.policy"
    _description = "Service Promise"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="All companies when empty."
    )
    type_ids = fields.Many2many("power.ticket.type", string="Ticket Types")
    category_ids = fields.Many2many(
        "power.ticket.category", string="Categories", help="With those below them."
    )
    station_ids = fields.Many2many(
        "hr.department", string="Stations", domain="[('power_unit', '=', 'station')]"
    )
    segment_ids = fields.Many2many("power.customer.segment", string="Segments")
    region_type = fields.Selection(REGION_TYPES)
    customer_class = fields.Selection(CUSTOMER_CLASSES)
    importance_grade = fields.Selection(IMPORTANCE_GRADES)
    priority = fields.Selection(PRIORITIES)
    channel = fields.Selection(CHANNELS)
    start_milestone_id = fields.Many2one(
        "power.ticket.milestone",
        string="From",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["power.ticket.milestone"].search(
            [("code", "=", "received")], limit=1
        ),
    )
    target_milestone_id = fields.Many2one(
        "power.ticket.milestone",
        string="To",
        required=True,
        ondelete="restrict",
        index=True,
    )
    duration = fields.Integer("Within", required=True)
    unit = fields.Selection(UNITS, required=True, default="working_day")
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Time",
        help="Working minutes and days are counted by it; by the station's, else the "
        "company's, when empty.",
    )
    warn_at_percent = fields.Integer(
        "Warn At",
        default=80,
        help="Part of the time after which a warning goes out; 0 for none.",
    )
    restart = fields.Selection(
        [
            ("reopened", "Runs again from the reopening"),
            ("milestone", "Runs again from its next start milestone"),
            ("never", "Doesn't run again"),
        ],
        string="After Reopening",
        required=True,
        default="reopened",
    )
    escalation_ids = fields.Many2many("power.sla.escalation", string="Ladder")
    source = fields.Text(
        translate=True, help="Where the promise comes from, and since when."
    )

    _duration_positive = models.Constraint(
        "CHECK (duration > 0)", "A promise needs a time of at least 1."
    )
    _warn_valid = models.Constraint(
        "CHECK (warn_at_percent BETWEEN 0 AND 99)",
        "The warning comes before the deadline: at 0 to 99 per cent of the time.",
    )

    @api.constrains("start_milestone_id", "target_milestone_id")
    def _check_milestones(self):
        for policy in self:
            if policy.start_milestone_id == policy.target_milestone_id:
                raise ValidationError(
                    self.env._(
                        "%(policy)s: a promise runs from one milestone to another; "
                        "choose two different ones.",
                        policy=policy.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._schedule_recompute()
        return policies

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"sequence", "name", "source"} or "sequence" in vals:
            self._schedule_recompute()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        clocks = self.env["power.sla.clock"].sudo()  # of all stations
        if clocks.search_count([("policy_id", "in", self.ids)], limit=1):
            raise ValidationError(
                self.env._("Clocks were counted by this promise: archive it instead.")
            )

    def _schedule_recompute(self):
        """Have the clocks of open tickets counted again; see the job of clocks."""
        self.env["power.sla.clock"]._schedule_recompute()

    # Matching -----------------------------------------------------------------------

    @api.model
    def _get_compiled(self):
        """All promises, ready for matching many tickets; a constant number of queries.

        :rtype: CompiledPolicies
        """
        policies = self.with_context(active_test=False).search([])
        # Of all companies: the clocks of others are counted too.
        return CompiledPolicies(policies, self.env["res.company"].sudo().search([]))

    @api.model
    def _get_calendars(self):
        """Dict of policy id to its own calendar, of those that have one."""
        policies = self.search([("calendar_id", "!=", False)])
        return {policy.id: policy.calendar_id for policy in policies}

    def _prepare_match_rule(self, company):
        self.ensure_one()
        return MatchRule(
            id=self.id,
            company_id=company.id,
            target=self.target_milestone_id.code,
            sequence=self.sequence,
            category_ids=frozenset(self.category_ids.ids),
            type_ids=frozenset(self.type_ids.ids),
            regions=_one(self.region_type),
            customer_classes=_one(self.customer_class),
            importances=_one(self.importance_grade),
            segment_ids=frozenset(self.segment_ids.ids),
            priorities=_one(self.priority),
            channels=_one(self.channel),
            station_ids=frozenset(self.station_ids.ids),
        )

    def _prepare_promise(self):
        self.ensure_one()
        return Policy(
            self.start_milestone_id.code,
            self.target_milestone_id.code,
            self.duration,
            self.unit,
            self.warn_at_percent,
            self.restart,
            key=self.id,
        )

    def _prepare_steps(self):
        """The ladder, as the rule of escalations wants it."""
        self.ensure_one()
        steps = []
        for rung in self.escalation_ids:
            if not rung.active:
                continue
            basis = "working_minute" if rung.in_working_time else "minute"
            amount = rung.minutes
            if rung.moment == "warning":
                basis, amount = "percent", self.warn_at_percent or 100
            elif rung.moment == "missed":
                basis, amount = "minute", 0
            elif rung.moment == "before":
                amount = -rung.minutes
            steps.append(Step(f"step{rung.id}", basis, amount, rung.whom, rung.how))
        return tuple(steps)


class CompiledPolicies:
    """The promises in force, for one batch."""

    def __init__(self, policies, companies):
        self.promises = {policy.id: policy._prepare_promise() for policy in policies}
        self.steps = {policy.id: policy._prepare_steps() for policy in policies}
        self.targets = {policy.id: policy.target_milestone_id for policy in policies}
        live = policies.filtered("active")
        self._matchers = {
            company.id: Matcher(
                policy._prepare_match_rule(company)
                for policy in live
                if policy.company_id in (company, policy.company_id.browse())
            )
            for company in companies
        }

    def match(self, facts):
        """Dict of target milestone code to the winning match for a ticket."""
        return self._matchers[facts.company_id].match(facts)


def _one(value):
    return frozenset((value,)) if value else frozenset()
