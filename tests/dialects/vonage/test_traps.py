"""What clients in the field really send, each trap once."""

import pytest

from live import exchange, request_bytes

SUCCESS = {"error-code": "200", "error-code-label": "success"}


def owned(http):
    return [number["msisdn"] for number in http.get("/account/numbers").json().get("numbers", ())]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json;charset=UTF-8",
        "text/plain",
        "application/octet-stream",
        "multipart/form-data",
        "nonsense",
        "",
    ],
)
def test_a_form_is_a_form_whatever_its_label(http, msisdn, content_type):
    answer = http.post(
        "/number/buy",
        content=f"country=GB&msisdn={msisdn}",
        headers={"Content-Type": content_type},
    )

    assert (answer.status_code, answer.json()) == (200, SUCCESS)


def test_a_label_on_a_request_without_a_body_does_no_harm(http):
    answer = http.get("/account/numbers", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.text) == (200, "{}")


@pytest.mark.parametrize(
    ("content_type", "msisdn_as"),
    [
        ("application/json", str),
        ("application/json", int),
        ("application/x-www-form-urlencoded", str),
        ("text/plain", str),
    ],
)
def test_a_json_body_is_understood(http, msisdn, content_type, msisdn_as):
    answer = http.post(
        "/number/buy",
        json={"country": "GB", "msisdn": msisdn_as(msisdn), "target_api_key": None},
        headers={"Content-Type": content_type},
    )

    assert (answer.status_code, answer.json()) == (200, SUCCESS)


@pytest.mark.parametrize(
    "body",
    [
        "country=GB&msisdn={}&",
        "country=GB&&msisdn={}",
        "&&&country=GB&msisdn={}&&&",
        "country=GB&msisdn={}&=&=x&x",
        "country=GB&msisdn={}&unknown=x&page_index=1",
        "msisdn=%2B{}&country=gb",
        "\r\ncountry=GB&msisdn={}",
    ],
)
def test_stray_separators_and_unknown_names_are_passed_over(http, msisdn, body):
    assert http.post("/number/buy", content=body.format(msisdn)).json() == SUCCESS


def test_everything_may_stand_in_the_query_of_a_post_with_an_empty_body(demo, caller, msisdn):
    """As older Node SDKs do, with the credentials too."""
    key, secret = caller.tenant.auth
    query = f"country=GB&msisdn={msisdn}&api_key={key}&api_secret={secret}"
    answers = [
        exchange(
            demo,
            request_bytes(
                f"/number/{action}?{query}{more}",
                "Content-Type: application/x-www-form-urlencoded",
                "Content-Length: 0",
                "Authorization:",
                method="POST",
            ),
        )
        for action, more in [
            ("buy", ""),
            ("update", "&moHttpUrl=https%3A%2F%2Fexample.com%2Fhook&voiceCallbackType="),
            ("cancel", ""),
        ]
    ]

    assert [(answer.status, answer.json()) for answer in answers] == [(200, SUCCESS)] * 3


def test_a_post_may_have_one_half_in_the_query_and_one_in_the_body(http, msisdn):
    answer = http.post("/number/buy?country=GB", data={"msisdn": msisdn})

    assert answer.json() == SUCCESS


@pytest.mark.parametrize("place", ["query", "form", "json", "basic", "lower-case basic"])
def test_credentials_come_in_any_place(demo, caller, msisdn, place):
    key, secret = caller.tenant.auth
    pair = {"api_key": key, "api_secret": secret}
    number = {"country": "GB", "msisdn": msisdn}
    client = caller.http
    basic = client.auth._auth_header
    send = {
        "query": lambda: client.post("/number/buy", params=pair, data=number, auth=None),
        "form": lambda: client.post("/number/buy", data=number | pair, auth=None),
        "json": lambda: client.post("/number/buy", json=number | pair, auth=None),
        "basic": lambda: client.post("/number/buy", data=number),
        "lower-case basic": lambda: client.post(
            "/number/buy",
            data=number,
            headers={"authorization": basic.replace("Basic", "basic")},
            auth=None,
        ),
    }

    assert send[place]().json() == SUCCESS
    assert demo.is_up()


