from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from .power_service_commitment import COMMITMENT_SOURCES


class PowerServicePrice(models.Model):
    """A published price of electricity, a regulated fee, or a paid extension service.

    What is charged is decided by tariffs and services; this is what is told about it.
    """

    _name = "power.service.price"
    _inherit = ["power.published.mixin"]
    _description = "Published Price"
    _order = "sequence, code, date_from, id"
    _rec_names_search = ["code", "name"]
    _public_path = "/service/prices"

    kind = fields.Selection(
        [
            ("tariff", "Electricity price"),
            ("fee", "Fee"),
            ("extension", "Paid extension service"),
        ],
        required=True,
        default="tariff",
        help="A paid extension service (有偿延伸服务) is work on the customer's own "
        "side, done on request for the published price.",
    )
    unit = fields.Char(required=True, translate=True, help="For example: kWh, visit.")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    price = fields.Float(required=True, digits=(16, 4), aggregator=None)
    is_free_for_vulnerable = fields.Boolean(
        "Free for Vulnerable Customers",
        help="Customers of a segment marked as vulnerable don't pay it.",
    )
    date_from = fields.Date("Valid From", required=True)
    date_to = fields.Date("Valid To", help="The last day; empty until changed.")
    source = fields.Selection(COMMITMENT_SOURCES, required=True, default="practice")
    source_note = fields.Char(
        "Source Text", translate=True, help="The document that sets the price."
    )
    text = fields.Text("Remark", translate=True)

    _period_valid = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A price can't end before it starts.",
    )
    _price_positive = models.Constraint(
        "CHECK (price >= 0)", "A price can't be negative."
    )
    _period_excl = models.Constraint(
        "EXCLUDE USING gist (COALESCE(company_id, 0) WITH =, code WITH =, "
        "daterange(date_from, date_to, '[]'::text) WITH &&) WHERE (active)",
        "This item already has a price in this period: end that one first.",
    )

    @api.model
    def _get_published_domain(self, company):
        today = fields.Date.context_today(self)
        return super()._get_published_domain(company) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        )

    def _get_price_text(self):
        """The price as it is read: two decimals, or as many as it has."""
        self.ensure_one()
        digits = 4 if round(self.price * 100, 6) % 1 else 2
        return formatLang(self.env, self.price, digits=digits)
