from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Each type and those it may hang under; a gap is allowed (a transformer on a feeder).
ELEMENT_TYPES = [
    ("substation", "Substation"),
    ("feeder", "Feeder"),
    ("branch", "Branch"),
    ("transformer", "Transformer area"),
]
PARENT_TYPES = {
    "substation": {"substation"},
    "feeder": {"substation", "feeder"},
    "branch": {"feeder", "branch"},
    "transformer": {"substation", "feeder", "branch"},
}


class PowerNetworkElement(models.Model):
    """A piece of the network that feeds customers: substation to transformer (台区)."""

    _name = "power.network.element"
    _inherit = [
        "power.tree.mixin",
        "power.code.name.mixin",
        "power.station.mixin",
        "power.external.mixin",
    ]
    _description = "Network Element"
    _order = "code, id"

    name = fields.Char(required=True)
    code = fields.Char(required=True, index=True, copy=False)
    active = fields.Boolean(default=True)
    element_type = fields.Selection(ELEMENT_TYPES, required=True, index=True)
    parent_id = fields.Many2one(
        "power.network.element",
        string="Fed From",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("power.network.element", "parent_id", string="Feeds")
    capacity_kva = fields.Float("Capacity (kVA)", digits=(16, 2))
    grid_area_id = fields.Many2one(
        "power.grid.area", index="btree_not_null", check_company=True
    )
    source_ids = fields.One2many("power.supply.source", "element_id")
    supply_point_count = fields.Integer(compute="_compute_supply_point_count")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)",
        "Another network element of the company already has this code.",
    )
    _external_uniq = models.UniqueIndex(
        "(company_id, source_system, external_ref) WHERE external_ref IS NOT NULL",
        "This key of the other system is already taken by another network element.",
    )
    _capacity_positive = models.Constraint(
        "CHECK (capacity_kva >= 0)", "A capacity can't be negative."
    )

    @api.constrains("parent_id", "element_type")
    def _check_parent(self):
        for element in self:
            parent = element.parent_id
            if parent and parent.element_type not in PARENT_TYPES[element.element_type]:
                labels = dict(
                    self._fields["element_type"]._description_selection(self.env)
                )
                raise ValidationError(
                    self.env._(
                        "“%(element)s” (%(type)s) can't be fed from %(parent)s "
                        "(%(parent_type)s).",
                        element=element.display_name,
                        type=labels[element.element_type],
                        parent=parent.display_name,
                        parent_type=labels[parent.element_type],
                    )
                )

    def _compute_supply_point_count(self):
        """Points fed by the elements or by what hangs below: those the button opens.

        The main source of each is stored on the point: a million are counted without
        being read. Read are those of a second source, which are few.
        """
        mains = self.env["power.supply.point"]._read_group(
            [("main_element_id", "child_of", self.ids)],
            ["main_element_id"],
            ["__count"],
        )
        others = self.env["power.supply.source"].search_fetch(
            [
                ("element_id", "child_of", self.ids),
                ("role", "!=", "main"),
                ("supply_point_id.active", "=", True),
            ],
            ["element_id", "supply_point_id"],
        )
        totals = dict.fromkeys(self.ids, 0)
        for element, count in mains:
            for above in element._get_above() & totals.keys():
                totals[above] += count
        seconds = {
            (above, source.supply_point_id)
            for source in others
            for above in source.element_id._get_above()
            - source.supply_point_id.main_element_id._get_above()
        }
        for above, _point in seconds:
            if above in totals:
                totals[above] += 1
        for element in self:
            element.supply_point_count = totals.get(element._origin.id, 0)

    def _get_above(self):
        """Ids of the element and of those that feed it."""
        # sudo: only the way up, which may lead through other stations
        path = self.sudo().parent_path or ""
        return {int(above) for above in path.split("/")[:-1]}

    def action_open_supply_points(self):
        """Open the points fed by the element or by anything below it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_supply_point_action"
        )
        action["domain"] = [("source_ids.element_id", "child_of", self.ids)]
        return action
