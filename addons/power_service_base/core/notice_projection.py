"""What a notice's events say: its state, the proof reached, when it was sent.

The events are evidence and arrive late and in any order (a receipt of the provider may
be recorded before the answer to the request). The answer depends on the set of events
only, never on the order of recording, and an event recorded twice counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

PROOF_LEVELS = ("none", "sent", "delivered", "acknowledged", "signed")

# Proof that holds, whatever else is said of the same attempt.
_LASTING = {"delivered": 2, "acknowledged": 3, "signed": 4}


@dataclass(frozen=True)
class NoticeEvent:
    """One event of a notice.

    :param kind: queued, accepted, sent, delivered, acknowledged, signed, failed,
        retried, cancelled or fallback
    :param at: when it happened (naive UTC)
    :param attempt: the attempt that it is about, from 1; a retry starts the next
    :param reason: why it failed
    """

    kind: str
    at: datetime
    attempt: int = 1
    reason: str = ""


@dataclass(frozen=True)
class NoticeState:
    """The projection. ``state`` is one of queued, accepted (handed over, outcome not
    known yet), sent, delivered, failed, cancelled, replaced (by another channel)."""

    state: str
    proof_level: str
    attempt: int
    sent_at: datetime | None
    delivered_at: datetime | None
    failure_reason: str


def get_proof_rank(level: str | None) -> int:
    """Return the rank of a proof level, 0 for none."""
    return PROOF_LEVELS.index(level or "none")


def project(events: Iterable[NoticeEvent]) -> NoticeState:
    """Return what ``events`` say of their notice.

    Delivered, acknowledged and signed hold for good. Sent holds unless the same attempt
    failed: a message that bounced was not sent. A failure is that of the last attempt.
    """
    events = set(events)
    attempt = max((event.attempt for event in events), default=1)
    failed = {event.attempt for event in events if event.kind == "failed"}
    lasting = [event for event in events if event.kind in _LASTING]
    sent = [
        event
        for event in events
        if event.kind == "sent" and event.attempt not in failed
    ]
    rank = max((_LASTING[event.kind] for event in lasting), default=1 if sent else 0)
    state = _get_state(events, attempt, failed, rank)
    return NoticeState(
        state=state,
        proof_level=PROOF_LEVELS[rank],
        attempt=attempt,
        sent_at=min((event.at for event in sent + lasting), default=None),
        delivered_at=min((event.at for event in lasting), default=None),
        failure_reason=_get_reason(events, attempt) if state == "failed" else "",
    )


def _get_state(events, attempt, failed, rank):
    """Return the state: the first that holds, strongest first."""
    kinds = {event.kind for event in events}
    now = {event.kind for event in events if event.attempt == attempt}
    if rank >= 2:
        return "delivered"
    if "cancelled" in kinds:
        return "cancelled"
    if "fallback" in kinds:
        return "replaced"
    if attempt in failed:
        return "failed"
    if "sent" in now:
        return "sent"
    return "accepted" if "accepted" in now else "queued"


def _get_reason(events, attempt):
    """Return the reason of the attempt's last failure (ties by text)."""
    failures = [
        (event.at, event.reason or "")
        for event in events
        if event.kind == "failed" and event.attempt == attempt
    ]
    return max(failures)[1]
