# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError

ENDING_KINDS = ("merged", "cancelled", "service_ended")
OPEN_STATES = ("running", "paused")
EXTENSION_KINDS = ("extended", "reopened")


class Reclassification:
    """Passed in the context by the only code that may change a complaint's type.

    Being an object, it can't be sent by a client.
    """

    def __init__(self, note):
        self.note = note


class PowerTicket(models.Model):
    """What needs approval: extensions, exemptions, another class, end of service, and
    the end of a complaint or report of wrongdoing without an answer."""

    _inherit = "power.ticket"

    ending_user_id = fields.Many2one(
        "res.users", string="Who Ended It", compute="_compute_ending"
    )
    ending_reason_id = fields.Many2one(
        "power.ticket.reason", string="Reason of the End", compute="_compute_ending"
    )
    ending_note = fields.Text("Words on the End", compute="_compute_ending")

    @api.depends("ended_by")
    def _compute_ending(self):
        ended = self.filtered("ended_by")
        events = self.env["power.ticket.event"].sudo()  # of tickets that are seen
        last = {}
        for event in events.search(
            [("ticket_id", "in", ended.ids), ("kind", "in", ENDING_KINDS)],
            order="at, id",
        ):
            last[event.ticket_id.id] = event
        for ticket in self:
            event = last.get(ticket.id, events.browse()) if ticket.ended_by else events
            ticket.ending_user_id = event.user_id
            ticket.ending_reason_id = event.reason_id
            ticket.ending_note = event.note

    def extend(self, units, reason_id, note=None, policy_id=None):
        """Give a promise more time, once, and tell the customer.

        :param units: how many of the promise's own units (working days, minutes …)
        :param reason_id: id of a reason for extending; needed
        :param note: more words
        :param policy_id: id of the promise; that of the answer when not given
        :return: True
        :raise AccessError: the user isn't a supervisor
        :raise UserError: the promise doesn't run any more, was extended before, or the
            extension is longer than the promise itself (an enquiry's 6 working days
            become 12 at most)
        """
        self.check_access("write")
        self._check_approver()
        reason = self._get_reason(reason_id, "extended")
        units = self._get_units(units)
        groups = {}
        extended = self._get_extended_promises()
        for ticket in self:
            clock = ticket._get_clock_to_extend(policy_id)
            ticket._check_extension(clock, units, extended[ticket.id])
            groups.setdefault(clock.policy_id.id, self.browse())
            groups[clock.policy_id.id] |= ticket
        for promise_id, tickets in groups.items():
            tickets._enter_event(
                "extended",
                None,
                {
                    "policy_id": promise_id,
                    "extension": units,
                    "reason_id": reason.id,
                    "note": note,
                },
            )
        self._tell_customers("ticket_extended")
        return True

    def exempt(self, reason_id, note, policy_id=None):
        """Take a promise out of the count, also one that was missed: it shows as
        exempted, with who did it and why.

        :param reason_id: id of a reason for exempting; needed
        :param note: the facts; needed
        :param policy_id: id of the promise; all of the ticket's when not given
        :return: True
        :raise AccessError: the user isn't a supervisor
        :raise UserError: without reason or facts, by who handles the ticket, or the
            ticket has no such promise
        """
        self.check_access("write")
        self._check_approver(by_another=True)
        reason = self._get_reason(reason_id, "exempted")
        for ticket in self if policy_id else ():
            clocks = ticket.sudo().clock_ids  # of a ticket that is seen
            if policy_id not in clocks.policy_id.ids:
                raise UserError(
                    self.env._(
                        "%(ticket)s has no such promise: choose one of its own.",
                        ticket=ticket.name,
                    )
                )
        return self._enter_event(
            "exempted",
            None,
            {"reason_id": reason.id, "note": self._need(note), "policy_id": policy_id},
            allow_closed=True,
        )

    def end_service(self, note):
        """End the tickets though the customer isn't content: everything was done and
        explained (终止服务). Promises are not counted any more.

        :param note: what was done; needed
        :return: True
        :raise AccessError: the user isn't a supervisor
        :raise UserError: by who handles the ticket; a complaint without finding, or
            without an answer that passed its review
        """
        self.check_access("write")
        self._check_approver(by_another=True)
        self._enter_event("service_ended", None, {"note": self._need(note)})
        self.filtered(lambda ticket: ticket._is_guarded())._tell_quality()
        return True

    def cancel(self, note, reason_id=None):
        """A complaint or report of wrongdoing is cancelled by a supervisor who has no
        part in it, with a reason of the list; quality staff are told.

        :raise AccessError: of those, when the user isn't a supervisor
        :raise UserError: of those, by who handles it or without a reason
        """
        self.check_access("write")
        guarded = self.filtered(lambda ticket: ticket._is_guarded())
        guarded._check_approver(by_another=True)
        if guarded:
            self._get_reason(reason_id, "cancelled")
        result = super().cancel(note, reason_id)
        guarded._tell_quality()
        return result

    def reclassify(self, type_id, note, category_id=None):
        """Give the tickets another type: its promises hold from the receipt on.

        :param type_id: id of the type
        :param note: why; needed
        :param category_id: id of a category of that type
        :return: True
        :raise AccessError: a complaint becomes something else by who is no
            supervisor
        :raise UserError: there is no such type or category, or no reason

        A ticket whose type was confidential is open to its station then.
        """
        self.check_access("write")
        note = self._need(note)
        new_type = self.env["power.ticket.type"].browse(self._get_id(type_id)).exists()
        category = self.env["power.ticket.category"].browse(self._get_id(category_id))
        category = category.exists()
        if not new_type or category and category.type_id != new_type:
            raise UserError(self.env._("There is no such type or category."))
        graded = self.filtered(lambda ticket: ticket._is_guarded_type())
        graded.filtered(lambda ticket: ticket.type_id != new_type)._check_approver(
            by_another=True
        )
        self._lock()
        if self.filtered(lambda ticket: not ticket.is_open):
            raise UserError(self.env._("A ticket that has ended keeps its type."))
        vals = {"type_id": new_type.id, "category_id": category.id}
        todo = self.with_context(power_reclassifying=Reclassification(note))
        opened = todo.filtered(
            lambda ticket: (
                ticket.type_id.is_confidential and not new_type.is_confidential
            )
        )
        if opened:
            opened._disclose({**vals, "is_confidential": False})
        return (todo - opened).write(vals)

    def explain(self, note, proof_ids=None):
        """Enter why a promise was missed. The clocks stay as they are.

        :param note: the explanation; needed
        :param proof_ids: ids of files that prove it
        :return: True
        """
        vals = {"note": self._need(note)}
        if proof_ids:
            self.env["power.ticket.event"]._check_own_files(proof_ids)
            vals["proof_ids"] = [fields.Command.set(proof_ids)]
        return self._enter_event("explained", None, vals, allow_closed=True)

    def _tell_quality(self):
        """Tell quality staff that tickets ended without being closed."""
        quality = self.env["power.rectification"]._get_quality_users()
        for ticket in self:
            users = quality(ticket.company_id)
            told = ticket.with_context(lang=users.sudo()[:1].lang)  # to be told
            ticket._notify_users(
                users,
                told.env._(
                    "%(ticket)s was ended by %(user)s without being closed",
                    ticket=ticket.name,
                    user=self.env.user.name,
                ),
                None if ticket.is_confidential else ticket.ending_note,
            )

    # Another type -------------------------------------------------------------------

    def _is_guarded_type(self):
        """Whether leaving the type needs approval: it would leave the statistics."""
        self.ensure_one()
        return self.type_id.is_complaint or self.type_id.is_confidential

    def _is_guarded(self):
        """Whether ending it without closing needs approval."""
        return self._is_guarded_type() or self.is_confidential

    def _get_handling_users(self):
        """Who has a part in one ticket, and so approves nothing of it."""
        self.ensure_one()
        # Who took it on, also before it was passed on; of a ticket that is seen.
        accepted = self.sudo().event_ids.filtered(
            lambda event: event.kind == "accepted"
        )
        return self.user_id | accepted.user_id.with_env(self.env)

    def write(self, vals):
        """Also enters that the type was changed, and keeps complaints complaints."""
        if "type_id" not in vals or self.env.context.get("power_ticket_projection"):
            return super().write(vals)
        reclassification = self.env.context.get("power_reclassifying")
        if not isinstance(reclassification, Reclassification):
            reclassification = None
        before = {
            ticket: ticket.type_id
            for ticket in self
            if ticket.type_id.id != vals["type_id"]
        }
        for ticket in before:
            if ticket._is_guarded_type() and not reclassification:
                raise UserError(
                    self.env._(
                        "%(ticket)s is a %(type)s: use Reclassify and say why.",
                        ticket=ticket.name,
                        type=ticket.type_id.name,
                    )
                )
        vals = dict(vals)
        if before and "category_id" not in vals:
            vals["category_id"] = False  # one of the other type
        result = super().write(vals)
        changed = self.browse(ticket.id for ticket in before)
        if changed:
            # The right to write the tickets, just used, is the right to their events.
            self.env["power.ticket.event"].sudo().create(
                [
                    {
                        "ticket_id": ticket.id,
                        "kind": "reclassified",
                        "previous_type_id": before[ticket].id,
                        "type_id": ticket.type_id.id,
                        "note": reclassification and reclassification.note,
                    }
                    for ticket in changed
                ]
            )
            changed._project()
            changed._end_requests(
                "reclassify", reclassification and reclassification.note
            )
        return result

    # Checks -------------------------------------------------------------------------

    def _check_approver(self, by_another=False):
        """Refuse who isn't a supervisor, or with ``by_another`` has a part in it."""
        if not self:
            return
        self._check_supervisor(
            self.env._("This is approved by a supervisor: ask for it.")
        )
        if not by_another or self.env.su:
            return
        for ticket in self:
            if self.env.user in ticket._get_handling_users():
                raise UserError(
                    self.env._(
                        "%(ticket)s is yours: somebody else has to approve this.",
                        ticket=ticket.name,
                    )
                )

    @api.model
    def _get_units(self, units):
        try:
            units = int(units)
        except (TypeError, ValueError, OverflowError):
            units = 0
        if not 0 < units < 2**31:
            raise UserError(self.env._("Say by how much it is extended."))
        return units

    def _get_clock_to_extend(self, policy_id):
        """The running clock of one ticket that an extension is for.

        :raise UserError: there is none, or several and none is named
        """
        clocks = self._find_clocks_to_extend(policy_id)
        if len(clocks) != 1:
            raise UserError(
                self.env._(
                    "%(ticket)s: choose a promise that is still running.",
                    ticket=self.name,
                )
            )
        return clocks

    def _find_clocks_to_extend(self, policy_id=None):
        """The running clocks of one ticket that an extension may be for."""
        clocks = self._get_running_clocks()
        if policy_id:
            return clocks.filtered(lambda clock: clock.policy_id.id == policy_id)
        if len(clocks) > 1:
            return clocks.filtered(
                lambda clock: clock.target_milestone_id.code == "answered"
            )
        return clocks

    def _get_running_clocks(self):
        """The clocks of one ticket that run or wait."""
        self.ensure_one()
        return self.sudo().clock_ids.filtered(  # clocks of a ticket that is seen
            lambda clock: clock.cycle == self.cycle and clock.state in OPEN_STATES
        )

    def _get_extended_promises(self):
        """Dict of ticket id to the promises that were extended since it was last
        reopened; None among them stands for all promises."""
        found = {ticket.id: set() for ticket in self}
        events = self.env["power.ticket.event"].sudo()  # of tickets that are seen
        domain = [("ticket_id", "in", self.ids), ("kind", "in", EXTENSION_KINDS)]
        for event in events.search(domain, order="id"):
            if event.kind == "reopened":
                found[event.ticket_id.id].clear()
            else:
                found[event.ticket_id.id].add(event.policy_id.id or None)
        return found

    def _check_extension(self, clock, units, extended):
        """Refuse a second extension, or one longer than the promise.

        :param clock: the ``power.sla.clock`` that it is for
        :param extended: the promises of the ticket that were extended before
        """
        self.ensure_one()
        if {None, clock.policy_id.id} & extended:
            raise UserError(
                self.env._(
                    "%(ticket)s: this promise was extended before; it can be extended "
                    "only once.",
                    ticket=self.name,
                )
            )
        if units > clock.policy_id.duration:
            raise UserError(
                self.env._(
                    "%(ticket)s: an extension may be as long as the promise itself at "
                    "most: %(duration)s %(unit)s.",
                    ticket=self.name,
                    duration=clock.policy_id.duration,
                    unit=clock.policy_id._get_unit_text(
                        clock.policy_id.unit, clock.policy_id.duration
                    ),
                )
            )
