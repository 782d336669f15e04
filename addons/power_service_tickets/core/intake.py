"""Reading what another system sends: each row is understood, or its faults are named.

A row is a dict of plain values. Nothing is looked up here: codes are checked by whoever
knows the records.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from odoo.addons.power_service_base.core.given import find_text_problem, shorten

MAX_ROWS = 1000
#: A call may report what happened before, not in another age.
OLDEST = datetime(2000, 1, 1)
#: How far the sender's clock may be ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)

# Texts and how long they may be.
TEXTS = {
    "type": 64,
    "category": 64,
    "subject": 250,
    "description": 20000,
    "channel": 32,
    "consumer_number": 64,
    "phone": 64,
    "email": 254,
    "contact_name": 128,
    "address": 500,
    "station": 64,
    "source_system": 64,
    "external_ref": 128,
}
REQUIRED = ("type", "source_system", "external_ref")
KNOWN = frozenset((*TEXTS, "received_at", "is_anonymous", "files"))

# What can be wrong with a field.
NOT_A_DICT = "not_a_dict"
UNKNOWN_FIELD = "unknown_field"
MISSING = "missing"
NOT_TEXT = "not_text"
TOO_LONG = "too_long"
BAD_TEXT = "bad_text"
TEXT_PROBLEMS = {"no_text": NOT_TEXT, "long": TOO_LONG, "stored": BAD_TEXT}
NOT_BOOLEAN = "not_boolean"
NOT_A_TIME = "not_a_time"
FUTURE = "future"
TOO_OLD = "too_old"
NOT_FILES = "not_files"
TOO_MANY_FILES = "too_many_files"
NOT_BASE64 = "not_base64"


class Problem(NamedTuple):
    """A fault of one row.

    :param field: the field's name, empty for the row as a whole
    :param code: one of the constants above
    :param value: what was given, as far as it helps: shortened
    """

    field: str
    code: str
    value: str = ""


class File(NamedTuple):
    name: str
    content: bytes


def parse_row(row: object, now: datetime, max_files: int) -> tuple[dict, list[Problem]]:
    """Understand one row.

    :param row: what was sent
    :param now: naive UTC
    :param max_files: how many files a row may have
    :return: the values, with ``received_at`` as naive UTC and ``files`` as a list of
        :class:`File`; and the faults. The values are of use only without faults
    """
    if not isinstance(row, Mapping):
        return {}, [Problem("", NOT_A_DICT, shorten(row))]
    problems = [
        Problem(shorten(name), UNKNOWN_FIELD) for name in row if name not in KNOWN
    ]
    values = {}
    for name, size in TEXTS.items():
        value = row.get(name)
        if value is None or value is False or value == "":
            if name in REQUIRED:
                problems.append(Problem(name, MISSING))
            continue
        problem = check_text(value, size)
        if problem:
            problems.append(Problem(name, problem, shorten(value)))
            continue
        values[name] = value.strip()
        if name in REQUIRED and not values[name]:
            problems.append(Problem(name, MISSING))
    anonymous = row.get("is_anonymous")
    if anonymous not in (None, True, False) or isinstance(anonymous, int | float) != (
        isinstance(anonymous, bool)
    ):
        problems.append(Problem("is_anonymous", NOT_BOOLEAN, shorten(anonymous)))
    values["is_anonymous"] = bool(anonymous)
    values["received_at"], problem = _parse_time(row.get("received_at"), now)
    if problem:
        problems.append(
            Problem("received_at", problem, shorten(row.get("received_at")))
        )
    values["files"], problem = _parse_files(row.get("files"), max_files)
    if problem:
        problems.append(problem)
    return values, problems


def check_text(value: object, size: int) -> str | None:
    """Return why ``value`` can't be kept as a text of at most ``size`` characters."""
    problem = find_text_problem(value, size)
    return problem and TEXT_PROBLEMS[problem]


def _parse_time(value, now):
    """Naive UTC; without an offset it is UTC already."""
    if value is None or value is False or value == "":
        return now, None
    if not isinstance(value, str):
        return now, NOT_A_TIME
    try:
        at = datetime.fromisoformat(value.strip())
        if at.tzinfo:
            at = at.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return now, NOT_A_TIME
    at = at.replace(microsecond=0)
    if at > now + CLOCK_SKEW:
        return now, FUTURE
    if at < OLDEST:
        return now, TOO_OLD
    return min(at, now), None


def _parse_files(value, max_files):
    if value is None or value is False:
        return [], None
    if not isinstance(value, list):
        return [], Problem("files", NOT_FILES, shorten(value))
    if len(value) > max_files:
        return [], Problem("files", TOO_MANY_FILES, str(len(value)))
    files = []
    for item in value:
        if not isinstance(item, Mapping) or set(item) != {"name", "data"}:
            return [], Problem("files", NOT_FILES, shorten(item))
        name, data = item["name"], item["data"]
        if check_text(name, 200) or not name.strip() or not isinstance(data, str):
            return [], Problem("files", NOT_FILES, shorten(name))
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            return [], Problem("files", NOT_BASE64, shorten(name))
        files.append(File(name.strip(), content))
    return files, None
