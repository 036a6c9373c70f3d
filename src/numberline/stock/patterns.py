"""What the digits of a number shall look like: digits, ``*`` and ``?``."""

import functools
import re
from typing import Final, Self

import msgspec

from numberline.stock.automaton import FULL, Automaton

PATTERN_LENGTH_MAX: Final = 32
"""The longest text of a pattern: twice what a number has digits, and room for stars."""

_GLOB: Final = re.compile(r"[0-9*?]*", re.ASCII)
_WILD_RUN: Final = re.compile(r"\?*\*[*?]*")

_AUTOMATA_MAX: Final = 256


class Pattern(msgspec.Struct, frozen=True):
    """A condition on all digits of a number; make one with the class methods.

    Each of them takes digits in which ``*`` stands for any run of digits, also an empty one, and
    ``?`` for one digit, and raises ValueError for any other character and for a text longer than
    ``PATTERN_LENGTH_MAX``. Two patterns are equal if their canonical texts are.
    """

    text: str
    """The canonical glob that the whole number matches."""

    @classmethod
    def starts_with(cls, digits: str) -> Self:
        """Numbers whose first digits match."""
        return cls(_canonical(digits, "", "*"))

    @classmethod
    def contains(cls, digits: str) -> Self:
        """Numbers in which the digits occur anywhere."""
        return cls(_canonical(digits, "*", "*"))

    @classmethod
    def ends_with(cls, digits: str) -> Self:
        """Numbers whose last digits match."""
        return cls(_canonical(digits, "*", ""))

    @classmethod
    def exactly(cls, text: str) -> Self:
        """Numbers that match from the first digit to the last."""
        return cls(_canonical(text, "", ""))

    def matches(self, number: int) -> bool:
        """Whether a number, country code included, matches."""
        return _automaton(self.text).after(number, 0) == FULL


@functools.lru_cache(_AUTOMATA_MAX)
def _automaton(glob: str) -> Automaton:
    return Automaton(glob)


def _canonical(text: str, before: str, after: str) -> str:
    """The glob for a text between two others, every run of wildcards as ``??*``."""
    if len(text) > PATTERN_LENGTH_MAX:
        raise ValueError(f"a pattern has at most {PATTERN_LENGTH_MAX} characters")
    if text.isascii() and text.isdigit():  # most are, and need no more than this
        return before + text + after
    if not _GLOB.fullmatch(text):
        raise ValueError("a pattern holds only digits, * and ?")
    return _WILD_RUN.sub(lambda run: "?" * run[0].count("?") + "*", before + text + after)
