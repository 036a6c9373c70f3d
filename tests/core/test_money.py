"""Money is exact: amounts are read, written and summed without rounding."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.money import (
    MICROS_MAX,
    MICROS_PER_UNIT,
    amount_text,
    parse_amount_micros,
    parse_currency,
)

amounts = st.integers(0, MICROS_MAX - 1)


@given(amounts)
@REPEATABLE
def test_an_amount_that_is_written_is_read_back(micros):
    assert parse_amount_micros(amount_text(micros)) == micros


@given(st.integers(-MICROS_MAX, MICROS_MAX))
@REPEATABLE
def test_a_written_amount_is_exact(micros):
    assert Decimal(amount_text(micros)) * MICROS_PER_UNIT == micros


@given(st.lists(st.decimals(0, 999_999_999, places=6), max_size=20))
@REPEATABLE
def test_amounts_add_up_as_their_decimals_do(decimals):
    parsed = [parse_amount_micros(f"{decimal:f}") for decimal in decimals]

    assert Decimal(sum(parsed)) == sum(decimals) * MICROS_PER_UNIT


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0.00"),
        (1, "0.000001"),
        (500_000, "0.50"),
        (1_250_000, "1.25"),
        (1_234_500, "1.2345"),
        (-500_000, "-0.50"),
        (-1, "-0.000001"),
        (10**15, "1000000000.00"),
    ],
)
def test_an_amount_has_two_decimals_or_as_many_as_it_needs(micros, text):
    assert amount_text(micros) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("0.0000001", id="seventh-decimal"),
        pytest.param("1.0000000", id="seventh-decimal-zero"),
        pytest.param("1000000000", id="too-large"),
        pytest.param("-1", id="minus"),
        pytest.param("+1", id="plus"),
        pytest.param("1e3", id="exponent"),
        pytest.param("1,5", id="comma"),
        pytest.param(".5", id="no-units"),
        pytest.param("1.", id="no-decimals"),
        pytest.param("1_000", id="underscore"),
        pytest.param("1 000", id="grouped"),
        pytest.param("NaN", id="not-a-number"),
        pytest.param("Infinity", id="infinity"),
        pytest.param("٣", id="arabic-digit"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_would_have_to_be_guessed_or_rounded_is_no_amount(text):
    assert parse_amount_micros(text) is None


@given(st.text())
@REPEATABLE
def test_any_text_is_an_amount_in_range_or_none(text):
    micros = parse_amount_micros(text)

    assert micros is None or 0 <= micros < MICROS_MAX


@pytest.mark.parametrize("text", ["EUR", "eur", " Eur "])
def test_a_currency_is_read_in_either_case(text):
    assert parse_currency(text) == "EUR"


@pytest.mark.parametrize("text", ["", "EU", "EURO", "E1R", "€", "EUR\x00"])
def test_what_has_not_three_letters_is_no_currency(text):
    assert parse_currency(text) is None


def test_a_letter_that_only_becomes_latin_as_a_capital_is_in_no_currency():
    assert parse_currency("ßp") is None
