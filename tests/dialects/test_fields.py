import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from live import arabic, fullwidth
from numberline.core.errors import InvalidValue
from numberline.dialects.fields import (
    SEEN_LENGTH_MAX,
    SEEN_MAX,
    TEXT_MAX,
    Field,
    choice,
    country,
    flag,
    integer,
    msisdn,
    text_value,
    web_url,
)
from numberline.dialects.messagebird import requests as messagebird
from numberline.dialects.vonage import requests as asked
from numberline.dialects.wire import NotPlain, Parameters

FOREIGN_DIGITS = (fullwidth("447700900000"), arabic("447700900000"))


def given_values(**values):
    parameters = Parameters()
    for name, value in values.items():
        parameters.add(name, value)
    return parameters


def refusal(call, *arguments):
    """The refusal of a value, or None where it is taken; any other exception fails the test."""
    try:
        call(*arguments)
    except InvalidValue as refused:
        return refused
    return None


def field(parse, **options):
    return Field("x", parse, description="", schema={}, **options)


def read(parse, text):
    return field(parse).read(given_values(x=text))


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (integer(1, 100), "1", 1),
        (integer(1, 100), "100", 100),
        (integer(1, 100), " 7 ", 7),
        (integer(1, 100), "+7", 7),
        (integer(1, 100), "007", 7),
        (integer(-5, 5), "-5", -5),
        (choice({"mobile-lvn": 1}), "Mobile-LVN", 1),
        (choice({"mobile-lvn": 1}), " mobile-lvn ", 1),
        (flag, "True", True),
        (flag, "False", False),
        (flag, "true", True),
        (flag, "false", False),
        (flag, "1", True),
        (flag, "0", False),
        (country, "gb", "GB"),
        (country, " US ", "US"),
        (msisdn, "447700900000", 447700900000),
        (msisdn, "+447700900000", 447700900000),
        (msisdn, " 447700900000", 447700900000),
        (text_value, "x y", "x y"),
        (web_url, "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        (web_url, "HTTP://example.com", "HTTP://example.com"),
        (web_url, "http://user:pw@[2001:db8::1]:8080/x", "http://user:pw@[2001:db8::1]:8080/x"),
    ],
)
def test_a_value_is_read_as_clients_write_it(parse, text, value):
    assert read(parse, text) == value


# "ß" upper-cased is "SS", South Sudan; the long s, upper-cased, is an "S".
BAD = {
    integer(1, 100): ["0", "101", "-1", "1.0", "1e2", "0x1", "ten", "1 0", "²", *FOREIGN_DIGITS],
    choice({"sms": 1}): ["smss", "\u017fms", "s", "sms,sms"],
    flag: ["yes", "2", "on", "truefalse", *FOREIGN_DIGITS],
    country: ["XX", "GBR", "G", "UK", "44", "🇬🇧", "ß", "u\u017f", "\ufb01", "\u0130t"],
    msisdn: [
        *("0447700900000", "44", "4477009000001234", "44770090000x", "-447700900000"),
        *("447700900000.0", "++447700900000", "1e10", *FOREIGN_DIGITS),
    ],
    web_url: [
        *("example.com", "//example.com", "ftp://example.com", "javascript:alert(1)", "http://"),
        *("https:///path", "http://?x", "http:/example.com", "http://a b/", "file:///etc/passwd"),
    ],
}


@pytest.mark.parametrize(
    ("parse", "text"), [(parse, text) for parse, texts in BAD.items() for text in texts]
)
def test_a_value_that_is_none_of_its_kind_is_refused_by_name(parse, text):
    with pytest.raises(InvalidValue) as refused:
        read(parse, text)

    assert refused.value.field == "x"


def test_a_whole_number_far_out_of_bounds_is_told_the_bounds():
    with pytest.raises(InvalidValue, match="between 1 and 100"):
        read(integer(1, 100), "9" * 30)


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "a\nb",
        "\x1b[0m",
        "\x7f",
        chr(0xD800),
        "\ufffd",
        "\ufffe",
        "\uffff",
        "a" * (TEXT_MAX + 1),
    ],
    ids=ascii,
)
def test_no_field_takes_control_characters_or_endless_texts(text):
    with pytest.raises(InvalidValue):
        read(text_value, text)


