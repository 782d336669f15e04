from odoo import fields, models


class PowerCustomerFind(models.TransientModel):
    """Find a customer of any station by number, phone or identity number."""

    _name = "power.customer.find"
    _description = "Find a Customer"

    number = fields.Char("Consumer or Customer Number")
    phone = fields.Char()
    id_number = fields.Char("Identity Number")
    is_searched = fields.Boolean()
    line_ids = fields.One2many("power.customer.find.line", "find_id", readonly=True)

    def action_find(self):
        """Look the customer up; each lookup is logged."""
        self.ensure_one()
        found = self.env["res.partner"].find_customer(
            number=self.number, phone=self.phone, id_number=self.id_number
        )
        self.line_ids.unlink()
        self.env["power.customer.find.line"].create(
            [
                {
                    "find_id": self.id,
                    "partner_id": customer["id"],
                    "name": customer["name"],
                    "number": point.get("number"),
                    "address": point.get("address"),
                    "station": point.get("station"),
                    "hotline": point.get("hotline"),
                }
                for customer in found
                for point in customer["supply_points"] or [{}]
            ]
        )
        # What was typed isn't kept: the log has its hash.
        self.write(
            {
                "is_searched": True,
                "number": False,
                "phone": False,
                "id_number": False,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Find a Customer"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class PowerCustomerFindLine(models.TransientModel):
    """A supply point of a customer that was found."""

    _name = "power.customer.find.line"
    _description = "Customer Found"

    find_id = fields.Many2one(
        "power.customer.find", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", string="Customer")
    name = fields.Char()
    number = fields.Char("Consumer Number")
    address = fields.Char("Supply Address")
    station = fields.Char("Supply Station")
    hotline = fields.Char()

    def action_open(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
