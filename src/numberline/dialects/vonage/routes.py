"""The Vonage door: five operations on the paths of the Numbers API."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import litestar
import msgspec
import structlog
from litestar import Litestar, Request, get, post
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin
from litestar.openapi.spec import Components, Operation, SecurityScheme
from litestar.types import Receive, Scope

from numberline.core.accounts import Credential, Door
from numberline.core.errors import InvalidValue, NumberlineError
from numberline.dialects.answers import JSON, Answer
from numberline.dialects.fields import Field
from numberline.dialects.front_door import Endpoint, FrontDoor, in_framework
from numberline.dialects.openapi import operation
from numberline.dialects.vonage import requests as asked
from numberline.dialects.vonage.auth import authenticate
from numberline.dialects.vonage.errors import (
    FAULT,
    SUCCESS,
    BadRequest,
    Response,
    describe,
)
from numberline.dialects.vonage.messages import (
    AvailableNumbers,
    AvailablePage,
    OwnedNumbers,
    Wording,
    encode,
    xml,
)
from numberline.dialects.wire import (
    Parameters,
    prefers_xml,
    read_headers,
    read_parameters,
)
from numberline.platform.catalogue import OfferFilter
from numberline.platform.outbound import answers_200
from numberline.platform.platform import Platform
from numberline.storage.queries import OwnedFilter

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

LIST_ROOT: Final = "inbound-numbers"
ACTION_ROOT: Final = "response"
XML: Final = "text/xml"

log = structlog.get_logger()

AnyRequest: TypeAlias = Request[Any, Any, Any]


class Call:
    """A request that has been read: its parameters and who makes it."""

    __slots__ = ("caller", "parameters", "platform", "wording")

    def __init__(
        self, platform: Platform, wording: Wording, parameters: Parameters, caller: Credential
    ) -> None:
        self.platform = platform
        self.wording = wording
        self.parameters = parameters
        self.caller = caller

    async def acting_account(self) -> str:
        """The account that an action is for: the caller's, or a sub-account of it."""
        key = asked.TARGET_API_KEY.read(self.parameters)
        if key is None or key == self.caller.key:
            return self.caller.account_id
        return await self.platform.sub_account(self.caller.account_id, Door.VONAGE, key)


async def search(call: Call) -> AvailablePage:
    """Search the available numbers of a country."""
    parameters = call.parameters
    size = asked.SIZE.read(parameters) or asked.SIZE_DEFAULT
    index = asked.INDEX.read(parameters) or 1
    filter_ = OfferFilter(
        countries=(asked.NEEDED_COUNTRY.need(parameters),),
        types=asked.TYPE.read(parameters) or (),
        any_direction=asked.read_features(parameters),
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
        glob=pattern.text if pattern else None,
        application_id=asked.APPLICATION_ID.read(parameters),
        has_application=asked.HAS_APPLICATION.read(parameters),
    )
    rows, total = await call.platform.owned(filter_, limit=size, offset=(index - 1) * size)
    if not rows:
        return OwnedNumbers()
    return OwnedNumbers(total, tuple(call.wording.owned(row) for row in rows))


async def buy(call: Call) -> Response:
    """Rent a number."""
    country, number = _named_number(call)
    account_id = await call.acting_account()
    await call.platform.rent(account_id, number, country=country)
    return SUCCESS


async def cancel(call: Call) -> Response:
    """Give a number back at once."""
    country, number = _named_number(call)
    account_id = await call.acting_account()
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


# --- the shell ------------------------------------------------------------------------------

Handler: TypeAlias = Callable[[Call], Awaitable[msgspec.Struct]]
Fields: TypeAlias = tuple[Field[Any], ...]


def vonage_door(platform: Platform) -> FrontDoor:
    """The door as an ASGI application, and where it stands."""
    shell = _Shell(platform)
    shell.list_route("/account/numbers", owned, asked.OWNED_FIELDS, OwnedNumbers)
    shell.list_route("/number/search", search, asked.SEARCH_FIELDS, AvailableNumbers)
    shell.action_route("/number/buy", buy, asked.NUMBER_FIELDS)
    shell.action_route("/number/cancel", cancel, asked.NUMBER_FIELDS)
    shell.action_route("/number/update", update, asked.UPDATE_FIELDS)
    app = Litestar(
        shell.routes,
        openapi_config=_document(),
        exception_handlers={HTTPException: _framework_error},
        logging_config=None,
    )
    return FrontDoor(
        name="vonage",
        app=app,
        endpoints=shell.endpoints,
        segments=frozenset({"account", "number"}),
        hosts=frozenset({"rest.nexmo.com", "api.nexmo.com"}),
    )


