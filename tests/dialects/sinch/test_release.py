"""Giving numbers back, what is gone or another's, and the secret of a project's events."""

import datetime as dt

import pytest

from live import open_tenants, sinch_client, until

PROVISIONED_S = 15


def resource(answer):
    """The kind and the name of what an answer says is not there."""
    assert answer.status_code == 404
    error = answer.json()["error"]
    (detail,) = error["details"]
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")
    assert (detail["type"], detail["owner"]) == ("ResourceInfo", "")
    return detail["resourceType"], detail["resourceName"], error["message"]


@pytest.fixture
def release(sinch):
    def release(number, **options):
        answer = sinch.post(f"/activeNumbers/+{number}:release", **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return release


@pytest.mark.parametrize("options", [{"content": b""}, {"json": {}}, {"json": {"x": 1}}])
def test_a_released_number_expires_when_it_would_be_charged(rent, release, msisdn, options):
    rented = rent(msisdn)
    released = release(msisdn, **options)

    assert released["expireAt"] == rented["nextChargeDate"] == released["nextChargeDate"]
    assert released == rented | {"expireAt": rented["nextChargeDate"]}
    left = dt.datetime.fromisoformat(released["expireAt"]) - dt.datetime.now(dt.UTC)
    assert left > dt.timedelta(days=27)


def test_a_number_that_is_released_twice_keeps_its_end(rent, release, msisdn):
    rent(msisdn)

    assert release(msisdn) == release(msisdn)


def test_a_released_number_is_listed_and_shown_until_it_expires(
    sinch, rent, release, shown, msisdn
):
    rent(msisdn)
    released = release(msisdn)

    assert shown(msisdn) == released
    assert sinch.get("/activeNumbers").json()["activeNumbers"] == [released]
    assert sinch.get(f"/availableNumbers/+{msisdn}").status_code == 404


def test_what_is_linked_stays_and_voice_that_is_scheduled_is_given_up(
    sinch, rent, release, shown, msisdn
):
    rent(msisdn, smsConfiguration={"servicePlanId": "SP"})
    until(
        lambda: shown(msisdn)["smsConfiguration"]["servicePlanId"] == "SP",
        within_s=PROVISIONED_S,
    )
    sinch.patch(f"/activeNumbers/+{msisdn}", json={"voiceConfiguration": {"appId": "APP"}})
    released = release(msisdn)

    assert released["smsConfiguration"]["servicePlanId"] == "SP"
    assert released["voiceConfiguration"]["scheduledVoiceProvisioning"] is None
    assert shown(msisdn)["voiceConfiguration"]["appId"] == ""


def test_a_released_number_may_still_be_changed(sinch, rent, release, msisdn):
    rent(msisdn)
    expire_at = release(msisdn)["expireAt"]
    changed = sinch.patch(f"/activeNumbers/+{msisdn}", json={"displayName": "Last"}).json()

    assert (changed["displayName"], changed["expireAt"]) == ("Last", expire_at)


# --- what is gone or another's --------------------------------------------------------------

OPERATIONS = [
    ("GET", ""),
    ("PATCH", ""),
    ("POST", ":release"),
    ("GET", "/emergencyAddress"),
    ("POST", "/emergencyAddress:deprovision"),
]


@pytest.mark.parametrize(("method", "rest"), OPERATIONS)
def test_what_the_project_does_not_rent_is_no_active_number(demo, sinch, msisdns, method, rest):
    free, foreign = msisdns(2)
    (other,) = open_tenants(demo.database)
    with sinch_client(demo, other) as client:
        assert client.post(f"/availableNumbers/+{foreign}:rent").status_code == 200

    for number in (free, foreign, "15005550000"):
        answer = sinch.request(
            method, f"/activeNumbers/+{number}{rest}", json={"displayName": "mine"}
        )
        assert resource(answer) == ("ActiveNumber", f"+{number}", "")


def test_a_number_that_another_door_gave_back_is_gone(sinch, caller, demo, msisdn):
    number = {"country": "GB", "msisdn": msisdn}
    with sinch_client(demo, caller.tenant) as client:
        client.post(f"/availableNumbers/+{msisdn}:rent")
        assert caller.http.post("/number/cancel", data=number).status_code == 200

        assert resource(client.get(f"/activeNumbers/+{msisdn}"))[0] == "ActiveNumber"
        assert client.get("/activeNumbers").json()["activeNumbers"] == []
    assert sinch.get(f"/availableNumbers/+{msisdn}").status_code == 200


@pytest.mark.parametrize("path", ["activeNumbers", "availableNumbers", "callbackConfiguration"])
def test_the_path_of_another_project_is_not_found(demo, sinch, tenant, path):
    (other,) = open_tenants(demo.database)
    answer = sinch.get(f"{demo.base_url}/v1/projects/{other.project}/{path}")
    message = f"Could not find project with ID: {other.project}"

    assert tenant.project != other.project
    assert resource(answer) == ("Project", "", message)


# --- the secret of events -------------------------------------------------------------------


@pytest.fixture
def secret(sinch, tenant):
    """Shows the secret, or changes it by what a PATCH has in its body."""

    def secret(**body):
        method = "PATCH" if body else "GET"
        answer = sinch.request(method, "/callbackConfiguration", json=body or None)
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"projectId", "hmacSecret"}
        assert answer.json()["projectId"] == tenant.project
        return answer.json()["hmacSecret"]

    return secret


def test_a_project_has_a_secret_of_its_own_from_the_start(demo, secret):
    (other,) = open_tenants(demo.database)
    with sinch_client(demo, other) as client:
        foreign = client.get("/callbackConfiguration").json()["hmacSecret"]

    assert secret() == secret() != foreign
    assert 16 <= len(secret()) <= 36


@pytest.mark.parametrize("chosen", ["s", "x" * 36, "geheim ß", "📞" * 36])
def test_a_secret_may_be_chosen(secret, chosen):
    assert secret(hmacSecret=chosen) == chosen
    assert secret() == chosen


def test_a_secret_in_snake_case_is_known(secret):
    assert secret(hmac_secret="other") == secret() == "other"


def test_a_change_of_no_secret_changes_nothing(sinch, secret):
    known = secret()

    assert secret(unknown=1) == known
    assert sinch.patch("/callbackConfiguration").json()["hmacSecret"] == known


@pytest.mark.parametrize("bad", ["", "x" * 37, "a\nb", {"a": 1}, [{}], "\u200b"])
def test_a_secret_that_is_none_is_refused_and_the_old_one_stays(sinch, secret, bad):
    known = secret()
    answer = sinch.patch("/callbackConfiguration", json={"hmacSecret": bad})

    (detail,) = answer.json()["error"]["details"]
    assert answer.status_code == 400
    assert [each["field"] for each in detail["fieldViolations"]] == ["hmac_secret"]
    assert secret() == known
