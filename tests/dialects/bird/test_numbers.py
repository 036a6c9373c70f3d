"""Buying, listing, showing and cancelling through the Bird door."""

import datetime as dt

import pytest

from live import bird_client, charges, open_tenants
from numberline.dialects.bird.ids import NUMBERS, STOCK_ITEMS

ITEMS = "numberStockItemIds"
NOWHERE = "123e4567-e89b-12d3-a456-426614174000"


def is_recent(text):
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(text)
    return dt.timedelta(seconds=-1) < age < dt.timedelta(minutes=5)


@pytest.fixture
def post(bird, tenant):
    """Asks for stock items by their identifiers."""

    def post(*ids, **more):
        return bird.post(f"{tenant.workspace_path}/numbers-long-code", json={ITEMS: ids} | more)

    return post


@pytest.fixture
def listed(bird, tenant):
    """The numbers that a list of the workspace holds."""

    def listed(query="", path="numbers-long-code"):
        answer = bird.get(f"{tenant.workspace_path}/{path}?{query}")
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"]
        return [int(each.get("numberString") or each["number"]) for each in results]

    return listed


# --- buying ---------------------------------------------------------------------------------


def test_a_stock_item_is_bought_by_the_identifier_that_the_search_gave(buy, msisdn):
    (bought,) = buy(msisdn)

    assert bought["numberString"] == f"+{msisdn}"
    assert (bought["countryCode"], bought["type"]) == ("GB", "mobile")
    assert bought["id"] == bought["endpointId"] == bought["endpoint"]["id"]
    assert bought["endpoint"]["type"] == "long-code-number"
    assert bought["order"] == {
        "countryCode": "GB",
        "type": "mobile",
        "capabilities": ["sms", "voice"],
        "prefix": "",
        "status": "completed",
    }
    assert is_recent(bought["createdAt"])
    assert "deprovisionAt" not in bought


def test_an_endpoint_tells_what_works_in_which_direction(buy, msisdn):
    (bought,) = buy(msisdn)
    told = {each["name"]: each for each in bought["endpoint"]["capabilities"]}

    assert told.keys() == {"sms", "mms", "voice"}
    assert told["sms"]["inbound"] == {"status": "active", "issues": []}
    assert told["mms"]["inbound"] == {
        "status": "inactive",
        "issues": ["capability-is-not-supported"],
    }
    assert told["voice"]["outbound"]["status"] == "active"


def test_many_are_bought_at_once_and_each_is_charged(demo, tenant, buy, msisdns):
    numbers = msisdns(25)
    bought = buy(*reversed(numbers))

    assert [each["numberString"] for each in bought] == [f"+{n}" for n in reversed(numbers)]
    assert {number for _, number, _ in charges(demo.database, tenant.account_id)} == set(numbers)


def bought_by_another(demo, number):
    (other,) = open_tenants(demo.database)
    with bird_client(demo, other) as client:
        body = {ITEMS: [STOCK_ITEMS.of(int(number))]}
        assert client.post(f"{other.workspace_path}/numbers-long-code", json=body).is_success


def test_one_that_is_gone_is_named_and_nothing_is_bought(demo, post, listed, buy, msisdns):
    first, gone, last = msisdns(3)
    bought_by_another(demo, gone)
    buy(last)
    answer = post(*(STOCK_ITEMS.of(int(number)) for number in (first, gone, last)))

    assert (answer.status_code, answer.json()["code"]) == (422, "numbers-not-available")
    assert [(each["id"], each["code"]) for each in answer.json()["details"][ITEMS]] == [
        (STOCK_ITEMS.of(int(gone)), "number-not-available"),
        (STOCK_ITEMS.of(int(last)), "number-already-owned"),
    ]
    assert listed() == [int(last)]


def test_identifiers_of_nothing_are_named_with_those_that_are_gone(post, buy, listed, msisdns):
    free, own = (STOCK_ITEMS.of(int(number)) for number in msisdns(2))
    other = STOCK_ITEMS.of(10**14)
    buy(own.rpartition("-")[2])
    answer = post(NOWHERE, free, own, other)

    assert answer.status_code == 422
    assert [each["id"] for each in answer.json()["details"][ITEMS]] == [NOWHERE, own, other]
    assert len(listed()) == 1


def test_an_identifier_that_is_named_twice_is_bought_once(post, msisdn):
    item_id = STOCK_ITEMS.of(int(msisdn))
    answer = post(item_id, item_id.upper(), ignored=True)

    assert answer.status_code == 201
    assert len(answer.json()["results"]) == 1


def test_a_lack_of_credit_buys_nothing(demo, msisdns):
    (poor,) = open_tenants(demo.database, credit_limit_micros=3_000_000)
    with bird_client(demo, poor) as client:
        body = {ITEMS: [STOCK_ITEMS.of(int(number)) for number in msisdns(2)]}
        answer = client.post(f"{poor.workspace_path}/numbers-long-code", json=body)

        assert (answer.status_code, answer.json()["code"]) == (422, "insufficient-balance")
        assert client.get(f"{poor.workspace_path}/numbers").json() == {"results": []}


def test_a_number_that_was_bought_is_no_stock_item_any_more(bird, tenant, buy, msisdn):
    buy(msisdn)

    assert bird.get(f"{tenant.stock_path}?prefix={msisdn}").json() == {"results": []}


