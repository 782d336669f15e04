# The lines and the part of the ticket that they make belong together.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

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
    )
)


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
    """The reply, and somebody else's judgement of it before the ticket is closed."""

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
    can_review = fields.Boolean(compute="_compute_can_review")

    @api.depends("review_state", "reply_user_id")
    @api.depends_context("uid")
    def _compute_can_review(self):
        supervisor = self.env.user.has_group(
            "power_service_base.group_power_supervisor"
        )
        for ticket in self:
            ticket.can_review = (
                supervisor
                and ticket.review_state == "to_review"
                and ticket.reply_user_id != self.env.user
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
            self._project_write(
                {
                    "review_state": "none",
                    "reply": False,
                    "reply_user_id": False,
                    "reviewed_by": False,
                    "reviewed_at": False,
                }
            )
        return result

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
                raise UserError(
                    self.env._(
                        "%(ticket)s: the reply was reviewed already. Reopen the ticket "
                        "for another one.",
                        ticket=ticket.name,
                    )
                )
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
        return True

    def answer(self, note, at=None):
        """Also hands the answer in for review, where the type of ticket needs it."""
        result = super().answer(note, at=at)
        note = self._need(note)
        self.filtered(
            lambda ticket: (
                ticket.type_id.needs_review
                and ticket.is_open
                and ticket.review_state != "passed"
                and not (ticket.review_state == "to_review" and ticket.reply == note)
            )
        ).submit_reply(note)
        return result

    def review(self, is_true, is_accurate, is_complete, note=None, reason_ids=None):
        """Judge the replies: they pass when they are true, accurate and complete
        (真实、准确、全面), else they go back to their authors.

        :param note: words for the author
        :param reason_ids: ids of ``power.ticket.reason`` of the kind ``reply``; needed
            to send back
        :return: True
        :raise AccessError: the own reply, no supervisor, or tickets not to be written
        :raise UserError: nothing to review, or sent back without a reason
        """
        self.check_access("write")
        self._check_supervisor(self.env._("Replies are reviewed by supervisors."))
        self._lock()
        self.invalidate_recordset(["review_state", "reply_user_id"])
        for ticket in self:
            if ticket.review_state != "to_review":
                raise UserError(
                    self.env._("%(ticket)s has no reply to review.", ticket=ticket.name)
                )
            if ticket.reply_user_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "%(ticket)s: a reply is reviewed by somebody else than its "
                        "author.",
                        ticket=ticket.name,
                    )
                )
        reasons = self.env["power.ticket.reason"].browse(reason_ids or [])
        passed = bool(is_true and is_accurate and is_complete)
        if not passed and not reasons:
            raise UserError(self.env._("Choose why the reply goes back to its author."))
        if any(reason.kind != "reply" for reason in reasons):
            raise UserError(self.env._("These are no reasons to send a reply back."))
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
            return True
        for count, tickets in self.grouped("sent_back_count").items():
            tickets._project_write(
                {**vals, "review_state": "sent_back", "sent_back_count": count + 1}
            )
        self._tell_authors()
        return True

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
