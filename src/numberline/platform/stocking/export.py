"""Stock out: the whole stock as a file that an import takes."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple, TextIO

from pyroaring import BitMap

from numberline.platform.stocking.intervals import intervals_of
from numberline.platform.stocking.numbers import RANGE_NUMBERS_MAX
from numberline.platform.stocking.terms import RANGE_COLUMNS, TERM_COLUMNS, terms_texts
from numberline.storage.engines import Database
from numberline.storage.stock import read_chunks, read_offers


class Exported(NamedTuple):
    """How much an export wrote."""

    ranges: int
    numbers: int


def export_stock(database: Database, file: TextIO) -> Exported:
    """Write the stock, rented or not, offer by offer as ranges of numbers in ascending order.

    Args:
        database: Where the stock is.
        file: A text file that keeps line ends as they are.
    """
    file.write(_csv_line((*RANGE_COLUMNS, *TERM_COLUMNS)))
    ranges = numbers = 0
    with database.reading() as connection:
        offers = read_offers(connection)
        chunks = read_chunks(connection)
        for offer_id, of_offer in groupby(chunks, key=lambda row: row[0][0]):
            terms = _csv_line(terms_texts(offers[offer_id]))
            for first, last in _ranges((key[1], bitmap) for key, bitmap in of_offer):
                file.write(f"{first},{last},{terms}")
                ranges += 1
                numbers += last - first + 1
    return Exported(ranges, numbers)


def _csv_line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def _ranges(chunks: Iterable[tuple[int, BitMap]]) -> Iterator[tuple[int, int]]:
    """The ranges of numbers that rows can stand for; runs go on from chunk to chunk."""
    first, last = 0, -1
    for chunk, bitmap in chunks:
        runs = intervals_of({chunk: bitmap})
        for begin, end in zip(runs.firsts.tolist(), runs.lasts.tolist(), strict=True):
            if begin != last + 1:
                yield from _rows(first, last)
                first = begin
            last = end
    yield from _rows(first, last)


def _rows(first: int, last: int) -> Iterator[tuple[int, int]]:
    """A run of numbers in pieces that a row may name: not too long, and of as many digits."""
    while first <= last:
        end = min(last, first + RANGE_NUMBERS_MAX - 1, 10 ** len(str(first)) - 1)
        yield first, end
        first = end + 1
