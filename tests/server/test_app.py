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
    assert answer.json()["doors"] == {"vonage": "/docs/vonage"}


@pytest.mark.parametrize("path", ["/docs/vonage", "/docs/vonage/", "/docs/vonage/openapi.json"])
def test_a_door_publishes_its_document_to_anyone(server, path):
    answer = httpx.get(server.base_url + path)

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


def test_a_vendors_own_host_reaches_the_operations_too(server, tenant):
    key, secret = tenant.auth
    target = f"/number/search?country=GB&size=1&api_key={key}&api_secret={secret}"
    answer = exchange(server, request_bytes(target, "Authorization:", host="rest.nexmo.com"))

    assert len(answer.json()["numbers"]) == 1


@pytest.mark.parametrize(
    "host", ["rest.nexmo.com.evil.example", "evil.rest.nexmo.com", "nexmo.com"]
)
def test_a_host_that_only_looks_like_a_vendors_leads_nowhere(server, host):
    answer = exchange(server, request_bytes("/nowhere", host=host))

    assert "doors" in answer.json()
