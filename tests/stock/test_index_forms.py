"""Chunks so full or so scattered that bitmaps take every form they have, beside plain sets."""

import random

import pytest
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.stock import Pattern, StockIndex
from stock.strategies import KINDS, Asked

CHUNK = 447712
BASE = CHUNK * CHUNK_SIZE
WHOLE = set(range(CHUNK_SIZE))


def blocks(length, share, seed):
    chosen = random.Random(seed)
    starts = (s for s in range(0, CHUNK_SIZE, length) if chosen.random() < share)
    return {low for start in starts for low in range(start, min(start + length, CHUNK_SIZE))}


FORMS = {
    "whole": WHOLE,
    "a few gaps": WHOLE - blocks(1, 0.002, 1),
    "missing blocks": WHOLE - blocks(1_000, 0.1, 2),
    "missing short blocks": WHOLE - blocks(7, 0.3, 3),
    "blocks": blocks(100, 0.1, 4),
    "short blocks": blocks(10, 0.3, 5),
    "dense": blocks(1, 0.3, 6),
    "sparse": blocks(1, 0.001, 7),
    "one": {550_100},
}


CHANGED = {0, 123_456, 550_100, 730_007, 999_999}


def check(index, pattern, expected):
    """Compare the total and pages from both ends and the middle with a sorted list."""
    middle = len(expected) // 2
    for offset in (0, middle, max(len(expected) - 3, 0)):
        page = index.search(None, pattern, limit=5, offset=offset)
        assert [number - BASE for number, _ in page.hits] == expected[offset : offset + 5]
        assert page.total == len(expected)
    if expected:
        page = index.search(None, pattern, limit=5, after=BASE + expected[middle])
        assert [number - BASE for number, _ in page.hits] == expected[middle + 1 : middle + 6]


@pytest.fixture(scope="module")
def bitmaps():
    return {name: BitMap(form) for name, form in FORMS.items()}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Pattern.contains, "3"),
        (Pattern.contains, "33"),
        (Pattern.contains, "9?*?8"),
        (Pattern.ends_with, "007"),
        (Pattern.starts_with, "4477123"),
        (Pattern.starts_with, "4477"),
    ],
)
def test_every_form_of_chunk_is_counted_and_paged(bitmaps, kind, text):
    asked = Asked(kind(text), KINDS[kind].format(text))
    matching = {low for low in WHOLE if asked.matches(BASE + low)}
    for name, form in FORMS.items():
        index = StockIndex()
        index.put(1, CHUNK, bitmaps[name])
        check(index, asked.pattern, sorted(form & matching))
        for low in CHANGED:
            index.discard(1, BASE + low)
        check(index, asked.pattern, sorted((form - CHANGED) & matching))
        for low in CHANGED:
            index.add(1, BASE + low)
        check(index, asked.pattern, sorted((form | CHANGED) & matching))


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_chunk_knows_its_numbers(bitmaps, name):
    index = StockIndex()
    index.put(7, CHUNK, bitmaps[name])
    available = {low for low in WHOLE if index.offer_of(BASE + low) == 7}

    assert available == FORMS[name]
