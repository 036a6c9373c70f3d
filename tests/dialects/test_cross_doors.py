"""What is done through one door is seen through the others."""

import itertools
from types import MappingProxyType

import pytest

from live import access_client, bird_client, sinch_client, until
from numberline.dialects.bird.ids import NUMBERS, STOCK_ITEMS

PROVISIONED_S = 15
APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"


class Vonage:
    """What a caller of the Vonage door does."""

    TYPES = MappingProxyType({"mobile": "mobile-lvn", "local": "landline"})

    def __init__(self, http):
        self.http = http

    def buy(self, number):
        return self.http.post("/number/buy", data={"country": "GB", "msisdn": number})

    def cancel(self, number):
        return self.http.post("/number/cancel", data={"country": "GB", "msisdn": number})

    def owned(self):
        found = self.http.get("/account/numbers").json().get("numbers", ())
        return [each["msisdn"] for each in found]

    def available(self, country, type_):
        query = {"country": country, "type": self.TYPES[type_], "size": 99}
        found = self.http.get("/number/search", params=query).json().get("numbers", ())
        return [(each["msisdn"], {word.lower() for word in each["features"]}) for each in found]

    def is_refused(self, answer):
        return answer.status_code == 420


class MessageBird:
    """What a caller of the MessageBird door does."""

    TYPES = MappingProxyType({"mobile": "mobile", "local": "landline"})

    def __init__(self, http):
        self.http = http

    def buy(self, number):
        return self.http.post("/v1/phone-numbers", json={"number": number, "countryCode": "GB"})

    def cancel(self, number):
        return self.http.delete(f"/v1/phone-numbers/{number}")

    def owned(self):
        return [each["number"] for each in self.http.get("/v1/phone-numbers").json()["items"]]

    def available(self, country, type_):
        query = {"type": self.TYPES[type_], "limit": 99}
        found = self.http.get(f"/v1/available-phone-numbers/{country}", params=query).json()
        return [(each["number"], set(each["features"])) for each in found["items"]]

    def is_refused(self, answer):
        return (answer.status_code, answer.json()["errors"][0]["code"]) == (422, 21)


class Bird:
    """What a caller of the Bird door does."""

    TYPES = MappingProxyType({"mobile": "mobile", "local": "local,national"})

    def __init__(self, http, tenant):
        self.http = http
        self.tenant = tenant

    def buy(self, number):
        body = {"numberStockItemIds": [STOCK_ITEMS.of(int(number))]}
        return self.http.post(f"{self.tenant.workspace_path}/numbers-long-code", json=body)

    def cancel(self, number):
        path = f"{self.tenant.workspace_path}/numbers/{NUMBERS.of(int(number))}"
        return self.http.post(f"{path}/cancel-subscription")

    def numbers(self):
        return self.http.get(f"{self.tenant.workspace_path}/numbers").json()["results"]

    def owned(self):
        return [each["number"].removeprefix("+") for each in self.numbers()]

    def available(self, country, type_):
        query = {"countryCodes": country, "types": self.TYPES[type_], "limit": 99}
        found = self.http.get(self.tenant.stock_path, params=query).json()["results"]
        return [
            (
                each["numberString"].removeprefix("+"),
                {name for name, each in each["capabilities"].items() if any(each.values())},
            )
            for each in found
        ]

    def is_refused(self, answer):
        return (answer.status_code, answer.json()["code"]) == (422, "numbers-not-available")


class Sinch:
    """What a caller of the Sinch door does."""

    TYPES = MappingProxyType({"mobile": "MOBILE", "local": "LOCAL"})

    def __init__(self, http):
        self.http = http

    def buy(self, number):
        return self.http.post(f"/availableNumbers/+{number}:rent")

    def cancel(self, number):
        return self.http.post(f"/activeNumbers/+{number}:release")

    def number(self, number):
        return self.http.get(f"/activeNumbers/+{number}").json()

    def change(self, number, **wanted):
        return self.http.patch(f"/activeNumbers/+{number}", json=wanted)

    def owned(self):
        found = self.http.get("/activeNumbers").json()["activeNumbers"]
        return [each["phoneNumber"].removeprefix("+") for each in found]

    def available(self, country, type_):
        query = {"regionCode": country, "type": self.TYPES[type_], "size": 99}
        found = self.http.get("/availableNumbers", params=query).json()["availableNumbers"]
        return [
            (
                each["phoneNumber"].removeprefix("+"),
                {word.lower() for word in each["capability"]},
            )
            for each in found
        ]

    def is_refused(self, answer):
        error = answer.json()["error"]
        return (answer.status_code, error["details"][0]["resourceType"]) == (404, "AvailableNumber")


