"""Databases: what a URL opens, and what a transaction promises on either kind."""

import pytest
import sqlalchemy as sa

from factories import NEW_YEAR, all_rows, make_pool
from numberline.core.errors import InvalidValue
from numberline.storage import rows, tables
from numberline.storage.engines import open_database

WRITER = {"writer_id": 1, "started_at": NEW_YEAR, "last_seq": 0}


def add_writer(database, writer_id=1):
    with database.writing() as connection:
        connection.execute(sa.insert(tables.writer), WRITER | {"writer_id": writer_id})


def add_writer_and_fail(database):
    with database.writing() as connection:
        connection.execute(sa.insert(tables.writer), WRITER)
        raise ZeroDivisionError


def count_writers(connection):
    return connection.execute(sa.select(sa.func.count()).select_from(tables.writer)).scalar_one()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("numbers.db", id="path-alone"),
        pytest.param("sqlite://", id="no-file"),
        pytest.param("sqlite:///:memory:", id="memory"),
        pytest.param("mysql://localhost/numbers", id="other-kind"),
        pytest.param("postgresql://localhost:port/numbers", id="port-without-number"),
    ],
)
def test_a_url_that_names_no_database_is_refused_in_words(url):
    with pytest.raises(InvalidValue, match=r"^--database: "):
        open_database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_postgresql_url_is_taken_in_every_spelling(scheme):
    database = open_database(f"{scheme}://someone@example.com/numbers")

    assert not database.is_sqlite


def test_a_sqlite_database_survives_the_loss_of_power(sqlite_url):
    database = open_database(sqlite_url)
    with database.reading() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    database.close()

    assert pragmas == ["wal", 2, 1]


def test_what_is_written_is_there_for_the_next_reader(database):
    add_writer(database)

    with database.reading() as connection:
        assert count_writers(connection) == 1


def test_what_fails_in_the_middle_was_never_written(database):
    with pytest.raises(ZeroDivisionError):
        add_writer_and_fail(database)

    with database.reading() as connection:
        assert count_writers(connection) == 0


def test_a_reader_sees_one_state_of_the_database_throughout(database):
    with database.reading() as connection:
        before = count_writers(connection)
        add_writer(database)
        after = count_writers(connection)

    assert (before, after) == (0, 0)


def test_a_reader_does_not_keep_a_writer_waiting(database):
    with database.reading() as connection:
        count_writers(connection)
        add_writer(database)

    with database.reading() as connection:
        assert count_writers(connection) == 1


def test_a_bulk_insert_writes_all_its_rows_and_counts_them(database):
    insert = database.bulk_insert(tables.writer)

    with database.writing() as connection:
        written = insert(connection, [(n, NEW_YEAR, 0) for n in range(1, 2001)])()

    with database.reading() as connection:
        assert (written, count_writers(connection)) == (2000, 2000)


def test_a_bulk_insert_counts_only_the_rows_that_its_condition_lets_through(database):
    def further_on(insert):
        return insert.on_conflict_do_update(
            index_elements=["writer_id"],
            set_={"last_seq": insert.excluded.last_seq},
            where=tables.writer.c.last_seq < insert.excluded.last_seq,
        )

    insert = database.bulk_insert(tables.writer, further_on)
    with database.writing() as connection:
        insert(connection, [(1, NEW_YEAR, 5), (2, NEW_YEAR, 5)])
        written = insert(connection, [(1, NEW_YEAR, 4), (2, NEW_YEAR, 6), (3, NEW_YEAR, 1)])()

    with database.reading() as connection:
        query = sa.select(tables.writer.c.last_seq).order_by(tables.writer.c.writer_id)
        last_seqs = list(connection.execute(query).scalars())
    assert (written, last_seqs) == (2, [5, 6, 1])


def test_a_delete_takes_the_rows_whose_whole_key_is_named(database):
    pools = [make_pool(p, who) for who in ("ada", "bob") for p in ('"', "b\\", "{c}")]
    insert, delete = database.bulk_insert(tables.pool), database.each_delete(tables.pool)
    gone = [("ada", '"'), ("bob", "b\\"), ("ada", "{c}"), ("cy", '"')]

    with database.writing() as connection:
        insert(connection, [rows.pool_values(pool) for pool in pools])
        delete(connection, gone)

    left = [(row["account_id"], row["pool_id"]) for row in all_rows(database, tables.pool)]
    assert sorted(left) == sorted({(p.account_id, p.pool_id) for p in pools} - {*gone})
