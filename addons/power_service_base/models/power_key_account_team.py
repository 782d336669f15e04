from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

TEAM_ROLES = [
    ("leader", "Leader"),
    ("account_manager", "Account manager"),
    ("metering", "Metering"),
    ("inspection", "Use-of-power inspection"),
    ("dispatcher", "Dispatcher"),
    ("repair", "Repair"),
    ("billing", "Billing"),
]


# In the context while the leader's line follows at once. Being an object, it can't be
# sent by a client.
LEADER_FOLLOWS = object()


class PowerKeyAccountTeam(models.Model):
    """One leader, three members (一长三员), one number for everything.

    Who was in the team when is told by its member lines. The leader is the one line of
    today with that role: choosing another leader ends it yesterday and opens a new one.
    """

    _name = "power.key.account.team"
    _inherit = ["power.station.mixin", "mail.thread"]
    _description = "Key-account Team"
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    leader_id = fields.Many2one(
        "hr.employee", required=True, check_company=True, index=True, tracking=True
    )
    phone = fields.Char(
        "One Number",
        required=True,
        help="What the customers call for repair, complaint and enquiry.",
    )
    member_ids = fields.One2many(
        "power.key.account.member", "team_id", string="Members"
    )
    partner_ids = fields.One2many(
        "res.partner", "key_account_team_id", string="Customers"
    )
    partner_count = fields.Integer("Customer Count", compute="_compute_partner_count")
    is_incomplete = fields.Boolean(
        compute="_compute_is_incomplete",
        help="Fewer than three members, or someone has left.",
    )

    def _compute_partner_count(self):
        counts = dict(
            self.env["res.partner"]._read_group(
                [("key_account_team_id", "in", self.ids)],
                ["key_account_team_id"],
                ["__count"],
            )
        )
        for team in self:
            team.partner_count = counts.get(team, 0)

    @api.depends(
        "leader_id.active",
        "member_ids.employee_id.active",
        "member_ids.role",
        "member_ids.date_from",
        "member_ids.date_to",
    )
    def _compute_is_incomplete(self):
        for team in self:
            members = team.member_ids.filtered(
                lambda line: line.is_current and line.role != "leader"
            )
            # Whether someone still works here isn't private.
            people = (team.leader_id | members.employee_id).sudo()
            team.is_incomplete = len(members) < 3 or not all(
                person.active for person in people
            )

    @api.constrains("leader_id")
    def _check_leader_works_here(self):
        self.leader_id._check_works_here()

    @api.model_create_multi
    def create(self, vals_list):
        following = self.with_context(power_leader_follows=LEADER_FOLLOWS)
        teams = super(PowerKeyAccountTeam, following).create(vals_list)
        teams = teams.with_env(self.env)
        teams._sync_leader()
        return teams

    def write(self, vals):
        result = super().write(vals)
        if "leader_id" in vals:
            self._sync_leader()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for team, vals in zip(self, vals_list, strict=True):
            if "member_ids" in (default or {}):
                continue
            # From today on, with those who are in the team today.
            vals["member_ids"] = [
                Command.create(
                    {
                        "role": line.role,
                        "employee_id": line.employee_id.id,
                        "phone": line.phone,
                        "sequence": line.sequence,
                    }
                )
                for line in team.member_ids
                if line.is_current and line.role != "leader"
            ]
        return vals_list

    def get_members(self, date=None):
        """Who was in the teams on a day, the leader among them.

        :param date: a date where the station is; today when not given
        :return: member lines, the leader's first
        :raise AccessError: the user may not read the teams
        """
        self.check_access("read")
        members = self.env["power.key.account.member"]
        found = members.browse()
        for team in self:
            day = fields.Date.to_date(date) or team._get_today()
            found |= members.search(
                Domain("team_id", "=", team.id) & members._get_period_domain(day)
            )
        return found

    def _get_today(self):
        return self.env["power.calendar.year"]._get_today(self.station_id)

    def _sync_leader(self):
        """End the line of a leader who was replaced, and open that of the new one."""
        self.invalidate_recordset(["member_ids"])
        members = self.env["power.key.account.member"]
        vals_list = []
        for team in self:
            today = team._get_today()
            line = team.member_ids.filtered(
                lambda line, today=today: line.role == "leader" and line._is_on(today)
            )
            if line.employee_id == team.leader_id:
                continue
            if line and line.date_from == today:
                line.employee_id = team.leader_id  # chosen again on the same day
                continue
            ended = line.with_context(power_leader_follows=LEADER_FOLLOWS)
            ended.date_to = today - timedelta(days=1)
            vals_list.append(
                {
                    "team_id": team.id,
                    "role": "leader",
                    "employee_id": team.leader_id.id,
                    "date_from": today,
                    "sequence": 0,
                }
            )
        members.create(vals_list)

    def action_open_partners(self):
        """Open the team's customers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.res_partner_action_power"
        )
        action["domain"] = [("key_account_team_id", "=", self.id)]
        action["context"] = {
            "default_key_account_team_id": self.id,
            "default_is_power_customer": True,
        }
        return action


class PowerKeyAccountMember(models.Model):
    """One member of a key-account team, with what he is there for."""

    _name = "power.key.account.member"
    _description = "Member of a Key-account Team"
    _order = "team_id, sequence, id"
    _rec_name = "employee_id"
    _check_company_auto = True

    team_id = fields.Many2one(
        "power.key.account.team", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    role = fields.Selection(TEAM_ROLES, required=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, check_company=True
    )
    user_id = fields.Many2one(related="employee_id.user_id", store=True)
    date_from = fields.Date(
        "From",
        required=True,
        copy=False,
        default=lambda self: self.env["power.calendar.year"]._get_today(),
        help="The first day in the team.",
    )
    date_to = fields.Date(
        "To", copy=False, help="The last day in the team; open when empty."
    )
    is_current = fields.Boolean(
        "In the Team Today", compute="_compute_is_current", search="_search_is_current"
    )
    phone = fields.Char(help="The member's own number, when customers may call it.")
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    station_id = fields.Many2one(related="team_id.station_id", store=True, index=True)

    _role_uniq = models.UniqueIndex(
        "(team_id, role, employee_id, date_from)",
        "This employee already has this role here.",
    )
    _period_excl = models.Constraint(
        "EXCLUDE USING gist (team_id WITH =, role WITH =, employee_id WITH =, "
        "daterange(date_from, date_to, '[]') WITH &&)",
        "This employee already has this role here at that time.",
    )
    _leader_excl = models.Constraint(
        "EXCLUDE USING gist (team_id WITH =, "
        "daterange(date_from, date_to, '[]') WITH &&) WHERE (role = 'leader')",
        "A team has one leader at a time.",
    )
    _period_valid = models.Constraint(
        "CHECK (date_to >= date_from)", "A member's last day is not before the first."
    )

    @api.depends("date_from", "date_to", "team_id.station_id")
    def _compute_is_current(self):
        for line in self:
            line.is_current = line._is_on(line.team_id._get_today())

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = self._get_period_domain(self.env["power.calendar.year"]._get_today())
        return Domain.OR(current if wanted else ~current for wanted in value)

    @api.model
    def _get_period_domain(self, date):
        """Lines in force on ``date``."""
        return Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )

    def _is_on(self, date):
        """Whether one line is in force on ``date``."""
        return bool(
            self.date_from
            and self.date_from <= date
            and (not self.date_to or self.date_to >= date)
        )

    @api.constrains("team_id", "role", "employee_id", "date_from", "date_to")
    def _check_leader(self):
        """The leader's line of today is the team's leader, and there is one."""
        if self.env.context.get("power_leader_follows") is LEADER_FOLLOWS:
            return
        for team in self.team_id:
            today = team._get_today()
            current = team.member_ids.filtered(
                lambda line, today=today: line.role == "leader" and line._is_on(today)
            )
            if current.employee_id != team.leader_id or len(current) != 1:
                raise ValidationError(
                    self.env._(
                        "The leader of %(team)s is %(leader)s: choose another one on "
                        "the team itself, then the dates follow.",
                        team=team.name,
                        leader=team.leader_id.name,
                    )
                )

    @api.constrains("employee_id")
    def _check_works_here(self):
        """Only who was in the team before may have left."""
        running = self.filtered(
            lambda line: not line.date_to or line.date_to >= line.team_id._get_today()
        )
        running.employee_id._check_works_here()

    @api.model_create_multi
    def create(self, vals_list):
        # The end of another line must be in the database before this one begins.
        self.flush_model(["role", "employee_id", "date_from", "date_to"])
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_current_leader(self):
        for line in self:
            if line.role == "leader" and line.is_current:
                raise UserError(
                    self.env._(
                        "The leader of %(team)s is %(leader)s: choose another one on "
                        "the team itself, then the dates follow.",
                        team=line.team_id.name,
                        leader=line.employee_id.name,
                    )
                )
