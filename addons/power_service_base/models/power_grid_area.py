from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.employee_list import EmployeeList

REGION_TYPES = [("urban", "Urban"), ("rural", "Rural"), ("remote", "Remote")]


class PowerGridArea(models.Model):
    """A piece of a station's ground with people answering for it (网格)."""

    _name = "power.grid.area"
    _inherit = [
        "power.tree.mixin",
        "power.code.name.mixin",
        "power.station.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Grid Area"
    _order = "code, id"

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
        check_company=True,
        tracking=True,
        help="The grid manager (网格长), account manager of the area's customers. Who "
        "it was on another day is told by the responsibilities.",
    )
    manager_has_left = fields.Boolean(compute="_compute_manager_has_left")
    member_ids = EmployeeList(
        "hr.employee",
        "power_grid_area_member_rel",
        "area_id",
        "employee_id",
        string="Grid Members",
        check_company=True,
    )
    supply_point_ids = fields.One2many("power.supply.point", "grid_area_id")
    supply_point_count = fields.Integer(compute="_compute_supply_point_count")
    responsibility_ids = fields.One2many("power.responsibility", "grid_area_id")
    note = fields.Text()

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "Another grid area of the company already has this code."
    )

    @api.depends("manager_id.active")
    def _compute_manager_has_left(self):
        for area in self:
            manager = area.manager_id.sudo()  # whether someone left isn't private
            area.manager_has_left = bool(manager) and not manager.active

    def _compute_supply_point_count(self):
        """Points of the areas and of their sub-areas: those that the button opens."""
        counts = self.env["power.supply.point"]._read_group(
            [("grid_area_id", "child_of", self.ids)], ["grid_area_id"], ["__count"]
        )
        totals = dict.fromkeys(self.ids, 0)
        for area, count in counts:
            # sudo: only the way up, which may lead through other stations
            for above in area.sudo().parent_path.split("/")[:-1]:
                if int(above) in totals:
                    totals[int(above)] += count
        for area in self:
            area.supply_point_count = totals.get(area._origin.id, 0)

    @api.model_create_multi
    def create(self, vals_list):
        areas = super().create(vals_list)
        areas.filtered("manager_id")._open_manager()
        areas.filtered("member_ids")._open_members()
        return areas

    def write(self, vals):
        result = super().write(vals)
        if "manager_id" in vals:
            self._open_manager()
        if "member_ids" in vals:
            self._open_members()
        return result

    def _open_manager(self):
        """A manager set by hand answers from today on: the dated table rules."""
        responsibilities = self.env["power.responsibility"]
        self.manager_id._check_works_here()
        for manager, areas in self.grouped("manager_id").items():
            responsibilities._assign("grid_manager", areas, manager)

    def _open_members(self):
        """Members set by hand answer from today on, those taken out until yesterday."""
        responsibilities = self.env["power.responsibility"].sudo()  # of own areas
        today = responsibilities._get_today()
        held = responsibilities.search(
            Domain("role", "=", "grid_member")
            & Domain("grid_area_id", "in", self.ids)
            & responsibilities._get_period_domain(today)
        )
        # Who has left stays until taken out; what was just written hides them.
        self.invalidate_recordset(["member_ids"])
        everybody = self.with_context(active_test=False)
        members = {
            area.with_env(self.env): area.member_ids.with_env(self.env)
            for area in everybody
        }
        holders = {(row.grid_area_id, row.employee_id) for row in held}
        held.filtered(
            lambda row: row.employee_id not in members[row.grid_area_id]
        )._end(today)
        by_member = {}
        for area, employees in members.items():
            for employee in employees:
                if (area, employee) not in holders:
                    employee._check_works_here()
                by_member[employee] = by_member.get(employee, self.browse()) | area
        for employee, areas in by_member.items():
            responsibilities._assign("grid_member", areas, employee, today)

    def _close_left_activities(self):
        """The manager who left was followed by another: nothing is to be done."""
        areas = self.filtered(lambda area: not area.manager_has_left)
        areas.sudo().activity_feedback(  # whoever was asked to choose
            ["power_service_base.mail_activity_manager_left"]
        )

    def action_transfer_manager(self):
        """Open the wizard that hands the areas' managers' work to someone else."""
        responsibilities = self.env["power.responsibility"].search(
            Domain("role", "=", "grid_manager")
            & Domain("grid_area_id", "in", self.ids)
            & Domain("is_current", "=", True)
        )
        return responsibilities.action_transfer()

    def action_open_supply_points(self):
        """Open the area's supply points, those of its sub-areas too."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_supply_point_action"
        )
        action["domain"] = [("grid_area_id", "child_of", self.ids)]
        action["context"] = {"default_grid_area_id": self.id}
        return action
