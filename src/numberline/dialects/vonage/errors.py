"""What went wrong, in Vonage's words.

Every error body has string codes under `error-code` and `error-code-label`, as traced on the
real service. A 400 also names each bad parameter under `invalid_parameters`, the family's shape
for those. `detail` is ours: Vonage answers most refusals with a bare "method failed".
"""

from typing import Final

import msgspec

from numberline.core.errors import (
    DocumentsRequired,
    InvalidValue,
    NumberlineError,
    Refusal,
    Unavailable,
)
from numberline.dialects.wire import BodyTooLarge, BodyTooLate, NotServed

METHOD_FAILED: Final = 420
"""Vonage's own status for an action that was understood and refused."""

DOCUMENTS_LABEL: Final = (
    "Numbers from this country need a valid local address, which this account has not handed in;"
    " ask the operator of this server."
)


class Response(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every action's answer, and of every error."""

    error_code: str = msgspec.field(name="error-code")
    error_code_label: str = msgspec.field(name="error-code-label")
    detail: str = ""


class BadRequest(msgspec.Struct, frozen=True):
    """The body of a 400: which parameters are bad, and why."""

    error_code: str = msgspec.field(name="error-code")
    error_code_label: str = msgspec.field(name="error-code-label")
    type: str
    error_title: str
    invalid_parameters: dict[str, str]


SUCCESS: Final = Response("200", "success")
FAULT: Final = (500, Response("500", "internal error", "the server's log says why"))
UNAUTHORIZED: Final = Response("401", "authentication failed")


class AuthenticationFailed(NumberlineError):
    """The request carries no credentials, or wrong ones."""

    code = "authentication_failed"


def bad_request(field: str, reason: str) -> BadRequest:
    """The body of a 400 about one parameter."""
    return BadRequest(
        "400", f"Bad Request: {field}: {reason}", "BAD_REQUEST", "Bad Request", {field: reason}
    )


_NOT_SERVED: Final = {404: "not found", 405: "method not allowed"}

_PLAIN: Final[dict[type[NumberlineError], tuple[int, str]]] = {
    BodyTooLate: (408, "request timeout"),
    BodyTooLarge: (413, "request too large"),
    Refusal: (METHOD_FAILED, "method failed"),
    Unavailable: (503, "service unavailable"),
}
"""The status and label of errors whose message is told as `detail`."""


def describe(error: NumberlineError) -> tuple[int, Response | BadRequest]:
    """The status and body with which the door answers an error."""
    match error:
        case InvalidValue():
            return 400, bad_request(error.field, error.reason)
        case AuthenticationFailed():
            return 401, UNAUTHORIZED
        case NotServed(status=status):
            return status, Response(str(status), _NOT_SERVED.get(status, "bad request"))
        case DocumentsRequired():
            return METHOD_FAILED, Response("420", DOCUMENTS_LABEL, str(error))
    for kind, (status, label) in _PLAIN.items():
        if isinstance(error, kind):
            return status, Response(str(status), label, str(error))
    return FAULT
