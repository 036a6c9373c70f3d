import pytest

from numberline.dialects.front_door import Endpoints


def endpoints():
    found = Endpoints()
    for method, path in (
        ("GET", "/v1/phone-numbers"),
        ("GET", "/v1/phone-numbers/{number}"),
        ("DELETE", "/v1/phone-numbers/{number}"),
        ("GET", "/v1/{kind}/{number}/tags"),
        ("GET", "/v1/pools/{name}"),
    ):
        found.add(method, path, f"{method} {path}")
    joined = Endpoints()
    joined.add("GET", "/number/search", "GET /number/search")
    joined.join(found)
    return joined


@pytest.mark.parametrize(
    ("method", "path", "endpoint", "values"),
    [
        ("GET", "/number/search", "GET /number/search", None),
        ("GET", "/v1/phone-numbers", "GET /v1/phone-numbers", None),
        ("GET", "/v1/phone-numbers/31", "GET /v1/phone-numbers/{number}", {"number": "31"}),
        ("DELETE", "/v1/phone-numbers/x y", "DELETE /v1/phone-numbers/{number}", {"number": "x y"}),
        (
            *("GET", "/v1/pools/31/tags", "GET /v1/{kind}/{number}/tags"),
            {"kind": "pools", "number": "31"},
        ),
        ("GET", "/v1/pools/phone-numbers", "GET /v1/pools/{name}", {"name": "phone-numbers"}),
    ],
)
def test_a_step_in_braces_stands_for_any(method, path, endpoint, values):
    scope = {"method": method, "path": path}

    assert endpoints().find(scope) == endpoint
    assert scope.get("path_params") == values


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", "/v1/phone-numbers"), ("PUT", "/v1/phone-numbers/31"), ("GET", "/v1")),
        *(("GET", "/v1/phone-numbers/"), ("GET", "/v1/phone-numbers/31/"), ("GET", "/")),
        *(("GET", "/v1/phone-number/31"), ("GET", "//phone-numbers/31"), ("GET", "")),
        *(("GET", "/v1//31/tags"), ("GET", "/v2/phone-numbers/31"), ("get", "/number/search")),
    ],
)
def test_another_path_or_method_has_no_endpoint(method, path):
    assert endpoints().find({"method": method, "path": path}) is None
