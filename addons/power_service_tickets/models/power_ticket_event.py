# The event and the ticket's view of it belong together.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

EVENT_KINDS = [
    ("milestone", "Milestone reached"),
    ("dispatched", "Dispatched"),
    ("accepted", "Accepted"),
    ("moved", "Moved to another stage"),
    ("paused", "Paused"),
    ("resumed", "Resumed"),
    ("returned", "Returned"),
    ("chased", "Chased by the customer"),
    ("transferred", "Handed over"),
    ("merged", "Merged"),
    ("joined", "Another ticket joined"),
    ("message", "Customer's message"),
    ("noted", "Noted"),
    ("charge_told", "Charge told"),
    ("charge_confirmed", "Charge confirmed"),
    ("charge_refused", "Charge refused"),
    ("reopened", "Reopened"),
    ("extended", "Extended"),
    ("reclassified", "Reclassified"),
    ("explained", "Explained"),
    ("exempted", "Exempted"),
    ("found", "Finding entered"),
    ("service_ended", "Service ended"),
    ("cancelled", "Cancelled"),
]

# How somebody of ours told the customer the answer in person.
TOLD_WAYS = [
    ("phone", "By phone"),
    ("counter", "At the counter"),
    ("visit", "On a visit"),
]


class PowerTicketEvent(models.Model):
    """One thing that happened with a ticket: evidence.

    Made by the ticket's methods only. ``at`` is when it happened, ``recorded_at`` when
    it was entered: crews without network enter later, and both are shown.
    """

    _name = "power.ticket.event"
    _inherit = ["power.append.only.mixin", "power.proof.mixin"]
    _description = "Ticket Event"
    _order = "at desc, id desc"
    _rec_name = "kind"

    ticket_id = fields.Many2one(
        "power.ticket", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="ticket_id.company_id")
    kind = fields.Selection(EVENT_KINDS, required=True)
    milestone_id = fields.Many2one(
        "power.ticket.milestone", index="btree_not_null", ondelete="restrict"
    )
    stage_id = fields.Many2one("power.ticket.stage", ondelete="restrict")
    reason_id = fields.Many2one("power.ticket.reason", ondelete="restrict")
    note = fields.Text()
    policy_id = fields.Many2one(
        "power.sla.policy",
        ondelete="restrict",
        help="The one promise that is extended or exempted; all of the ticket's when "
        "empty.",
    )
    extension = fields.Integer(help="Length of an extension, in the promise's unit.")
    related_ticket_id = fields.Many2one(
        "power.ticket", ondelete="restrict", index="btree_not_null"
    )
    previous_station_id = fields.Many2one("hr.department")
    station_id = fields.Many2one("hr.department", string="To Station")
    previous_team_id = fields.Many2one("hr.department")
    team_id = fields.Many2one("hr.department", string="To Team")
    previous_assignee_id = fields.Many2one("res.users")
    assignee_id = fields.Many2one("res.users", string="To")
    previous_type_id = fields.Many2one("power.ticket.type", ondelete="restrict")
    type_id = fields.Many2one(
        "power.ticket.type", string="To Type", ondelete="restrict"
    )
    detail = fields.Text(
        compute="_compute_detail",
        help="Which milestone, to whom, for which reason, which promise, and by how "
        "much; when it was entered, if not at once.",
    )
    entered_later_at = fields.Datetime(
        "Entered Later",
        compute="_compute_entered_later_at",
        help="When it was entered, if not at once.",
    )
    client_ref = fields.Char(
        copy=False, help="The sender's own key: sent again, it makes nothing twice."
    )
    told_how = fields.Selection(
        TOLD_WAYS, help="Of an answer that somebody told the customer in person."
    )
    told_by_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        help="Who told the customer the answer; the event's user entered it.",
    )
    is_public = fields.Boolean(
        "Shown to the Customer", help="Appears on the customer's timeline."
    )

    _client_ref_uniq = models.UniqueIndex(
        "(ticket_id, client_ref) WHERE client_ref IS NOT NULL",
        "This entry was already received.",
    )
    _timeline_idx = models.Index("(ticket_id, at, id)")

    @api.depends(
        "milestone_id",
        "reason_id",
        "station_id",
        "team_id",
        "assignee_id",
        "type_id",
        "related_ticket_id",
        "policy_id",
        "extension",
        "entered_later_at",
    )
    @api.depends_context("lang", "tz", "uid")
    def _compute_detail(self):
        for event in self:
            # Whoever sees the event may know who got the ticket.
            names = event.sudo()._get_detail_names()
            event.detail = ", ".join(filter(None, names))

    def _get_detail_names(self):
        """What one event's kind leaves open, as texts."""
        self.ensure_one()
        unit = self.team_id or self.station_id
        return [
            self.ticket_id._get_milestone_name(self.milestone_id),
            self.reason_id.name,
            unit.name if self.kind != "milestone" else None,
            self.assignee_id.name if self.kind != "accepted" else None,
            self.type_id.name,
            self.related_ticket_id.display_name,  # none of who may not see that one
            self.policy_id.name,
            self._get_extension_text(),
            self._get_entered_later_text(),
        ]

    def _get_proof_owners(self):
        # Also what was posted in the ticket's chatter: its readers are the same.
        return super()._get_proof_owners() | {("power.ticket", self.ticket_id.id)}

    def _get_extension_text(self):
        """By how much one event extends a promise; None when it doesn't."""
        if self.extension <= 0:
            return None
        unit = self.policy_id._get_unit_text(self.policy_id.unit, self.extension)
        return " ".join(filter(None, (f"+{self.extension}", unit)))

    def _get_entered_later_text(self):
        """When one event was entered; None when it was at once."""
        if not self.entered_later_at:
            return None
        moment = format_datetime(self.env, self.entered_later_at, dt_format="short")
        return self.env._("entered later: %(when)s", when=moment)

    @api.depends("at", "recorded_at")
    def _compute_entered_later_at(self):
        for event in self:
            is_later = event.recorded_at - event.at >= timedelta(minutes=1)
            event.entered_later_at = is_later and event.recorded_at


class PowerTicket(models.Model):
    """What is read from a ticket's events: customers' files, and the answer."""

    _inherit = "power.ticket"

    customer_file_ids = fields.Many2many(
        "ir.attachment",
        string="Customer's Files",
        compute="_compute_customer_file_ids",
        help="Sent in the portal; kept with the customer's messages in the history.",
    )

    @api.depends("event_ids.proof_ids")
    def _compute_customer_file_ids(self):
        for ticket in self:
            messages = ticket.event_ids.filtered(lambda event: event.kind == "message")
            ticket.customer_file_ids = messages.proof_ids

    def _get_answer_text(self):
        """What the customer of one ticket was answered; nothing of a reply that waits
        for its review, nor of the answer before a reopening."""
        self.ensure_one()
        answers = self.event_ids.filtered(
            lambda event: event.milestone_id.code == "answered"
        )
        return (self.answered_at and answers[:1].note) or ""
