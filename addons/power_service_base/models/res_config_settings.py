from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The way to the records in which figures, rules and texts are kept."""

    _inherit = "res.config.settings"

    power_hotline = fields.Char(related="company_id.power_hotline", readonly=False)
    power_regulator_phone = fields.Char(
        related="company_id.power_regulator_phone", readonly=False
    )
