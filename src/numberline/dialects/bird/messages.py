"""Bird's messages: its objects, and the platform's words for what they hold.

Names and shapes: Bird's pages on searching, buying, listing and cancelling numbers. A field that
has nothing to tell is left out, as the token is on a last page.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from numberline.core.instants import Instant, to_datetime
from numberline.core.offers import (
    CAPABILITY_WORDS,
    FEATURES,
    Capability,
    NumberType,
    Offer,
    feature_words,
)
from numberline.core.rows import NumberRow
from numberline.dialects.bird.ids import NODE, NUMBERS, STOCK_ITEMS
from numberline.dialects.wording import NUMBER_MARK, OfferWording, template

encode: Final = msgspec.json.Encoder().encode
"""A message as JSON."""

TYPE_WORDS: Final = {type_: type_.value.replace("_", "-") for type_ in NumberType}
"""The platform's number types in Bird's words."""

TYPES: Final = {word: type_ for type_, word in TYPE_WORDS.items()} | {
    type_.value: type_ for type_ in NumberType
}
"""Bird's words, and the same with an underscore."""

ASKED_FEATURES: Final = CAPABILITY_WORDS | {
    "whatsapp": Capability.SMS_INBOUND | Capability.VOICE_INBOUND
}
"""What a filter may ask for, and of which capabilities a number must then have one.

WhatsApp verifies a number by a text or by a call.
"""

MICROS_EXPONENT: Final = -6

ID_MARK: Final = "\x01"
"""Stands for a number's identifier in the JSON of an available number."""


class Money(msgspec.Struct, frozen=True, rename="camel"):
    """An amount: `amount` times ten to the power of `exponent`."""

    currency_code: str
    amount: int
    exponent: int = MICROS_EXPONENT


class Directions(msgspec.Struct, frozen=True):
    """In which directions a number can do something."""

    inbound: bool
    outbound: bool


class Capabilities(msgspec.Struct, frozen=True):
    """What a number can do."""

    voice: Directions
    sms: Directions
    mms: Directions


class StockItem(msgspec.Struct, frozen=True, rename="camel"):
    """A number that can be bought."""

    id: str
    country_code: str
    type: str
    number_string: str
    capabilities: Capabilities
    monthly_price: Money
    back_order_required: bool


class StockItems(msgspec.Struct, frozen=True, rename="camel"):
    """A page of a search."""

    results: tuple[StockItem, ...]
    next_page_token: str | UnsetType = UNSET


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """A page with results that are encoded already."""

    results: list[Any]
    next_page_token: str | UnsetType = UNSET


class Order(msgspec.Struct, frozen=True, rename="camel"):
    """The order by which a long code was bought."""

    country_code: str
    type: str
    capabilities: tuple[str, ...]
    prefix: str
    status: str


class DestinationStatuses(msgspec.Struct, frozen=True):
    """How many destinations there are in each status; a long code has none."""

    active: int = 0
    inactive: int = 0
    available: int = 0
    unavailable: int = 0


class InboundStatus(msgspec.Struct, frozen=True):
    """Whether an endpoint receives."""

    status: str
    issues: tuple[str, ...]


class OutboundStatus(msgspec.Struct, frozen=True, rename="camel"):
    """Whether an endpoint sends."""

    status: str
    destination_statuses: DestinationStatuses
    supports_destinations: bool
    issues: tuple[str, ...]


class EndpointCapability(msgspec.Struct, frozen=True):
    """What an endpoint can do, by direction."""

    name: str
    inbound: InboundStatus
    outbound: OutboundStatus


class Endpoint(msgspec.Struct, frozen=True, rename="camel"):
    """A number as something that traffic goes through."""

    id: str
    type: str
    instance_id: str
    name: str
    capabilities: tuple[EndpointCapability, ...]
    dependencies: tuple[()] = ()


class LongCodeNumber(msgspec.Struct, frozen=True, rename="camel"):
    """A number that the workspace rents, as a long code."""

    id: str
    endpoint_id: str
    number_string: str
    country_code: str
    type: str
    capabilities: Capabilities
    created_at: datetime
    updated_at: datetime
    order: Order
    endpoint: Endpoint
    deprovision_at: datetime | UnsetType = UNSET


class LongCodeNumbers(msgspec.Struct, frozen=True, rename="camel"):
    """A page of long codes."""

    results: tuple[LongCodeNumber, ...]
    next_page_token: str | UnsetType = UNSET


class Flags(msgspec.Struct, frozen=True):
    """What a number can do, in either direction."""

    sms: bool
    voice: bool
    mms: bool
    fax: bool


class Subscription(msgspec.Struct, frozen=True, rename="camel"):
    """What a number is paid by."""

    status: str
    subscribed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | UnsetType = UNSET


class EndpointSubscription(msgspec.Struct, frozen=True, rename="camel"):
    """What a number's endpoint is paid by; it runs from `start_at` to `end_at`."""

    id: str
    correlation_id: str
    status: str
    subscribed_at: datetime
    updated_at: datetime
    start_at: datetime
    canceled_at: datetime | UnsetType = UNSET
    end_at: datetime | UnsetType = UNSET


class Number(msgspec.Struct, frozen=True, rename="camel"):
    """A number that the workspace rents."""

    id: str
    number: str
    country: str
    type: str
    capabilities: Flags
    monthly_recurring_price: Money
    status: str
    subscription: Subscription
    endpoint_subscription: EndpointSubscription
    created_at: datetime
    updated_at: datetime
    activated_at: datetime
    deactivates_at: datetime | UnsetType = UNSET


