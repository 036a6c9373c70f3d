"""The document that the Vonage door publishes of itself, against what the vendor promises.

The table below states the vendor's promise in our own words, so that it holds without the
vendor's file; where that file lies beside the repository, the table is held to it.
"""

import json
from pathlib import Path

import httpx
import pytest

CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "vonage.json"

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
XML = "text/xml"

PAGING = {"pattern", "search_pattern", "size", "index"}
NUMBER = {"country", "msisdn"}
RESULT = {"error-code", "error-code-label"}
SETTINGS = {
    *("app_id", "moHttpUrl", "moSmppSysType", "voiceCallbackType", "voiceCallbackValue"),
    *("voiceStatusCallback", "messagesCallbackType", "messagesCallbackValue"),
}

OPERATIONS = {
    ("get", "/account/numbers"): {
        "takes": {"application_id", "has_application", "country"} | PAGING,
        "needs": set(),
        "answers": {
            "200": {"count", "numbers"},
            "401": RESULT,
        },
        "numbers": {
            *("country", "msisdn", "type", "features", "moHttpUrl"),
            *("voiceCallbackType", "voiceCallbackValue"),
            *("messagesCallbackType", "messagesCallbackValue"),
        },
    },
    ("get", "/number/search"): {
        "takes": {"country", "type", "features"} | PAGING,
        "needs": {"country"},
        "answers": {"200": {"count", "numbers"}, "401": RESULT},
        "numbers": {"country", "msisdn", "type", "features", "cost"},
    },
    ("post", "/number/buy"): {
        "takes": NUMBER | {"target_api_key"},
        "needs": NUMBER,
        "answers": {"200": RESULT, "401": RESULT, "420": RESULT},
    },
    ("post", "/number/cancel"): {
        "takes": NUMBER | {"target_api_key"},
        "needs": NUMBER,
        "answers": {"200": RESULT, "401": RESULT},
    },
    ("post", "/number/update"): {
        "takes": NUMBER | SETTINGS,
        "needs": NUMBER,
        "answers": {"200": RESULT, "401": RESULT},
    },
}

VALUES = {
    "search_pattern": {0, 1, 2},
    "type": {"landline", "mobile-lvn", "landline-toll-free"},
    "voiceCallbackType": {"sip", "tel", "app"},
    "messagesCallbackType": {"app"},
}
"""Parameters of which only some values are promised."""


def resolved(document, schema):
    """A schema, where it is only a reference to one."""
    while "$ref" in schema:
        node = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        schema = node
    return schema


def parameters(document, method, path):
    """The schema of each parameter of an operation, in the query or in the form, and the needed."""
    operation = document["paths"][path][method]
    if method == "get":
        found = [resolved(document, each) for each in operation["parameters"]]
        schemas = {each["name"]: each["schema"] for each in found}
        needed = {each["name"] for each in found if each["required"]}
    else:
        form = resolved(document, operation["requestBody"]["content"][FORM]["schema"])
        schemas, needed = form["properties"], set(form["required"])
    return {name: resolved(document, schema) for name, schema in schemas.items()}, needed


def answers(document, method, path):
    """The schema of each answer of an operation, by status and media type."""
    return {
        (status, media): resolved(document, content["schema"])
        for status, response in document["paths"][path][method]["responses"].items()
        for media, content in response.get("content", {}).items()
    }


def number_schema(document, answer):
    return resolved(document, resolved(document, answer["properties"]["numbers"])["items"])


@pytest.fixture(scope="module")
def document(demo):
    answer = httpx.get(f"{demo.base_url}/docs/vonage")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_document_covers_every_parameter(document, method, path):
    taken, needed = parameters(document, method, path)

    assert taken.keys() == OPERATIONS[method, path]["takes"]
    assert needed == OPERATIONS[method, path]["needs"]
    for name in VALUES.keys() & taken.keys():
        assert set(taken[name]["enum"]) >= VALUES[name]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_document_covers_every_answer_in_json_and_xml(document, method, path):
    found = answers(document, method, path)

    for status, members in OPERATIONS[method, path]["answers"].items():
        for media in (JSON, XML):
            assert found[status, media]["properties"].keys() >= members


@pytest.mark.parametrize("path", ["/account/numbers", "/number/search"])
def test_the_document_covers_every_member_of_a_number(document, path):
    page = answers(document, "get", path)["200", JSON]
    number = number_schema(document, page)

    assert page["properties"]["count"]["type"] == "integer"
    assert number["properties"].keys() >= OPERATIONS["get", path]["numbers"]
    assert all(number["properties"][name]["type"] == "string" for name in ("country", "msisdn"))


def test_the_document_names_both_ways_to_authenticate(document):
    schemes = document["components"]["securitySchemes"]
    kinds = {(scheme["type"], scheme.get("name")) for scheme in schemes.values()}

    assert kinds == {("http", None), ("apiKey", "api_key"), ("apiKey", "api_secret")}


def test_the_document_has_no_operation_that_was_not_promised(document):
    found = {(method, path) for path, methods in document["paths"].items() for method in methods}

    assert found == OPERATIONS.keys()


# --- the vendor's own file ------------------------------------------------------------------

beside_the_contract = pytest.mark.skipif(
    not CONTRACT.is_file(), reason="the vendor's contract is not beside the repository"
)


@pytest.fixture(scope="module")
def contract():
    return json.loads(CONTRACT.read_text(encoding="utf-8"))


@beside_the_contract
def test_the_table_has_every_operation_of_the_contract(contract):
    assert OPERATIONS.keys() == {
        (method, path) for path, methods in contract["paths"].items() for method in methods
    }


@beside_the_contract
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_table_says_what_the_contract_says(contract, method, path):
    promised = OPERATIONS[method, path]
    taken, needed = parameters(contract, method, path)
    found = answers(contract, method, path)

    assert (taken.keys(), needed) == (promised["takes"], promised["needs"])
    assert {name: set(taken[name]["enum"]) for name in VALUES.keys() & taken.keys()} == {
        name: VALUES[name] for name in VALUES.keys() & taken.keys()
    }
    assert {key: schema["properties"].keys() for key, schema in found.items()} == {
        (status, media): members
        for status, members in promised["answers"].items()
        for media in (JSON, XML)
    }
    if "numbers" in promised:
        number = number_schema(contract, found["200", JSON])
        assert number["properties"].keys() == promised["numbers"]


@beside_the_contract
def test_every_parameter_with_promised_values_is_in_the_table(contract):
    with_values = {
        name: set(schema["enum"])
        for method, path in OPERATIONS
        for name, schema in parameters(contract, method, path)[0].items()
        if "enum" in schema
    }
    features = with_values.pop("features")

    assert with_values == VALUES
    assert {word for value in features for word in value.split(",")} == {"SMS", "VOICE", "MMS"}
