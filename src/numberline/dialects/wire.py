"""What clients really send, read tolerantly: queries, forms, JSON bodies, Accept headers."""

import asyncio
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

import msgspec
from litestar.types import Receive, Scope

from numberline.core.errors import InvalidValue, NumberlineError

QUERY_BYTES_MAX: Final = 8_192
"""The longest query string that a door reads."""

BODY_BYTES_MAX: Final = 65_536
"""The largest body that a door reads."""

BODY_TIMEOUT_S: Final = 10.0
"""How long a body may take to arrive."""

PAIRS_MAX: Final = 200
"""How many parameters one request may have."""

SEEN_MAX: Final = 4_096
SEEN_LENGTH_MAX: Final = 32
"""How many escaped texts are remembered with what they stand for, and how long those are."""

METHODS_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
"""Where a body is read; some clients send one with GET and DELETE that says nothing."""

_INDEX: Final = re.compile(r"\[[0-9]*\]$", re.ASCII)
"""What PHP and its like put behind the name of a parameter that has several values."""


class Parameters:
    """Names and values of a request, each name with every value that was sent under it."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}

    def add(self, name: str, value: str) -> None:
        """Take in one value."""
        values = self._values.get(name)
        if values is None:
            self._values[name] = [value]
        else:
            values.append(value)

    def first(self, *names: str) -> str | None:
        """The first value of the first of these names that was sent."""
        for name in names:
            values = self._values.get(name)
            if values:
                return values[0]
        return None

    def has(self, *names: str) -> bool:
        """Whether one of these names was sent, be it with an empty list."""
        return any(name in self._values for name in names)

    def all(self, names: Iterable[str]) -> list[str]:
        """Every value of these names."""
        values: list[str] = []
        for name in names:
            values += self._values.get(name, ())
        return values

    def read_query(self, text: str) -> None:
        """Take in a query string or an urlencoded form; empty pairs are passed over.

        Raises:
            InvalidValue: It has more pairs than any client has reason to send.
        """
        pairs = text.split("&")
        if len(pairs) > PAIRS_MAX:
            raise InvalidValue("query", f"has more than {PAIRS_MAX} parameters")
        for pair in pairs:
            name, _, value = pair.partition("=")
            if name:
                name = _decoded(name)
                if name[-1:] == "]":
                    name = _INDEX.sub("", name)
                self.add(name, _decoded(value))

    def read_body(self, body: bytes) -> None:
        """Take in a body: a JSON object where it looks like one, else a form.

        The content type is not asked: the Vonage Python SDK 4.x labels its forms as JSON after
        any JSON call on the same client.

        Raises:
            InvalidValue: It is neither.
        """
        stripped = body.strip()
        if stripped[:1] == b"{":
            self._read_json(stripped)
        elif stripped and b"=" not in stripped:
            raise InvalidValue("body", "Must be a JSON object or a form.")
        elif stripped:
            self.read_query(stripped.decode("utf-8", "replace"))

    def _read_json(self, body: bytes) -> None:
        try:
            members = msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidValue("body", "Must be valid JSON.") from error
        for name, value in members.items():
            if isinstance(value, dict):
                self.add(name, Members("?" if value else "{}"))
                for member, inner in value.items():
                    if inner is not None:
                        self.add(f"{name}[{member}]", _json_text(inner))
            elif isinstance(value, list):
                self._values.setdefault(name, []).extend(map(_json_text, value))
            elif value is not None:
                self.add(name, _json_text(value))


def _decoded(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    return _unquoted(text) if len(text) <= SEEN_LENGTH_MAX else unquote_plus(text)


_unquoted: Final = lru_cache(SEEN_MAX)(unquote_plus)


class NotPlain(str):
    """Stands for an object or a list where a plain value belongs; who reads the field refuses.

    Not refused here, because a parameter that nobody reads is nobody's business.
    """

    __slots__ = ()


class Members(NotPlain):
    """Stands for an object; its members stand beside it as ``name[member]``, as in a form."""

    __slots__ = ()

    @property
    def is_empty(self) -> bool:
        """Whether the object has no members."""
        return self == "{}"


def _json_text(value: object) -> str:
    """A JSON value as the text that it would be in a form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return NotPlain("?")


