from odoo import api, fields, models

# What shows other models' records is for those who may read them.
POWER_GROUPS = "power_service_base.group_power_field"
SENSITIVE_GROUPS = "power_service_base.group_power_staff"


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "power.search.panel.mixin"]

    is_power_customer = fields.Boolean("Electricity Customer", index=True)
    power_customer_kind = fields.Selection(
        [("residential", "Household"), ("organisation", "Organisation")],
        string="Customer Kind",
    )
    segment_ids = fields.Many2many(
        "power.customer.segment",
        "power_segment_partner_rel",
        "partner_id",
        "segment_id",
        string="Segments",
        groups=POWER_GROUPS,
    )
    supply_point_ids = fields.One2many(
        "power.supply.point",
        "partner_id",
        string="Supply Points",
        groups=POWER_GROUPS,
    )
    supply_point_count = fields.Integer(
        compute="_compute_supply_point_count", groups=POWER_GROUPS
    )
    supply_address = fields.Char(
        compute="_compute_supply_address",
        groups=POWER_GROUPS,
        help="Where the customer's main supply point is, else the postal address.",
    )
    supply_contract_ids = fields.One2many(
        "power.supply.contract", "partner_id", groups=POWER_GROUPS
    )
    power_contact_ids = fields.One2many(
        "power.customer.contact",
        "partner_id",
        string="Contact Record",
        groups=POWER_GROUPS,
    )
    grid_area_id = fields.Many2one(
        "power.grid.area",
        compute="_compute_grid_area_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="The area of the customer's main supply point, unless set.",
    )
    power_station_id = fields.Many2one(
        "hr.department",
        string="Supply Station",
        related="grid_area_id.station_id",
        store=True,
        index="btree_not_null",
    )
    account_manager_id = fields.Many2one(
        "hr.employee",
        index="btree_not_null",
        help="Today's account manager (客户经理); who it was on another day is told by "
        "the responsibilities.",
    )
    preferred_channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("wechat", "WeChat"),
            ("phone", "Phone"),
            ("letter", "Letter"),
            ("fax", "Fax"),
            ("visit", "Visit"),
            ("portal", "Portal"),
        ],
    )
    quiet_from = fields.Float(
        help="Start of the hours in which no message is sent, in the customer's time."
    )
    quiet_to = fields.Float(help="End of the hours in which no message is sent.")
    power_id_number = fields.Char(
        "Identity Number",
        groups=SENSITIVE_GROUPS,
        index="btree_not_null",
        help="Identity card of a person, or unified social credit code of an "
        "organisation.",
    )
    credit_grade = fields.Selection(
        [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")],
        groups=SENSITIVE_GROUPS,
    )
    vip_grade = fields.Selection(
        [("none", "None"), ("silver", "Silver"), ("gold", "Gold")],
        string="VIP Grade",
        groups=SENSITIVE_GROUPS,
    )

    _quiet_hours_valid = models.Constraint(
        "CHECK (COALESCE(quiet_from, 0) BETWEEN 0 AND 24 "
        "AND COALESCE(quiet_to, 0) BETWEEN 0 AND 24)",
        "Quiet hours are hours of a day: 0 to 24.",
    )

    @api.depends("supply_point_ids.address", "supply_point_ids.supply_state", "street")
    def _compute_supply_address(self):
        # One query: each customer's points would be read by themselves.
        self.supply_point_ids._origin.fetch(["address", "supply_state"])
        for partner in self:
            point = partner._get_main_point()
            partner.supply_address = point.address or partner.street

    def _compute_supply_point_count(self):
        counts = dict(
            self.env["power.supply.point"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.supply_point_count = counts.get(partner, 0)

    @api.depends("supply_point_ids.grid_area_id", "supply_point_ids.supply_state")
    def _compute_grid_area_id(self):
        # One query: each customer's points would be read by themselves.
        self.supply_point_ids._origin.fetch(["grid_area_id", "supply_state"])
        for partner in self:
            area = partner._get_main_point().grid_area_id
            partner.grid_area_id = area or partner.grid_area_id

    def _get_main_point(self):
        """The customer's first supply point that isn't closed, else the first one."""
        return self.supply_point_ids.sorted(
            lambda point: (point.supply_state == "closed", point.id)
        )[:1]

    def action_open_supply_points(self):
        """Open the customer's supply points."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_supply_point_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"create": False}
        return action
