"""Commands that wait together share a transaction, and see each other's outcome."""

import sqlalchemy as sa

from factories import (
    GB,
    KEY,
    PRICE,
    UNIT,
    all_rows,
    balances,
    ledger_sums,
    make_account,
    make_credential,
    number_rows,
)
from numberline.core import commands as c
from numberline.core.accounts import Door
from numberline.core.errors import (
    InsufficientCredit,
    NumberNotAvailable,
)
from numberline.core.lifecycle import State
from numberline.core.rows import Configuration
from numberline.register import register as register_module
from numberline.storage import tables
from registers import ask, ask_together, kinds, open_accounts, open_register

LINKED = Configuration(application_id="app")


def rent(number=GB, account_id="ada"):
    return c.Rent(account_id=account_id, number=number)


def configure(number=GB, account_id="ada"):
    return c.Configure(account_id=account_id, number=number, configuration=LINKED)


def release(number=GB, account_id="ada"):
    return c.Release(account_id=account_id, number=number)


def issue(account_id="ada"):
    return c.IssueCredential(credential=make_credential(account_id))


def count_commits(database):
    """A list that grows by one with every transaction that is committed."""
    commits = []
    sa.event.listen(database.engine, "commit", commits.append)
    return commits


def test_commands_that_wait_share_one_transaction(database, register, shelf):
    commits = count_commits(database)

    ask_together(register, shelf, *(rent(GB + n) for n in range(100)))

    assert len(commits) == 2  # the one that held them up, and theirs
    assert len({row.changed_at for row in number_rows(database).values()}) == 1


def test_a_batch_has_a_limit(database, register, shelf, monkeypatch):
    monkeypatch.setattr(register_module, "BATCH_COMMANDS_MAX", 40)

    outcomes = ask_together(register, shelf, *(rent(GB + n) for n in range(100)))

    assert kinds(outcomes) == {"NumberRow": 100}
    assert len({row.changed_at for row in number_rows(database).values()}) == 3


def test_a_number_is_rented_configured_and_released_within_one_batch(database, register, shelf):
    rented, configured, released = ask_together(register, shelf, rent(), configure(), release())

    assert (rented.state, configured.configuration, released.state) == (
        State.ACTIVE,
        LINKED,
        State.AVAILABLE,
    )
    row = number_rows(database)[GB]
    assert (row.state, row.account_id, row.configuration) == (
        State.AVAILABLE,
        None,
        Configuration(),
    )


def test_a_batch_moves_a_row_one_version_on_however_often_it_is_decided_about(
    database, register, shelf
):
    ask_together(register, shelf, rent(), configure(), release())
    ask_together(register, shelf, rent(), configure())

    assert number_rows(database)[GB].version == 2


def test_what_is_delivered_is_what_the_database_holds(database, shelf):
    delivered = {}

    def deliver(committed):
        delivered.update((row.number, row) for row in committed.numbers)
        committed.settle()

    with open_register(database, shelf, deliver=deliver) as register:
        open_accounts(register, make_account("ada"))
        ask_together(register, shelf, rent(), configure(), release())

    assert delivered == number_rows(database)


def test_a_number_that_changes_hands_within_a_batch_is_charged_to_both(database, register, shelf):
    outcomes = ask_together(
        register, shelf, rent(), release(), rent(account_id="bob"), rent(account_id="ada")
    )

    assert isinstance(outcomes.pop(), NumberNotAvailable)
    assert number_rows(database)[GB].account_id == "bob"
    assert balances(database) == {("ada", "EUR"): -PRICE, ("bob", "EUR"): -PRICE}


def test_a_refused_command_costs_the_others_of_its_batch_nothing(database, register, shelf):
    commits = count_commits(database)

    outcomes = ask_together(register, shelf, rent(), rent(GB - 2), rent(), rent(GB + 1))

    assert len(commits) == 2
    assert kinds(outcomes) == {"NumberRow": 2, "NumberNotInStock": 1, "NumberAlreadyOwned": 1}
    assert set(number_rows(database)) == {GB, GB + 1}


def test_an_account_that_is_opened_in_a_batch_can_be_filled_and_rent_in_it(
    database, register, shelf
):
    ask_together(
        register,
        shelf,
        c.OpenAccount(account=make_account("cy", credit_limit_micros=0)),
        c.TopUp(account_id="cy", amount_micros=PRICE, currency="EUR"),
        rent(account_id="cy"),
    )

    assert number_rows(database)[GB].account_id == "cy"
    assert balances(database) == {("cy", "EUR"): 0}


def test_a_sub_account_that_is_opened_in_a_batch_rents_from_the_wallet_of_its_parent(
    database, register, shelf
):
    open_accounts(register, make_account("cy", credit_limit_micros=0))
    ask(register, c.TopUp(account_id="cy", amount_micros=PRICE, currency="EUR"))

    child = make_account("kid", parent_id="cy", payer_id="cy", credit_limit_micros=0)
    ask_together(register, shelf, c.OpenAccount(account=child), rent(account_id="kid"))

    assert number_rows(database)[GB].account_id == "kid"
    assert balances(database) == {("cy", "EUR"): 0}


def test_a_wallet_is_not_overdrawn_within_a_batch(database, register, shelf):
    open_accounts(register, make_account("cy", credit_limit_micros=3 * PRICE))

    outcomes = ask_together(register, shelf, *(rent(GB + n, "cy") for n in range(5)))

    assert [type(o).__name__ for o in outcomes] == ["NumberRow"] * 3 + ["InsufficientCredit"] * 2
    assert balances(database) == {("cy", "EUR"): -3 * PRICE}


def test_money_that_arrives_in_a_batch_is_spent_in_it(database, register, shelf):
    open_accounts(register, make_account("cy", credit_limit_micros=0))

    before, _, after = ask_together(
        register,
        shelf,
        rent(GB, "cy"),
        c.TopUp(account_id="cy", amount_micros=2 * UNIT, currency="EUR"),
        rent(GB, "cy"),
    )

    assert isinstance(before, InsufficientCredit)
    assert after.account_id == "cy"
    assert balances(database) == ledger_sums(database) == {("cy", "EUR"): 2 * UNIT - PRICE}


def test_a_credential_is_issued_and_revoked_within_one_batch(database, register, shelf):
    commits = count_commits(database)

    issued, revoked = ask_together(
        register, shelf, issue(), c.RevokeCredential(door=Door.VONAGE, key=KEY)
    )

    assert len(commits) == 2
    assert issued.revoked_at is None
    [row] = all_rows(database, tables.credential)
    assert row["revoked_at"] == revoked.revoked_at is not None


def test_a_key_is_issued_once_within_a_batch(database, register, shelf):
    outcomes = ask_together(register, shelf, issue(), issue("bob"))

    assert kinds(outcomes) == {"Credential": 1, "CredentialExists": 1}
    assert [row["account_id"] for row in all_rows(database, tables.credential)] == ["ada"]
