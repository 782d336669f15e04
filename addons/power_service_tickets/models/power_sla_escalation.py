from odoo import fields, models


class PowerSlaEscalation(models.Model):
    """A rung of the ladder: when, whom, how."""

    _name = "power.sla.escalation"
    _description = "Escalation Step"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    moment = fields.Selection(
        [
            ("warning", "When the warning is due"),
            ("before", "Before the deadline"),
            ("missed", "At the deadline"),
            ("after", "After the deadline"),
        ],
        required=True,
        default="missed",
    )
    minutes = fields.Integer(
        help="How long before or after the deadline, in minutes of the clock on the "
        "wall."
    )
    in_working_time = fields.Boolean(help="Minutes are counted in working time.")
    whom = fields.Selection(
        [
            ("assignee", "Who handles it"),
            ("first_contact", "Who was asked first"),
            ("team_leader", "Team leader"),
            ("station_chief", "Station chief"),
            ("quality", "Quality staff"),
            ("manager", "Managers"),
            ("user", "A person"),
            ("channel", "A discussion channel"),
            ("webhook", "Another system"),
        ],
        required=True,
        default="assignee",
    )
    how = fields.Selection(
        [
            ("activity", "Activity"),
            ("inbox", "Notification in Odoo"),
            ("email", "E-mail"),
            ("sms", "SMS"),
        ],
        required=True,
        default="activity",
    )
    user_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    discuss_channel_id = fields.Many2one("discuss.channel")

    _minutes_positive = models.Constraint(
        "CHECK (minutes >= 0)", "Minutes before or after the deadline: 0 or more."
    )
