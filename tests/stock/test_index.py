import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE, chunk_of
from numberline.stock import Hit, StockIndex
from stock.strategies import asked, brute_force, choices, numbers, stocks, unhurried


def index_of(stock):
    """An index over numbers and their offers, put in chunk by chunk."""
    index = StockIndex()
    bitmaps = {}
    for number, offer_id in stock.items():
        bitmaps.setdefault((offer_id, chunk_of(number)), BitMap()).add(number % CHUNK_SIZE)
    for (offer_id, chunk), bitmap in bitmaps.items():
        index.put(offer_id, chunk, bitmap)
    return index


@st.composite
def searches(draw):
    """A stock that is not empty, offers, and a pattern that has to do with it."""
    stock = draw(stocks.filter(bool))
    like = asked(st.sampled_from(sorted(stock)))
    return stock, draw(choices), draw(st.none() | like)


@unhurried
@given(searches(), st.integers(0, 12), st.integers(0, 20), st.none() | numbers)
def test_a_page_is_a_slice_of_what_brute_force_finds(search, limit, offset, after):
    stock, offer_ids, asked = search
    expected = brute_force(stock, offer_ids, asked)
    later = [hit for hit in expected if after is None or hit[0] > after]

    page = index_of(stock).search(
        offer_ids, asked and asked.pattern, limit=limit, offset=offset, after=after
    )

    assert page.hits == later[offset : offset + limit]
    assert page.total == len(expected)


@unhurried
@given(searches())
def test_the_count_is_the_total(search):
    stock, offer_ids, asked = search

    count = index_of(stock).count(offer_ids, asked and asked.pattern)

    assert count == len(brute_force(stock, offer_ids, asked))


@unhurried
@given(searches(), st.integers(1, 9))
def test_walking_by_offset_meets_every_number_once(search, limit):
    stock, offer_ids, asked = search
    index = index_of(stock)
    pattern = asked and asked.pattern
    walked = []
    while page := index.search(offer_ids, pattern, limit=limit, offset=len(walked)).hits:
        walked += page

    assert walked == brute_force(stock, offer_ids, asked)


@unhurried
@given(searches(), st.integers(1, 9))
def test_walking_by_the_last_number_meets_every_number_once(search, limit):
    stock, offer_ids, asked = search
    index = index_of(stock)
    pattern = asked and asked.pattern
    walked = []
    after = None
    while page := index.search(offer_ids, pattern, limit=limit, after=after).hits:
        walked += page
        after = page[-1].number

    assert walked == brute_force(stock, offer_ids, asked)


@unhurried
@given(searches())
def test_the_order_and_the_kind_of_collection_do_not_matter(search):
    stock, offer_ids, asked = search
    index = index_of(stock)
    pattern = asked and asked.pattern
    listed = sorted(offer_ids or (), reverse=True) * 2

    assert index.search(listed, pattern, limit=50) == index.search(set(listed), pattern, limit=50)


@unhurried
@given(stocks, numbers)
def test_the_offer_of_a_number_is_known_while_it_is_available(stock, other):
    index = index_of(stock)

    assert {number: index.offer_of(number) for number in stock} == stock
    assert index.offer_of(other) == stock.get(other)


def test_a_page_runs_over_chunks_and_offers_in_ascending_order():
    index = StockIndex()
    index.put(1, 4477, BitMap([5, 900_000]))
    index.put(2, 4477, BitMap([4, 6]))
    index.put(3, 999, BitMap([999_999]))
    index.put(3, 49301, BitMap([0]))

    page = index.search(None, None, limit=9)

    assert page.hits == [
        Hit(999_999_999, 3),
        Hit(4_477_000_004, 2),
        Hit(4_477_000_005, 1),
        Hit(4_477_000_006, 2),
        Hit(4_477_900_000, 1),
        Hit(49_301_000_000, 3),
    ]
    assert page.total == 6


class TestPut:
    def test_replaces_what_stood_there(self):
        index = StockIndex()
        index.put(1, 4477, BitMap([1, 2]))
        index.search(None, None, limit=9)
        index.put(1, 4477, BitMap([3]))

        assert index.search(None, None, limit=9).hits == [(4_477_000_003, 1)]
        assert index.offer_of(4_477_000_001) is None

    def test_an_empty_bitmap_removes_the_chunk_of_that_offer_only(self):
        index = StockIndex()
        index.put(1, 4477, BitMap([1]))
        index.put(2, 4477, BitMap([2]))
        index.search(None, None, limit=9)
        index.put(1, 4477, BitMap())

        assert index.search(None, None, limit=9).hits == [(4_477_000_002, 2)]
        index.put(2, 4477, BitMap())
        assert index.search(None, None, limit=9).total == 0

    def test_removing_what_is_not_there_changes_nothing(self):
        index = StockIndex()
        index.put(1, 4477, BitMap())

        assert index.search([1], None, limit=9).total == 0

    def test_the_bitmap_stays_the_callers(self):
        index = StockIndex()
        available = BitMap([1])
        index.put(1, 4477, available)
        available.add(2)
        index.add(1, 4_477_000_003)

        assert index.count(None, None) == 2
        assert available == BitMap([1, 2])

    def test_a_value_outside_the_chunk_is_refused(self):
        with pytest.raises(ValueError, match="999999"):
            StockIndex().put(1, 4477, BitMap([CHUNK_SIZE]))


def test_another_thread_may_ask_for_offers_while_the_index_changes():
    index = StockIndex()
    index.put(1, 4477, BitMap([1]))
    done = threading.Event()
    answers = set()

    def ask():
        while not done.is_set():
            answers.add((index.offer_of(4_477_000_001), index.offer_of(4_477_000_002)))

    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    reader = threading.Thread(target=ask)
    reader.start()
    try:
        for i in range(2_000):
            index.put(2, 4477, BitMap([2]))
            index.put(3 + i, 5_000 + i, BitMap([i]))
            index.put(2, 4477, BitMap())
            index.add(3, 4_477_000_002)
            index.discard(3, 4_477_000_002)
            index.put(3, 4477, BitMap())
    finally:
        done.set()
        reader.join()
        sys.setswitchinterval(interval_s)

    assert answers <= {(1, None), (1, 2), (1, 3)}
    assert (1, None) in answers
