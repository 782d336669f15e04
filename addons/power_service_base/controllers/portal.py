from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

CONTACT_FIELDS = (
    "name",
    "phone",
    "street",
    "city",
    "zip",
    "email",
    "preferred_channel",
    "quiet_from",
    "quiet_to",
)
MAX_REASON = 500
MAX_ID = 2**31 - 1
# How many decided change requests the contact page shows.
SHOWN_DECISIONS = 10


def post_route(path, **options):
    """The route of a form of the portal: a POST of somebody who is logged in."""
    return route(
        path,
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        sitemap=False,
        **options,
    )


class PowerCustomerPortal(CustomerPortal):
    """What customers see of themselves: points, account manager, contact data."""

    _points_per_page = 20

    # Home

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        # sudo: the user's own contact, or its company
        partner_sudo = request.env.user.partner_id.sudo()
        values["power_customer"] = partner_sudo._get_power_customer()
        return values

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "supply_point_count" in counters:
            Point = request.env["power.supply.point"]
            values["supply_point_count"] = (
                Point.search_count(self._get_points_domain())
                if Point.has_access("read")
                else 0
            )
        return values

    @route()
    def account(self, **kwargs):
        """Customers change their data on their own page, which asks where it has to."""
        if self._get_customer() and not request.env.user._is_internal():
            return request.redirect("/my/contact-data")
        return super().account(**kwargs)

    # Supply points

    def _get_points_domain(self):
        """The points of the user's own customer: an employee sees only these, too."""
        return Domain(
            "partner_id",
            "child_of",
            request.env.user.partner_id.commercial_partner_id.ids,
        )

    def _get_points_sortings(self):
        return {
            "number": {"label": request.env._("Consumer number"), "order": "name, id"},
            "address": {"label": request.env._("Address"), "order": "address, id"},
            "state": {
                "label": request.env._("State"),
                "order": "supply_state, name, id",
            },
        }

    @route(
        ["/my/supply-points", "/my/supply-points/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_supply_points(self, page=1, sortby=None, search=None, **_kwargs):
        """The customer's own supply points, found by number."""
        sortings = self._get_points_sortings()
        sortby = sortby if sortby in sortings else "number"
        search = (search or "").strip()[:64]
        domain = self._get_points_domain()
        if search:
            domain &= Domain("name", "ilike", search)
        Point = request.env["power.supply.point"]
        if not Point.has_access("read"):
            return request.redirect("/my")
        pager = portal_pager(
            url="/my/supply-points",
            url_args={"sortby": sortby, "search": search},
            total=Point.search_count(domain),
            page=page,
            step=self._points_per_page,
        )
        points = Point.search(
            domain,
            order=sortings[sortby]["order"],
            limit=self._points_per_page,
            offset=max(pager["offset"], 0),
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "supply_points",
            "points": points,
            "pager": pager,
            "default_url": "/my/supply-points",
            "searchbar_sortings": sortings,
            "sortby": sortby,
            "search": search,
        }
        return request.render("power_service_base.portal_supply_points", values)

    @route(
        f"/my/supply-points/<int(max={MAX_ID}):point_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_supply_point(self, point_id, **_kwargs):
        """One supply point of the customer: its contracts, and whom to call."""
        try:
            point_sudo = self._document_check_access("power.supply.point", point_id)
        except (AccessError, MissingError):
            return request.redirect("/my")
        point = point_sudo.with_env(request.env)
        if not point.search_count(
            Domain("id", "=", point.id) & self._get_points_domain()
        ):
            return request.redirect("/my")
        contracts = request.env["power.supply.contract"].search(
            [("supply_point_id", "=", point.id)]
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "supply_points",
            "point": point,
            "contracts": contracts,
            "card": point.partner_id._get_account_manager_card(point),
        }
        return request.render("power_service_base.portal_supply_point", values)

    # Contact data and preferences

    def _get_customer(self):
        # sudo: the user's own contact, or its company
        return request.env.user.partner_id.sudo()._get_power_customer()

    @route("/my/contact-data", type="http", auth="user", website=True, methods=["GET"])
    def portal_contact_data(self, saved=None, **_kwargs):
        """The customer's contact data, preferences, and what is being decided."""
        customer = self._get_customer()
        if not customer:
            return request.redirect("/my")
        return self._render_contact_data(customer, saved=saved)

    @post_route("/my/contact-data")
    def portal_contact_data_submit(self, **post):
        """Save preferences at once, and ask for what says who the customer is."""
        customer = self._get_customer()
        if not customer:
            return request.redirect("/my")
        form = {name: post[name] for name in CONTACT_FIELDS if name in post}
        reason = str(post.get("reason") or "").strip()
        preferences, identity, errors = customer._check_contact_form(form)
        if len(reason) > MAX_REASON:
            errors["reason"] = request.env._(
                "This is too long: %(count)s characters at most.", count=MAX_REASON
            )
        if errors:
            form["reason"] = reason
            return self._render_contact_data(customer, form=form, errors=errors)
        asked = customer._save_contact_form(preferences, identity, reason or False)
        saved = "asked" if asked else "saved"
        return request.redirect(f"/my/contact-data?saved={saved}")

    def _render_contact_data(self, customer, form=None, errors=None, saved=None):
        # sudo: employees who are customers too have no access to other requests; these
        # are the own ones.
        requests = request.env["power.customer.change.request"].sudo()
        open_requests = requests.search(
            [("partner_id", "=", customer.id), ("state", "=", "requested")]
        )
        decided = requests.search(
            [
                ("partner_id", "=", customer.id),
                ("state", "in", ["approved", "refused"]),
            ],
            order="decided_at desc, id desc",
            limit=SHOWN_DECISIONS,
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "contact_data",
            "customer": customer,
            "form": {
                **self._get_contact_values(customer, open_requests),
                **(form or {}),
            },
            "errors": errors or {},
            "saved": saved if saved in ("saved", "asked") else None,
            "channels": customer._fields["preferred_channel"]._description_selection(
                request.env
            ),
            "open_requests": {r.field_name: r for r in open_requests},
            "decided": decided,
            "card": customer._get_account_manager_card(),
        }
        return request.render("power_service_base.portal_contact_data", values)

    def _get_contact_values(self, customer, open_requests):
        """The form as the customer knows it: what was asked for stands in its field."""
        values = {
            name: customer[name] or ""
            for name in ("name", "phone", "street", "city", "zip", "email")
        }
        values.update({r.field_name: r.new_value for r in open_requests})
        values["preferred_channel"] = customer.preferred_channel or ""
        has_quiet_hours = customer.quiet_from or customer.quiet_to
        for name in ("quiet_from", "quiet_to"):
            minutes = round((customer[name] or 0.0) * 60) % (24 * 60)
            values[name] = (
                f"{minutes // 60:02d}:{minutes % 60:02d}" if has_quiet_hours else ""
            )
        return values