class _Shell:
    """Reads requests, lets a handler answer, and writes the answer or the error.

    Attributes:
        endpoints: The endpoint of each method and path.
        routes: The same for the framework, with their descriptions.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._wording = Wording(platform)
        self.endpoints: dict[tuple[str, str], Endpoint] = {}
        self.routes: list[HTTPRouteHandler] = []

    def list_route(
        self, path: str, handler: Handler, fields: Fields, page: type[msgspec.Struct]
    ) -> None:
        """Add a GET route that answers with a page of numbers."""
        described = operation(query=fields, also=(XML,))
        description = _description(handler, described, {200: _spec(page, "A page")} | ERRORS)
        endpoint = self.endpoints["GET", path] = self._endpoint(handler, LIST_ROOT)
        self.routes.append(get(path, **description)(in_framework(endpoint)))

    def action_route(self, path: str, handler: Handler, fields: Fields) -> None:
        """Add a POST route that acts on a number."""
        described = operation(form=fields, also=(XML,))
        description = _description(handler, described, DONE | ERRORS | REFUSED)
        endpoint = self.endpoints["POST", path] = self._endpoint(handler, ACTION_ROOT)
        self.routes.append(post(path, **description)(in_framework(endpoint)))

    def _endpoint(self, handler: Handler, root: str) -> Endpoint:
        async def endpoint(scope: Scope, receive: Receive) -> Answer:
            headers = read_headers(scope)
            status = 200
            try:
                parameters = await read_parameters(scope, receive, headers)
                caller = await authenticate(self._platform, headers.authorization, parameters)
                call = Call(self._platform, self._wording, parameters, caller)
                message = await handler(call)
            except NumberlineError as error:
                status, message = describe(error)
            except Exception:
                log.exception("request_failed", door="vonage", path=scope["path"])
                status, message = FAULT
            as_xml = prefers_xml(headers.accept)
            body = xml(root, message) if as_xml else encode(message)
            return Answer(body, status, XML if as_xml else JSON)

        return endpoint


def _spec(container: Any, description: str) -> ResponseSpec:
    return ResponseSpec(container, generate_examples=False, description=description)


ERRORS: Final = {
    400: _spec(BadRequest, "A parameter is missing or bad"),
    401: _spec(Response, "The credentials are missing or wrong"),
    408: _spec(Response, "The body did not arrive in time"),
    413: _spec(Response, "The body is too large"),
    503: _spec(Response, "The server cannot take the request now; try again"),
}
DONE: Final = {200: _spec(Response, "The action was carried out")}
REFUSED: Final = {420: _spec(Response, "The action was refused")}


def _description(
    handler: Handler, described: type[Operation], responses: dict[int, ResponseSpec]
) -> dict[str, Any]:
    """How a route appears in the door's document."""
    return {
        "status_code": 200,
        "operation_id": handler.__name__,
        "summary": (handler.__doc__ or "").strip(),
        "operation_class": described,
        "responses": responses,
        "security": [{"basic": []}, {"apiKey": [], "apiSecret": []}],
    }


def _document() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Numberline: the Vonage door",
        version="1.1.0",
        description="The Numbers API of Vonage, served by Numberline.",
        path="/docs/vonage",
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "basic": SecurityScheme(type="http", scheme="basic"),
                "apiKey": SecurityScheme(type="apiKey", name="api_key", security_scheme_in="query"),
                "apiSecret": SecurityScheme(
                    type="apiKey", name="api_secret", security_scheme_in="query"
                ),
            }
        ),
        render_plugins=[
            JsonRenderPlugin(path=["/", "/openapi.json"]),
            SwaggerRenderPlugin(path="/swagger"),
        ],
    )


def _framework_error(request: AnyRequest, error: HTTPException) -> litestar.Response[bytes]:
    """An unknown path or a wrong method, in the door's own shape."""
    labels = {404: "not found", 405: "method not allowed"}
    label = labels.get(error.status_code, "bad request")
    message = Response(str(error.status_code), label)
    as_xml = prefers_xml(read_headers(request.scope).accept)
    return litestar.Response(
        xml(ACTION_ROOT, message) if as_xml else encode(message),
        status_code=error.status_code,
        media_type=XML if as_xml else JSON,
        headers=error.headers,
    )
