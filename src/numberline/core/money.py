"""Money: integers in millionths of a currency unit, with an ISO 4217 code. Never floats."""

import re
from decimal import Decimal
from typing import Final

MICROS_PER_UNIT: Final = 1_000_000
MICROS_MAX: Final = 10**15
"""The largest price or top-up in one piece: a thousand million units; keeps sums in 64 bits."""

_AMOUNT: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


def parse_amount_micros(text: str) -> int | None:
    """Millionths of a unit from a decimal such as ``1.25``; None where the text is none.

    No sign, no exponent, at most six decimals: nothing is rounded in silence.
    """
    stripped = text.strip()
    if not _AMOUNT.fullmatch(stripped):
        return None
    return int(Decimal(stripped) * MICROS_PER_UNIT)


def amount_text(amount_micros: int) -> str:
    """A decimal with at least two places: ``1.25``, ``-0.50``, ``0.000001``."""
    sign = "-" if amount_micros < 0 else ""
    units, micros = divmod(abs(amount_micros), MICROS_PER_UNIT)
    decimals = f"{micros:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{units}.{decimals}"


def parse_currency(text: str) -> str | None:
    """A currency code of three letters in either case, or None where it is none."""
    code = text.strip().upper()
    return code if text.isascii() and _CURRENCY.fullmatch(code) else None
