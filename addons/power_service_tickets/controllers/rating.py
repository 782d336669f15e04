from werkzeug.exceptions import BadRequest

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.rating.controllers.main import Rating
from odoo.addons.rating.models.rating_data import (
    RATING_HAPPY_VALUE,
    RATING_NEUTRAL_VALUE,
    RATING_UNHAPPY_VALUE,
)

RATES = tuple(
    str(value)
    for value in (RATING_HAPPY_VALUE, RATING_NEUTRAL_VALUE, RATING_UNHAPPY_VALUE)
)


class TicketRating(Rating):
    """The page behind the link that asks customers how satisfied they are."""

    def _get_rating_and_record(self, token):
        if "\x00" in token:  # the database can't be asked for it
            raise BadRequest()
        return super()._get_rating_and_record(token)

    def _render_refusal(self, token):
        """The page that says why a ticket can't be rated now, or nothing."""
        rating, record = self._get_rating_and_record(token)
        if record._name != "power.ticket":
            return None
        # The link of a cycle before says the same as this one's, once it was used.
        refusal = "rated" if rating.consumed else record._get_rating_refusal()
        return refusal and self._render_text(record._get_rating_refusal_text(refusal))

    def _render_text(self, text):
        return request.render("power_service_tickets.rating_refused", {"text": text})

    @http.route()
    def action_open_rating(self, token, rate, **kwargs):
        """Show the page to rate, or why it can't be rated any more."""
        return self._render_refusal(token) or super().action_open_rating(
            token, rate, **kwargs
        )

    @http.route()
    def action_submit_rating(self, token, rate=0, **kwargs):
        """Take the rating once per cycle, else say why not; ask until one is chosen."""
        refused = self._render_refusal(token)
        if refused:
            return refused
        _rating, record = self._get_rating_and_record(token)
        is_post = request.httprequest.method == "POST"
        if is_post and record._name == "power.ticket" and str(rate) not in RATES:
            return self.action_open_rating(token, RATING_NEUTRAL_VALUE)
        try:
            with request.env.cr.savepoint():
                return super().action_submit_rating(token, rate=rate, **kwargs)
        except UserError as error:  # what was written is too long, or was not typed
            return self._render_text(str(error))
