"""The use cases about pools: what is committed is found at once, and numbers go in together."""

import asyncio

import pytest
import sqlalchemy as sa

from factories import (
    GB,
    add_stock,
    in_loop,
    make_offer,
    number_rows,
    open_account,
    open_platform,
)
from numberline.core.errors import NumberNotOwned, PoolExists, PoolNotFound, RegisterBusy
from numberline.platform.pools import Pools
from numberline.register import register as register_module
from numberline.storage.queries import PageCut, PoolFilter


@pytest.fixture
def stocked_url(database, database_url):
    """A database with fifty numbers in stock."""
    add_stock(database, [make_offer()], {1: range(GB, GB + 50)})
    return database_url


async def create(pools, name, account_id="ada"):
    return (await pools.create(account_id, name, service="", by_country=False)).pool


async def rent(platform, count):
    await open_account(platform)
    numbers = range(GB, GB + count)
    await asyncio.gather(*(platform.rent("ada", number) for number in numbers))
    return numbers


async def listed(pools, name):
    rows, total = await pools.numbers("ada", name, PageCut(limit=100))
    assert len(rows) == total == (await pools.find("ada", name)).size
    return [row.number for row in rows]


@in_loop
async def test_pools_have_identifiers_of_their_own(stocked_url):
    async with open_platform(stocked_url) as platform:
        pools = Pools(platform)
        await open_account(platform)
        first = await create(pools, "a")
        await pools.delete("ada", "a")

        assert (await create(pools, "a")).pool_id != first.pool_id
        with pytest.raises(PoolExists):
            await create(pools, "a")


@in_loop
async def test_numbers_that_are_put_in_a_pool_at_once_share_a_batch(stocked_url, database):
    async with open_platform(stocked_url) as platform:
        pools = Pools(platform)
        numbers = await rent(platform, 40)
        await create(pools, "a")
        commits = []
        sa.event.listen(platform.database.engine, "commit", commits.append)

        refusals = await pools.add("ada", "a", [*numbers, GB - 1])
        # A look-up of the pool, perhaps a batch that began with the first number, and the rest.
        assert len(commits) <= 3
        assert list(refusals) == [*numbers, GB - 1]
        assert [n for n, refusal in refusals.items() if refusal] == [GB - 1]
        assert isinstance(refusals[GB - 1], NumberNotOwned)
        assert await listed(pools, "a") == [*numbers]

        await pools.remove("ada", "a", [*numbers[1:], GB - 1])
        assert await listed(pools, "a") == [GB]
    assert {row.configuration.pools for n, row in number_rows(database).items() if n != GB} == {()}


@in_loop
async def test_a_server_with_too_much_to_do_says_so_and_keeps_what_it_took(
    stocked_url, monkeypatch
):
    async with open_platform(stocked_url) as platform:
        pools = Pools(platform)
        numbers = await rent(platform, 50)
        await create(pools, "a")
        with monkeypatch.context() as patch:
            patch.setattr(register_module, "QUEUE_COMMANDS_MAX", 0)
            with pytest.raises(RegisterBusy):
                await pools.add("ada", "a", numbers)

        assert await listed(pools, "a") == []
        assert set((await pools.add("ada", "a", numbers)).values()) == {None}


@in_loop
async def test_a_pool_that_is_deleted_while_numbers_are_put_in_is_not_found(stocked_url):
    async with open_platform(stocked_url) as platform:
        pools = Pools(platform)
        numbers = await rent(platform, 3)
        await create(pools, "a")
        find = pools.find

        async def find_then_lose(account_id, name):
            found = await find(account_id, name)
            await Pools(platform).delete(account_id, name)
            return found

        pools.find = find_then_lose
        with pytest.raises(PoolNotFound):
            await pools.add("ada", "a", numbers)
        await create(Pools(platform), "a")
        with pytest.raises(PoolNotFound):
            await pools.change("ada", "a", new_name="b")


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 100_000])
@in_loop
async def test_a_text_that_no_pool_has_finds_none(stocked_url, text):
    async with open_platform(stocked_url) as platform:
        pools = Pools(platform)
        await open_account(platform)
        await create(pools, "a")

        with pytest.raises(PoolNotFound):
            await pools.find("ada", text)
        filter_ = PoolFilter(account_id="ada", service=text)
        assert await pools.page(filter_, limit=9, offset=0) == ([], 0)
