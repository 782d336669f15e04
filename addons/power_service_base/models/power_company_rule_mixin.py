from odoo import api, fields, models
from odoo.fields import Domain


class PowerCompanyRuleMixin(models.AbstractModel):
    """Figures that stations work by: a company's own record counts, else the shared
    one of all companies."""

    _name = "power.company.rule.mixin"
    _description = "Rules by Company"
    _order = "company_id, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: for companies without rules of their own.",
    )

    @api.model
    def _get_by_company(self, companies):
        """The rules of each company, in one query.

        :param companies: ``res.company`` records
        :return: dict of company to its rules; a new record with the defaults when an
            administrator has archived them all
        """
        # Everybody's work follows them, whoever may read them.
        rules = self.sudo().search(
            Domain("company_id", "in", companies.ids) | Domain("company_id", "=", False)
        )
        shared = rules.filtered(lambda rule: not rule.company_id)[:1]
        own = {rule.company_id: rule for rule in rules if rule.company_id}
        missing = None
        found = {}
        for company in companies:
            found[company] = own.get(company) or shared
            if not found[company]:
                missing = missing or self.sudo().new({"name": "-"})  # as above
                found[company] = missing
        return found
