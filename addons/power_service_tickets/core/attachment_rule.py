"""Which files are taken in from outside: not too large, and nothing that runs.

A file is judged by its name and by how its content begins: renaming a program to
``photo.jpg`` does not make it one.
"""

from __future__ import annotations

import re

TOO_LARGE, EMPTY, FORBIDDEN = "too_large", "empty", "forbidden"

# Programs, scripts, shortcuts, installers, and pages that run scripts in a browser.
FORBIDDEN_EXTENSIONS = frozenset(
    "apk app appx bat bin chm cmd com cpl dll dmg docm exe gadget hta htm html htt inf "
    "ins iso jar js jse jsp lnk mht mhtml mjs msc msi msp mst php pif pl potm ppam "
    "pptm ps1 psm1 py pyc rb reg rpm scf scr sct sh shtml svg svgz swf sys url vb vbe "
    "vbs vhd vxd ws wsc wsf wsh xhtml xlam xlsm xml xsl xslt deb".split()
)
# How programs begin: Windows, Linux, Java, macOS, a script with its interpreter.
FORBIDDEN_STARTS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14\x02\x00",
    b"#!",
)
_MARKUP = re.compile(rb"<\s*(!doctype\s+html|html|script|svg|iframe|\?xml|\?php)", re.I)


def find_problem(name: str, content: bytes, max_bytes: int) -> str | None:
    """Return why a file isn't taken, or None when it is.

    :param name: its name, as the sender gave it
    :param content: all of it
    :param max_bytes: how large it may be
    :return: ``too_large``, ``empty``, ``forbidden`` or None
    """
    if len(content) > max_bytes:
        return TOO_LARGE
    if not content:
        return EMPTY
    # Windows drops dots and blanks at the end: "virus.exe. " runs as well.
    plain = re.sub(r"[\s.\x00]+$", "", name or "").lower()
    if plain.rpartition(".")[2] in FORBIDDEN_EXTENSIONS and "." in plain:
        return FORBIDDEN
    if content.startswith(FORBIDDEN_STARTS):
        return FORBIDDEN
    if _MARKUP.search(content[:1024]):
        return FORBIDDEN
    return None
