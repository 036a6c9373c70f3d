"""Random stocks and patterns, and the brute force that the index has to agree with."""

import fnmatch
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st

from numberline.core.numbers import CHUNK_SIZE
from numberline.stock import Pattern

unhurried = settings(deadline=None)
"""A busy machine is no reason to fail."""

OFFER_IDS = range(1, 6)

# A few neighbouring chunks of every length, so that random numbers share chunks and digits.
CHUNKS = [1, 7, 9, 10, 44, 77, 447, 1212, 44770, 44777, 49301, 447700, 999999999]


@dataclass(frozen=True)
class Asked:
    """A pattern and, beside it, the glob that says the same in the words of fnmatch, which
    makes a regular expression of it."""

    pattern: Pattern
    glob: str

    def matches(self, number):
        return fnmatch.fnmatchcase(str(number), self.glob)


KINDS = {
    Pattern.starts_with: "{}*",
    Pattern.contains: "*{}*",
    Pattern.ends_with: "*{}",
    Pattern.exactly: "{}",
}


@st.composite
def texts_like(draw, numbers):
    """A piece of one of the numbers, some of its digits made wild."""
    digits = str(draw(numbers))
    start = draw(st.integers(0, len(digits)))
    piece = digits[start : draw(st.integers(start, len(digits)))] if draw(st.booleans()) else digits
    return "".join(
        draw(st.sampled_from([digit, digit, digit, "?", "*", "?*", f"*{digit}"])) for digit in piece
    )[:32]


def asked(numbers):
    """Patterns of all kinds, of random text or like one of the numbers."""
    text = st.text("0123456789*?", max_size=6) | texts_like(numbers)
    return st.builds(
        lambda kind, text: Asked(kind(text), KINDS[kind].format(text)),
        st.sampled_from(list(KINDS)),
        text,
    )


lows = st.integers(0, CHUNK_SIZE - 1) | st.sampled_from(
    [0, 1, 7, 77, 777, 550100, 550101, 550177, 777777, 999998, 999999]
)
numbers = st.builds(lambda chunk, low: chunk * CHUNK_SIZE + low, st.sampled_from(CHUNKS), lows)
stocks = st.dictionaries(numbers, st.sampled_from(OFFER_IDS), max_size=60)
"""Which numbers stand under which offers."""

choices = st.none() | st.frozensets(st.sampled_from([*OFFER_IDS, 99]), max_size=5)
"""The offers of a search, one of which nobody has heard of."""


def brute_force(stock, offer_ids, asked):
    """All hits of a search in ascending order, by looking at every number."""
    return [
        (number, offer_id)
        for number, offer_id in sorted(stock.items())
        if (offer_ids is None or offer_id in offer_ids) and (asked is None or asked.matches(number))
    ]
