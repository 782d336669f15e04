from collections import Counter

from odoo import SUPERUSER_ID, models


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def _get_power_lang(self):
        """The language of a group that the system writes to: what most of its members
        with a login here read, else the system user's.

        :return: a code, as ``zh_CN``; empty without a group
        """
        # Who has it told need not be a member.
        members = self.sudo().channel_member_ids.partner_id.user_ids
        langs = Counter(user.lang for user in members if not user.share and user.lang)
        if not langs:
            return self.env["res.users"].browse(SUPERUSER_ID).lang
        return min(langs, key=lambda lang: (-langs[lang], lang))
