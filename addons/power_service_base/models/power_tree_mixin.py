from odoo import models
from odoo.exceptions import ValidationError


class PowerTreeMixin(models.AbstractModel):
    """A tree whose refusal of a cycle says what to do."""

    _name = "power.tree.mixin"
    _description = "Tree"
    _parent_store = True

    def write(self, vals):
        """Write; a record can't be moved below itself.

        :raise ValidationError: it names the record and the parent
        """
        parent = self.browse(vals.get("parent_id") or [])
        above = parent.sudo()  # the way up may lead through other stations
        while above:
            if above in self:
                raise ValidationError(
                    self.env._(
                        "“%(record)s” can't lie below itself (under %(parent)s): "
                        "choose another parent.",
                        record=above.display_name,
                        parent=parent.display_name,
                    )
                )
            above = above.parent_id
        return super().write(vals)
