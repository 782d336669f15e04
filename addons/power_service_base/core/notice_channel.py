"""On which channel a customer can be told something."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

CHANNELS = ("email", "sms", "wechat", "fax", "letter", "phone", "visit", "portal")
# Sent by a job; the others are done by people.
AUTOMATIC_CHANNELS = ("email", "sms", "wechat", "portal")
# What a person can witness, by channel. What came of the other channels only the system
# knows: by the mail queue, a gateway's receipt or the portal.
WITNESSED = {
    "letter": frozenset({"sent", "signed", "failed"}),
    "fax": frozenset({"sent", "acknowledged", "failed"}),
    "phone": frozenset({"delivered", "acknowledged", "failed"}),
    "visit": frozenset({"delivered", "acknowledged", "signed", "failed"}),
}
# Neither rings nor beeps.
SILENT_CHANNELS = ("letter", "portal")

_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_FOREIGN = re.compile(r"\+(?!86)\d{7,15}")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


@dataclass(frozen=True)
class Reach:
    """Where a customer can be reached; empty where not."""

    email: str = ""
    phone: str = ""
    wechat: str = ""
    fax: str = ""
    postal: str = ""
    has_portal: bool = False

    def get_address(self, channel: str) -> str:
        """Return the address for ``channel``, empty when there is none."""
        if channel == "email":
            email = (self.email or "").strip()
            return email if _EMAIL.fullmatch(email) else ""
        if channel == "sms":
            return normalize_mobile(self.phone)
        if channel == "portal":
            return "portal" if self.has_portal else ""
        value = {
            "wechat": self.wechat,
            "fax": self.fax,
            "phone": self.phone,
            "letter": self.postal,
            "visit": self.postal,
        }[channel]
        return (value or "").strip()


def normalize_mobile(phone: str | None) -> str:
    """Return a mobile number that takes text messages as ``+8613...``, else nothing.

    A Chinese landline takes none; of foreign numbers (with ``+``) it is not known, they
    are let through.
    """
    compact = re.sub(r"[\s().\-]", "", phone or "")
    if match := _CHINESE_MOBILE.fullmatch(compact):
        return "+86" + match[1]
    return compact if _FOREIGN.fullmatch(compact) else ""


def choose_channel(
    preferred: str | None, allowed: Sequence[str], reach: Reach
) -> tuple[str, str] | None:
    """Return (channel, address): the preferred one if allowed and possible, else the
    first possible of ``allowed``; nothing when the customer can't be reached."""
    order = list(allowed)
    if preferred in order:
        order.remove(preferred)
        order.insert(0, preferred)
    for channel in order:
        if address := reach.get_address(channel):
            return channel, address
    return None


def choose_fallback(
    used: Sequence[str], allowed: Sequence[str], reach: Reach
) -> tuple[str, str] | None:
    """Return the next (channel, address) after those ``used``.

    Later ones in the order come first, then earlier ones that were passed over.
    """
    last = max((allowed.index(name) for name in used if name in allowed), default=-1)
    order = [*allowed[last + 1 :], *allowed[: last + 1]]
    return choose_channel(None, [name for name in order if name not in used], reach)
