"""The MessageBird Python SDK 2.x, unmodified; it is told of the server's base URL."""

import messagebird
import pytest
from messagebird.client import ErrorException
from messagebird.http_client import HttpClient

from live import charges, demo_numbers, open_tenants, serving


@pytest.fixture(scope="module")
def plain():
    """A demo server without TLS, which this SDK does not ask for."""
    with serving("--demo") as served:
        yield served


@pytest.fixture
def tenant(plain):
    (opened,) = open_tenants(plain.database)
    return opened


def client_with(served, access_key):
    # The slash at the end matters: without it the SDK leaves out the v1.
    return messagebird.Client(access_key, HttpClient(f"{served.base_url}/v1/", access_key, "test"))


@pytest.fixture
def client(plain, tenant):
    return client_with(plain, tenant.access_key)


def codes(refused):
    return [(error.code, error.parameter) for error in refused.value.errors]


def listed(client, **filter_):
    page = client.purchased_numbers_list(dict(filter_))
    return [number.number for number in page.items]


def test_a_search_finds_numbers_with_all_their_members(client):
    page = client.available_numbers_list(
        "US",
        {
            "features": ["sms", "voice"],
            "type": "landline",
            "number": 1201,
            "search_pattern": "start",
        },
        limit=5,
        offset=2,
    )
    wanted = [str(number) for number, _ in demo_numbers("US") if str(number).startswith("1201")]

    assert [number.number for number in page.items] == wanted[2:7]
    assert (page.count, page.limit) == (5, 5)
    first = page.items[0]
    assert (first.country, first.region, first.type) == ("US", "NJ", "landline")
    assert first.features == ["sms", "mms", "voice"]


def test_nothing_found_is_an_empty_list(client):
    assert client.available_numbers_list("AQ", {}).items == []
    assert client.purchased_numbers_list({}).items == []


def test_a_number_is_bought_tagged_listed_read_and_cancelled(client, msisdn):
    bought = client.purchase_number(msisdn, "GB")
    tagged = client.update_number(msisdn, ["tag1", "a b"])
    read = client.purchased_number(msisdn)

    assert (bought.number, bought.country, bought.type, bought.status) == (
        *(msisdn, "GB", "mobile", "active"),
    )
    assert (bought.features, bought.tags) == (["sms", "voice"], [])
    assert tagged.tags == read.tags == ["tag1", "a b"]
    assert listed(client, tags="a b", features="sms") == [msisdn]
    assert listed(client, tags="other") == []

    client.delete_number(msisdn)

    assert listed(client) == []
    with pytest.raises(ErrorException) as refused:
        client.purchased_number(msisdn)
    assert codes(refused) == [(20, None)]


def test_an_interval_of_three_months_is_paid_ahead(plain, tenant, client, msisdn):
    client.purchase_number(msisdn, "GB", 3)

    assert ("rental", msisdn, 3 * 1_750_000) in charges(plain.database, tenant.account_id)


def test_pages_are_walked_by_limit_and_offset(client):
    wanted = [number.number for number in client.available_numbers_list("CA", {}, limit=5).items]
    for number in wanted:
        client.purchase_number(number, "CA")
    first = client.purchased_numbers_list({}, limit=3)
    rest = client.purchased_numbers_list({}, limit=3, offset=3)

    assert [number.number for number in first.items + rest.items] == wanted
    assert (first.count, first.totalCount, rest.count, rest.offset) == (3, 5, 2, 3)


def test_a_refusal_is_an_error_with_code_and_parameter(client, msisdn):
    client.purchase_number(msisdn, "GB")
    for call, found in (
        (lambda: client.purchase_number(msisdn, "GB"), (21, "number")),
        (lambda: client.purchase_number("449999999999", "GB"), (21, "number")),
        (lambda: client.purchase_number(msisdn, "XX"), (10, "countryCode")),
        (lambda: client.purchase_number(msisdn, ""), (9, "countryCode")),
        (lambda: client.purchase_number(msisdn, "GB", 2), (10, "billingIntervalMonths")),
        (lambda: client.update_number("447700900999", ["a"]), (20, None)),
        (lambda: client.update_number(msisdn, ["x" * 256]), (10, "tags")),
        (lambda: client.purchased_number("nonsense"), (10, "number")),
        (lambda: client.available_numbers_list("XX", {}), (10, "countryCode")),
        (lambda: client.available_numbers_list("GB", {}, limit=0), (10, "limit")),
        (lambda: client.purchased_numbers_list({"features": "fax"}), (10, "features")),
    ):
        with pytest.raises(ErrorException) as refused:
            call()

        assert codes(refused) == [found]


def test_a_lack_of_balance_is_code_25(plain, msisdn):
    (poor,) = open_tenants(plain.database, credit_limit_micros=0)
    with pytest.raises(ErrorException) as refused:
        client_with(plain, poor.access_key).purchase_number(msisdn, "GB")

    assert codes(refused) == [(25, None)]


def test_a_wrong_access_key_is_an_error(plain, msisdn):
    client = client_with(plain, "wrong")
    for call in (
        lambda: client.purchased_numbers_list({}),
        lambda: client.available_numbers_list("GB", {}),
        lambda: client.purchase_number(msisdn, "GB"),
        lambda: client.purchased_number(msisdn),
        lambda: client.update_number(msisdn, []),
    ):
        with pytest.raises(ErrorException) as refused:
            call()

        assert codes(refused) == [(2, "access_key")]


def test_the_root_of_the_numbers_api_can_be_set_instead(plain, tenant, monkeypatch):
    monkeypatch.setattr(messagebird.client, "NUMBER_API_ROOT", f"{plain.base_url}/v1/")

    assert messagebird.Client(tenant.access_key).purchased_numbers_list({}).items == []