NAMES = ("vonage", "messagebird", "bird", "sinch")
PAIRS = pytest.mark.parametrize(("first", "second"), list(itertools.permutations(NAMES, 2)))


@pytest.fixture
def doors(demo, caller):
    """Every door, for the same account."""
    tenant = caller.tenant
    with (
        access_client(demo, tenant) as access,
        bird_client(demo, tenant) as bird,
        sinch_client(demo, tenant) as sinch,
    ):
        yield {
            "vonage": Vonage(caller.http),
            "messagebird": MessageBird(access),
            "bird": Bird(bird, tenant),
            "sinch": Sinch(sinch),
        }


@pytest.fixture
def american(doors):
    """An American number that whoever has it gives back at once in the end."""
    number = "14045550170"
    yield number
    named = {"country": "US", "msisdn": number}
    assert doors["vonage"].http.post("/number/cancel", data=named).is_success


def owned(doors):
    """The numbers that each door lists."""
    return {name: door.owned() for name, door in doors.items()}


def test_all_doors_list_what_was_bought_through_any(doors, msisdns):
    numbers = msisdns(len(doors))
    for door, number in zip(doors.values(), reversed(numbers), strict=True):
        assert door.buy(number).is_success

    assert owned(doors) == dict.fromkeys(doors, numbers)


@pytest.mark.parametrize(("country", "type_"), [("GB", "mobile"), ("US", "local")])
def test_all_doors_offer_the_same_numbers_with_the_same_features(doors, country, type_):
    found = {name: door.available(country, type_) for name, door in doors.items()}
    # Sinch knows no MMS.
    told = [(number, features - {"mms"}) for number, features in found["bird"]]

    assert found["vonage"] == found["messagebird"] == found["bird"]
    assert found["sinch"] == told != []


@PAIRS
def test_a_number_bought_through_one_door_is_taken_at_the_other(doors, msisdn, first, second):
    assert doors[first].buy(msisdn).is_success
    assert doors[second].is_refused(doors[second].buy(msisdn))


@pytest.mark.parametrize("seller", NAMES)
@pytest.mark.parametrize("door", ["vonage", "messagebird"])
def test_a_number_bought_through_any_door_is_given_back_through_another(
    doors, msisdn, seller, door
):
    doors[seller].buy(msisdn)

    assert doors[door].cancel(msisdn).is_success
    assert owned(doors) == {name: [] for name in doors}


@pytest.mark.parametrize("seller", NAMES)
@pytest.mark.parametrize("ender", ["bird", "sinch"])
def test_a_number_whose_end_is_scheduled_works_until_then(doors, msisdn, seller, ender):
    doors[seller].buy(msisdn)
    assert doors[ender].cancel(msisdn).is_success

    assert owned(doors) == {name: [msisdn] for name in doors}
    (number,) = doors["bird"].numbers()
    assert number["subscription"]["status"] == "cancelled"
    assert doors["sinch"].number(msisdn)["expireAt"][:19] == number["deactivatesAt"][:19]
    assert doors["vonage"].cancel(msisdn).is_success
    assert doors["bird"].owned() == doors["sinch"].owned() == []


@pytest.mark.parametrize("settings", [{"app_id": APP}, {}])
def test_a_vonage_update_keeps_the_tags(doors, msisdn, settings):
    vonage, messagebird = doors["vonage"], doors["messagebird"]
    doors["bird"].buy(msisdn)
    messagebird.http.patch(f"/v1/phone-numbers/{msisdn}", json={"tags": ["kept"]})
    vonage.http.post("/number/update", data={"country": "GB", "msisdn": msisdn, **settings})

    assert messagebird.http.get(f"/v1/phone-numbers/{msisdn}").json()["tags"] == ["kept"]


def test_a_tagging_keeps_the_settings(doors, msisdn):
    vonage, messagebird = doors["vonage"], doors["messagebird"]
    messagebird.buy(msisdn)
    number = {"country": "GB", "msisdn": msisdn}
    vonage.http.post("/number/update", data=number | {"app_id": APP})
    messagebird.http.patch(f"/v1/phone-numbers/{msisdn}", json={"tags": ["new"]})

    (listed,) = vonage.http.get("/account/numbers").json()["numbers"]
    assert listed["app_id"] == APP


