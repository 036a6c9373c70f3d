"""Lists of a project's numbers: filters, orders, pages."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import REPEATABLE
from live import open_tenants, sinch_client

FEW = settings(REPEATABLE, max_examples=25)
PAGES_MAX = 60

NUMBERS = [
    *(353209150150, 353209150151, 353209160150, 353850123456, 441174960800, 441174960801),
    *(447700900900, 447700900901, 447700900902, 447700900903, 448081570900, 48512345678),
]
NAMES = ["", "", "Desk", "desk", "Zürich", "ß", "a b", "Desk", "9", "", "Fax", "é"]


@pytest.fixture(scope="session")  # the numbers can be rented once only
def client(demo):
    """A client of a project that rents numbers of many sorts, most of them with names."""
    (tenant,) = open_tenants(demo.database)
    with sinch_client(demo, tenant) as opened:
        for number, name in zip(NUMBERS, NAMES, strict=True):
            rented = opened.post(f"/availableNumbers/+{number}:rent")
            assert rented.status_code == 200, rented.text
            if name:
                opened.patch(f"/activeNumbers/+{number}", json={"displayName": name})
        yield opened


def page_of(client, query=""):
    answer = client.get(f"/activeNumbers?{query}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page.keys() == {"activeNumbers", "nextPageToken", "totalSize"}
    return page


def listed(client, query=""):
    page = page_of(client, query)
    assert page["nextPageToken"] == ""
    numbers = [int(each["phoneNumber"]) for each in page["activeNumbers"]]
    assert page["totalSize"] == len(numbers)
    return numbers


def test_a_list_needs_no_filter_and_is_in_the_order_of_numbers(client):
    assert listed(client) == sorted(NUMBERS)


def test_a_project_without_numbers_has_an_empty_page(sinch):
    assert page_of(sinch) == {"activeNumbers": [], "nextPageToken": "", "totalSize": 0}


def test_a_number_is_listed_as_it_is_shown(client):
    (number,) = page_of(client, "numberPattern.pattern=%2B353209160150")["activeNumbers"]

    assert number == client.get("/activeNumbers/+353209160150").json()


FILTERS = [
    ("regionCode=IE", lambda text, _: text.startswith("+353")),
    ("region_code=pl", lambda text, _: text.startswith("+48")),
    ("regionCode=DE", lambda *_: False),
    ("type=MOBILE", lambda _, each: each["type"] == "MOBILE"),
    ("type=LOCAL&regionCode=GB", lambda text, _: text.startswith("+44117")),
    ("type=TOLL_FREE", lambda text, _: text.startswith("+44808")),
    ("capability=SMS", lambda _, each: "SMS" in each["capability"]),
    ("capabilities=SMS", lambda _, each: "SMS" in each["capability"]),
    ("capabilities=SMS&capability=VOICE", lambda _, each: len(each["capability"]) == 2),
    ("capability=SMS,VOICE", lambda _, each: len(each["capability"]) == 2),
    ("numberPattern.pattern=%2B44", lambda text, _: text.startswith("+44")),
    (
        "numberPattern.pattern=+35320&numberPattern.searchPattern=START",
        lambda text, _: text.startswith("+35320"),
    ),
    (
        "numberPattern.pattern=44&numberPattern.searchPattern=START",
        lambda *_: False,
    ),
    (
        "numberPattern.pattern=0150&numberPattern.searchPattern=END",
        lambda text, _: text.endswith("0150"),
    ),
    (
        "numberPattern.pattern=700&numberPattern.searchPattern=CONTAINS",
        lambda text, _: "700" in text,
    ),
    ("number_pattern.pattern=700&type=MOBILE&regionCode=GB", lambda text, _: "700" in text),
    ("unknown=1&regionCode=&type=&capability=&orderBy=", lambda *_: True),
]


@pytest.mark.parametrize(("query", "passes"), FILTERS, ids=[query for query, _ in FILTERS])
def test_a_list_has_what_every_filter_lets_pass(client, query, passes):
    every = page_of(client)["activeNumbers"]
    wanted = [int(each["phoneNumber"]) for each in every if passes(each["phoneNumber"], each)]

    assert listed(client, query) == wanted


@pytest.mark.parametrize("query", ["orderBy=phoneNumber", "orderBy=PHONE_NUMBER%20asc"])
def test_a_list_by_number_ascends(client, query):
    assert listed(client, query) == sorted(NUMBERS)


def by_name(descending):
    pairs = sorted(zip(NAMES, NUMBERS, strict=True), reverse=descending)
    return [number for _, number in pairs]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("orderBy=phoneNumber%20desc", sorted(NUMBERS, reverse=True)),
        ("orderBy=displayName", by_name(descending=False)),
        ("order_by=display_name+asc", by_name(descending=False)),
        ("orderBy=displayName%20desc", by_name(descending=True)),
    ],
)
def test_a_list_is_in_the_order_that_it_is_asked_for(client, query, numbers):
    assert listed(client, query) == numbers


@pytest.mark.parametrize("word", ["XXX", "number", "phoneNumber up"])
def test_another_order_is_refused_in_the_vendors_words(client, word):
    answer = client.get("/activeNumbers", params={"orderBy": word})
    (detail,) = answer.json()["error"]["details"]

    assert answer.status_code == 400
    assert detail == {
        "type": "BadRequest",
        "fieldViolations": [{"field": "order_by", "description": f"Invalid order_by {word}"}],
    }


# --- pages ----------------------------------------------------------------------------------


def walk(client, query, sizes):
    """The numbers of every page, each as long as the next of the sizes says."""
    found, token = [], ""
    for size in itertools.islice(sizes, PAGES_MAX):
        page = page_of(client, f"{query}&pageSize={size}&pageToken={token}")
        numbers = [int(each["phoneNumber"]) for each in page["activeNumbers"]]
        found += numbers
        token = page["nextPageToken"]
        assert len(numbers) == size if token else len(numbers) <= size
        assert page["totalSize"] == page_of(client, query)["totalSize"]
        if not token:
            return found
    raise AssertionError("the list has no end")


sizes = st.lists(st.integers(1, 7), min_size=1, max_size=4).map(itertools.cycle)
orders = st.sampled_from(["", "phoneNumber", "displayName"])
filters = st.sampled_from(
    ["", "regionCode=GB", "type=MOBILE", "capability=SMS", "numberPattern.pattern=50", "type="]
)


@FEW
@given(order=orders, descending=st.booleans(), filter_=filters, sizes=sizes)
def test_the_pages_of_a_list_are_the_list_in_pieces(client, order, descending, filter_, sizes):
    direction = "%20desc" if order and descending else ""
    query = f"{filter_}&orderBy={order}{direction}"

    assert walk(client, query, sizes) == listed(client, query)


@pytest.mark.parametrize("order", ["phoneNumber", "displayName", "displayName%20desc"])
def test_every_token_may_stand_in_a_query_as_it_is(client, order):
    token = page_of(client, f"orderBy={order}&pageSize=5")["nextPageToken"]

    assert token.replace("-", "").replace("_", "").isalnum()
    assert token.isascii()


def test_a_page_misses_and_repeats_nothing_while_others_come_and_go(sinch, rent, msisdns):
    numbers = msisdns(6)
    for number in (numbers[0], numbers[2], numbers[4]):
        rent(number)
    first = page_of(sinch, "pageSize=2")
    for number in (numbers[1], numbers[3], numbers[5]):
        rent(number)
    second = page_of(sinch, f"pageSize=9&pageToken={first['nextPageToken']}")

    assert [each["phoneNumber"][1:] for each in second["activeNumbers"]] == numbers[3:]
    assert (first["totalSize"], second["totalSize"]) == (3, 6)


@pytest.fixture(scope="module")
def token(client):
    return page_of(client, "regionCode=GB&pageSize=2")["nextPageToken"]


def test_a_token_may_be_used_again_and_with_another_size(client, token):
    first, again = (
        page_of(client, f"regionCode=GB&pageToken={token}&pageSize={size}") for size in (2, 3)
    )

    assert first["activeNumbers"] == again["activeNumbers"][:2]


@pytest.mark.parametrize(
    "query",
    [
        *("", "regionCode=US", "regionCode=GB&type=MOBILE", "regionCode=GB&capability=SMS"),
        *("regionCode=GB&orderBy=displayName", "regionCode=GB&orderBy=phoneNumber%20desc"),
        "regionCode=GB&numberPattern.pattern=%2B44",
    ],
)
def test_a_token_of_another_list_is_refused(client, token, query):
    answer = client.get(f"/activeNumbers?{query}&pageToken={token}")
    (detail,) = answer.json()["error"]["details"]

    assert answer.status_code == 400
    assert [each["field"] for each in detail["fieldViolations"]] == ["page_token"]


def test_a_token_of_another_project_is_refused(sinch, token):
    assert sinch.get(f"/activeNumbers?regionCode=GB&pageToken={token}").status_code == 400


@pytest.mark.parametrize("size", ["0", "101", "-1", "x", "1.5"])
def test_a_page_has_one_number_at_least_and_a_hundred_at_most(client, size):
    answer = client.get(f"/activeNumbers?pageSize={size}")

    assert answer.status_code == 400
    assert "page_size" in answer.text
