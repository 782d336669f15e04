from odoo import SUPERUSER_ID, api, models


class PowerConfidentialNameMixin(models.AbstractModel):
    """A record whose name shows to those only who may read it, when it comes from a
    confidential ticket.

    Named before the model it is for (``_inherit = [this, "power.claim"]``), so that it
    has the last word on the name.
    """

    _name = "power.confidential.name.mixin"
    _description = "Named to Those Who May Know of It"
    # The way from a record to whether its ticket is confidential.
    _confidential_path = None

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        secret = self.sudo().filtered(self._confidential_path)  # names are shown to all
        if not secret or self.env.uid == SUPERUSER_ID:
            return result
        # A name is asked as superuser where a record that the user sees points here.
        seen = secret.with_user(self.env.uid)._filtered_access("read")
        for record in self.browse(secret.ids) - self.browse(seen.ids):
            record.display_name = self.env._("Confidential")
        return result
