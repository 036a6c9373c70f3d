"""Offers: what a group of numbers has in common."""

from enum import IntFlag, StrEnum
from typing import Final

import msgspec


class NumberType(StrEnum):
    """The kinds of number that a stock may hold."""

    MOBILE = "mobile"
    LOCAL = "local"
    NATIONAL = "national"
    TOLL_FREE = "toll_free"
    PREMIUM_RATE = "premium_rate"


class Capability(IntFlag):
    """What a number can do, by direction."""

    SMS_INBOUND = 1
    SMS_OUTBOUND = 2
    MMS_INBOUND = 4
    MMS_OUTBOUND = 8
    VOICE_INBOUND = 16
    VOICE_OUTBOUND = 32
    SMS = SMS_INBOUND | SMS_OUTBOUND
    MMS = MMS_INBOUND | MMS_OUTBOUND
    VOICE = VOICE_INBOUND | VOICE_OUTBOUND


FEATURES: Final = {
    "sms": Capability.SMS,
    "mms": Capability.MMS,
    "voice": Capability.VOICE,
}
"""The features by name; each is a pair of capabilities, one a direction."""

CAPABILITY_WORDS: Final = FEATURES | {
    "sms-inbound": Capability.SMS_INBOUND,
    "sms-outbound": Capability.SMS_OUTBOUND,
    "mms-inbound": Capability.MMS_INBOUND,
    "mms-outbound": Capability.MMS_OUTBOUND,
    "voice-inbound": Capability.VOICE_INBOUND,
    "voice-outbound": Capability.VOICE_OUTBOUND,
}
"""The words of the ``features`` column of a stock file."""

INTERVAL_MONTHS_MAX: Final = 120
"""The longest billing interval."""

QUARANTINE_DAYS: Final = 45
"""How long a released number rests where its offer does not say."""


class OfferTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms under which numbers are offered; two equal terms are one offer."""

    country: str
    type: NumberType
    capabilities: Capability
    region: str = ""
    locality: str = ""
    setup_price_micros: int = 0
    monthly_price_micros: int = 0
    currency: str = "EUR"
    interval_months: int = 1
    contract_months: int = 0
    documents_required: bool = False
    quarantine_days: int = QUARANTINE_DAYS


class Offer(OfferTerms, frozen=True, kw_only=True):
    """Terms that stand in the stock under an identifier."""

    offer_id: int

    def interval_price_micros(self, interval_months: int | None = None) -> int:
        """What a billing interval costs: one of so many months, or the offer's own."""
        return self.monthly_price_micros * (interval_months or self.interval_months)

    @classmethod
    def of(cls, offer_id: int, terms: OfferTerms) -> "Offer":
        """The offer of these terms under this identifier."""
        return cls(offer_id=offer_id, **msgspec.structs.asdict(terms))


def parse_capabilities(text: str) -> Capability | None:
    """Capabilities from words such as ``sms voice-inbound``; None where a word is unknown.

    Words stand apart by blanks, commas, semicolons or bars, in any order and case.
    """
    capabilities = Capability(0)
    for word in text.lower().replace(",", " ").replace(";", " ").replace("|", " ").split():
        found = CAPABILITY_WORDS.get(word)
        if found is None:
            return None
        capabilities |= found
    return capabilities


def feature_words(capabilities: Capability) -> tuple[str, ...]:
    """The features of a number; one that works in one direction counts."""
    return tuple(word for word, both in FEATURES.items() if capabilities & both)


def capability_words(capabilities: Capability) -> str:
    """The shortest words for these capabilities; `parse_capabilities` reads them back."""
    words: list[str] = []
    for feature, both in FEATURES.items():
        held = capabilities & both
        if held == both:
            words.append(feature)
        elif held:
            words.append(next(w for w, c in CAPABILITY_WORDS.items() if c == held))
    return " ".join(words)
