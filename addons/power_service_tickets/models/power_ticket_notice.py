# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.tools import format_datetime

# Where a person told the customer already that the request was taken.
TOLD_CHANNELS = frozenset(("counter", "phone", "visit", "internal"))


class PowerTicket(models.Model):
    """What the customer is told: by notices, on the customer's own channel."""

    _inherit = "power.ticket"

    # Words of the texts; nobody else reads them.
    notice_deadline = fields.Char(
        "Promised For",
        compute="_compute_notice_deadline",
        groups=fields.NO_ACCESS,
    )
    notice_answer = fields.Text(
        "Answer",
        compute="_compute_notice_answer",
        groups=fields.NO_ACCESS,
    )
    notice_rating_url = fields.Char(
        "Link to Rate",
        compute="_compute_notice_rating_url",
        groups=fields.NO_ACCESS,
    )

    def _after_intake(self):
        result = super()._after_intake()
        self.filtered(
            lambda ticket: ticket.channel not in TOLD_CHANNELS
        )._tell_customers("ticket_received")
        return result

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind == "milestone" and vals.get("milestone_id"):
            milestone = self.env["power.ticket.milestone"].browse(vals["milestone_id"])
            purpose = {"answered": "ticket_answered", "closed": "ticket_closed"}.get(
                milestone.code
            )
            # Who was told in person hears it once.
            if purpose and not vals.get("told_how"):
                self._tell_customers(purpose, vals.get("note"))
        return result

    def _tell_customers(self, purpose_code, text=None):
        """Tell the customers of these tickets, once a cycle and purpose; a constant
        number of queries.

        Nobody is told who is anonymous or not known, nor of a confidential ticket:
        notices are seen by the whole station. An archived purpose tells nobody.

        :param purpose_code: code of a ``power.notice.purpose``
        :param text: the answer
        :return: the notices made
        """
        # Whoever enters what happened needn't be able to send notices.
        return (
            self.env["power.notice"]
            .sudo()
            ._tell_about(
                purpose_code,
                {
                    ticket: f"ticket/{ticket.id}/{purpose_code}/{ticket.cycle}"
                    for ticket in self.with_context(power_notice_answer=text)
                    if ticket.partner_id
                    and not ticket.is_anonymous
                    and not ticket.is_confidential
                },
            )
        )

    # Words of the texts --------------------------------------------------------------

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.subject",
            "object.type_id.name",
            "object.station_id.name",
            "object.station_id.hotline",
            "object.notice_deadline",
            "object.notice_answer",
            "object.notice_rating_url",
        )

    @api.depends("deadline")
    @api.depends_context("lang")
    def _compute_notice_deadline(self):
        for ticket in self:
            ticket.notice_deadline = ticket.deadline and format_datetime(
                self.env, ticket.deadline, tz=ticket._get_tz(), dt_format="short"
            )

    @api.depends_context("power_notice_answer")
    def _compute_notice_answer(self):
        self.notice_answer = self.env.context.get("power_notice_answer")

    @api.depends_context("power_notice_rating_urls")
    def _compute_notice_rating_url(self):
        urls = self.env.context.get("power_notice_rating_urls") or {}
        for ticket in self:
            ticket.notice_rating_url = urls.get(ticket.id)
