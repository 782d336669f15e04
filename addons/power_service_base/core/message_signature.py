"""The signature of requests to and from a message gateway.

The HMAC-SHA256, in hexadecimal, of four lines joined by line feeds: the key's id, the
time in seconds since 1970, the nonce, the SHA-256 of the body's bytes in hexadecimal.
"""

import hashlib
import hmac

# A request older or newer than this many seconds is refused.
TOLERANCE = 300


def sign(secret: str, key_id: str, timestamp: int, nonce: str, body: bytes) -> str:
    """Return the signature of a request in hexadecimal."""
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join((key_id, str(timestamp), nonce, digest))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_valid(
    secret: str,
    key_id: str,
    timestamp: str,
    nonce: str,
    body: bytes,
    signature: str,
    now: float,
) -> bool:
    """Whether a request is fresh and signed with ``secret``.

    :param now: seconds since 1970
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > TOLERANCE or not secret:
        return False
    wanted = sign(secret, key_id, int(timestamp), nonce, body)
    return hmac.compare_digest(wanted.encode(), signature.lower().encode())
