"""What a cell of an import file means: each rule returns a value, or a reason why not.

Dirt with one possible meaning is put right and named (``repairs``); everything else
gives a :class:`Reason`, a message key with its parameters, which the edge translates.
The rules are those of ``docs/importing.md``. An empty cell is no value and no reason.
"""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from operator import mul
from typing import NamedTuple

# Named tuples and not dataclasses: a file of a million rows makes millions of them.


class Reason(NamedTuple):
    """Why a cell can't be read: a message key and its parameters."""

    key: str
    params: dict = {}


class Cleaned(NamedTuple):
    """A cell's value (None when empty or unreadable), what was put right, or why not.

    ``repairs`` are the names of docs/importing.md, in the order found.
    """

    value: object = None
    repairs: tuple = ()
    reason: Reason | None = None


EMPTY = Cleaned()

_FULL_WIDTH = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
# In free text Chinese punctuation stays; only digits and Latin letters are narrowed.
_FULL_WIDTH_ALNUM = {
    wide: narrow for wide, narrow in _FULL_WIDTH.items() if chr(narrow).isalnum()
}
_WIDE = re.compile("[\uff01-\uff5e]")
_WIDE_ALNUM = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_OTHER_SPACES = "\u3000\u00a0\u2002\u2003\u2007\u2009\u202f"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]"
)
_LINE_BREAK = re.compile(r"[ \t]*[\r\n\u0085\u2028\u2029]+[ \t]*")
_SPACES = re.compile(rf"[\s{_OTHER_SPACES}]+")
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}·])[\s{_OTHER_SPACES}]+(?=[{_HAN}·])")
#: A cell that matches none of this needs none of the steps of :func:`tidy`.
DIRTY = re.compile(
    rf"^[\s='`]|\s$|[\x00-\x1f\x7f{_OTHER_SPACES}\u0085\u200b-\u200f\u2028-\u202e"
    "\u2060\u2066-\u2069\ufeff\uff01-\uff5e]|\\s\\s"
)
_EXCEL_FORMULA = re.compile(r'^="(.*)"$', re.DOTALL)
_EXCEL_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?[Ee]\+?\d+$")
_LOST = re.compile("[?\ufffd]|锟斤拷")
_SPREADSHEET_ERROR = re.compile(
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|"
    r"CONNECT!|BUSY!|UNKNOWN!|PYTHON!|GETTING_DATA)",
    re.IGNORECASE,
)
#: Stands for a formula whose result the workbook doesn't hold; no text has this sign.
NO_RESULT = "\ufdd0"
#: The longest value that a rule lets through, where its form doesn't say it already.
#: The database can't index a text of some thousand characters.
LENGTHS = {"name": 255, "text": 500, "email": 254}
LENGTH = 100


def check_computed(text):
    """Why a cell has no value, though it isn't empty: what a spreadsheet computed.

    :return: a :class:`Reason`, or None
    """
    if "#" in text or "\uff03" in text:  # full width
        if found := _SPREADSHEET_ERROR.fullmatch(tidy(text)[0]):
            return Reason("spreadsheet_error", {"error": found.group().upper()})
    return Reason("formula_no_result") if NO_RESULT in text else None


def check_length(rule, text, value):
    """Why a value is too long: a :class:`Reason`, or None.

    :param text: the cell
    :param value: what it means
    """
    size = len(value if isinstance(value, str) else text)
    limit = LENGTHS.get(rule, LENGTH)
    if rule == "codes" or size <= limit:
        return None
    return Reason("too_long", {"length": size, "limit": limit})


def tidy(text, is_free=False):
    """Take off what is round a value: spaces, spreadsheet guards, full width.

    :param is_free: free text (a name, an address): Chinese punctuation stays as it is
    :return: (text, repairs)
    """
    if not DIRTY.search(text):
        return text, ()
    repairs = []
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
        repairs.append("invisible")
    stripped = text.strip(" \t\r\n" + _OTHER_SPACES)
    guarded = _EXCEL_FORMULA.match(stripped)
    if guarded:
        stripped = guarded.group(1).replace('""', '"').strip(" \t" + _OTHER_SPACES)
        repairs.append("excel_guard")
    elif stripped[:1] in ("'", "`") and stripped.count("'") + stripped.count("`") == 1:
        stripped = stripped[1:].strip(" \t" + _OTHER_SPACES)
        repairs.append("excel_guard")
    elif stripped != text:
        around = text.replace(stripped, "", 1) if stripped else text
        if "\t" in around:
            repairs.append("excel_guard")
        elif any(char in _OTHER_SPACES for char in around):
            repairs.append("space_ideographic")
        elif " " in around:
            repairs.append("space_around")
        else:
            repairs.append("line_break")
    text = stripped
    if (_WIDE_ALNUM if is_free else _WIDE).search(text):
        text = text.translate(_FULL_WIDTH_ALNUM if is_free else _FULL_WIDTH)
        repairs.append("full_width")
    return text, tuple(repairs)


