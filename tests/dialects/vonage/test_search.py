"""Searches of the demo's stock over the wire, against the stock file read by other means."""

from fnmatch import fnmatchcase

import pytest

from live import demo_numbers, tables_of
from numberline.core.money import amount_text
from numberline.core.offers import FEATURES, Capability, NumberType

TYPES = {
    "mobile-lvn": {NumberType.MOBILE},
    "landline": {NumberType.LOCAL, NumberType.NATIONAL},
    "landline-toll-free": {NumberType.TOLL_FREE},
    "landline-premium-rate": {NumberType.PREMIUM_RATE},
}


def search(http, **query):
    answer = http.get("/number/search", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def msisdns(page):
    return [number["msisdn"] for number in page.get("numbers", ())]


def expected(country, passes=lambda _terms: True, glob="*"):
    return [
        str(number)
        for number, terms in demo_numbers(country)
        if passes(terms) and fnmatchcase(str(number), glob)
    ]


@pytest.fixture
def untouched(demo):
    """A country of which no test rents a number, so that searches have one right answer."""
    assert demo.is_up()
    return "US"


def test_a_search_without_a_size_gives_ten_numbers_and_counts_all(http, untouched):
    page = search(http, country=untouched)
    every = expected(untouched)

    assert msisdns(page) == every[:10]
    assert page["count"] == len(every)


def test_an_available_number_has_the_members_that_clients_read(http):
    (number,) = search(http, country="ES", type="mobile-lvn")["numbers"]

    assert number == {
        "country": "ES",
        "msisdn": expected("ES", lambda terms: terms.type == NumberType.MOBILE)[0],
        "cost": number["cost"],
        "initialPrice": number["initialPrice"],
        "type": "mobile-lvn",
        "features": ["SMS"],
        "limitations": [{"feature": "SMS", "type": "INBOUND", "reach": "INTERNATIONAL"}],
    }


@pytest.mark.parametrize("country", ["US", "GB", "ES", "CH"])
def test_prices_and_features_are_those_of_the_stock(http, country):
    terms_of = {str(number): terms for number, terms in demo_numbers(country)}

    for number in search(http, country=country, size=100)["numbers"]:
        terms = terms_of[number["msisdn"]]
        assert number["cost"] == amount_text(terms.monthly_price_micros)
        assert number["initialPrice"] == amount_text(terms.setup_price_micros)
        assert set(number["features"]) == {
            word.upper() for word, both in FEATURES.items() if terms.capabilities & both
        }
        assert terms.type in TYPES[number["type"]]


@pytest.mark.parametrize("country", ["GB", "IE"])
def test_the_pages_of_a_country_hold_every_number_once_and_in_order(http, demo, country):
    """Twenty and a hundred thousand numbers; the page after the last is empty."""
    (rows,) = tables_of(demo.database, "number")
    rented = {str(row["number"]) for row in rows if row["state"] != "available"}
    every = [msisdn for msisdn in expected(country) if msisdn not in rented]
    found, counts, index = [], set(), 1
    while page := search(http, country=country, size=100, index=index):
        found += msisdns(page)
        counts.add(page["count"])
        index += 1

    assert found == every
    assert counts == {len(every)}


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_of_any_size_meet_without_a_gap(http, untouched, size):
    pages = [search(http, country=untouched, size=size, index=index) for index in (1, 2, 3)]

    assert [msisdn for page in pages for msisdn in msisdns(page)] == expected(untouched)[: 3 * size]


@pytest.mark.parametrize("index", [10_000, 1_000_000_000])
def test_past_the_last_page_there_is_an_empty_object(http, untouched, index):
    assert http.get(f"/number/search?country={untouched}&index={index}").text == "{}"


@pytest.mark.parametrize(
    "query", ["country=AQ", "country=US&pattern=44", "country=US&type=mobile-lvn"]
)
def test_where_nothing_matches_there_is_an_empty_object(http, query):
    answer = http.get(f"/number/search?{query}")

    assert (answer.status_code, answer.text) == (200, "{}")
    assert answer.headers["content-type"].partition(";")[0] == "application/json"


@pytest.mark.parametrize("pattern", ["1202", "5550", "01", "0", "15", "9", "*01*5", "1*555*0"])
@pytest.mark.parametrize(("place", "glob"), [("0", "{}*"), ("1", "*{}*"), ("2", "*{}")])
def test_a_pattern_finds_what_a_glob_finds(http, untouched, pattern, place, glob):
    every = expected(untouched, glob=glob.format(pattern))
    page = search(http, country=untouched, pattern=pattern, search_pattern=place, size=100)

    assert msisdns(page) == every[:100]
    assert page.get("count", 0) == len(every)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("length", [15, 16, 30, 31, 32])
def test_a_pattern_longer_than_any_number_finds_none(http, place, length):
    assert search(http, country="US", pattern="1" * length, search_pattern=place) == {}


@pytest.mark.parametrize("word", TYPES)
@pytest.mark.parametrize("country", ["US", "DE", "AU"])
def test_a_type_finds_numbers_of_that_type(http, country, word):
    every = expected(country, lambda terms: terms.type in TYPES[word])
    page = search(http, country=country, type=word, size=100)

    assert msisdns(page) == every[:100]
    assert page.get("count", 0) == len(every)


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("SMS", [Capability.SMS]),
        ("VOICE", [Capability.VOICE]),
        ("MMS", [Capability.MMS]),
        ("SMS,VOICE", [Capability.SMS, Capability.VOICE]),
        ("VOICE,SMS", [Capability.SMS, Capability.VOICE]),
        ("SMS,MMS,VOICE", [Capability.SMS, Capability.MMS, Capability.VOICE]),
    ],
)
@pytest.mark.parametrize("country", ["US", "CA", "ES"])
def test_features_are_all_asked_for(http, country, words, needed):
    every = expected(country, lambda terms: all(terms.capabilities & each for each in needed))
    page = search(http, country=country, features=words, size=100)

    assert msisdns(page) == every[:100]
    assert page.get("count", 0) == len(every)


@pytest.mark.parametrize(
    "query",
    [
        *("features=VOICE,SMS", "features=sms,voice", "features=SMS&features=VOICE"),
        *("features=SMS,,VOICE,", "features=+SMS+,+VOICE+", "features=SMS%2CVOICE"),
    ],
)
def test_features_are_read_in_any_form(http, query):
    plain = search(http, country="US", features="SMS,VOICE")

    assert http.get(f"/number/search?country=US&{query}").json() == plain


def test_filters_narrow_each_other(http, untouched):
    every = expected(
        untouched,
        lambda terms: terms.type == NumberType.LOCAL and bool(terms.capabilities & Capability.MMS),
        "*0123",
    )
    page = search(
        http, country=untouched, type="landline", features="MMS", pattern="0123", search_pattern=2
    )

    assert msisdns(page) == every[:10]
    assert page["count"] == len(every) > 0


def test_a_number_that_is_rented_is_not_found_until_it_is_given_back(http, msisdn):
    def found():
        return msisdns(search(http, country="GB", pattern=msisdn))

    number = {"country": "GB", "msisdn": msisdn}
    before = found()
    http.post("/number/buy", data=number)
    rented = found()
    http.post("/number/cancel", data=number)

    assert (before, rented, found()) == ([msisdn], [], [msisdn])
