from odoo import api, fields, models

COMMITMENT_SOURCES = [
    ("law", "Law or regulation"),
    ("promise", "Public promise"),
    ("practice", "Station's own practice"),
]
COMMITMENT_CATEGORIES = [
    ("repair", "Repair"),
    ("outage", "Outages"),
    ("connection", "Connection"),
    ("bill", "Bills and reconnection"),
    ("metering", "Metering"),
    ("complaint", "Complaints and enquiries"),
    ("quality", "Supply quality"),
    ("hall", "Service hall"),
]
LIMIT_UNITS = [
    ("minute", "minutes"),
    ("hour", "hours"),
    ("day", "days"),
    ("working_day", "working days"),
    ("percent", "%"),
]


class PowerServiceCommitment(models.Model):
    """A commitment that the supply company publishes (服务承诺).

    The limit is what is promised; the policy or indicator that measures it is named by
    the addons that have one.
    """

    _name = "power.service.commitment"
    _inherit = ["power.published.mixin"]
    _description = "Service Commitment"
    _order = "sequence, id"
    _rec_names_search = ["code", "name"]
    _public_path = "/service/commitments"

    category = fields.Selection(COMMITMENT_CATEGORIES, required=True, default="repair")
    text = fields.Text(translate=True, help="What is promised, in words.")
    limit_value = fields.Float("Limit", digits=(16, 2))
    limit_unit = fields.Selection(LIMIT_UNITS, required=True, default="working_day")
    limit_text = fields.Char("Limit in Words", compute="_compute_limit_text")
    source = fields.Selection(
        COMMITMENT_SOURCES,
        required=True,
        default="practice",
        help="Where the limit comes from. Only what a law or regulation says is shown "
        "as law.",
    )
    source_note = fields.Char(
        "Source Text",
        translate=True,
        help="The text that says so, for example its name.",
    )

    _code_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)",
        "The company already has a commitment with this code.",
    )
    _limit_positive = models.Constraint(
        "CHECK (limit_value >= 0)", "A limit can't be negative."
    )

    @api.depends("limit_value", "limit_unit")
    @api.depends_context("lang")
    def _compute_limit_text(self):
        units = dict(self._fields["limit_unit"]._description_selection(self.env))
        singular = {
            "minute": self.env._("minute"),
            "day": self.env._("day"),
            "working_day": self.env._("working day"),
        }
        for commitment in self:
            value = f"{commitment.limit_value:.2f}".rstrip("0").rstrip(".")
            unit = (
                singular.get(commitment.limit_unit)
                if commitment.limit_value == 1
                else None
            ) or units.get(commitment.limit_unit, "")
            commitment.limit_text = self.env._(
                "%(value)s %(unit)s", value=value, unit=unit
            )
