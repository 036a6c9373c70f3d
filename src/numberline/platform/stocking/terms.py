"""The columns of a stock file, and the terms that its texts stand for."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from numberline.core.countries import parse_country
from numberline.core.errors import InvalidValue
from numberline.core.money import amount_text, parse_amount_micros, parse_currency
from numberline.core.offers import (
    CAPABILITY_WORDS,
    INTERVAL_MONTHS_MAX,
    Capability,
    NumberType,
    OfferTerms,
    capability_words,
    parse_capabilities,
)

RANGE_COLUMNS: Final = ("first", "last")
"""The columns of a row's numbers; a file may have ``number`` in their place."""

TERM_COLUMNS: Final = (
    "country",
    "type",
    "features",
    "region",
    "locality",
    "setup_price",
    "monthly_price",
    "currency",
    "interval_months",
    "contract_months",
    "documents_required",
    "quarantine_days",
)
"""The columns of a row's terms."""

NEEDED_TERM_COLUMNS: Final = ("country", "type", "features")
"""The terms that have no default."""

PLACE_LENGTH_MAX: Final = 100
CONTRACT_MONTHS_MAX: Final = 120
QUARANTINE_DAYS_MAX: Final = 3650

_SHOWN_LENGTH_MAX: Final = 40
_DIGITS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def shown(text: str) -> str:
    """A text as it may stand in a message: quoted, and not too long."""
    cut = text if len(text) <= _SHOWN_LENGTH_MAX else text[:_SHOWN_LENGTH_MAX] + "..."
    return repr(cut)


def parse_terms(texts: Mapping[str, str]) -> OfferTerms | tuple[InvalidValue, ...]:
    """The terms that a row's texts stand for, or everything that is wrong with them.

    Args:
        texts: A text for each column of `TERM_COLUMNS` that is there; an empty text is a
            column that is not.
    """
    values: dict[str, Any] = {}
    problems: list[InvalidValue] = []
    for column, (name, parse) in _PARSERS.items():
        text = texts.get(column, "").strip()
        if not text and column in NEEDED_TERM_COLUMNS:
            problems.append(InvalidValue(column, "is empty"))
        if not text:
            continue
        try:
            values[name] = parse(text)
        except ValueError as error:
            problems.append(InvalidValue(column, str(error)))
    return tuple(problems) if problems else OfferTerms(**values)


def terms_texts(terms: OfferTerms) -> tuple[str, ...]:
    """A text for each of `TERM_COLUMNS`; `parse_terms` reads them back."""
    return (
        terms.country,
        terms.type.value,
        capability_words(terms.capabilities),
        terms.region,
        terms.locality,
        amount_text(terms.setup_price_micros),
        amount_text(terms.monthly_price_micros),
        terms.currency,
        str(terms.interval_months),
        str(terms.contract_months),
        "true" if terms.documents_required else "false",
        str(terms.quarantine_days),
    )


def _country(text: str) -> str:
    country = parse_country(text)
    if country is None:
        raise ValueError(f"{shown(text)} is not a country code of two letters (ISO 3166-1)")
    return country


def _type(text: str) -> NumberType:
    try:
        return NumberType(text.lower().replace("-", "_").replace(" ", "_"))
    except ValueError:
        raise ValueError(f"{shown(text)} is not one of {', '.join(NumberType)}") from None


def _features(text: str) -> Capability:
    capabilities = parse_capabilities(text)
    if not capabilities:
        raise ValueError(f"{shown(text)} is not made of {', '.join(CAPABILITY_WORDS)}")
    return capabilities


def _place(text: str) -> str:
    if len(text) > PLACE_LENGTH_MAX:
        raise ValueError(f"{shown(text)} has more than {PLACE_LENGTH_MAX} characters")
    if _CONTROL.search(text):
        raise ValueError(f"{shown(text)} holds a control character")
    return text


def _price(text: str) -> int:
    amount_micros = parse_amount_micros(text)
    if amount_micros is None:
        raise ValueError(
            f"{shown(text)} is not a decimal from 0 to 999999999 with at most six places"
        )
    return amount_micros


def _currency(text: str) -> str:
    currency = parse_currency(text)
    if currency is None:
        raise ValueError(f"{shown(text)} is not a currency code of three letters (ISO 4217)")
    return currency


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
            raise ValueError(f"{shown(text)} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def _flag(text: str) -> bool:
    flag = _FLAGS.get(text.lower())
    if flag is None:
        raise ValueError(f"{shown(text)} is not one of {', '.join(_FLAGS)}")
    return flag


_PARSERS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "country": ("country", _country),
    "type": ("type", _type),
    "features": ("capabilities", _features),
    "region": ("region", _place),
    "locality": ("locality", _place),
    "setup_price": ("setup_price_micros", _price),
    "monthly_price": ("monthly_price_micros", _price),
    "currency": ("currency", _currency),
    "interval_months": ("interval_months", _whole(1, INTERVAL_MONTHS_MAX)),
    "contract_months": ("contract_months", _whole(0, CONTRACT_MONTHS_MAX)),
    "documents_required": ("documents_required", _flag),
    "quarantine_days": ("quarantine_days", _whole(0, QUARANTINE_DAYS_MAX)),
}
"""For each column the field of the terms and what reads it; a ValueError is the reason."""
