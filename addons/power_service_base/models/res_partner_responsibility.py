# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    key_account_team_id = fields.Many2one(
        "power.key.account.team",
        string="Key-account Team",
        groups="power_service_base.group_power_field",
        index="btree_not_null",
        help="One leader, three members (一长三员) with one number for everything.",
    )
    responsibility_ids = fields.One2many(
        "power.responsibility",
        "partner_id",
        groups="power_service_base.group_power_field",
    )
    answers_employee_id = fields.Many2one(
        "hr.employee",
        string="Who Answers Today",
        compute="_compute_answers_employee_id",
        groups="power_service_base.group_power_field",
        help="The account manager; without one the grid manager of the area or of one "
        "around it, then the station chief.",
    )

    def _compute_answers_employee_id(self):
        found = self.env["power.responsibility"]._get_responsible(
            "res.partner", self.ids, "account_manager"
        )
        for partner in self:
            partner.answers_employee_id = found.get(partner.id, False)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get("account_manager_id") for vals in vals_list):
            partners.filtered("account_manager_id")._open_account_manager()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if "account_manager_id" in vals:
            self._open_account_manager()
        return result

    def _open_account_manager(self):
        """A manager set by hand answers from today on: the dated table rules."""
        responsibilities = self.env["power.responsibility"]
        self.account_manager_id._check_works_here()
        for manager, partners in self.grouped("account_manager_id").items():
            responsibilities._assign("account_manager", partners, manager)

    def action_open_timeline(self):
        """Open everything that happened with the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_customer_timeline_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        return action

    @api.model
    def _refresh_after_assignment(self, partner_ids):
        """Bring up to date what is stored from area, manager and team, after these were
        written by SQL. Addons with such fields extend it; work on sets.

        :param list partner_ids: customers that were changed
        """
        self.env["power.responsibility"].flush_model(["station_id"])
        self.env.cr.execute(
            """
            UPDATE power_responsibility AS held SET station_id = p.power_station_id
              FROM res_partner AS p
             WHERE held.partner_id = p.id AND p.id = ANY(%s)
               AND held.station_id IS DISTINCT FROM p.power_station_id
            """,
            (list(partner_ids),),
        )
        self.env["power.responsibility"].invalidate_model(["station_id"])
        self._refresh_archive_score(partner_ids)
