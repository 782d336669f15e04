from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

SEVERITIES = [("slight", "Slight"), ("general", "General"), ("major", "Major")]
OPEN_STATES = ("open", "returned")


class PowerRectification(models.Model):
    """Putting right (整改): a named person, a measure, a date, proof, and somebody else
    who verifies it.

    Where it comes from is told by ``res_model`` and ``res_id``: models that lead to
    rectification inherit ``power.rectification.mixin``. Overdue ones climb the ladder
    of ``power.rectification.step``.
    """

    _name = "power.rectification"
    _inherit = [
        "power.state.mixin",
        "power.origin.mixin",
        "power.station.mixin",
        "power.proof.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Rectification"
    _order = "due_date, id"
    _mail_post_access = "read"
    _proof_fields = ("before_ids", "proof_ids")
    _moved_fields = frozenset(
        ("state", "submitted_by", "submitted_at", "verified_by", "verified_at")
        + ("return_count",)
    )
    _reason_actions = frozenset(("send_back", "cancel"))

    name = fields.Char("What to Put Right", required=True, tracking=True)
    severity = fields.Selection(
        SEVERITIES, required=True, default="general", tracking=True
    )
    origin = fields.Selection(
        [
            ("ticket", "Ticket"),
            ("inspection", "Inspection"),
            ("meeting", "Meeting"),
            ("campaign", "Campaign"),
            ("appraisal", "Appraisal"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        index=True,
    )
    res_model = fields.Char("Origin Model", readonly=True, copy=False)
    res_id = fields.Many2oneReference(
        "Origin Record", model_field="res_model", readonly=True, copy=False
    )
    origin_name = fields.Char("Comes From", compute="_compute_origin_name")
    owner_id = fields.Many2one(
        "hr.employee",
        string="Person in Charge",
        index=True,
        check_company=True,
        tracking=True,
        help="Who puts it right. An employee needs no login.",
    )
    owner_user_id = fields.Many2one(
        related="owner_id.user_id",
        string="User in Charge",
        store=True,
        index="btree_not_null",
    )
    team_id = fields.Many2one(
        "hr.department",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain="[('power_unit', '=', 'team')]",
        check_company=True,
    )
    cause = fields.Text()
    measure = fields.Text(help="What is done about it.")
    result = fields.Text(help="What was done, when it is submitted.")
    due_date = fields.Date(index=True, tracking=True)
    before_ids = fields.Many2many(
        "ir.attachment",
        "power_rectification_before_rel",
        "rectification_id",
        "attachment_id",
        copy=False,
        ondelete="restrict",
        bypass_search_access=True,
        help="Photos of how it was. Once saved they can't be changed or deleted.",
    )
    proof_ids = fields.Many2many(
        string="After",
        help="Photos of how it is now. Once saved they can't be changed or deleted.",
    )
    submitted_by = fields.Many2one("res.users", readonly=True, copy=False)
    submitted_at = fields.Datetime(readonly=True, copy=False)
    verified_by = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    verified_at = fields.Datetime(readonly=True, copy=False, index=True)
    return_count = fields.Integer(
        "Sent Back", readonly=True, copy=False, help="How often it was sent back."
    )
    escalation_ids = fields.One2many(
        "power.rectification.escalation", "rectification_id", readonly=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("open", "To Put Right"),
            ("returned", "Sent Back"),
            ("done", "To Verify"),
            ("verified", "Verified"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
        group_expand="_group_expand_state",
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    days_overdue = fields.Integer(compute="_compute_is_overdue")
    can_change_terms = fields.Boolean(
        compute="_compute_can_change_terms", export_string_translation=False
    )  # the person, the date and the severity
    is_done_late = fields.Boolean(
        "Done Late", compute="_compute_is_done_late", store=True
    )

    _origin_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")
    _open_idx = models.Index("(due_date) WHERE state IN ('open', 'returned')")
    _verified_by_another = models.Constraint(
        "CHECK (verified_by <> submitted_by)",
        "What was put right is verified by somebody else than who submitted it.",
    )
    _open_complete = models.Constraint(
        "CHECK (state IN ('draft', 'cancelled')"
        " OR (owner_id IS NOT NULL AND due_date IS NOT NULL))",
        "A rectification needs a person in charge and a due date.",
    )

    @api.model
    def _group_expand_state(self, states, _domain):
        """What is under way has its column also when it is empty; a draft's comes with
        drafts only: on a phone the first column is all one sees."""
        return [
            state
            for state, _label in self._fields["state"].selection
            if state in states or state in ("open", "returned", "done")
        ]

    @api.depends("owner_id")
    def _compute_team_id(self):
        for record in self:
            department = record.owner_id.department_id
            if department.power_unit == "team":
                record.team_id = department

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_origin_name(self):
        names = {}
        for model, records in self.grouped("res_model").items():
            if model not in self.env:
                continue
            origins = self.env[model].browse(records.mapped("res_id")).exists()
            for origin in origins._filtered_access("read"):
                names[model, origin.id] = origin.display_name
        for record in self:
            record.origin_name = names.get((record.res_model, record.res_id), False)

    @api.depends("due_date", "state")
    def _compute_is_overdue(self):
        today = self._get_company_today()
        for record in self:
            days = 0
            if record.due_date and record.state in OPEN_STATES:
                days = (today - record.due_date).days
            record.is_overdue = days > 0
            record.days_overdue = max(days, 0)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_open_domain() & Domain(
            "due_date", "<", self._get_company_today()
        )

    @api.depends("state", "owner_user_id")
    @api.depends_context("uid")
    def _compute_can_change_terms(self):
        user = self.env.user
        supervisor = user.has_group("power_service_base.group_power_supervisor")
        for record in self:
            is_others = supervisor and record.owner_user_id != user
            record.can_change_terms = record.state == "draft" or (
                is_others and record.state in ("open", "returned", "done")
            )

    @api.depends("submitted_at", "due_date")
    def _compute_is_done_late(self):
        for record in self:
            zone = record.company_id._get_power_tz()
            done = record.submitted_at and fields.Datetime.context_timestamp(
                record.with_context(tz=zone), record.submitted_at
            )
            record.is_done_late = bool(
                done and record.due_date and done.date() > record.due_date
            )

    @api.model
    def _get_open_domain(self):
        """Those still to be put right."""
        return Domain("state", "in", list(OPEN_STATES))

    @api.constrains("verified_by", "owner_id")
    def _check_verified_by_another(self):
        for record in self:
            if record.verified_by and record.verified_by == record.owner_user_id:
                raise ValidationError(
                    self.env._(
                        "%(record)s: the person in charge can't verify the own work.",
                        record=record.name,
                    )
                )

    def write(self, vals):
        if not self._is_moving() and not self.env.su:
            self._check_may_change(vals)
        return super().write(vals)

    def _check_may_change(self, vals):
        """Once it is under way, its date and person are a supervisor's to change; once
        verified or cancelled, nothing is."""
        kept = {"name", "severity", "owner_id", "team_id", "cause", "measure"} | {
            *("due_date", "result", "before_ids", "proof_ids", "origin")
        }
        if kept & vals.keys():
            self._require_state("draft", "open", "returned", "done")
        if {"owner_id", "due_date", "severity"} & vals.keys() and any(
            record.state != "draft" for record in self
        ):
            self._require_group("supervisor")
            for record in self:
                if record.owner_user_id == self.env.user and record.state != "draft":
                    raise UserError(
                        self.env._(
                            "Ask somebody else to change the date, person or severity "
                            "of your own rectification."
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for record in self:
            if record.state != "draft":
                raise UserError(
                    self.env._(
                        "“%(record)s” is under way: cancel it instead of deleting it.",
                        record=record.name,
                    )
                )

    def action_open(self):
        """Give it to the person in charge, who is told by an activity.

        :raise UserError: it is no draft, or lacks person, measure or date
        """
        self.check_access("write")
        self._require_state("draft")
        for record in self:
            if not (record.owner_id and record.due_date and record.measure):
                raise UserError(
                    self.env._(
                        "“%(record)s” needs a person in charge, a measure and a due "
                        "date.",
                        record=record.name,
                    )
                )
        self._move({"state": "open"})
        self._tell_owner(lambda env: env._("Put right"))
        return True

    def action_submit(self, result=None):
        """Say that it is put right; somebody else verifies it.

        :param result: what was done; the field ``result`` when not given
        :raise AccessError: the user is neither in charge nor staff of the station
        :raise UserError: it isn't under way, says nothing of what was done, or
            has no proof of it
        """
        self.check_access("write")
        self._require_state(*OPEN_STATES)
        if result:
            self.write({"result": result})
        for record in self:
            if not (record.result or "").strip():
                raise UserError(
                    self.env._("%(record)s: say what was done.", record=record.name)
                )
            if not record.proof_ids:
                raise UserError(
                    self.env._(
                        "%(record)s: add a photo or a paper that shows what was done.",
                        record=record.name,
                    )
                )
        self._move(
            {
                "state": "done",
                "submitted_by": self.env.uid,
                "submitted_at": fields.Datetime.now(),
            }
        )
        self._forget_activities()
        for record in self:
            record._tell(
                record._get_verifier(), lambda env: env._("Verify what was put right")
            )
        return True

    def action_verify(self):
        """Say that it is put right indeed: by a supervisor who neither was in charge
        nor submitted it, nor proved it.

        :raise AccessError: no supervisor, or the own work
        """
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("done")
        for record in self:
            if self.env.user in record._get_workers():
                raise AccessError(
                    self.env._(
                        "“%(record)s” is verified by somebody else than who was in "
                        "charge, submitted it or added its proof.",
                        record=record.name,
                    )
                )
        self._move(
            {
                "state": "verified",
                "verified_by": self.env.uid,
                "verified_at": fields.Datetime.now(),
            }
        )
        self._forget_activities()
        return True

    def action_send_back(self, reason):
        """Not put right: back to the person in charge, with the reason.

        :param reason: kept in the history
        :raise AccessError: as :meth:`action_verify`
        """
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("done")
        reason = self._require_reason(reason)
        for record in self:
            if self.env.user in record._get_workers():
                raise AccessError(
                    self.env._("The own work is judged by somebody else.")
                )
            record._move({"state": "returned", "return_count": record.return_count + 1})
            record.message_post(body=self.env._("Sent back: %(reason)s", reason=reason))
        self._forget_activities()
        self._tell_owner(lambda env: env._("Sent back: put it right again"))
        return True

    def action_cancel(self, reason):
        """Give it up, with the reason; a supervisor's decision once it is under way."""
        if any(record.state != "draft" for record in self):
            self._require_group("supervisor")
        self._cancel(reason, "draft", "open", "returned", "done")
        self._forget_activities()
        return True

    def action_open_origin(self):
        """Open the record it comes from, when the user may see it."""
        self.ensure_one()
        if self.res_model not in self.env or not self.res_id:
            raise UserError(self.env._("It comes from no record."))
        origin = self.env[self.res_model].browse(self.res_id)
        origin.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def _get_workers(self):
        """Whose work it is, and so whose not to verify: in charge, submitted it, or
        added proof that it is put right, at any time."""
        self.ensure_one()
        proofs = self.sudo().proof_ids  # whose they are, whoever looks
        people = self.owner_user_id | self.submitted_by | proofs.create_uid
        return people.with_env(self.env)

    def _get_verifier(self):
        """Who is asked to verify: the station's chief, else who entered it, else
        quality when it comes from a confidential ticket."""
        self.ensure_one()
        mine = self._get_workers()
        # The chief's login isn't private to those who ask for a verification.
        users = self.station_id.sudo().manager_id.user_id | self.create_uid
        if self.confidential_ticket_id:
            users |= self._get_quality_users()(self.company_id)
        return self._filter_knowing(users.filtered("active") - mine)[:1]

    def _tell_owner(self, summary):
        for record in self:
            record._tell(record.owner_user_id, summary)

    def _tell(self, user, summary):
        """Put an activity on ``user``'s list, in the user's language.

        :param summary: a function of an environment that returns the text
        """
        self.ensure_one()
        if user:
            self.activity_schedule(
                "power_service_tickets.mail_activity_rectification",
                user_id=user.id,
                date_deadline=self.due_date or fields.Date.context_today(self),
                summary=summary(self.with_context(lang=user.lang).env),
            )

    def _forget_activities(self):
        """The reminders of a step that is over."""
        self.activity_unlink(["power_service_tickets.mail_activity_rectification"])


class PowerRectificationMixin(models.AbstractModel):
    """What leads to rectification: tickets, inspections, meetings, campaigns."""

    _name = "power.rectification.mixin"
    _description = "Leads to Rectification"
    _rectification_origin = "other"

    rectification_ids = fields.One2many(
        "power.rectification",
        "res_id",
        domain=lambda self: [("res_model", "=", self._name)],
        bypass_search_access=True,
        copy=False,
    )
    rectification_count = fields.Integer(
        "Rectifications", compute="_compute_rectification_count"
    )

    def _compute_rectification_count(self):
        counts = dict(
            self.env["power.rectification"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)],
                ["res_id"],
                ["__count"],
            )
        )
        for record in self:
            record.rectification_count = counts.get(record.id, 0)

    def _prepare_rectification_vals(self):
        """Values of a rectification that comes from this record."""
        self.ensure_one()
        return {
            "origin": self._rectification_origin,
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self.company_id.id,
            "station_id": self.station_id.id,
        }

    def action_open_rectifications(self):
        """Open the rectifications that come from this record."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_rectification_action"
        )
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {
            f"default_{name}": value
            for name, value in self._prepare_rectification_vals().items()
        }
        return action
