"""The numbers of a stock file: columns of texts in, arrays out."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from numberline.core.numbers import NUMBER_DIGITS_MAX, NUMBER_DIGITS_MIN
from numberline.platform.stocking.dialling import digit_counts
from numberline.platform.stocking.intervals import Numbers
from numberline.platform.stocking.terms import shown

RANGE_NUMBERS_MAX: Final = 100_000_000
"""How many numbers one row may stand for."""


class Problem(IntEnum):
    """Why a row names no numbers."""

    NONE = 0
    FIRST = 1
    LAST = 2
    ORDER = 3
    DIGITS = 4
    TOO_MANY = 5


def read_numbers(
    first: pa.StringArray, last: pa.StringArray | None = None
) -> tuple[Numbers, Numbers, NDArray[np.int8]]:
    """The first and last number of every row, 0 where there is none, and its problem."""
    firsts = parse_numbers(first)
    if last is None:
        return firsts, firsts, np.where(firsts == 0, Problem.FIRST, 0).astype(np.int8)
    lasts = parse_numbers(last)
    unset = np.flatnonzero(lasts == 0)
    blank = pc.utf8_length(pc.utf8_trim_whitespace(last.take(unset))).to_numpy() == 0
    lasts[unset[blank]] = firsts[unset[blank]]
    conditions = {
        Problem.FIRST: firsts == 0,
        Problem.LAST: lasts == 0,
        Problem.ORDER: firsts > lasts,
        Problem.DIGITS: digit_counts(firsts) != digit_counts(lasts),
        Problem.TOO_MANY: lasts - firsts >= RANGE_NUMBERS_MAX,
    }
    problems = np.select(list(conditions.values()), list(conditions), Problem.NONE)
    return firsts, lasts, problems.astype(np.int8)


def parse_numbers(texts: pa.StringArray) -> Numbers:
    """The number that each text names, as `core.numbers.parse_number` has it, or 0."""
    numbers = _from_digits(texts)
    rest = np.flatnonzero(numbers == 0)
    if len(rest):
        trimmed = pc.utf8_trim_whitespace(texts.take(rest))
        numbers[rest] = _from_digits(pc.replace_substring_regex(trimmed, r"^\+", ""))
    return numbers


def _from_digits(texts: pa.StringArray) -> Numbers:
    """The number of each text that is made of digits alone; 0 for any other."""
    _, offsets, characters = texts.buffers()
    numbers = np.zeros(len(texts), np.int64)
    if offsets is None or characters is None:
        return numbers
    bounds = np.frombuffer(memoryview(offsets), np.int32)[texts.offset :][: len(texts) + 1]
    values = np.frombuffer(memoryview(characters), np.uint8)
    lengths = np.diff(bounds)
    for length in range(NUMBER_DIGITS_MIN, NUMBER_DIGITS_MAX + 1):
        rows = np.flatnonzero(lengths == length)
        if not len(rows):
            continue
        starts = bounds[rows]
        found = np.zeros(len(rows), np.int64)
        good = values[starts] != ord("0")
        for place in range(length):
            digits = values[starts + place] - np.uint8(ord("0"))
            good &= digits <= 9  # noqa: PLR2004  bytes below "0" wrap to far above
            found = found * 10 + digits
        numbers[rows] = np.where(good, found, 0)
    return numbers


def problem_reason(problem: int, columns: Sequence[str], texts: Sequence[str]) -> str:
    """What to tell about a problem.

    Args:
        problem: What it is.
        columns: The columns of a row's numbers.
        texts: What stands in them.
    """
    first = f"{columns[0]}: {shown(texts[0])}"
    if problem == Problem.ORDER:
        return f"{first} is greater than {columns[1]}"
    if problem == Problem.DIGITS:
        return f"{first} has not as many digits as {columns[1]}"
    if problem == Problem.TOO_MANY:
        return f"{first} to {columns[1]} are more than {RANGE_NUMBERS_MAX} numbers"
    place = 0 if problem == Problem.FIRST else 1
    return (
        f"{columns[place]}: {shown(texts[place])} is not an E.164 number"
        f" ({NUMBER_DIGITS_MIN} to {NUMBER_DIGITS_MAX} digits, the first not 0)"
    )
