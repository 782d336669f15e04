from odoo import api, fields, models
from odoo.fields import Domain


class PowerInspectionLine(models.Model):
    """One thing looked at: right, not right, or not there."""

    _name = "power.inspection.line"
    _description = "Inspection Line"
    _order = "sequence, id"

    inspection_id = fields.Many2one(
        "power.inspection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="inspection_id.company_id", store=True, index=True
    )
    station_id = fields.Many2one(
        related="inspection_id.station_id", store=True, index=True
    )
    inspection_state = fields.Selection(
        related="inspection_id.state", string="Inspection State"
    )
    item_id = fields.Many2one(
        "power.inspection.checklist.item", index="btree_not_null", ondelete="restrict"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("What to Look At", required=True)
    guidance = fields.Char()
    result = fields.Selection(
        [
            ("open", "Not looked at"),
            ("right", "Right"),
            ("wrong", "Not right"),
            ("none", "Not there"),
        ],
        required=True,
        default="open",
    )
    note = fields.Char()

    _item_uniq = models.UniqueIndex(
        "(inspection_id, item_id) WHERE item_id IS NOT NULL",
        "This item is on the list already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.inspection_id._require_state("draft", "running")
        return lines

    def write(self, vals):
        self.inspection_id._require_state("draft", "running")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self.inspection_id._require_state("draft", "running")

    def action_right(self):
        """One tap: it is as it has to be."""
        self.write({"result": "right"})
        return True

    def action_none(self):
        """One tap: there is no such thing here."""
        self.write({"result": "none"})
        return True

    def action_wrong(self):
        """One tap: it isn't right; opens the finding to describe it.

        :return: a window action with the finding, made when there is none yet
        """
        self.ensure_one()
        self.write({"result": "wrong"})
        Finding = self.env["power.inspection.finding"]
        finding = Finding.search(
            Domain("line_id", "=", self.id), limit=1
        ) or Finding.create(
            {
                "inspection_id": self.inspection_id.id,
                "line_id": self.id,
                "name": self.env._("Not right: %s", self.name),
                "severity": self.item_id.severity or "general",
                "points": self.item_id.points,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "power.inspection.finding",
            "res_id": finding.id,
            "view_mode": "form",
            "target": "new",
        }
