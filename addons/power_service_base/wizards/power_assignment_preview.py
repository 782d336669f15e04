from odoo import fields, models

from ..models.power_assignment_rule import TARGETS


class PowerAssignmentPreview(models.TransientModel):
    """What assignment rules would change, before they do."""

    _name = "power.assignment.preview"
    _description = "Preview of Assignment Rules"

    rule_ids = fields.Many2many(
        "power.assignment.rule", "power_assignment_preview_rule_rel"
    )
    partner_count = fields.Integer("Customers That Would Change", readonly=True)
    line_ids = fields.One2many(
        "power.assignment.preview.line", "preview_id", readonly=True
    )

    def _fill(self, limit=80):
        """Fill in the number, and the first customers before and after."""
        self.ensure_one()
        self.partner_count, rows = self.rule_ids.sorted()._preview(limit)
        partners = self.env["res.partner"].browse(row[0] for row in rows)
        partners.fetch(["name", *TARGETS])
        labels = {
            name: self.env["res.partner"]._fields[name]._description_string(self.env)
            for name in TARGETS
        }
        lines = []
        for partner, row in zip(partners, rows, strict=True):
            for (name, model), new_id in zip(TARGETS.items(), row[1:], strict=True):
                if new_id:
                    lines.append(
                        {
                            "preview_id": self.id,
                            "partner_id": partner.id,
                            "what": labels[name],
                            "before": partner[name].display_name or "",
                            "after": self.env[model].browse(new_id).display_name,
                        }
                    )
        self.env["power.assignment.preview.line"].create(lines)

    def action_apply(self):
        """Apply the rules to all customers."""
        self.ensure_one()
        return self.rule_ids.action_apply()


class PowerAssignmentPreviewLine(models.TransientModel):
    """One change of one customer."""

    _name = "power.assignment.preview.line"
    _description = "Line of a Preview"

    preview_id = fields.Many2one(
        "power.assignment.preview", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", string="Customer")
    what = fields.Char("Field")
    before = fields.Char()
    after = fields.Char()
