from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.callback_window import CallbackRules
from ..core.repeat import MatterRule


class PowerComplaintRule(models.Model):
    """How complaints are controlled: windows, limits, who is told; per company.

    A company's own record counts, else the shared one. None of the figures stands in a
    public text: they are defaults to be changed.
    """

    _name = "power.complaint.rule"
    _inherit = ["power.company.rule.mixin"]
    _description = "Complaint Rules"

    repeat_days = fields.Integer(
        "Repeat Window (Days)",
        required=True,
        default=60,
        help="Days after the end of a ticket in which another one of the same customer "
        "on the same matter repeats it. A default, no public text.",
    )
    frequent_calls = fields.Integer(
        "Calls That Mark a Matter",
        required=True,
        default=3,
        help="From so many calls of a customer on one matter inside the window. Three "
        "or more are counted by the companies' own good-service index.",
    )
    repeats_by_point = fields.Boolean(
        "Same Supply Point",
        default=True,
        help="Another person who calls about the same supply point repeats the matter.",
    )
    repeats_by_class = fields.Boolean(
        "Same Top Class",
        default=True,
        help="Categories under the same top class are one matter; else only the very "
        "same category.",
    )
    repeats_by_link = fields.Boolean(
        "Linked Matters",
        default=True,
        help="Categories of other types that a matter links are the same: an opinion "
        "and then a complaint, a fault and then a complaint about the repair.",
    )
    tells_chief = fields.Boolean("Tell the Station Chief", default=True)
    tells_quality = fields.Boolean("Tell Quality", default=True)
    told_user_ids = fields.Many2many(
        "res.users",
        string="Tell Also",
        domain="[('share', '=', False)]",
        help="Are told at once of personal injury, media coverage and grave "
        "complaints, as far as they may see the ticket.",
    )
    needs_rectification = fields.Boolean(
        "Cause and Rectification Before Closing",
        default=True,
        help="A complaint is closed only with its finding; one that is upheld and the "
        "supplier's responsibility only with its root cause and a rectification.",
    )
    rectification_days = fields.Integer(
        "Rectification Within (Days)",
        required=True,
        default=15,
        help="Days that are proposed to put things right. A default, no public text.",
    )
    has_callback_first = fields.Boolean(
        "Call Back Before Closing",
        default=True,
        help="A ticket whose call-back is still open can't be closed.",
    )
    callback_working_days = fields.Integer(
        "Call Back Within (Working Days)",
        required=True,
        default=1,
        help="Working days after the day of the answer. As 95598 centres do; no public "
        "text.",
    )
    callback_attempts = fields.Integer(
        "Attempts",
        required=True,
        default=3,
        help="After so many in vain it is given up. As 95598 centres do; no public "
        "text.",
    )
    callback_gap = fields.Float(
        "Hours Between Attempts",
        required=True,
        default=2,
        help="At least so many. As 95598 centres do; no public text.",
    )
    quiet_ids = fields.One2many(
        "power.complaint.rule.quiet", "rule_id", string="No Calls", copy=True
    )
    rating_days = fields.Integer(
        "Rating Link Valid (Days)",
        required=True,
        default=30,
        help="Days after the answer in which the customer can rate by link. A default, "
        "no public text.",
    )
    satisfaction_target = fields.Float(
        "Satisfaction Target (%)",
        required=True,
        default=95,
        help="Satisfied customers in % of those who rated. 95 % is the companies' "
        "published threshold.",
    )

    _company_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE active",
        "The company already has complaint rules: change those.",
    )
    _limits_valid = models.Constraint(
        "CHECK (repeat_days > 0 AND frequent_calls > 0 AND rectification_days > 0"
        " AND callback_working_days > 0 AND callback_attempts > 0"
        " AND callback_gap >= 0 AND rating_days > 0"
        " AND satisfaction_target BETWEEN 0 AND 100)",
        "Days, calls and attempts are at least 1, the target lies between 0 and 100 %.",
    )

    @api.constrains("quiet_ids", "callback_attempts", "callback_gap")
    def _check_callback(self):
        for rule in self:
            try:
                rule._get_callback_rules()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "These hours leave no time to call customers back: shorten "
                        "“No Calls”."
                    )
                ) from error

    def _get_window(self):
        """In which a ticket repeats a closed one."""
        return timedelta(days=self.repeat_days)

    def _get_matter_rule(self):
        """What makes two tickets one matter, as :class:`MatterRule`."""
        return MatterRule(
            by_point=self.repeats_by_point,
            by_class=self.repeats_by_class,
            by_link=self.repeats_by_link,
        )

    def _get_callback_rules(self, tz=None):
        """These rules as :class:`CallbackRules`.

        :param tz: name of the station's time zone
        :raise ValueError: no time is left to call
        """
        values = {} if not tz else {"tz": tz}
        return CallbackRules(
            quiet=tuple((line.hour_from, line.hour_to) for line in self.quiet_ids),
            max_attempts=self.callback_attempts,
            gap=timedelta(hours=self.callback_gap),
            working_days=self.callback_working_days,
            # Which types are called back is said by the types themselves.
            excluded_types=frozenset(),
            **values,
        )


class PowerComplaintRuleQuiet(models.Model):
    """Hours of the local day in which nobody is called back."""

    _name = "power.complaint.rule.quiet"
    _description = "Hours Without Call-backs"
    _order = "hour_from, id"

    rule_id = fields.Many2one(
        "power.complaint.rule", required=True, index=True, ondelete="cascade"
    )
    hour_from = fields.Float("From Hour", required=True)
    hour_to = fields.Float(
        "To Hour", required=True, help="Over midnight when it is before the beginning."
    )

    _hours_valid = models.Constraint(
        "CHECK (hour_from BETWEEN 0 AND 24 AND hour_to BETWEEN 0 AND 24"
        " AND hour_from <> hour_to)",
        "Hours lie between 0 and 24, and begin and end differ.",
    )
