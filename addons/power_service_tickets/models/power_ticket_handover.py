# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

# Who has a ticket; each change by hand is an event.
HANDLING_FIELDS = ("station_id", "team_id", "user_id")
# Fields that may give another station by themselves.
PLACE_FIELDS = frozenset(("supply_point_id", "partner_id", *HANDLING_FIELDS))
# A ticket's way from hand to hand, and back.
HANDOVERS = ("dispatched", "transferred", "returned")


class PowerTicket(models.Model):
    """Who has a ticket: dispatched, handed over, returned, chased, merged."""

    _inherit = "power.ticket"

    is_my_team = fields.Boolean(
        compute="_compute_is_my_team", search="_search_is_my_team"
    )

    @api.depends("team_id")
    @api.depends_context("uid")
    def _compute_is_my_team(self):
        teams = self._get_my_teams()
        for ticket in self:
            ticket.is_my_team = ticket.team_id in teams

    @api.model
    def _search_is_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        return fields.Domain("team_id", "in", self._get_my_teams().ids)

    @api.model
    def _get_my_teams(self):
        """The departments that the user works in."""
        return self.env.user.sudo().employee_ids.department_id  # own employee

    # Public methods -----------------------------------------------------------------

    def dispatch(self, team_id=None, user_id=None, note=None):
        """Give the tickets to a team or person of the handling station.

        :param team_id: id of a team; the person's own when not given
        :param user_id: id of the user who handles them
        :param note: words for the timeline
        :return: True
        :raise UserError: neither is given, or there is no such team or user
        :raise AccessError: the user may not see one of the tickets
        """
        if not (team_id or user_id):
            raise UserError(self.env._("Say who handles it: a team or a person."))
        self.check_access("write")
        team = self._get_department(team_id, "team")
        user = self._get_handler(user_id)
        for ticket in self:
            ticket._check_team(team, ticket.station_id)
        self._check_may_handle(user)
        for own_team, tickets in self._group_by_team(team, user).items():
            tickets._enter_event(
                "dispatched",
                None,
                {"note": note, "team_id": own_team.id, "assignee_id": user.id},
            )
            vals = {}
            if own_team:
                vals["team_id"] = own_team.id
            if user:
                vals["user_id"] = user.id
            tickets._project_write(vals)
        self._tell_assigned(user)
        return True

    def transfer(self, note, station_id=None, team_id=None, user_id=None):
        """Hand the tickets over to another station, team or person.

        The station that was asked first goes on seeing them.

        :param note: why; needed
        :param station_id: id of a station; 0 for the company's desk; unchanged when not
            given
        :param team_id: id of a team; the person's own when not given, else none
        :param user_id: id of a user; nobody's when not given
        :return: True
        :raise UserError: nobody is named, there is no such one, or no reason
        """
        if station_id is None and not team_id and not user_id:
            raise UserError(
                self.env._("Say who takes it over: a station, a team or a person.")
            )
        note = self._need(note)
        self.check_access("write")
        team = self._get_department(team_id, "team")
        user = self._get_handler(user_id)
        vals, event, station = {"user_id": user.id}, {}, None
        if station_id is not None:
            station = self._get_department(station_id, "station")
            vals["station_id"] = event["station_id"] = station.id
            if not station:
                vals["grid_area_id"] = False
            self._check_team(team, station)
        else:
            for ticket in self:
                ticket._check_team(team, ticket.station_id)
        event |= {"note": note, "assignee_id": user.id}
        for own_team, tickets in self._group_by_team(team, user, station).items():
            tickets._enter_event("transferred", None, {**event, "team_id": own_team.id})
            tickets._project_write({**vals, "team_id": own_team.id})
        self._refresh_clocks()
        self.sudo()._check_may_handle(user)  # may be another station's by now
        self.sudo()._tell_assigned(user)
        return True

    def return_to(self, reason_id, note=None):
        """Give the tickets back to who sent them: wrong area or class, data missing.

        Each goes back the last step of its way: to the station, team and person it came
        from. One that came from nowhere goes to the station that was asked first, and
        from there to the company's desk.

        :param reason_id: id of a reason for returning; needed
        :param note: what is wrong or missing
        :return: True
        :raise UserError: without such a reason
        """
        self.check_access("write")
        reason = self._get_reason(reason_id, "returned")
        groups = {}
        for ticket, target in self._get_return_targets().items():
            groups.setdefault(target, self.browse())
            groups[target] |= ticket
        for (station_id, team_id, user_id), tickets in groups.items():
            vals = {"station_id": station_id, "team_id": team_id}
            tickets._enter_event(
                "returned",
                None,
                {**vals, "assignee_id": user_id, "reason_id": reason.id, "note": note},
            )
            tickets._project_write({**vals, "user_id": user_id})
            tickets._refresh_clocks()
            user = self.env["res.users"].browse(user_id or [])
            told = reason.with_context(lang=user.sudo().lang)  # of whoever gets it
            tickets.sudo()._tell_assigned(  # may be another station's by now
                user,
                told.env._("Returned: %(reason)s", reason=told.name),
                note,
            )
        return True

    def chase(self, note, client_ref=None):
        """Enter that the customer asks again; who handles it is told.

        How often is one of the limits (``power.limit``).

        :param note: what the customer said; needed
        :param client_ref: the sender's own key; a repeated call with it does nothing
        :return: True
        :raise UserError: a ticket was chased as often as allowed, or has ended
        """
        before = {ticket: ticket.chase_count for ticket in self}
        self._enter_event(
            "chased", None, {"note": self._need(note), "client_ref": client_ref}
        )
        for ticket in self:
            if ticket.chase_count != before[ticket]:
                users, env = ticket._get_handlers_and_env()
                ticket._notify_users(
                    users,
                    env._("%(ticket)s: the customer asks again", ticket=ticket.name),
                    note,
                )
        return True

    def merge_into(self, ticket_id, note=None):
        """Join reports of one and the same fault: these end, the other goes on.

        Nothing of a customer's words is copied. When the other one is answered, the
        customers of these get the answer too.

        :param ticket_id: id of the ticket that stays: the one received first
        :param note: why it is the same fault
        :return: True
        :raise UserError: one is of a type that isn't merged (as complaints), of another
            station, has ended, or was received before the one that stays
        """
        target = self.browse(self._get_id(ticket_id)).exists()
        if not target:
            raise UserError(self.env._("There is no such ticket to merge into."))
        (self | target).check_access("write")
        (self | target)._lock()
        self._check_mergeable(target)
        self._enter_event("merged", None, {"related_ticket_id": target.id})
        # Those merged into these before follow them; nobody sees all stations' tickets.
        (self | self.sudo().merged_ids.with_env(self.env))._project_write(
            {"merged_into_id": target.id}
        )
        joined = [{"related_ticket_id": ticket.id} for ticket in self]
        target._enter_event("joined", None, {"note": note}, each={target: joined})
        target.priority = max((self | target).mapped("priority"))
        return True

    # By hand ------------------------------------------------------------------------

    def write(self, vals):
        """Also enters who was given the tickets, however they were given."""
        by_hand = not (self.env.su and self.env.context.get("power_ticket_projection"))
        if not by_hand or PLACE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = {
            ticket: tuple(ticket[name] for name in HANDLING_FIELDS) for ticket in self
        }
        result = super().write(vals)
        changed = self.filtered(
            lambda ticket: (
                before[ticket] != tuple(ticket[name] for name in HANDLING_FIELDS)
            )
        )
        changed._log_given(before)
        return result

    def _log_given(self, before):
        """Enter that tickets were given to somebody by writing the field.

        :param before: dict of ticket to (station, team, user)
        """
        vals_list, told = [], {}
        for ticket in self:
            station, team, user = before[ticket]
            vals = {
                "ticket_id": ticket.id,
                "kind": "dispatched",
                "previous_station_id": station.id,
                "previous_team_id": team.id,
                "previous_assignee_id": user.id,
                "team_id": ticket.team_id.id,
                "assignee_id": ticket.user_id.id,
            }
            if station != ticket.station_id:
                vals |= {"kind": "transferred", "station_id": ticket.station_id.id}
            vals_list.append(vals)
            if ticket.team_id != team:
                ticket._check_team(ticket.team_id, ticket.station_id)
            if ticket.user_id != user:
                told.setdefault(ticket.user_id, self.browse())
                told[ticket.user_id] |= ticket
        for user, tickets in told.items():
            tickets._check_may_handle(user)
        # The right to write the tickets, just used, is the right to their events.
        self.env["power.ticket.event"].sudo().create(vals_list)
        for user, tickets in told.items():
            tickets._tell_assigned(user)

    # Checks -------------------------------------------------------------------------

    @api.model
    def _get_department(self, department_id, unit):
        """The station or team with this id, an empty one for none.

        :raise UserError: there is none such in the user's companies
        """
        departments = self.env["hr.department"]
        if not department_id:
            return departments
        found = departments.search(
            [
                ("id", "=", self._get_id(department_id)),
                ("power_unit", "=", unit),
                ("company_id", "in", [False, *self.company_id.ids]),
            ]
        )
        if not found:
            raise UserError(self.env._("There is no such station or team."))
        return found

    def _group_by_team(self, team, user, station=None):
        """Dict of team to those of the tickets that it gets: the team given, else the
        one in which the person works at the station, so that its leader hears of them.

        :param station: where they go; where each ticket is when not given
        """
        if team or not user:
            return {team: self}
        # Where an employee works is known to whoever gives work.
        departments = user.sudo().employee_ids.department_id.with_env(self.env)
        teams = departments.filtered(lambda unit: unit.power_unit == "team")

        def get_team(ticket):
            place = ticket.station_id if station is None else station
            return teams.filtered(lambda unit: unit._get_power_station() == place)[:1]

        return self.grouped(get_team)

    def _check_team(self, team, station):
        """Refuse a team of another station than the one that handles the tickets.

        :raise UserError: names the team
        """
        if team and station and team._get_power_station() != station:
            raise UserError(
                self.env._(
                    "%(team)s belongs to another station than %(ticket)s: hand the "
                    "ticket over to that station first.",
                    team=team.name,
                    ticket=self[:1].name,
                )
            )

    @api.model
    def _get_handler(self, user_id):
        """The employee's login with this id, an empty one for none.

        :raise UserError: there is none such
        """
        users = self.env["res.users"]
        if not user_id:
            return users
        found = users.search(
            [("id", "=", self._get_id(user_id)), ("share", "=", False)]
        )
        if not found:
            raise UserError(self.env._("There is no such employee with a login."))
        return found

    def _check_may_handle(self, user):
        """Refuse to give tickets to who can't see them.

        :raise UserError: names the first ticket
        """
        if not user or not self:
            return
        seen = self.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        hidden = seen - seen._filtered_access("read")
        if hidden:
            ticket = hidden[:1].with_env(self.env)
            raise UserError(
                self.env._(
                    "%(user)s can't see %(ticket)s of %(station)s: hand it over to the "
                    "person's station first.",
                    user=user.name,
                    ticket=ticket.name,
                    station=ticket.station_id.name or ticket.company_id.name,
                )
            )

    @api.model
    def _get_reason(self, reason_id, kind):
        """The reason of this kind with this id.

        :raise UserError: there is none such
        """
        reason = self.env["power.ticket.reason"].search(
            [("id", "=", self._get_id(reason_id)), ("kind", "=", kind)]
        )
        if not reason:
            raise UserError(self.env._("Choose a reason from the list."))
        return reason

    def _get_return_targets(self):
        """Dict of ticket to (station id, team id, user id) that it goes back to."""
        events = self.env["power.ticket.event"].sudo()  # their senders may be elsewhere
        ways = {ticket.id: [] for ticket in self}
        for event in events.search(
            [("ticket_id", "in", self.ids), ("kind", "in", HANDOVERS)],
            order="at, id",
        ):
            way = ways[event.ticket_id.id]
            if event.kind != "returned":
                way.append(event)
            elif way:
                way.pop()
        targets = {}
        for ticket in self:
            way = ways[ticket.id]
            if not way:
                station = ticket.receiving_station_id
                if station == ticket.station_id:
                    station = station.browse()
                targets[ticket] = (station.id, False, ticket.first_contact_user_id.id)
                continue
            last = way[-1]
            # A person who sent it gets it back; what a route gave goes where it was.
            sender = last.user_id.filtered(lambda user: user.active and not user.share)
            if sender in (self.env.user, self.env.ref("base.user_root")):
                sender = last.previous_assignee_id
            targets[ticket] = (
                last.previous_station_id.id,
                last.previous_team_id.id,
                (sender or last.previous_assignee_id).id,
            )
        return targets

    def _check_mergeable(self, target):
        for ticket in self | target:
            if not ticket.type_id.is_mergeable:
                raise UserError(
                    self.env._(
                        "%(ticket)s: tickets of the type %(type)s are never merged, "
                        "each customer gets an answer.",
                        ticket=ticket.name,
                        type=ticket.type_id.name,
                    )
                )
        if not target.is_open:
            raise UserError(
                self.env._("%(ticket)s has ended: reopen it first.", ticket=target.name)
            )
        for ticket in self:
            if ticket == target:
                raise UserError(self.env._("A ticket can't be merged into itself."))
            ticket._check_one_fault(target)
            if (ticket.received_at, ticket.id) < (target.received_at, target.id):
                raise UserError(
                    self.env._(
                        "%(ticket)s was received before %(other)s: merge the later one "
                        "into the earlier one, whose promise holds.",
                        ticket=ticket.name,
                        other=target.name,
                    )
                )

    def _check_one_fault(self, target):
        """Refuse what can't be reports of one fault: of another station, type or
        voltage, or received too long after.

        :raise UserError: names both tickets
        """
        self.ensure_one()
        if (self.company_id, self.station_id, self.type_id) != (
            target.company_id,
            target.station_id,
            target.type_id,
        ):
            raise UserError(
                self.env._(
                    "%(ticket)s and %(other)s are of different stations or types: "
                    "only reports of one fault are merged.",
                    ticket=self.name,
                    other=target.name,
                )
            )
        voltages = self._get_voltage(), target._get_voltage()
        if all(voltages) and len(set(voltages)) > 1:
            raise UserError(
                self.env._(
                    "%(ticket)s and %(other)s are supplied at different voltages: that "
                    "isn't one fault.",
                    ticket=self.name,
                    other=target.name,
                )
            )
        hours = self.env["power.limit"]._get("merge_hours", self.company_id)
        if self.received_at - target.received_at > timedelta(hours=hours):
            raise UserError(
                self.env._(
                    "%(ticket)s was received more than %(hours)g hours after "
                    "%(other)s: that isn't one fault.",
                    ticket=self.name,
                    other=target.name,
                    hours=hours,
                )
            )

    def _get_voltage(self):
        """Whether one ticket's customer has high or low voltage; None when unknown."""
        self.ensure_one()
        if not self.customer_class:
            return None
        return "high" if self.customer_class.startswith("hv_") else "low"

    # Telling ------------------------------------------------------------------------

    def _get_handlers(self):
        """Who is told of what happens with one ticket: who has it, else the leader of
        the team or the station's chief."""
        self.ensure_one()
        ticket = self.sudo()  # who leads a team or station is no secret
        users = (
            ticket.user_id
            or ticket.team_id.manager_id.user_id
            or ticket.station_id.manager_id.user_id
        )
        return users.with_env(self.env)

    def _get_handlers_and_env(self):
        """Who is told of what happens with one ticket, and an environment in the
        language of the first of them."""
        users = self._get_handlers()
        lang = users.sudo()[:1].lang  # of an employee whom customers don't see
        return users, self.with_context(lang=lang).env if lang else self.env

    def _tell_reopened(self, note, reasons=None):
        """Tell who handles the tickets that there is work on them again.

        :param note: why
        :param reasons: ``power.ticket.reason`` records, or none
        """
        for ticket in self:
            users, env = ticket._get_handlers_and_env()
            if self.env.user.share:
                subject = env._(
                    "%(ticket)s: opened again by the customer", ticket=ticket.name
                )
            else:
                subject = env._(
                    "%(ticket)s: reopened by %(user)s",
                    ticket=ticket.name,
                    user=self.env.user.name,
                )
            names = reasons.with_env(env).mapped("name") if reasons else []
            lines = [", ".join(names), note or ""]
            ticket._notify_users(users, subject, "\n".join(filter(None, lines)))

    def _tell_assigned(self, user, subject=None, note=None):
        """Tell an employee of tickets that are theirs now: one message for all.

        :param user: one ``res.users`` or none
        :param subject: of the message
        :param note: words for whoever gets them; left out of confidential ones
        """
        if not self or not user or user == self.env.user:
            return
        told = self.with_context(lang=user.lang)
        if len(self) > 1:
            subject = told.env._("%(count)s tickets are yours now", count=len(self))
        else:
            subject = subject or told.env._("%(ticket)s is yours now", ticket=self.name)
        lines = [ticket._get_told_name() for ticket in told]
        if note and not any(ticket.is_confidential for ticket in self):
            lines.append(note)
        told[:1]._notify_users(user, subject, "\n".join(lines))

    def _get_told_name(self):
        """How a ticket is named in a message: confidential ones by number only."""
        self.ensure_one()
        return self.name if self.is_confidential else self.display_name

    def _notify_users(self, users, subject, text):
        """Tell employees of one ticket, by e-mail or in their inbox as each prefers.
        Never a customer.

        :param users: ``res.users`` records; the user who does it is left out
        :param text: plain text
        """
        self.ensure_one()
        users = self._filter_readers(users.sudo() - self.env.user)  # to be told
        users = users.filtered(lambda user: user.active and not user.share)
        if not users:
            return
        lines = (text or "").splitlines() or [self._get_told_name()]
        # Whoever enters something needn't be able to read the other's address.
        self.sudo().message_notify(
            partner_ids=users.partner_id.ids,
            subject=subject,
            body=Markup("<br/>").join(lines),
        )
