"""Two registers over one database, as in two processes: whoever is first wins, and is told so."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from factories import (
    GB,
    NEW_YEAR,
    PRICE,
    all_rows,
    balances,
    ledger_sums,
    make_account,
    make_credential,
    number_rows,
)
from numberline.core import commands as c
from numberline.core.errors import (
    CredentialExists,
    InsufficientCredit,
    NumberNotAvailable,
    RegisterBusy,
)
from numberline.core.instants import DAY_US, Instant
from numberline.core.lifecycle import State
from numberline.core.provisioning import Service, Setup, VoiceLink
from numberline.core.rows import Configuration
from numberline.register.committer import ATTEMPTS_MAX
from numberline.register.register import Register
from numberline.storage import tables
from numberline.storage.engines import Database, open_database
from registers import HeldShelf, ask, held_up, kinds, open_accounts, open_register, outcome, submit
from wiretap import Wire


def rent(number=GB, account_id="ada"):
    return c.Rent(account_id=account_id, number=number)


def configure(application_id, number=GB):
    configuration = Configuration(application_id=application_id)
    return c.Configure(account_id="ada", number=number, configuration=configuration)


class BusyShelf(HeldShelf):
    """A shelf during whose look-up of an offer another process does something."""

    def __init__(self):
        super().__init__()
        self.meanwhile = lambda: None

    def offer(self, offer_id):
        self.meanwhile()
        return super().offer(offer_id)

    def once(self, action):
        def act():
            self.meanwhile = lambda: None
            action()

        self.meanwhile = act


@pytest.fixture(autouse=True)
def _no_deadlock():
    """Whatever races, nobody waits for the other in vain: the log would tell of it."""
    with capture_logs() as log:
        yield
    assert [entry for entry in log if entry["event"] == "database_does_not_answer"] == []


@pytest.fixture
def shelf():
    return BusyShelf()


@pytest.fixture
def other(database, database_url, register):  # noqa: ARG001  the first one opens the accounts
    opened = open_database(database_url)
    with open_register(opened) as other:
        yield other
    opened.close()


# --- races that happen as they will ---------------------------------------------------------


def test_each_number_is_owned_once_and_paid_once_whoever_asks(database, register, other):
    tenants = {register: ("ada", "bob"), other: ("cy", "dan")}
    open_accounts(register, make_account("cy"), make_account("dan"))

    futures = [
        submit(side, rent(GB + n, account_id))
        for n in range(100)
        for turn in (0, 1)
        for side, account_ids in tenants.items()
        for account_id in [account_ids[turn]]
    ]
    outcomes = [outcome(future) for future in futures]

    assert kinds(outcomes) == {"NumberRow": 100, "NumberNotAvailable": 300}
    rows = number_rows(database)
    assert set(rows) == {GB + n for n in range(100)}
    owned = Counter(row.account_id for row in rows.values())
    assert balances(database) == ledger_sums(database)
    assert balances(database) == {(tenant, "EUR"): -n * PRICE for tenant, n in owned.items()}


def test_a_wallet_that_both_spend_from_never_falls_below_its_floor(database, register, other):
    open_accounts(register, make_account("cy", credit_limit_micros=10 * PRICE))

    futures = [
        submit(side, rent(GB + 2 * n + turn, "cy"))
        for n in range(20)
        for turn, side in enumerate((register, other))
    ]

    assert kinds(map(outcome, futures)) == {"NumberRow": 10, "InsufficientCredit": 30}
    assert balances(database) == ledger_sums(database) == {("cy", "EUR"): -10 * PRICE}


def test_a_wallet_that_both_fill_loses_nothing(database, register, other):
    top_up = c.TopUp(account_id="ada", amount_micros=3, currency="EUR")

    futures = [submit(side, top_up) for _ in range(50) for side in (register, other)]

    assert kinds(map(outcome, futures)) == {"Wallet": 100}
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): 300}


def test_changes_of_one_number_by_both_are_all_carried_out_one_after_another(
    database, register, other
):
    ask(register, rent())

    with ThreadPoolExecutor(4) as callers:
        sides = [register, other] * 20
        outcomes = list(callers.map(lambda side: ask(side, configure("app"))[0], sides))

    assert kinds(outcomes) == {"NumberRow": 40}
    configured = [e for e in all_rows(database, tables.event) if e["kind"] == "number_configured"]
    assert len(configured) == 40


def test_a_provisioning_task_that_both_take_belongs_to_one(database, register, other):
    setup = Setup(plan_id="SP", voice=VoiceLink("fax", "F"))
    ask(register, *(c.Rent(account_id="ada", number=GB + n, setup=setup) for n in range(20)))
    until = Instant(NEW_YEAR + DAY_US)

    futures = [
        submit(side, c.StartProvisioning(number=GB + n, service=service, lease_until=until))
        for n in range(20)
        for service in (Service.SMS, Service.VOICE)
        for side in (register, other)
    ]

    assert kinds(map(outcome, futures)) == {"NumberRow": 40, "ProvisioningNotDue": 40}
    taken = [task for row in number_rows(database).values() for task in row.provisioning.tasks]
    assert {(task.attempts, task.due_at) for task in taken} == {(1, until)}


def test_both_streams_are_numbered_without_gaps_after_a_race(database, register, other):
    futures = [submit(side, rent(GB + n)) for n in range(50) for side in (register, other)]
    for future in futures:
        outcome(future)

    events = all_rows(database, tables.event)
    for writer_id in (register.writer_id, other.writer_id):
        seqs = [e["seq"] for e in events if e["writer_id"] == writer_id]
        assert seqs == list(range(1, len(seqs) + 1))
    assert len([e for e in events if e["kind"] == "number_rented"]) == 50


# --- one overtakes the other ----------------------------------------------------------------
#
# On SQLite a batch has the database to itself from its first read on, so that nobody can overtake
# it; these run where two can be at it together.


class Race(NamedTuple):
    """A register that is slow, and one of another process that is quick."""

    database: Database
    wire: Wire
    shelf: BusyShelf
    slow: Register
    quick: Register


@pytest.fixture
def race(clean_postgres_url):
    database, other_database = (open_database(clean_postgres_url) for _ in range(2))
    wire, shelf = Wire(database), BusyShelf()
    with open_register(database, shelf) as slow, open_register(other_database) as quick:
        open_accounts(slow, make_account("ada"), make_account("bob"))
        yield Race(database, wire, shelf, slow, quick)
    database.close()
    other_database.close()


def test_a_rental_that_is_overtaken_is_refused(race):
    race.shelf.once(lambda: ask(race.quick, rent(account_id="bob")))

    [refused] = ask(race.slow, rent(account_id="ada"))

    assert isinstance(refused, NumberNotAvailable)
    assert balances(race.database) == {("bob", "EUR"): -PRICE}


def test_the_others_of_an_overtaken_batch_are_carried_out(race):
    race.shelf.once(lambda: ask(race.quick, rent(account_id="bob")))

    outcomes = ask(race.slow, rent(GB), rent(GB + 1), rent(GB + 2))

    assert kinds(outcomes) == {"NumberNotAvailable": 1, "NumberRow": 2}


def test_a_release_that_is_overtaken_by_a_configuration_is_decided_again(race):
    ask(race.slow, rent())
    race.shelf.once(lambda: ask(race.quick, configure("new")))

    [released] = ask(race.slow, c.Release(account_id="ada", number=GB))

    assert released.state is State.AVAILABLE
    assert number_rows(race.database)[GB] == released
    assert released.version == 3


def test_what_was_refused_before_a_batch_was_overtaken_is_decided_again_too(race):
    ask(race.quick, rent(GB, "bob"), rent(GB + 1, "ada"))
    give_way = [c.Release(account_id="bob", number=GB), configure("new", GB + 1)]
    release = c.Release(account_id="ada", number=GB + 1)
    race.shelf.once(lambda: ask(race.quick, *give_way))

    with held_up(race.slow, race.shelf):
        futures = [submit(race.slow, command) for command in (rent(GB, "ada"), release)]
    rented, released = map(outcome, futures)

    assert (rented.account_id, released.state) == ("ada", State.AVAILABLE)
    assert number_rows(race.database) == {GB: rented, GB + 1: released}


def test_money_that_another_process_spends_meanwhile_is_not_spent_again(race):
    open_accounts(race.slow, make_account("cy", credit_limit_micros=PRICE))
    race.shelf.once(lambda: ask(race.quick, rent(GB + 1, "cy")))

    [refused] = ask(race.slow, rent(GB, "cy"))

    assert isinstance(refused, InsufficientCredit)
    assert balances(race.database) == {("cy", "EUR"): -PRICE}


def test_a_command_that_is_overtaken_each_time_is_answered_busy(race):
    ask(race.slow, rent())
    race.shelf.meanwhile = lambda: ask(race.quick, configure("again"))

    [refused] = ask(race.slow, configure("mine"))

    assert isinstance(refused, RegisterBusy)
    assert number_rows(race.database)[GB].version >= 1 + ATTEMPTS_MAX


def issue(account_id, secret_hash):
    return c.IssueCredential(credential=make_credential(account_id, secret_hash=secret_hash))


@pytest.mark.parametrize("account_id", ["ada", "bob"])
def test_a_key_that_another_process_issues_meanwhile_is_not_issued_again(race, account_id):
    first, second = issue("ada", b"first"), issue(account_id, b"second")

    with race.wire.doing("INSERT INTO credential", lambda: ask(race.quick, first), times=1):
        [refused] = ask(race.slow, second)

    assert isinstance(refused, CredentialExists)
    [row] = all_rows(race.database, tables.credential)
    assert (row["account_id"], bytes(row["secret_hash"])) == ("ada", b"first")


def test_an_account_that_another_process_opens_meanwhile_is_not_opened_again(race):
    first, second = (c.OpenAccount(account=make_account("cy", name=n)) for n in ("A", "B"))

    with race.wire.doing("INSERT INTO account", lambda: ask(race.quick, first), times=1):
        outcomes = ask(race.slow, second, rent())

    assert kinds(outcomes) == {"AccountExists": 1, "NumberRow": 1}
    assert [a["name"] for a in all_rows(race.database, tables.account)] == ["Ada", "Bob", "A"]
