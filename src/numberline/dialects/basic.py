"""A key and its secret in a Basic Authorization header."""

import binascii
from typing import Final

KEY_LENGTH_MAX: Final = 64
SECRET_LENGTH_MAX: Final = 512


def read_basic(authorization: str | None) -> tuple[str, str] | None:
    """The key and the secret of a Basic header; None where it is another header, or none."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = binascii.a2b_base64(encoded.strip(), strict_mode=True).decode()
    except ValueError:  # not base64, or not text
        return None
    key, separator, secret = text.partition(":")
    return (key, secret) if separator else None


def may_be_pair(key: str, secret: str) -> bool:
    """Whether a key and a secret are worth looking up."""
    fits = 0 < len(key) <= KEY_LENGTH_MAX and len(secret) <= SECRET_LENGTH_MAX
    return fits and key.isascii() and key.isprintable()
