"""The numbers of a pool over the wire: put in, listed, taken out, and what else ends it."""

import uuid

import pytest

from live import access_client, client_of, open_tenants
from pools import add, assert_error, create, get, numbers_of, remove, view

# --- the numbers of a pool ------------------------------------------------------------------


def test_each_number_is_put_in_a_pool_by_itself(bird, rented):
    create(bird, "a")
    strangers = ["447700900999", "31612345670"]
    told = add(bird, "a", rented[1], strangers[0], rented[0], strangers[1], rented[1])

    assert told["success"] == [rented[1], rented[0]]
    assert [each.keys() for each in told["fail"]] == [{"number", "error"}] * 2
    assert [each["number"] for each in told["fail"]] == strangers
    assert all(each["error"] for each in told["fail"])
    assert numbers_of(bird, "a") == rented[:2]


def test_a_number_that_is_in_the_pool_is_a_success(bird, rented):
    create(bird, "a")

    for _ in range(2):
        assert add(bird, "a", *rented) == {"success": rented, "fail": []}
    assert view(bird, "a")["numbersCount"] == 4


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", '{{"numbers":["{0}","{1}"]}}'),
        ("", '{{"numbers":[{0},{1}]}}'),
        ("", '{{"numbers":["+{0}",{1}]}}'),
        ("", '{{"numbers":"{0},{1}"}}'),
        ("", "numbers={0}&numbers={1}"),
        ("numbers={0}&numbers={1}", ""),
        ("numbers={0}&numbers=%2B{1}", "{{}}"),
        ("numbers[]={0}&numbers[]={1}", ""),
        ("numbers[0]={0},{1}", ""),
        ("numbers={0}", '{{"numbers":[{1}]}}'),
    ],
)
def test_numbers_come_in_a_body_or_a_query(bird, rented, query, body):
    create(bird, "a")
    path = "/v1/pools/a/numbers?" + query.format(*rented)
    added = bird.post(path, content=body.format(*rented))

    assert added.json() == {"success": rented[:2], "fail": []}
    add(bird, "a", rented[2])
    removed = bird.request("DELETE", path, content=body.format(*rented))
    assert (removed.status_code, removed.content) == (204, b"")
    assert numbers_of(bird, "a") == [rented[2]]


@pytest.mark.parametrize("body", ["{}", "", '{"numbers":[]}', '{"numbers":null}'])
def test_the_empty_body_of_the_go_sdk_adds_and_removes_nothing(bird, rented, body):
    create(bird, "a")
    add(bird, "a", *rented)
    added = bird.post("/v1/pools/a/numbers", content=body)

    assert (added.status_code, added.json()) == (200, {"success": [], "fail": []})
    assert bird.request("DELETE", "/v1/pools/a/numbers", content=body).status_code == 204
    assert numbers_of(bird, "a") == rented


def test_what_is_removed_leaves_this_pool_alone(bird, rented):
    for name in ("a", "b"):
        create(bird, name)
        add(bird, name, *rented)
    remove(bird, "a", rented[0], rented[2], "447700900999")
    remove(bird, "a", rented[0])

    assert numbers_of(bird, "a") == [rented[1], rented[3]]
    assert numbers_of(bird, "b") == rented
    assert bird.get("/v1/phone-numbers").json()["totalCount"] == 4


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({"number": "316"}, []),
        ({"number": "4477", "limit": 20, "offset": 0}, [0, 1, 2, 3]),
        ({"number": "4477", "limit": 2, "offset": 1}, [1, 2]),
        ({"number": 44}, [0, 1, 2, 3]),
        ({"number": "", "offset": 3}, [3]),
    ],
)
def test_the_numbers_of_a_pool_are_listed_by_their_first_digits(bird, rented, filters, places):
    create(bird, "a")
    add(bird, "a", *rented)
    page = get(bird, "/v1/pools/a/numbers", filters)

    assert page["numbers"] == [rented[place] for place in places]
    assert page["count"] == len(places)
    assert page.keys() == {"limit", "offset", "count", "totalCount", "numbers"}


def test_five_hundred_numbers_are_taken_at_once_and_no_more(bird, rented):
    create(bird, "a")
    many = [str(31_600_000_000 + n) for n in range(499)]

    told = add(bird, "a", rented[0], *many)
    assert (told["success"], len(told["fail"])) == ([rented[0]], 499)
    for method in ("POST", "DELETE"):
        body = {"numbers": [*rented[:2], *many]}
        answer = bird.request(method, "/v1/pools/a/numbers", json=body)
        assert_error(answer, 422, 10, "numbers")
    assert numbers_of(bird, "a") == [rented[0]]


# --- numbers that change otherwise ----------------------------------------------------------


@pytest.fixture
def http(demo, tenant):
    with client_of(demo, tenant.auth) as client:
        yield client


@pytest.mark.parametrize("door", ["messagebird", "vonage"])
def test_membership_ends_with_the_rental_through_either_door(bird, http, rented, door):
    create(bird, "a")
    add(bird, "a", *rented)
    number = {"country": "GB", "msisdn": rented[0]}
    if door == "vonage":
        assert http.post("/number/cancel", data=number).status_code == 200
    else:
        assert bird.delete(f"/v1/phone-numbers/{rented[0]}").status_code == 204

    assert numbers_of(bird, "a") == rented[1:]
    assert http.post("/number/buy", data=number).status_code == 200
    assert numbers_of(bird, "a") == rented[1:]


def test_settings_and_tags_leave_the_pools_alone_and_pools_leave_them(bird, http, rented):
    create(bird, "a")
    app_id = str(uuid.uuid4())
    number = {"country": "GB", "msisdn": rented[0]}
    add(bird, "a", rented[0])
    http.post("/number/update", data=number | {"app_id": app_id})
    bird.patch(f"/v1/phone-numbers/{rented[0]}", json={"tags": ["kept"]})

    assert numbers_of(bird, "a") == [rented[0]]
    remove(bird, "a", rented[0])
    assert bird.get(f"/v1/phone-numbers/{rented[0]}").json()["tags"] == ["kept"]
    listed = http.get(f"/account/numbers?pattern={rented[0]}").json()["numbers"]
    assert [each["app_id"] for each in listed] == [app_id]


def test_a_number_of_another_fails_and_stays_where_it_is(demo, bird, rented):
    create(bird, "a")
    add(bird, "a", rented[0])
    (other,) = open_tenants(demo.database)
    with access_client(demo, other) as stranger:
        create(stranger, "theirs")

        assert [each["number"] for each in add(stranger, "theirs", rented[0])["fail"]] == [
            rented[0]
        ]
        remove(stranger, "theirs", rented[0])
        assert numbers_of(stranger, "theirs") == []
    assert numbers_of(bird, "a") == [rented[0]]
