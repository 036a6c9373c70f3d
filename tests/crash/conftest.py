"""Databases with a stock, prepared before a server opens them."""

import pytest
from pyroaring import BitMap

from factories import GB
from live import OFFER_TERMS
from numberline.core.numbers import CHUNK_SIZE
from numberline.platform.clocks import SystemClock
from numberline.platform.stocking.intake import add_stock
from numberline.storage.engines import open_database

STOCK_SIZE = 50_000


def stock(url):
    """Put British mobile numbers into a database; returns its URL."""
    database = open_database(url)
    try:
        chunk, first = divmod(GB, CHUNK_SIZE)
        numbers = BitMap(range(first, first + STOCK_SIZE))
        add_stock(database, {OFFER_TERMS: {chunk: numbers}}, now=SystemClock().now())
    finally:
        database.close()
    return url


@pytest.fixture
def stocked_url(sqlite_url):
    return stock(sqlite_url)


@pytest.fixture
def stocked_postgres_url(clean_postgres_url):
    return stock(clean_postgres_url)
