from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class PowerResponsibilityTransfer(models.TransientModel):
    """Hand what one employee answers for to another, from a day on."""

    _name = "power.responsibility.transfer"
    _description = "Transfer of Responsibilities"

    from_employee_id = fields.Many2one(
        "hr.employee",
        string="Handed Over By",
        context={"active_test": False},
        help="Also someone who has left.",
    )
    to_employee_id = fields.Many2one(
        "hr.employee", string="Taken Over By", required=True
    )
    date = fields.Date(
        "From Day",
        required=True,
        default=lambda self: self.env["power.responsibility"]._get_today(),
        help="First day of the new one; the last day of the one before is the day "
        "before.",
    )
    role = fields.Selection(
        selection=lambda self: self.env["power.responsibility"]._get_roles(),
        help="Only this role; all when empty.",
    )
    responsibility_ids = fields.Many2many(
        "power.responsibility",
        "power_responsibility_transfer_rel",
        compute="_compute_responsibility_ids",
        compute_sudo=False,  # those that the user sees
        store=True,
        readonly=False,
    )
    responsibility_count = fields.Integer(
        "To Be Transferred", compute="_compute_responsibility_count"
    )
    note = fields.Char("Reason")

    @api.depends("from_employee_id", "date", "role")
    def _compute_responsibility_ids(self):
        for wizard in self:
            if not wizard.from_employee_id:
                continue
            wizard.responsibility_ids = self.env["power.responsibility"].search(
                wizard._get_responsibility_domain()
            )

    @api.depends("responsibility_ids")
    def _compute_responsibility_count(self):
        for wizard in self:
            wizard.responsibility_count = len(wizard.responsibility_ids)

    def _get_responsibility_domain(self):
        """What the employee holds on the day, or later."""
        self.ensure_one()
        domain = Domain("employee_id", "=", self.from_employee_id.id) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", self.date)
        )
        if self.role:
            domain &= Domain("role", "=", self.role)
        return domain

    def action_transfer(self):
        """Transfer, and show what the new one answers for.

        :raise UserError: when there is nothing to transfer
        """
        self.ensure_one()
        if not self.responsibility_ids:
            raise UserError(
                self.env._(
                    "There is nothing to transfer: choose someone who answers for "
                    "something on that day."
                )
            )
        moved = self.responsibility_ids.transfer(
            self.to_employee_id, self.date, self.note
        )
        moved.grid_area_id._close_left_activities()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_responsibility_action"
        )
        action["domain"] = [("id", "in", moved.ids)]
        action["context"] = {}
        return action
