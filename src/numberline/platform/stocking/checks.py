"""Stock files: every row checked, and the good ones gathered into bitmaps.

The rules look at whole columns. What repeats from row to row, the terms, is read once for each
combination of texts; what differs, the numbers, goes through arrays. No row is ever an object.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from numberline.core.errors import InvalidValue
from numberline.core.offers import OfferTerms
from numberline.platform.stocking.csv_lines import (
    Block,
    Fault,
    Layout,
    WordColumn,
    read_blocks,
    read_layout,
)
from numberline.platform.stocking.dialling import misfit_reason, misfits
from numberline.platform.stocking.gathering import Gathering, distinct
from numberline.platform.stocking.intervals import Intervals, Numbers, intervals_of
from numberline.platform.stocking.numbers import Problem, problem_reason, read_numbers
from numberline.platform.stocking.rejections import Rejection, Rejections
from numberline.platform.stocking.terms import parse_terms, shown

OFFERS_MAX: Final = 100_000
"""How many different terms a file may have."""

ROWS_GATHERED: Final = 500_000
"""How many rows wait to be put into bitmaps together; scattered numbers are cheaper so."""

TEXTS_REMEMBERED: Final = 200_000
"""How many combinations of texts are remembered with the terms that they stand for."""

Terms = OfferTerms | tuple[InvalidValue, ...]
"""What a row's texts stand for, or what is wrong with them."""

NO_NUMBERS: Final[Mapping[int, BitMap]] = {}


class Reading(msgspec.Struct, frozen=True):
    """What a stock file says.

    `additions` are the numbers of the good rows by terms and chunk, `numbers_named` how many
    these rows name, each as often as it is named; `clashes` are the numbers of each chunk that
    good rows name under different terms.
    """

    additions: dict[OfferTerms, dict[int, BitMap]]
    numbers_named: int
    clashes: dict[int, BitMap]
    rejections: Rejections


def read_stock_file(
    stream: BinaryIO,
    progress: Callable[[int], object],
    *,
    in_file: Mapping[int, BitMap] = NO_NUMBERS,
    in_stock: Mapping[int, BitMap] = NO_NUMBERS,
) -> Reading:
    """Read and check a stock file from its start.

    Args:
        stream: The file; read to its end.
        progress: Is told how many bytes have been read.
        in_file: Numbers that an earlier reading has found under different terms in the file.
        in_stock: Numbers that are in stock under other terms than in the file.

    Raises:
        InvalidValue: It is no stock file.
    """
    stream.seek(0)
    layout = read_layout(stream)
    reader = _Reader(layout, intervals_of(in_file), intervals_of(in_stock))
    for block in read_blocks(stream, layout):
        reader.take(block)
        progress(stream.tell())
    return reader.reading()


class _Rows(NamedTuple):
    """The rows of a block, read and checked.

    `terms` are those of each combination of texts and `combinations` says which a row has;
    `in_file` and `in_stock` are the first number of a row that clashes, or 0.
    """

    firsts: Numbers
    lasts: Numbers
    problems: NDArray[np.int8]
    terms: list[Terms]
    combinations: Numbers
    misfits: NDArray[np.int8]
    in_file: Numbers
    in_stock: Numbers

    def bad(self) -> NDArray[np.bool_]:
        """Which rows are rejected."""
        bad_terms = np.array([not isinstance(terms, OfferTerms) for terms in self.terms], np.bool_)
        bad = bad_terms[self.combinations]
        for marks in (self.problems, self.misfits, self.in_file, self.in_stock):
            bad |= marks != 0
        return bad


