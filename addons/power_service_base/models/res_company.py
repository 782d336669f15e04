from odoo import api, fields, models
from odoo.tools import SQL

from ..core.working_time import DEFAULT_TZ
from ..tools.sms_api import SmsApiPower


class ResCompany(models.Model):
    _inherit = "res.company"

    power_hotline = fields.Char(
        "Service Hotline",
        default="95598",
        help="The company's number for repair, complaint and enquiry, shown to all.",
    )
    power_regulator_phone = fields.Char(
        "Regulator's Line",
        default="12398",
        help="Where customers can complain about the company itself, shown to all.",
    )
    power_quiet_from = fields.Float(
        "Quiet From",
        default=21.0,
        help="Start of the hours in which customers without quiet hours of their own "
        "get no message and no call.",
    )
    power_quiet_to = fields.Float(
        "Quiet To",
        default=8.0,
        help="End of those hours. The same as their start: there are none.",
    )
    # Counts the batches of imports: each begins by writing here, so that two never work
    # from the same view of the company's customers.
    power_import_turn = fields.Integer(
        readonly=True, copy=False, export_string_translation=False
    )

    _power_quiet_hours_valid = models.Constraint(
        "CHECK (COALESCE(power_quiet_from, 0) BETWEEN 0 AND 24 "
        "AND COALESCE(power_quiet_to, 0) BETWEEN 0 AND 24)",
        "Quiet hours are hours of a day: 0 to 24.",
    )

    def _get_power_tz(self):
        """The name of the time zone that the company works in: its working schedule's.

        In UTC no station is: China's then.
        """
        tz = self.sudo().resource_calendar_id.tz  # the zone is no secret
        return tz if tz and tz != "UTC" else DEFAULT_TZ

    @api.model
    def _get_power_tz_sql(self, tz):
        """The same as an SQL expression.

        :param SQL tz: the time zone of the company's working schedule, or NULL
        """
        return SQL("COALESCE(NULLIF(%s, 'UTC'), %s)", tz, DEFAULT_TZ)

    def _prepare_resource_calendar_values(self):
        """In China's time: Odoo takes that of whoever makes the company, or UTC."""
        values = super()._prepare_resource_calendar_values()
        tz = self.env.context.get("tz") or self.env.user.tz
        return {"tz": tz if tz and tz != "UTC" else DEFAULT_TZ, **values}

    def _get_sms_api_class(self):
        """The company's message gateway sends its SMS, when there is one."""
        if self.env["power.message.gateway"]._get_gateway("sms", self):
            return SmsApiPower
        return super()._get_sms_api_class()
