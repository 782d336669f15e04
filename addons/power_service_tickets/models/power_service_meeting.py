from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.power_service_base.tools.employee_list import EmployeeList

from ..core.duty_roster import to_utc


class PowerServiceMeeting(models.Model):
    """Monthly service meeting (月度服务例会): its figures, its minutes, its decisions.

    The figures are prepared from the records of the month and frozen when the meeting
    is held: what was talked about stays what it was. Decisions become rectification.
    """

    _name = "power.service.meeting"
    _inherit = [
        "power.state.mixin",
        "power.station.mixin",
        "power.proof.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Service Meeting"
    _order = "month desc, id desc"
    _mail_post_access = "read"
    _moved_fields = frozenset(("state", "figures_at"))
    _reason_actions = frozenset(("cancel",))

    month = fields.Date(
        required=True,
        index=True,
        default=lambda self: self._default_month(),
        help="The month that is looked at; its first day.",
    )
    planned_at = fields.Datetime("Planned For")
    held_at = fields.Datetime()
    place = fields.Char()
    chair_id = fields.Many2one("hr.employee", check_company=True)
    attendee_ids = EmployeeList("hr.employee", string="Attendees")
    figure_ids = fields.One2many(
        "power.service.meeting.figure", "meeting_id", readonly=True, copy=False
    )
    figures_at = fields.Datetime("Figures As Of", readonly=True, copy=False)
    minutes = fields.Html("Meeting Minutes", sanitize=True)
    decision_ids = fields.One2many(
        "power.service.meeting.decision", "meeting_id", copy=False
    )
    decision_count = fields.Integer(compute="_compute_decision_count")
    state = fields.Selection(
        [
            ("draft", "Planned"),
            ("prepared", "Prepared"),
            ("held", "Held"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )

    _month_first = models.Constraint(
        "CHECK (EXTRACT(day FROM month) = 1)", "A month is named by its first day."
    )
    _month_uniq = models.UniqueIndex(
        "(company_id, COALESCE(station_id, 0), month) WHERE state <> 'cancelled'",
        "The station has its meeting about this month already.",
    )

    @api.model
    def _default_month(self):
        """Last month: the one that is over."""
        return self._get_company_today().replace(day=1) - relativedelta(months=1)

    @api.depends("station_id.name", "month")
    def _compute_display_name(self):
        for meeting in self:
            month = meeting.month and meeting.month.strftime("%Y-%m")
            station = meeting.station_id.name or meeting.company_id.name
            meeting.display_name = " ".join(part for part in (station, month) if part)

    @api.depends("decision_ids")
    def _compute_decision_count(self):
        for meeting in self:
            meeting.decision_count = len(meeting.decision_ids)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_first_day(vals) for vals in vals_list])

    def write(self, vals):
        if (
            not self._is_moving()
            and {
                *(
                    "month",
                    "station_id",
                    "chair_id",
                    "attendee_ids",
                    "minutes",
                    "place",
                ),
                *("held_at", "planned_at"),
            }
            & vals.keys()
        ):
            self._require_state("draft", "prepared")
        return super().write(self._with_first_day(vals))

    @api.model
    def _with_first_day(self, vals):
        if vals.get("month"):
            day = fields.Date.to_date(vals["month"])
            return {**vals, "month": day.replace(day=1)}
        return vals

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        self._require_state("draft", "prepared", "cancelled")

    def action_prepare(self):
        """Prepare the figures of the month, each time anew until it is held."""
        self.check_access("write")
        self._require_state("draft", "prepared")
        # Figures are nobody's to type: the right to the meeting was checked.
        figures_sudo = self.env["power.service.meeting.figure"].sudo()
        figures_sudo.search([("meeting_id", "in", self.ids)]).unlink()
        figures_sudo.create(
            [
                {"meeting_id": meeting.id, "sequence": number, **figure}
                for meeting in self
                for number, figure in enumerate(meeting._prepare_figures())
            ]
        )
        self._move({"state": "prepared", "figures_at": fields.Datetime.now()})
        return True

    def action_hold(self):
        """Say that the meeting was held: figures and minutes are frozen.

        :raise UserError: figures, chair or minutes are missing
        """
        self.check_access("write")
        self._require_state("prepared")
        for meeting in self:
            if not meeting.chair_id or not meeting.minutes:
                raise UserError(
                    self.env._(
                        "“%(meeting)s” needs its chair and minutes.",
                        meeting=meeting.display_name,
                    )
                )
        self.decision_ids._make_rectifications()
        for meeting in self:
            meeting._move(
                {"state": "held", "held_at": meeting.held_at or fields.Datetime.now()}
            )
        return True

    def action_cancel(self, reason):
        """The meeting isn't held, with the reason."""
        self._cancel(reason, "draft", "prepared")
        return True

    def action_open_rectifications(self):
        """Open what came of the decisions."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_rectification_action"
        )
        action["domain"] = [("id", "in", self.decision_ids.rectification_id.ids)]
        action["context"] = {}
        return action

    # Figures ------------------------------------------------------------------------

    def _prepare_figures(self):
        """The figures of one meeting's month, each with the month before and the same
        month of the year before.

        Extend it: other addons add their own figures to the list. All who meet see
        them, so what is confidential isn't counted, whoever prepares them.

        :return: list of values of ``power.service.meeting.figure``
        """
        self.ensure_one()
        months = (
            self.month,
            self.month - relativedelta(months=1),
            self.month - relativedelta(years=1),
        )
        periods = [self._get_period(month) for month in months]
        return (
            self._prepare_ticket_figures(periods)
            + self._prepare_complaint_figures(periods)
            + self._prepare_quality_figures(periods)
        )

    def _get_period(self, month):
        """The month from midnight to midnight of the company, in UTC.

        :param date month: its first day
        :return: (start, end) as naive UTC datetimes
        """
        zone = self.company_id._get_power_tz()
        following = month + relativedelta(months=1)
        return tuple(
            to_utc(date(day.year, day.month, 1), 0, zone) for day in (month, following)
        )

    def _get_scope_domain(self):
        """Records of the meeting's station; of the company where it has none."""
        domain = Domain("company_id", "=", self.company_id.id)
        if self.station_id:
            domain &= Domain("station_id", "child_of", self.station_id.ids)
        return domain

    def _get_received_domain(self, period):
        start, end = period
        return (
            self._get_scope_domain()
            & Domain("received_at", ">=", start)
            & Domain("received_at", "<", end)
            & Domain("is_confidential", "=", False)
        )

    @api.model
    def _make_figure(self, group, name, values):
        value, previous, last_year = values
        return {
            "group": group,
            "name": name,
            "value": value,
            "previous": False if previous is None else f"{previous:g}",
            "last_year": False if last_year is None else f"{last_year:g}",
        }

    def _prepare_ticket_figures(self, periods):
        """Requests received: all, by type, late, repeated, chased."""
        Ticket = self.env["power.ticket"]
        by_type = [
            dict(
                Ticket._read_group(
                    self._get_received_domain(period), ["type_id"], ["__count"]
                )
            )
            for period in periods
        ]
        figures = [
            self._make_figure(
                "tickets",
                self.env._("Requests"),
                [sum(counts.values()) for counts in by_type],
            )
        ]
        for ticket_type in self.env["power.ticket.type"].search([]):
            values = [counts.get(ticket_type, 0) for counts in by_type]
            if any(values):
                figures.append(self._make_figure("tickets", ticket_type.name, values))
        for name, domain in (
            (
                self.env._("Late requests"),
                Domain("clock_ids", "any", [("missed_at", "!=", False)]),
            ),
            (self.env._("Repeated requests"), Domain("repeat_of_id", "!=", False)),
            (self.env._("Chased requests"), Domain("chase_count", ">", 0)),
        ):
            values = [
                Ticket.search_count(self._get_received_domain(period) & domain)
                for period in periods
            ]
            figures.append(self._make_figure("tickets", name, values))
        return figures

    def _prepare_complaint_figures(self, periods):
        """Complaints by class, the first level of their category."""
        counted = []
        for period in periods:
            by_class = {}
            for category, count in self.env["power.ticket"]._read_group(
                self._get_received_domain(period)
                & Domain("type_id.is_complaint", "=", True),
                ["category_id"],
                ["__count"],
            ):
                top = category
                while top.parent_id:
                    top = top.parent_id
                by_class[top] = by_class.get(top, 0) + count
            counted.append(by_class)
        classes = self.env["power.ticket.category"].union(
            *(top for by_class in counted for top in by_class)
        )
        return [
            self._make_figure(
                "complaints",
                top.name or self.env._("Without class"),
                [by_class.get(top, 0) for by_class in counted],
            )
            for top in [*classes.sorted("sequence"), self.env["power.ticket.category"]]
            if any(by_class.get(top) for by_class in counted)
        ]

    def _prepare_quality_figures(self, periods):
        """Rectifications, findings, hard cases."""
        Rectification = self.env["power.rectification"]
        Line = self.env["power.work.journal.line"]
        scope = self._get_scope_domain()
        # As for tickets: what comes from a confidential one isn't counted.
        rectified = scope & (
            Domain("confidential_ticket_id", "=", False)
            | Domain("confidential_ticket_id.is_confidential", "=", False)
        )
        dates = [
            (
                month,
                month + relativedelta(months=1),
            )
            for month in (
                self.month,
                self.month - relativedelta(months=1),
                self.month - relativedelta(years=1),
            )
        ]
        verified = [
            Rectification.search_count(
                rectified
                & Domain("verified_at", ">=", start)
                & Domain("verified_at", "<", end)
            )
            for start, end in periods
        ]
        points = [
            self.env["power.inspection.finding"]._read_group(
                scope & Domain("date", ">=", first) & Domain("date", "<", until),
                [],
                ["points:sum"],
            )[0][0]
            or 0
            for first, until in dates
        ]
        hard = [
            Line.search_count(
                scope
                & Domain("kind", "=", "hard")
                & Domain("date", ">=", first)
                & Domain("date", "<", until)
            )
            for first, until in dates
        ]
        overdue = Rectification.search_count(
            rectified & Domain("is_overdue", "=", True)
        )
        unsolved = Line.search_count(scope & Domain("is_overdue", "=", True))
        return [
            self._make_figure("quality", name, values)
            for name, values in (
                (self.env._("Rectifications verified"), verified),
                (self.env._("Rectifications overdue now"), (overdue, None, None)),
                (self.env._("Points deducted by inspections"), points),
                (self.env._("Hard cases in journals"), hard),
                (self.env._("Hard cases overdue now"), (unsolved, None, None)),
            )
        ]
