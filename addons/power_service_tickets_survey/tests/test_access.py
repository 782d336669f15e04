"""Who may do what: every model of the addon x group x operation."""

from odoo.tests import tagged

from odoo.addons.power_service_base.tests.common import (
    AccessTableMixin,
    PowerServiceCommon,
)

#                        field staff superv. quality manager portal
TABLE = {
    "power.survey.round":  ("", "",   "r",    "rwc",  "rwcu", ""),
    "power.survey.result": ("", "",   "r",    "r",    "r",    ""),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccessTable(AccessTableMixin, PowerServiceCommon):
    addon = "power_service_tickets_survey"
    table = TABLE
