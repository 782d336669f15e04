from odoo import api, fields, models
from odoo.tools import frozendict, ormcache


class PowerLimit(models.Model):
    """Limits and deadlines of everyday work that belong to no other rule; per company.

    None of the figures stands in a public text: they are defaults to be changed. Later
    addons add theirs as fields.
    """

    _name = "power.limit"
    _inherit = ["power.company.rule.mixin"]
    _description = "Limits and Deadlines"

    call_attempts = fields.Integer(
        "Attempts to Call",
        required=True,
        default=3,
        help="How often the phone rings for a notice that nobody answers. As with "
        "call-backs of the 95598 hotline; no public text.",
    )
    call_gap_hours = fields.Float(
        "Hours Between Calls",
        required=True,
        default=2,
        help="At least so many. As with call-backs of the 95598 hotline; no public "
        "text.",
    )
    visit_hours = fields.Float(
        "Hours for a Visit",
        required=True,
        default=72,
        help="Within which field staff bring a notice whose purpose doesn't say after "
        "how many hours the next channel is used. A default, no public text.",
    )
    field_late_hours = fields.Float(
        "Hours to Enter Field Work",
        required=True,
        default=72,
        help="How late field staff may enter what they did; supervisors at any time. A "
        "default, no public text.",
    )
    field_skew_minutes = fields.Float(
        "Minutes a Phone May Be Off",
        required=True,
        default=5,
        help="By so much the clock of a phone may be ahead. A default, no public text.",
    )
    proof_megabytes = fields.Float(
        "Size of a Proof (MB)",
        required=True,
        default=10,
        help="Of one photo or PDF of field work. A default, no public text.",
    )
    import_megabytes = fields.Integer(
        "Size of an Import (MB)",
        required=True,
        default=100,
        help="Of one file to be imported. A default, no public text.",
    )

    _company_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE active",
        "The company already has limits: change those.",
    )
    _limits_valid = models.Constraint(
        "CHECK (call_attempts > 0 AND call_gap_hours >= 0 AND visit_hours > 0"
        " AND field_late_hours >= 0 AND field_skew_minutes >= 0"
        " AND proof_megabytes > 0 AND import_megabytes > 0)",
        "Attempts and sizes are more than nothing, hours and minutes not less.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        limits = super().create(vals_list)
        self.env.registry.clear_cache()
        return limits

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _get(self, name, company=None):
        """One figure; no query once it was read.

        :param name: of the field
        :param company: whose work it is, the environment's when empty
        """
        return self._get_figures((company or self.env.company).id)[name]

    @api.model
    @ormcache("company_id")
    def _get_figures(self, company_id):
        """All figures of a company, as values."""
        company = self.env["res.company"].browse(company_id)
        limit = self._get_by_company(company)[company]
        return frozendict(
            {
                name: limit[name]
                for name, field in self._fields.items()
                if field.store
                and field.type in ("float", "integer")
                and name not in models.MAGIC_COLUMNS
            }
        )
