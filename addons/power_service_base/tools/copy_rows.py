"""Rows into a table by COPY, the fastest way into PostgreSQL."""

import io
import json

from odoo.tools import SQL

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(cr, table, names, rows):
    """Append rows to a table. Nothing is computed; its constraints are checked.

    :param table: SQL, the table's name
    :param names: the columns' names
    :param rows: iterable of tuples of values, in the order of ``names``; None is NULL,
        a tuple an array, a dict JSON
    """
    text = "".join("\t".join(map(_get_cell, row)) + "\n" for row in rows)
    columns = SQL(", ").join(map(SQL.identifier, names))
    query = SQL("COPY %s (%s) FROM STDIN", table, columns)
    cr.copy_expert(query.code, io.StringIO(text))


def _get_cell(value):
    """A value as COPY's text format writes it."""
    if value is None:
        return "\\N"
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str):
        # A printable text has no tab and no line break.
        is_plain = value.isprintable() and "\\" not in value
        return value if is_plain else value.translate(_ESCAPES)
    if isinstance(value, tuple):
        return "{" + ",".join(map(str, value)) + "}"
    return str(value)
