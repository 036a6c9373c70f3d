"""Junk at the live door: whatever comes, the fault is the client's."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from factories import REPEATABLE
from live import BASIC, babble, exchange

FEW = settings(REPEATABLE, max_examples=150)

PATHS = ["/account/numbers", "/number/search", "/number/buy", "/number/cancel", "/number/update"]
NAMES = [
    *("country", "msisdn", "type", "features", "pattern", "search_pattern", "size", "index"),
    *("has_application", "application_id", "target_api_key", "app_id", "moHttpUrl", "x"),
    *("voiceCallbackType", "voiceCallbackValue", "messagesCallbackType", "api_key", "api_secret"),
]
VALUES = [
    *("", "GB", "gb", "447700900000", "+447700900000", "0", "1", "2", "100", "-1", "true", "SMS"),
    *("landline", "app", "tel", "*", "44*", "%00", "%ff", "%ED%A0%80", "%", "%2", "&", "="),
]
TOKENS = string.ascii_letters + string.digits + "%&=+-_.~!*'(),;:@/?[]"

pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(TOKENS, max_size=12))
queries = st.lists(pairs, max_size=6).map(lambda found: "&".join(f"{n}={v}" for n, v in found))
bodies = queries.map(str.encode) | st.binary(max_size=300)
header_lines = st.lists(
    st.tuples(
        st.sampled_from(["Accept", "Content-Type", "Authorization", "Host", "X-Junk"]),
        st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n\0")),
    ),
    max_size=3,
)


@st.composite
def requests(draw):
    """A request that is HTTP, with anything in its parts."""
    method = draw(st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "BREW"]))
    path = draw(st.sampled_from(PATHS) | st.text(TOKENS, max_size=20).map("/number/{}".format))
    body = draw(bodies)
    head = f"{method} {path}?{draw(queries)} HTTP/1.1\r\nContent-Length: {len(body)}\r\n"
    if draw(st.booleans()):
        head += f"Authorization: {BASIC}\r\n"
    lines = b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in draw(header_lines))
    return head.encode() + lines + b"\r\n" + body


@FEW
@given(request=requests())
def test_no_request_is_the_servers_fault(demo, request):
    assert exchange(demo, request).status < 500


@FEW
@given(content=st.binary(max_size=400))
def test_no_bytes_at_all_bring_the_server_down(demo, content):
    assert not babble(demo, content + b"\r\n\r\n").startswith(b"HTTP/1.1 5")
    assert demo.is_up()
