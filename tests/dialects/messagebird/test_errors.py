import msgspec
import pytest

from factories import error_example, error_leaves
from numberline.core import errors as core
from numberline.core.errors import NumberlineError
from numberline.dialects import wire
from numberline.dialects.messagebird.errors import AccessDenied, Code, describe
from numberline.dialects.messagebird.messages import encode

NUMBER = 447700900000

KNOWN = [
    (AccessDenied(), 401, 2, "access_key"),
    (core.MissingValue("countryCode"), 422, 9, "countryCode"),
    (core.InvalidValue("limit", "Must be a whole number."), 422, 10, "limit"),
    (core.NumberNotOwned(NUMBER), 404, 20, None),
    (core.NumberNotInStock(NUMBER), 422, 21, "number"),
    (core.NumberNotAvailable(NUMBER), 422, 21, "number"),
    (core.NumberAlreadyOwned(NUMBER), 422, 21, "number"),
    (core.DocumentsRequired(NUMBER), 422, 21, "number"),
    (core.CountryMismatch(NUMBER), 422, 10, "countryCode"),
    (core.InsufficientCredit("ada", 1_500_000, "EUR"), 422, 25, None),
    (core.PoolNotFound("mine"), 404, 20, None),
    (core.PoolExists("mine"), 422, 21, "poolName"),
    (core.TooManyPools(100), 422, 21, None),
    (wire.NotServed(404), 404, 98, None),
    (wire.NotServed(405), 405, 21, None),
    (wire.NotServed(400), 400, 21, None),
    (wire.BodyTooLarge(), 413, 21, None),
    (wire.BodyTooLate("late"), 408, 21, None),
    (core.RegisterBusy("busy"), 503, 99, None),
    (core.RegisterClosed("closed"), 503, 99, None),
    (core.CommandFailed("failed"), 500, 99, None),
    (NumberlineError("whatever"), 500, 99, None),
]


@pytest.mark.parametrize(
    ("error", "status", "code", "parameter"), KNOWN, ids=lambda value: type(value).__name__
)
def test_an_error_is_told_with_its_code_and_its_parameter(error, status, code, parameter):
    told, body = describe(error)
    (found,) = msgspec.json.decode(encode(body))["errors"]

    assert (told, found["code"], found["parameter"]) == (status, code, parameter)
    assert found["description"]


@pytest.mark.parametrize(
    "kind", [kind for kind in error_leaves(core.Refusal) if kind.__module__ == core.__name__]
)
def test_what_is_refused_is_told_where_the_python_and_ruby_sdks_read_it(kind):
    status, body = describe(error_example(kind))

    assert status in {404, 422}
    assert body.errors[0].code in set(Code)


def test_a_fault_keeps_its_reasons_to_itself():
    assert b"secret" not in encode(describe(core.CommandFailed("secret"))[1])


def test_a_wrong_key_is_told_as_on_the_real_service():
    assert encode(describe(AccessDenied())[1]) == (
        b'{"errors":[{"code":2,"description":"Request not allowed (incorrect access_key)",'
        b'"parameter":"access_key"}]}'
    )
