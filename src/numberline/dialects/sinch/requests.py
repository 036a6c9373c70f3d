"""Sinch's requests: their fields, and what the platform understands by them.

Older SDKs write bodies in snake case, newer ones in camel case; both are read everywhere.
"""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

from numberline.core.errors import InvalidValue, MissingValue
from numberline.core.numbers import NUMBER_DIGITS_MAX
from numberline.core.offers import Capability, NumberType
from numberline.core.provisioning import NO_VOICE, Setup, VoiceLink
from numberline.dialects.fields import Field, country, integer, msisdn, text_value
from numberline.dialects.fields import choice as word_of
from numberline.dialects.sinch.errors import NotAValue, snake
from numberline.dialects.sinch.messages import CAPABILITIES, TYPES, VOICE_TYPES
from numberline.dialects.wire import Members, Parameters
from numberline.platform.catalogue import OfferFilter
from numberline.stock import Pattern

SIZE_DEFAULT: Final = 30
SIZE_MAX: Final = 100
"""How many numbers a search or a page has; Sinch does not publish its own."""

ID_LENGTH_MAX: Final = 128
"""The longest identifier of a plan, a campaign or the like."""

DISPLAY_NAME_LENGTH_MAX: Final = 255
SECRET_LENGTH_MAX: Final = 36
"""The longest secret of a callback configuration, as Sinch's own limit is."""

SCHEME: Final = "sinch"
"""In whose manner events of numbers that are set up here are told."""

_TEXT: Final = {"type": "string"}
_PLAIN_OR_NULL: Final = ["string", "number", "boolean", "null"]
"""What a member of a body may be that is read as a text; null says nothing."""

_ID: Final = {"type": _PLAIN_OR_NULL, "max_length": ID_LENGTH_MAX}
_COUNTRY: Final = {"type": "string", "min_length": 2, "max_length": 2, "examples": ["US"]}

T = TypeVar("T")


def spellings(name: str) -> tuple[str, ...]:
    """The other names under which a field may come.

    A member of an object is written with a dot in a query, and comes with brackets from a body.
    """
    outer, dot, inner = name.rpartition(".")
    members = (inner, snake(inner))
    if not dot:
        return tuple(dict.fromkeys(members))[1:]
    objects = (outer, snake(outer))
    found = [shape.format(o, m) for shape in ("{}.{}", "{}[{}]") for o in objects for m in members]
    return tuple(dict.fromkeys(found))[1:]


def choice(values: dict[str, T]) -> Callable[[str, str], T]:
    """Reads a value of an enumeration, in any case; refuses others in Sinch's own words."""
    read = word_of(values)

    def parse(name: str, text: str) -> T:
        try:
            return read(name, text)
        except InvalidValue:
            raise NotAValue(name, text) from None

    return parse


def _text_of(length_max: int) -> Callable[[str, str], str]:
    def parse(name: str, text: str) -> str:
        if len(text) > length_max:
            raise InvalidValue(name, f"Must be at most {length_max} characters long.")
        if not text.isprintable():
            raise InvalidValue(name, "Must hold printable characters only.")
        return text

    return parse


identifier: Final = _text_of(ID_LENGTH_MAX)
"""Reads an identifier of the caller's own."""


PROJECT: Final = Field(
    "projectId",
    text_value,
    description="The project of the key.",
    schema=_TEXT,
    required=True,
)
PHONE_NUMBER: Final = Field(
    "phoneNumber",
    msisdn,
    description="The number in E.164 format with a leading +.",
    schema={"type": "string", "examples": ["+12015550100"]},
    required=True,
)
REGION: Final = Field(
    "regionCode",
    country,
    aliases=spellings("regionCode"),
    description="The country, as an ISO 3166-1 alpha-2 code.",
    schema=_COUNTRY,
)
TYPE: Final = Field(
    "type",
    choice(TYPES),
    description="The type of number; an empty text is any.",
    schema={"type": "string", "enum": [*TYPES, ""]},
)
REGION_TYPES: Final = Field(
    "types",
    choice(TYPES),
    description="Only regions that have numbers of one of these types.",
    schema={"type": "array", "items": {"type": "string", "enum": [*TYPES]}},
)
NEEDED_REGION: Final = Field(
    "regionCode",
    country,
    aliases=spellings("regionCode"),
    description="The country, as an ISO 3166-1 alpha-2 code.",
    schema=_COUNTRY,
    required=True,
)
NEEDED_TYPE: Final = Field(
    "type",
    choice(TYPES),
    description="The type of number.",
    schema={"type": "string", "enum": [*TYPES]},
    required=True,
)
CAPABILITY: Final = Field(
    "capabilities",
    choice(CAPABILITIES),
    aliases=("capability",),
    description="What a number must be able to do, all of it.",
    schema={"type": "array", "items": {"type": "string", "enum": [*CAPABILITIES]}},
)

_PATTERN: Final = re.compile(rf"\+?[0-9]{{1,{NUMBER_DIGITS_MAX}}}|\+", re.ASCII)


