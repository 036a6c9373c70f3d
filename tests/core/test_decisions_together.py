"""Several numbers are rented together, or none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import (
    GB,
    NEW_YEAR,
    PRICE,
    REPEATABLE,
    UNIT,
    MemoryView,
    make_account,
    make_offer,
)
from numberline.core import commands as c
from numberline.core.decisions import decide
from numberline.core.errors import AccountNotFound, InsufficientCredit, Refusal, RentalsRefused
from numberline.core.lifecycle import EventKind

SHELF = range(GB, GB + 10)
TAKEN = {GB + 3: "bob", GB + 5: "ada"}


def make_view(credit_limit_micros=100 * PRICE, **terms):
    """Ten numbers in stock, of which Bob rents one and Ada one."""
    view = MemoryView(
        offers=[make_offer(**terms)],
        stock=dict.fromkeys(SHELF, 1),
        accounts=[make_account("bob"), make_account("ada")],
    )
    for number, account_id in TAKEN.items():
        view.perform(c.Rent(account_id=account_id, number=number))
    view.entries.clear()
    view.accounts["ada"] = make_account("ada", credit_limit_micros=credit_limit_micros)
    return view


def together(*numbers):
    return c.RentTogether(account_id="ada", numbers=numbers)


def test_all_are_rented_in_the_order_in_which_they_were_named():
    decision = make_view().perform(together(GB + 2, GB, GB + 1))

    assert [row.number for row in decision.reply] == [GB + 2, GB, GB + 1]
    assert {row.account_id for row in decision.reply} == {"ada"}
    assert decision.numbers == decision.reply


def test_each_has_an_event_with_its_own_charges():
    decision = make_view().perform(together(GB, GB + 1))

    assert [(e.kind, e.number) for e in decision.events] == [
        (EventKind.NUMBER_RENTED, GB),
        (EventKind.NUMBER_RENTED, GB + 1),
    ]
    for event in decision.events:
        assert {entry.number for entry in event.entries} == {event.number}
        assert sum(entry.amount_micros for entry in event.entries) == PRICE


@REPEATABLE
@given(st.lists(st.sampled_from([*SHELF, GB + 10, GB + 11]), unique=True, min_size=1))
def test_one_that_is_not_to_be_had_keeps_all_from_being_rented(numbers):
    view = make_view()
    alone = {}
    for number in numbers:
        try:
            decide(c.Rent(account_id="ada", number=number), view, NEW_YEAR)
        except Refusal as refusal:
            alone[number] = (type(refusal), str(refusal))

    if not alone:
        assert len(view.perform(together(*numbers)).reply) == len(numbers)
        return
    with pytest.raises(RentalsRefused) as refused:
        view.perform(together(*numbers))
    assert {n: (type(r), str(r)) for n, r in refused.value.refusals.items()} == alone


@pytest.mark.parametrize("covered", range(5))
def test_the_credit_must_cover_them_all_together(covered):
    numbers = [number for number in SHELF if number not in TAKEN][:4]
    view = make_view(credit_limit_micros=covered * PRICE + PRICE - 1)

    if covered >= len(numbers):
        assert len(view.perform(together(*numbers)).reply) == len(numbers)
        return
    with pytest.raises(InsufficientCredit):
        view.perform(together(*numbers))


def test_what_is_not_to_be_had_is_told_before_a_lack_of_credit():
    with pytest.raises(RentalsRefused) as refused:
        make_view(credit_limit_micros=0).perform(together(GB, GB + 3))

    assert set(refused.value.refusals) == {GB + 3}


def test_wallets_of_several_currencies_count_apart():
    view = make_view(credit_limit_micros=UNIT + UNIT // 2)
    view.offers[2] = make_offer(2, currency="USD")
    view.stock[GB + 1] = 2

    assert len(view.perform(together(GB, GB + 1)).reply) == 2


def test_a_stranger_rents_nothing():
    with pytest.raises(AccountNotFound):
        make_view().perform(c.RentTogether(account_id="stranger", numbers=(GB,)))
