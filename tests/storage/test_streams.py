"""The streams of the feed: each writer's own, read with a cursor in each."""

from concurrent.futures import ThreadPoolExecutor

from factories import GB, NEW_YEAR, all_rows, write_events
from numberline.core.lifecycle import EventKind
from numberline.core.rows import Event
from numberline.storage import tables
from numberline.storage.stock import stock_added
from numberline.storage.streams import StoredEvent, open_stream, read_events, stream_ends


def rented(*numbers):
    return [Event(kind=EventKind.NUMBER_RENTED, number=n, account_id="ada") for n in numbers]


def read(database, cursors, *, skip_writer=0, limit=100):
    with database.reading() as connection:
        return read_events(connection, cursors, skip_writer=skip_writer, limit=limit)


def places(events):
    return [(event.writer_id, event.seq) for event in events]


def open_streams(database, count):
    return [open_stream(database, NEW_YEAR) for _ in range(count)]


def test_writers_that_start_at_the_same_time_get_streams_of_their_own(database):
    with ThreadPoolExecutor(8) as starters:
        opened = list(starters.map(lambda _: open_stream(database, NEW_YEAR), range(24)))

    assert sorted(opened) == [row["writer_id"] for row in all_rows(database, tables.writer)]
    assert len(set(opened)) == 24


def test_a_new_stream_is_empty(database):
    [writer_id] = open_streams(database, 1)

    with database.reading() as connection:
        assert stream_ends(connection) == {writer_id: 0}


def test_an_event_is_read_as_it_was_written(database):
    [writer_id] = open_streams(database, 1)
    write_events(database, [stock_added((7, 447_700))], writer_id=writer_id)

    assert read(database, {}) == [
        StoredEvent(
            writer_id,
            1,
            NEW_YEAR,
            EventKind.STOCK_ADDED,
            None,
            None,
            {"offer_id": 7, "chunk": 447_700},
        )
    ]


def test_a_reader_without_cursors_reads_every_stream_from_its_start(database):
    one, two = open_streams(database, 2)
    write_events(database, rented(GB, GB + 1), writer_id=one)
    write_events(database, rented(GB + 2), writer_id=two)

    assert places(read(database, {})) == [(one, 1), (one, 2), (two, 1)]


def test_a_cursor_hides_what_was_read_from_its_stream(database):
    one, two = open_streams(database, 2)
    write_events(database, rented(GB, GB + 1, GB + 2), writer_id=one)
    write_events(database, rented(GB + 3, GB + 4), writer_id=two)

    assert places(read(database, {one: 2, two: 0})) == [(one, 3), (two, 1), (two, 2)]


def test_a_reader_that_knows_everything_reads_nothing(database):
    [writer_id] = open_streams(database, 1)
    write_events(database, rented(GB), writer_id=writer_id)

    assert read(database, {writer_id: 1}) == []


def test_a_reader_skips_the_stream_that_it_writes(database):
    one, two = open_streams(database, 2)
    write_events(database, rented(GB), writer_id=one)
    write_events(database, rented(GB + 1), writer_id=two)

    assert places(read(database, {}, skip_writer=one)) == [(two, 1)]


def test_a_reader_gets_to_the_end_of_all_streams_in_portions(database):
    writers = open_streams(database, 3)
    for n, writer_id in enumerate(writers):
        write_events(database, rented(*range(GB, GB + 3 + n)), writer_id=writer_id)

    cursors, portions = {}, []
    while portion := read(database, cursors, limit=5):
        portions.append(len(portion))
        cursors.update((event.writer_id, event.seq) for event in portion)

    assert portions == [5, 5, 2]
    assert cursors == {writer_id: 3 + n for n, writer_id in enumerate(writers)}


def test_a_stream_is_followed_while_it_grows(database):
    [writer_id] = open_streams(database, 1)
    write_events(database, rented(GB), writer_id=writer_id)
    write_events(database, rented(GB + 1), writer_id=writer_id)

    assert [event.number for event in read(database, {writer_id: 1})] == [GB + 1]
