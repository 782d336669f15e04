# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    responsibility_ids = fields.One2many("power.responsibility", "partner_id")
    answers_employee_id = fields.Many2one(
        "hr.employee",
        string="Who Answers Today",
        compute="_compute_answers_employee_id",
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
        for manager, partners in self.grouped("account_manager_id").items():
            responsibilities._assign("account_manager", partners, manager)
