"""However reading the feed and changing the stock interleave, memory follows the database."""

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
    add_stock,
    in_loop,
    make_offer,
    on_sale,
    on_sale_afresh,
    open_account,
    open_platform,
)
from numberline.core import commands as c
from numberline.core.errors import Refusal
from numberline.core.instants import Instant
from numberline.core.numbers import CHUNK_SIZE
from numberline.storage.batches import VersionConflict
from numberline.workers import due, feed
from numberline.workers.due import DueWorker
from numberline.workers.feed import FeedFollower
from wiretap import Wire

NUMBERS = range(GB, GB + 5)
NEW_OFFER = make_offer(2, region="LND", quarantine_days=1)


@pytest.fixture
def stocked_url(database, database_url):
    add_stock(database, [make_offer()], {1: NUMBERS})
    return database_url


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

        assert on_sale(other) == on_sale_afresh(other.database)


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

        assert on_sale(platform) == on_sale_afresh(database)


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
        look = asyncio.create_task(follower.look())
        await asyncio.sleep(0)
        followed.set()
        await asyncio.gather(rental, look)

        assert on_sale(one) == on_sale_afresh(one.database)


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
        assert on_sale(other) == on_sale_afresh(other.database)


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
            return on_sale(one), on_sale(other), on_sale_afresh(database)

    add_stock(database, [make_offer(), NEW_OFFER], {1: range(first, first + 4)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(due, "NUMBERS_MAX", 2)
        one, other, fresh = asyncio.run(follow())

    assert one == other == fresh
