from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PowerWebhook(models.Model):
    """Another system that hears of promises at risk or broken, by signed POST."""

    _name = "power.webhook"
    _description = "Webhook"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    url = fields.Char(
        "Address",
        required=True,
        help="Where to post to, for example https://example.com/hooks/power. A "
        "redirection is not followed.",
    )
    key_id = fields.Char(
        required=True, help="The name under which the other system knows us."
    )
    secret = fields.Char(
        required=True,
        copy=False,
        groups="power_service_base.group_power_manager",
        help="Signs what is posted.",
    )
    timeout = fields.Integer(
        default=10, required=True, help="Seconds to wait for the answer."
    )

    _timeout_valid = models.Constraint(
        "CHECK (timeout BETWEEN 1 AND 60)",
        "The time-out lies between 1 and 60 seconds.",
    )

    @api.constrains("url")
    def _check_url(self):
        for webhook in self:
            if not (webhook.url or "").startswith(("https://", "http://")):
                raise ValidationError(
                    self.env._("The address starts with https:// or http://.")
                )
