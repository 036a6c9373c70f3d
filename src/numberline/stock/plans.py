"""A prepared search: what a pattern means for the chunks of some offers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from operator import attrgetter, call
from typing import Final, NamedTuple, Self

from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE, chunk_of
from numberline.stock.automaton import EMPTY
from numberline.stock.matches import CHUNK_DIGITS, Match, Matches
from numberline.stock.segments import Segment

PLAN_BYTES: Final = 1_024
PLAN_ROW_BYTES: Final = 40
"""What a plan and each of its rows take in memory, rounded up."""


class Hit(NamedTuple):
    """An available number and the offer that it stands under."""

    number: int
    offer_id: int


class Plan:
    """The segments in which a pattern can match at all, in ascending order, as columns.

    A plan holds no numbers and no counts: those are taken from the segments at every search. It
    is good for as long as the offers have the same segments.
    """

    __slots__ = ("_bits", "_chunks", "_counters", "_matches", "_segments")

    def __init__(self, rows: Iterable[tuple[Segment, Match]]) -> None:
        pairs = list(rows)
        self._segments = [segment for segment, _ in pairs]
        self._matches = [match for _, match in pairs]
        self._chunks = [segment.chunk for segment in self._segments]
        self._bits = [segment.bits for segment in self._segments]
        self._counters = [segment.counter(match) for segment, match in pairs]

    @classmethod
    def prepare(cls, matches: Matches, segments: Iterable[Segment]) -> Self:
        """A plan for segments in any order; where a chunk matches nowhere, it has no row."""
        return cls(_rows(matches, sorted(segments, key=attrgetter("chunk"))))

    @property
    def size_bytes(self) -> int:
        """About how much memory the plan takes, without segments and matches."""
        return PLAN_BYTES + PLAN_ROW_BYTES * len(self._chunks)

    def running_totals(self) -> list[int]:
        """How many numbers match up to the end of each row."""
        return list(accumulate(map(call, self._counters, self._bits)))

    def rank(self, totals: list[int], number: int) -> int:
        """How many matching numbers are not greater than ``number``."""
        chunk, low = chunk_of(number), number % CHUNK_SIZE
        start = bisect_left(self._chunks, chunk)
        rank = totals[start - 1] if start else 0
        for row in range(start, bisect_right(self._chunks, chunk)):
            rank += self._matching(row).rank(low)
        return rank

    def hits(self, totals: list[int], first: int, limit: int) -> list[Hit]:
        """The matching numbers from rank ``first`` (from 0) on, at most ``limit`` of them."""
        hits: list[Hit] = []
        chunks = self._chunks
        last = min(first + limit, totals[-1] if totals else 0)
        while first < last:
            start = row = bisect_right(totals, first)
            end = row + 1
            while start and chunks[start - 1] == chunks[row]:
                start -= 1
            while end < len(chunks) and chunks[end] == chunks[row]:
                end += 1
            skip = first - (totals[start - 1] if start else 0)
            hits += self._chunk_hits(range(start, end), skip, last - first)
            first = totals[end - 1]
        return hits

    def _chunk_hits(self, rows: range, skip: int, limit: int) -> list[Hit]:
        """Hits in one chunk, in which every offer has one of the rows."""
        base = self._chunks[rows.start] * CHUNK_SIZE
        if len(rows) == 1:
            offer_id = self._segments[rows.start].offer_id
            bits = self._matching(rows.start)
            return [Hit(base + low, offer_id) for low in _from_rank(bits, skip, limit)]
        matching = [(self._segments[row].offer_id, self._matching(row)) for row in rows]
        union = BitMap.union(*(bits for _, bits in matching))
        return [
            Hit(base + low, next(offer_id for offer_id, bits in matching if low in bits))
            for low in _from_rank(union, skip, limit)
        ]

    def _matching(self, row: int) -> BitMap:
        return self._segments[row].matching(self._matches[row])


def _rows(matches: Matches, segments: Iterable[Segment]) -> Iterator[tuple[Segment, Match]]:
    """The rows of a plan. Neighbouring chunks share the way through all digits but the last."""
    parent, parent_state = -1, EMPTY
    known: dict[tuple[int, int], Match] = {}
    for segment in segments:
        leading, digit = divmod(segment.chunk, 10)
        if leading != parent:
            parent, parent_state = leading, matches.automaton.after(leading, CHUNK_DIGITS + 1)
        match = known.get((parent_state, digit))
        if match is None:
            state = matches.automaton.step(parent_state, digit, CHUNK_DIGITS)
            match = known[parent_state, digit] = matches[state]
        if match.bits:
            yield segment, match


def _from_rank(bits: BitMap, skip: int, limit: int) -> Iterator[int]:
    return islice(bits.iter_equal_or_larger(bits[skip]), limit)
