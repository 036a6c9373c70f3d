"""What each command about accounts, wallets and credentials does, one rule at a time."""

import msgspec
import pytest

from factories import KEY, NEW_YEAR, UNIT, MemoryView, make_account, make_credential
from numberline.core import commands as c
from numberline.core.accounts import Door, Wallet
from numberline.core.errors import (
    AccountExists,
    AccountNotFound,
    CredentialExists,
    CredentialNotFound,
    InvalidValue,
)
from numberline.core.instants import DAY_US, Instant
from numberline.core.money import MICROS_MAX

LATER = Instant(NEW_YEAR + DAY_US)


def make_view(*accounts):
    """A view in which Ada and Bob have accounts, and some others."""
    return MemoryView(accounts=[make_account("ada"), make_account("bob"), *accounts])


# --- accounts -------------------------------------------------------------------------------


def test_an_account_is_opened_when_the_register_says():
    account = make_account("cy", created_at=Instant(0))

    assert make_view().perform(c.OpenAccount(account=account)).reply.created_at == NEW_YEAR


def test_an_account_is_opened_only_once():
    with pytest.raises(AccountExists):
        make_view().perform(c.OpenAccount(account=make_account("ada")))


def test_the_parent_of_an_account_must_exist():
    account = make_account("kid", parent_id="stranger")

    with pytest.raises(AccountNotFound, match="stranger"):
        make_view().perform(c.OpenAccount(account=account))


@pytest.mark.parametrize("parent_id", [None, "ada", "kid"])
def test_nobody_else_pays_for_an_account_than_itself_and_who_pays_for_its_parent(parent_id):
    view = make_view(make_account("bob"), make_account("kid", parent_id="ada", payer_id="ada"))

    with pytest.raises(InvalidValue, match="payer_id"):
        view.perform(
            c.OpenAccount(account=make_account("new", parent_id=parent_id, payer_id="bob"))
        )


def test_who_pays_for_the_parent_may_pay_for_its_sub_account_too():
    view = make_view(make_account("kid", parent_id="ada", payer_id="ada"))

    opened = view.perform(
        c.OpenAccount(account=make_account("grandkid", parent_id="kid", payer_id="ada"))
    ).reply

    assert opened.payer_id == "ada"


def test_a_top_up_fills_the_wallet_that_pays():
    view = make_view(make_account("kid", parent_id="ada", payer_id="ada"))

    filled = view.perform(c.TopUp(account_id="kid", amount_micros=UNIT, currency="EUR")).reply

    assert filled == Wallet("ada", "EUR", UNIT) == view.wallet("ada", "EUR")


@pytest.mark.parametrize("amount_micros", [0, -1, MICROS_MAX + 1])
def test_a_top_up_outside_the_limits_is_refused(amount_micros):
    with pytest.raises(InvalidValue, match="amount"):
        make_view().perform(c.TopUp(account_id="ada", amount_micros=amount_micros, currency="EUR"))


def test_a_top_up_of_an_unknown_account_is_refused():
    with pytest.raises(AccountNotFound):
        make_view().perform(c.TopUp(account_id="stranger", amount_micros=1, currency="EUR"))


# --- credentials ----------------------------------------------------------------------------


def issue(account_id="ada"):
    return c.IssueCredential(credential=make_credential(account_id, issued_at=Instant(0)))


REVOKE = c.RevokeCredential(door=Door.VONAGE, key=KEY)


def test_a_credential_is_issued_when_the_register_says():
    assert make_view().perform(issue()).reply.issued_at == NEW_YEAR


def test_a_key_speaks_for_one_account_only():
    view = make_view()
    view.perform(issue("ada"))

    with pytest.raises(CredentialExists):
        view.perform(issue("bob"))


def test_a_key_that_was_revoked_is_not_issued_again():
    view = make_view()
    view.perform(issue())
    view.perform(REVOKE)

    with pytest.raises(CredentialExists):
        view.perform(issue())


def test_a_credential_needs_an_account():
    with pytest.raises(AccountNotFound):
        make_view().perform(issue("stranger"))


def test_a_revoked_credential_says_since_when():
    view = make_view()
    view.perform(issue())

    assert view.perform(REVOKE, LATER).reply.revoked_at == LATER


def test_a_credential_is_revoked_only_once():
    view = make_view()
    view.perform(issue())
    view.perform(REVOKE)

    with pytest.raises(CredentialNotFound):
        view.perform(REVOKE)


def test_a_credential_event_names_the_key_and_not_the_secret():
    [event] = make_view().perform(issue()).events

    assert msgspec.json.decode(event.data) == {"door": "vonage", "key": KEY}
