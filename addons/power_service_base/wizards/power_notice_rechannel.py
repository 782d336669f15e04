from odoo import fields, models

from ..models.power_notice_purpose import CHANNELS


class PowerNoticeRechannel(models.TransientModel):
    """Put notices that failed or wait on another channel."""

    _name = "power.notice.rechannel"
    _inherit = ["power.reach.mixin"]
    _description = "Change the Channel of Notices"

    notice_ids = fields.Many2many("power.notice", required=True)
    channel = fields.Selection(CHANNELS, required=True)

    def action_apply(self):
        """Change the channel and try again."""
        self.ensure_one()
        self.notice_ids.check_access("write")
        self.notice_ids._rechannel(self.channel)
