# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.sla_clock import evaluate, keep_settled, withdraw
from ..core.sla_facts import KINDS, Event
from ..core.sla_match import Facts

OPEN_STATES = ("running", "paused")


class PowerTicket(models.Model):
    """The promises on tickets: which hold, and what the events say about each."""

    _inherit = "power.ticket"

    clock_ids = fields.One2many("power.sla.clock", "ticket_id", readonly=True)
    deadline = fields.Datetime(
        "Next Deadline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The earliest deadline of the promises that are still to be kept.",
    )
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_at_risk = fields.Boolean(
        compute="_compute_is_at_risk",
        search="_search_is_at_risk",
        help="The warning of a promise is due, its deadline isn't.",
    )

    @api.depends("deadline")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_overdue = bool(ticket.deadline and ticket.deadline < now)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("deadline", "<", fields.Datetime.now())

    @api.depends("clock_ids.state", "clock_ids.warn_at", "clock_ids.deadline")
    def _compute_is_at_risk(self):
        now = fields.Datetime.now()
        for ticket in self:
            # Who sees the ticket sees whether it is at risk.
            ticket.is_at_risk = any(
                clock.state == "running"
                and clock.warn_at
                and clock.warn_at <= now <= clock.deadline
                for clock in ticket.sudo().clock_ids
            )

    @api.model
    def _search_is_at_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        return Domain(
            "clock_ids",
            "any",
            Domain("state", "=", "running")
            & Domain("warn_at", "<=", now)
            & Domain("deadline", ">=", now),
        )

    # Counting -----------------------------------------------------------------------

    def _refresh_clocks(self):
        """Count the promises of these tickets from their events; same answer from the
        same facts, however often.

        Re-matches the policies, starts and withdraws clocks, and stores what changed.
        A constant number of queries. What was met or missed stays; see
        :func:`~odoo.addons.power_service_tickets.core.sla_clock.keep_settled`.
        """
        tickets = self.sudo()  # clocks are the system's to write
        if not tickets:
            return
        now = fields.Datetime.now()
        env = tickets.env
        policies = env["power.sla.policy"]._get_compiled()
        events = tickets._get_clock_events()
        before = env["power.sla.clock"]._read_states(tickets.ids)
        worktimes = tickets._get_worktimes()
        all_facts = tickets._get_match_facts()
        wanted, deadlines = {}, {}
        for ticket in tickets:
            matches = policies.match(all_facts[ticket.id])
            clocks = ticket._count_clocks(
                policies,
                matches,
                events[ticket.id],
                before.get(ticket.id, {}),
                lambda policy_id, ticket=ticket: worktimes(ticket, policy_id),
                now,
            )
            wanted[ticket.id] = clocks
            deadlines[ticket.id] = min(
                (
                    state.deadline
                    for state, _policy_id, _reason in clocks.values()
                    if state.reached_at is None and state.state in ("running", "missed")
                ),
                default=False,
            )
        env["power.sla.clock"]._store(wanted, before, worktimes)
        tickets._store_deadlines(deadlines)

    def _count_clocks(self, policies, matches, events, before, get_worktime, now):
        """The clocks of one ticket as they should be.

        :param before: dict of (target code, cycle) to (state, policy id)
        :return: dict of (target code, cycle) to (state, policy id, reason)
        """
        found = {}
        for target, match in matches.items():
            policy_id = match.rule.id
            states = evaluate(
                policies.promises[policy_id], events, get_worktime(policy_id)
            )
            for state in states:
                found[target, state.cycle] = (state, policy_id, match)
        for key, (old, old_policy_id) in before.items():
            if old.state == "cancelled":
                continue
            target, cycle = key
            new = found.get(key)
            if new and new[1] == old_policy_id:
                found[key] = (keep_settled(old, new[0]), old_policy_id, new[2])
                continue
            # Another promise holds now: what was kept or broken stays, the rest ends.
            if old.state in OPEN_STATES:
                old = withdraw(old, now)
            if old.state == "cancelled":
                if not new:
                    found[key] = (old, old_policy_id, None)
                continue
            promise = policies.promises.get(old_policy_id)
            if promise:
                states = evaluate(promise, events, get_worktime(old_policy_id))
                same = [state for state in states if state.cycle == cycle]
                if same:
                    old = keep_settled(old, same[0])
            found[key] = (old, old_policy_id, None)
        return found

    def _get_match_facts(self):
        """Dict of ticket id to what decides its promises."""
        facts = {}
        for ticket in self:
            path = ticket.category_id.parent_path or ""
            point = ticket.supply_point_id
            facts[ticket.id] = Facts(
                ticket.company_id.id,
                ticket.type_id.id,
                tuple(int(part) for part in path.split("/") if part),
                ticket.region_type or None,
                ticket.customer_class or None,
                point.importance_grade or None,
                frozenset(ticket.partner_id.segment_ids.ids),
                ticket.priority or None,
                ticket.channel or None,
                ticket.station_id.id or None,
            )
        return facts

    def _get_clock_events(self):
        """Dict of ticket id to its events as the clock wants them, in one query."""
        self.env["power.ticket.event"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT event.ticket_id, event.kind, event.at, event.recorded_at,"
                " event.id, milestone.code, event.extension, event.policy_id,"
                " EXISTS (SELECT FROM ir_attachment_power_ticket_event_rel AS proof"
                " WHERE proof.power_ticket_event_id = event.id)"
                " FROM power_ticket_event AS event"
                " LEFT JOIN power_ticket_milestone AS milestone"
                " ON milestone.id = event.milestone_id"
                " WHERE event.ticket_id = ANY(%s)",
                self.ids,
            )
        )
        events = {ticket_id: [] for ticket_id in self.ids}
        for ticket_id, kind, at, recorded, event_id, code, units, policy, proof in rows:
            if kind in KINDS:
                events[ticket_id].append(
                    Event(
                        kind,
                        at,
                        recorded,
                        event_id,
                        code,
                        units or 0,
                        policy,
                        has_proof=proof,
                    )
                )
        return events

    def _get_worktimes(self):
        """A function of (ticket, policy id) that gives the working time to count by:
        the promise's own calendar, else the station's, else the company's; None when
        none has hours, so that taking a request in never fails."""
        own = self.env["power.sla.policy"]._get_calendars()
        found = {}

        def compiled(calendar):
            if calendar not in found:
                try:
                    found[calendar] = calendar._get_working_time()
                except UserError:
                    # Its hours are missing: the next calendar in the row counts.
                    found[calendar] = None
            return found[calendar]

        def get(ticket, policy_id):
            key = (ticket.station_id.id, ticket.company_id.id, policy_id)
            if key not in found:
                company = ticket.company_id
                calendars = [
                    own.get(policy_id),
                    ticket.station_id and ticket.station_id._get_duty_calendar(),
                    company.resource_calendar_id,
                    self.env.ref(
                        "power_service_tickets.resource_calendar_fallback", False
                    ),
                ]
                found[key] = next(
                    (
                        worktime
                        for calendar in calendars
                        if calendar and (worktime := compiled(calendar))
                    ),
                    None,
                )
            return found[key]

        return get

    def _store_deadlines(self, deadlines):
        groups = defaultdict(list)
        for ticket in self:
            if ticket.deadline != deadlines[ticket.id]:
                groups[deadlines[ticket.id]].append(ticket.id)
        for deadline, ids in groups.items():
            self.browse(ids)._project_write({"deadline": deadline})
