from odoo import api, fields, models

CONTACT_CHANNELS = [
    ("counter", "Counter"),
    ("phone", "Phone"),
    ("hotline", "Hotline 95598"),
    ("visit", "Visit"),
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("wechat", "WeChat"),
    ("letter", "Letter"),
    ("fax", "Fax"),
    ("portal", "Portal"),
]


class PowerCustomerContact(models.Model):
    """One contact with a customer: when, where, how, what for, cost, outcome."""

    _name = "power.customer.contact"
    _inherit = ["power.origin.mixin", "power.station.mixin"]
    _description = "Customer Contact"
    _order = "contacted_at desc, id desc"
    _rec_name = "subject"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    supply_point_id = fields.Many2one(
        "power.supply.point", index="btree_not_null", check_company=True
    )
    contacted_at = fields.Datetime(
        required=True, default=fields.Datetime.now, index=True
    )
    direction = fields.Selection(
        [("in", "From the customer"), ("out", "To the customer")],
        required=True,
        default="in",
    )
    channel = fields.Selection(CONTACT_CHANNELS, required=True, default="counter")
    place = fields.Char()
    subject = fields.Char("What For", required=True)
    outcome = fields.Text()
    user_id = fields.Many2one(
        "res.users", string="Handled By", default=lambda self: self.env.user, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Monetary()
    res_model = fields.Char("Origin Model", readonly=True)
    res_id = fields.Many2oneReference("Origin", model_field="res_model", readonly=True)

    _timeline_idx = models.Index("(partner_id, contacted_at DESC)")

    @api.onchange("supply_point_id")
    def _onchange_supply_point_id(self):
        if self.supply_point_id:
            self.partner_id = self.supply_point_id.partner_id or self.partner_id
            self.station_id = self.supply_point_id.station_id or self.station_id
