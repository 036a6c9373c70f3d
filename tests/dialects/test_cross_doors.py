"""What is done through one door is seen through the others."""

from itertools import permutations
from types import MappingProxyType

import pytest

from live import access_client, bird_client
from numberline.dialects.bird.ids import NUMBERS, STOCK_ITEMS

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


NAMES = ("vonage", "messagebird", "bird")
PAIRS = pytest.mark.parametrize(("first", "second"), list(permutations(NAMES, 2)))


@pytest.fixture
def doors(demo, caller):
    """Every door, for the same account."""
    with access_client(demo, caller.tenant) as access, bird_client(demo, caller.tenant) as bird:
        yield {
            "vonage": Vonage(caller.http),
            "messagebird": MessageBird(access),
            "bird": Bird(bird, caller.tenant),
        }


def owned(doors):
    """The numbers that each door lists."""
    return {name: door.owned() for name, door in doors.items()}


def test_all_doors_list_what_was_bought_through_any(doors, msisdns):
    numbers = msisdns(len(doors))
    for door, number in zip(doors.values(), reversed(numbers), strict=True):
        assert door.buy(number).is_success

    assert owned(doors) == dict.fromkeys(doors, numbers)


@pytest.mark.parametrize("type_", ["mobile", "local"])
def test_all_doors_offer_the_same_numbers_with_the_same_features(doors, type_):
    found = [door.available("US", type_) for door in doors.values()]

    assert found[0] == found[1] == found[2]


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
def test_a_subscription_cancelled_at_bird_lets_the_number_work_to_its_end(doors, msisdn, seller):
    doors[seller].buy(msisdn)
    assert doors["bird"].cancel(msisdn).is_success

    assert owned(doors) == {name: [msisdn] for name in doors}
    (number,) = doors["bird"].numbers()
    assert number["subscription"]["status"] == "cancelled"
    assert doors["vonage"].cancel(msisdn).is_success
    assert doors["bird"].owned() == []


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


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (447700900999, ("mobile-lvn", "mobile", "mobile")),
        (442079460999, ("landline", "landline", "local")),
        (443069990999, ("landline", "landline", "national")),
        (448081570999, ("landline-toll-free", "toll_free", "toll-free")),
    ],
)
def test_each_door_calls_a_type_by_its_own_word(doors, number, words):
    vonage = doors["vonage"].http.get(f"/number/search?country=GB&pattern={number}").json()
    messagebird = (
        doors["messagebird"].http.get(f"/v1/available-phone-numbers/GB?number={number}").json()
    )
    bird = doors["bird"].http.get(f"{doors['bird'].tenant.stock_path}?prefix={number}").json()
    found = (vonage["numbers"], messagebird["items"], bird["results"])

    assert tuple(each["type"] for (each,) in found) == words
