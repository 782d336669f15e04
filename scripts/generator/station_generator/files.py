"""Writes the files of docs/importing.md, whole or not at all."""

import csv
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .dirt import DirtPlan, ExpectedError
from .plan import AS_OF, plan_stations, station_sizes
from .records import FILES, FormerContract, SupplyPoint
from .stream import make_points

EXPECTED_FILE = "expected_errors.csv"
_SUPPORT = [kind for kind in FILES if kind not in (SupplyPoint, FormerContract)]


@contextmanager
def _table(path, columns, encoding="utf-8", line_end="\n"):
    """A CSV writer with its header; the file appears when all is written.

    Characters that the encoding does not know are written as a question mark, as
    exporting systems do.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding=encoding, errors="replace", newline="") as stream:
            writer = csv.writer(stream, lineterminator=line_end)
            writer.writerow(columns)
            yield writer
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _write_support(stack, out, seed, customers):
    """Write stations, people, areas, sections and elements; return their counts."""
    writers = {
        kind: stack.enter_context(_table(out / FILES[kind], kind._fields))
        for kind in _SUPPORT
    }
    counts = dict.fromkeys(_SUPPORT, 0)
    for plan in plan_stations(seed, customers):
        for record in plan.records():
            writers[type(record)].writerow(record)
            counts[type(record)] += 1
    return {FILES[kind]: count for kind, count in counts.items()}


def write_station(out, seed=7, customers=2000, as_of=AS_OF):
    """Write a clean station, UTF-8 without byte order mark.

    :param out: folder, made when missing; files of the same names are replaced
    :return: dict {file name: number of rows}
    :raise ValueError: ``customers`` is out of range
    :raise OSError: a file cannot be written; no file is then left half written
    """
    station_sizes(customers)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        counts = _write_support(stack, out, seed, customers)
        points, formers = (
            stack.enter_context(_table(out / FILES[kind], kind._fields)).writerow
            for kind in (SupplyPoint, FormerContract)
        )
        former_count = 0
        for made in make_points(seed, customers, as_of):
            points(made.point)
            if made.former:
                formers(made.former)
                former_count += 1
    counts[FILES[SupplyPoint]] = customers
    counts[FILES[FormerContract]] = former_count
    return counts


def write_dirty_station(
    out, seed=7, customers=2000, as_of=AS_OF, encoding="gbk", rates=None, factor=1.0
):
    """Write the same station with dirt in its customers, and what it should give.

    Stations, people, areas, sections and elements stay clean. The customers file is
    in ``encoding`` with CRLF line ends, the former customers in UTF-8 with a byte
    order mark. ``expected_errors.csv`` names every spoilt cell.

    :param encoding: any that Python knows, as gbk, gb18030, utf-8, utf-8-sig
    :param rates: {kind: share of rows}; see DirtPlan
    :param factor: multiplies the default rates
    :return: dict {file name: number of rows}
    :raise ValueError: ``customers``, a rate or a kind is wrong
    :raise LookupError: the encoding is not known
    :raise OSError: a file cannot be written; no file is then left half written
    """
    station_sizes(customers)
    dirt = DirtPlan(seed, customers, rates, factor)
    "".encode(encoding)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    file_name = FILES[SupplyPoint]
    former_name = FILES[FormerContract]
    with ExitStack() as stack:
        counts = _write_support(stack, out, seed, customers)
        points, formers, expected = (
            stack.enter_context(_table(out / name, columns, coding, line_end)).writerow
            for name, columns, coding, line_end in (
                (file_name, SupplyPoint._fields, encoding, "\r\n"),
                (former_name, FormerContract._fields, "utf-8-sig", "\r\n"),
                (EXPECTED_FILE, ExpectedError._fields, "utf-8", "\n"),
            )
        )
        errors_count = former_count = 0

        def report(error):
            nonlocal errors_count
            expected(error)
            errors_count += 1

        for error in _file_errors(file_name, encoding, former_name):
            report(error)

        def with_formers():
            nonlocal former_count
            for made in make_points(seed, customers, as_of):
                if made.former:
                    formers(made.former)
                    former_count += 1
                yield made

        row = 1
        for cells, errors in dirt.spoil(with_formers(), file_name):
            row += 1
            points(cells)
            for error in _lost_characters(cells, errors, encoding, file_name, row):
                report(error)
    counts[file_name] = row - 1
    counts[former_name] = former_count
    counts[EXPECTED_FILE] = errors_count
    return counts


def _file_errors(file_name, encoding, former_name):
    """What is expected of whole files: row 0."""
    if encoding.lower().replace("-", "").startswith("gb"):
        yield ExpectedError(file_name, 0, "", "encoding_gbk", "yes", "", encoding, "")
    elif encoding.lower() == "utf-8-sig":
        yield ExpectedError(file_name, 0, "", "bom", "yes", "", encoding, "")
    yield ExpectedError(former_name, 0, "", "bom", "yes", "", "utf-8-sig", "")


def _lost_characters(cells, errors, encoding, file_name, row):
    """The row's errors, with those of characters that the encoding does not know."""
    try:
        "".join(cells).encode(encoding)
        return errors
    except UnicodeEncodeError:
        errors = list(errors)
    for column, value in zip(SupplyPoint._fields, cells, strict=False):
        written = value.encode(encoding, "replace").decode(encoding)
        if written != value:
            errors = [error for error in errors if error.column != column]
            errors.append(
                ExpectedError(
                    file_name,
                    row,
                    column,
                    "lost_character",
                    "no",
                    cells[1],
                    written,
                    "",
                )
            )
    return errors
