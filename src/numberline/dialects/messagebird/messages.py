"""MessageBird's messages: its objects, and the platform's words for what they hold.

Names and shapes: the Numbers API document 1.0, and the answers that the SDKs test against.
"""

from datetime import datetime, time
from typing import Final

import msgspec

from numberline.core.instants import Instant, to_datetime
from numberline.core.money import MICROS_PER_UNIT
from numberline.core.offers import Capability, NumberType, Offer, feature_words
from numberline.core.rows import NumberRow
from numberline.dialects.wording import NUMBER_MARK, OfferWording, template
from numberline.platform.pools import SizedPool

encode: Final = msgspec.json.Encoder().encode
"""A message as JSON."""

LANDLINE: Final = (NumberType.LOCAL, NumberType.NATIONAL)

TYPES: Final = {
    "landline": LANDLINE,
    "mobile": (NumberType.MOBILE,),
    "premium_rate": (NumberType.PREMIUM_RATE,),
    "toll_free": (NumberType.TOLL_FREE,),
}
"""MessageBird's number types and the platform's."""

TYPE_WORDS: Final = {type_: word for word, types in TYPES.items() for type_ in types}

ASKED_TYPES: Final = TYPES | {"landline_or_mobile": (*LANDLINE, NumberType.MOBILE)}
"""The types that a filter may name."""

DOCUMENTS_CONDITION: Final = "Documents on file with the operator of this server"


class AvailableNumber(msgspec.Struct, frozen=True, rename="camel"):
    """A number that can be bought, with what a month costs."""

    number: str
    country: str
    region: str
    locality: str
    features: tuple[str, ...]
    type: str
    verification_required: bool
    initial_contract_duration: int
    inbound_calls_only: bool
    monthly_price: float
    currency: str
    conditions: tuple[str, ...]


class PurchasedNumber(msgspec.Struct, frozen=True, rename="camel"):
    """A number that the account rents."""

    number: str
    country: str
    region: str
    locality: str
    features: tuple[str, ...]
    tags: tuple[str, ...]
    type: str
    status: str
    created_at: datetime
    renewal_at: datetime


class AvailableNumbers(msgspec.Struct, frozen=True):
    """A page of a search; `count` is how many numbers it holds."""

    items: tuple[AvailableNumber, ...]
    limit: int
    count: int


class AvailablePage(msgspec.Struct, frozen=True):
    """`AvailableNumbers` with numbers that are encoded already."""

    items: list[msgspec.Raw]
    limit: int
    count: int


class PurchasedNumbers(msgspec.Struct, frozen=True, rename="camel"):
    """A page of the account's numbers; `total_count` is how many there are on all pages."""

    offset: int
    limit: int
    count: int
    total_count: int
    items: tuple[PurchasedNumber, ...]


class PoolConfiguration(msgspec.Struct, frozen=True, rename="camel"):
    """How a pool is used."""

    by_country: bool


class NumberPool(msgspec.Struct, frozen=True, rename="camel"):
    """A pool, and how many numbers are in it."""

    id: str
    name: str
    service: str
    created_at: datetime
    updated_at: datetime
    numbers_count: int
    configuration: PoolConfiguration


class NumberPools(msgspec.Struct, frozen=True, rename="camel"):
    """A page of the account's pools; `total_count` is how many there are on all pages."""

    offset: int
    limit: int
    count: int
    total_count: int
    items: tuple[NumberPool, ...]


class PoolNumbers(msgspec.Struct, frozen=True, rename="camel"):
    """A page of the numbers of a pool; `total_count` is how many there are on all pages."""

    offset: int
    limit: int
    count: int
    total_count: int
    numbers: tuple[str, ...]


class FailedNumber(msgspec.Struct, frozen=True):
    """A number that could not be put in a pool, and why."""

    number: str
    error: str


class AddedNumbers(msgspec.Struct, frozen=True):
    """What has come of each number that was to be put in a pool."""

    success: tuple[str, ...]
    fail: tuple[FailedNumber, ...]


def number_pool(sized: SizedPool) -> NumberPool:
    """A pool in MessageBird's words."""
    pool = sized.pool
    return NumberPool(
        id=pool.pool_id,
        name=pool.name,
        service=pool.service,
        created_at=to_datetime(pool.created_at),
        updated_at=to_datetime(pool.updated_at),
        numbers_count=sized.size,
        configuration=PoolConfiguration(pool.by_country),
    )


def price(amount_micros: int) -> float:
    """An amount as a JSON number, without decimals where it has none."""
    units, micros = divmod(amount_micros, MICROS_PER_UNIT)
    return amount_micros / MICROS_PER_UNIT if micros else units


class OfferWords(msgspec.Struct, frozen=True):
    """What all numbers of an offer say of themselves at this door."""

    country: str
    region: str
    locality: str
    features: tuple[str, ...]
    type: str
    available: bytes
    """An available number in JSON, as `template` makes it."""


def offer_words(offer: Offer) -> OfferWords:
    """An offer in MessageBird's words."""
    number = AvailableNumber(
        number=NUMBER_MARK,
        country=offer.country,
        region=offer.region,
        locality=offer.locality,
        features=feature_words(offer.capabilities),
        type=TYPE_WORDS[offer.type],
        verification_required=offer.documents_required,
        initial_contract_duration=offer.contract_months,
        inbound_calls_only=offer.capabilities & Capability.VOICE == Capability.VOICE_INBOUND,
        monthly_price=price(offer.monthly_price_micros),
        currency=offer.currency,
        conditions=(DOCUMENTS_CONDITION,) if offer.documents_required else (),
    )
    return OfferWords(
        number.country,
        number.region,
        number.locality,
        number.features,
        number.type,
        template(encode(number)),
    )


class Wording(OfferWording[OfferWords]):
    """Numbers in MessageBird's words."""

    def word(self, offer: Offer) -> OfferWords:
        """An offer in MessageBird's words."""
        return offer_words(offer)

    def purchased(self, row: NumberRow) -> PurchasedNumber:
        """A rented number; it renews at the midnight, in UTC, that begins the day."""
        words = self.offer(row.offer_id)
        created_at = to_datetime(row.rented_at or Instant(0))
        renews_on = to_datetime(row.renews_at or Instant(0)).date()
        return PurchasedNumber(
            number=str(row.number),
            country=words.country,
            region=words.region,
            locality=words.locality,
            features=words.features,
            tags=row.configuration.tags,
            type=words.type,
            status="active",
            created_at=created_at.replace(microsecond=0),
            renewal_at=datetime.combine(renews_on, time(), created_at.tzinfo),
        )
