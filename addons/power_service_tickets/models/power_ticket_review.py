# The lines and the part of the ticket that they make belong together.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .power_ticket_event import TOLD_WAYS

REVIEW_STATES = [
    ("none", "No Reply Yet"),
    ("to_review", "To Review"),
    ("sent_back", "Sent Back"),
    ("passed", "Passed"),
]
# Written by the review only.
KEPT = frozenset(
    (
        "review_state",
        "reply",
        "reply_user_id",
        "reviewed_by",
        "reviewed_at",
        "sent_back_count",
        "told_how",
        "told_by_id",
        "told_at",
    )
)
# A new cycle begins without them.
EMPTY = {
    "review_state": "none",
    **dict.fromkeys(("reply", "reply_user_id", "reviewed_by", "reviewed_at"), False),
    **dict.fromkeys(("told_how", "told_by_id", "told_at"), False),
}

# The reason that says the contrary of a tick.
CONTRARY = {
    "is_true": "power_service_tickets.power_ticket_reason_reply_false",
    "is_accurate": "power_service_tickets.power_ticket_reason_reply_inaccurate",
    "is_complete": "power_service_tickets.power_ticket_reason_reply_incomplete",
}


class PowerTicketReview(models.Model):
    """One step of a reply's review: evidence. Made by the ticket's methods only."""

    _name = "power.ticket.review"
    _inherit = ["power.append.only.mixin"]
    _description = "Reply Review"
    _order = "at desc, id desc"
    _rec_name = "kind"

    ticket_id = fields.Many2one(
        "power.ticket", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, precompute=True
    )
    cycle = fields.Integer(required=True, default=1, aggregator=None)
    kind = fields.Selection(
        [
            ("submitted", "Submitted"),
            ("passed", "Passed"),
            ("sent_back", "Sent Back"),
        ],
        required=True,
    )
    author_id = fields.Many2one(
        "res.users", string="Author of the Reply", required=True, ondelete="restrict"
    )
    reply = fields.Text()
    is_true = fields.Boolean("True")
    is_accurate = fields.Boolean("Accurate")
    is_complete = fields.Boolean("Complete")
    reason_ids = fields.Many2many(
        "power.ticket.reason", string="Reasons", domain="[('kind', '=', 'reply')]"
    )
    note = fields.Text()

    _by_another = models.Constraint(
        "CHECK (kind = 'submitted' OR user_id <> author_id)",
        "A reply is reviewed by somebody else than its author.",
    )
    _passed_whole = models.Constraint(
        "CHECK (kind <> 'passed' OR (is_true AND is_accurate AND is_complete) IS TRUE)",
        "A reply passes when it is true, accurate and complete.",
    )


