# The lines and the part of the ticket that they make belong together.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import frozendict

from ..core import intake
from .power_ticket_given import MAX_FEEDBACK

SATISFACTIONS = [
    ("satisfied", "Satisfied"),
    ("neutral", "So-so"),
    ("unsatisfied", "Not Satisfied"),
]
# More than any token has.
MAX_TOKEN = 500
# The faces of the rating page.
RATES = {5: "satisfied", 3: "neutral", 1: "unsatisfied"}


class PowerTicketRating(models.Model):
    """How satisfied the customer was with a ticket, per cycle: evidence.

    By phone, by link or in the portal: all in one table, whose average ``score`` is the
    satisfaction figure in per cent. Who was not asked or gave no answer has no line.
    """

    _name = "power.ticket.rating"
    _inherit = ["power.append.only.mixin"]
    _description = "Satisfaction"
    _order = "at desc, id desc"
    _rec_name = "satisfaction"

    ticket_id = fields.Many2one(
        "power.ticket", required=True, index=True, ondelete="restrict"
    )
    cycle = fields.Integer(required=True, default=1, aggregator=None)
    company_id = fields.Many2one("res.company", required=True, index=True)
    station_id = fields.Many2one(
        "hr.department", index=True, help="That handled the ticket when it was rated."
    )
    type_id = fields.Many2one("power.ticket.type", index=True)
    assignee_id = fields.Many2one("res.users", string="Handled By", index=True)
    satisfaction = fields.Selection(SATISFACTIONS, required=True, index=True)
    score = fields.Float(
        "Satisfaction %",
        required=True,
        aggregator="avg",
        help="100 when satisfied, else 0: its average is the satisfaction rate.",
    )
    source = fields.Selection(
        [("phone", "Phone"), ("link", "Link"), ("portal", "Portal")],
        required=True,
        index=True,
    )
    reason_ids = fields.Many2many(
        "power.ticket.reason",
        string="Reasons",
        domain="[('kind', '=', 'unsatisfied')]",
    )
    note = fields.Text("In the Customer's Words")

    _once = models.UniqueIndex(
        "(ticket_id, cycle)", "The ticket was rated already in this cycle."
    )


