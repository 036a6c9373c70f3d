"""Number pools at the MessageBird door, asked for as the Go SDK does it."""

import json
from urllib.parse import quote

POOL_MEMBERS = {
    *("id", "name", "service", "createdAt", "updatedAt", "numbersCount", "configuration"),
}


def create(bird, name, service="randomcli", *, by_country=False):
    """What the Go SDK sends."""
    body = {"poolName": name, "service": service, "configuration": {"byCountry": by_country}}
    answer = bird.post("/v1/pools", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def get(bird, path, body=None):
    """A GET as the Go SDK makes it, with the filters in a JSON body."""
    content = None if body is None else json.dumps(body)
    answer = bird.request("GET", path, content=content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def view(bird, name):
    return get(bird, f"/v1/pools/{quote(name, safe='')}")


def add(bird, name, *numbers):
    answer = bird.post(f"/v1/pools/{quote(name, safe='')}/numbers", json={"numbers": numbers})
    assert answer.status_code == 200, answer.text
    return answer.json()


def remove(bird, name, *numbers):
    path = f"/v1/pools/{quote(name, safe='')}/numbers"
    answer = bird.request("DELETE", path, json={"numbers": numbers})
    assert (answer.status_code, answer.content) == (204, b""), answer.text


def numbers_of(bird, name, **filters):
    return get(bird, f"/v1/pools/{quote(name, safe='')}/numbers", filters)["numbers"]


def assert_error(answer, status, code, parameter=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    (error,) = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == (code, parameter)
    assert error["description"]
