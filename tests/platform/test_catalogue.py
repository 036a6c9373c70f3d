"""The catalogue: which offers pass a filter, and what of the stock is available."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from factories import GB, NEW_YEAR, REPEATABLE, US, make_offer, on_sale
from numberline.core.lifecycle import State
from numberline.core.numbers import CHUNK_SIZE, chunk_of
from numberline.core.offers import Capability, NumberType
from numberline.core.rows import NumberRow
from numberline.platform import catalogue as catalogue_module
from numberline.platform.catalogue import EVERY_OFFER, Catalogue, OfferFilter
from numberline.stock import Pattern

MOBILE = make_offer(1)
LOCAL = make_offer(
    2,
    country="US",
    type=NumberType.LOCAL,
    capabilities=Capability.SMS | Capability.MMS | Capability.VOICE,
    region="DC",
    locality="Washington",
)
INBOUND = make_offer(
    3, capabilities=Capability.SMS_INBOUND, type=NumberType.NATIONAL, documents_required=True
)
GB_KEY = (1, chunk_of(GB))


def make_catalogue():
    """Three British mobile numbers, two American ones and a British one that only receives."""
    catalogue = Catalogue()
    low, us_low = GB % CHUNK_SIZE, US % CHUNK_SIZE
    catalogue.take(
        {offer.offer_id: offer for offer in (MOBILE, LOCAL, INBOUND)},
        {
            GB_KEY: BitMap([low, low + 1, low + 2]),
            (2, chunk_of(US)): BitMap([us_low, us_low + 1]),
            (3, chunk_of(GB)): BitMap([low + 9]),
        },
    )
    return catalogue


def make_row(number, state, offer_id=1):
    return NumberRow(
        number=number,
        offer_id=offer_id,
        version=1,
        state=state,
        account_id=None,
        changed_at=NEW_YEAR,
    )


@pytest.mark.parametrize(
    ("filter_", "offer_ids"),
    [
        pytest.param(EVERY_OFFER, {1, 2, 3}, id="every-offer"),
        pytest.param(OfferFilter(countries=("GB",)), {1, 3}, id="country"),
        pytest.param(OfferFilter(countries=("US", "GB")), {1, 2, 3}, id="countries"),
        pytest.param(OfferFilter(countries=("FR",)), set(), id="country-without-stock"),
        pytest.param(OfferFilter(types=(NumberType.LOCAL, NumberType.NATIONAL)), {2, 3}, id="type"),
        pytest.param(OfferFilter(capabilities=Capability.SMS), {1, 2}, id="feature"),
        pytest.param(OfferFilter(capabilities=Capability.SMS_INBOUND), {1, 2, 3}, id="direction"),
        pytest.param(
            OfferFilter(capabilities=Capability.SMS | Capability.MMS), {2}, id="all-features"
        ),
        pytest.param(OfferFilter(any_direction=(Capability.SMS,)), {1, 2, 3}, id="any-direction"),
        pytest.param(
            OfferFilter(any_direction=(Capability.SMS, Capability.VOICE)),
            {1, 2},
            id="any-direction-of-each",
        ),
        pytest.param(OfferFilter(region="dc"), {2}, id="region"),
        pytest.param(OfferFilter(locality="WASHINGTON"), {2}, id="locality"),
        pytest.param(OfferFilter(without_documents=True), {1, 2}, id="documents"),
        pytest.param(OfferFilter(region="DC", countries=("GB",)), set(), id="all-conditions"),
    ],
)
def test_a_filter_passes_the_offers_that_meet_all_its_conditions(filter_, offer_ids):
    assert make_catalogue().offers(filter_) == offer_ids


def test_a_search_finds_the_available_numbers_in_ascending_order():
    page = make_catalogue().search(EVERY_OFFER, None, limit=3)

    assert page.total == 6
    assert page.hits == [(US, 2), (US + 1, 2), (GB, 1)]


def test_a_search_sees_only_the_offers_that_pass():
    page = make_catalogue().search(OfferFilter(countries=("GB",)), None, limit=9)

    assert page.hits == [(GB, 1), (GB + 1, 1), (GB + 2, 1), (GB + 9, 3)]


def test_a_search_that_no_offer_passes_is_empty():
    page = make_catalogue().search(OfferFilter(countries=("FR",)), None, limit=9)

    assert (page.total, page.hits) == (0, [])


def test_a_page_begins_after_a_number_and_an_offset():
    page = make_catalogue().search(
        OfferFilter(countries=("GB",)), Pattern.starts_with("44"), limit=2, offset=1, after=GB
    )

    assert (page.total, page.hits) == (4, [(GB + 2, 1), (GB + 9, 3)])


def test_a_number_is_in_stock_under_its_offer_while_it_is_available():
    catalogue = make_catalogue()

    assert [catalogue.stocked(n) for n in (GB, GB + 9, US, GB + 5)] == [1, 3, 2, None]


def test_an_offer_that_is_not_known_is_told():
    with pytest.raises(KeyError):
        make_catalogue().offer(99)


@pytest.mark.parametrize("state", State)
def test_a_number_is_on_sale_exactly_while_its_row_is_available(state):
    catalogue = make_catalogue()

    catalogue.apply([make_row(GB, state)])

    assert (GB in on_sale(catalogue)) == (state is State.AVAILABLE)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(State)), max_size=30))
@REPEATABLE
def test_the_last_row_of_each_number_decides(steps):
    catalogue = make_catalogue()
    expected = {GB, GB + 1, GB + 2}
    for offset, state in steps:
        catalogue.apply([make_row(GB + offset, state)])
        expected.discard(GB + offset)
        if state is State.AVAILABLE:
            expected.add(GB + offset)

    found = catalogue.search(OfferFilter(types=(NumberType.MOBILE,)), None, limit=99)
    assert [hit.number for hit in found.hits] == sorted(expected)


def test_new_stock_is_found_by_filters_that_were_used_before():
    catalogue = make_catalogue()
    british = OfferFilter(countries=("GB",))
    catalogue.offers(british)
    new = make_offer(4, region="LND")

    catalogue.take({1: MOBILE, 4: new}, {(4, chunk_of(GB)): BitMap([7])})

    assert catalogue.offers(british) == {1, 4}


def test_a_chunk_that_is_taken_anew_is_replaced():
    catalogue = make_catalogue()

    catalogue.take({1: MOBILE}, {GB_KEY: BitMap([5])})

    assert on_sale(catalogue) == {chunk_of(GB) * CHUNK_SIZE + 5: 1}


def test_however_many_filters_are_used_few_are_remembered(monkeypatch):
    monkeypatch.setattr(catalogue_module, "SELECTIONS_MAX", 10)
    catalogue = make_catalogue()

    for n in range(100):
        assert catalogue.offers(OfferFilter(region=f"region {n}")) == frozenset()

    assert len(catalogue._selections) <= 10
