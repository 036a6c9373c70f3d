import msgspec
import pytest

from numberline.core import errors as core
from numberline.core.errors import NumberlineError
from numberline.dialects.vonage.auth import AuthenticationFailed
from numberline.dialects.vonage.errors import describe
from numberline.dialects.vonage.messages import encode
from numberline.register import register  # noqa: F401  for every error to be there
from numberline.storage import engines  # noqa: F401

EXAMPLES = {
    core.MissingValue: core.MissingValue("country"),
    core.InsufficientCredit: core.InsufficientCredit("ada", 1_500_000, "EUR"),
    core.RentalsRefused: core.RentalsRefused({447700900000: core.NumberNotInStock(447700900000)}),
    core.CredentialExists: core.CredentialExists("vonage", "k"),
    core.CredentialNotFound: core.CredentialNotFound("vonage", "k"),
}
STATUSES = {AuthenticationFailed: 401, core.CommandFailed: 500}
FAMILIES = {core.InvalidValue: 400, core.Refusal: 420, core.Unavailable: 503}


def leaves(kind):
    """The errors of a tree that are raised."""
    below = [leaf for child in kind.__subclasses__() for leaf in leaves(child)]
    return below or [kind]


CORE_ERRORS = [kind for kind in leaves(NumberlineError) if kind.__module__ == core.__name__]


def example(kind):
    return EXAMPLES[kind] if kind in EXAMPLES else kind(447700900000)


def status_of(kind):
    family = next((status for base, status in FAMILIES.items() if issubclass(kind, base)), None)
    return family or STATUSES[kind]


@pytest.mark.parametrize("kind", [*CORE_ERRORS, AuthenticationFailed])
def test_every_error_has_a_status_and_a_body_with_that_status_as_text(kind):
    status, message = describe(example(kind))

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
