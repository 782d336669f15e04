from odoo import fields, models


class PowerRectificationStep(models.Model):
    """A step of the ladder: so many days before or after the due date, who is told."""

    _name = "power.rectification.step"
    _description = "Rectification Ladder Step"
    _order = "days, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    days = fields.Integer(
        required=True,
        help="Days after the due date; below zero before it, 0 on the day itself.",
    )
    whom = fields.Selection(
        [
            ("owner", "Person in charge"),
            ("leader", "Team leader"),
            ("chief", "Station chief"),
            ("quality", "Quality"),
        ],
        required=True,
        help="Who isn't there or has no login is replaced by the next one above.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )

    _days_valid = models.Constraint(
        "CHECK (days BETWEEN -365 AND 365)", "The days lie between -365 and 365."
    )


class PowerRectificationEscalation(models.Model):
    """That a step was taken, or why it could not be: once per due date."""

    _name = "power.rectification.escalation"
    _description = "Rectification Escalation"
    _order = "at desc, id desc"
    _rec_name = "step_id"

    rectification_id = fields.Many2one(
        "power.rectification", required=True, index=True, ondelete="cascade"
    )
    step_id = fields.Many2one(
        "power.rectification.step", required=True, index=True, ondelete="restrict"
    )
    due_date = fields.Date(required=True)
    at = fields.Datetime(required=True)
    user_ids = fields.Many2many("res.users", string="Told")
    error = fields.Char("Not Told Because")
    company_id = fields.Many2one(
        related="rectification_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="rectification_id.station_id", store=True, index=True
    )

    _once_uniq = models.UniqueIndex(
        "(rectification_id, step_id, due_date)", "This step was taken already."
    )
