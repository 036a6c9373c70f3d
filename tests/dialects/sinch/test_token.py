"""How a caller comes by an access token, and what it opens."""

import httpx
import jwt
import pytest

from live import ANSWER_S, open_tenants
from numberline.platform.demo import SINCH_KEY, SINCH_PROJECT, SINCH_SECRET

BAD, WHO = "invalid_request", "invalid_client"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def http(demo):
    """A client without credentials."""
    with httpx.Client(base_url=demo.base_url, timeout=ANSWER_S) as client:
        yield client


@pytest.fixture
def ask(http):
    def ask(form=GRANT, auth=(SINCH_KEY, SINCH_SECRET), **options):
        return http.post("/oauth2/token", data=form, auth=auth, **options)

    return ask


@pytest.fixture
def numbers(http):
    """Lists the numbers of a project with an access token."""

    def numbers(token, project=SINCH_PROJECT):
        headers = {"Authorization": f"Bearer {token}"}
        return http.get(f"/v1/projects/{project}/activeNumbers", headers=headers)

    return numbers


def oauth_error(answer):
    """The status and the code of an error as OAuth words it."""
    told = answer.json()
    assert told.keys() == {"error", "error_description"}
    assert told["error_description"]
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, told["error"]


def test_a_token_has_all_that_the_sdks_need_of_it(ask, numbers):
    answer = ask()
    told = answer.json()

    assert answer.status_code == 200
    assert list(told) == ["access_token", "expires_in", "scope", "token_type"]
    assert (told["expires_in"], told["scope"], told["token_type"]) == (3599, "", "bearer")
    assert answer.headers["cache-control"] == "no-store"
    assert numbers(told["access_token"]).status_code == 200


def test_a_token_tells_clients_when_it_ends(ask):
    claims = jwt.decode(ask().json()["access_token"], options={"verify_signature": False})

    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize(
    "options",
    [
        {"form": GRANT | {"client_id": SINCH_KEY, "client_secret": SINCH_SECRET}, "auth": None},
        {"form": GRANT | {"scope": "all", "unknown": "1"}},
        {"form": None, "json": GRANT},
        {"form": None, "content": b"grant_type=client_credentials"},
    ],
)
def test_a_client_asks_in_several_ways(ask, numbers, options):
    answer = ask(**options)

    assert answer.status_code == 200
    assert numbers(answer.json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"auth": None}, 401, WHO),
        ({"auth": (SINCH_KEY, "wrong")}, 401, WHO),
        ({"auth": ("nobody", SINCH_SECRET)}, 401, WHO),
        ({"auth": (SINCH_KEY, SINCH_SECRET * 100)}, 401, WHO),
        ({"auth": None, "headers": {"Authorization": "Bearer x"}}, 401, WHO),
        ({"auth": None, "form": GRANT | {"client_id": SINCH_KEY}}, 401, WHO),
        ({"form": {}}, 400, BAD),
        ({"form": {"grant_type": ""}}, 400, BAD),
        ({"form": {"grant_type": "password"}}, 400, "unsupported_grant_type"),
        ({"form": {"grant_type": "x" * 3_000}}, 400, BAD),
        ({"form": {"grant_type": "a\0b"}}, 400, BAD),
        ({"form": None, "content": b"{"}, 400, BAD),
        ({"form": None, "content": b"no form"}, 400, BAD),
        ({"form": None, "json": {"grant_type": {"a": 1}}}, 400, BAD),
        ({"form": None, "content": b"a=1&" * 300}, 400, BAD),
        ({"form": None, "content": b"a" * 70_000}, 413, BAD),
        ({"auth": None, "form": GRANT | {"client_id": "\0", "client_secret": "x"}}, 400, BAD),
    ],
    ids=str,
)
def test_every_error_is_told_as_oauth_tells_it(ask, options, status, code):
    answer = ask(**options)

    assert oauth_error(answer) == (status, code)
    assert ("www-authenticate" in answer.headers) is (status == 401)


def test_a_key_of_another_door_gets_no_token(ask):
    assert oauth_error(ask(auth=("a1b2c3d4", "demo-vonage-secret"))) == (401, WHO)


def test_a_token_opens_the_project_of_its_key_and_no_other(demo, ask, numbers):
    tenant, other = open_tenants(demo.database, 2)
    token = ask(auth=tenant.auth).json()["access_token"]

    assert numbers(token, tenant.project).status_code == 200
    for project in (other.project, SINCH_PROJECT, "x"):
        answer = numbers(token, project)
        assert answer.status_code == 404
        assert answer.json()["error"]["details"][0]["resourceType"] == "Project"


@pytest.mark.parametrize(
    "token",
    [
        *("x", "a.b.c", "x" * 5_000, "Bearer"),
        jwt.encode({"aud": "sinch", "sub": SINCH_KEY, "exp": 2**40}, "k" * 32, "HS256"),
        jwt.encode({"aud": "sinch", "sub": SINCH_KEY, "exp": 2**40}, None, "none"),
    ],
    ids=lambda token: token[:20],
)
def test_a_token_that_was_not_issued_here_is_401_and_sends_no_client_for_another(numbers, token):
    answer = numbers(token)
    error = answer.json()["error"]

    assert (answer.status_code, error["code"], error["status"]) == (401, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert "expired" not in answer.headers["www-authenticate"]


def test_a_changed_token_is_401(ask, numbers):
    head, claims, signature = ask().json()["access_token"].split(".")

    assert numbers(f"{head}.{claims}.{signature[::-1]}").status_code == 401


def test_the_vendors_host_leads_to_the_endpoint(ask):
    assert ask(headers={"Host": "auth.sinch.com"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_token_is_only_posted_for(http, method):
    answer = http.request(method, "/oauth2/token")

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
