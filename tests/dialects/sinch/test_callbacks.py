"""How an event is told: its words, and a signature that Sinch's SDKs verify."""

import asyncio

import msgspec
import pytest

from factories import GB, make_credential
from numberline.core.accounts import Door
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.core.provisioning import Service, StepNews
from numberline.core.webhooks import EventPlace, event_id
from numberline.dialects.sinch import callbacks
from numberline.dialects.sinch.callbacks import SIGNATURE, SinchCallbacks, sign
from numberline.platform.keyring import default_scope
from numberline.platform.webhooks import Notice
from numberline.storage.streams import StoredEvent

AT = Instant(1_707_585_729_412_722)

# The body and its signature that Sinch's own SDKs are tested against.
KNOWN_BODY = (
    b'{"eventId":"01hpa0mww4m79q8j2dwn3ggbgz","timestamp":"2024-02-10T17:22:09.412722588",'
    b'"projectId":"37b62a7b-0177-abcd-efgh-e10f848de123","resourceId":"+17818510001",'
    b'"resourceType":"ACTIVE_NUMBER","eventType":"DEPROVISIONING_FROM_VOICE_PLATFORM",'
    b'"status":"SUCCEEDED","failureCode":null}'
)
KNOWN_SIGNATURE = "dcf80daac2f232f4b23d5f719db3aa0fdca6af43"


class Registry:
    """A platform that knows the credentials of one account."""

    def __init__(self, *credentials):
        self.credentials = list(credentials)
        self.credential_changes = 0
        self.asked = 0

    async def read(self, _query):
        self.asked += 1
        return self.credentials


def sinch_credential(project, **values):
    return make_credential(door=Door.SINCH, scope=(project,), **values)


def notice(**news):
    values = {"service": "voice", "action": "link", "status": "succeeded"} | news
    data = msgspec.to_builtins(StepNews(target_kind="application", target_id="app", **values))
    kind = EventKind.PROVISIONED
    event = StoredEvent(1, 7, AT, kind, GB, "ada", data)
    name = event_id(EventPlace(AT, 1, 7))
    return Notice(event_id=name, event=event, at=AT, secret="callback-secret")


def message(told, *credentials):
    return asyncio.run(SinchCallbacks(Registry(*credentials)).message(told))


def test_the_signature_is_the_one_that_the_sdks_know():
    assert sign(KNOWN_BODY, "callback-secret") == KNOWN_SIGNATURE


def test_a_message_is_signed_over_its_bytes():
    sent = message(notice())

    assert dict(sent.headers)[SIGNATURE] == sign(sent.body, "callback-secret")
    assert dict(sent.headers)["content-type"] == "application/json"


def test_a_message_has_the_members_of_sinchs_own_in_their_order():
    body = msgspec.json.decode(message(notice(), sinch_credential("my-project")).body)

    assert list(body) == list(msgspec.json.decode(KNOWN_BODY))
    assert body == {
        "eventId": event_id(EventPlace(AT, 1, 7)),
        "timestamp": "2024-02-10T17:22:09.412722",
        "projectId": "my-project",
        "resourceId": f"+{GB}",
        "resourceType": "ACTIVE_NUMBER",
        "eventType": "PROVISIONING_TO_VOICE_PLATFORM",
        "status": "SUCCEEDED",
        "failureCode": None,
    }


@pytest.mark.parametrize("service", Service)
@pytest.mark.parametrize(
    ("action", "start"), [("link", "PROVISIONING_TO_"), ("unlink", "DEPROVISIONING_FROM_")]
)
def test_every_step_has_its_event_type(service, action, start):
    body = msgspec.json.decode(message(notice(service=service, action=action)).body)

    assert body["eventType"].startswith(start)
    assert service.value.upper() in body["eventType"]


def test_a_failure_is_told_with_the_provisioners_own_code():
    told = notice(status="failed", failure_code="CAMPAIGN_EXPIRED")
    body = msgspec.json.decode(message(told).body)

    assert (body["status"], body["failureCode"]) == ("FAILED", "CAMPAIGN_EXPIRED")


@pytest.mark.parametrize(
    ("credentials", "project"),
    [
        ([], default_scope(Door.SINCH, "ada")[0]),
        ([sinch_credential("first"), sinch_credential("second")], "first"),
        ([sinch_credential("revoked", revoked_at=AT), sinch_credential("live")], "live"),
        ([make_credential(door=Door.VONAGE), sinch_credential("live")], "live"),
    ],
)
def test_the_project_is_that_of_the_accounts_oldest_live_key(credentials, project):
    body = msgspec.json.decode(message(notice(), *credentials).body)

    assert body["projectId"] == project


def test_a_project_is_looked_up_until_a_credential_changes(monkeypatch):
    monkeypatch.setattr(callbacks, "PROJECTS_MAX", 1)
    registry = Registry(sinch_credential("live"))

    async def send_twice():
        told = SinchCallbacks(registry)
        await told.message(notice())
        await told.message(notice())
        assert registry.asked == 1
        registry.credential_changes += 1
        await told.message(notice())

    asyncio.run(send_twice())
    assert registry.asked == 2
