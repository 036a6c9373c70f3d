"""The Vonage Python SDK 4.x, unmodified; it is told of the server's authority and its host."""

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from requests.exceptions import ConnectionError as NoAnswer
from requests.exceptions import SSLError
from vonage import Auth, HttpClientOptions, Vonage
from vonage_http_client.errors import AuthenticationError, HttpRequestError, NotFoundError
from vonage_numbers import (
    ListOwnedNumbersFilter,
    NumberParams,
    SearchAvailableNumbersFilter,
    UpdateNumberParams,
)
from vonage_numbers.enums import NumberFeatures, NumberType, VoiceCallbackType
from vonage_subaccounts import TransferNumberRequest

from live import charges, demo_numbers

APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"


@contextmanager
def sdk_client(secure, key, secret):
    host = f"127.0.0.1:{secure.served.port}"
    client = Vonage(
        Auth(api_key=key, api_secret=secret), HttpClientOptions(rest_host=host, api_host=host)
    )
    try:
        yield client
    finally:
        client.http_client._session.close()


@pytest.fixture
def vonage(secure, tenant, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.authority)
    with sdk_client(secure, *tenant.auth) as client:
        yield client


@pytest.fixture
def numbers(vonage):
    return vonage.numbers


def named(msisdn, country="GB", **more):
    return NumberParams(country=country, msisdn=msisdn, **more)


def owned(numbers, **filter_):
    found, _, _ = numbers.list_owned_numbers(ListOwnedNumbersFilter(**filter_))
    return [number.msisdn for number in found]


def test_a_search_finds_numbers_and_counts_them(numbers):
    found, count, next_page = numbers.search_available_numbers(
        SearchAvailableNumbersFilter(
            country="US",
            type=NumberType.LANDLINE,
            features=NumberFeatures.SMS_VOICE_MMS,
            pattern="0123",
            search_pattern=2,
        )
    )

    assert count == len(found) == 56
    assert next_page is None
    assert {(n.country, n.type, n.msisdn[-4:]) for n in found} == {("US", "landline", "0123")}
    assert found[0].features == ["VOICE", "SMS", "MMS"]
    assert float(found[0].cost) > 0


def test_the_pages_of_a_search_are_walked_by_the_sdks_own_count(numbers):
    found, page = [], 1
    while page:
        part, count, page = numbers.search_available_numbers(
            SearchAvailableNumbersFilter(country="SE", size=50, index=page)
        )
        found += [number.msisdn for number in part]

    assert found == [str(number) for number, _ in demo_numbers("SE")]
    assert count == len(found)


def test_nothing_found_is_an_empty_list(numbers):
    nowhere = SearchAvailableNumbersFilter(country="AQ")

    assert numbers.search_available_numbers(nowhere) == ([], 0, None)
    assert numbers.list_owned_numbers() == ([], 0, None)


def test_a_number_is_bought_listed_and_cancelled(numbers, msisdn):
    bought = numbers.buy_number(named(msisdn))
    (number,), count, next_page = numbers.list_owned_numbers()
    cancelled = numbers.cancel_number(named(msisdn))

    assert (bought.error_code, bought.error_code_label) == ("200", "success")
    assert (number.country, number.msisdn, number.type) == ("GB", msisdn, "mobile-lvn")
    assert (number.features, count, next_page) == (["VOICE", "SMS"], 1, None)
    assert cancelled.error_code == "200"
    assert owned(numbers) == []


def test_owned_numbers_are_listed_by_page_and_by_filter(numbers):
    found, _, _ = numbers.search_available_numbers(
        SearchAvailableNumbersFilter(country="CA", size=5)
    )
    wanted = [number.msisdn for number in found]
    for each in wanted:
        numbers.buy_number(named(each, "CA"))
    numbers.update_number(UpdateNumberParams(country="CA", msisdn=wanted[0], app_id=APP))
    first, count, next_page = numbers.list_owned_numbers(ListOwnedNumbersFilter(size=3))
    rest, _, last_page = numbers.list_owned_numbers(ListOwnedNumbersFilter(size=3, index=next_page))

    assert [number.msisdn for number in first + rest] == wanted
    assert (count, next_page, last_page) == (5, 2, None)
    assert owned(numbers, has_application=True) == wanted[:1]
    assert owned(numbers, has_application=False) == wanted[1:]
    assert owned(numbers, application_id=APP) == wanted[:1]
    assert owned(numbers, country="GB") == []
    assert owned(numbers, pattern=wanted[2], search_pattern=1) == [wanted[2]]


