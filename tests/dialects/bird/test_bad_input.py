"""Every parameter of every operation, with what it must not be.

Whatever comes is answered at once with a 400 in the door's own shape that names the parameter.
"""

import json

import pytest

from bad_values import NONSENSE, UNREADABLE
from live import exchange, request_bytes
from numberline.dialects.bird.ids import NUMBERS, STOCK_ITEMS
from numberline.platform.demo import BIRD_ACCESS_KEY, BIRD_ORGANIZATION, BIRD_WORKSPACE

KEY = f"Authorization: AccessKey {BIRD_ACCESS_KEY}"
STOCK = f"/organizations/{BIRD_ORGANIZATION}/numbers-stock-items"
LONG_CODES = f"/workspaces/{BIRD_WORKSPACE}/numbers-long-code"
OWNED = f"/workspaces/{BIRD_WORKSPACE}/numbers"
ITEMS = "numberStockItemIds"
ITEM = STOCK_ITEMS.of(447700900999)
NUMBER = NUMBERS.of(447700900999)

OUT_OF_BOUNDS = {
    "limit": {"zero": "0", "too many": "100"},
    "countryCodes": {"three letters": "USA", "one of two": "US,XX", "unassigned": "XX"},
    "country": {"three letters": "GBR", "unassigned": "XX"},
    "types": {"an unknown one": "fax", "one of two": "local,fax"},
    "type": {"an unknown one": "shortcode", "two in one": "local,mobile"},
    "features": {
        "an unknown one": "fax",
        "a direction": "inbound",
        "semicolons": "sms;voice",
    },
    "capabilities": {"an unknown one": "fax"},
    "prefix": {"letters": "GOFISH", "two pluses": "%2B%2B1", "16 digits": "4" * 16, "a star": "4*"},
    "numberString": {"letters": "GOFISH", "16 digits": "4" * 16},
    "searchTerm": {"letters": "GOFISH", "a star": "*"},
    "status": {"an unknown one": "pending"},
    "reverse": {"yes": "yes", "two": "2"},
    "testing": {"yes": "yes"},
    "sms": {"yes": "yes"},
    "fax": {"maybe": "maybe"},
    "pageToken": {"a guess": "WzE3Ml0"},
}
FREE_TEXT = {"providerIds"}
QUERIES = [
    *(
        (STOCK, name)
        for name in ("countryCodes", "types", "features", "prefix", "testing", "limit", "pageToken")
    ),
    *(
        (LONG_CODES, name)
        for name in (
            *("numberString", "countryCodes", "types", "capabilities", "providerIds"),
            *("limit", "pageToken", "reverse"),
        )
    ),
    *(
        (OWNED, name)
        for name in (
            *("prefix", "searchTerm", "status", "type", "country", "sms", "voice", "mms", "fax"),
            *("limit", "pageToken", "reverse"),
        )
    ),
]


def bad_values(name):
    return UNREADABLE | OUT_OF_BOUNDS.get(name, {}) | ({} if name in FREE_TEXT else dict(NONSENSE))


def complaint(answer, name):
    """What is wrong with a refusal, or nothing."""
    if answer.status != 400:
        return f"status {answer.status}"
    if answer.headers["content-type"] != "application/json":
        return "no JSON"
    error = answer.json()
    if error["code"] != "invalid-parameter":
        return f"code {error['code']}"
    if list(error["details"]) != [name]:
        return f"names {error['details']}"
    return None if error["message"] and error["details"][name] != [""] else "does not say why"


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


