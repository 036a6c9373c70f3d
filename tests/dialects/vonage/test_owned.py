"""Lists of the numbers that an account rents."""

import pytest

from live import client_of, open_tenants

APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
OTHER_APP = "11111111-bbbb-cccc-dddd-0123456789ab"


def buy(http, msisdn, country="GB"):
    answer = http.post("/number/buy", data={"country": country, "msisdn": msisdn})
    assert answer.status_code == 200, answer.text


def update(http, msisdn, **settings):
    answer = http.post("/number/update", data={"country": "GB", "msisdn": msisdn, **settings})
    assert answer.status_code == 200, answer.text


def page(http, query=""):
    answer = http.get(f"/account/numbers?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(http, query=""):
    return [number["msisdn"] for number in page(http, query).get("numbers", ())]


@pytest.fixture
def rented(http, msisdns):
    """Twelve numbers that the caller rents, ascending."""
    numbers = msisdns(12)
    for msisdn in reversed(numbers):
        buy(http, msisdn)
    return numbers


def test_an_account_without_numbers_lists_an_empty_object(http):
    assert http.get("/account/numbers").text == "{}"


def test_an_owned_number_has_the_members_that_clients_read(http, msisdn):
    buy(http, msisdn)

    assert page(http) == {
        "count": 1,
        "numbers": [
            {"country": "GB", "msisdn": msisdn, "type": "mobile-lvn", "features": ["VOICE", "SMS"]}
        ],
    }


def test_a_list_is_ten_numbers_a_page_from_the_lowest_on(http, rented):
    first, second, third = (page(http, f"index={index}") for index in (1, 2, 3))

    assert [number["msisdn"] for number in first["numbers"]] == rented[:10]
    assert [number["msisdn"] for number in second["numbers"]] == rented[10:]
    assert (first["count"], second["count"], third) == (12, 12, {})


def test_a_list_shows_nothing_of_another_account(demo, rented):
    (stranger,) = open_tenants(demo.database)
    with client_of(demo, stranger.auth) as other:
        assert page(other) == {}
        assert page(other, f"pattern={rented[0]}") == {}


@pytest.mark.parametrize(
    ("pattern", "place", "passes"),
    [
        ("4477", "0", lambda _: True),
        ("44770090000", "", lambda m: m.startswith("44770090000")),
        ("700", "1", lambda _: True),
        ("5", "2", lambda m: m.endswith("5")),
        ("5", "0", lambda _: False),
        ("*5", "2", lambda m: m.endswith("5")),
        ("44*5", "2", lambda m: m.endswith("5")),
        ("%", "1", None),
        ("_", "1", None),
    ],
)
def test_a_pattern_narrows_the_list(http, rented, pattern, place, passes):
    query = {"pattern": pattern, "search_pattern": place, "size": 100}
    answer = http.get("/account/numbers", params=query)

    if passes is None:
        assert answer.status_code == 400
    else:
        found = [number["msisdn"] for number in answer.json().get("numbers", ())]
        assert found == list(filter(passes, rented))
        assert answer.json().get("count", 0) == len(found)


def test_a_pattern_of_the_whole_number_finds_that_number_alone(http, rented):
    for place in (0, 1, 2):
        assert listed(http, f"pattern={rented[3]}&search_pattern={place}") == [rented[3]]


def test_a_list_is_narrowed_by_country(http, msisdn):
    buy(http, msisdn)
    french = http.get("/number/search?country=FR&size=1").json()["numbers"][0]["msisdn"]
    buy(http, french, "FR")

    assert listed(http) == sorted([french, msisdn], key=int)
    assert listed(http, "country=GB") == [msisdn]
    assert listed(http, "country=fr") == [french]
    assert page(http, "country=SE") == {}
    assert page(http, "country=AQ") == {}


@pytest.mark.parametrize(
    "query",
    [
        "country=&application_id=",
        "country=&application_id=&has_application=&pattern=&search_pattern=&size=&index=",
        "search_pattern=1",
        "search_pattern=2",
        "page_index=1&unknown=x",
        "&&",
    ],
)
def test_an_empty_or_unknown_parameter_is_no_filter(http, rented, query):
    assert page(http, query) == page(http)
    assert listed(http, query) == rented[:10]


# --- applications ---------------------------------------------------------------------------


@pytest.fixture
def linked(http, rented):
    """The caller's numbers: two linked to one application, one to another, the rest to none."""
    update(http, rented[0], app_id=APP)
    update(http, rented[1], app_id=APP, voiceCallbackType="tel", voiceCallbackValue="1")
    update(http, rented[2], app_id=OTHER_APP)
    return rented


def test_a_list_is_narrowed_by_application(http, linked):
    assert listed(http, f"application_id={APP}") == linked[:2]
    assert page(http, f"application_id={APP}")["count"] == 2
    assert listed(http, f"application_id={OTHER_APP}") == [linked[2]]
    assert page(http, "application_id=nobody's") == {}


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "1"])
def test_numbers_with_any_application_are_listed(http, linked, word):
    assert listed(http, f"has_application={word}") == linked[:3]


@pytest.mark.parametrize("word", ["false", "False", "FALSE", "0"])
def test_numbers_without_an_application_are_listed(http, linked, word):
    assert listed(http, f"has_application={word}") == linked[3:]


def test_filters_of_a_list_narrow_each_other(http, linked):
    query = f"has_application=true&application_id={APP}&country=GB&pattern={linked[1]}&size=50"

    assert listed(http, query) == [linked[1]]
    assert page(http, f"has_application=false&application_id={APP}") == {}


def test_the_application_filters_are_no_filter_of_a_search(http):
    plain = http.get("/number/search?country=US").json()

    assert (
        http.get(f"/number/search?country=US&has_application=1&application_id={APP}").json()
        == plain
    )


def test_a_number_keeps_no_setting_for_its_next_owner(http, demo, linked):
    http.post("/number/cancel", data={"country": "GB", "msisdn": linked[0]})
    (stranger,) = open_tenants(demo.database)
    with client_of(demo, stranger.auth) as other:
        buy(other, linked[0])
        (number,) = page(other)["numbers"]

    assert number.keys() == {"country", "msisdn", "type", "features"}
