# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, plaintext2html

# What only a supervisor enters; staff ask for it in these words.
REQUESTS = [
    ("extend", "Extension asked for"),
    ("exempt", "Exemption asked for"),
    ("end_service", "End of service asked for"),
    ("reclassify", "Another class asked for"),
    ("cancel", "Cancelling asked for"),
]
APPROVED = dict(REQUESTS)
# The events that grant them.
GRANTED = {
    "extended": "extend",
    "exempted": "exempt",
    "service_ended": "end_service",
    "cancelled": "cancel",
}
GRANTED_KINDS = {action: kind for kind, action in GRANTED.items()}
# After these nothing may be left of what was asked for.
VOIDING = ("milestone", "merged")


class MailActivity(models.Model):
    """An activity that asks for what only a supervisor enters: whoever asked hears what
    became of it."""

    _inherit = "mail.activity"

    power_approval = fields.Selection(
        REQUESTS, string="Approval Asked For", readonly=True
    )

    def _action_done(self, feedback=False, attachment_ids=None):
        if not self.env.context.get("power_request_ended"):
            self._tell_askers("ticked", feedback)
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    def unlink(self):
        if not self.env.su:  # what the system takes away is told otherwise
            self.filtered("active")._tell_askers("ticked")
        return super().unlink()

    def _tell_askers(self, outcome, words=None):
        """Tell who asked for an approval what became of it.

        :param outcome: ``granted``, ``refused``, ``ticked`` or ``void``
        :param words: of who decided
        """
        # Whoever decides needn't see all of the others' activities.
        requests = self.sudo().filtered(
            lambda activity: (
                activity.power_approval and activity.res_model == "power.ticket"
            )
        )
        for activity in requests:
            ticket = self.env["power.ticket"].browse(activity.res_id)
            asker = activity.create_uid
            told = ticket.sudo().with_context(lang=asker.lang)  # to be told
            labels = self._get_request_labels(told.env)
            values = {
                "ticket": told.name,
                "request": labels[activity.power_approval],
                "user": self.env.user.name,
            }
            subject = {
                "granted": told.env._(
                    "%(ticket)s, %(request)s: granted by %(user)s", **values
                ),
                "refused": told.env._(
                    "%(ticket)s, %(request)s: refused by %(user)s", **values
                ),
                "ticked": told.env._(
                    "%(ticket)s, %(request)s: ticked off by %(user)s, not granted",
                    **values,
                ),
                "void": told.env._(
                    "%(ticket)s, %(request)s: not to be granted any more", **values
                ),
            }[outcome]
            ticket._notify_users(
                asker.with_env(self.env), subject, words or activity._get_asked_words()
            )

    @api.model
    def _get_request_labels(self, env):
        """What is asked for, by its code, in the language of an environment."""
        return dict(self._fields["power_approval"]._description_selection(env))

    def _get_asked_words(self):
        return html2plaintext(self.note or "").strip()


