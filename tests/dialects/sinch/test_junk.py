"""Junk at the live door: whatever comes, the fault is the client's."""

import string

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import REPEATABLE
from live import SINCH_BASIC, exchange
from numberline.platform.demo import SINCH_PROJECT

FEW = settings(REPEATABLE, max_examples=200)
PROJECT = f"/v1/projects/{SINCH_PROJECT}"
NUMBER = "+447700900998"

PATHS = [
    *(f"{PROJECT}/availableRegions", f"{PROJECT}/availableNumbers", f"{PROJECT}/activeNumbers"),
    *(f"{PROJECT}/availableNumbers/{NUMBER}", f"{PROJECT}/availableNumbers/{NUMBER}:rent"),
    *(f"{PROJECT}/activeNumbers/{NUMBER}", f"{PROJECT}/activeNumbers/{NUMBER}:release"),
    *(f"{PROJECT}/availableNumbers:rentAny", f"{PROJECT}/callbackConfiguration", "/oauth2/token"),
    *(
        f"{PROJECT}/activeNumbers/{NUMBER}/emergencyAddress{verb}"
        for verb in ("", ":validate", ":provision", ":deprovision")
    ),
]
NAMES = [
    *("regionCode", "region_code", "type", "types", "capability", "capabilities", "size"),
    *("numberPattern", "numberPattern.pattern", "numberPattern[searchPattern]", "pageSize"),
    *("pageToken", "orderBy", "smsConfiguration", "voiceConfiguration", "displayName"),
    *("smsConfiguration.servicePlanId", "voiceConfiguration[appId]", "hmacSecret", "address"),
    *("projectId", "phoneNumber", "grant_type", "client_id", "x", "[0]", ".", "a.b.c"),
]
MEMBERS = [
    *("pattern", "searchPattern", "servicePlanId", "campaignId", "type", "appId", "trunkId"),
    *("serviceId", "streetNumber", "streetInfo", "city", "state", "postalCode", "x", ""),
]
VALUES = [
    *("", "PT", "HU", "+44", "%2B1201", "0", "1", "-1", "true", "SMS", "VOICE", "LOCAL", "MOBILE"),
    *("RTC", "FAX", "START", "END", "phoneNumber desc", "displayName", "SP", "client_credentials"),
    *("GA", "30326", "1 Main Street", "%00", "%ff", "%ED%A0%80", "%", "&", "=", "[]", "{}", ":"),
]
TOKENS = string.ascii_letters + string.digits + "%&=+-_.~!*'(),;:@/?[]{}"

pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(TOKENS, max_size=12))
queries = st.lists(pairs, max_size=6).map(
    lambda found: "&".join(f"{name}={value.replace(' ', '+')}" for name, value in found)
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(VALUES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.text(), inner, max_size=5)
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=4).map(msgspec.json.encode)
steps = st.text(TOKENS, max_size=20).map(f"{PROJECT}/{{}}".format)
verbs = st.text(TOKENS, max_size=10).map(f"{PROJECT}/activeNumbers/{NUMBER}:{{}}".format)


@FEW
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "BREW"]),
    path=st.sampled_from(PATHS) | steps | verbs,
    query=queries,
    body=queries.map(str.encode) | objects | st.binary(max_size=300),
)
def test_no_request_is_the_servers_fault(demo, method, path, query, body):
    head = (
        f"{method} {path}?{query} HTTP/1.1\r\nContent-Length: {len(body)}\r\n{SINCH_BASIC}\r\n\r\n"
    )

    assert exchange(demo, head.encode() + body).status < 500
