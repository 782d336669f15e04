"""Reads the rows of an import file in a stream: CSV in any usual form, and XLSX.

:func:`inspect_file` looks at all of a file once and says what it is, or raises
:class:`FileError` with the one reason why it can't be read; :func:`read_rows` then
gives its rows. Memory doesn't grow with the file.
"""

import codecs
import csv
import io
import zipfile
from datetime import date, datetime, time
from typing import NamedTuple

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from ..core.import_cleaning import NO_RESULT, Reason

CHUNK = 1 << 20
#: An XLSX unpacks to about ten times its size; more than this is no table of customers.
MAX_UNPACKED = 2 << 30
MAX_CELLS = 512
#: A value longer than this comes from a quotation mark that is never closed.
csv.field_size_limit(1 << 20)

_MAGIC = (
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
)


class FileError(Exception):
    """A file can't be read at all; ``reason`` says why (key and parameters)."""

    def __init__(self, key, **params):
        super().__init__(key)
        self.reason = Reason(key, params)


class FileForm(NamedTuple):
    """What a file is: ``kind`` csv or xlsx, and how its text is written."""

    kind: str
    encoding: str = ""
    delimiter: str = ""


def inspect_file(stream):
    """Find out what a binary stream holds.

    :param stream: seekable, opened in binary mode; left at its start
    :raise FileError: empty, no table, or in no known encoding
    """
    stream.seek(0)
    head = stream.read(4096)
    if not head.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise FileError("file_empty")
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise FileError(
                "file_old_excel" if name == "XLS" else "file_type", type=name
            )
    if head.startswith(b"PK\x03\x04"):
        _check_workbook(stream)
        stream.seek(0)
        return FileForm("xlsx")
    low = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if low.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise FileError("file_type", type="HTML")
    encoding = _find_encoding(stream, head)
    stream.seek(0)
    return FileForm("csv", encoding, _find_delimiter(stream, encoding))


def _check_workbook(stream):
    try:
        with zipfile.ZipFile(stream) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise FileError("file_type", type="ZIP")
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise FileError("file_unpacked", limit=MAX_UNPACKED >> 20)
    except (zipfile.BadZipFile, OSError) as error:
        raise FileError("file_damaged") from error


def _find_encoding(stream, head):
    """UTF-8 when all of the file is, else GB 18030 when all of it is."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        raise FileError("file_binary")
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(stream, encoding):
            return encoding
    raise FileError("file_encoding")


def _decodes(stream, encoding):
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := stream.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _find_delimiter(stream, encoding):
    """The separator that occurs most often in the header, outside of quotes."""
    text = _text(stream, encoding)
    try:
        header = text.readline(1 << 16)
        while header and not header.strip():
            header = text.readline(1 << 16)
    except UnicodeError as error:
        raise FileError("file_encoding") from error
    finally:
        text.detach()
    counts = {}
    for delimiter in ",;\t|\uff0c":
        counts[delimiter] = sum(
            part.count(delimiter) for part in header.split('"')[::2]
        )
    best = max(counts, key=counts.get)
    return best if counts[best] else ","


def _text(stream, encoding):
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


def read_rows(stream, form):
    """Yield (row number, cells) of every row but blank ones, the header's too.

    The number is what a spreadsheet shows: a row with a line break in a value is one.

    :raise FileError: the file breaks off or isn't what its start promised
    """
    if form.kind == "xlsx":
        yield from _read_xlsx(stream)
        return
    text = _text(stream, form.encoding)
    number = 0
    try:
        reader = csv.reader(text, delimiter=form.delimiter)
        for number, cells in enumerate(reader, 1):
            if len(cells) > MAX_CELLS:
                raise FileError("file_wide", row=number, limit=MAX_CELLS)
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise FileError("file_quotes", row=number + 1) from error
    except UnicodeError as error:
        raise FileError("file_encoding") from error
    finally:
        text.detach()


def _read_xlsx(stream):
    stream.seek(0)
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
    ) as error:
        raise FileError("file_damaged") from error
    try:
        sheet = next(iter(book.worksheets), None)
        if sheet is None:
            raise FileError("file_empty")
        try:
            for number, cells in _read_sheet(sheet):
                if len(cells) > MAX_CELLS:
                    cells = _trim(cells)
                    if len(cells) > MAX_CELLS:
                        raise FileError("file_wide", row=number, limit=MAX_CELLS)
                texts = [_cell_text(cell) for cell in cells]
                if any(texts):
                    yield number, texts
        except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
            raise FileError("file_damaged") from error
    finally:
        book.close()


class _Parser(WorkSheetParser):
    """Says of a formula without a stored result that it is one: openpyxl gives
    nothing, as for an empty cell. A result that is an empty text has the type str."""

    def parse_cell(self, element):
        cell = super().parse_cell(element)
        if (
            cell["value"] is None
            and element.get("t") != "str"
            and element.find(FORMULA_TAG) is not None
        ):
            cell["value"] = NO_RESULT
        return cell


def _read_sheet(sheet):
    """Yield (row number, values) of a sheet of a workbook opened for reading only."""
    book = sheet.parent
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        last = 0
        for number, cells in parser.parse():
            if number <= last:
                raise ValueError(f"row {number} comes after row {last}")
            last = number
            yield number, sheet._get_row(cells, values_only=True)


def _trim(cells):
    while cells and cells[-1] is None:
        cells = cells[:-1]
    return cells


def _cell_text(value):
    """A spreadsheet cell as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return _number_text(value)
    if isinstance(value, float):
        return _number_text(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _number_text(value):
    """A whole number; one above 15 digits has lost its last ones in the spreadsheet."""
    if abs(value) >= 10**15:
        return f"{value:.10E}"
    return str(value)
