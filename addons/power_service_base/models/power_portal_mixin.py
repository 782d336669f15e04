from odoo import api, models, tools


class PowerPortalMixin(models.AbstractModel):
    """Shows portal and public users a list of fields, and no other.

    Record rules say which rows a customer sees; this says what of them. It holds for
    reading, searching, grouping and sorting, by whatever interface. A field that an
    addon adds stays closed to customers until the addon names it.
    """

    _name = "power.portal.mixin"
    _description = "Shown to Customers"

    @api.model
    def _get_portal_fields(self):
        """Names of the fields that a customer may read; to be extended.

        :rtype: set[str]
        """
        return {"id", "display_name"}

    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        if self.env.su or self._is_internal_user():
            return True
        return operation == "read" and field.name in self._get_portal_fields()

    @api.model
    @tools.ormcache("self.env.uid")
    def _is_internal_user(self):
        """Whether the current user works here. Asked for each value that is read, so
        in one look-up; the cache is emptied with the users' groups.
        """
        return self.env.user._is_internal()
