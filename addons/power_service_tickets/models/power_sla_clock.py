from datetime import datetime
from functools import cache
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.sla_facts import ClockState
from ..tools.bulk_insert import get_rows_sql, insert_rows

STATES = [
    ("running", "Running"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("missed", "Missed"),
    ("exempted", "Exempted"),
    ("cancelled", "Cancelled"),
]


class StoredClock(NamedTuple):
    """A clock as it lies in the database.

    :param start: code of its start milestone
    :param target: code of its target milestone
    :param done: keys of the steps of its ladder that were done or dropped
    """

    id: int
    start: str
    target: str
    policy_id: int
    state: ClockState
    next_event_at: datetime | None
    done: frozenset


class PowerSlaClock(models.Model):
    """One promise on one ticket, per cycle: what was promised and what came of it.

    What tells the promises of a ticket apart is where they start and what they are for:
    clocks of the same target run side by side when they start at different milestones.
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
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    policy_id = fields.Many2one(
        "power.sla.policy",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    start_milestone_id = fields.Many2one(
        "power.ticket.milestone",
        string="From Milestone",
        required=True,
        ondelete="restrict",
        readonly=True,
        compute="_compute_start_milestone_id",
        store=True,
        precompute=True,
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
    deadline = fields.Datetime(readonly=True)
    is_provisional = fields.Boolean(
        readonly=True,
        help="The deadline falls into a year whose holidays are not loaded yet.",
    )
    warn_at = fields.Datetime("Warning Time", readonly=True)
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
    alert_ids = fields.One2many("power.sla.alert", "clock_id", readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True)
    is_late = fields.Boolean(
        compute="_compute_is_late", search="_search_is_late", string="Past Deadline"
    )

    _once = models.UniqueIndex(
        "(ticket_id, target_milestone_id, start_milestone_id, cycle)"
        " WHERE state != 'cancelled'",
        "A ticket has one clock per start, target and cycle.",
    )
    # Each further index costs every recount: these are what is searched by.
    _late_idx = models.Index(
        "(deadline) WHERE state IN ('running', 'missed') AND reached_at IS NULL"
    )
    _due_idx = models.Index("(next_event_at, id) WHERE next_event_at IS NOT NULL")
    _open_idx = models.Index("(ticket_id) WHERE state IN ('running', 'paused')")

    @api.depends("policy_id")
    def _compute_start_milestone_id(self):
        # As it was when the clock was counted; a promise that is changed later is
        # another one. It fills clocks of databases that knew their targets only.
        for clock in self:
            clock.start_milestone_id = clock.policy_id.start_milestone_id

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
        """Have the promises of open tickets matched and counted again, soon."""
        self.env["power.sla.recount"]._request("policy")

    # Storing ------------------------------------------------------------------------

    @api.model
    def _read_stored(self, ticket_ids):
        """The clocks of these tickets, in one query.

        :return: dict of ticket id to a list of :class:`StoredClock`, oldest first
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT clock.ticket_id, clock.id, start.code, target.code,"
                " clock.policy_id, clock.next_event_at,"
                " ARRAY(SELECT key FROM power_sla_alert AS alert"
                " WHERE alert.clock_id = clock.id), %s"
                " FROM power_sla_clock AS clock"
                " JOIN power_ticket_milestone AS start"
                " ON start.id = clock.start_milestone_id"
                " JOIN power_ticket_milestone AS target"
                " ON target.id = clock.target_milestone_id"
                " WHERE clock.ticket_id = ANY(%s) ORDER BY clock.id",
                get_state_sql(),
                list(ticket_ids),
            )
        )
        found = {ticket_id: [] for ticket_id in ticket_ids}
        for (
            ticket_id,
            clock_id,
            start,
            target,
            policy_id,
            next_at,
            done,
            *state,
        ) in rows:
            found[ticket_id].append(
                StoredClock(
                    clock_id,
                    start,
                    target,
                    policy_id,
                    ClockState._make(state),
                    next_at,
                    frozenset(done),
                )
            )
        return found

    @api.model
    def _store(self, changed, new):
        """Write counted clocks: one statement for those that end or change, one more
        for those that take a cancelled one's place again, and one for new ones.

        :param changed: list of (clock id, state, next event at, was cancelled)
        :param new: list of dicts with the values of new clocks; ``match_reason`` is
            a dict
        """
        # A cancelled one runs again only after the one in its place has made room.
        for was_cancelled in (False, True):
            rows = [
                {"id": clock_id, "next_event_at": next_at, **state._asdict()}
                for clock_id, state, next_at, cancelled in changed
                if cancelled == was_cancelled
            ]
            if rows:
                self._update(rows)
        if new:
            insert_rows(self, new)
        if changed or new:
            self.invalidate_model(flush=False)
            self.env["power.ticket"].invalidate_model(
                ["clock_ids", "offered_entries"], flush=False
            )

    @api.model
    def _update(self, rows):
        """Write rows, dicts with ``id`` and the same other columns, in one statement.

        Stored computed fields must not depend on them: nothing is triggered.
        """
        names = [name for name in rows[0] if name != "id"]
        self.env.cr.execute(
            SQL(
                "UPDATE power_sla_clock AS clock SET %s, write_uid = %s,"
                " write_date = %s FROM %s WHERE clock.id = row.id",
                SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), SQL.identifier("row", name))
                    for name in names
                ),
                self.env.uid,
                self.env.cr.now(),
                get_rows_sql(self, ["id", *names], rows),
            )
        )


@cache
def get_state_sql():
    """The columns of :class:`ClockState`, in its order; an empty amount is 0."""
    return SQL(", ").join(
        SQL("COALESCE(%s, 0)", SQL.identifier("clock", name))
        if annotation == "float"
        else SQL.identifier("clock", name)
        for name, annotation in ClockState.__annotations__.items()
    )
