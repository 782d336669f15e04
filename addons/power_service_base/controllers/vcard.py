from odoo.http import request, route

from odoo.addons.web.controllers.vcard import Partner


class PowerPartnerVcard(Partner):
    """Business cards of customers are an export of them."""

    @route()
    def download_vcard(self, partner_ids=None, partner=None, **kwargs):
        ids = [int(part) for part in (partner_ids or "").split(",") if part.isdigit()]
        partners = request.env["res.partner"].browse(ids).exists()
        if partner:
            partners |= partner
        shown = partners._check_exported({"vcard"})
        response = super().download_vcard(
            partner_ids=partner_ids, partner=partner, **kwargs
        )
        if shown:
            partners._log_exported({partners._name: shown}, ["vcard"])
        return response
