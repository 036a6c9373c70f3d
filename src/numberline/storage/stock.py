"""The stock in the database: offers, and the numbers under each as bitmaps by chunk."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap

from numberline.core.lifecycle import EventKind, State
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.offers import Offer, OfferTerms
from numberline.core.rows import Event
from numberline.storage import rows, tables
from numberline.storage.batches import VersionConflict
from numberline.storage.engines import Database

ChunkKey = tuple[int, int]
"""An offer's identifier and a chunk."""

STREAMED: Final = {"yield_per": 50_000}
"""How many number rows a scan holds at a time."""


KEYS_MAX: Final = 1_000
"""How many chunks a statement names."""


def terms_of(offer: Offer) -> OfferTerms:
    """The terms of an offer, without its identifier."""
    values = msgspec.structs.asdict(offer)
    del values["offer_id"]
    return OfferTerms(**values)


def read_revision(connection: sa.Connection) -> int:
    """The revision at which the stock stands."""
    revision: int = connection.execute(sa.select(tables.stock_revision.c.revision)).scalar_one()
    return revision


def read_offers(connection: sa.Connection) -> dict[int, Offer]:
    """Every offer by its identifier."""
    found = connection.execute(sa.select(tables.offer).order_by(tables.offer.c.offer_id))
    return {row.offer_id: rows.offer_row(row) for row in found}


def read_chunks(
    connection: sa.Connection, keys: Iterable[ChunkKey] | None = None
) -> Iterator[tuple[ChunkKey, BitMap]]:
    """The bitmaps of these chunks, or of all."""
    c = tables.stock_chunk.c
    query = sa.select(c.offer_id, c.chunk, c.numbers)
    for some in (None,) if keys is None else _slices(keys):
        chosen = query if some is None else query.where(sa.tuple_(c.offer_id, c.chunk).in_(some))
        for row in connection.execute(chosen):
            yield (row.offer_id, row.chunk), BitMap.deserialize(row.numbers)


def _slices(keys: Iterable[ChunkKey]) -> Iterator[list[ChunkKey]]:
    """Keys in pieces of which a statement can hold one."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_MAX):
        yield ordered[start : start + KEYS_MAX]


def taken_numbers(
    connection: sa.Connection, keys: Iterable[ChunkKey] | None = None
) -> dict[ChunkKey, BitMap]:
    """The numbers that stand in stock but are not available, by offer and chunk."""
    c = tables.number.c
    query = sa.select(c.number, c.offer_id).where(c.state != State.AVAILABLE.value)
    if keys is None:
        queries = [query]
    else:
        chunks = sorted({chunk for _, chunk in keys})
        spans = [(n * CHUNK_SIZE, (n + 1) * CHUNK_SIZE - 1) for n in chunks]
        queries = [query.where(c.number.between(*span)) for span in spans]
    offsets: dict[ChunkKey, list[int]] = {}
    found = (connection.execute(each, execution_options=STREAMED) for each in queries)
    for number, offer_id in chain.from_iterable(found):
        chunk, offset = divmod(number, CHUNK_SIZE)
        offsets.setdefault((offer_id, chunk), []).append(offset)
    return {key: BitMap(low) for key, low in offsets.items()}


class StockStatements:
    """The statements that change the stock, compiled once for their database."""

    def __init__(self, database: Database) -> None:
        self._insert_offers = database.bulk_insert(tables.offer)
        self._insert_chunks = database.bulk_insert(tables.stock_chunk, _replaced_chunk)

    def change(
        self,
        connection: sa.Connection,
        *,
        revision: int,
        offers: Iterable[Offer],
        chunks: Mapping[ChunkKey, BitMap],
    ) -> None:
        """Write new offers and the new content of chunks.

        Args:
            connection: A connection in a writing transaction.
            revision: The revision that the caller has read and decided by.
            offers: The offers that are new.
            chunks: The whole content of every chunk that changes; none may be empty.

        Raises:
            VersionConflict: The stock has changed since that revision.
        """
        moved = connection.execute(
            sa.update(tables.stock_revision)
            .where(tables.stock_revision.c.revision == revision)
            .values(revision=revision + 1)
        )
        if moved.rowcount != 1:
            raise VersionConflict
        offer_values = [rows.offer_values(offer) for offer in offers]
        if offer_values:
            self._insert_offers(connection, offer_values)
        chunk_values = [
            (*key, len(numbers), numbers.serialize()) for key, numbers in sorted(chunks.items())
        ]
        if chunk_values:
            self._insert_chunks(connection, chunk_values)


def stock_added(key: ChunkKey) -> Event:
    """The event that tells other processes to read a chunk again."""
    data = msgspec.json.encode({"offer_id": key[0], "chunk": key[1]})
    return Event(kind=EventKind.STOCK_ADDED, data=msgspec.Raw(data))


def _replaced_chunk(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["offer_id", "chunk"],
        set_={"size": insert.excluded.size, "numbers": insert.excluded.numbers},
    )
