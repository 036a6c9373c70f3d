"""The catalogue: the offers and the search index, kept in step with the database."""

from collections.abc import Iterable
from typing import Final

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap

from numberline.core.lifecycle import State
from numberline.core.offers import Capability, NumberType, Offer
from numberline.core.rows import NumberRow
from numberline.stock import Page, Pattern, StockIndex
from numberline.storage.stock import ChunkKey, read_chunks, read_offers, taken_numbers

SELECTIONS_MAX: Final = 4096
"""How many different filters are remembered with the offers that pass them."""


class OfferFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which offers a search looks at; an empty collection or text does not filter.

    An offer must have every one of `capabilities`, and one of the countries and types.
    """

    countries: tuple[str, ...] = ()
    types: tuple[NumberType, ...] = ()
    capabilities: Capability = Capability(0)
    any_direction: tuple[Capability, ...] = ()
    """Features of which an offer must have at least one direction each."""
    region: str = ""
    locality: str = ""
    without_documents: bool = False
    """Whether to pass over offers that ask for documents."""

    def passes(self, offer: Offer) -> bool:
        """Whether an offer is one that is looked for."""
        return (
            (not self.countries or offer.country in self.countries)
            and (not self.types or offer.type in self.types)
            and offer.capabilities & self.capabilities == self.capabilities
            and all(offer.capabilities & feature for feature in self.any_direction)
            and (not self.region or offer.region.casefold() == self.region.casefold())
            and (not self.locality or offer.locality.casefold() == self.locality.casefold())
            and not (self.without_documents and offer.documents_required)
        )


EVERY_OFFER: Final = OfferFilter()


class Catalogue:
    """What can be rented, in memory: the register and the searches look here.

    All changes are made on one thread; `offer` and `stocked` may be called on any.
    """

    def __init__(self) -> None:
        self._offers: dict[int, Offer] = {}
        self._index = StockIndex()
        self._selections: dict[OfferFilter, frozenset[int]] = {}

    def offer(self, offer_id: int) -> Offer:
        """An offer by its identifier."""
        return self._offers[offer_id]

    def knows(self, offer_id: int) -> bool:
        """Whether an offer has been heard of."""
        return offer_id in self._offers

    def stocked(self, number: int) -> int | None:
        """The offer under which a number is available, or None where it is not."""
        return self._index.offer_of(number)

    def offers(self, filter_: OfferFilter = EVERY_OFFER) -> frozenset[int]:
        """The identifiers of the offers that pass a filter."""
        found = self._selections.get(filter_)
        if found is None:
            if len(self._selections) >= SELECTIONS_MAX:
                self._selections.clear()
            found = frozenset(
                offer_id for offer_id, offer in self._offers.items() if filter_.passes(offer)
            )
            self._selections[filter_] = found
        return found

    def on_sale(self) -> list[int]:
        """The identifiers of the offers under which a number is available."""
        return [offer_id for offer_id in self._offers if self._index.count({offer_id}, None)]

    def search(
        self,
        filter_: OfferFilter,
        pattern: Pattern | None,
        *,
        limit: int,
        offset: int = 0,
        after: int | None = None,
    ) -> Page:
        """A page of the available numbers that pass, ascending, and how many there are."""
        return self._index.search(
            self.offers(filter_), pattern, limit=limit, offset=offset, after=after
        )

    def take(self, offers: dict[int, Offer], chunks: dict[ChunkKey, BitMap]) -> None:
        """Replace the offers, and what is available in some chunks."""
        self._offers = offers
        self._selections.clear()
        for (offer_id, chunk), available in chunks.items():
            self._index.put(offer_id, chunk, available)

    def apply(self, rows: Iterable[NumberRow]) -> None:
        """Follow number rows as they now stand."""
        for row in rows:
            if row.state is State.AVAILABLE:
                self._index.add(row.offer_id, row.number)
            else:
                self._index.discard(row.offer_id, row.number)


def read_available(
    connection: sa.Connection, keys: list[ChunkKey] | None = None
) -> tuple[dict[int, Offer], dict[ChunkKey, BitMap]]:
    """The offers, and the available numbers of some chunks or of all."""
    taken = taken_numbers(connection, keys)
    chunks = {}
    for key, numbers in read_chunks(connection, keys):
        chunks[key] = numbers - taken[key] if key in taken else numbers
    return read_offers(connection), chunks
