from odoo import fields, models


class PowerServiceOutlet(models.Model):
    """A place where customers are served: business hall, counter, payment point."""

    _name = "power.service.outlet"
    _inherit = ["power.published.mixin"]
    _description = "Service Outlet"
    _order = "sequence, name, id"
    _rec_names_search = ["code", "name", "address"]
    _check_company_auto = True
    _public_path = "/service/outlets"

    company_id = fields.Many2one(required=True, help=None)
    kind = fields.Selection(
        [
            ("hall", "Business hall"),
            ("counter", "Counter"),
            ("payment", "Payment point"),
            ("self_service", "Self-service point"),
        ],
        required=True,
        default="hall",
    )
    station_id = fields.Many2one(
        "hr.department",
        index=True,
        domain="[('power_unit', '=', 'station')]",
        check_company=True,
    )
    address = fields.Char(required=True, translate=True)
    hours = fields.Char(
        "Opening Hours", translate=True, help="For example: Mon–Sun 08:30–17:30."
    )
    phone = fields.Char()
    services = fields.Text(translate=True, help="What is done there.")
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "The company already has an outlet with this code."
    )
    _position_valid = models.Constraint(
        "CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "A latitude lies between -90 and 90, a longitude between -180 and 180.",
    )
