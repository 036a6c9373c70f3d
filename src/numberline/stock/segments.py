"""What one offer has available in one chunk."""

from collections.abc import Callable
from typing import Final

from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.stock.bitmaps import without_runs
from numberline.stock.matches import Match

RUNS_BYTES_MAX: Final = 16_384
"""A segment keeps its runs as long as they are an eighth of its bits or less."""


class Segment:
    """The available numbers of one offer in one chunk, as their last six digits.

    Its bitmap stays the same object for life and changes in place, so a plan may keep it.
    """

    __slots__ = ("bits", "chunk", "offer_id")

    def __init__(self, offer_id: int, chunk: int, bits: BitMap) -> None:
        self.offer_id: Final = offer_id
        self.chunk: Final = chunk
        self.bits: Final = bits

    def __contains__(self, low: int) -> bool:
        return low in self.bits

    def add(self, low: int) -> None:
        """Make a number available."""
        self.bits.add(low)

    def discard(self, low: int) -> None:
        """Take a number away, if it is available."""
        self.bits.discard(low)

    def counter(self, match: Match) -> Callable[[BitMap], int]:
        """What tells from ``bits`` how many available numbers match."""
        return match.count_among

    def matching(self, match: Match) -> BitMap:
        """The available numbers that match; to be read at once and not to be changed."""
        return self.bits if match.full else self.bits & match.bits


class DenseSegment(Segment):
    """A segment that is more than half full, as the numbers that are missing.

    A few gaps are counted many times faster than a nearly full bitmap.
    """

    __slots__ = ()

    def __contains__(self, low: int) -> bool:
        return low not in self.bits

    def add(self, low: int) -> None:
        """Make a number available."""
        self.bits.discard(low)

    def discard(self, low: int) -> None:
        """Take a number away, if it is available."""
        self.bits.add(low)

    def counter(self, match: Match) -> Callable[[BitMap], int]:
        """What tells from ``bits`` how many available numbers match."""
        return match.count_outside

    def matching(self, match: Match) -> BitMap:
        """The available numbers that match; to be read at once and not to be changed."""
        return match.bits - self.bits


def segment_of(offer_id: int, chunk: int, available: BitMap) -> Segment:
    """A segment that holds these numbers, in the form that suits how many they are.

    Raises:
        ValueError: If a number lies outside a chunk.
    """
    if available and available.max() >= CHUNK_SIZE:
        raise ValueError(f"a chunk ends at {CHUNK_SIZE - 1}, not at {available.max()}")
    dense = len(available) > CHUNK_SIZE // 2
    bits = BitMap(available.flip(0, CHUNK_SIZE) if dense else available)
    kind = DenseSegment if dense else Segment
    return kind(offer_id, chunk, without_runs(bits, beyond_bytes=RUNS_BYTES_MAX))
