"""Roaring bitmaps over one chunk, in the forms that are quick to count.

A Roaring bitmap keeps each 65,536 values as a list, as bits or as runs. Measured per chunk: bits
against bits take 2 microseconds, against long lists ten times and against many runs up to fifty
times as much.
"""

from array import array
from typing import Final

from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE

WHOLE_CHUNK: Final = BitMap(range(CHUNK_SIZE))
"""Every number of a chunk, as runs."""

_WHOLE_CHUNK_BITS: Final = BitMap(array("I", range(CHUNK_SIZE)), optimize=False)


def without_runs(bits: BitMap, *, beyond_bytes: int) -> BitMap:
    """The same set, free of runs if these take more than so many bytes."""
    if bits.get_statistics()["n_bytes_run_containers"] <= beyond_bytes:
        return bits
    return bits & _WHOLE_CHUNK_BITS


def rest_of(bits: BitMap) -> BitMap:
    """The numbers of a chunk that are not in ``bits``; of a list the rest is in bits."""
    return _WHOLE_CHUNK_BITS - bits


def listed_values(bits: BitMap) -> int:
    """How many values are kept in lists."""
    return bits.get_statistics()["n_values_array_containers"]