class NotServed(NumberlineError):
    """Nothing is at a path, or not by this method; `status` is HTTP's word for it."""

    code = "not_served"

    def __init__(self, status: int) -> None:
        """Take the status over."""
        super().__init__(f"status {status}")
        self.status = status


class BodyTooLarge(NumberlineError):
    """A body is larger than any client has reason to send."""

    code = "body_too_large"

    def __init__(self) -> None:
        """Say how large a body may be."""
        super().__init__(f"a body has at most {BODY_BYTES_MAX} bytes")


class BodyTooLate(NumberlineError):
    """A body did not arrive in time."""

    code = "body_too_late"


async def read_body(receive: Receive, announced_bytes: int) -> bytes:
    """The whole body of a request.

    Args:
        receive: What ASGI hands over.
        announced_bytes: How long the request says that its body is; 0 where it does not.

    Raises:
        BodyTooLarge: It has more than `BODY_BYTES_MAX` bytes; the rest is not read.
        BodyTooLate: It did not arrive in time.
        InvalidValue: It did not come whole.
    """
    if announced_bytes > BODY_BYTES_MAX:
        raise BodyTooLarge
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body, more = await _read_part(receive)
            while more and len(body) <= BODY_BYTES_MAX:
                part, more = await _read_part(receive)
                body += part
    except TimeoutError as error:
        raise BodyTooLate("the body did not arrive in time") from error
    except NumberlineError:
        raise
    except Exception as error:  # the server's errors about broken framing share no base
        raise InvalidValue("body", "Could not be read to its end.") from error
    if len(body) > BODY_BYTES_MAX:
        raise BodyTooLarge
    return body


async def _read_part(receive: Receive) -> tuple[bytes, bool]:
    """A part of a body, and whether more follows."""
    message: Any = await receive()
    if message["type"] == "http.disconnect":
        raise InvalidValue("body", "Could not be read to its end.")
    return message.get("body", b""), message.get("more_body", False)


class Headers(NamedTuple):
    """What a door reads of a request's headers.

    `body_bytes` is how long the body is said to be, 0 where nothing is said.
    """

    authorization: str | None
    accept: str
    body_bytes: int


def read_headers(scope: Scope) -> Headers:
    """The headers of a request that a door looks at."""
    authorization, accept, body_bytes = None, "", 0
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name == b"accept":
            accept = value.decode("latin-1")
        elif name == b"content-length" and value.isdigit():
            body_bytes = int(value)
    return Headers(authorization, accept, body_bytes)


async def read_parameters(
    scope: Scope, receive: Receive, headers: Headers, *, reads_body: bool = False
) -> Parameters:
    """The parameters of a request; those of path, query and body are one set, in this order.

    Args:
        scope: The request.
        receive: What brings its body.
        headers: Its headers.
        reads_body: Whether a body counts also where the method has none. There a JSON null says
            nothing: the Go SDK of MessageBird sends it with GET where it has no filters to send.

    Raises:
        BodyTooLarge: The body has more bytes than any client has reason to send.
        BodyTooLate: The body did not arrive in time.
        InvalidValue: The query or the body cannot be read.
    """
    parameters = Parameters()
    for name, value in scope.get("path_params", {}).items():
        parameters.add(name, value)
    query = scope["query_string"]
    if len(query) > QUERY_BYTES_MAX:
        raise InvalidValue("query", f"Must be at most {QUERY_BYTES_MAX} bytes long.")
    if query:
        parameters.read_query(query.decode("latin-1"))
    if scope.get("method") in METHODS_WITH_BODY:
        parameters.read_body(await read_body(receive, headers.body_bytes))
    elif reads_body:
        body = await read_body(receive, headers.body_bytes)
        parameters.read_body(b"" if body.strip() == b"null" else body)
    return parameters


def prefers_xml(accept: str) -> bool:
    """Whether an Accept header asks for XML rather than JSON; JSON where it leaves the choice."""
    if "xml" not in accept.lower():
        return False
    json_quality = xml_quality = 0.0
    for part in accept.lower().split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = _quality(parameters)
        if media_type in ("application/xml", "text/xml"):
            xml_quality = max(xml_quality, quality)
        elif media_type in ("application/json", "application/*", "*/*"):
            json_quality = max(json_quality, quality)
    return xml_quality > json_quality


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
