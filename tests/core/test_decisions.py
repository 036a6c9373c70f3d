"""What each command about a number does and what it is refused for, one rule at a time."""

import msgspec
import pytest

from factories import GB, NEW_YEAR, PRICE, UNIT, MemoryView, make_account, make_offer
from numberline.core import commands as c
from numberline.core.errors import (
    AccountNotFound,
    CountryMismatch,
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
from numberline.core.rows import Configuration, NumberRow

LATER = Instant(NEW_YEAR + DAY_US)
RENEWAL = add_months(NEW_YEAR, 1)
TAGGED = Configuration(tags=("a",))
LINKED = Configuration(application_id="app", sms_webhook_url="https://example.com/sms")


def make_view(*, accounts=(), **terms):
    """A view with one number in stock, and Ada, Bob and some others as accounts."""
    return MemoryView(
        offers=[make_offer(**terms)],
        stock={GB: 1},
        accounts=[make_account("ada"), make_account("bob"), *accounts],
    )


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
    rented = make_view().perform(rent(configuration=LINKED)).reply

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
    rented = make_view(interval_months=12).perform(rent()).reply

    assert rented.renews_at == add_months(NEW_YEAR, 12)


@pytest.mark.parametrize("months", [1, 9, 120])
def test_a_tenant_may_choose_another_billing_interval(months):
    decision = make_view(interval_months=12).perform(rent(interval_months=months))
    rental = next(e for e in decision.entries if e.reason == "rental")

    assert decision.reply.renews_at == add_months(NEW_YEAR, months)
    assert decision.reply.interval_months == months
    assert rental.wallet_change_micros == -UNIT * months


@pytest.mark.parametrize("months", [0, -1, 121])
def test_a_billing_interval_that_is_none_is_refused(months):
    with pytest.raises(InvalidValue, match="interval_months"):
        make_view().perform(rent(interval_months=months))


def test_a_released_number_forgets_the_interval_and_its_tags():
    view = make_view(quarantine_days=0)
    view.perform(rent(interval_months=3, configuration=TAGGED))

    row = view.perform(release()).reply

    assert (row.interval_months, row.configuration) == (None, Configuration())


def test_a_rental_is_charged_the_set_up_and_the_first_interval():
    decision = make_view().perform(rent())

    charged = [(e.account_id, e.reason, e.wallet_change_micros) for e in decision.entries]
    assert charged == [("ada", "setup", -UNIT // 2), ("ada", "rental", -UNIT)]


def test_a_free_number_is_rented_without_touching_the_ledger():
    decision = make_view(setup_price_micros=0, monthly_price_micros=0).perform(rent())

    assert decision.entries == ()


def test_a_free_number_is_rented_by_an_account_without_credit():
    view = make_view(
        setup_price_micros=0,
        monthly_price_micros=0,
        accounts=[make_account("cy", credit_limit_micros=0)],
    )

    assert view.perform(rent("cy")).reply.state is State.ACTIVE


def test_the_parent_pays_for_a_sub_account_that_shares_its_credit():
    view = make_view(accounts=[make_account("kid", parent_id="ada", payer_id="ada")])

    decision = view.perform(rent("kid"))

    assert decision.reply.account_id == "kid"
    assert {entry.account_id for entry in decision.entries} == {"ada"}


def test_credit_may_be_used_up_to_the_last_millionth():
    view = make_view(accounts=[make_account("cy", credit_limit_micros=PRICE)])

    view.perform(rent("cy"))

    assert view.wallet("cy", "EUR").balance_micros == -PRICE


def test_a_rental_that_credit_does_not_cover_is_refused():
    view = make_view(accounts=[make_account("cy", credit_limit_micros=PRICE - 1)])

    with pytest.raises(InsufficientCredit) as refusal:
        view.perform(rent("cy"))

    assert (refusal.value.account_id, refusal.value.needed_micros) == ("cy", PRICE)


def test_money_in_another_currency_pays_for_nothing():
    view = make_view(accounts=[make_account("cy", credit_limit_micros=0)])
    view.perform(c.TopUp(account_id="cy", amount_micros=9 * PRICE, currency="USD"))

    with pytest.raises(InsufficientCredit):
        view.perform(rent("cy"))


def test_a_number_that_needs_documents_is_refused_without_them():
    with pytest.raises(DocumentsRequired):
        make_view(documents_required=True).perform(rent())


def test_a_number_that_needs_documents_is_rented_with_them():
    known = make_account("cy", documents_on_file=True)

    row = make_view(documents_required=True, accounts=[known]).perform(rent("cy")).reply

    assert row.account_id == "cy"


def test_the_country_that_is_named_must_be_the_number_s_own():
    view = make_view()

    with pytest.raises(CountryMismatch):
        view.perform(rent(country="US"))

    assert view.perform(rent(country="GB")).reply.state is State.ACTIVE


def test_a_number_outside_the_stock_is_refused():
    with pytest.raises(NumberNotInStock):
        make_view().perform(c.Rent(account_id="ada", number=GB + 1))


def test_an_unknown_account_is_refused():
    with pytest.raises(AccountNotFound):
        make_view().perform(rent("stranger"))


def test_renting_a_number_again_is_told_apart_for_its_tenant():
    view = make_view()
    view.perform(rent())

    with pytest.raises(NumberAlreadyOwned):
        view.perform(rent())


def test_a_number_that_another_rents_is_not_available():
    view = make_view()
    view.perform(rent())

    with pytest.raises(NumberNotAvailable):
        view.perform(rent("bob"))


# --- holds ----------------------------------------------------------------------------------


def test_a_held_number_waits_for_its_holder_until_the_hold_ends():
    held = make_view().perform(hold()).reply

    assert (held.state, held.account_id, held.due_at) == (State.HELD, "ada", LATER)


def test_a_held_number_is_rented_by_its_holder_and_no_longer_falls_due():
    view = make_view()
    view.perform(hold())

    rented = view.perform(rent()).reply

    assert (rented.state, rented.due_at, rented.version) == (State.ACTIVE, None, 2)


@pytest.mark.parametrize("command", [rent("bob"), hold("bob")])
def test_a_held_number_is_not_available_to_others(command):
    view = make_view()
    view.perform(hold())

    with pytest.raises(NumberNotAvailable):
        view.perform(command)


def test_a_hold_can_be_made_longer_by_its_holder():
    view = make_view()
    view.perform(hold())

    longer = view.perform(hold(until=Instant(LATER + 1))).reply

    assert longer.due_at == LATER + 1


def test_a_hold_that_ends_at_once_is_no_hold():
    with pytest.raises(InvalidValue, match="until"):
        make_view().perform(hold(until=NEW_YEAR))


def test_a_tenant_cannot_hold_what_it_rents():
    view = make_view()
    view.perform(rent())

    with pytest.raises(NumberAlreadyOwned):
        view.perform(hold())


def test_a_hold_is_no_rental():
    view = make_view()
    view.perform(hold())

    with pytest.raises(NumberNotOwned):
        view.perform(configure())


def test_a_hold_ends_when_it_falls_due():
    view = make_view()
    view.perform(hold())

    free = view.perform(c.EndHold(number=GB), LATER).reply

    assert (free.state, free.account_id, free.due_at) == (State.AVAILABLE, None, None)


# --- configuring and releasing --------------------------------------------------------------


def test_a_configuration_replaces_the_one_before_as_a_whole():
    view = make_view()
    view.perform(rent(configuration=LINKED))

    row = view.perform(configure(configuration=Configuration(voice_route="tel"))).reply

    assert row.configuration == Configuration(voice_route="tel")


def test_settings_and_tags_are_replaced_apart_from_each_other():
    view = make_view()
    view.perform(rent(configuration=LINKED))

    tagged = view.perform(configure(configuration=None, tags=("a", "b"))).reply
    settled = view.perform(configure(configuration=Configuration(voice_route="tel"))).reply
    untagged = view.perform(configure(configuration=None, tags=())).reply

    assert tagged.configuration == msgspec.structs.replace(LINKED, tags=("a", "b"))
    assert settled.configuration == Configuration(voice_route="tel", tags=("a", "b"))
    assert untagged.configuration == Configuration(voice_route="tel")


def test_a_tag_that_no_database_takes_is_refused():
    view = make_view()
    view.perform(rent())

    with pytest.raises(InvalidValue, match="tags"):
        view.perform(configure(configuration=None, tags=("fine", "nul\x00")))


@pytest.mark.parametrize(
    "command", [configure("bob"), release("bob"), release("bob", country="US")]
)
def test_what_another_rents_looks_to_an_account_as_if_it_were_not_there(command):
    view = make_view()
    view.perform(rent())

    with pytest.raises(NumberNotOwned):
        view.perform(command)


@pytest.mark.parametrize("command", [configure(country="US"), release(country="US")])
def test_a_tenant_must_name_the_right_country_if_any(command):
    view = make_view()
    view.perform(rent())

    with pytest.raises(CountryMismatch):
        view.perform(command)


def test_a_released_number_rests_and_forgets_its_tenant():
    view = make_view(quarantine_days=45)
    view.perform(rent(configuration=LINKED))

    released = view.perform(release(), LATER).reply

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
    view.perform(rent())

    released = view.perform(release())

    assert (released.reply.state, released.reply.due_at) == (State.AVAILABLE, None)
    assert msgspec.json.decode(released.events[0].data)["state"] == "available"


def test_a_release_is_told_with_the_tenant_that_it_ends():
    view = make_view()
    view.perform(rent())

    [event] = view.perform(release()).events

    assert (event.kind, event.number, event.account_id) == (EventKind.NUMBER_RELEASED, GB, "ada")


def test_a_scheduled_release_leaves_the_number_in_use_until_it_renews():
    view = make_view()
    view.perform(rent(configuration=LINKED))

    expiring = view.perform(release(at_renewal=True)).reply

    assert (expiring.state, expiring.account_id, expiring.due_at, expiring.configuration) == (
        State.EXPIRING,
        "ada",
        RENEWAL,
        LINKED,
    )


@pytest.mark.parametrize(
    ("asked_at", "months"), [(NEW_YEAR + 1, 1), (RENEWAL - 1, 1), (RENEWAL, 2), (RENEWAL + 1, 2)]
)
def test_a_scheduled_release_ends_with_the_interval_in_which_it_was_asked_for(asked_at, months):
    view = make_view()
    view.perform(rent())

    expiring = view.perform(release(at_renewal=True), asked_at).reply

    assert expiring.due_at == add_months(NEW_YEAR, months)


def test_asking_again_does_not_put_a_scheduled_release_off():
    view = make_view()
    view.perform(rent())
    view.perform(release(at_renewal=True))

    assert view.perform(release(at_renewal=True), RENEWAL + 1).reply.due_at == RENEWAL


def test_configuring_a_number_does_not_put_its_release_off():
    view = make_view()
    view.perform(rent())
    view.perform(release(at_renewal=True))

    row = view.perform(configure()).reply

    assert (row.state, row.due_at) == (State.EXPIRING, RENEWAL)


def test_a_scheduled_release_can_still_be_made_at_once():
    view = make_view()
    view.perform(rent())
    view.perform(release(at_renewal=True))

    assert view.perform(release()).reply.state is State.AVAILABLE


def test_a_scheduled_release_is_carried_out_when_it_falls_due():
    view = make_view(quarantine_days=45)
    view.perform(rent())
    view.perform(release(at_renewal=True))

    row = view.perform(c.Expire(number=GB), RENEWAL).reply

    assert (row.state, row.due_at) == (State.QUARANTINED, RENEWAL + 45 * DAY_US)


def test_a_number_returns_to_the_stock_after_its_rest():
    view = make_view(quarantine_days=1)
    view.perform(rent())
    view.perform(release())

    row = view.perform(c.EndQuarantine(number=GB), LATER).reply

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
        view.perform(command)

    with pytest.raises(NumberNotAvailable):
        view.perform(end, Instant(due_at - 1))

    assert view.perform(end, due_at).numbers


# --- the operator ---------------------------------------------------------------------------


def test_a_withdrawn_number_is_not_available():
    view = make_view()
    view.perform(c.Withdraw(number=GB))

    with pytest.raises(NumberNotAvailable):
        view.perform(rent())


def test_a_number_that_is_restocked_can_be_rented():
    view = make_view()
    view.perform(c.Withdraw(number=GB))
    view.perform(c.Restock(number=GB))

    assert view.perform(rent()).reply.version == 3


def test_a_number_that_rests_can_be_withdrawn_and_then_never_falls_due():
    view = make_view(quarantine_days=45)
    view.perform(rent())
    view.perform(release())

    row = view.perform(c.Withdraw(number=GB)).reply

    assert (row.state, row.due_at) == (State.WITHDRAWN, None)


def test_a_number_that_someone_rents_cannot_be_withdrawn():
    view = make_view()
    view.perform(rent())

    with pytest.raises(NumberNotAvailable):
        view.perform(c.Withdraw(number=GB))
