import base64
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.holiday_file import HolidayFileError, read_holiday_file
from ..core.working_time import format_hours

MAX_SHOWN = 20


class PowerCalendarLoad(models.TransientModel):
    """Load a year's days off and make-up workdays, from the library or from a file."""

    _name = "power.calendar.load"
    _description = "Load Holidays"

    calendar_ids = fields.Many2many(
        "resource.calendar",
        string="Working Schedules",
        required=True,
        default=lambda self: self._default_calendar_ids(),
        domain="[('follows_public_holidays', '=', True)]",
    )
    year = fields.Integer(required=True, default=lambda self: self._default_year())
    source = fields.Selection(
        [("library", "Holiday Library"), ("file", "CSV File")],
        required=True,
        default="library",
    )
    file = fields.Binary(attachment=False)
    filename = fields.Char()

    @api.model
    def _default_calendar_ids(self):
        if self.env.context.get("active_model") == "resource.calendar":
            return [Command.set(self.env.context.get("active_ids", []))]
        return self.env["resource.calendar"].search(
            [("follows_public_holidays", "=", True)]
        )

    @api.model
    def _default_year(self):
        years = self.env["power.calendar.year"]
        return years._get_needed_years(years._get_today())[-1]

    def action_load(self):
        """Load the days into all chosen calendars, or nothing at all.

        :return: a notification that says how many days were taken and kept
        :raise UserError: names each row and column of the file that is wrong
        :raise AccessError: the user may not change the calendars
        """
        self.ensure_one()
        if self.source == "library":
            counts = self.calendar_ids.load_cn_holidays(self.year)
        else:
            counts = self._load_file()
        message = self.env._(
            "%(created)s days added, %(updated)s changed, %(deleted)s deleted. "
            "%(kept)s days of another origin were kept.",
            **counts,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Holidays of %(year)s loaded", year=self.year),
                "message": message,
                "type": "success",
                # Closes the dialog and shows the days in the list behind it.
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _load_file(self):
        if not self.file:
            raise UserError(self.env._("Choose the CSV file to load."))
        self.calendar_ids.check_access("write")
        try:
            rows = read_holiday_file(base64.b64decode(self.file), self.year)
        except HolidayFileError as error:
            raise UserError(self._get_problem_text(error.problems)) from error
        days = {
            row.day: {
                "is_workday": row.is_workday,
                "own_name": row.name or False,
                "holiday": False,
                "hours": format_hours(row.hours) or False,
            }
            for row in rows
        }
        return self.env["power.calendar.year"]._load_days(
            self.calendar_ids, self.year, days, "file"
        )

    def _get_problem_text(self, problems):
        texts = self._get_problem_texts()
        lines = [self.env._("Nothing was loaded. Mend the file and load it again:")]
        for item in islice(problems, MAX_SHOWN):
            text = texts[item.code]
            if item.row:
                text = self.env._(
                    "Row %(row)s, column “%(column)s”: %(problem)s %(value)s",
                    row=item.row,
                    column=item.column,
                    problem=text,
                    value=item.value,
                ).rstrip()
            lines.append(text)
        if len(problems) > MAX_SHOWN:
            lines.append(
                self.env._("… and %(count)s more.", count=len(problems) - MAX_SHOWN)
            )
        return "\n".join(lines)

    @api.model
    def _get_problem_texts(self):
        return {
            "encoding": self.env._(
                "The file is no CSV text in UTF-8 or GBK. In a spreadsheet choose "
                "“Save as CSV”."
            ),
            "size": self.env._("The file is too long for the days of one year."),
            "empty": self.env._("The file holds no days."),
            "no_column": self.env._("the column is missing in the heading."),
            "no_date": self.env._("the date is missing."),
            "bad_date": self.env._("this is no date:"),
            "other_year": self.env._(
                "the date is not in %(year)s:", year=str(self.year)
            ),
            "twice": self.env._("the date stands twice in the file:"),
            "no_kind": self.env._("it must say “workday” or “off”."),
            "bad_kind": self.env._("it must say “workday” or “off”, not:"),
            "bad_hours": self.env._("write hours like 8:30-12:00 14:00-17:30, not:"),
            "hours_off": self.env._("a day off has no hours:"),
        }
