"""The operations on the stock: where numbers can be rented, which, and renting them."""

from collections import defaultdict
from typing import Final, TypeAlias

import msgspec

from numberline.core.errors import (
    DocumentsRequired,
    NumberAlreadyOwned,
    NumberlineError,
    NumberNotAvailable,
    NumberNotInStock,
)
from numberline.dialects import shell
from numberline.dialects.sinch import requests as asked
from numberline.dialects.sinch.active import active, read_setup
from numberline.dialects.sinch.errors import AVAILABLE_NUMBER, ResourceNotFound
from numberline.dialects.sinch.messages import (
    TYPE_WORDS,
    UNSPECIFIED,
    ActiveNumber,
    AvailableNumber,
    AvailablePage,
    Region,
    Regions,
    Wording,
)
from numberline.dialects.sinch.regions import region_names

RENT_ANY_TRIES: Final = 100
"""How many numbers are tried where others are first."""

Call: TypeAlias = shell.Call[Wording]


async def list_regions(call: Call) -> Regions:
    """List the countries in which numbers can be rented, and of which types."""
    groups = asked.REGION_TYPES.read_list(call.parameters, ",")
    types_by_country: dict[str, set[str]] = defaultdict(set)
    for offer_id in call.platform.offers_on_sale():
        offer = call.platform.offer(offer_id)
        if TYPE_WORDS[offer.type] != UNSPECIFIED:
            types_by_country[offer.country].add(TYPE_WORDS[offer.type])
    names = await region_names()
    words = {TYPE_WORDS[type_] for group in groups for type_ in group}
    return Regions(
        tuple(
            Region(country, names.get(country, country), tuple(sorted(types)))
            for country, types in sorted(types_by_country.items())
            if not words or words & types
        )
    )


async def search(call: Call) -> AvailablePage:
    """Search the numbers of a country that can be rented."""
    parameters = call.parameters
    wanted = asked.read_wanted(
        parameters, asked.NEEDED_REGION.need(parameters), asked.NEEDED_TYPE.need(parameters)
    )
    limit = asked.SIZE.read(parameters) or asked.SIZE_DEFAULT
    if wanted.nothing:
        return AvailablePage([])
    page = call.platform.search(wanted.offers, wanted.pattern, limit=limit)
    return AvailablePage(call.wording.available(page.hits))


async def view_available(call: Call) -> AvailableNumber:
    """Show a number that can be rented."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    offer_id = call.platform.catalogue.stocked(number)
    if offer_id is None:
        raise NumberNotInStock(number)
    (message,) = call.wording.available([(number, offer_id)])
    return msgspec.json.decode(message, type=AvailableNumber)


async def rent(call: Call) -> ActiveNumber:
    """Rent a number, and have it set up."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    setup = await read_setup(call)
    row = await call.platform.rent(call.caller.account_id, number, setup=setup)
    return active(call, row)


async def rent_any(call: Call) -> ActiveNumber:
    """Rent the first number that looks like what is asked for and that the account may rent."""
    parameters = call.parameters
    wanted = asked.read_wanted(
        parameters, asked.NEEDED_REGION.need(parameters), asked.NEEDED_TYPE.need(parameters)
    )
    asked.check_object(parameters, "numberPattern", may_be_empty=True)
    setup = await read_setup(call)
    if wanted.nothing:
        raise ResourceNotFound(AVAILABLE_NUMBER, "")
    # What is tried comes from memory, where a number may stand that was rented a moment ago.
    hits = call.platform.search(wanted.offers, wanted.pattern, limit=RENT_ANY_TRIES).hits
    refusal: NumberlineError = ResourceNotFound(AVAILABLE_NUMBER, "")
    for hit in hits:
        try:
            row = await call.platform.rent(call.caller.account_id, hit.number, setup=setup)
        except (NumberNotAvailable, NumberAlreadyOwned):
            continue
        except DocumentsRequired as error:
            refusal = error
            continue
        return active(call, row)
    raise refusal
