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
        """Refuse programs, pages and what is too large, from staff too. Programs and
        pages also in the chatter of whatever keeps its files: they would stay for good.

        :raise UserError: names the file and what is wrong
        """
        tickets = self.env["power.ticket"]
        for file in self:
            if file.type != "binary" or file.res_field:
                continue
            record = self.env.get(file.res_model or "")
            if file.res_model == tickets._name:
                tickets._check_file(file.name, file.raw or b"")
            elif getattr(record, "_power_keeps_files", None) and hasattr(
                record, "message_post"
            ):
                tickets._check_no_program(file.name, file.raw or b"")
