"""Vonage's messages: its objects, and the platform's words for what they hold.

Names and shapes: the Numbers API document 1.0.20, and for `app_id`, `initialPrice` and
`limitations` 1.1.0. XML element names: Vonage's documentation of 2017.
"""

from collections.abc import Iterable
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import msgspec

from numberline.core.money import amount_text
from numberline.core.offers import FEATURES, Capability, NumberType, Offer
from numberline.core.rows import NumberRow
from numberline.dialects.wording import NUMBER_MARK, OfferWording, template

encode: Final = msgspec.json.Encoder().encode
"""A message as JSON."""

TYPES: Final = {
    "mobile-lvn": (NumberType.MOBILE,),
    "landline": (NumberType.LOCAL, NumberType.NATIONAL),
    "landline-toll-free": (NumberType.TOLL_FREE,),
    "landline-premium-rate": (NumberType.PREMIUM_RATE,),
}
"""Vonage's number types and the platform's; the last word is ours, Vonage sells no such."""

TYPE_WORDS: Final = {type_: word for word, types in TYPES.items() for type_ in types}

FEATURE_WORDS: Final = {"VOICE": FEATURES["voice"], "SMS": FEATURES["sms"], "MMS": FEATURES["mms"]}
"""Vonage's features in the order in which it lists them."""


class Limitation(msgspec.Struct, frozen=True):
    """A feature that a number has in one direction only."""

    feature: str
    type: str
    reach: str


class AvailableNumber(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number that can be bought; `cost` is a month's rent, `initialPrice` the set-up fee."""

    country: str
    msisdn: str
    cost: str
    initialPrice: str  # noqa: N815  the vendor's name
    type: str
    features: tuple[str, ...]
    limitations: tuple[Limitation, ...] = ()


class OwnedNumber(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number that the account rents, and its settings."""

    country: str
    msisdn: str
    type: str
    features: tuple[str, ...]
    moHttpUrl: str = ""  # noqa: N815
    moSmppSysType: str = ""  # noqa: N815
    voiceCallbackType: str = ""  # noqa: N815
    voiceCallbackValue: str = ""  # noqa: N815
    voiceStatusCallback: str = ""  # noqa: N815
    messagesCallbackType: str = ""  # noqa: N815
    messagesCallbackValue: str = ""  # noqa: N815
    app_id: str = ""
    limitations: tuple[Limitation, ...] = ()


class AvailableNumbers(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of a search; an empty object where it holds nothing."""

    count: int = 0
    numbers: tuple[AvailableNumber, ...] = ()


class AvailablePage(msgspec.Struct, frozen=True, omit_defaults=True):
    """`AvailableNumbers` with numbers that are encoded already."""

    count: int = 0
    numbers: list[msgspec.Raw] = []


class OwnedNumbers(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of the account's numbers; an empty object where it holds nothing."""

    count: int = 0
    numbers: tuple[OwnedNumber, ...] = ()


def feature_words(capabilities: Capability) -> tuple[str, ...]:
    """The features of a number; one that works in one direction counts."""
    return tuple(word for word, both in FEATURE_WORDS.items() if capabilities & both)


def limitations(capabilities: Capability) -> tuple[Limitation, ...]:
    """The features that a number has in one direction only, and in which.

    The document says no more of limitations than their members; this reading is ours.
    """
    found = []
    for word, both in FEATURE_WORDS.items():
        held = capabilities & both
        if held and held != both:
            inbound = held.name is not None and held.name.endswith("INBOUND")
            direction = "INBOUND" if inbound else "OUTBOUND"
            found.append(Limitation(word, direction, "INTERNATIONAL"))
    return tuple(found)


class OfferWords(msgspec.Struct, frozen=True):
    """What all numbers of an offer say of themselves at this door."""

    country: str
    type: str
    features: tuple[str, ...]
    limitations: tuple[Limitation, ...]
    available: bytes
    """An available number in JSON, as `template` makes it."""


def offer_words(offer: Offer) -> OfferWords:
    """An offer in Vonage's words."""
    number = AvailableNumber(
        country=offer.country,
        msisdn=NUMBER_MARK,
        cost=amount_text(offer.monthly_price_micros),
        initialPrice=amount_text(offer.setup_price_micros),
        type=TYPE_WORDS[offer.type],
        features=feature_words(offer.capabilities),
        limitations=limitations(offer.capabilities),
    )
    return OfferWords(
        number.country, number.type, number.features, number.limitations, template(encode(number))
    )


class Wording(OfferWording[OfferWords]):
    """Numbers in Vonage's words."""

    def word(self, offer: Offer) -> OfferWords:
        """An offer in Vonage's words."""
        return offer_words(offer)

    def owned(self, row: NumberRow) -> OwnedNumber:
        """A rented number as a list shows it: one linked to an application says so twice."""
        words = self.offer(row.offer_id)
        settings = row.configuration
        application_id, messages_id = settings.application_id, settings.messages_application_id
        by_application = application_id and not settings.voice_route
        return OwnedNumber(
            country=words.country,
            msisdn=str(row.number),
            type=words.type,
            features=words.features,
            moHttpUrl=settings.sms_webhook_url,
            moSmppSysType=settings.smpp_system_type,
            voiceCallbackType="app" if by_application else settings.voice_route,
            voiceCallbackValue=application_id if by_application else settings.voice_target,
            voiceStatusCallback=settings.voice_status_url,
            messagesCallbackType="app" if messages_id else "",
            messagesCallbackValue=messages_id,
            app_id=application_id,
            limitations=words.limitations,
        )


# --- XML ------------------------------------------------------------------------------------

_XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def xml(root: str, message: msgspec.Struct) -> bytes:
    """A message as XML: names in kebab case, features wrapped, limitations as attributes."""
    members = msgspec.json.decode(encode(message))
    return f"{_XML_HEAD}<{root}>{''.join(_elements(members))}</{root}>".encode()


def _elements(members: dict[str, Any]) -> Iterable[str]:
    for name, value in members.items():
        tag = _kebab(name)
        if name == "features":
            yield f"<{tag}>{''.join(map(_feature, value))}</{tag}>"
        elif name == "limitations":
            yield f"<{tag}>{''.join(map(_limitation, value))}</{tag}>"
        elif name == "numbers":
            yield from (f"<{tag}>{''.join(_elements(item))}</{tag}>" for item in value)
        elif name == "invalid_parameters":
            yield f"<{tag}>{''.join(map(_invalid, *zip(*value.items(), strict=True)))}</{tag}>"
        else:
            yield f"<{tag}>{escape(str(value))}</{tag}>"


def _feature(word: str) -> str:
    return f"<feature>{escape(word)}</feature>"


def _invalid(name: str, reason: str) -> str:
    return f"<parameter name={quoteattr(name)}>{escape(reason)}</parameter>"


def _limitation(members: dict[str, str]) -> str:
    attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in members.items())
    return f"<limitation {attributes}/>"


def _kebab(name: str) -> str:
    letters = (f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
    return "".join(letters).replace("_", "-")
