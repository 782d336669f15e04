import io

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..core.period_compare import (
    MISSING,
    format_change,
    format_figure,
    get_change,
    get_last_year,
    get_period,
    get_previous,
)

PERIODS = ("current", "previous", "last_year")
# Types that are business as usual: however frequent, they are no matter to look into.
NO_TROUBLE = ("connection", "praise")
TOP = 10
# The PDF tool as Debian builds it shrinks pages, and can't be told not to.
UNPATCHED_ZOOM = 1.29


class PowerComplaintBulletin(models.Model):
    """A weekly bulletin or a monthly analysis, with the figures as they were.

    They are those that ``user_id`` may see: a chief's are of the own station. Compared
    with the period before (环比) and the same one a year before (同比).
    """

    _name = "power.complaint.bulletin"
    _description = "Complaint Bulletin"
    _order = "date_from desc, kind, id desc"

    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(
        [("weekly", "Weekly Bulletin"), ("monthly", "Monthly Analysis")],
        required=True,
        default="monthly",
    )
    date_from = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self),
        help="Any day of the week or month.",
    )
    date_to = fields.Date(readonly=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Seen By",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        help="The figures are those that this person may see.",
    )
    figures = fields.Json(readonly=True, export_string_translation=False)
    computed_at = fields.Datetime(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    error = fields.Char("Not Sent Because", readonly=True)
    content = fields.Html(compute="_compute_content", sanitize=False)

    _once = models.UniqueIndex(
        "(user_id, company_id, kind, date_from)",
        "This bulletin exists already: open it and compute it again.",
    )
    _unsent_idx = models.Index("(id) WHERE sent_at IS NULL")

    @api.depends("kind", "date_from", "company_id")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for bulletin in self:
            kind, day = bulletin.kind, bulletin.date_from
            label = labels.get(kind, "")
            if not (kind and day):
                bulletin.name = label
            elif kind == "monthly":
                bulletin.name = f"{label} {day:%Y-%m}"
            else:
                # While it is new, its day may be any of the week.
                bulletin.name = f"{label} {get_period(kind, day).first:%Y-%m-%d}"

    @api.depends("figures", "user_id.lang")
    def _compute_content(self):
        for bulletin in self:
            seen = bulletin._in_own_language()
            bulletin.content = bulletin.figures and seen.env["ir.qweb"]._render(
                "power_service_tickets.complaint_bulletin_content",
                {"bulletin": seen, "tables": seen._get_tables()},
            )

    @api.model_create_multi
    def create(self, vals_list):
        kept = {"figures", "computed_at", "sent_at", "error", "is_subscribed"}
        vals_list = [
            {
                **(vals if self.env.su else {k: vals[k] for k in vals.keys() - kept}),
                **self._prepare_period_vals(
                    vals.get("kind") or "monthly",
                    vals.get("date_from") or fields.Date.context_today(self),
                ),
            }
            for vals in vals_list
        ]
        bulletins = super().create(vals_list)
        bulletins._compute_figures()
        return bulletins

    def write(self, vals):
        if {"kind", "date_from", "company_id", "user_id"} & vals.keys():
            raise UserError(
                self.env._("Make a new bulletin for another period or person.")
            )
        return super().write(vals)

    @api.model
    def _prepare_period_vals(self, kind, day):
        try:
            period = get_period(kind, fields.Date.to_date(day))
        except ValueError as error:
            raise ValidationError(self.env._("There is no such bulletin.")) from error
        return {"kind": kind, "date_from": period.first, "date_to": period.last}

    def action_compute(self):
        """Compute the figures again, as the person may see them now."""
        self.check_access("read")
        self._compute_figures()
        return True

    def action_xlsx(self):
        """Download the bulletin as a workbook."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/power_service_tickets/bulletin/{self.id}.xlsx",
            "target": "self",
        }

    def _in_own_language(self):
        """The bulletin in the language of the person it is for, as its figures are."""
        self.ensure_one()
        return self.with_context(lang=self.user_id.lang)

    # Figures ------------------------------------------------------------------------

    def _as_user(self):
        """The bulletin in the eyes of the person it is for: access and language."""
        self.ensure_one()
        return self.with_user(self.user_id).with_context(
            allowed_company_ids=self.company_id.ids,
            lang=self.user_id.lang,
        )

    def _compute_figures(self):
        for bulletin in self:
            # The result is the system's to keep; it was read as the person.
            bulletin.sudo().write(
                {
                    "figures": bulletin._as_user()._get_figures(),
                    "computed_at": fields.Datetime.now(),
                    "error": False,
                }
            )

    def _get_figures(self):
        """Everything the bulletin says, with the rights of the current user.

        A constant number of queries. A figure of a period before the first ticket is
        missing: None, not 0.
        """
        period = get_period(self.kind, self.date_from)
        domains = {
            "current": self._get_domain(period),
            "previous": self._get_domain(get_previous(self.kind, period)),
            "last_year": self._get_domain(get_last_year(self.kind, period)),
        }
        first = self.env["power.ticket.analysis"]._read_group(
            Domain("company_id", "=", self.company_id.id), [], ["received_on:min"]
        )[0][0]
        ends = {
            "current": period.last,
            "previous": get_previous(self.kind, period).last,
            "last_year": get_last_year(self.kind, period).last,
        }
        known = {name: bool(first and first <= end) for name, end in ends.items()}
        complaint = Domain("is_complaint", "=", True)
        troubles = Domain("type_id.code", "not in", NO_TROUBLE)
        return {
            "totals": self._get_totals(domains, known),
            "matrix": self._get_groups(
                {name: domain & complaint for name, domain in domains.items()},
                known,
                ["class_id", "station_id", "root_cause_id"],
            ),
            "top": self._get_groups(
                {name: domain & troubles for name, domain in domains.items()},
                known,
                ["type_id", "category_id"],
            )[:TOP],
            "rectification": self._get_rectification_figures(),
        }

    def _get_domain(self, period):
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("received_on", ">=", period.first)
            & Domain("received_on", "<=", period.last)
        )

    def _get_totals(self, domains, known):
        """Dict of figure to its three values."""
        analysis = self.env["power.ticket.analysis"]
        sums = ("upheld", "responsible", "repeat", "frequent", "chase", "reopen")
        totals = {}
        for period, domain in domains.items():
            row = analysis._read_group(
                domain,
                [],
                [
                    "__count",
                    *(f"{name}_count:sum" for name in sums),
                    "answer_hours:avg",
                ],
            )[0]
            complaints = analysis._read_group(
                domain & Domain("is_complaint", "=", True), [], ["__count"]
            )[0][0]
            values = {
                "received": row[0],
                "complaints": complaints,
                **{
                    name: value or 0
                    for name, value in zip(sums, row[1:-1], strict=True)
                },
            }
            if not known[period]:
                values = dict.fromkeys(values)
            values["answer_hours"] = row[-1] if row[0] and row[-1] else None
            values["satisfaction"] = self._get_satisfaction(domain)
            for name, value in values.items():
                totals.setdefault(name, {})[period] = value
        return totals

    def _get_satisfaction(self, domain):
        """Satisfied customers in % of those who rated tickets of then, or None."""
        tickets = self.env["power.ticket.analysis"]._search(domain)
        score, count = self.env["power.ticket.rating"]._read_group(
            Domain("ticket_id", "in", tickets), [], ["score:avg", "__count"]
        )[0]
        return score if count else None

    def _get_groups(self, domains, known, names):
        """Rows of names and three counts, the most frequent first."""
        rows = {}
        for period, domain in domains.items():
            for *keys, count in self.env["power.ticket.analysis"]._read_group(
                domain, names, ["__count"]
            ):
                label = tuple(key.display_name or MISSING for key in keys)
                row = rows.setdefault(
                    label, {name: 0 if known[name] else None for name in PERIODS}
                )
                row[period] = (row[period] or 0) + count
        return [
            {"labels": list(label), **row}
            for label, row in sorted(
                rows.items(), key=lambda item: (-(item[1]["current"] or 0), item[0])
            )
        ]

    def _get_rectification_figures(self):
        """How many rectifications that come from tickets are in which state."""
        records = self.env["power.rectification"]
        domain = Domain("company_id", "=", self.company_id.id) & Domain(
            "origin", "=", "ticket"
        )
        labels = dict(records._fields["state"]._description_selection(self.env))
        counts = dict(records._read_group(domain, ["state"], ["__count"]))
        overdue = records.search_count(domain & Domain("is_overdue", "=", True))
        return [
            *([labels[state], counts.get(state, 0)] for state in labels),
            [self.env._("Overdue"), overdue],
        ]

    # Showing ------------------------------------------------------------------------

    def _get_tables(self):
        """The bulletin as tables of texts, for the screen, the PDF and the workbook.

        :return: list of dicts: ``title``, ``header``, ``rows`` of texts, ``numbers``
            the same rows with raw figures (changes in per cent), ``text_columns`` how
            many come first, ``change_columns`` the places of the changes
        """
        self.ensure_one()
        env = self.env
        figures = self.figures or {}
        rules = env["power.complaint.rule"]._get_by_company(self.company_id)
        compared = [
            env._("This Period"),
            env._("Period Before"),
            env._("Change"),
            env._("A Year Before"),
            env._("Change in a Year"),
        ]
        labels = {
            "received": env._("Tickets received"),
            "complaints": env._("Complaints"),
            "upheld": env._("Upheld"),
            "responsible": env._("Upheld and responsible"),
            "repeat": env._("Repeated"),
            "frequent": env._("Three or more calls"),
            "chase": env._("Chasing calls"),
            "reopen": env._("Reopenings"),
            "answer_hours": env._("Average hours to the answer"),
            "satisfaction": env._(
                "Satisfaction in per cent (target %(target)s)",
                target=f"{rules[self.company_id].satisfaction_target:g}",
            ),
        }
        totals = figures.get("totals", {})
        return [
            self._prepare_table(
                env._("Figures"),
                [env._("Figure")],
                [
                    ([label], totals[name])
                    for name, label in labels.items()
                    if name in totals
                ],
                compared,
            ),
            self._prepare_table(
                env._("Complaints by class, station and cause"),
                [env._("Class"), env._("Station"), env._("Root Cause")],
                [(row["labels"], row) for row in figures.get("matrix", [])],
                compared,
            ),
            self._prepare_table(
                env._("Top matters"),
                [env._("Type"), env._("Category")],
                [(row["labels"], row) for row in figures.get("top", [])],
                compared,
            ),
            {
                "title": env._("Rectification of tickets, now"),
                "header": [env._("State"), env._("Count")],
                "rows": [
                    [label, format_figure(count)]
                    for label, count in figures.get("rectification", [])
                ],
                "numbers": figures.get("rectification", []),
                "text_columns": 1,
                "change_columns": (),
            },
        ]

    @api.model
    def _prepare_table(self, title, header, rows, compared):
        texts, numbers = [], []
        for labels, values in rows:
            current, previous, last_year = (values[name] for name in PERIODS)
            digits = (
                1 if any(isinstance(values[name], float) for name in PERIODS) else 0
            )
            texts.append(
                [
                    *labels,
                    format_figure(current, digits),
                    format_figure(previous, digits),
                    format_change(current, previous),
                    format_figure(last_year, digits),
                    format_change(current, last_year),
                ]
            )
            numbers.append(
                [
                    *labels,
                    current,
                    previous,
                    get_change(current, previous),
                    last_year,
                    get_change(current, last_year),
                ]
            )
        first = len(header)
        return {
            "title": title,
            "header": [*header, *compared],
            "rows": texts,
            "numbers": numbers,
            "text_columns": first,
            "change_columns": (first + 2, first + 4),
        }

    def _get_zoom(self):
        return 1 if _wkhtml().is_patched_qt else UNPATCHED_ZOOM

    def _make_pdf(self):
        """The bulletin as a PDF, in its person's language.

        :return: bytes
        """
        self.ensure_one()
        content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "power_service_tickets.action_report_complaint_bulletin", self.ids
        )
        return content

    def _make_xlsx(self):
        """The bulletin as a workbook with a sheet per table, in its person's language.

        :return: bytes
        """
        self.ensure_one()
        self = self._in_own_language()
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(
            stream,
            # A name that begins with = is a name, no formula.
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
        title = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format(
            {"bold": True, "bg_color": "#00695c", "font_color": "#ffffff", "border": 1}
        )
        cell = book.add_format({"border": 1})
        dash = book.add_format({"border": 1, "align": "right"})
        whole = book.add_format({"border": 1, "num_format": "#,##0"})
        broken = book.add_format({"border": 1, "num_format": "#,##0.0"})
        change = book.add_format({"border": 1, "num_format": "+0.0%;-0.0%;0.0%"})
        for table in self._get_tables():
            sheet = book.add_worksheet(self._get_sheet_name(table["title"]))
            sheet.write_string(0, 0, f"{self.name} · {table['title']}", title)
            sheet.write_string(
                1, 0, f"{self.company_id.name} · {self.date_from} – {self.date_to}"
            )
            sheet.write_row(3, 0, table["header"], head)
            for number, row in enumerate(table["numbers"], 4):
                for column, value in enumerate(row):
                    if value is None:
                        sheet.write_string(number, column, MISSING, dash)
                    elif column < table["text_columns"]:
                        sheet.write_string(number, column, str(value), cell)
                    elif column in table["change_columns"]:
                        sheet.write_number(number, column, value / 100, change)
                    else:
                        look = broken if isinstance(value, float) else whole
                        sheet.write_number(number, column, value, look)
            sheet.set_column(0, table["text_columns"] - 1, 28)
            sheet.set_column(table["text_columns"], len(table["header"]) - 1, 14)
            sheet.freeze_panes(4, table["text_columns"])
        book.close()
        return stream.getvalue()

    @api.model
    def _get_sheet_name(self, title):
        """A sheet's name: 31 characters at most, none of those Excel refuses."""
        name = "".join(char for char in title if char not in "[]:*?/\\'")
        if len(name) <= 31:
            return name
        # At a word's end; Chinese has no blanks.
        start, blank, _rest = name[:31].rpartition(" ")
        return f"{start if blank else name[:30]}…"

    def _send(self):
        """Mail the bulletin with PDF and workbook to the person it is for.

        :raise UserError: the person has no e-mail address
        """
        for bulletin in self:
            seen = bulletin._as_user()
            if not bulletin.user_id.email:
                raise UserError(
                    self.env._("%(user)s has no e-mail.", user=bulletin.user_id.name)
                )
            name = seen.name
            files = [
                (f"{name}.pdf", seen._make_pdf()),
                (f"{name}.xlsx", seen._make_xlsx()),
            ]
            self.env["mail.mail"].sudo().create(  # the system's post
                {
                    "subject": name,
                    "body_html": seen.content,
                    "recipient_ids": [
                        fields.Command.link(bulletin.user_id.partner_id.id)
                    ],
                    "attachment_ids": [
                        fields.Command.create({"name": file_name, "raw": content})
                        for file_name, content in files
                    ],
                    "auto_delete": True,
                }
            )
            # Only the system says when it was sent.
            bulletin.sudo().write({"sent_at": fields.Datetime.now(), "error": False})
