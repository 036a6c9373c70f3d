"""The document that the Sinch door publishes of itself, against what the profile of it promises.

The tables below state the profile in our own words, so that they hold without its file; where
that file lies beside the repository, they are held to it.
"""

from pathlib import Path

import httpx
import pytest
import yaml

CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "sinch.yaml"
JSON = "application/json"
PROJECT = "/v1/projects/{projectId}"
NUMBER = "{phoneNumber}"

SEARCH = {"numberPattern.pattern", "numberPattern.searchPattern", "capabilities", "size"}
LIST = {"numberPattern.pattern", "capabilities", "pageSize", "pageToken"}
OF_OFFER = {"projectId", "regionCode", "type"}
OF_NUMBER = {"projectId", "phoneNumber"}
SETUP = {"smsConfiguration", "voiceConfiguration", "callbackUrl"}

OPERATIONS = {
    ("get", "/availableRegions"): {"takes": {"projectId", "types"}, "answers": {"200", "401"}},
    ("get", "/availableNumbers"): {
        "takes": OF_OFFER | SEARCH,
        "answers": {"200", "400", "401"},
    },
    ("get", f"/availableNumbers/{NUMBER}"): {
        "takes": OF_NUMBER,
        "answers": {"200", "401", "404"},
    },
    ("post", f"/availableNumbers/{NUMBER}:rent"): {
        "takes": OF_NUMBER | SETUP,
        "answers": {"200", "400", "401", "404"},
    },
    ("get", "/activeNumbers"): {"takes": OF_OFFER | LIST, "answers": {"200", "401"}},
    ("get", f"/activeNumbers/{NUMBER}"): {"takes": OF_NUMBER, "answers": {"200", "401", "404"}},
    ("patch", f"/activeNumbers/{NUMBER}"): {
        "takes": OF_NUMBER | SETUP | {"displayName"},
        "answers": {"200", "401", "404"},
    },
    ("post", f"/activeNumbers/{NUMBER}:release"): {
        "takes": OF_NUMBER,
        "answers": {"200", "401", "404"},
    },
}
ADDRESS = f"/activeNumbers/{NUMBER}/emergencyAddress"
BEYOND = {
    ("post", "/availableNumbers:rentAny"): {
        "takes": OF_OFFER | SETUP | {"numberPattern", "capabilities"},
        "answers": {"200", "400", "401", "404"},
    },
    ("get", ADDRESS): {"takes": OF_NUMBER, "answers": {"200", "401", "404"}},
    **{
        ("post", f"{ADDRESS}:{verb}"): {
            "takes": OF_NUMBER | {"displayName", "address"},
            "answers": {"200", "400", "401", "404"},
        }
        for verb in ("validate", "provision")
    },
    ("post", f"{ADDRESS}:deprovision"): {"takes": OF_NUMBER, "answers": {"200", "401", "404"}},
    ("get", "/callbackConfiguration"): {"takes": {"projectId"}, "answers": {"200", "401", "404"}},
    ("patch", "/callbackConfiguration"): {
        "takes": {"projectId", "hmacSecret"},
        "answers": {"200", "400", "401", "404"},
    },
}
"""What the profile does not have and the SDKs ask for; beside it there is the token endpoint."""

AVAILABLE = {
    *("phoneNumber", "regionCode", "type", "capability", "paymentIntervalMonths"),
    *("setupPrice.currencyCode", "setupPrice.amount"),
    *("monthlyPrice.currencyCode", "monthlyPrice.amount"),
}
ACTIVE = {
    *("phoneNumber", "projectId", "displayName", "regionCode", "type", "capability"),
    *("money.currencyCode", "money.amount", "paymentIntervalMonths", "nextChargeDate"),
    *("expireAt", "callbackUrl", "smsConfiguration.servicePlanId", "smsConfiguration.campaignId"),
    "smsConfiguration.scheduledProvisioning.servicePlanId",
    "smsConfiguration.scheduledProvisioning.campaignId",
    "smsConfiguration.scheduledProvisioning.status",
    "voiceConfiguration.appId",
    "voiceConfiguration.scheduledVoiceProvisioning.appId",
    "voiceConfiguration.scheduledVoiceProvisioning.status",
}
MEMBERS = {
    ("get", "/availableRegions"): {
        f"availableRegions.{name}" for name in ("regionCode", "regionName", "types")
    },
    ("get", "/availableNumbers"): {f"availableNumbers.{name}" for name in AVAILABLE},
    ("get", f"/availableNumbers/{NUMBER}"): AVAILABLE,
    ("get", "/activeNumbers"): {
        *(f"activeNumbers.{name}" for name in ACTIVE),
        *("nextPageToken", "totalSize"),
    },
    **dict.fromkeys(
        [
            ("post", f"/availableNumbers/{NUMBER}:rent"),
            ("get", f"/activeNumbers/{NUMBER}"),
            ("patch", f"/activeNumbers/{NUMBER}"),
            ("post", f"/activeNumbers/{NUMBER}:release"),
        ],
        ACTIVE,
    ),
}
"""The members of answers that are no objects, each with the objects that it is in."""

MEMBERS_BEYOND = {
    "supportingDocumentationRequired",
    "smsConfiguration.scheduledProvisioning.lastUpdatedTime",
    "smsConfiguration.scheduledProvisioning.errorCodes",
    "voiceConfiguration.lastUpdatedTime",
    *(f"voiceConfiguration.{name}" for name in ("type", "trunkId", "serviceId")),
    *(
        f"voiceConfiguration.scheduledVoiceProvisioning.{name}"
        for name in ("type", "trunkId", "serviceId", "lastUpdatedTime")
    ),
}
"""What the vendor's own answers have and the profile does not."""

