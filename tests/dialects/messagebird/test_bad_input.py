"""Every parameter of every operation, with what it must not be.

Whatever comes is answered at once with a 422 in the door's own shape that names the parameter.
"""

import json

import pytest

from bad_values import NONSENSE, UNREADABLE
from live import exchange, request_bytes

KEY = "Authorization: AccessKey demo-messagebird-key"

OUT_OF_BOUNDS = {
    "limit": {"zero": "0", "too many": "1001"},
    "offset": {"beyond": "1000000001"},
    "country": {"three letters": "GBR", "unassigned": "XX"},
    "countryCode": {"three letters": "GBR", "one letter": "G", "unassigned": "XX"},
    "type": {"an unknown one": "fax", "two in one": "landline,mobile"},
    "features": {"an unknown one": "fax", "semicolons": "sms;voice", "one of two": "sms,fax"},
    "number": {"letters": "GOFISH"},
    "search_pattern": {"a word": "middle", "letters": "GOFISH"},
    "prices": {"yes": "yes", "two": "2"},
    "exclude_numbers_require_verification": {"yes": "yes"},
    "name": {"dots": "%2e%2e", "a dot": ".", "blank": "%20", "256 characters": "x" * 256},
    "poolName": {
        "a slash": "a%2Fb",
        "dots": "..",
        "blank": "%20",
        "256 characters": "x" * 256,
        "256 with blanks": "x" + "%20" * 255,
        "a non-breaking space": "a%C2%A0b",
    },
    "service": {"256 characters": "x" * 256, "a line separator": "a%E2%80%A8b"},
    "numbers": {"letters": "GOFISH", "one of two": "447700900000,1"},
    "configuration[byCountry]": {"yes": "yes", "two": "2"},
    "billingIntervalMonths": {"two": "2", "two years": "24", "negative": "-1"},
}
FREE_TEXT = {"region", "locality", "tags", "name", "poolName", "service"}

SEARCH = (
    *("number", "search_pattern", "features", "type", "region", "locality", "prices"),
    *("exclude_numbers_require_verification", "limit", "offset"),
)
LIST = (
    *("number", "search_pattern", "country", "features", "type", "region", "locality"),
    *("tags", "limit", "offset"),
)
PURCHASE = {"number": "447700900000", "countryCode": "GB"}
GIVEN = PURCHASE | {"poolName": "never created"}
"""What stands in a body beside the bad value."""

POOLS = ("poolName", "service", "limit", "offset")
POOL_NUMBERS = ("number", "search_pattern", "limit", "offset")
QUERIES = [("/v1/available-phone-numbers/GB", name) for name in SEARCH] + [
    *(("/v1/phone-numbers", name) for name in LIST),
    *(("/v1/pools", name) for name in POOLS),
    *(("/v1/pools/a/numbers", name) for name in POOL_NUMBERS),
]
POOL_BODIES = (("POST", "/v1/pools"), ("PUT", "/v1/pools/a"))
BODIES = [
    *(("POST", "/v1/phone-numbers", name) for name in (*PURCHASE, "billingIntervalMonths")),
    ("PATCH", "/v1/phone-numbers/447700900000", "tags"),
    *((method, path, name) for method, path in POOL_BODIES for name in ("poolName", "service")),
    *((method, "/v1/pools/a/numbers", "numbers") for method in ("POST", "DELETE")),
    *(("GET", "/v1/pools", name) for name in POOLS),
]
FLAGS = [(method, path, "configuration[byCountry]") for method, path in POOL_BODIES]
READERS = [
    *(("POST", "/v1/phone-numbers"), ("PATCH", "/v1/phone-numbers/447700900000"), *POOL_BODIES),
    *(("GET", "/v1/pools"), ("GET", "/v1/pools/a/numbers")),
    *(("POST", "/v1/pools/a/numbers"), ("DELETE", "/v1/pools/a/numbers")),
]
"""Where a body is read."""


def bad_values(name):
    return UNREADABLE | OUT_OF_BOUNDS.get(name, {}) | ({} if name in FREE_TEXT else dict(NONSENSE))


