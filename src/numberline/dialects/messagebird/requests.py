"""MessageBird's requests: their fields, and what the platform understands by them."""

from collections.abc import Callable
from typing import Final

from numberline.core.errors import InvalidValue
from numberline.core.offers import FEATURES as FEATURE_WORDS
from numberline.core.pools import POOL_NAME_LENGTH_MAX
from numberline.dialects.fields import (
    FLAGS,
    Field,
    choice,
    country,
    digits,
    flag,
    integer,
    msisdn,
    text_value,
)
from numberline.dialects.messagebird.messages import ASKED_TYPES
from numberline.dialects.wire import Members, Parameters
from numberline.platform.catalogue import OfferFilter
from numberline.stock import Pattern

LIMIT_DEFAULT: Final = 20
LIMIT_MAX: Final = 1_000
OFFSET_MAX: Final = 1_000_000_000
INTERVALS_MONTHS: Final = (1, 3, 6, 9, 12)
TAGS_MAX: Final = 100
"""How many tags a number has at most."""

TAG_LENGTH_MAX: Final = 255
POOL_NUMBERS_MAX: Final = 500
"""How many numbers go into a pool or out of it at once."""

START, ANYWHERE, END = "start", "anywhere", "end"
PATTERN_PLACES: Final[dict[str, Callable[[str], Pattern]]] = {
    START: Pattern.starts_with,
    ANYWHERE: Pattern.contains,
    END: Pattern.ends_with,
}

_TEXT: Final = {"type": "string"}
_COUNTRY: Final = {"type": "string", "min_length": 2, "max_length": 2, "examples": ["GB"]}
_NUMBER: Final = {"type": "string", "examples": ["447700900000"]}

COUNTRY_CODE: Final = Field(
    "countryCode",
    country,
    aliases=("country",),
    description="The country, as an ISO 3166-1 alpha-2 code in either case.",
    schema=_COUNTRY,
    required=True,
)
COUNTRY: Final = Field(
    "country",
    country,
    description="Only numbers of this country.",
    schema=_COUNTRY,
)
NUMBER: Final = Field(
    "number",
    msisdn,
    description="The number in E.164 format, without or with a leading +.",
    schema=_NUMBER,
    required=True,
)
DIGITS: Final = Field(
    "number",
    digits,
    description="Digits to look for, from the country code on; * stands for any digits.",
    schema={"type": "string", "examples": ["4477"]},
)


def _place(name: str, text: str) -> str:
    """Reads where digits stand, or, as the published document has it, the digits themselves."""
    word = text.strip().lower()
    if word in PATTERN_PLACES:
        return word
    try:
        return digits(name, text)
    except InvalidValue:
        places = ", ".join(PATTERN_PLACES)
        raise InvalidValue(name, f"Must be one of {places}, or digits to look for.") from None


