from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .base import EVERY_FIELD


class PowerSupplyContract(models.Model):
    """Who is supplied at a point, from when to when (供用电合同; CIM
    CustomerAgreement).

    Debts belong to the contract: a new occupant never inherits those of the old one.
    """

    _name = "power.supply.contract"
    _inherit = [
        "power.station.mixin",
        "power.external.mixin",
        "power.portal.mixin",
        "mail.thread",
    ]
    _description = "Supply Contract"
    _order = "date_from desc, id desc"
    _power_export_fields = EVERY_FIELD
    _rec_names_search = ["name", "supply_point_id.name", "partner_id.name"]

    name = fields.Char("Contract Number", copy=False, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    supply_point_id = fields.Many2one(
        "power.supply.point",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    station_id = fields.Many2one(
        related="supply_point_id.station_id", store=True, readonly=True, default=None
    )
    date_from = fields.Date(
        "Valid From",
        required=True,
        default=lambda self: self._get_today(),
        tracking=True,
    )
    date_to = fields.Date(
        "Valid To", tracking=True, help="The last day; empty while it runs."
    )
    is_current = fields.Boolean(
        compute="_compute_is_current", search="_search_is_current"
    )
    contract_kva = fields.Float("Contract Capacity (kVA)", digits=(16, 2))
    payment_mode = fields.Selection(
        [("postpaid", "Postpaid"), ("prepaid", "Prepaid")],
        required=True,
        default="postpaid",
        tracking=True,
    )
    late_charge_rule = fields.Selection(
        [
            ("residential", "Residential rate"),
            ("other", "Other customers' rate"),
            ("none", "No late charge"),
        ],
        compute="_compute_late_charge_rule",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Which late charge (违约金) applies to bills of this contract.",
    )
    note = fields.Text()

    _period_valid = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A contract can't end before it starts.",
    )
    _period_excl = models.Constraint(
        "EXCLUDE USING gist (supply_point_id WITH =, "
        "daterange(date_from, date_to, '[]'::text) WITH &&)",
        "The supply point already has a contract in this period: end that one first.",
    )
    _external_uniq = models.UniqueIndex(
        "(company_id, source_system, external_ref) WHERE external_ref IS NOT NULL",
        "This key of the other system is already taken by another contract.",
    )
    _kva_positive = models.Constraint(
        "CHECK (contract_kva >= 0)", "A contract capacity can't be negative."
    )

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {
            "name",
            "partner_id",
            "supply_point_id",
            "date_from",
            "date_to",
            "is_current",
            "contract_kva",
            "payment_mode",
            "company_id",
        }

    @api.depends("date_from", "date_to", "station_id")
    def _compute_is_current(self):
        days = {}
        for contract in self:
            station = contract.station_id
            if station not in days:
                days[station] = self._get_today(station)
            today = days[station]
            contract.is_current = bool(
                contract.date_from
                and contract.date_from <= today
                and (not contract.date_to or contract.date_to >= today)
            )

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = self.env["power.supply.point"]._get_current_contract_domain(
            self._get_today()
        )
        return Domain.OR(current if wanted else ~current for wanted in value)

    @api.depends("supply_point_id.customer_class")
    def _compute_late_charge_rule(self):
        for contract in self:
            if not contract.late_charge_rule:
                contract.late_charge_rule = (
                    "residential"
                    if contract.supply_point_id.customer_class == "residential"
                    else "other"
                )

    @api.depends("name", "supply_point_id.name", "partner_id.name")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " ".join(
                filter(
                    None,
                    [
                        contract.name or contract.supply_point_id.name,
                        contract.partner_id.name,
                    ],
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        for company, of_company in contracts.grouped("company_id").items():
            of_company.partner_id._become_customers(company)
        contracts.supply_point_id._refresh_customer()
        return contracts

    def write(self, vals):
        points = self.supply_point_id
        result = super().write(vals)
        if {"partner_id", "supply_point_id", "date_from", "date_to"} & vals.keys():
            (points | self.supply_point_id)._refresh_customer()
        return result

    def unlink(self):
        points = self.supply_point_id
        result = super().unlink()
        points._refresh_customer()
        return result

    @api.model
    def _get_today(self, station=None):
        """Return today's date where the station is, whoever asks; see
        ``power.calendar.year._get_today``."""
        return self.env["power.calendar.year"]._get_today(station)

    @api.model
    def _cron_refresh_customers(self, batch_size=5000):
        """Bring each point's customer to today's contract, after its midnight."""
        run = self.env["power.job.run"]._start_alone("power.supply.contract.refresh")
        if not run:
            return
        points = self._get_stale_points(batch_size)
        points._refresh_customer()
        run._progress(done=len(points))
        remaining = len(self._get_stale_points(batch_size))
        if not remaining:
            run._finish()
        self.env["ir.cron"]._commit_progress(len(points), remaining=remaining)

    @api.model
    def _get_stale_points(self, limit):
        """Points whose cached contract isn't the one in force today, where they are."""
        self.env["power.supply.point"].flush_model(["contract_id", "station_id"])
        self.flush_model(["supply_point_id", "date_from", "date_to"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT point.id
                  FROM power_supply_point AS point
                  LEFT JOIN power_supply_contract AS contract
                         ON contract.supply_point_id = point.id
                        AND contract.date_from <= %(today)s
                        AND (contract.date_to IS NULL OR contract.date_to >= %(today)s)
                 WHERE point.contract_id IS DISTINCT FROM contract.id
                 LIMIT %(limit)s
                """,
                today=self.env["hr.department"]._get_today_sql(SQL("point.station_id")),
                limit=limit,
            )
        )
        return self.env["power.supply.point"].browse(row[0] for row in rows)
