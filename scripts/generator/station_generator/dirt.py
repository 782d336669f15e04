"""The dirt of real exports, put into clean rows on purpose and written down.

A kind of dirt is a function that changes one row and says which cell now holds what
and what a careful loader makes of it. Dirt that has no single right reading is put only
on rows that no other row depends on, so that every expected report has one cause.
"""

from bisect import bisect
from itertools import accumulate
from typing import NamedTuple

from .draw import Draw
from .identity import AREA_CODE
from .points import is_in_gbk
from .records import SupplyPoint

COLUMNS = {name: index for index, name in enumerate(SupplyPoint._fields)}
#: Every kind occurs at least once in so many rows.
BLOCK = 2000


class ExpectedError(NamedTuple):
    """One line of expected_errors.csv; ``row`` counts the header as row 1."""

    file: str
    row: int
    column: str
    kind: str
    repairable: str
    external_ref: str
    written: str
    expected: str


class Kind(NamedTuple):
    """A kind of dirt.

    ``apply(dirt, cells, made)`` gets the clean cells, changes one of them in place (or
    adds some) and returns (column, expected value), or something false when the row
    has nothing to spoil this way. Without it the kind is one of whole extra rows.
    """

    name: str
    rate: float
    is_repairable: bool
    apply: object


KINDS = {}


def _kind(name, rate, repairable):
    def register(function):
        KINDS[name] = Kind(name, rate, repairable, function)
        return function

    return register


def _put(cells, column, value, expected=None):
    """Write a value over a cell; what is expected is the old one unless said."""
    index = COLUMNS[column]
    old = cells[index]
    cells[index] = value
    return column, old if expected is None else expected


def _get(cells, column):
    return cells[COLUMNS[column]]


_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@_kind("full_width", 0.006, True)
def _full_width(dirt, cells, made):
    column = dirt.draw.pick(
        ("consumer_number", "phone", "area_code", "contract_kva", "id_number")
    )
    value = _get(cells, column)
    return value and _put(cells, column, value.translate(_FULL_WIDTH))


_SPACED = (
    "customer_name",
    "address",
    "consumer_number",
    "phone",
    "area_code",
    "element_code",
    "contract_from",
    "customer_class",
)


@_kind("space_around", 0.006, True)
def _space_around(dirt, cells, made):
    column = dirt.draw.pick(_SPACED)
    value = _get(cells, column)
    before, after = dirt.draw.pick(((" ", ""), ("", "  "), (" ", " ")))
    return value and _put(cells, column, f"{before}{value}{after}")


@_kind("space_ideographic", 0.005, True)
def _space_ideographic(dirt, cells, made):
    column = dirt.draw.pick(_SPACED)
    value = _get(cells, column)
    before, after = dirt.draw.pick((("　", ""), ("", "　　"), ("　", "　")))
    return value and _put(cells, column, f"{before}{value}{after}")


@_kind("space_inside", 0.006, True)
def _space_inside(dirt, cells, made):
    column = dirt.draw.pick(("customer_name", "phone", "consumer_number"))
    value = _get(cells, column)
    if len(value) < 2:
        return None
    if column == "customer_name":
        space = dirt.draw.pick((" ", "　", "  "))
        return _put(cells, column, value[0] + space + value[1:])
    if not value.isdigit():
        return None
    return _put(cells, column, f"{value[:3]} {value[3:7]} {value[7:]}")


@_kind("excel_guard", 0.004, True)
def _excel_guard(dirt, cells, made):
    column = dirt.draw.pick(("consumer_number", "phone", "id_number"))
    value = _get(cells, column)
    form = dirt.draw.pick(('="%s"', "'%s", "%s\t"))
    return value and _put(cells, column, form % value)


def _date_kind(name, form):
    @_kind(name, 0.005, True)
    def apply(dirt, cells, made):
        column = "contract_from"
        if _get(cells, "contract_to") and dirt.draw.chance(0.4):
            column = "contract_to"
        return _put(cells, column, form(*_get(cells, column).split("-")))

    return apply


