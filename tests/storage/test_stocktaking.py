"""Bitmaps by chunk: named one by one, or picked from all where there are too many to name."""

import pytest
from pyroaring import BitMap

from factories import GB, add_stock, make_offer
from numberline.core.numbers import CHUNK_SIZE
from numberline.storage import stocktaking
from numberline.storage.stocktaking import read_owners, stock_sizes

CHUNK, OFFSET = divmod(GB, CHUNK_SIZE)


@pytest.fixture
def stocked(database):
    numbers = {1: [GB, GB + 1, GB + CHUNK_SIZE], 2: [GB + 2]}
    add_stock(database, [make_offer(1), make_offer(2, country="IE")], numbers)
    return database


@pytest.mark.parametrize("named_max", [0, 10])
def test_owners_are_read_for_the_chunks_that_are_asked_for(stocked, named_max, monkeypatch):
    monkeypatch.setattr(stocktaking, "CHUNKS_NAMED_MAX", named_max)

    with stocked.reading() as connection:
        owners = read_owners(connection, {CHUNK, CHUNK + 2})
        none = read_owners(connection, set())

    assert owners == {CHUNK: {1: BitMap([OFFSET, OFFSET + 1]), 2: BitMap([OFFSET + 2])}}
    assert none == {}


def test_more_chunks_can_be_asked_for_than_a_statement_may_name(stocked):
    with stocked.reading() as connection:
        owners = read_owners(connection, range(CHUNK, CHUNK + 300_000))

    assert owners.keys() == {CHUNK, CHUNK + 1}


def test_sizes_are_those_of_whole_offers(stocked):
    with stocked.reading() as connection:
        assert stock_sizes(connection) == {1: 3, 2: 1}
