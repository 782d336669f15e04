from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("wechat", "WeChat"),
    ("fax", "Fax"),
    ("letter", "Letter"),
    ("phone", "Phone"),
    ("visit", "Visit"),
    ("portal", "Portal"),
]
PROOF_LEVELS = [
    ("none", "None"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("acknowledged", "Acknowledged"),
    ("signed", "Signed"),
]


class PowerNoticePurpose(models.Model):
    """What a notice is for: who needs how much proof, on which channels, how soon."""

    _name = "power.notice.purpose"
    _inherit = ["mail.thread", "mail.activity.mixin", "power.text.example.mixin"]
    _description = "Notice Purpose"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="The name used by programs.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    proof_level = fields.Selection(
        PROOF_LEVELS,
        string="Needed Proof",
        required=True,
        default="sent",
        help="How much has to be proved before the notice counts as done: sent, "
        "delivered, acknowledged by the customer, or signed.",
    )
    channel_ids = fields.One2many(
        "power.notice.purpose.channel",
        "purpose_id",
        string="Channels",
        copy=True,
        help="The allowed channels, the best first. The customer's preferred channel "
        "goes first when it is one of them.",
    )
    fallback_after_hours = fields.Float(
        "Fallback After (Hours)",
        help="Hours without the needed proof after which the next channel is used; 0 "
        "for never.",
    )
    has_quiet_hours = fields.Boolean(
        "Respect Quiet Hours",
        default=True,
        help="Wait for the end of the quiet hours: the customer's, else the company's. "
        "Not for what is urgent. Letters and the portal disturb nobody and never wait.",
    )
    retention_years = fields.Integer(
        default=3,
        help="Years after which notices and their evidence are deleted; 0 for never. "
        "Common: 3 years, and 5 for special and major matters.",
    )
    subject = fields.Char(
        translate=True,
        help="The subject, or what is proposed for it. {{ object.name }} stands for "
        "the name of the customer, or for the number of what is told about.",
    )
    body = fields.Text(translate=True, help="The text, with the same words.")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        help="Gets an activity when notices of this purpose can't be sent; the "
        "administrator when empty.",
    )

    _code_uniq = models.UniqueIndex("(code)", "Another purpose already has this code.")
    _fallback_valid = models.Constraint(
        "CHECK (fallback_after_hours >= 0 AND retention_years >= 0)",
        "Hours and years can't be negative.",
    )

    @api.constrains("channel_ids")
    def _check_channel_ids(self):
        for purpose in self:
            if not purpose.channel_ids:
                raise ValidationError(
                    self.env._(
                        "The purpose %(name)s needs at least one channel.",
                        name=purpose.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        purposes = super().create(vals_list)
        purposes._check_channel_ids()
        purposes._check_template_rights()
        purposes._check_text()
        return purposes

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"subject", "body", "model"}:
            self._check_template_rights()  # before anything is rendered
            self._check_text()
        return result

    @api.model
    def _get_by_code(self, code):
        """The purpose with this code.

        :raise UserError: when there is none
        """
        purpose = self.search([("code", "=", code)])
        if not purpose:
            raise UserError(
                self.env._("There is no notice purpose '%(code)s'.", code=code)
            )
        return purpose

    def _get_channels(self):
        """The allowed channels' names in order."""
        self.ensure_one()
        return self.channel_ids.sorted("sequence").mapped("channel")

    def _check_template_rights(self):
        """Refuse texts with code of users who may not write such, as core does."""
        for purpose in self:
            check_template_rights(purpose, ("subject", "body"), purpose.model)

    def _park(self, count, reason):
        """Tell the responsible user, once until done, that notices were parked.

        :param count: how many notices in this run
        :param reason: the reason of one of them
        """
        for purpose in self:
            user = purpose.user_id or self.env.ref("base.user_admin")
            told = self.with_context(lang=user.lang).env
            note = told._(
                "%(count)s notices could not be sent: %(reason)s. Open Notices ▸ "
                "Failed, put right what is wrong, then Retry.",
                count=count,
                reason=reason,
            )
            open_activity = purpose.activity_search(
                ["mail.mail_activity_data_warning"], only_automated=True
            )
            if open_activity:
                open_activity[:1].note = note
            else:
                purpose.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=told._("Notices failed"),
                    note=note,
                    user_id=user.id,
                )


def check_template_rights(records, names, model):
    """Refuse templates that hold code from users who may not write code.

    The texts are rendered by jobs with the system's rights: as core does, only members
    of the template editors' group may use more than plain field names.

    :param names: the template fields of ``records``
    :param model: the model that the texts are rendered on
    :raise AccessError: when a text is refused
    """
    env = records.env
    if env.su or env.user.has_group("mail.group_mail_template_editor"):
        return
    renderer = env["mail.render.mixin"]
    for record in records:
        for name in names:
            if renderer._has_unsafe_expression_template_inline_template(
                str(record[name] or ""), model
            ):
                raise AccessError(
                    env._(
                        "Only template editors may use more than plain fields in a "
                        "text. Ask an administrator."
                    )
                )


class PowerNoticePurposeChannel(models.Model):
    """An allowed channel of a purpose, in order."""

    _name = "power.notice.purpose.channel"
    _description = "Notice Purpose Channel"
    _order = "sequence, id"
    _rec_name = "channel"

    purpose_id = fields.Many2one(
        "power.notice.purpose", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    channel = fields.Selection(CHANNELS, required=True)

    _channel_uniq = models.UniqueIndex(
        "(purpose_id, channel)", "The channel is already in the list."
    )

    @api.depends("channel")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for line in self:
            line.display_name = labels.get(line.channel, "")
