from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

OWN_FIELDS = frozenset(("employee_id", "date", "summary", "line_ids", "station_id"))


class PowerWorkJournal(models.Model):
    """Daily journal (工作日记): one per employee and day.

    The employee writes and signs it, a supervisor counter-signs. Signed, it is locked;
    hard cases in it go on until they are solved, by their date.
    """

    _name = "power.work.journal"
    _inherit = ["power.state.mixin", "power.station.mixin", "mail.thread"]
    _description = "Work Journal"
    _order = "date desc, id desc"
    _mail_post_access = "read"
    _moved_fields = frozenset(
        ("state", "signed_at", "signed_by", "countersigned_at", "countersigned_by")
    )
    _reason_actions = frozenset(("send_back",))

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        check_company=True,
        default=lambda self: self._default_employee_id(),
    )
    employee_user_id = fields.Many2one(
        related="employee_id.user_id",
        string="Written By",
        store=True,
        index="btree_not_null",
    )
    station_id = fields.Many2one(
        compute="_compute_station_id",
        store=True,
        readonly=False,
        precompute=True,
        default=None,  # a default would keep the employee's station from being taken
    )
    date = fields.Date(
        required=True, index=True, default=lambda self: self._get_company_today()
    )
    summary = fields.Text("Work of the Day")
    line_ids = fields.One2many(
        "power.work.journal.line", "journal_id", string="Topic or Case", copy=True
    )
    hard_count = fields.Integer("Hard Cases", compute="_compute_counts")
    open_count = fields.Integer("Unsolved", compute="_compute_counts")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("signed", "Signed"),
            ("countersigned", "Counter-signed"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
    )
    signed_at = fields.Datetime(readonly=True, copy=False)
    signed_by = fields.Many2one("res.users", readonly=True, copy=False)
    countersigned_at = fields.Datetime("Counter-signed At", readonly=True, copy=False)
    countersigned_by = fields.Many2one(
        "res.users", string="Counter-signed By", readonly=True, copy=False
    )
    comment = fields.Text("Supervisor's Comment", copy=False)

    _once_uniq = models.UniqueIndex(
        "(employee_id, date)", "The employee has a journal of this day already."
    )
    _countersigned_by_another = models.Constraint(
        "CHECK (countersigned_by <> signed_by)",
        "A journal is counter-signed by somebody else than who signed it.",
    )

    @api.model
    def _default_employee_id(self):
        return self.env.user.employee_id

    @api.depends("employee_id")
    def _compute_station_id(self):
        for journal in self:
            department = journal.employee_id.department_id
            journal.station_id = department._power_above() or journal.station_id

    @api.depends("line_ids.kind", "line_ids.is_solved")
    def _compute_counts(self):
        for journal in self:
            hard = journal.line_ids.filtered(lambda line: line.kind == "hard")
            journal.hard_count = len(hard)
            journal.open_count = len(hard.filtered(lambda line: not line.is_solved))

    @api.depends("employee_id.name", "date")
    def _compute_display_name(self):
        for journal in self:
            journal.display_name = f"{journal.employee_id.name} {journal.date or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        journals = super().create(vals_list)
        journals._check_own()
        return journals

    def write(self, vals):
        if not self._is_moving() and OWN_FIELDS & vals.keys():
            self._require_state("draft")
            self._check_own()
        if "comment" in vals and not self.env.su:
            self._require_group("supervisor")
        return super().write(vals)

    def _check_own(self):
        """A journal is written by the employee, or by a supervisor for employees
        without login.

        :raise AccessError: somebody else's journal
        """
        if self.env.su:
            return
        for journal in self:
            if journal.employee_user_id == self.env.user:
                continue
            if journal.employee_user_id or not self.env.user.has_group(
                "power_service_base.group_power_supervisor"
            ):
                raise AccessError(
                    self.env._(
                        "“%(journal)s” is somebody else's.",
                        journal=journal.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._require_state("draft")

    @api.model
    def action_open_today(self):
        """Open the user's journal of today; make it when there is none yet.

        :return: a window action
        :raise UserError: the user is no employee
        """
        employee = self.env.user.employee_id
        if not employee:
            raise UserError(
                self.env._("You are no employee here: ask the manager to enter you.")
            )
        today = self._get_company_today()
        mine = Domain("employee_id", "=", employee.id) & Domain("date", "=", today)
        journal = self.search(mine) or self.create(
            {"employee_id": employee.id, "date": today}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Journal Today"),
            "res_model": self._name,
            "res_id": journal.id,
            "view_mode": "form",
        }

    def action_sign(self):
        """Sign: from now on it is locked.

        :raise AccessError: somebody else's journal
        :raise UserError: it is empty, or a hard case lacks its date
        """
        self.check_access("write")
        self._require_state("draft")
        self._check_own()
        for journal in self:
            if not (journal.summary or "").strip() and not journal.line_ids:
                raise UserError(self.env._("There is nothing in it to sign."))
        self._move(
            {
                "state": "signed",
                "signed_by": self.env.uid,
                "signed_at": fields.Datetime.now(),
            }
        )
        return True

    def action_countersign(self):
        """Counter-sign as supervisor of somebody else.

        :raise AccessError: no supervisor, or the own journal
        """
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("signed")
        for journal in self:
            if self.env.user in journal.signed_by | journal.employee_user_id:
                raise AccessError(
                    self.env._("The own journal is counter-signed by somebody else.")
                )
        self._move(
            {
                "state": "countersigned",
                "countersigned_by": self.env.uid,
                "countersigned_at": fields.Datetime.now(),
            }
        )
        return True

    def action_send_back(self, reason):
        """Give a signed journal back to be completed, with the reason; supervisors."""
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("signed")
        reason = self._require_reason(reason)
        self._move({"state": "draft", "signed_by": False, "signed_at": False})
        for journal in self:
            journal.message_post(
                body=self.env._("Sent back: %(reason)s", reason=reason),
                partner_ids=journal.employee_user_id.partner_id.ids,
            )
        return True


class PowerWorkJournalLine(models.Model):
    """A hot topic or a hard case of the day."""

    _name = "power.work.journal.line"
    _inherit = ["power.state.mixin", "power.reach.mixin"]
    _description = "Work Journal Line"
    _reach_fields = ("supply_point_id", "partner_id")
    _order = "solve_by, id"
    _rec_name = "text"
    _moved_fields = frozenset(("is_solved", "solved_at", "solution", "ticket_id"))
    _reason_actions = frozenset(("solve",))

    journal_id = fields.Many2one(
        "power.work.journal", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="journal_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="journal_id.station_id", store=True, index=True
    )
    employee_id = fields.Many2one(
        related="journal_id.employee_id", store=True, index=True
    )
    employee_user_id = fields.Many2one(
        related="journal_id.employee_user_id", string="Written By", store=True
    )
    date = fields.Date(related="journal_id.date", store=True)
    journal_state = fields.Selection(related="journal_id.state", string="Journal State")
    kind = fields.Selection(
        [("hot", "Hot topic"), ("hard", "Hard case")], required=True, default="hot"
    )
    text = fields.Text("What", required=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null"
    )
    supply_point_id = fields.Many2one("power.supply.point", index="btree_not_null")
    solve_by = fields.Date(help="The day by which a hard case is solved.")
    is_solved = fields.Boolean("Solved", readonly=True, copy=False)
    solved_at = fields.Datetime(readonly=True, copy=False)
    solution = fields.Text(readonly=True, copy=False)
    ticket_id = fields.Many2one(
        "power.ticket", readonly=True, copy=False, index="btree_not_null"
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _hard_has_date = models.Constraint(
        "CHECK (kind <> 'hard' OR solve_by IS NOT NULL)",
        "A hard case needs the day by which it is solved.",
    )
    _open_idx = models.Index("(solve_by) WHERE kind = 'hard' AND is_solved IS NOT TRUE")

    @api.depends("kind", "solve_by", "is_solved")
    def _compute_is_overdue(self):
        today = self.env["power.work.journal"]._get_company_today()
        for line in self:
            line.is_overdue = bool(
                line.kind == "hard"
                and not line.is_solved
                and line.solve_by
                and line.solve_by < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env["power.work.journal"]._get_company_today()
        return (
            Domain("kind", "=", "hard")
            & Domain("is_solved", "=", False)
            & Domain("solve_by", "<", today)
        )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_journal()
        return lines

    def write(self, vals):
        if not self._is_moving():
            self._check_journal()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_journal()

    def _check_journal(self):
        """A line is written as long as its journal is: own, and not signed."""
        self.journal_id._require_state("draft")
        self.journal_id._check_own()

    def _check_may_go_on(self):
        """Hard cases are solved by their employee or a supervisor, also when signed."""
        self.check_access("read")
        if any(line.employee_user_id != self.env.user for line in self):
            self._require_group("supervisor")

    def action_solve(self, reason):
        """Say how a hard case was solved.

        :param reason: how; kept with the case
        :raise AccessError: somebody else's, and no supervisor
        :raise UserError: solved already, or nothing said
        """
        self._check_may_go_on()
        reason = self._require_reason(reason)
        for line in self:
            if line.is_solved:
                raise UserError(self.env._("This was solved already."))
        self._move(
            {"is_solved": True, "solved_at": fields.Datetime.now(), "solution": reason}
        )
        return True

    def action_make_ticket(self):
        """Make a ticket of a hard case: it goes on there, due by the case's date.

        A second press opens the ticket that is there.

        :return: a window action with the ticket
        """
        self.ensure_one()
        self._check_may_go_on()
        # Of two presses at once, one waits for the other, and then finds its ticket.
        self.lock_for_update()
        self.invalidate_recordset(["ticket_id"])
        if not self.ticket_id:
            if self.kind != "hard":
                raise UserError(self.env._("Only a hard case becomes a ticket."))
            # Field staff, who take in no other tickets, hand on what they found.
            ticket = self.env["power.ticket"].sudo().create(self._prepare_ticket_vals())
            user = self.employee_user_id or self.env.user
            lang = user.sudo().lang  # to be told
            ticket.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.solve_by,
                summary=self.with_context(lang=lang).env._("Hard case of the journal"),
                user_id=user.id,
            )
            self._move({"ticket_id": ticket.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": "power.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }

    def _prepare_ticket_vals(self):
        return {
            "type_id": self.env.ref(
                "power_service_tickets.power_ticket_type_service"
            ).id,
            "subject": self.text.strip().splitlines()[0][:120],
            "description": self.text,
            "channel": "internal",
            "partner_id": self.partner_id.id or self.supply_point_id.partner_id.id,
            "supply_point_id": self.supply_point_id.id,
            "station_id": self.supply_point_id.station_id.id or self.station_id.id,
            "user_id": self.employee_user_id.id,
            "company_id": self.company_id.id,
        }