def test_what_was_no_plain_value_is_refused_although_its_stand_in_was_seen_before():
    texts = field(text_value)
    texts.read(given_values(x=str(NotPlain("?"))))

    with pytest.raises(InvalidValue, match="plain"):
        texts.read(given_values(x=NotPlain("?")))


def test_a_text_may_be_as_long_as_the_limit():
    assert read(text_value, "a" * TEXT_MAX) == "a" * TEXT_MAX


def test_an_optional_field_is_none_where_it_is_left_out_or_empty():
    optional = field(integer(1, 9))

    assert optional.read(given_values()) is None
    assert optional.read(given_values(x="")) is None
    assert not optional.named_in(given_values())
    assert optional.named_in(given_values(x=""))


@pytest.mark.parametrize("values", [{}, {"x": ""}])
def test_a_required_field_says_that_it_is_missing(values):
    required = field(integer(1, 9), required=True)

    for read_it in (required.read, required.need):
        with pytest.raises(InvalidValue, match="x: Is required"):
            read_it(given_values(**values))


def test_a_field_answers_to_its_aliases():
    old = field(text_value, aliases=("x_y",))

    assert old.read(given_values(x_y="1")) == "1"
    assert old.read(given_values(x_y="1", x="2")) == "2"


def test_a_field_remembers_few_and_short_values_and_reads_the_same_again():
    texts = field(text_value)
    texts.read(given_values(x="a" * (SEEN_LENGTH_MAX + 1)))
    for number in range(2 * SEEN_MAX):
        assert texts.read(given_values(x=str(number))) == str(number)
        assert texts.read(given_values(x=str(number))) == str(number)

    assert 0 < len(texts._seen) <= SEEN_MAX
    assert max(map(len, texts._seen)) <= SEEN_LENGTH_MAX


@pytest.mark.parametrize(
    ("texts", "separator", "values"),
    [
        ([], ",", ()),
        (["1,2", "3"], ",", (1, 2, 3)),
        ([",1,, 2 ,"], ",", (1, 2)),
        (["", " "], None, ()),
        (["1", "2"], None, (1, 2)),
    ],
)
def test_a_list_is_every_value_that_was_sent(texts, separator, values):
    parameters = Parameters()
    for text in texts:
        parameters.add("x", text)

    assert field(integer(1, 9)).read_list(parameters, separator) == values


@pytest.mark.parametrize("text", ["1,x", "1;2", "\0", NotPlain("?")])
def test_a_list_with_a_bad_value_is_refused_by_name(text):
    with pytest.raises(InvalidValue) as refused:
        field(integer(1, 9)).read_list(given_values(x=text), ",")

    assert refused.value.field == "x"


def test_a_flag_that_is_off_is_remembered_as_off():
    off = field(flag)

    assert [off.read(given_values(x="False")) for _ in range(2)] == [False, False]


EVERY_FIELD = {
    *asked.SEARCH_FIELDS,
    *asked.OWNED_FIELDS,
    *asked.NUMBER_FIELDS,
    *asked.UPDATE_FIELDS,
    *messagebird.SEARCH_FIELDS,
    *messagebird.OWNED_FIELDS,
    *messagebird.PURCHASE_FIELDS,
}
ANY_CHARACTER = st.characters(exclude_categories=())


@REPEATABLE
@given(
    st.text(ANY_CHARACTER, max_size=60) | st.text("0123456789+-.eE*,?% \tGBSMVOICE", max_size=20)
)
def test_every_field_of_a_door_reads_a_text_or_refuses_it(text):
    for each in EVERY_FIELD:
        given_text = given_values(**dict.fromkeys(each.names, text))
        for refused in (refusal(each.read, given_text), refusal(each.read_list, given_text)):
            assert refused is None or refused.field == each.name
