"""When the database fails, or its answer is lost, every caller is told the truth."""

import itertools
import time
from contextlib import ExitStack, contextmanager
from threading import Event

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from factories import (
    GB,
    PRICE,
    WAIT_S,
    TickingClock,
    all_rows,
    balances,
    ledger_sums,
    make_account,
    number_rows,
)
from numberline.core import commands as c
from numberline.core.errors import CommandFailed, Unavailable
from numberline.core.lifecycle import State
from numberline.storage import tables
from numberline.storage.engines import open_database
from registers import Shelf, ask, held_up, kinds, open_accounts, open_register, outcome, submit

TOO_LARGE = 2**63
"""A credit limit that no column takes."""

FOREVER = 10**9

TOP_UP = c.TopUp(account_id="ada", amount_micros=PRICE, currency="EUR")

POISON = c.OpenAccount(account=make_account("poison", credit_limit_micros=TOO_LARGE))


def rent(number=GB, account_id="ada"):
    return c.Rent(account_id=account_id, number=number)


@pytest.fixture(autouse=True)
def log():
    """What the server's log says; to print the tracebacks would take seconds."""
    with capture_logs() as entries:
        yield entries


@contextmanager
def losing_answers(database, wire, *, times=1, absent_for=0):
    """The next transactions that read something are committed, but the word of it is lost.

    After the last of them the database is absent for so many statements, at most until the
    block ends.
    """
    dialect = database.engine.dialect
    commit = dialect.do_commit
    has_read = Event()
    left = itertools.count(times, -1)
    with ExitStack() as stack:

        def commit_and_go_silent(connection):
            commit(connection)
            if not has_read.is_set() or (lost := next(left)) < 1:
                return
            has_read.clear()
            if lost == 1:
                stack.enter_context(wire.failing("", times=absent_for))
            raise dialect.dbapi.OperationalError("the connection was lost")

        dialect.do_commit = commit_and_go_silent
        stack.callback(setattr, dialect, "do_commit", commit)
        stack.enter_context(wire.doing("FROM", has_read.set, times=FOREVER))
        yield


def assert_streams_have_no_gaps(database):
    events = all_rows(database, tables.event)
    for writer in all_rows(database, tables.writer):
        seqs = [e["seq"] for e in events if e["writer_id"] == writer["writer_id"]]
        assert seqs == list(range(1, writer["last_seq"] + 1))


# --- errors ---------------------------------------------------------------------------------


def test_a_command_that_the_database_cannot_store_fails_alone(database, register, shelf):
    with held_up(register, shelf):
        futures = [submit(register, command) for command in (rent(GB), POISON, rent(GB + 1))]
    first, poison, last = map(outcome, futures)

    assert (first.state, last.state) == (State.ACTIVE, State.ACTIVE)
    assert isinstance(poison, CommandFailed)
    assert set(number_rows(database)) == {GB, GB + 1}


def test_the_register_lives_on_after_a_command_that_failed(database, register):
    ask(register, POISON)

    assert kinds(ask(register, rent(), rent(GB + 1))) == {"NumberRow": 2}
    assert_streams_have_no_gaps(database)


def test_a_failure_is_told_to_the_log_and_not_to_the_caller(register, log):
    [failed] = ask(register, POISON)

    assert str(failed) == "the command could not be carried out; the server's log says why"
    assert [entry["event"] for entry in log] == ["commands_failed"]


def test_a_batch_that_a_passing_error_meets_is_carried_out_once(database, wire, register, shelf):
    with wire.failing("INSERT INTO event", times=1):
        with held_up(register, shelf):
            futures = [submit(register, rent(GB + n)) for n in range(10)]
        outcomes = [outcome(future) for future in futures]

    assert kinds(outcomes) == {"NumberRow": 10}
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -10 * PRICE}
    assert_streams_have_no_gaps(database)


@pytest.mark.parametrize("words", ["FROM number", "INSERT INTO number", "INSERT INTO event"])
def test_while_the_database_does_not_answer_callers_are_told_to_come_back(
    database, wire, register, words
):
    with wire.failing(words, times=FOREVER):
        outcomes = ask(register, rent(), rent(GB + 1))

    assert [type(o) for o in outcomes] == [Unavailable] * 2
    assert number_rows(database) == balances(database) == {}


def test_the_register_goes_on_when_the_database_is_back(database, wire, register):
    with wire.failing("INSERT INTO event", times=FOREVER):
        ask(register, rent())

    [rented] = ask(register, rent())

    assert number_rows(database) == {GB: rented}
    assert balances(database) == {("ada", "EUR"): -PRICE}
    assert_streams_have_no_gaps(database)


def test_no_connection_is_left_open_by_a_database_that_did_not_answer(database, wire):
    with open_register(database) as register:
        open_accounts(register, make_account("ada"))
        with wire.failing("", times=FOREVER):
            ask(register, rent())

    assert database.engine.pool.checkedout() == 0


def test_an_outcome_that_cannot_be_delivered_does_not_stop_the_register(database, shelf):
    broken = Event()

    def deliver(committed):
        if not broken.is_set():
            broken.set()
            raise RuntimeError("the loop is closed")
        committed.settle()

    with open_register(database, shelf, deliver=deliver) as register:
        submit(register, c.OpenAccount(account=make_account("ada")))
        assert broken.wait(WAIT_S)
        [rented] = ask(register, rent())

    assert number_rows(database) == {GB: rented}


# --- answers that are lost ------------------------------------------------------------------


