import msgspec
import pytest

from factories import GB, error_example, error_leaves
from numberline.core import errors as core
from numberline.core.errors import NumberlineError
from numberline.dialects import wire
from numberline.dialects.sinch.errors import (
    GrantUnsupported,
    NotAValue,
    ResourceNotFound,
    Unauthenticated,
    describe,
    describe_token_error,
)
from numberline.platform.access_tokens import AccessTokenExpired, AccessTokenInvalid

KNOWN = [
    (Unauthenticated("who?"), 401, "UNAUTHENTICATED"),
    (AccessTokenInvalid("invalid"), 401, "UNAUTHENTICATED"),
    (AccessTokenExpired("expired"), 401, "UNAUTHENTICATED"),
    (ResourceNotFound("Project", "none"), 404, "NOT_FOUND"),
    (core.NumberNotOwned(GB), 404, "NOT_FOUND"),
    (core.NumberNotInStock(GB), 404, "NOT_FOUND"),
    (core.NumberNotAvailable(GB), 404, "NOT_FOUND"),
    (core.NumberAlreadyOwned(GB), 404, "NOT_FOUND"),
    (NotAValue("type", "FAX"), 400, "INVALID_ARGUMENT"),
    (core.MissingValue("regionCode"), 400, "INVALID_ARGUMENT"),
    (core.InvalidValue("size", "Must be a whole number."), 400, "INVALID_ARGUMENT"),
    (core.InsufficientCredit("ada", 1_500_000, "EUR"), 400, "FAILED_PRECONDITION"),
    (core.DocumentsRequired(GB), 400, "FAILED_PRECONDITION"),
    (wire.NotServed(404), 404, "NOT_FOUND"),
    (wire.NotServed(405), 405, "UNIMPLEMENTED"),
    (wire.NotServed(400), 400, "INVALID_ARGUMENT"),
    (wire.BodyTooLarge(), 413, "INVALID_ARGUMENT"),
    (wire.BodyTooLate("late"), 408, "DEADLINE_EXCEEDED"),
    (core.RegisterBusy("busy"), 503, "UNAVAILABLE"),
    (core.CommandFailed("failed"), 500, "INTERNAL"),
    (NumberlineError("whatever"), 500, "INTERNAL"),
]


def told(error):
    status, body = describe(error)
    return status, msgspec.json.decode(msgspec.json.encode(body))["error"]


@pytest.mark.parametrize(("error", "status", "name"), KNOWN, ids=lambda value: type(value).__name__)
def test_an_error_is_told_with_its_status_as_a_number_and_a_name(error, status, name):
    found, body = told(error)

    assert (found, body["code"], body["status"]) == (status, status, name)
    assert list(body) == ["code", "message", "status", "details"]


@pytest.mark.parametrize(
    "kind", [kind for kind in error_leaves(NumberlineError) if kind.__module__ == core.__name__]
)
def test_no_error_of_the_platform_is_a_fault_but_its_own(kind):
    status, body = told(error_example(kind))

    assert body["status"].isupper()
    assert status < 500 or issubclass(kind, (core.Unavailable, core.CommandFailed))


@pytest.mark.parametrize(
    ("error", "resource"),
    [
        (core.NumberNotInStock(GB), "AvailableNumber"),
        (core.NumberNotAvailable(GB), "AvailableNumber"),
        (core.NumberAlreadyOwned(GB), "AvailableNumber"),
        (core.NumberNotOwned(GB), "ActiveNumber"),
    ],
)
def test_a_number_that_is_not_there_is_named_in_the_details(error, resource):
    _, body = told(error)

    assert body["message"] == ""
    assert body["details"] == [
        {
            "type": "ResourceInfo",
            "resourceType": resource,
            "resourceName": f"+{GB}",
            "owner": "",
            "description": "",
        }
    ]


def test_another_resource_says_in_both_places_what_is_missing():
    _, body = told(ResourceNotFound("EmergencyAddress", "Missing E911 feature"))
    (detail,) = body["details"]

    assert body["message"] == detail["description"] == "Missing E911 feature"
    assert (detail["resourceType"], detail["resourceName"]) == ("EmergencyAddress", "")


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("orderBy", "order_by"),
        ("numberPattern.searchPattern", "number_pattern.search_pattern"),
        ("smsConfiguration[servicePlanId]", "sms_configuration.service_plan_id"),
        ("type", "type"),
    ],
)
def test_a_bad_parameter_is_named_in_snake_case(field, named):
    _, body = told(core.InvalidValue(field, "Must be good."))

    assert body["message"] == f"{field}: Must be good."
    assert body["details"] == [
        {
            "type": "BadRequest",
            "fieldViolations": [{"field": named, "description": "Must be good."}],
        }
    ]


def test_a_value_that_is_none_of_an_enumeration_is_told_in_the_message():
    _, body = told(NotAValue("type", "XXX"))

    assert body["message"] == 'parsing field "type": "XXX" is not a valid value'
    assert body["details"] == []


def test_a_fault_keeps_its_reasons_to_itself():
    for tell in (describe, describe_token_error):
        assert "secret" not in str(msgspec.to_builtins(tell(core.CommandFailed("secret"))[1]))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unauthenticated("who?"), 401, "invalid_client"),
        (GrantUnsupported("none"), 400, "unsupported_grant_type"),
        (core.MissingValue("grant_type"), 400, "invalid_request"),
        (wire.BodyTooLarge(), 413, "invalid_request"),
        (wire.BodyTooLate("late"), 408, "invalid_request"),
        (core.RegisterBusy("busy"), 503, "temporarily_unavailable"),
        (core.CommandFailed("failed"), 500, "server_error"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_token_endpoint_tells_errors_as_oauth_does(error, status, code):
    found, body = describe_token_error(error)
    told = msgspec.to_builtins(body)

    assert (found, told["error"]) == (status, code)
    assert told.keys() == {"error", "error_description"}
    assert told["error_description"]
