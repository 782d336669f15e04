"""Values that phones and other programs send: of any kind, until they are checked."""


def is_none(value: object) -> bool:
    """Whether nothing was sent; an empty list, an empty text or 0 is something."""
    return value is None or value is False


def find_text_problem(value: object, size: int) -> str | None:
    """Return why ``value`` can't be a text: ``no_text``, ``long`` or ``stored``."""
    if not isinstance(value, str):
        return "no_text"
    if len(value) > size:
        return "long"
    # Neither can be stored: PostgreSQL knows no NUL, UTF-8 no lone surrogate.
    if "\x00" in value or any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        return "stored"
    return None


def is_number(value: object) -> bool:
    """Whether it is a number, and one that can be counted with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -1e15 < value < 1e15


def shorten(value: object, size: int = 40) -> str:
    """``value`` as it can be repeated in a message: short, without control characters.

    :param size: how many characters at most
    """
    if not isinstance(value, str | int | float | bool) and value is not None:
        return type(value).__name__
    text = str(value)[: size + 1]
    text = "".join(
        char if char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF else "�"
        for char in text
    )
    return text if len(text) <= size else text[:size] + "…"
