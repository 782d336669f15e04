from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from .portal import MAX_ID, post_route

READ_LEVELS = ("acknowledged", "signed")


class PowerNoticePortal(CustomerPortal):
    """What the supply company told the customer in the portal, and was it read."""

    _notices_per_page = 20

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "notice_count" in counters:
            values["notice_count"] = self._count_notices(self._get_notices_domain())
        if "unread_notice_count" in counters:
            values["unread_notice_count"] = self._count_notices(
                self._get_notices_domain() & self._get_unread_domain()
            )
        return values

    def _count_notices(self, domain):
        Notice = request.env["power.notice"]
        return Notice.search_count(domain) if Notice.has_access("read") else 0

    def _get_notices_domain(self):
        """The portal's notices to the user's own customer: for employees, too."""
        return Domain(
            [
                (
                    "partner_id",
                    "child_of",
                    request.env.user.partner_id.commercial_partner_id.ids,
                ),
                ("channel", "=", "portal"),
                ("state", "in", ("sent", "delivered")),
            ]
        )

    def _get_unread_domain(self):
        return Domain("proof_level", "not in", READ_LEVELS)

    @route(
        ["/my/notices", "/my/notices/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_notices(self, page=1, filterby=None, **_kwargs):
        """The customer's notices, newest first. Looking at them changes nothing."""
        Notice = request.env["power.notice"]
        if not Notice.has_access("read"):
            return request.redirect("/my")
        filterby = "unread" if filterby == "unread" else "all"
        domain = self._get_notices_domain()
        if filterby == "unread":
            domain &= self._get_unread_domain()
        pager = portal_pager(
            url="/my/notices",
            url_args={"filterby": filterby},
            total=Notice.search_count(domain),
            page=page,
            step=self._notices_per_page,
        )
        notices = Notice.search(
            domain,
            order="id desc",
            limit=self._notices_per_page,
            offset=max(pager["offset"], 0),
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "notices",
            "notices": notices,
            # sudo: the number of a point that may no longer be the customer's
            "numbers": {n.id: n.sudo().supply_point_id.name or "" for n in notices},
            "read_levels": READ_LEVELS,
            "filterby": filterby,
            "pager": pager,
            "default_url": "/my/notices",
        }
        return request.render("power_service_base.portal_notices", values)

    @post_route(f"/my/notices/<int(max={MAX_ID}):notice_id>/read")
    def portal_notice_read(self, notice_id, **_post):
        """The customer says that the notice was read: that is proof of it."""
        try:
            self._document_check_access("power.notice", notice_id)
        except (AccessError, MissingError):
            return request.redirect("/my")
        own = Domain("id", "=", notice_id) & self._get_notices_domain()
        notice = request.env["power.notice"].search(own)
        if not notice:
            return request.redirect("/my")
        notice._portal_acknowledge()
        return request.redirect(f"/my/notices#notice_{notice.id}")