class Numbers(msgspec.Struct, frozen=True, rename="camel"):
    """A page of numbers."""

    results: tuple[Number, ...]
    next_page_token: str | UnsetType = UNSET


class OfferWords(msgspec.Struct, frozen=True):
    """What all numbers of an offer say of themselves at this door."""

    country: str
    type: str
    capabilities: Capabilities
    flags: Flags
    order: Order
    endpoint_capabilities: tuple[EndpointCapability, ...]
    monthly_price: Money
    available: bytes
    """An available number in JSON, to be filled in with the parts of its identifier and digits."""


def offer_words(offer: Offer) -> OfferWords:
    """An offer in Bird's words."""
    capabilities = _capabilities(offer.capabilities)
    item = StockItem(
        id=ID_MARK,
        country_code=offer.country,
        type=TYPE_WORDS[offer.type],
        number_string=f"+{NUMBER_MARK}",
        capabilities=capabilities,
        monthly_price=Money(offer.currency, offer.monthly_price_micros),
        back_order_required=False,
    )
    features = feature_words(offer.capabilities)
    return OfferWords(
        country=item.country_code,
        type=item.type,
        capabilities=capabilities,
        flags=Flags(*(word in features for word in ("sms", "voice", "mms", "fax"))),
        order=Order(item.country_code, item.type, features, "", "completed"),
        endpoint_capabilities=_endpoint_capabilities(capabilities),
        monthly_price=item.monthly_price,
        available=template(encode(item)).replace(rb"\u0001", STOCK_ITEMS.template.encode(), 1),
    )


def _capabilities(capabilities: Capability) -> Capabilities:
    def directions(inbound: Capability, outbound: Capability) -> Directions:
        return Directions(bool(capabilities & inbound), bool(capabilities & outbound))

    return Capabilities(
        voice=directions(Capability.VOICE_INBOUND, Capability.VOICE_OUTBOUND),
        sms=directions(Capability.SMS_INBOUND, Capability.SMS_OUTBOUND),
        mms=directions(Capability.MMS_INBOUND, Capability.MMS_OUTBOUND),
    )


def _endpoint_capabilities(capabilities: Capabilities) -> tuple[EndpointCapability, ...]:
    def told(works: bool) -> tuple[str, tuple[str, ...]]:  # noqa: FBT001  what there is to tell
        return ("active", ()) if works else ("inactive", ("capability-is-not-supported",))

    found = []
    for name in FEATURES:
        directions: Directions = getattr(capabilities, name)
        status, issues = told(directions.outbound)
        outbound = OutboundStatus(status, DestinationStatuses(), False, issues)  # noqa: FBT003
        found.append(EndpointCapability(name, InboundStatus(*told(directions.inbound)), outbound))
    return tuple(found)


def _second(instant: int | None) -> datetime:
    return to_datetime(instant or Instant(0)).replace(microsecond=0)


class Wording(OfferWording[OfferWords]):
    """Numbers in Bird's words."""

    def word(self, offer: Offer) -> OfferWords:
        """An offer in Bird's words."""
        return offer_words(offer)

    def filled(
        self, hits: Collection[tuple[int, int]], words: Mapping[int, OfferWords]
    ) -> list[msgspec.Raw]:
        """The templates of available numbers, filled in with identifiers and digits."""
        raw = msgspec.Raw
        return [
            raw(words[offer_id].available % (*divmod(number, NODE), number))
            for number, offer_id in hits
        ]

    def long_code(self, row: NumberRow) -> LongCodeNumber:
        """A rented number as a long code."""
        words = self.offer(row.offer_id)
        id_, text = NUMBERS.of(row.number), f"+{row.number}"
        return LongCodeNumber(
            id=id_,
            endpoint_id=id_,
            number_string=text,
            country_code=words.country,
            type=words.type,
            capabilities=words.capabilities,
            created_at=_second(row.rented_at),
            updated_at=_second(row.changed_at),
            order=words.order,
            endpoint=Endpoint(id_, "long-code-number", id_, text, words.endpoint_capabilities),
            deprovision_at=_second(row.due_at) if row.due_at else UNSET,
        )

    def number(self, row: NumberRow) -> Number:
        """A rented number with its subscription, which ends by itself once it is cancelled."""
        words = self.offer(row.offer_id)
        id_ = NUMBERS.of(row.number)
        begun, changed = _second(row.rented_at), _second(row.changed_at)
        cancelled = _second(row.release_asked_at) if row.release_asked_at else UNSET
        ends = _second(row.due_at) if row.due_at else UNSET
        status = "active" if row.due_at is None else "cancelled"
        return Number(
            id=id_,
            number=f"+{row.number}",
            country=words.country,
            type=words.type,
            capabilities=words.flags,
            monthly_recurring_price=words.monthly_price,
            status="active",
            subscription=Subscription(status, begun, changed, cancelled),
            endpoint_subscription=EndpointSubscription(
                id=id_,
                correlation_id=id_,
                status=status,
                subscribed_at=begun,
                updated_at=changed,
                start_at=begun,
                canceled_at=cancelled,
                end_at=ends,
            ),
            created_at=begun,
            updated_at=changed,
            activated_at=begun,
            deactivates_at=ends,
        )