class PowerTicket(models.Model):
    """The reply, and somebody else's judgement of it before the customer reads it and
    before the ticket is closed.

    An answer that was told in person before its review is entered as such: who told it,
    how and when. The customer reads its words when they have passed.
    """

    _inherit = "power.ticket"

    review_ids = fields.One2many(
        "power.ticket.review", "ticket_id", string="Steps of the Review", readonly=True
    )
    needs_review = fields.Boolean(related="type_id.needs_review")
    review_state = fields.Selection(
        REVIEW_STATES,
        "Review",
        readonly=True,
        required=True,
        copy=False,
        default="none",
        index=True,
    )
    reply = fields.Text(
        readonly=True, copy=False, help="What the customer is or was answered."
    )
    reply_user_id = fields.Many2one(
        "res.users",
        string="Reply By",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    reviewed_by = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_at = fields.Datetime(readonly=True, copy=False)
    sent_back_count = fields.Integer(
        "Reply Sent Back", readonly=True, copy=False, help="In all cycles."
    )
    told_how = fields.Selection(
        TOLD_WAYS,
        "Told Before the Review",
        readonly=True,
        copy=False,
        help="Somebody told the customer the answer in person, before it was reviewed.",
    )
    told_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    told_at = fields.Datetime(readonly=True, copy=False)
    can_review = fields.Boolean(compute="_compute_can_review")

    @api.depends("review_state", "reply_user_id", "told_by_id")
    @api.depends_context("uid")
    def _compute_can_review(self):
        supervisor = self.env.user.has_group(
            "power_service_base.group_power_supervisor"
        )
        for ticket in self:
            ticket.can_review = (
                supervisor
                and ticket.review_state == "to_review"
                and self.env.user not in ticket.reply_user_id | ticket.told_by_id
            )

    @api.model
    def _check_not_projected(self, vals):
        result = super()._check_not_projected(vals)
        if KEPT & vals.keys() and not self.env.su:
            raise UserError(
                self.env._("The review of a reply is made with its buttons.")
            )
        return result

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind == "reopened":
            # A new cycle needs a new answer.
            self._project_write(EMPTY)
        return result

    def _check_event(self, kind, at, now, vals, allow_closed):
        """A reply that is reviewed reaches the customer by its review only, and a
        ticket doesn't end while one waits; by whatever way it is entered."""
        reviewed = self.filtered(lambda ticket: ticket.type_id.needs_review)
        if kind in ("cancelled", "service_ended"):
            reviewed._check_no_reply_waits(kind)
        result = super()._check_event(kind, at, now, vals, allow_closed)
        milestone = self.env["power.ticket.milestone"].browse(
            vals.get("milestone_id") or []
        )
        if milestone.code == "answered" and not vals.get("told_how"):
            reviewed.filtered(
                lambda ticket: not ticket.merged_into_id
            )._check_reviewed_answer(vals.get("note"))
        return result

    def _check_reviewed_answer(self, note):
        """Refuse an answer that nobody else has judged.

        :param note: what the customer would read
        """
        for ticket in self:
            if ticket.review_state != "passed":
                raise UserError(
                    self.env._(
                        "%(ticket)s: the customer gets the answer when somebody else "
                        "has reviewed it. Hand it in as the reply.",
                        ticket=ticket.name,
                    )
                )
            if note and note != ticket.reply:
                raise UserError(ticket._get_passed_text())

    def _get_passed_text(self):
        return self.env._(
            "%(ticket)s: the reply was reviewed already. Reopen the ticket for another "
            "one.",
            ticket=self.name,
        )

    def _check_no_reply_waits(self, kind):
        """Refuse to end tickets whose reply waits; to end the service also of those
        whose customer never had a reviewed answer."""
        for ticket in self:
            if ticket.review_state == "to_review":
                raise UserError(
                    self.env._(
                        "%(ticket)s has a reply that waits for its review: judge it "
                        "first.",
                        ticket=ticket.name,
                    )
                )
            if kind != "service_ended" or ticket.review_state == "passed":
                continue
            # Steps of the review of a ticket that is seen.
            lines = ticket.sudo().review_ids
            if ticket.review_state == "sent_back" or not any(
                line.kind == "passed" for line in lines
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s: its service can be ended when the customer has an "
                        "answer that passed its review.",
                        ticket=ticket.name,
                    )
                )

    def _get_handling_users(self):
        return super()._get_handling_users() | self.reply_user_id | self.told_by_id

    # Public methods -----------------------------------------------------------------

    def submit_reply(self, reply):
        """Hand a reply in for review. Its author is the user.

        :param reply: the text
        :return: True
        :raise AccessError: the tickets are not the user's to write
        :raise UserError: no text, the ticket has ended, or the reply passed already
        """
        self.check_access("write")
        reply = self._need(reply)
        self._lock()
        self.invalidate_recordset(["review_state", "is_open"])
        for ticket in self:
            if not ticket.is_open:
                raise UserError(
                    self.env._(
                        "%(ticket)s has ended: reopen it first.", ticket=ticket.name
                    )
                )
            if ticket.review_state == "passed":
                raise UserError(ticket._get_passed_text())
        self._enter_review("submitted", {"reply": reply, "author_id": self.env.uid})
        # Whoever's reminder it was: a better one is there.
        self.sudo().activity_unlink(["power_service_tickets.mail_activity_reply"])
        self._project_write(
            {
                "review_state": "to_review",
                "reply": reply,
                "reply_user_id": self.env.uid,
                "reviewed_by": False,
                "reviewed_at": False,
            }
        )
        self._tell_reviewers()
        return True

    def answer(self, note, at=None, told_how=None, told_by_id=None):
        """Where the type's replies are reviewed: hand the answer in. The customer gets
        it when it has passed.

        One that somebody told the customer in person (``told_how``) is entered as that,
        with who told it and when; it is judged all the same.

        :raise UserError: a time, but not how the customer was told
        """
        self.check_access("write")
        note = self._need(note)
        reviewed = self.filtered(lambda ticket: ticket.type_id.needs_review)
        others = self - reviewed
        if others:
            super(PowerTicket, others).answer(note, at, told_how, told_by_id)
        if told_how:
            for ticket in reviewed:
                ticket._tell_in_person(note, at, told_how, told_by_id)
            return True
        if reviewed and at:
            raise UserError(
                self.env._("Say how the customer was told, and by whom, at that time.")
            )
        reviewed.filtered(
            lambda ticket: (
                ticket.reply != note
                or ticket.review_state not in ("to_review", "passed")
            )
        ).submit_reply(note)
        return True

    def _tell_in_person(self, note, at, told_how, told_by_id):
        """Enter on one ticket that the customer was told the answer, and hand it in."""
        self.ensure_one()
        at = self._get_moment(at) or fields.Datetime.now()
        vals = self._prepare_told_vals(told_how, told_by_id)
        self._project_write({**vals, "told_at": at})
        self.submit_reply(note)
        # Its words wait for the review, not the fact.
        self._enter_answer(note, at, vals)
        self._set_first_asked()

    def review(self, is_true, is_accurate, is_complete, note=None, reason_ids=None):
        """Judge the replies: they pass when they are true, accurate and complete
        (真实、准确、全面), and go to the customers; else back to their authors.

        :param note: words for the author
        :param reason_ids: ids of ``power.ticket.reason`` of the kind ``reply``; needed
            to send back
        :return: True
        :raise AccessError: the own reply, one that the user told the customer, no
            supervisor, or tickets not to be written
        :raise UserError: nothing to review, sent back without a reason, or a value
            that makes no sense
        """
        self.check_access("write")
        self._check_supervisor(self.env._("Replies are reviewed by supervisors."))
        line = "power.ticket.review"
        is_true = self._get_given_flag(is_true, line, "is_true")
        is_accurate = self._get_given_flag(is_accurate, line, "is_accurate")
        is_complete = self._get_given_flag(is_complete, line, "is_complete")
        note = self._get_given_text(note, line, "note")
        reasons = self._get_given_reasons(reason_ids, "reply", line, "reason_ids")
        self._check_ticks(
            {
                "is_true": is_true,
                "is_accurate": is_accurate,
                "is_complete": is_complete,
            },
            reasons,
        )
        self._lock()
        self.invalidate_recordset(["review_state", "reply_user_id", "told_by_id"])
        for ticket in self:
            if ticket.review_state != "to_review":
                raise UserError(
                    self.env._("%(ticket)s has no reply to review.", ticket=ticket.name)
                )
            if self.env.user in ticket.reply_user_id | ticket.told_by_id:
                raise AccessError(
                    self.env._(
                        "%(ticket)s: a reply is reviewed by somebody else than its "
                        "author.",
                        ticket=ticket.name,
                    )
                )
        passed = is_true and is_accurate and is_complete
        if not passed and not reasons:
            raise UserError(self.env._("Choose why the reply goes back to its author."))
        self._enter_review(
            "passed" if passed else "sent_back",
            {
                "is_true": is_true,
                "is_accurate": is_accurate,
                "is_complete": is_complete,
                "reason_ids": [fields.Command.set(reasons.ids)],
                "note": note,
            },
        )
        vals = {"reviewed_by": self.env.uid, "reviewed_at": fields.Datetime.now()}
        if passed:
            self._project_write({**vals, "review_state": "passed"})
            self._give_answer()
            return True
        for count, tickets in self.grouped("sent_back_count").items():
            tickets._project_write(
                {**vals, "review_state": "sent_back", "sent_back_count": count + 1}
            )
        self._tell_authors()
        return True

    @api.model
    def _check_ticks(self, ticks, reasons):
        """Refuse a reason that says the contrary of a tick.

        :param ticks: dict of the tick's field to whether it is set
        :param reasons: ``power.ticket.reason`` records
        """
        lines = self.env["power.ticket.review"]
        for name, xmlid in CONTRARY.items():
            reason = self.env["ir.model.data"]._xmlid_to_res_id(
                xmlid, raise_if_not_found=False
            )
            found = reasons.filtered(lambda record, reason=reason: record.id == reason)
            if ticks[name] and found:
                raise UserError(
                    self.env._(
                        "“%(tick)s” is ticked and “%(reason)s” is given as reason: "
                        "take one of them back.",
                        tick=lines._fields[name].get_description(self.env)["string"],
                        reason=found.name,
                    )
                )

    def _give_answer(self):
        """Give the replies that passed to their customers."""
        answered = self._get_milestone("answered")
        todo = self.filtered(lambda ticket: answered in ticket.type_id.milestone_ids)
        for reply, tickets in todo.grouped("reply").items():
            tickets._enter_answer(reply, None, {"is_public": True})

    def _enter_review(self, kind, vals):
        # The right to write the ticket was checked by those who call this.
        self.env["power.ticket.review"].sudo().create(
            [
                {
                    "ticket_id": ticket.id,
                    "cycle": ticket.cycle,
                    "kind": kind,
                    "reply": ticket.reply,
                    "author_id": ticket.reply_user_id.id,
                    **vals,
                }
                for ticket in self
            ]
        )

    def _tell_reviewers(self):
        """Tell who judges that a reply waits: the station's chief, else quality."""
        quality = self.env["power.rectification"]._get_quality_users()
        for ticket in self:
            chief = ticket.sudo().station_id.manager_id.user_id  # their name is known
            users = ticket._filter_readers(chief.filtered("active"))
            users -= ticket.reply_user_id | ticket.told_by_id
            users = users or quality(ticket.company_id)
            lang = users.sudo()[:1].lang  # to be told
            ticket._notify_users(
                users,
                ticket.with_context(lang=lang).env._(
                    "%(ticket)s: a reply waits for your review", ticket=ticket.name
                ),
                None,
            )

    def _tell_authors(self):
        """Put replies that were sent back on their authors' lists of activities."""
        activity_type = self.env.ref("power_service_tickets.mail_activity_reply")
        model_id = self.env["ir.model"]._get_id(self._name)
        # An author who no longer sees the ticket has nothing to do with it.
        tickets = self.sudo().filtered(
            lambda ticket: ticket._filter_readers(ticket.reply_user_id)
        )
        self.env["mail.activity"].sudo().with_context(  # as above
            mail_activity_quick_update=True
        ).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": ticket.id,
                    "user_id": ticket.reply_user_id.id,
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "date_deadline": self._get_company_today(),
                    "summary": self.with_context(lang=ticket.reply_user_id.lang).env._(
                        "Reply sent back: write a better one"
                    ),
                }
                for ticket in tickets
            ]
        )

    # What the customer sees of it ---------------------------------------------------

    def _get_told_text(self):
        """What the customer reads of an answer that was told and isn't reviewed yet."""
        self.ensure_one()
        if not self.told_how or self.review_state == "passed":
            return None
        return self._get_told_title(self.told_how)

    @api.model
    def _get_told_title(self, told_how):
        return {
            "phone": self.env._("We told you our answer by phone"),
            "counter": self.env._("We told you our answer at the counter"),
            "visit": self.env._("We told you our answer on a visit"),
        }[told_how]

    # Closing and windows ------------------------------------------------------------

    def _check_closable(self):
        result = super()._check_closable()
        for ticket in self:
            if ticket.type_id.needs_review and ticket.review_state != "passed":
                raise UserError(
                    self.env._(
                        "%(ticket)s: its reply has to be reviewed by somebody else "
                        "before it is closed.",
                        ticket=ticket.name,
                    )
                )
        return result

    def action_write_reply(self):
        """Open the window to write the reply in."""
        return self._open_entry("power.ticket.reply.entry", self.env._("Reply"))

    def action_review_reply(self):
        """Open the window to judge the reply in."""
        return self._open_entry("power.ticket.review.entry", self.env._("Review"))

    def _open_entry(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }
