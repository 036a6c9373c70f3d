"""Bird's requests: their fields, and what the platform understands by them."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from numberline.core.errors import InvalidValue, MissingValue
from numberline.core.numbers import NUMBER_DIGITS_MAX
from numberline.core.offers import FEATURES, Capability, NumberType
from numberline.dialects.bird.errors import ITEMS
from numberline.dialects.bird.ids import is_uuid
from numberline.dialects.bird.messages import ASKED_FEATURES, TYPE_WORDS, TYPES
from numberline.dialects.fields import Field, choice, country, flag, integer, text_value
from numberline.dialects.wire import Parameters
from numberline.platform.catalogue import OfferFilter
from numberline.stock import Pattern

LIMIT_DEFAULT: Final = 10
LIMIT_MAX: Final = 99
PAGE_TOKEN_LENGTH_MAX: Final = 8_000
PREFIX_LENGTH_MAX: Final = 250
SEARCHES_MAX: Final = 4_096
"""How many different searches are remembered with what they look for."""

ITEMS_MAX: Final = 25
"""How many numbers one purchase takes."""

_TEXT: Final = {"type": "string"}
_UUID: Final = {"type": "string", "format": "uuid"}
_COUNTRY: Final = {"type": "string", "min_length": 2, "max_length": 2, "examples": ["US"]}
_FLAG: Final = {"type": "boolean", "default": False}

ORGANIZATION: Final = Field(
    "organizationId",
    text_value,
    description="The organization of the access key.",
    schema=_UUID,
    required=True,
)
WORKSPACE: Final = Field(
    "workspaceId",
    text_value,
    description="The workspace of the access key.",
    schema=_UUID,
    required=True,
)
COUNTRY_CODES: Final = Field(
    "countryCodes",
    country,
    aliases=("countryCode",),
    description="Countries, as ISO 3166-1 alpha-2 codes in either case; one of them counts.",
    schema={"type": "array", "items": _COUNTRY},
)
COUNTRY: Final = Field(
    "country",
    country,
    aliases=("countryCode",),
    description="Only numbers of this country.",
    schema=_COUNTRY,
)
NUMBER_TYPES: Final = Field(
    "types",
    choice(TYPES),
    aliases=("type",),
    description="Types of number; one of them counts.",
    schema={"type": "array", "items": {"type": "string", "enum": [*TYPE_WORDS.values()]}},
)
NUMBER_TYPE: Final = Field(
    "type",
    choice(TYPES),
    description="Only numbers of this type; an empty text is any.",
    schema={"type": "string", "enum": [*TYPE_WORDS.values(), ""]},
)
STOCK_FEATURES: Final = Field(
    "features",
    choice(ASKED_FEATURES),
    description=(
        "What a number must be able to do, all of it; without a direction, in one of the two."
        " WhatsApp needs a number that receives a text or a call."
    ),
    schema={"type": "array", "items": {"type": "string", "enum": [*ASKED_FEATURES]}},
)
CAPABILITIES: Final = Field(
    "capabilities",
    choice(ASKED_FEATURES),
    description="What a number must be able to do, all of it.",
    schema={"type": "array", "items": {"type": "string", "enum": [*ASKED_FEATURES]}},
)
CAPABILITY_FLAGS: Final[tuple[Field[bool], ...]] = tuple(
    Field(name, flag, description=f"Whether a number must have {name}.", schema=_FLAG)
    for name in (*FEATURES, "fax")
)
PROVIDER_IDS: Final = Field(
    "providerIds",
    text_value,
    description="Read and passed over: there is one provider, this server.",
    schema={"type": "array", "items": _TEXT},
)
TESTING: Final = Field(
    "testing",
    flag,
    description="Read and passed over: every number here is for tests, or none.",
    schema=_FLAG,
)

_DIGITS: Final = re.compile(f"[0-9]{{1,{NUMBER_DIGITS_MAX}}}", re.ASCII)


def _digits(name: str, text: str) -> str:
    """Reads digits, with or without a ``+`` before them."""
    found = text.strip().removeprefix("+")
    if not _DIGITS.fullmatch(found):
        raise InvalidValue(name, f"Must be 1 to {NUMBER_DIGITS_MAX} digits.")
    return found


def _prefix(name: str, text: str) -> str:
    """Reads leading digits; a blank before them is a ``+`` that a form decoder took for one."""
    return ("+" if text[0] in " +" else "") + _digits(name, text)


PREFIX: Final = Field(
    "prefix",
    _prefix,
    description=(
        "Leading digits: the area code (212), or the same with the country's calling code"
        " (1212, +1212). Where no country is named, the calling code must be there."
    ),
    schema={"type": "string", "max_length": PREFIX_LENGTH_MAX},
)
NUMBER_STRING: Final = Field(
    "numberString",
    _digits,
    description="Leading digits with the country's calling code; the + may be left out.",
    schema=_TEXT,
)


SEARCH_TERM: Final = Field(
    "searchTerm",
    _digits,
    description="Digits that stand anywhere in the number.",
    schema=_TEXT,
)
STATUS: Final = Field(
    "status",
    choice({"active": True, "inactive": False}),
    description="Only numbers in this status; every number that is listed is active.",
    schema={"type": "string", "enum": ["active", "inactive", ""]},
)
LIMIT: Final = Field(
    "limit",
    integer(1, LIMIT_MAX),
    description="How many results a page has at most.",
    schema={"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
)


PAGE_TOKEN: Final = Field(
    "pageToken",
    text_value,
    description="The nextPageToken of the page before; the other parameters stay as they were.",
    schema={"type": "string", "max_length": PAGE_TOKEN_LENGTH_MAX},
)
REVERSE: Final = Field(
    "reverse",
    flag,
    description="Whether the highest number comes first.",
    schema=_FLAG,
)


def _item_id(name: str, text: str) -> str:
    item_id = text.strip().lower()
    if not is_uuid(item_id):
        raise InvalidValue(name, "Must hold UUIDs, as a search gives them.")
    return item_id


ITEM_IDS: Final = Field(
    ITEMS,
    _item_id,
    description=f"The identifiers of up to {ITEMS_MAX} stock items, all of which are bought.",
    schema={"type": "array", "items": _UUID, "min_items": 1, "max_items": ITEMS_MAX},
    required=True,
)
NUMBER_ID: Final = Field(
    "numberId",
    text_value,
    description="The identifier of a number.",
    schema=_UUID,
    required=True,
)

STOCK_FIELDS: Final[tuple[Field[Any], ...]] = (
    *(COUNTRY_CODES, NUMBER_TYPES, STOCK_FEATURES, PREFIX, TESTING, LIMIT, PAGE_TOKEN),
)
LONG_CODE_FIELDS: Final[tuple[Field[Any], ...]] = (
    *(NUMBER_STRING, COUNTRY_CODES, NUMBER_TYPES, CAPABILITIES, PROVIDER_IDS),
    *(LIMIT, PAGE_TOKEN, REVERSE),
)
NUMBERS_FIELDS: Final[tuple[Field[Any], ...]] = (
    *(PREFIX, SEARCH_TERM, STATUS, NUMBER_TYPE, COUNTRY),
    *CAPABILITY_FLAGS,
    *(LIMIT, PAGE_TOKEN, REVERSE),
)


Search: TypeAlias = tuple[OfferFilter, Pattern | None]
"""Which offers to look at, and what the numbers look like."""


def read_searches(parameters: Parameters) -> tuple[tuple[Search, ...], str]:
    """What to look for in the stock, and the same as a text.

    The numbers that any of the searches finds are wanted.

    They are several where an area code is asked for in countries with different calling codes.
    """
    TESTING.read(parameters)
    return _searches(
        COUNTRY_CODES.read_list(parameters, ","),
        NUMBER_TYPES.read_list(parameters, ","),
        STOCK_FEATURES.read_list(parameters, ","),
        PREFIX.read(parameters),
    )


@lru_cache(SEARCHES_MAX)
def _searches(
    countries: tuple[str, ...],
    types: tuple[NumberType, ...],
    features: tuple[Capability, ...],
    prefix: str | None,
) -> tuple[tuple[Search, ...], str]:
    filter_ = _filter(countries, types, features)
    searches = tuple(_split_by_calling_code(filter_, prefix)) if prefix else ((filter_, None),)
    return searches, repr(searches)


def _split_by_calling_code(filter_: OfferFilter, prefix: str) -> Iterator[Search]:
    countries_by_digits: dict[str, list[str]] = {}
    for country_code in filter_.countries or ("",):
        digits = _with_calling_code(prefix, country_code)
        countries_by_digits.setdefault(digits, []).append(country_code)
    for digits, countries in countries_by_digits.items():
        some = replace(filter_, countries=tuple(filter(None, countries)))
        yield some, Pattern.starts_with(digits)


class Owned(NamedTuple):
    """Which of an account's numbers a list holds: by their offer, and by their digits."""

    offers: OfferFilter
    globs: tuple[str, ...]


