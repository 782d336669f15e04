import hashlib
import hmac

from odoo import api, fields, models
from odoo.exceptions import UserError


class PowerCustomerLookup(models.Model):
    """Who looked up a customer across stations, when, and by what kind of key."""

    _name = "power.customer.lookup"
    _inherit = ["power.append.only.mixin"]
    _description = "Customer Lookup"
    _order = "at desc, id desc"
    _rec_name = "key_kind"

    key_kind = fields.Char(
        required=True, readonly=True, help="number, phone or id_number; or several."
    )
    key_labels = fields.Char("Kind of Key", compute="_compute_key_labels")
    key_hash = fields.Char(
        required=True,
        readonly=True,
        index=True,
        help="Equal keys have equal hashes; the key itself is not kept.",
    )
    found_count = fields.Integer("Found", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    @api.depends("key_kind")
    @api.depends_context("lang")
    def _compute_key_labels(self):
        """The kinds in the words of the form that asks for them."""
        asked = self.env["power.customer.find"].fields_get(attributes=["string"])
        for lookup in self:
            kinds = (lookup.key_kind or "").split("+")
            lookup.key_labels = " + ".join(
                asked.get(kind, {}).get("string", kind) for kind in kinds
            )

    @api.model
    def _log(self, keys, found_count):
        """Log one lookup.

        :param dict keys: kind to normalised key
        """
        self.sudo().create(  # everybody's lookups are logged, few may read them
            {
                "key_kind": "+".join(sorted(keys)),
                "key_hash": self._hash_keys(keys),
                "found_count": found_count,
                "user_id": self.env.uid,
            }
        )

    @api.model
    def _hash_keys(self, keys):
        """A hash that can't be reversed by trying all phone numbers."""
        # The database's own secret never leaves it.
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        if not secret:
            raise UserError(
                self.env._(
                    "The database has no secret of its own: an administrator sets the "
                    "system parameter database.secret."
                )
            )
        text = "\n".join(f"{kind}={keys[kind]}" for kind in sorted(keys))
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