_date_kind("date_slash", lambda year, month, day: f"{year}/{int(month)}/{int(day)}")
_date_kind("date_compact", lambda year, month, day: f"{year}{month}{day}")
_date_kind(
    "date_chinese", lambda year, month, day: f"{year}年{int(month)}月{int(day)}日"
)


@_kind("unit_suffix", 0.005, True)
def _unit_suffix(dirt, cells, made):
    unit = dirt.draw.pick(("kVA", " kVA", "KVA", "千伏安"))
    value = _get(cells, "contract_kva")
    return _put(cells, "contract_kva", value + unit)


@_kind("thousands_separator", 0.05, True)
def _thousands_separator(dirt, cells, made):
    value = _get(cells, "contract_kva")
    if len(value) < 4:
        return None
    return _put(cells, "contract_kva", f"{int(value):,}")


@_kind("phone_formatted", 0.005, True)
def _phone_formatted(dirt, cells, made):
    value = _get(cells, "phone")
    if not value.isdigit():
        return None
    form = dirt.draw.pick(("{0}-{1}-{2}", "+86 {0}{1}{2}", "86{0}{1}{2}"))
    return _put(cells, "phone", form.format(value[:3], value[3:7], value[7:]))


def _local_number(dirt):
    return f"6{dirt.draw.below(1_000_000):06d}"


@_kind("landline_area_code", 0.003, True)
def _landline_area_code(dirt, cells, made):
    if made.may_repeat:
        return None
    local = _local_number(dirt)
    form = dirt.draw.pick(("({0}){1}", "{0} {1}", "（{0}）{1}", "{0}{1}"))
    written = form.format(AREA_CODE, local)
    return _put(cells, "phone", written, AREA_CODE + local)


@_kind("quotes", 0.003, True)
def _quotes(dirt, cells, made):
    value = _get(cells, "address")
    form = dirt.draw.pick(('%s"老屋"旁', "%s“老屋”旁", "%s,'后门'"))
    return value and _put(cells, "address", form % value, form % value)


@_kind("line_break", 0.003, True)
def _line_break(dirt, cells, made):
    value = _get(cells, "address")
    cut = value.find("镇") + 1
    if not cut:
        return None
    line_end = dirt.draw.pick(("\n", "\r\n"))
    return _put(
        cells,
        "address",
        value[:cut] + line_end + value[cut:],
        f"{value[:cut]} {value[cut:]}",
    )


@_kind("trailing_columns", 0.003, True)
def _trailing_columns(dirt, cells, made):
    cells.extend([""] * dirt.draw.between(1, 3))
    return "", ""


@_kind("unknown_area", 0.004, False)
def _unknown_area(dirt, cells, made):
    code = f"{_get(cells, 'area_code')[:3]}-G9{dirt.draw.below(100):02d}"
    return _put(cells, "area_code", code, "")


@_kind("unknown_element", 0.002, False)
def _unknown_element(dirt, cells, made):
    code = f"{_get(cells, 'element_code')[:3]}-F9{dirt.draw.below(100):02d}-T001"
    return _put(cells, "element_code", code, "")


def _own_phone(cells, made):
    """The phone, when it is a mobile and on this row only; else an empty text."""
    value = _get(cells, "phone")
    return value if value.isdigit() and not made.may_repeat else ""


@_kind("phone_short", 0.004, False)
def _phone_short(dirt, cells, made):
    value = _own_phone(cells, made)
    return value and _put(cells, "phone", value[: dirt.draw.between(7, 10)], "")


@_kind("phone_letters", 0.003, False)
def _phone_letters(dirt, cells, made):
    value = _own_phone(cells, made)
    form = dirt.draw.pick(("{0}O{1}b", "{0}xx{1}", "{0}无{1}", "无{0}{1}"))
    return value and _put(cells, "phone", form.format(value[:3], value[5:]), "")


