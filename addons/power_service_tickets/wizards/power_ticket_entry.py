from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.power_ticket_request import APPROVED

ACTIONS = [
    ("dispatch", "Dispatch"),
    ("transfer", "Pass On"),
    ("return", "Return"),
    ("contact", "Customer Contacted"),
    ("arrive", "Crew on Site"),
    ("restore", "Supply Restored"),
    ("answer", "Answer"),
    ("reopen", "Reopen"),
    ("pause", "Wait"),
    ("cancel", "Cancel"),
    ("chase", "Chase"),
    ("merge", "Merge"),
    ("link_repeat", "Repeats Another"),
    ("extend", "Extend"),
    ("exempt", "Exempt"),
    ("reclassify", "Reclassify"),
    ("disclose", "Open to the Station"),
    ("explain", "Explain"),
    ("end_service", "End Service"),
    ("refuse_request", "Refuse the Request"),
    ("send_crew", "Send a Crew"),
    ("tell_charge", "Tell a Charge"),
    ("confirm_charge", "Charge Confirmed"),
    ("refuse_charge", "Charge Refused"),
]
# Which kind of reason an action asks for, and whether it has to be given.
REASON_KINDS = {
    "return": "returned",
    "reopen": "reopened",
    "pause": "paused",
    "cancel": "cancelled",
    "extend": "extended",
    "exempt": "exempted",
}
REASON_NEEDED = ("return", "extend", "exempt")
NOTE_NEEDED = (
    "transfer",
    "contact",
    "answer",
    "reopen",
    "pause",
    "cancel",
    "chase",
    "exempt",
    "reclassify",
    "disclose",
    "explain",
    "end_service",
    "refuse_request",
    "link_repeat",
)