def _pattern(name: str, text: str) -> str:
    """Reads digits of a number with its ``+``; a blank is one that a decoder took for a form's."""
    found = ("+" if text[0] in " +" else "") + text.strip().removeprefix("+")
    if not _PATTERN.fullmatch(found):
        raise InvalidValue(name, f"Must be 1 to {NUMBER_DIGITS_MAX} digits, with or without +.")
    return found


PATTERN: Final = Field(
    "numberPattern.pattern",
    _pattern,
    aliases=spellings("numberPattern.pattern"),
    description="Digits to look for in the number as it is written, with its + at the start.",
    schema={"type": "string", "examples": ["+1201"]},
)
PLACES: Final = {"START": "START", "CONTAINS": "CONTAINS", "END": "END"}
PLACE: Final = Field(
    "numberPattern.searchPattern",
    choice(PLACES),
    aliases=spellings("numberPattern.searchPattern"),
    description="Where the digits stand. Left out: at the start with a +, else anywhere.",
    schema={"type": ["string", "null"], "enum": [*PLACES, "", None]},
)
SIZE: Final = Field(
    "size",
    integer(1, SIZE_MAX),
    description="How many numbers to find at most.",
    schema={"type": "integer", "minimum": 1, "maximum": SIZE_MAX, "default": SIZE_DEFAULT},
)
PAGE_SIZE: Final = Field(
    "pageSize",
    integer(1, SIZE_MAX),
    aliases=spellings("pageSize"),
    description="How many numbers a page has at most.",
    schema={"type": "integer", "minimum": 1, "maximum": SIZE_MAX, "default": SIZE_DEFAULT},
)
PAGE_TOKEN: Final = Field(
    "pageToken",
    text_value,
    aliases=spellings("pageToken"),
    description="The nextPageToken of the page before; the filters stay as they were.",
    schema=_TEXT,
)

_ORDERS: Final = {"phonenumber": False, "displayname": True}


class Order(NamedTuple):
    """In which order a list is."""

    by_name: bool = False
    descending: bool = False


def _order(name: str, text: str) -> Order:
    """Reads a field in any spelling, which ``asc`` or ``desc`` may follow."""
    field, _, direction = text.strip().lower().partition(" ")
    by_name = _ORDERS.get(field.replace("_", ""))
    if by_name is None or direction.strip() not in ("", "asc", "desc"):
        raise InvalidValue(name, f"Invalid order_by {text}")
    return Order(by_name, direction.strip() == "desc")


ORDER_BY: Final = Field(
    "orderBy",
    _order,
    aliases=spellings("orderBy"),
    description="What the list is ordered by: phoneNumber or displayName; desc may follow.",
    schema={"type": "string", "examples": ["phoneNumber", "displayName"]},
)
PLAN: Final = Field(
    "smsConfiguration.servicePlanId",
    identifier,
    aliases=spellings("smsConfiguration.servicePlanId"),
    description="The plan for which the number sends and receives; an empty text unlinks it.",
    schema=_ID,
)
CAMPAIGN: Final = Field(
    "smsConfiguration.campaignId",
    identifier,
    aliases=spellings("smsConfiguration.campaignId"),
    description="The 10DLC campaign of the number; an empty text unlinks it.",
    schema=_ID,
)
VOICE_TYPE: Final = Field(
    "voiceConfiguration.type",
    choice({word: word for word in VOICE_TYPES}),
    aliases=spellings("voiceConfiguration.type"),
    description="What takes the calls: an app (RTC, the default), a trunk (EST) or a fax service.",
    schema={"type": ["string", "null"], "enum": [*VOICE_TYPES, "", None]},
)
VOICE_IDS: Final = {
    word: Field(
        f"voiceConfiguration.{member}",
        identifier,
        aliases=spellings(f"voiceConfiguration.{member}"),
        description=f"The identifier where the type is {word}; an empty text unlinks it.",
        schema=_ID,
    )
    for word, member in {"RTC": "appId", "EST": "trunkId", "FAX": "serviceId"}.items()
}
CALLBACK_URL: Final = Field(
    "callbackUrl",
    text_value,
    aliases=spellings("callbackUrl"),
    description="Where events of the number are sent; an empty text ends that.",
    schema={"type": _PLAIN_OR_NULL},
)
DISPLAY_NAME: Final = Field(
    "displayName",
    _text_of(DISPLAY_NAME_LENGTH_MAX),
    aliases=spellings("displayName"),
    description="What the number is called.",
    schema={"type": _PLAIN_OR_NULL, "max_length": DISPLAY_NAME_LENGTH_MAX},
)
HMAC_SECRET: Final = Field(
    "hmacSecret",
    _text_of(SECRET_LENGTH_MAX),
    aliases=spellings("hmacSecret"),
    description="The secret under which the project's events are signed.",
    schema={"type": _PLAIN_OR_NULL, "min_length": 1, "max_length": SECRET_LENGTH_MAX},
)
GRANT_TYPE: Final = Field(
    "grant_type",
    text_value,
    description="client_credentials.",
    schema={"type": "string", "enum": ["client_credentials"]},
    required=True,
)
CLIENT_ID: Final = Field(
    "client_id", text_value, description="The key, where no Basic header has it.", schema=_TEXT
)
CLIENT_SECRET: Final = Field(
    "client_secret", text_value, description="The secret of the key.", schema=_TEXT
)