class PowerTicket(models.Model):
    """Asking for what needs approval, and what becomes of it."""

    _inherit = "power.ticket"

    request_text = fields.Text("Asked For", compute="_compute_request")
    can_decide_request = fields.Boolean(
        compute="_compute_request",
        help="Whether the user may grant or refuse what is asked for.",
    )

    @api.depends("activity_ids.power_approval", "activity_ids.active")
    @api.depends_context("uid", "lang")
    def _compute_request(self):
        by_ticket = self._get_requests().grouped("res_id")
        labels = self.env["mail.activity"]._get_request_labels(self.env)
        for ticket in self:
            found = by_ticket.get(ticket._origin.id, self.env["mail.activity"])
            ticket.can_decide_request = bool(ticket._get_decided(found))
            ticket.request_text = "\n".join(
                self.env._(
                    "%(request)s by %(asker)s, of %(asked)s: %(words)s",
                    request=labels[request.power_approval],
                    asker=request.create_uid.name,
                    asked=request.user_id.name,
                    words=request._get_asked_words(),
                )
                for request in found
            )

    # Public methods -----------------------------------------------------------------

    def ask_approval(self, action, note):
        """Ask the station's chief for what only a supervisor enters; quality staff
        when the ticket is confidential or the chief handles it.

        :param action: one of ``APPROVED``
        :param note: what is asked for, and why; needed
        :return: True
        :raise UserError: the station has no chief with a login and there is nobody
            else, or nobody could grant it now
        """
        self._ask_approval(action, note)
        return True

    def _ask_approval(self, action, note):
        """As above.

        :return: the ``res.users`` who were asked
        """
        note = self._need(note)
        if not isinstance(action, str) or action not in APPROVED:
            raise UserError(self.env._("There is nothing to approve."))
        self.check_access("write")
        self._check_grantable(action)
        all_asked = self.env["res.users"]
        for ticket in self:
            asked = ticket._get_approver()
            all_asked |= asked
            told = self.with_context(lang=asked.sudo().lang).env  # to be told
            ticket.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=told["mail.activity"]._get_request_labels(told)[action],
                note=plaintext2html(note),
                user_id=asked.id,
                power_approval=action,
            )
        return all_asked

    def refuse_request(self, note):
        """Refuse what is asked for; who asked is told why.

        :param note: why; needed
        :return: True
        :raise AccessError: the user isn't a supervisor
        :raise UserError: nothing is asked for that the user may decide
        """
        note = self._need(note)
        self.check_access("write")
        self._check_approver()
        by_ticket = self._get_requests().grouped("res_id")
        for ticket in self:
            found = by_ticket.get(ticket.id, self.env["mail.activity"])
            found = ticket._get_decided(found)
            if not found:
                raise UserError(
                    self.env._(
                        "%(ticket)s: nothing is asked for that you may decide.",
                        ticket=ticket.name,
                    )
                )
            found._tell_askers("refused", note)
            self._tick_off(found, self.env._("Refused: %(words)s", words=note))
        return True

    def action_grant_request(self):
        """Open the window that does what is asked for.

        :return: a window action
        """
        self.ensure_one()
        found = self._get_decided(self._get_requests())
        if not found:
            raise UserError(
                self.env._(
                    "%(ticket)s: nothing is asked for that you may decide.",
                    ticket=self.name,
                )
            )
        return self._open_entry_wizard(found[:1].power_approval)

    # Who is asked, and what for -----------------------------------------------------

    def _get_approver(self):
        """Who is asked to approve something of one ticket.

        :raise UserError: there is nobody
        """
        self.ensure_one()
        station = self.station_id or self.receiving_station_id
        chief = station.sudo().manager_id.user_id  # their name is no secret
        chief = self._filter_readers(chief.filtered("active"))
        handling = self._get_handling_users() | self.env.user
        if self.is_confidential or chief & handling:
            quality = self.env["power.rectification"]._get_quality_users()
            others = quality(self.company_id) - handling
            chief = self._filter_readers(others)[:1]
        if not chief:
            raise UserError(
                self.env._(
                    "%(ticket)s: its station has no chief with a login to ask.",
                    ticket=self.name,
                )
            )
        return chief

    def _check_grantable(self, action):
        """Refuse what nobody could grant now, so that it isn't asked for either.

        :param action: one of ``APPROVED``
        :raise UserError: names the ticket and what stands against it
        """
        now = fields.Datetime.now()
        if action in ("end_service", "cancel"):
            self._check_event(GRANTED_KINDS[action], now, now, {}, False)
            return
        extended = self._get_extended_promises() if action == "extend" else {}
        for ticket in self:
            if action == "exempt":
                ticket._check_exemptible()
                continue
            if not ticket.is_open:
                raise UserError(
                    self.env._(
                        "%(ticket)s has ended: reopen it first.", ticket=ticket.name
                    )
                )
            if action == "extend":
                ticket._check_extendable(extended[ticket.id])

    def _check_exemptible(self):
        if not self.sudo().clock_ids:  # clocks of a ticket that is seen
            raise UserError(
                self.env._("%(ticket)s has no promise to exempt.", ticket=self.name)
            )

    def _check_extendable(self, extended):
        """Refuse when none of one ticket's promises can be extended.

        :param extended: the promises of the ticket that were extended before
        """
        clocks = self._get_running_clocks()
        if not clocks:
            raise UserError(
                self.env._(
                    "%(ticket)s has no promise that is still running.",
                    ticket=self.name,
                )
            )
        if None in extended or not set(clocks.policy_id.ids) - extended:
            self._check_extension(clocks[:1], 1, {None})

    # What becomes of it -------------------------------------------------------------

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind in GRANTED or kind in VOIDING:
            self._end_requests(GRANTED.get(kind), vals.get("note"))
        return result

    def _get_requests(self):
        """What is asked for and not decided yet on these tickets: activities, as
        superuser, the oldest first."""
        # Who asked, and of whom, is seen with the ticket.
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("power_approval", "!=", False),
                ],
                order="id",
            )
        )

    def _get_decided(self, requests):
        """Those of one ticket's requests that the user may grant or refuse."""
        self.ensure_one()
        user = self.env.user
        supervisor = "power_service_base.group_power_supervisor"
        if not requests or not user.has_group(supervisor):
            return requests.browse()
        has_part = user in self._get_handling_users()
        return requests.filtered(
            lambda request: (
                request.create_uid != user
                and (request.power_approval == "extend" or not has_part)
            )
        )

    def _end_requests(self, action, words=None):
        """Take off the lists what was granted by now, or can't be any more, and tell
        who asked for it.

        :param action: what was done; one of ``APPROVED`` or None
        :param words: of who did it
        """
        for request in self._get_requests():
            ticket = self.browse(request.res_id)
            if request.power_approval == action:
                request._tell_askers("granted", words)
                self._tick_off(request, self.env._("Granted"))
            elif ticket._is_void(request.power_approval):
                request._tell_askers("void")
                self._tick_off(request, self.env._("Not to be granted any more"))

    def _is_void(self, asked):
        """Whether what was asked for on one ticket can't be granted any more. Promises
        of tickets that have ended are still exempted."""
        self.ensure_one()
        if asked == "exempt":
            return False
        if asked == "extend" and not self._get_running_clocks():
            return True
        return not self.is_open

    @api.model
    def _tick_off(self, requests, words):
        """Off the lists; the chatter keeps what was asked for and what came of it."""
        # The activities may be another's.
        requests.sudo().with_context(power_request_ended=True).action_feedback(words)
