"""The Sinch door: the stock, the numbers of a project, and where it is told of them."""

from collections import defaultdict
from typing import Any, Final, TypeAlias

from litestar.openapi.spec import SecurityScheme
from msgspec import UNSET

from numberline.core.accounts import Credential
from numberline.core.errors import InvalidValue, NumberNotAvailable, NumberNotInStock
from numberline.core.provisioning import Setup
from numberline.core.rows import NumberRow
from numberline.dialects import shell
from numberline.dialects.answers import JSON, Answer
from numberline.dialects.fields import Field
from numberline.dialects.front_door import FrontDoor
from numberline.dialects.openapi import Description, answered, operation
from numberline.dialects.paging import Paging, its_number
from numberline.dialects.sinch import emergency
from numberline.dialects.sinch import requests as asked
from numberline.dialects.sinch.auth import (
    AccessToken,
    authenticate,
    authenticate_client,
    issue_token,
)
from numberline.dialects.sinch.errors import (
    AVAILABLE_NUMBER,
    Error,
    ResourceNotFound,
    TokenError,
    describe,
    describe_token_error,
)
from numberline.dialects.sinch.messages import (
    TYPE_WORDS,
    UNSPECIFIED,
    ActiveNumber,
    ActiveNumbers,
    AvailableNumber,
    AvailableNumbers,
    AvailablePage,
    CallbackConfiguration,
    Region,
    Regions,
    Wording,
    encode,
)
from numberline.dialects.sinch.regions import region_names
from numberline.dialects.wire import Headers
from numberline.platform.addresses import Unreachable
from numberline.platform.catalogue import EVERY_OFFER
from numberline.platform.page_tokens import Position
from numberline.platform.platform import Platform
from numberline.storage.queries import OwnedFilter, PageCut

Call: TypeAlias = shell.Call[Wording]


def project_of(caller: Credential) -> str:
    """The project for which a credential is."""
    (project_id,) = caller.scope
    return project_id


def active(call: Call, row: NumberRow) -> ActiveNumber:
    """A number that the caller's project rents, in Sinch's words."""
    return call.wording.active(row, project_of(call.caller))


# --- the stock ------------------------------------------------------------------------------


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
    return message  # type: ignore[return-value]  # it is encoded already


async def rent(call: Call) -> ActiveNumber:
    """Rent a number, and have it set up."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    setup = await read_setup(call)
    row = await call.platform.rent(call.caller.account_id, number, setup=setup)
    return active(call, row)


RENT_ANY_TRIES: Final = 5
"""How often another number is taken because somebody else was first."""


async def rent_any(call: Call) -> ActiveNumber:
    """Rent the first number that looks like what is asked for."""
    parameters = call.parameters
    wanted = asked.read_wanted(
        parameters, asked.NEEDED_REGION.need(parameters), asked.NEEDED_TYPE.need(parameters)
    )
    asked.check_object(parameters, "numberPattern", may_be_empty=True)
    setup = await read_setup(call)
    for _ in range(0 if wanted.nothing else RENT_ANY_TRIES):
        hits = call.platform.search(wanted.offers, wanted.pattern, limit=1).hits
        if not hits:
            break
        try:
            row = await call.platform.rent(call.caller.account_id, hits[0].number, setup=setup)
        except NumberNotAvailable:
            continue
        return active(call, row)
    raise ResourceNotFound(AVAILABLE_NUMBER, "")


async def read_setup(call: Call) -> Setup | None:
    """What a request wants of a number; its callback URL leads nowhere that it must not.

    Raises:
        InvalidValue: A value is bad.
    """
    setup = asked.read_setup(call.parameters)
    if setup is not None and setup.callback_url:
        try:
            await call.platform.check_callback_url(setup.callback_url)
        except Unreachable as error:
            raise InvalidValue(asked.CALLBACK_URL.name, f"{error}.") from error
    return setup


# --- the numbers of a project ---------------------------------------------------------------


def its_name(row: NumberRow) -> Position:
    """Where a list by display name stands at a number."""
    return row.configuration.display_name, row.number


async def list_active(call: Call) -> ActiveNumbers:
    """List the numbers that the project rents."""
    parameters = call.parameters
    wanted = asked.read_wanted(
        parameters, asked.REGION.read(parameters), asked.TYPE.read(parameters)
    )
    order = asked.ORDER_BY.read(parameters) or asked.Order()
    page = Paging(
        call.platform.page_tokens,
        parameters,
        f"active numbers\0{call.caller.account_id}\0{wanted}\0{order}",
        token_field=asked.PAGE_TOKEN,
        limit=asked.PAGE_SIZE.read(parameters) or asked.SIZE_DEFAULT,
    )
    if wanted.nothing:
        return ActiveNumbers((), "", 0)
    offers = None if wanted.offers == EVERY_OFFER else call.platform.offers(wanted.offers)
    filter_ = OwnedFilter(
        account_id=call.caller.account_id,
        offer_ids=offers,
        globs=(wanted.pattern.text,) if wanted.pattern else (),
    )
    cut = PageCut(
        limit=page.wanted, after=page.after, descending=order.descending, by_name=order.by_name
    )
    rows, total = await call.platform.owned(filter_, cut)
    rows_, token = page.cut(rows, its_name if order.by_name else its_number)
    numbers = tuple(active(call, row) for row in rows_)
    return ActiveNumbers(numbers, "" if token is UNSET else str(token), total)


async def view_active(call: Call) -> ActiveNumber:
    """Show a number that the project rents."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    return active(call, await call.platform.owned_number(call.caller.account_id, number))


