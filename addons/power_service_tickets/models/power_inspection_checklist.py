from odoo import fields, models

from .power_rectification import SEVERITIES

INSPECTION_KINDS = [
    ("walk", "Walk-round"),
    ("mystery", "Mystery check"),
    ("audit", "Audit"),
    ("line", "Line patrol"),
    ("use", "Use-of-power check"),
]


class PowerInspectionChecklist(models.Model):
    """What is looked at on inspections of a kind: a list to be edited."""

    _name = "power.inspection.checklist"
    _description = "Inspection Checklist"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(INSPECTION_KINDS, required=True, default="walk")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    item_ids = fields.One2many("power.inspection.checklist.item", "checklist_id")


class PowerInspectionChecklistItem(models.Model):
    """One thing to look at, and what it weighs when it isn't right."""

    _name = "power.inspection.checklist.item"
    _description = "Checklist Item"
    _order = "sequence, id"

    checklist_id = fields.Many2one(
        "power.inspection.checklist", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("What to Look At", required=True, translate=True)
    guidance = fields.Char(translate=True, help="What it has to be like.")
    severity = fields.Selection(SEVERITIES, required=True, default="general")
    points = fields.Float(
        default=1.0, digits=(6, 2), help="Points deducted when it isn't right."
    )

    _points_valid = models.Constraint(
        "CHECK (points BETWEEN 0 AND 100)", "Points lie between 0 and 100."
    )
