"""What one process commits, the others learn from the feed."""

import pytest

from factories import (
    GB,
    KEY,
    FakeClock,
    add_stock,
    in_loop,
    issue_credential,
    make_offer,
    number_rows,
    on_sale,
    open_account,
    open_platform,
)
from numberline.core import commands as c
from numberline.core.accounts import Door
from numberline.core.errors import Refusal
from numberline.core.instants import DAY_US
from numberline.core.lifecycle import State
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.rows import Configuration
from numberline.storage.queries import OwnedFilter, PageCut
from numberline.workers import feed
from numberline.workers.due import DueWorker
from numberline.workers.feed import FeedFollower

NUMBERS = range(GB, GB + 5)
NEW_OFFER = make_offer(2, region="LND", quarantine_days=1)
SECRET = "a secret of its own"


@pytest.fixture
def stocked_url(database, database_url):
    add_stock(database, [make_offer()], {1: NUMBERS})
    return database_url


@in_loop
async def test_what_one_process_rents_leaves_the_search_of_the_other(stocked_url):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        follower = FeedFollower(other)
        await open_account(one)
        await one.rent("ada", GB)
        assert GB in on_sale(other)

        await follower.look()

        assert GB not in on_sale(other)


@in_loop
async def test_what_one_process_releases_comes_back_to_the_search_of_the_other(stocked_url):
    async with open_platform(stocked_url) as one:
        await open_account(one)
        await one.rent("ada", GB)
        async with open_platform(stocked_url) as other:
            follower = FeedFollower(other)
            await one.release("ada", GB)
            assert GB not in on_sale(other)

            await follower.look()

            assert GB in on_sale(other)


@in_loop
async def test_stock_that_a_third_process_adds_appears(stocked_url, database):
    async with open_platform(stocked_url) as platform:
        follower = FeedFollower(platform)
        add_stock(database, [NEW_OFFER], {1: [GB + 7], 2: [GB + 8, GB + CHUNK_SIZE]})

        await follower.look()

        new = {GB + 7: 1, GB + 8: 2, GB + CHUNK_SIZE: 2}
        assert on_sale(platform) == dict.fromkeys(NUMBERS, 1) | new
        assert platform.offer(2) == NEW_OFFER


@in_loop
async def test_new_stock_does_not_bring_rented_numbers_back(stocked_url, database):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        await open_account(one)
        await one.rent("ada", GB)
        await other.rent("ada", GB + 1)
        add_stock(database, [], {1: [GB + 7]})

        for platform in (one, other):
            await FeedFollower(platform).look()

        assert on_sale(one) == on_sale(other) == dict.fromkeys([*range(GB + 2, GB + 5), GB + 7], 1)


@in_loop
async def test_a_look_says_how_many_events_it_took_in_and_takes_them_once(stocked_url):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        follower = FeedFollower(other)
        await open_account(one)
        await one.rent("ada", GB)

        assert [await follower.look(), await follower.look()] == [2, 0]


@in_loop
async def test_a_process_does_not_read_its_own_events(stocked_url):
    async with open_platform(stocked_url) as platform:
        follower = FeedFollower(platform)
        await open_account(platform)
        await platform.rent("ada", GB)

        assert await follower.look() == 0


@in_loop
async def test_a_process_that_starts_follows_from_its_start_on(stocked_url):
    async with open_platform(stocked_url) as one:
        await open_account(one)
        await one.rent("ada", GB)
        async with open_platform(stocked_url) as other:
            assert await FeedFollower(other).look() == 0


@in_loop
async def test_a_long_feed_is_taken_in_portions(stocked_url, monkeypatch):
    monkeypatch.setattr(feed, "EVENTS_MAX", 4)
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        follower = FeedFollower(other)
        await open_account(one)
        for number in NUMBERS:
            await one.rent("ada", number)

        assert [await follower.look() for _ in range(3)] == [4, 2, 0]
        assert on_sale(other) == {}


# --- credentials ----------------------------------------------------------------------------


@in_loop
async def test_a_credential_that_one_process_revokes_stops_working_at_the_other(stocked_url):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        follower = FeedFollower(other)
        await open_account(one)
        await issue_credential(one, SECRET)
        assert await other.authenticate(Door.VONAGE, KEY, SECRET)
        await one.execute(c.RevokeCredential(door=Door.VONAGE, key=KEY))

        await follower.look()

        assert await other.authenticate(Door.VONAGE, KEY, SECRET) is None


# --- before the feed was read ---------------------------------------------------------------


@in_loop
async def test_a_number_that_looks_free_here_but_is_rented_there_is_refused(stocked_url):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        await open_account(one, "ada")
        await open_account(one, "bob")
        await one.rent("ada", GB)
        assert GB in on_sale(other)

        with pytest.raises(Refusal):
            await other.rent("bob", GB)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda p: p.configure("ada", GB + 8, Configuration()), id="configure"),
        pytest.param(lambda p: p.release("ada", GB + 8), id="release"),
        pytest.param(lambda p: p.release("ada", GB + 8, at_renewal=True), id="schedule-release"),
    ],
)
@in_loop
async def test_a_number_of_an_offer_not_yet_heard_of_can_be_changed_by_its_tenant(
    stocked_url, database, change
):
    async with open_platform(stocked_url) as unaware:
        add_stock(database, [NEW_OFFER], {2: [GB + 8]})
        async with open_platform(stocked_url) as aware:
            await open_account(aware)
            await aware.rent("ada", GB + 8)

        row = await change(unaware)

        assert number_rows(database)[GB + 8] == row


@in_loop
async def test_a_number_of_an_offer_not_yet_heard_of_is_listed_with_its_offer(
    stocked_url, database
):
    async with open_platform(stocked_url) as unaware:
        add_stock(database, [NEW_OFFER], {2: [GB + 8]})
        async with open_platform(stocked_url) as aware:
            await open_account(aware)
            await aware.rent("ada", GB + 8)

        filter_ = OwnedFilter(account_id="ada")
        [row], _ = await unaware.owned(filter_, PageCut(limit=10))

        assert unaware.offer(row.offer_id) == NEW_OFFER


@in_loop
async def test_an_offer_is_known_as_soon_as_a_number_of_it_is_heard_of(
    stocked_url, database, monkeypatch
):
    async with open_platform(stocked_url) as aware, open_platform(stocked_url) as unaware:
        follower = FeedFollower(unaware)
        add_stock(database, [NEW_OFFER], {2: [GB + 8]})
        await FeedFollower(aware).look()
        await open_account(aware)
        await aware.rent("ada", GB + 8)

        monkeypatch.setattr(feed, "EVENTS_MAX", 2)  # not yet as far as the stock's own event
        await follower.look()

        assert unaware.offer(2) == NEW_OFFER


@in_loop
async def test_what_falls_due_under_an_offer_not_yet_heard_of_is_carried_out(stocked_url, database):
    clock = FakeClock()
    async with open_platform(stocked_url, clock) as unaware:
        add_stock(database, [NEW_OFFER], {2: [GB + 8]})
        async with open_platform(stocked_url, clock) as aware:
            await open_account(aware)
            await aware.rent("ada", GB + 8)
            await aware.release("ada", GB + 8, at_renewal=True)

        clock.advance(40 * DAY_US)
        assert await DueWorker(unaware).look() == 1

    assert number_rows(database)[GB + 8].state is State.QUARANTINED
