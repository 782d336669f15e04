from odoo import models
from odoo.exceptions import AccessError


class PowerExportGuardMixin(models.AbstractModel):
    """Exporting customers to a file needs its own group, and is logged.

    Also where the records are only columns of another model's export.
    """

    _name = "power.export.guard.mixin"
    _description = "Guarded Export"

    def export_data(self, fields_to_export):
        """As core's, with a line in the log of exports."""
        count = self._get_guarded_count()
        if count:
            self._check_export()
            self.env["power.customer.export"]._log(self._name, count, fields_to_export)
        return super().export_data(fields_to_export)

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if self.ids and not self.env.su and self._get_guarded_count():
            self._check_export()
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def _check_export(self):
        if not self.env.user.has_group("power_service_base.group_power_export"):
            raise AccessError(
                self.env._(
                    "Exporting customers needs the right 'Export customers': ask a "
                    "manager for it."
                )
            )

    def _get_guarded_count(self):
        """How many of the records are guarded."""
        return len(self)
