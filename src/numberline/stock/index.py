"""Which numbers are available: pages and exact totals over any choice of offers."""

from collections.abc import Collection, Iterator
from typing import Final

import msgspec
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE, chunk_of
from numberline.stock.cache import Offers, PatternCache
from numberline.stock.patterns import Pattern
from numberline.stock.plans import Hit, Plan
from numberline.stock.segments import Segment, segment_of

PATTERN_CACHE_BYTES: Final = 32 * 1024 * 1024
"""How much memory the patterns seen before may take."""

_ANY: Final = Pattern.starts_with("")


class Page(msgspec.Struct, frozen=True):
    """A page of a search."""

    hits: list[Hit]
    """The page's numbers, ascending."""

    total: int
    """How many numbers match in all, whatever the page."""


class StockIndex:
    """The available numbers of every offer, in memory.

    One thread changes and searches it. ``offer_of`` may be called from others at the same time.

    Args:
        pattern_cache_bytes: How much memory the patterns seen before may take.
    """

    def __init__(self, *, pattern_cache_bytes: int = PATTERN_CACHE_BYTES) -> None:
        self._offers: Final[dict[int, dict[int, Segment]]] = {}
        # Tuples are replaced whole, so that another thread sees the old one or the new one.
        self._chunks: Final[dict[int, tuple[Segment, ...]]] = {}
        self._patterns: Final = PatternCache(pattern_cache_bytes)

    def put(self, offer_id: int, chunk: int, available: BitMap) -> None:
        """Replace what an offer has in a chunk; an empty bitmap removes it.

        Args:
            offer_id: The offer.
            chunk: The leading digits of the numbers.
            available: Their last six digits, as values below ``CHUNK_SIZE``; it is copied.

        Raises:
            ValueError: If a value lies outside the chunk.
        """
        kept = tuple(old for old in self._chunks.get(chunk, ()) if old.offer_id != offer_id)
        if available:
            segment = segment_of(offer_id, chunk, available)
            self._offers.setdefault(offer_id, {})[chunk] = segment
            kept = (*kept, segment)
        else:
            self._offers.get(offer_id, {}).pop(chunk, None)
        if kept:
            self._chunks[chunk] = kept
        else:
            self._chunks.pop(chunk, None)
        self._patterns.forget_plans()

    def add(self, offer_id: int, number: int) -> None:
        """Make a number available under an offer."""
        segment = self._segment(offer_id, number)
        if segment is None:
            self.put(offer_id, chunk_of(number), BitMap([number % CHUNK_SIZE]))
        else:
            segment.add(number % CHUNK_SIZE)

    def discard(self, offer_id: int, number: int) -> None:
        """Take a number from an offer, if it is available there.

        A chunk whose last number goes keeps its place: most numbers come back some day, and the
        plans stay good.
        """
        segment = self._segment(offer_id, number)
        if segment is not None:
            segment.discard(number % CHUNK_SIZE)

    def offer_of(self, number: int) -> int | None:
        """The offer under which a number is available, or None if it is not."""
        chunk, low = divmod(number, CHUNK_SIZE)
        for segment in self._chunks.get(chunk, ()):
            if low in segment:
                return segment.offer_id
        return None

    def search(
        self,
        offer_ids: Collection[int] | None,
        pattern: Pattern | None,
        *,
        limit: int,
        offset: int = 0,
        after: int | None = None,
    ) -> Page:
        """A page of the available numbers that match, ascending, and how many there are in all.

        Args:
            offer_ids: The offers to search; None means all of them. A frozenset is quickest.
            pattern: What the numbers look like; None means anyhow.
            limit: How many numbers the page has at most.
            offset: How many numbers to leave out first.
            after: Leave out the numbers up to this one, too, before the offset counts.
        """
        plan = self._plan(offer_ids, pattern)
        totals = plan.running_totals()
        first = offset if after is None else offset + plan.rank(totals, after)
        return Page(plan.hits(totals, first, limit), totals[-1] if totals else 0)

    def count(self, offer_ids: Collection[int] | None, pattern: Pattern | None) -> int:
        """How many available numbers of the offers (None means all) match."""
        totals = self._plan(offer_ids, pattern).running_totals()
        return totals[-1] if totals else 0

    def _segment(self, offer_id: int, number: int) -> Segment | None:
        segments = self._offers.get(offer_id)
        return segments.get(chunk_of(number)) if segments else None

    def _plan(self, offer_ids: Collection[int] | None, pattern: Pattern | None) -> Plan:
        offers = None if offer_ids is None else frozenset(offer_ids)
        wanted = _ANY if pattern is None else pattern
        plan = self._patterns.find(wanted, offers)
        return plan or self._patterns.prepare(wanted, offers, self._segments(offers))

    def _segments(self, offers: Offers) -> Iterator[Segment]:
        for offer_id in self._offers if offers is None else offers:
            yield from self._offers.get(offer_id, {}).values()
