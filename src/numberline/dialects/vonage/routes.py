"""The Vonage door: five operations on the paths of the Numbers API."""

from functools import partial
from typing import Final, TypeAlias

from litestar.openapi.spec import SecurityScheme

from numberline.core.accounts import Door
from numberline.core.errors import InvalidValue
from numberline.dialects import shell
from numberline.dialects.answers import JSON, Answer
from numberline.dialects.front_door import FrontDoor
from numberline.dialects.openapi import answered, operation
from numberline.dialects.vonage import requests as asked
from numberline.dialects.vonage.auth import authenticate
from numberline.dialects.vonage.errors import SUCCESS, BadRequest, Response, describe
from numberline.dialects.vonage.messages import (
    AvailableNumbers,
    AvailablePage,
    OwnedNumbers,
    Wording,
    encode,
    xml,
)
from numberline.dialects.wire import Headers, prefers_xml
from numberline.platform.catalogue import OfferFilter
from numberline.platform.outbound import answers_200
from numberline.platform.platform import Platform
from numberline.storage.queries import OwnedFilter, PageCut

LIST_ROOT: Final = "inbound-numbers"
ACTION_ROOT: Final = "response"
XML: Final = "text/xml"

Call: TypeAlias = shell.Call[Wording]


async def acting_account(call: Call) -> str:
    """The account that an action is for: the caller's, or a sub-account of it."""
    key = asked.TARGET_API_KEY.read(call.parameters)
    if key is None or key == call.caller.key:
        return call.caller.account_id
    return await call.platform.sub_account(call.caller.account_id, Door.VONAGE, key)


async def search(call: Call) -> AvailablePage:
    """Search the available numbers of a country."""
    parameters = call.parameters
    size = asked.SIZE.read(parameters) or asked.SIZE_DEFAULT
    index = asked.INDEX.read(parameters) or 1
    filter_ = OfferFilter(
        countries=(asked.NEEDED_COUNTRY.need(parameters),),
        types=asked.TYPE.read(parameters) or (),
        any_direction=asked.FEATURES.read_list(parameters, ","),
    )
    pattern = asked.read_pattern(parameters)
    page = call.platform.search(filter_, pattern, limit=size, offset=(index - 1) * size)
    if not page.hits:
        return AvailablePage()
    return AvailablePage(page.total, call.wording.available(page.hits))


async def owned(call: Call) -> OwnedNumbers:
    """List the numbers that the account rents."""
    parameters = call.parameters
    size = asked.SIZE.read(parameters) or asked.SIZE_DEFAULT
    index = asked.INDEX.read(parameters) or 1
    country = asked.COUNTRY.read(parameters)
    offer_ids = call.platform.offers(OfferFilter(countries=(country,))) if country else None
    pattern = asked.read_pattern(parameters)
    filter_ = OwnedFilter(
        account_id=call.caller.account_id,
        offer_ids=offer_ids,
        globs=(pattern.text,) if pattern else (),
        application_id=asked.APPLICATION_ID.read(parameters),
        has_application=asked.HAS_APPLICATION.read(parameters),
    )
    cut = PageCut(limit=size, offset=(index - 1) * size)
    rows, total = await call.platform.owned(filter_, cut)
    if not rows:
        return OwnedNumbers()
    return OwnedNumbers(total, tuple(call.wording.owned(row) for row in rows))


async def buy(call: Call) -> Response:
    """Rent a number."""
    country, number = _named_number(call)
    account_id = await acting_account(call)
    await call.platform.rent(account_id, number, country=country)
    return SUCCESS


async def cancel(call: Call) -> Response:
    """Give a number back at once."""
    country, number = _named_number(call)
    account_id = await acting_account(call)
    await call.platform.release(account_id, number, country=country)
    return SUCCESS


async def update(call: Call) -> Response:
    """Change where a number's traffic goes."""
    country, number = _named_number(call)
    update = asked.read_update(call.parameters)
    settings = call.platform.settings
    account_id = call.caller.account_id
    row = await call.platform.owned_number(account_id, number)
    configuration = update.over(row.configuration, merge=settings.vonage_update == "merge")
    webhook = configuration.sms_webhook_url
    is_new = webhook not in ("", row.configuration.sms_webhook_url)
    if settings.vonage_probe_sms_webhook and is_new and not await answers_200(webhook):
        raise InvalidValue(asked.MO_HTTP_URL.name, "Must answer a GET request with 200 OK.")
    await call.platform.configure(account_id, number, configuration, country=country)
    return SUCCESS


def _named_number(call: Call) -> tuple[str, int]:
    parameters = call.parameters
    return asked.NEEDED_COUNTRY.need(parameters), asked.MSISDN.need(parameters)


# --- the door -------------------------------------------------------------------------------


def write(root: str, status: int, message: shell.Message, headers: Headers) -> Answer:
    """A message in JSON, or in XML under a root where the client prefers it."""
    assert message is not None  # noqa: S101  every answer of Vonage has a body
    if prefers_xml(headers.accept):
        return Answer(xml(root, message), status, XML)
    return Answer(encode(message), status, JSON)


WRITE_LIST: Final = partial(write, LIST_ROOT)
WRITE_ACTION: Final = partial(write, ACTION_ROOT)

DIALECT: Final = shell.Dialect(
    name="vonage",
    version="1.1.0",
    description="The Numbers API of Vonage, served by Numberline",
    authenticate=authenticate,
    describe=describe,
    write=WRITE_ACTION,
    security=[{"basic": []}, {"apiKey": [], "apiSecret": []}],
    security_schemes={
        "basic": SecurityScheme(type="http", scheme="basic"),
        "apiKey": SecurityScheme(type="apiKey", name="api_key", security_scheme_in="query"),
        "apiSecret": SecurityScheme(type="apiKey", name="api_secret", security_scheme_in="query"),
    },
)

ERRORS: Final = {
    400: answered(BadRequest, "A parameter is missing or bad"),
    401: answered(Response, "The credentials are missing or wrong"),
    408: answered(Response, "The body did not arrive in time"),
    413: answered(Response, "The body is too large"),
    503: answered(Response, "The server cannot take the request now; try again"),
}
ACTION_ANSWERS: Final = ERRORS | {
    200: answered(Response, "The action was carried out"),
    420: answered(Response, "The action was refused"),
}
LISTS: Final = (
    ("/account/numbers", owned, asked.OWNED_FIELDS, OwnedNumbers),
    ("/number/search", search, asked.SEARCH_FIELDS, AvailableNumbers),
)
ACTIONS: Final = (
    ("/number/buy", buy, asked.NUMBER_FIELDS),
    ("/number/cancel", cancel, asked.NUMBER_FIELDS),
    ("/number/update", update, asked.UPDATE_FIELDS),
)


def vonage_door(platform: Platform) -> FrontDoor:
    """The door as an ASGI application, and where it stands."""
    door = shell.Shell(DIALECT, platform, Wording(platform))
    for path, handler, fields, page in LISTS:
        door.route(
            *("GET", path, handler),
            description=operation(
                query=fields, also=(XML,), responses=ERRORS | {200: answered(page, "A page")}
            ),
            write=WRITE_LIST,
        )
    for path, action, form in ACTIONS:
        door.route(
            *("POST", path, action),
            description=operation(form=form, also=(XML,), responses=ACTION_ANSWERS),
        )
    return door.door(
        segments=("account", "number"),
        hosts=("rest.nexmo.com", "api.nexmo.com"),
    )
