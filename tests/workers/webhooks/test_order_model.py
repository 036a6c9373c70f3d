"""Whatever workers, receivers and kills do: each event comes, and never before an earlier one."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import httpx
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from factories import GB, HOOK, REPEATABLE, make_event
from numberline.core.webhooks import ATTEMPTS_MAX
from numberline.platform.outbound import Outbound
from numberline.storage.engines import open_database
from numberline.workers.webhooks.worker import LEASE_S, DeliveryWorker
from outboxes import Outbox
from receivers import SignedScheme

NUMBERS = 3

numbers = st.integers(0, NUMBERS - 1)
steps = st.one_of(
    st.tuples(st.just("commit"), st.lists(numbers, min_size=1, max_size=5)),
    st.tuples(st.just("answer"), st.sampled_from([200, 200, 500, 302, None])),
    st.tuples(st.just("look"), st.integers(0, 1)),
    st.tuples(st.just("settle"), st.integers(0, 1)),
    st.tuples(st.just("kill"), st.integers(0, 1)),
    st.tuples(st.just("advance"), st.sampled_from([1, 5, 16, LEASE_S])),
)


class World:
    """Two workers of two processes, a receiver of theirs, and what it has received."""

    def __init__(self, outbox, platforms):
        self.outbox = outbox
        self.platforms = platforms
        self.workers = [self.new_worker(platform) for platform in platforms]
        self.status = 200
        self.arrived = {GB + n: [] for n in range(NUMBERS)}
        self.committed = 0

    def new_worker(self, platform):
        way = Outbound(transport=httpx.MockTransport(self.receive))
        return DeliveryWorker(platform, {"test": SignedScheme()}, way=way, chance=lambda: 0.5)

    async def receive(self, request):
        body = msgspec.json.decode(request.content)
        await asyncio.sleep(0)
        ids = self.arrived[body["number"]]
        if body["id"] not in ids:
            ids.append(body["id"])
        await asyncio.sleep(0)
        if self.status is None:
            raise httpx.ReadTimeout("no answer")
        return httpx.Response(self.status)

    async def do(self, step, argument):
        await getattr(self, step)(argument)
        for ids in self.arrived.values():
            assert ids == sorted(ids)

    async def commit(self, chosen):
        self.outbox.commit(*(make_event(GB + n, url=HOOK) for n in chosen))
        self.committed += len(chosen)

    async def answer(self, status):
        self.status = status

    async def look(self, who):
        await self.workers[who].look()

    async def settle(self, who):
        await self.workers[who].settle()

    async def advance(self, duration_s):
        self.outbox.advance(duration_s)

    async def kill(self, who):
        tasks = list(self.workers[who]._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.workers[who] = self.new_worker(self.platforms[who])

    async def deliver_all(self):
        """The receiver answers from now on; everything comes in the time that retries take."""
        self.status = 200
        while "pending" in self.outbox.states:
            for worker in self.workers:
                await worker.look()
                await worker.settle()
            self.outbox.advance(LEASE_S)


async def play(url, actions):
    database = open_database(url)
    outbox = Outbox(database, url)
    async with outbox.worker() as one, outbox.worker() as other:
        world = World(outbox, [one._platform, other._platform])
        for step, argument in actions:
            await world.do(step, argument)
        await world.do("advance", 0)
        await world.deliver_all()
        await world.do("advance", 0)
        assert sum(map(len, world.arrived.values())) == world.committed
        assert max([row["attempts"] for row in outbox.rows], default=0) < ATTEMPTS_MAX
    database.close()


@given(st.lists(steps, max_size=25))
@settings(REPEATABLE, max_examples=40)
def test_first_arrivals_are_in_the_order_of_events_and_none_is_lost(sqlite_template, actions):
    with tempfile.TemporaryDirectory() as directory, capture_logs():
        path = Path(directory, "test.db")
        shutil.copy(sqlite_template, path)
        asyncio.run(play(f"sqlite:///{path}", actions))
