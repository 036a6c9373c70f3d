"""The register decides what waits in one transaction, and answers every caller by itself."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread

import pytest
import sqlalchemy as sa

from factories import (
    GB,
    PRICE,
    UNIT,
    WAIT_S,
    FakeClock,
    all_rows,
    balances,
    ledger_sums,
    make_account,
    make_offer,
    number_rows,
)
from numberline.core import commands as c
from numberline.core.errors import (
    NumberAlreadyOwned,
    NumberNotAvailable,
    NumberNotInStock,
    RegisterBusy,
    RegisterClosed,
    RentalsRefused,
)
from numberline.core.instants import Instant
from numberline.core.lifecycle import State
from numberline.core.rows import Configuration
from numberline.register import register as register_module
from numberline.storage import tables
from registers import (
    HeldShelf,
    ask,
    ask_together,
    held_up,
    kinds,
    open_accounts,
    open_register,
    outcome,
    submit,
)

LINKED = Configuration(application_id="app")


def rent(number=GB, account_id="ada"):
    return c.Rent(account_id=account_id, number=number)


def configure(number=GB, account_id="ada"):
    return c.Configure(account_id=account_id, number=number, configuration=LINKED)


def release(number=GB, account_id="ada"):
    return c.Release(account_id=account_id, number=number)


# --- one command ----------------------------------------------------------------------------


def test_what_was_answered_stands_in_the_database(database, register):
    [rented] = ask(register, rent())

    assert number_rows(database) == {GB: rented}


def test_a_rental_is_charged_in_the_ledger_and_in_the_wallet(database, register):
    ask(register, rent())

    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -PRICE}


def test_the_entries_of_a_charge_name_the_event_that_caused_it(database, register):
    ask(register, rent())

    [rented] = [e for e in all_rows(database, tables.event) if e["kind"] == "number_rented"]
    entries = all_rows(database, tables.ledger_entry)
    place = (rented["writer_id"], rented["seq"], rented["at"])
    assert [(e["writer_id"], e["seq"], e["at"]) for e in entries] == [place, place]


def test_a_sub_account_rents_from_the_wallet_of_its_parent(database, register):
    open_accounts(register, make_account("kid", parent_id="ada", payer_id="ada"))

    ask(register, rent(account_id="kid"))

    assert number_rows(database)[GB].account_id == "kid"
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -PRICE}


def test_a_wallet_that_was_filled_before_pays_for_a_rental(database, register):
    open_accounts(register, make_account("cy", credit_limit_micros=0))
    ask(register, c.TopUp(account_id="cy", amount_micros=2 * UNIT, currency="EUR"))

    [rented] = ask(register, rent(account_id="cy"))

    assert rented == number_rows(database)[GB]
    assert balances(database) == ledger_sums(database) == {("cy", "EUR"): 2 * UNIT - PRICE}


def test_a_wallet_that_is_empty_again_pays_for_nothing(database, register):
    open_accounts(register, make_account("cy", credit_limit_micros=0))
    ask(register, c.TopUp(account_id="cy", amount_micros=PRICE, currency="EUR"))

    outcomes = ask(register, rent(GB, "cy"), rent(GB + 1, "cy"))

    assert kinds(outcomes) == {"NumberRow": 1, "InsufficientCredit": 1}
    assert balances(database) == ledger_sums(database) == {("cy", "EUR"): 0}


def test_a_refused_command_writes_nothing(database, register):
    before = all_rows(database, tables.event)

    [refused] = ask(register, rent(GB - 2))

    assert isinstance(refused, NumberNotInStock)
    assert number_rows(database) == {}
    assert all_rows(database, tables.event) == before


def test_a_number_goes_through_its_whole_life(register):
    steps = [c.Hold(account_id="ada", number=GB, until=Instant(10**17)), rent(), configure()]

    outcomes = ask(register, *steps, c.Release(account_id="ada", number=GB, at_renewal=True))

    assert [row.state for row in outcomes] == [
        State.HELD,
        State.ACTIVE,
        State.ACTIVE,
        State.EXPIRING,
    ]


def test_a_command_is_carried_out_although_its_caller_has_gone(database, register, shelf):
    gone = Future()
    with held_up(register, shelf):
        register.submit(rent(), gone)
        gone.cancel()
    ask(register, rent(GB + 1))

    assert set(number_rows(database)) == {GB, GB + 1}


# --- many callers ---------------------------------------------------------------------------


def test_of_64_buyers_of_one_number_exactly_one_gets_it_and_pays(database, register):
    buyers = [f"buyer-{n}" for n in range(64)]
    open_accounts(register, *map(make_account, buyers))

    with ThreadPoolExecutor(8) as callers:
        outcomes = list(callers.map(lambda buyer: ask(register, rent(account_id=buyer))[0], buyers))

    assert kinds(outcomes) == {"NumberRow": 1, "NumberNotAvailable": 63}
    winner = number_rows(database)[GB].account_id
    assert balances(database) == ledger_sums(database) == {(winner, "EUR"): -PRICE}
    assert len(all_rows(database, tables.ledger_entry)) == 2


def test_a_caller_that_sends_its_rental_again_pays_once(database, register):
    with ThreadPoolExecutor(8) as callers:
        outcomes = list(callers.map(lambda _: ask(register, rent())[0], range(32)))

    assert kinds(outcomes) == {"NumberRow": 1, "NumberAlreadyOwned": 31}
    assert balances(database) == {("ada", "EUR"): -PRICE}


def test_callers_of_different_numbers_do_not_hinder_each_other(database, register):
    with ThreadPoolExecutor(8) as callers:
        outcomes = list(callers.map(lambda n: ask(register, rent(GB + n))[0], range(200)))

    assert kinds(outcomes) == {"NumberRow": 200}
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -200 * PRICE}


# --- the stream of the feed -----------------------------------------------------------------


def test_the_events_of_a_writer_are_numbered_from_one_without_gaps(database, register, shelf):
    ask(register, rent(), rent(), configure(GB + 1))
    ask_together(register, shelf, release(), rent(GB - 2), *(rent(GB + n) for n in range(20)))

    events = all_rows(database, tables.event)
    [writer] = all_rows(database, tables.writer)
    assert {event["writer_id"] for event in events} == {register.writer_id}
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert writer["last_seq"] == len(events) == 24


def test_events_stand_in_the_order_of_their_commits(database, register):
    for command in (rent(), configure(), release(), rent(account_id="bob")):
        ask(register, command)

    told = [e for e in all_rows(database, tables.event) if e["number"] == GB]
    assert [e["kind"] for e in told] == [
        "number_rented",
        "number_configured",
        "number_released",
        "number_rented",
    ]
    assert [e["at"] for e in told] == sorted({e["at"] for e in told})


def test_each_register_has_a_stream_of_its_own(database, register):
    ask(register, rent())
    with open_register(database) as other:
        ask(other, rent(GB + 1))

    rented = [e for e in all_rows(database, tables.event) if e["kind"] == "number_rented"]
    assert [(e["writer_id"], e["seq"]) for e in rented] == [
        (register.writer_id, 3),
        (other.writer_id, 1),
    ]


# --- questions ------------------------------------------------------------------------------


def count_rented(connection):
    return connection.execute(sa.select(sa.func.count()).select_from(tables.number)).scalar_one()


def test_a_question_sees_what_was_committed_and_is_delivered_after_it(database):
    shelf, deliveries = HeldShelf(), []

    def deliver(committed):
        deliveries.append(len(committed.numbers))
        committed.settle()

    with open_register(database, shelf, deliver=deliver) as register:
        open_accounts(register, make_account("ada"))
        deliveries.clear()
        answer = Future()
        with held_up(register, shelf):
            submit(register, rent())
            register.ask(count_rented, answer)

        assert outcome(answer) == 1
        assert deliveries == [0, 1, 0]  # what held them up, the rental, the answer


def test_a_question_that_cannot_be_answered_harms_nobody(database, register):
    failed = Future()
    register.ask(lambda connection: connection.execute(sa.text("select nothing")), failed)

    assert isinstance(outcome(failed), sa.exc.SQLAlchemyError)
    assert kinds(ask(register, rent())) == {"NumberRow": 1}
    assert set(number_rows(database)) == {GB}


def test_a_closed_register_answers_no_question(database):
    with open_register(database) as register:
        pass

    with pytest.raises(RegisterClosed):
        register.ask(count_rented, Future())


# --- limits and the end ---------------------------------------------------------------------


def test_a_register_with_too_much_to_do_says_so(register, shelf, monkeypatch):
    monkeypatch.setattr(register_module, "QUEUE_COMMANDS_MAX", 3)

    with held_up(register, shelf):
        accepted = [submit(register, rent(GB + n)) for n in range(3)]
        with pytest.raises(RegisterBusy):
            submit(register, rent(GB + 3))

    assert kinds(outcome(future) for future in accepted) == {"NumberRow": 3}


def test_a_register_that_closes_commits_what_waits(database, shelf):
    with open_register(database, shelf) as register:
        open_accounts(register, make_account("ada"))
        closer = Thread(target=register.close)
        with held_up(register, shelf):
            futures = [submit(register, rent(GB + n)) for n in range(20)]
            closer.start()
        closer.join(WAIT_S)

    assert [future.done() for future in futures] == [True] * 20
    assert len(number_rows(database)) == 20


def test_a_closed_register_takes_nothing(database):
    with open_register(database) as register:
        pass

    with pytest.raises(RegisterClosed):
        submit(register, rent())


def test_a_register_can_be_closed_twice(database):
    with open_register(database) as register:
        register.close()


class ClosingQueue:
    """A queue during whose measuring, between a caller's look and its entry, the server closes."""

    def __init__(self, queue, close):
        self._queue = queue
        self._closer = Thread(target=close)

    def qsize(self):
        self._closer.start()
        self._closer.join(0.5)  # in vain, where closing waits for the caller, as it may
        return self._queue.qsize()

    def __getattr__(self, name):
        return getattr(self._queue, name)


