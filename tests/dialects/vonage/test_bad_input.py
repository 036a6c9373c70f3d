"""Every parameter of every operation, with what it must not be.

Whatever comes is answered at once with a 4xx in the door's own shape that names the parameter.
"""

import json

import pytest

from bad_values import NONSENSE, UNREADABLE
from live import exchange, request_bytes

OUT_OF_BOUNDS = {
    "size": {"zero": "0", "too many": "101", "far too many": "1000000000000000000"},
    "index": {"zero": "0", "beyond": "1000000001"},
    "search_pattern": {"three": "3"},
    "country": {"three letters": "GBR", "one letter": "G", "unassigned": "XX", "sharp s": "%C3%9F"},
    "type": {"a short code": "mobile-shortcode", "two": "landline,mobile-lvn"},
    "features": {"an unknown one": "FAX", "semicolons": "SMS;VOICE"},
    "pattern": {"letters": "GOFISH", "a question mark": "44?", "33 digits": "4" * 33},
    "has_application": {"yes": "yes", "two": "2"},
    "msisdn": {"six digits": "447700", "sixteen": "4" * 16, "a leading zero": "0447700900000"},
    "moHttpUrl": {"no scheme": "example.com", "a script": "javascript:alert(1)", "ftp": "ftp://a"},
    "voiceStatusCallback": {
        "no scheme": "example.com",
        "no host": "http://",
        "blank": "http://a b",
    },
    "voiceCallbackType": {"a fax": "fax"},
    "messagesCallbackType": {"a telephone": "tel"},
}

FREE_TEXT = {
    *("target_api_key", "application_id", "app_id", "moSmppSysType"),
    *("voiceCallbackValue", "messagesCallbackValue"),
}

SEARCH = ("country", "type", "pattern", "search_pattern", "features", "size", "index")
OWNED = (
    "application_id",
    "has_application",
    "country",
    "pattern",
    "search_pattern",
    "size",
    "index",
)
NUMBER = ("country", "msisdn", "target_api_key")
UPDATE = (
    *("country", "msisdn", "app_id", "moHttpUrl", "moSmppSysType", "voiceCallbackType"),
    *("voiceCallbackValue", "voiceStatusCallback", "messagesCallbackType", "messagesCallbackValue"),
)
QUERIES = {"/number/search": SEARCH, "/account/numbers": OWNED}
FORMS = {"/number/buy": NUMBER, "/number/cancel": NUMBER, "/number/update": UPDATE}

# What else a request must say for the parameter in question to be looked at.
COMPANY = {
    "/number/search": {"country": "GB"},
    "/account/numbers": {},
    "/number/buy": {"country": "GB", "msisdn": "447700900000"},
    "/number/cancel": {"country": "GB", "msisdn": "447700900000"},
    "/number/update": {"country": "GB", "msisdn": "447700900000"},
}
PARTNER = {
    "voiceCallbackType": ("voiceCallbackValue", "1"),
    "voiceCallbackValue": ("voiceCallbackType", "tel"),
    "messagesCallbackType": ("messagesCallbackValue", "1"),
    "messagesCallbackValue": ("messagesCallbackType", "app"),
}

OPERATIONS = [
    (path, name) for table in (QUERIES, FORMS) for path, names in table.items() for name in names
]


def bad_values(name):
    return UNREADABLE | OUT_OF_BOUNDS.get(name, {}) | ({} if name in FREE_TEXT else dict(NONSENSE))


def request_of(path, name, value):
    pairs = COMPANY[path] | dict([PARTNER[name]] if name in PARTNER else []) | {name: value}
    text = "&".join(f"{key}={pairs[key]}" for key in pairs)
    if path in FORMS:
        return request_bytes(path, method="POST", body=text.encode())
    return request_bytes(f"{path}?{text}")


def complaint(answer, name):
    """What is wrong with a refusal, or nothing."""
    if answer.status != 400:
        return f"status {answer.status}"
    if answer.headers["content-type"].partition(";")[0] != "application/json":
        return "no JSON"
    body = answer.json()
    if body["error-code"] != "400":
        return "another error-code"
    if name not in body["error-code-label"]:
        return f"says only {body['error-code-label']!r}"
    if not body["invalid_parameters"].get(name):
        return "does not say why"
    return None


