"""Any sequence of changes and searches, beside a plain dict that goes through the same."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE, chunk_of
from numberline.stock import StockIndex
from stock.strategies import (
    CHUNKS,
    OFFER_IDS,
    asked,
    brute_force,
    choices,
    lows,
    numbers,
    unhurried,
)

offer_ids = st.sampled_from(OFFER_IDS)
chunks = st.sampled_from(CHUNKS[:6])
positions = st.integers(0, 10**6)


class ChangingStock(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.stock = {}

    @initialize(cache_bytes=st.sampled_from([0, 50_000, 10**7]))
    def start(self, cache_bytes):
        self.index = StockIndex(pattern_cache_bytes=cache_bytes)

    @rule(offer_id=offer_ids, chunk=chunks, available=st.sets(lows, max_size=20))
    def put(self, offer_id, chunk, available):
        free = {low for low in available if self.holder(chunk, low) in {None, offer_id}}
        self.index.put(offer_id, chunk, BitMap(free))
        self.stock = {
            number: holder
            for number, holder in self.stock.items()
            if (holder, chunk_of(number)) != (offer_id, chunk)
        } | {chunk * CHUNK_SIZE + low: offer_id for low in free}

    def holder(self, chunk, low):
        return self.stock.get(chunk * CHUNK_SIZE + low)

    @rule(offer_id=offer_ids, number=numbers)
    def add(self, offer_id, number):
        offer_id = self.stock.setdefault(number, offer_id)
        self.index.add(offer_id, number)

    @rule(position=positions)
    def discard(self, position):
        if self.stock:
            number = sorted(self.stock)[position % len(self.stock)]
            self.index.discard(self.stock.pop(number), number)

    @rule(offer_id=offer_ids, number=numbers)
    def discard_what_may_not_be_there(self, offer_id, number):
        self.index.discard(offer_id, number)
        if self.stock.get(number) == offer_id:
            del self.stock[number]

    @rule(offer_ids=choices, asked=st.none() | asked(numbers), offset=st.integers(0, 5))
    def search(self, offer_ids, asked, offset):
        expected = brute_force(self.stock, offer_ids, asked)
        page = self.index.search(offer_ids, asked and asked.pattern, limit=5, offset=offset)

        assert page.hits == expected[offset : offset + 5]
        assert page.total == len(expected)

    @rule(number=numbers)
    def ask_for_the_offer(self, number):
        assert self.index.offer_of(number) == self.stock.get(number)

    @invariant()
    def everything_is_found_without_a_pattern(self):
        if hasattr(self, "index"):
            page = self.index.search(None, None, limit=1_000)
            assert page.hits == sorted(self.stock.items())


TestChangingStock = ChangingStock.TestCase
TestChangingStock.settings = settings(unhurried, max_examples=60, stateful_step_count=30)