def test_a_commit_whose_answer_is_lost_is_answered_as_committed(database, wire, register):
    with losing_answers(database, wire):
        [rented] = ask(register, rent())

    assert number_rows(database) == {GB: rented}
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -PRICE}


def test_a_top_up_whose_answer_is_lost_is_made_once(database, wire, register):
    with losing_answers(database, wire):
        [filled] = ask(register, TOP_UP)

    assert filled.balance_micros == PRICE
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): PRICE}


def test_after_a_lost_answer_the_stream_goes_on_without_a_gap(database, wire, register):
    with losing_answers(database, wire):
        ask(register, rent())
    ask(register, rent(GB + 1))

    assert set(number_rows(database)) == {GB, GB + 1}
    assert_streams_have_no_gaps(database)


def test_a_lost_answer_is_found_even_if_the_database_is_gone_for_a_moment(database, wire, register):
    with losing_answers(database, wire, absent_for=1):
        [rented] = ask(register, rent())

    assert number_rows(database) == {GB: rented}
    assert balances(database) == {("ada", "EUR"): -PRICE}


def test_what_is_answered_after_a_lost_answer_stands_in_the_database(database, wire, register):
    with losing_answers(database, wire, absent_for=1):
        ask(register, rent())

    [rented] = ask(register, rent(GB + 1))

    assert number_rows(database).get(GB + 1) == rented
    assert_streams_have_no_gaps(database)


def test_the_register_goes_on_after_a_lost_answer_and_a_long_absence(database, wire, register):
    with losing_answers(database, wire, absent_for=FOREVER):
        ask(register, rent())

    [rented] = ask(register, rent(GB + 1))

    assert set(number_rows(database)) == {GB, GB + 1}
    assert rented.state is State.ACTIVE
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -2 * PRICE}
    assert_streams_have_no_gaps(database)


def test_answers_that_are_lost_one_after_another_are_all_found(database, wire, register):
    with losing_answers(database, wire, times=2):
        [rented] = ask(register, rent())
    ask(register, rent(GB + 1))

    assert number_rows(database)[GB] == rented
    assert balances(database) == ledger_sums(database) == {("ada", "EUR"): -2 * PRICE}
    assert_streams_have_no_gaps(database)


def test_what_was_committed_without_an_answer_is_delivered_in_the_end(database, wire):
    delivered = {}

    def deliver(committed):
        delivered.update((row.number, row) for row in committed.numbers)
        committed.settle()

    with open_register(database, Shelf(), deliver=deliver) as register:
        open_accounts(register, make_account("ada"))
        with losing_answers(database, wire, absent_for=FOREVER):
            ask(register, rent())
        with losing_answers(database, wire):
            ask(register, rent(GB + 1))

    assert delivered == number_rows(database)
    assert set(delivered) == {GB, GB + 1}


@pytest.fixture
def postgres_databases(clean_postgres_url):
    """Two ways to one PostgreSQL database."""
    databases = [open_database(clean_postgres_url) for _ in range(2)]
    yield databases
    for database in databases:
        database.close()


def driver_connection(connection):
    """The driver's connection behind what SQLAlchemy hands to its dialect."""
    return getattr(connection, "dbapi_connection", connection)


@contextmanager
def committing_late(database):
    """The next transaction loses its connection, and is committed when something waits for it."""
    dialect = database.engine.dialect
    commit = dialect.do_commit
    under_way = []

    def go_silent(connection):
        dialect.do_commit = commit
        under_way.append(driver_connection(connection))
        raise dialect.dbapi.OperationalError("the connection was lost")

    def commit_late():
        under_way[0].commit()

    def unless_under_way(end):
        return lambda c: None if driver_connection(c) in under_way else end(c)

    with ExitStack() as stack:
        for name in ("do_rollback", "do_terminate", "do_close"):
            end = getattr(dialect, name)
            stack.callback(setattr, dialect, name, end)
            setattr(dialect, name, unless_under_way(end))
        dialect.do_commit = go_silent
        stack.callback(setattr, dialect, "do_commit", commit)
        yield commit_late
    for connection in under_way:
        connection.close()


def wait_until_blocked(database):
    """Return when a statement waits for another transaction's lock."""
    waiting = sa.text(
        "select count(*) from pg_stat_activity"
        " where wait_event_type = 'Lock' and datname = current_database()"
    )
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        with database.reading() as connection:
            if connection.execute(waiting).scalar_one():
                return
    pytest.fail("nothing waits for the transaction that is under way")


def ask_while_under_way(databases, command):
    """The outcome of a command whose commit is under way for long, and that of a rental after."""
    database, observer = databases
    with open_register(database, clock=TickingClock()) as register:
        open_accounts(register, make_account("ada"))
        with committing_late(database) as commit:
            future = submit(register, command)
            wait_until_blocked(observer)
            commit()
            return outcome(future), *ask(register, rent(GB + 1))


def test_a_rental_whose_commit_is_still_under_way_is_waited_for(postgres_databases):
    done, after = ask_while_under_way(postgres_databases, rent())

    assert number_rows(postgres_databases[0]) == {GB: done, GB + 1: after}
    assert_streams_have_no_gaps(postgres_databases[0])


def test_a_top_up_whose_commit_is_still_under_way_is_made_once(postgres_databases):
    done, after = ask_while_under_way(postgres_databases, TOP_UP)

    assert number_rows(postgres_databases[0]) == {GB + 1: after}
    assert done.balance_micros == PRICE
    assert balances(postgres_databases[0]) == {("ada", "EUR"): 0}
    assert_streams_have_no_gaps(postgres_databases[0])
