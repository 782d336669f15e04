from odoo import api, fields, models
from odoo.tools import SQL

from .power_supply_point import CUSTOMER_CLASSES

# The safe list: key -> SQL on ``p`` (the customer) and ``o`` (all its open supply
# points together). Labels and ways to fix are in _get_key_texts.
REQUIREMENT_SQL = {
    "name": "btrim(COALESCE(p.name, '')) != ''",
    "phone": "COALESCE(p.phone_sanitized, '') != ''",
    "email": "COALESCE(p.email_normalized, '') != ''",
    "address": "btrim(COALESCE(p.street, '')) != ''",
    "id_number": "btrim(COALESCE(p.power_id_number, '')) != ''",
    "kind": "p.power_customer_kind IS NOT NULL",
    "channel": "p.preferred_channel IS NOT NULL",
    "area": "p.grid_area_id IS NOT NULL",
    "manager": "p.account_manager_id IS NOT NULL",
    "key_team": "p.key_account_team_id IS NOT NULL",
    "contact_person": "EXISTS (SELECT 1 FROM res_partner AS person "
    "WHERE person.parent_id = p.id AND person.active AND person.type = 'contact')",
    "point": "COALESCE(o.point_count, 0) > 0",
    "point_address": "COALESCE(o.has_address, FALSE)",
    "contract": "COALESCE(o.has_contract, FALSE)",
    "capacity": "COALESCE(o.has_capacity, FALSE)",
    "tariff": "COALESCE(o.has_tariff, FALSE)",
    "industry": "COALESCE(o.has_industry, FALSE)",
    "transformer": "COALESCE(o.has_transformer, FALSE)",
    "reading_unit": "COALESCE(o.has_reading_unit, FALSE)",
    "standby": "EXISTS (SELECT 1 FROM power_supply_source AS source "
    "JOIN power_supply_point AS fed ON fed.id = source.supply_point_id "
    "WHERE fed.partner_id = p.id AND source.role = 'standby')",
}
# A customer's class is the highest of its open points.
CLASS_RANKS = ("residential", "lv_other", "hv_single", "hv_dual")
POINT_FIGURES_SQL = """
           count(*) AS point_count,
           max(CASE point.customer_class WHEN 'residential' THEN 1
               WHEN 'lv_other' THEN 2 WHEN 'hv_single' THEN 3 ELSE 4 END) AS class_rank,
           bool_and(btrim(COALESCE(point.address, '')) != ''
                    OR point.address_id IS NOT NULL) AS has_address,
           bool_and(point.contract_id IS NOT NULL) AS has_contract,
           bool_and(COALESCE(contract.contract_kva, 0) > 0) AS has_capacity,
           bool_and(point.tariff_class_id IS NOT NULL) AS has_tariff,
           bool_and(point.industry_id IS NOT NULL) AS has_industry,
           bool_and(point.main_element_id IS NOT NULL) AS has_transformer,
           bool_and(point.reading_unit_id IS NOT NULL) AS has_reading_unit
      FROM power_supply_point AS point
      LEFT JOIN power_supply_contract AS contract ON contract.id = point.contract_id
     WHERE point.active AND point.supply_state != 'closed'
"""
# ``o`` of one customer ``p``, and of all customers of a set of points at once.
POINTS_SQL = f"SELECT {POINT_FIGURES_SQL} AND point.partner_id = p.id"
ALL_POINTS_SQL = f"SELECT point.partner_id, {POINT_FIGURES_SQL} GROUP BY 1"


