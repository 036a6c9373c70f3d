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


# --- verbs ----------------------------------------------------------------------------------


def projects():
    found = Endpoints()
    found.verb_roots = ("/v1/projects/",)
    for method, path in (
        ("GET", "/v1/projects/{project}/numbers"),
        ("POST", "/v1/projects/{project}/numbers:rentAny"),
        ("GET", "/v1/projects/{project}/numbers/{number}"),
        ("POST", "/v1/projects/{project}/numbers/{number}:rent"),
        ("POST", "/v1/projects/{project}/numbers/{number}:release"),
        ("POST", "/v1/projects/{project}/numbers/{number}/address:check"),
    ):
        found.add(method, path, f"{method} {path}")
    joined = endpoints()
    joined.join(found)
    return joined


@pytest.mark.parametrize(
    ("method", "path", "endpoint", "values"),
    [
        ("POST", "/v1/projects/p/numbers:rentAny", "numbers:rentAny", {}),
        ("POST", "/v1/projects/p/numbers/+31:rent", "numbers/{number}:rent", {"number": "+31"}),
        (
            *("POST", "/v1/projects/p/numbers/+31:release", "numbers/{number}:release"),
            {"number": "+31"},
        ),
        (
            *("POST", "/v1/projects/p/numbers/x y/address:check"),
            *("numbers/{number}/address:check", {"number": "x y"}),
        ),
        ("GET", "/v1/projects/p/numbers/+31", "numbers/{number}", {"number": "+31"}),
        ("GET", "/v1/projects/p/numbers", "numbers", {}),
        (
            *("POST", "/v1/projects/a:b/numbers/+31:rent", "numbers/{number}:rent"),
            {"project": "a:b", "number": "+31"},
        ),
    ],
)
def test_a_path_may_end_in_a_verb(method, path, endpoint, values):
    scope = {"method": method, "path": path}
    found = projects()

    for _ in range(2):  # the second time from memory
        assert found.find(scope) == f"{method} /v1/projects/{{project}}/{endpoint}"
        assert scope["path_params"] == {"project": "p"} | values
    assert scope["path"] == path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/v1/projects/p/numbers/+31:rent"), ("POST", "/v1/projects/p/numbers/+31")),
        *(("POST", "/v1/projects/p/numbers/+31:"), ("POST", "/v1/projects/p/numbers/+31:Rent")),
        *(("POST", "/v1/projects/p/numbers/+31/:rent"), ("POST", "/v1/projects/p/numbers/:rent")),
        *(
            ("POST", "/v1/projects/p/numbers/+31:rent/"),
            ("POST", "/v1/projects/p/numbers/+31::rent"),
        ),
        *(("POST", "/v1/projects/p/numbers/+31:rent:release"), ("POST", "/v1/projects/p:rent")),
        *(("POST", "/v1/projects/p/numbers:rent"), ("POST", "/v1/projects//numbers/+31:rent")),
    ],
)
def test_another_verb_or_method_has_no_endpoint(method, path):
    assert projects().find({"method": method, "path": path}) is None


@pytest.mark.parametrize("path", ["/v1/projects/p/numbers:rentAny", "/v1/projects/p/numbers:other"])
def test_a_verb_stands_for_no_parameter(path):
    assert projects().find({"method": "GET", "path": path}) is None


def test_a_colon_elsewhere_is_a_colon():
    scope = {"method": "GET", "path": "/v1/pools/a:b"}

    assert projects().find(scope) == "GET /v1/pools/{name}"
    assert scope["path_params"] == {"name": "a:b"}
    assert projects().routed("/v1/pools/a:b") == "/v1/pools/a:b"
