from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.power_proof_mixin import is_photo_or_pdf

# What can come of each channel that people do by hand, and the event that it is.
OUTCOMES = [
    ("sent", "Posted or sent"),
    ("reached", "Reached, told"),
    ("acknowledged", "Acknowledged by the customer"),
    ("signed", "Signed for"),
    ("no_answer", "No answer"),
    ("wrong_address", "Wrong number or address"),
]
OUTCOMES_OF_CHANNEL = {
    "letter": ("sent", "signed", "wrong_address"),
    "fax": ("sent", "acknowledged", "no_answer", "wrong_address"),
    "phone": ("reached", "acknowledged", "no_answer", "wrong_address"),
    "visit": ("reached", "acknowledged", "signed", "no_answer", "wrong_address"),
}
KIND_OF_OUTCOME = {
    "sent": "sent",
    "reached": "delivered",
    "acknowledged": "acknowledged",
    "signed": "signed",
}


class PowerNoticeOutcome(models.TransientModel):
    """Record what came of notices that are done by hand, with the proof."""

    _name = "power.notice.outcome"
    _inherit = ["power.reach.mixin"]
    _description = "Outcome of a Notice"

    notice_ids = fields.Many2many("power.notice", required=True)
    channel = fields.Selection(related="notice_ids.channel", related_sudo=False)
    script = fields.Text(compute="_compute_script")
    outcome = fields.Selection(OUTCOMES)
    at = fields.Datetime("When", required=True, default=fields.Datetime.now)
    note = fields.Char()
    attachment_ids = fields.Many2many("ir.attachment", string="Photo or Signature")

    @api.depends("notice_ids")
    def _compute_script(self):
        for wizard in self:
            notice = wizard.notice_ids[:1]
            wizard.script = False
            if len(wizard.notice_ids) == 1 and notice.channel == "phone":
                wizard.script = notice._get_phone_script()

    def action_record(self):
        """Record the outcome, the one of the button pressed, for each notice.

        :raise UserError: when a notice's channel can't have this outcome, when it was
            finished already, when the time lies before its attempt or in the future,
            when a file is no photo or PDF, or when a signature has none
        """
        self.ensure_one()
        self.outcome = self.env.context.get("power_outcome") or self.outcome
        if not self.outcome:
            raise UserError(self.env._("Choose what came of it."))
        self.notice_ids.check_access("write")
        notices = self.notice_ids.try_lock_for_update()
        if notices != self.notice_ids:
            raise UserError(self.env._("Somebody else works on it: try again."))
        notices._check_happened(self.at)
        for attachment in self.attachment_ids:
            if not is_photo_or_pdf(attachment.raw):
                raise UserError(self.env._("A proof is a photo or a PDF file."))
        for notice in notices:
            self._check_outcome(notice)
        for notice in notices:
            for attachment in self.attachment_ids:
                notice._add_proof(attachment.name, attachment.raw, attachment.mimetype)
        if self.outcome in KIND_OF_OUTCOME:
            notices._record(KIND_OF_OUTCOME[self.outcome], self.at, self.note)
        else:
            notices._record_not_reached(self.outcome, self.at, self.note)
        notices._log_contact(self.at, self._get_outcome_text())

    def _check_outcome(self, notice):
        if self.outcome not in OUTCOMES_OF_CHANNEL.get(notice.channel, ()):
            raise UserError(
                self.env._(
                    "“%(notice)s” is sent by %(channel)s: it can't have this outcome.",
                    notice=notice.display_name,
                    channel=notice._get_label("channel"),
                )
            )
        if notice.state in ("failed", "cancelled", "replaced"):
            raise UserError(
                self.env._(
                    "“%(notice)s” is closed: retry it before recording an outcome.",
                    notice=notice.display_name,
                )
            )
        if self.outcome == "signed":
            notice._check_signed(self.attachment_ids)

    def _get_outcome_text(self):
        label = dict(self._fields["outcome"]._description_selection(self.env))
        return ": ".join(filter(None, (label[self.outcome], self.note)))
