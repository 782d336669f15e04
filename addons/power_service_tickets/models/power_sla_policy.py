from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.power_service_base.models.power_grid_area import REGION_TYPES
from odoo.addons.power_service_base.models.power_supply_point import (
    CUSTOMER_CLASSES,
    IMPORTANCE_GRADES,
)

from ..core.sla_policies import compile_policies
from .power_ticket import CHANNELS, PRIORITIES

UNITS = [
    ("minute", "Minutes"),
    ("day", "Calendar days"),
    ("working_minute", "Working minutes"),
    ("working_day", "Working days"),
]
# Criteria with several values; empty means any.
MANY_CRITERIA = ("type_ids", "category_ids", "station_ids", "segment_ids")


class PowerSlaPolicy(models.Model):
    """A promise: from one milestone to another within a time.

    For each start and target milestone the most specific policy that fits a ticket
    holds (``core/sla_match.py``), and the ticket's form says why.
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
        string="From Milestone",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["power.ticket.milestone"].search(
            [("code", "=", "received")], limit=1
        ),
    )
    target_milestone_id = fields.Many2one(
        "power.ticket.milestone",
        string="To Milestone",
        required=True,
        ondelete="restrict",
        index=True,
    )
    also_reached_by_ids = fields.Many2many(
        "power.ticket.milestone",
        "power_sla_policy_also_reached_by_rel",
        string="Also Kept By",
        help="Milestones that keep the promise as well: whoever is given the answer "
        "has been contacted.",
    )
    void_once_ids = fields.Many2many(
        "power.ticket.milestone",
        "power_sla_policy_void_once_rel",
        string="Not Needed After",
        help="Once one of these is reached in time, the promise is no longer needed "
        "and counts neither way: no crew has to come when power is back before.",
    )
    duration = fields.Integer("Within", required=True)
    unit = fields.Selection(UNITS, required=True, default="working_day")
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Time",
        help="Working minutes and days are counted by it; by the station's, else the "
        "company's, when empty.",
    )
    is_next_day_after_hours = fields.Boolean(
        "After Hours Counts for the Next Day",
        help="What comes outside of the working hours is counted as come on the next "
        "working day; else it counts for the day it came.",
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
    _duration_bounded = models.Constraint(
        "CHECK (duration <= CASE WHEN unit IN ('day', 'working_day') THEN 3650"
        " ELSE 5256000 END)",
        "A promise can't run for more than ten years.",
    )
    _warn_valid = models.Constraint(
        "CHECK (warn_at_percent BETWEEN 0 AND 99)",
        "The warning comes before the deadline: at 0 to 99 per cent of the time.",
    )

    @api.constrains(
        "start_milestone_id",
        "target_milestone_id",
        "also_reached_by_ids",
        "void_once_ids",
    )
    def _check_milestones(self):
        for policy in self:
            start, targets = policy.start_milestone_id, policy.target_milestone_id
            if start == targets:
                raise ValidationError(
                    self.env._(
                        "%(policy)s: a promise runs from one milestone to another; "
                        "choose two different ones.",
                        policy=policy.name,
                    )
                )
            targets |= policy.also_reached_by_ids
            void = policy.void_once_ids
            if doubled := (targets & void) | (start & (targets | void)):
                raise ValidationError(
                    self.env._(
                        "%(policy)s: “%(milestone)s” can only be one of its start, "
                        "what keeps it, and what makes it needless.",
                        policy=policy.name,
                        milestone=doubled[0].name,
                    )
                )

    @api.constrains("company_id", "escalation_ids")
    def _check_ladder_persons(self):
        """A person on the ladder works for the promise's company."""
        for policy in self.filtered("company_id"):
            for rung in policy.escalation_ids:
                person = rung.whom == "user" and rung.sudo().user_id  # to check
                if person and policy.company_id not in person.company_ids:
                    raise ValidationError(
                        self.env._(
                            "“%(step)s” would tell %(person)s of tickets of a company "
                            "that they don't work for.",
                            step=rung.name,
                            person=person.name,
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

    @api.model
    def _get_unit_text(self, unit, number):
        """A unit as it is read after a number: one day, two days."""
        if number == 1:
            return {
                "minute": self.env._("minute"),
                "day": self.env._("calendar day"),
                "working_minute": self.env._("working minute"),
                "working_day": self.env._("working day"),
            }.get(unit, "")
        units = dict(self._fields["unit"]._description_selection(self.env))
        return units.get(unit, "").lower()

    def _schedule_recompute(self):
        """Have the clocks of open tickets counted again; see the job of clocks."""
        self.env["power.sla.clock"]._schedule_recompute()

    # Matching -----------------------------------------------------------------------

    @api.model
    def _get_compiled(self):
        """All promises, ready for counting many tickets. One query; compiled once.

        :rtype: odoo.addons.power_service_tickets.core.sla_policies.CompiledPolicies
        """
        for name in ("power.sla.policy", "power.sla.escalation"):
            self.env[name].flush_model()
        self.env["power.ticket.milestone"].flush_model(["code"])
        ((data,),) = self.env.execute_query(self._get_content_sql())
        return compile_policies(data)

    @api.model
    def _get_content_sql(self):
        """All that decides which promises hold and what they ask for, as JSON."""
        many = SQL(", ").join(
            SQL("%s, %s", name, self._get_many_sql(name)) for name in MANY_CRITERIA
        )
        return SQL(
            """
            SELECT COALESCE(json_agg(json_build_object(
                'id', policy.id, 'active', policy.active,
                'company_id', policy.company_id, 'sequence', policy.sequence,
                'start', start.code, 'start_id', start.id,
                'target', target.code, 'target_id', target.id,
                'also_reached_by', %(also_reached_by)s, 'void_once', %(void_once)s,
                'duration', policy.duration, 'unit', policy.unit,
                'warn_at_percent', policy.warn_at_percent, 'restart', policy.restart,
                'is_next_day_after_hours', policy.is_next_day_after_hours,
                'calendar_id', policy.calendar_id,
                'region_type', policy.region_type,
                'customer_class', policy.customer_class,
                'importance_grade', policy.importance_grade,
                'priority', policy.priority, 'channel', policy.channel,
                'rungs', (
                    SELECT json_agg(json_build_object(
                        'id', rung.id, 'moment', rung.moment, 'minutes', rung.minutes,
                        'in_working_time', rung.in_working_time, 'whom', rung.whom,
                        'how', rung.how, 'user_id', rung.user_id,
                        'discuss_channel_id', rung.discuss_channel_id,
                        'webhook_id', rung.webhook_id
                    ) ORDER BY rung.sequence, rung.id)
                    FROM power_sla_escalation AS rung
                    JOIN %(ladder)s AS rel ON rel.%(rung)s = rung.id
                    WHERE rel.%(owner)s = policy.id AND rung.active
                ), %(many)s
            ) ORDER BY policy.id), '[]')::text
            FROM power_sla_policy AS policy
            JOIN power_ticket_milestone AS start
              ON start.id = policy.start_milestone_id
            JOIN power_ticket_milestone AS target
              ON target.id = policy.target_milestone_id
            """,
            many=many,
            also_reached_by=self._get_many_codes_sql("also_reached_by_ids"),
            void_once=self._get_many_codes_sql("void_once_ids"),
            ladder=SQL.identifier(self._fields["escalation_ids"].relation),
            owner=SQL.identifier(self._fields["escalation_ids"].column1),
            rung=SQL.identifier(self._fields["escalation_ids"].column2),
        )

    @api.model
    def _get_many_codes_sql(self, name):
        """The codes of many milestones of ``policy``, as a JSON list in their order."""
        field = self._fields[name]
        return SQL(
            "(SELECT json_agg(milestone.code ORDER BY milestone.code)"
            " FROM %(relation)s AS rel JOIN power_ticket_milestone AS milestone"
            " ON milestone.id = rel.%(other)s WHERE rel.%(own)s = policy.id)",
            relation=SQL.identifier(field.relation),
            own=SQL.identifier(field.column1),
            other=SQL.identifier(field.column2),
        )

    @api.model
    def _get_many_sql(self, name):
        """The ids of a many2many field of ``policy``, as a JSON list in their order."""
        field = self._fields[name]
        return SQL(
            "(SELECT json_agg(rel.%(other)s ORDER BY rel.%(other)s)"
            " FROM %(relation)s AS rel WHERE rel.%(own)s = policy.id)",
            relation=SQL.identifier(field.relation),
            own=SQL.identifier(field.column1),
            other=SQL.identifier(field.column2),
        )
