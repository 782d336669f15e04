from odoo import api, fields, models

WHOM = [
    ("assignee", "Who handles it"),
    ("first_contact", "Who was asked first"),
    ("team_leader", "Team leader"),
    ("station_chief", "Station chief"),
    ("quality", "Quality staff"),
    ("manager", "Managers"),
    ("user", "A person"),
    ("channel", "A discussion channel"),
    ("webhook", "Another system"),
]
HOW = [
    ("activity", "Activity"),
    ("inbox", "Notification"),
    ("email", "E-mail"),
    ("sms", "SMS"),
]


class PowerSlaAlert(models.Model):
    """What was done about a promise at risk or broken: evidence.

    One per clock and step: the warning, the breach, and each step of the ladder, done
    or left out and why. Made by the tick only; the unique index makes each happen once,
    however many workers there are.
    """

    _name = "power.sla.alert"
    _inherit = ["power.append.only.mixin"]
    _description = "Promise Alert"
    _order = "at desc, id desc"
    _rec_name = "kind"
    # Made by the tick alone, many at a time: when is in ``recorded_at``.
    _log_access = False

    # Found by the unique index below.
    clock_id = fields.Many2one("power.sla.clock", required=True, ondelete="cascade")
    ticket_id = fields.Many2one(
        "power.ticket", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True)
    key = fields.Char(
        required=True, help="The step, and for which deadline it was taken."
    )
    kind = fields.Selection(
        [("warn", "Warning"), ("breach", "Deadline passed"), ("step", "Ladder")],
        required=True,
    )
    escalation_id = fields.Many2one(
        "power.sla.escalation", string="Step", ondelete="restrict"
    )
    at = fields.Datetime("Due At", index=False, help="When the step came due.")
    recorded_at = fields.Datetime("Done At", help="When it was done or left out.")
    outcome = fields.Selection(
        [
            ("done", "Done"),
            ("breached", "Left out: the deadline has passed"),
            ("ended", "Left out: the promise had ended"),
            ("confidential", "Left out: the ticket is confidential"),
            ("nobody", "Nobody to tell"),
        ],
        required=True,
        default="done",
    )
    whom = fields.Selection(WHOM, string="To Be Told")
    told = fields.Selection(
        WHOM, help="Whose turn it was: the next one above where there was nobody."
    )
    how = fields.Selection(HOW)
    user_id = fields.Many2one(default=None)  # the tick, not a person
    told_user_ids = fields.Many2many(
        "res.users",
        "power_sla_alert_user_rel",
        "alert_id",
        "user_id",
        string="Told Persons",
    )
    discuss_channel_id = fields.Many2one("discuss.channel", ondelete="set null")
    webhook_id = fields.Many2one("power.webhook", ondelete="set null")
    summary = fields.Char("What Was Done", compute="_compute_summary")

    _once = models.UniqueIndex(
        "(clock_id, key)", "This step was already taken for this clock."
    )

    @api.depends("kind", "outcome", "whom", "told", "told_user_ids")
    @api.depends_context("lang")
    def _compute_summary(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("kind", "outcome", "whom")
        }
        for alert in self:
            if alert.outcome != "done":
                alert.summary = labels["outcome"][alert.outcome]
                continue
            if not alert.told:
                alert.summary = labels["kind"].get(alert.kind, "")
                continue
            # Who was told may be somebody whom the reader can't see otherwise.
            names = ", ".join(alert.sudo().told_user_ids.mapped("name"))
            target = names or labels["whom"][alert.told]
            alert.summary = self.env._("Told: %(names)s", names=target)
            if alert.told != alert.whom:
                alert.summary = self.env._(
                    "Nobody is set as “%(whom)s”; told instead: %(names)s",
                    whom=labels["whom"].get(alert.whom, ""),
                    names=target,
                )