class PowerTicket(models.Model):
    """One satisfaction, asked by phone, link or portal, once per cycle."""

    _inherit = "power.ticket"

    satisfaction_ids = fields.One2many(
        "power.ticket.rating", "ticket_id", string="Ratings by Cycle", readonly=True
    )
    satisfaction = fields.Selection(
        SATISFACTIONS,
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Of the current cycle; empty while nobody has said.",
    )
    satisfaction_at = fields.Datetime("Rated At", readonly=True, copy=False)

    @api.model
    def _check_not_projected(self, vals):
        result = super()._check_not_projected(vals)
        if {"satisfaction", "satisfaction_at"} & vals.keys() and not self.env.su:
            raise UserError(self.env._("Only customers say how satisfied they are."))
        return result

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind == "reopened":
            self._project_write({"satisfaction": False, "satisfaction_at": False})
        return result

    def _get_rating_refusal(self):
        """Why the customer can't rate the ticket now, or nothing.

        :return: ``anonymous``, ``confidential``, ``not_answered``, ``rated``,
            ``expired`` or None
        """
        self.ensure_one()
        ticket = self.sudo()  # customers rate, who read little of the ticket
        if ticket.is_anonymous or not ticket.partner_id:
            return "anonymous"
        if ticket.is_confidential:
            return "confidential"
        if not ticket.answered_at or ticket.ended_by:
            return "not_answered"
        if ticket.satisfaction:
            return "rated"
        rules = self.env["power.complaint.rule"]._get_by_company(ticket.company_id)
        days = rules[ticket.company_id].rating_days
        if fields.Datetime.now() > ticket.answered_at + timedelta(days=days):
            return "expired"
        return None

    def _get_rating_refusal_text(self, refusal):
        return {
            "anonymous": self.env._("Nobody is asked: the caller gave no name."),
            "confidential": self.env._("This can be rated by phone only."),
            "not_answered": self.env._("This can be rated when it is answered."),
            "rated": self.env._("This was rated already. Thank you!"),
            "expired": self.env._("The time to rate this is over."),
        }[refusal]

    def rate(self, satisfaction, feedback=None):
        """Rate the own ticket in the portal.

        :param satisfaction: ``satisfied``, ``neutral`` or ``unsatisfied``
        :return: True
        :raise AccessError: not a customer, or not the own ticket
        :raise UserError: it can't be rated now, with the reason, or a value that makes
            no sense
        """
        if len(self) != 1:
            raise UserError(self.env._("One ticket is rated at a time."))
        self.check_access("read")
        own = self.sudo().partner_id.commercial_partner_id  # compared only
        if (
            not self.env.user._is_portal()
            or own != self.env.user.partner_id.commercial_partner_id
        ):
            raise AccessError(self.env._("Only customers say how satisfied they are."))
        line = "power.ticket.rating"
        feedback = self._get_given_text(feedback, line, "note", MAX_FEEDBACK)
        self._enter_rating(satisfaction, "portal", feedback)
        return True

    def rating_apply(self, rate, token=None, rating=None, feedback=None, **kwargs):
        """The page of the rating link ends here, as superuser, once per cycle.

        :raise AccessError: anybody else, by whatever way
        :raise UserError: a value that makes no sense, another record's link, or it
            can't be rated now: nothing is changed
        """
        if not self.env.su:
            raise AccessError(self.env._("Only customers say how satisfied they are."))
        self.ensure_one()
        is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
        satisfaction = RATES.get(rate) if is_number else None
        self._check_satisfaction(satisfaction)
        line = "power.ticket.rating"
        feedback = self._get_given_text(feedback, line, "note", MAX_FEEDBACK)
        rating = self._get_link(token, rating)
        self._enter_rating(satisfaction, "link", feedback)
        return super().rating_apply(rate, rating=rating, feedback=feedback, **kwargs)

    @api.model
    def _get_link(self, token, rating):
        """The ``rating.rating`` of a link that was sent for this one ticket.

        :raise UserError: there is none, or it was used
        """
        links = self.env["rating.rating"]
        if token:
            known = not intake.check_text(token, MAX_TOKEN)
            rating = known and links.search([("access_token", "=", token)], limit=1)
        if not isinstance(rating, type(links)):
            rating = links
        if len(rating) != 1 or (rating.res_model, rating.res_id) != (
            self._name,
            self.id,
        ):
            raise UserError(self.env._("This link isn't for this request."))
        if rating.consumed:
            raise UserError(self._get_rating_refusal_text("rated"))
        return rating

    @api.model
    def _check_satisfaction(self, satisfaction):
        """Refuse what is no word of the customer's.

        :raise UserError: with what may be said
        """
        if not satisfaction:
            raise UserError(self.env._("Say whether the customer is satisfied."))
        self._get_given_choice(
            satisfaction, SATISFACTIONS, "power.ticket.rating", "satisfaction"
        )

    def _enter_rating(self, satisfaction, source, note=None, reason_ids=None):
        """Keep the customers' word, once per cycle.

        :raise UserError: no such word, or it can't be rated now
        """
        self._check_satisfaction(satisfaction)
        self._lock()
        self.invalidate_recordset(["satisfaction"])
        for ticket in self:
            refusal = ticket._get_rating_refusal()
            by_phone = source == "phone" and refusal in ("confidential", "expired")
            if refusal and not by_phone:
                raise UserError(ticket._get_rating_refusal_text(refusal))
        # Lines are made here only; whoever calls this has checked who speaks.
        tickets = self.sudo()
        tickets.env["power.ticket.rating"].create(
            [
                {
                    "ticket_id": ticket.id,
                    "cycle": ticket.cycle,
                    "company_id": ticket.company_id.id,
                    "station_id": ticket.station_id.id,
                    "type_id": ticket.type_id.id,
                    "assignee_id": ticket.user_id.id,
                    "satisfaction": satisfaction,
                    "score": 100 if satisfaction == "satisfied" else 0,
                    "source": source,
                    "reason_ids": [Command.set(reason_ids or [])],
                    "note": note,
                }
                for ticket in tickets
            ]
        )
        self._project_write(
            {"satisfaction": satisfaction, "satisfaction_at": fields.Datetime.now()}
        )
        if source == "phone":
            return
        for ticket in tickets:
            ticket.callback_ids.filtered(lambda call: call.state == "open")._end(
                "rated",
                ticket._get_rated_reason(),
                {"satisfaction": satisfaction},
            )
        if satisfaction == "unsatisfied":
            tickets._tell_unsatisfied()

    def _get_rated_reason(self):
        """Why one ticket that was rated in this cycle is not called back for that."""
        self.ensure_one()
        if not self.satisfaction:
            return False
        rating = self.satisfaction_ids.filtered(lambda line: line.cycle == self.cycle)
        return "rated_portal" if rating[:1].source == "portal" else "rated"

    def _tell_unsatisfied(self):
        """Ask who calls back to find out what an unsatisfied customer needs."""
        # The system asks, not the customer or whoever opened the link.
        for ticket in self.with_user(SUPERUSER_ID):
            user = ticket._get_caller() or ticket.user_id
            if user and ticket._filter_readers(user):
                ticket.activity_schedule(
                    "power_service_tickets.mail_activity_unsatisfied",
                    user_id=user.id,
                    summary=ticket.with_context(lang=user.lang).env._(
                        "The customer isn't satisfied: call, and reopen the ticket"
                    ),
                )

    def action_ask_rating(self):
        """Send the customers the link to rate, once per cycle.

        :return: a client action that says so
        :raise UserError: a ticket can't be rated, with the reason; nobody is to be
            asked at all
        """
        self.check_access("write")
        for ticket in self:
            if refusal := ticket._get_rating_refusal():
                raise UserError(ticket._get_rating_refusal_text(refusal))
        self.env["power.notice.purpose"].sudo()._get_by_code("rating")  # is it there?
        return self._ask_rating()

    def _ask_rating(self):
        """Send the link by e-mail, SMS or whatever the customer's channel is; once per
        cycle."""
        urls = frozendict({ticket.id: ticket._get_rating_url() for ticket in self})
        self.with_context(power_notice_rating_urls=urls)._tell_customers("rating")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The customer gets the link to rate."),
            },
        }

    def _get_rating_url(self):
        """The address of the page on which the customer rates the ticket."""
        self.ensure_one()
        token = self._rating_get_access_token()
        return f"{self.get_base_url()}/rate/{token}/5"
