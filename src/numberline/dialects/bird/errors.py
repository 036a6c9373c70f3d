"""What went wrong, in Bird's shape: a code, a message and details.

Bird publishes the shape, and that a code has at least five characters; the codes are ours.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from numberline.core.errors import (
    InsufficientCredit,
    InvalidValue,
    NumberlineError,
    NumberNotInStock,
    NumberNotOwned,
    Refusal,
    Unavailable,
)
from numberline.dialects.wire import BodyTooLarge, BodyTooLate, NotServed

ITEMS: Final = "numberStockItemIds"
"""The field of a purchase; what it names and cannot be had is listed under it."""


class Error(msgspec.Struct, frozen=True):
    """The body of every error; `details` tells more by field, where there is more."""

    code: str
    message: str
    details: dict[str, Any] = {}


class AccessDenied(NumberlineError):
    """The request carries no access key, or a wrong one."""

    code = "access_denied"


class ScopeNotFound(NumberlineError):
    """The caller has no such organization or workspace; also said where it is another's."""

    code = "scope_not_found"

    def __init__(self, name: str) -> None:
        """Name the parameter of the path."""
        super().__init__(f"{name.removesuffix('Id')} not found")


class ItemsRefused(Refusal):
    """Some of the stock items that were to be bought together are not to be had."""

    code = "items_refused"

    def __init__(self, refusals: Mapping[str, Refusal]) -> None:
        """Say of each such identifier why."""
        super().__init__("Nothing was bought: some of the numbers are not to be had.")
        self.refusals = refusals


FAULT: Final = (500, Error("internal-error", "Internal error; the server's log says why."))

_TOLD: Final[dict[type[NumberlineError], tuple[int, str]]] = {
    AccessDenied: (401, "unauthorized"),
    ScopeNotFound: (404, "not-found"),
    NumberNotOwned: (404, "not-found"),
    BodyTooLate: (408, "body-too-late"),
    BodyTooLarge: (413, "body-too-large"),
    InsufficientCredit: (422, "insufficient-balance"),
    Unavailable: (503, "unavailable"),
}
"""The status and code of errors whose message is told; the first that fits counts."""

_MESSAGES: Final[dict[type[NumberlineError], str]] = {
    AccessDenied: "The access key is missing or wrong.",
    NumberNotOwned: "Number not found.",
}
"""Where the platform's own message would tell too much, or nothing."""

_NOT_SERVED: Final = {404: "Endpoint not found", 405: "Method not allowed"}


def describe(error: NumberlineError) -> tuple[int, Error]:
    """The status and body with which the door answers an error."""
    match error:
        case InvalidValue(field=field, reason=reason):
            return 400, Error("invalid-parameter", str(error), {field: [reason]})
        case NotServed(status=status):
            word = _NOT_SERVED.get(status, HTTPStatus(status).phrase)
            return status, Error(word.lower().replace(" ", "-"), f"{word}.")
        case ItemsRefused(refusals=refusals):
            items = [_refused(item_id, refusal) for item_id, refusal in refusals.items()]
            return 422, Error("numbers-not-available", str(error), {ITEMS: items})
    for kind, (status, code) in _TOLD.items():
        if isinstance(error, kind):
            return status, Error(code, _MESSAGES.get(kind) or str(error))
    return (422, Error(code_of(error), str(error))) if isinstance(error, Refusal) else FAULT


def code_of(refusal: Refusal) -> str:
    """A refusal's code in the way in which Bird spells words."""
    return refusal.code.replace("_", "-")


def _refused(item_id: str, refusal: Refusal) -> dict[str, str]:
    """What is told of a stock item that is not to be had."""
    is_unknown = isinstance(refusal, NumberNotInStock)
    message = "no stock item has this identifier" if is_unknown else str(refusal)
    return {"id": item_id, "code": code_of(refusal), "message": message}
