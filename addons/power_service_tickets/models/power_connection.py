from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.power_service_base.models.power_supply_point import (
    IMPORTANCE_GRADES,
    VOLTAGE_LEVELS,
)

from ..core import connection as rules

KINDS = [
    ("new", "New connection"),
    ("increase", "More capacity"),
    ("reduce", "Less capacity"),
    ("transfer", "Change of customer"),
    ("suspend", "Suspension"),
    ("resume", "Resumption"),
    ("temporary", "Temporary supply"),
    ("close", "Closing of the account"),
]
STEPS = [
    ("accepted", "Papers"),
    ("surveyed", "Survey"),
    ("scheme_answered", "Supply scheme"),
    ("fee_paid", "Fee"),
    ("design_submitted", "Design"),
    ("design_reviewed", "Design review"),
    ("mid_requested", "Request for mid inspection"),
    ("mid_inspected", "Mid inspection"),
    ("completion_requested", "Report of completion"),
    ("completion_checked", "Completion check"),
    ("contract_signed", "Contract"),
    ("metered", "Meter"),
    ("energised", "Energising or Carrying Out"),
    ("archived", "Filing"),
]
FINISHED = ("finished", "Finished")
STEP_FIELDS = {step: f"{step}_at" for step, _label in STEPS}
# Passed in the context by the code that makes ticket and connection together. Being an
# object, it can't be sent by a client.
MAKING = object()
# What a new connection hands to its ticket.
TICKET_FIELDS = (
    "partner_id",
    "supply_point_id",
    "station_id",
    "grid_area_id",
    "customer_class",
    "address",
    "contact_phone",
    "user_id",
    "channel",
    "description",
    "received_at",
)