# --- listing and showing --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1]),
        ("reverse=true", [1, 0]),
        ("limit=1", [0]),
        ("limit=1&reverse=true", [1]),
        ("numberString=44", [0, 1]),
        ("numberString=%2B4477", [0, 1]),
        ("numberString=1", []),
        ("countryCodes=gb&types=mobile&capabilities=sms", [0, 1]),
        ("countryCodes=US", []),
        ("types=local", []),
        ("capabilities=mms", []),
        ("capabilities=sms-inbound&capabilities=voice-outbound", [0, 1]),
        ("providerIds=x&providerIds=y", [0, 1]),
    ],
)
def test_long_codes_are_listed_by_their_filters(buy, listed, msisdns, query, found):
    numbers = msisdns(2)
    buy(*numbers)

    assert listed(query) == [int(numbers[place]) for place in found]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1]),
        ("reverse=1", [1, 0]),
        ("prefix=7700&country=GB", [0, 1]),
        ("prefix=447700", [0, 1]),
        ("prefix=%2B447700", [0, 1]),
        ("prefix=7700", []),
        ("searchTerm=00900", [0, 1]),
        ("searchTerm=555", []),
        ("prefix=44&searchTerm=447", [0, 1]),
        ("country=US", []),
        ("type=mobile&status=active", [0, 1]),
        ("status=inactive", []),
        ("sms=true&voice=true&mms=false", [0, 1]),
        ("mms=true", []),
        ("fax=true", []),
        ("fax=false", [0, 1]),
    ],
)
def test_numbers_are_listed_by_their_filters(buy, listed, msisdns, query, found):
    numbers = msisdns(2)
    buy(*numbers)

    assert listed(query, "numbers") == [int(numbers[place]) for place in found]


def test_a_number_says_what_it_costs_and_how_it_is_paid(bird, tenant, buy, msisdn):
    (bought,) = buy(msisdn)
    (number,) = bird.get(f"{tenant.workspace_path}/numbers").json()["results"]

    assert (number["id"], number["number"]) == (bought["id"], f"+{msisdn}")
    assert (number["country"], number["type"], number["status"]) == ("GB", "mobile", "active")
    assert number["capabilities"] == {"sms": True, "voice": True, "mms": False, "fax": False}
    assert number["monthlyRecurringPrice"] == {
        "currencyCode": "EUR",
        "amount": 1_750_000,
        "exponent": -6,
    }
    subscription = number["subscription"]
    assert (subscription["status"], "cancelledAt" in subscription) == ("active", False)
    assert number["endpointSubscription"]["status"] == "active"
    assert "deactivatesAt" not in number


def test_a_long_code_is_shown_by_its_identifier(bird, tenant, buy, msisdn):
    (bought,) = buy(msisdn)
    path = f"{tenant.workspace_path}/numbers-long-code"

    assert bird.get(f"{path}/{bought['id']}").json() == bought
    assert bird.get(f"{path}/{bought['endpointId'].upper()}").json() == bought


@pytest.mark.parametrize("kind", ["free", "another's", "stock item", "uuid", "text"])
def test_what_the_workspace_does_not_rent_is_not_found(demo, bird, tenant, msisdn, kind):
    if kind == "another's":
        bought_by_another(demo, msisdn)
    id_ = {"stock item": STOCK_ITEMS.of(int(msisdn)), "uuid": NOWHERE, "text": "x y"}.get(
        kind, NUMBERS.of(int(msisdn))
    )
    shown = bird.get(f"{tenant.workspace_path}/numbers-long-code/{id_}")
    cancelled = bird.post(f"{tenant.workspace_path}/numbers/{id_}/cancel-subscription")

    for answer in (shown, cancelled):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


# --- cancelling -----------------------------------------------------------------------------


def test_a_cancelled_subscription_ends_with_the_interval_that_is_paid(
    bird, tenant, buy, listed, msisdn
):
    (bought,) = buy(msisdn)
    path = f"{tenant.workspace_path}/numbers/{bought['id']}/cancel-subscription"
    answer = bird.post(path)
    number = answer.json()

    assert answer.status_code == 200
    assert number["status"] == "active"
    assert number["subscription"]["status"] == number["endpointSubscription"]["status"]
    assert number["subscription"]["status"] == "cancelled"
    assert is_recent(number["subscription"]["cancelledAt"])
    assert number["deactivatesAt"] == number["endpointSubscription"]["endAt"]
    left = dt.datetime.fromisoformat(number["deactivatesAt"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=27) < left < dt.timedelta(days=32)
    shown = bird.get(f"{tenant.workspace_path}/numbers-long-code/{bought['id']}").json()
    assert shown["deprovisionAt"] == number["deactivatesAt"]
    assert listed() == [int(msisdn)]


def test_a_subscription_that_is_cancelled_again_keeps_its_end(bird, tenant, buy, msisdn):
    (bought,) = buy(msisdn)
    path = f"{tenant.workspace_path}/numbers/{bought['id']}/cancel-subscription"
    first, again = bird.post(path, json={}).json(), bird.post(path, content=b"").json()

    for name in ("deactivatesAt", "activatedAt"):
        assert first[name] == again[name]
    assert first["subscription"]["cancelledAt"] == again["subscription"]["cancelledAt"]
