from odoo import api, fields, models
from odoo.exceptions import UserError

from .power_connection import KINDS, MAKING, STEP_FIELDS, STEPS
from .power_connection_step import STEPPING

CATEGORY_KINDS = {f"connection_{kind}": kind for kind, _label in KINDS}


class PowerTicketEvent(models.Model):
    _inherit = "power.ticket.event"

    kind = fields.Selection(
        selection_add=[
            ("papers_told", "Missing papers told"),
            ("fee_told", "Fee told"),
            ("scheme_renewed", "Supply scheme renewed"),
            ("check_failed", "Defects found"),
        ],
        ondelete={
            "papers_told": "cascade",
            "fee_told": "cascade",
            "scheme_renewed": "cascade",
            "check_failed": "cascade",
        },
    )
    connection_step = fields.Selection(STEPS, help="The check that found defects.")


class PowerTicket(models.Model):
    """A ticket about a connection has the record of it, made with the ticket."""

    _inherit = "power.ticket"

    connection_ids = fields.One2many(
        "power.connection", "ticket_id", string="Connections", readonly=True
    )
    connection_id = fields.Many2one(
        "power.connection", compute="_compute_connection_id"
    )

    @api.depends("connection_ids")
    def _compute_connection_id(self):
        for ticket in self:
            ticket.connection_id = ticket.connection_ids[:1]

    def action_open_connection(self):
        """Open the connection: its papers, scheme, steps."""
        self.ensure_one()
        return self.connection_id._get_form_action(self.connection_id)

    def _after_intake(self):
        result = super()._after_intake()
        if self.env.context.get("power_connection") is not MAKING:
            self._make_connections()
        return result

    def _after_change(self, vals):
        result = super()._after_change(vals)
        if "type_id" in vals:
            self._make_connections()
        if {"category_id", "customer_class", "supply_point_id"} & vals.keys():
            self._tell_connections("category_id" in vals)
        return result

    def _filter_connections(self):
        return self.filtered(lambda ticket: ticket.type_id.code == "connection")

    def _get_connection_kind(self):
        self.ensure_one()
        return CATEGORY_KINDS.get(self.category_id.code)

    def _make_connections(self):
        """Make the connections of those that have none yet."""
        tickets = self._filter_connections()
        if not tickets:
            return
        # Whoever may enter the ticket, a portal customer too, gets its connection made.
        connections = self.env["power.connection"].sudo()
        known = connections.search([("ticket_id", "in", tickets.ids)]).ticket_id
        connections.create(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": ticket._get_connection_kind() or "new",
                }
                for ticket in tickets
                if ticket not in known
            ]
        )
        tickets.invalidate_recordset(["connection_ids", "connection_id"])

    def _tell_connections(self, is_category):
        """Bring kind and papers of the connections to what changed on their tickets."""
        tickets = self._filter_connections()
        if not tickets:
            return
        # The right to write the ticket, just used, is the right to this.
        connections = self.env["power.connection"].sudo()
        found = connections.search([("ticket_id", "in", tickets.ids)])
        if is_category:
            for connection in found:
                kind = connection.ticket_id._get_connection_kind()
                if kind and kind != connection.kind:
                    connection.kind = kind
        found._sync_papers()

    def _project(self):
        result = super()._project()
        tickets = self._filter_connections()
        if tickets:
            # A projection of events, whose right was checked when they were entered.
            connections = self.env["power.connection"].sudo()
            connections.search([("ticket_id", "in", tickets.ids)])._project_steps()
        return result

    def _check_event(self, kind, at, now, vals, allow_closed):
        result = super()._check_event(kind, at, now, vals, allow_closed)
        if self.env.context.get("power_connection") is STEPPING:
            return result
        milestone = self.env["power.ticket.milestone"].browse(
            vals.get("milestone_id") or []
        )
        if milestone.code in STEP_FIELDS:
            for ticket in self._filter_connections():
                ticket._check_connection_step(milestone, at)
        return result

    def _check_connection_step(self, milestone, at):
        """Refuse a step that is entered on the ticket and has something against it.

        :raise UserError: what is missing; or energising, which only the connection does
        """
        connection = self.sudo().connection_id  # to check, nothing of it is shown
        if not connection or connection[STEP_FIELDS[milestone.code]]:
            return
        if milestone.code in ("energised", "scheme_answered"):
            raise UserError(
                self.env._(
                    "%(ticket)s: enter “%(milestone)s” with the buttons of the "
                    "connection, which do what belongs to it.",
                    ticket=self.name,
                    milestone=self._get_milestone_name(milestone),
                )
            )
        connection._check_step(milestone.code, at)

    def _check_closable(self):
        result = super()._check_closable()
        for ticket in self._filter_connections():
            connection = ticket.sudo().connection_id  # to check only
            if connection and not connection.archived_at:
                raise UserError(
                    self.env._(
                        "%(ticket)s: the connection isn't filed yet. Finish its steps, "
                        "or cancel the ticket with a reason.",
                        ticket=ticket.name,
                    )
                )
        return result