def complaint(answer, name, codes=(10,)):
    """What is wrong with a refusal, or nothing."""
    if answer.status != 422:
        return f"status {answer.status}"
    if answer.headers["content-type"] != "application/json":
        return "no JSON"
    (error,) = answer.json()["errors"]
    if error["code"] not in codes:
        return f"code {error['code']}"
    if error["parameter"] != name:
        return f"names {error['parameter']}"
    return None if error["description"] else "does not say why"


def complaints(served, requests, name):
    answers = {
        title: complaint(exchange(served, request), name) for title, request in requests.items()
    }
    return {title: found for title, found in answers.items() if found}


@pytest.mark.parametrize(("path", "name"), QUERIES)
def test_a_bad_value_in_a_query_is_refused_by_its_name(demo, path, name):
    requests = {
        title: request_bytes(f"{path}?{name}={value}", KEY)
        for title, value in bad_values(name).items()
    }

    assert complaints(demo, requests, name) == {}


@pytest.mark.parametrize(("method", "path", "name"), BODIES + FLAGS)
def test_a_bad_value_in_a_form_is_refused_by_its_name(demo, method, path, name):
    requests = {}
    for title, value in bad_values(name).items():
        pairs = GIVEN | {name: value}
        body = "&".join(f"{key}={text}" for key, text in pairs.items())
        requests[title] = request_bytes(path, KEY, method=method, body=body.encode())

    assert complaints(demo, requests, name) == {}


@pytest.mark.parametrize(("method", "path", "name"), BODIES)
def test_a_json_value_of_the_wrong_kind_is_refused_by_its_name(demo, method, path, name):
    values = [{}, {"a": {"b": []}}, [[1]], [{"a": 1}], [None, None], "\x00", "\uffff", "x" * 3_000]
    if name not in FREE_TEXT:
        values += [True, False, 1.5, -1, 10**17, "nonsense"]
    requests = {
        json.dumps(value)[:40]: request_bytes(
            path, KEY, method=method, body=json.dumps(GIVEN | {name: value}).encode()
        )
        for value in values
    }

    assert complaints(demo, requests, name) == {}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *(("/v1/available-phone-numbers/{}", "countryCode"), ("/v1/phone-numbers/{}", "number")),
        *(("/v1/pools/{}", "name"), ("/v1/pools/{}/numbers", "name")),
    ],
)
def test_a_bad_value_in_a_path_is_refused_by_its_name(demo, path, name):
    values = {
        title: value
        for title, value in bad_values(name).items()
        if title not in {"a JSON object", "a path", "markup"}  # they hold a slash or braces
    }
    requests = {title: request_bytes(path.format(value), KEY) for title, value in values.items()}

    assert complaints(demo, requests, name) == {}


@pytest.mark.parametrize("name", PURCHASE)
@pytest.mark.parametrize("value", [None, "", []])
def test_a_required_value_that_is_missing_is_code_9(demo, name, value):
    body = json.dumps(PURCHASE | {name: value}).encode()
    answer = exchange(demo, request_bytes("/v1/phone-numbers", KEY, method="POST", body=body))

    assert complaint(answer, name, codes=(9,)) is None


@pytest.mark.parametrize("value", [None, "", []])
def test_a_pool_without_a_name_is_code_9(demo, value):
    body = json.dumps({"poolName": value, "service": "sms"}).encode()
    answer = exchange(demo, request_bytes("/v1/pools", KEY, method="POST", body=body))

    assert complaint(answer, "poolName", codes=(9,)) is None