async def update(call: Call) -> ActiveNumber:
    """Have a number set up otherwise; what is left out stays as it is."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    setup = await read_setup(call)
    if setup is None:
        return await view_active(call)
    return active(call, await call.platform.set_up(call.caller.account_id, number, setup))


async def release(call: Call) -> ActiveNumber:
    """Give a number back when its interval ends; until then it stays as it is."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    row = await call.platform.release(call.caller.account_id, number, at_renewal=True)
    return active(call, row)


# --- events ---------------------------------------------------------------------------------


async def view_callbacks(call: Call) -> CallbackConfiguration:
    """Show the secret under which events are signed."""
    secret = await call.platform.webhook_secret(call.caller.account_id)
    return CallbackConfiguration(project_of(call.caller), secret)


async def update_callbacks(call: Call) -> CallbackConfiguration:
    """Sign events under another secret from now on."""
    if asked.HMAC_SECRET.named_in(call.parameters):
        secret = asked.HMAC_SECRET.read(call.parameters)
        if secret is None:
            raise InvalidValue(asked.HMAC_SECRET.name, "Must not be empty.")
        await call.platform.set_webhook_secret(call.caller.account_id, secret)
    return await view_callbacks(call)


# --- the door -------------------------------------------------------------------------------


def write(status: int, message: shell.Message, headers: Headers) -> Answer:
    """A message in JSON; who is not let in is told why in a header, from which SDKs learn."""
    del headers
    extra = {}
    if status == 401 and isinstance(message, Error):  # noqa: PLR2004  named by HTTP
        told = f'error="invalid_token", error_description="{message.error.message}"'
        extra = {"www-authenticate": f"Bearer {told}"}
    return Answer(encode(message), status, JSON, extra)


def write_token(status: int, message: shell.Message, headers: Headers) -> Answer:
    """A message of the token endpoint, with the headers that RFC 6749 asks for (5.1, 5.2)."""
    del headers
    extra = {"cache-control": "no-store"}
    if status == 401:  # noqa: PLR2004  named by HTTP
        extra["www-authenticate"] = 'Basic realm="access tokens"'
    return Answer(encode(message), status, JSON, extra)


DIALECT: Final = shell.Dialect(
    name="sinch",
    version="1.0",
    description="The Numbers API of Sinch, served by Numberline",
    authenticate=authenticate,
    describe=describe,
    write=write,
    security=[{"bearer": []}, {"basic": []}],
    security_schemes={
        "bearer": SecurityScheme(
            type="http", scheme="bearer", description="An access token of /oauth2/token"
        ),
        "basic": SecurityScheme(type="http", scheme="basic", description="The key and its secret"),
    },
)
TOKEN_DIALECT: Final = shell.Dialect(
    name=DIALECT.name,
    version=DIALECT.version,
    description=DIALECT.description,
    authenticate=authenticate_client,
    describe=describe_token_error,
    write=write_token,
    security=[{"basic": []}],
    security_schemes={},
)

ERRORS: Final = {
    400: answered(Error, "A parameter is missing or bad, or the action is refused"),
    401: answered(Error, "The access token is missing, wrong or expired"),
    404: answered(Error, "There is no such project or number of the caller"),
    503: answered(Error, "The server cannot take the request now; try again"),
}
BODY_ERRORS: Final = ERRORS | {
    408: answered(Error, "The body did not arrive in time"),
    413: answered(Error, "The body is too large"),
}
TOKEN_ERRORS: Final = {
    status: answered(TokenError, "No token is issued") for status in (400, 401, 408, 413, 503)
}

VERB_ROOT: Final = "/v1/projects/"
PROJECT_PATH: Final = "/v1/projects/{projectId}"
AVAILABLE: Final = f"{PROJECT_PATH}/availableNumbers"
ONE_AVAILABLE: Final = f"{AVAILABLE}/{{phoneNumber}}"
ACTIVE: Final = f"{PROJECT_PATH}/activeNumbers"
ONE_ACTIVE: Final = f"{ACTIVE}/{{phoneNumber}}"
EMERGENCY: Final = f"{ONE_ACTIVE}/emergencyAddress"
CALLBACKS: Final = f"{PROJECT_PATH}/callbackConfiguration"

