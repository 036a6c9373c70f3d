"""What falls due is carried out at its time, once, and not before."""

import asyncio

import pytest
from structlog.testing import capture_logs

from factories import (
    GB,
    NEW_YEAR,
    WAIT_S,
    FakeClock,
    add_stock,
    all_rows,
    in_loop,
    make_offer,
    number_rows,
    on_sale,
    open_account,
    open_platform,
)
from numberline.core import commands as c
from numberline.core.errors import CommandFailed, RegisterBusy
from numberline.core.instants import DAY_US, Instant, add_months
from numberline.core.lifecycle import State
from numberline.storage import tables
from numberline.workers import due
from numberline.workers.due import DueWorker

RENEWAL = add_months(NEW_YEAR, 1)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def stocked_url(database, database_url):
    """A database with ten numbers in stock that rest for a day."""
    add_stock(database, [make_offer(quarantine_days=1)], {1: range(GB, GB + 10)})
    return database_url


async def hold(platform, number=GB, *, until):
    await platform.execute(c.Hold(account_id="ada", number=number, until=until))


async def state_of(platform, number=GB):
    return number_rows(platform.database)[number].state


@in_loop
async def test_a_scheduled_release_is_carried_out_at_its_renewal_date(stocked_url, clock):
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform)
        await platform.rent("ada", GB)
        await platform.release("ada", GB, at_renewal=True)
        worker = DueWorker(platform)

        clock.instant = Instant(RENEWAL - 1)
        assert (await worker.look(), await state_of(platform)) == (0, State.EXPIRING)

        clock.instant = RENEWAL
        assert (await worker.look(), await state_of(platform)) == (1, State.QUARANTINED)


@in_loop
async def test_a_number_returns_to_the_search_when_its_quarantine_ends(stocked_url, clock):
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform)
        await platform.rent("ada", GB)
        await platform.release("ada", GB)
        worker = DueWorker(platform)

        clock.advance(DAY_US - 1)
        assert (await worker.look(), GB in on_sale(platform)) == (0, False)

        clock.advance(1)
        assert (await worker.look(), GB in on_sale(platform)) == (1, True)


@in_loop
async def test_a_hold_ends_at_its_time_and_the_number_can_be_rented_by_others(stocked_url, clock):
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform, "ada")
        await open_account(platform, "bob")
        await hold(platform, until=Instant(NEW_YEAR + 60))
        worker = DueWorker(platform)

        clock.advance(59)
        assert (await worker.look(), GB in on_sale(platform)) == (0, False)

        clock.advance(1)
        assert (await worker.look(), GB in on_sale(platform)) == (1, True)
        assert (await platform.rent("bob", GB)).account_id == "bob"


@in_loop
async def test_what_is_overdue_for_long_goes_all_its_way_in_as_many_looks(stocked_url, clock):
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform)
        await platform.rent("ada", GB)
        await platform.release("ada", GB, at_renewal=True)
        worker = DueWorker(platform)

        clock.instant = Instant(RENEWAL + 10 * DAY_US)
        await worker.look()
        assert await state_of(platform) is State.QUARANTINED

        clock.advance(DAY_US)
        await worker.look()
        assert await state_of(platform) is State.AVAILABLE


@in_loop
async def test_nothing_is_carried_out_twice(stocked_url, clock):
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform)
        await hold(platform, until=Instant(NEW_YEAR + 1))
        clock.advance(1)
        worker = DueWorker(platform)

        assert [await worker.look(), await worker.look()] == [1, 0]
        ended = [e for e in all_rows(platform.database, tables.event) if e["kind"] == "hold_ended"]
        assert len(ended) == 1


@in_loop
async def test_one_look_carries_on_as_much_as_it_may(stocked_url, clock, monkeypatch):
    monkeypatch.setattr(due, "NUMBERS_MAX", 4)
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform)
        for n in range(10):
            await hold(platform, GB + n, until=Instant(NEW_YEAR + 1 + n))
        clock.advance(10)
        worker = DueWorker(platform)

        assert [await worker.look() for _ in range(4)] == [4, 4, 2, 0]


@in_loop
async def test_of_two_workers_that_see_the_same_one_carries_it_out(stocked_url, clock):
    async with open_platform(stocked_url, clock) as one, open_platform(stocked_url, clock) as two:
        await open_account(one)
        for n in range(10):
            await hold(one, GB + n, until=Instant(NEW_YEAR + 1))
        clock.advance(1)

        looks = await asyncio.gather(DueWorker(one).look(), DueWorker(two).look())

        assert sum(looks) == 10
        ended = [e for e in all_rows(one.database, tables.event) if e["kind"] == "hold_ended"]
        assert len(ended) == 10


@in_loop
async def test_a_refusal_costs_the_others_of_a_look_nothing(stocked_url, clock):
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform)
        for n in range(3):
            await hold(platform, GB + n, until=Instant(NEW_YEAR + 1))
        clock.advance(1)
        read_at_once = platform.read

        async def read_and_be_overtaken(query):
            found = await read_at_once(query)
            await platform.rent("ada", GB + 1)
            return found

        platform.read = read_and_be_overtaken

        assert await DueWorker(platform).look() == 2
        assert number_rows(platform.database)[GB + 1].state is State.ACTIVE


class WatchedWorker(DueWorker):
    """A worker whose looks may fail at first, and that says when it has carried enough on."""

    def __init__(self, platform, *, failures=(), enough=0):
        super().__init__(platform)
        self._failures = list(failures)
        self._left = enough
        self._done = asyncio.Event()

    async def look(self):
        if self._failures:
            raise self._failures.pop()
        carried_on = await super().look()
        self._left -= carried_on
        if self._left <= 0:
            self._done.set()
        return carried_on

    async def run_until_done(self):
        """Run until enough was carried on, or until it ends by itself; says which."""
        running = asyncio.create_task(self.run())
        done = asyncio.create_task(self._done.wait())
        await asyncio.wait({running, done}, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        done.cancel()
        await asyncio.gather(running, done, return_exceptions=True)
        return self._done.is_set()


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(RegisterBusy("too many commands wait"), id="busy"),
        pytest.param(CommandFailed("the server's log says why"), id="a-fault-of-ours"),
    ],
)
@in_loop
async def test_the_worker_goes_on_after_a_failure(stocked_url, clock, monkeypatch, failure):
    monkeypatch.setattr(due, "POLL_S", 0)
    async with open_platform(stocked_url, clock) as platform:
        with capture_logs() as log:
            goes_on = await WatchedWorker(platform, failures=[failure]).run_until_done()

    assert goes_on
    assert [entry["log_level"] for entry in log] == ["warning"]


@in_loop
async def test_the_worker_works_off_whatever_is_due(stocked_url, clock, monkeypatch):
    monkeypatch.setattr(due, "NUMBERS_MAX", 3)
    async with open_platform(stocked_url, clock) as platform:
        await open_account(platform)
        for n in range(7):
            await hold(platform, GB + n, until=Instant(NEW_YEAR + 1))
        clock.advance(1)

        assert await WatchedWorker(platform, enough=7).run_until_done()
        assert len(on_sale(platform)) == 10