class PowerArchiveRequirement(models.Model):
    """What a complete customer archive (客户档案) holds, per class of customer."""

    _name = "power.archive.requirement"
    _description = "Archive Requirement"
    _order = "customer_class, sequence, id"
    _rec_name = "key"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    customer_class = fields.Selection(CUSTOMER_CLASSES, required=True, index=True)
    key = fields.Selection("_selection_key", string="Required", required=True)
    weight = fields.Integer(
        required=True,
        default=1,
        help="How much it counts beside the other requirements of the class.",
    )
    hint = fields.Char(
        "Way to Fix",
        translate=True,
        help="Shown where it is missing; our own text when empty.",
    )

    _key_uniq = models.UniqueIndex(
        "(customer_class, key)", "This class already has this requirement."
    )
    _weight_positive = models.Constraint(
        "CHECK (weight > 0)", "A weight is 1 or more; archive what shouldn't count."
    )

    @api.model
    def _get_key_texts(self):
        """key -> (label, way to fix), in the user's language.

        An addon that extends ``REQUIREMENT_SQL`` extends this too.
        """
        form = self.env._("Fill it in on this form.")
        electricity = self.env._("Fill it in on this form, on the page Electricity.")
        point = self.env._("Open Supply Points above and fill it in on each.")
        return {
            "name": (self.env._("Name"), form),
            "phone": (self.env._("Valid phone number"), form),
            "email": (self.env._("E-mail"), form),
            "address": (self.env._("Address"), form),
            "id_number": (self.env._("Identity number"), electricity),
            "kind": (self.env._("Kind of customer"), electricity),
            "channel": (self.env._("Preferred channel"), electricity),
            "area": (
                self.env._("Grid area"),
                self.env._(
                    "Choose it on the page Electricity, or on the supply point."
                ),
            ),
            "manager": (
                self.env._("Account manager"),
                self.env._(
                    "Choose one on the page Electricity, or use an assignment rule."
                ),
            ),
            "key_team": (
                self.env._("Key-account team"),
                self.env._(
                    "Choose it on the page Electricity, or use an assignment rule."
                ),
            ),
            "contact_person": (
                self.env._("Contact person"),
                self.env._("Add a contact on the page Contacts & Addresses."),
            ),
            "point": (
                self.env._("Supply point"),
                self.env._("Add a supply point and its contract."),
            ),
            "point_address": (self.env._("Address of each supply point"), point),
            "contract": (
                self.env._("Contract on each supply point"),
                self.env._("Open Supply Points above and add the contract in force."),
            ),
            "capacity": (
                self.env._("Contract capacity"),
                self.env._("Fill in the capacity on the contract in force."),
            ),
            "tariff": (self.env._("Tariff class"), point),
            "industry": (self.env._("Industry"), point),
            "transformer": (
                self.env._("Transformer area"),
                self.env._("Open Supply Points above and add the main source."),
            ),
            "reading_unit": (self.env._("Reading section"), point),
            "standby": (
                self.env._("Standby source"),
                self.env._("Open Supply Points above and add the standby source."),
            ),
        }

    @api.model
    def _selection_key(self):
        return [(key, label) for key, (label, _hint) in self._get_key_texts().items()]

    @api.model
    def _get_score_sql(self):
        """The score, 0 to 100, of a customer ``p`` with its points ``o``."""
        classes = []
        for rank, customer_class in enumerate(CLASS_RANKS, start=1):
            wanted = self._get_class_requirements().get(customer_class, self.browse())
            total = sum(wanted.mapped("weight"))
            score = (
                SQL(
                    "floor(100.0 * (%s) / %s)",
                    SQL(" + ").join(
                        SQL(
                            "%s * (%s)::int",
                            requirement.weight,
                            SQL(REQUIREMENT_SQL[requirement.key]),
                        )
                        for requirement in wanted
                    ),
                    total,
                )
                if wanted
                else SQL("100")
            )
            classes.append(SQL("WHEN %s THEN %s", rank, score))
        return SQL(
            "CASE %s %s END",
            SQL(
                "COALESCE(o.class_rank,"
                " CASE p.power_customer_kind WHEN 'organisation' THEN 2 ELSE 1 END)"
            ),
            SQL(" ").join(classes),
        )

    @api.model
    def _get_class_requirements(self):
        """Class of customer to its requirements."""
        # The rule is the same whoever's write measures a customer.
        return self.sudo().search([]).grouped("customer_class")

    def action_refresh_scores(self):
        """Measure all customers again, by the job."""
        self.check_access("write")
        # Starting the job is allowed to whoever may change the requirements.
        self.env.ref("power_service_base.ir_cron_refresh_archive").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "All customers are being measured. Progress is shown under "
                    "Configuration, Job Runs."
                ),
            },
        }
