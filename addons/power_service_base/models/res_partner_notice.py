from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    wechat_openid = fields.Char(
        "WeChat Id",
        copy=False,
        groups="power_service_base.group_power_field",
        help="The customer's id at the company's WeChat account.",
    )
    power_fax = fields.Char("Fax")
    power_notice_ids = fields.One2many(
        "power.notice", "partner_id", groups="power_service_base.group_power_field"
    )
    power_notice_count = fields.Integer(
        "Notice Count",
        compute="_compute_power_notice_count",
        groups="power_service_base.group_power_field",
    )

    def _compute_power_notice_count(self):
        counts = dict(
            self.env["power.notice"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.power_notice_count = counts.get(partner, 0)

    def action_open_power_notices(self):
        """Open the customer's notices."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_notice_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action

    def action_send_power_notice(self):
        """Open the dialogue that sends one notice to these customers."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send a Notice"),
            "res_model": "power.notice.compose",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": [fields.Command.set(self.ids)]},
        }
