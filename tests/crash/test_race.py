"""Many buyers of one number."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from crash.buyers import assert_sound, buy_once, rentals
from factories import GB
from live import open_tenants, serving

BUYERS = 64


def race(served, tenants, number):
    """Everyone asks at the same instant; returns the statuses."""
    start = threading.Barrier(len(tenants))

    def ask(tenant):
        start.wait()
        return buy_once(served, tenant, number)

    with ThreadPoolExecutor(len(tenants)) as pool:
        return list(pool.map(ask, tenants))


def assert_one_winner(url, tenants, statuses, number):
    assert Counter(statuses) == {200: 1, 420: BUYERS - 1}
    assert rentals(url)[number] == tenants[statuses.index(200)].account_id
    assert_sound(url)


def test_of_64_buyers_of_a_number_one_gets_it_and_pays(stocked_url):
    tenants = open_tenants(stocked_url, BUYERS)
    with serving(database=stocked_url) as served:
        for number in range(GB, GB + 5):
            assert_one_winner(stocked_url, tenants, race(served, tenants, number), number)


def test_of_64_buyers_at_two_processes_one_gets_it_and_pays(stocked_postgres_url):
    tenants = open_tenants(stocked_postgres_url, BUYERS)
    with serving("--workers", "2", database=stocked_postgres_url) as served:
        for number in range(GB, GB + 5):
            assert_one_winner(stocked_postgres_url, tenants, race(served, tenants, number), number)


@pytest.mark.parametrize("credit_micros", [3_000_000])
def test_a_wallet_that_covers_two_numbers_buys_two_however_many_are_asked_for(
    stocked_url, credit_micros
):
    (tenant,) = open_tenants(stocked_url, credit_limit_micros=credit_micros)
    with serving(database=stocked_url) as served, ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda n: buy_once(served, tenant, n), range(GB, GB + 16)))

    assert Counter(statuses) == {200: 2, 420: 14}
    assert_sound(stocked_url)
