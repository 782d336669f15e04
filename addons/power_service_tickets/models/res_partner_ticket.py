# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    """Who of an organisation sees its requests in the portal."""

    _inherit = "res.partner"

    power_shares_tickets = fields.Boolean(
        "Colleagues See Each Other's Tickets",
        tracking=True,
        help="Otherwise everybody of the organisation sees the own ones in the portal "
        "only. Reports of wrongdoing are never shared.",
    )
    power_main_contact_id = fields.Many2one(
        "res.partner",
        string="Main Contact",
        index="btree_not_null",
        tracking=True,
        domain="[('id', 'child_of', id), ('is_company', '=', False)]",
        help="Speaks for the organisation: sees the tickets that nobody by name asked "
        "for, and decides in the portal whether colleagues see each other's.",
    )

    @api.constrains("power_main_contact_id", "parent_id")
    def _check_power_main_contact(self):
        for partner in self:
            contact = partner.power_main_contact_id
            if contact and contact.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s isn't of %(partner)s: the main contact is one of "
                        "the organisation's own people.",
                        contact=contact.name,
                        partner=partner.name,
                    )
                )

    def _may_share_tickets(self):
        """Whether this person decides who of the organisation sees its tickets: its
        main contact, or who logs in as the organisation itself.

        Nobody has to decide for a household that is one person only.
        """
        self.ensure_one()
        customer = self.commercial_partner_id
        if customer == self:
            return self.is_company
        return customer.power_main_contact_id == self
