import msgspec
import pytest

from factories import GB, error_example, error_leaves
from numberline.core import errors as core
from numberline.core.errors import NumberlineError
from numberline.dialects import wire
from numberline.dialects.bird.errors import AccessDenied, ItemsRefused, ScopeNotFound, describe
from numberline.dialects.bird.ids import STOCK_ITEMS

UNKNOWN = "123e4567-e89b-12d3-a456-426614174000"

KNOWN = [
    (AccessDenied(), 401, "unauthorized"),
    (ScopeNotFound("organizationId"), 404, "not-found"),
    (core.NumberNotOwned(GB), 404, "not-found"),
    (core.MissingValue("numberStockItemIds"), 400, "invalid-parameter"),
    (core.InvalidValue("limit", "Must be a whole number."), 400, "invalid-parameter"),
    (ItemsRefused({UNKNOWN: core.NumberNotInStock(0)}), 422, "numbers-not-available"),
    (core.InsufficientCredit("ada", 1_500_000, "EUR"), 422, "insufficient-balance"),
    (core.DocumentsRequired(GB), 422, "documents-required"),
    (wire.NotServed(404), 404, "endpoint-not-found"),
    (wire.NotServed(405), 405, "method-not-allowed"),
    (wire.NotServed(400), 400, "bad-request"),
    (wire.BodyTooLarge(), 413, "body-too-large"),
    (wire.BodyTooLate("late"), 408, "body-too-late"),
    (core.RegisterBusy("busy"), 503, "unavailable"),
    (core.CommandFailed("failed"), 500, "internal-error"),
    (NumberlineError("whatever"), 500, "internal-error"),
]


def told(error):
    status, body = describe(error)
    return status, msgspec.to_builtins(body)


@pytest.mark.parametrize(("error", "status", "code"), KNOWN, ids=lambda value: type(value).__name__)
def test_an_error_is_told_with_its_status_and_its_code(error, status, code):
    found, body = told(error)

    assert (found, body["code"]) == (status, code)
    assert body.keys() == {"code", "message", "details"}
    assert body["message"]


@pytest.mark.parametrize(
    "kind", [kind for kind in error_leaves(NumberlineError) if kind.__module__ == core.__name__]
)
def test_every_error_has_a_code_of_five_characters_or_more(kind):
    status, body = told(error_example(kind))

    assert len(body["code"]) >= 5
    assert status < 500 or issubclass(kind, (core.Unavailable, core.CommandFailed))


def test_a_bad_parameter_is_named_in_the_details():
    _, body = told(core.InvalidValue("limit", "Must be a whole number."))

    assert body["details"] == {"limit": ["Must be a whole number."]}


def test_what_cannot_be_bought_is_named_with_its_reason():
    refusals = {
        STOCK_ITEMS.of(GB): core.NumberNotAvailable(GB),
        UNKNOWN: core.NumberNotInStock(0),
    }
    _, body = told(ItemsRefused(refusals))

    assert body["details"] == {
        "numberStockItemIds": [
            {
                "id": STOCK_ITEMS.of(GB),
                "code": "number-not-available",
                "message": f"number {GB} is not available",
            },
            {
                "id": UNKNOWN,
                "code": "number-not-in-stock",
                "message": "no stock item has this identifier",
            },
        ]
    }


def test_a_fault_keeps_its_reasons_to_itself():
    assert "secret" not in str(told(core.CommandFailed("secret")))
