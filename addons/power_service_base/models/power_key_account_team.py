from odoo import api, fields, models

TEAM_ROLES = [
    ("account_manager", "Account manager"),
    ("metering", "Metering"),
    ("inspection", "Use-of-power inspection"),
    ("dispatcher", "Dispatcher"),
    ("repair", "Repair"),
    ("billing", "Billing"),
]


class PowerKeyAccountTeam(models.Model):
    """One leader, three members (一长三员), one number for everything."""

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
        "power.key.account.member", "team_id", string="Members", copy=True
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

    @api.depends("leader_id.active", "member_ids.employee_id.active")
    def _compute_is_incomplete(self):
        for team in self:
            # Whether someone still works here isn't private.
            people = (team.leader_id | team.member_ids.employee_id).sudo()
            team.is_incomplete = len(team.member_ids) < 3 or not all(
                person.active for person in people
            )

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

    team_id = fields.Many2one(
        "power.key.account.team", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    role = fields.Selection(TEAM_ROLES, required=True)
    employee_id = fields.Many2one("hr.employee", required=True, index=True)
    user_id = fields.Many2one(related="employee_id.user_id", store=True)
    phone = fields.Char(help="The member's own number, when customers may call it.")
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    station_id = fields.Many2one(related="team_id.station_id", store=True, index=True)

    _role_uniq = models.UniqueIndex(
        "(team_id, role, employee_id)", "This employee already has this role here."
    )
