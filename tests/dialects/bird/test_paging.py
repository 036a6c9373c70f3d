"""A token walks the whole of a list: no gaps and no repeats, whoever buys meanwhile."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import REPEATABLE
from live import bird_client, demo_numbers, open_tenants
from numberline.dialects.bird.ids import STOCK_ITEMS

ITEMS = "numberStockItemIds"
FEW = settings(REPEATABLE, max_examples=25)
PAGES_MAX = 300


def value(result):
    return int(result.get("numberString") or result["number"])


def walk(client, path, query, limits, between=lambda: None):
    """The numbers of every page, each as long as the next of the limits says."""
    pages, token = [], None
    for limit in itertools.islice(limits, PAGES_MAX):
        more = {"pageToken": token} if token else {}
        answer = client.get(path, params=query | {"limit": limit} | more)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["results"]) <= limit
        pages.append([value(result) for result in page["results"]])
        token = page.get("nextPageToken")
        if token is None:
            return pages
        assert len(page["results"]) == limit
        between()
    raise AssertionError("the list has no end")


def purchase(client, tenant, numbers):
    body = {ITEMS: [STOCK_ITEMS.of(number) for number in numbers]}
    assert client.post(f"{tenant.workspace_path}/numbers-long-code", json=body).status_code == 201


@pytest.fixture(scope="module")
def tenant(demo):
    (opened,) = open_tenants(demo.database)
    return opened


@pytest.fixture(scope="module")
def client(demo, tenant):
    with bird_client(demo, tenant) as opened:
        yield opened


# --- the stock ------------------------------------------------------------------------------

COUNTRIES = [["SE"], ["NO", "SE"], ["SE", "NO", "DK"], ["FI", "NO"]]
limits = st.lists(st.integers(5, 99), min_size=1, max_size=5).map(itertools.cycle)
queries = st.fixed_dictionaries(
    {"countryCodes": st.sampled_from(COUNTRIES)},
    optional={
        "types": st.sampled_from(["mobile", "local", "national"]),
        "features": st.sampled_from(["sms", "voice", "mms"]),
        "prefix": st.sampled_from(["4", "70", "+46", "46980", "1"]),
    },
)


@FEW
@given(query=queries, limits=limits)
def test_the_pages_of_a_search_are_the_search_in_pieces(client, tenant, query, limits):
    whole = list(itertools.chain(*walk(client, tenant.stock_path, query, itertools.repeat(99))))
    pieces = list(itertools.chain(*walk(client, tenant.stock_path, query, limits)))

    assert pieces == whole == sorted(set(whole))
    assert set(whole) <= {n for country in query["countryCodes"] for n, _ in demo_numbers(country)}


def blocks():
    """The Irish numbers by the hundred; each example takes one that none took before."""
    found = {}
    for number, _ in demo_numbers("IE"):
        found.setdefault(number // 100, []).append(number)
    return ((block, numbers) for block, numbers in found.items() if len(numbers) == 100)


_blocks = blocks()


@FEW
@given(data=st.data(), limits=st.lists(st.integers(7, 40), min_size=1, max_size=4))
def test_a_walk_misses_and_repeats_nothing_while_others_buy(client, tenant, data, limits):
    block, free = next(_blocks)
    bought = set()

    def others_buy():
        some = data.draw(st.sets(st.sampled_from(free), max_size=4)) - bought
        if some:
            purchase(client, tenant, some)
            bought.update(some)

    query = {"countryCodes": "IE", "prefix": f"+{block}"}
    pages = walk(client, tenant.stock_path, query, itertools.cycle(limits), others_buy)
    seen = list(itertools.chain(*pages))

    assert seen == sorted(set(seen))
    assert set(free) - bought <= set(seen) <= set(free)


# --- what a workspace rents -----------------------------------------------------------------


@pytest.fixture(scope="module")
def renter(demo):
    """A client of a workspace, the workspace's path, and the numbers that it rents, ascending."""
    (tenant,) = open_tenants(demo.database)
    numbers = [number for number, _ in demo_numbers("IE")][-40:]
    with bird_client(demo, tenant) as client:
        for first in range(0, len(numbers), 20):
            purchase(client, tenant, numbers[first : first + 20])
        yield client, tenant.workspace_path, numbers


@FEW
@given(
    path=st.sampled_from(["numbers-long-code", "numbers"]),
    descending=st.booleans(),
    limits=st.lists(st.integers(1, 25), min_size=1, max_size=4),
)
def test_the_pages_of_a_list_are_the_list_in_pieces(renter, path, descending, limits):
    client, workspace_path, numbers = renter
    query = {"reverse": str(descending).lower(), "countryCodes": "IE", "country": "IE"}
    pages = walk(client, f"{workspace_path}/{path}", query, itertools.cycle(limits))

    assert list(itertools.chain(*pages)) == sorted(numbers, reverse=descending)


# --- tokens ---------------------------------------------------------------------------------


@pytest.fixture
def token(client, tenant):
    return client.get(tenant.stock_path, params={"countryCodes": "FR", "limit": 2}).json()[
        "nextPageToken"
    ]


def test_a_token_may_be_used_again_and_with_another_limit(client, tenant, token):
    query = {"countryCodes": "FR", "pageToken": token}
    first, again = (client.get(tenant.stock_path, params=query | {"limit": n}) for n in (3, 5))

    assert first.json()["results"] == again.json()["results"][:3]


@pytest.mark.parametrize(
    "query",
    [
        {"countryCodes": "DE"},
        {"countryCodes": "FR", "types": "mobile"},
        {"countryCodes": "FR", "features": "sms"},
        {"countryCodes": "FR", "prefix": "+33"},
        {},
    ],
)
def test_a_token_of_another_search_is_400(client, tenant, token, query):
    answer = client.get(tenant.stock_path, params=query | {"pageToken": token})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["pageToken"])


def test_a_token_of_another_account_is_400(demo, token):
    (other,) = open_tenants(demo.database)
    with bird_client(demo, other) as client:
        query = {"countryCodes": "FR", "pageToken": token}
        assert client.get(other.stock_path, params=query).status_code == 400


@pytest.mark.parametrize("path", ["numbers", "numbers-long-code"])
def test_a_token_of_another_list_is_400(client, tenant, token, path):
    answer = client.get(f"{tenant.workspace_path}/{path}", params={"pageToken": token})

    assert answer.status_code == 400


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda text: text[:-1], "{}=".format])
def test_a_forged_token_is_400(client, tenant, token, change):
    query = {"countryCodes": "FR", "pageToken": change(token)}

    assert client.get(tenant.stock_path, params=query).status_code == 400


@pytest.mark.parametrize("token", ["x", "WzE3M10", "[173]", "null", "a" * 2_000, "%00", "é"])
def test_what_never_was_a_token_is_400(client, tenant, token):
    answer = client.get(tenant.stock_path, params={"pageToken": token})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["pageToken"])
