"""Sets of numbers as sorted intervals, in arrays."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE

Numbers = NDArray[np.int64]


class Intervals(NamedTuple):
    """Intervals of numbers, ascending and apart; both ends belong to them."""

    firsts: Numbers
    lasts: Numbers

    def meeting(self, firsts: Numbers, lasts: Numbers) -> Numbers:
        """For each given range its first number that lies in an interval, or 0."""
        if not len(self.firsts):
            return np.zeros(len(firsts), np.int64)
        nearest = np.searchsorted(self.lasts, firsts)
        begins = np.append(self.firsts, np.iinfo(np.int64).max)[nearest]
        return np.where(begins <= lasts, np.maximum(begins, firsts), 0)


def coalesce(firsts: Numbers, lasts: Numbers) -> Intervals:
    """The intervals of ranges that may overlap, touch and come in any order."""
    if (firsts[1:] < firsts[:-1]).any():
        order = np.argsort(firsts)
        firsts, lasts = firsts[order], lasts[order]
    reaches = np.maximum.accumulate(lasts)
    begins = np.flatnonzero(np.concatenate(([True], firsts[1:] > reaches[:-1] + 1))[: len(firsts)])
    ends = np.append(begins[1:], len(firsts)) - 1
    return Intervals(firsts[begins], reaches[ends[: len(begins)]])


def intervals_of(chunks: Mapping[int, BitMap]) -> Intervals:
    """The intervals of bitmaps by chunk; those of neighbouring chunks touch."""
    numbers = [_runs(chunk, bitmap) for chunk, bitmap in sorted(chunks.items()) if bitmap]
    firsts = [np.empty(0, np.int64), *(runs.firsts for runs in numbers)]
    lasts = [np.empty(0, np.int64), *(runs.lasts for runs in numbers)]
    return coalesce(np.concatenate(firsts), np.concatenate(lasts))


def _runs(chunk: int, bitmap: BitMap) -> Intervals:
    offsets = np.frombuffer(bitmap.to_array(), np.uint32).astype(np.int64)
    begins = np.flatnonzero(np.diff(offsets, prepend=-2) != 1)
    ends = np.append(begins[1:], len(offsets)) - 1
    base = chunk * CHUNK_SIZE
    return Intervals(offsets[begins] + base, offsets[ends] + base)
