# One theme a file.
# pylint: disable=consider-merging-classes-inherited
import re
import unicodedata

from odoo import api, models
from odoo.exceptions import ValidationError

from ..core.import_cleaning import clean_id_number, clean_phone


class ResPartner(models.Model):
    """Phone and identity number typed by hand: the import's rules."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalise_id_number(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalise_id_number(vals))

    @api.model
    def _normalise_id_number(self, vals):
        """An identity number in the form in which it is looked up: ``x`` is ``X``."""
        if not vals.get("power_id_number"):
            return vals
        number = unicodedata.normalize("NFKC", vals["power_id_number"])
        return {**vals, "power_id_number": re.sub(r"\s", "", number).upper() or False}

    @api.constrains("power_id_number")
    def _check_power_id_number(self):
        for partner in self.sudo():  # the field is closed to some who save others
            number = partner.power_id_number
            is_company = (
                partner.is_company or partner.power_customer_kind == "organisation"
            )
            reason = clean_id_number(number or "", is_company).reason
            if reason:
                raise ValidationError(
                    self.env._(
                        "Identity number %(number)s of %(customer)s: %(reason)s",
                        number=number,
                        customer=partner.name,
                        reason=self._get_reason_text(reason),
                    )
                )

    @api.constrains("phone", "is_power_customer")
    def _check_power_phone(self):
        country = self.env.company.country_id or self.env.ref("base.cn")
        for partner in self:
            # sudo: whether the one above is a customer isn't private
            above = partner.sudo().parent_id
            if not partner.phone or not (
                partner.is_power_customer or above.is_power_customer
            ):
                continue
            reason = clean_phone(partner.phone).reason
            # Also what Odoo can read: an extension, for one.
            if reason and not partner._phone_format(
                number=partner.phone, country=country
            ):
                raise ValidationError(
                    self.env._(
                        "Phone %(phone)s of %(customer)s: %(reason)s",
                        phone=partner.phone,
                        customer=partner.name,
                        reason=self._get_reason_text(reason),
                    )
                )

    @api.model
    def _get_reason_text(self, reason):
        """What is wrong with a value, and the way out, as imports say it."""
        texts = self.env["power.import.issue"]._texts(reason.key, reason.params)
        return " ".join(filter(None, texts))
