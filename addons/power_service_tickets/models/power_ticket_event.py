from odoo import fields, models

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