SEARCH_FIELDS: Final[tuple[Field[Any], ...]] = (
    *(NEEDED_REGION, NEEDED_TYPE, PATTERN, PLACE, CAPABILITY, SIZE),
)
OWNED_FIELDS: Final[tuple[Field[Any], ...]] = (
    *(REGION, TYPE, PATTERN, PLACE, CAPABILITY, PAGE_SIZE, PAGE_TOKEN, ORDER_BY),
)
RENT_ANY_FIELDS: Final[tuple[Field[Any], ...]] = (
    *(NEEDED_REGION, NEEDED_TYPE, PATTERN, PLACE, CAPABILITY),
)
SETUP_FIELDS: Final[tuple[Field[Any], ...]] = (
    *(PLAN, CAMPAIGN, VOICE_TYPE),
    *VOICE_IDS.values(),
    CALLBACK_URL,
)
UPDATE_FIELDS: Final[tuple[Field[Any], ...]] = (DISPLAY_NAME, *SETUP_FIELDS)


class Wanted(NamedTuple):
    """What numbers must be of and look like; `pattern` is None where they may look anyhow.

    Where `nothing` is true, no number looks like what is asked for.
    """

    offers: OfferFilter
    pattern: Pattern | None
    nothing: bool = False


def read_wanted(
    parameters: Parameters, region: str | None, types: tuple[NumberType, ...] | None
) -> Wanted:
    """What a search or a list looks for."""
    features: tuple[Capability, ...] = CAPABILITY.read_list(parameters, ",")
    offers = OfferFilter(
        countries=(region,) if region else (),
        types=types or (),
        any_direction=tuple(sorted(set(features))),
    )
    text, place = PATTERN.read(parameters), PLACE.read(parameters)
    if text is None:
        return Wanted(offers, None)
    pattern = _located(text, place or ("START" if text[0] == "+" else "CONTAINS"))
    return Wanted(offers, pattern, nothing=pattern is None)


def _located(text: str, place: str) -> Pattern | None:
    """What the digits of a number must match for a text to stand at a place in it, + included."""
    digits = text.removeprefix("+")
    begins = digits != text
    match place:
        case "END":
            return Pattern.exactly(digits) if begins else Pattern.ends_with(digits)
        case "START":
            return Pattern.starts_with(digits) if begins else None
        case _:
            return Pattern.starts_with(digits) if begins else Pattern.contains(digits)


def read_setup(parameters: Parameters) -> Setup | None:
    """What a request wants of a number, or None where it wants nothing.

    Raises:
        InvalidValue: A value is bad, or a configuration is there and empty.
    """
    setup = Setup(
        plan_id=_read(PLAN, parameters),
        campaign_id=_read(CAMPAIGN, parameters),
        voice=_read_voice(parameters),
        callback_url=_read(CALLBACK_URL, parameters),
        callback_scheme=SCHEME,
        display_name=_read(DISPLAY_NAME, parameters),
    )
    for name in ("smsConfiguration", "voiceConfiguration"):
        check_object(parameters, name, may_be_empty=False)
    return None if setup == Setup(callback_scheme=SCHEME) else setup


def _read(field: Field[str], parameters: Parameters) -> str | None:
    """A text that may be empty, which takes away; None where it was not sent."""
    if not field.named_in(parameters):
        return None
    if parameters.first(*field.names) is None:
        raise InvalidValue(field.name, "Must be a plain value.")
    return field.read(parameters) or ""


def _read_voice(parameters: Parameters) -> VoiceLink | None:
    ids = {word: _read(field, parameters) for word, field in VOICE_IDS.items()}
    given = [word for word, id_ in ids.items() if id_ is not None]
    type_ = VOICE_TYPE.read(parameters)
    if type_ is None:
        if not given:
            return None
        set_ = [word for word in given if ids[word]]
        if len(set_) > 1:
            raise InvalidValue(VOICE_TYPE.name, "Must say which of the identifiers counts.")
        type_ = next(iter(set_), "RTC" if "RTC" in given else given[0])
    target_id = ids[type_]
    if target_id is None:
        raise MissingValue(VOICE_IDS[type_].name)
    return VoiceLink(VOICE_TYPES[type_], target_id) if target_id else NO_VOICE


def check_object(parameters: Parameters, name: str, *, may_be_empty: bool) -> None:
    """Make sure that what stands where an object belongs is one.

    Raises:
        InvalidValue: It is none, or is empty and must not be.
    """
    for each in (name, *spellings(name)):
        if not parameters.has(each):
            continue
        value = parameters.first(each)
        if not isinstance(value, Members):
            raise InvalidValue(name, "Must be an object.")
        if value.is_empty and not may_be_empty:
            raise InvalidValue(name, "Must not be empty; leave it out to change nothing.")