class _Reader:
    """Takes block after block; what it holds grows with the stock, not with the file."""

    def __init__(self, layout: Layout, in_file: Intervals, in_stock: Intervals) -> None:
        self._layout = layout
        self._in_file = in_file
        self._in_stock = in_stock
        self._rejections = Rejections(layout.delimiter, layout.header)
        self._gathering = Gathering()
        self._waiting: list[tuple[Numbers, Numbers, Numbers]] = []
        self._numbers_named = 0
        self._offers: dict[OfferTerms, int] = {}
        self._terms_of_texts: dict[tuple[str, ...], Terms] = {}

    def take(self, block: Block) -> None:
        """Check the rows of a block, and keep the good ones."""
        rows = self._checked(block)
        bad = rows.bad()
        if block.faults or bad.any():
            self._reject(block, rows, np.flatnonzero(bad))
        offers = np.array([self._offer(terms) for terms in rows.terms], np.int64)
        good = ~bad
        firsts, lasts = rows.firsts[good], rows.lasts[good]
        self._waiting.append((offers[rows.combinations[good]], firsts, lasts))
        self._numbers_named += int((lasts - firsts + 1).sum())
        if sum(len(offers) for offers, _, _ in self._waiting) >= ROWS_GATHERED:
            self._gather()

    def reading(self) -> Reading:
        """What all blocks say."""
        self._gather()
        terms = list(self._offers)
        additions: dict[OfferTerms, dict[int, BitMap]] = {}
        for chunk, owners in self._gathering.chunks.items():
            for offer, numbers in owners.items():
                additions.setdefault(terms[offer], {})[chunk] = numbers
        return Reading(additions, self._numbers_named, self._gathering.clashes, self._rejections)

    def _gather(self) -> None:
        if self._waiting:
            offers, firsts, lasts = map(np.concatenate, zip(*self._waiting, strict=True))
            self._waiting.clear()
            self._gathering.add(offers, firsts, lasts)

    def _offer(self, terms: Terms) -> int:
        """The place of terms among those of the file; bad terms have none."""
        if not isinstance(terms, OfferTerms):
            return -1
        offer = self._offers.setdefault(terms, len(self._offers))
        if offer >= OFFERS_MAX:
            raise InvalidValue("file", f"has more than {OFFERS_MAX} different terms")
        return offer

    def _checked(self, block: Block) -> _Rows:
        firsts, lasts, problems = read_numbers(*block.numbers)
        terms, combinations = self._terms(block)
        found = _misfits(terms, combinations, firsts, lasts, problems)
        in_file = self._in_file.meeting(firsts, lasts)
        in_stock = self._in_stock.meeting(firsts, lasts)
        return _Rows(firsts, lasts, problems, terms, combinations, found, in_file, in_stock)

    def _terms(self, block: Block) -> tuple[list[Terms], Numbers]:
        """The terms of each combination of texts in a block, and which of them each row has."""
        names = self._layout.term_columns
        texts, combinations = _combined(block.terms)
        if len(self._terms_of_texts) > TEXTS_REMEMBERED:
            self._terms_of_texts.clear()
        found: list[Terms] = []
        for row in texts:
            terms = self._terms_of_texts.get(row)
            if terms is None:
                terms = parse_terms(dict(zip(names, row, strict=True)))
                self._terms_of_texts[row] = terms
            found.append(terms)
        return found, combinations

    def _reject(self, block: Block, rows: _Rows, bad: Numbers) -> None:
        self._rejections.count += len(block.faults) + len(bad)
        room = self._rejections.room
        found = block.faults[:room]
        for row in bad[:room].tolist():
            found.append(Fault(int(block.lines[row]), self._reason(block, rows, row)))
        found = sorted(found)[:room]
        texts = block.texts_of([line for line, _ in found])
        self._rejections.kept += [
            Rejection(line, reason, text) for (line, reason), text in zip(found, texts, strict=True)
        ]

    def _reason(self, block: Block, rows: _Rows, row: int) -> str:
        """Everything that is wrong with a row."""
        columns = self._layout.number_columns
        texts = [str(column[row]) for column in block.numbers]
        reasons: list[str] = []
        if problem := rows.problems[row]:
            reasons.append(problem_reason(problem, columns, texts))
        terms = rows.terms[rows.combinations[row]]
        if not isinstance(terms, OfferTerms):
            reasons += map(str, terms)
        elif misfit := rows.misfits[row]:
            first, last = int(rows.firsts[row]), int(rows.lasts[row])
            why = misfit_reason(misfit, terms.country, first, last)
            reasons.append(f"{columns[0]}: {shown(texts[0])} {why}")
        if number := rows.in_file[row]:
            reasons.append(f"{columns[0]}: {number} stands under other terms in the file too")
        if number := rows.in_stock[row]:
            reasons.append(f"{columns[0]}: {number} is in stock under another offer")
        return "; ".join(reasons)


def _combined(columns: Sequence[WordColumn]) -> tuple[list[tuple[str, ...]], Numbers]:
    """The distinct rows of some columns, and which of them each row is."""
    keys = np.zeros(len(columns[0]), np.int64)
    size = 1
    for column in columns:
        choices = max(len(column.dictionary), 1)
        if size * choices > np.iinfo(np.int64).max:
            known, _, keys = distinct(keys)
            size = len(known)
        keys = keys * choices + column.indices.to_numpy()
        size *= choices
    _, places, ranks = distinct(keys)
    picked: list[Any] = [column.take(places) for column in columns]
    return list(zip(*(column.to_pylist() for column in picked), strict=True)), ranks


def _misfits(
    terms: Sequence[Terms],
    combinations: Numbers,
    firsts: Numbers,
    lasts: Numbers,
    problems: NDArray[np.int8],
) -> NDArray[np.int8]:
    """For every row the misfit of its numbers and its country, where it has both."""
    found = np.zeros(len(firsts), np.int8)
    countries: dict[str, int] = {}
    known = [
        countries.setdefault(each.country, len(countries)) if isinstance(each, OfferTerms) else -1
        for each in terms
    ]
    country_of_row = np.array(known, np.int64)[combinations]
    for country, place in countries.items():
        rows = np.flatnonzero((country_of_row == place) & (problems == Problem.NONE))
        found[rows] = misfits(country, firsts[rows], lasts[rows])
    return found
