"""The streams of the feed: a writer opens one, readers follow all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.storage import tables
from numberline.storage.engines import Database


class StoredEvent(msgspec.Struct, frozen=True):
    """An event at its place in a stream."""

    writer_id: int
    seq: int
    at: Instant
    kind: EventKind
    number: int | None
    account_id: str | None
    data: dict[str, Any]


def open_stream(database: Database, now: Instant) -> int:
    """Open a stream of its own for a writer, and return the writer's identifier."""
    while True:
        try:
            with database.writing() as connection:
                last = connection.execute(sa.select(sa.func.max(tables.writer.c.writer_id)))
                writer_id = (last.scalar() or 0) + 1
                row = {"writer_id": writer_id, "started_at": now, "last_seq": 0}
                connection.execute(sa.insert(tables.writer), row)
        except IntegrityError:
            continue
        return writer_id


def stream_ends(connection: sa.Connection) -> dict[int, int]:
    """The last sequence number of every stream."""
    c = tables.writer.c
    found = connection.execute(sa.select(c.writer_id, c.last_seq))
    return {row.writer_id: row.last_seq for row in found}


def read_events(
    connection: sa.Connection, cursors: Mapping[int, int], *, skip_writer: int, limit: int
) -> list[StoredEvent]:
    """Events that lie after a reader's cursors, in the order of each stream.

    Args:
        connection: Where to read.
        cursors: The last sequence number read, by writer; a writer not named starts at 0.
        skip_writer: A writer whose events the reader knows already.
        limit: How many events at most, over all streams.
    """
    found: list[StoredEvent] = []
    for writer_id, last_seq in sorted(stream_ends(connection).items()):
        cursor = cursors.get(writer_id, 0)
        if writer_id == skip_writer or cursor >= last_seq or len(found) >= limit:
            continue
        c = tables.event.c
        query = (
            sa.select(tables.event)
            .where(c.writer_id == writer_id, c.seq > cursor)
            .order_by(c.seq)
            .limit(limit - len(found))
        )
        found.extend(stored_event(row) for row in connection.execute(query))
    return found


def stored_event(values: Sequence[Any]) -> StoredEvent:
    """A row of `event`, read."""
    writer_id, seq, at, kind, number, account_id, data = values
    return StoredEvent(writer_id, seq, at, EventKind(kind), number, account_id, data)
