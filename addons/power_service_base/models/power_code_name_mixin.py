from odoo import api, models


class PowerCodeNameMixin(models.AbstractModel):
    """Called by code and name; in a narrow column by the name alone.

    A name that another record has too keeps its code there: without it nobody could
    tell one from the other.
    """

    _name = "power.code.name.mixin"
    _description = "Named by Code and Name"
    _rec_names_search = ["code", "name"]

    @api.depends("code", "name")
    @api.depends_context("power_short_name")
    def _compute_display_name(self):
        is_short = self.env.context.get("power_short_name")
        shared = self._get_shared_names() if is_short else None
        for record in self:
            has_code = not is_short or record.name in shared
            parts = [record.code if has_code else "", record.name]
            record.display_name = " ".join(filter(None, parts))

    def _get_shared_names(self):
        """Names of these records that more than one record has."""
        groups = self._read_group(
            [("name", "in", list(set(self.mapped("name"))))],
            ["name"],
            having=[("__count", ">", 1)],
        )
        return {name for (name,) in groups}
