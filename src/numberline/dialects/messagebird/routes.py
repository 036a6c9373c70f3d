"""The MessageBird door: the operations on numbers, on the paths of the Numbers API, version 1."""

from typing import Final, TypeAlias

from litestar.openapi.spec import SecurityScheme

from numberline.dialects import shell
from numberline.dialects.front_door import FrontDoor
from numberline.dialects.messagebird import requests as asked
from numberline.dialects.messagebird.auth import authenticate
from numberline.dialects.messagebird.errors import BODY_ERRORS, ERRORS, Errors, describe
from numberline.dialects.messagebird.messages import (
    AvailableNumbers,
    AvailablePage,
    PurchasedNumber,
    PurchasedNumbers,
    Wording,
)
from numberline.dialects.messagebird.pools import add_pools
from numberline.dialects.openapi import answered, operation
from numberline.platform.catalogue import EVERY_OFFER
from numberline.platform.platform import Platform
from numberline.storage.queries import OwnedFilter, PageCut

Call: TypeAlias = shell.Call[Wording]


async def search(call: Call) -> AvailablePage:
    """Search the available numbers of a country."""
    parameters = call.parameters
    limit, offset = asked.read_page(parameters)
    asked.PRICES.read(parameters)
    filter_ = asked.read_filter(parameters, asked.COUNTRY_CODE.need(parameters))
    pattern = asked.read_pattern(parameters)
    page = call.platform.search(filter_, pattern, limit=limit, offset=offset)
    return AvailablePage(call.wording.available(page.hits), limit, len(page.hits))


async def purchased(call: Call) -> PurchasedNumbers:
    """List the numbers that the account rents."""
    parameters = call.parameters
    limit, offset = asked.read_page(parameters)
    offers = asked.read_filter(parameters, asked.COUNTRY.read(parameters))
    pattern = asked.read_pattern(parameters)
    filter_ = OwnedFilter(
        account_id=call.caller.account_id,
        offer_ids=None if offers == EVERY_OFFER else call.platform.offers(offers),
        globs=(pattern.text,) if pattern else (),
        tags=asked.read_tags(parameters),
    )
    rows, total = await call.platform.owned(filter_, PageCut(limit=limit, offset=offset))
    items = tuple(call.wording.purchased(row) for row in rows)
    return PurchasedNumbers(offset, limit, len(items), total, items)


async def purchase(call: Call) -> PurchasedNumber:
    """Rent a number."""
    parameters = call.parameters
    row = await call.platform.rent(
        call.caller.account_id,
        asked.NUMBER.need(parameters),
        country=asked.COUNTRY_CODE.need(parameters),
        interval_months=asked.BILLING_INTERVAL.read(parameters) or asked.INTERVALS_MONTHS[0],
    )
    return call.wording.purchased(row)


async def view(call: Call) -> PurchasedNumber:
    """Show a number that the account rents."""
    number = asked.NUMBER.need(call.parameters)
    row = await call.platform.owned_number(call.caller.account_id, number)
    return call.wording.purchased(row)


async def update(call: Call) -> PurchasedNumber:
    """Replace the tags of a number that the account rents; without tags nothing changes."""
    parameters = call.parameters
    number = asked.NUMBER.need(parameters)
    if not asked.NEW_TAGS.named_in(parameters):
        return await view(call)
    tags = asked.read_tags(parameters)
    return call.wording.purchased(await call.platform.tag(call.caller.account_id, number, tags))


async def cancel(call: Call) -> None:
    """Give a number back."""
    await call.platform.release(call.caller.account_id, asked.NUMBER.need(call.parameters))


# --- the door -------------------------------------------------------------------------------


DIALECT: Final = shell.Dialect(
    name="messagebird",
    version="1.0",
    description="The Numbers API of MessageBird, served by Numberline",
    authenticate=authenticate,
    describe=describe,
    write=shell.write_json,
    security=[{"accessKey": []}],
    security_schemes={
        "accessKey": SecurityScheme(
            type="apiKey",
            name="Authorization",
            security_scheme_in="header",
            description="AccessKey and the access key, with a blank between them",
        )
    },
)

NOT_FOUND: Final = {404: answered(Errors, "The account does not rent the number")}

AVAILABLE: Final = "/v1/available-phone-numbers/{countryCode}"
NUMBERS: Final = "/v1/phone-numbers"
ONE_NUMBER: Final = "/v1/phone-numbers/{number}"


def messagebird_door(platform: Platform) -> FrontDoor:
    """The door as an ASGI application, and where it stands."""
    door = shell.Shell(DIALECT, platform, Wording(platform))
    door.route(
        *("GET", AVAILABLE, search),
        description=operation(
            path=(asked.COUNTRY_CODE,),
            query=asked.SEARCH_FIELDS,
            responses=ERRORS | {200: answered(AvailableNumbers, "A page")},
        ),
    )
    door.route(
        *("GET", NUMBERS, purchased),
        description=operation(
            query=asked.OWNED_FIELDS, responses=ERRORS | {200: answered(PurchasedNumbers, "A page")}
        ),
    )
    door.route(
        *("POST", NUMBERS, purchase),
        description=operation(
            json=asked.PURCHASE_FIELDS,
            responses=BODY_ERRORS | {201: answered(PurchasedNumber, "The number was rented")},
        ),
        status=201,
    )
    door.route(
        *("GET", ONE_NUMBER, view),
        description=operation(
            path=(asked.NUMBER,),
            responses=ERRORS | NOT_FOUND | {200: answered(PurchasedNumber, "The number")},
        ),
    )
    door.route(
        *("PATCH", ONE_NUMBER, update),
        description=operation(
            path=(asked.NUMBER,),
            json=(asked.NEW_TAGS,),
            responses=BODY_ERRORS | NOT_FOUND | {200: answered(PurchasedNumber, "The number")},
        ),
    )
    door.route(
        *("DELETE", ONE_NUMBER, cancel),
        description=operation(
            path=(asked.NUMBER,),
            responses=ERRORS | NOT_FOUND | {204: answered(None, "The number was given back")},
        ),
        status=204,
    )
    add_pools(door)
    return door.door(segments=("v1",), hosts=("numbers.messagebird.com",))