@pytest.mark.parametrize(
    "value",
    [
        *(None, [], "", [""], [None], {}, [[ITEM]], [{"id": ITEM}], [1], 1, True, "447700900000"),
        *(["447700900000"], [ITEM, "x"], [ITEM + "0"], ["\x00"], ["x" * 3_000]),
        [STOCK_ITEMS.of(447700900000 + n) for n in range(26)],
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_a_purchase_of_what_are_no_identifiers_is_refused(demo, value):
    body = json.dumps({ITEMS: value}).encode()
    request = request_bytes(LONG_CODES, KEY, method="POST", body=body)

    assert complaints(demo, {"it": request}, ITEMS) == {}


@pytest.mark.parametrize("body", [b"", b"{}", b" ", b'{"numberStockItemId":"x"}'])
def test_a_purchase_of_nothing_is_refused(demo, body):
    request = request_bytes(LONG_CODES, KEY, method="POST", body=body)

    assert complaints(demo, {"it": request}, ITEMS) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"[1]",
        b'{"numberStockItemIds":["\xff"]}',
        b'{"numberStockItemIds":["\\ud800"]}',
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
@pytest.mark.parametrize("path", [LONG_CODES, f"{OWNED}/{NUMBER}/cancel-subscription"])
def test_a_broken_body_is_refused(demo, path, body):
    request = request_bytes(path, KEY, method="POST", body=body)

    assert complaints(demo, {"it": request}, "body") == {}


def test_a_body_beyond_the_limit_is_413(demo):
    body = json.dumps({ITEMS: [ITEM] * 2_000}).encode()
    answer = exchange(demo, request_bytes(LONG_CODES, KEY, method="POST", body=body))

    assert (answer.status, answer.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("joined", ["a=1&" * 300, "x=" + "a" * 9_000])
def test_a_query_beyond_the_limits_is_refused(demo, joined):
    assert complaint(exchange(demo, request_bytes(f"{STOCK}?{joined}", KEY)), "query") is None


# --- paths and methods ----------------------------------------------------------------------

METHODS = {
    STOCK: {"GET"},
    LONG_CODES: {"GET", "POST"},
    f"{LONG_CODES}/{NUMBER}": {"GET"},
    OWNED: {"GET"},
    f"{OWNED}/{NUMBER}/cancel-subscription": {"POST"},
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
        assert answer.json()["code"] == "method-not-allowed"


@pytest.mark.parametrize(
    "path",
    [
        *("/organizations", "/workspaces/", f"{STOCK}/{ITEM}", f"{OWNED}/{NUMBER}"),
        *(f"{OWNED}/{NUMBER}/x", f"/workspaces/{BIRD_WORKSPACE}/x", "/workspaces/" + "a" * 60_000),
        *("/organizations/%FF/x", "/workspaces/%00", f"{OWNED}.json", "/workspaces/{}"),
        *("/organizations" + "/x" * 9_000, "/workspaces/%2e%2e/numbers/1"),
    ],
    ids=lambda path: path[:32],
)
def test_an_unknown_path_is_404(demo, path):
    answer = exchange(demo, request_bytes(path, KEY))

    assert (answer.status, answer.json()["code"]) == (404, "endpoint-not-found")


@pytest.mark.parametrize(
    "value", ["%00", "%FF", "%2B447700900999", "447700900999", "x" * 5_000, "%F0%9F%93%9E"]
)
@pytest.mark.parametrize(
    "path",
    [
        *("/organizations/{}/numbers-stock-items", "/workspaces/{}/numbers"),
        *(f"{LONG_CODES}/{{}}", f"{OWNED}/{{}}/cancel-subscription"),
    ],
)
def test_an_odd_identifier_in_a_path_is_not_found(demo, path, value):
    method = "POST" if path.endswith("subscription") else "GET"
    answer = exchange(demo, request_bytes(path.format(value), KEY, method=method))

    assert answer.status in {400, 404}
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "authorization", ["", "Basic eDp5", "AccessKey", "AccessKey wrong", f"Token {BIRD_ACCESS_KEY}"]
)
@pytest.mark.parametrize("path", METHODS)
def test_without_a_key_nothing_is_told(demo, path, authorization):
    method = "GET" if "GET" in METHODS[path] else "POST"
    line = f"Authorization: {authorization}"
    answer = exchange(demo, request_bytes(path, line, method=method))

    assert (answer.status, answer.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", [f"/{STOCK}", f"{STOCK}/", f"/bird{STOCK}", f"/{OWNED}/"])
def test_odd_slashes_are_passed_over(demo, path):
    assert "results" in exchange(demo, request_bytes(path, KEY)).json()


def test_the_vendors_host_leads_here(demo):
    answer = exchange(demo, request_bytes("/nowhere", KEY, host="api.bird.com"))

    assert (answer.status, answer.json()["code"]) == (404, "endpoint-not-found")
