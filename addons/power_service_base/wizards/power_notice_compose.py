from collections import Counter

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.notice_channel import Reach, choose_channel
from ..models.power_notice_purpose import CHANNELS


class PowerNoticeCompose(models.TransientModel):
    """Send one notice to many customers, each on the best channel."""

    _name = "power.notice.compose"
    _inherit = ["power.text.example.mixin"]
    _description = "Send a Notice"

    partner_ids = fields.Many2many(
        "res.partner", string="Customers", default=lambda self: self._default_partners()
    )
    purpose_id = fields.Many2one(
        "power.notice.purpose",
        required=True,
        domain="[('model', '=', 'res.partner')]",
        default=lambda self: self.env["power.notice.purpose"].search(
            [("model", "=", "res.partner")], limit=1
        ),
    )
    channel = fields.Selection(
        CHANNELS, help="Empty: for each customer the best possible channel."
    )
    subject = fields.Char(
        compute="_compute_text", store=True, readonly=False, required=True
    )
    body = fields.Text(
        compute="_compute_text", store=True, readonly=False, required=True
    )
    send_after = fields.Datetime(help="Empty: at once, outside the quiet hours.")
    model = fields.Char(related="purpose_id.model", export_string_translation=False)
    text_example = fields.Text(
        "As It Is Read",
        help="Words in double braces are filled in for each customer: here for the "
        "first.",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    unreachable_ids = fields.Many2many(
        "res.partner", string="Cannot Be Reached", compute="_compute_preview"
    )

    def _default_partners(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env.context.get("active_ids")
        return False

    @api.depends("purpose_id")
    def _compute_text(self):
        for wizard in self:
            wizard.subject = wizard.purpose_id.subject
            wizard.body = wizard.purpose_id.body

    @api.depends("partner_ids", "purpose_id", "subject", "body")
    def _compute_text_example(self):
        for wizard in self:
            first = wizard.partner_ids._origin[:1]
            has_places = "{{" in f"{wizard.subject}{wizard.body}"
            wizard.text_example = (
                has_places
                and bool(first)
                and wizard._get_text_example(
                    first.with_context(lang=first.lang or self.env.lang),
                    wizard._get_texts(first.lang),
                )
            )

    def _get_texts(self, lang):
        """Subject and body for customers of a language: those that the purpose proposes
        in their language, or what was typed instead."""
        purpose = self.purpose_id.with_context(lang=lang or self.env.lang)
        return [
            purpose[name] if self[name] == self.purpose_id[name] else self[name]
            for name in ("subject", "body")
        ]

    @api.depends("partner_ids", "purpose_id", "channel")
    def _compute_preview(self):
        for wizard in self:
            channels = wizard._get_channels()
            counts = Counter(channel for channel in channels.values() if channel)
            wizard.unreachable_ids = self.env["res.partner"].browse(
                [id_ for id_, channel in channels.items() if not channel]
            )
            labels = dict(self._fields["channel"]._description_selection(self.env))
            wizard.preview = Markup("<ul>%s</ul>") % Markup().join(
                Markup("<li>%s: <b>%s</b></li>") % (escape(labels[channel]), count)
                for channel, count in counts.most_common()
            )

    def _get_channels(self):
        """``{customer id: channel or None}``."""
        self.ensure_one()
        partners = self.partner_ids._origin
        allowed = self.purpose_id._get_channels()
        if self.channel:
            allowed = [channel for channel in allowed if channel == self.channel]
        reaches = self.env["power.notice"]._get_reaches(
            (partner.id, False) for partner in partners
        )
        return {
            partner.id: (
                choose_channel(
                    partner.preferred_channel,
                    allowed,
                    reaches.get((partner.id, False), Reach()),
                )
                or (None,)
            )[0]
            for partner in partners
        }

    def action_send(self):
        """Make the notices; those who can't be reached are found under Failed."""
        self.ensure_one()
        self.env["power.notice"].check_access("create")
        if not self.partner_ids:
            raise UserError(self.env._("Choose at least one customer."))
        texts = self._render_texts()
        notices = self.env["power.notice"]._notify(
            self.purpose_id.code, self._prepare_notice_vals_list(texts)
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "power.notice",
            "view_mode": "list,form",
            "domain": [("id", "in", notices.ids)],
            "name": self.env._("Notices"),
        }

    def _render_texts(self):
        """``{customer id: (subject, body)}`` in the customer's language.

        A text left as the purpose proposes it is taken in each customer's language; a
        text that was changed goes to everybody as it is.
        """
        renderer = self.env["mail.render.mixin"]
        texts = {}
        for lang, partners in self.partner_ids.grouped("lang").items():
            rendered = [
                renderer._render_template(text, "res.partner", partners.ids)
                for text in self._get_texts(lang)
            ]
            for partner in partners:
                texts[partner.id] = tuple(part[partner.id] for part in rendered)
        return texts

    def _prepare_notice_vals_list(self, texts):
        channels = self._get_channels()
        return [
            {
                "partner_id": partner.id,
                "subject": texts[partner.id][0],
                "body": texts[partner.id][1],
                # Sending the same dialogue twice sends nothing twice.
                "dedup_key": f"compose/{self.id}/{partner.id}",
                **({"channel": channels[partner.id]} if channels[partner.id] else {}),
                **({"send_after": self.send_after} if self.send_after else {}),
            }
            for partner in self.partner_ids
        ]
