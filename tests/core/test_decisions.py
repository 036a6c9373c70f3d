"""What each command does and what it is refused for, one rule at a time."""

import msgspec
import pytest

from factories import GB, NEW_YEAR, PRICE, UNIT, MemoryView, make_account, make_offer
from numberline.core import commands as c
from numberline.core.accounts import Credential, Door, Wallet
from numberline.core.decisions import decide
from numberline.core.errors import (
    AccountExists,
    AccountNotFound,
    CountryMismatch,
    CredentialExists,
    CredentialNotFound,
    DocumentsRequired,
    InsufficientCredit,
    InvalidValue,
    NumberAlreadyOwned,
    NumberNotAvailable,
    NumberNotInStock,
    NumberNotOwned,
)
from numberline.core.instants import DAY_US, Instant, add_months
from numberline.core.lifecycle import EventKind, State
from numberline.core.money import MICROS_MAX
from numberline.core.rows import Configuration, NumberRow

LATER = Instant(NEW_YEAR + DAY_US)
RENEWAL = add_months(NEW_YEAR, 1)
LINKED = Configuration(application_id="app", sms_webhook_url="https://example.com/sms")


def make_view(*, accounts=(), **terms):
    """A view with one number in stock, and Ada, Bob and some others as accounts."""
    return MemoryView(
        offers=[make_offer(**terms)],
        stock={GB: 1},
        accounts=[make_account("ada"), make_account("bob"), *accounts],
    )


def perform(view, command, now=NEW_YEAR):
    """Decide a command, and let later ones see the outcome."""
    decision = decide(command, view, now)
    view.apply(decision)
    return decision


def rent(account_id="ada", **values):
    return c.Rent(account_id=account_id, number=GB, **values)


def hold(account_id="ada", until=LATER):
    return c.Hold(account_id=account_id, number=GB, until=until)


def configure(account_id="ada", configuration=LINKED, **values):
    return c.Configure(account_id=account_id, number=GB, configuration=configuration, **values)


def release(account_id="ada", **values):
    return c.Release(account_id=account_id, number=GB, **values)


# --- renting --------------------------------------------------------------------------------


def test_a_rented_number_stands_under_its_tenant_until_it_renews():
    rented = perform(make_view(), rent(configuration=LINKED)).reply

    assert rented == NumberRow(
        number=GB,
        offer_id=1,
        version=1,
        state=State.ACTIVE,
        account_id="ada",
        changed_at=NEW_YEAR,
        rented_at=NEW_YEAR,
        renews_at=RENEWAL,
        configuration=LINKED,
    )


def test_a_rental_of_several_months_renews_after_them_all():
    rented = perform(make_view(interval_months=12), rent()).reply

    assert rented.renews_at == add_months(NEW_YEAR, 12)


