"""Searches of the demo's stock over the wire, against the stock file read by other means."""

from fnmatch import fnmatchcase

import pytest

from live import demo_numbers
from numberline.core.money import MICROS_PER_UNIT
from numberline.core.offers import FEATURES, Capability, NumberType

TYPES = {
    "mobile": {NumberType.MOBILE},
    "landline": {NumberType.LOCAL, NumberType.NATIONAL},
    "landline_or_mobile": {NumberType.LOCAL, NumberType.NATIONAL, NumberType.MOBILE},
    "toll_free": {NumberType.TOLL_FREE},
    "premium_rate": {NumberType.PREMIUM_RATE},
}

UNTOUCHED = "US"
"""A country of which no test of this door rents a number."""


def search(bird, country=UNTOUCHED, query=""):
    answer = bird.get(f"/v1/available-phone-numbers/{country}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(page):
    return [item["number"] for item in page["items"]]


def has(terms, *features):
    return all(terms.capabilities & feature for feature in features)


def expected(country=UNTOUCHED, passes=lambda _terms: True, glob="*"):
    return [
        str(number)
        for number, terms in demo_numbers(country)
        if passes(terms) and fnmatchcase(str(number), glob)
    ]


def test_a_search_gives_twenty_numbers_and_says_how_many(bird):
    page = search(bird)

    assert numbers(page) == expected()[:20]
    assert (page["count"], page["limit"], page.keys()) == (20, 20, {"items", "limit", "count"})


@pytest.mark.parametrize("country", ["US", "ES", "CH", "NL"])
def test_a_number_says_what_its_offer_says(bird, country):
    terms_of = {str(number): terms for number, terms in demo_numbers(country)}

    for item in search(bird, country, "limit=200")["items"]:
        terms = terms_of[item["number"]]
        assert (item["country"], item["region"], item["locality"]) == (
            *(country, terms.region, terms.locality),
        )
        assert item["monthlyPrice"] == terms.monthly_price_micros / MICROS_PER_UNIT
        assert item["currency"] == terms.currency
        assert item["verificationRequired"] is terms.documents_required
        assert bool(item["conditions"]) is terms.documents_required
        assert terms.type in TYPES[item["type"]]
        assert set(item["features"]) == {
            word for word, both in FEATURES.items() if terms.capabilities & both
        }


# Each as an official SDK sends it.
QUERIES = {
    "python": "features=sms&features=voice&number=1201&search_pattern=start&type=landline"
    "&limit=5&offset=0",
    "go": "exclude_numbers_require_verification=false&features=sms&features=voice&limit=5"
    "&number=1201&prices=false&search_pattern=start&type=landline",
    "php": "features%5B0%5D=sms&features%5B1%5D=voice&number=1201&search_pattern=start"
    "&type=landline&limit=5",
    "java": "features=sms&&features=voice&&limit=5&number=1201&searchPattern=START&type=landline&&",
    "ruby": "features=sms&features=voice&number=1201&type=landline&limit=5",
    "by hand": "features=SMS,VOICE&number=%2B1201&type=landline_or_mobile&limit=5",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_every_sdk_finds_the_same_numbers(bird, query):
    found = numbers(search(bird, query=query))

    assert (
        found
        == expected(
            passes=lambda t: (
                t.type in TYPES["landline"] and has(t, Capability.SMS, Capability.VOICE)
            ),
            glob="1201*",
        )[:5]
    )


@pytest.mark.parametrize(
    ("query", "glob"),
    [
        ("number=0123&search_pattern=end", "*0123"),
        ("number=5501&search_pattern=anywhere", "*5501*"),
        ("number=1202&searchPattern=start", "1202*"),
        ("searchPattern=0123", "*0123*"),
        ("number=1*99&search_pattern=start", "1*99*"),
    ],
)
def test_digits_stand_at_the_start_anywhere_or_at_the_end(bird, query, glob):
    assert numbers(search(bird, query=f"{query}&limit=1000")) == expected(glob=glob)[:1000]


@pytest.mark.parametrize("word", TYPES)
def test_a_type_finds_exactly_the_numbers_of_that_type(bird, word):
    page = search(bird, "US", f"type={word}&limit=1000")

    assert numbers(page) == expected(passes=lambda terms: terms.type in TYPES[word])[:1000]


def test_a_region_and_a_locality_are_found_in_any_case(bird):
    terms = demo_numbers(UNTOUCHED)[0][1]
    found = search(
        bird, query=f"region={terms.region.lower()}&locality={terms.locality.upper()}&limit=1000"
    )

    assert numbers(found) == expected(
        passes=lambda t: (t.region, t.locality) == (terms.region, terms.locality)
    )


def test_numbers_that_need_documents_can_be_left_out(bird):
    every = search(bird, "CH", "exclude_numbers_require_verification=false&limit=1000")
    free = search(bird, "CH", "exclude_numbers_require_verification=true&limit=1000")
    wanted = expected("CH", lambda terms: not terms.documents_required)

    assert numbers(every) == expected("CH")[:1000]
    assert numbers(free) == wanted[:1000]
    assert len(wanted) < len(expected("CH"))


@pytest.mark.parametrize("limit", [1, 7, 100, 1000])
def test_pages_put_together_are_the_whole_ascending(bird, limit):
    every, found = expected("SE"), []
    for offset in range(0, min(len(every), 10 * limit), limit):
        page = search(bird, "SE", f"limit={limit}&offset={offset}")
        assert page["count"] == len(page["items"])
        found += numbers(page)

    assert found == every[: 10 * limit]
    assert search(bird, "SE", f"offset={len(every)}")["items"] == []


def test_a_search_that_finds_nothing_is_an_empty_page(bird):
    assert search(bird, "AQ") == {"items": [], "limit": 20, "count": 0}
    assert search(bird, query="number=999999")["items"] == []
    assert search(bird, query="offset=1000000000")["items"] == []


def test_a_country_may_be_written_small(bird):
    assert search(bird, "us") == search(bird, "US")
