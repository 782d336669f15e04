# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.power_service_base.core.field_task import OPEN_STATES
from odoo.addons.power_service_base.models.power_field_task import TASK_KINDS

CREW_ACTIVITY = "power_service_tickets.mail_activity_crew"


class PowerTicket(models.Model):
    """Crews that are sent for a ticket, and what they report."""

    _inherit = "power.ticket"

    field_task_count = fields.Integer(
        "Field Tasks", compute="_compute_field_task_count"
    )

    @api.depends_context("uid")
    def _compute_field_task_count(self):
        tasks = self.env["power.field.task"]
        counts = {}
        if tasks.has_access("read"):
            counts = dict(
                tasks._read_group(
                    [("res_model", "=", self._name), ("res_id", "in", self.ids)],
                    ["res_id"],
                    ["__count"],
                )
            )
        for ticket in self:
            ticket.field_task_count = counts.get(ticket.id, 0)

    def send_crew(
        self, kind="repair", user_id=None, team_id=None, due_at=None, note=None
    ):
        """Send somebody out: a field task for each ticket, seen in My work at once.

        What the crew reports there, arrives here: arrival and restoration with the time
        at which they happened, also when the phone had no network.

        :param kind: a kind of ``power.field.task``
        :param user_id: id of who goes; ``team_id`` of who may take it; without both
            everybody of the ticket's team or station
        :param due_at: until when, UTC; the promise's deadline when not given
        :param note: what to do; the ticket's description when not given
        :return: True
        :raise UserError: a crew is on its way already, the ticket has ended or is
            confidential, a charge isn't confirmed by the customer, or a value makes no
            sense
        """
        self.check_access("write")
        task = "power.field.task"
        self._get_given_choice(kind, TASK_KINDS, task, "kind")
        due_at = self._get_given_due(due_at, task, "due_at")
        note = self._get_given_text(note, task, "note")
        self._lock()
        user = self._get_handler(user_id)
        team = self._get_department(team_id, "team")
        sent = self._get_crews()
        for ticket in self:
            ticket._check_crew(kind, sent[ticket])
        tasks = self.env["power.field.task"].create(
            [
                ticket._prepare_crew_vals(
                    kind, user, own_team, due_at, note, number=len(sent[ticket]) + 1
                )
                for own_team, tickets in self._group_by_team(team, user).items()
                for ticket in tickets
            ]
        )
        words = [
            {
                "note": self.env._(
                    "Crew sent: %(crew)s",
                    crew=(task.user_id or task.team_id or task.station_id).name,
                )
            }
            for task in tasks
        ]
        each = {
            self.browse(task.res_id): [own]
            for task, own in zip(tasks, words, strict=True)
        }
        self._enter_event("noted", None, {}, each=each)
        self._set_first_asked()
        return True

    def _get_crews(self):
        """Dict of ticket to the field tasks for it, also of other stations' crews."""
        tasks = self.env["power.field.task"].sudo()  # to compare and count only
        found = tasks.search(self._get_crew_domain()).grouped("res_id")
        return {ticket: found.get(ticket.id, tasks) for ticket in self}

    def _tell_assigned(self, user, subject=None, note=None):
        """Whoever only works outside also finds the tickets in My work."""
        result = super()._tell_assigned(user, subject, note)
        self._send_assigned(user)
        return result

    def _send_assigned(self, user):
        """Make field tasks of the tickets that were given to somebody who can't handle
        them at a desk, unless a crew is on its way already. A constant number of
        queries."""
        # Who is in which group is no secret of the system's.
        if not user or user.sudo().has_group("power_service_base.group_power_staff"):
            return
        # Whoever gives the ticket gives the work, also to another station's people.
        tickets = self.sudo().filtered(lambda ticket: ticket._fits_crew())
        sent = tickets._get_crews()
        tickets = tickets.filtered(
            lambda ticket: not any(task.state in OPEN_STATES for task in sent[ticket])
        )
        # Routed at intake, they have no deadline yet.
        tickets._refresh_clocks()
        tickets.env["power.field.task"].create(
            [
                ticket._prepare_crew_vals(
                    ticket._get_crew_kind(),
                    user,
                    ticket.team_id,
                    None,
                    None,
                    number=len(sent[ticket]) + 1,
                )
                for ticket in tickets
            ]
        )

    # Taken away from who was sent ----------------------------------------------------

    def _project_write(self, vals):
        if vals.keys().isdisjoint(("station_id", "user_id")):
            return super()._project_write(vals)
        before = {ticket: (ticket.station_id, ticket.user_id) for ticket in self}
        result = super()._project_write(vals)
        self._hand_on_crews(before)
        return result

    def _log_given(self, before):
        result = super()._log_given(before)
        self._hand_on_crews({ticket: before[ticket][::2] for ticket in self})
        return result

    def _hand_on_crews(self, before):
        """See that the field tasks of tickets that were taken away stay in sight.

        They follow the ticket to its station. What hasn't begun goes to who only works
        outside, too; who handles the ticket at a desk is asked what is to become of it:
        the crew may be the right one still.

        :param before: dict of ticket to (station, user) that had it
        """
        changed = self.sudo().filtered(  # also another station's by now
            lambda ticket: (
                ticket.is_open
                and not ticket.is_confidential
                and before[ticket.with_env(self.env)]
                != (ticket.station_id, ticket.user_id)
            )
        )
        if not changed:
            return
        changed.activity_unlink([CREW_ACTIVITY])
        for ticket, tasks in changed._get_crews().items():
            station, user = before[ticket.with_env(self.env)]
            tasks = tasks.filtered(lambda task: task.state in OPEN_STATES)
            if ticket.station_id and ticket.station_id != station:
                tasks.write({"station_id": ticket.station_id.id, "team_id": False})
            if user and ticket.user_id != user:
                ticket._hand_on_tasks(
                    tasks.filtered(lambda task, user=user: task.user_id == user)
                )

    def _hand_on_tasks(self, tasks):
        """As above, of one ticket and those of its tasks that its last handler has."""
        self.ensure_one()
        user = self.user_id
        if user and not user.has_group("power_service_base.group_power_staff"):
            waiting = tasks.filtered(lambda task: task.state == "planned")
            waiting.write({"user_id": user.id, "team_id": self.team_id.id})
            tasks -= waiting
        asked = self._filter_readers(self._get_handlers() or self.env.user)[:1]
        if not (tasks and asked) or asked.share:
            return
        told = self.with_context(lang=asked.lang).env
        self.activity_schedule(
            CREW_ACTIVITY,
            user_id=asked.id,
            summary=told._(
                "%(person)s still has the field task of this ticket",
                person=", ".join(tasks.user_id.mapped("name")),
            ),
            note=told._("Leave it there, give it to somebody else, or call it off."),
        )

    def _fits_crew(self):
        """Whether somebody may be sent for one ticket without being asked about it."""
        self.ensure_one()
        return (
            self.is_open
            and not self.is_confidential
            and self.type_id.code not in ("connection", "praise")
        )

    def _get_crew_kind(self):
        """What a crew mostly goes for: a kind of ``power.field.task``."""
        self.ensure_one()
        repaired = self.type_id.code in ("fault", "service")
        return "repair" if repaired else "visit"

    def _check_crew(self, kind, sent):
        """Refuse to send a crew for one ticket; paid services extend it.

        :param sent: the field tasks that there are for it
        """
        self.ensure_one()
        if not self.is_open:
            raise UserError(
                self.env._("%(ticket)s has ended: reopen it first.", ticket=self.name)
            )
        if self.is_confidential:
            raise UserError(
                self.env._(
                    "%(ticket)s is confidential: the whole station would see the task.",
                    ticket=self.name,
                )
            )
        running = sent.filtered(
            lambda task: task.kind == kind and task.state in OPEN_STATES
        )
        if running:
            raise UserError(
                self.env._(
                    "%(ticket)s: a crew was sent already, %(task)s.",
                    ticket=self.name,
                    task=running[0].display_name,
                )
            )

    def _get_crew_domain(self):
        return fields.Domain("res_model", "=", self._name) & fields.Domain(
            "res_id", "in", self.ids
        )

    def _prepare_crew_vals(self, kind, user, team, due_at, note, number=1):
        """Values of a field task for one ticket.

        :param number: which of the ticket's tasks it is, for its key
        """
        self.ensure_one()
        arrival = self.sudo().clock_ids.filtered(  # clocks of a ticket that is seen
            lambda clock: (
                clock.cycle == self.cycle
                and clock.target_milestone_id.code == "arrived"
                and clock.state in ("running", "paused")
            )
        )
        vals = {
            "name": f"{self.name} {self.subject}",
            "kind": kind,
            "supply_point_id": self.supply_point_id.id,
            "user_id": user.id,
            "team_id": team.id or self.team_id.id,
            "due_at": due_at
            or arrival.sorted("deadline")[:1].deadline
            or self.deadline,
            "note": note or self.description,
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self.company_id.id,
            "dedup_key": f"ticket/{self.id}/{number}",
        }
        if not self.supply_point_id:
            vals["station_id"] = self.station_id.id
        if self.is_anonymous or self.partner_id:
            vals["partner_id"] = self.partner_id.id
        return vals

    def action_open_field_tasks(self):
        """Open the field tasks of these tickets."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_field_task_action"
        )
        tasks = self.env["power.field.task"].search(self._get_crew_domain())
        action["domain"] = list(self._get_crew_domain())
        action["context"] = {"create": False}
        if len(tasks) == 1:
            action |= {"res_id": tasks.id, "views": [(False, "form")]}
        return action

    def _tell_crew_done(self, words):
        """Tell who handles one ticket that the crew is done: the customer waits for the
        answer.

        :param words: lines of what the crew reported
        """
        self.ensure_one()
        if not self.is_open:
            return
        users = self._get_handlers()
        lang = users.sudo()[:1].lang  # an employee's language is no secret
        told = self.with_context(lang=lang) if lang else self
        self._notify_users(
            users,
            told.env._("%(ticket)s: the crew is done", ticket=self.name),
            "\n".join(words) or self._get_told_name(),
        )

    def _enter_field_event(self, code, event, note=None, proofs=None, again=None):
        """Enter what a crew reported on one ticket. Never refuses: the crew's report is
        a fact, also when the ticket has ended meanwhile.

        :param code: the milestone's code, None for a note only
        :param event: the ``power.field.task.event``
        :param proofs: ``ir.attachment`` records, copied
        :param again: the later event that brought the proof of this one
        """
        self.ensure_one()
        now = fields.Datetime.now()
        at = min(max(event.at, self.received_at), now)
        key = f"field/{(again or event).id}"
        kind, vals = "noted", {"note": note, "client_ref": key}
        milestones = self.type_id.milestone_ids
        milestone = milestones.filtered(lambda item: item.code == code)
        ended = not self.is_open and at >= self.closed_at
        if milestone and not ended:
            kind, vals["milestone_id"] = "milestone", milestone.id
        if proofs:
            copies = self.env["ir.attachment"].create(
                [
                    {
                        "name": proof.name,
                        "raw": proof.raw,
                        "mimetype": proof.mimetype,
                        "company_id": self.company_id.id,
                    }
                    for proof in proofs
                ]
            )
            vals["proof_ids"] = [fields.Command.set(copies.ids)]
        self._enter_event(kind, at, vals, allow_closed=True)