@_kind("landline_no_area_code", 0.003, False)
def _landline_no_area_code(dirt, cells, made):
    if made.may_repeat:
        return None
    return _put(cells, "phone", _local_number(dirt), "")


@_kind("date_impossible", 0.002, False)
def _date_impossible(dirt, cells, made):
    year = _get(cells, "contract_from")[:4]
    form = dirt.draw.pick(("%s-02-30", "%s-13-01", "%s/4/31", "%s0631", "%s年2月30日"))
    return _put(cells, "contract_from", form % year, "")


@_kind("date_order", 0.02, False)
def _date_order(dirt, cells, made):
    if not _get(cells, "contract_to"):
        return None
    start = _get(cells, "contract_from")
    return _put(cells, "contract_to", f"{int(start[:4]) - 1}-06-15", "")


@_kind("empty_required", 0.003, False)
def _empty_required(dirt, cells, made):
    columns = ["contract_from", "area_code"]
    if not made.may_repeat:
        columns += ["customer_name"] * 4
    value = dirt.draw.pick(("", "", " ", "　"))
    return _put(cells, dirt.draw.pick(columns), value, "")


@_kind("excel_number", 0.003, False)
def _excel_number(dirt, cells, made):
    columns = ["consumer_number"]
    if not made.may_repeat:
        columns += ["phone", "id_number"]
    column = dirt.draw.pick(columns)
    value = _get(cells, column)
    if not value.isdigit():
        return None
    return _put(cells, column, f"{int(value):.5E}", "")


@_kind("id_checksum", 0.003, False)
def _id_checksum(dirt, cells, made):
    value = _get(cells, "id_number")
    if made.may_repeat or not value[:17].isdigit() or len(value) != 18:
        return None
    wrong = "1" if value[17] != "1" else "2"
    return _put(cells, "id_number", value[:17] + wrong, "")


@_kind("lost_character", 0.001, False)
def _lost_character(dirt, cells, made):
    value = _get(cells, "customer_name")
    if made.may_repeat or len(value) > 4:
        return None
    return _put(cells, "customer_name", value[:-1] + "?", "")


@_kind("duplicate_consumer_number", 0.003, False)
def _duplicate_consumer_number(dirt, cells, made):
    earlier = dirt.take_earlier()
    if not earlier:
        return None
    row, other = earlier
    return _put(cells, "consumer_number", _get(other, "consumer_number"), str(row))


# These two put a copy of an earlier clean row after the present one: _extra_row.
KINDS["duplicate_exact"] = Kind("duplicate_exact", 0.003, True, None)
KINDS["duplicate_changed"] = Kind("duplicate_changed", 0.002, False, None)
_EXTRA_ROWS = ("duplicate_exact", "duplicate_changed")


