"""The shell of a door: it reads requests, lets a handler answer, and words what went wrong."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

import litestar
import msgspec
import structlog
from litestar import Litestar, Request, route
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import Receive, Scope

from numberline.core.accounts import Credential
from numberline.core.errors import CommandFailed, NumberlineError
from numberline.dialects.answers import JSON, Answer
from numberline.dialects.front_door import VERB, Endpoint, Endpoints, FrontDoor
from numberline.dialects.openapi import Description
from numberline.dialects.wire import Headers, NotServed, Parameters, read_headers, read_parameters
from numberline.platform.platform import Platform

log = structlog.get_logger()

_encode: Final = msgspec.json.Encoder().encode

W = TypeVar("W")
Message: TypeAlias = msgspec.Struct | None
"""What a handler answers; None where the answer has no body."""


class Write(Protocol):
    """Puts a message into the bytes that a client wants."""

    def __call__(self, status: int, message: Message, headers: Headers) -> Answer:
        """The answer with a message, from what the request's headers ask for."""
        ...


def write_json(status: int, message: Message, headers: Headers) -> Answer:
    """A message in JSON; an empty body where there is none."""
    del headers
    return Answer(b"", status, "") if message is None else Answer(_encode(message), status, JSON)


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """What a door does in its vendor's own way.

    `authenticate` finds who calls and raises where it is nobody; `describe` gives an error's
    status and body, also for errors that are none of ours; `write` is for answers of which a
    route does not say how they are written.
    """

    name: str
    version: str
    description: str
    authenticate: Callable[[Platform, str | None, Parameters], Awaitable[Credential]]
    describe: Callable[[NumberlineError], tuple[int, msgspec.Struct]]
    write: Write
    security: list[dict[str, list[str]]]
    security_schemes: dict[str, SecurityScheme]


class Call(Generic[W]):
    """A request that has been read: its parameters and who makes it."""

    __slots__ = ("caller", "parameters", "platform", "wording")

    def __init__(
        self, platform: Platform, wording: W, parameters: Parameters, caller: Credential
    ) -> None:
        self.platform = platform
        self.wording = wording
        self.parameters = parameters
        self.caller = caller


Handler: TypeAlias = Callable[[Call[W]], Awaitable[Message]]


class Shell(Generic[W]):
    """Gathers the routes of a door, for the server and for the framework."""

    def __init__(
        self, dialect: Dialect, platform: Platform, wording: W, verb_roots: tuple[str, ...] = ()
    ) -> None:
        self._dialect = dialect
        self._platform = platform
        self._wording = wording
        self._endpoints = Endpoints()
        self._endpoints.verb_roots = verb_roots
        self._routes: list[Any] = []
        self._methods: dict[str, list[str]] = {}

    def route(  # noqa: PLR0913  a route says all of itself
        self,
        method: str,
        path: str,
        handler: Handler[W],
        *,
        description: Description,
        status: int = 200,
        write: Write | None = None,
        reads_body: bool = False,
        dialect: Dialect | None = None,
    ) -> None:
        """Add an operation.

        Args:
            method: Its method.
            path: Its path, with parameters in braces.
            handler: What answers it; its name and docstring go into the door's document.
            description: Its parameters and answers.
            status: The status where all went well.
            write: How its answers are written.
            reads_body: Whether parameters may come in a body although its method is GET or DELETE.
            dialect: What it does in another way than the rest of the door.
        """
        dialect = dialect or self._dialect
        endpoint = self._endpoint(
            handler, dialect, write or dialect.write, status, reads_body=reads_body
        )
        self._endpoints.add(method, path, endpoint)
        framework_path = self._endpoints.routed(path).replace("}", ":str}")
        self._methods.setdefault(framework_path, ["OPTIONS"]).append(method)
        add_route = route(
            framework_path,
            http_method=HttpMethod(method),
            operation_id=handler.__name__,
            summary=(handler.__doc__ or "").strip(),
            status_code=200,  # the framework would refuse ours for 204; the description has it
            operation_class=description.operation,
            responses=description.responses,
            security=dialect.security,
        )
        self._routes.append(add_route(_in_framework(endpoint)))

    def _endpoint(
        self,
        handler: Handler[W],
        dialect: Dialect,
        write: Write,
        success: int,
        *,
        reads_body: bool,
    ) -> Endpoint:
        platform, wording = self._platform, self._wording
        authenticate, describe = dialect.authenticate, dialect.describe

        async def endpoint(scope: Scope, receive: Receive) -> Answer:
            headers = read_headers(scope)
            status, message = success, None
            try:
                parameters = await read_parameters(scope, receive, headers, reads_body=reads_body)
                caller = await authenticate(platform, headers.authorization, parameters)
                message = await handler(Call(platform, wording, parameters, caller))
            except NumberlineError as error:
                status, message = describe(error)
            except Exception:
                log.exception("request_failed", door=dialect.name, path=scope["path"])
                status, message = describe(CommandFailed("the server's log says why"))
            return write(status, message, headers)

        return endpoint

    def door(self, *, segments: Iterable[str], hosts: Iterable[str]) -> FrontDoor:
        """The door with the routes that were added."""
        # The framework's own answer to OPTIONS knows only the first method of a path.
        options = [_options(path, methods) for path, methods in self._methods.items()]
        app = Litestar(
            [*options, *self._routes],
            openapi_config=self._document(),
            exception_handlers={HTTPException: self._framework_error},
            logging_config=None,
        )
        # The framework knows a verb as a step of its own; the document shows it as it is sent.
        document = app.openapi_schema
        document.paths = {
            path.replace(VERB, ":"): item for path, item in (document.paths or {}).items()
        }
        return FrontDoor(
            name=self._dialect.name,
            app=app,
            endpoints=self._endpoints,
            segments=frozenset(segments),
            hosts=frozenset(hosts),
        )

    def _document(self) -> OpenAPIConfig:
        return OpenAPIConfig(
            title=self._dialect.description,
            version=self._dialect.version,
            path=f"/docs/{self._dialect.name}",
            use_handler_docstrings=True,
            components=Components(security_schemes={**self._dialect.security_schemes}),
            render_plugins=[
                JsonRenderPlugin(path=["/", "/openapi.json"]),
                SwaggerRenderPlugin(path="/swagger"),
            ],
        )

    def _framework_error(
        self, request: Request[Any, Any, Any], error: HTTPException
    ) -> litestar.Response[bytes]:
        """An unknown path or a wrong method, in the door's own shape."""
        status, message = self._dialect.describe(NotServed(error.status_code))
        answer = self._dialect.write(status, message, read_headers(request.scope))
        return litestar.Response(
            answer.body,
            status_code=answer.status,
            media_type=answer.media_type,
            headers={**answer.extra, **(error.headers or {})},
        )


def _options(path: str, methods: list[str]) -> HTTPRouteHandler:
    """What tells the methods of a path."""

    @route(path, http_method=HttpMethod.OPTIONS, status_code=204, include_in_schema=False)
    async def options() -> litestar.Response[None]:
        return litestar.Response(None, headers={"Allow": ", ".join(sorted(methods))})

    return options


def _in_framework(endpoint: Endpoint) -> Callable[[Request[Any, Any, Any]], Awaitable[Answer]]:
    """An endpoint as the framework calls it."""

    async def handle(request: Request[Any, Any, Any]) -> Answer:
        return await endpoint(request.scope, request.receive)

    return handle
