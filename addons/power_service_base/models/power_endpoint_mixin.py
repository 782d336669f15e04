from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PowerEndpointMixin(models.AbstractModel):
    """Another system that is posted to over HTTP, signed with a shared secret."""

    _name = "power.endpoint.mixin"
    _description = "Posted To"
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
    url = fields.Char("Address", required=True)
    key_id = fields.Char(
        "Access Key",
        required=True,
        help="The name under which the other system knows us.",
    )
    secret = fields.Char(
        required=True,
        copy=False,
        groups="power_service_base.group_power_manager",
        help="Signs what is posted.",
    )
    timeout = fields.Integer(
        "Timeout (Seconds)",
        default=10,
        required=True,
        help="Seconds to wait for the answer.",
    )

    @api.constrains("url")
    def _check_url(self):
        for endpoint in self:
            try:
                parts = urlsplit(endpoint.url or "")
                is_right = parts.scheme in ("https", "http") and parts.hostname
            except ValueError:  # brackets of an IPv6 address that don't match
                is_right = False
            if not is_right:
                raise ValidationError(
                    self.env._(
                        "The address starts with https:// or http:// and names a host."
                    )
                )

    def _get_client_values(self):
        """What the client class of one endpoint needs to post, as superuser."""
        self.ensure_one()
        endpoint = self.sudo()  # the secret is for managers; here it only signs
        return {
            "url": endpoint.url,
            "key_id": endpoint.key_id,
            "secret": endpoint.secret,
            "timeout": endpoint.timeout,
        }