def dressed(sinch, number):
    """A number that has everything that only the Sinch door gives; as it is shown."""
    address = {"streetNumber": "1", "streetInfo": "MAIN ST", "city": "ATLANTA", "state": "GA"}
    assert sinch.buy(number).is_success
    assert sinch.change(
        number,
        displayName="Desk",
        callbackUrl="http://127.0.0.1:9/events",
        smsConfiguration={"servicePlanId": "SP", "campaignId": "C"},
        voiceConfiguration={"type": "EST", "trunkId": "T"},
    ).is_success
    path = f"/activeNumbers/+{number}/emergencyAddress"
    body = {"displayName": "Ada", "address": address | {"postalCode": "30326"}}
    assert sinch.http.post(f"{path}:provision", json=body).is_success

    def is_provisioned():
        shown = sinch.number(number)
        sms, voice = shown["smsConfiguration"], shown["voiceConfiguration"]
        return not sms["scheduledProvisioning"] and not voice["scheduledVoiceProvisioning"]

    until(is_provisioned, within_s=PROVISIONED_S)
    return sinch.number(number), sinch.http.get(path).json()


@pytest.mark.parametrize("settings", [{"app_id": APP}, {}])
def test_a_vonage_update_and_a_tagging_keep_what_sinch_has_set(doors, american, settings):
    sinch = doors["sinch"]
    shown = dressed(sinch, american)
    updated = doors["vonage"].http.post(
        "/number/update", data={"country": "US", "msisdn": american, **settings}
    )
    tagged = doors["messagebird"].http.patch(f"/v1/phone-numbers/{american}", json={"tags": ["a"]})
    address = sinch.http.get(f"/activeNumbers/+{american}/emergencyAddress").json()

    assert updated.is_success
    assert tagged.json()["tags"] == ["a"]
    assert (sinch.number(american), address) == shown


@pytest.mark.parametrize(
    "wanted",
    [
        {"displayName": "Desk"},
        {"smsConfiguration": {"servicePlanId": "SP"}, "voiceConfiguration": {"appId": "A"}},
        {"displayName": "", "callbackUrl": ""},
    ],
)
def test_a_sinch_change_keeps_the_settings_and_the_tags(doors, msisdn, wanted):
    vonage, messagebird = doors["vonage"], doors["messagebird"]
    settings = {"app_id": APP, "voiceCallbackType": "tel", "voiceCallbackValue": "447700900001"}
    vonage.buy(msisdn)
    vonage.http.post("/number/update", data={"country": "GB", "msisdn": msisdn, **settings})
    messagebird.http.patch(f"/v1/phone-numbers/{msisdn}", json={"tags": ["kept"]})
    assert doors["sinch"].change(msisdn, **wanted).is_success

    (listed,) = vonage.http.get("/account/numbers").json()["numbers"]
    assert (listed["app_id"], listed["voiceCallbackType"]) == (APP, "tel")
    assert messagebird.http.get(f"/v1/phone-numbers/{msisdn}").json()["tags"] == ["kept"]


def test_the_next_rental_begins_with_nothing_set(doors, american):
    dressed(doors["sinch"], american)
    cancelled = doors["vonage"].http.post(
        "/number/cancel", data={"country": "US", "msisdn": american}
    )
    assert cancelled.is_success
    assert doors["sinch"].buy(american).is_success
    shown = doors["sinch"].number(american)

    assert (shown["displayName"], shown["callbackUrl"]) == ("", "")
    assert shown["smsConfiguration"]["servicePlanId"] == ""
    assert shown["voiceConfiguration"]["trunkId"] == ""
    address = doors["sinch"].http.get(f"/activeNumbers/+{american}/emergencyAddress")
    assert address.status_code == 404


def test_a_billing_interval_that_was_chosen_is_seen(doors, msisdn):
    doors["messagebird"].http.post(
        "/v1/phone-numbers",
        json={"number": msisdn, "countryCode": "GB", "billingIntervalMonths": 3},
    )

    assert doors["sinch"].number(msisdn)["paymentIntervalMonths"] == 3


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (447700900999, ("mobile-lvn", "mobile", "mobile", "MOBILE")),
        (442079460999, ("landline", "landline", "local", "LOCAL")),
        (443069990999, ("landline", "landline", "national", "LOCAL")),
        (448081570999, ("landline-toll-free", "toll_free", "toll-free", "TOLL_FREE")),
    ],
)
def test_each_door_calls_a_type_by_its_own_word(doors, number, words):
    vonage = doors["vonage"].http.get(f"/number/search?country=GB&pattern={number}").json()
    messagebird = (
        doors["messagebird"].http.get(f"/v1/available-phone-numbers/GB?number={number}").json()
    )
    bird = doors["bird"].http.get(f"{doors['bird'].tenant.stock_path}?prefix={number}").json()
    sinch = doors["sinch"].http.get(f"/availableNumbers/+{number}").json()
    found = (vonage["numbers"], messagebird["items"], bird["results"], [sinch])

    assert tuple(each["type"] for (each,) in found) == words
