from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

JOB_NAME = "power.calendar.year.remind"


class PowerCalendarYear(models.Model):
    """Whether the public holidays of a year are among a calendar's exceptions.

    Deadlines that touch a year without a loaded record are provisional. A missing one
    carries the activities that remind the managers.
    """

    _name = "power.calendar.year"
    _description = "Holiday Year"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "year desc, calendar_id"
    _rec_name = "year"

    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Schedule",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="calendar_id.company_id", store=True)
    year = fields.Integer(required=True, aggregator=None)
    state = fields.Selection(
        [("missing", "Missing"), ("loaded", "Loaded")],
        required=True,
        default="missing",
        tracking=True,
        readonly=True,
        copy=True,
    )
    source = fields.Selection(
        [("manual", "By Hand"), ("library", "Holiday Library"), ("file", "File")],
        readonly=True,
        tracking=True,
    )
    loaded_at = fields.Datetime(readonly=True)
    day_off_count = fields.Integer(compute="_compute_counts")
    workday_count = fields.Integer("Make-up Workday Count", compute="_compute_counts")

    _calendar_year_uniq = models.Constraint(
        "UNIQUE(calendar_id, year)",
        "This year is already listed for this working schedule.",
    )
    _year_check = models.Constraint(
        "CHECK (year BETWEEN 1901 AND 2198)", "The year must be between 1901 and 2198."
    )

    @api.depends("calendar_id.name", "year")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"{record.calendar_id.name} {record.year or ''}"

    @api.depends("calendar_id.exception_ids.is_workday", "year")
    def _compute_counts(self):
        groups = self.env["power.calendar.exception"]._read_group(
            [("calendar_id", "in", self.calendar_id.ids)],
            ["calendar_id", "date:year", "is_workday"],
            ["__count"],
        )
        counts = {
            (calendar, first.year, is_workday): count
            for calendar, first, is_workday, count in groups
        }
        for record in self:
            key = (record.calendar_id._origin, record.year)
            record.day_off_count = counts.get((*key, False), 0)
            record.workday_count = counts.get((*key, True), 0)

    @api.model_create_multi
    def create(self, vals_list):
        years = super().create(vals_list)
        years.calendar_id._schedule_working_time_changed()
        return years

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        if vals.keys() & {"state", "year", "calendar_id"}:
            (calendars | self.calendar_id)._schedule_working_time_changed()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars._schedule_working_time_changed()
        return result

    # -- loading --------------------------------------------------------------------

    def action_load_library(self):
        """Load the holidays of the selected years from the holiday library."""
        for year, records in self.grouped("year").items():
            records.calendar_id.load_cn_holidays(year)

    def action_load_file(self):
        """Open the wizard that loads the days from a file."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "power_service_base.power_calendar_load_action"
        )
        action["context"] = {
            "default_calendar_ids": [Command.set(self.calendar_id.ids)],
            "default_year": self[:1].year,
            "default_source": "file",
        }
        return action

    def action_mark_loaded(self):
        """Say that the days of the year were entered by hand."""
        self._set_loaded("manual")

    def action_mark_missing(self):
        """Take back that the year is loaded: its deadlines become provisional."""
        self.write({"state": "missing", "source": False, "loaded_at": False})

    def action_view_exceptions(self):
        """Open the days off and make-up workdays of one year."""
        self.ensure_one()
        action = self.calendar_id.action_view_exceptions()
        action["domain"] = [
            ("calendar_id", "=", self.calendar_id.id),
            ("date", ">=", date(self.year, 1, 1)),
            ("date", "<=", date(self.year, 12, 31)),
        ]
        return action

    def _set_loaded(self, source):
        """Mark as loaded, and end the reminders."""
        self.write(
            {"state": "loaded", "source": source, "loaded_at": fields.Datetime.now()}
        )
        # The reminders of all managers are done, not only one's own.
        self.sudo().activity_unlink(["power_service_base.mail_activity_holidays"])

    @api.model
    def _load_days(self, calendars, year, days, source):
        """Bring the exceptions of a year in line with ``days``, and mark it loaded.

        Days of other sources stay as they are. Days of the same source that are not
        given any more are deleted.

        :param calendars: ``resource.calendar``
        :param int year: the year all days lie in
        :param dict days: date -> values (is_workday, holiday, own_name, hours)
        :param str source: ``library`` or ``file``
        :return: ``{"created": n, "updated": n, "deleted": n, "kept": n}``
        :raise UserError: a calendar does not follow public holidays
        """
        if deaf := calendars.filtered(lambda item: not item.follows_public_holidays):
            raise UserError(
                self.env._(
                    "“%(calendar)s” does not follow public holidays. Switch that on in "
                    "the working schedule first if it should.",
                    calendar=", ".join(deaf.mapped("name")),
                )
            )
        exceptions = self.env["power.calendar.exception"]
        existing = exceptions.search(
            [
                ("calendar_id", "in", calendars.ids),
                ("date", ">=", date(year, 1, 1)),
                ("date", "<=", date(year, 12, 31)),
            ]
        )
        obsolete = existing.filtered(
            lambda item: item.source == source and item.date not in days
        )
        counts = {"created": 0, "updated": 0, "deleted": len(obsolete), "kept": 0}
        obsolete.unlink()
        to_create = self._update_days(
            calendars, days, source, existing - obsolete, counts
        )
        exceptions.create(to_create)
        self._ensure_years(calendars, [year])._set_loaded(source)
        return counts

    @api.model
    def _update_days(self, calendars, days, source, existing, counts):
        """Update days there are, count them, and return values of those to create."""
        by_key = {(item.calendar_id.id, item.date): item for item in existing}
        to_create = []
        for calendar in calendars:
            for day, values in days.items():
                values = {**values, "source": source}
                record = by_key.get((calendar.id, day))
                if record is None:
                    to_create.append(
                        {**values, "calendar_id": calendar.id, "date": day}
                    )
                    counts["created"] += 1
                elif record.source != source:
                    counts["kept"] += 1
                elif any(record[name] != value for name, value in values.items()):
                    record.write(values)
                    counts["updated"] += 1
        return to_create

    @api.model
    def _ensure_years(self, calendars, years):
        """Return the records of calendars and years, made where there are none."""
        domain = Domain("calendar_id", "in", calendars.ids) & Domain(
            "year", "in", years
        )
        found = self.search(domain)
        known = {(item.calendar_id.id, item.year) for item in found}
        return found | self.create(
            [
                {"calendar_id": calendar.id, "year": year}
                for calendar in calendars
                for year in years
                if (calendar.id, year) not in known
            ]
        )

    # -- reminding ------------------------------------------------------------------

    @api.model
    def _get_today(self, station=None):
        """Return the date where the station is, whoever asks.

        :param station: a station; the company's day when not given
        """
        return (station or self.env["hr.department"])._get_local_today()

    @api.model
    def _get_needed_years(self, today):
        """Return the years that should be loaded: this one, from December the next."""
        return [today.year, today.year + 1] if today.month == 12 else [today.year]

    @api.model
    def _remind_missing_years(self, today):
        """Remind the managers of the needed years that are not loaded.

        One activity for each manager of the calendar's company and each year, made
        once: a second call makes nothing new while it is open.

        :param date today: the station's date
        :return: the years reminded of
        """
        calendars = self.env["resource.calendar"].search(
            [("follows_public_holidays", "=", True)]
        )
        missing = self._ensure_years(calendars, self._get_needed_years(today)).filtered(
            lambda item: item.state == "missing"
        )
        activity_type = self.env.ref("power_service_base.mail_activity_holidays")
        managers = self.env.ref("power_service_base.group_power_manager").all_user_ids
        managers = managers.filtered(lambda user: user.active and not user.share)
        open_activities = self.env["mail.activity"]._read_group(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", missing.ids),
                ("activity_type_id", "=", activity_type.id),
            ],
            ["res_id", "user_id"],
        )
        reminded = {(res_id, user) for res_id, user in open_activities}
        vals_list = [
            record._prepare_reminder_vals(activity_type, manager, today)
            for record in missing
            for manager in managers
            if (not record.company_id or record.company_id in manager.company_ids)
            and (record.id, manager) not in reminded
        ]
        # The activity is the reminder; a mail for each besides would be too much.
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities.create(vals_list)
        return missing

    def _prepare_reminder_vals(self, activity_type, manager, today):
        """Return the values of the activity that reminds one manager of one year."""
        self.ensure_one()
        env = self.with_context(lang=manager.lang).env
        return {
            "res_model_id": env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": activity_type.id,
            "user_id": manager.id,
            "automated": True,
            "date_deadline": max(today, date(self.year, 1, 1)),
            "summary": env._("Load the holidays of %s", self.year),
            "note": env._(
                "Deadlines in %(year)s are provisional until its days off and make-up "
                "workdays are loaded: from the holiday library when it knows the year, "
                "or from a CSV file.",
                year=self.year,
            ),
        }

    @api.model
    def _cron_remind_missing_years(self):
        with self.env["power.job.run"]._recorded(JOB_NAME) as run:
            missing = self._remind_missing_years(self._get_today())
            run._progress(done=len(missing))
        self.env["ir.cron"]._commit_progress(len(missing), remaining=0)
