import re
import uuid

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.power_service_base.controllers.portal import MAX_ID, post_route

from ..models.power_ticket_portal import clean_text

MAX_SUBJECT = 100
MAX_TEXT = 5000
MAX_PHONE = 32
# All files of one form together; what is larger is refused before it is read.
MAX_BODY = 64 * 1024 * 1024
# Customers with more points choose one before they are told what is known of it.
MAX_TOLD_POINTS = 10
MAX_CHOICES = 200
TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
ID = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


def make_token():
    """A key for one form: sent twice, it does one thing."""
    return uuid.uuid4().hex


class PowerTicketPortal(CustomerPortal):
    """Customers' own requests: asked for, followed, answered to, rated, reopened.

    Looking changes nothing; every change is a POST with a CSRF token. What isn't the
    user's own and what doesn't exist lead to the same page.
    """

    _tickets_per_page = 20

    # What is the user's own ---------------------------------------------------------

    def _get_tickets(self):
        # sudo: only with the domain of the user's own, for customers and for employees
        # who are customers; the pages show chosen values only.
        return request.env["power.ticket"].sudo()

    def _get_tickets_domain(self):
        return request.env["power.ticket"]._get_portal_domain()

    def _get_own_ticket(self, ticket_id):
        """The user's own ticket with this id as superuser, else an empty one."""
        return self._get_tickets().search(
            Domain("id", "=", ticket_id) & self._get_tickets_domain(), limit=1
        )

    def _get_own_points(self):
        """The supply points that the user may name, of the own customer only."""
        points = request.env["power.supply.point"]
        if not points.has_access("read"):
            return points
        return points.search(
            Domain(
                "partner_id",
                "child_of",
                request.env.user.partner_id.commercial_partner_id.ids,
            )
            & Domain("supply_state", "!=", "closed"),
            limit=MAX_CHOICES,
        )

    def _get_types(self):
        # sudo: how tickets are handled is no customer's; the pages show names only.
        types = request.env["power.ticket.type"].sudo()
        return types.search([("is_portal", "=", True)])

    # Home and list ------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "power_ticket_count" in counters:
            values["power_ticket_count"] = self._get_tickets().search_count(
                self._get_tickets_domain()
            )
        return values

    def _get_tickets_sortings(self):
        return {
            "date": {
                "label": request.env._("Newest"),
                "order": "received_at desc, id desc",
            },
            "oldest": {"label": request.env._("Oldest"), "order": "received_at, id"},
            "subject": {"label": request.env._("Subject"), "order": "subject, id desc"},
        }

    def _get_tickets_filters(self):
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {
                "label": request.env._("Open requests"),
                "domain": Domain("is_open", "=", True),
            },
            "closed": {
                "label": request.env._("Closed requests"),
                "domain": Domain("is_open", "=", False),
            },
        }

    @route(
        ["/my/requests", "/my/requests/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_tickets(
        self, page=1, sortby=None, filterby=None, search=None, **_kwargs
    ):
        """The customer's own requests, found by number and subject."""
        sortings, filters = self._get_tickets_sortings(), self._get_tickets_filters()
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        search = clean_text(search)[:64]
        domain = self._get_tickets_domain() & filters[filterby]["domain"]
        if search:
            domain &= Domain("name", "ilike", search) | Domain(
                "subject", "ilike", search
            )
        tickets = self._get_tickets()
        pager = portal_pager(
            url="/my/requests",
            url_args={"sortby": sortby, "filterby": filterby, "search": search},
            total=tickets.search_count(domain),
            page=page,
            step=self._tickets_per_page,
        )
        tickets = tickets.search(
            domain,
            order=sortings[sortby]["order"],
            limit=self._tickets_per_page,
            offset=max(pager["offset"], 0),
        )
        person = request.env.user.partner_id.sudo()  # the user's own, and its company
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "power_tickets",
            "tickets": tickets,
            "answer_times": tickets._get_answer_times(),
            "pager": pager,
            "default_url": "/my/requests",
            "searchbar_sortings": sortings,
            "searchbar_filters": filters,
            "sortby": sortby,
            "filterby": filterby,
            "search": search,
            "sharing": person._may_share_tickets()
            and person.commercial_partner_id.power_shares_tickets,
            "may_share": person._may_share_tickets(),
        }
        return request.render("power_service_tickets.portal_tickets", values)

    @post_route("/my/requests/sharing")
    def portal_tickets_sharing(self, shared=None, **_post):
        """The main contact decides whether colleagues see each other's requests."""
        person = request.env.user.partner_id.sudo()  # the user's own, and its company
        if person._may_share_tickets():
            person.commercial_partner_id.power_shares_tickets = shared == "yes"
        return request.redirect("/my/requests")

    # One request --------------------------------------------------------------------

    @route(
        f"/my/requests/<int(max={MAX_ID}):ticket_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def portal_ticket(self, ticket_id, done=None, **_kwargs):
        """One request: its state, promises, what happened, what can be done."""
        ticket = self._get_own_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my/requests")
        return self._render_ticket(ticket, done=done)

    def _render_ticket(self, ticket, done=None, form=None, errors=None):
        done = done if done in ("made", "message", "chase", "rate", "reopen") else None
        if request.env.user.share:
            point = request.env["power.supply.point"]
            point = point.search([("id", "=", ticket.supply_point_id.id)])
        else:
            point = ticket.supply_point_id
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "power_tickets",
            "ticket": ticket,
            # A point that went to another customer is no longer shown.
            "point": point,
            "promises": ticket._get_portal_promises(),
            "timeline": ticket._get_portal_timeline(),
            "actions": ticket._get_portal_actions(),
            "rating": ticket._get_portal_rating(),
            "has_handler": ticket._has_portal_handler(),
            "token": make_token(),
            "done": done,
            "form": form or {},
            "errors": errors or {},
            "ticket_files_text": request.env["power.ticket"]._get_portal_files_text(),
        }
        return request.render("power_service_tickets.portal_ticket", values)

    @route(
        f"/my/requests/<int(max={MAX_ID}):ticket_id>/files"
        f"/<int(max={MAX_ID}):attachment_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def portal_ticket_file(self, ticket_id, attachment_id, **_kwargs):
        """A file of the request's timeline, to be saved, never to be run."""
        ticket = self._get_own_ticket(ticket_id)
        file = ticket and ticket._get_portal_file(attachment_id)
        if not file:
            return request.redirect("/my/requests")
        stream = request.env["ir.binary"]._get_stream_from(file)
        response = stream.get_response(
            as_attachment=True, content_security_policy="default-src 'none'; sandbox"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    # A new request ------------------------------------------------------------------

    @route(
        "/my/requests/new",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def portal_ticket_new(self, type=None, supply_point=None, **_kwargs):  # noqa: A002
        """The choice of what it is about; then, with ``type``, its form."""
        form = {"supply_point": supply_point} if supply_point else {}
        return self._render_new(self._find_type(type), form=form)

    def _find_type(self, code):
        types = self._get_types()
        return types.filtered(lambda ticket_type: ticket_type.code == code)

    def _render_new(self, ticket_type, form=None, errors=None, interruptions=None):
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "power_ticket_new",
            "types": self._get_types(),
            "ticket_type": ticket_type,
            "form": form or {},
            "errors": errors or {},
            "ticket_files_text": request.env["power.ticket"]._get_portal_files_text(),
        }
        points = self._get_own_points()
        if not ticket_type:
            # sudo: published; whom to call in danger
            hotlines = points.sudo().station_id.mapped("hotline")
            values["hotlines"] = [hotline for hotline in hotlines if hotline]
        if ticket_type:
            if interruptions is None and len(points) <= MAX_TOLD_POINTS:
                interruptions = self._get_interruptions(points)
            person = request.env.user.partner_id
            values |= {
                "categories": self._get_categories(ticket_type),
                "points": points,
                "interruptions": interruptions or [],
                "form": {
                    "phone": person.phone or person.commercial_partner_id.phone or "",
                    "token": make_token(),
                    **values["form"],
                },
            }
        return request.render("power_service_tickets.portal_ticket_new", values)

    def _get_categories(self, ticket_type):
        # sudo: as for the types
        categories = request.env["power.ticket.category"].sudo()
        categories = categories.search([("type_id", "=", ticket_type.id)])
        parents = categories.parent_id
        return (categories - parents).sorted("complete_name")

    def _get_interruptions(self, points):
        """What is known of the supply of these points: ``[(point, text, until)]``."""
        tickets = self._get_tickets()
        found = []
        for point in points:
            point_sudo = point.sudo()  # sudo: the text is for the caller
            for known in tickets._get_known_interruption(point_sudo):
                until = known.get("until")
                time = tickets.new({"station_id": point_sudo.station_id.id})
                found.append(
                    (
                        point,
                        known["text"],
                        time._format_portal_time(until) if until else "",
                    )
                )
        return found

    @post_route("/my/requests/new", max_content_length=MAX_BODY)
    def portal_ticket_submit(self, **post):
        """Take a request in; fields that the form doesn't have are ignored."""
        ticket_type = self._find_type(post.get("type"))
        if not ticket_type:
            return request.redirect("/my/requests/new")
        form, vals, errors = self._read_new(ticket_type, post)
        files, problem = self._read_files()
        if problem:
            errors["files"] = problem
        if errors:
            return self._render_new(ticket_type, form=form, errors=errors)
        point = request.env["power.supply.point"].browse(vals["supply_point_id"] or [])
        if ticket_type.code == "fault" and not form["told"]:
            known = self._get_interruptions(point)
            if known:
                # Told once; who sends the form again has more to say.
                form["told"] = "1"
                errors["told"] = True
                return self._render_new(
                    ticket_type, form=form, errors=errors, interruptions=known
                )
        try:
            ticket = self._get_tickets()._portal_create(vals, form["token"], files)
        except UserError as error:
            errors["form"] = str(error)
            return self._render_new(ticket_type, form=form, errors=errors)
        return request.redirect(f"/my/requests/{ticket.id}?done=made")

    def _read_new(self, ticket_type, post):
        """The form of a new request.

        :return: (what was typed, values of a ticket, dict of field to what is wrong)
        """
        _t = request.env._
        form = {
            name: clean_text(post.get(name))
            for name in (
                "subject",
                "description",
                "category",
                "supply_point",
                "phone",
                "token",
                "told",
            )
        }
        errors = {}
        if not form["subject"]:
            errors["subject"] = _t("Say in a few words what it is.")
        for name, size in (
            ("subject", MAX_SUBJECT),
            ("description", MAX_TEXT),
            ("phone", MAX_PHONE),
        ):
            if len(form[name]) > size:
                errors[name] = _t(
                    "This is too long: %(count)s characters at most.", count=size
                )
        if form["phone"] and "phone" not in errors:
            tickets = self._get_tickets()
            country = tickets._get_phone_country()
            if not tickets._normalise_phone(form["phone"], country):
                errors["phone"] = _t("This is no phone number.")
        category = self._pick(form["category"], self._get_categories(ticket_type))
        if form["category"] and not category:
            errors["category"] = _t("Choose one of the list.")
        point = self._pick(form["supply_point"], self._get_own_points())
        if form["supply_point"] and not point:
            errors["supply_point"] = _t("Choose one of your supply points.")
        if not TOKEN.fullmatch(form["token"]):
            form["token"] = make_token()
            errors["form"] = _t("Please send the form again.")
        vals = {
            "type_id": ticket_type.id,
            "category_id": category.id,
            "supply_point_id": point.id,
            "subject": form["subject"],
            "description": form["description"],
            "contact_phone": form["phone"],
        }
        return form, vals, errors

    def _pick(self, text, records):
        """The one of the records whose id was sent, else an empty one."""
        record_id = int(text) if ID.fullmatch(text) else 0
        return records.filtered(lambda record: record.id == record_id)

    def _read_files(self):
        return self._get_tickets()._read_portal_files(
            request.httprequest.files.getlist("files")
        )

    # What customers do with a request -----------------------------------------------

    @post_route(
        f"/my/requests/<int(max={MAX_ID}):ticket_id>/message",
        max_content_length=MAX_BODY,
    )
    def portal_ticket_message(self, ticket_id, **post):
        """The customer writes, and adds files, while the request is open."""
        files, problem = self._read_files()

        def do(ticket, text, token):
            if "message" not in ticket._get_portal_actions():
                raise UserError(
                    request.env._("This is closed: open it again to write.")
                )
            if problem:
                raise UserError(problem)
            if not text and not files:
                raise UserError(request.env._("Write something, or add a file."))
            ticket._portal_message(text or None, token, files)

        return self._act(ticket_id, "message", post, do)

    @post_route(f"/my/requests/<int(max={MAX_ID}):ticket_id>/chase")
    def portal_ticket_chase(self, ticket_id, **post):
        """The customer asks again: it is counted, and told to who handles it."""
        return self._act(
            ticket_id,
            "chase",
            post,
            lambda ticket, text, token: ticket._portal_chase(text, token),
        )

    @post_route(f"/my/requests/<int(max={MAX_ID}):ticket_id>/rate")
    def portal_ticket_rate(self, ticket_id, **post):
        """The customer says how satisfied: once per answer."""
        mark = post.get("mark")
        mark = int(mark) if mark in ("1", "2", "3", "4", "5") else 0
        return self._act(
            ticket_id,
            "rate",
            post,
            lambda ticket, text, _token: ticket._portal_rate(mark, text),
        )

    @post_route(f"/my/requests/<int(max={MAX_ID}):ticket_id>/reopen")
    def portal_ticket_reopen(self, ticket_id, **post):
        """The customer opens an answered or closed request again, with a reason."""
        return self._act(
            ticket_id,
            "reopen",
            post,
            lambda ticket, text, token: ticket._portal_reopen(text, token),
        )

    def _act(self, ticket_id, action, post, do):
        """Do something with the user's own ticket, or say on its page why not.

        :param action: names the form, and what the page says afterwards
        :param do: called with the ticket as superuser, the text, and the form's token
        """
        ticket = self._get_own_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my/requests")
        text = clean_text(post.get("text"))
        token = str(post.get("token") or "")
        error = None
        if len(text) > MAX_TEXT:
            error = request.env._(
                "This is too long: %(count)s characters at most.", count=MAX_TEXT
            )
        elif not TOKEN.fullmatch(token):
            error = request.env._("Please send the form again.")
        else:
            try:
                with request.env.cr.savepoint():
                    do(ticket, text, token)
            except UserError as refused:
                error = str(refused)
        if error:
            return self._render_ticket(
                ticket, form={action: text}, errors={action: error}
            )
        return request.redirect(f"/my/requests/{ticket.id}?done={action}")
