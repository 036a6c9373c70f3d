"""Every parameter of every operation, with what it must not be.

Whatever comes is answered at once in the door's own shape, and a bad parameter is named.
"""

import json

import pytest

from bad_values import NONSENSE, UNREADABLE
from live import SINCH_BASIC, exchange, request_bytes
from numberline.platform.demo import SINCH_PROJECT

PROJECT = f"/v1/projects/{SINCH_PROJECT}"
NUMBER = "+447700900999"
SEARCH = f"{PROJECT}/availableNumbers"
LIST = f"{PROJECT}/activeNumbers"
REGIONS = f"{PROJECT}/availableRegions"
RENT = f"{SEARCH}/{NUMBER}:rent"
RENT_ANY = f"{SEARCH}:rentAny"
CHANGE = f"{LIST}/{NUMBER}"
RELEASE = f"{CHANGE}:release"
ADDRESS = f"{CHANGE}/emergencyAddress"
CALLBACKS = f"{PROJECT}/callbackConfiguration"

OUT_OF_BOUNDS = {
    "regionCode": {"three letters": "USA", "two": "US,GB", "unassigned": "XX"},
    "type": {"an unknown one": "LANDLINE", "two": "LOCAL,MOBILE"},
    "types": {"an unknown one": "FAX", "one of two": "LOCAL,FAX"},
    "capabilities": {"an unknown one": "MMS", "one of two": "SMS,FAX", "semicolons": "SMS;VOICE"},
    "numberPattern.pattern": {
        "letters": "GOFISH",
        "a star": "4*",
        "two pluses": "%2B%2B1",
        "16 digits": "4" * 16,
    },
    "numberPattern.searchPattern": {"an unknown one": "MIDDLE", "digits": "12"},
    "size": {"zero": "0", "too many": "101"},
    "pageSize": {"zero": "0", "too many": "101"},
    "orderBy": {"an unknown one": "number", "two": "phoneNumber,displayName", "only desc": "desc"},
    "pageToken": {"a guess": "WzE3Ml0"},
}
REST = {"regionCode": "regionCode=US", "type": "type=LOCAL"}
PATTERN = ("numberPattern.pattern", "numberPattern.searchPattern")
QUERIES = [
    (REGIONS, "types"),
    *((SEARCH, name) for name in ("regionCode", "type", *PATTERN, "capabilities", "size")),
    *((LIST, name) for name in ("regionCode", "type", *PATTERN, "capabilities")),
    *((LIST, name) for name in ("pageSize", "pageToken", "orderBy")),
]


def snake(name):
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def complaint(answer, name):
    """What is wrong with a refusal, or nothing."""
    if (answer.status, answer.headers["content-type"]) != (400, "application/json"):
        return f"status {answer.status}, {answer.headers['content-type']}"
    error = answer.json()["error"]
    if list(error) != ["code", "message", "status", "details"]:
        return f"has {error}"
    if (error["code"], error["status"]) != (400, "INVALID_ARGUMENT"):
        return f"code {error['code']}, status {error['status']}"
    if not error["details"]:
        told = error["message"].startswith(f'parsing field "{name}": ')
        return None if told else f"says {error['message']}"
    (detail,) = error["details"]
    (violation,) = detail["fieldViolations"]
    if detail["type"] != "BadRequest" or violation["field"] != snake(name):
        return f"names {detail}"
    return None if error["message"] and violation["description"] else "does not say why"


def complaints(served, requests, name):
    answers = {
        title: complaint(exchange(served, request), name) for title, request in requests.items()
    }
    return {title: found for title, found in answers.items() if found}


def rest_of(path, name):
    """What a search needs beside the parameter that is bad."""
    needed = REST if path == SEARCH else {}
    return "&".join(part for other, part in needed.items() if other != name)


@pytest.mark.parametrize(("path", "name"), QUERIES)
def test_a_bad_value_in_a_query_is_refused_by_its_name(demo, path, name):
    values = UNREADABLE | NONSENSE | OUT_OF_BOUNDS[name]
    requests = {
        title: request_bytes(f"{path}?{rest_of(path, name)}&{name}={value}", SINCH_BASIC)
        for title, value in values.items()
    }

    assert complaints(demo, requests, name) == {}


