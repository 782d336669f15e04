# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.power_service_base.core.given import find_text_problem, shorten

from ..core.ticket_projection import Fact, project
from .power_ticket import MILESTONE_FIELDS
from .power_ticket_event import TOLD_WAYS

# Of an event's note, which may quote others, and of a sender's key.
MAX_NOTE = 100_000
MAX_REF = 500
# What whoever works on a ticket may enter as it happened. Everything else has an action
# of its own, which asks for more: words, a reason, an approval.
ENTERED_KINDS = frozenset(("milestone", "noted", "chased", "paused", "resumed"))


class PowerTicket(models.Model):
    """How work is entered: each method makes events, the events make the state.

    All methods work on many tickets at once with a constant number of queries, and
    return True. ``at`` is when it happened (UTC datetime or its text; now when not
    given).
    """

    _inherit = "power.ticket"

    # Public methods -----------------------------------------------------------------

    def register_event(
        self, kind, at=None, note=None, milestone=None, client_ref=None, proof_ids=None
    ):
        """Enter what happened.

        :param kind: ``milestone``, ``noted``, ``chased``, ``paused`` or ``resumed``;
            the other kinds are made by the actions of that name only
        :param at: when, UTC; now when not given
        :param note: words for the timeline
        :param milestone: the milestone's code, for kind ``milestone``
        :param client_ref: the sender's own key; a repeated call with it does nothing
        :param proof_ids: ids of files that prove it
        :return: True
        :raise AccessError: the tickets are not the user's to write
        :raise UserError: the kind isn't entered this way, the time lies in the future
            or before the receipt, the milestone isn't one of the type, or the ticket
            has ended
        """
        self.check_access("write")
        if kind not in tuple(ENTERED_KINDS) or milestone == "received":
            raise UserError(
                self.env._(
                    "“%(kind)s” can't be entered as an event: use the ticket's button "
                    "for it.",
                    kind=milestone if kind == "milestone" else kind,
                )
            )
        vals = {"note": note, "client_ref": client_ref}
        if kind == "milestone":
            vals["milestone_id"] = self._get_milestone(milestone).id
            if milestone == "answered":
                self._need(note)
            elif milestone == "closed":
                self._check_closable()
        if proof_ids:
            self.env["power.ticket.event"]._check_own_files(proof_ids)
            vals["proof_ids"] = [fields.Command.set(proof_ids)]
        return self._enter_event(kind, at, vals)

    def accept(self, note=None):
        """Take the tickets on: the user handles them from now.

        The first employee who takes a ticket that came by itself (hotline, portal,
        e-mail) is the one who was asked first.

        :return: True
        :raise UserError: somebody else has it already
        """
        self.check_access("write")
        self._lock()
        self.invalidate_recordset(["user_id", "first_contact_user_id"])
        for ticket in self:
            if ticket.user_id and ticket.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(ticket)s is %(user)s's: have it handed over first.",
                        ticket=ticket.name,
                        user=ticket.sudo().user_id.name,  # a colleague's name
                    )
                )
        self._enter_event(
            "accepted",
            None,
            {
                "note": note,
                "assignee_id": self.env.uid,
                "milestone_id": self._get_milestone("accepted").id,
            },
        )
        self._project_write({"user_id": self.env.uid})
        self._set_first_asked()
        return True

    def contact(self, note, at=None):
        """Enter that the customer was contacted.

        :param note: what was said; needed
        :param at: when, UTC; now when not given
        :return: True
        """
        return self._reach("contacted", at, self._need(note))

    def arrive(self, at=None, note=None, proof_ids=None):
        """Enter that the crew is on site. Parameters as for :meth:`register_event`."""
        return self._reach("arrived", at, note, proof_ids)

    def restore(self, at=None, note=None, proof_ids=None):
        """Enter that supply is restored. Parameters as for :meth:`register_event`."""
        return self._reach("restored", at, note, proof_ids)

    def _reach(self, code, at, note, proof_ids=None):
        result = self.register_event(
            "milestone", at=at, note=note, milestone=code, proof_ids=proof_ids
        )
        self._set_first_asked()
        return result

    def _set_first_asked(self):
        """The employee who first takes a ticket keeps the duty to call back."""
        if self.env.su or self.env.user.share:
            return
        self.filtered(lambda ticket: not ticket.first_contact_user_id)._project_write(
            {"first_contact_user_id": self.env.uid}
        )

    def answer(self, note, at=None, told_how=None, told_by_id=None):
        """Enter the answer given to the customer, who is told; so are the customers of
        tickets that were merged into these.

        :param note: the answer; needed
        :param at: when, UTC; now when not given
        :param told_how: ``phone``, ``counter`` or ``visit`` when somebody told the
            customer in person: then no message says it again
        :param told_by_id: id of the login of who told it; the user when not given
        :return: True
        """
        vals = self._prepare_told_vals(told_how, told_by_id)
        self._enter_answer(self._need(note), at, {"is_public": True, **vals})
        self._set_first_asked()
        return True

    def _prepare_told_vals(self, told_how, told_by_id):
        """Values of the event of an answer that was told in person, else none.

        :raise UserError: no such way, or no such employee
        """
        if not told_how:
            return {}
        if told_how not in dict(TOLD_WAYS):
            raise UserError(self.env._("Say how the customer was told."))
        teller = self._get_handler(told_by_id) or self.env.user
        return {"told_how": told_how, "told_by_id": teller.id}

    def _enter_answer(self, note, at, vals):
        """Enter an answer; customers of merged tickets, also of other stations' by now,
        get what is shown to the customer."""
        vals = {
            "milestone_id": self._get_milestone("answered").id,
            "note": note,
            **vals,
        }
        self._enter_event("milestone", at, vals)
        merged = self.sudo().merged_ids  # as said
        if merged and vals.get("is_public"):
            shown = {name: vals[name] for name in ("milestone_id", "note", "is_public")}
            merged._enter_event("milestone", None, shown, allow_closed=True)

    def close(self, note=None):
        """Close the tickets.

        :param note: words for the timeline
        :return: True
        :raise UserError: an answer was promised and isn't given, or the reply wasn't
            reviewed yet
        """
        self.check_access("write")
        self._check_closable()
        return self._enter_event(
            "milestone",
            None,
            {"milestone_id": self._get_milestone("closed").id, "note": note},
        )

    def reopen(self, note, reason_id=None):
        """Open answered or closed tickets again: their answer clocks run anew, and who
        handles them is told."""
        result = self._reopen(note, reason_id)
        reason = self.env["power.ticket.reason"].browse(self._get_reason_id(reason_id))
        self._tell_reopened(note, reason)
        return result

    def _reopen(self, note, reason_id=None):
        """As above, of tickets whose handlers hear of it otherwise."""
        for ticket in self:
            if ticket.is_open and not ticket.answered_at:
                raise UserError(
                    self.env._(
                        "%(ticket)s is still open: there is nothing to reopen.",
                        ticket=ticket.name,
                    )
                )
            if ticket.merged_into_id:
                raise UserError(
                    self.env._(
                        "%(ticket)s was merged: reopen %(other)s instead.",
                        ticket=ticket.name,
                        other=ticket.merged_into_id.name,
                    )
                )
        return self._enter_event(
            "reopened",
            None,
            {"note": self._need(note), "reason_id": self._get_reason_id(reason_id)},
            allow_closed=True,
        )

    def pause(self, note, reason_id=None):
        """Let the clocks rest while something is awaited from the customer."""
        return self._enter_event(
            "paused",
            None,
            {"note": self._need(note), "reason_id": self._get_reason_id(reason_id)},
        )

    def resume(self, note=None):
        """Go on after a pause."""
        return self._enter_event("resumed", None, {"note": note})

    def cancel(self, note, reason_id=None):
        """End the tickets without an answer; their clocks count neither way."""
        return self._enter_event(
            "cancelled",
            None,
            {"note": self._need(note), "reason_id": self._get_reason_id(reason_id)},
        )

    def _check_closable(self):
        """Refuse closing what isn't ready; extended by review and call-back.

        :raise UserError: names the ticket and what is missing
        """
        for ticket in self:
            if ticket.answered_at or ticket.type_id.needs_review:
                continue
            # Clocks of a ticket that may be closed.
            promised = ticket.sudo().clock_ids.filtered(
                lambda clock, ticket=ticket: (
                    clock.cycle == ticket.cycle
                    and clock.target_milestone_id.code == "answered"
                    and clock.state in ("running", "paused", "missed")
                )
            )
            if promised:
                raise UserError(
                    self.env._(
                        "%(ticket)s has no answer yet: answer it first, or end it with "
                        "a reason.",
                        ticket=ticket.name,
                    )
                )

    # How it is entered --------------------------------------------------------------

    def _need(self, note):
        if not isinstance(note, str) or not note.strip():
            raise UserError(self.env._("Say why: the reason is kept in the history."))
        return self._get_given_text(note, "power.ticket.event", "note", MAX_NOTE)

    @api.model
    def _get_id(self, value):
        """An id as another system sends it; 0 for none.

        :raise UserError: it can't be one
        """
        try:
            number = int(value or 0)
        except (TypeError, ValueError, OverflowError):
            number = -1
        if value is True or isinstance(value, float):
            number = -1
        if not 0 <= number < 2**31:
            raise UserError(self.env._("“%(value)s” is no id.", value=shorten(value)))
        return number

    @api.model
    def _get_reason_id(self, reason_id):
        """As above, of a reason; False for none.

        :raise UserError: there is no such reason
        """
        reason = self.env["power.ticket.reason"].browse(self._get_id(reason_id))
        if reason.id and not reason.exists():
            raise UserError(self.env._("Choose a reason from the list."))
        return reason.id

    def _get_milestone(self, code):
        milestone = self.env["power.ticket.milestone"]
        if not find_text_problem(code, MAX_REF):
            milestone = milestone.search([("code", "=", code)], limit=1)
        if not milestone:
            raise UserError(
                self.env._(
                    "There is no milestone “%(code)s”.", code=shorten(code or "")
                )
            )
        return milestone

    def _lock(self):
        """Wait for whoever enters something on the same tickets."""
        self.env.execute_query(
            SQL(
                "SELECT id FROM power_ticket WHERE id IN %s "
                "ORDER BY id FOR NO KEY UPDATE",
                tuple(self.ids) or (0,),
            )
        )

    def _enter_event(self, kind, at, vals, allow_closed=False, each=None):
        """Make one event of a kind on each ticket, and bring state and clocks up to it.

        :param vals: values of the event, the same for all
        :param allow_closed: whether tickets that have ended are taken too
        :param each: dict of ticket to a list of further values: an event for each
        """
        self.check_access("write")
        self._lock()
        self.invalidate_recordset(["is_open", "closed_at", "chase_count"])
        self._check_event_texts(vals)
        now = fields.Datetime.now()
        at = self._get_moment(at) or now
        todo = self._drop_received_before(vals.get("client_ref"))
        todo._check_event(kind, at, now, vals, allow_closed)
        # The right to write the ticket, just checked, is the right to its events.
        self.env["power.ticket.event"].sudo().create(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": kind,
                    "at": at,
                    **ticket._prepare_before_vals(kind),
                    **vals,
                    **own,
                }
                for ticket in todo
                for own in (each[ticket] if each else ({},))
            ]
        )
        todo._project()
        todo._refresh_clocks()
        return True

    @api.model
    def _check_event_texts(self, vals):
        """Refuse texts that can't be kept."""
        for name, size in (("note", MAX_NOTE), ("client_ref", MAX_REF)):
            self._get_given_text(vals.get(name), "power.ticket.event", name, size)

    @api.model
    def _get_moment(self, at):
        """A time as another system sends it.

        :raise UserError: it is none
        """
        try:
            return fields.Datetime.to_datetime(at)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._("“%(time)s” is no date and time.", time=shorten(at))
            ) from error

    def _prepare_before_vals(self, kind):
        """Who had one ticket before an event of this kind."""
        self.ensure_one()
        if kind not in ("dispatched", "transferred", "returned", "accepted"):
            return {}
        return {
            "previous_station_id": self.station_id.id,
            "previous_team_id": self.team_id.id,
            "previous_assignee_id": self.user_id.id,
        }

    def _drop_received_before(self, client_ref):
        """Leave out those that have an event with this key of the sender."""
        if not client_ref:
            return self
        if not isinstance(client_ref, str):
            raise UserError(self.env._("The sender's key is a text."))
        events = self.env["power.ticket.event"].sudo()  # also those not to be seen
        known = events.search(
            [("ticket_id", "in", self.ids), ("client_ref", "=", client_ref)]
        )
        return self - known.ticket_id

    def _check_event(self, kind, at, now, vals, allow_closed):
        """Refuse an event that can't be true, or that the ticket's end leaves no room
        for."""
        milestone = self.env["power.ticket.milestone"].browse(
            vals.get("milestone_id") or []
        )
        for ticket in self:
            if kind == "chased" and ticket.chase_count >= ticket._get_max_chases():
                raise UserError(
                    self.env._(
                        "%(ticket)s was chased %(count)s times already, which is the "
                        "limit: its supervisor has to see to it.",
                        ticket=ticket.name,
                        count=ticket.chase_count,
                    )
                )
            if at > now:
                raise UserError(
                    self.env._(
                        "%(ticket)s: what happened can't lie in the future; check the "
                        "date and time.",
                        ticket=ticket.name,
                    )
                )
            if at < ticket.received_at:
                raise UserError(
                    self.env._(
                        "%(ticket)s: this can't have happened before the ticket was "
                        "received; check the date and time.",
                        ticket=ticket.name,
                    )
                )
            if not ticket.is_open and not allow_closed and at >= ticket.closed_at:
                raise UserError(
                    self.env._(
                        "%(ticket)s has ended: reopen it first.", ticket=ticket.name
                    )
                )
            if milestone and milestone not in ticket.type_id.milestone_ids:
                raise UserError(
                    self.env._(
                        "%(ticket)s: “%(milestone)s” isn't a milestone of the type "
                        "%(type)s.",
                        ticket=ticket.name,
                        milestone=milestone.name,
                        type=ticket.type_id.name,
                    )
                )

    def _get_max_chases(self):
        """How often one ticket may be chased."""
        self.ensure_one()
        return self.env["power.limit"]._get("max_chases", self.company_id)

    def _enter_received(self):
        received = self.env.ref("power_service_tickets.power_ticket_milestone_received")
        # Intake is open to whoever may create tickets; events are made for them.
        self.env["power.ticket.event"].sudo().create(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": "milestone",
                    "milestone_id": received.id,
                    "at": ticket.received_at,
                }
                for ticket in self
            ]
        )

    def _move_to_stage(self, stage):
        """Enter what moving tickets to a stage by hand means.

        :raise UserError: the stage isn't one of the type, or is the one of ended ones
        """
        for ticket in self:
            if stage not in ticket.type_id.stage_ids:
                raise UserError(
                    self.env._(
                        "%(ticket)s: “%(stage)s” isn't a stage of the type %(type)s.",
                        ticket=ticket.name,
                        stage=stage.name,
                        type=ticket.type_id.name,
                    )
                )
        todo = self.filtered(lambda ticket: ticket.stage_id != stage)
        if not todo:
            return
        if stage.is_closed and not stage.milestone_id:
            raise UserError(
                self.env._("To end a ticket, cancel it or end its service.")
            )
        if stage.pauses_clock:
            todo._enter_event("paused", None, {"stage_id": stage.id})
            return
        waiting = todo.filtered("is_paused")
        if waiting:
            waiting._enter_event("resumed", None, {})
        todo = todo.filtered(lambda ticket: ticket.stage_id != stage)
        if not todo:
            return
        if stage.milestone_id.code == "closed":
            todo.close()
        elif stage.milestone_id:
            todo._enter_event(
                "milestone", None, {"milestone_id": stage.milestone_id.id}
            )
        # A milestone reached before moves nothing back: the hand does.
        todo = todo.filtered(lambda ticket: ticket.stage_id != stage)
        if todo:
            todo._enter_event("moved", None, {"stage_id": stage.id})

    # Projection ---------------------------------------------------------------------

    def _get_facts(self):
        """Dict of ticket id to its events as :class:`Fact`, in one query."""
        self.env["power.ticket.event"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT event.ticket_id, event.kind, event.at, event.id,"
                " milestone.code, event.stage_id"
                " FROM power_ticket_event AS event"
                " LEFT JOIN power_ticket_milestone AS milestone"
                " ON milestone.id = event.milestone_id"
                " WHERE event.ticket_id = ANY(%s)",
                self.ids,
            )
        )
        facts = {ticket_id: [] for ticket_id in self.ids}
        for ticket_id, kind, at, event_id, milestone, stage in rows:
            facts[ticket_id].append(Fact(kind, at, event_id, milestone, stage))
        return facts

    def _project(self):
        """Bring stage and times to what the events say."""
        facts = self._get_facts()
        stages = self.type_id._get_stages()
        groups = {}
        for ticket in self:
            found = project(facts[ticket.id], stages[ticket.type_id.id])
            vals = {
                "stage_id": found.stage,
                "is_open": found.is_open,
                "is_paused": found.is_paused,
                "closed_at": found.closed_at or False,
                "ended_by": found.ended_by or False,
                "cycle": found.cycle,
                "chase_count": found.chase_count,
                "return_count": found.return_count,
                "reopen_count": found.reopen_count,
            }
            for code, name in MILESTONE_FIELDS.items():
                vals[name] = found.milestones.get(code, False)
            changed = {
                name: value
                for name, value in vals.items()
                if self._fields[name].convert_to_write(ticket[name], ticket) != value
            }
            if changed:
                key = tuple(sorted(changed.items()))
                groups.setdefault(key, []).append(ticket.id)
        for changed, ids in groups.items():
            self.browse(ids)._project_write(dict(changed))

    def _project_write(self, vals):
        """Write what events say; the right to enter them was checked before."""
        if not (vals and self):
            return
        # As said above. The events are the trace.
        self.sudo().with_context(power_ticket_projection=True, mail_notrack=True).write(
            vals
        )

    @api.model
    def _check_supervisor(self, message):
        if not (
            self.env.su
            or self.env.user.has_group("power_service_base.group_power_supervisor")
        ):
            raise AccessError(message)