def test_a_rental_is_charged_the_set_up_and_the_first_interval():
    decision = perform(make_view(), rent())

    charged = [(e.account_id, e.reason, e.wallet_change_micros) for e in decision.entries]
    assert charged == [("ada", "setup", -UNIT // 2), ("ada", "rental", -UNIT)]


def test_a_free_number_is_rented_without_touching_the_ledger():
    decision = perform(make_view(setup_price_micros=0, monthly_price_micros=0), rent())

    assert decision.entries == ()


def test_a_free_number_is_rented_by_an_account_without_credit():
    view = make_view(
        setup_price_micros=0,
        monthly_price_micros=0,
        accounts=[make_account("cy", credit_limit_micros=0)],
    )

    assert perform(view, rent("cy")).reply.state is State.ACTIVE


def test_the_parent_pays_for_a_sub_account_that_shares_its_credit():
    view = make_view(accounts=[make_account("kid", parent_id="ada", payer_id="ada")])

    decision = perform(view, rent("kid"))

    assert decision.reply.account_id == "kid"
    assert {entry.account_id for entry in decision.entries} == {"ada"}


def test_credit_may_be_used_up_to_the_last_millionth():
    view = make_view(accounts=[make_account("cy", credit_limit_micros=PRICE)])

    perform(view, rent("cy"))

    assert view.wallet("cy", "EUR").balance_micros == -PRICE


def test_a_rental_that_credit_does_not_cover_is_refused():
    view = make_view(accounts=[make_account("cy", credit_limit_micros=PRICE - 1)])

    with pytest.raises(InsufficientCredit) as refusal:
        perform(view, rent("cy"))

    assert (refusal.value.account_id, refusal.value.needed_micros) == ("cy", PRICE)


def test_money_in_another_currency_pays_for_nothing():
    view = make_view(accounts=[make_account("cy", credit_limit_micros=0)])
    perform(view, c.TopUp(account_id="cy", amount_micros=9 * PRICE, currency="USD"))

    with pytest.raises(InsufficientCredit):
        perform(view, rent("cy"))


def test_a_number_that_needs_documents_is_refused_without_them():
    with pytest.raises(DocumentsRequired):
        perform(make_view(documents_required=True), rent())


def test_a_number_that_needs_documents_is_rented_with_them():
    known = make_account("cy", documents_on_file=True)

    row = perform(make_view(documents_required=True, accounts=[known]), rent("cy")).reply

    assert row.account_id == "cy"


def test_the_country_that_is_named_must_be_the_number_s_own():
    view = make_view()

    with pytest.raises(CountryMismatch):
        perform(view, rent(country="US"))

    assert perform(view, rent(country="GB")).reply.state is State.ACTIVE


def test_a_number_outside_the_stock_is_refused():
    with pytest.raises(NumberNotInStock):
        perform(make_view(), c.Rent(account_id="ada", number=GB + 1))


def test_an_unknown_account_is_refused():
    with pytest.raises(AccountNotFound):
        perform(make_view(), rent("stranger"))


def test_renting_a_number_again_is_told_apart_for_its_tenant():
    view = make_view()
    perform(view, rent())

    with pytest.raises(NumberAlreadyOwned):
        perform(view, rent())


def test_a_number_that_another_rents_is_not_available():
    view = make_view()
    perform(view, rent())

    with pytest.raises(NumberNotAvailable):
        perform(view, rent("bob"))


# --- holds ----------------------------------------------------------------------------------


def test_a_held_number_waits_for_its_holder_until_the_hold_ends():
    held = perform(make_view(), hold()).reply

    assert (held.state, held.account_id, held.due_at) == (State.HELD, "ada", LATER)


def test_a_held_number_is_rented_by_its_holder_and_no_longer_falls_due():
    view = make_view()
    perform(view, hold())

    rented = perform(view, rent()).reply

    assert (rented.state, rented.due_at, rented.version) == (State.ACTIVE, None, 2)


@pytest.mark.parametrize("command", [rent("bob"), hold("bob")])
def test_a_held_number_is_not_available_to_others(command):
    view = make_view()
    perform(view, hold())

    with pytest.raises(NumberNotAvailable):
        perform(view, command)


def test_a_hold_can_be_made_longer_by_its_holder():
    view = make_view()
    perform(view, hold())

    longer = perform(view, hold(until=Instant(LATER + 1))).reply

    assert longer.due_at == LATER + 1


def test_a_hold_that_ends_at_once_is_no_hold():
    with pytest.raises(InvalidValue, match="until"):
        perform(make_view(), hold(until=NEW_YEAR))


def test_a_tenant_cannot_hold_what_it_rents():
    view = make_view()
    perform(view, rent())

    with pytest.raises(NumberAlreadyOwned):
        perform(view, hold())


def test_a_hold_is_no_rental():
    view = make_view()
    perform(view, hold())

    with pytest.raises(NumberNotOwned):
        perform(view, configure())


def test_a_hold_ends_when_it_falls_due():
    view = make_view()
    perform(view, hold())

    free = perform(view, c.EndHold(number=GB), LATER).reply

    assert (free.state, free.account_id, free.due_at) == (State.AVAILABLE, None, None)


# --- configuring and releasing --------------------------------------------------------------


def test_a_configuration_replaces_the_one_before_as_a_whole():
    view = make_view()
    perform(view, rent(configuration=LINKED))

    row = perform(view, configure(configuration=Configuration(voice_route="tel"))).reply

    assert row.configuration == Configuration(voice_route="tel")


@pytest.mark.parametrize(
    "command", [configure("bob"), release("bob"), release("bob", country="US")]
)
def test_what_another_rents_looks_to_an_account_as_if_it_were_not_there(command):
    view = make_view()
    perform(view, rent())

    with pytest.raises(NumberNotOwned):
        perform(view, command)


@pytest.mark.parametrize("command", [configure(country="US"), release(country="US")])
def test_a_tenant_must_name_the_right_country_if_any(command):
    view = make_view()
    perform(view, rent())

    with pytest.raises(CountryMismatch):
        perform(view, command)


def test_a_released_number_rests_and_forgets_its_tenant():
    view = make_view(quarantine_days=45)
    perform(view, rent(configuration=LINKED))

    released = perform(view, release(), LATER).reply

    assert released == NumberRow(
        number=GB,
        offer_id=1,
        version=2,
        state=State.QUARANTINED,
        account_id=None,
        changed_at=LATER,
        due_at=Instant(LATER + 45 * DAY_US),
    )


def test_a_released_number_that_needs_no_rest_is_available_at_once():
    view = make_view(quarantine_days=0)
    perform(view, rent())

    released = perform(view, release())

    assert (released.reply.state, released.reply.due_at) == (State.AVAILABLE, None)
    assert msgspec.json.decode(released.events[0].data)["state"] == "available"


def test_a_release_is_told_with_the_tenant_that_it_ends():
    view = make_view()
    perform(view, rent())

    [event] = perform(view, release()).events

    assert (event.kind, event.number, event.account_id) == (EventKind.NUMBER_RELEASED, GB, "ada")


def test_a_scheduled_release_leaves_the_number_in_use_until_it_renews():
    view = make_view()
    perform(view, rent(configuration=LINKED))

    expiring = perform(view, release(at_renewal=True)).reply

    assert (expiring.state, expiring.account_id, expiring.due_at, expiring.configuration) == (
        State.EXPIRING,
        "ada",
        RENEWAL,
        LINKED,
    )


def test_configuring_a_number_does_not_put_its_release_off():
    view = make_view()
    perform(view, rent())
    perform(view, release(at_renewal=True))

    row = perform(view, configure()).reply

    assert (row.state, row.due_at) == (State.EXPIRING, RENEWAL)


def test_a_scheduled_release_can_still_be_made_at_once():
    view = make_view()
    perform(view, rent())
    perform(view, release(at_renewal=True))

    assert perform(view, release()).reply.state is State.AVAILABLE


def test_a_scheduled_release_is_carried_out_when_it_falls_due():
    view = make_view(quarantine_days=45)
    perform(view, rent())
    perform(view, release(at_renewal=True))

    row = perform(view, c.Expire(number=GB), RENEWAL).reply

    assert (row.state, row.due_at) == (State.QUARANTINED, RENEWAL + 45 * DAY_US)


def test_a_number_returns_to_the_stock_after_its_rest():
    view = make_view(quarantine_days=1)
    perform(view, rent())
    perform(view, release())

    row = perform(view, c.EndQuarantine(number=GB), LATER).reply

    assert (row.state, row.due_at, row.version) == (State.AVAILABLE, None, 3)


@pytest.mark.parametrize(
    ("before", "end", "due_at"),
    [
        pytest.param([hold()], c.EndHold(number=GB), LATER, id="hold"),
        pytest.param(
            [rent(), release(at_renewal=True)], c.Expire(number=GB), RENEWAL, id="scheduled-release"
        ),
        pytest.param([rent(), release()], c.EndQuarantine(number=GB), LATER, id="quarantine"),
    ],
)
def test_nothing_ends_a_microsecond_before_it_falls_due(before, end, due_at):
    view = make_view(quarantine_days=1)
    for command in before:
        perform(view, command)

    with pytest.raises(NumberNotAvailable):
        perform(view, end, Instant(due_at - 1))

    assert perform(view, end, due_at).numbers


# --- the operator ---------------------------------------------------------------------------


def test_a_withdrawn_number_is_not_available():
    view = make_view()
    perform(view, c.Withdraw(number=GB))

    with pytest.raises(NumberNotAvailable):
        perform(view, rent())


def test_a_number_that_is_restocked_can_be_rented():
    view = make_view()
    perform(view, c.Withdraw(number=GB))
    perform(view, c.Restock(number=GB))

    assert perform(view, rent()).reply.version == 3


def test_a_number_that_rests_can_be_withdrawn_and_then_never_falls_due():
    view = make_view(quarantine_days=45)
    perform(view, rent())
    perform(view, release())

    row = perform(view, c.Withdraw(number=GB)).reply

    assert (row.state, row.due_at) == (State.WITHDRAWN, None)


def test_a_number_that_someone_rents_cannot_be_withdrawn():
    view = make_view()
    perform(view, rent())

    with pytest.raises(NumberNotAvailable):
        perform(view, c.Withdraw(number=GB))


# --- accounts -------------------------------------------------------------------------------


def test_an_account_is_opened_when_the_register_says():
    account = make_account("cy", created_at=Instant(0))

    assert perform(make_view(), c.OpenAccount(account=account)).reply.created_at == NEW_YEAR


def test_an_account_is_opened_only_once():
    with pytest.raises(AccountExists):
        perform(make_view(), c.OpenAccount(account=make_account("ada")))


@pytest.mark.parametrize("link", ["parent_id", "payer_id"])
def test_an_account_must_be_linked_to_accounts_that_exist(link):
    account = make_account("kid", **{link: "stranger"})

    with pytest.raises(AccountNotFound, match="stranger"):
        perform(make_view(), c.OpenAccount(account=account))


def test_a_top_up_fills_the_wallet_that_pays():
    view = make_view(accounts=[make_account("kid", parent_id="ada", payer_id="ada")])

    filled = perform(view, c.TopUp(account_id="kid", amount_micros=UNIT, currency="EUR")).reply

    assert filled == Wallet("ada", "EUR", UNIT) == view.wallet("ada", "EUR")


@pytest.mark.parametrize("amount_micros", [0, -1, MICROS_MAX + 1])
def test_a_top_up_outside_the_limits_is_refused(amount_micros):
    with pytest.raises(InvalidValue, match="amount"):
        perform(make_view(), c.TopUp(account_id="ada", amount_micros=amount_micros, currency="EUR"))


def test_a_top_up_of_an_unknown_account_is_refused():
    with pytest.raises(AccountNotFound):
        perform(make_view(), c.TopUp(account_id="stranger", amount_micros=1, currency="EUR"))


# --- credentials ----------------------------------------------------------------------------


def issue(account_id="ada"):
    return c.IssueCredential(
        credential=Credential(
            door=Door.VONAGE,
            key="a1b2c3d4",
            account_id=account_id,
            secret_hash=b"hash",
            issued_at=Instant(0),
        )
    )


REVOKE = c.RevokeCredential(door=Door.VONAGE, key="a1b2c3d4")


def test_a_credential_is_issued_when_the_register_says():
    assert perform(make_view(), issue()).reply.issued_at == NEW_YEAR


def test_a_key_speaks_for_one_account_only():
    view = make_view()
    perform(view, issue("ada"))

    with pytest.raises(CredentialExists):
        perform(view, issue("bob"))


def test_a_key_that_was_revoked_is_not_issued_again():
    view = make_view()
    perform(view, issue())
    perform(view, REVOKE)

    with pytest.raises(CredentialExists):
        perform(view, issue())


def test_a_credential_needs_an_account():
    with pytest.raises(AccountNotFound):
        perform(make_view(), issue("stranger"))


def test_a_revoked_credential_says_since_when():
    view = make_view()
    perform(view, issue())

    assert perform(view, REVOKE, LATER).reply.revoked_at == LATER


def test_a_credential_is_revoked_only_once():
    view = make_view()
    perform(view, issue())
    perform(view, REVOKE)

    with pytest.raises(CredentialNotFound):
        perform(view, REVOKE)


def test_a_credential_event_names_the_key_and_not_the_secret():
    [event] = perform(make_view(), issue()).events

    assert msgspec.json.decode(event.data) == {"door": "vonage", "key": "a1b2c3d4"}
