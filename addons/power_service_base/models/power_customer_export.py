from odoo import api, fields, models


class PowerCustomerExport(models.Model):
    """Who exported customers, supply points or contracts to a file, and how many."""

    _name = "power.customer.export"
    _inherit = ["power.append.only.mixin"]
    _description = "Customer Export"
    _order = "at desc, id desc"
    _rec_name = "model"

    model = fields.Char(required=True, readonly=True)
    record_count = fields.Integer("Records", readonly=True)
    field_names = fields.Text("Fields", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    @api.model
    def _log(self, model, count, field_names):
        """Log one export."""
        self.sudo().create(  # everybody's exports are logged, few may read them
            {
                "model": model,
                "record_count": count,
                "field_names": ", ".join(field_names),
                "user_id": self.env.uid,
            }
        )