class PowerConnection(models.Model):
    """Connection work and change of use (业扩报装, 变更用电): what a ticket of that
    type is about, from the papers to the point and contract that come of it.

    One for each ticket. Each step is an event of the ticket with its milestone, so that
    the promise clocks run between them; the times here are read from those events. What
    may be done when is said by ``core/connection.py``.
    """

    _name = "power.connection"
    _inherit = [
        "power.state.mixin",
        "power.station.mixin",
        "power.portal.mixin",
        "power.reach.mixin",
        "mail.thread",
    ]
    _description = "Connection"
    _power_export_fields = frozenset(("display_name",))
    _order = "id desc"
    _rec_names_search = ["name", "partner_id.name", "supply_point_id.name"]
    _mail_post_access = "read"
    _power_keeps_files = "all"
    _reach_fields = ("ticket_id", "supply_point_id", "partner_id")
    _moved_fields = frozenset(
        (
            *STEP_FIELDS.values(),
            "scheme_valid_until",
            "papers_told_at",
            "papers_told_count",
            "contract_id",
            "previous_contract_id",
        )
    )

    ticket_id = fields.Many2one(
        "power.ticket", required=True, readonly=True, copy=False, ondelete="restrict"
    )
    name = fields.Char("Number", related="ticket_id.name", store=True, index=True)
    kind = fields.Selection(KINDS, required=True, default="new", tracking=True)
    partner_id = fields.Many2one(
        related="ticket_id.partner_id",
        string="Applicant",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
    )
    new_partner_id = fields.Many2one(
        "res.partner",
        string="New Customer",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Who takes the supply point over. Debts stay with the old contract.",
    )
    supply_point_id = fields.Many2one(
        related="ticket_id.supply_point_id",
        store=True,
        readonly=False,
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id",
        store=True,
        readonly=True,
        precompute=True,
        default=None,
    )
    station_id = fields.Many2one(
        related="ticket_id.station_id", store=True, readonly=False, default=None
    )
    grid_area_id = fields.Many2one(related="ticket_id.grid_area_id", readonly=False)
    user_id = fields.Many2one(
        related="ticket_id.user_id", store=True, readonly=False, index="btree_not_null"
    )
    customer_class = fields.Selection(
        related="ticket_id.customer_class",
        string="Class Applied For",
        store=True,
        readonly=False,
        tracking=True,
        help="Decides the steps and how long they may take.",
    )
    address = fields.Char(related="ticket_id.address", readonly=False)
    contact_phone = fields.Char(related="ticket_id.contact_phone", readonly=False)
    channel = fields.Selection(related="ticket_id.channel", readonly=False)
    description = fields.Text(related="ticket_id.description", readonly=False)
    is_open = fields.Boolean(related="ticket_id.is_open")
    is_paused = fields.Boolean(related="ticket_id.is_paused")
    is_confidential = fields.Boolean(related="ticket_id.is_confidential")
    received_at = fields.Datetime(related="ticket_id.received_at", store=True)
    deadline = fields.Datetime(related="ticket_id.deadline")
    is_overdue = fields.Boolean(related="ticket_id.is_overdue")
    event_ids = fields.One2many(related="ticket_id.event_ids")
    clock_ids = fields.One2many(related="ticket_id.clock_ids")
    importance_grade = fields.Selection(
        IMPORTANCE_GRADES,
        compute="_compute_from_point",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Important users have design review and mid inspection at low voltage "
        "too.",
    )
    voltage_level = fields.Selection(
        VOLTAGE_LEVELS,
        compute="_compute_from_point",
        store=True,
        readonly=False,
        precompute=True,
    )
    tariff_class_id = fields.Many2one(
        "power.tariff.class",
        compute="_compute_from_point",
        store=True,
        readonly=False,
        precompute=True,
    )
    wanted_kva = fields.Float("Wanted Capacity (kVA)", digits=(16, 2), tracking=True)
    current_kva = fields.Float(
        "Present Capacity (kVA)", compute="_compute_current_kva", digits=(16, 2)
    )
    date_from = fields.Date("Wanted From")
    date_to = fields.Date(
        "Wanted Until",
        tracking=True,
        help="Last day of a temporary supply, or the day on which a suspended one "
        "should come back. The customer is reminded before.",
    )
    # Papers
    paper_ids = fields.One2many("power.connection.paper", "connection_id")
    papers_told_at = fields.Datetime("Missing Papers Told", readonly=True, copy=False)
    papers_told_count = fields.Integer(
        "Times Told",
        readonly=True,
        copy=False,
        help="Tell-once (一次性告知): more than once means that the customer had to "
        "come again.",
    )
    # Survey and supply scheme
    survey_note = fields.Text("Findings of the Survey")
    source_ids = fields.One2many("power.connection.source", "connection_id")
    scheme_kva = fields.Float(
        "Capacity Granted (kVA)",
        compute="_compute_scheme_kva",
        store=True,
        readonly=False,
        precompute=True,
        digits=(16, 2),
        tracking=True,
    )
    scheme_metering = fields.Selection(
        [
            ("lv_direct", "Low voltage, direct"),
            ("lv_transformer", "Low voltage, with current transformers"),
            ("hv", "High voltage"),
        ],
        string="Metering",
    )
    scheme_note = fields.Text("Terms of the Scheme")
    scheme_valid_until = fields.Date(
        "Valid Until",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Last day. Afterwards the scheme has to be renewed before work goes on.",
    )
    is_scheme_lapsed = fields.Boolean(compute="_compute_is_scheme_lapsed")
    # Fee
    currency_id = fields.Many2one(related="company_id.currency_id")
    fee_amount = fields.Monetary(tracking=True, help="Empty: nothing is to be paid.")
    fee_told_at = fields.Datetime("Fee Told", copy=False, tracking=True)
    # Meter, point and contract
    meter_numbers = fields.Char(help="Several are separated by commas.")
    point_number = fields.Char(
        "Consumer Number",
        copy=False,
        help="Given by the marketing system; the company's next number when empty.",
    )
    contract_number = fields.Char(copy=False)
    contract_id = fields.Many2one(
        "power.supply.contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The contract that this connection made or ended.",
    )
    previous_contract_id = fields.Many2one(
        "power.supply.contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    # Steps: read from the ticket's events.
    step = fields.Selection(
        [*STEPS, FINISHED],
        "Next Step",
        compute="_compute_step",
        store=True,
        index=True,
        group_expand=True,
    )
    accepted_at = fields.Datetime("Papers Complete", readonly=True, copy=False)
    surveyed_at = fields.Datetime("Surveyed", readonly=True, copy=False)
    scheme_answered_at = fields.Datetime("Scheme Sent", readonly=True, copy=False)
    fee_paid_at = fields.Datetime("Fee Paid", readonly=True, copy=False)
    design_submitted_at = fields.Datetime("Design Received", readonly=True, copy=False)
    design_reviewed_at = fields.Datetime("Design Reviewed", readonly=True, copy=False)
    mid_requested_at = fields.Datetime(
        "Mid Inspection Asked For", readonly=True, copy=False
    )
    mid_inspected_at = fields.Datetime(
        "Mid Inspection Passed", readonly=True, copy=False
    )
    completion_requested_at = fields.Datetime(
        "Completion Reported", readonly=True, copy=False
    )
    completion_checked_at = fields.Datetime(
        "Completion Check Passed", readonly=True, copy=False
    )
    contract_signed_at = fields.Datetime("Contract Signed", readonly=True, copy=False)
    metered_at = fields.Datetime("Meter Installed", readonly=True, copy=False)
    energised_at = fields.Datetime(
        "Energised or Carried Out", readonly=True, copy=False, index="btree_not_null"
    )
    archived_at = fields.Datetime("Filed", readonly=True, copy=False)
    duration_days = fields.Float(
        "Days Taken",
        compute="_compute_duration_days",
        store=True,
        aggregator="avg",
        digits=(16, 1),
        help="Calendar days from complete papers to energising.",
    )

    _ticket_uniq = models.UniqueIndex(
        "(ticket_id)", "The ticket already has a connection."
    )
    _capacity_not_negative = models.Constraint(
        "CHECK (wanted_kva >= 0 AND scheme_kva >= 0 AND fee_amount >= 0)",
        "Capacities and fees can't be negative.",
    )
    _station_step_idx = models.Index("(station_id, step, id)")

    # Computed fields ----------------------------------------------------------------

    @api.depends("ticket_id.supply_point_id")
    def _compute_from_point(self):
        for connection in self:
            point = connection.ticket_id.supply_point_id
            voltage = point.voltage_level or connection.voltage_level
            grade = point.importance_grade or connection.importance_grade
            connection.importance_grade = grade or "none"
            connection.voltage_level = voltage or "220v"
            connection.tariff_class_id = (
                point.tariff_class_id or connection.tariff_class_id
            )

    @api.depends("supply_point_id.contract_id.contract_kva")
    def _compute_current_kva(self):
        for connection in self:
            contract = connection.previous_contract_id or (
                connection.supply_point_id.contract_id
            )
            connection.current_kva = contract.contract_kva

    @api.depends("wanted_kva")
    def _compute_scheme_kva(self):
        for connection in self:
            connection.scheme_kva = connection.scheme_kva or connection.wanted_kva

    @api.depends("scheme_valid_until", "energised_at")
    def _compute_is_scheme_lapsed(self):
        for connection in self:
            until = connection.scheme_valid_until
            connection.is_scheme_lapsed = bool(
                until
                and not connection.energised_at
                and until < connection._get_today()
            )

    @api.depends(
        "kind",
        "customer_class",
        "importance_grade",
        "fee_amount",
        *STEP_FIELDS.values(),
    )
    def _compute_step(self):
        for connection in self:
            following = rules.get_next_step(connection._get_case(), connection._done())
            connection.step = following or FINISHED[0]

    @api.depends("accepted_at", "energised_at")
    def _compute_duration_days(self):
        for connection in self:
            start, end = connection.accepted_at, connection.energised_at
            seconds = (end - start).total_seconds() if start and end else 0
            connection.duration_days = seconds / 86400

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for connection in self:
            parts = (connection.name, connection.partner_id.name)
            connection.display_name = " ".join(part for part in parts if part)

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {
            "name",
            "kind",
            "ticket_id",
            "partner_id",
            "supply_point_id",
            "company_id",
            "customer_class",
            "voltage_level",
            "wanted_kva",
            "scheme_kva",
            "scheme_valid_until",
            "date_from",
            "date_to",
            "fee_amount",
            "fee_told_at",
            "currency_id",
            "meter_numbers",
            "point_number",
            "step",
            "received_at",
            *STEP_FIELDS.values(),
        }

    # Create and write ---------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Make connections, each with its ticket unless it comes from one."""
        vals_list = [dict(vals) for vals in vals_list]
        own = [vals for vals in vals_list if not vals.get("ticket_id")]
        if own:
            tickets = self._create_tickets(own)
            for vals, ticket in zip(own, tickets, strict=True):
                vals["ticket_id"] = ticket.id
        for vals in vals_list:
            for name in TICKET_FIELDS:
                vals.pop(name, None)
        connections = super().create(vals_list)
        connections._drop_points()
        connections._sync_papers()
        return connections

    def write(self, vals):
        if "kind" in vals and any(
            connection.accepted_at and connection.kind != vals["kind"]
            for connection in self
        ):
            raise UserError(
                self.env._(
                    "The papers were accepted for another kind of connection: cancel "
                    "this ticket and enter a new one."
                )
            )
        result = super().write(vals)
        if "kind" in vals:
            self._set_categories()
            self._drop_points()
        if {"kind", "customer_class", "supply_point_id"} & vals.keys():
            self._sync_papers()
        if {"kind", "customer_class", "importance_grade", "fee_amount"} & vals.keys():
            self.ticket_id._refresh_clocks()  # it has other steps now
        return result

    @api.model
    def _create_tickets(self, vals_list):
        """The tickets of connections that are entered without one."""
        ticket_type = self.env["power.ticket.type"]._get_by_code("connection")
        if not ticket_type:
            raise UserError(
                self.env._("There is no ticket type with the code “connection”.")
            )
        categories = self._get_categories()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        prepared = []
        for vals in vals_list:
            kind = vals.get("kind") or "new"
            given = {name: vals[name] for name in TICKET_FIELDS if vals.get(name)}
            prepared.append(
                {
                    "subject": kinds.get(kind, kind),
                    "type_id": ticket_type.id,
                    "category_id": categories.get(kind),
                    **given,
                }
            )
        making = self.env["power.ticket"].with_context(power_connection=MAKING)
        return making.create(prepared).with_env(self.env)

    @api.model
    def _get_categories(self):
        """Dict of kind to the id of its ticket category."""
        codes = {f"connection_{kind}": kind for kind, _label in KINDS}
        found = self.env["power.ticket.category"].search([("code", "in", list(codes))])
        return {codes[category.code]: category.id for category in found}

    def _set_categories(self):
        """Bring the tickets' category to the connections' kind."""
        categories = self._get_categories()
        for kind, connections in self.grouped("kind").items():
            tickets = connections.ticket_id.filtered(
                lambda ticket, kind=kind: ticket.category_id.id != categories.get(kind)
            )
            if tickets and categories.get(kind):
                tickets.category_id = categories[kind]

    def _drop_points(self):
        """Another point of the applicant, recognised at intake, isn't the one that a
        new connection is to make."""
        making = self.filtered(
            lambda connection: (
                connection.kind in rules.MAKING_KINDS
                and connection.supply_point_id
                and not connection.energised_at
            )
        )
        making.ticket_id.filtered("supply_point_id").supply_point_id = False

    def _sync_papers(self):
        """Give each connection the papers its kind and class need; those that came
        already stay, those no longer needed go. A constant number of queries."""
        todo = self.filtered(lambda connection: not connection.archived_at)
        types = self.env["power.connection.paper.type"].search([])
        # Whoever may enter the connection may have its checklist made.
        papers_sudo = todo.sudo().paper_ids
        stale = papers_sudo.browse()
        missing = []
        for connection in todo:
            wanted = types.filtered(
                lambda paper, connection=connection: paper._is_for(connection)
            )
            have = papers_sudo.filtered(
                lambda paper, connection=connection: paper.connection_id == connection
            )
            stale |= have.filtered(
                lambda paper, wanted=wanted: (
                    paper.type_id
                    and paper.type_id not in wanted
                    and not paper.is_received
                    and not paper.proof_ids
                )
            )
            missing += [
                connection._prepare_paper_vals(paper) for paper in wanted - have.type_id
            ]
        stale.unlink()
        papers_sudo.create(missing)
        todo.invalidate_recordset(["paper_ids"])

    def _prepare_paper_vals(self, paper_type):
        """Values of a paper on the checklist. One that becomes needed after the papers
        were accepted is asked for before the next step."""
        vals = {"connection_id": self.id, "type_id": paper_type.id}
        if paper_type.step in self._done():
            steps = dict(STEPS)
            vals["step"] = self.step if self.step in steps else "archived"
        return vals

    # The case, as the rules want it -------------------------------------------------

    def _get_case(self):
        """What decides the steps, as :class:`~..core.connection.Case`."""
        self.ensure_one()
        return rules.Case(
            self.kind,
            self.customer_class or None,
            (self.importance_grade or "none") != "none",
            bool(self.fee_amount),
        )

    def _done(self):
        """The codes of the steps done."""
        self.ensure_one()
        return {step for step, name in STEP_FIELDS.items() if self[name]}

    def _get_today(self):
        """Today's date where the connection's station is."""
        return self.env["power.calendar.year"]._get_today(self.station_id)

    def _get_source_commands(self):
        """The scheme's sources as values of supply sources."""
        return [
            Command.create({"element_id": source.element_id.id, "role": source.role})
            for source in self.source_ids
        ]
