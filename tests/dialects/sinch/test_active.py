"""Renting, listing, changing and releasing numbers through the Sinch door."""

import datetime as dt
import re

import pytest

from live import charges, open_tenants, serving, sinch_client, until

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
MEMBERS = [
    *("phoneNumber", "projectId", "displayName", "regionCode", "type", "capability", "money"),
    *("paymentIntervalMonths", "nextChargeDate", "expireAt", "smsConfiguration"),
    *("voiceConfiguration", "callbackUrl"),
]
NO_SMS = {"servicePlanId": "", "scheduledProvisioning": None, "campaignId": ""}
NO_VOICE = {
    "appId": "",
    "scheduledVoiceProvisioning": None,
    "lastUpdatedTime": None,
    "type": "RTC",
    "trunkId": "",
    "serviceId": "",
}
HOOK = "http://127.0.0.1:9/events"
"""Where nobody listens; no name server is asked for it."""

PROVISIONED_S = 15


def moment(text):
    assert TIME.fullmatch(text)
    return dt.datetime.fromisoformat(text)


def is_recent(text):
    age = dt.datetime.now(dt.UTC) - moment(text)
    return dt.timedelta(seconds=-1) < age < dt.timedelta(minutes=5)


def resource(answer):
    """The kind and the name of what an answer says is not there."""
    assert answer.status_code == 404
    error = answer.json()["error"]
    (detail,) = error["details"]
    assert (error["code"], error["status"], error["message"]) == (404, "NOT_FOUND", "")
    return detail["resourceType"], detail["resourceName"]


