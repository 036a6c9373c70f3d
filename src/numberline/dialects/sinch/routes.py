"""The Sinch door: the stock, the numbers of a project, and where it is told of them."""

from typing import Any, Final, TypeAlias

from litestar.openapi.spec import SecurityScheme

from numberline.dialects import shell
from numberline.dialects.answers import JSON, Answer
from numberline.dialects.fields import Field
from numberline.dialects.front_door import FrontDoor
from numberline.dialects.openapi import Description, answered, operation
from numberline.dialects.sinch import active, emergency, stock
from numberline.dialects.sinch import requests as asked
from numberline.dialects.sinch.auth import (
    AccessToken,
    authenticate,
    authenticate_client,
    issue_token,
)
from numberline.dialects.sinch.errors import (
    Error,
    TokenError,
    describe,
    describe_token_error,
)
from numberline.dialects.sinch.messages import (
    ActiveNumber,
    ActiveNumbers,
    AvailableNumber,
    AvailableNumbers,
    CallbackConfiguration,
    Regions,
    Wording,
    encode,
)
from numberline.dialects.wire import Headers
from numberline.platform.platform import Platform

Call: TypeAlias = shell.Call[Wording]


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
        *("GET", f"{PROJECT_PATH}/availableRegions", stock.list_regions),
        description=operation(
            path=OF_PROJECT,
            query=(asked.REGION_TYPES,),
            responses=ERRORS | {200: answered(Regions, "The countries")},
        ),
    )
    door.route(
        *("GET", AVAILABLE, stock.search),
        description=operation(
            path=OF_PROJECT,
            query=asked.SEARCH_FIELDS,
            responses=ERRORS | {200: answered(AvailableNumbers, "What was found")},
        ),
    )
    door.route(
        *("POST", f"{AVAILABLE}:rentAny", stock.rent_any),
        description=operation(
            path=OF_PROJECT,
            json=(*asked.RENT_ANY_FIELDS, *asked.SETUP_FIELDS),
            responses=BODY_ERRORS | {200: answered(ActiveNumber, "A number was rented")},
        ),
    )
    door.route(
        *("GET", ONE_AVAILABLE, stock.view_available),
        description=operation(
            path=OF_NUMBER, responses=ERRORS | {200: answered(AvailableNumber, "The number")}
        ),
    )
    door.route(
        *("POST", f"{ONE_AVAILABLE}:rent", stock.rent),
        description=changes(ActiveNumber, "The number was rented", *asked.SETUP_FIELDS),
    )


def _add_active_numbers(door: shell.Shell[Wording]) -> None:
    door.route(
        *("GET", ACTIVE, active.list_active),
        description=operation(
            path=OF_PROJECT,
            query=asked.OWNED_FIELDS,
            responses=ERRORS | {200: answered(ActiveNumbers, "A page")},
        ),
    )
    door.route(
        *("GET", ONE_ACTIVE, active.view_active),
        description=operation(
            path=OF_NUMBER, responses=ERRORS | {200: answered(ActiveNumber, "The number")}
        ),
    )
    door.route(
        *("PATCH", ONE_ACTIVE, active.update),
        description=changes(
            ActiveNumber, "The number, with what is under way", *asked.UPDATE_FIELDS
        ),
    )
    door.route(
        *("POST", f"{ONE_ACTIVE}:release", active.release),
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
        *("GET", CALLBACKS, active.view_callbacks),
        description=operation(path=OF_PROJECT, responses=ERRORS | responses),
    )
    door.route(
        *("PATCH", CALLBACKS, active.update_callbacks),
        description=operation(
            path=OF_PROJECT, json=(asked.HMAC_SECRET,), responses=BODY_ERRORS | responses
        ),
    )
