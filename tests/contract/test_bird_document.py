"""The document that the Bird door publishes of itself, against what the vendor promises.

The tables below state the vendor's promise in our own words, so that it holds without the
vendor's file; where that file lies beside the repository, they are held to it.
"""

from pathlib import Path

import httpx
import pytest
import yaml

CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "bird.yaml"
STOCK = "/organizations/{organizationId}/numbers-stock-items"

TAKEN = {"organizationId", "limit", "pageToken", "countryCodes", "prefix", "types", "features"}
LIMITS = {"minimum": 1, "maximum": 99, "default": 10}
PAGE = {"results", "nextPageToken"}
ITEM = {"id", "countryCode", "type", "numberString", "capabilities", "monthlyPrice"}
CAPABILITIES = {"voice", "sms", "mms"}
DIRECTIONS = {"inbound", "outbound"}
PRICE = {"currencyCode", "amount", "exponent"}

OPERATIONS = {
    ("get", STOCK),
    ("post", "/workspaces/{workspaceId}/numbers-long-code"),
    ("get", "/workspaces/{workspaceId}/numbers-long-code"),
    ("get", "/workspaces/{workspaceId}/numbers-long-code/{numberId}"),
    ("get", "/workspaces/{workspaceId}/numbers"),
    ("post", "/workspaces/{workspaceId}/numbers/{numberId}/cancel-subscription"),
}


class Document:
    """An OpenAPI document, with its references followed."""

    def __init__(self, content):
        self.content = content
        self.search = content["paths"][STOCK]["get"]

    def at(self, schema, *names):
        """The members of a schema, or of what lies below it under these names."""
        while "$ref" in schema:
            node = self.content
            for step in schema["$ref"].removeprefix("#/").split("/"):
                node = node[step]
            schema = node
        if "items" in schema:
            return self.at(schema["items"], *names)
        members = {}
        for part in schema.get("allOf", [schema]):
            members |= part["properties"] if "properties" in part else self.at(part)
        return self.at(members[names[0]], *names[1:]) if names else members

    def answer(self, *names):
        """The names of the members of the search's answer, or of what lies below it."""
        content = self.search["responses"]["200"]["content"]["application/json"]
        return self.at(content["schema"], *names).keys()

    def parameters(self):
        return {each["name"]: each["schema"] for each in self.search["parameters"]}


@pytest.fixture(scope="module")
def document(demo):
    found = httpx.get(f"{demo.base_url}/docs/bird")
    assert found.status_code == 200
    return Document(found.json())


def test_the_document_covers_what_is_promised(document):
    assert document.parameters().keys() >= TAKEN
    assert LIMITS.items() <= document.parameters()["limit"].items()
    assert document.answer() >= PAGE
    assert document.answer("results") >= ITEM
    assert document.answer("results", "capabilities") >= CAPABILITIES
    assert document.answer("results", "capabilities", "mms") >= DIRECTIONS
    assert document.answer("results", "monthlyPrice") >= PRICE


def test_the_document_describes_every_operation(document):
    found = {
        (method, path) for path, methods in document.content["paths"].items() for method in methods
    }

    assert found == OPERATIONS


def test_the_document_says_how_to_authenticate_and_what_an_error_looks_like(document):
    components = document.content["components"]

    assert components["securitySchemes"].keys() == {"accessKey", "bearer"}
    assert components["schemas"]["Error"]["properties"].keys() == {"code", "message", "details"}


@pytest.mark.skipif(
    not CONTRACT.is_file(), reason="the vendor's contract is not beside the repository"
)
def test_the_tables_say_what_the_contract_says():
    contract = Document(yaml.safe_load(CONTRACT.read_text(encoding="utf-8")))
    limits = contract.parameters()["limit"]

    assert contract.parameters().keys() == TAKEN
    assert {name: limits[name] for name in LIMITS} == LIMITS
    assert contract.answer() == PAGE
    assert contract.answer("results") == ITEM
    assert contract.answer("results", "capabilities") == CAPABILITIES
    for name in CAPABILITIES:
        assert contract.answer("results", "capabilities", name) == DIRECTIONS
    assert contract.answer("results", "monthlyPrice") == PRICE
