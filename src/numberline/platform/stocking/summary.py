"""What the stock holds, by what its offers have in common."""

from collections.abc import Iterable

import msgspec

from numberline.core.lifecycle import OWNED, State
from numberline.core.offers import Capability, NumberType, Offer
from numberline.storage.engines import Database
from numberline.storage.stock import read_offers
from numberline.storage.stocktaking import state_counts, stock_sizes


class SummaryKey(msgspec.Struct, frozen=True, order=True):
    """What offers of a line of the summary have in common; prices in millionths."""

    country: str
    type: NumberType
    capabilities: Capability
    setup_price_micros: int
    monthly_price_micros: int
    currency: str


class SummaryCounts(msgspec.Struct):
    """How many numbers of a line of the summary stand where; `total` counts all of them."""

    total: int = 0
    available: int = 0
    rented: int = 0
    held: int = 0
    quarantined: int = 0
    withdrawn: int = 0


def summarise(database: Database) -> dict[SummaryKey, SummaryCounts]:
    """The stock by country, type, features and price, in that order."""
    with database.reading() as connection:
        offers = read_offers(connection)
        sizes = stock_sizes(connection)
        states = state_counts(connection)
    lines: dict[SummaryKey, SummaryCounts] = {}
    for offer_id, size in sizes.items():
        counts = lines.setdefault(_key(offers[offer_id]), SummaryCounts())
        by_state = states.get(offer_id, {})
        counts.total += size
        counts.rented += _sum(by_state, OWNED)
        counts.held += _sum(by_state, {State.HELD})
        counts.quarantined += _sum(by_state, {State.QUARANTINED})
        counts.withdrawn += _sum(by_state, {State.WITHDRAWN})
        counts.available += size - _sum(by_state, set(State) - {State.AVAILABLE})
    return dict(sorted(lines.items()))


def _sum(by_state: dict[State, int], states: Iterable[State]) -> int:
    return sum(by_state.get(state, 0) for state in states)


def _key(offer: Offer) -> SummaryKey:
    return SummaryKey(
        offer.country,
        offer.type,
        offer.capabilities,
        offer.setup_price_micros,
        offer.monthly_price_micros,
        offer.currency,
    )
