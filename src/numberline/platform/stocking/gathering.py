"""Numbers gathered into bitmaps by offer and chunk."""

from array import array
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.platform.stocking.intervals import Intervals, Numbers, coalesce

_CHUNKS_MAX: Final = 10**9
"""More than there are chunks in fifteen digits."""

_STRIDE: Final = CHUNK_SIZE + 1
"""What sets the numbers of one group apart from those of the next."""


class Gathering:
    """Which numbers stand under which offer, and which stand under more than one.

    Attributes:
        chunks: The numbers of each chunk by offer, as offsets into the chunk.
        clashes: The numbers of each chunk that stand under more than one offer.
    """

    def __init__(self) -> None:
        self.chunks: dict[int, dict[int, BitMap]] = {}
        self.clashes: dict[int, BitMap] = {}
        self._everyone: dict[int, BitMap] = {}

    def add(self, offers: NDArray[np.int64], firsts: Numbers, lasts: Numbers) -> None:
        """Put ranges of numbers under offers; a range may stand there already."""
        for offer, chunk, numbers in _groups(offers, firsts, lasts):
            owners = self.chunks.setdefault(chunk, {})
            everyone = self._everyone.setdefault(chunk, BitMap())
            clash = everyone & numbers
            if offer in owners:
                clash -= owners[offer]
                owners[offer] |= numbers
            else:
                owners[offer] = numbers
            if clash:
                self.clashes.setdefault(chunk, BitMap()).update(clash)
            everyone |= numbers


def distinct(keys: NDArray[np.int64]) -> tuple[Numbers, Numbers, Numbers]:
    """The distinct keys ascending, a place where each stands, and the rank of every key.

    What stands in a row of equal keys is sorted once.
    """
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
    found, places, ranks = np.unique(keys[starts], return_index=True, return_inverse=True)
    return found, starts[places], np.repeat(ranks, np.diff(starts, append=len(keys)))


def _groups(
    offers: NDArray[np.int64], firsts: Numbers, lasts: Numbers
) -> Iterator[tuple[int, int, BitMap]]:
    """The numbers of ranges by offer and chunk."""
    offers, firsts, lasts = _cut_at_chunks(offers, firsts, lasts)
    keys, _, ranks = distinct(offers * _CHUNKS_MAX + firsts // CHUNK_SIZE)
    begins = ranks * _STRIDE + firsts % CHUNK_SIZE
    intervals = coalesce(begins, begins + (lasts - firsts))
    bounds = np.searchsorted(intervals.firsts, np.arange(len(keys) + 1) * _STRIDE).tolist()
    group_of = intervals.firsts // _STRIDE * _STRIDE
    within = Intervals(intervals.firsts - group_of, intervals.lasts - group_of)
    for rank, key in enumerate(keys.tolist()):
        here = slice(bounds[rank], bounds[rank + 1])
        yield *divmod(key, _CHUNKS_MAX), _bitmap(within.firsts[here], within.lasts[here])


def _cut_at_chunks(
    offers: NDArray[np.int64], firsts: Numbers, lasts: Numbers
) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """The same ranges in pieces that each lie in one chunk."""
    chunks = firsts // CHUNK_SIZE
    pieces = lasts // CHUNK_SIZE - chunks + 1
    if len(pieces) == pieces.sum():
        return offers, firsts, lasts
    rows = np.repeat(np.arange(len(pieces)), pieces)
    piece_of_row = np.arange(len(rows)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    bases = (chunks[rows] + piece_of_row) * CHUNK_SIZE
    return (
        offers[rows],
        np.maximum(firsts[rows], bases),
        np.minimum(lasts[rows], bases + CHUNK_SIZE - 1),
    )


def _bitmap(firsts: Numbers, lasts: Numbers) -> BitMap:
    """The numbers of intervals within a chunk; a list is quick for single ones, not for ranges."""
    single = firsts == lasts
    numbers = BitMap(array("I", firsts[single].astype(np.uint32).tobytes()), optimize=False)
    ranges = ~single
    for first, last in zip(firsts[ranges].tolist(), lasts[ranges].tolist(), strict=True):
        numbers.add_range(first, last + 1)
    return numbers
