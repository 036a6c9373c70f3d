"""What went wrong, in MessageBird's words.

The codes are those that the official SDKs know. Which status goes with which code MessageBird
does not say; what its Python and Ruby SDKs shall read as errors has to come with 401, 404, 405
or 422, for of any other status they do not read the body.
"""

from enum import IntEnum
from typing import Final

import msgspec

from numberline.core.errors import (
    CountryMismatch,
    InsufficientCredit,
    InvalidValue,
    MissingValue,
    NumberlineError,
    NumberNotOwned,
    PoolExists,
    PoolNotFound,
    Refusal,
    TooManyPools,
    Unavailable,
)
from numberline.dialects.openapi import answered
from numberline.dialects.wire import BodyTooLarge, BodyTooLate, NotServed


class Code(IntEnum):
    """MessageBird's error codes."""

    NOT_ALLOWED = 2
    MISSING_PARAMETER = 9
    INVALID_PARAMETER = 10
    NOT_FOUND = 20
    BAD_REQUEST = 21
    NOT_ENOUGH_BALANCE = 25
    API_NOT_FOUND = 98
    INTERNAL_ERROR = 99


class Error(msgspec.Struct, frozen=True):
    """One thing that is wrong, and the parameter that it is about."""

    code: int
    description: str
    parameter: str | None = None


class Errors(msgspec.Struct, frozen=True):
    """The body of every error."""

    errors: tuple[Error, ...]


class AccessDenied(NumberlineError):
    """The request carries no access key, or a wrong one."""

    code = "access_denied"


def _errors(code: Code, description: str, parameter: str | None = None) -> Errors:
    return Errors((Error(code, description, parameter),))


FAULT: Final = (500, _errors(Code.INTERNAL_ERROR, "internal error; the server's log says why"))

_FIXED: Final[dict[type[NumberlineError], tuple[int, Errors]]] = {
    AccessDenied: (
        401,
        _errors(Code.NOT_ALLOWED, "Request not allowed (incorrect access_key)", "access_key"),
    ),
    NumberNotOwned: (404, _errors(Code.NOT_FOUND, "number not found")),
    PoolNotFound: (404, _errors(Code.NOT_FOUND, "pool not found")),
}
"""Errors of which nothing more is told."""

_NOT_SERVED: Final = {
    404: _errors(Code.API_NOT_FOUND, "API not found"),
    405: _errors(Code.BAD_REQUEST, "method not allowed"),
}

_TOLD: Final[dict[type[NumberlineError], tuple[int, Code, str | None]]] = {
    BodyTooLate: (408, Code.BAD_REQUEST, None),
    BodyTooLarge: (413, Code.BAD_REQUEST, None),
    CountryMismatch: (422, Code.INVALID_PARAMETER, "countryCode"),
    InsufficientCredit: (422, Code.NOT_ENOUGH_BALANCE, None),
    PoolExists: (422, Code.BAD_REQUEST, "poolName"),
    TooManyPools: (422, Code.BAD_REQUEST, None),
    Refusal: (422, Code.BAD_REQUEST, "number"),
    Unavailable: (503, Code.INTERNAL_ERROR, None),
}
"""The status, code and parameter of errors whose message is told; the first that fits counts."""


def describe(error: NumberlineError) -> tuple[int, Errors]:
    """The status and body with which the door answers an error."""
    if type(error) in _FIXED:
        return _FIXED[type(error)]
    match error:
        case MissingValue(field=field):
            return 422, _errors(Code.MISSING_PARAMETER, str(error), field)
        case InvalidValue(field=field):
            return 422, _errors(Code.INVALID_PARAMETER, str(error), field)
        case NotServed(status=status):
            bad_request = _errors(Code.BAD_REQUEST, "bad request")
            return status, _NOT_SERVED.get(status, bad_request)
    for kind, (status, code, parameter) in _TOLD.items():
        if isinstance(error, kind):
            return status, _errors(code, str(error), parameter)
    return FAULT


# --- how the door's document describes them -------------------------------------------------

ERRORS: Final = {
    401: answered(Errors, "The access key is missing or wrong"),
    422: answered(Errors, "A parameter is missing or bad, or the action is refused"),
    503: answered(Errors, "The server cannot take the request now; try again"),
}
"""The errors of every operation."""

BODY_ERRORS: Final = ERRORS | {
    408: answered(Errors, "The body did not arrive in time"),
    413: answered(Errors, "The body is too large"),
}
"""The errors of operations that read a body."""