def test_a_command_that_meets_the_closing_of_the_register_is_refused_or_answered(database):
    with open_register(database) as register:
        open_accounts(register, make_account("ada"))
        register._queue = ClosingQueue(register._queue, register.close)
        try:
            future = submit(register, rent())
        except RegisterClosed:
            return
        register._queue._closer.join(WAIT_S)

    assert future.done()


# --- prices ---------------------------------------------------------------------------------


def test_an_offer_in_another_currency_is_charged_to_a_wallet_of_its_own(database):
    shelf = HeldShelf(make_offer(currency="USD"))
    with open_register(database, shelf, clock=FakeClock()) as register:
        open_accounts(register, make_account("ada"))
        ask(register, c.TopUp(account_id="ada", amount_micros=UNIT, currency="EUR"), rent())

    assert balances(database) == {("ada", "EUR"): UNIT, ("ada", "USD"): -PRICE}


def test_a_free_number_leaves_no_trace_in_the_ledger(database):
    shelf = HeldShelf(make_offer(setup_price_micros=0, monthly_price_micros=0))
    with open_register(database, shelf) as register:
        open_accounts(register, make_account("ada"))
        [rented] = ask(register, rent())

    assert rented.state is State.ACTIVE
    assert balances(database) == ledger_sums(database) == {}


def test_a_tenant_is_told_apart_from_others_when_it_rents_again(register):
    ask(register, rent())

    again, other = ask(register, rent(), rent(account_id="bob"))

    assert (type(again), type(other)) == (NumberAlreadyOwned, NumberNotAvailable)


# --- several numbers in one command ---------------------------------------------------------


def together(*numbers, account_id="ada"):
    return c.RentTogether(account_id=account_id, numbers=numbers)


def test_numbers_that_are_rented_together_stand_with_their_charges(database, register):
    [rented] = ask(register, together(GB + 1, GB))

    assert number_rows(database) == {row.number: row for row in rented}
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -2 * PRICE}


def test_purchases_of_one_batch_that_overlap_are_not_made_in_part(database, shelf, register):
    first, second, third = ask_together(
        *(register, shelf),
        *(together(GB, GB + 1), together(GB + 1, GB + 2, account_id="bob"), rent(GB + 2)),
    )

    assert [row.number for row in first] == [GB, GB + 1]
    assert isinstance(second, RentalsRefused)
    assert third.number == GB + 2
    assert number_rows(database).keys() == {GB, GB + 1, GB + 2}
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -3 * PRICE}
