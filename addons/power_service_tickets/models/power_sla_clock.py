from odoo import api, fields, models
from odoo.fields import Domain

from ..core.escalation import get_next_event_at
from ..core.sla_facts import ClockState

STATES = [
    ("running", "Running"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("missed", "Missed"),
    ("exempted", "Exempted"),
    ("cancelled", "Cancelled"),
]


class PowerSlaClock(models.Model):
    """One promise on one ticket, per cycle: what was promised and what came of it.

    Written by ``power.ticket._refresh_clocks()`` and by the tick only. Facts are
    stored; whether it is late now is computed.
    """

    _name = "power.sla.clock"
    _description = "Promise Clock"
    _order = "deadline, id"
    _rec_name = "policy_id"

    ticket_id = fields.Many2one(
        "power.ticket", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    policy_id = fields.Many2one(
        "power.sla.policy",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    target_milestone_id = fields.Many2one(
        "power.ticket.milestone", required=True, ondelete="restrict", readonly=True
    )
    cycle = fields.Integer(required=True, default=1, readonly=True, aggregator=None)
    duration = fields.Integer(
        readonly=True, aggregator=None, help="As promised when it was counted."
    )
    unit = fields.Char(readonly=True)
    match_reason = fields.Json(
        readonly=True, help="Which criteria made this promise the most specific one."
    )
    started_at = fields.Datetime(required=True, readonly=True)
    deadline = fields.Datetime(readonly=True, index=True)
    is_provisional = fields.Boolean(
        readonly=True,
        help="The deadline falls into a year whose holidays are not loaded yet.",
    )
    warn_at = fields.Datetime(readonly=True)
    next_event_at = fields.Datetime(readonly=True)
    reached_at = fields.Datetime(readonly=True)
    missed_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    exempted_at = fields.Datetime(readonly=True)
    paused_from = fields.Datetime(readonly=True)
    used_minutes = fields.Float(
        readonly=True,
        aggregator="avg",
        help="In the promise's own clock, without pauses, until it ended.",
    )
    paused_minutes = fields.Float(readonly=True, aggregator="avg")
    allowance_minutes = fields.Float(
        readonly=True, aggregator="avg", help="What the promise allows."
    )
    extended_units = fields.Float(
        readonly=True, aggregator=None, help="Sum of the extensions that counted."
    )
    is_late_entry = fields.Boolean(
        readonly=True, help="Something entered after the deadline was decided on."
    )
    is_late_proved = fields.Boolean(
        readonly=True, help="What was entered late counted, because it had proof."
    )
    state = fields.Selection(STATES, required=True, readonly=True, index=True)
    is_late = fields.Boolean(
        compute="_compute_is_late", search="_search_is_late", string="Overdue"
    )

    _once = models.UniqueIndex(
        "(ticket_id, target_milestone_id, cycle) WHERE state != 'cancelled'",
        "A ticket has one clock per target and cycle.",
    )
    _due_idx = models.Index("(next_event_at) WHERE next_event_at IS NOT NULL")

    @api.depends("state", "deadline", "reached_at")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for clock in self:
            clock.is_late = (
                clock.state in ("running", "missed")
                and not clock.reached_at
                and bool(clock.deadline and clock.deadline < now)
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return (
            Domain("state", "in", ("running", "missed"))
            & Domain("reached_at", "=", False)
            & Domain("deadline", "<", fields.Datetime.now())
        )

    @api.model
    def _schedule_recompute(self):
        """Have the open clocks counted again by the job, soon."""

    # Storing ------------------------------------------------------------------------

    @api.model
    def _read_states(self, ticket_ids):
        """Dict of ticket id to {(target code, cycle): (state, policy id)}."""
        found = {}
        for clock in self.search(
            [("ticket_id", "in", ticket_ids), ("state", "!=", "cancelled")]
        ):
            key = (clock.target_milestone_id.code, clock.cycle)
            clocks = found.setdefault(clock.ticket_id.id, {})
            clocks[key] = (clock._get_state(), clock.policy_id.id)
        return found

    def _get_state(self):
        """This clock as the rules want it."""
        self.ensure_one()
        return ClockState._make(
            self[name] or (0 if self._fields[name].type == "float" else None)
            if self._fields[name].type != "boolean"
            else self[name]
            for name in ClockState._fields
        )

    @api.model
    def _store(self, wanted, before, worktimes):
        """Create and write what changed; see ``power.ticket._refresh_clocks()``.

        :param wanted: dict of ticket id to {(target, cycle): (state, policy id, match)}
        :param before: as :meth:`_read_states` gave it
        :param worktimes: function of (ticket, policy id)
        """
        policies = self.env["power.sla.policy"]._get_compiled()
        tickets = self.env["power.ticket"].browse(wanted)
        existing = {
            (clock.ticket_id.id, clock.target_milestone_id.code, clock.cycle): clock
            for clock in self.search(
                [("ticket_id", "in", tickets.ids), ("state", "!=", "cancelled")]
            )
        }
        new = []
        for ticket in tickets:
            old = before.get(ticket.id, {})
            for (target, cycle), (state, policy_id, match) in wanted[ticket.id].items():
                vals = self._prepare_state_vals(state, policy_id, policies)
                vals["next_event_at"] = (
                    get_next_event_at(
                        state,
                        policies.steps[policy_id],
                        (),
                        worktimes(ticket, policy_id),
                    )
                    or False
                )
                clock = existing.get((ticket.id, target, cycle))
                same = (target, cycle) in old and old[target, cycle][1] == policy_id
                if clock and not same:
                    clock.write({"state": "cancelled", "next_event_at": False})
                    clock = None
                if clock:
                    if old[target, cycle][0] != state:
                        clock.write(vals)
                    continue
                if match:
                    vals["match_reason"] = {
                        "category_id": match.category_id,
                        "criteria": list(match.criteria),
                        "beaten_ids": list(match.beaten_ids),
                    }
                new.append(
                    {
                        "ticket_id": ticket.id,
                        "company_id": ticket.company_id.id,
                        **vals,
                    }
                )
        self.flush_model()  # withdrawn ones make room for new ones of the same target
        self.create(new)

    @api.model
    def _prepare_state_vals(self, state, policy_id, policies):
        vals = {
            name: False if value is None else value
            for name, value in state._asdict().items()
        }
        vals["policy_id"] = policy_id
        vals["target_milestone_id"] = policies.targets[policy_id].id
        vals["duration"] = policies.promises[policy_id].duration
        return vals
