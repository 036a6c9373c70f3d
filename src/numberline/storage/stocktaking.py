"""Taking stock: who has numbers in a chunk, and how many numbers stand where."""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa
from pyroaring import BitMap

from numberline.core.lifecycle import State
from numberline.storage import tables

CHUNKS_NAMED_MAX: Final = 10_000
"""How many chunks a query may name; beyond that all are read and the others passed over."""

READ_AHEAD_CHUNKS: Final = 100
"""How many bitmaps a scan holds at a time."""


def read_owners(connection: sa.Connection, chunks: Collection[int]) -> dict[int, dict[int, BitMap]]:
    """The numbers of these chunks by chunk and offer."""
    c = tables.stock_chunk.c
    query = sa.select(c.offer_id, c.chunk, c.numbers)
    if len(chunks) <= CHUNKS_NAMED_MAX:
        query = query.where(c.chunk.in_(chunks))
    owners: dict[int, dict[int, BitMap]] = {}
    streamed = connection.execute(query, execution_options={"yield_per": READ_AHEAD_CHUNKS})
    for row in streamed:
        if row.chunk in chunks:
            owners.setdefault(row.chunk, {})[row.offer_id] = BitMap.deserialize(row.numbers)
    return owners


def stock_sizes(connection: sa.Connection) -> dict[int, int]:
    """How many numbers stand under each offer, available or not."""
    c = tables.stock_chunk.c
    query = sa.select(c.offer_id, sa.func.sum(c.size).label("size")).group_by(c.offer_id)
    return {row.offer_id: int(row.size) for row in connection.execute(query)}


def state_counts(connection: sa.Connection) -> dict[int, dict[State, int]]:
    """How many numbers that have left the stock once are in which state, by offer."""
    c = tables.number.c
    query = sa.select(c.offer_id, c.state, sa.func.count().label("numbers"))
    counts: dict[int, dict[State, int]] = {}
    for row in connection.execute(query.group_by(c.offer_id, c.state)):
        counts.setdefault(row.offer_id, {})[State(row.state)] = row.numbers
    return counts
