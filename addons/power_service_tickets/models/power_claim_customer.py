# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, models
from odoo.exceptions import ValidationError


class PowerClaim(models.Model):
    """Whose a claim is and where: as its ticket says, and of one another."""

    _inherit = "power.claim"

    # Each by itself: a value given for one doesn't keep the others as they were.

    @api.depends("ticket_id")
    def _compute_partner_id(self):
        for claim in self:
            claim.partner_id = claim.ticket_id.partner_id or claim.partner_id

    @api.depends("ticket_id")
    def _compute_supply_point_id(self):
        """The ticket's; that of before only where it is the ticket's customer's."""
        for claim in self:
            ticket, point = claim.ticket_id, claim.supply_point_id
            if ticket.partner_id and not self._is_customer(ticket.partner_id, point):
                point = point.browse()
            claim.supply_point_id = ticket.supply_point_id or point

    @api.depends("ticket_id")
    def _compute_station_id(self):
        for claim in self:
            claim.station_id = (
                claim.ticket_id.station_id
                or claim.station_id
                or claim._default_station_id()
            )

    @api.constrains("ticket_id", "partner_id", "supply_point_id")
    def _check_supply_point(self):
        """Refuse one customer's name with another's supply point, unless a ticket of
        the claim says so: a tenant's things break at the owner's point."""
        for claim in self.sudo():  # whose they are is compared only
            point, customer = claim.supply_point_id, claim.partner_id
            nobody = customer.browse()
            if not self._is_customer(customer, point) and not any(
                ticket.supply_point_id == point
                and ticket.partner_id in (customer, nobody)
                for ticket in claim.ticket_id | claim.check_ticket_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(point)s isn't a supply point of %(customer)s: choose one of "
                        "the same customer, or a ticket about both.",
                        point=point.name,
                        customer=customer.name,
                    )
                )

    @api.model
    def _is_customer(self, customer, point):
        """Whether somebody is, or was, supplied at a point; also when nobody ever was,
        and where there is no point."""
        # Who they are is compared only.
        point, customer = point.sudo(), customer.sudo()
        customers = point.partner_id | point.contract_ids.partner_id
        family = customers.commercial_partner_id
        return not customers or customer.commercial_partner_id in family

    def write(self, vals):
        result = super().write(vals)
        if {"ticket_id", "partner_id", "supply_point_id"} & vals.keys():
            self._correct_own_tickets()
        return result

    def _correct_own_tickets(self):
        """Have the tickets that were made with the claims be about the same customer
        and place."""
        for claim in self.filtered("has_own_ticket"):
            # Whoever may correct the claim may correct what was made with it.
            ticket = claim.check_ticket_id.sudo()
            names = ("supply_point_id", "partner_id")
            # Both at once: a point alone would bring its present customer along.
            if ticket.is_open and any(claim[name] != ticket[name] for name in names):
                ticket.write({name: claim[name].id for name in names})
