"""A ledger entry moves an amount between two books."""

import pytest

from numberline.core.rows import Book, Entry


@pytest.mark.parametrize(
    ("debit", "credit", "change_micros"),
    [
        (Book.FUNDING, Book.WALLET, 250),
        (Book.WALLET, Book.REVENUE, -250),
        (Book.REVENUE, Book.WALLET, 250),
        (Book.FUNDING, Book.REVENUE, 0),
    ],
)
def test_an_entry_changes_the_wallet_by_the_leg_that_touches_it(debit, credit, change_micros):
    entry = Entry(
        account_id="ada",
        debit=debit,
        credit=credit,
        amount_micros=250,
        currency="EUR",
        reason="rental",
    )

    assert entry.wallet_change_micros == change_micros
