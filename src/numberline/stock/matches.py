"""Which numbers of a chunk match: one bitmap per automaton state, built when first asked for."""

import sys
from operator import methodcaller
from typing import TYPE_CHECKING, Final

from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.stock.automaton import EMPTY, FULL, Automaton
from numberline.stock.bitmaps import WHOLE_CHUNK, listed_values, rest_of, without_runs

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK_DIGITS: Final = len(str(CHUNK_SIZE - 1))
"""How many digits of a number its chunk leaves open."""

RUNS_BYTES_MAX: Final = 512
LISTED_VALUES_MAX: Final = 8_192
"""A match with more runs or longer lists than this takes the form that is quicker to count."""

AUTOMATON_BYTES: Final = 4_096
BITMAP_BYTES: Final = 512
"""What an automaton, and a bitmap beside its contents, take in memory, rounded up."""


class Match:
    """The numbers of a chunk that match, and how to count them among others."""

    __slots__ = ("bits", "count_among", "count_outside", "full", "size_bytes")

    def __init__(self, bits: BitMap, *, full: bool = False) -> None:
        self.bits: Final = bits
        self.full: Final = full
        self.size_bytes = sys.getsizeof(bits) + BITMAP_BYTES
        self.count_among: Callable[[BitMap], int] = len if full else bits.intersection_cardinality
        self.count_outside: Callable[[BitMap], int] = bits.difference_cardinality
        if listed_values(bits) > LISTED_VALUES_MAX:
            self._count_by_rest(rest_of(bits))

    def _count_by_rest(self, rest: BitMap) -> None:
        """Count by what does not match, because that is in bits where this is in long lists."""
        self.size_bytes += sys.getsizeof(rest) + BITMAP_BYTES
        self.count_among = methodcaller("difference_cardinality", rest)
        self.count_outside = lambda others: CHUNK_SIZE - rest.union_cardinality(others)


_NONE: Final = Match(BitMap())
_ALL: Final = Match(WHOLE_CHUNK, full=True)


class Matches:
    """The matching numbers of any chunk under one glob.

    Chunks whose leading digits lead to the same state share one Match. ``size_bytes`` says how
    much memory all of them take.
    """

    def __init__(self, glob: str) -> None:
        self.automaton: Final = Automaton(glob)
        self.size_bytes = AUTOMATON_BYTES
        self._matches: Final[dict[int, Match]] = {EMPTY: _NONE, FULL: _ALL}
        self._parts: Final[dict[tuple[int, int], BitMap]] = {}

    def __getitem__(self, state: int) -> Match:
        """What matches in a chunk whose leading digits lead to this state."""
        match = self._matches.get(state)
        if match is None:
            union = self._union(state, CHUNK_DIGITS)
            match = Match(without_runs(union, beyond_bytes=RUNS_BYTES_MAX))
            self._matches[state] = match
            self.size_bytes += match.size_bytes
        return match

    def _part(self, state: int, left: int) -> BitMap:
        """Which of the ``10 ** left`` ways to go on from a state match."""
        if state == FULL:
            return BitMap(range(10**left))
        part = self._parts.get((state, left))
        if part is None:
            part = self._parts[state, left] = self._union(state, left)
            self.size_bytes += sys.getsizeof(part) + BITMAP_BYTES
        return part

    def _union(self, state: int, left: int) -> BitMap:
        """The parts of the ten next states, side by side."""
        left -= 1
        union = BitMap()
        for digit in range(10):
            after = self.automaton.step(state, digit, left)
            if after != EMPTY:
                union |= self._part(after, left).shift(digit * 10**left)
        union.shrink_to_fit()
        return union
