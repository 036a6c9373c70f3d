"""Junk at the live door: whatever comes, the fault is the client's."""

import string

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import REPEATABLE
from live import exchange
from numberline.dialects.bird.ids import NUMBERS, STOCK_ITEMS
from numberline.platform.demo import BIRD_ACCESS_KEY, BIRD_ORGANIZATION, BIRD_WORKSPACE

FEW = settings(REPEATABLE, max_examples=150)
OWNED = f"/workspaces/{BIRD_WORKSPACE}"

PATHS = [
    *(f"/organizations/{BIRD_ORGANIZATION}/numbers-stock-items", "/organizations/x/numbers"),
    *(f"{OWNED}/numbers", f"{OWNED}/numbers-long-code", f"{OWNED}/", "/workspaces//numbers"),
    f"{OWNED}/numbers/{NUMBERS.of(447700900999)}/cancel-subscription",
    f"{OWNED}/numbers-long-code/{NUMBERS.of(447700900999)}",
]
NAMES = [
    *("countryCodes", "countryCodes[]", "countryCodes[0]", "types", "type", "features", "prefix"),
    *("numberString", "capabilities", "providerIds", "searchTerm", "status", "country", "sms"),
    *("limit", "pageToken", "reverse", "testing", "numberStockItemIds", "workspaceId", "x", "[0]"),
]
VALUES = [
    *("", "GB", "US,GB", "+44", "0", "1", "-1", "true", "sms", "sms-inbound", "local", "active"),
    *(STOCK_ITEMS.of(447700900999), "%00", "%ff", "%ED%A0%80", "%", "%2", "&", "=", "[]", "{}"),
]
TOKENS = string.ascii_letters + string.digits + "%&=+-_.~!*'(),;:@/?[]{}"

pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(TOKENS, max_size=12))
queries = st.lists(pairs, max_size=6).map(lambda found: "&".join(f"{n}={v}" for n, v in found))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=4).map(msgspec.json.encode)


@FEW
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "BREW"]),
    path=st.sampled_from(PATHS) | st.text(TOKENS, max_size=20).map("/workspaces/{}".format),
    query=queries,
    body=queries.map(str.encode) | objects | st.binary(max_size=300),
)
def test_no_request_is_the_servers_fault(demo, method, path, query, body):
    head = (
        f"{method} {path}?{query} HTTP/1.1\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: AccessKey {BIRD_ACCESS_KEY}\r\n\r\n"
    )

    assert exchange(demo, head.encode() + body).status < 500
