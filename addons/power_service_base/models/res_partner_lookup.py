# One theme a file.
# pylint: disable=consider-merging-classes-inherited
import re
import unicodedata

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

FIND_LIMIT = 20


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = "res.partner"

    @api.model
    def find_customer(self, number=None, phone=None, id_number=None):
        """Find customers of any station of the company, by exact match only.

        One-stop service: whoever is asked can see which station serves the customer.
        Each call is logged with a hash of the key. Several keys must all match.

        :param str number: consumer number of a supply point, or customer number
        :param str phone: in any usual form; compared in international form
        :param str id_number: identity card or unified social credit code
        :return: list of dicts: ``id``, ``name`` and ``supply_points``, a list of dicts
            ``id``, ``number``, ``address``, ``station``, ``hotline``; at most 20
        :raise AccessError: for users outside the field and staff groups
        :raise UserError: without a key, or with a phone number that is none
        """
        if not self.env.user.has_group("power_service_base.group_power_field"):
            raise AccessError(
                self.env._("Only staff of a supply station may look up customers.")
            )
        keys = self._normalise_find_keys(
            number=number, phone=phone, id_number=id_number
        )
        companies = self.env.companies
        domain = Domain("is_power_customer", "=", True) & Domain(
            "company_id", "in", [False, *companies.ids]
        )
        points = self.env["power.supply.point"].sudo()  # any station, by exact match
        if "number" in keys:
            domain &= Domain("ref", "=", keys["number"]) | Domain(
                "supply_point_ids",
                "any",
                [
                    ("name", "=", keys["number"].upper()),
                    ("company_id", "in", companies.ids),
                ],
            )
        if "phone" in keys:
            domain &= Domain("phone_sanitized", "=", keys["phone"])
        if "id_number" in keys:
            domain &= Domain("power_id_number", "=", keys["id_number"])
        # Any station's customer, and a key the user may not read but knows.
        partners = self.sudo().search(domain, limit=FIND_LIMIT, order="id")
        self.env["power.customer.lookup"]._log(keys, len(partners))
        points = points.search(
            [("partner_id", "in", partners.ids), ("company_id", "in", companies.ids)]
        )
        by_partner = points.grouped("partner_id")
        return [
            {
                "id": partner.id,
                "name": partner.name,
                "supply_points": [
                    {
                        "id": point.id,
                        "number": point.name,
                        "address": point.address or "",
                        "station": point.station_id.name or "",
                        "hotline": point.station_id.hotline or "",
                    }
                    for point in by_partner.get(partner, ())
                ],
            }
            for partner in partners
        ]

    @api.model
    def _normalise_find_keys(self, **keys):
        """The keys given, in the form in which they are stored."""
        found = {}
        for kind, value in keys.items():
            value = unicodedata.normalize("NFKC", str(value or "")).strip()
            if not value:
                continue
            if kind == "phone":
                country = self.env.company.country_id or self.env.ref("base.cn")
                phone = self._phone_format(number=value, country=country)
                if not phone:
                    raise UserError(
                        self.env._(
                            "%(phone)s is no phone number: type it with the area code.",
                            phone=value,
                        )
                    )
                value = phone
            elif kind == "id_number":
                value = re.sub(r"\s", "", value).upper()
            found[kind] = value
        if not found:
            raise UserError(
                self.env._(
                    "Type a whole consumer number, phone number or identity number."
                )
            )
        return found

    def _get_customers_shown(self, names):
        # That somebody is a customer isn't private, and exporters read it anyway.
        return self.sudo().filtered("is_power_customer").ids