@pytest.fixture
def patch(sinch):
    def patch(number, **wanted):
        answer = sinch.patch(f"/activeNumbers/+{number}", json=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return patch


@pytest.fixture
def settled(shown):
    """A number as it is when nothing is scheduled for it any more."""

    def settled(number):
        def is_settled():
            found = shown(number)
            scheduled = (
                found["smsConfiguration"]["scheduledProvisioning"],
                found["voiceConfiguration"]["scheduledVoiceProvisioning"],
            )
            return not any(each and each["status"] != "FAILED" for each in scheduled)

        until(is_settled, within_s=PROVISIONED_S, what="the end of provisioning")
        return shown(number)

    return settled


# --- renting --------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{}", b"  ", b'{"smsConfiguration":null}'])
def test_a_number_is_rented_without_a_configuration(sinch, shown, tenant, msisdn, body):
    answer = sinch.post(
        f"/availableNumbers/+{msisdn}:rent",
        content=body,
        headers={"content-type": "application/json"},
    )
    number = answer.json()

    assert answer.status_code == 200
    assert list(number) == MEMBERS
    assert number == shown(msisdn)
    assert (number["phoneNumber"], number["projectId"]) == (f"+{msisdn}", tenant.project)
    assert (number["regionCode"], number["type"]) == ("GB", "MOBILE")
    assert (number["displayName"], number["callbackUrl"], number["expireAt"]) == ("", "", None)
    assert (number["smsConfiguration"], number["voiceConfiguration"]) == (NO_SMS, NO_VOICE)
    left = moment(number["nextChargeDate"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=27) < left < dt.timedelta(days=32)


def test_a_rental_is_charged_once_and_shows_the_price(demo, rent, tenant, msisdn):
    money = rent(msisdn)["money"]
    entries = charges(demo.database, tenant.account_id)

    assert money.keys() == {"currencyCode", "amount"}
    assert re.fullmatch(r"\d+\.\d\d", money["amount"])
    assert {number for _, number, _ in entries} == {msisdn}


def test_a_number_is_rented_with_all_that_it_is_for(rent, settled, msisdn):
    number = rent(
        msisdn,
        smsConfiguration={"servicePlanId": "SP", "campaignId": "C"},
        voiceConfiguration={"appId": "APP"},
        callbackUrl=HOOK,
    )
    sms = number["smsConfiguration"]["scheduledProvisioning"]
    voice = number["voiceConfiguration"]["scheduledVoiceProvisioning"]

    assert is_recent(sms.pop("lastUpdatedTime"))
    assert is_recent(voice.pop("lastUpdatedTime"))
    assert sms == {
        "servicePlanId": "SP",
        "status": "WAITING",
        "campaignId": "C",
        "errorCodes": [],
    }
    assert voice == {
        "appId": "APP",
        "status": "WAITING",
        "type": "RTC",
        "trunkId": "",
        "serviceId": "",
    }
    assert (number["smsConfiguration"]["servicePlanId"], number["callbackUrl"]) == ("", HOOK)
    done = settled(msisdn)
    assert done["smsConfiguration"] == NO_SMS | {"servicePlanId": "SP", "campaignId": "C"}
    assert done["voiceConfiguration"] == NO_VOICE | {"appId": "APP"}


def test_provisioning_is_in_progress_before_it_is_done(rent, shown, msisdn):
    rent(msisdn, smsConfiguration={"servicePlanId": "SP"})
    seen = set()

    def is_done():
        scheduled = shown(msisdn)["smsConfiguration"]["scheduledProvisioning"]
        seen.add(scheduled["status"] if scheduled else "done")
        return "done" in seen

    until(is_done, within_s=PROVISIONED_S, what="the end of provisioning")
    assert {"IN_PROGRESS", "done"} <= seen <= {"WAITING", "IN_PROGRESS", "done"}


@pytest.mark.parametrize(
    ("type_", "name"), [("RTC", "appId"), ("EST", "trunkId"), ("FAX", "serviceId")]
)
def test_a_voice_type_has_an_identifier_of_its_own(rent, settled, msisdn, type_, name):
    scheduled = rent(msisdn, voiceConfiguration={"type": type_, name: "ID"})["voiceConfiguration"]

    assert scheduled["type"] == "RTC"
    assert scheduled["scheduledVoiceProvisioning"]["type"] == type_
    assert scheduled["scheduledVoiceProvisioning"][name] == "ID"
    assert settled(msisdn)["voiceConfiguration"] == NO_VOICE | {"type": type_, name: "ID"}


def test_names_in_snake_case_and_members_that_are_only_shown_do_no_harm(rent, settled, msisdn):
    rent(
        msisdn,
        sms_configuration={"service_plan_id": "SP", "scheduled_provisioning": None},
        voice_configuration={"app_id": "APP", "last_updated_time": "?"},
        callback_url=HOOK,
        type="TOLL_FREE",
        phoneNumber="+1",
        projectId="other",
        unknown=[{}],
    )
    number = settled(msisdn)

    assert number["smsConfiguration"]["servicePlanId"] == "SP"
    assert number["voiceConfiguration"]["appId"] == "APP"
    assert (number["callbackUrl"], number["type"]) == (HOOK, "MOBILE")


@pytest.mark.parametrize("name", ["smsConfiguration", "voiceConfiguration"])
def test_an_empty_configuration_is_refused_and_nothing_is_rented(sinch, msisdn, name):
    wanted = {"smsConfiguration": {"servicePlanId": "SP"}, name: {}}
    answer = sinch.post(f"/availableNumbers/+{msisdn}:rent", json=wanted)
    (detail,) = answer.json()["error"]["details"]

    assert answer.status_code == 400
    assert detail["fieldViolations"][0]["field"] == f"{name[:-13]}_configuration"
    assert sinch.get(f"/availableNumbers/+{msisdn}").status_code == 200


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "x", "http://10.0.0.1/", "http://user@127.0.0.1/", "http://a b/"]
)
def test_a_callback_url_that_leads_nowhere_good_is_refused(sinch, msisdn, url):
    answer = sinch.post(f"/availableNumbers/+{msisdn}:rent", json={"callbackUrl": url})
    (detail,) = answer.json()["error"]["details"]

    assert answer.status_code == 400
    assert detail["fieldViolations"][0]["field"] == "callback_url"


