"""Page tokens: where the next page of a list begins, signed so that nobody makes one up."""

import binascii
import hmac
from functools import lru_cache
from hashlib import blake2b
from typing import Final, TypeAlias

import msgspec

MAC_BYTES: Final = 16
"""How much of a token proves that it was issued here: 128 bits."""

TOKENS_MAX: Final = 4096
"""How many tokens are remembered: a client begins the same lists again and again."""

Position: TypeAlias = int | tuple[str, int]
"""Where a page ended: at a number, or where names come first, at a name and a number."""

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Position).decode


class PageTokens:
    """Issues tokens and reads them.

    A token is good for one list only, in every process of an installation. Its characters are
    letters, digits, ``-`` and ``_``, so that it may stand in a URL as it is.
    """

    def __init__(self, hash_key: bytes) -> None:
        self._key: Final = blake2b(b"page tokens", key=hash_key, digest_size=32).digest()
        self._issued: Final = lru_cache(TOKENS_MAX)(self._make)

    def issue(self, list_: str, after: Position) -> str:
        """The token of the page that begins behind another.

        Args:
            list_: What tells the list from every other: its name, whose it is, its filters.
                The same list must give the same text in every process.
            after: Where the page before ended.
        """
        return self._issued(list_, after)

    def read(self, list_: str, token: str) -> Position | None:
        """Where the page before ended, or None where the token is not of this list."""
        content = _content(token)
        position = content[MAC_BYTES:]
        if not hmac.compare_digest(self._mac(list_, position), content[:MAC_BYTES]):
            return None
        where: Position = _decode(position)
        return where

    def _make(self, list_: str, after: Position) -> str:
        position = _encode(after)
        return _text(self._mac(list_, position) + position)

    def _mac(self, list_: str, position: bytes) -> bytes:
        # Behind the list stands a character that no position holds.
        signed = f"{list_}\n".encode("utf-8", "surrogatepass") + position
        return blake2b(signed, key=self._key, digest_size=MAC_BYTES).digest()


def _text(content: bytes) -> str:
    encoded = binascii.b2a_base64(content, newline=False).decode()
    return encoded.rstrip("=").replace("+", "-").replace("/", "_")


def _content(token: str) -> bytes:
    """What stands in a token; nothing where it is none, or is not spelt as it was issued."""
    padded = token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4)
    try:
        content = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        return b""
    return content if _text(content) == token else b""
