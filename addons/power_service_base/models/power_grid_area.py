from odoo import api, fields, models
from odoo.exceptions import ValidationError

REGION_TYPES = [("urban", "Urban"), ("rural", "Rural"), ("remote", "Remote")]


class PowerGridArea(models.Model):
    """A piece of a station's ground with people answering for it (网格)."""

    _name = "power.grid.area"
    _inherit = ["power.station.mixin", "mail.thread"]
    _description = "Grid Area"
    _parent_store = True
    _order = "code, id"
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, index=True, copy=False)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        "power.grid.area",
        string="Parent Area",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("power.grid.area", "parent_id", string="Sub-areas")
    region_type = fields.Selection(REGION_TYPES, required=True, default="rural")
    manager_id = fields.Many2one(
        "hr.employee",
        string="Grid Manager",
        index="btree_not_null",
        tracking=True,
        help="The grid manager (网格长), account manager of the area's customers.",
    )
    member_ids = fields.Many2many(
        "hr.employee",
        "power_grid_area_member_rel",
        "area_id",
        "employee_id",
        string="Grid Members",
    )
    supply_point_ids = fields.One2many("power.supply.point", "grid_area_id")
    supply_point_count = fields.Integer(compute="_compute_supply_point_count")
    note = fields.Text()

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "Another grid area of the company already has this code."
    )

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._(
                    "A grid area can't lie inside itself: choose another parent."
                )
            )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for area in self:
            area.display_name = f"{area.code} {area.name}" if area.code else area.name

    def _compute_supply_point_count(self):
        counts = dict(
            self.env["power.supply.point"]._read_group(
                [("grid_area_id", "in", self.ids)], ["grid_area_id"], ["__count"]
            )
        )
        for area in self:
            area.supply_point_count = counts.get(area, 0)

    def action_open_supply_points(self):
        """Open the area's supply points, those of its sub-areas too."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_supply_point_action"
        )
        action["domain"] = [("grid_area_id", "child_of", self.ids)]
        action["context"] = {"default_grid_area_id": self.id}
        return action
