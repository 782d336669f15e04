# The charge and the ticket's part belong together.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Of a person who decides.
MAX_NAME = 200


class PowerTicketCharge(models.Model):
    """What a customer pays for a paid extension service (有偿延伸服务): told by the
    published price before, confirmed by the customer, and only then carried out."""

    _name = "power.ticket.charge"
    _inherit = ["power.state.mixin"]
    _description = "Ticket Charge"
    _order = "id"
    _moved_fields = frozenset(
        (
            "state",
            "price",
            "is_free",
            "told_at",
            "told_user_id",
            "confirmed_at",
            "confirmed_user_id",
            "confirmed_by",
        )
    )

    ticket_id = fields.Many2one(
        "power.ticket", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="ticket_id.company_id")
    price_id = fields.Many2one(
        "power.service.price",
        string="Service",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    unit = fields.Char(related="price_id.unit")
    quantity = fields.Float(required=True, readonly=True, default=1)
    price = fields.Float(readonly=True, digits=(16, 4), help="When it was told.")
    is_free = fields.Boolean(
        "Free", readonly=True, help="For a vulnerable customer, by the price list."
    )
    currency_id = fields.Many2one(related="price_id.currency_id")
    amount = fields.Monetary(compute="_compute_amount", store=True)
    state = fields.Selection(
        [("told", "Told"), ("confirmed", "Confirmed"), ("refused", "Not Agreed")],
        required=True,
        readonly=True,
        default="told",
    )
    told_at = fields.Datetime(readonly=True)
    told_user_id = fields.Many2one("res.users", string="Told By", readonly=True)
    confirmed_at = fields.Datetime("Decided At", readonly=True)
    confirmed_user_id = fields.Many2one("res.users", string="Entered By", readonly=True)
    confirmed_by = fields.Char(
        readonly=True, help="Who of the customer's people said so."
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A quantity is more than 0."
    )

    @api.depends("price", "quantity", "is_free")
    def _compute_amount(self):
        for charge in self:
            amount = 0 if charge.is_free else charge.price * charge.quantity
            charge.amount = charge.currency_id.round(amount)

    @api.depends("price_id", "amount")
    def _compute_display_name(self):
        for charge in self:
            charge.display_name = f"{charge.price_id.name} {charge._get_amount_text()}"

    def _get_amount_text(self):
        self.ensure_one()
        if self.is_free:
            return self.env._("free of charge")
        return self.currency_id.format(self.amount)

    def action_confirm(self):
        """Ask who confirms, then do it."""
        return self._open_decision("confirm_charge")

    def action_refuse(self):
        """Ask who refuses, then do it."""
        return self._open_decision("refuse_charge")

    def _open_decision(self, action):
        self.ensure_one()
        return self.ticket_id.with_context(
            default_charge_id=self.id
        )._open_entry_wizard(action)

    def confirm(self, confirmed_by):
        """Enter that the customer agrees to the charges.

        :param confirmed_by: the name of who agreed; needed
        :return: True
        :raise UserError: it was decided before, or no name
        """
        return self._decide("confirmed", "charge_confirmed", confirmed_by)

    def refuse(self, confirmed_by):
        """Enter that the customer doesn't want it for that price.

        :param confirmed_by: the name of who said so; needed
        :return: True
        :raise UserError: it was decided before, or no name
        """
        return self._decide("refused", "charge_refused", confirmed_by)

    def _decide(self, state, kind, confirmed_by):
        line = "power.ticket.charge"
        name = self.env["power.ticket"]._get_given_text(
            confirmed_by, line, "confirmed_by", MAX_NAME
        )
        if not name:
            raise UserError(self.env._("Say who of the customer's people decided."))
        self.check_access("write")
        self.ticket_id._lock()
        self.invalidate_recordset(["state"])
        self._require_state("told")
        self._move(
            {
                "state": state,
                "confirmed_at": fields.Datetime.now(),
                "confirmed_user_id": self.env.uid,
                "confirmed_by": name,
            }
        )
        for charge in self:
            charge.ticket_id._enter_event(
                kind, None, {"note": f"{charge.display_name}\n{name}"}
            )
        return True


class PowerTicket(models.Model):
    _inherit = "power.ticket"

    charge_ids = fields.One2many("power.ticket.charge", "ticket_id", readonly=True)

    def _is_customer_vulnerable(self):
        """Whether the customer is one for whom services may be free."""
        self.ensure_one()
        # Segments are for staff; the price list holds for everybody.
        return any(self.sudo().partner_id.segment_ids.mapped("is_vulnerable"))

    def tell_charge(self, price_id, quantity=1):
        """Enter that the customer was told what a service costs: the price of today, or
        nothing where the price list says so for vulnerable customers.

        :param price_id: id of a ``power.service.price`` for an extension service
        :param quantity: how many of its units
        :return: True
        :raise UserError: there is no such price today, or the quantity is 0 or less
        """
        self.check_access("write")
        try:
            quantity = float(quantity)
        except (TypeError, ValueError):
            quantity = 0
        if not 0 < quantity < 1e6:
            raise UserError(self.env._("A quantity is more than 0."))
        for ticket in self:
            price = ticket._get_extension_price(price_id)
            charge = (
                self.env["power.ticket.charge"]
                .sudo()  # the right to write the ticket was checked; prices are fixed
                .create(
                    {
                        "ticket_id": ticket.id,
                        "price_id": price.id,
                        "quantity": quantity,
                    }
                )
            )
            charge._move(
                {
                    "price": price.price,
                    "is_free": price.is_free_for_vulnerable
                    and ticket._is_customer_vulnerable(),
                    "told_at": fields.Datetime.now(),
                    "told_user_id": self.env.uid,
                }
            )
            ticket._enter_event("charge_told", None, {"note": charge.display_name})
        return True

    def _get_extension_price(self, price_id):
        """The price of an extension service that holds today.

        :raise UserError: there is none with this id
        """
        self.ensure_one()
        today = self._get_company_today()
        domain = Domain("id", "=", self.env["power.ticket"]._get_id(price_id)) & Domain(
            "kind", "=", "extension"
        )
        domain &= Domain("company_id", "in", [False, self.company_id.id])
        domain &= Domain("date_from", "<=", today)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        price = self.env["power.service.price"].search(domain)
        if not price:
            raise UserError(
                self.env._("The price list has no such extension service today.")
            )
        return price

    def _fits_crew(self):
        """Also nothing that waits for the customer's word on its price."""
        return super()._fits_crew() and "told" not in self.charge_ids.mapped("state")

    def _get_crew_kind(self):
        """On the customer's side somebody looks first: a repair has its price."""
        kind = super()._get_crew_kind()
        confirmed = "confirmed" in self.charge_ids.mapped("state")
        return "visit" if self.category_id.is_customer_side and not confirmed else kind

    def _check_crew(self, kind, sent):
        """Nothing is carried out before the customer has agreed to its price."""
        result = super()._check_crew(kind, sent)
        charges = self.sudo().charge_ids  # of a ticket that is seen
        if charges.filtered(lambda charge: charge.state == "told"):
            raise UserError(
                self.env._(
                    "%(ticket)s: the customer has not confirmed the charge yet.",
                    ticket=self.name,
                )
            )
        if kind != "repair" or "confirmed" in charges.mapped("state"):
            return result
        if charges:
            raise UserError(
                self.env._(
                    "%(ticket)s: the customer refused the charge, so nothing is "
                    "carried out for it.",
                    ticket=self.name,
                )
            )
        if self.category_id.is_customer_side or self.category_id.is_paid:
            raise UserError(
                self.env._(
                    "%(ticket)s: work that the customer pays for is told by the price "
                    "list and confirmed first.",
                    ticket=self.name,
                )
            )
        return result