def complaints(served, path, name, values):
    answers = {
        title: complaint(exchange(served, request_of(path, name, value)), name)
        for title, value in values.items()
    }
    return {title: found for title, found in answers.items() if found}


@pytest.mark.parametrize(("path", "name"), OPERATIONS)
def test_a_bad_value_is_refused_by_the_name_of_its_parameter(demo, path, name):
    assert complaints(demo, path, name, bad_values(name)) == {}


@pytest.mark.parametrize(("path", "name"), [pair for pair in OPERATIONS if pair[0] in FORMS])
def test_a_json_value_of_the_wrong_kind_is_refused_by_the_name_of_its_parameter(demo, path, name):
    values = [{}, {"a": {"b": []}}, [[1]], [{"a": 1}], "\x00", "\uffff"]
    if name not in FREE_TEXT:
        values += [True, False, 1.5, -1, 10**17, ["x", ""], "nonsense"]
    found = {}
    for value in values:
        pairs = COMPANY[path] | dict([PARTNER[name]] if name in PARTNER else []) | {name: value}
        body = json.dumps(pairs).encode()
        answer = exchange(demo, request_bytes(path, method="POST", body=body))
        if problem := complaint(answer, name):
            found[json.dumps(value)] = problem

    assert found == {}


@pytest.mark.parametrize(
    ("path", "name"),
    [("/number/search", "country")]
    + [(path, name) for path in FORMS for name in ("country", "msisdn")],
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_parameter_that_is_missing_or_empty_is_asked_for(demo, path, name, value):
    pairs = COMPANY[path] | {name: value}
    text = "&".join(f"{key}={pairs[key]}" for key in pairs if pairs[key] is not None)
    answer = exchange(
        demo,
        request_bytes(path, method="POST", body=text.encode() or b"x")
        if path in FORMS
        else request_bytes(f"{path}?{text}"),
    )

    assert complaint(answer, name) is None
    assert answer.json()["invalid_parameters"] == {name: "Is required."}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"country":"GB","msisdn":"447700900000"',
        b'{"country":"GB","msisdn":"447700900000"}}',
        b"{'country':'GB'}",
        b'{"country":"\xff","msisdn":"447700900000"}',
        b'{"country":"\\ud800","msisdn":"447700900000"}',
        b'{"msisdn":' + b"9" * 60_000 + b"}",
        b'{"msisdn":1e400}',
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a":' + b"[" * 60_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_broken_json_body_is_refused(demo, body):
    assert (
        complaint(exchange(demo, request_bytes("/number/buy", method="POST", body=body)), "body")
        is None
    )


@pytest.mark.parametrize("value", [True, None, 44, "text", [], [{"country": "GB"}]])
def test_a_json_body_that_is_no_object_is_refused(demo, value):
    body = json.dumps(value).encode()
    answer = exchange(demo, request_bytes("/number/buy", method="POST", body=body))

    assert complaint(answer, "body") is None


def test_of_a_name_that_comes_twice_in_json_the_last_counts(demo):
    body = b'{"country":"GB","msisdn":"1","country":"XX"}'
    answer = exchange(demo, request_bytes("/number/buy", method="POST", body=body))

    assert complaint(answer, "country") is None


def test_of_a_name_that_comes_twice_in_a_form_the_first_counts(demo):
    body = b"country=XX&msisdn=447700900000&country=GB"
    answer = exchange(demo, request_bytes("/number/buy", method="POST", body=body))

    assert complaint(answer, "country") is None


@pytest.mark.parametrize("joined", ["a=1&" * 300, "&" * 8_000])
def test_a_request_of_hundreds_of_parameters_is_refused(demo, joined):
    answer = exchange(demo, request_bytes(f"/account/numbers?{joined}"))

    assert complaint(answer, "query") is None


def test_a_name_that_a_client_makes_up_is_not_thrown_back_at_length(demo):
    body = json.dumps({"n" * 50_000: {}}).encode()
    answer = exchange(demo, request_bytes("/number/buy", method="POST", body=body))

    assert answer.status == 400
    assert len(answer.body) < 1_000
