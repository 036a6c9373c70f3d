"""E.164 numbers: an ``int`` inside, text only at the doors."""

import re
from typing import Final, NewType

Number = NewType("Number", int)
"""A full international number without ``+``, for example ``447700900123``."""

NUMBER_DIGITS_MIN: Final = 7
NUMBER_DIGITS_MAX: Final = 15
"""E.164 (ITU-T, 2010) section 6.2.1: at most fifteen digits, country code included."""

CHUNK_SIZE: Final = 1_000_000
"""How many consecutive numbers stand in one chunk of the stock."""

_NUMBER: Final = re.compile(
    f"[1-9][0-9]{{{NUMBER_DIGITS_MIN - 1},{NUMBER_DIGITS_MAX - 1}}}", re.ASCII
)


def parse_number(text: str) -> Number | None:
    """The number that a text names, or None where it names none.

    Args:
        text: Digits of a full international number, with or without a leading ``+``;
            a blank in its place is a ``+`` that a form decoder took for one.
    """
    digits = text.strip().removeprefix("+")
    return Number(int(digits)) if _NUMBER.fullmatch(digits) else None


def chunk_of(number: int) -> int:
    """The chunk that a number stands in: its digits but for the last six."""
    return number // CHUNK_SIZE