class PowerTicketEntry(models.TransientModel):
    """Asks what an action on tickets needs, and does it."""

    _name = "power.ticket.entry"
    _inherit = ["power.reach.mixin"]
    _description = "Ticket Entry"

    ticket_ids = fields.Many2many(
        "power.ticket", string="Tickets", required=True, readonly=True
    )
    ticket_id = fields.Many2one("power.ticket", compute="_compute_ticket_id")
    company_id = fields.Many2one(related="ticket_id.company_id", related_sudo=False)
    action = fields.Selection(ACTIONS, required=True, readonly=True)
    is_request = fields.Boolean(
        compute="_compute_is_request",
        help="The user only asks for it: a supervisor does it.",
    )
    reason_kind = fields.Char(compute="_compute_needs")
    needs_reason = fields.Boolean(compute="_compute_needs")
    needs_note = fields.Boolean(compute="_compute_needs")
    note = fields.Text()
    at = fields.Datetime("Happened At", help="Now when empty.")
    reason_id = fields.Many2one(
        "power.ticket.reason", domain="[('kind', '=', reason_kind)]"
    )
    to_desk = fields.Boolean("To the Company's Desk")
    station_id = fields.Many2one(
        "hr.department", string="To Station", domain="[('power_unit', '=', 'station')]"
    )
    team_id = fields.Many2one("hr.department", domain="[('power_unit', '=', 'team')]")
    user_id = fields.Many2one(
        "res.users", string="Person", domain="[('id', 'in', proposed_user_ids)]"
    )
    proposed_user_ids = fields.Many2many(
        "res.users",
        compute="_compute_proposed_user_ids",
        export_string_translation=False,
    )
    merge_ticket_id = fields.Many2one("power.ticket", string="Into")
    repeated_ticket_id = fields.Many2one("power.ticket", string="Repeats")
    customer_id = fields.Many2one(
        string="Customer",
        related="ticket_id.partner_id.commercial_partner_id",
        related_sudo=False,
    )
    units = fields.Integer(
        "By",
        default=1,
        help="In the promise's own unit: working days, minutes and so on.",
    )
    policy_id = fields.Many2one(
        "power.sla.policy",
        string="Promise",
        domain="[('id', 'in', policy_ids)]",
        compute="_compute_policy_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    policy_unit = fields.Selection(related="policy_id.unit", string="Unit")
    policy_ids = fields.Many2many("power.sla.policy", compute="_compute_policy_ids")
    type_id = fields.Many2one("power.ticket.type", string="New Type")
    category_id = fields.Many2one(
        "power.ticket.category", domain="[('type_id', '=', type_id)]"
    )
    task_kind = fields.Selection(
        selection="_selection_task_kind",
        string="What For",
        compute="_compute_task_kind",
        store=True,
        readonly=False,
    )
    due_at = fields.Datetime("Until", help="The promise's deadline when empty.")
    price_id = fields.Many2one(
        "power.service.price", string="Service", domain="[('kind', '=', 'extension')]"
    )
    quantity = fields.Float(default=1)
    charge_id = fields.Many2one("power.ticket.charge", readonly=True)
    charge_text = fields.Char(
        "What It Costs", related="charge_id.display_name", related_sudo=False
    )
    confirmed_by = fields.Char("Who Decided", help="The customer's name.")
    proof_ids = fields.Many2many("ir.attachment")

    @api.model
    def _selection_task_kind(self):
        """In the words of the field tasks: 抢修, not 修复."""
        return (
            self.env["power.field.task"]
            ._fields["kind"]
            ._description_selection(self.env)
        )

    @api.depends("ticket_ids")
    def _compute_ticket_id(self):
        for entry in self:
            entry.ticket_id = entry.ticket_ids[:1]

    @api.depends("action")
    @api.depends_context("uid")
    def _compute_is_request(self):
        supervisor = self.env.user.has_group(
            "power_service_base.group_power_supervisor"
        )
        for entry in self:
            tickets = entry.ticket_ids
            if entry.action == "reclassify":
                tickets = tickets.filtered(lambda ticket: ticket._is_guarded_type())
            elif entry.action == "cancel":
                tickets = tickets.filtered(lambda ticket: ticket._is_guarded())
            # Who has a part in it asks for it, too; more time is the exception.
            own = entry.action != "extend" and any(
                self.env.user in ticket._get_handling_users() for ticket in tickets
            )
            entry.is_request = (
                entry.action in APPROVED and bool(tickets) and (own or not supervisor)
            )

    @api.depends("action", "is_request")
    def _compute_needs(self):
        for entry in self:
            asked = entry.is_request
            entry.reason_kind = not asked and REASON_KINDS.get(entry.action)
            guarded = entry.action == "cancel" and any(
                ticket._is_guarded() for ticket in entry.ticket_ids
            )
            entry.needs_reason = not asked and (
                guarded or entry.action in REASON_NEEDED
            )
            entry.needs_note = asked or entry.action in NOTE_NEEDED

    @api.depends("ticket_ids")
    def _compute_task_kind(self):
        for entry in self:
            ticket = entry.ticket_ids[:1]
            entry.task_kind = ticket._get_crew_kind() if ticket else "repair"

    @api.depends("ticket_ids", "station_id")
    def _compute_proposed_user_ids(self):
        """Who is proposed: the people of the station that handles the tickets, or gets
        them; of a confidential one who may know of it."""
        users = self.env["res.users"]
        field = self.env.ref("power_service_base.group_power_field")
        for entry in self:
            station = entry.station_id or entry.ticket_ids.station_id
            domain = Domain("share", "=", False)
            domain &= Domain("all_group_ids", "in", field.ids)
            secret = entry.ticket_ids.filtered("is_confidential")
            if station and not secret:
                domain &= Domain("power_station_ids", "in", station.ids)
            found = users.search(domain)
            for ticket in secret:
                found = ticket._filter_knowing(found)
            entry.proposed_user_ids = found

    @api.depends("ticket_ids", "action")
    def _compute_policy_ids(self):
        for entry in self:
            clocks = entry.ticket_ids.clock_ids
            if entry.action == "extend":
                clocks = clocks.filtered(lambda c: c.state in ("running", "paused"))
            entry.policy_ids = clocks.policy_id

    @api.depends("ticket_ids", "action")
    def _compute_policy_id(self):
        """The promise that an extension is for when nobody chooses: so its unit and
        its new deadline can be shown."""
        for entry in self:
            entry.policy_id = entry.policy_id
            tickets = entry.ticket_ids._origin
            if entry.action == "extend" and len(tickets) == 1:
                clocks = tickets._find_clocks_to_extend()
                entry.policy_id = len(clocks) == 1 and clocks.policy_id

    def action_confirm(self):
        """Do what was asked for.

        :return: an action: the form is closed, or the list is opened when the ticket
            isn't the user's to see any more; of a request, after saying who was asked
        :raise UserError: what the ticket's method says
        """
        self.ensure_one()
        tickets = self.ticket_ids
        if self.is_request:
            return self._show_asked(tickets._ask_approval(self.action, self.note))
        getattr(self, f"_do_{self.action}")(tickets)
        if tickets._filtered_access("read") == tickets:
            return {"type": "ir.actions.act_window_close"}
        return self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_action"
        ) | {"target": "main"}

    def _show_asked(self, users):
        """Say who was asked, and close the window."""
        names = ", ".join(users.sudo().mapped("name"))  # who approves is no secret
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Asked: %(names)s. You hear what becomes of it.", names=names
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # One for each action ------------------------------------------------------------

    def _do_dispatch(self, tickets):
        tickets.dispatch(self.team_id.id, self.user_id.id, self.note)

    def _do_transfer(self, tickets):
        if self.to_desk:
            # The window hides who was chosen before the tick.
            tickets.transfer(self.note, 0)
        else:
            tickets.transfer(
                self.note, self.station_id.id or None, self.team_id.id, self.user_id.id
            )

    def _do_return(self, tickets):
        tickets.return_to(self.reason_id.id, self.note)

    def _do_contact(self, tickets):
        tickets.contact(self.note, self.at)

    def _do_arrive(self, tickets):
        tickets.arrive(self.at, self.note, self.proof_ids.ids)

    def _do_restore(self, tickets):
        tickets.restore(self.at, self.note, self.proof_ids.ids)

    def _do_answer(self, tickets):
        tickets.answer(self.note, self.at)

    def _do_reopen(self, tickets):
        tickets.reopen(self.note, self.reason_id.id)

    def _do_pause(self, tickets):
        tickets.pause(self.note, self.reason_id.id)

    def _do_cancel(self, tickets):
        tickets.cancel(self.note, self.reason_id.id)

    def _do_chase(self, tickets):
        tickets.chase(self.note)

    def _do_merge(self, tickets):
        tickets.merge_into(self.merge_ticket_id.id, self.note)

    def _do_link_repeat(self, tickets):
        tickets.link_repeat(self.repeated_ticket_id.id, self.note)

    def _do_extend(self, tickets):
        tickets.extend(self.units, self.reason_id.id, self.note, self.policy_id.id)

    def _do_exempt(self, tickets):
        tickets.exempt(self.reason_id.id, self.note, self.policy_id.id)

    def _do_reclassify(self, tickets):
        tickets.reclassify(self.type_id.id, self.note, self.category_id.id)

    def _do_disclose(self, tickets):
        tickets.disclose(self.note)

    def _do_explain(self, tickets):
        tickets.explain(self.note, self.proof_ids.ids)

    def _do_end_service(self, tickets):
        tickets.end_service(self.note)

    def _do_refuse_request(self, tickets):
        tickets.refuse_request(self.note)

    def _do_send_crew(self, tickets):
        tickets.send_crew(
            self.task_kind, self.user_id.id, self.team_id.id, self.due_at, self.note
        )

    def _do_tell_charge(self, tickets):
        tickets.tell_charge(self.price_id.id, self.quantity)

    def _do_confirm_charge(self, tickets):
        self._get_charge(tickets).confirm(self.confirmed_by)

    def _do_refuse_charge(self, tickets):
        self._get_charge(tickets).refuse(self.confirmed_by)

    def _get_charge(self, tickets):
        if self.charge_id.ticket_id not in tickets:
            raise UserError(self.env._("Choose a charge of the ticket."))
        return self.charge_id
