from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .power_sla_alert import HOW, WHOM

# What a step needs to know besides whom it tells.
NEEDED = {
    "user": "user_id",
    "channel": "discuss_channel_id",
    "webhook": "webhook_id",
}


class PowerSlaEscalation(models.Model):
    """A rung of the ladder: when, whom, how."""

    _name = "power.sla.escalation"
    _description = "Escalation Step"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    moment = fields.Selection(
        [
            ("warning", "When the warning is due"),
            ("before", "Before the deadline"),
            ("missed", "At the deadline"),
            ("after", "After the deadline"),
        ],
        required=True,
        default="missed",
    )
    minutes = fields.Integer(
        help="How long before or after the deadline, in minutes of the clock on the "
        "wall."
    )
    in_working_time = fields.Boolean(help="Minutes are counted in working time.")
    whom = fields.Selection(WHOM, required=True, default="assignee")
    how = fields.Selection(HOW, required=True, default="activity")
    user_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    discuss_channel_id = fields.Many2one("discuss.channel", ondelete="restrict")
    webhook_id = fields.Many2one(
        "power.webhook",
        ondelete="restrict",
        groups="power_service_base.group_power_manager",
    )

    _minutes_positive = models.Constraint(
        "CHECK (minutes >= 0)", "Minutes before or after the deadline: 0 or more."
    )

    @api.constrains("whom", "user_id", "discuss_channel_id", "webhook_id")
    def _check_reaches_somebody(self):
        for rung in self:
            name = NEEDED.get(rung.whom)
            if not name:
                continue
            target = rung[name]
            is_there = target.active if name != "discuss_channel_id" else target
            if not is_there or (name == "user_id" and target.share):
                raise ValidationError(
                    self.env._(
                        "“%(step)s” would tell nobody: fill in “%(field)s” with one "
                        "that is in use.",
                        step=rung.name,
                        field=self._fields[name].get_description(self.env)["string"],
                    )
                )

    @api.constrains("whom", "user_id")
    def _check_person_of_company(self):
        rungs = self.filtered(lambda rung: rung.whom == "user" and rung.user_id)
        if not rungs:
            return
        # Of whose promises they are steps, also those of other companies.
        policies = self.env["power.sla.policy"].sudo().with_context(active_test=False)
        policies.search([("escalation_ids", "in", rungs.ids)])._check_ladder_persons()
        for rung in rungs:
            if not rung.sudo().user_id.company_ids & self.env.companies:  # to check
                raise ValidationError(
                    self.env._(
                        "“%(step)s” would tell %(person)s of tickets of a company "
                        "that they don't work for.",
                        step=rung.name,
                        person=rung.user_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rungs = super().create(vals_list)
        self.env["power.sla.policy"]._schedule_recompute()
        return rungs

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"name", "sequence"}:
            self.env["power.sla.policy"]._schedule_recompute()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["power.sla.policy"]._schedule_recompute()
        return result
