# The call-back, its attempts and the ticket's part belong together.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import callback_window
from .power_ticket_clock import FALLBACK, _compile
from .power_ticket_rating import SATISFACTIONS

JOB = "power.ticket.callback.plan"
# How long after the answer the job still plans a call-back.
LOOK_BACK = timedelta(days=30)
OUTCOMES = [
    ("reached", "Reached"),
    ("not_reached", "Not Reached"),
    ("refused", "Wants No Call"),
]


class PowerTicketCallback(models.Model):
    """Calling a customer back after the answer (回访): one per ticket and cycle.

    Planned by a job, made by who was asked first or by quality staff; each call is a
    line that stays (``power.ticket.callback.attempt``). When and how often is said by
    ``power.complaint.rule``; the rules are in ``core/callback_window.py``.
    """

    _name = "power.ticket.callback"
    _description = "Call-back"
    _order = "due_at, id"
    _rec_name = "ticket_id"
    _power_export_fields = frozenset(("phone",))

    ticket_id = fields.Many2one(
        "power.ticket", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    station_id = fields.Many2one(related="ticket_id.station_id", store=True, index=True)
    type_id = fields.Many2one(related="ticket_id.type_id")
    subject = fields.Char(related="ticket_id.subject")
    partner_id = fields.Many2one(related="ticket_id.partner_id")
    phone = fields.Char(compute="_compute_phone")
    reply = fields.Text(related="ticket_id.reply")
    cycle = fields.Integer(required=True, default=1, readonly=True, aggregator=None)
    answered_at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Who Calls",
        readonly=True,
        index="btree_not_null",
        help="Who was asked first has the duty to call back; else quality staff.",
    )
    state = fields.Selection(
        [
            ("open", "To Call"),
            ("reached", "Reached"),
            ("given_up", "Not Reached"),
            ("rated", "Rated Already"),
            ("not_wanted", "Not to Be Called"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    end_reason = fields.Selection(
        [
            ("excluded_type", "Type without call-back"),
            ("anonymous", "Anonymous"),
            ("refused", "Wants no call"),
            ("no_phone", "No phone number"),
            ("not_reached", "Not reached in all attempts"),
            ("rated", "Rated by link already"),
            ("rated_portal", "Rated in the portal already"),
            ("ended", "Ticket reopened or ended"),
        ],
        string="Ended Because",
        readonly=True,
    )
    next_at = fields.Datetime(
        "Call From", readonly=True, help="The next attempt is allowed from then on."
    )
    due_at = fields.Datetime("Call Until", readonly=True, index=True)
    is_provisional = fields.Boolean(readonly=True)
    attempt_ids = fields.One2many(
        "power.ticket.callback.attempt", "callback_id", readonly=True
    )
    attempt_count = fields.Integer("Attempts", readonly=True)
    done_at = fields.Datetime(readonly=True)
    satisfaction = fields.Selection(SATISFACTIONS, readonly=True)
    follow_ticket_id = fields.Many2one(
        "power.ticket", string="Became", readonly=True, index="btree_not_null"
    )
    is_due_now = fields.Boolean(
        "To Make Now", compute="_compute_is_due_now", search="_search_is_due_now"
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_due_now", search="_search_is_overdue"
    )

    _once = models.UniqueIndex(
        "(ticket_id, cycle)", "A ticket has one call-back per cycle."
    )
    _open_idx = models.Index("(next_at) WHERE state = 'open'")

    @api.depends("ticket_id.contact_phone", "ticket_id.partner_id.phone")
    def _compute_phone(self):
        for callback in self:
            ticket = callback.ticket_id
            callback.phone = ticket.contact_phone or ticket.partner_id.phone

    @api.depends("state", "next_at", "due_at")
    def _compute_is_due_now(self):
        now = fields.Datetime.now()
        for callback in self:
            is_open = callback.state == "open"
            callback.is_due_now = bool(
                is_open and callback.next_at and callback.next_at <= now
            )
            callback.is_overdue = bool(
                is_open and callback.due_at and callback.due_at < now
            )

    @api.model
    def _search_is_due_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "open") & Domain(
            "next_at", "<=", fields.Datetime.now()
        )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "open") & Domain(
            "due_at", "<", fields.Datetime.now()
        )

    # Public methods -----------------------------------------------------------------

    def register_attempt(
        self,
        outcome,
        satisfaction=None,
        note=None,
        reason_ids=None,
        follow_up=None,
        at=None,
    ):
        """Enter a call and what came of it.

        :param outcome: ``reached``, ``not_reached`` or ``refused``
        :param satisfaction: needed when reached: ``satisfied``, ``neutral`` or
            ``unsatisfied``
        :param reason_ids: ids of ``power.ticket.reason`` of the kind ``unsatisfied``;
            needed when unsatisfied
        :param follow_up: when unsatisfied ``reopen`` (default), ``opinion`` for a new
            ticket, or ``none``
        :param at: when, UTC; now when not given
        :return: True
        :raise AccessError: the ticket is not the user's to write
        :raise UserError: at a time when nobody is called, too soon after the last
            attempt, or with something missing
        """
        self._check_may_call()
        self._lock()
        given = self.env["power.ticket"]
        line = "power.ticket.callback.attempt"
        at = given._get_given_time(at, line, "at") or fields.Datetime.now()
        outcome = given._get_given_choice(outcome, OUTCOMES, line, "outcome")
        note = given._get_given_text(note, line, "note")
        if follow_up:
            entry = self.env["power.ticket.callback.entry"]
            choices = entry._fields["follow_up"].selection
            given._get_given_choice(follow_up, choices, entry._name, "follow_up")
        reason_ids = given._get_given_reasons(
            reason_ids, "unsatisfied", "power.ticket.rating", "reason_ids"
        ).ids
        for callback in self:
            callback._check_attempt(outcome, satisfaction, reason_ids, at)
        # Lines are made here only; the right to write the ticket was checked.
        self.env["power.ticket.callback.attempt"].sudo().create(
            [
                {
                    "callback_id": callback.id,
                    "at": at,
                    "outcome": outcome,
                    "note": note,
                }
                for callback in self
            ]
        )
        if outcome == "reached":
            self.ticket_id._enter_rating(satisfaction, "phone", note, reason_ids)
            self._end("reached", None, {"satisfaction": satisfaction}, at)
            if satisfaction == "unsatisfied":
                self._follow_up(follow_up or "reopen", note, reason_ids)
        elif outcome == "refused":
            self._end("not_wanted", "refused", {}, at)
        else:
            self._replan()
        return True

    # How it is entered --------------------------------------------------------------

    def _check_may_call(self):
        """Refuse users who may not write the tickets."""
        self.check_access("read")
        self.ticket_id.check_access("write")

    def _lock(self):
        """Wait for whoever enters a call of the same call-backs."""
        self.env.execute_query(
            SQL(
                "SELECT id FROM power_ticket_callback WHERE id IN %s"
                " ORDER BY id FOR NO KEY UPDATE",
                tuple(self.ids) or (0,),
            )
        )
        self.invalidate_recordset()

    def _check_attempt(self, outcome, satisfaction, reason_ids, at):
        self.ensure_one()
        if self.state != "open":
            raise UserError(
                self.env._(
                    "%(ticket)s: this call-back has ended.", ticket=self.ticket_id.name
                )
            )
        if at > fields.Datetime.now():
            raise UserError(self.env._("A call can't lie in the future."))
        if self.answered_at and at < self.answered_at:
            raise UserError(
                self.env._(
                    "%(ticket)s: a call-back comes after the answer; check the date "
                    "and time of the call.",
                    ticket=self.ticket_id.name,
                )
            )
        if outcome == "reached" or satisfaction:
            self.ticket_id._check_satisfaction(satisfaction)
        if satisfaction == "unsatisfied" and not reason_ids:
            raise UserError(self.env._("Choose why the customer isn't satisfied."))
        facts, rules, attempts = self._get_parts()
        refusal = callback_window.check_attempt(
            at, self.answered_at, attempts, facts, rules
        )
        # That a customer wants no call is taken down also by who called too early.
        if refusal and not (outcome == "refused" and refusal in ("too_soon", "quiet")):
            raise UserError(self._get_refusal_text(refusal, at, rules))

    def _get_refusal_text(self, refusal, at, rules):
        if refusal in ("too_soon", "quiet"):
            moment = max(at, self.next_at or at)
            moment = callback_window.get_next_allowed(moment, rules)
            return self.env._(
                "%(ticket)s: not to be called now. The next call is allowed from "
                "%(time)s on.",
                ticket=self.ticket_id.name,
                time=self._get_time_text(moment, rules),
            )
        reasons = dict(self._fields["end_reason"]._description_selection(self.env))
        return self.env._(
            "%(ticket)s is not to be called back: %(reason)s.",
            ticket=self.ticket_id.name,
            reason=reasons.get(refusal, refusal),
        )

    def _get_time_text(self, moment, rules):
        """A time as the station's clock shows it."""
        local = fields.Datetime.context_timestamp(
            self.with_context(tz=rules.tz), moment
        )
        return local.strftime("%Y-%m-%d %H:%M")

    def _get_parts(self):
        """What decides this call-back: (facts, rules, attempts)."""
        self.ensure_one()
        # Rules and personnel calendars count for who may not read them.
        ticket = self.ticket_id.sudo()
        rule = self.env["power.complaint.rule"]._get_by_company(ticket.company_id)
        calendar = (
            ticket.station_id and ticket.station_id._get_duty_calendar()
        ) or ticket.company_id.resource_calendar_id
        facts = callback_window.CallbackFacts(
            ticket.type_id.code,
            ticket.is_anonymous,
            ticket.refuses_callback,
            bool(self.phone),
        )
        attempts = [
            callback_window.Attempt(attempt.at, attempt.outcome == "reached")
            for attempt in self.sudo().attempt_ids  # as above
        ]
        rules = rule[ticket.company_id]._get_callback_rules(calendar.tz)
        return facts, rules, attempts

    def _replan(self):
        """Bring times and state to what the attempts say."""
        self.invalidate_recordset(["attempt_ids"])
        # Counted for everybody, as said by those who call this.
        worktimes = self.ticket_id.sudo()._get_callback_worktimes()
        for callback in self.sudo():  # written by the system only
            facts, rules, attempts = callback._get_parts()
            plan = callback_window.plan(
                callback.answered_at,
                attempts,
                facts,
                rules,
                worktimes[callback.ticket_id],
            )
            vals = {
                "attempt_count": len(attempts),
                "next_at": plan.next_at or False,
                "due_at": plan.due_at or callback.due_at,
                "is_provisional": plan.is_provisional,
            }
            if plan.state in ("not_wanted", "given_up"):
                vals |= {
                    "state": plan.state,
                    "end_reason": plan.reason,
                    "done_at": fields.Datetime.now(),
                }
            callback.write(vals)

    def _end(self, state, reason, vals, at=None):
        # Written by the system only; whoever calls this has checked.
        for callback in self.sudo():
            callback.write(
                {
                    "state": state,
                    "end_reason": reason,
                    "next_at": False,
                    "done_at": at or fields.Datetime.now(),
                    "attempt_count": len(callback.attempt_ids),
                    **vals,
                }
            )

    def _follow_up(self, how, note, reason_ids):
        """What an unsatisfied customer leads to."""
        reasons = self.env["power.ticket.reason"].browse(reason_ids or [])
        words = "\n".join(filter(None, [", ".join(reasons.mapped("name")), note]))
        for callback in self:
            ticket = callback.ticket_id
            if how == "reopen":
                ticket._reopen(words or self.env._("Not satisfied"))
                ticket._tell_reopened(note, reasons)
            elif how == "opinion":
                follow = self.env["power.ticket"].create(
                    ticket._prepare_opinion_vals(words)
                )
                # Written by the system only.
                callback.sudo().follow_ticket_id = follow


class PowerTicketCallbackAttempt(models.Model):
    """One call to a customer and what came of it: evidence."""

    _name = "power.ticket.callback.attempt"
    _inherit = ["power.append.only.mixin"]
    _description = "Call"
    _order = "at desc, id desc"
    _rec_name = "outcome"

    callback_id = fields.Many2one(
        "power.ticket.callback", required=True, index=True, ondelete="restrict"
    )
    outcome = fields.Selection(OUTCOMES, required=True)
    note = fields.Text()


class PowerTicket(models.Model):
    """What becomes of a ticket's call-back."""

    _inherit = "power.ticket"

    callback_ids = fields.One2many(
        "power.ticket.callback", "ticket_id", string="Call-backs", readonly=True
    )
    refuses_callback = fields.Boolean(
        "Wants No Call-back", copy=False, help="The customer doesn't want to be called."
    )

    _answered_idx = models.Index("(answered_at) WHERE answered_at IS NOT NULL")

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind in ("reopened", "cancelled", "merged", "service_ended"):
            # Ended with the ticket, by whoever ends that.
            self.sudo().callback_ids.filtered(
                lambda callback: callback.state == "open"
            )._end("cancelled", "ended", {})
        return result

    def _check_closable(self):
        result = super()._check_closable()
        # A call-back counts also for who may not see it.
        tickets = self.sudo()
        rules = self.env["power.complaint.rule"]._get_by_company(tickets.company_id)
        tickets = tickets.filtered(
            lambda ticket: rules[ticket.company_id].has_callback_first
        )
        tickets._plan_missing_callbacks()
        for ticket in tickets:
            if any(
                callback.state == "open" and callback.cycle == ticket.cycle
                for callback in ticket.callback_ids
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s: call the customer back before closing it.",
                        ticket=ticket.name,
                    )
                )
        return result

    def _prepare_opinion_vals(self, words):
        """Values of the ticket that an unsatisfied customer's words become."""
        self.ensure_one()
        opinion = self.env["power.ticket.type"]._get_by_code("opinion")
        return {
            "subject": self.env._("Not satisfied: %(subject)s", subject=self.subject),
            "description": words,
            "type_id": opinion.id,
            "channel": "phone",
            "partner_id": self.partner_id.id,
            "contact_name": self.contact_name,
            "contact_phone": self.contact_phone,
            "supply_point_id": self.supply_point_id.id,
            "company_id": self.company_id.id,
            "station_id": self.station_id.id,
            "is_confidential": self.is_confidential,
        }

    def _plan_missing_callbacks(self):
        """Plan the call-backs that the job hasn't come to since the answer."""
        answered = self.filtered(
            lambda ticket: (
                ticket.answered_at
                and ticket.type_id.needs_callback
                and ticket.cycle not in ticket.callback_ids.mapped("cycle")
            )
        )
        if answered:
            answered._plan_callbacks()

    def _plan_callbacks(self):
        """Plan the call-backs of answered tickets; those that are not to be called get
        one that says why. A constant number of queries."""
        # The system plans for everybody's tickets.
        tickets = self.sudo().filtered("answered_at")
        rules = tickets.env["power.complaint.rule"]._get_by_company(tickets.company_id)
        worktimes = tickets._get_callback_worktimes()
        vals_list = []
        for ticket in tickets:
            calendar = (
                ticket.station_id and ticket.station_id._get_duty_calendar()
            ) or ticket.company_id.resource_calendar_id
            facts = callback_window.CallbackFacts(
                ticket.type_id.code,
                ticket.is_anonymous,
                ticket.refuses_callback,
                bool(ticket.contact_phone or ticket.partner_id.phone),
            )
            plan = callback_window.plan(
                ticket.answered_at,
                (),
                facts,
                rules[ticket.company_id]._get_callback_rules(calendar.tz),
                worktimes[ticket],
            )
            rated = not plan.reason and ticket._get_rated_reason()
            reason = plan.reason or rated
            vals_list.append(
                {
                    "ticket_id": ticket.id,
                    "company_id": ticket.company_id.id,
                    "cycle": ticket.cycle,
                    "answered_at": ticket.answered_at,
                    "user_id": ticket._get_caller().id,
                    "state": "rated" if rated else "not_wanted" if reason else "open",
                    "end_reason": reason,
                    "next_at": False if reason else plan.next_at,
                    "due_at": plan.due_at or False,
                    "is_provisional": plan.is_provisional,
                }
            )
        return tickets.env["power.ticket.callback"].create(vals_list)

    def _get_callback_worktimes(self):
        """The working time of each ticket's station, else of its company; the plain
        week where neither has hours.

        :return: dict of ticket to :class:`WorkingTime`
        """
        found, result = {}, {}
        for ticket in self:
            key = ticket.station_id, ticket.company_id
            if key not in found:
                station = ticket.station_id
                calendars = (
                    station and station._get_duty_calendar(),
                    ticket.company_id.resource_calendar_id,
                )
                found[key] = next(
                    (
                        worktime
                        for calendar in calendars
                        if calendar
                        and (
                            worktime := _compile(
                                calendar.with_company(ticket.company_id)
                            )
                        )
                    ),
                    FALLBACK,
                )
            result[ticket] = found[key]
        return result

    def _get_caller(self):
        """Who calls back: who was asked first, unless the ticket is confidential or
        that person has left; nobody leaves it to quality staff."""
        self.ensure_one()
        user = self.first_contact_user_id
        if self.is_confidential or not user.active or user.share:
            return user.browse()
        return user

    @api.model
    def _get_unplanned_sql(self):
        """Answered tickets of types that are called back, without one in this cycle."""
        return SQL(
            """
              FROM power_ticket AS ticket
              JOIN power_ticket_type AS type
                ON type.id = ticket.type_id AND type.needs_callback
             WHERE ticket.answered_at >= %s AND ticket.ended_by IS NULL
               AND NOT EXISTS (
                   SELECT FROM power_ticket_callback AS callback
                    WHERE callback.ticket_id = ticket.id
                      AND callback.cycle = ticket.cycle)
            """,
            fields.Datetime.now() - LOOK_BACK,
        )

    @api.model
    def _cron_plan_callbacks(self, batch_size=500):
        """Plan call-backs, the longest answered first: safe to kill, to run twice and
        beside itself."""
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT ticket.id %s ORDER BY ticket.answered_at, ticket.id LIMIT %s",
                self._get_unplanned_sql(),
                batch_size,
            )
        )
        tickets = self.browse(row[0] for row in rows)
        tickets._plan_callbacks()
        self.env.flush_all()
        remaining = self.env.execute_query(
            SQL("SELECT count(*) %s", self._get_unplanned_sql())
        )[0][0]
        run._end_batch(len(tickets), remaining=remaining)


class PowerJobRun(models.Model):
    _inherit = "power.job.run"

    @api.model
    def _get_titles(self):
        return super()._get_titles() | {JOB: self.env._("Call-backs planned")}
