from odoo import api, fields, models


class PowerReadingUnit(models.Model):
    """Points read and billed together (抄表段; meter reading unit)."""

    _name = "power.reading.unit"
    _inherit = ["power.station.mixin"]
    _description = "Reading Section"
    _order = "code, id"
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True)
    code = fields.Char(required=True, index=True)
    active = fields.Boolean(default=True)
    employee_id = fields.Many2one("hr.employee", string="Reader", check_company=True)
    reading_day = fields.Integer(
        help="Day of the month on which the section is read.", default=1
    )
    supply_point_ids = fields.One2many("power.supply.point", "reading_unit_id")
    supply_point_count = fields.Integer(compute="_compute_supply_point_count")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "Another reading section already has this code."
    )
    _reading_day_valid = models.Constraint(
        "CHECK (reading_day BETWEEN 1 AND 31)",
        "The reading day is a day of the month: 1 to 31.",
    )

    @api.constrains("employee_id")
    def _check_reader_works_here(self):
        self.employee_id._check_works_here()

    def _compute_supply_point_count(self):
        counts = dict(
            self.env["power.supply.point"]._read_group(
                [("reading_unit_id", "in", self.ids)], ["reading_unit_id"], ["__count"]
            )
        )
        for unit in self:
            unit.supply_point_count = counts.get(unit, 0)
