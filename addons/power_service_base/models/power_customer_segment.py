from odoo import fields, models

SERVICE_MODES = [
    ("expert", "Expert (enterprises)"),
    ("steward", "Steward (communities)"),
    ("nanny", "Nanny (countryside)"),
    ("caring", "Caring (schools)"),
    ("volunteer", "Volunteer (vulnerable customers)"),
]


class PowerCustomerSegment(models.Model):
    """A class of customers served alike (客户分类), by domain or by hand."""

    _name = "power.customer.segment"
    _description = "Customer Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    service_mode = fields.Selection(SERVICE_MODES)
    visit_every_days = fields.Integer(
        help="Days between two planned visits; 0 means that no visits are planned."
    )
    is_vip = fields.Boolean("VIP")
    is_vulnerable = fields.Boolean(
        help="Households under special care (五保户, 特困户, 低保户): special archive, "
        "free extension service."
    )
    has_green_channel = fields.Boolean("Green Channel")
    partner_ids = fields.Many2many(
        "res.partner",
        "power_segment_partner_rel",
        "segment_id",
        "partner_id",
        string="Customers",
    )
    partner_count = fields.Integer("Customer Count", compute="_compute_partner_count")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another segment already has this code."
    )
    _visit_every_days_valid = models.Constraint(
        "CHECK (visit_every_days >= 0)", "The visit interval can't be negative."
    )

    def _compute_partner_count(self):
        counts = {
            segment.id: count
            for segment, count in self.env["res.partner"]._read_group(
                [("segment_ids", "in", self.ids)], ["segment_ids"], ["__count"]
            )
        }
        for segment in self:
            segment.partner_count = counts.get(segment.id, 0)
