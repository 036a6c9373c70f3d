"""Identifiers of stock items and of numbers: UUIDs that end in the digits of the number.

So the same number has the same identifier in every process and for ever, no table is needed to
find the number again, a person sees which one is meant, and a page of a search is filled in as
fast as one without identifiers.
"""

import re
from typing import Final

from numberline.core.numbers import NUMBER_DIGITS_MAX, NUMBER_DIGITS_MIN

NODE: Final = 10**12
"""The last twelve digits of a number are the last group of its UUID, the others stand before."""

_NUMBERS: Final = range(10 ** (NUMBER_DIGITS_MIN - 1), 10**NUMBER_DIGITS_MAX)
_UUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class Ids:
    """The identifiers of one kind of thing; those of two kinds have nothing in common.

    They are of version 8, the one that RFC 9562 leaves to whoever makes them.

    Args:
        head: The first three groups, which no other kind has: a random UUID's, of version 8.

    Attributes:
        template: An identifier with ``%03d`` and ``%012d`` for what ``divmod(number, NODE)`` gives.
    """

    def __init__(self, head: str) -> None:
        self.template = f"{head}-8%03d-%012d"
        self._shape = re.compile(f"{head}-8([0-9]{{3}})-([0-9]{{12}})", re.ASCII | re.IGNORECASE)

    def of(self, number: int) -> str:
        """The identifier of a number."""
        return self.template % divmod(number, NODE)

    def number(self, text: str) -> int | None:
        """The number whose identifier a text is, or None where it is no number's."""
        found = self._shape.fullmatch(text)
        number = int(found[1] + found[2]) if found else 0
        return number if number in _NUMBERS else None


def is_uuid(text: str) -> bool:
    """Whether a text is spelt as a UUID."""
    return _UUID.fullmatch(text) is not None


STOCK_ITEMS: Final = Ids("c7a1f6d2-4b1e-8d35")
NUMBERS: Final = Ids("1f9e64b8-a2c7-8b40")