#: Cells that their rule leaves as they are: most of them, told by one look. Without 锟
#: (U+951F), which is half of a broken character.
_PLAIN_HAN = "\u4e00-\u951e\u9520-\u9fff"
PLAIN = {
    "code": re.compile(f"[0-9A-Za-z_/-]{{1,{LENGTH}}}"),
    "consumer": re.compile("[0-9]{4,20}"),
    "name": re.compile(f"[0-9A-Za-z{_PLAIN_HAN}·（）()-]{{1,{LENGTHS['name']}}}"),
    "text": re.compile(f"[0-9A-Za-z{_PLAIN_HAN}·（）()#，、-]{{1,{LENGTHS['text']}}}"),
    "phone": re.compile("1[3-9][0-9]{9}"),
}
#: What stands before a plain cell's text in its value.
PLAIN_PREFIX = {"phone": "+86"}


def clean_text(text):
    """Free text such as an address: one line, single spaces."""
    text, repairs = tidy(text, is_free=True)
    if _LINE_BREAK.search(text):
        text = _LINE_BREAK.sub(" ", text)
        repairs += ("line_break",)
    single = _SPACES.sub(" ", text).strip(" ")
    if single != text:
        text = single
        repairs += ("space_inside",)
    return _text_result(text, repairs)


def clean_name(text):
    """A person's or an organisation's name: no space between Chinese characters."""
    text, repairs = tidy(text, is_free=True)
    narrow = _SPACES.sub(" ", _SPACE_BETWEEN_HAN.sub("", text)).strip(" ")
    if narrow != text:
        text = narrow
        repairs += ("space_inside",)
    return _text_result(text, repairs)


def _text_result(text, repairs):
    if not text:
        return EMPTY
    if _LOST.search(text):
        return Cleaned(None, repairs, Reason("lost_character"))
    return Cleaned(text, repairs)


def _compact(text):
    """Text without any space inside, as codes and numbers are written."""
    text, repairs = tidy(text)
    if _SPACES.search(text):
        text = _SPACES.sub("", text)
        repairs += ("space_inside",)
    return text, repairs


def clean_code(text):
    """A code or key: no spaces, half width. Its letters keep their case."""
    text, repairs = _compact(text)
    if not text:
        return EMPTY
    if _EXCEL_NUMBER.match(text) and "." in text:
        return Cleaned(None, repairs, Reason("excel_number"))
    if _LOST.search(text):
        return Cleaned(None, repairs, Reason("lost_character"))
    return Cleaned(text, repairs)


_CONSUMER_NUMBER = re.compile(r"[0-9A-Z]{4,20}")


def clean_consumer_number(text):
    """A consumer number (户号): 4 to 20 digits, some companies put letters before."""
    text, repairs = _compact(text)
    if not text:
        return EMPTY
    if _EXCEL_NUMBER.match(text):
        return Cleaned(None, repairs, Reason("excel_number"))
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
        repairs += ("excel_guard",)
    if not _CONSUMER_NUMBER.fullmatch(text.upper()):
        return Cleaned(None, repairs, Reason("number_form"))
    return Cleaned(text.upper(), repairs)


_NUMBER = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


def clean_number(text, units=(), minimum=None, maximum=None):
    """A number, with a unit behind it or separators of thousands.

    :param units: spellings of the unit that may follow, in lower case
    :return: a Decimal
    """
    text, repairs = _compact(text)
    if not text:
        return EMPTY
    low = text.lower()
    for unit in units:
        if low.endswith(unit):
            text = text[: -len(unit)]
            repairs = (*(r for r in repairs if r != "space_inside"), "unit_suffix")
            break
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
        repairs += ("thousands_separator",)
    if not _NUMBER.fullmatch(text):
        if _EXCEL_NUMBER.match(text):
            return Cleaned(None, repairs, Reason("excel_number"))
        return Cleaned(None, repairs, Reason("number_invalid"))
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Cleaned(None, repairs, Reason("number_invalid"))
    if (
        minimum is not None
        and value < minimum
        or maximum is not None
        and value > maximum
    ):
        bounds = {"minimum": minimum, "maximum": maximum}
        if maximum is None:
            return Cleaned(None, repairs, Reason("number_small", {"minimum": minimum}))
        return Cleaned(None, repairs, Reason("number_range", bounds))
    return Cleaned(value, repairs)


