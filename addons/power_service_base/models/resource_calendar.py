import json
import logging
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.working_time import (
    CalendarSpec,
    DayException,
    NoWorkingHoursError,
    OutOfRangeError,
    WorkingTime,
    WorkingTimeError,
    parse_hours,
)

_logger = logging.getLogger(__name__)

#: What is written on a calendar itself that changes its working time. Its lines and
#: time off report on their own.
WORKING_TIME_FIELDS = {
    "tz",
    "company_id",
    "schedule_type",
    "flexible_hours",
    "two_weeks_calendar",
    "follows_public_holidays",
}

#: The library's names of the yearly holidays; others keep the library's name.
CN_HOLIDAYS = {
    "New Year's Day": "new_year",
    "Spring Festival": "spring_festival",
    "Tomb-sweeping Day": "tomb_sweeping",
    "Labour Day": "labour_day",
    "Dragon Boat Festival": "dragon_boat",
    "Mid-autumn Festival": "mid_autumn",
    "National Day": "national_day",
}


@lru_cache(maxsize=256)
def _compile_working_time(data):
    """Compile a calendar from its content.

    The content itself is the key, so what is found here can't be out of date, whichever
    worker, transaction or database asks.

    :param str data: see ``resource.calendar.working_time_data``
    :rtype: WorkingTime
    """
    values = json.loads(data)
    weeks = [[[] for _weekday in range(7)] for _week in range(1 + values["two_weeks"])]
    for week_type, weekday, hour_from, hour_to in values["lines"] or ():
        hours = (round(hour_from * 60), round(hour_to * 60))
        if values["two_weeks"] and week_type in ("0", "1"):
            weeks[int(week_type)][int(weekday)].append(hours)
        else:
            for week in weeks:
                week[int(weekday)].append(hours)
    return WorkingTime(
        CalendarSpec(
            weeks=tuple(tuple(tuple(hours) for hours in week) for week in weeks),
            tz=values["tz"],
            time_off=tuple(
                (datetime.fromisoformat(start), datetime.fromisoformat(end))
                for start, end in values["time_off"] or ()
            ),
            exceptions=tuple(
                DayException(date.fromisoformat(day), is_workday, parse_hours(hours))
                for day, is_workday, hours in values["exceptions"] or ()
            ),
            loaded_years=(
                frozenset(values["years"] or ()) if values["follows"] else None
            ),
        )
    )


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    # The schedules that come with the addon are named in each reader's language.
    name = fields.Char(translate=True)
    follows_public_holidays = fields.Boolean(
        default=True,
        help="The days off and make-up workdays of each year have to be loaded. "
        "Until then deadlines that reach into the year are provisional, and the "
        "managers are reminded. Switch it off for a calendar that works through, as "
        "around the clock.",
    )
    exception_ids = fields.One2many(
        "power.calendar.exception",
        "calendar_id",
        "Days Off and Make-up Workdays",
        groups="power_service_base.group_power_field",
    )
    exception_count = fields.Integer(
        compute="_compute_exception_count",
        groups="power_service_base.group_power_field",
    )
    holiday_year_ids = fields.One2many(
        "power.calendar.year",
        "calendar_id",
        "Holiday Years",
        groups="power_service_base.group_power_field",
    )
    # All that decides the working time, as text. Not stored: it lives as long as the
    # transaction's cache, goes with every rollback, and is read in one query for many
    # calendars. What changes it calls _schedule_working_time_changed().
    working_time_data = fields.Text(
        compute="_compute_working_time_data", export_string_translation=False
    )

    @api.depends("exception_ids")
    def _compute_exception_count(self):
        counts = dict(
            self.env["power.calendar.exception"]._read_group(
                [("calendar_id", "in", self.ids)], ["calendar_id"], ["__count"]
            )
        )
        for calendar in self:
            calendar.exception_count = counts.get(calendar._origin, 0)

    @api.depends_context("company")
    def _compute_working_time_data(self):
        """Read hours, time off, exceptions and loaded years in one query.

        Time off without a calendar is that of a company; a calendar that several
        companies share takes that of the current one. A time off that ends at the last
        second of a minute, as Odoo proposes it (23:59:59), lasts until the next minute.
        """
        self._flush_working_time()
        query = SQL(
            """
            SELECT calendar.id, json_build_object(
                'tz', calendar.tz,
                'follows', COALESCE(calendar.follows_public_holidays, FALSE),
                'two_weeks', COALESCE(calendar.two_weeks_calendar, FALSE),
                'lines', (
                    SELECT json_agg(
                        json_build_array(week_type, dayofweek, hour_from, hour_to)
                        ORDER BY week_type, dayofweek, hour_from, hour_to
                    )
                    FROM resource_calendar_attendance
                    WHERE calendar_id = calendar.id
                        AND display_type IS NULL AND day_period != 'lunch'
                        AND calendar.schedule_type != 'flexible'
                ),
                'time_off', (
                    SELECT json_agg(
                        json_build_array(
                            date_from,
                            CASE WHEN date_part('second', date_to) >= 59
                                THEN date_trunc('minute', date_to) + interval '1 minute'
                                ELSE date_to END
                        )
                        ORDER BY date_from, date_to
                    )
                    FROM resource_calendar_leaves
                    WHERE resource_id IS NULL AND time_type = 'leave'
                        AND (calendar_id = calendar.id OR calendar_id IS NULL
                            AND company_id = COALESCE(calendar.company_id, %(company)s))
                ),
                'exceptions', (
                    SELECT json_agg(
                        json_build_array(date, COALESCE(is_workday, FALSE), hours)
                        ORDER BY date
                    )
                    FROM power_calendar_exception
                    WHERE calendar_id = calendar.id
                ),
                'years', (
                    SELECT json_agg(year ORDER BY year)
                    FROM power_calendar_year
                    WHERE calendar_id = calendar.id AND state = 'loaded'
                )
            )::text
            FROM resource_calendar AS calendar
            WHERE calendar.id IN %(ids)s
            """,
            company=self.env.company.id,
            ids=tuple(self._origin.ids) or (0,),
        )
        found = dict(self.env.execute_query(query))
        for calendar in self:
            calendar.working_time_data = found.get(calendar._origin.id, False)

    def _flush_working_time(self):
        self.env["resource.calendar"].flush_model([*WORKING_TIME_FIELDS])
        for model in (
            "resource.calendar.attendance",
            "resource.calendar.leaves",
            "power.calendar.exception",
            "power.calendar.year",
        ):
            self.env[model].flush_model()

    def copy(self, default=None):
        copies = super().copy(default)
        # The holidays go along, also for those who may copy calendars but not see them.
        for calendar, copy in zip(self.sudo(), copies, strict=True):
            calendar.exception_ids.copy({"calendar_id": copy.id})
            calendar.holiday_year_ids.copy({"calendar_id": copy.id})
        return copies

    def write(self, vals):
        result = super().write(vals)
        if WORKING_TIME_FIELDS & vals.keys():
            self._schedule_working_time_changed()
        return result

    # -- counting -------------------------------------------------------------------

    def add_working_minutes(self, start, minutes):
        """Return when ``minutes`` of work have passed since ``start``.

        :param start: naive UTC datetime (or its text)
        :param minutes: working minutes, 0 or more
        :return: naive UTC datetime; used up at the end of an interval it is that end
        :raise UserError: the calendar has no hours, or the arguments make no sense
        :raise AccessError: the user may not read the calendar
        """
        return self.plan_working_minutes(start, minutes)["deadline"]

    def add_working_days(self, start, days):
        """Return the end of the ``days``-th working day after the day of ``start``.

        A working day is a day with any working time, make-up workdays included; the
        day of ``start`` is that of the calendar's time zone and never counts.

        :param start: naive UTC datetime (or its text)
        :param days: working days, 1 or more
        :return: naive UTC datetime
        :raise UserError: the calendar has no hours, or the arguments make no sense
        :raise AccessError: the user may not read the calendar
        """
        return self.plan_working_days(start, days)["deadline"]

    def working_minutes_between(self, start, end):
        """Return the working minutes from ``start`` to ``end``.

        :param start: naive UTC datetime (or its text)
        :param end: naive UTC datetime (or its text); before ``start``: negative
        :return: minutes
        :rtype: float
        :raise UserError: the calendar has no hours, or a date is out of range
        :raise AccessError: the user may not read the calendar
        """
        return self.measure_working_minutes(start, end)["minutes"]

    def plan_working_minutes(self, start, minutes):
        """As :meth:`add_working_minutes`, and whether the result is provisional.

        :return: ``{"deadline": datetime, "is_provisional": bool}``; provisional means
            that it touches a year whose public holidays are not loaded
        """
        with self._counting(start) as (working_time, start):
            if minutes < 0:
                raise UserError(self.env._("The working minutes must not be negative."))
            return self._prepare_deadline(
                working_time.plan_working_minutes(start, minutes)
            )

    def plan_working_days(self, start, days):
        """As :meth:`add_working_days`, and whether the result is provisional.

        :return: ``{"deadline": datetime, "is_provisional": bool}``
        """
        with self._counting(start) as (working_time, start):
            if days < 1:
                raise UserError(self.env._("The working days must be 1 or more."))
            return self._prepare_deadline(working_time.plan_working_days(start, days))

    def measure_working_minutes(self, start, end):
        """As :meth:`working_minutes_between`, and whether the result is provisional.

        :return: ``{"minutes": float, "is_provisional": bool}``
        """
        with self._counting(start, end) as (working_time, start, end):
            return working_time.measure_working_minutes(start, end)._asdict()

    @api.model
    def _prepare_deadline(self, deadline):
        return {"deadline": deadline.at, "is_provisional": deadline.is_provisional}

    @contextmanager
    def _counting(self, *moments):
        """Check access, give the working time and the moments, translate errors."""
        self.check_access("read")
        try:
            yield (
                self._get_working_time(),
                *(self._to_moment(value) for value in moments),
            )
        except OutOfRangeError as error:
            raise UserError(
                self.env._(
                    "The working time of “%(calendar)s” cannot be counted that far: "
                    "check the dates, and whether the calendar is closed for years.",
                    calendar=self.display_name,
                )
            ) from error

    @api.model
    def _to_moment(self, value):
        moment = fields.Datetime.to_datetime(value)
        if not moment:
            raise UserError(self.env._("A date and time is needed to count from."))
        return moment

    def _get_working_time(self):
        """Return the compiled working time, for counting many deadlines at once.

        Costs one query in a transaction for all calendars of the recordset's cache
        (``calendars.mapped("working_time_data")`` reads many at once) and nothing after
        that. The result is immutable; ask again after a change. No access is checked.

        :rtype: odoo.addons.power_service_base.core.working_time.WorkingTime
        :raise UserError: the calendar has no working hours; says the way out
        """
        self.ensure_one()
        try:
            return _compile_working_time(self.working_time_data)
        except NoWorkingHoursError as error:
            raise UserError(self._get_no_hours_message()) from error
        except WorkingTimeError as error:
            raise UserError(
                self.env._(
                    "The working time of “%(calendar)s” cannot be counted: %(reason)s.",
                    calendar=self.display_name,
                    reason=error,
                )
            ) from error

    def _get_no_hours_message(self):
        if self.schedule_type == "flexible":
            return self.env._(
                "The working schedule “%(calendar)s” is flexible and has no fixed "
                "hours, so that no deadline can be counted by it. Set its schedule "
                "type to fully fixed and enter its hours, or choose another schedule.",
                calendar=self.display_name,
            )
        return self.env._(
            "The working schedule “%(calendar)s” has no working hours, so that no "
            "deadline can be counted by it. Enter its hours under Configuration ‣ "
            "Working Time ‣ Working Schedules, or choose another schedule.",
            calendar=self.display_name,
        )

    # -- changes --------------------------------------------------------------------

    def _schedule_working_time_changed(self):
        """Forget what was read of these calendars, and report the change once.

        The report, :meth:`_working_time_changed`, is called one time per transaction
        for all changed calendars, before it is committed.
        """
        self.env["resource.calendar"].invalidate_model(
            ["working_time_data"], flush=False
        )
        precommit = self.env.cr.precommit
        pending = precommit.data.get("power_service_base.working_time")
        if pending is None:
            pending = precommit.data["power_service_base.working_time"] = set()
            # Deadlines belong to all stations, also those the user may not see.
            precommit.add(
                self.env["resource.calendar"].sudo()._run_working_time_changed
            )
        pending.update(self.ids)

    @api.model
    def _run_working_time_changed(self):
        ids = self.env.cr.precommit.data.pop("power_service_base.working_time", ())
        calendars = self.browse(ids).exists()
        if calendars:
            calendars._working_time_changed()

    def _working_time_changed(self):
        """Hook: the working time of these calendars has changed. Extend it.

        Called in superuser mode once per transaction, just before it is committed (and
        before a savepoint is opened): after hours, time off, exceptions or loaded years
        were created, changed or deleted. What it writes is committed together with the
        change or not at all. Keep it short: mark what has to be counted again and
        trigger a job that does it in batches.
        """

    # -- public holidays ------------------------------------------------------------

    def load_cn_holidays(self, year):
        """Load China's days off and make-up workdays (调休) of a year.

        They come from the Python library ``chinesecalendar``, which holds the yearly
        notices of the State Council. Safe to repeat: what the library gave before is
        brought up to date; days made by hand or loaded from a file are kept.

        :param int year: e.g. 2026
        :return: ``{"created": n, "updated": n, "deleted": n, "kept": n}``, summed up
        :raise UserError: the library is missing or does not know the year, or a
            calendar does not follow public holidays; says the way out
        :raise AccessError: the user may not change the calendars
        """
        self.check_access("write")
        return self.env["power.calendar.year"]._load_days(
            self, year, self._get_cn_holidays(year), "library"
        )

    @api.model
    def _get_cn_holidays(self, year):
        """Return a year's days as values for ``power.calendar.exception``."""
        library = self._get_cn_holiday_library()
        known = {day.year for day in library.holidays}
        if year not in known:
            raise UserError(
                self.env._(
                    "The holidays of %(year)s are not known yet: the installed library "
                    "“chinesecalendar” knows %(first)s to %(last)s. The State Council "
                    "publishes a year's plan in the autumn before. Update the library "
                    "when a release knows %(year)s, or load the dates from a CSV file "
                    "under Configuration ‣ Working Time ‣ Load Holidays. Until then "
                    "deadlines in %(year)s are counted by the plain week and shown "
                    "as provisional.",
                    year=year,
                    first=min(known),
                    last=max(known),
                )
            )
        days = {}
        for is_workday, source in ((False, library.holidays), (True, library.workdays)):
            for day, holiday in source.items():
                if day.year == year:
                    key = CN_HOLIDAYS.get(holiday)
                    days[day] = {
                        "is_workday": is_workday,
                        "holiday": key or False,
                        "own_name": False if key else holiday,
                        "hours": False,
                    }
        return days

    @api.model
    def _get_cn_holiday_library(self):
        try:
            import chinese_calendar
        except ImportError as error:
            raise UserError(
                self.env._(
                    "The Python library “chinesecalendar” is not installed. Install it "
                    "(pip install chinesecalendar) and restart Odoo, or load the dates "
                    "from a CSV file under Configuration ‣ Working Time ‣ Load "
                    "Holidays."
                )
            ) from error
        return chinese_calendar

    def _load_known_cn_holidays(self):
        """Load last, this and next year as far as they are known (for data files)."""
        this_year = self.env["power.calendar.year"]._get_today().year
        for year in range(this_year - 1, this_year + 2):
            try:
                # Made before any language is there: no sentence in the wrong one.
                self.with_context(mail_create_nolog=True).load_cn_holidays(year)
            except UserError as error:
                # The daily job reminds the managers of what is missing.
                _logger.info("Holidays of %s are not loaded: %s", year, error)

    def action_view_exceptions(self):
        """Open the days off and make-up workdays of one calendar."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "power_service_base.power_calendar_exception_action"
        )
        action["domain"] = [("calendar_id", "=", self.id)]
        action["context"] = {"default_calendar_id": self.id}
        return action
