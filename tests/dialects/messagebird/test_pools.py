"""Number pools over the wire, as the Go SDK asks for them: created, listed, renamed, deleted."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import REPEATABLE
from live import access_client, open_tenants, tables_of
from pools import POOL_MEMBERS, add, assert_error, create, get, numbers_of, remove, view

# --- creating and showing -------------------------------------------------------------------


@pytest.mark.parametrize("by_country", [True, False])
def test_a_new_pool_is_shown_as_it_was_asked_for(bird, by_country):
    created = create(bird, "myPool", by_country=by_country)
    created_at = datetime.fromisoformat(created["createdAt"])

    assert created == {
        "id": str(uuid.UUID(created["id"])),
        "name": "myPool",
        "service": "randomcli",
        "createdAt": created["createdAt"],
        "updatedAt": created["createdAt"],
        "numbersCount": 0,
        "configuration": {"byCountry": by_country},
    }
    assert created["createdAt"].endswith("Z")
    assert abs((datetime.now(UTC) - created_at).total_seconds()) < 60
    assert view(bird, "myPool") == created


@pytest.mark.parametrize(
    ("body", "service", "by_country"),
    [
        ('{"poolName":"a","service":"","configuration":null}', "", False),
        ('{"poolName":"a"}', "", False),
        ('{"poolName":" a ","service":null,"configuration":{}}', "", False),
        ('{"poolName":"a","configuration":{"byCountry":null,"x":[{}]}}', "", False),
        ('{"poolName":"a","configuration":{"byCountry":"true"},"unknown":{"x":1}}', "", True),
        ("poolName=a&service=sms+out&configuration[byCountry]=1", "sms out", True),
        ("poolName=a&configuration%5BbyCountry%5D=0", "", False),
    ],
)
def test_a_pool_is_created_from_json_or_a_form(bird, body, service, by_country):
    answer = bird.post("/v1/pools", content=body, headers={"Content-Type": "text/plain"})

    created = answer.json()
    assert answer.status_code == 201
    assert (created["name"], created["service"]) == ("a", service)
    assert created["configuration"] == {"byCountry": by_country}


@pytest.mark.parametrize(
    "name", ["a b", "numbers", "a+b", "é 📞", "100%", "a?b#c", "%2F", '"\\{}', "...", "x" * 255]
)
def test_a_pool_is_found_by_whatever_name_it_may_have(bird, name):
    created = create(bird, name)

    assert created["name"] == name
    assert view(bird, name) == created
    assert get(bird, "/v1/pools", {"poolName": name})["items"] == [created]
    assert numbers_of(bird, name) == []
    assert bird.delete(f"/v1/pools/{quote(name, safe='')}").status_code == 204


@pytest.mark.parametrize(
    "path", ["/v1/pools/my pool", "/v1/pools/my%20pool", "/v1//pools/my pool//"]
)
def test_a_name_in_a_path_may_be_escaped_or_not(bird, path):
    created = create(bird, "my pool")

    assert bird.get(path).json() == created


def test_a_name_is_given_once(bird):
    create(bird, "mine")

    assert_error(bird.post("/v1/pools", json={"poolName": "mine"}), 422, 21, "poolName")
    assert create(bird, "Mine")["name"] == "Mine"


def test_of_many_that_create_one_name_at_once_one_wins(bird):
    with ThreadPoolExecutor(8) as callers:
        answers = list(
            callers.map(lambda _: bird.post("/v1/pools", json={"poolName": "mine"}), range(16))
        )

    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 15
    assert get(bird, "/v1/pools")["totalCount"] == 1


def test_an_account_has_a_hundred_pools_at_most(bird):
    for n in range(100):
        create(bird, f"pool {n}")

    assert_error(bird.post("/v1/pools", json={"poolName": "one more"}), 422, 21)


# --- listing --------------------------------------------------------------------------------


def test_an_account_without_pools_lists_an_empty_page(bird):
    assert get(bird, "/v1/pools") == {
        "offset": 0,
        "limit": 20,
        "count": 0,
        "totalCount": 0,
        "items": [],
    }


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["b", "a", "c"]),
        (None, ["b", "a", "c"]),
        ({"limit": 2}, ["b", "a"]),
        ({"limit": 2, "offset": 2}, ["c"]),
        ({"poolName": "a"}, ["a"]),
        ({"service": "sms"}, ["b", "c"]),
        ({"poolName": "a", "service": "sms", "limit": 1}, []),
        ({"poolName": "A"}, []),
        ({"service": "", "poolName": ""}, ["b", "a", "c"]),
    ],
)
def test_pools_are_listed_from_the_oldest_on_by_filters_in_a_body_or_a_query(bird, filters, names):
    for name, service in (("b", "sms"), ("a", "voice"), ("c", "sms")):
        create(bird, name, service)
    in_body = get(bird, "/v1/pools", filters)
    in_query = bird.get("/v1/pools", params=filters or {}).json()

    assert [pool["name"] for pool in in_body["items"]] == names
    assert in_body == in_query
    assert in_body["count"] == len(names)
    assert all(pool.keys() == POOL_MEMBERS for pool in in_body["items"])


@pytest.mark.parametrize("body", ["null", " null\n", "{}", "", "limit=1"])
def test_a_body_that_the_go_sdk_may_send_with_get_is_taken(bird, body):
    create(bird, "a")
    add(bird, "a")

    for path in ("/v1/pools", "/v1/pools/a/numbers"):
        assert bird.request("GET", path, content=body).status_code == 200


def test_a_list_counts_the_numbers_of_each_pool(bird, rented):
    for name in ("a", "b", "c"):
        create(bird, name)
    add(bird, "a", *rented[:3])
    add(bird, "b", *rented[2:])

    counts = {each["name"]: each["numbersCount"] for each in get(bird, "/v1/pools")["items"]}
    assert counts == {"a": 3, "b": 2, "c": 0}
    assert [view(bird, name)["numbersCount"] for name in "abc"] == [3, 2, 0]


@pytest.fixture
def full(bird, msisdns):
    """The names of 13 pools, and 13 numbers, all of which are in the first of them."""
    names, numbers = [f"pool {n:02}" for n in range(13)], msisdns(13)
    for name in names:
        create(bird, name)
    for number in numbers:
        bird.post("/v1/phone-numbers", json={"number": number, "countryCode": "GB"})
    assert add(bird, names[0], *reversed(numbers))["success"] == numbers[::-1]
    return names, numbers


@settings(REPEATABLE, max_examples=25)
@given(limit=st.integers(1, 15), in_body=st.booleans())
@pytest.mark.parametrize("path", ["/v1/pools", "/v1/pools/pool 00/numbers"])
def test_pages_of_any_size_hold_everything_once(bird, full, path, limit, in_body):
    names, numbers = full
    found, offset, total = [], 0, 13
    while offset < total:
        filters = {"limit": limit, "offset": offset}
        page = get(bird, path, filters) if in_body else bird.get(path, params=filters).json()
        items = page.get("numbers") or [pool["name"] for pool in page["items"]]
        assert (page["limit"], page["offset"], page["totalCount"]) == (limit, offset, total)
        assert page["count"] == len(items) == min(limit, total - offset)
        found += items
        offset += limit

    assert found == (numbers if "numbers" in path else names)
    assert get(bird, path, {"offset": offset})["count"] == max(0, total - offset)


# --- renaming and deleting ------------------------------------------------------------------


def put(bird, name, **body):
    answer = bird.put(f"/v1/pools/{name}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_pool_is_renamed_as_the_go_sdk_does_it_and_keeps_its_numbers(bird, rented):
    created = create(bird, "old")
    add(bird, "old", rented[0])
    changed = put(bird, "old", poolName="new", configuration={"byCountry": True})

    assert changed.pop("updatedAt") > created.pop("updatedAt")
    assert changed == created | {
        "name": "new",
        "numbersCount": 1,
        "configuration": {"byCountry": True},
    }
    assert numbers_of(bird, "new") == [rented[0]]
    assert_error(bird.get("/v1/pools/old"), 404, 20)


@pytest.mark.parametrize(
    "body",
    [{}, {"poolName": "", "configuration": None}, {"poolName": "a"}, {"service": "randomcli"}],
)
def test_what_an_update_leaves_out_stays(bird, body):
    created = create(bird, "a", by_country=True)

    assert put(bird, "a", **body) == created


def test_a_service_is_changed_and_cleared(bird):
    create(bird, "a")

    assert put(bird, "a", service="sms")["service"] == "sms"
    assert put(bird, "a", service="")["service"] == ""


def test_a_pool_is_not_renamed_to_another(bird):
    create(bird, "a")
    create(bird, "b")

    assert_error(bird.put("/v1/pools/a", json={"poolName": "b"}), 422, 21, "poolName")
    assert view(bird, "a")["name"] == "a"


def test_a_deleted_pool_is_gone_and_its_numbers_stay_rented(bird, rented):
    first = create(bird, "a")
    add(bird, "a", *rented)
    answer = bird.delete("/v1/pools/a")

    assert (answer.status_code, answer.content) == (204, b"")
    assert_error(bird.get("/v1/pools/a"), 404, 20)
    assert bird.get("/v1/phone-numbers").json()["totalCount"] == 4
    again = create(bird, "a")
    assert again["id"] != first["id"]
    assert numbers_of(bird, "a") == []


# --- another account ------------------------------------------------------------------------

OPERATIONS = [
    *(("GET", "/v1/pools/a", None), ("PUT", "/v1/pools/a", {"poolName": "b"})),
    *(("DELETE", "/v1/pools/a", None), ("GET", "/v1/pools/a/numbers", None)),
    *(("POST", "/v1/pools/a/numbers", {}), ("DELETE", "/v1/pools/a/numbers", {})),
    *(("POST", "/v1/pools/a/numbers", {"numbers": ["447700900999"]}),),
]


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_what_another_has_looks_as_if_it_were_not_there(demo, bird, method, path, body):
    created = create(bird, "a")
    (other,) = open_tenants(demo.database)
    with access_client(demo, other) as stranger:
        assert_error(stranger.request(method, path, json=body), 404, 20)
        assert get(stranger, "/v1/pools")["totalCount"] == 0
        assert create(stranger, "a")["id"] != created["id"]
    assert view(bird, "a") == created


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/v1/pools"), ("POST", "/v1/pools")),
        *((method, "/v1/pools/a") for method in ("GET", "PUT", "DELETE")),
        *((method, "/v1/pools/a/numbers") for method in ("GET", "POST", "DELETE")),
    ],
)
def test_without_the_right_key_every_operation_is_401(bird, method, path):
    answer = bird.request(method, path, headers={"Authorization": "AccessKey wrong"})

    assert_error(answer, 401, 2, "access_key")


def test_what_happens_to_pools_is_told_in_the_feed(demo, bird, tenant, rented):
    create(bird, "a")
    add(bird, "a", rented[0])
    remove(bird, "a", rented[0])
    put(bird, "a", poolName="b")
    bird.delete("/v1/pools/b")

    (events,) = tables_of(demo.database, "event")
    own = [each for each in events if each["account_id"] == tenant.account_id]
    assert [each["kind"] for each in own if "pool" in each["kind"]] == [
        *("pool_created", "pool_joined", "pool_left", "pool_changed", "pool_deleted"),
    ]
