"""The Bird door: the stock of an organization, and the numbers of a workspace."""

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import Final, TypeAlias

from litestar.openapi.spec import SecurityScheme
from msgspec import UnsetType

from numberline.core.errors import NumberNotOwned, RentalsRefused
from numberline.core.rows import NumberRow
from numberline.dialects import shell
from numberline.dialects.bird import requests as asked
from numberline.dialects.bird.auth import authenticate
from numberline.dialects.bird.errors import Error, ItemsRefused, describe
from numberline.dialects.bird.ids import NUMBERS, STOCK_ITEMS
from numberline.dialects.bird.messages import (
    LongCodeNumber,
    LongCodeNumbers,
    Number,
    Numbers,
    Page,
    StockItems,
    Wording,
)
from numberline.dialects.front_door import FrontDoor
from numberline.dialects.openapi import answered, operation
from numberline.dialects.paging import Paging
from numberline.platform.catalogue import EVERY_OFFER
from numberline.platform.platform import Platform
from numberline.storage.queries import OwnedFilter, PageCut

Call: TypeAlias = shell.Call[Wording]

NO_NUMBER: Final = 0
"""Stands for the number of an identifier that has none; it is in nobody's stock."""


def paging(call: Call, name: str, filters: str) -> Paging:
    """The page that a request asks for, of the list that its filters make."""
    return Paging(
        call.platform.page_tokens,
        call.parameters,
        f"{name}\0{call.caller.account_id}\0{filters}",
        token_field=asked.PAGE_TOKEN,
        limit=asked.LIMIT.read(call.parameters) or asked.LIMIT_DEFAULT,
    )


async def search(call: Call) -> Page:
    """Search the numbers that can be bought."""
    searches, text = asked.read_searches(call.parameters)
    page = paging(call, "stock items", text)
    found = [
        call.platform.search(filter_, pattern, limit=page.wanted, after=page.after_number).hits
        for filter_, pattern in searches
    ]
    hits, token = page.cut(found[0] if len(found) == 1 else [*islice(merge(*found), page.wanted)])
    return Page(call.wording.available(hits), token)


async def buy(call: Call) -> LongCodeNumbers:
    """Rent the numbers of up to 25 stock items, all of them or none."""
    item_ids = asked.read_item_ids(call.parameters)
    numbers = {item_id: STOCK_ITEMS.number(item_id) or NO_NUMBER for item_id in item_ids}
    wanted = tuple(dict.fromkeys(numbers.values()))
    try:
        rows = await call.platform.rent_together(call.caller.account_id, wanted)
    except RentalsRefused as error:
        refusals = error.refusals
        raise ItemsRefused(
            {id_: refusals[number] for id_, number in numbers.items() if number in refusals}
        ) from error
    return LongCodeNumbers(tuple(call.wording.long_code(row) for row in rows))


async def owned(
    call: Call, name: str, wanted: asked.Owned
) -> tuple[Sequence[NumberRow], str | UnsetType]:
    """A page of the numbers that the caller's account rents, and the token of the next."""
    descending = asked.REVERSE.read(call.parameters) or False
    page = paging(call, name, f"{wanted} {descending}")
    filter_ = OwnedFilter(
        account_id=call.caller.account_id,
        offer_ids=None if wanted.offers == EVERY_OFFER else call.platform.offers(wanted.offers),
        globs=wanted.globs,
    )
    cut = PageCut(limit=page.wanted, after=page.after, descending=descending)
    rows, _ = await call.platform.owned(filter_, cut)
    return page.cut(rows)


async def long_codes(call: Call) -> Page:
    """List the long codes that the workspace rents."""
    rows, token = await owned(call, "long codes", asked.read_long_code_filter(call.parameters))
    return Page([call.wording.long_code(row) for row in rows], token)


async def long_code(call: Call) -> LongCodeNumber:
    """Show a long code that the workspace rents."""
    row = await call.platform.owned_number(call.caller.account_id, read_number(call))
    return call.wording.long_code(row)


async def numbers(call: Call) -> Page:
    """List the numbers that the workspace rents, with their subscriptions."""
    wanted = asked.read_numbers_filter(call.parameters)
    if wanted is None:
        return Page([])
    rows, token = await owned(call, "numbers", wanted)
    return Page([call.wording.number(row) for row in rows], token)