@pytest.mark.parametrize(
    "path",
    [
        *("//account/numbers", "/account//numbers", "///account///numbers//", "/account/numbers/"),
        *("/vonage/account/numbers", "/vonage//account/numbers", "//vonage/account/numbers"),
    ],
)
def test_slashes_of_a_careless_base_url_and_the_doors_own_prefix_are_passed_over(demo, path):
    answer = exchange(demo, request_bytes(path))

    assert (answer.status, answer.body[:1]) == (200, b"{")


@pytest.mark.parametrize("path", ["//number/buy", "/vonage/number/buy", "/vonage//number//buy/"])
def test_a_number_is_bought_by_any_of_these_paths(http, msisdn, path):
    number = {"country": "GB", "msisdn": msisdn}

    assert http.post(f"{http.base_url}{path}", data=number).json() == SUCCESS
    assert owned(http) == [msisdn]


@pytest.mark.parametrize(
    "host", ["rest.nexmo.com", "REST.nexmo.com:443", "api.nexmo.com", "localhost", "", None]
)
def test_the_host_that_a_client_believes_to_speak_to_is_no_matter(demo, host):
    version = "HTTP/1.1" if host is not None else "HTTP/1.0"

    assert (
        exchange(demo, request_bytes("/account/numbers", host=host, version=version)).status == 200
    )


def test_a_target_in_absolute_form_is_understood(demo):
    answer = exchange(demo, request_bytes("http://rest.nexmo.com/number/search?country=GB&size=1"))

    assert len(answer.json()["numbers"]) == 1


# --- answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["/account/numbers", "/number/search?country=GB", "/number/search", "/number/nowhere"]
)
@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "text/html", "application/json;q=0.1, */*", "\xff"]
)
def test_json_is_answered_unless_xml_is_asked_for(demo, target, accept):
    lines = [] if accept is None else [f"Accept: {accept}"]
    answer = exchange(demo, request_bytes(target, *lines))

    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert isinstance(answer.json(), dict)


BAD_CREDENTIALS = {
    "none": (),
    "a wrong secret": ("Authorization: Basic YTFiMmMzZDQ6d3Jvbmc=",),
    "an unknown key": ("Authorization: Basic bm9ib2R5OmRlbW8tdm9uYWdlLXNlY3JldA==",),
    "no colon": ("Authorization: Basic YTFiMmMzZDQ=",),
    "no base64": ("Authorization: Basic a1b2c3d4:demo-vonage-secret",),
    "no text": ("Authorization: Basic /////w==",),
    "Latin-1": ("Authorization: Basic \xe9\xe9\xe9\xe9",),
    "another scheme": ("Authorization: Bearer YTFiMmMzZDQ6ZGVtby12b25hZ2Utc2VjcmV0",),
    "a scheme alone": ("Authorization: Basic",),
    "a tab": ("Authorization: Basic\tYTFiMmMzZDQ6ZGVtby12b25hZ2Utc2VjcmV0",),
    "a long one": ("Authorization: Basic " + "QUFB" * 40_000,),
    "a NUL within": ("Authorization: Basic YTFiMmMzZDQAOmRlbW8tdm9uYWdlLXNlY3JldA==",),
}


@pytest.mark.parametrize("lines", BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/account/numbers"), ("GET", "/number/search?country=GB"), ("POST", "/number/buy")],
)
def test_bad_credentials_are_answered_as_the_real_service_does(demo, method, target, lines):
    answer = exchange(demo, request_bytes(target, *(lines or ("Authorization:",)), method=method))

    assert answer.status == 401
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert answer.json() == {"error-code": "401", "error-code-label": "authentication failed"}


def test_credentials_are_asked_for_before_parameters_are_judged(demo):
    answer = exchange(demo, request_bytes("/number/search?country=XX", "Authorization:"))

    assert answer.status == 401
