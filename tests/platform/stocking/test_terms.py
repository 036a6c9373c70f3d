"""What the texts of a stock file stand for, and what is said about those that stand for nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numberline.core.countries import COUNTRIES
from numberline.core.offers import Capability, NumberType, OfferTerms
from numberline.platform.stocking.terms import TERM_COLUMNS, parse_terms, terms_texts

GOOD = {"country": "GB", "type": "mobile", "features": "sms"}
PRICES = st.integers(0, 10**15 - 1)
# What an import leaves of a text: without blanks at its ends, and without control characters.
PLACES = st.from_regex(re.compile(r"[^\x00-\x1f\x7f-\x9f]{0,100}"), fullmatch=True).map(str.strip)

TERMS = st.builds(
    OfferTerms,
    country=st.sampled_from(sorted(COUNTRIES)),
    type=st.sampled_from(NumberType),
    capabilities=st.integers(1, 63).map(Capability),
    region=PLACES,
    locality=PLACES,
    setup_price_micros=PRICES,
    monthly_price_micros=PRICES,
    currency=st.sampled_from(["EUR", "USD", "JPY"]),
    interval_months=st.integers(1, 120),
    contract_months=st.integers(0, 120),
    documents_required=st.booleans(),
    quarantine_days=st.integers(0, 3650),
)


def reasons(**texts):
    problems = parse_terms(GOOD | texts)
    assert not isinstance(problems, OfferTerms)
    return [str(problem) for problem in problems]


@given(TERMS)
def test_terms_come_back_from_their_texts(terms):
    assert parse_terms(dict(zip(TERM_COLUMNS, terms_texts(terms), strict=True))) == terms


def test_what_is_absent_or_empty_takes_the_default_of_an_offer():
    plain = OfferTerms(country="GB", type=NumberType.MOBILE, capabilities=Capability.SMS)

    assert parse_terms(GOOD) == plain
    assert parse_terms(GOOD | dict.fromkeys(TERM_COLUMNS[3:], " ")) == plain


@pytest.mark.parametrize(
    ("column", "text", "field", "value"),
    [
        ("country", " gb ", "country", "GB"),
        ("type", "Toll-Free", "type", NumberType.TOLL_FREE),
        ("type", "premium rate", "type", NumberType.PREMIUM_RATE),
        ("features", "Voice, SMS-inbound", "capabilities", Capability.VOICE | 1),
        ("features", "voice|mms;sms", "capabilities", Capability(63)),
        ("locality", "  St. Gallen ", "locality", "St. Gallen"),
        ("region", "x" * 100, "region", "x" * 100),
        ("monthly_price", "999999999.999999", "monthly_price_micros", 10**15 - 1),
        ("setup_price", "0", "setup_price_micros", 0),
        ("currency", "usd", "currency", "USD"),
        ("interval_months", "120", "interval_months", 120),
        ("contract_months", "0", "contract_months", 0),
        ("documents_required", "YES", "documents_required", True),
        ("documents_required", "0", "documents_required", False),
        ("quarantine_days", "3650", "quarantine_days", 3650),
    ],
)
def test_texts_are_read_generously(column, text, field, value):
    assert getattr(parse_terms(GOOD | {column: text}), field) == value


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("country", ""),
        ("country", "XX"),
        ("country", "England"),
        ("type", "fax"),
        ("features", "  "),
        ("features", "sms fax"),
        ("features", "|"),
        ("region", "x" * 101),
        ("locality", "Lon\x00don"),
        ("setup_price", "-1"),
        ("setup_price", "1,50"),
        ("setup_price", "1e3"),
        ("monthly_price", "1.0000001"),
        ("monthly_price", "1000000000"),
        ("currency", "EURO"),
        ("interval_months", "0"),
        ("interval_months", "121"),
        ("interval_months", "1.5"),
        ("contract_months", "121"),
        ("contract_months", "-1"),
        ("documents_required", "perhaps"),
        ("quarantine_days", "3651"),
        ("quarantine_days", "\N{ARABIC-INDIC DIGIT ONE}"),
    ],
)
def test_a_text_that_stands_for_nothing_is_refused_by_its_column(column, text):
    (reason,) = reasons(**{column: text})

    assert reason.startswith(f"{column}: ")
    assert len(reason) < 200


def test_everything_that_is_wrong_is_said_at_once():
    assert reasons(country="XX", currency="$", interval_months="often") == [
        "country: 'XX' is not a country code of two letters (ISO 3166-1)",
        "currency: '$' is not a currency code of three letters (ISO 4217)",
        "interval_months: 'often' is not a whole number from 1 to 120",
    ]
