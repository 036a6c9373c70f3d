"""Numbers against the numbering plans of countries, as libphonenumber knows them.

What is judged is a block: the numbers that share all digits but the last few. A country may have
a block where libphonenumber counts one of its numbers to it, and where it counts them to nobody
the block goes to the main country of the calling code: so ranges that regulators keep free, for
fiction or for later, pass, and millions of numbers cost a few look-ups.
"""

import re
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from numberline.core.countries import COUNTRIES
from numberline.core.numbers import NUMBER_DIGITS_MAX

Numbers = NDArray[np.int64]

NORTH_AMERICA: Final = 1
AREA_CODE_DIGITS: Final = 3
"""In North America a block is an area code; nowhere is less of a number looked at."""

TAIL_DIGITS_MAX: Final = 4
"""Elsewhere a block is at most ten thousand numbers."""

BLOCKS_REMEMBERED: Final = 200_000

_KINDS: Final = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)

POWERS_OF_TEN: Final[Numbers] = 10 ** np.arange(NUMBER_DIGITS_MAX + 1, dtype=np.int64)


class Misfit(IntEnum):
    """Why a number cannot be a country's."""

    NONE = 0
    NO_PLAN = 1
    CALLING_CODE = 2
    LENGTH = 3
    OTHER_COUNTRY = 4


class Plan:
    """What the numbers of a country have in common.

    Attributes:
        country: The country.
        calling_code: The first digits of its numbers.
        national_digits: How many digits may follow the calling code.
        rivals: The other countries with the same calling code.
        is_main: Whether the calling code belongs to this country first.
    """

    def __init__(self, country: str, metadata: PhoneMetadata) -> None:
        regions = COUNTRY_CODE_TO_REGION_CODE[metadata.country_code or 0]
        general = metadata.general_desc
        self.country = country
        self.calling_code = metadata.country_code or 0
        self.national_digits = general.possible_length if general else ()
        self.rivals = [each for each in regions if each != country and each in COUNTRIES]
        self.is_main = regions[0] == country
        self._metadata = metadata

    @cached_property
    def shape(self) -> re.Pattern[str]:
        """What its national numbers look like: its leading digits, or any of its kinds."""
        kinds = [getattr(self._metadata, kind) for kind in _KINDS]
        shapes = [kind.national_number_pattern for kind in kinds if kind is not None]
        if self._metadata.leading_digits:
            shapes.append(rf"(?:{self._metadata.leading_digits})\d*")
        return re.compile("|".join(f"(?:{shape})" for shape in shapes if shape), re.ASCII)


@cache
def plan_of(country: str) -> Plan | None:
    """The numbering plan of a country, or None where libphonenumber knows none."""
    metadata = PhoneMetadata.metadata_for_region(country)
    return None if metadata is None else Plan(country, metadata)


def digit_counts(numbers: Numbers) -> Numbers:
    """How many digits each number has."""
    return np.searchsorted(POWERS_OF_TEN, numbers, side="right")


def misfits(country: str, firsts: Numbers, lasts: Numbers) -> NDArray[np.int8]:
    """For each range of numbers the `Misfit` that keeps it from being a country's.

    Args:
        country: A country code.
        firsts: The first number of each range.
        lasts: The last number of each range, of as many digits as its first.
    """
    found = np.zeros(len(firsts), np.int8)
    plan = plan_of(country)
    if plan is None:
        found[:] = Misfit.NO_PLAN
        return found
    national_digits = digit_counts(firsts) - len(str(plan.calling_code))
    scale = POWERS_OF_TEN[national_digits]
    possible = np.isin(national_digits, plan.national_digits)
    found[~possible] = Misfit.LENGTH
    code_fits = (firsts // scale == plan.calling_code) & (lasts // scale == plan.calling_code)
    found[~code_fits] = Misfit.CALLING_CODE
    if plan.rivals:
        rows = np.flatnonzero(found == Misfit.NONE)
        strange = _in_strange_blocks(plan, firsts[rows], lasts[rows], national_digits[rows])
        found[rows[strange]] = Misfit.OTHER_COUNTRY
    return found


def misfit_reason(misfit: int, country: str, first: int, last: int) -> str:
    """What to tell about a misfit, as a clause about the number or the range."""
    plan = plan_of(country)
    if plan is None:
        return f"no numbering plan is known for {country}"
    if misfit == Misfit.CALLING_CODE:
        return f"does not begin with {plan.calling_code}, the calling code of {country}"
    national_digits = len(str(first)) - len(str(plan.calling_code))
    if misfit == Misfit.LENGTH:
        lengths = ", ".join(map(str, plan.national_digits))
        return (
            f"has {national_digits} digits after the calling code {plan.calling_code};"
            f" numbers of {country} may have {lengths}"
        )
    scale = 10 ** _tail_digits(plan, national_digits)
    for block in range(first // scale, last // scale + 1):
        if not _fits(country, block, national_digits):
            owners = ", ".join(r for r in plan.rivals if _claims(r, block, national_digits))
            return f"belongs to {owners or f'no range of {country}'}, by its leading digits"
    raise AssertionError(f"{first}-{last} is no misfit")


def _tail_digits(plan: Plan, national_digits: int) -> int:
    """How many last digits of a number its block leaves open."""
    beyond_area_code = national_digits - AREA_CODE_DIGITS
    if plan.calling_code == NORTH_AMERICA:
        return beyond_area_code
    return min(beyond_area_code, TAIL_DIGITS_MAX)


def _in_strange_blocks(
    plan: Plan, firsts: Numbers, lasts: Numbers, national_digits: Numbers
) -> NDArray[np.bool_]:
    """Which ranges touch a block that cannot be the country's."""
    tails = [max(_tail_digits(plan, digits), 0) for digits in range(NUMBER_DIGITS_MAX)]
    scale = POWERS_OF_TEN[np.array(tails)[national_digits]]
    first_blocks = firsts // scale
    last_blocks = lasts // scale
    strange = np.zeros(len(firsts), np.bool_)
    # Neighbours in a file are mostly neighbours in the plan: one look-up for a run of them.
    changes = (np.diff(first_blocks) != 0) | (np.diff(national_digits) != 0)
    starts = np.flatnonzero(np.concatenate(([True], changes))[: len(firsts)])
    verdicts = [
        not _fits(plan.country, block, digits)
        for block, digits in zip(
            first_blocks[starts].tolist(), national_digits[starts].tolist(), strict=True
        )
    ]
    strange[:] = np.repeat(verdicts, np.diff(starts, append=len(firsts)))
    for row in np.flatnonzero(first_blocks != last_blocks).tolist():
        digits = int(national_digits[row])
        blocks = range(int(first_blocks[row]), int(last_blocks[row]) + 1)
        strange[row] = not all(_fits(plan.country, block, digits) for block in blocks)
    return strange


@lru_cache(BLOCKS_REMEMBERED)
def _fits(country: str, block: int, national_digits: int) -> bool:
    """Whether a block of a shared calling code may be a country's."""
    if _claims(country, block, national_digits):
        return True
    plan = plan_of(country)
    return (
        plan is not None
        and plan.is_main
        and not any(_claims(rival, block, national_digits) for rival in plan.rivals)
    )


def _claims(country: str, block: int, national_digits: int) -> bool:
    """Whether libphonenumber counts one of a block's numbers to a country."""
    plan = plan_of(country)
    if plan is None or national_digits not in plan.national_digits:
        return False
    prefix = str(block)[len(str(plan.calling_code)) :]
    tail_digits = national_digits - len(prefix)
    fits = plan.shape.fullmatch
    return any(fits(prefix + str(digit) * tail_digits) for digit in range(10))
