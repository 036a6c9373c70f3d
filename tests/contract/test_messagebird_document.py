"""The document that the MessageBird door publishes of itself, against what the vendor promises.

The table below states the vendor's promise in our own words, so that it holds without the
vendor's file; where that file lies beside the repository, the table is held to it.
"""

from pathlib import Path

import httpx
import pytest
import yaml

CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "messagebird.yaml"
JSON = "application/json"

PURCHASED = {
    *("number", "country", "region", "locality", "features", "tags", "type", "status"),
    *("createdAt", "renewalAt"),
}
AVAILABLE = {
    *("number", "country", "region", "locality", "features", "type"),
    "initialContractDuration",
}

OPERATIONS = {
    ("get", "/available-phone-numbers/{countryCode}"): {
        "takes": {"countryCode", "features", "type", "searchPattern", "limit"},
        "answers": {"200", "401"},
        "page": {"items", "count", "limit"},
        "item": AVAILABLE,
    },
    ("get", "/phone-numbers"): {
        "takes": {"limit", "offset"},
        "answers": {"200", "401"},
        "page": {"items", "count", "totalCount", "offset", "limit"},
        "item": PURCHASED,
    },
    ("post", "/phone-numbers"): {
        "takes": {"number", "countryCode", "billingIntervalMonths"},
        "answers": {"201", "401", "422"},
        "item": PURCHASED,
    },
    ("get", "/phone-numbers/{number}"): {
        "takes": {"number"},
        "answers": {"200", "401", "404"},
        "item": PURCHASED,
    },
    ("patch", "/phone-numbers/{number}"): {
        "takes": {"number", "tags"},
        "answers": {"200", "401", "404"},
        "item": PURCHASED,
    },
    ("delete", "/phone-numbers/{number}"): {
        "takes": {"number"},
        "answers": {"204", "401", "404"},
    },
}
POOL = {
    *("id", "name", "service", "createdAt", "updatedAt", "numbersCount", "configuration"),
}
PAGE = {"count", "totalCount", "offset", "limit"}

BEYOND = {
    ("get", "/pools"): {
        "takes": {"poolName", "service", "limit", "offset"},
        "answers": {"200", "401", "422"},
        "page": PAGE | {"items"},
        "item": POOL,
    },
    ("post", "/pools"): {
        "takes": {"poolName", "service", "configuration"},
        "answers": {"201", "401", "422"},
        "item": POOL,
    },
    ("get", "/pools/{name}"): {
        "takes": {"name"},
        "answers": {"200", "401", "404"},
        "item": POOL,
    },
    ("put", "/pools/{name}"): {
        "takes": {"name", "poolName", "service", "configuration"},
        "answers": {"200", "401", "404", "422"},
        "item": POOL,
    },
    ("delete", "/pools/{name}"): {
        "takes": {"name"},
        "answers": {"204", "401", "404"},
    },
    ("get", "/pools/{name}/numbers"): {
        "takes": {"name", "number", "limit", "offset"},
        "answers": {"200", "401", "404", "422"},
        "item": PAGE | {"numbers"},
    },
    ("post", "/pools/{name}/numbers"): {
        "takes": {"name", "numbers"},
        "answers": {"200", "401", "404", "422"},
        "item": {"success", "fail"},
    },
    ("delete", "/pools/{name}/numbers"): {
        "takes": {"name", "numbers"},
        "answers": {"204", "401", "404", "422"},
    },
}
"""What the contract does not have and the Go SDK asks for."""

REPLACED = {"400"}
"""Answers that the contract promises and the door gives as 422, where the SDKs can read them."""

NAMED_OTHERWISE = {"searchPattern": "search_pattern"}
"""What most SDKs call a parameter; the door takes both names."""


def resolved(document, schema):
    """A schema, where it is only a reference to one."""
    while "$ref" in schema:
        node = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        schema = node
    return schema


def takes(document, operation):
    """The names that an operation takes, in its path, its query and its body."""
    found = {resolved(document, each)["name"] for each in operation.get("parameters", ())}
    if "requestBody" in operation:
        schema = resolved(document, operation["requestBody"]["content"][JSON]["schema"])
        found |= schema["properties"].keys()
    return found


def answer(document, operation):
    """The schema of an operation's answer when all went well, or None where it has no body."""
    status = next(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][status].get("content")
    return content and resolved(document, content[JSON]["schema"])


def members(document, schema):
    """The members of a page, none for a number, and those of a number."""
    if "items" not in schema["properties"]:
        return None, schema["properties"].keys()
    item = resolved(document, schema["properties"]["items"]["items"])
    return schema["properties"].keys(), item["properties"].keys()


@pytest.fixture(scope="module")
def document(demo):
    found = httpx.get(f"{demo.base_url}/docs/messagebird")
    assert found.status_code == 200
    return found.json()


@pytest.mark.parametrize(("method", "path"), OPERATIONS | BEYOND)
def test_the_document_covers_what_is_promised(document, method, path):
    promised = (OPERATIONS | BEYOND)[method, path]
    operation = document["paths"][f"/v1{path}"][method]
    wanted = {NAMED_OTHERWISE.get(name, name) for name in promised["takes"]}
    schema = answer(document, operation)

    assert takes(document, operation) >= wanted
    assert operation["responses"].keys() >= promised["answers"]
    if "item" in promised:
        page, item = members(document, schema)
        assert item >= promised["item"]
        assert page is None or page >= promised["page"]
    else:
        assert schema is None


def test_the_document_has_no_operation_that_was_not_promised(document):
    found = {
        (method, path.removeprefix("/v1"))
        for path, methods in document["paths"].items()
        for method in methods
    }

    assert found == (OPERATIONS | BEYOND).keys()


def test_the_document_says_how_to_authenticate_and_what_an_error_looks_like(document):
    (scheme,) = document["components"]["securitySchemes"].values()
    error = document["components"]["schemas"]["Error"]["properties"]

    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    assert error.keys() == {"code", "description", "parameter"}
    assert error["code"]["type"] == "integer"


# --- the vendor's own file ------------------------------------------------------------------


@pytest.mark.skipif(
    not CONTRACT.is_file(), reason="the vendor's contract is not beside the repository"
)
def test_the_table_says_what_the_contract_says():
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    operations = {
        (method, path): operation
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    }

    assert OPERATIONS.keys() == operations.keys()
    for key, operation in operations.items():
        promised = OPERATIONS[key]
        schema = answer(contract, operation)
        assert takes(contract, operation) == promised["takes"]
        assert operation["responses"].keys() - REPLACED == promised["answers"]
        if schema is not None:
            page, item = members(contract, schema)
            assert item == promised["item"]
            assert page is None or page == promised["page"]
