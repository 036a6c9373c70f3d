"""What is done through one door is seen through the other."""

import pytest

from live import access_client

APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"


@pytest.fixture
def bird(demo, caller):
    with access_client(demo, caller.tenant) as client:
        yield client


def bought_at_vonage(http, msisdn):
    answer = http.post("/number/buy", data={"country": "GB", "msisdn": msisdn})
    assert answer.status_code == 200, answer.text


def bought_at_messagebird(bird, number):
    answer = bird.post("/v1/phone-numbers", json={"number": number, "countryCode": "GB"})
    assert answer.status_code == 201, answer.text


def test_both_doors_list_what_was_bought_through_either(http, bird, msisdns):
    first, second = msisdns(2)
    bought_at_vonage(http, second)
    bought_at_messagebird(bird, first)

    at_vonage = [each["msisdn"] for each in http.get("/account/numbers").json()["numbers"]]
    at_messagebird = [each["number"] for each in bird.get("/v1/phone-numbers").json()["items"]]
    assert at_vonage == at_messagebird == [first, second]


def test_both_doors_offer_the_same_numbers_in_the_same_order(http, bird):
    for ours, theirs in (("mobile", "mobile-lvn"), ("landline", "landline")):
        at_vonage = http.get(f"/number/search?country=US&type={theirs}&size=100").json()
        at_messagebird = bird.get(f"/v1/available-phone-numbers/US?type={ours}&limit=100").json()

        assert [each["number"] for each in at_messagebird["items"]] == [
            each["msisdn"] for each in at_vonage.get("numbers", [])
        ]


def test_a_number_bought_through_one_door_is_taken_at_the_other(http, bird, msisdns):
    first, second = msisdns(2)
    bought_at_vonage(http, first)
    bought_at_messagebird(bird, second)

    taken = bird.post("/v1/phone-numbers", json={"number": first, "countryCode": "GB"})
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (422, 21)
    taken = http.post("/number/buy", data={"country": "GB", "msisdn": second})
    assert taken.status_code == 420


@pytest.mark.parametrize("settings", [{"app_id": APP}, {}])
def test_a_vonage_update_keeps_the_tags(http, bird, msisdn, settings):
    bought_at_vonage(http, msisdn)
    bird.patch(f"/v1/phone-numbers/{msisdn}", json={"tags": ["kept"]})
    http.post("/number/update", data={"country": "GB", "msisdn": msisdn, **settings})

    assert bird.get(f"/v1/phone-numbers/{msisdn}").json()["tags"] == ["kept"]


def test_a_tagging_keeps_the_settings(http, bird, msisdn):
    bought_at_messagebird(bird, msisdn)
    number = {"country": "GB", "msisdn": msisdn}
    http.post("/number/update", data=number | {"app_id": APP})
    bird.patch(f"/v1/phone-numbers/{msisdn}", json={"tags": ["new"]})

    (listed,) = http.get("/account/numbers").json()["numbers"]
    assert listed["app_id"] == APP


def test_a_number_bought_through_one_door_is_cancelled_through_the_other(http, bird, msisdns):
    first, second = msisdns(2)
    bought_at_vonage(http, first)
    bought_at_messagebird(bird, second)

    assert bird.delete(f"/v1/phone-numbers/{first}").status_code == 204
    answer = http.post("/number/cancel", data={"country": "GB", "msisdn": second})
    assert answer.status_code == 200
    assert http.get("/account/numbers").text == "{}"
    assert bird.get("/v1/phone-numbers").json()["totalCount"] == 0
    assert bird.get(f"/v1/phone-numbers/{second}").status_code == 404
