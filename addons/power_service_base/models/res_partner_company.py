# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, models
from odoo.exceptions import ValidationError

# What of a customer another record stands for: it must work for the same company.
OF_COMPANY = (
    "account_manager_id",
    "key_account_team_id",
    "grid_area_id",
    "segment_ids",
)
# What only one company may know of a customer.
SECRETS = ("power_id_number", "credit_grade", "vip_grade")


class ResPartner(models.Model):
    """Whose customer somebody is.

    A customer made on screen is the own company's. One without company is shared on
    purpose: all companies read name and phone, so nothing secret may stand on it.
    """

    _inherit = "res.partner"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if (
            "company_id" in fields
            and values.get("is_power_customer")
            and not values.get("parent_id")
        ):
            values.setdefault("company_id", self.env.company.id)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_is_power_customer")
        parents = self.browse(
            vals["parent_id"] for vals in vals_list if vals.get("parent_id")
        )
        of_parent = {
            parent.id: parent.company_id.id
            for parent in parents.sudo()  # whose customer it is isn't private
            if parent.is_power_customer
        }
        given = "default_company_id" in self.env.context
        prepared = []
        for vals in vals_list:
            if given or "company_id" in vals:
                prepared.append(vals)
            elif vals.get("parent_id") in of_parent:
                prepared.append({**vals, "company_id": of_parent[vals["parent_id"]]})
            elif vals.get("is_power_customer", default) and not vals.get("parent_id"):
                prepared.append({**vals, "company_id": self.env.company.id})
            else:
                prepared.append(vals)
        return super().create(prepared)

    def _become_customers(self, company):
        """Contacts who get their first contract are customers of its company.

        Who has a login, or is a company of the database, stays as it is.
        """
        new = self.filtered(lambda partner: not partner.is_power_customer)
        if not new:
            return
        new.write({"is_power_customer": True})
        known = new.sudo()  # whether somebody has a login is no secret here
        own = known.env["res.company"].search([("partner_id", "in", new.ids)])
        free = (known - own.partner_id).filtered(
            lambda partner: (
                not (partner.company_id or partner.parent_id or partner.user_ids)
            )
        )
        free.company_id = company

    @api.constrains("company_id", "is_power_customer", *OF_COMPANY)
    def _check_power_company(self):
        """Who serves a customer works for the customer's company.

        :raise ValidationError: names both companies and the way out
        """
        for partner in self.sudo():  # the others may be of a station one doesn't see
            company = partner.company_id
            if not company or not partner.is_power_customer:
                continue
            for name in OF_COMPANY:
                for record in partner[name]:
                    if company not in (record.company_id or company).parent_ids:
                        raise ValidationError(
                            self.env._(
                                "%(customer)s is a customer of %(company)s, but "
                                "“%(record)s” belongs to %(other)s: choose one of the "
                                "customer's company.",
                                customer=partner.display_name,
                                company=company.name,
                                record=record.display_name,
                                other=record.company_id.name,
                            )
                        )

    @api.constrains("company_id")
    def _check_contract_companies(self):
        """A customer isn't moved away from the company that supplies him."""
        contracts = self.env["power.supply.contract"].sudo()  # of any station
        for company, customers in self.grouped("company_id").items():
            if not company:
                continue
            contract = contracts.search(
                [
                    ("partner_id", "in", customers.ids),
                    "!",
                    ("company_id", "child_of", company.id),
                ],
                limit=1,
            )
            if contract:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has a contract with %(company)s. Leave the "
                        "customer's company as it is, or empty it when several "
                        "companies serve the customer.",
                        customer=contract.partner_id.display_name,
                        company=contract.company_id.name,
                    )
                )

    @api.constrains("company_id", *SECRETS)
    def _check_shared_secrets(self):
        for partner in self.sudo():  # these fields are closed to some who save others
            if not partner.company_id and (
                partner.power_id_number
                or partner.credit_grade
                or partner.vip_grade not in (False, "none")
            ):
                raise ValidationError(
                    self.env._(
                        "%(customer)s belongs to no company, so every company reads "
                        "the record: set its company before you enter an identity "
                        "number, a credit grade or a VIP grade.",
                        customer=partner.display_name,
                    )
                )