class DirtPlan:
    """Spoils the rows of one customers file.

    :param seed: the file's seed
    :param total: number of clean rows, so that each kind can be placed in each 2,000
    :param rates: {kind: share of the rows}, in place of the default ones; a rate of
        0 leaves the kind out altogether
    :param factor: multiplies every default rate
    :raise ValueError: an unknown kind, or rates that are no shares
    """

    def __init__(self, seed, total, rates=None, factor=1.0):
        unknown = set(rates or ()) - set(KINDS)
        if unknown:
            raise ValueError(
                f"Unknown kind of dirt: {', '.join(sorted(unknown))}. "
                f"Known: {', '.join(KINDS)}."
            )
        chosen = {name: kind.rate * factor for name, kind in KINDS.items()}
        chosen.update(rates or {})
        self.rates = {name: rate for name, rate in chosen.items() if rate}
        if any(rate < 0 for rate in chosen.values()) or sum(self.rates.values()) > 1:
            raise ValueError("Rates of dirt must be shares from 0 to 1 in all.")
        self.draw = Draw(seed, "dirt")
        self.total = total
        self.names = list(self.rates)
        self.cumulated = list(accumulate(self.rates.values())) or [0]
        self.forced = {}
        self.pending = []
        self.earlier = []

    def spoil(self, mades, file_name, first_row=2):
        """Yield (cells, [ExpectedError]) for every row of the file.

        :param mades: iterable of ``points.Made``
        :param first_row: row number of the first one
        """
        row = first_row
        for index, made in enumerate(mades):
            if index % BLOCK == 0:
                self._place_block(index)
            cells = list(made.point)
            names = self._choose(index)
            errors = []
            used = set()
            stands_alone = not made.former
            for name in names:
                kind = KINDS[name]
                if name in _EXTRA_ROWS or not (kind.is_repairable or stands_alone):
                    continue
                error = self._apply(kind, cells, made, used)
                if error:
                    errors.append(error(file_name, row))
                    if name in self.pending:
                        self.pending.remove(name)
            if not errors and stands_alone and is_in_gbk(made.point.customer_name):
                self._remember(row, made.point)
            yield cells, errors
            row += 1
            for name in names:
                extra = name in _EXTRA_ROWS and self._extra_row(name)
                if extra:
                    cells, error = extra
                    yield cells, [error(file_name, row)]
                    row += 1
                    if name in self.pending:
                        self.pending.remove(name)

    def take_earlier(self):
        """An earlier clean row (number, cells) that no duplicate was made of yet."""
        if len(self.earlier) < 5:
            return None
        return self.earlier.pop(self.draw.below(len(self.earlier)))

    def _place_block(self, start):
        """Choose where each kind is bound to come in the next 2,000 rows."""
        size = min(BLOCK, self.total - start)
        self.forced = {}
        if size < BLOCK and start:
            return
        for name in self.names:
            at = start + int(size * (0.02 + 0.6 * self.draw.rnd()))
            self.forced.setdefault(at, []).append(name)

    def _choose(self, index):
        """Names of the kinds to try on the row, those that are bound to come first."""
        for name in self.forced.get(index, ()):
            if name not in self.pending:
                self.pending.append(name)
        names = list(self.pending)
        draw = self.draw.rnd()
        if draw < self.cumulated[-1]:
            names.append(self.names[bisect(self.cumulated, draw)])
            if self.draw.rnd() < 0.1:
                names.append(self.draw.pick(self.names))
        return dict.fromkeys(names)

    def _apply(self, kind, cells, made, used):
        """Spoil a cell, unless one of the row's other dirt is there already."""
        spoilt = list(made.point)
        result = kind.apply(self, spoilt, made)
        if not result or result[0] in used:
            return None
        column, expected = result
        used.add(column)
        if column:
            cells[COLUMNS[column]] = spoilt[COLUMNS[column]]
        else:
            cells += spoilt[len(made.point) :]
        written = cells[COLUMNS[column]] if column else ""

        def error(file_name, row):
            return ExpectedError(
                file_name,
                row,
                column,
                kind.name,
                "yes" if kind.is_repairable else "no",
                made.point.external_ref,
                written,
                expected,
            )

        return error

    def _remember(self, row, point):
        if len(self.earlier) >= 200:
            self.earlier.pop(0)
        self.earlier.append((row, point))

    def _extra_row(self, name):
        """A copy of an earlier row, for ``duplicate_changed`` with another value."""
        earlier = self.take_earlier()
        if not earlier:
            return None
        first_row, point = earlier
        cells = list(point)
        column = ""
        if name == "duplicate_changed":
            column = "contract_kva"
            _put(cells, column, str(int(point.contract_kva) + 5))

        def error(file_name, row):
            return ExpectedError(
                file_name,
                row,
                column,
                name,
                "yes" if KINDS[name].is_repairable else "no",
                point.external_ref,
                cells[COLUMNS[column]] if column else "",
                str(first_row),
            )

        return cells, error
