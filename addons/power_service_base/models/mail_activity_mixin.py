from lxml import etree

from odoo import api, models

# The filters that the web client's menu of activities opens searches with: the names
# that its ``activity_menu.js`` has for them.
ACTIVITY_FILTERS = {
    "filter_activities_my": "[('activity_user_id', '=', uid)]",
    "activities_overdue": "[('my_activity_date_deadline', '<', 'today')]",
    "activities_today": "[('my_activity_date_deadline', '=', 'today')]",
    "activities_upcoming_all": "[('my_activity_date_deadline', '>', 'today')]",
}


class MailActivityMixin(models.AbstractModel):
    _inherit = "mail.activity.mixin"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """As core's; all searches of our models have the filters that the menu of
        activities opens them with. Without them it would show every record."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "search" and self._name.startswith("power."):
            words = self._get_activity_filter_words()
            for name, domain in ACTIVITY_FILTERS.items():
                arch.append(
                    etree.Element(
                        "filter",
                        {
                            "name": name,
                            "string": words[name],
                            "domain": domain,
                            "invisible": "1",
                        },
                    )
                )
                if name == "filter_activities_my":
                    # Mine, and of those the late or the future ones.
                    arch.append(etree.Element("separator", {"invisible": "1"}))
        return arch, view

    @api.model
    def _get_activity_filter_words(self):
        return {
            "filter_activities_my": self.env._("My Activities"),
            "activities_overdue": self.env._("Late Activities"),
            "activities_today": self.env._("Today Activities"),
            "activities_upcoming_all": self.env._("Future Activities"),
        }
