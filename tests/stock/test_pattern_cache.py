import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.stock import Pattern, StockIndex
from numberline.stock.cache import PatternCache
from numberline.stock.matches import CHUNK_DIGITS, Matches
from numberline.stock.segments import segment_of
from stock.strategies import Asked, brute_force, stocks, unhurried
from stock.test_automaton import NASTY

SEGMENTS = [segment_of(chunk % 3, chunk, BitMap([chunk])) for chunk in range(447_000, 447_200)]


def pattern_of(number):
    return Pattern.contains(f"{number:03d}")


def test_the_cache_stays_within_its_bytes():
    cache = PatternCache(300_000)
    for number in range(200):
        cache.prepare(pattern_of(number), None, SEGMENTS)
        assert 0 < cache.size_bytes <= 300_000


def test_plans_for_endless_choices_of_offers_stay_within_its_bytes():
    cache = PatternCache(300_000)
    for number in range(200):
        cache.prepare(pattern_of(7), frozenset(range(number)), SEGMENTS)
        assert cache.size_bytes <= 300_000


def test_the_longest_unused_pattern_goes_first():
    cache = PatternCache(300_000)
    cache.prepare(pattern_of(0), None, SEGMENTS)
    for number in range(1, 100):
        cache.prepare(pattern_of(number), None, SEGMENTS)
        assert cache.find(pattern_of(0), None)

    assert cache.find(pattern_of(99), None)
    assert cache.find(pattern_of(1), None) is None


def test_a_cache_without_room_keeps_nothing():
    cache = PatternCache(0)
    cache.prepare(pattern_of(0), None, SEGMENTS)

    assert cache.find(pattern_of(0), None) is None
    assert cache.size_bytes == 0


def test_forgotten_plans_give_their_bytes_back():
    cache = PatternCache(10**7)
    cache.prepare(pattern_of(0), None, SEGMENTS)
    size_bytes = cache.size_bytes
    cache.forget_plans()

    assert cache.find(pattern_of(0), None) is None
    assert cache.size_bytes < size_bytes
    cache.prepare(pattern_of(0), None, SEGMENTS)
    assert cache.size_bytes == size_bytes


ENDLESS_PATTERNS = """
import itertools, os, resource, sys
from numberline.stock import Pattern, StockIndex
from pyroaring import BitMap

if os.fork():  # because a process inherits the peak of the one that started it, a child does not
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

index = StockIndex(pattern_cache_bytes=8_000_000)
for chunk in range(447_000, 447_100):
    index.put(1, chunk, BitMap(range(chunk, chunk + 500)))
before = peak()
for first, gap, last in itertools.product("0123456789", ("", "?", "??", "???"), "0123456789"):
    index.search(None, Pattern.contains(first + gap + last), limit=10)
print(peak() - before)
"""


def test_endless_patterns_do_not_fill_the_memory():
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS_PATTERNS], capture_output=True, text=True, check=True
    )

    assert 4_000_000 < int(done.stdout) < 16_000_000


@pytest.mark.parametrize("glob", NASTY)
def test_a_nasty_pattern_takes_few_bitmaps(glob):
    matches = Matches(glob)
    states = {matches.automaton.after(chunk, CHUNK_DIGITS) for chunk in range(100_000, 999_999, 7)}
    for state in states:
        assert len(matches[state].bits) <= CHUNK_SIZE
    bitmaps_max = sum(2 ** (left + 1) for left in range(CHUNK_DIGITS + 1))

    assert len(states) <= 2 ** (CHUNK_DIGITS + 1)
    assert matches.size_bytes < bitmaps_max * CHUNK_SIZE // 8


@unhurried
@given(stocks, st.sampled_from(NASTY))
def test_a_nasty_pattern_finds_what_it_should(stock, glob):
    asked = Asked(Pattern.exactly(glob), glob)
    index = StockIndex()
    for number, offer_id in stock.items():
        index.add(offer_id, number)

    assert index.search(None, asked.pattern, limit=100).hits == brute_force(stock, None, asked)
