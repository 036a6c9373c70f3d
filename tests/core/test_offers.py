"""Offers: their capabilities in words, and what an interval costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE, make_offer
from numberline.core.offers import (
    CAPABILITY_WORDS,
    Capability,
    Offer,
    OfferTerms,
    capability_words,
    parse_capabilities,
)

ALL = int(Capability.SMS | Capability.MMS | Capability.VOICE)


@pytest.mark.parametrize("bits", range(ALL + 1))
def test_capabilities_that_are_written_are_read_back(bits):
    assert parse_capabilities(capability_words(Capability(bits))) == bits


@pytest.mark.parametrize(("word", "capabilities"), CAPABILITY_WORDS.items())
def test_what_has_one_word_is_written_as_that_word(word, capabilities):
    assert capability_words(capabilities) == word


@given(st.lists(st.sampled_from(sorted(CAPABILITY_WORDS))), st.sampled_from([" ", ",", ";", "|"]))
@REPEATABLE
def test_words_stand_in_any_order_and_case_and_apart_by_any_mark(words, mark):
    together = Capability(0)
    for word in words:
        together |= CAPABILITY_WORDS[word]

    assert parse_capabilities(mark.join(words).upper()) == together


@given(st.text())
@REPEATABLE
def test_any_text_is_capabilities_or_none(text):
    found = parse_capabilities(text)

    assert found is None or 0 <= found <= ALL


@pytest.mark.parametrize("text", ["fax", "sms fax", "sms-both", "sms/voice", "voice inbound"])
def test_an_unknown_word_spoils_the_text(text):
    assert parse_capabilities(text) is None


def test_an_offer_has_the_terms_that_it_was_made_of():
    terms = OfferTerms(country="GB", type="mobile", capabilities=Capability.SMS, region="LND")

    offer = Offer.of(7, terms)

    assert (offer.offer_id, offer.country, offer.region) == (7, "GB", "LND")


def test_an_interval_of_several_months_costs_them_all():
    offer = make_offer(monthly_price_micros=1_250_001, interval_months=12)

    assert offer.interval_price_micros() == 15_000_012
    assert offer.interval_price_micros(3) == 3_750_003
