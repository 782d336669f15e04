from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.power_service_base.models.power_grid_area import REGION_TYPES
from odoo.addons.power_service_base.models.power_supply_point import CUSTOMER_CLASSES
from odoo.addons.power_service_base.tools.employee_list import EmployeeList

PRIORITIES = [("0", "Normal"), ("1", "Important"), ("2", "Urgent")]
CHANNELS = [
    ("counter", "Counter"),
    ("phone", "Phone"),
    ("hotline", "Hotline 95598"),
    ("regulator", "Regulator's line 12398"),
    ("city", "City line 12345"),
    ("portal", "Portal"),
    ("email", "E-mail"),
    ("wechat", "WeChat"),
    ("visit", "Visit"),
    ("letter", "Letter"),
    ("internal", "Own finding"),
]
# Each milestone that has a time of its own on the ticket.
MILESTONE_FIELDS = {
    "accepted": "accepted_at",
    "contacted": "contacted_at",
    "arrived": "arrived_at",
    "restored": "restored_at",
    "answered": "answered_at",
}
# What the events say: written by the projection only, by nobody's hand.
PROJECTED = frozenset(
    (
        *MILESTONE_FIELDS.values(),
        "closed_at",
        "is_open",
        "is_paused",
        "cycle",
        "ended_by",
        "chase_count",
        "return_count",
        "reopen_count",
        "merged_into_id",
        "files_deleted_at",
        "deadline",
        "risk_at",
    )
)
# Set when the request is taken in and true for ever: no later hand changes them.
TAKEN_IN = frozenset(
    ("name", "received_at", "reporter_id", "source_system", "external_ref")
)


# What a priority follows that nobody chose by hand.
PRIORITY_FIELDS = frozenset(("type_id", "category_id", "is_green_channel"))


