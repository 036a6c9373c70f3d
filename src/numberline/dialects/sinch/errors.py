"""What went wrong, in Sinch's words: Google's error model, with short names of details.

Shapes: the errors that Sinch's SDKs test against, and published traces of the service.
"""

import re
from typing import Any, Final

import msgspec

from numberline.core.errors import (
    InsufficientCredit,
    InvalidValue,
    NumberAlreadyOwned,
    NumberlineError,
    NumberNotAvailable,
    NumberNotInStock,
    NumberNotOwned,
    Refusal,
    Unavailable,
)
from numberline.dialects.wire import BodyTooLarge, BodyTooLate, NotServed
from numberline.platform.access_tokens import AccessTokenExpired, AccessTokenInvalid

AVAILABLE_NUMBER: Final = "AvailableNumber"
ACTIVE_NUMBER: Final = "ActiveNumber"


class ErrorBody(msgspec.Struct, frozen=True):
    """What is told of an error; `code` is the HTTP status, `status` Google's name for it."""

    code: int
    message: str
    status: str
    details: tuple[dict[str, Any], ...] = ()


class Error(msgspec.Struct, frozen=True):
    """The body of every error."""

    error: ErrorBody


class TokenError(msgspec.Struct, frozen=True):
    """The body of an error of the token endpoint (RFC 6749, section 5.2)."""

    error: str
    error_description: str


class Unauthenticated(NumberlineError):
    """The request carries no credentials, or wrong ones."""

    code = "unauthenticated"


class GrantUnsupported(NumberlineError):
    """A token was asked for in a way that there is none."""

    code = "grant_unsupported"


class ResourceNotFound(NumberlineError):
    """Something other than a number is not there, or is another's."""

    code = "resource_not_found"

    def __init__(self, kind: str, message: str, name: str = "") -> None:
        """Name the kind of resource as Sinch does, and say what is missing."""
        super().__init__(message)
        self.kind = kind
        self.name = name


class NotAValue(InvalidValue):
    """A value of an enumeration is none of its own."""

    code = "not_a_value"


FAULT: Final = (500, Error(ErrorBody(500, "internal error", "INTERNAL")))

_KINDS: Final[dict[type[NumberlineError], str]] = {
    NumberNotInStock: AVAILABLE_NUMBER,
    NumberNotAvailable: AVAILABLE_NUMBER,
    NumberAlreadyOwned: AVAILABLE_NUMBER,
    NumberNotOwned: ACTIVE_NUMBER,
}
"""Of which resource an error about a number says that it is not there."""

_TOLD: Final[dict[type[NumberlineError], tuple[int, str]]] = {
    Unauthenticated: (401, "UNAUTHENTICATED"),
    AccessTokenInvalid: (401, "UNAUTHENTICATED"),
    AccessTokenExpired: (401, "UNAUTHENTICATED"),
    InsufficientCredit: (400, "FAILED_PRECONDITION"),
    BodyTooLate: (408, "DEADLINE_EXCEEDED"),
    BodyTooLarge: (413, "INVALID_ARGUMENT"),
    Refusal: (400, "FAILED_PRECONDITION"),
    Unavailable: (503, "UNAVAILABLE"),
}
"""The status and its name of errors whose message is told; the first that fits counts."""

_NOT_SERVED: Final = {
    404: ("Not Found", "NOT_FOUND"),
    405: ("Method Not Allowed", "UNIMPLEMENTED"),
}


def describe(error: NumberlineError) -> tuple[int, Error]:
    """The status and body with which the door answers an error."""
    kind = _KINDS.get(type(error))
    if kind is not None:
        return _not_found(kind, f"+{getattr(error, 'number', '')}", "")
    if isinstance(error, ResourceNotFound):
        return _not_found(error.kind, error.name, str(error))
    return _described(error) or FAULT


def _described(error: NumberlineError) -> tuple[int, Error] | None:
    match error:
        case NotAValue(field=field, reason=reason):
            return _invalid(f'parsing field "{field}": "{reason}" is not a valid value', ())
        case InvalidValue(field=field, reason=reason):
            return _invalid(str(error), ({"field": _dotted(field), "description": reason},))
        case NotServed(status=status):
            message, name = _NOT_SERVED.get(status, ("Bad Request", "INVALID_ARGUMENT"))
            return status, Error(ErrorBody(status, message, name))
    for base, (status, name) in _TOLD.items():
        if isinstance(error, base):
            return status, Error(ErrorBody(status, str(error), name))
    return None


def _not_found(kind: str, name: str, message: str) -> tuple[int, Error]:
    detail = {
        "type": "ResourceInfo",
        "resourceType": kind,
        "resourceName": name,
        "owner": "",
        "description": message,
    }
    return 404, Error(ErrorBody(404, message, "NOT_FOUND", (detail,)))


def _invalid(message: str, violations: tuple[dict[str, str], ...]) -> tuple[int, Error]:
    details = ({"type": "BadRequest", "fieldViolations": violations},) if violations else ()
    return 400, Error(ErrorBody(400, message, "INVALID_ARGUMENT", details))


def _dotted(name: str) -> str:
    """A name as Sinch writes it in violations: ``order_by`` for ``orderBy``."""
    return snake(name.replace("[", ".").replace("]", ""))


def snake(name: str) -> str:
    """A name in snake case: ``service_plan_id`` for ``servicePlanId``."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def describe_token_error(error: NumberlineError) -> tuple[int, TokenError]:
    """The status and body with which the token endpoint answers an error."""
    match error:
        case Unauthenticated():
            return 401, TokenError("invalid_client", str(error))
        case GrantUnsupported():
            return 400, TokenError("unsupported_grant_type", str(error))
        case InvalidValue():
            return 400, TokenError("invalid_request", str(error))
        case Unavailable():
            return 503, TokenError("temporarily_unavailable", str(error))
        case BodyTooLarge() | BodyTooLate():
            status, _ = describe(error)
            return status, TokenError("invalid_request", str(error))
    return 500, TokenError("server_error", "internal error")
