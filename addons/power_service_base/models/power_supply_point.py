import unicodedata

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .base import EVERY_FIELD
from .power_grid_area import REGION_TYPES

CUSTOMER_CLASSES = [
    ("residential", "Residential"),
    ("lv_other", "Low voltage, non-residential"),
    ("hv_single", "High voltage, single source"),
    ("hv_dual", "High voltage, dual source"),
]
VOLTAGE_LEVELS = [
    ("220v", "220 V"),
    ("380v", "380 V"),
    ("10kv", "10 kV"),
    ("20kv", "20 kV"),
    ("35kv", "35 kV"),
    ("110kv", "110 kV"),
]
IMPORTANCE_GRADES = [
    ("none", "Not important"),
    ("second", "Second grade"),
    ("first", "First grade"),
    ("special", "Special grade"),
    ("temporary", "Temporary"),
]
SUPPLY_STATES = [
    ("pending", "Pending"),
    ("connected", "Connected"),
    ("disconnected", "Disconnected"),
    ("suspended", "Suspended"),
    ("closed", "Closed"),
]


class PowerSupplyPoint(models.Model):
    """Where a customer takes electricity (CIM UsagePoint); keeps its consumer number.

    Its customer is the one of the contract in force today: a cache that the contract's
    writes and the midnight job refresh. Dated questions read the contracts.
    """

    _name = "power.supply.point"
    _inherit = [
        "power.station.mixin",
        "power.external.mixin",
        "power.portal.mixin",
        "mail.thread",
    ]
    _description = "Supply Point"
    _order = "name, id"
    _power_export_fields = EVERY_FIELD
    _rec_names_search = ["name", "partner_id.name"]

    name = fields.Char(
        "Consumer Number",
        required=True,
        copy=False,
        index=True,
        help="The consumer number (户号) stays with the point when its customer moves.",
    )
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index=True,
        readonly=True,
        copy=False,
        help="The customer of the contract in force today.",
    )
    contract_ids = fields.One2many("power.supply.contract", "supply_point_id")
    contract_id = fields.Many2one(
        "power.supply.contract",
        string="Current Contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    address = fields.Char("Supply Address", index="trigram")
    address_id = fields.Many2one(
        "res.partner",
        string="Address Record",
        index="btree_not_null",
        check_company=True,
        help="A structured address, when the line above is not enough.",
    )
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    grid_area_id = fields.Many2one(
        "power.grid.area",
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    station_id = fields.Many2one(
        default=None,
        compute="_compute_station_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    source_ids = fields.One2many("power.supply.source", "supply_point_id")
    main_element_id = fields.Many2one(
        "power.network.element",
        string="Transformer Area",
        compute="_compute_main_element_id",
        store=True,
        index=True,
        help="The network element of the main source.",
    )
    customer_class = fields.Selection(
        CUSTOMER_CLASSES, required=True, default="residential", tracking=True
    )
    voltage_level = fields.Selection(VOLTAGE_LEVELS, required=True, default="220v")
    tariff_class_id = fields.Many2one("power.tariff.class", index="btree_not_null")
    tariff_class = fields.Char(
        related="tariff_class_id.code", string="Tariff Class Code", store=True
    )
    industry_id = fields.Many2one("res.partner.industry", index="btree_not_null")
    reading_unit_id = fields.Many2one(
        "power.reading.unit", string="Reading Section", index=True, check_company=True
    )
    importance_grade = fields.Selection(
        IMPORTANCE_GRADES,
        required=True,
        default="none",
        tracking=True,
        help="Important users (重要用户) are told of outages individually.",
    )
    supply_state = fields.Selection(
        SUPPLY_STATES, required=True, default="connected", tracking=True, index=True
    )
    region_type = fields.Selection(
        REGION_TYPES,
        compute="_compute_region_type",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Decides how soon the repair crew has to be on site.",
    )
    note = fields.Text()

    _name_uniq = models.UniqueIndex(
        "(company_id, name)",
        "Another supply point of the company already has this consumer number.",
    )
    _external_uniq = models.UniqueIndex(
        "(company_id, source_system, external_ref) WHERE external_ref IS NOT NULL",
        "This key of the other system is already taken by another supply point.",
    )
    _station_list_idx = models.Index("(station_id, name, id)")
    _important_idx = models.Index(
        "(importance_grade, station_id) WHERE importance_grade != 'none'"
    )
    _position_valid = models.Constraint(
        "CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "A latitude lies between -90 and 90, a longitude between -180 and 180.",
    )

    @api.depends("grid_area_id.station_id")
    def _compute_station_id(self):
        for point in self:
            point.station_id = point.grid_area_id.station_id or point.station_id
            if not point.station_id:
                point.station_id = point._default_station_id()

    @api.depends("grid_area_id.region_type")
    def _compute_region_type(self):
        for point in self:
            point.region_type = (
                point.grid_area_id.region_type or point.region_type or "rural"
            )

    @api.depends("source_ids.role", "source_ids.element_id")
    def _compute_main_element_id(self):
        for point in self:
            main = point.source_ids.filtered(lambda source: source.role == "main")
            point.main_element_id = main[:1].element_id

    @api.constrains("name")
    def _check_name(self):
        for point in self:
            if not point.name.strip() or point.name != point.name.strip():
                raise ValidationError(
                    self.env._(
                        "The consumer number '%(number)s' has spaces around it or is "
                        "empty: type it without.",
                        number=point.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalise_number(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalise_number(vals))

    @api.model
    def _normalise_number(self, vals):
        """A consumer number in the form in which imports and look-ups have it."""
        if not vals.get("name"):
            return vals
        name = unicodedata.normalize("NFKC", vals["name"]).upper()
        return {**vals, "name": name}

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {
            "name",
            "active",
            "partner_id",
            "contract_id",
            "contract_ids",
            "address",
            "customer_class",
            "voltage_level",
            "tariff_class_id",
            "tariff_class",
            "supply_state",
            "region_type",
            "company_id",
        }

    @api.depends("name", "partner_id.name")
    @api.depends_context("power_point_short", "uid")
    def _compute_display_name(self):
        # A customer's old contract names the point: not who lives there now.
        short = self.env.context.get("power_point_short") or self.env.user.share
        for point in self:
            customer = "" if short else point.partner_id.name
            point.display_name = f"{point.name} {customer}" if customer else point.name

    @api.model
    def _search_display_name(self, operator, value):
        """A number is looked up from its start, by the index; a word in the names."""
        if operator == "ilike" and isinstance(value, str) and value.strip().isdigit():
            return Domain("name", "=like", value.strip() + "%")
        return super()._search_display_name(operator, value)

    @api.model
    def _get_current_contract_domain(self, date):
        """Contracts in force on ``date`` (a date in the station's time zone)."""
        return Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )

    def _refresh_customer(self, date=None):
        """Set each point's contract and customer to those in force on ``date``.

        :param date: a date in the station's time zone; today, where each point is,
            when not given
        """
        if not date:
            by_day = {}
            for station, points in self.grouped("station_id").items():
                day = self.env["power.supply.contract"]._get_today(station)
                by_day[day] = by_day.get(day, self.browse()) | points
            for day, points in by_day.items():
                points._refresh_customer(day)
            return
        contracts = {
            contract.supply_point_id: contract
            for contract in self.env["power.supply.contract"].search(
                Domain("supply_point_id", "in", self.ids)
                & self._get_current_contract_domain(date)
            )
        }
        stale = self.browse()
        rows = []
        for point in self:
            contract = contracts.get(point, self.env["power.supply.contract"])
            if point.contract_id != contract or point.partner_id != contract.partner_id:
                stale |= point
                rows.append(
                    (point.id, contract.id or None, contract.partner_id.id or None)
                )
        if not rows:
            return
        # One statement for the batch: `write` would cost a query for each customer.
        fnames = ["contract_id", "partner_id"]
        stale.flush_recordset(fnames)
        stale.modified(fnames, before=True)
        self.env.cr.execute_values(
            """
            UPDATE power_supply_point AS point
               SET contract_id = value.contract_id, partner_id = value.partner_id
              FROM (VALUES %s) AS value (id, contract_id, partner_id)
             WHERE point.id = value.id
            """,
            rows,
            template="(%s, %s::int, %s::int)",
            page_size=len(rows),
        )
        stale.invalidate_recordset(fnames)
        stale.modified(fnames)

    def action_open_contracts(self):
        """Open all contracts of the point, those of former customers too."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_supply_contract_action"
        )
        action["domain"] = [("supply_point_id", "=", self.id)]
        action["context"] = {"default_supply_point_id": self.id}
        return action
