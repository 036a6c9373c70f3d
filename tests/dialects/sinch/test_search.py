"""Searches of the demo's stock over the wire, against the stock file read by other means."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from live import SINCH_BASIC, demo_numbers, exchange, request_bytes, sinch_client
from numberline.core.offers import Capability, NumberType
from numberline.platform.demo import SINCH_PROJECT

TYPES = {
    "MOBILE": {NumberType.MOBILE},
    "LOCAL": {NumberType.LOCAL, NumberType.NATIONAL},
    "TOLL_FREE": {NumberType.TOLL_FREE},
}
CAPABILITIES = {"SMS": Capability.SMS, "VOICE": Capability.VOICE}
MEMBERS = {
    *("phoneNumber", "regionCode", "type", "capability", "setupPrice", "monthlyPrice"),
    *("paymentIntervalMonths", "supportingDocumentationRequired"),
}


@pytest.fixture
def search(sinch):
    """Searches with a query string as it is; returns the numbers."""

    def search(query):
        answer = sinch.get(f"/availableNumbers?{query}")
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"availableNumbers"}
        return answer.json()["availableNumbers"]

    return search


@pytest.fixture
def texts(search):
    def texts(query):
        return [each["phoneNumber"] for each in search(query)]

    return texts


def has(terms, word):
    return bool(terms.capabilities & CAPABILITIES[word])


def expected(country, type_, passes=lambda _text, _terms: True):
    return [
        f"+{number}"
        for number, terms in demo_numbers(country)
        if terms.type in TYPES[type_] and passes(f"+{number}", terms)
    ]


# --- the stock ------------------------------------------------------------------------------


def test_a_search_finds_thirty_numbers(texts):
    assert texts("regionCode=US&type=LOCAL") == expected("US", "LOCAL")[:30]


@pytest.mark.parametrize("size", [1, 5, 100])
def test_a_search_finds_as_many_as_it_asks_for(texts, size):
    assert texts(f"regionCode=US&type=LOCAL&size={size}") == expected("US", "LOCAL")[:size]


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("country", ["ES", "FR"])
def test_a_number_says_what_its_offer_says(search, country, type_):
    terms_of = {f"+{number}": terms for number, terms in demo_numbers(country)}
    found = search(f"regionCode={country}&type={type_}&size=100")

    assert [each["phoneNumber"] for each in found] == expected(country, type_)[:100]
    for each in found:
        terms = terms_of[each["phoneNumber"]]
        assert each.keys() == MEMBERS
        assert (each["regionCode"], each["type"]) == (country, type_)
        assert each["capability"] == [word for word in CAPABILITIES if has(terms, word)]
        assert each["setupPrice"] == money(terms.currency, terms.setup_price_micros)
        assert each["monthlyPrice"] == money(terms.currency, terms.monthly_price_micros)
        assert each["paymentIntervalMonths"] == terms.interval_months
        assert each["supportingDocumentationRequired"] is terms.documents_required


def money(currency, micros):
    return {"currencyCode": currency, "amount": f"{micros / 1_000_000:.2f}"}


def test_what_nothing_looks_like_is_an_empty_list(search):
    query = "regionCode=US&type=LOCAL&numberPattern.pattern"

    assert search(f"{query}=%2B999") == []
    assert search(f"{query}=212&numberPattern.searchPattern=START") == []


# --- patterns -------------------------------------------------------------------------------

PATTERNS = [
    ("START", "%2B1212", lambda text: text.startswith("+1212")),
    ("START", "+1212", lambda text: text.startswith("+1212")),
    ("START", "%201212", lambda text: text.startswith("+1212")),
    ("CONTAINS", "0155", lambda text: "0155" in text),
    ("CONTAINS", "%2B1303", lambda text: text.startswith("+1303")),
    ("END", "0123", lambda text: text.endswith("0123")),
    ("end", "99", lambda text: text.endswith("99")),
    ("", "0155", lambda text: "0155" in text),
    ("", "+1303", lambda text: text.startswith("+1303")),
]


@pytest.mark.parametrize(("place", "pattern", "meant"), PATTERNS)
def test_digits_are_looked_for_where_they_are_said_to_stand(texts, place, pattern, meant):
    found = texts(
        f"regionCode=US&type=LOCAL&size=100"
        f"&numberPattern.pattern={pattern}&numberPattern.searchPattern={place}"
    )

    assert found == expected("US", "LOCAL", lambda text, _: meant(text))[:100]
    assert found


@pytest.mark.parametrize("pattern", ["+1212", "%2B1212", "%2b1212"])
def test_a_plus_comes_as_it_is_or_escaped(demo, pattern):
    path = f"/v1/projects/{SINCH_PROJECT}/availableNumbers?regionCode=US&type=LOCAL&size=3"
    answer = exchange(demo, request_bytes(f"{path}&numberPattern.pattern={pattern}", SINCH_BASIC))
    found = [each["phoneNumber"] for each in answer.json()["availableNumbers"]]

    assert found == expected("US", "LOCAL", lambda text, _: text.startswith("+1212"))[:3]


@pytest.mark.parametrize(
    "names",
    [
        "region_code=US&type=LOCAL&number_pattern.pattern=99&number_pattern.search_pattern=END",
        "regionCode=us&type=local&numberPattern[pattern]=99&numberPattern[searchPattern]=END",
        "regionCode=US&type=LOCAL&numberPattern.pattern=99&numberPattern.search_pattern=END&x=1",
    ],
)
def test_names_come_in_every_spelling(texts, names):
    assert (
        texts(f"{names}&size=9") == expected("US", "LOCAL", lambda text, _: text.endswith("99"))[:9]
    )


# --- capabilities ---------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["US", "NL"])
@pytest.mark.parametrize("words", [["SMS"], ["VOICE"], ["SMS", "VOICE"]])
@pytest.mark.parametrize("type_", ["MOBILE", "LOCAL"])
def test_all_capabilities_that_are_listed_count(texts, country, words, type_):
    wanted = expected(country, type_, lambda _, terms: all(has(terms, word) for word in words))
    query = f"regionCode={country}&type={type_}&size=100"

    for name in ("capabilities", "capability"):
        repeated = "".join(f"&{name}={word}" for word in words)
        assert texts(query + repeated) == wanted[:100]
        assert texts(f"{query}&{name}={','.join(words)}") == wanted[:100]


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "region_code"),
        ("regionCode=US", "type"),
        ("type=LOCAL", "region_code"),
        ("regionCode=&type=LOCAL", "region_code"),
        ("regionCode=USA&type=LOCAL", "region_code"),
        ("regionCode=US&type=LOCAL&size=0", "size"),
        ("regionCode=US&type=LOCAL&size=101", "size"),
        ("regionCode=US&type=LOCAL&numberPattern.pattern=1x", "number_pattern.pattern"),
    ],
)
def test_a_search_that_is_not_whole_is_refused_by_name(sinch, query, field):
    answer = sinch.get(f"/availableNumbers?{query}")
    (detail,) = answer.json()["error"]["details"]
    (violation,) = detail["fieldViolations"]

    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert violation["field"] == field


# --- one number -----------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["+{}", "%2B{}", "{}"])
def test_an_available_number_is_shown_as_the_search_shows_it(sinch, search, msisdn, spelling):
    answer = sinch.get(f"/availableNumbers/{spelling.format(msisdn)}")
    pattern = f"numberPattern.pattern=%2B{msisdn}"

    assert answer.status_code == 200
    assert [answer.json()] == search(f"regionCode=GB&type=MOBILE&{pattern}")


def test_a_number_that_is_not_there_or_is_taken_is_not_found(sinch, rent, msisdn):
    rent(msisdn)
    for number in (msisdn, "15005550000"):
        answer = sinch.get(f"/availableNumbers/+{number}")
        (detail,) = answer.json()["error"]["details"]

        assert answer.status_code == 404
        assert detail["resourceType"] == "AvailableNumber"
        assert detail["resourceName"] == f"+{number}"


# --- any number -----------------------------------------------------------------------------


@pytest.fixture
def rent_any(sinch):
    def rent_any(**wanted):
        return sinch.post("/availableNumbers:rentAny", json=wanted)

    return rent_any


def test_any_number_that_looks_so_is_rented_and_set_up(rent_any, shown):
    wanted = {
        "regionCode": "IE",
        "type": "LOCAL",
        "numberPattern": {"pattern": "7777", "searchPattern": "END"},
        "capabilities": ["VOICE"],
        "smsConfiguration": {"servicePlanId": "SP"},
    }
    first, second = rent_any(**wanted), rent_any(**wanted)
    numbers = [answer.json()["phoneNumber"] for answer in (first, second)]
    fitting = expected("IE", "LOCAL", lambda text, t: text.endswith("7777") and has(t, "VOICE"))

    assert [first.status_code, second.status_code] == [200, 200]
    assert numbers == [number for number in fitting if number in numbers]
    assert len(set(numbers)) == 2
    scheduled = first.json()["smsConfiguration"]["scheduledProvisioning"]
    assert (scheduled["servicePlanId"], scheduled["status"]) == ("SP", "WAITING")
    assert shown(numbers[0][1:])["regionCode"] == "IE"


def test_any_number_comes_by_names_in_snake_case(rent_any):
    answer = rent_any(
        region_code="IE",
        type="LOCAL",
        number_pattern={"pattern": "8888", "search_pattern": "END"},
        capabilities="VOICE",
    )

    assert answer.status_code == 200
    assert answer.json()["phoneNumber"].endswith("8888")


@pytest.mark.parametrize(
    "pattern", [{"pattern": "+999"}, {"pattern": "1", "searchPattern": "START"}]
)
def test_where_no_number_looks_so_none_is_found(rent_any, pattern):
    answer = rent_any(regionCode="US", type="LOCAL", numberPattern=pattern)
    (detail,) = answer.json()["error"]["details"]

    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert (detail["resourceType"], detail["resourceName"]) == ("AvailableNumber", "")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"type": "LOCAL"}, "region_code"),
        ({"regionCode": "US"}, "type"),
        ({"regionCode": "US", "type": "LOCAL", "numberPattern": "201"}, "number_pattern"),
        ({"regionCode": "US", "type": "LOCAL", "numberPattern": [201]}, "number_pattern"),
        ({"regionCode": "US", "type": "LOCAL", "smsConfiguration": {}}, "sms_configuration"),
    ],
)
def test_nothing_is_rented_where_what_is_wanted_is_not_clear(rent_any, sinch, wanted, field):
    answer = rent_any(**wanted)
    (detail,) = answer.json()["error"]["details"]

    assert answer.status_code == 400
    assert [each["field"] for each in detail["fieldViolations"]] == [field]
    assert sinch.get("/activeNumbers").json()["totalSize"] == 0


# --- regions --------------------------------------------------------------------------------


def regions(sinch, query=""):
    answer = sinch.get(f"/availableRegions{query}")
    assert answer.status_code == 200
    return {each["regionCode"]: each for each in answer.json()["availableRegions"]}


@pytest.mark.parametrize("country", ["GB", "US", "DE", "NL"])
def test_a_region_has_its_name_and_its_types(sinch, country):
    sold = {terms.type for _, terms in demo_numbers(country)}
    region = regions(sinch)[country]

    assert region["types"] == sorted(word for word, types in TYPES.items() if types & sold)
    assert region["regionName"] not in ("", country)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?types=MOBILE", {"MOBILE"}),
        ("?types=TOLL_FREE", {"TOLL_FREE"}),
        ("?types=MOBILE&types=TOLL_FREE", {"MOBILE", "TOLL_FREE"}),
        ("?types=mobile,toll_free", {"MOBILE", "TOLL_FREE"}),
        ("?types=", set(TYPES)),
        ("?unknown=1", set(TYPES)),
    ],
)
def test_regions_that_have_any_of_the_types_are_listed(sinch, query, words):
    every = regions(sinch)
    wanted = [code for code, region in every.items() if words & set(region["types"])]

    assert list(regions(sinch, query)) == wanted == sorted(wanted)
    assert regions(sinch, query)[wanted[0]] == every[wanted[0]]


def test_callers_who_rent_any_number_at_the_same_time_all_get_one(demo, tenant):
    toulouse = {"pattern": "+3353649", "searchPattern": "START"}
    wanted = {"regionCode": "FR", "type": "LOCAL", "numberPattern": toulouse}

    def rent_any(_):
        with sinch_client(demo, tenant) as client:
            return client.post("/availableNumbers:rentAny", json=wanted)

    with ThreadPoolExecutor(12) as callers:
        answers = list(callers.map(rent_any, range(36)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["phoneNumber"] for answer in answers}) == 36
