"""Numbers that an account buys, lists, tags and cancels, as each SDK asks for it."""

import json
from datetime import UTC, datetime

import pytest

from live import access_client, charges, open_tenants
from numberline.core.instants import add_months, from_datetime, to_datetime

JSON = "application/json; charset=UTF-8"


def buy(bird, number, country="GB", **more):
    answer = bird.post("/v1/phone-numbers", json={"number": number, "countryCode": country, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def listed(bird, query=""):
    answer = bird.get(f"/v1/phone-numbers?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(page):
    return [item["number"] for item in page["items"]]


def tag(bird, number, *tags):
    answer = bird.patch(f"/v1/phone-numbers/{number}", json={"tags": tags})
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_error(answer, status, code, parameter=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    (error,) = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == (code, parameter)
    assert error["description"]


# --- buying ---------------------------------------------------------------------------------


def test_a_bought_number_is_shown_with_its_dates(bird, msisdn):
    bought = buy(bird, msisdn)
    created_at = datetime.fromisoformat(bought.pop("createdAt"))
    renewal = to_datetime(add_months(from_datetime(created_at), 1))

    assert bought == {
        "number": msisdn,
        "country": "GB",
        "region": "",
        "locality": "",
        "features": ["sms", "voice"],
        "tags": [],
        "type": "mobile",
        "status": "active",
        "renewalAt": f"{renewal:%Y-%m-%d}T00:00:00Z",
    }
    assert abs((datetime.now(UTC) - created_at).total_seconds()) < 60


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"number": "%s", "countryCode": "GB", "billingIntervalMonths": 1}', JSON),
        ('{"number":"%s","countryCode":"GB","billingIntervalMonths":0}', "application/json"),
        ('{"number":"%s","countryCode":"GB","billingIntervalMonths":null}', "application/json"),
        ('{"number":%s,"countryCode":"gb"}', "text/plain"),
        ('{"number":"+%s","countryCode":"GB"}', "application/x-www-form-urlencoded"),
        ('{"number":"%s","country":"GB"}', None),
        ("number=%%2B%s&countryCode=GB&billingIntervalMonths=12", "application/json"),
    ],
)
def test_a_purchase_is_read_whatever_it_is_called(bird, msisdn, body, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    answer = bird.post("/v1/phone-numbers", content=body % msisdn, headers=headers)

    assert (answer.status_code, answer.json()["number"]) == (201, msisdn)


@pytest.mark.parametrize("months", [1, 3, 6, 9, 12])
def test_an_interval_is_paid_ahead(demo, bird, tenant, msisdn, months):
    bought = buy(bird, msisdn, billingIntervalMonths=months)
    entries = charges(demo.database, tenant.account_id)
    created_at = from_datetime(datetime.fromisoformat(bought["createdAt"]))

    assert ("rental", msisdn, months * 1_750_000) in entries
    assert bought["renewalAt"][:10] == f"{to_datetime(add_months(created_at, months)):%Y-%m-%d}"


def test_a_second_purchase_is_refused_also_for_the_owner(demo, bird, tenant, msisdn):
    buy(bird, msisdn)
    (other,) = open_tenants(demo.database)
    body = {"number": msisdn, "countryCode": "GB"}

    assert_error(bird.post("/v1/phone-numbers", json=body), 422, 21, "number")
    with access_client(demo, other) as stranger:
        assert_error(stranger.post("/v1/phone-numbers", json=body), 422, 21, "number")
    assert len(charges(demo.database, tenant.account_id)) == 2


@pytest.mark.parametrize(
    ("body", "code", "parameter"),
    [
        ({"countryCode": "GB"}, 9, "number"),
        ({"number": "447700900999"}, 9, "countryCode"),
        ({}, 9, "number"),
        ({"number": "", "countryCode": "GB"}, 9, "number"),
        ({"number": "nonsense", "countryCode": "GB"}, 10, "number"),
        ({"number": "447700900999", "countryCode": "XX"}, 10, "countryCode"),
        ({"number": "447700900999", "countryCode": "US"}, 10, "countryCode"),
        ({"number": "449999999999", "countryCode": "GB"}, 21, "number"),
        (
            {"number": "447700900999", "countryCode": "GB", "billingIntervalMonths": 2},
            *(10, "billingIntervalMonths"),
        ),
    ],
)
def test_a_purchase_that_is_refused_names_what_is_wrong(bird, body, code, parameter):
    assert_error(bird.post("/v1/phone-numbers", json=body), 422, code, parameter)


def test_a_purchase_beyond_the_balance_is_code_25(demo, msisdn):
    (poor,) = open_tenants(demo.database, credit_limit_micros=0)
    with access_client(demo, poor) as bird:
        answer = bird.post("/v1/phone-numbers", json={"number": msisdn, "countryCode": "GB"})

        assert_error(answer, 422, 25)
        assert numbers(listed(bird)) == []


def test_a_number_that_needs_documents_is_refused(bird):
    page = bird.get("/v1/available-phone-numbers/CH?limit=1000").json()
    wanted = next(item for item in page["items"] if item["verificationRequired"])
    body = {"number": wanted["number"], "countryCode": "CH"}

    assert_error(bird.post("/v1/phone-numbers", json=body), 422, 21, "number")


# --- listing --------------------------------------------------------------------------------


@pytest.fixture
def owned(bird, msisdns):
    """Five numbers that the account rents, ascending; the first two are tagged."""
    bought = msisdns(5)
    for number in reversed(bought):
        buy(bird, number)
    tag(bird, bought[0], "a b", "c")
    tag(bird, bought[1], "c")
    return bought


def test_an_account_without_numbers_lists_an_empty_page(bird):
    assert listed(bird) == {"offset": 0, "limit": 20, "count": 0, "totalCount": 0, "items": []}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 1000])
