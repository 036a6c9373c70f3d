"""Follows the feed: what other processes commit, this one's memory learns."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
import structlog

from numberline.core.lifecycle import EventKind
from numberline.core.numbers import chunk_of
from numberline.platform.catalogue import read_available
from numberline.platform.platform import CREDENTIAL_EVENTS, Platform
from numberline.storage.batches import BatchStatements
from numberline.storage.stock import ChunkKey
from numberline.storage.streams import StoredEvent, read_events

POLL_S: Final = 1.0
"""How long what another process commits may stay unseen by searches here."""

EVENTS_MAX: Final = 5_000
"""How many events one look takes in."""

log = structlog.get_logger()


class FeedFollower:
    """Keeps the catalogue and the keyring of a process in step with the other processes.

    An event only says that something changed; what is true now is read from the rows, so that
    events of different streams may be seen in any order.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._statements = BatchStatements(platform.database)
        self._cursors = dict(platform.feed_start)
        self._unsettled: set[int] = set()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                while await self.look() == EVENTS_MAX:
                    pass
            except sa.exc.DBAPIError:
                log.warning("feed_not_read", exc_info=True)

    async def look(self) -> int:
        """Take in what has come since the last look; returns the number of events."""
        platform = self._platform
        events = await platform.read(self._read_events)
        chunks = {_chunk(event) for event in events if event.kind is EventKind.STOCK_ADDED}
        numbers = {event.number for event in events if event.number is not None}
        await self._refresh(chunks, numbers | self._unsettled)
        for event in events:
            if event.kind in CREDENTIAL_EVENTS:
                platform.forget_credential(event.data)
            self._cursors[event.writer_id] = event.seq
        return len(events)

    def _read_events(self, connection: sa.Connection) -> list[StoredEvent]:
        own = self._platform.register.writer_id
        return read_events(connection, self._cursors, skip_writer=own, limit=EVENTS_MAX)

    async def _refresh(self, chunks: set[ChunkKey], numbers: set[int]) -> None:
        """Read chunks and numbers anew; what this process commits meanwhile is read again."""
        platform = self._platform
        if not chunks and not numbers:
            return
        platform.changed_numbers.clear()

        def read(connection: sa.Connection) -> tuple[Any, ...]:
            available = read_available(connection, sorted(chunks)) if chunks else None
            return available, self._statements.numbers(connection, numbers)

        available, rows = await platform.read(read)
        if available is not None:
            platform.catalogue.take(*available)
        own = platform.changed_numbers
        platform.catalogue.apply(row for row in rows if row.number not in own)
        self._unsettled = _of_interest(own, numbers, chunks)
        platform.changed_numbers = set()


def _of_interest(own: set[int], numbers: set[int], chunks: Iterable[ChunkKey]) -> set[int]:
    """The numbers committed here during a refresh that the refresh may have set back."""
    refreshed = {chunk for _, chunk in chunks}
    return {number for number in own if number in numbers or chunk_of(number) in refreshed}


def _chunk(event: StoredEvent) -> ChunkKey:
    return event.data["offer_id"], event.data["chunk"]