def read_long_code_filter(parameters: Parameters) -> Owned:
    """Which of an account's numbers a list of long codes holds."""
    PROVIDER_IDS.read_list(parameters)
    leading = NUMBER_STRING.read(parameters)
    offers = _filter(
        COUNTRY_CODES.read_list(parameters, ","),
        NUMBER_TYPES.read_list(parameters, ","),
        CAPABILITIES.read_list(parameters, ","),
    )
    return Owned(offers, (f"{leading}*",) if leading else ())


def read_numbers_filter(parameters: Parameters) -> Owned | None:
    """Which of an account's numbers a list of numbers holds; None where none can pass."""
    flags = [field.read(parameters) for field in CAPABILITY_FLAGS]
    country_code, type_ = COUNTRY.read(parameters), NUMBER_TYPE.read(parameters)
    prefix, term = PREFIX.read(parameters), SEARCH_TERM.read(parameters)
    *flags, fax = flags
    if fax or STATUS.read(parameters) is False:
        return None
    offers = _filter(
        (country_code,) if country_code else (),
        (type_,) if type_ else (),
        tuple(mask for mask, wanted in zip(FEATURES.values(), flags, strict=True) if wanted),
    )
    globs = []
    if prefix:
        globs.append(_with_calling_code(prefix, country_code or "") + "*")
    if term:
        globs.append(f"*{term}*")
    return Owned(offers, tuple(globs))


