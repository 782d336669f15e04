from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .power_ticket_quality import DAMAGE


class PowerClaim(models.Model):
    """Damage claim (损害赔偿): what was damaged, who answers for it, what is paid.

    The on-site check within 24 hours is a promise of the claim's check ticket. That is
    the ticket it comes from when that is about damage; else, also with a ticket of
    another kind, one that is made when the claim is registered.

    Who decides doesn't approve; amounts never vanish: what was claimed is locked once
    submitted, what was decided once approved, and nothing submitted is deleted.
    """

    _name = "power.claim"
    _inherit = [
        "power.state.mixin",
        "power.station.mixin",
        "power.proof.mixin",
        "power.reach.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Damage Claim"
    _order = "happened_at desc, id desc"
    _mail_post_access = "read"
    _moved_fields = frozenset(
        ("state", "submitted_at", "checked_at", "checked_by", "decided_by")
        + ("decided_at", "approved_by", "approved_at", "paid_date", "paid_by")
        + ("has_own_ticket",)
    )
    _reason_actions = frozenset(("send_back", "refuse", "withdraw"))
    _reach_fields = ("ticket_id", "supply_point_id")

    name = fields.Char("Subject", required=True, tracking=True)
    ticket_id = fields.Many2one(
        "power.ticket",
        index="btree_not_null",
        check_company=True,
        help="What it comes from; made with the claim when it comes from none.",
    )
    check_ticket_id = fields.Many2one(
        "power.ticket",
        string="Ticket of the Check",
        compute="_compute_check_ticket_id",
        store=True,
        readonly=False,  # set by create(); what is typed is refused there
        copy=False,
        index="btree_not_null",
        help="Has the promise to be on site: the claim's ticket when that is about "
        "damage, else one that was made with the claim.",
    )
    has_own_ticket = fields.Boolean(
        readonly=True, copy=False, help="The ticket was made with the claim."
    )
    reported_at = fields.Datetime(
        default=fields.Datetime.now,
        copy=False,
        help="When the customer claimed it: the promise counts from then.",
    )
    ticket_received_at = fields.Datetime(related="check_ticket_id.received_at")
    ticket_deadline = fields.Datetime(
        related="check_ticket_id.deadline", string="Ticket's Deadline"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
    )
    supply_point_id = fields.Many2one(
        "power.supply.point",
        compute="_compute_supply_point_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    station_id = fields.Many2one(
        compute="_compute_station_id",
        store=True,
        readonly=False,
        precompute=True,
        default=None,  # a default would keep the point's station from being taken
    )
    happened_at = fields.Datetime("Damage Happened At", required=True, index=True)
    cause = fields.Text("What Happened")
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many("power.claim.line", "claim_id", copy=False)
    amount_claimed = fields.Monetary(
        compute="_compute_amounts", store=True, tracking=True
    )
    amount_approved = fields.Monetary(
        compute="_compute_amounts", store=True, tracking=True
    )
    submitted_at = fields.Datetime(readonly=True, copy=False)
    checked_at = fields.Datetime("Checked On Site At", readonly=True, copy=False)
    checked_by = fields.Many2one("res.users", readonly=True, copy=False)
    check_note = fields.Text("Found On Site", copy=False)
    responsibility = fields.Selection(
        [
            ("supplier", "Supplier"),
            ("shared", "Shared"),
            ("third_party", "Third party"),
            ("customer", "Customer"),
            ("force_majeure", "Force majeure"),
        ],
        copy=False,
        tracking=True,
    )
    decision = fields.Text("Reasons of the Decision", copy=False)
    decided_by = fields.Many2one("res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    approved_at = fields.Datetime(readonly=True, copy=False)
    paid_date = fields.Date(readonly=True, copy=False, tracking=True)
    paid_by = fields.Many2one("res.users", readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Check"),
            ("checked", "To Decide"),
            ("decided", "To Approve"),
            ("approved", "To Pay"),
            ("paid", "Paid"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
        group_expand=True,
    )

    _approved_by_another = models.Constraint(
        "CHECK (approved_by <> decided_by)",
        "A claim is approved by somebody else than who decided it.",
    )

    @api.depends("ticket_id")
    def _compute_check_ticket_id(self):
        """One that was made for the check is given up for another about damage only."""
        for claim in self:
            if not claim.check_ticket_id or claim.ticket_id._is_about_damage():
                claim.check_ticket_id = claim.ticket_id

    @api.depends("line_ids.amount_claimed", "line_ids.amount_approved")
    def _compute_amounts(self):
        for claim in self:
            claim.amount_claimed = sum(claim.line_ids.mapped("amount_claimed"))
            claim.amount_approved = sum(claim.line_ids.mapped("amount_approved"))

    @api.model_create_multi
    def create(self, vals_list):
        """Register claims; those from no ticket about damage make one each, which has
        the promise.

        :raise UserError: there is no category for such tickets, or the customer
            claimed it in the future
        """
        vals_list = [dict(vals) for vals in vals_list]
        default = self.default_get(["ticket_id"]).get("ticket_id")
        for vals in vals_list:
            self._check_not_moved({"check_ticket_id"} & vals.keys())
            vals.setdefault("ticket_id", default)
        # Whoever may register the claim, the promise is there.
        tickets = self.env["power.ticket"].sudo()
        given = tickets.browse(
            {vals["ticket_id"] for vals in vals_list} - {False, None}
        )
        about_damage = set(given.exists().filtered(lambda t: t._is_about_damage()).ids)
        own = []
        for vals in vals_list:
            vals["check_ticket_id"] = vals["ticket_id"]
            if vals["ticket_id"] not in about_damage:
                own.append(vals)
        for vals, ticket in zip(own, self._create_tickets(own), strict=True):
            vals["ticket_id"] = vals["ticket_id"] or ticket.id
            vals["check_ticket_id"] = ticket.id
        claims = super().create(vals_list)
        made = {vals["check_ticket_id"] for vals in own}
        claims.filtered(lambda claim: claim.check_ticket_id.id in made)._move(
            {"has_own_ticket": True}
        )
        given = claims.filtered(lambda claim: not claim.has_own_ticket)
        for received_at, of_time in given.grouped("ticket_received_at").items():
            of_time._move({"reported_at": received_at})
        return claims

    @api.model
    def _create_tickets(self, vals_list):
        """The tickets of claims that come from none about damage. A constant number of
        queries.

        :param vals_list: values of the claims
        :return: ``power.ticket`` records, in the same order
        """
        # Whoever may register a claim may have its ticket made.
        tickets = self.env["power.ticket"].sudo()
        if not vals_list:
            return tickets
        category = tickets.env["power.ticket.category"].search(
            [("code", "=", DAMAGE)], limit=1
        )
        if not category:
            raise UserError(
                self.env._(
                    "There is no ticket category with the code “service_damage”."
                )
            )
        now = fields.Datetime.now()
        names = ("partner_id", "supply_point_id", "station_id", "company_id")
        prepared = []
        for vals in vals_list:
            reported_at = fields.Datetime.to_datetime(vals.get("reported_at")) or now
            if reported_at > now:
                raise UserError(self.env._("A claim can't be reported in the future."))
            origin = tickets.browse(vals.get("ticket_id") or [])
            prepared.append(
                {
                    **self._prepare_origin_vals(origin, names),
                    "subject": vals.get("name") or category.name,
                    "description": vals.get("cause"),
                    "type_id": category.type_id.id,
                    "category_id": category.id,
                    "received_at": reported_at,
                    **{name: vals[name] for name in names if vals.get(name)},
                }
            )
        if not self.env.su:
            for vals in prepared:
                vals["first_contact_user_id"] = self.env.uid
        return tickets.create(prepared)

    @api.model
    def _prepare_origin_vals(self, origin, names):
        """What the ticket of a check takes over from the one that the claim is about;
        it is as closed as that.

        :param origin: a ``power.ticket``, or none
        :param names: fields whose values are taken over
        """
        if not origin:
            return {}
        vals = {name: origin[name].id for name in names if origin[name]}
        if origin.is_confidential:
            accused = origin.accused_employee_ids.ids
            vals["is_confidential"] = True
            vals["accused_employee_ids"] = [fields.Command.set(accused)]
        return vals

    def write(self, vals):
        if "check_ticket_id" in vals:
            self._check_not_moved({"check_ticket_id"})
        if "ticket_id" in vals and not vals["ticket_id"]:
            raise UserError(
                self.env._("A claim keeps a ticket, which has its promise.")
            )
        if "reported_at" in vals and not self._is_moving():
            raise UserError(
                self.env._("The promise counts from when it was reported: that stays.")
            )
        if not self._is_moving():
            if {"partner_id", "ticket_id", "happened_at", "cause"} & vals.keys():
                self._require_state("draft", "submitted", "checked")
            if "check_note" in vals:
                self._require_state("draft", "submitted")
            if {"responsibility", "decision"} & vals.keys():
                self._require_state("draft", "submitted", "checked")
        # Only compared; the user's right to it is checked with the claim.
        given = self.env["power.ticket"].sudo().browse(vals.get("ticket_id") or [])
        own = self.filtered(
            lambda claim: (
                given._is_about_damage()
                and claim.has_own_ticket
                and claim.check_ticket_id.id != given.id
            )
        )
        left = own.check_ticket_id
        result = super().write(vals)
        if own:
            own._move({"has_own_ticket": False})
            self._end_own_tickets(left, self.env._("The claim has another ticket"))
        return result

    def unlink(self):
        """Also ends the tickets that were made with drafts."""
        own = self.filtered("has_own_ticket").check_ticket_id
        result = super().unlink()
        self._end_own_tickets(own, self.env._("The claim was deleted as a draft"))
        return result

    @api.model
    def _end_own_tickets(self, tickets, note):
        """Cancel tickets that only had a claim's promise, as far as nothing was
        answered and nobody has made them more than that."""
        # Whoever may end the claim may end what was made with it.
        tickets.sudo().filtered(
            lambda ticket: (
                ticket.is_open and not ticket.answered_at and not ticket._is_guarded()
            )
        ).cancel(note)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        for claim in self:
            if claim.state != "draft" or claim.submitted_at:
                raise UserError(
                    self.env._(
                        "“%(claim)s” was submitted: withdraw it with a reason instead "
                        "of deleting it.",
                        claim=claim.name,
                    )
                )

    def action_submit(self):
        """Submit the claim: what is claimed is locked.

        :raise UserError: nothing is claimed
        """
        self.check_access("write")
        self._require_state("draft")
        for claim in self:
            if claim.currency_id.compare_amounts(claim.amount_claimed, 0) <= 0:
                raise UserError(
                    self.env._(
                        "%(claim)s: enter what was damaged and what is claimed for it.",
                        claim=claim.name,
                    )
                )
        self._move({"state": "submitted", "submitted_at": fields.Datetime.now()})
        return True

    def action_check(self):
        """Say that the damage was looked at on site, and what was found.

        :raise UserError: nothing is said of what was found
        """
        self.check_access("write")
        self._require_state("submitted")
        for claim in self:
            if not (claim.check_note or "").strip():
                raise UserError(
                    self.env._(
                        "%(claim)s: say what was found on site.", claim=claim.name
                    )
                )
        self._move(
            {
                "state": "checked",
                "checked_at": fields.Datetime.now(),
                "checked_by": self.env.uid,
            }
        )
        self.check_ticket_id._accept_if_nobody_did()
        self.check_ticket_id._arrive_if_promised()
        return True

    def action_decide(self):
        """Decide who answers for it and what is to be paid; somebody else approves.

        :raise UserError: responsibility or reasons are missing
        """
        self.check_access("write")
        self._require_state("checked")
        for claim in self:
            if not claim.responsibility or not (claim.decision or "").strip():
                raise UserError(
                    self.env._(
                        "%(claim)s: say who answers for it, and why.", claim=claim.name
                    )
                )
        self._move(
            {
                "state": "decided",
                "decided_by": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        return True

    def action_approve(self):
        """Approve what was decided, as supervisor and somebody else than who decided or
        entered it.

        :raise AccessError: no supervisor, or the own decision
        """
        self._check_may_judge()
        self._require_state("decided")
        self._move(
            {
                "state": "approved",
                "approved_by": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
        )
        return True

    def _check_may_judge(self):
        self.check_access("write")
        self._require_group("supervisor")
        for claim in self:
            if self.env.user in claim.decided_by | claim.create_uid:
                raise AccessError(
                    self.env._(
                        "“%(claim)s” is approved by somebody else than who entered or "
                        "decided it.",
                        claim=claim.name,
                    )
                )

    def action_send_back(self, reason):
        """Back to be decided anew, with the reason; by who may approve."""
        self._check_may_judge()
        self._require_state("decided")
        reason = self._require_reason(reason)
        self._move({"state": "checked", "decided_by": False, "decided_at": False})
        self._say(self.env._("Sent back: %(reason)s", reason=reason))
        return True

    def action_refuse(self, reason):
        """Refuse what was decided to be paid nothing; by who may approve."""
        self._check_may_judge()
        self._require_state("decided")
        reason = self._require_reason(reason)
        for claim in self:
            if not claim.currency_id.is_zero(claim.amount_approved):
                raise UserError(
                    self.env._(
                        "%(claim)s: an amount was decided; send it back instead.",
                        claim=claim.name,
                    )
                )
        self._move({"state": "refused"})
        self._say(self.env._("Refused: %(reason)s", reason=reason))
        return True

    def action_withdraw(self, reason):
        """The customer no longer claims it, with the reason; not once approved."""
        self.check_access("write")
        self._require_state("submitted", "checked", "decided")
        reason = self._require_reason(reason)
        self._move({"state": "withdrawn"})
        self._end_own_tickets(self.filtered("has_own_ticket").check_ticket_id, reason)
        self._say(self.env._("Withdrawn: %(reason)s", reason=reason))
        return True

    def action_pay(self):
        """Say that it was paid; the receipt is added as proof before.

        :raise UserError: there is no proof of the payment
        """
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("approved")
        for claim in self:
            if not claim.proof_ids:
                raise UserError(
                    self.env._(
                        "%(claim)s: add the receipt of the payment as proof.",
                        claim=claim.name,
                    )
                )
        self._move(
            {
                "state": "paid",
                "paid_date": self._get_company_today(),
                "paid_by": self.env.uid,
            }
        )
        return True

    def _say(self, text):
        for claim in self:
            claim.message_post(body=text)


class PowerClaimLine(models.Model):
    """One damaged thing: what is claimed for it, what is approved."""

    _name = "power.claim.line"
    _inherit = ["power.reach.mixin"]
    _description = "Claim Line"
    _order = "claim_id, id"
    _reach_fields = ("claim_id",)

    claim_id = fields.Many2one(
        "power.claim", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="claim_id.company_id", store=True, index=True)
    station_id = fields.Many2one(related="claim_id.station_id", store=True, index=True)
    claim_state = fields.Selection(related="claim_id.state", string="Claim State")
    currency_id = fields.Many2one(related="company_id.currency_id")
    name = fields.Char("What Was Damaged", required=True)
    model_name = fields.Char("Make and Model")
    bought_year = fields.Integer("Bought In", aggregator=None)
    remedy = fields.Selection(
        [("repair", "Repair"), ("replace", "Replace"), ("money", "Compensate")],
        required=True,
        default="repair",
    )
    amount_claimed = fields.Monetary(required=True)
    amount_approved = fields.Monetary()
    note = fields.Char()

    _amounts_valid = models.Constraint(
        "CHECK (amount_claimed >= 0 AND amount_approved >= 0)",
        "Amounts can't be negative.",
    )
    _year_valid = models.Constraint(
        "CHECK (bought_year IS NULL OR bought_year = 0"
        " OR bought_year BETWEEN 1950 AND 2100)",
        "The year lies between 1950 and 2100.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.claim_id._require_state("draft")
        return lines

    def write(self, vals):
        if vals.keys() - {"amount_approved", "remedy", "note"}:
            self.claim_id._require_state("draft")
        else:
            self.claim_id._require_state("draft", "submitted", "checked")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        self.claim_id._require_state("draft")
