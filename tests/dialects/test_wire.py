import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.errors import InvalidValue
from numberline.dialects.wire import (
    BODY_BYTES_MAX,
    PAIRS_MAX,
    Members,
    NotPlain,
    Parameters,
    prefers_xml,
)


def query(text):
    parameters = Parameters()
    parameters.read_query(text)
    return parameters


def body(content):
    parameters = Parameters()
    parameters.read_body(content)
    return parameters


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("country=GB", ["GB"]),
        ("country=GB&", ["GB"]),
        ("&&country=GB&&x=1", ["GB"]),
        ("country=GB&country=US", ["GB", "US"]),
        ("country", [""]),
        ("country=", [""]),
        ("=GB", []),
        ("country=a=b", ["a=b"]),
        ("country=a%26b", ["a&b"]),
        ("c%6Funtry=GB", ["GB"]),
        ("country=a+b%2Bc", ["a b+c"]),
        ("country=%C3%A9", ["é"]),
        ("country=%ff", ["\ufffd"]),
        ("country=%ED%A0%80", ["\ufffd" * 3]),
        ("country=100%", ["100%"]),
        ("country=%zz", ["%zz"]),
        ("country[]=GB&country[]=US", ["GB", "US"]),
        ("country[0]=GB&country%5B17%5D=US&country=FR", ["GB", "US", "FR"]),
        ("country[x]=GB&country[0=US&country]=FR&country[0][1]=SE", []),
        ("", []),
    ],
)
def test_a_query_is_read_as_clients_write_it(text, values):
    assert query(text).all(["country"]) == values


def test_the_first_name_that_was_sent_wins_over_its_aliases():
    parameters = query("mo_http_url=old&moHttpUrl=new")

    assert parameters.first("moHttpUrl", "mo_http_url") == "new"
    assert parameters.first("mo_http_url") == "old"
    assert parameters.first("voiceCallbackType") is None


def test_a_name_with_an_empty_list_was_sent_but_has_no_value():
    parameters = body(b'{"tags": [], "number": null}')

    assert [parameters.has(name) for name in ("tags", "number", "x")] == [True, False, False]
    assert (parameters.first("tags"), parameters.all(["tags"])) == (None, [])


def test_a_query_of_more_pairs_than_any_client_sends_is_refused():
    query("&".join("a=1" for _ in range(PAIRS_MAX)))

    with pytest.raises(InvalidValue):
        query("&".join("a=1" for _ in range(PAIRS_MAX + 1)))


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (b"country=GB&msisdn=1", ["GB"]),
        (b"\r\n country=GB", ["GB"]),
        (b'{"country": "GB"}', ["GB"]),
        (b' \n{"country": "GB"}\n', ["GB"]),
        (b'{"country": ["GB", "US"]}', ["GB", "US"]),
        (b'{"country": 44}', ["44"]),
        (b'{"country": 4.5}', ["4.5"]),
        (b'{"country": true}', ["true"]),
        (b'{"country": false}', ["false"]),
        (b'{"country": null}', []),
        (b'{"country": []}', []),
        (b'{"country": "a", "country": "b"}', ["b"]),
        (b"country=\xff", ["\ufffd"]),
        (b"", []),
        (b"   ", []),
        (b"{}", []),
    ],
)
def test_a_body_is_a_form_or_a_json_object_by_its_looks(content, values):
    assert body(content).all(["country"]) == values


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[1, 2]",
        b'[{"country": "GB"}]',
        b"44",
        b"null",
        b'"country"',
        b'{"country"',
        b'{"country": "GB"} trailing',
        b"{'country': 'GB'}",
        b'{"country": NaN}',
        b'{"country": 1e999}',
        b'{"country": "\xff"}',
        b'{"\xff": "GB"}',
        b'{"country": "\\ud800"}',
        b'{"country": ' + b"9" * 10_000 + b"}",
        b'{"country": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=lambda content: repr(content[:24]),
)
def test_a_broken_json_body_is_refused_as_a_whole(content):
    with pytest.raises(InvalidValue) as refused:
        body(content)

    assert refused.value.field == "body"


@pytest.mark.parametrize("value", [{}, {"a": 1}, [[1]], [{"a": 1}]])
def test_a_nested_value_in_a_json_body_is_no_text(value):
    assert isinstance(body(json.dumps({"country": value}).encode()).first("country"), NotPlain)


def test_the_members_of_an_object_are_named_as_in_a_form():
    content = b'{"configuration": {"byCountry": true, "a": null, "b": {"c": 1}, "d": [1]}}'
    parameters = body(content)

    assert isinstance(parameters.first("configuration"), Members)
    assert parameters.all(["configuration[byCountry]"]) == ["true"]
    assert not parameters.has("configuration[a]", "configuration[b][c]")
    assert isinstance(parameters.first("configuration[b]"), NotPlain)
    assert isinstance(parameters.first("configuration[d]"), NotPlain)
    assert body(b"configuration[byCountry]=1").all(["configuration[byCountry]"]) == ["1"]


@pytest.mark.parametrize(
    ("accept", "xml"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/xml", True),
        ("text/xml", True),
        ("Text/XML", True),
        ("application/xml;q=0.9, application/json;q=0.1", True),
        ("application/xml;q=0.1, application/json", False),
        ("text/xml, */*;q=0.5", True),
        ("text/xml, */*", False),
        ("text/xml;q=0", False),
        ("text/xml;q=high", False),
        ("text/xml ; charset=utf-8 ; q=1", True),
        ("application/soap+xml", False),
        (";;;,,,xml", False),
    ],
)
def test_xml_is_spoken_where_it_is_liked_better_than_json(accept, xml):
    assert prefers_xml(accept) is xml


@REPEATABLE
@given(st.text(max_size=200))
def test_no_text_breaks_a_query(text):
    query(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
json_bodies = st.dictionaries(st.text(max_size=8), json_values).map(
    lambda o: json.dumps(o).encode()
)


@st.composite
def damaged(draw, contents):
    """A content with some bytes replaced by others."""
    content = bytearray(draw(contents))
    for _ in range(draw(st.integers(0, 3))):
        if content:
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


@REPEATABLE
@given(st.binary(max_size=200) | damaged(json_bodies))
def test_a_body_is_read_or_refused(content):
    parameters = Parameters()
    with contextlib.suppress(InvalidValue):
        parameters.read_body(content)

    assert all(isinstance(value, str) for value in parameters.all(["country", "msisdn"]))


@REPEATABLE
@given(
    st.text(max_size=100)
    | st.lists(
        st.sampled_from(
            [
                "text/xml",
                "application/json",
                "*/*",
                ";q=",
                ";q=nan",
                ",",
                "0.5",
                "-1",
                "1e9",
                " ",
                "=",
            ]
        )
    ).map("".join)
)
def test_no_accept_header_is_too_odd_for_an_answer(accept):
    assert prefers_xml(accept) in (True, False)


def test_a_body_as_large_as_a_door_reads_is_read_in_no_time():
    largest = b'{"features":[' + b'"SMS",' * (BODY_BYTES_MAX // 6 - 4) + b'"SMS"]}'

    assert len(largest) <= BODY_BYTES_MAX
    assert set(body(largest).all(["features"])) == {"SMS"}