def test_pages_of_any_size_are_the_whole_list(bird, owned, limit):
    found = []
    for offset in range(0, 5, limit):
        page = listed(bird, f"limit={limit}&offset={offset}")
        found += numbers(page)
        assert (page["offset"], page["limit"], page["totalCount"]) == (offset, limit, 5)
        assert page["count"] == len(page["items"])

    assert found == owned
    assert listed(bird, "offset=5")["items"] == []


@pytest.mark.parametrize(
    ("query", "places"),
    [
        *(("tags=a+b", [0]), ("tags=c", [0, 1]), ("tags=c&tags=a%20b", [0]), ("tags=x", [])),
        *(("tags[0]=c", [0, 1]), ("tags=a", []), ("tags=C", []), ("tags=", [0, 1, 2, 3, 4])),
        *(("features=sms&features=voice", [0, 1, 2, 3, 4]), ("features=mms", [])),
        *(("type=mobile", [0, 1, 2, 3, 4]), ("type=landline", []), ("country=GB&tags=c", [0, 1])),
        *(("number=4477", [0, 1, 2, 3, 4]), ("number=1", []), ("region=Utrecht", [])),
        *(("locality=Utrecht", []), ("features=sms&tags=a+b&limit=40&offset=2", [0])),
        *(("", [0, 1, 2, 3, 4]), ("&&", [0, 1, 2, 3, 4]), ("limit=10&offset=0", [0, 1, 2, 3, 4])),
    ],
)
def test_a_list_is_filtered_as_the_sdks_ask_for_it(bird, owned, query, places):
    page = listed(bird, query)
    offset = page["offset"]

    assert page["totalCount"] == len(places)
    assert numbers(page) == [owned[place] for place in places][offset:]


@pytest.mark.parametrize("place", ["start", "anywhere", "end"])
def test_a_list_is_searched_by_digits(bird, owned, place):
    wanted = owned[3][-4:] if place != "start" else owned[3]

    assert numbers(listed(bird, f"number={wanted}&search_pattern={place}")) == [owned[3]]


