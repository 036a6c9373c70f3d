"""Outboxes for tests: workers over a database, a clock to turn, and what is in it."""

from contextlib import asynccontextmanager

from factories import NEW_YEAR, FakeClock, all_rows, open_platform, write_events
from numberline.core.instants import SECOND_US, Instant
from numberline.storage import tables
from numberline.storage.streams import open_stream
from numberline.workers.webhooks.worker import DeliveryWorker
from receivers import SignedScheme


class Outbox:
    """A database's outbox, and a clock for whoever works on it."""

    def __init__(self, database, url):
        self.database = database
        self.url = url
        self.clock = FakeClock()
        self._writer_id = None

    def commit(self, *events):
        """Commit events as another process would."""
        self._writer_id = self._writer_id or open_stream(self.database, NEW_YEAR)
        write_events(self.database, events, writer_id=self._writer_id, at=self.clock.now())

    def advance(self, duration_s):
        self.clock.advance(round(duration_s * SECOND_US))

    @asynccontextmanager
    async def worker(self, **schemes):
        """A worker in a process of its own, which stops in the end; its jitter moves nothing."""
        settings = {"webhooks_reach_loopback": True}
        async with open_platform(self.url, self.clock, **settings) as platform:
            known = {"test": SignedScheme()} | schemes
            worker = DeliveryWorker(platform, known, chance=lambda: 0.5)
            try:
                yield worker
            finally:
                await worker.stop()

    @property
    def rows(self):
        return all_rows(self.database, tables.webhook)

    @property
    def states(self):
        return [row["state"] for row in self.rows]

    @property
    def attempts(self):
        """What each attempt was answered, or why not."""
        return [row["error"] or row["status"] for row in self.attempt_rows]

    @property
    def attempt_rows(self):
        return all_rows(self.database, tables.webhook_attempt)

    def due_in_s(self, place=0):
        return (Instant(self.rows[place]["next_at"]) - self.clock.now()) / SECOND_US
