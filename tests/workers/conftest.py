"""A clock to turn, and a database with a stock."""

import pytest

from factories import GB, FakeClock, add_stock, make_offer


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def stocked_url(database, database_url):
    """A database with a hundred numbers in stock."""
    add_stock(database, [make_offer()], {1: range(GB, GB + 100)})
    return database_url
