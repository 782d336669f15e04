from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.power_service_base.models.power_supply_point import CUSTOMER_CLASSES


class PowerConnectionRule(models.Model):
    """How long a supply scheme (供电方案) is valid for a class of customers."""

    _name = "power.connection.rule"
    _description = "Validity of Supply Schemes"
    _order = "customer_class, company_id"
    _rec_name = "customer_class"

    customer_class = fields.Selection(CUSTOMER_CLASSES, required=True)
    scheme_months = fields.Integer("Valid for Months", required=True, default=3)
    company_id = fields.Many2one(
        "res.company", index=True, help="Of all companies when empty."
    )
    source = fields.Char(translate=True, help="Where the figure comes from.")

    _months_positive = models.Constraint(
        "CHECK (scheme_months BETWEEN 1 AND 120)",
        "A supply scheme is valid for 1 to 120 months.",
    )
    _class_uniq = models.UniqueIndex(
        "(customer_class, COALESCE(company_id, 0))",
        "There is already a validity for this class of customers.",
    )

    @api.model
    def _get_scheme_end(self, customer_class, company, sent):
        """The last day of a scheme.

        :param sent: date on which it was sent, where the station is
        :return: a date; the company's own rule comes first, three months without any
        """
        found = self.search(
            [
                ("customer_class", "=", customer_class),
                ("company_id", "in", [company.id, False]),
            ]
        )
        found = found.sorted(lambda rule: not rule.company_id)
        return sent + relativedelta(months=found[:1].scheme_months or 3)
