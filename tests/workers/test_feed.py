"""What one process commits, the others learn from the feed."""

import asyncio
import itertools
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from factories import (
    GB,
    REPEATABLE,
    WAIT_S,
    FakeClock,
    Wire,
    add_stock,
    in_loop,
    make_offer,
    number_rows,
    on_sale,
    open_account,
    open_platform,
)
from numberline.core import commands as c
from numberline.core.accounts import Credential, Door
from numberline.core.errors import Refusal
from numberline.core.instants import DAY_US, Instant
from numberline.core.lifecycle import State
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.rows import Configuration
from numberline.platform.catalogue import Catalogue, read_available
from numberline.platform.keyring import hash_secret
from numberline.storage import queries
from numberline.storage.batches import VersionConflict
from numberline.storage.queries import OwnedFilter
from numberline.workers import due, feed
from numberline.workers.due import DueWorker
from numberline.workers.feed import FeedFollower

NUMBERS = range(GB, GB + 5)
NEW_OFFER = make_offer(2, region="LND", quarantine_days=1)
KEY, SECRET = "a1b2c3d4", "a secret of its own"


@pytest.fixture
def stocked_url(database, database_url):
    add_stock(database, [make_offer()], {1: NUMBERS})
    return database_url


def fresh_load(database):
    """What a process that starts now would sell."""
    catalogue = Catalogue()
    with database.reading() as connection:
        catalogue.take(*read_available(connection))
    return on_sale(catalogue)


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


async def issue(platform):
    with platform.database.reading() as connection:
        hash_key = queries.server_secret(connection, "hash_key")
    credential = Credential(
        door=Door.VONAGE,
        key=KEY,
        account_id="ada",
        secret_hash=hash_secret(SECRET, hash_key),
        issued_at=Instant(0),
    )
    await platform.execute(c.IssueCredential(credential=credential))


@in_loop
async def test_a_credential_that_one_process_revokes_stops_working_at_the_other(stocked_url):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        follower = FeedFollower(other)
        await open_account(one)
        await issue(one)
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
        [row], _ = await unaware.owned(filter_, limit=10, offset=0)

        assert unaware.offer(row.offer_id) == NEW_OFFER


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


# --- races ----------------------------------------------------------------------------------


async def look_and_be_overtaken(follower, platform, action):
    """A look that reads the rows, and takes them in only after something else was committed."""
    read_at_once = platform.read
    reads = itertools.count(1)

    async def read(query):
        found = await read_at_once(query)
        if next(reads) == 2:  # the first reads the events
            await action()
        return found

    platform.read = read
    await follower.look()
    platform.read = read_at_once


@in_loop
async def test_a_row_that_is_committed_here_while_a_look_reads_it_is_not_set_back(stocked_url):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        follower = FeedFollower(other)
        await open_account(one)
        await one.rent("ada", GB)
        await one.release("ada", GB)

        await look_and_be_overtaken(follower, other, lambda: other.rent("ada", GB))

        assert on_sale(other) == fresh_load(other.database)


@in_loop
async def test_a_row_that_is_committed_here_while_a_look_reads_its_chunk_is_read_again(
    stocked_url, database
):
    async with open_platform(stocked_url) as platform:
        follower = FeedFollower(platform)
        await open_account(platform)
        add_stock(database, [], {1: [GB + 7]})

        await look_and_be_overtaken(follower, platform, lambda: platform.rent("ada", GB))
        await follower.look()

        assert on_sale(platform) == fresh_load(database)


@in_loop
async def test_a_commit_that_is_heard_of_late_does_not_hide_what_came_after_it(stocked_url):
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        follower = FeedFollower(one)
        await open_account(one)
        deliver = one.register._deliver
        committed, followed = threading.Event(), threading.Event()

        def deliver_late(outcome):
            committed.set()
            assert followed.wait(WAIT_S)
            deliver(outcome)

        one.register._deliver = deliver_late
        rental = one.execute(c.Rent(account_id="ada", number=GB))
        await asyncio.to_thread(committed.wait, WAIT_S)
        await other.release("ada", GB)
        await follower.look()
        followed.set()
        await rental
        await follower.look()

        assert on_sale(one) == fresh_load(one.database)