SEARCH_PATTERN: Final = Field(
    "search_pattern",
    _place,
    aliases=("searchPattern",),
    description=(
        "Where the digits of number stand: at the start, anywhere or at the end of the whole"
        " number. Without number, it may hold the digits, which then stand anywhere."
    ),
    schema={"type": "string", "default": START, "examples": [*PATTERN_PLACES]},
)
FEATURES: Final = Field(
    "features",
    choice(FEATURE_WORDS),
    description="Features that a number must have, all of them.",
    schema={"type": "array", "items": {"type": "string", "enum": [*FEATURE_WORDS]}},
)
TYPE: Final = Field(
    "type",
    choice(ASKED_TYPES),
    description="Which type of number to look for; an empty text is any.",
    schema={"type": "string", "enum": [*ASKED_TYPES, ""]},
)
REGION: Final = Field(
    "region", text_value, description="Only numbers of this region.", schema=_TEXT
)
LOCALITY: Final = Field(
    "locality", text_value, description="Only numbers of this locality.", schema=_TEXT
)
EXCLUDE_VERIFIED: Final = Field(
    "exclude_numbers_require_verification",
    flag,
    description="Whether to leave out numbers that need documents.",
    schema={"type": "boolean", "default": False},
)
PRICES: Final = Field(
    "prices",
    flag,
    description="Whether prices are asked for; they are always there.",
    schema={"type": "boolean", "default": False},
)
LIMIT: Final = Field(
    "limit",
    integer(1, LIMIT_MAX),
    description="How many of them a page holds.",
    schema={"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
)
OFFSET: Final = Field(
    "offset",
    integer(0, OFFSET_MAX),
    description="How many of them to pass over before the page.",
    schema={"type": "integer", "minimum": 0, "maximum": OFFSET_MAX, "default": 0},
)


def _label(length_max: int) -> Callable[[str, str], str]:
    """Reads a short printable text; blanks around it are passed over."""

    def parse(name: str, text: str) -> str:
        if len(text) > length_max:
            raise InvalidValue(name, f"Must be at most {length_max} characters long.")
        label = text.strip()
        if not label.isprintable():
            raise InvalidValue(name, "Must hold printable characters only.")
        return label

    return parse


_tag: Final = _label(TAG_LENGTH_MAX)
_pool_text: Final = _label(POOL_NAME_LENGTH_MAX)


TAGS: Final = Field(
    "tags",
    _tag,
    description="Tags that a number must have, all of them.",
    schema={"type": "array", "items": {"type": "string", "maxLength": TAG_LENGTH_MAX}},
)
_PLAIN: Final = ["string", "number", "boolean"]
NEW_TAGS: Final = Field(
    "tags",
    _tag,
    description="The tags that a number gets, as texts; one alone needs no list.",
    schema={
        "type": ["array", *_PLAIN, "null"],
        "items": {"type": _PLAIN, "maxLength": TAG_LENGTH_MAX},
        "max_length": TAG_LENGTH_MAX,
        "max_items": TAGS_MAX,
    },
)


def _interval_months(name: str, text: str) -> int:
    months = integer(0, INTERVALS_MONTHS[-1])(name, text)
    if months and months not in INTERVALS_MONTHS:
        raise InvalidValue(name, f"Must be one of {', '.join(map(str, INTERVALS_MONTHS))}.")
    return months or INTERVALS_MONTHS[0]


BILLING_INTERVAL: Final = Field(
    "billingIntervalMonths",
    _interval_months,
    description="How many months are billed at a time; 0 and null stand for the default.",
    schema={
        "type": ["integer", "null"],
        "enum": [0, *INTERVALS_MONTHS, None],
        "default": INTERVALS_MONTHS[0],
    },
)

_NO_POOL_NAMES: Final = ("", ".", "..")


def _pool_name(name: str, text: str) -> str:
    """Reads the name of a pool, which must be able to stand in a path."""
    found = _pool_text(name, text)
    if found in _NO_POOL_NAMES or "/" in found:
        raise InvalidValue(name, "Must not be blank, '.' or '..', and must not hold a slash.")
    return found


_POOL_NAME: Final = {"type": "string", "max_length": POOL_NAME_LENGTH_MAX, "examples": ["myPool"]}
_PLAIN_OR_NULL: Final = [*_PLAIN, "null"]

POOL: Final = Field(
    "name",
    _pool_name,
    description="The name of the pool.",
    schema=_POOL_NAME,
    required=True,
)
POOL_NAME: Final = Field(
    "poolName", _pool_name, description="Only the pool of this name.", schema=_POOL_NAME
)
NEW_POOL_NAME: Final = Field(
    "poolName",
    _pool_name,
    description="The name that the pool gets; it must be able to stand in a path.",
    schema=_POOL_NAME | {"type": _PLAIN},
    required=True,
)
OTHER_POOL_NAME: Final = Field(
    "poolName",
    _pool_name,
    description="The name that the pool gets; left out, null or empty, it keeps its name.",
    schema=_POOL_NAME | {"type": _PLAIN_OR_NULL},
)
SERVICE: Final = Field(
    "service",
    _pool_text,
    description="Only pools of this service.",
    schema={"type": "string", "max_length": POOL_NAME_LENGTH_MAX},
)
NEW_SERVICE: Final = Field(
    "service",
    _pool_text,
    description="What the pool is used for, in your own words.",
    schema={"type": _PLAIN_OR_NULL, "max_length": POOL_NAME_LENGTH_MAX},
)
BY_COUNTRY: Final = Field(
    "configuration[byCountry]",
    flag,
    description="Whether a number of the pool is to be chosen by country.",
    schema={"type": "boolean"},
)
CONFIGURATION: Final = Field(
    "configuration",
    text_value,
    description="How the pool is used: `byCountry`, false when left out.",
    schema={
        "type": ["object", "null"],
        "properties": {"byCountry": {"enum": [True, False, 1, 0, *FLAGS, "", None]}},
    },
)
POOL_NUMBERS: Final = Field(
    "numbers",
    msisdn,
    description="The numbers, without or with a leading +; one alone needs no list.",
    schema={
        "type": ["array", "string", "integer", "null"],
        "items": {"type": ["string", "integer"]},
        "max_items": POOL_NUMBERS_MAX,
    },
)

SEARCH_FIELDS: Final = (
    *(DIGITS, SEARCH_PATTERN, FEATURES, TYPE, REGION, LOCALITY),
    *(EXCLUDE_VERIFIED, PRICES, LIMIT, OFFSET),
)
OWNED_FIELDS: Final = (
    *(DIGITS, SEARCH_PATTERN, COUNTRY, FEATURES, TYPE, REGION, LOCALITY, TAGS, LIMIT, OFFSET),
)
PURCHASE_FIELDS: Final = (NUMBER, COUNTRY_CODE, BILLING_INTERVAL)
POOLS_FIELDS: Final = (POOL_NAME, SERVICE, LIMIT, OFFSET)
CREATE_POOL_FIELDS: Final = (NEW_POOL_NAME, NEW_SERVICE, CONFIGURATION)
CHANGE_POOL_FIELDS: Final = (OTHER_POOL_NAME, NEW_SERVICE, CONFIGURATION)
POOL_NUMBERS_FIELDS: Final = (DIGITS, SEARCH_PATTERN, LIMIT, OFFSET)


def read_page(parameters: Parameters) -> tuple[int, int]:
    """How many numbers a page holds, and how many come before it."""
    return LIMIT.read(parameters) or LIMIT_DEFAULT, OFFSET.read(parameters) or 0


def read_filter(parameters: Parameters, country_code: str | None) -> OfferFilter:
    """Which offers a search or a list looks at."""
    types = TYPE.read_list(parameters)
    return OfferFilter(
        countries=(country_code,) if country_code else (),
        types=tuple(type_ for group in types for type_ in group),
        any_direction=FEATURES.read_list(parameters, ","),
        region=REGION.read(parameters) or "",
        locality=LOCALITY.read(parameters) or "",
        without_documents=EXCLUDE_VERIFIED.read(parameters) or False,
    )


def read_pattern(parameters: Parameters) -> Pattern | None:
    """What a number's whole digits must match, from `number` and `search_pattern`."""
    place, wanted = SEARCH_PATTERN.read(parameters), DIGITS.read(parameters)
    if place is not None and place not in PATTERN_PLACES:
        if wanted is not None:
            raise InvalidValue(SEARCH_PATTERN.name, "Must be start, anywhere or end.")
        return Pattern.contains(place)
    return None if wanted is None else PATTERN_PLACES[place or START](wanted)


def read_tags(parameters: Parameters) -> tuple[str, ...]:
    """The tags that a request names, each once.

    Raises:
        InvalidValue: One is bad, or there are too many.
    """
    tags = tuple(dict.fromkeys(TAGS.read_list(parameters)))
    if len(tags) > TAGS_MAX:
        raise InvalidValue(TAGS.name, f"Must be at most {TAGS_MAX}.")
    return tags


def read_by_country(parameters: Parameters) -> bool | None:
    """Whether a pool is used by country; None where nothing is said.

    Raises:
        InvalidValue: The configuration is no object, or what it says is no boolean.
    """
    given = parameters.first(CONFIGURATION.name)
    if given and not isinstance(given, Members):
        raise InvalidValue(CONFIGURATION.name, "Must be an object.")
    return BY_COUNTRY.read(parameters)


def read_pool_numbers(parameters: Parameters) -> tuple[int, ...]:
    """The numbers that a request names, each once.

    Raises:
        InvalidValue: One is none, or there are too many.
    """
    numbers = tuple(dict.fromkeys(POOL_NUMBERS.read_list(parameters, ",")))
    if len(numbers) > POOL_NUMBERS_MAX:
        raise InvalidValue(POOL_NUMBERS.name, f"Must be at most {POOL_NUMBERS_MAX}.")
    return numbers
