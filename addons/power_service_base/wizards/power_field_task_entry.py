from odoo import fields, models
from odoo.exceptions import UserError

from ..models.power_field_task import OUTCOMES


class PowerFieldTaskEntry(models.TransientModel):
    """What the office enters for a crew: by telephone, from paper, or a decision."""

    _name = "power.field.task.entry"
    _inherit = ["power.reach.mixin"]
    _description = "Entry on a Field Task"

    task_id = fields.Many2one(
        "power.field.task",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    kind = fields.Selection(
        [
            ("started", "Started"),
            ("arrived", "Arrived"),
            ("done", "Done"),
            ("note", "Note"),
            ("cancelled", "Cancelled"),
            ("reopened", "Reopened"),
        ],
        string="What Happened",
        required=True,
        default="done",
    )
    at = fields.Datetime(
        "When", required=True, default=fields.Datetime.now, help="When it happened."
    )
    outcome = fields.Selection(OUTCOMES, default="done")
    note = fields.Text()
    currency_id = fields.Many2one(related="task_id.currency_id", related_sudo=False)
    charge = fields.Monetary()

    def action_confirm(self):
        """Enter it; the task's own methods check who may, and when."""
        self.ensure_one()
        task, at, note = self.task_id, self.at, (self.note or "").strip()
        if self.kind in ("started", "arrived"):
            enter = {"started": task.action_start, "arrived": task.action_arrive}
            enter[self.kind](at=at)
            if note:
                task.action_add_note(note, at=at)
        elif self.kind == "done":
            if not self.outcome:
                raise UserError(self.env._("Say what came of it."))
            task.action_done(self.outcome, note or None, self.charge, at=at)
        elif self.kind == "note":
            task.action_add_note(note, at=at)
        elif self.kind == "cancelled":
            task.action_cancel(note)
        else:
            task.action_reopen(note)
        return {"type": "ir.actions.act_window_close"}
