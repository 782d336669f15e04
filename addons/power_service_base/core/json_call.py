"""What every call of a method by JSON-2 has in common: whose records, in which context.

Odoo hands both on as they come. What makes no sense is an error of the server there,
with its inside in the answer; here it is said what is wrong.
"""

from collections.abc import Mapping

# The largest id that a column can hold.
MAX_ID = 2**31 - 1

IDS = "ids"
NAMES = "names"
CONTEXT = "context"
LANG = "lang"
TIME_ZONE = "tz"
COMPANIES = "allowed_company_ids"


def is_ids(value: object) -> bool:
    """Whether it is a list of ids."""
    return isinstance(value, list | tuple) and all(
        isinstance(item, int) and not isinstance(item, bool) and 0 < item <= MAX_ID
        for item in value
    )


def find_problem(arguments: Mapping[str, object]) -> str | None:
    """Return which part of a call makes no sense, None for none.

    :param arguments: the named arguments, ``ids`` and ``context`` among them
    """
    if any(not name.isidentifier() or name == "self" for name in arguments):
        return NAMES
    if not is_ids(arguments.get("ids", ())):
        return IDS
    context = arguments.get("context", {})
    if not isinstance(context, Mapping):
        return CONTEXT
    for name in (LANG, TIME_ZONE):
        value = context.get(name) or ""
        # A code; Odoo says itself when there is none of the name.
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            return name
    return None if is_ids(context.get(COMPANIES) or ()) else COMPANIES
