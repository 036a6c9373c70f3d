"""E.164 numbers are read from text and written back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.numbers import chunk_of, parse_number

numbers = st.integers(10**6, 10**15 - 1)


@given(numbers)
@REPEATABLE
def test_a_number_that_is_written_is_read_back(number):
    assert parse_number(f"+{number}") == number


@given(numbers, st.sampled_from(["", "+", " ", " +", "\t"]), st.sampled_from(["", " ", "\n"]))
@REPEATABLE
def test_plus_and_blanks_around_a_number_mean_nothing(number, before, after):
    assert parse_number(f"{before}{number}{after}") == number


@given(st.text() | st.from_regex(r"[+ ]?[0-9]{0,20}", fullmatch=True))
@REPEATABLE
def test_any_text_is_its_own_number_or_none(text):
    found = parse_number(text)

    assert found is None or str(found) == text.strip().removeprefix("+")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("+", id="plus-alone"),
        pytest.param("++447700900123", id="two-pluses"),
        pytest.param("123456", id="six-digits"),
        pytest.param("1234567890123456", id="sixteen-digits"),
        pytest.param("07700900123", id="national-zero"),
        pytest.param("44 7700 900123", id="grouped"),
        pytest.param("-447700900123", id="minus"),
        pytest.param("4477009e5", id="exponent"),
        pytest.param("4_477_009", id="underscores"),
        pytest.param("٤٤٧٧٠٠٩٠٠١٢٣", id="arabic-digits"),
        pytest.param("44770090012²", id="superscript"),
        pytest.param("447700900123\x00", id="nul"),
        pytest.param("9" * 100_000, id="endless"),
    ],
)
def test_what_is_no_number_gives_none(text):
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("number", "chunk"),
    [(447_700_900_123, 447_700), (447_700_999_999, 447_700), (447_701_000_000, 447_701)],
)
def test_a_chunk_is_named_by_the_digits_before_the_last_six(number, chunk):
    assert chunk_of(number) == chunk
