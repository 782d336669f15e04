from odoo import fields, models

EVENT_KINDS = [
    ("started", "Started"),
    ("arrived", "Arrived"),
    ("done", "Done"),
    ("photo", "Photo"),
    ("note", "Note"),
    ("reassigned", "Reassigned"),
    ("reopened", "Reopened"),
    ("cancelled", "Cancelled"),
]


class PowerFieldTaskEvent(models.Model):
    """One thing that happened with a field task: evidence.

    Made by the task's methods only. ``at`` is when it happened by the phone's clock,
    ``recorded_at`` when it reached us.
    """

    _name = "power.field.task.event"
    _inherit = ["power.append.only.mixin"]
    _description = "Field Task Event"
    _order = "at desc, id desc"

    task_id = fields.Many2one(
        "power.field.task", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="task_id.company_id")
    kind = fields.Selection(EVENT_KINDS, required=True)
    is_offline = fields.Boolean(
        "Sent Later", help="Kept by the phone until it had a network again."
    )
    client_ref = fields.Char(
        copy=False,
        help="The phone's own key of this tap: sent again, it makes nothing twice.",
    )
    note = fields.Text()
    outcome = fields.Char(help="Technical name of the outcome that was chosen.")
    charge = fields.Monetary()
    currency_id = fields.Many2one(related="task_id.currency_id")
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    accuracy = fields.Float(help="Radius in metres, as the phone says.")
    attachment_id = fields.Many2one(
        "ir.attachment", ondelete="restrict", index="btree_not_null"
    )
    previous_assignee_id = fields.Many2one("res.users")
    assignee_id = fields.Many2one("res.users")

    _client_ref_uniq = models.UniqueIndex(
        "(task_id, client_ref) WHERE client_ref IS NOT NULL",
        "This entry was already received.",
    )
    _position_valid = models.Constraint(
        "CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "A latitude lies between -90 and 90, a longitude between -180 and 180.",
    )