def test_what_is_not_in_stock_own_already_or_anothers_is_no_available_number(
    demo, sinch, rent, msisdns
):
    own, foreign = msisdns(2)
    rent(own)
    (other,) = open_tenants(demo.database)
    with sinch_client(demo, other) as client:
        assert client.post(f"/availableNumbers/+{foreign}:rent").status_code == 200

    for number in (own, foreign, "15005550000"):
        answer = sinch.post(f"/availableNumbers/+{number}:rent", json={})
        assert resource(answer) == ("AvailableNumber", f"+{number}")


def test_a_lack_of_credit_is_told(demo, msisdn):
    (poor,) = open_tenants(demo.database, credit_limit_micros=1)
    with sinch_client(demo, poor) as client:
        answer = client.post(f"/availableNumbers/+{msisdn}:rent")

        assert answer.status_code == 400
        assert answer.json()["error"]["status"] == "FAILED_PRECONDITION"
        assert "credit" in answer.json()["error"]["message"]
        assert client.get("/activeNumbers").json()["totalSize"] == 0


# --- changing -------------------------------------------------------------------------------


def test_what_a_change_leaves_out_stays(rent, patch, settled, msisdn):
    rent(msisdn, smsConfiguration={"servicePlanId": "SP", "campaignId": "C"}, callbackUrl=HOOK)
    settled(msisdn)
    patch(msisdn, displayName="Desk")
    patch(msisdn, voiceConfiguration={"type": "FAX", "serviceId": "F"})
    number = settled(msisdn)

    assert (number["displayName"], number["callbackUrl"]) == ("Desk", HOOK)
    assert number["smsConfiguration"] == NO_SMS | {"servicePlanId": "SP", "campaignId": "C"}
    assert number["voiceConfiguration"] == NO_VOICE | {"type": "FAX", "serviceId": "F"}


def test_a_plan_may_be_exchanged_without_being_unlinked_before(rent, patch, settled, msisdn):
    rent(msisdn, smsConfiguration={"servicePlanId": "old"})
    settled(msisdn)
    sms = patch(msisdn, smsConfiguration={"servicePlanId": "new"})["smsConfiguration"]

    assert sms["servicePlanId"] == "old"
    assert sms["scheduledProvisioning"]["servicePlanId"] == "new"
    assert settled(msisdn)["smsConfiguration"] == NO_SMS | {"servicePlanId": "new"}


def test_voice_may_be_exchanged_and_keeps_its_type_until_then(rent, patch, settled, msisdn):
    rent(msisdn, voiceConfiguration={"appId": "APP"})
    settled(msisdn)
    voice = patch(msisdn, voiceConfiguration={"trunkId": "T"})["voiceConfiguration"]

    assert (voice["type"], voice["appId"]) == ("RTC", "APP")
    scheduled = voice["scheduledVoiceProvisioning"]
    assert (scheduled["type"], scheduled["trunkId"], scheduled["appId"]) == ("EST", "T", "")
    assert settled(msisdn)["voiceConfiguration"] == NO_VOICE | {"type": "EST", "trunkId": "T"}


def test_an_empty_identifier_unlinks_what_it_names_and_nothing_else(rent, patch, settled, msisdn):
    rent(
        msisdn,
        smsConfiguration={"servicePlanId": "SP", "campaignId": "C"},
        voiceConfiguration={"appId": "APP"},
    )
    settled(msisdn)
    patch(msisdn, smsConfiguration={"campaignId": ""})
    assert settled(msisdn)["smsConfiguration"] == NO_SMS | {"servicePlanId": "SP"}
    patch(msisdn, smsConfiguration={"servicePlanId": ""}, voiceConfiguration={"appId": ""})

    done = settled(msisdn)
    assert (done["smsConfiguration"], done["voiceConfiguration"]) == (NO_SMS, NO_VOICE)


