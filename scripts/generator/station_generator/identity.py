"""Invented identity numbers, credit codes and telephone numbers.

Identity numbers and credit codes have a right check character but the division
code 539921, which is given to no place, so that they can belong to nobody.
"""

from datetime import date

#: Division code used in every number: the province is real, the county is not.
DIVISION = "539921"
#: Dialling code of the fictional county's landlines.
AREA_CODE = "0873"

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {char: value for value, char in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

MOBILE_PREFIXES = tuple(
    "134 135 136 137 138 138 139 139 150 151 152 157 158 158 159 147 178 182 183 184 "
    "187 187 188 188 198 130 131 132 155 156 166 175 176 185 186 133 153 173 177 180 "
    "181 189 191 199".split()
)


def id_check_character(digits):
    """Check character of a resident identity number, by GB 11643.

    :param digits: the first 17 digits
    """
    total = sum(
        weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, digits, strict=True)
    )
    return _ID_CHECKS[total % 11]


def is_valid_id_number(number):
    """Whether a text is an 18-character identity number with the right check."""
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return number[17] == id_check_character(number[:17])


def credit_check_character(text):
    """Check character of a unified social credit code, by GB 32100.

    :param text: the first 17 characters
    """
    total = sum(
        weight * _CREDIT_VALUES[char]
        for weight, char in zip(_CREDIT_WEIGHTS, text, strict=True)
    )
    return _CREDIT_ALPHABET[-total % 31]


def is_valid_credit_code(code):
    """Whether a text is an 18-character credit code with the right check."""
    if len(code) != 18 or not set(code) <= set(_CREDIT_ALPHABET):
        return False
    return code[17] == credit_check_character(code[:17])


def make_id_number(draw, is_female, year):
    """An invented identity number of a person born in ``year``."""
    month = draw.between(1, 12)
    day = draw.between(1, 28)
    order = draw.below(500) * 2 + (0 if is_female else 1)
    body = f"{DIVISION}{year:04d}{month:02d}{day:02d}{order:03d}"
    return body + id_check_character(body)


def make_credit_code(draw, letters="91"):
    """An invented credit code; ``91`` is a company, ``12`` a public institution."""
    serial = "".join(draw.pick(_CREDIT_ALPHABET) for _ in range(9))
    body = f"{letters}{DIVISION}{serial}"
    return body + credit_check_character(body)


def make_mobile(draw):
    return f"{draw.pick(MOBILE_PREFIXES)}{draw.below(100_000_000):08d}"


def make_landline(draw):
    """A landline with the area code and a hyphen."""
    return f"{AREA_CODE}-6{draw.below(1_000_000):06d}"