BAD_TEXTS = [{}, {"a": 1}, [{}], "\x00", "a\x1bb", "a\nb", "\ud7ff\uffff", "x" * 3_000]
MEMBERS = [
    *((RENT, name, BAD_TEXTS) for name in ("callbackUrl",)),
    *((CHANGE, name, BAD_TEXTS) for name in ("displayName", "callbackUrl")),
    (CALLBACKS, "hmacSecret", [*BAD_TEXTS, "", "x" * 37]),
    *(
        (path, name, [*BAD_TEXTS, "x" * 129])
        for path in (RENT, CHANGE)
        for name in (
            *("smsConfiguration.servicePlanId", "smsConfiguration.campaignId"),
            *("voiceConfiguration.appId", "voiceConfiguration.trunkId"),
            "voiceConfiguration.serviceId",
        )
    ),
    (RENT, "voiceConfiguration.type", ["SIP", "RTC,EST", 1, True, *BAD_TEXTS]),
    (RENT, "smsConfiguration", ["", "x", 1, True, [], [1], [{}]]),
    (CHANGE, "voiceConfiguration", ["", "x", 1, True, [], [1], [{}]]),
    (RENT_ANY, "regionCode", [None, "", "USA", "XX", 1, {}, [], [[]]]),
    (RENT_ANY, "type", [None, "", "FAX", 1, {}, []]),
    (RENT_ANY, "capabilities", ["MMS", ["SMS", "MMS"], [{}], {"a": 1}, 1]),
    (RENT_ANY, "numberPattern", ["201", 201, ["201"], []]),
    (RENT_ANY, "numberPattern.pattern", ["x", "++1", "1*", {}, [], "1" * 16]),
    (RENT_ANY, "numberPattern.searchPattern", ["MIDDLE", 1, {}]),
]


def with_member(path, name, value):
    """A body whose only fault is the value of a member."""
    body = {"regionCode": "US", "type": "LOCAL"} if path == RENT_ANY else {}
    outer, dot, inner = name.partition(".")
    return body | ({outer: {inner: value}} if dot else {outer: value})


@pytest.mark.parametrize(
    ("path", "name", "values"), MEMBERS, ids=[f"{path[54:]}-{name}" for path, name, _ in MEMBERS]
)
def test_a_bad_member_of_a_body_is_refused_by_its_name(demo, path, name, values):
    method = "PATCH" if path in (CHANGE, CALLBACKS) else "POST"
    requests = {
        json.dumps(value)[:40]: request_bytes(
            path,
            SINCH_BASIC,
            method=method,
            body=json.dumps(with_member(path, name, value)).encode(),
        )
        for value in values
    }

    assert complaints(demo, requests, name) == {}


BROKEN = [
    *(b"{", b"[]", b"null", b"[1]", b'"x"', b"no form", b'{"displayName":"\xff"}'),
    *(b'{"displayName":"\\ud800"}', b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
]
BODIES = [
    *(("POST", path) for path in (RENT, RENT_ANY, RELEASE, f"{ADDRESS}:validate")),
    *(("POST", f"{ADDRESS}:deprovision"), ("PATCH", CHANGE), ("PATCH", CALLBACKS)),
]


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_broken_body_is_refused(demo, method, path):
    requests = {
        repr(body[:20]): request_bytes(path, SINCH_BASIC, method=method, body=body)
        for body in BROKEN
    }

    assert complaints(demo, requests, "body") == {}


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_beyond_the_limit_is_413(demo, method, path):
    body = json.dumps({"displayName": "x" * 70_000}).encode()
    error = exchange(demo, request_bytes(path, SINCH_BASIC, method=method, body=body)).json()

    assert error["error"]["code"] == 413


@pytest.mark.parametrize("joined", ["a=1&" * 300, "x=" + "a" * 9_000])
@pytest.mark.parametrize("path", [REGIONS, SEARCH, LIST, CALLBACKS])
def test_a_query_beyond_the_limits_is_refused(demo, path, joined):
    answer = exchange(demo, request_bytes(f"{path}?{joined}", SINCH_BASIC))

    assert complaint(answer, "query") is None


# --- paths and methods ----------------------------------------------------------------------

METHODS = {
    REGIONS: {"GET"},
    SEARCH: {"GET"},
    f"{SEARCH}/{NUMBER}": {"GET"},
    RENT: {"POST"},
    LIST: {"GET"},
    CHANGE: {"GET", "PATCH"},
    RELEASE: {"POST"},
    ADDRESS: {"GET"},
    f"{ADDRESS}:validate": {"POST"},
    f"{ADDRESS}:provision": {"POST"},
    f"{ADDRESS}:deprovision": {"POST"},
    CALLBACKS: {"GET", "PATCH"},
    "/oauth2/token": {"POST"},
}
OTHERS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "HEAD", "get", "X")


def check_405(answer, known):
    assert answer.status == 405
    assert known <= set(answer.headers["allow"].split(", "))
    if answer.body:
        error = answer.json()["error"]
        assert (error["code"], error["status"], error["details"]) == (405, "UNIMPLEMENTED", [])


@pytest.mark.parametrize("path", METHODS, ids=lambda path: path[50:] or path)
def test_a_method_that_no_operation_has_is_405(demo, path):
    for method in OTHERS:
        if method not in METHODS[path]:
            check_405(
                exchange(demo, request_bytes(path, SINCH_BASIC, method=method)), METHODS[path]
            )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "X"])
def test_a_method_that_renting_any_number_does_not_have_is_405(demo, method):
    check_405(exchange(demo, request_bytes(RENT_ANY, SINCH_BASIC, method=method)), {"POST"})


def test_renting_any_number_by_get_is_405(demo):
    check_405(exchange(demo, request_bytes(RENT_ANY, SINCH_BASIC)), {"POST"})