def test_a_name_and_a_callback_url_are_taken_away_by_an_empty_text(rent, patch, msisdn):
    rent(msisdn, callbackUrl=HOOK)
    patch(msisdn, display_name="Desk")
    number = patch(msisdn, displayName="", callbackUrl="")

    assert (number["displayName"], number["callbackUrl"]) == ("", "")


@pytest.mark.parametrize("wanted", [{}, {"displayName": None}, {"unknown": 1}])
def test_a_change_of_nothing_changes_nothing(rent, patch, msisdn, wanted):
    assert rent(msisdn) == patch(msisdn, **wanted)


def test_what_is_linked_already_is_not_scheduled_again(rent, patch, settled, msisdn):
    wanted = {"smsConfiguration": {"servicePlanId": "SP"}, "voiceConfiguration": {"appId": "APP"}}
    rent(msisdn, **wanted)

    assert settled(msisdn) == patch(msisdn, **wanted)


def test_a_number_that_is_sent_back_as_it_was_shown_stays(rent, patch, settled, msisdn):
    rent(msisdn, voiceConfiguration={"trunkId": "T"}, smsConfiguration={"servicePlanId": "SP"})
    number = settled(msisdn)

    assert patch(msisdn, **number) == number


# --- failing --------------------------------------------------------------------------------


def test_what_fails_stays_visible_until_it_is_tried_again():
    rules = ("plan=BAD:CAMPAIGN_NOT_AVAILABLE", "fax=BAD:PROVISIONING_TO_VOICE_PLATFORM_FAILED")
    options = [part for rule in rules for part in ("--provisioning-fail", rule)]
    with serving("--demo", "--provisioning-delay", "0", *options) as served:
        (tenant,) = open_tenants(served.database)
        with sinch_client(served, tenant) as client:
            path = "/activeNumbers/+447700900001"
            wanted = {
                "smsConfiguration": {"servicePlanId": "BAD"},
                "voiceConfiguration": {"type": "FAX", "serviceId": "BAD"},
            }
            client.post("/availableNumbers/+447700900001:rent", json=wanted)

            def scheduled():
                number = client.get(path).json()
                sms, voice = number["smsConfiguration"], number["voiceConfiguration"]
                assert (sms["servicePlanId"], voice["serviceId"]) == ("", "")
                return sms["scheduledProvisioning"], voice["scheduledVoiceProvisioning"]

            until(
                lambda: [each["status"] for each in scheduled()] == ["FAILED", "FAILED"],
                within_s=PROVISIONED_S,
            )
            sms, voice = scheduled()
            assert (sms["servicePlanId"], sms["errorCodes"]) == ("BAD", ["CAMPAIGN_NOT_AVAILABLE"])
            assert (voice["type"], voice["serviceId"]) == ("FAX", "BAD")
            assert "errorCodes" not in voice
            client.patch(path, json={"smsConfiguration": {"servicePlanId": "GOOD"}})
            until(
                lambda: client.get(path).json()["smsConfiguration"] == good,
                within_s=PROVISIONED_S,
            )


good = NO_SMS | {"servicePlanId": "GOOD"}


@pytest.mark.parametrize("name", ["displayName", "callbackUrl"])
def test_an_empty_list_takes_no_text_away(sinch, rent, msisdn, name):
    rent(msisdn)
    answer = sinch.patch(f"/activeNumbers/+{msisdn}", json={name: []})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("ids", "status"),
    [
        ({"appId": "", "trunkId": "T", "serviceId": ""}, 200),
        ({"appId": "A", "trunkId": "T"}, 400),
    ],
)
def test_without_a_type_the_identifier_that_is_set_counts(sinch, rent, msisdn, ids, status):
    rent(msisdn)
    answer = sinch.patch(f"/activeNumbers/+{msisdn}", json={"voiceConfiguration": ids})

    assert answer.status_code == status
    if status == 200:
        scheduled = answer.json()["voiceConfiguration"]["scheduledVoiceProvisioning"]
        assert (scheduled["type"], scheduled["trunkId"]) == ("EST", "T")