def test_every_setting_is_updated(numbers, msisdn):
    numbers.buy_number(named(msisdn))
    status = numbers.update_number(
        UpdateNumberParams(
            country="GB",
            msisdn=msisdn,
            app_id=APP,
            mo_http_url="https://example.com/webhooks/inbound?a=b&c=d",
            mo_smpp_sytem_type="inbound",
            voice_callback_type=VoiceCallbackType.TEL,
            voice_callback_value="447700900001",
            voice_status_callback="https://example.com/webhooks/status",
        )
    )
    (number,), _, _ = numbers.list_owned_numbers()

    assert status.error_code == "200"
    assert number.app_id == APP
    assert number.mo_http_url == "https://example.com/webhooks/inbound?a=b&c=d"
    assert (number.voice_callback_type, number.voice_callback_value) == ("tel", "447700900001")


def test_a_webhook_is_removed_with_an_empty_text(numbers, msisdn):
    numbers.buy_number(named(msisdn))
    numbers.update_number(
        UpdateNumberParams(country="GB", msisdn=msisdn, mo_http_url="https://example.com/")
    )
    numbers.update_number(UpdateNumberParams(country="GB", msisdn=msisdn, mo_http_url=""))
    (number,), _, _ = numbers.list_owned_numbers()

    assert number.mo_http_url is None


def test_a_wrong_secret_is_an_authentication_error(secure, tenant, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.authority)
    with sdk_client(secure, tenant.key, "wrong") as client:
        for call in (
            client.numbers.list_owned_numbers,
            lambda: client.numbers.buy_number(named("447700900000")),
        ):
            with pytest.raises(AuthenticationError, match="authentication failed"):
                call()


def test_a_refused_action_is_a_request_error_with_status_420(numbers, msisdn):
    numbers.buy_number(named(msisdn))
    refused = [
        lambda: numbers.buy_number(named(msisdn)),
        lambda: numbers.buy_number(named(msisdn, "US")),
        lambda: numbers.buy_number(named("447700999999")),
        lambda: numbers.cancel_number(named("447700900999")),
        lambda: numbers.update_number(UpdateNumberParams(country="GB", msisdn="447700900999")),
    ]
    for call in refused:
        with pytest.raises(HttpRequestError, match="method failed") as error:
            call()

        assert error.value.response.status_code == 420
        assert error.value.response.json()["error-code"] == "420"


def test_a_form_after_a_json_call_is_still_a_form(vonage, numbers, msisdn):
    """After any JSON call the SDK labels everything that it sends as JSON."""
    with pytest.raises(NotFoundError):
        vonage.subaccounts.transfer_number(
            TransferNumberRequest(from_="a1b2c3d4", to="1a2b3c4d", number=msisdn, country="GB")
        )
    bought = numbers.buy_number(named(msisdn))
    label = vonage.http_client.last_request.headers["Content-Type"]

    assert (bought.error_code, label) == ("200", "application/json")
    assert owned(numbers) == [msisdn]
    assert numbers.cancel_number(named(msisdn)).error_code == "200"


@contextmanager
def deaf_relay(secure):
    """A server that passes requests on and hangs up instead of answering.

    Yields its port and the statuses of what was passed on.
    """
    statuses = []
    trusting = ssl.create_default_context(cafile=secure.authority)

    class Relay(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {"Authorization": self.headers["Authorization"]}
            url = secure.served.base_url + self.path
            answer = httpx.post(url, content=body, headers=headers, verify=trusting)
            statuses.append(answer.status_code)

        def log_message(self, *_args):
            pass

    directory = Path(secure.authority).parent
    presenting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    presenting.load_cert_chain(directory / "server.pem", directory / "server-key.pem")
    with HTTPServer(("127.0.0.1", 0), Relay) as relay:
        relay.socket = presenting.wrap_socket(relay.socket, server_side=True)
        thread = threading.Thread(target=relay.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield relay.server_port, statuses
        finally:
            relay.shutdown()
            thread.join()


def test_a_purchase_that_the_sdk_sends_again_and_again_is_one(secure, tenant, monkeypatch, msisdn):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.authority)
    with deaf_relay(secure) as (port, statuses):
        host = f"127.0.0.1:{port}"
        options = HttpClientOptions(rest_host=host, max_retries=0)
        client = Vonage(Auth(api_key=tenant.key, api_secret=tenant.secret), options)
        with pytest.raises(NoAnswer):
            client.numbers.buy_number(named(msisdn))
        client.http_client._session.close()

    assert statuses == [200, *[420] * 9]
    assert [reason for reason, *_ in charges(secure.served.database, tenant.account_id)] == [
        "setup",
        "rental",
    ]


def test_without_the_authority_the_sdk_does_not_trust_the_server(secure, tenant, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with sdk_client(secure, *tenant.auth) as client:
        client.http_client._session.adapters["https://"].max_retries = 0
        with pytest.raises(SSLError):
            client.numbers.list_owned_numbers()


def test_the_path_of_the_authority_is_printed(secure):
    assert secure.authority in secure.served.stdout
