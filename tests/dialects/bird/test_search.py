"""Searches of the demo's stock over the wire, against the stock file read by other means."""

import pytest

from live import demo_numbers
from numberline.core.offers import Capability, NumberType

TYPES = {
    "mobile": NumberType.MOBILE,
    "local": NumberType.LOCAL,
    "national": NumberType.NATIONAL,
    "toll-free": NumberType.TOLL_FREE,
    "premium-rate": NumberType.PREMIUM_RATE,
}
FEATURES = {
    "sms": Capability.SMS,
    "sms-inbound": Capability.SMS_INBOUND,
    "sms-outbound": Capability.SMS_OUTBOUND,
    "voice": Capability.VOICE,
    "voice-outbound": Capability.VOICE_OUTBOUND,
    "mms": Capability.MMS,
    "mms-inbound": Capability.MMS_INBOUND,
    "whatsapp": Capability.SMS_INBOUND | Capability.VOICE_INBOUND,
}


@pytest.fixture
def search(bird, tenant):
    """Searches with a query string as it is; returns the page."""

    def search(query=""):
        answer = bird.get(f"{tenant.stock_path}?{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return search


def numbers(page):
    return [item["numberString"] for item in page["results"]]


def expected(*countries, passes=lambda _terms: True, start=""):
    found = [pair for country in countries for pair in demo_numbers(country)]
    return [
        f"+{number}"
        for number, terms in sorted(found, key=lambda pair: pair[0])
        if passes(terms) and str(number).startswith(start)
    ]


def test_a_search_gives_ten_numbers_in_ascending_order(search):
    assert numbers(search("countryCodes=US")) == expected("US")[:10]


def test_a_search_of_everything_begins_with_the_lowest_number(search):
    page = search("limit=99")
    values = [int(number) for number in numbers(page)]

    assert len(values) == 99
    assert values == sorted(set(values))


@pytest.mark.parametrize("country", ["US", "ES", "CH", "NL"])
def test_a_number_says_what_its_offer_says(search, country):
    terms_of = {f"+{number}": terms for number, terms in demo_numbers(country)}

    for item in search(f"countryCodes={country}&limit=99")["results"]:
        terms = terms_of[item["numberString"]]
        assert item["countryCode"] == country
        assert TYPES[item["type"]] is terms.type
        assert item["monthlyPrice"] == {
            "currencyCode": terms.currency,
            "amount": terms.monthly_price_micros,
            "exponent": -6,
        }
        assert item["backOrderRequired"] is False
        for name, both in (
            ("voice", Capability.VOICE),
            ("sms", Capability.SMS),
            ("mms", Capability.MMS),
        ):
            inbound, outbound = Capability(both & 0b010101), Capability(both & 0b101010)
            assert item["capabilities"][name] == {
                "inbound": bool(terms.capabilities & inbound),
                "outbound": bool(terms.capabilities & outbound),
            }


@pytest.mark.parametrize("word", TYPES)
def test_a_type_finds_the_numbers_of_that_type(search, word):
    found = numbers(search(f"countryCodes=FR&types={word}&limit=99"))

    assert found == expected("FR", passes=lambda terms: terms.type is TYPES[word])[:99]


@pytest.mark.parametrize("word", FEATURES)
@pytest.mark.parametrize("country", ["US", "DE", "NL"])
def test_a_feature_finds_the_numbers_that_have_it(search, word, country):
    def has(terms):
        return bool(terms.capabilities & FEATURES[word])

    found = numbers(search(f"countryCodes={country}&features={word}&limit=99"))
    assert found == expected(country, passes=has)[:99]


ARRAYS = [
    "countryCodes=NL&countryCodes=BE&types=local&types=mobile&features=sms&features=voice",
    "countryCodes=NL,BE&types=local,mobile&features=sms,voice",
    "countryCodes[]=NL&countryCodes[]=BE&types[]=mobile&types[]=local&features[]=voice,sms",
    "countryCodes%5B0%5D=be&countryCodes%5B1%5D=nl&types=LOCAL&types=Mobile&features=sms,,voice",
]


@pytest.mark.parametrize("query", ARRAYS)
def test_several_values_come_in_every_spelling(search, query):
    def passes(terms):
        can = terms.capabilities & Capability.SMS and terms.capabilities & Capability.VOICE
        return can and terms.type in {NumberType.LOCAL, NumberType.MOBILE}

    assert numbers(search(f"{query}&limit=99")) == expected("NL", "BE", passes=passes)[:99]


@pytest.mark.parametrize("prefix", ["212", "1212", "+1212", "%2B1212", " 1212", "%201212"])
def test_a_prefix_comes_in_three_spellings(search, prefix):
    found = numbers(search(f"countryCodes=US&prefix={prefix}&limit=99"))

    assert found == expected("US", start="1212")[:99]
    assert found


def test_an_area_code_counts_in_every_country_named(search):
    found = numbers(search("countryCodes=GB&countryCodes=US&countryCodes=NL&prefix=20&limit=99"))
    wanted = [
        *expected("US", start="120"),
        *expected("NL", start="3120"),
        *expected("GB", start="4420"),
    ]

    assert found == wanted[:99]


def test_an_international_prefix_needs_no_country(search):
    assert numbers(search("prefix=%2B447700900&limit=99")) == numbers(
        search("prefix=447700900&limit=99")
    )
    assert all(n.startswith("+447700900") for n in numbers(search("prefix=447700900")))


def test_an_international_prefix_of_another_country_finds_nothing(search):
    assert search("countryCodes=US&prefix=%2B44") == {"results": []}


@pytest.mark.parametrize("query", ["", "&testing=true", "&testing=false&unknown=1&&"])
def test_what_is_not_known_is_passed_over(search, query):
    assert numbers(search(f"countryCodes=US{query}")) == expected("US")[:10]


def test_a_last_page_has_no_token(search):
    (last,) = expected("GB", start="447700900999")
    assert search("countryCodes=GB&prefix=%2B447700900999") == {
        "results": [search(f"prefix={last[1:]}")["results"][0]]
    }


def test_the_stock_of_anothers_organization_is_not_found(bird, tenant, demo):
    del tenant
    answer = bird.get("/organizations/22222222-2222-4222-8222-222222222222/numbers-stock-items")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert demo.is_up()
