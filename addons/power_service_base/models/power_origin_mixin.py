from odoo import api, models
from odoo.exceptions import AccessError


class PowerOriginMixin(models.AbstractModel):
    """A record that names where it comes from by ``res_model`` and ``res_id``.

    What happens with it comes back to its origin, by superuser code: so nobody names an
    origin that is not theirs.
    """

    _name = "power.origin.mixin"
    _description = "Comes From a Record"
    # What the user must be allowed to do with the origin.
    _origin_access = "read"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_origins(
            (vals.get("res_model"), vals.get("res_id")) for vals in vals_list
        )
        return super().create(vals_list)

    def write(self, vals):
        if not {"res_model", "res_id"}.isdisjoint(vals):
            self._check_origins(
                (
                    vals.get("res_model", record.res_model),
                    vals.get("res_id", record.res_id),
                )
                for record in self
            )
        return super().write(vals)

    @api.model
    def _check_origins(self, origins):
        """Refuse origins that aren't the user's. One check for each model.

        :param origins: iterable of (model, id)
        :raise AccessError: one isn't there or not the user's
        """
        if self.env.su:
            return
        ids = {}
        for model, record_id in origins:
            if model and record_id:
                ids.setdefault(model, set()).add(int(record_id))
        for model, record_ids in ids.items():
            if model not in self.env:
                raise AccessError(
                    self.env._("There are no records of “%(model)s”.", model=model)
                )
            origin = self.env[model].browse(record_ids)
            if origin.exists() != origin:
                raise AccessError(
                    self.env._("The record that it comes from is no longer there.")
                )
            origin.check_access(self._origin_access)
