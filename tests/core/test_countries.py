"""Country codes are those of ISO 3166-1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.countries import COUNTRIES, parse_country


@given(st.sampled_from(sorted(COUNTRIES)))
@REPEATABLE
def test_a_country_is_read_in_either_case(code):
    assert (parse_country(code.lower()), parse_country(f" {code} ")) == (code, code)


@given(st.text(max_size=3))
@REPEATABLE
def test_any_text_is_a_known_country_or_none(text):
    assert parse_country(text) in COUNTRIES | {None}


@pytest.mark.parametrize("text", ["", "G", "GBR", "44", "XX", "UK", "G\x00"])
def test_what_is_no_code_gives_none(text):
    assert parse_country(text) is None


@pytest.mark.parametrize("text", ["ß", "ﬁ", "\u0131t"])
def test_a_letter_that_only_becomes_latin_as_a_capital_names_no_country(text):
    assert parse_country(text) is None
