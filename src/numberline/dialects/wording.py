"""Numbers in a vendor's words; what the numbers of an offer share is worded once."""

from collections.abc import Collection, Mapping
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from numberline.core.offers import Offer
from numberline.platform.platform import Platform

NUMBER_MARK: Final = "\0"
"""Stands for the digits of a number in the JSON that `template` takes; no other text holds it."""


class OfferWords(Protocol):
    """What all numbers of an offer say of themselves at a door."""

    @property
    def available(self) -> bytes:
        """An available number in JSON, as `template` makes it."""
        ...


WordsT = TypeVar("WordsT", bound=OfferWords)


def template(message: bytes) -> bytes:
    """A number in JSON with ``%d`` in the place of its digits, from one with `NUMBER_MARK`."""
    return message.replace(b"%", b"%%").replace(rb"\u0000", b"%d", 1)


class OfferWording(Generic[WordsT]):
    """The words of offers, each found once; a door says how in `word`."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._words: dict[int, WordsT] = {}

    def word(self, offer: Offer) -> WordsT:
        """An offer in the vendor's words."""
        raise NotImplementedError

    def offer(self, offer_id: int) -> WordsT:
        """The words of an offer; its terms never change."""
        words = self._words.get(offer_id)
        if words is None:
            words = self._words[offer_id] = self.word(self._platform.offer(offer_id))
        return words

    def available(self, hits: Collection[tuple[int, int]]) -> list[msgspec.Raw]:
        """Available numbers, each with its offer, as a search shows them."""
        try:
            return self.filled(hits, self._words)
        except KeyError:
            for _, offer_id in hits:
                self.offer(offer_id)
            return self.filled(hits, self._words)

    def filled(
        self, hits: Collection[tuple[int, int]], words: Mapping[int, WordsT]
    ) -> list[msgspec.Raw]:
        """The templates of available numbers, filled in; a door may have more to fill in."""
        raw = msgspec.Raw
        return [raw(words[offer_id].available % number) for number, offer_id in hits]
