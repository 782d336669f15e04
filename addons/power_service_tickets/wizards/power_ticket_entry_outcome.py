# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_datetime

_lt = LazyTranslate(__name__)
# What follows from confirming, of actions whose name doesn't say it.
OUTCOMES = {
    "pause": _lt(
        "The clocks rest until the ticket goes on; the customer sees that we wait for "
        "them."
    ),
    "extend": _lt(
        "The customer is told that it takes longer. A promise is extended once only."
    ),
    "exempt": _lt(
        "The promise no longer counts as kept or missed. The ticket shows who exempted "
        "it and why."
    ),
    "explain": _lt(
        "The clocks stay as they are: what was missed stays missed, with this "
        "explanation beside it."
    ),
    "end_service": _lt(
        "The ticket ends though the customer isn't content. Promises that still run "
        "count neither way; missed ones stay missed."
    ),
    "cancel": _lt(
        "The ticket ends without an answer. Promises that still run count neither way; "
        "missed ones stay missed."
    ),
    "tell_charge": _lt(
        "Enter it when the customer was told. Nothing is carried out before the "
        "customer agrees."
    ),
    "refuse_charge": _lt("Nothing is carried out for it."),
}
MOST_SHOWN = 5
# Shown what stands against it also to who needn't ask.
CHECKED = ("end_service", "cancel")


class PowerTicketEntry(models.TransientModel):
    """What would follow, before it is confirmed."""

    _inherit = "power.ticket.entry"

    outcome = fields.Text("What Follows", compute="_compute_outcome")
    obstacle = fields.Text("What Stands Against It", compute="_compute_obstacle")
    deadline_preview = fields.Text("Deadline", compute="_compute_deadline_preview")
    charge_preview = fields.Text("Price and Amount", compute="_compute_charge_preview")

    @api.depends("action", "ticket_ids")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for entry in self:
            words = OUTCOMES.get(entry.action)
            entry.outcome = words and self.env._(words)
            if entry.action == "refuse_request":
                texts = entry.ticket_ids.mapped("request_text")
                entry.outcome = "\n".join(filter(None, texts))

    @api.depends("action", "is_request", "ticket_ids")
    @api.depends_context("lang")
    def _compute_obstacle(self):
        for entry in self:
            checked = entry.is_request or entry.action in CHECKED
            entry.obstacle = checked and "\n".join(entry._get_obstacles())

    def _get_obstacles(self):
        """What stands against what needs approval, of each ticket."""
        obstacles = []
        for ticket in self.ticket_ids._origin[:MOST_SHOWN]:
            try:
                ticket._check_grantable(self.action)
            except UserError as error:
                obstacles.append(str(error))
        return obstacles

    @api.depends("action", "is_request", "ticket_ids", "policy_id", "units")
    @api.depends_context("lang", "tz")
    def _compute_deadline_preview(self):
        for entry in self:
            entry.deadline_preview = False
            if entry.action == "extend" and not entry.is_request:
                tickets = entry.ticket_ids._origin
                extended = tickets._get_extended_promises()
                entry.deadline_preview = "\n".join(
                    entry._get_deadline_text(ticket, extended[ticket.id])
                    for ticket in tickets[:MOST_SHOWN]
                )

    def _get_deadline_text(self, ticket, extended):
        """Which deadline one ticket has, and would have; or what stands against it."""
        try:
            units = ticket._get_units(self.units)
            clock = ticket._get_clock_to_extend(self.policy_id.id)
            ticket._check_extension(clock, units, extended)
        except UserError as error:
            return str(error)
        later = ticket._foresee_extension(clock, units)
        values = {"ticket": ticket.name, "before": self._show(clock.deadline)}
        if not later or later <= clock.deadline:
            return self.env._(
                "%(ticket)s: the deadline %(before)s can't be moved any more.", **values
            )
        return self.env._(
            "%(ticket)s: %(before)s → %(after)s", after=self._show(later), **values
        )

    def _show(self, moment):
        return format_datetime(self.env, moment, dt_format="short")

    @api.depends("action", "ticket_ids", "price_id", "quantity")
    @api.depends_context("lang")
    def _compute_charge_preview(self):
        for entry in self:
            is_told = entry.action == "tell_charge" and bool(entry.price_id)
            entry.charge_preview = is_told and "\n".join(entry._get_charge_lines())

    def _get_charge_lines(self):
        """The price, what it comes to, and for whom it is free."""
        price = self.price_id
        currency = price.currency_id
        amount = currency.round(price.price * self.quantity)
        lines = [
            self.env._(
                "%(price)s per %(unit)s × %(quantity)g = %(amount)s",
                price=price._get_price_text(),
                unit=price.unit,
                quantity=self.quantity,
                amount=currency.format(amount),
            )
        ]
        if price.is_free_for_vulnerable:
            tickets = self.ticket_ids._origin
            if all(ticket._is_customer_vulnerable() for ticket in tickets):
                text = self.env._(
                    "Free of charge: by the price list vulnerable customers pay "
                    "nothing, and this is one."
                )
            else:
                text = self.env._("Free for vulnerable customers; this one is not.")
            lines.append(text)
        return lines