async def cancel(call: Call) -> Number:
    """Cancel the subscription of a number, which ends with the interval that is paid."""
    account_id, number = call.caller.account_id, read_number(call)
    row = await call.platform.release(account_id, number, at_renewal=True)
    return call.wording.number(row)


def read_number(call: Call) -> int:
    """The number whose identifier a path has.

    Raises:
        NumberNotOwned: It is no number's identifier.
    """
    number = NUMBERS.number(asked.NUMBER_ID.need(call.parameters))
    if number is None:
        raise NumberNotOwned(NO_NUMBER)
    return number


# --- the door -------------------------------------------------------------------------------

DIALECT: Final = shell.Dialect(
    name="bird",
    version="1.0",
    description="The numbers of the Bird API, served by Numberline",
    authenticate=authenticate,
    describe=describe,
    write=shell.write_json,
    security=[{"accessKey": []}, {"bearer": []}],
    security_schemes={
        "accessKey": SecurityScheme(
            type="apiKey",
            name="Authorization",
            security_scheme_in="header",
            description="AccessKey and the access key, with a blank between them",
        ),
        "bearer": SecurityScheme(type="http", scheme="bearer", description="The access key"),
    },
)

ERRORS: Final = {
    400: answered(Error, "A parameter is missing or bad, or a page token is not of this list"),
    401: answered(Error, "The access key is missing or wrong"),
    404: answered(Error, "There is no such organization, workspace or number of the caller"),
    503: answered(Error, "The server cannot take the request now; try again"),
}
REFUSED: Final = {422: answered(Error, "The purchase is refused, and nothing was bought")}
BODY_ERRORS: Final = ERRORS | {
    408: answered(Error, "The body did not arrive in time"),
    413: answered(Error, "The body is too large"),
}

STOCK: Final = "/organizations/{organizationId}/numbers-stock-items"
LONG_CODES: Final = "/workspaces/{workspaceId}/numbers-long-code"
NUMBERS_PATH: Final = "/workspaces/{workspaceId}/numbers"
ONE_NUMBER: Final = (asked.WORKSPACE, asked.NUMBER_ID)


def bird_door(platform: Platform) -> FrontDoor:
    """The door as an ASGI application, and where it stands."""
    door = shell.Shell(DIALECT, platform, Wording(platform))
    door.route(
        *("GET", STOCK, search),
        description=operation(
            path=(asked.ORGANIZATION,),
            query=asked.STOCK_FIELDS,
            responses=ERRORS | {200: answered(StockItems, "A page")},
        ),
    )
    door.route(
        *("POST", LONG_CODES, buy),
        description=operation(
            path=(asked.WORKSPACE,),
            json=(asked.ITEM_IDS,),
            responses=BODY_ERRORS | REFUSED | {201: answered(LongCodeNumbers, "All were bought")},
        ),
        status=201,
    )
    door.route(
        *("GET", LONG_CODES, long_codes),
        description=operation(
            path=(asked.WORKSPACE,),
            query=asked.LONG_CODE_FIELDS,
            responses=ERRORS | {200: answered(LongCodeNumbers, "A page")},
        ),
    )
    door.route(
        *("GET", f"{LONG_CODES}/{{numberId}}", long_code),
        description=operation(
            path=ONE_NUMBER, responses=ERRORS | {200: answered(LongCodeNumber, "The long code")}
        ),
    )
    door.route(
        *("GET", NUMBERS_PATH, numbers),
        description=operation(
            path=(asked.WORKSPACE,),
            query=asked.NUMBERS_FIELDS,
            responses=ERRORS | {200: answered(Numbers, "A page")},
        ),
    )
    door.route(
        *("POST", f"{NUMBERS_PATH}/{{numberId}}/cancel-subscription", cancel),
        description=operation(
            path=ONE_NUMBER,
            responses=BODY_ERRORS | {200: answered(Number, "The number, with its end")},
        ),
    )
    return door.door(segments=("organizations", "workspaces"), hosts=("api.bird.com",))
