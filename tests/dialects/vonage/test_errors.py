import msgspec
import pytest

from factories import error_example, error_leaves
from numberline.core import errors as core
from numberline.core.errors import NumberlineError
from numberline.dialects.vonage.auth import AuthenticationFailed
from numberline.dialects.vonage.errors import describe
from numberline.dialects.vonage.messages import encode
from numberline.register import register  # noqa: F401  for every error to be there
from numberline.storage import engines  # noqa: F401

STATUSES = {AuthenticationFailed: 401, core.CommandFailed: 500}
FAMILIES = {core.InvalidValue: 400, core.Refusal: 420, core.Unavailable: 503}


CORE_ERRORS = [kind for kind in error_leaves(NumberlineError) if kind.__module__ == core.__name__]


def status_of(kind):
    family = next((status for base, status in FAMILIES.items() if issubclass(kind, base)), None)
    return family or STATUSES[kind]


@pytest.mark.parametrize("kind", [*CORE_ERRORS, AuthenticationFailed])
def test_every_error_has_a_status_and_a_body_with_that_status_as_text(kind):
    status, message = describe(error_example(kind))

    assert status == status_of(kind)
    assert message.error_code == str(status)
    assert message.error_code_label


@pytest.mark.parametrize(
    ("error", "body"),
    [
        (
            AuthenticationFailed(),
            {"error-code": "401", "error-code-label": "authentication failed"},
        ),
        (
            core.NumberNotAvailable(447700900000),
            {
                "error-code": "420",
                "error-code-label": "method failed",
                "detail": "number 447700900000 is not available",
            },
        ),
        (
            core.InvalidValue("country", "Is required."),
            {
                "error-code": "400",
                "error-code-label": "Bad Request: country: Is required.",
                "type": "BAD_REQUEST",
                "error_title": "Bad Request",
                "invalid_parameters": {"country": "Is required."},
            },
        ),
    ],
)
def test_an_error_says_what_clients_of_vonage_look_for(error, body):
    assert msgspec.json.decode(encode(describe(error)[1])) == body


def test_a_number_that_needs_documents_says_so_in_the_label():
    _, message = describe(core.DocumentsRequired(41441234567))

    assert "address" in message.error_code_label
