import base64
import io

import qrcode

from odoo import api, fields, models
from odoo.fields import Domain


class PowerPublishedMixin(models.AbstractModel):
    """What a supply company shows to everybody on its public pages.

    A record without a company is shown by all companies, unless a company has one of
    its own with the same code. Public pages read through :meth:`_get_published` only.
    """

    _name = "power.published.mixin"
    _description = "Shown on the Public Pages"
    _public_path = "/service"

    code = fields.Char(
        required=True,
        index=True,
        copy=False,
        help="A short name that stays: other parts of the system refer to it.",
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_published = fields.Boolean(
        "Published", index=True, help="Shown to everybody, without login."
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: shown by all companies.",
    )
    public_url = fields.Char("Public Page", compute="_compute_public_url")
    public_qr = fields.Binary("QR Code", compute="_compute_public_qr")

    @api.depends("company_id")
    def _compute_public_url(self):
        for record in self:
            url = record.get_base_url() + record._public_path
            if record.company_id:
                url += f"?company={record.company_id.id}"
            record.public_url = url

    @api.depends("public_url")
    def _compute_public_qr(self):
        codes = {url: self._make_qr_code(url) for url in set(self.mapped("public_url"))}
        for record in self:
            record.public_qr = codes[record.public_url]

    @api.model
    def _make_qr_code(self, text):
        """A PNG picture of ``text`` as QR code, in base64."""
        picture = io.BytesIO()
        qrcode.make(text, box_size=6, border=2).save(picture, format="PNG")
        return base64.b64encode(picture.getvalue())

    @api.model
    def _get_published_domain(self, company):
        """What ``company`` shows: published, its own or every company's."""
        return Domain("is_published", "=", True) & Domain(
            "company_id", "in", [company.id, False]
        )

    @api.model
    def _get_published(self, company):
        """The records that ``company`` shows to the public, in their order.

        :param company: a ``res.company`` record
        :return: published records as superuser; a company's own hides everybody's
            with the same code
        """
        # sudo: published records are for everybody; the domain keeps the others out.
        records = self.sudo().search(self._get_published_domain(company))
        own = {record.code for record in records if record.company_id}
        return records.filtered(lambda r: r.company_id or r.code not in own)

    def action_open_public_page(self):
        """Open the public page in a new tab."""
        return {
            "type": "ir.actions.act_url",
            "url": self._public_path,
            "target": "new",
        }