OF_PROJECT: Final = (asked.PROJECT,)
OF_NUMBER: Final = (asked.PROJECT, asked.PHONE_NUMBER)


def changes(message: type[object], told: str, *fields: Field[Any]) -> Description:
    """The description of an operation on one number that has a body."""
    return operation(
        path=OF_NUMBER, json=fields, responses=BODY_ERRORS | {200: answered(message, told)}
    )


def sinch_door(platform: Platform) -> FrontDoor:
    """The door as an ASGI application, and where it stands."""
    door = shell.Shell(DIALECT, platform, Wording(platform), verb_roots=(VERB_ROOT,))
    _add_stock(door)
    _add_active_numbers(door)
    _add_emergency_addresses(door)
    _add_callbacks(door)
    door.route(
        *("POST", "/oauth2/token", issue_token),
        description=operation(
            form=(asked.GRANT_TYPE, asked.CLIENT_ID, asked.CLIENT_SECRET),
            responses=TOKEN_ERRORS | {200: answered(AccessToken, "A token")},
        ),
        dialect=TOKEN_DIALECT,
    )
    return door.door(
        segments=("v1/projects", "oauth2"), hosts=("numbers.api.sinch.com", "auth.sinch.com")
    )


def _add_stock(door: shell.Shell[Wording]) -> None:
    door.route(
        *("GET", f"{PROJECT_PATH}/availableRegions", list_regions),
        description=operation(
            path=OF_PROJECT,
            query=(asked.REGION_TYPES,),
            responses=ERRORS | {200: answered(Regions, "The countries")},
        ),
    )
    door.route(
        *("GET", AVAILABLE, search),
        description=operation(
            path=OF_PROJECT,
            query=asked.SEARCH_FIELDS,
            responses=ERRORS | {200: answered(AvailableNumbers, "What was found")},
        ),
    )
    door.route(
        *("POST", f"{AVAILABLE}:rentAny", rent_any),
        description=operation(
            path=OF_PROJECT,
            json=(*asked.RENT_ANY_FIELDS, *asked.SETUP_FIELDS),
            responses=BODY_ERRORS | {200: answered(ActiveNumber, "A number was rented")},
        ),
    )
    door.route(
        *("GET", ONE_AVAILABLE, view_available),
        description=operation(
            path=OF_NUMBER, responses=ERRORS | {200: answered(AvailableNumber, "The number")}
        ),
    )
    door.route(
        *("POST", f"{ONE_AVAILABLE}:rent", rent),
        description=changes(ActiveNumber, "The number was rented", *asked.SETUP_FIELDS),
    )


def _add_active_numbers(door: shell.Shell[Wording]) -> None:
    door.route(
        *("GET", ACTIVE, list_active),
        description=operation(
            path=OF_PROJECT,
            query=asked.OWNED_FIELDS,
            responses=ERRORS | {200: answered(ActiveNumbers, "A page")},
        ),
    )
    door.route(
        *("GET", ONE_ACTIVE, view_active),
        description=operation(
            path=OF_NUMBER, responses=ERRORS | {200: answered(ActiveNumber, "The number")}
        ),
    )
    door.route(
        *("PATCH", ONE_ACTIVE, update),
        description=changes(
            ActiveNumber, "The number, with what is under way", *asked.UPDATE_FIELDS
        ),
    )
    door.route(
        *("POST", f"{ONE_ACTIVE}:release", release),
        description=changes(ActiveNumber, "The number, with its end"),
    )


def _add_emergency_addresses(door: shell.Shell[Wording]) -> None:
    door.route(
        *("GET", EMERGENCY, emergency.view_address),
        description=operation(
            path=OF_NUMBER, responses=ERRORS | {200: answered(emergency.Address, "The address")}
        ),
    )
    door.route(
        *("POST", f"{EMERGENCY}:validate", emergency.validate_address),
        description=changes(emergency.AddressValidation, "What was found", *emergency.FIELDS),
    )
    door.route(
        *("POST", f"{EMERGENCY}:provision", emergency.provision_address),
        description=changes(emergency.Address, "The address", *emergency.FIELDS),
    )
    door.route(
        *("POST", f"{EMERGENCY}:deprovision", emergency.deprovision_address),
        description=changes(emergency.Nothing, "The address was taken away"),
    )


def _add_callbacks(door: shell.Shell[Wording]) -> None:
    responses = {200: answered(CallbackConfiguration, "The configuration")}
    door.route(
        *("GET", CALLBACKS, view_callbacks),
        description=operation(path=OF_PROJECT, responses=ERRORS | responses),
    )
    door.route(
        *("PATCH", CALLBACKS, update_callbacks),
        description=operation(
            path=OF_PROJECT, json=(asked.HMAC_SECRET,), responses=BODY_ERRORS | responses
        ),
    )
