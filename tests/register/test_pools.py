"""Pools in the database: what is decided stands, within a batch and between two processes."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from factories import GB, all_rows, make_account, number_rows
from numberline.core import commands as c
from numberline.core.errors import PoolExists, PoolNotFound
from numberline.core.rows import Configuration
from numberline.register.register import Register
from numberline.storage import tables
from numberline.storage.engines import Database, open_database
from registers import ask, ask_together, kinds, open_accounts, open_register
from wiretap import Wire


def create(pool_id, name, account_id="ada"):
    return c.CreatePool(account_id=account_id, pool_id=pool_id, name=name)


def rename(pool_id, name):
    return c.ChangePool(account_id="ada", pool_id=pool_id, name=name)


def delete(pool_id):
    return c.DeletePool(account_id="ada", pool_id=pool_id)


def join(pool_id, number=GB):
    return c.JoinPool(account_id="ada", number=number, pool_id=pool_id)


def rent(number=GB):
    return c.Rent(account_id="ada", number=number)


def names(database):
    """The name of each pool by its identifier."""
    return {row["pool_id"]: row["name"] for row in all_rows(database, tables.pool)}


def revisions(database):
    return {r["account_id"]: r["revision"] for r in all_rows(database, tables.pool_revision)}


def pools_of(database, number=GB):
    return number_rows(database)[number].configuration.pools


# --- one register ---------------------------------------------------------------------------


def test_a_pool_and_its_numbers_stand_in_the_database(database, register):
    outcomes = ask(
        register, rent(), create("p1", "a"), create("p2", "b", "bob"), join("p1"), rename("p1", "c")
    )

    assert kinds(outcomes) == {"NumberRow": 2, "Pool": 3}
    assert names(database) == {"p1": "c", "p2": "b"}
    assert revisions(database).keys() == {"ada", "bob"}
    assert pools_of(database) == ("p1",)


def test_a_pool_that_is_deleted_leaves_its_numbers_rented(database, register):
    ask(register, rent(), create("p1", "a"), join("p1"), delete("p1"))

    [again] = ask(register, join("p1"))

    assert isinstance(again, PoolNotFound)
    assert names(database) == {}
    assert number_rows(database)[GB].account_id == "ada"


def test_what_concerns_pools_is_told_in_the_feed(database, register):
    ask(register, rent(), create("p1", "a"), join("p1"), join("p1"), rename("p1", "b"))
    ask(register, c.LeavePool(account_id="ada", number=GB, pool_id="p1"), delete("p1"))

    told = [e["kind"] for e in all_rows(database, tables.event) if "pool" in e["kind"]]
    assert told == ["pool_created", "pool_joined", "pool_changed", "pool_left", "pool_deleted"]


def test_a_pool_lives_its_whole_life_within_a_batch(database, register, shelf):
    outcomes = ask_together(
        *(register, shelf, rent(), create("p1", "a"), create("p2", "a"), join("p1")),
        *(rename("p1", "b"), create("p2", "a"), join("p2"), delete("p1"), join("p1")),
    )

    assert [type(each).__name__ for each in outcomes] == [
        *("NumberRow", "Pool", "PoolExists", "NumberRow"),
        *("Pool", "Pool", "NumberRow", "Pool", "PoolNotFound"),
    ]
    assert names(database) == {"p2": "a"}
    assert revisions(database) == {"ada": 1}
    assert pools_of(database) == ("p1", "p2")


def test_pools_swap_their_names_within_a_batch(database, register, shelf):
    ask(register, create("p1", "a"), create("p2", "b"))

    outcomes = ask_together(
        register, shelf, rename("p1", "t"), rename("p2", "a"), rename("p1", "b")
    )

    assert kinds(outcomes) == {"Pool": 3}
    assert names(database) == {"p1": "b", "p2": "a"}


def test_settings_and_pools_that_change_in_one_batch_keep_each_other(database, register, shelf):
    ask(register, rent(), create("p1", "a"))
    linked = Configuration(application_id="app")

    ask_together(
        *(register, shelf, join("p1")),
        c.Configure(account_id="ada", number=GB, configuration=linked),
        c.Configure(account_id="ada", number=GB, tags=("x",)),
    )

    configuration = number_rows(database)[GB].configuration
    assert configuration == Configuration(application_id="app", tags=("x",), pools=("p1",))


# --- two registers --------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_deadlock():
    """Whatever races, nobody waits for the other in vain: the log would tell of it."""
    with capture_logs() as log:
        yield
    assert [entry for entry in log if entry["event"] == "database_does_not_answer"] == []


@pytest.fixture
def other(database_url, register):  # noqa: ARG001  the first one opens the accounts
    opened = open_database(database_url)
    with open_register(opened) as other:
        yield other
    opened.close()


def test_of_many_that_create_a_name_in_two_processes_one_wins(database, register, other):
    with ThreadPoolExecutor(4) as callers:
        outcomes = list(
            callers.map(
                lambda n: ask((register, other)[n % 2], create(f"p{n}", f"name {n // 8}"))[0],
                range(40),
            )
        )

    assert kinds(outcomes) == {"Pool": 5, "PoolExists": 35}
    assert sorted(names(database).values()) == [f"name {n}" for n in range(5)]
    assert revisions(database) == {"ada": 5}


def test_pools_that_two_processes_rename_crosswise_keep_different_names(database, register, other):
    ask(register, *(create(f"p{n}", f"n{n}") for n in range(4)))
    moves = [rename(f"p{n}", f"n{(n + step) % 6}") for step in range(6) for n in (0, 3, 1, 2)]

    with ThreadPoolExecutor(6) as callers:
        sides = [register, other] * len(moves)
        outcomes = list(callers.map(lambda pair: ask(*pair)[0], zip(sides, moves, strict=False)))

    assert kinds(outcomes).keys() <= {"Pool", "PoolExists"}
    assert len(set(names(database).values())) == 4


class Race(NamedTuple):
    """A register whose statements can be overtaken, and one of another process that is quick."""

    database: Database
    wire: Wire
    slow: Register
    quick: Register

    def overtaken(self, words, *commands):
        """While the block runs, the quick one acts once before the slow one sends these words."""
        return self.wire.doing(words, lambda: ask(self.quick, *commands), times=1)


@pytest.fixture
def race(clean_postgres_url):
    """On SQLite a batch has the database to itself, so that nobody can overtake it."""
    database, other_database = (open_database(clean_postgres_url) for _ in range(2))
    wire = Wire(database)
    with open_register(database) as slow, open_register(other_database) as quick:
        open_accounts(slow, make_account("ada"), make_account("bob"))
        ask(slow, rent(), create("p1", "a"))
        yield Race(database, wire, slow, quick)
    database.close()
    other_database.close()


MOVE = "INSERT INTO pool_revision"


def test_a_name_that_another_process_takes_meanwhile_is_not_given_again(race):
    with race.overtaken(MOVE, create("p2", "mine")):
        [refused] = ask(race.slow, create("p3", "mine"))

    assert isinstance(refused, PoolExists)
    assert names(race.database) == {"p1": "a", "p2": "mine"}


def test_the_first_pools_of_an_account_are_both_created(race):
    with race.overtaken(MOVE, create("p2", "x", "bob")):
        [created] = ask(race.slow, create("p3", "y", "bob"))

    assert created.name == "y"
    assert names(race.database) == {"p1": "a", "p2": "x", "p3": "y"}
    assert revisions(race.database) == {"ada": 1, "bob": 2}


@pytest.mark.parametrize("words", [MOVE, "FROM pool_revision", "FROM pool \n"])
def test_a_change_that_is_overtaken_by_another_of_the_same_pool_undoes_nothing(race, words):
    service = c.ChangePool(account_id="ada", pool_id="p1", service="sms")

    with race.overtaken(words, service):
        [changed] = ask(race.slow, rename("p1", "b"))

    assert (changed.name, changed.service) == ("b", "sms")
    assert revisions(race.database) == {"ada": 3}


def test_a_pool_that_is_deleted_meanwhile_is_not_changed_any_more(race):
    with race.overtaken(MOVE, delete("p1")):
        [refused] = ask(race.slow, rename("p1", "b"))

    assert isinstance(refused, PoolNotFound)
    assert names(race.database) == {}


def test_a_number_that_joins_a_pool_while_it_is_deleted_is_in_no_pool_that_there_is(race):
    with race.overtaken("INSERT INTO number", delete("p1")):
        ask(race.slow, join("p1"))

    again, created = ask(race.slow, join("p1"), create("p2", "a"))
    assert isinstance(again, PoolNotFound)
    assert created.pool_id not in pools_of(race.database)


@pytest.mark.parametrize("words", ["FROM number", "FROM pool_revision", "INSERT INTO number"])
def test_a_pool_that_a_number_joins_in_another_process_meanwhile_is_not_lost(race, words):
    with race.overtaken(words, create("p2", "b"), join("p2")):
        ask(race.slow, join("p1"))

    assert {*pools_of(race.database)} == {"p1", "p2"}