@in_loop
async def test_a_follower_does_not_gather_what_its_own_process_commits(stocked_url):
    async with open_platform(stocked_url) as platform:
        follower = FeedFollower(platform)
        await open_account(platform)
        await platform.rent("ada", GB)

        await follower.look()

        assert platform.changed_numbers == set()


class WatchedFollower(FeedFollower):
    """A follower that says when it has taken something in."""

    def __init__(self, platform):
        super().__init__(platform)
        self._done = asyncio.Event()

    async def look(self):
        taken_in = await super().look()
        if taken_in:
            self._done.set()
        return taken_in

    async def run_until_done(self):
        """Run until something was taken in, or until it ends by itself; says which."""
        running = asyncio.create_task(self.run())
        done = asyncio.create_task(self._done.wait())
        await asyncio.wait({running, done}, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        done.cancel()
        await asyncio.gather(running, done, return_exceptions=True)
        return self._done.is_set()


@pytest.mark.parametrize("words", ["FROM writer", "FROM event", "FROM number"])
@in_loop
async def test_the_follower_goes_on_after_the_database_was_away(stocked_url, monkeypatch, words):
    monkeypatch.setattr(feed, "POLL_S", 0)
    async with open_platform(stocked_url) as one, open_platform(stocked_url) as other:
        other.database.close()  # so that the wire lies before every connection
        follower, wire = WatchedFollower(other), Wire(other.database)
        await open_account(one)
        await one.rent("ada", GB)

        with capture_logs() as log, wire.failing(words, times=1):
            goes_on = await follower.run_until_done()

        assert goes_on
        assert [entry["event"] for entry in log] == ["feed_not_read"]
        assert on_sale(other) == fresh_load(other.database)


# --- whatever happens -----------------------------------------------------------------------

chunks = itertools.count(500_000)

changes = st.tuples(
    st.sampled_from(["rent", "release", "withdraw", "restock", "hold", "carry on"]),
    st.integers(0, 5),
)
steps = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1]),
            changes | st.just(("look", 0)) | st.just(("look", 0)),
        )
        | st.just((0, ("add stock", 0))),
        min_size=1,
        max_size=4,
    ),
    max_size=12,
)


async def take_step(platform, follower, database, first, step):
    """Take one step; that it is refused is as good an outcome as any."""
    kind, offset = step
    number = first + offset
    actions = {
        "rent": lambda: platform.rent("ada", number),
        "release": lambda: platform.release("ada", number),
        "withdraw": lambda: platform.execute(c.Withdraw(number=number)),
        "restock": lambda: platform.execute(c.Restock(number=number)),
        "hold": lambda: platform.execute(
            c.Hold(account_id="ada", number=number, until=Instant(platform.clock.now() + 1))
        ),
        "carry on": DueWorker(platform).look,
        "look": follower.look,
        "add stock": lambda: asyncio.to_thread(
            add_stock, database, [NEW_OFFER], {2: [first + 4, first + 5]}
        ),
    }
    try:
        await actions[kind]()
    except (Refusal, VersionConflict):
        platform.clock.advance(1)


@given(groups=steps)
@settings(REPEATABLE, max_examples=20)
def test_after_any_changes_and_looks_both_processes_sell_what_a_fresh_one_would(
    stocked_url, database, groups
):
    first = next(chunks) * CHUNK_SIZE

    async def follow():
        clock = FakeClock()
        async with open_platform(stocked_url, clock) as one, open_platform(stocked_url) as other:
            sides = [(one, FeedFollower(one)), (other, FeedFollower(other))]
            for group in groups:
                together = [take_step(*sides[side], database, first, step) for side, step in group]
                await asyncio.gather(*together)
            for _ in range(2):
                for _, follower in sides:
                    await follower.look()
            return on_sale(one), on_sale(other), fresh_load(database)

    add_stock(database, [make_offer(), NEW_OFFER], {1: range(first, first + 4)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(due, "NUMBERS_MAX", 2)
        one, other, fresh = asyncio.run(follow())

    assert one == other == fresh
