from odoo import api, models


class IrAttachment(models.Model):
    """Files of tickets: the same ones are refused on whatever way they come."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._check_ticket_files()
        return files

    def write(self, vals):
        result = super().write(vals)
        if not {"res_model", "name", "raw", "datas"}.isdisjoint(vals):
            self._check_ticket_files()
        return result

    def _check_ticket_files(self):
        """Refuse programs, pages and what is too large, from staff too.

        :raise UserError: names the file and what is wrong
        """
        for file in self:
            if file.res_model == "power.ticket" and file.type == "binary":
                self.env["power.ticket"]._check_file(file.name, file.raw or b"")