@pytest.mark.parametrize("path", METHODS, ids=lambda path: path[50:] or path)
def test_the_methods_of_a_path_are_told(demo, path):
    answer = exchange(demo, request_bytes(path, method="OPTIONS"))

    assert (answer.status, answer.body) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == METHODS[path] | {"OPTIONS"}


UNKNOWN = [
    *("/v1/projects", "/v1/projects/", f"{PROJECT}", f"{PROJECT}/numbers", f"{LIST}.json"),
    *(f"{CHANGE}/x", f"{CHANGE}/emergencyAddress/x", f"{CHANGE}:"),
    *(f"{PROJECT}/numberOrders:createNumberOrder", f"{CHANGE}:rent", f"{SEARCH}/{NUMBER}:release"),
    *(f"{CHANGE}:Release", f"{RELEASE}:release", f"{RENT_ANY}/x"),
    *("/v1/projects/" + "a" * 60_000, "/v1/projects" + "/x" * 9_000, "/v1/projects/%FF/x"),
    *("/v1/projects/%00", "/v1/projects/{}", "/v1/projects/%2e%2e/activeNumbers/+1/x", "/oauth2"),
    *("/oauth2/tokens", "/oauth2/token:x", f"{LIST}:release/x"),
]


@pytest.mark.parametrize("path", UNKNOWN, ids=lambda path: path[:90])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_404(demo, path, method):
    answer = exchange(demo, request_bytes(path, SINCH_BASIC, method=method))

    assert answer.status == 404
    assert answer.json() == {
        "error": {"code": 404, "message": "Not Found", "status": "NOT_FOUND", "details": []}
    }


@pytest.mark.parametrize("path", [f"{SEARCH}/+15005550000/:rent", f"{LIST}/+15005550000/:release"])
def test_a_verb_is_no_step_of_its_own(demo, path):
    answer = exchange(demo, request_bytes(path, SINCH_BASIC, method="POST"))

    assert (answer.status, answer.json()["error"]["message"]) == (404, "Not Found")


ODD_NUMBERS = [
    *("%00", "%FF", "x", "+", "%2B", "+1", "+" + "1" * 16, "447700900999x", "++447700900999"),
    *("x" * 5_000, "%F0%9F%93%9E", "+44%207700%20900999", "-447700900999", "%EF%BC%94" * 9),
]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", f"{SEARCH}/{{}}"), ("POST", f"{SEARCH}/{{}}:rent"), ("GET", f"{LIST}/{{}}")),
        *(("PATCH", f"{LIST}/{{}}"), ("POST", f"{LIST}/{{}}:release")),
        *(("GET", f"{LIST}/{{}}/emergencyAddress"),),
        ("POST", f"{LIST}/{{}}/emergencyAddress:deprovision"),
    ],
)
def test_what_is_no_number_in_a_path_is_refused(demo, method, path):
    requests = {
        text: request_bytes(path.format(text), SINCH_BASIC, method=method) for text in ODD_NUMBERS
    }

    assert complaints(demo, requests, "phoneNumber") == {}


@pytest.mark.parametrize("project", ["x", "%00", "%FF", "x" * 5_000, SINCH_PROJECT.upper() + "A"])
@pytest.mark.parametrize("rest", ["activeNumbers", f"availableNumbers/{NUMBER}:rent"])
def test_an_odd_project_is_not_found(demo, project, rest):
    method = "POST" if ":" in rest else "GET"
    path = f"/v1/projects/{project}/{rest}"
    answer = exchange(demo, request_bytes(path, SINCH_BASIC, method=method))
    (detail,) = answer.json()["error"]["details"]

    assert (answer.status, detail["resourceType"]) == (404, "Project")


@pytest.mark.parametrize("authorization", ["", "Basic eDp5", "Basic", "Bearer", "Bearer x.y.z"])
@pytest.mark.parametrize("path", [*METHODS][:-1], ids=lambda path: path[50:])
def test_without_credentials_nothing_is_told(demo, path, authorization):
    method = min(METHODS[path])
    line = f"Authorization: {authorization}"
    answer = exchange(demo, request_bytes(path, line, method=method))
    error = answer.json()["error"]

    assert (answer.status, error["code"], error["status"]) == (401, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", [f"/{LIST}", f"{LIST}/", f"/sinch{LIST}", f"//{LIST}//"])
def test_odd_slashes_are_passed_over(demo, path):
    assert "activeNumbers" in exchange(demo, request_bytes(path, SINCH_BASIC)).json()


def test_a_verb_may_be_escaped(demo):
    path = RELEASE.replace(":", "%3A")
    answer = exchange(demo, request_bytes(path, SINCH_BASIC, method="POST"))

    assert answer.json()["error"]["details"][0]["resourceType"] == "ActiveNumber"


def test_the_vendors_host_leads_here(demo):
    answer = exchange(demo, request_bytes("/nowhere", host="numbers.api.sinch.com"))

    assert answer.json()["error"]["status"] == "NOT_FOUND"
