"""Events of a number reach its callback URL, and the Sinch SDK for Python takes them for true."""

import itertools
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sinch import SinchClient

from live import demo_numbers, open_tenants, serving, sinch_client, until

DELIVERED_S = 15
"""How long an event may take from the change to its receiver."""


class Receiver(ThreadingHTTPServer):
    """A server that notes what it is sent, and answers as it is told."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received = []
        self.status = 200
        self.headers = {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/events"

    def events(self, phone_number):
        """The events of a number, in the order in which they came."""
        bodies = (json.loads(body) for _, body in self.received)
        return [event for event in bodies if event["resourceId"] == phone_number]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def receiving():
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()


@pytest.fixture
def receiver():
    with receiving() as opened:
        yield opened


RULES = (
    *("--provisioning-fail", "campaign=bad:CAMPAIGN_NOT_AVAILABLE"),
    *("--provisioning-fail", "application=bad:PROVISIONING_TO_VOICE_PLATFORM_FAILED"),
)


@pytest.fixture(scope="module")
def plain():
    with serving("--demo", *RULES) as served:
        yield served


@pytest.fixture
def tenant(plain):
    (opened,) = open_tenants(plain.database)
    return opened


@pytest.fixture
def http(plain, tenant):
    with sinch_client(plain, tenant) as client:
        yield client


_free = itertools.count()


@pytest.fixture
def phone_number():
    return f"+{demo_numbers('US')[next(_free)][0]}"


def rent(http, phone_number, **body):
    answer = http.post(f"/availableNumbers/{phone_number}:rent", json=body)
    assert answer.status_code == 200, answer.text


def arrived(receiver, phone_number, count):
    until(
        lambda: len(receiver.events(phone_number)) >= count,
        within_s=DELIVERED_S,
        what=f"the arrival of {count} events",
    )
    return receiver.events(phone_number)


def told(events):
    return [(event["eventType"], event["status"], event["failureCode"]) for event in events]


def test_what_was_provisioned_is_told_and_signed(tenant, http, receiver, phone_number):
    secret = http.patch("/callbackConfiguration", json={"hmacSecret": "chosen"}).json()
    rent(
        http,
        phone_number,
        smsConfiguration={"servicePlanId": "plan", "campaignId": "campaign"},
        voiceConfiguration={"appId": "app"},
        callbackUrl=receiver.url,
    )
    events = arrived(receiver, phone_number, 3)

    assert sorted(told(events)) == [
        ("PROVISIONING_TO_CAMPAIGN", "SUCCEEDED", None),
        ("PROVISIONING_TO_SMS_PLATFORM", "SUCCEEDED", None),
        ("PROVISIONING_TO_VOICE_PLATFORM", "SUCCEEDED", None),
    ]
    assert {event["projectId"] for event in events} == {tenant.project}
    assert {event["resourceType"] for event in events} == {"ACTIVE_NUMBER"}
    assert len({event["eventId"] for event in events}) == 3
    client = SinchClient(key_id=tenant.key, key_secret=tenant.secret, project_id=tenant.project)
    checker = client.numbers.sinch_events(secret["hmacSecret"])
    for headers, body in receiver.received:
        assert checker.validate_authentication_header(headers, body.decode())
        assert not checker.validate_authentication_header(headers, body.decode() + " ")
        parsed = checker.parse_event(body.decode())
        assert parsed.resource_id == phone_number


def test_a_failure_is_told_with_its_code(http, receiver, phone_number):
    rent(
        http,
        phone_number,
        smsConfiguration={"servicePlanId": "plan", "campaignId": "bad"},
        callbackUrl=receiver.url,
    )
    events = arrived(receiver, phone_number, 2)
    sms = http.get(f"/activeNumbers/{phone_number}").json()["smsConfiguration"]

    assert told(events) == [
        ("PROVISIONING_TO_SMS_PLATFORM", "SUCCEEDED", None),
        ("PROVISIONING_TO_CAMPAIGN", "FAILED", "CAMPAIGN_NOT_AVAILABLE"),
    ]
    assert sms["servicePlanId"] == ""
    assert sms["scheduledProvisioning"]["status"] == "FAILED"
    assert sms["scheduledProvisioning"]["errorCodes"] == ["CAMPAIGN_NOT_AVAILABLE"]


def test_changes_of_a_number_are_told_in_their_order(http, receiver, phone_number):
    path = f"/activeNumbers/{phone_number}"
    rent(http, phone_number, voiceConfiguration={"appId": "app"}, callbackUrl=receiver.url)
    arrived(receiver, phone_number, 1)
    assert http.patch(path, json={"voiceConfiguration": {"appId": ""}}).status_code == 200
    arrived(receiver, phone_number, 2)
    http.patch(path, json={"voiceConfiguration": {"type": "EST", "trunkId": "trunk"}})
    events = arrived(receiver, phone_number, 3)

    assert [event["eventType"] for event in events] == [
        "PROVISIONING_TO_VOICE_PLATFORM",
        "DEPROVISIONING_FROM_VOICE_PLATFORM",
        "PROVISIONING_TO_VOICE_PLATFORM",
    ]
    ids = [event["eventId"] for event in events]
    assert ids == sorted(ids)


def test_a_receiver_that_is_gone_is_told_nothing_more(http, receiver, phone_number):
    path = f"/activeNumbers/{phone_number}"
    receiver.status = 410
    rent(http, phone_number, voiceConfiguration={"appId": "app"}, callbackUrl=receiver.url)
    until(lambda: http.get(path).json()["callbackUrl"] == "", within_s=DELIVERED_S)
    receiver.status = 200
    http.patch(path, json={"smsConfiguration": {"servicePlanId": "plan"}})
    until(
        lambda: http.get(path).json()["smsConfiguration"]["servicePlanId"] == "plan",
        within_s=DELIVERED_S,
    )
    http.patch(path, json={"callbackUrl": receiver.url, "voiceConfiguration": {"appId": "b"}})
    events = arrived(receiver, phone_number, 2)

    assert [event["eventType"] for event in events] == ["PROVISIONING_TO_VOICE_PLATFORM"] * 2


def test_a_redirect_is_not_followed(http, receiver, phone_number):
    with receiving() as elsewhere:
        receiver.status, receiver.headers = 307, {"location": elsewhere.url}
        rent(http, phone_number, voiceConfiguration={"appId": "app"}, callbackUrl=receiver.url)
        arrived(receiver, phone_number, 1)
        receiver.status = 200
        arrived(receiver, phone_number, 2)

        assert elsewhere.received == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/x",
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/x",
        "http://user:pw@example.com/x",
        "not a url",
    ],
)
def test_a_callback_url_that_leads_inward_is_refused(http, phone_number, url):
    answer = http.post(f"/availableNumbers/{phone_number}:rent", json={"callbackUrl": url})
    (detail,) = answer.json()["error"]["details"]

    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert detail["fieldViolations"][0]["field"] == "callback_url"
    assert http.get(f"/availableNumbers/{phone_number}").status_code == 200