_DATES = (
    ("", re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    ("date_slash", re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})")),
    ("date_compact", re.compile(r"(\d{4})(\d{2})(\d{2})")),
    ("date_chinese", re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?")),
)
_TIME = re.compile(r"[T ]?\d{1,2}[:：]\d{2}([:：]\d{2}(\.\d+)?)?$")
_SERIAL = re.compile(r"[2-7]\d{4}(\.0+)?")
_SERIAL_START = date(1899, 12, 30)


def clean_date(text):
    """A date: 2023-05-01, 2023/5/1, 2023.5.1, 20230501, 2023年5月1日, time ignored.

    Five digits are a spreadsheet's day number (45047 is 2023-05-01). Orders of day
    and month and years of two digits have no single meaning: they are a reason.
    """
    text, repairs = tidy(text)
    if not text:
        return EMPTY
    if ":" in text:
        text = _TIME.sub("", text)
        repairs += ("date_time",)
    text, more = _compact(text)
    repairs += more
    for name, form in _DATES:
        match = form.fullmatch(text)
        if match:
            try:
                value = date(*map(int, match.groups()))
            except ValueError:
                return Cleaned(None, repairs, Reason("date_impossible"))
            if not 1900 <= value.year <= 2199:
                return Cleaned(None, repairs, Reason("date_impossible"))
            return Cleaned(value, (*repairs, name) if name else repairs)
    if _SERIAL.fullmatch(text):
        value = _SERIAL_START + timedelta(days=int(text[:5]))
        return Cleaned(value, (*repairs, "date_serial"))
    return Cleaned(None, repairs, Reason("date_form"))


_MOBILE = re.compile(r"1[3-9]\d{9}")
# Area codes: 010, 02x with three digits, all others four; then 7 or 8 digits, which
# never start with 0 or 1. 400 and 800 numbers have ten digits.
_LANDLINE = re.compile(r"0(10|2\d|[3-9]\d\d)([2-9]\d{6,7})")
_SERVICE = re.compile(r"[48]00\d{7}")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_AREA_CODE = re.compile(r"0(10|2\d|[3-9]\d\d)")
_PHONE_CANONICAL = re.compile(r"1[3-9]\d{9}|0\d{2,3}-\d{7,8}|\+86\d{10,12}")
_PHONE_MARKS = re.compile(r"[-()./_\u2010-\u2015\u2212]")
_PHONE_MANY = re.compile(r"[,;、|]|/(?=\d{7})")


def clean_phone(text, area_code=""):
    """A telephone number in E.164: Chinese mobiles, landlines, 400 numbers, foreign.

    :param area_code: the station's own, as ``0873``, for landlines without one;
        without it such a number is a reason
    """
    text, repairs = _compact(text)
    if not text:
        return EMPTY
    if _EXCEL_NUMBER.match(text):
        return Cleaned(None, repairs, Reason("excel_number"))
    if _PHONE_MANY.search(text):
        return Cleaned(None, repairs, Reason("phone_many"))
    is_canonical = _PHONE_CANONICAL.fullmatch(text) and not (
        text.startswith("+") and "space_inside" in repairs
    )
    digits = _PHONE_MARKS.sub("", text)
    if digits.startswith("+") and not digits.startswith("+86"):
        if re.fullmatch(r"\+[1-9]\d{6,14}", digits):
            return Cleaned(digits, repairs)
        return Cleaned(None, repairs, _phone_reason(digits[1:]))
    plain = (
        digits.removeprefix("+").removeprefix("00") if digits[:1] in "+0" else digits
    )
    if plain.startswith("86") and len(plain) > 11:
        plain = plain[2:]
        digits = plain if plain[0] in "01" or _SERVICE.fullmatch(plain) else f"0{plain}"
    if _MOBILE.fullmatch(digits) or _SERVICE.fullmatch(digits):
        value, kind = f"+86{digits}", "phone_formatted"
    elif _LANDLINE.fullmatch(digits):
        value, kind = f"+86{digits[1:]}", "landline_area_code"
    elif area_code and _LOCAL.fullmatch(digits) and _AREA_CODE.fullmatch(area_code):
        value, kind = f"+86{area_code[1:]}{digits}", "landline_local"
    else:
        return Cleaned(None, repairs, _phone_reason(digits))
    if not is_canonical and (text != digits or kind != "phone_formatted"):
        repairs = (*(r for r in repairs if r != "space_inside"), kind)
    return Cleaned(value, repairs)


def _phone_reason(digits):
    if not digits.isascii() or not digits.isdigit():
        return Reason("phone_letters")
    if _LOCAL.fullmatch(digits):
        return Reason("landline_no_area_code")
    return Reason("phone_short" if len(digits) < 11 else "phone_long")


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID_NUMBER = re.compile(r"[1-9]\d{16}[0-9X]")
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {char: value for value, char in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_CODE = re.compile(rf"[{_CREDIT_ALPHABET}]{{18}}")


def is_identity_number(text):
    """Whether a text is an 18-character identity number (GB 11643): date and check."""
    if not _ID_NUMBER.fullmatch(text) or not text.isascii():
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(map(mul, _ID_WEIGHTS, map(int, text[:17])))
    return text[17] == _ID_CHECKS[total % 11]


def is_credit_code(text):
    """Whether a text is a unified social credit code (GB 32100) with its check."""
    if not _CREDIT_CODE.fullmatch(text):
        return False
    total = sum(map(mul, _CREDIT_WEIGHTS, map(_CREDIT_VALUES.get, text)))
    return text[17] == _CREDIT_ALPHABET[-total % 31]


def clean_id_number(text, is_company=False):
    """An identity number or a unified social credit code, both checked.

    A business may be known by its owner's identity number, and a household by the
    code of a one-man business; but what has the form of an identity number is one,
    unless it stands on a company.
    """
    text, repairs = _compact(text)
    if not text:
        return EMPTY
    if _EXCEL_NUMBER.match(text):
        return Cleaned(None, repairs, Reason("excel_number"))
    upper = text.upper()
    if upper != text:
        repairs += ("letter_case",)
    may_be_code = is_company or not _ID_NUMBER.fullmatch(upper)
    if is_identity_number(upper) or may_be_code and is_credit_code(upper):
        return Cleaned(upper, repairs)
    if len(upper) != 18:
        return Cleaned(None, repairs, Reason("id_length", {"length": len(upper)}))
    if upper[:15].isdigit() and upper[15:] == "000":
        return Cleaned(None, repairs, Reason("excel_number"))
    return Cleaned(None, repairs, Reason("id_checksum"))


_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}")


def clean_email(text):
    """One e-mail address, as written but for spaces and full width."""
    text, repairs = _compact(text)
    if not text:
        return EMPTY
    if not _EMAIL.fullmatch(text):
        return Cleaned(None, repairs, Reason("email_invalid"))
    return Cleaned(text, repairs)


def choice_key(text):
    """The form in which labels and codes of a choice are compared."""
    return _SPACES.sub("", tidy(text)[0]).casefold()


def clean_choice(text, choices):
    """One of a set of codes, given by its code or a label in any known language.

    :param choices: {:func:`choice_key` of a code or label: code}
    """
    tidied, repairs = tidy(text)
    if not tidied:
        return EMPTY
    value = choices.get(choice_key(tidied))
    if value is None:
        return Cleaned(None, repairs, _choice_reason(choices))
    return Cleaned(value, repairs)


def _choice_reason(choices):
    """The first label of each code, so that the reader sees what may stand there."""
    labels = {}
    for label, code in choices.items():
        labels.setdefault(code, label)
    known = list(labels.values())
    more = " …" if len(known) > 12 else ""
    return Reason("choice_unknown", {"choices": ", ".join(known[:12]) + more})


_CODE_SEPARATORS = re.compile(r"[|,;、]")


def clean_choices(text, choices):
    """Several codes, separated by a vertical bar (also by comma, semicolon, 、).

    :param choices: as for :func:`clean_choice`
    :return: a tuple of codes, each once
    """
    tidied, repairs = tidy(text)
    keys = [choice_key(part) for part in _CODE_SEPARATORS.split(tidied)]
    keys = [key for key in keys if key]
    if not keys:
        return EMPTY
    codes = tuple(dict.fromkeys(choices.get(key) for key in keys))
    if None in codes:
        return Cleaned(None, repairs, _choice_reason(choices))
    return Cleaned(codes, repairs)
