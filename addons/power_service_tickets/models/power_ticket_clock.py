# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.power_service_base.core.working_time import (
    CalendarSpec,
    WorkingTime,
    WorkingTimeError,
)

from ..core.connection import get_absent_steps
from ..core.escalation import get_next_event_at
from ..core.sla_clock import as_of, evaluate, keep_settled, withdraw
from ..core.sla_facts import KINDS, Event
from ..core.sla_match import Facts

OPEN_STATES = ("running", "paused")
# The plain week, for a station and company without hours; all of it is provisional.
_DAY_HOURS = ((8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60 + 30))
FALLBACK = WorkingTime(
    CalendarSpec(
        weeks=((*(_DAY_HOURS,) * 5, (), ()),),
        loaded_years=frozenset(),
    )
)


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
    risk_at = fields.Datetime(
        "At Risk From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The earliest warning of the promises that are running.",
    )
    is_overdue = fields.Boolean(
        "Past Deadline", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_at_risk = fields.Boolean(
        compute="_compute_is_at_risk",
        search="_search_is_at_risk",
        help="The warning of a promise is due, and none is overdue yet.",
    )

    _open_id_idx = models.Index("(id) WHERE is_open")

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

    @api.depends("deadline", "risk_at")
    def _compute_is_at_risk(self):
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_at_risk = bool(
                ticket.risk_at
                and ticket.deadline
                and ticket.risk_at <= now <= ticket.deadline
            )

    @api.model
    def _search_is_at_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        return Domain("risk_at", "<=", now) & Domain("deadline", ">=", now)

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
        clocks = tickets.env["power.sla.clock"]
        policies = tickets.env["power.sla.policy"]._get_compiled()
        all_facts = tickets._get_match_facts()
        absent = tickets._get_absent_steps(all_facts.values())
        events = tickets._get_clock_events()
        before = clocks._read_stored(tickets.ids)
        get_worktime = tickets._get_worktimes(policies, all_facts.values())
        changed, new, deadlines, again, resumed = [], [], {}, [], []
        for ticket_id, facts in all_facts.items():
            counted = _Count(
                policies,
                facts,
                events[ticket_id],
                partial(get_worktime, facts),
                now,
                absent.get(ticket_id, ()),
            ).go(before[ticket_id])
            changed += counted.changed
            if any(was_cancelled for *_clock, was_cancelled in counted.changed):
                again.append(ticket_id)
            elif counted.has_resumed(before[ticket_id]):
                resumed.append(ticket_id)
            new += [
                {"ticket_id": ticket_id, "company_id": facts.company_id, **vals}
                for vals in counted.new
            ]
            deadlines[ticket_id] = (counted.deadline, counted.risk_at)
        clocks._store(changed, new)
        alerts = tickets.env["power.sla.alert"]
        alerts._refresh_activities(
            [
                ticket_id
                for ticket_id, stored in before.items()
                if any(clock.done for clock in stored)
            ]
        )
        # What runs again is on nobody's list any more.
        alerts._hand_on_activities(again)
        alerts._resume_activities(resumed)
        tickets._store_deadlines(deadlines)

    def _foresee_extension(self, clock, units):
        """When one ticket's clock would be due with an extension entered now.

        :param clock: one of its ``power.sla.clock``
        :param units: how many of the promise's own units
        :return: naive UTC, None when the promise isn't known any more
        """
        self.ensure_one()
        ticket = self.sudo()  # as when it is counted
        policies = ticket.env["power.sla.policy"]._get_compiled()
        if clock.policy_id.id not in policies.promises:
            return None
        facts = ticket._get_match_facts()[self.id]
        get_worktime = ticket._get_worktimes(policies, [facts])
        now = fields.Datetime.now()
        events = ticket._get_clock_events()[self.id]
        last = max(event.sequence for event in events) + 1
        policy_id = clock.policy_id.id
        extension = Event("extended", now, now, last, None, units, policy_id)
        count = _Count(
            policies, facts, [*events, extension], partial(get_worktime, facts), now, ()
        )
        states = {state.cycle: state for state in count._evaluate(policy_id)}
        return states[clock.cycle].deadline if clock.cycle in states else None

    def _get_match_facts(self):
        """Dict of ticket id to what decides its promises, in one query."""
        for name, names in (
            ("power.ticket", None),
            ("power.ticket.category", ["parent_path"]),
            ("power.supply.point", ["importance_grade"]),
            ("res.partner", ["segment_ids"]),
        ):
            self.env[name].flush_model(names)
        rows = self.env.execute_query(
            SQL(
                "SELECT ticket.id, ticket.company_id, ticket.type_id,"
                " string_to_array(rtrim(category.parent_path, '/'), '/')::int[],"
                " ticket.region_type, ticket.customer_class, point.importance_grade,"
                " ARRAY(SELECT segment_id FROM power_segment_partner_rel AS member"
                " WHERE member.partner_id = ticket.partner_id),"
                " ticket.priority, ticket.channel, ticket.station_id"
                " FROM power_ticket AS ticket"
                " LEFT JOIN power_ticket_category AS category"
                " ON category.id = ticket.category_id"
                " LEFT JOIN power_supply_point AS point"
                " ON point.id = ticket.supply_point_id"
                " WHERE ticket.id = ANY(%s) ORDER BY ticket.id",
                self.ids,
            )
        )
        return {
            row[0]: Facts(
                row[1],
                row[2],
                tuple(row[3] or ()),
                *row[4:7],
                frozenset(row[7]),
                *row[8:],
            )
            for row in rows
        }

    def _get_absent_steps(self, all_facts):
        """Dict of ticket id to the milestones that never come, by code: the steps that
        a connection of this kind and class hasn't.

        :param all_facts: the :class:`Facts` of the tickets
        """
        types = self.env["power.ticket.type"].browse({f.type_id for f in all_facts})
        if "connection" not in types.mapped("code"):
            return {}
        connections = self.env["power.connection"].search(
            [("ticket_id", "in", self.ids)]
        )
        return {
            connection.ticket_id.id: get_absent_steps(connection._get_case())
            for connection in connections
        }

    def _get_clock_events(self):
        """Dict of ticket id to its events as the clock wants them, in one query."""
        self.env["power.ticket.event"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT event.ticket_id, event.kind, event.at, event.recorded_at,"
                " event.id, milestone.code, event.extension, event.policy_id,"
                " event.had_proof IS TRUE"
                " OR EXISTS (SELECT FROM ir_attachment_power_ticket_event_rel AS proof"
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

    def _get_worktimes(self, policies, all_facts):
        """A function of (facts of a ticket, policy id) that gives the working time to
        count by: the promise's own calendar, else the station's, else the company's.

        Without any that has hours it is the plain week, all of it provisional, so that
        taking a request in never fails. The number of queries doesn't depend on that
        of tickets.

        :param all_facts: the :class:`Facts` of the tickets
        """
        calendars = self.env["resource.calendar"]
        places = {(facts.company_id, facts.station_id) for facts in all_facts}
        stations = self.env["hr.department"].browse(
            {station_id for _company_id, station_id in places if station_id}
        )
        duty = {station.id: station._get_duty_calendar() for station in stations}
        companies = self.env["res.company"].browse({company for company, _ in places})
        own = calendars.browse(set(policies.calendars.values()))
        wanted = own.union(*duty.values(), *companies.mapped("resource_calendar_id"))
        by_company = {}
        for company in companies:
            # A calendar that companies share has each one's own days off.
            found = wanted.with_company(company)
            by_company[company.id] = {
                calendar.id: _compile(calendar) for calendar in found
            }
        chosen = {}

        def get(facts, policy_id):
            key = facts.company_id, facts.station_id, policies.calendars.get(policy_id)
            if key not in chosen:
                company = companies.browse(facts.company_id)
                row = (
                    key[2],
                    facts.station_id and duty[facts.station_id].id,
                    company.resource_calendar_id.id,
                )
                compiled = by_company[company.id]
                chosen[key] = next(
                    (compiled[item] for item in row if item and compiled[item]),
                    FALLBACK,
                )
            return chosen[key]

        return get

    def _store_deadlines(self, deadlines):
        """Write the next deadlines and warnings in one statement; none for tickets
        that have ended.

        :param deadlines: dict of ticket id to a pair of naive UTC datetimes or None
        """
        moments = list(zip(*deadlines.values(), strict=True)) or [(), ()]
        rows = self.env.execute_query(
            SQL(
                "UPDATE power_ticket AS ticket"
                " SET deadline = row.deadline, risk_at = row.risk_at"
                " FROM (SELECT ended.id,"
                " CASE WHEN ended.is_open THEN given.deadline END AS deadline,"
                " CASE WHEN ended.is_open THEN given.risk_at END AS risk_at"
                " FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[])"
                " AS given(id, deadline, risk_at)"
                " JOIN power_ticket AS ended ON ended.id = given.id) AS row"
                " WHERE ticket.id = row.id AND (ticket.deadline, ticket.risk_at)"
                " IS DISTINCT FROM (row.deadline, row.risk_at)"
                " RETURNING ticket.id",
                list(deadlines),
                list(moments[0]),
                list(moments[1]),
            )
        )
        changed = self.browse(row[0] for row in rows)
        changed.invalidate_recordset(
            ["deadline", "risk_at", "is_overdue", "is_at_risk"], flush=False
        )


def _compile(calendar):
    """The working time of a calendar, None when it has no hours to count by."""
    try:
        return calendar._get_working_time()
    except UserError:
        # The next calendar in the row counts.
        return None


class _Count:
    """Counts all promises of one ticket, and says what is to be stored.

    After :meth:`go`: ``changed`` and ``new`` as ``power.sla.clock._store()`` wants
    them, ``deadline``, the next one, and ``risk_at``, the next warning.
    """

    def __init__(self, policies, facts, events, get_worktime, now, absent):
        self.policies = policies
        self.absent = absent  # codes of milestones that never come
        self.facts = facts
        self.events = events
        self.get_worktime = get_worktime
        self.closed = set()  # promises whose calendar is closed for years
        self.now = now
        self.changed = []
        self.new = []
        self.deadline = None
        self.risk_at = None

    def go(self, before):
        """Compare what should be with what is stored.

        :param before: list of :class:`StoredClock`
        """
        wanted = {}
        for course, match in self.policies.match(self.facts).items():
            promise = self.policies.promises[match.rule.id]
            if promise.target_milestone in self.absent:
                continue
            for state in self._evaluate(match.rule.id):
                wanted[course, state.cycle] = (state, match)
        withdrawn = {}
        for old in before:
            key = (old.start, old.target), old.state.cycle
            if old.state.state == "cancelled":
                withdrawn[key, old.policy_id] = old
                continue
            state, match = wanted.get(key, (None, None))
            if match and match.rule.id == old.policy_id:
                kept = keep_settled(as_of(old.state, self.now), state)
                if (old.state.state, state.state) == ("running", "running"):
                    # Time alone made it missed: the tick says so, and tells.
                    if kept == as_of(old.state, self.now):
                        kept = old.state
                self._keep(old, kept)
                del wanted[key]
            elif old.state.state in OPEN_STATES:
                # Another promise holds now, or none; one broken by now stays broken.
                ended = withdraw(old.state, self.now)
                self._keep(old, ended)
                if ended.state != "cancelled":
                    wanted.pop(key, None)
            else:
                self._keep(old, self._settle(old))
                wanted.pop(key, None)
                self._drop_same_promise(wanted, old)
        for key, (state, match) in wanted.items():
            old = withdrawn.get((key, match.rule.id))
            if old:
                self._keep(old, state)
            else:
                self._add(state, match)
        return self

    def has_resumed(self, before):
        """Whether a clock of those stored before was paused and isn't any more.

        :param before: list of :class:`StoredClock`
        """
        paused = {clock.id for clock in before if clock.state.state == "paused"}
        return any(
            clock_id in paused and state.state != "paused"
            for clock_id, state, *_stored in self.changed
        )

    def _drop_same_promise(self, wanted, old):
        """What was kept or broken isn't promised once more because that promise has
        another start by now."""
        promise = self.policies.promises.get(old.policy_id)
        if promise:
            key = (promise.start_milestone, old.target), old.state.cycle
            if key in wanted and wanted[key][1].rule.id == old.policy_id:
                del wanted[key]

    def _evaluate(self, policy_id):
        """The states of one promise, one per cycle."""
        promise = self.policies.promises[policy_id]
        try:
            return evaluate(promise, self.events, self._get_worktime(policy_id))
        except WorkingTimeError:
            # Its calendar is closed for years: never a reason to refuse a customer.
            self.closed.add(policy_id)
            return evaluate(promise, self.events, FALLBACK)

    def _get_worktime(self, policy_id):
        return FALLBACK if policy_id in self.closed else self.get_worktime(policy_id)

    def _settle(self, old):
        """A settled clock of a promise that no longer holds: only what was entered
        late with proof, a late answer or an exemption changes it."""
        if old.policy_id not in self.policies.promises:
            return old.state
        for state in self._evaluate(old.policy_id):
            if state.cycle == old.state.cycle:
                return keep_settled(old.state, state)
        return old.state

    def _keep(self, old, state):
        next_at = self._get_next_event_at(state, old.policy_id, old.done)
        if (state, next_at) != (old.state, old.next_event_at):
            self.changed.append(
                (old.id, state, next_at, old.state.state == "cancelled")
            )
        self._note_deadline(state)

    def _add(self, state, match):
        policy_id = match.rule.id
        self.new.append(
            {
                **state._asdict(),
                "policy_id": policy_id,
                "start_milestone_id": self.policies.starts[policy_id],
                "target_milestone_id": self.policies.targets[policy_id],
                "duration": self.policies.promises[policy_id].duration,
                "match_reason": {
                    "category_id": match.category_id,
                    "criteria": list(match.criteria),
                    "beaten_ids": list(match.beaten_ids),
                },
                "next_event_at": self._get_next_event_at(state, policy_id, ()),
            }
        )
        self._note_deadline(state)

    def _get_next_event_at(self, state, policy_id, done):
        steps = self.policies.steps.get(policy_id, ())
        return get_next_event_at(state, steps, done, self._get_worktime(policy_id))

    def _note_deadline(self, state):
        """The earliest deadline and warning of what is promised and not done yet."""
        if state.ended_at is None and state.state in ("running", "missed"):
            self.deadline = min(filter(None, (self.deadline, state.deadline)))
        if state.state == "running" and state.warn_at:
            self.risk_at = min(filter(None, (self.risk_at, state.warn_at)))