class PowerTicket(models.Model):
    """A customer's request (工单), from intake to the end.

    What happens with it is entered as events (``power.ticket.event``) by the methods in
    ``power_ticket_action.py``; stage and times are their projection
    (``core/ticket_projection.py``), promises are counted over them
    (``power_ticket_clock.py``).
    """

    _name = "power.ticket"
    _inherit = [
        "power.station.mixin",
        "power.external.mixin",
        "power.portal.mixin",
        "power.reach.mixin",
        "portal.mixin",
        "rating.mixin",
        "mail.activity.mixin",
    ]
    _description = "Ticket"
    _order = "priority desc, id desc"
    _rec_names_search = ["name", "subject", "partner_id.name", "supply_point_id.name"]
    _mail_post_access = "read"
    _power_keeps_files = "all"
    # Customer, area and station are taken from the point, whoever may read it.
    _reach_fields = ("supply_point_id", "partner_id")
    _power_export_fields = frozenset(
        ("address", "contact_email", "contact_name", "contact_phone", "description")
    )

    name = fields.Char(
        "Number", required=True, readonly=True, copy=False, index=True, default="/"
    )
    subject = fields.Char(required=True, index="trigram", tracking=True)
    description = fields.Text(tracking=True)
    type_id = fields.Many2one(
        "power.ticket.type",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_type_id(),
    )
    type_code = fields.Char(related="type_id.code", string="Type Code")
    is_complaint = fields.Boolean(related="type_id.is_complaint")
    category_id = fields.Many2one(
        "power.ticket.category",
        index=True,
        ondelete="restrict",
        domain="[('type_id', '=', type_id)]",
    )
    channel = fields.Selection(CHANNELS, required=True, default="counter", index=True)
    priority = fields.Selection(
        PRIORITIES,
        compute="_compute_priority",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="restrict",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    contact_name = fields.Char("Caller", help="Who called, when it isn't the customer.")
    contact_phone = fields.Char("Call-back Phone", tracking=True)
    partner_phone = fields.Char("Customer's Phone", related="partner_id.phone")
    contact_email = fields.Char("Caller's E-mail")
    is_anonymous = fields.Boolean(
        "Anonymous",
        help="The caller gave no name: nobody is called back or asked to rate.",
    )
    supply_point_id = fields.Many2one(
        "power.supply.point", index="btree_not_null", check_company=True
    )
    grid_area_id = fields.Many2one(
        "power.grid.area",
        compute="_compute_place",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    region_type = fields.Selection(
        REGION_TYPES,
        compute="_compute_region_type",
        store=True,
        readonly=False,
        precompute=True,
        help="Decides how soon a crew has to be there.",
    )
    customer_class = fields.Selection(
        CUSTOMER_CLASSES,
        compute="_compute_customer_class",
        store=True,
        readonly=False,
        precompute=True,
        help="Of the supply point, or applied for; decides the times of connections.",
    )
    address = fields.Char(
        "Where", help="Where it is, when it isn't the supply point's address."
    )
    station_id = fields.Many2one(
        string="Handling Station",
        compute="_compute_place",
        store=True,
        readonly=False,
        precompute=True,
        default=None,  # a default would keep the point's station from being taken
        help="Without one, the ticket lies at the company's desk.",
    )
    receiving_station_id = fields.Many2one(
        "hr.department",
        domain="[('power_unit', '=', 'station')]",
        index=True,
        check_company=True,
        default=lambda self: self._default_station_id(),
        help="Was asked first; sees the ticket also when another station handles it.",
    )
    team_id = fields.Many2one(
        "hr.department",
        domain="[('power_unit', '=', 'team')]",
        index="btree_not_null",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assigned To",
        index="btree_not_null",
        domain="[('share', '=', False)]",
    )
    first_contact_user_id = fields.Many2one(
        "res.users",
        string="First Asked",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="First-asked responsibility (首问负责制): whoever was asked first keeps "
        "the duty to call the customer back. It never changes.",
    )
    stage_id = fields.Many2one(
        "power.ticket.stage",
        index=True,
        copy=False,
        ondelete="restrict",
        group_expand="_read_group_stage_ids",
        domain="[('type_ids', 'in', type_id)]",
    )
    received_at = fields.Datetime(
        required=True,
        copy=False,
        index=True,
        default=fields.Datetime.now,
        help="When the customer asked; promises are counted from here.",
    )
    accepted_at = fields.Datetime(readonly=True, copy=False)
    contacted_at = fields.Datetime(readonly=True, copy=False)
    arrived_at = fields.Datetime(readonly=True, copy=False)
    restored_at = fields.Datetime(readonly=True, copy=False)
    answered_at = fields.Datetime(readonly=True, copy=False)
    closed_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    is_open = fields.Boolean(readonly=True, copy=False, default=True)
    is_paused = fields.Boolean("Waiting", readonly=True, copy=False)
    ended_by = fields.Selection(
        [
            ("merged", "Merged"),
            ("cancelled", "Cancelled"),
            ("service_ended", "Service ended"),
        ],
        readonly=True,
        copy=False,
    )
    cycle = fields.Integer(
        readonly=True,
        copy=False,
        default=1,
        aggregator=None,
        help="1, and 1 more after each reopening.",
    )
    chase_count = fields.Integer("Chased", readonly=True, copy=False)
    return_count = fields.Integer("Returned", readonly=True, copy=False)
    reopen_count = fields.Integer("Reopened", readonly=True, copy=False)
    merged_into_id = fields.Many2one(
        "power.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    merged_ids = fields.One2many("power.ticket", "merged_into_id", readonly=True)
    repeat_of_id = fields.Many2one(
        "power.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The closed ticket on the same matter that this one repeats.",
    )
    event_ids = fields.One2many("power.ticket.event", "ticket_id", readonly=True)
    is_green_channel = fields.Boolean(
        "Green Channel",
        compute="_compute_is_green_channel",
        store=True,
        readonly=False,
        precompute=True,
        help="Important and vulnerable customers go first (绿色通道).",
    )
    is_confidential = fields.Boolean(
        compute="_compute_is_confidential",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        help="Quality staff only, and never those it is about.",
    )
    accused_employee_ids = EmployeeList(
        "hr.employee",
        "power_ticket_accused_rel",
        "ticket_id",
        "employee_id",
        string="Reported Employees",
        copy=False,
        groups="power_service_base.group_power_quality",
    )
    # Complaint part; its rules are in power_ticket_complaint.py.
    complaint_grade = fields.Selection(
        [
            ("general", "General"),
            ("important", "Important"),
            ("major", "Major"),
            ("special", "Special"),
        ],
        copy=False,
        index="btree_not_null",
    )
    color = fields.Integer()

    _external_uniq = models.UniqueIndex(
        "(company_id, source_system, external_ref) WHERE external_ref IS NOT NULL",
        "This ticket was already received from that system.",
    )
    _open_idx = models.Index("(company_id, station_id, id DESC) WHERE is_open")
    _list_idx = models.Index("(priority DESC, id DESC)")

    # Defaults and computed fields ---------------------------------------------------

    @api.model
    def _default_type_id(self):
        return self.env["power.ticket.type"].search([], limit=1)

    @api.depends("type_id", "category_id", "is_green_channel")
    def _compute_priority(self):
        for ticket in self:
            ticket.priority = max(ticket.priority or "0", ticket._get_given_priority())

    def _get_given_priority(self):
        """What category, type and customer say of one ticket's priority."""
        own = self.category_id.priority or self.type_id.priority or "0"
        return max(own, "1" if self.is_green_channel else "0")

    @api.depends("supply_point_id", "is_anonymous")
    def _compute_partner_id(self):
        for ticket in self:
            # Whose point it is stays open when the caller doesn't want to be known.
            ticket.partner_id = not ticket.is_anonymous and (
                ticket.supply_point_id.partner_id or ticket.partner_id
            )

    @api.depends("supply_point_id", "partner_id")
    def _compute_place(self):
        """Point, then customer, then whoever was asked; never nothing without need."""
        for ticket in self:
            place, company = ticket.supply_point_id, ticket.company_id
            # A customer of two companies may have the area of the other one.
            known = ticket.partner_id.grid_area_id.filtered(
                lambda area, company=company: area.company_id == company
            )
            area = place.grid_area_id or ticket.grid_area_id or known
            ticket.grid_area_id = area
            ticket.station_id = (
                place.station_id
                or ticket.station_id
                or area.station_id
                or ticket.receiving_station_id
            )

    @api.depends("supply_point_id", "grid_area_id")
    def _compute_region_type(self):
        for ticket in self:
            ticket.region_type = (
                ticket.supply_point_id.region_type
                or ticket.grid_area_id.region_type
                or ticket.region_type
            )

    @api.depends("supply_point_id")
    def _compute_customer_class(self):
        for ticket in self:
            ticket.customer_class = (
                ticket.supply_point_id.customer_class or ticket.customer_class
            )

    @api.depends("partner_id", "supply_point_id")
    def _compute_is_green_channel(self):
        for ticket in self:
            # Segments are for staff; whether one goes first is decided for everybody.
            segments = ticket.sudo().partner_id.segment_ids
            grade = ticket.supply_point_id.importance_grade or "none"
            ticket.is_green_channel = (
                ticket.is_green_channel
                or grade != "none"
                or any(s.has_green_channel or s.is_vulnerable for s in segments)
            )

    @api.depends("type_id")
    def _compute_is_confidential(self):
        for ticket in self:
            ticket.is_confidential = (
                ticket.is_confidential or ticket.type_id.is_confidential
            )

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for ticket in self:
            ticket.display_name = f"{ticket.name} {ticket.subject or ''}".strip()

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """The stages of the types at hand, so that the board has all its columns: of
        one type its own too, of several those that they share and those in use."""
        type_id = self.env.context.get("default_type_id")
        if type_id:
            return stages.search([("type_ids", "in", type_id)])
        if stages:
            found = stages.search([("type_ids", "in", stages.type_ids.ids)])
            return found.filtered(
                lambda stage: stage in stages or len(stage.type_ids) > 1
            )
        # An empty board has its columns too: without any it would have no help either.
        types = self.env["power.ticket.type"].search([], limit=1)
        return stages.search([("type_ids", "in", types.ids)])

    # Create, write, delete ----------------------------------------------------------

    def write(self, vals):
        self._check_not_projected(vals)
        if self.env.context.get("power_ticket_projection") and self.env.su:
            return super().write(vals)
        vals = dict(vals)
        if vals.get("is_anonymous"):
            vals.update(self._get_anonymous_vals())
            self._forget_phones()
        stage_id = vals.pop("stage_id", None)
        given = self.browse()
        if "priority" not in vals and PRIORITY_FIELDS & vals.keys():
            given = self.filtered(lambda t: t.priority == t._get_given_priority())
        result = super().write(vals) if vals else True
        # What nobody chose by hand follows the class down, too.
        for ticket in given:
            priority = ticket._get_given_priority()
            if ticket.priority != priority:
                ticket.priority = priority
        if vals:
            self._after_change(vals)
        if stage_id:
            self._move_to_stage(self.env["power.ticket.stage"].browse(stage_id))
        return result

    @api.model
    def _check_not_projected(self, vals):
        """Refuse what only events say."""
        if self.env.su and self.env.context.get("power_ticket_projection"):
            return
        given = PROJECTED & vals.keys()
        if "first_contact_user_id" in vals and self:
            given |= {"first_contact_user_id"}
        if self and not self.env.su:
            given |= TAKEN_IN & vals.keys()
        if given:
            raise UserError(
                self.env._(
                    "%(fields)s can't be typed: enter what happened with the buttons "
                    "of the ticket.",
                    fields=", ".join(
                        self._fields[name].get_description(self.env)["string"]
                        for name in sorted(given)
                    ),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if self.sudo().event_ids:  # also events that the user may not see
            raise UserError(
                self.env._(
                    "A ticket is a record of service: it can't be deleted. Cancel it "
                    "with a reason instead."
                )
            )

    # Changes -------------------------------------------------------------------------

    def _after_change(self, vals):
        """What a change by hand entails; ``vals`` are those written."""
        if self._get_clock_trigger_fields() & vals.keys():
            self._refresh_clocks()

    @api.model
    def _get_clock_trigger_fields(self):
        """Fields that decide which promises hold: a change counts them again."""
        return {
            "type_id",
            "category_id",
            "supply_point_id",
            "partner_id",
            "grid_area_id",
            "region_type",
            "customer_class",
            "priority",
            "channel",
            "station_id",
            "company_id",
            "received_at",
        }

    @api.model
    def _get_open_domain(self):
        """Tickets that still need something done."""
        return Domain("is_open", "=", True)
