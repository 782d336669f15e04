"""Read a year's days off and make-up workdays from a CSV file.

Columns: date, kind (workday or off), name and, if wanted, own hours of a make-up
workday. With a heading the columns may stand in any order, under English or Chinese
names; without one they stand in this order. UTF-8, UTF-16 with its mark and GBK are
recognized, and comma, semicolon or tab between the columns.

A file is taken as a whole or not at all: every problem is reported with its row and
column, so that it can be mended in one go.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from .working_time import Hours, WorkingTimeError, parse_hours

MAX_ROWS = 1000
MAX_BYTES = 1_000_000

COLUMNS = ("date", "kind", "name", "hours")
_HEADINGS = {
    "date": {"date", "day", "日期"},
    "kind": {"kind", "type", "workday/off", "类型", "类别", "性质"},
    "name": {"name", "holiday", "名称", "节日", "说明"},
    "hours": {"hours", "own hours", "上班时间", "工作时间"},
}
_KINDS = {
    True: {"workday", "work", "makeup", "make-up", "上班", "调休上班", "工作日", "班"},
    False: {"off", "day off", "holiday", "休息", "放假", "节假日", "休", "假"},
}
_DATE = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?")
_PLAIN_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A day of the file. ``row`` is its line, counted from 1 with the heading."""

    row: int
    day: date
    is_workday: bool
    name: str
    hours: Hours = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where.

    :param code: one of: encoding, size, empty, no_column, no_date, bad_date,
        other_year, twice, no_kind, bad_kind, bad_hours, hours_off
    :param row: line of the file, counted from 1; 0 for the file as a whole
    :param column: one of COLUMNS, or empty for the row or file as a whole
    :param value: what stands there
    """

    code: str
    row: int = 0
    column: str = ""
    value: str = ""


class HolidayFileError(ValueError):
    """The file cannot be taken. ``problems`` says why, in the order of the file."""

    def __init__(self, problems):
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(
                f"row {item.row}, {item.column}: {item.code} {item.value!r}"
                for item in self.problems
            )
        )


def read_holiday_file(data: bytes, year: int) -> tuple[HolidayRow, ...]:
    """Return the days of a file.

    :param data: the file's content
    :param year: the year it is meant for; a date of another year is a problem
    :return: rows in the order of the file
    :raise HolidayFileError: with every problem found
    """
    lines = _read_lines(data)
    places, lines = _split_heading(lines)
    rows, problems, seen = [], [], set()
    for number, cells in lines:
        row, found = _read_row(number, cells, places, year)
        if row is not None and row.day in seen:
            found.append(Problem("twice", number, "date", row.day.isoformat()))
        problems.extend(found)
        if row is not None:
            seen.add(row.day)
            rows.append(row)
    if problems:
        raise HolidayFileError(problems)
    if not rows:
        raise HolidayFileError([Problem("empty")])
    return tuple(rows)


def _read_lines(data: bytes) -> list[tuple[int, list[str]]]:
    """Return the lines that hold anything, with their numbers."""
    if len(data) > MAX_BYTES:
        raise HolidayFileError([Problem("size")])
    text = _decode(data)
    head = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    lines = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for cells in reader:
            cells = [unicodedata.normalize("NFKC", cell).strip() for cell in cells]
            if any(cells):
                lines.append((reader.line_num, cells))
    except csv.Error as error:
        raise HolidayFileError([Problem("encoding")]) from error
    if not lines:
        raise HolidayFileError([Problem("empty")])
    if len(lines) > MAX_ROWS:
        raise HolidayFileError([Problem("size")])
    return lines


def _decode(data: bytes) -> str:
    encodings = ["utf-8-sig", "gb18030"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise HolidayFileError([Problem("encoding")])


def _split_heading(lines):
    """Return the place of each column, and the lines without the heading."""
    number, cells = lines[0]
    places = {}
    if any(_read_date(cell) for cell in cells):
        return {column: index for index, column in enumerate(COLUMNS)}, lines
    for index, cell in enumerate(cells):
        for column, names in _HEADINGS.items():
            if cell.lower() in names:
                places.setdefault(column, index)
    if not places:
        return {column: index for index, column in enumerate(COLUMNS)}, lines
    missing = [column for column in ("date", "kind") if column not in places]
    if missing:
        raise HolidayFileError(
            Problem("no_column", number, column) for column in missing
        )
    return places, lines[1:]


def _read_row(number, cells, places, year):
    """Return the row, or None without a usable date and kind, and its problems."""

    def cell(column):
        index = places.get(column, len(cells))
        return cells[index] if index < len(cells) else ""

    problems = []
    day = _read_date(cell("date"))
    if day is None:
        code = "bad_date" if cell("date") else "no_date"
        problems.append(Problem(code, number, "date", cell("date")))
    elif day.year != year:
        problems.append(Problem("other_year", number, "date", cell("date")))
    is_workday = _read_kind(cell("kind"))
    if is_workday is None:
        code = "bad_kind" if cell("kind") else "no_kind"
        problems.append(Problem(code, number, "kind", cell("kind")))
    hours = ()
    try:
        hours = parse_hours(cell("hours"))
    except WorkingTimeError:
        problems.append(Problem("bad_hours", number, "hours", cell("hours")))
    if hours and is_workday is False:
        problems.append(Problem("hours_off", number, "hours", cell("hours")))
    if day is None or is_workday is None:
        return None, problems
    return HolidayRow(number, day, is_workday, cell("name"), hours), problems


def _read_date(text: str) -> date | None:
    match = _DATE.fullmatch(text) or _PLAIN_DATE.fullmatch(text)
    if not match:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def _read_kind(text: str) -> bool | None:
    for is_workday, words in _KINDS.items():
        if text.lower() in words:
            return is_workday
    return None
