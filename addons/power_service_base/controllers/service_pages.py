from odoo import fields
from odoo.http import Controller, request, route

# How long a browser or a proxy may keep a public page, in seconds.
PUBLIC_MAX_AGE = 300


class ServicePages(Controller):
    """The public pages: commitments, prices, procedures, outlets, phone numbers.

    Everybody reads them, without login. They show published records and the stations'
    numbers, nothing about any person.
    """

    def _get_companies(self):
        """The companies with something to show: a station, or a published record.

        :return: companies as superuser, in their order
        """
        # sudo: the public may not read these models; only companies' names get out.
        env = request.env(su=True)
        companies = env["res.company"].browse()
        for name in self._get_published_models():
            groups = env[name]._read_group(
                [("is_published", "=", True), ("company_id", "!=", False)],
                ["company_id"],
            )
            companies |= companies.union(*(company for (company,) in groups))
        stations = env["hr.department"]._read_group(
            [("power_unit", "=", "station"), ("company_id", "!=", False)],
            ["company_id"],
        )
        companies |= companies.union(*(company for (company,) in stations))
        return companies.sorted(lambda company: (company.sequence, company.id))

    def _get_published_models(self):
        """Names of the models that the public pages show; to be extended."""
        return [
            "power.service.commitment",
            "power.service.price",
            "power.service.procedure",
            "power.service.outlet",
        ]

    def _prepare_public_values(self, page_name, company=None, **_kwargs):
        """What every public page needs: the company asked for, and whom to call.

        :param str page_name: which page it is
        :param str company: id of a company, from the address; another one is ignored
        """
        companies = self._get_companies()
        chosen = request.env.company.sudo()  # sudo: name and phones are public
        if company and company.isdecimal() and len(company) < 10:
            chosen = companies.filtered(lambda c: c.id == int(company)) or chosen
        elif companies and chosen not in companies:
            chosen = companies[0]
        # sudo: the public may not read departments; the pages show name, address and
        # the two phone numbers only.
        stations = (
            request.env["hr.department"]
            .sudo()
            .search(
                [("power_unit", "=", "station"), ("company_id", "=", chosen.id)],
                order="name, id",
            )
            .filtered(lambda s: s.hotline or s.supervision_phone)
        )
        return {
            "service_page": page_name,
            "companies": companies,
            "company": chosen,
            "res_company": chosen,
            "company_query": f"?company={chosen.id}" if len(companies) > 1 else "",
            "stations": stations,
            "today": fields.Date.context_today(request.env["power.service.price"]),
        }

    def _render_public(self, template, values):
        """Render a public page: kept for minutes for the public, never for a user."""
        response = request.render(template, values)
        if request.env.user._is_public():
            # An answer that sets the language's cookie is for one browser.
            known = request.httprequest.cookies.get("frontend_lang")
            scope = "public" if known == request.lang.code else "private"
            response.headers["Cache-Control"] = f"{scope}, max-age={PUBLIC_MAX_AGE}"
            response.headers["Vary"] = "Cookie, Accept-Language"
        else:
            response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _get_groups(self, records, field_name):
        """Records by the value of a selection: ``[(label, records)]`` in its order."""
        selection = records._fields[field_name]._description_selection(request.env)
        by_value = records.grouped(field_name)
        return [
            (label, by_value[value]) for value, label in selection if value in by_value
        ]

    def _get_published(self, model, values):
        return request.env[model]._get_published(values["company"])

    @route(
        "/service",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        save_session=False,
    )
    def service(self, **kwargs):
        """Overview: what is published, and whom to call."""
        values = self._prepare_public_values("overview", **kwargs)
        return self._render_public("power_service_base.service_overview", values)

    @route(
        "/service/commitments",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        save_session=False,
    )
    def service_commitments(self, **kwargs):
        """The commitments, by category."""
        values = self._prepare_public_values("commitments", **kwargs)
        records = self._get_published("power.service.commitment", values)
        values["groups"] = self._get_groups(records, "category")
        return self._render_public("power_service_base.service_commitments", values)

    @route(
        "/service/prices",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        save_session=False,
    )
    def service_prices(self, **kwargs):
        """The prices in force today and those already set for later, by kind."""
        values = self._prepare_public_values("prices", **kwargs)
        records = self._get_published("power.service.price", values)
        values["groups"] = self._get_groups(records, "kind")
        return self._render_public("power_service_base.service_prices", values)

    @route(
        "/service/procedures",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        save_session=False,
    )
    def service_procedures(self, **kwargs):
        """How to ask for a service: steps, papers, time."""
        values = self._prepare_public_values("procedures", **kwargs)
        values["procedures"] = self._get_published("power.service.procedure", values)
        return self._render_public("power_service_base.service_procedures", values)

    @route(
        "/service/outlets",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        save_session=False,
    )
    def service_outlets(self, **kwargs):
        """Where customers are served."""
        values = self._prepare_public_values("outlets", **kwargs)
        values["outlets"] = self._get_published("power.service.outlet", values)
        return self._render_public("power_service_base.service_outlets", values)
