"""A command line performs a few commands in order."""

import pytest

from factories import GB, UNIT, FakeClock, all_rows, balances, make_account
from numberline.core import commands as c
from numberline.core.errors import AccountExists, NumberNotInStock
from numberline.register.sync import perform
from numberline.storage import tables

OPEN = c.OpenAccount(account=make_account("ada"))
TOP_UP = c.TopUp(account_id="ada", amount_micros=UNIT, currency="EUR")


def test_commands_are_answered_in_their_order(database):
    account, wallet = perform(database, FakeClock(), [OPEN, TOP_UP])

    assert (account.account_id, wallet.balance_micros) == ("ada", UNIT)


def test_a_refusal_ends_the_row_and_leaves_what_was_before(database):
    with pytest.raises(AccountExists):
        perform(database, FakeClock(), [OPEN, TOP_UP, OPEN, TOP_UP])

    assert balances(database) == {("ada", "EUR"): UNIT}


def test_a_number_cannot_be_rented_where_no_stock_is_read(database):
    perform(database, FakeClock(), [OPEN])

    with pytest.raises(NumberNotInStock):
        perform(database, FakeClock(), [c.Rent(account_id="ada", number=GB)])

    assert all_rows(database, tables.number) == []
