"""What went wrong, in Bird's shape: a code, a message and details.

Bird publishes the shape, and that a code has at least five characters; the codes are ours.
"""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from numberline.core.errors import (
    InsufficientCredit,
    InvalidValue,
    NumberlineError,
    NumberNotOwned,
    Refusal,
    RentalsRefused,
    Unavailable,
)
from numberline.dialects.bird.ids import STOCK_ITEMS
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


class ItemsUnknown(Refusal):
    """Some identifiers are of no stock item."""

    code = "items_unknown"

    def __init__(self, item_ids: list[str]) -> None:
        """Name the identifiers."""
        super().__init__(f"no stock item has the identifier {', '.join(item_ids)}")
        self.item_ids = item_ids


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
        case ItemsUnknown(item_ids=item_ids):
            gone = [_gone(item_id, "not-in-stock", "is of no stock item") for item_id in item_ids]
            return _items_gone(gone)
        case RentalsRefused(refusals=refusals):
            return _items_gone(
                [
                    _gone(STOCK_ITEMS.of(number), code_of(refusal), str(refusal))
                    for number, refusal in refusals.items()
                ]
            )
    for kind, (status, code) in _TOLD.items():
        if isinstance(error, kind):
            return status, Error(code, _MESSAGES.get(kind) or str(error))
    return (422, Error(code_of(error), str(error))) if isinstance(error, Refusal) else FAULT


def code_of(refusal: Refusal) -> str:
    """A refusal's code in the way in which Bird spells words."""
    return refusal.code.replace("_", "-")


def _gone(item_id: str, code: str, message: str) -> dict[str, str]:
    return {"id": item_id, "code": code, "message": message}


def _items_gone(items: list[dict[str, str]]) -> tuple[int, Error]:
    message = "Nothing was bought: some of the numbers are not to be had."
    return 422, Error("numbers-not-available", message, {ITEMS: items})
