"""The stock in the database: bitmaps by offer and chunk, changed by one process at a time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pyroaring import BitMap

from factories import GB, NEW_YEAR, US, add_stock, all_rows, make_offer
from numberline.core.lifecycle import State
from numberline.core.numbers import CHUNK_SIZE, chunk_of
from numberline.core.rows import NumberRow
from numberline.platform.catalogue import read_available
from numberline.storage import tables
from numberline.storage.batches import BatchStatements, VersionConflict
from numberline.storage.stock import (
    StockStatements,
    read_chunks,
    read_offers,
    read_revision,
    taken_numbers,
)
from stocks import read_stock

MOBILE = make_offer(1)
LOCAL = make_offer(2, country="US", region="DC", locality="Washington", documents_required=True)
GB_KEY = (1, chunk_of(GB))
US_KEY = (2, chunk_of(US))


def change(database, *, revision, offers=(), chunks=None):
    with database.writing() as connection:
        StockStatements(database).change(
            connection, revision=revision, offers=offers, chunks=chunks or {}
        )


def write_rows(database, *rows):
    with database.writing() as connection:
        BatchStatements(database).write_numbers(connection, rows)


def row(number, state, offer_id=1):
    holds = state in {State.HELD, State.ACTIVE, State.EXPIRING}
    return NumberRow(
        number=number,
        offer_id=offer_id,
        version=1,
        state=state,
        account_id="ada" if holds else None,
        changed_at=NEW_YEAR,
    )


def everything(database):
    with database.reading() as connection:
        return read_stock(connection)


def test_a_new_database_holds_no_stock(database):
    stock = everything(database)

    assert (stock.revision, stock.offers, stock.chunks) == (0, {}, {})


def test_stock_is_read_as_it_was_written(database):
    chunks = {GB_KEY: BitMap(range(900_000, 901_000)), US_KEY: BitMap([550_100])}

    change(database, revision=0, offers=[MOBILE, LOCAL], chunks=chunks)

    stock = everything(database)
    assert (stock.revision, stock.offers, stock.chunks) == (1, {1: MOBILE, 2: LOCAL}, chunks)


def test_a_chunk_is_replaced_as_a_whole(database):
    change(database, revision=0, offers=[MOBILE], chunks={GB_KEY: BitMap([1, 2])})
    change(database, revision=1, chunks={GB_KEY: BitMap([2, 3, 4])})

    [chunk] = all_rows(database, tables.stock_chunk)
    assert everything(database).chunks == {GB_KEY: BitMap([2, 3, 4])}
    assert chunk["size"] == 3


def test_a_whole_chunk_is_kept(database):
    change(database, revision=0, offers=[MOBILE], chunks={GB_KEY: BitMap(range(CHUNK_SIZE))})

    assert len(everything(database).chunks[GB_KEY]) == CHUNK_SIZE


@pytest.mark.parametrize("revision", [0, 2])
def test_a_change_by_another_revision_is_refused_and_changes_nothing(database, revision):
    change(database, revision=0, offers=[MOBILE], chunks={GB_KEY: BitMap([1])})
    before = everything(database)

    with pytest.raises(VersionConflict):
        change(
            database,
            revision=revision,
            offers=[LOCAL],
            chunks={GB_KEY: BitMap([2]), US_KEY: BitMap([3])},
        )

    assert everything(database) == before


def test_of_changes_at_the_same_time_exactly_one_is_made(database):
    def attempt(n):
        try:
            change(database, revision=0, offers=[make_offer(n, region=str(n))])
        except VersionConflict:
            return None
        return n

    with ThreadPoolExecutor(4) as processes:
        made = [n for n in processes.map(attempt, range(1, 9)) if n]

    stock = everything(database)
    assert (stock.revision, list(stock.offers)) == (1, made)


def test_only_the_chunks_that_are_named_are_read(database):
    chunks = {GB_KEY: BitMap([1]), US_KEY: BitMap([2]), (2, 99): BitMap([3])}
    change(database, revision=0, offers=[MOBILE, LOCAL], chunks=chunks)

    with database.reading() as connection:
        found = dict(read_chunks(connection, [US_KEY, GB_KEY, (1, 99)]))

    assert found == {GB_KEY: BitMap([1]), US_KEY: BitMap([2])}


@pytest.mark.parametrize("state", State)
def test_what_is_not_available_is_taken(database, state):
    write_rows(database, row(GB, state))

    with database.reading() as connection:
        taken = taken_numbers(connection)

    offset = GB % CHUNK_SIZE
    assert taken == ({} if state is State.AVAILABLE else {GB_KEY: BitMap([offset])})


def test_taken_numbers_stand_under_their_offer_and_chunk(database):
    write_rows(
        database,
        row(GB, State.ACTIVE),
        row(GB + 1, State.QUARANTINED),
        row(GB + 2, State.ACTIVE, offer_id=2),
        row(GB + CHUNK_SIZE, State.ACTIVE),
    )

    with database.reading() as connection:
        taken = taken_numbers(connection)

    offset, chunk = GB % CHUNK_SIZE, chunk_of(GB)
    assert taken == {
        (1, chunk): BitMap([offset, offset + 1]),
        (2, chunk): BitMap([offset + 2]),
        (1, chunk + 1): BitMap([offset]),
    }


def test_taken_numbers_are_found_in_the_chunks_that_are_named(database):
    first, last = chunk_of(GB) * CHUNK_SIZE, chunk_of(GB) * CHUNK_SIZE + CHUNK_SIZE - 1
    numbers = (first - 1, first, last, last + 1)
    write_rows(database, *(row(n, State.ACTIVE) for n in numbers))

    with database.reading() as connection:
        taken = taken_numbers(connection, [GB_KEY])

    assert taken == {GB_KEY: BitMap([0, CHUNK_SIZE - 1])}


def test_nothing_is_taken_in_no_chunks(database):
    write_rows(database, row(GB, State.ACTIVE))

    with database.reading() as connection:
        assert taken_numbers(connection, []) == {}


def test_as_many_chunks_can_be_read_anew_as_a_large_import_changes(database):
    keys = [(1, chunk) for chunk in range(447_000, 448_500)]
    write_rows(database, row(GB, State.ACTIVE))

    with database.reading() as connection:
        taken = taken_numbers(connection, keys)
        chunks = list(read_chunks(connection, keys))

    assert (taken, chunks) == ({GB_KEY: BitMap([GB % CHUNK_SIZE])}, [])


def test_what_is_available_is_the_stock_without_what_is_taken(database):
    add_stock(database, [MOBILE, LOCAL], {1: range(GB, GB + 5), 2: [US]})
    write_rows(
        database,
        row(GB, State.ACTIVE),
        row(GB + 1, State.AVAILABLE),
        row(GB + 2, State.WITHDRAWN),
        row(US, State.HELD, offer_id=2),
    )

    with database.reading() as connection:
        offers, chunks = read_available(connection)

    offset = GB % CHUNK_SIZE
    assert offers == {1: MOBILE, 2: LOCAL}
    assert chunks == {GB_KEY: BitMap([offset + 1, offset + 3, offset + 4]), US_KEY: BitMap()}


def test_what_is_available_in_some_chunks_is_read_alone(database):
    add_stock(database, [MOBILE, LOCAL], {1: [GB, GB + 1], 2: [US]})
    write_rows(database, row(GB, State.ACTIVE))

    with database.reading() as connection:
        _, chunks = read_available(connection, [GB_KEY])

    assert chunks == {GB_KEY: BitMap([(GB + 1) % CHUNK_SIZE])}


def test_offers_are_read_with_all_their_terms(database):
    change(database, revision=0, offers=[LOCAL])

    with database.reading() as connection:
        assert read_offers(connection) == {2: LOCAL}


def test_every_change_moves_the_revision_on(database):
    change(database, revision=0, offers=[MOBILE])
    change(database, revision=1, chunks={GB_KEY: BitMap([1])})

    with database.reading() as connection:
        assert read_revision(connection) == 2