def _filter(
    countries: Iterable[str], types: Iterable[NumberType], features: Iterable[Capability]
) -> OfferFilter:
    """The same filter for the same values in whatever order they were named."""
    return OfferFilter(
        countries=tuple(sorted(set(countries))),
        types=tuple(sorted(set(types))),
        any_direction=tuple(sorted(set(features))),
    )


def _with_calling_code(prefix: str, country_code: str) -> str:
    """Leading digits of whole numbers, from a prefix in any of Bird's three spellings.

    Bird's page asks for an area code in one place and for the full international form in
    another. Digits without ``+`` that begin with the calling code of their country are taken
    for the latter.
    """
    digits = prefix.removeprefix("+")
    calling_code = _calling_code(country_code) if country_code else ""
    if digits != prefix or digits.startswith(calling_code):
        return digits
    return calling_code + digits


@cache
def _calling_code(country_code: str) -> str:
    from phonenumbers import country_code_for_region

    return str(country_code_for_region(country_code))


def read_item_ids(parameters: Parameters) -> tuple[str, ...]:
    """The stock items that a purchase names, each once.

    Raises:
        InvalidValue: There is none, one is no identifier, or there are too many.
    """
    item_ids = tuple(dict.fromkeys(ITEM_IDS.read_list(parameters)))
    if not item_ids:
        raise MissingValue(ITEMS)
    if len(item_ids) > ITEMS_MAX:
        raise InvalidValue(ITEMS, f"Must be at most {ITEMS_MAX}.")
    return item_ids
