from odoo import api, fields, models

from ..core import connection as rules


class PowerConnectionEntry(models.TransientModel):
    """Enters one step of a connection, at the desk or on site."""

    _name = "power.connection.entry"
    _inherit = ["power.reach.mixin"]
    _description = "Step of a Connection"

    connection_id = fields.Many2one(
        "power.connection", required=True, readonly=True, ondelete="cascade"
    )
    open_ids = fields.Many2many(
        "power.ticket.milestone",
        compute="_compute_open_ids",
        export_string_translation=False,
    )
    milestone_id = fields.Many2one(
        "power.ticket.milestone",
        string="Step",
        required=True,
        compute="_compute_milestone_id",
        compute_sudo=False,  # nothing of a connection that the user may not read
        store=True,
        precompute=True,
        readonly=False,
        domain="[('id', 'in', open_ids)]",
    )
    step = fields.Char(related="milestone_id.code")
    kind = fields.Selection(related="connection_id.kind", related_sudo=False)
    at = fields.Datetime("When", required=True, default=fields.Datetime.now)
    is_check = fields.Boolean(compute="_compute_is_check")
    result = fields.Selection(
        [("passed", "Passed"), ("defects", "Defects")], required=True, default="passed"
    )
    note = fields.Text()
    meter_numbers = fields.Char(
        compute="_compute_numbers",
        compute_sudo=False,
        store=True,
        precompute=True,
        readonly=False,
    )
    contract_number = fields.Char(
        compute="_compute_numbers",
        compute_sudo=False,
        store=True,
        precompute=True,
        readonly=False,
    )
    proof_ids = fields.Many2many("ir.attachment", string="Photos and Files")

    @api.depends("connection_id")
    def _compute_open_ids(self):
        for entry in self:
            connection, codes = entry.connection_id, ()
            if connection:
                codes = rules.get_open_steps(connection._get_case(), connection._done())
            entry.open_ids = self._get_milestones(codes)

    @api.depends("connection_id")
    def _compute_milestone_id(self):
        for entry in self:
            entry.milestone_id = self._get_milestones([entry.connection_id.step])

    @api.model
    def _get_milestones(self, codes):
        return self.env["power.ticket.milestone"].search([("code", "in", list(codes))])

    @api.depends("milestone_id")
    def _compute_is_check(self):
        for entry in self:
            entry.is_check = entry.step in rules.CHECKS

    @api.depends("connection_id")
    def _compute_numbers(self):
        for entry in self:
            entry.meter_numbers = entry.connection_id.meter_numbers
            entry.contract_number = entry.connection_id.contract_number

    def action_confirm(self):
        """Enter the step, or the defects that a check found.

        :raise UserError: something stands against it
        :raise AccessError: the step isn't the user's to enter
        """
        self.ensure_one()
        connection = self.connection_id
        proofs = self.proof_ids.ids
        if self.is_check and self.result == "defects":
            connection.enter_defects(self.step, self.note, self.at, proofs)
            return {"type": "ir.actions.act_window_close"}
        connection._check_step_right(self.step)
        # The right to the step is the right to what is entered with it.
        connection.sudo().write(self._prepare_vals())
        connection.enter_step(self.step, self.at, self.note, proofs)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_vals(self):
        """What is kept on the connection with the step."""
        if self.step == "metered":
            return {"meter_numbers": self.meter_numbers}
        if self.step == "contract_signed":
            return {"contract_number": self.contract_number}
        if self.step == "surveyed" and self.note:
            return {"survey_note": self.note}
        return {}