@pytest.mark.parametrize(
    ("configuration", "name"),
    [
        *((value, "configuration") for value in ("x", 5, True, [1], [{"byCountry": True}])),
        *(
            ({"byCountry": value}, "configuration[byCountry]")
            for value in ("maybe", 2, -1, 1.5, {}, {"a": 1}, [True], "\x00")
        ),
    ],
)
@pytest.mark.parametrize(("method", "path"), POOL_BODIES)
def test_a_bad_configuration_is_refused_by_its_name(demo, method, path, configuration, name):
    body = json.dumps({"poolName": "never created", "configuration": configuration}).encode()
    answer = exchange(demo, request_bytes(path, KEY, method=method, body=body))

    assert complaint(answer, name) is None


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"number":"447700900000","countryCode":"GB"',
        b"{'number':'447700900000'}",
        b'{"number":"\xff","countryCode":"GB"}',
        b'{"number":"\\ud800","countryCode":"GB"}',
        b'{"number":' + b"9" * 60_000 + b"}",
        b'{"number":1e400}',
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=lambda body: repr(body[:20]),
)
@pytest.mark.parametrize(("method", "path"), READERS)
def test_a_broken_json_body_is_refused(demo, method, path, body):
    answer = exchange(demo, request_bytes(path, KEY, method=method, body=body))

    assert complaint(answer, "body") is None


@pytest.mark.parametrize("value", [True, None, 44, "text", [], [{"number": "1"}]])
@pytest.mark.parametrize(("method", "path"), READERS)
def test_a_json_body_that_is_no_object_is_refused(demo, method, path, value):
    if value is None and method in ("GET", "DELETE"):
        value = [None]  # null alone says nothing there
    body = json.dumps(value).encode()
    answer = exchange(demo, request_bytes(path, KEY, method=method, body=body))

    assert complaint(answer, "body") is None


def test_a_body_beyond_the_limit_is_413(demo):
    body = b'{"number":"' + b"4" * 70_000 + b'"}'
    answer = exchange(demo, request_bytes("/v1/phone-numbers", KEY, method="POST", body=body))

    assert (answer.status, answer.json()["errors"][0]["code"]) == (413, 21)


@pytest.mark.parametrize("joined", ["a=1&" * 300, "x=" + "a" * 9_000])
def test_a_query_beyond_the_limits_is_refused(demo, joined):
    answer = exchange(demo, request_bytes(f"/v1/phone-numbers?{joined}", KEY))

    assert complaint(answer, "query") is None


# --- paths and methods ----------------------------------------------------------------------

METHODS = {
    "/v1/available-phone-numbers/GB": {"GET"},
    "/v1/phone-numbers": {"GET", "POST"},
    "/v1/phone-numbers/447700900000": {"GET", "PATCH", "DELETE"},
    "/v1/pools": {"GET", "POST"},
    "/v1/pools/a": {"GET", "PUT", "DELETE"},
    "/v1/pools/a/numbers": {"GET", "POST", "DELETE"},
}
OTHERS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "HEAD", "get", "X")


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, known in METHODS.items() for method in OTHERS if method not in known],
)
def test_a_method_that_no_operation_has_is_405(demo, path, method):
    answer = exchange(demo, request_bytes(path, KEY, method=method))

    assert answer.status == 405
    assert METHODS[path] <= set(answer.headers["allow"].split(", "))
    if method != "HEAD":
        error = {"code": 21, "description": "method not allowed", "parameter": None}
        assert answer.json() == {"errors": [error]}


@pytest.mark.parametrize(
    "path",
    [
        *("/v1", "/v1/", "/v1/x", "/v1/phone-numbers/1/2", "/v1/products", "/v1/" + "a" * 60_000),
        *("/v1/phone-numbers/447700900000%2F1", "/v1/%2e%2e/phone-numbers/1", "/v1" + "/x" * 9_000),
        *("/v1/%FF", "/v1/%00", "/v1/phone-numbers.json", "/v1/{}"),
        *("/v1/pools/a%2Fb", "/v1/pools/a/x", "/v1/pools/a/numbers/1"),
    ],
    ids=lambda path: path[:32],
)
def test_an_unknown_path_is_code_98(demo, path):
    answer = exchange(demo, request_bytes(path, KEY))

    assert (answer.status, answer.json()["errors"][0]["code"]) == (404, 98)


@pytest.mark.parametrize(
    "path", ["//v1/phone-numbers", "/v1//phone-numbers/", "/v1/phone-numbers//"]
)
def test_double_slashes_are_passed_over(demo, path):
    assert "totalCount" in exchange(demo, request_bytes(path, KEY)).json()
