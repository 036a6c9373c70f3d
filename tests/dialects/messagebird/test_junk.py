"""Junk at the live door: whatever comes, the fault is the client's."""

import string

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import REPEATABLE
from live import exchange

FEW = settings(REPEATABLE, max_examples=250)

PATHS = [
    *("/v1/available-phone-numbers/GB", "/v1/available-phone-numbers/", "/v1/phone-numbers"),
    *("/v1/phone-numbers/447700900999", "/v1/phone-numbers/%2B447700900999", "/v1phone-numbers"),
    *("/v1/pools", "/v1/pools/GB", "/v1/pools/sms", "/v1/pools/GB/numbers", "/v1/pools//numbers"),
]
NAMES = [
    *("number", "countryCode", "country", "billingIntervalMonths", "tags", "tags[]", "tags[0]"),
    *("features", "features[0]", "type", "search_pattern", "searchPattern", "limit", "offset"),
    *("region", "locality", "prices", "exclude_numbers_require_verification", "x", "[0]"),
    *("poolName", "poolName", "service", "configuration", "configuration[byCountry]", "byCountry"),
    *("name", "numbers", "numbers[]"),
]
VALUES = [
    *("", "GB", "447700900999", "+447700900999", "0", "1", "-1", "true", "sms", "mobile", "end"),
    *("*", "44*", "%00", "%ff", "%ED%A0%80", "%", "%2", "&", "=", "[]", "{}"),
]
TOKENS = string.ascii_letters + string.digits + "%&=+-_.~!*'(),;:@/?[]{}"

pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(TOKENS, max_size=12))
queries = st.lists(pairs, max_size=6).map(lambda found: "&".join(f"{n}={v}" for n, v in found))
members = st.dictionaries(
    st.sampled_from(NAMES),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(VALUES),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=5,
    ),
    max_size=4,
)


@st.composite
def bodies(draw):
    """A form, a JSON object, or bytes that are neither."""
    kind = draw(st.sampled_from(["form", "json", "bytes"]))
    if kind == "form":
        return draw(queries).encode()
    return msgspec.json.encode(draw(members)) if kind == "json" else draw(st.binary(max_size=300))


@FEW
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "BREW"]),
    path=st.sampled_from(PATHS)
    | st.text(TOKENS, max_size=20).map("/v1/phone-numbers/{}".format)
    | st.text(TOKENS, max_size=20).map("/v1/pools/{}".format),
    query=queries,
    body=bodies(),
)
def test_no_request_is_the_servers_fault(demo, method, path, query, body):
    head = (
        f"{method} {path}?{query} HTTP/1.1\r\nContent-Length: {len(body)}\r\n"
        "Authorization: AccessKey demo-messagebird-key\r\n\r\n"
    )

    assert exchange(demo, head.encode() + body).status < 500
