# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core.repeat import Case, find_repeats

# The ten prohibitions of staff (十个不准).
PROHIBITIONS = [
    ("1", "1 Cutting supply against the rules, delaying restoration"),
    ("2", "2 Charging outside the approved items"),
    ("3", "3 Naming a designer, builder or supplier"),
    ("4", "4 Not telling all at once, so that customers come back"),
    ("5", "5 Breaking the first-asked duty"),
    ("6", "6 Giving away customers' data"),
    ("7", "7 Drinking at work"),
    ("8", "8 Leaving the counter"),
    ("9", "9 Taking meals, gifts or money"),
    ("10", "10 Using the post for gain"),
]
GRADES = ["general", "important", "major", "special"]
GRAVE = ("major", "special")
# Which tickets are of one matter, and how often the customer called.
MATTER_FIELDS = {"partner_id", "category_id", "type_id", "is_anonymous"}
FINDING_FIELDS = {
    "finding",
    "occurred_on",
    "responsible_employee_id",
    "responsible_team_id",
    "responsible_station_id",
    "responsible_area_id",
    "prohibition",
    "root_cause_id",
}
# Written by the code of this part only, by nobody's hand.
KEPT = frozenset(
    (
        "call_count",
        "is_frequent",
        "leaders_told_at",
        "responsible_user_id",
        "is_upheld",
        "is_responsible",
        "finding_at",
        "finding_user_id",
    )
)


