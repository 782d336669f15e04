from odoo import fields, models


class PowerWebhook(models.Model):
    """Another system that hears of promises at risk or broken, by signed POST."""

    _name = "power.webhook"
    _inherit = ["power.endpoint.mixin"]
    _description = "Webhook"

    url = fields.Char(
        help="Where to post to, for example https://example.com/hooks/power. A "
        "redirection is not followed.",
    )

    _timeout_valid = models.Constraint(
        "CHECK (timeout BETWEEN 1 AND 60)",
        "The time-out lies between 1 and 60 seconds.",
    )
