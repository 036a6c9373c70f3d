"""The names of countries in English, as libphonenumber's data has them."""

import asyncio
from collections.abc import Mapping
from functools import cache


async def region_names() -> Mapping[str, str]:
    """The name of each country by its code; reading the data takes a second the first time."""
    return await asyncio.to_thread(_names)


@cache
def _names() -> dict[str, str]:
    from phonenumbers.geodata.locale import LOCALE_DATA

    return {country: _name(country, names) for country, names in LOCALE_DATA.items()}


def _name(country: str, names: Mapping[str, str]) -> str:
    name = names.get("en", country)
    # A star points at the language whose spelling is the same.
    return names[name[1:]] if name.startswith("*") else name