def test_what_another_rents_is_not_listed(demo, bird, owned):
    (other,) = open_tenants(demo.database)
    with access_client(demo, other) as stranger:
        assert listed(stranger)["totalCount"] == 0
        for method in ("get", "patch", "delete"):
            assert_error(getattr(stranger, method)(f"/v1/phone-numbers/{owned[0]}"), 404, 20)
    assert listed(bird)["totalCount"] == 5


# --- one number -----------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["{}", "+{}", "%2B{}"])
def test_a_number_is_shown_with_or_without_a_plus(bird, msisdn, spelling):
    bought = buy(bird, msisdn)

    assert bird.get(f"/v1/phone-numbers/{spelling.format(msisdn)}").json() == bought


def test_tags_are_replaced_and_cleared(bird, msisdn):
    buy(bird, msisdn)

    assert tag(bird, msisdn, "tag1", "tag2")["tags"] == ["tag1", "tag2"]
    assert tag(bird, msisdn, "é 📞", "\"\\'")["tags"] == ["é 📞", "\"\\'"]
    assert listed(bird, "tags=%C3%A9+%F0%9F%93%9E")["count"] == 1
    assert tag(bird, msisdn)["tags"] == []
    assert bird.get(f"/v1/phone-numbers/{msisdn}").json()["tags"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": "31612345670", "country": "NL", "type": "mobile", "features": ["sms"]},
        {"tags": None},
    ],
)
def test_an_update_without_tags_changes_nothing(bird, msisdn, body):
    buy(bird, msisdn)
    before = tag(bird, msisdn, "kept")

    assert bird.patch(f"/v1/phone-numbers/{msisdn}", json=body).json() == before


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": JSON}, b"{}"),
        ({"Content-Type": "text/plain"}, b""),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b""),
        ({}, b""),
        ({}, b"not json"),
    ],
)
def test_a_number_is_cancelled_whatever_body_comes(bird, msisdn, headers, body):
    buy(bird, msisdn)
    answer = bird.request("DELETE", f"/v1/phone-numbers/{msisdn}", headers=headers, content=body)

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert_error(bird.get(f"/v1/phone-numbers/{msisdn}"), 404, 20)
    assert_error(bird.delete(f"/v1/phone-numbers/{msisdn}"), 404, 20)
    assert_error(bird.patch(f"/v1/phone-numbers/{msisdn}", json={"tags": ["a"]}), 404, 20)


def test_a_number_that_is_bought_again_has_forgotten_its_tags(bird, msisdn):
    buy(bird, msisdn)
    tag(bird, msisdn, "old")
    bird.delete(f"/v1/phone-numbers/{msisdn}")

    assert buy(bird, msisdn)["tags"] == []


def test_a_body_on_get_is_passed_over(bird, msisdn):
    buy(bird, msisdn)
    body = json.dumps({"limit": 0, "number": "1"})

    assert bird.request("GET", "/v1/phone-numbers", content=body).json()["totalCount"] == 1


# --- who calls ------------------------------------------------------------------------------


@pytest.mark.parametrize("authorization", ["AccessKey wrong", "Bearer x", "AccessKey", ""])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/available-phone-numbers/GB"),
        *(("GET", "/v1/phone-numbers"), ("POST", "/v1/phone-numbers")),
        *((method, "/v1/phone-numbers/447700900000") for method in ("GET", "PATCH", "DELETE")),
    ],
)
def test_without_the_right_key_every_operation_is_401(bird, method, path, authorization):
    answer = bird.request(method, path, headers={"Authorization": authorization})

    assert_error(answer, 401, 2, "access_key")
    assert "incorrect access_key" in answer.text


def test_an_access_key_opens_no_other_door_and_no_other_key_this_one(bird, tenant):
    assert bird.get("/account/numbers").status_code == 401
    pair = {"api_key": tenant.key, "api_secret": tenant.access_key}
    assert bird.get("/account/numbers", params=pair).status_code == 401
    wrong = {"Authorization": f"AccessKey {tenant.secret}"}
    assert bird.get("/v1/phone-numbers", headers=wrong).status_code == 401