class PowerTicket(models.Model):
    """Complaint control: repeats, grades, leaders told, what was found and who answers
    for it."""

    _name = "power.ticket"
    _inherit = ["power.ticket", "power.rectification.mixin"]
    _rectification_origin = "ticket"

    repeat_ids = fields.One2many("power.ticket", "repeat_of_id", readonly=True)
    call_count = fields.Integer(
        "Calls on the Matter",
        readonly=True,
        copy=False,
        default=1,
        help="Of this customer inside the repeat window until this ticket, its own "
        "chasing calls included.",
    )
    is_frequent = fields.Boolean(
        "Three or More Calls",
        readonly=True,
        copy=False,
        help="So many calls on one matter that it is watched as an indicator.",
    )
    complaint_grade = fields.Selection(
        compute="_compute_complaint_grade",
        store=True,
        readonly=False,
        precompute=True,
        help="Criteria, to be adapted:\n"
        "Special: death, or coverage by national media.\n"
        "Major: personal injury, coverage by media, or a group of customers.\n"
        "Important: a customer of importance, a repeated complaint, or loss of "
        "property.\n"
        "General: everything else.\n"
        "Leaders are told of special and major ones at once.",
    )
    has_injury = fields.Boolean(
        "Personal Injury", copy=False, help="Leaders are told at once."
    )
    has_media = fields.Boolean(
        "Media Coverage", copy=False, help="Leaders are told at once."
    )
    leaders_told_at = fields.Datetime(readonly=True, copy=False)
    finding = fields.Selection(
        [
            ("unfounded", "Not upheld"),
            ("upheld", "Upheld, not responsible"),
            ("responsible", "Upheld and responsible"),
        ],
        copy=False,
        help="What the check found: whether it is true (属实), and whether the "
        "supplier is to blame (有责). Empty until somebody has decided.",
    )
    is_upheld = fields.Boolean(
        "Upheld", compute="_compute_is_upheld", store=True, copy=False
    )
    is_responsible = fields.Boolean(
        "Responsible", compute="_compute_is_upheld", store=True, copy=False
    )
    finding_at = fields.Datetime("Found At", readonly=True, copy=False)
    finding_user_id = fields.Many2one(
        "res.users", string="Found By", readonly=True, copy=False
    )
    occurred_on = fields.Date(
        "Happened On",
        compute="_compute_occurred_on",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="The day that is judged: who was responsible then, answers for it.",
    )
    responsible_employee_id = fields.Many2one(
        "hr.employee",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    responsible_user_id = fields.Many2one(
        "res.users",
        string="Login of the Responsible",
        compute="_compute_responsible",
        store=True,
        copy=False,
        index="btree_not_null",
        help="Of the responsible employee, when the finding was entered.",
    )
    responsible_team_id = fields.Many2one(
        "hr.department",
        compute="_compute_responsible",
        store=True,
        readonly=False,
        copy=False,
        domain="[('power_unit', '=', 'team')]",
        index="btree_not_null",
        help="The employee's team on that day.",
    )
    responsible_station_id = fields.Many2one(
        "hr.department",
        compute="_compute_responsible",
        store=True,
        readonly=False,
        copy=False,
        domain="[('power_unit', '=', 'station')]",
        index="btree_not_null",
        help="The employee's station on that day.",
    )
    responsible_area_id = fields.Many2one(
        "power.grid.area",
        compute="_compute_responsible",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        help="The ticket's area when the finding was entered.",
    )
    prohibition = fields.Selection(
        PROHIBITIONS,
        string="Breached Prohibition",
        copy=False,
        help="The ten prohibitions of staff (十个不准).",
    )
    root_cause_id = fields.Many2one(
        "power.root.cause", copy=False, index="btree_not_null", ondelete="restrict"
    )

    _matter_idx = models.Index(
        "(partner_id, category_id) WHERE partner_id IS NOT NULL"
        " AND category_id IS NOT NULL"
    )

    # Computed fields ----------------------------------------------------------------

    @api.depends("type_id", "has_injury", "has_media")
    def _compute_complaint_grade(self):
        for ticket in self:
            grade = ticket.complaint_grade
            if not grade and ticket.type_id.is_complaint:
                grade = "general"
            if ticket.has_injury or ticket.has_media:
                grade = max(grade or "general", "major", key=GRADES.index)
            ticket.complaint_grade = grade

    @api.depends("finding")
    def _compute_is_upheld(self):
        for ticket in self:
            ticket.is_upheld = ticket.finding in ("upheld", "responsible")
            ticket.is_responsible = ticket.finding == "responsible"

    @api.depends("received_at")
    def _compute_occurred_on(self):
        for ticket in self:
            # The company's time zone is no secret.
            zone = ticket.company_id.sudo().resource_calendar_id.tz or "UTC"
            ticket.occurred_on = ticket.received_at and fields.Date.to_date(
                fields.Datetime.context_timestamp(
                    ticket.with_context(tz=zone), ticket.received_at
                )
            )

    @api.depends("responsible_employee_id", "occurred_on")
    def _compute_responsible(self):
        """As it was on the day that is judged; later moves change nothing."""
        for date, tickets in self.grouped("occurred_on").items():
            employees = tickets.responsible_employee_id
            units = employees._get_power_units(date) if employees and date else {}
            for ticket in tickets:
                employee = ticket.responsible_employee_id
                team = self.env["hr.department"]
                station = team
                if employee:
                    department, station = units.get(employee.id) or (team, team)
                    team = department if department.power_unit == "team" else team
                # Who has which login is no secret of the personnel files.
                ticket.responsible_user_id = employee.sudo().user_id
                ticket.responsible_team_id = team
                ticket.responsible_station_id = station
                ticket.responsible_area_id = ticket.grid_area_id if employee else False

    # Hooks --------------------------------------------------------------------------

    @api.model
    def _check_not_projected(self, vals):
        result = super()._check_not_projected(vals)
        given = KEPT & vals.keys()
        if given and not self.env.su:
            raise UserError(
                self.env._(
                    "%(fields)s can't be typed: use the buttons.",
                    fields=", ".join(
                        self._fields[name].get_description(self.env)["string"]
                        for name in sorted(given)
                    ),
                )
            )
        return result

    def _after_intake(self):
        result = super()._after_intake()
        self._mark_repeats()
        self._tell_leaders()
        decided = self.filtered("finding")
        if decided:
            decided._check_finder()
            decided._enter_finding()
        return result

    def write(self, vals):
        if FINDING_FIELDS & vals.keys():
            self._check_finder()
        return super().write(vals)

    def _after_change(self, vals):
        result = super()._after_change(vals)
        if MATTER_FIELDS & vals.keys():
            self._mark_repeats()
        if {"has_injury", "has_media", "complaint_grade"} & vals.keys():
            self._tell_leaders()
        if FINDING_FIELDS & vals.keys():
            self._enter_finding()
        return result

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind == "chased":
            self._mark_repeats()
        return result

    # Repeats ------------------------------------------------------------------------

    def _mark_repeats(self):
        """Say which closed ticket each of these repeats, and how often the customer
        called about the matter. A constant number of queries."""
        todo = self.sudo().filtered(  # earlier ones may lie at another station
            lambda ticket: (
                ticket.partner_id and ticket.category_id and not ticket.is_anonymous
            )
        )
        if not todo:
            return
        rules = todo.env["power.complaint.rule"]._get_by_company(todo.company_id)
        groups = defaultdict(list)
        for company, tickets in todo.grouped("company_id").items():
            rule = rules[company]
            cases = tickets._get_cases(rule._get_window())
            own = set(tickets.ids)
            found = find_repeats(
                [case for case in cases if case.id in own],
                cases,
                rule._get_window(),
                rule.frequent_calls,
            )
            for ticket in tickets:
                repeat = found[ticket.id]
                vals = (repeat.repeat_of or False, repeat.calls, repeat.is_frequent)
                before = ticket.repeat_of_id.id, ticket.call_count, ticket.is_frequent
                if vals != before:
                    groups[vals].append(ticket.id)
        for (repeat_of, calls, is_frequent), ids in groups.items():
            self.browse(ids)._project_write(
                {
                    "repeat_of_id": repeat_of,
                    "call_count": calls,
                    "is_frequent": is_frequent,
                }
            )

    def _get_cases(self, window):
        """These tickets and earlier ones of the same customers and matters.

        A report of wrongdoing is of another matter than what everybody may see. One
        that was entered by mistake is no call.

        :param window: timedelta to look back from the receipt
        :return: list of :class:`Case`
        """
        self.env["power.ticket"].flush_model()
        since = min(self.mapped("received_at")) - window
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ticket.id, partner.commercial_partner_id, ticket.type_id,
                       ticket.category_id, ticket.is_confidential, ticket.received_at,
                       ticket.closed_at, 1 + COALESCE(ticket.chase_count, 0)
                  FROM power_ticket AS ticket
                  JOIN res_partner AS partner ON partner.id = ticket.partner_id
                 WHERE ticket.id = ANY(%(ids)s)
                    OR (ticket.partner_id IN (
                            SELECT id FROM res_partner
                             WHERE commercial_partner_id = ANY(%(partners)s))
                        AND ticket.category_id = ANY(%(categories)s)
                        AND ticket.company_id = ANY(%(companies)s)
                        AND COALESCE(ticket.ended_by, '') NOT IN ('cancelled', 'merged')
                        AND ticket.is_anonymous IS NOT TRUE
                        AND (ticket.received_at >= %(since)s
                             OR ticket.closed_at >= %(since)s))
                """,
                ids=self.ids,
                partners=self.partner_id.commercial_partner_id.ids,
                categories=self.category_id.ids,
                companies=self.company_id.ids,
                since=since,
            )
        )
        return [
            Case(
                ticket_id,
                partner_id,
                (type_id, category_id, bool(is_confidential)),
                received_at,
                closed_at,
                calls,
            )
            for (
                ticket_id,
                partner_id,
                type_id,
                category_id,
                is_confidential,
                received_at,
                closed_at,
                calls,
            ) in rows
        ]

    def action_open_matter(self):
        """Open the customer's tickets on the same matter.

        :return: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_action"
        )
        action["domain"] = [
            ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
            ("category_id", "=", self.category_id.id),
            ("type_id", "=", self.type_id.id),
        ]
        action["context"] = {}
        return action

    # Leaders ------------------------------------------------------------------------

    def _tell_leaders(self):
        """Tell leaders of grave tickets, once each: by an activity and a message."""
        grave = self.filtered(
            lambda ticket: (
                not ticket.leaders_told_at
                and (
                    ticket.has_injury
                    or ticket.has_media
                    or ticket.complaint_grade in GRAVE
                )
            )
        )
        if not grave:
            return
        grave._lock()
        # The message is the system's: who enters the ticket needn't know the leaders.
        grave = grave.sudo()
        grave.invalidate_recordset(["leaders_told_at"])
        grave = grave.filtered(lambda ticket: not ticket.leaders_told_at)
        grave._project_write({"leaders_told_at": fields.Datetime.now()})
        rules = self.env["power.complaint.rule"]._get_by_company(grave.company_id)
        quality = grave.env["power.rectification"]._get_quality_users()
        activities = []
        for ticket in grave:
            users = ticket._get_leaders(rules[ticket.company_id], quality)
            for lang, of_lang in users.grouped("lang").items():
                told = ticket.with_context(lang=lang)
                told.message_notify(
                    partner_ids=of_lang.partner_id.ids,
                    subject=told._get_alert_subject(),
                    body=ticket.subject,
                )
                activities += [told._prepare_alert_vals(user) for user in of_lang]
        self.env["mail.activity"].sudo().with_context(  # as above
            mail_activity_quick_update=True
        ).create(activities)

    def _get_leaders(self, rule, quality):
        """Who is told of a grave ticket: those of them who may see it.

        :param rule: the company's ``power.complaint.rule``
        :param quality: what ``power.rectification._get_quality_users()`` returned
        :return: ``res.users`` records
        """
        self.ensure_one()
        users = rule.told_user_ids
        if rule.tells_chief:
            users |= self.station_id.manager_id.user_id
        if rule.tells_quality or self.is_confidential:
            users |= quality(self.company_id)
        return self._filter_readers(users.filtered("active"))

    def _filter_readers(self, users):
        """Those of the users who may see the ticket.

        :param users: ``res.users`` records
        """
        self.ensure_one()
        return users.filtered(
            lambda user: (
                self.with_user(user)
                .with_context(allowed_company_ids=user.company_ids.ids)
                .has_access("read")
            )
        )

    def _get_alert_subject(self):
        self.ensure_one()
        if self.has_injury:
            return self.env._("Personal injury: %(ticket)s", ticket=self.name)
        if self.has_media:
            return self.env._("Media coverage: %(ticket)s", ticket=self.name)
        return self.env._("Grave complaint: %(ticket)s", ticket=self.name)

    def _prepare_alert_vals(self, user):
        self.ensure_one()
        activity_type = self.env.ref(
            "power_service_tickets.mail_activity_grave_complaint"
        )
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "user_id": user.id,
            "activity_type_id": activity_type.id,
            "automated": True,
            "date_deadline": self._get_company_today(),
            "summary": self._get_alert_subject(),
        }

    # Finding ------------------------------------------------------------------------

    def _check_finder(self):
        """Refuse findings by who isn't a supervisor, or is judged by them.

        :raise AccessError: with the reason
        """
        if self.env.su:
            return
        self._check_supervisor(
            self.env._("What was found is entered by a supervisor or quality.")
        )
        if self.env.user in self.sudo().responsible_user_id:  # also of tickets not seen
            raise AccessError(
                self.env._("Who is found responsible can't change the finding.")
            )

    def _enter_finding(self):
        """Keep in the history what was found, by whom and when."""
        decided = self.filtered("finding")
        labels = dict(self._fields["finding"]._description_selection(self.env))
        # The right to write the finding was checked.
        self.env["power.ticket.event"].sudo().create(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": "found",
                    "note": "\n".join(
                        filter(
                            None,
                            (
                                labels[ticket.finding],
                                ticket.responsible_employee_id.sudo().name,  # as above
                                ticket.responsible_team_id.name,
                                ticket.root_cause_id.complete_name,
                                dict(PROHIBITIONS).get(ticket.prohibition),
                            ),
                        )
                    ),
                }
                for ticket in decided
            ]
        )
        decided._project_write(
            {"finding_at": fields.Datetime.now(), "finding_user_id": self.env.uid}
        )
        (self - decided)._project_write({"finding_at": False, "finding_user_id": False})

    def action_propose_responsible(self):
        """Fill in who answered for the place on that day, where nobody is named.

        Taken from the dated responsibilities: of the supply point, else of the area.

        :raise UserError: nobody is known
        """
        self.check_access("write")
        self._check_finder()
        responsibility = self.env["power.responsibility"]
        for ticket in self.filtered(lambda ticket: not ticket.responsible_employee_id):
            place = ticket.supply_point_id or ticket.grid_area_id or ticket.station_id
            # Who answered on a day is asked across stations.
            found = place and responsibility.sudo()._get_responsible(
                place._name,
                place.ids,
                "account_manager"
                if ticket.supply_point_id
                else "grid_manager"
                if ticket.grid_area_id
                else "station_chief",
                ticket.occurred_on,
            )
            if not found or not found[place.id]:
                raise UserError(
                    self.env._(
                        "%(ticket)s: nobody is recorded as responsible on that day.",
                        ticket=ticket.name,
                    )
                )
            ticket.responsible_employee_id = found[place.id]
        return True

    # Closing and putting right ------------------------------------------------------

    def _check_event(self, kind, at, now, vals, allow_closed):
        """Closing is checked by whatever way it is entered."""
        result = super()._check_event(kind, at, now, vals, allow_closed)
        milestone = self.env["power.ticket.milestone"].browse(
            vals.get("milestone_id") or []
        )
        if milestone.code == "closed":
            self._check_closable()
        return result

    def _check_closable(self):
        result = super()._check_closable()
        complaints = self.filtered(lambda ticket: ticket.type_id.is_complaint)
        if not complaints:
            return result
        rules = self.env["power.complaint.rule"]._get_by_company(complaints.company_id)
        for ticket in complaints:
            if not rules[ticket.company_id].needs_rectification:
                continue
            if not ticket.finding:
                raise UserError(
                    self.env._(
                        "%(ticket)s: say first what was found (whether it is upheld, "
                        "and whose responsibility it is).",
                        ticket=ticket.name,
                    )
                )
            if not ticket.is_responsible:
                continue
            if not ticket.root_cause_id:
                raise UserError(
                    self.env._(
                        "%(ticket)s is upheld: name its root cause before closing it.",
                        ticket=ticket.name,
                    )
                )
            # Also a rectification that the user doesn't see counts.
            if not ticket.sudo().rectification_ids.filtered(
                lambda record: record.state != "cancelled"
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s is upheld: make a rectification before closing it.",
                        ticket=ticket.name,
                    )
                )
        return result

    def _prepare_rectification_vals(self):
        vals = super()._prepare_rectification_vals()
        rule = self.env["power.complaint.rule"]._get_by_company(self.company_id)
        days = rule[self.company_id].rectification_days
        return {
            **vals,
            "name": self.subject,
            "station_id": (self.responsible_station_id or self.station_id).id,
            "team_id": self.responsible_team_id.id,
            "owner_id": self.responsible_employee_id.id,
            "cause": self.root_cause_id.complete_name,
            "due_date": fields.Date.add(self._get_company_today(), days=days),
        }

    def action_make_rectification(self):
        """Open a new rectification that comes from this ticket.

        :return: a window action on an unsaved form
        """
        self.ensure_one()
        action = self.action_open_rectifications()
        return {**action, "view_mode": "form", "views": [(False, "form")]}