NAMED_OTHERWISE = {"project_id": "projectId", "phone_number": "phoneNumber"}
"""What the profile calls a parameter, and the vendor's own pages."""

NOT_REQUIRED = {("get", "/activeNumbers", "regionCode"), ("get", "/activeNumbers", "type")}
"""What the profile requires and the service does not."""

REQUIRED = {
    ("get", "/availableNumbers", "regionCode"),
    ("get", "/availableNumbers", "type"),
}
LIMITS = {"maximum": 100, "default": 30}
LIMITED = {("get", "/availableNumbers", "size"), ("get", "/activeNumbers", "pageSize")}


class Document:
    """An OpenAPI document, with its references followed."""

    def __init__(self, content):
        self.content = content
        self.operations = {
            (method, _path(path)): operation
            for path, methods in content["paths"].items()
            for method, operation in methods.items()
            if path.startswith("/v1/projects/")
        }

    def resolved(self, schema):
        """A schema, where it is a reference to one, or may also be null."""
        while "$ref" in schema:
            node = self.content
            for step in schema["$ref"].removeprefix("#/").split("/"):
                node = node[step]
            schema = node
        inner = [each for each in schema.get("oneOf", ()) if each != {"type": "null"}]
        return self.resolved(inner[0]) if inner else schema

    def parameters(self, key):
        """The parameters of an operation by name."""
        found = map(self.resolved, self.operations[key].get("parameters", ()))
        return {NAMED_OTHERWISE.get(each["name"], each["name"]): each for each in found}

    def takes(self, key):
        """The names that an operation takes, in its path, its query and its body."""
        body = self.operations[key].get("requestBody")
        if body is None:
            return {*self.parameters(key)}
        schema = self.resolved(body["content"][JSON]["schema"])
        return {*self.parameters(key), *schema["properties"]}

    def members(self, key):
        """The members of an operation's answer, down to those that are no objects."""
        content = self.operations[key]["responses"]["200"]["content"]
        return {*self._leaves(content[JSON]["schema"])}

    def _leaves(self, schema, prefix=""):
        schema = self.resolved(schema)
        if schema.get("type") == "array":
            schema = self.resolved(schema["items"])
        if "properties" not in schema:
            yield prefix.removesuffix(".")
        for name, member in schema.get("properties", {}).items():
            yield from self._leaves(member, f"{prefix}{name}.")

    def required(self):
        """Every parameter of a query that an operation requires."""
        return {
            (*key, name)
            for key in self.operations
            for name, parameter in self.parameters(key).items()
            if parameter["in"] == "query" and parameter.get("required")
        }


def _path(path):
    for name, other in NAMED_OTHERWISE.items():
        path = path.replace(f"{{{name}}}", f"{{{other}}}")
    return path.removeprefix(PROJECT)


@pytest.fixture(scope="module")
def document(demo):
    found = httpx.get(f"{demo.base_url}/docs/sinch")
    assert found.status_code == 200
    return Document(found.json())


@pytest.mark.parametrize("key", OPERATIONS | BEYOND, ids=" ".join)
def test_the_document_covers_what_is_promised(document, key):
    promised = (OPERATIONS | BEYOND)[key]

    assert document.takes(key) >= promised["takes"]
    assert document.operations[key]["responses"].keys() >= promised["answers"]
    assert document.members(key) >= MEMBERS.get(key, set())


def test_the_document_has_no_operation_that_was_not_promised(document):
    assert document.operations.keys() == (OPERATIONS | BEYOND).keys()
    other = [path for path in document.content["paths"] if not path.startswith(PROJECT)]
    assert other == ["/oauth2/token"]


def test_the_document_has_what_the_vendor_answers_beyond_the_profile(document):
    found = document.members(("get", f"/activeNumbers/{NUMBER}"))
    found |= document.members(("get", f"/availableNumbers/{NUMBER}"))

    assert found == AVAILABLE | ACTIVE | MEMBERS_BEYOND


def test_only_a_search_needs_to_be_told_where_and_of_which_type(document):
    assert document.required() == REQUIRED


@pytest.mark.parametrize("limited", sorted(LIMITED), ids=" ".join)
def test_a_page_has_the_limits_of_the_profile(document, limited):
    *key, name = limited
    schema = document.parameters(tuple(key))[name]["schema"]

    assert LIMITS.items() <= schema.items()


def test_the_document_says_how_to_authenticate_and_what_an_error_looks_like(document):
    components = document.content["components"]

    assert {each["scheme"]: each["type"] for each in components["securitySchemes"].values()} == {
        "bearer": "http",
        "basic": "http",
    }
    assert components["schemas"]["ErrorBody"]["properties"].keys() == {
        *("code", "message", "status", "details"),
    }
    assert components["schemas"]["AccessToken"]["properties"].keys() == {
        *("access_token", "expires_in", "scope", "token_type"),
    }


# --- the profile's own file -----------------------------------------------------------------


@pytest.mark.skipif(
    not CONTRACT.is_file(), reason="the vendor's contract is not beside the repository"
)
def test_the_tables_say_what_the_contract_says():
    contract = Document(yaml.safe_load(CONTRACT.read_text(encoding="utf-8")))

    assert contract.operations.keys() == OPERATIONS.keys() == MEMBERS.keys()
    for key, promised in OPERATIONS.items():
        assert contract.takes(key) == promised["takes"]
        assert contract.operations[key]["responses"].keys() == promised["answers"]
        assert contract.members(key) == MEMBERS[key]
    assert contract.required() == REQUIRED | NOT_REQUIRED
    for *key, name in LIMITED:
        schema = contract.parameters(tuple(key))[name]["schema"]
        assert LIMITS.items() <= schema.items()
