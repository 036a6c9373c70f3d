"""What the server answers before any door does, and which door it leads to."""

import httpx
import pytest

from live import exchange, request_bytes


def test_health_is_told_to_anyone(server):
    answer = httpx.get(f"{server.base_url}/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/docs", "/docs/nowhere", "/healthz/x", "/vonag"]
)
def test_a_path_outside_any_door_names_the_doors(server, path):
    answer = httpx.get(server.base_url + path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["doors"] == {
        "vonage": "/docs/vonage",
        "messagebird": "/docs/messagebird",
        "bird": "/docs/bird",
        "sinch": "/docs/sinch",
    }


@pytest.mark.parametrize("door", ["vonage", "messagebird", "bird", "sinch"])
@pytest.mark.parametrize("path", ["/docs/{}", "/docs/{}/", "/docs/{}/openapi.json"])
def test_a_door_publishes_its_document_to_anyone(server, path, door):
    answer = httpx.get(server.base_url + path.format(door))

    assert answer.status_code == 200
    assert "json" in answer.headers["content-type"]
    assert answer.json()["openapi"].startswith("3.")


@pytest.mark.parametrize(
    "host", ["rest.nexmo.com", "api.nexmo.com", "REST.NEXMO.COM", "rest.nexmo.com:8080"]
)
@pytest.mark.parametrize("path", ["/", "/nowhere", "/v2/applications/x", "/accounts/x/subaccounts"])
def test_a_vendors_own_host_leads_to_its_door_whatever_the_path(server, host, path):
    answer = exchange(server, request_bytes(path, host=host))

    assert answer.status == 404
    assert answer.json() == {"error-code": "404", "error-code-label": "not found"}


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/nowhere", "numbers.messagebird.com"),
        ("/", "NUMBERS.MESSAGEBIRD.COM:443"),
        ("/v1", "localhost"),
        ("/v1/", "localhost"),
        ("/v1/balance", "localhost"),
        ("/v1/phone-numbers/447700900000/x", "localhost"),
        ("/v1/available-phone-numbers", "localhost"),
        ("/messagebird/nowhere", "localhost"),
        ("/messagebird/number/search", "localhost"),
        ("/docs/messagebird/nowhere", "localhost"),
    ],
)
def test_below_v1_and_at_messagebirds_host_an_unknown_path_is_code_98(server, path, host):
    answer = exchange(server, request_bytes(path, host=host))
    error = {"code": 98, "description": "API not found", "parameter": None}

    assert (answer.status, answer.json()) == (404, {"errors": [error]})


def test_a_vendors_own_host_reaches_the_operations_too(server, tenant):
    key, secret = tenant.auth
    target = f"/number/search?country=GB&size=1&api_key={key}&api_secret={secret}"
    answer = exchange(server, request_bytes(target, "Authorization:", host="rest.nexmo.com"))

    assert len(answer.json()["numbers"]) == 1


@pytest.mark.parametrize(
    "host", ["rest.nexmo.com.evil.example", "evil.rest.nexmo.com", "nexmo.com", "messagebird.com"]
)
def test_a_host_that_only_looks_like_a_vendors_leads_nowhere(server, host):
    answer = exchange(server, request_bytes("/nowhere", host=host))

    assert "doors" in answer.json()
