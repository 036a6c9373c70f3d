"""Follows the feed: what other processes commit, this one's memory learns."""

import asyncio
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog
from pyroaring import BitMap

from numberline.core.lifecycle import EventKind
from numberline.core.offers import Offer
from numberline.core.rows import NumberRow
from numberline.platform.catalogue import read_available
from numberline.platform.platform import CREDENTIAL_EVENTS, Platform
from numberline.storage.batches import BatchStatements
from numberline.storage.stock import ChunkKey, read_offers
from numberline.storage.streams import StoredEvent, read_events

POLL_S: Final = 1.0
"""How long what another process commits may stay unseen by searches here."""

EVENTS_MAX: Final = 500
"""How many events one look takes in; rentals wait while the register reads them."""

log = structlog.get_logger()


class News(msgspec.Struct, frozen=True):
    """What other processes have committed: events, and the rows that these made one look at."""

    events: list[StoredEvent]
    offers: dict[int, Offer]
    chunks: dict[ChunkKey, BitMap]
    numbers: list[NumberRow]


class FeedFollower:
    """Keeps the catalogue and the keyring of a process in step with the other processes.

    An event only says that something changed; what is true now is read from the rows, so that
    events of different streams may be seen in any order. The register reads them, so that what
    it commits meanwhile is never overwritten by something older.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._statements = BatchStatements(platform.database)
        self._cursors = dict(platform.feed_start)
        self._seen = 0

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                while await self.look() == EVENTS_MAX:
                    pass
            except Exception:
                log.warning("feed_not_read", exc_info=True)

    async def look(self) -> int:
        """Take in what has come since the last look; returns the number of events."""
        await self._platform.ask(self._read, self._follow)
        return self._seen

    def _read(self, connection: sa.Connection) -> News:
        """Read on the register's thread."""
        own = self._platform.register.writer_id
        events = read_events(connection, self._cursors, skip_writer=own, limit=EVENTS_MAX)
        keys = sorted({_chunk(event) for event in events if event.kind is EventKind.STOCK_ADDED})
        numbers = {event.number for event in events if event.number is not None}
        rows = self._statements.numbers(connection, numbers) if numbers else []
        if keys:
            return News(events, *read_available(connection, keys), rows)
        if all(self._platform.catalogue.knows(row.offer_id) for row in rows):
            return News(events, {}, {}, rows)
        return News(events, read_offers(connection), {}, rows)

    def _follow(self, news: News) -> None:
        """Learn on the event loop's thread."""
        if news.offers:
            self._platform.catalogue.take(news.offers, news.chunks)
        self._platform.catalogue.apply(news.numbers)
        for event in news.events:
            if event.kind in CREDENTIAL_EVENTS:
                self._platform.forget_credential(event.data)
            elif event.kind is EventKind.WEBHOOK_SECRET_SET and event.account_id:
                self._platform.forget_webhook_secret(event.account_id)
            self._cursors[event.writer_id] = event.seq
        self._seen = len(news.events)


def _chunk(event: StoredEvent) -> ChunkKey:
    return event.data["offer_id"], event.data["chunk"]
