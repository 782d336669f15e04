"""Which files customers may send by the portal: photos and PDF, by their content.

The name decides nothing but what a forbidden one refuses: what a file is called and
what it is may differ, so it is kept under the name and type of its content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import attachment_rule

NOT_SHOWN = "not_shown"

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
    (b"%PDF-", "application/pdf", "pdf"),
)
# What phones take photos in: an ISO container with one of these brands.
_HEIF_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"heim", b"heis")
_MAX_STEM = 80


@dataclass(frozen=True)
class Kind:
    """What a file is by its content: media type, and the ending of its name."""

    mimetype: str
    extension: str


def find_kind(content: bytes) -> Kind | None:
    """Return what a file is by how it begins, or None when it is no photo or PDF."""
    for start, mimetype, extension in _STARTS:
        if content.startswith(start):
            return Kind(mimetype, extension)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Kind("image/webp", "webp")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return Kind("image/heic", "heic")
    return None


def find_problem(name: str, content: bytes, max_bytes: int) -> str | None:
    """Return why a file isn't taken, or None when it is.

    :param name: its name, as the sender gave it
    :param content: all of it, or more than ``max_bytes`` of it
    :param max_bytes: how large it may be
    :return: a problem of :mod:`.attachment_rule`, or ``not_shown`` for what is neither
        photo nor PDF
    """
    problem = attachment_rule.find_problem(name, content, max_bytes)
    if problem:
        return problem
    return None if find_kind(content) else NOT_SHOWN


def get_kept_name(name: str, kind: Kind) -> str:
    """The name a file is kept under: the sender's without folders and signs that mean
    something to a system, and the ending of its content."""
    plain = re.split(r"[/\\]", name or "")[-1]
    stem = plain.rpartition(".")[0] or plain
    stem = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069<>:\"|?*%;]", "", stem)
    stem = stem.strip(" .")[:_MAX_STEM].strip(" .")
    return f"{stem or 'file'}.{kind.extension}"
