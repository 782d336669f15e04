from odoo import fields, models


class PowerTariffClass(models.Model):
    """Classes of use that prices are published for (用电类别)."""

    _name = "power.tariff.class"
    _description = "Tariff Class"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        "(code)", "Another tariff class already has this code."
    )
