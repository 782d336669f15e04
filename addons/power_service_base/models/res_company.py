from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    power_hotline = fields.Char(
        "Service Hotline",
        default="95598",
        help="The company's number for repair, complaint and enquiry, shown to all.",
    )
    power_regulator_phone = fields.Char(
        "Regulator's Line",
        default="12398",
        help="Where customers can complain about the company itself, shown to all.",
    )
