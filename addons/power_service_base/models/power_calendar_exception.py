from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..core.working_time import WorkingTimeError, format_hours, parse_hours


class PowerCalendarException(models.Model):
    """A day that differs from the calendar's week: a day off, or a make-up workday.

    Source: the yearly notice of the State Council on the arrangement of holidays, with
    its make-up workdays (调休).
    """

    _name = "power.calendar.exception"
    _description = "Working Time Exception"
    _order = "date desc, id"

    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Schedule",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="calendar_id.company_id", store=True)
    date = fields.Date(required=True, index=True)
    is_workday = fields.Boolean(
        "Make-up Workday", help="Worked although the week says otherwise (调休上班)."
    )
    # The holiday is named in each reader's language, whatever that of the loader was.
    name = fields.Char(
        compute="_compute_name", inverse="_inverse_name", search="_search_name"
    )
    holiday = fields.Selection(
        [
            ("new_year", "New Year's Day"),
            ("spring_festival", "Spring Festival"),
            ("tomb_sweeping", "Tomb-sweeping Day"),
            ("labour_day", "Labour Day"),
            ("dragon_boat", "Dragon Boat Festival"),
            ("mid_autumn", "Mid-autumn Festival"),
            ("national_day", "National Day"),
        ],
        help="The holiday that is the day off, or that a make-up workday makes up for.",
    )
    own_name = fields.Char(help="A name that takes the place of the holiday's.")
    hours = fields.Char(
        "Own Hours",
        help="Hours of this make-up workday, e.g. 8:30-12:00, 14:00-17:30. Empty: "
        "those of a normal weekday.",
    )
    source = fields.Selection(
        [("manual", "By Hand"), ("library", "Holiday Library"), ("file", "File")],
        required=True,
        default="manual",
        readonly=True,
        help="Days entered by hand or loaded from a file are never changed when the "
        "holidays are loaded from the library.",
    )

    _calendar_date_uniq = models.Constraint(
        "UNIQUE(calendar_id, date)",
        "There is already an exception on this date in this working schedule.",
    )

    @api.depends("own_name", "holiday", "is_workday")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["holiday"]._description_selection(self.env))
        for exception in self:
            label = labels.get(exception.holiday)
            if exception.own_name:
                exception.name = exception.own_name
            elif exception.is_workday and label:
                exception.name = self.env._("Make-up workday: %s", label)
            elif exception.is_workday:
                exception.name = self.env._("Make-up workday")
            else:
                exception.name = label or self.env._("Day off")

    def _inverse_name(self):
        for exception in self:
            exception.own_name = exception.name

    @api.model
    def _search_name(self, operator, value):
        if operator == "ilike":
            words = (value or "").lower()
            found = [
                key
                for key, label in self._fields["holiday"]._description_selection(
                    self.env
                )
                if words in label.lower()
            ]
        elif operator == "in":
            found = [
                key
                for key, label in self._fields["holiday"]._description_selection(
                    self.env
                )
                if label in value
            ]
        else:
            return NotImplemented
        by_holiday = Domain("own_name", "=", False) & Domain("holiday", "in", found)
        return Domain("own_name", operator, value) | by_holiday

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for exception in self:
            exception.display_name = exception.name

    @api.constrains("hours", "is_workday")
    def _check_hours(self):
        for exception in self.filtered("hours"):
            if not exception.is_workday:
                raise ValidationError(
                    self.env._(
                        "%(date)s is a day off and cannot have own hours: make it a "
                        "make-up workday, or empty its hours.",
                        date=exception.date,
                    )
                )
            try:
                parse_hours(exception.hours)
            except WorkingTimeError as error:
                raise ValidationError(
                    self.env._(
                        "The own hours of %(date)s cannot be read: %(hours)s. Write "
                        "them like 8:30-12:00, 14:00-17:30.",
                        date=exception.date,
                        hours=exception.hours,
                    )
                ) from error

    @api.constrains("date")
    def _check_date(self):
        for exception in self:
            if not 1901 <= exception.date.year <= 2198:
                raise ValidationError(
                    self.env._(
                        "%(date)s is no date for a working schedule: check the year.",
                        date=exception.date,
                    )
                )

    @api.model
    def _clean_hours(self, vals):
        """Write hours in one form; what cannot be read is left to the constraint."""
        if not vals.get("hours"):
            return vals
        try:
            return {**vals, "hours": format_hours(parse_hours(vals["hours"])) or False}
        except WorkingTimeError:
            return vals

    @api.model_create_multi
    def create(self, vals_list):
        exceptions = super().create([self._clean_hours(vals) for vals in vals_list])
        exceptions.calendar_id._schedule_working_time_changed()
        return exceptions

    def write(self, vals):
        by_hand = {"date", "is_workday", "holiday", "own_name", "hours"}
        if "source" not in vals and vals.keys() & by_hand:
            vals = {**vals, "source": "manual"}
        calendars = self.calendar_id
        result = super().write(self._clean_hours(vals))
        (calendars | self.calendar_id)._schedule_working_time_changed()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars._schedule_working_time_changed()
        return result
