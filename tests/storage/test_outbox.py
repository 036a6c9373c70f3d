"""The outbox holds what was committed and nothing else, and each row is written over itself."""

import msgspec
import pytest

from factories import (
    GB,
    HOOK,
    NEW_YEAR,
    all_rows,
    make_delivery,
    make_event,
    write_events,
)
from numberline.core.instants import Instant
from numberline.core.webhooks import Attempt, DeliveryState, attempted, disabled, leased
from numberline.storage import outbox, tables
from numberline.storage.batches import BatchStatements
from numberline.storage.outbox import DeliveryFilter, Elsewhere, OutboxStatements
from numberline.storage.streams import open_stream

LATER = Instant(NEW_YEAR + 1)


@pytest.fixture
def statements(database):
    return OutboxStatements(database)


@pytest.fixture
def writer_id(database):
    return open_stream(database, NEW_YEAR)


def due(database, now=NEW_YEAR, *, limit=100, **elsewhere):
    with database.reading() as connection:
        found = outbox.due_deliveries(connection, now, Elsewhere(**elsewhere), limit=limit)
    return [told.delivery for told in found]


def write(database, *deliveries):
    with database.writing() as connection:
        return OutboxStatements(database).write(connection, deliveries)


def test_an_event_with_a_callback_goes_into_the_outbox_and_no_other(database, writer_id):
    events = [make_event(GB, url=None), make_event(GB + 1), make_event(GB + 2, url=None)]
    write_events(database, events, writer_id=writer_id)

    assert due(database) == [make_delivery(2, writer_id=writer_id, number=GB + 1)]


def test_a_delivery_is_read_with_its_event(database, writer_id):
    event = make_event(GB, data=msgspec.Raw(b'{"state":"active"}'))
    write_events(database, [event], writer_id=writer_id, at=LATER)

    with database.reading() as connection:
        told = outbox.find_told(connection, (writer_id, 1))
    assert (told.event.kind, told.event.number, told.event.at) == (event.kind, GB, LATER)
    assert told.event.data == {"state": "active"}
    assert told.delivery.created_at == LATER


def test_what_is_rolled_back_is_not_in_the_outbox(database, writer_id):
    def write_and_fail():
        with database.writing() as connection:
            BatchStatements(database).append(
                connection, [make_event()], writer_id=writer_id, first_seq=1, at=NEW_YEAR
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert all_rows(database, tables.webhook) == all_rows(database, tables.event) == []


def test_an_event_of_nobody_is_told_to_nobody(database, writer_id):
    """A callback without an account is a fault of ours, and the database says so."""
    with pytest.raises(Exception, match=r"(?i)null"):
        write_events(database, [make_event(account_id=None)], writer_id=writer_id)


# --- writing --------------------------------------------------------------------------------


def test_a_row_is_written_over_the_version_that_was_read_and_no_other(database, writer_id):
    write_events(database, [make_event(GB + n) for n in range(3)], writer_id=writer_id)
    first, second, third = due(database)
    assert write(database, leased(second, 7, LATER)) == 1

    late = [leased(delivery, 8, LATER) for delivery in (first, second, third)]
    assert write(database, *reversed(late)) == 2

    holders = {row["number"]: row["worker_id"] for row in all_rows(database, tables.webhook)}
    assert holders == {GB: 8, GB + 1: 7, GB + 2: 8}


def test_deliveries_and_attempts_are_read_as_they_were_written(database, statements, writer_id):
    write_events(database, [make_event()], writer_id=writer_id)
    [delivery] = due(database)
    attempts = []
    for status, error in ((None, "no answer within 10 s"), (302, ""), (200, "")):
        attempt = Attempt(at=LATER, duration_ms=3, status=status, error=error, worker_id=9)
        delivery = attempted(delivery, attempt, LATER, 0.5)
        attempts.append(attempt)
        for _ in range(2):  # a commit whose answer was lost is made again
            with database.writing() as connection:
                statements.write(connection, [delivery])
                statements.record(connection, [(delivery, attempt)])

    with database.reading() as connection:
        assert outbox.read_deliveries(connection, [(writer_id, 1)]) == [delivery]
        assert outbox.attempts_of(connection, (writer_id, 1)) == attempts
    assert delivery.state is DeliveryState.DELIVERED


def test_nothing_to_write_writes_nothing(database):
    assert write(database) == 0


# --- what is due ----------------------------------------------------------------------------


def test_only_what_is_pending_due_and_free_is_found(database, writer_id):
    write_events(database, [make_event(GB + n) for n in range(6)], writer_id=writer_id)
    free, held, was_held, waits, done, gone = due(database)
    write(
        database,
        leased(held, 7, Instant(LATER + 1)),
        leased(was_held, 7, LATER),
        msgspec.structs.replace(waits, version=2, next_at=Instant(LATER + 1)),
        msgspec.structs.replace(done, version=2, state=DeliveryState.DELIVERED),
        disabled(gone),
    )

    assert [each.seq for each in due(database, LATER)] == [free.seq, was_held.seq]
    with database.reading() as connection:
        assert outbox.leased_numbers(connection, LATER) == {GB + 1: "hooks.test"}


def test_the_longest_overdue_comes_first_and_then_the_order_of_events(database):
    for at in (Instant(NEW_YEAR + 5), NEW_YEAR, NEW_YEAR):
        stream = open_stream(database, NEW_YEAR)
        write_events(database, [make_event(GB + n) for n in range(2)], writer_id=stream, at=at)

    found = due(database, Instant(NEW_YEAR + 5))
    assert found == sorted(found, key=lambda each: (each.created_at, each.writer_id, each.seq))
    assert len(found) == 6
    assert found[:3] == due(database, Instant(NEW_YEAR + 5), limit=3)


def test_hosts_and_numbers_are_passed_over(database, writer_id):
    urls = ("http://a.test/", "http://b.test/", "http://c.test/")
    events = [make_event(number, url=url) for url in urls for number in (None, GB)]
    write_events(database, events, writer_id=writer_id)

    def found(**elsewhere):
        return [(each.host[0], each.number) for each in due(database, **elsewhere)]

    assert found(hosts=["a.test", "b.test"]) == [("c", None), ("c", GB)]
    assert found(only_hosts=["a.test"]) == [("a", None), ("a", GB)]
    assert found(only_hosts=[]) == []
    assert found(numbers=[GB]) == [("a", None), ("b", None), ("c", None)]
    assert found(only_hosts=["a.test", "b.test"], hosts=["a.test"], numbers=[GB]) == [("b", None)]


def test_what_is_pending_of_a_number_and_url_is_found(database, writer_id):
    events = [make_event(number, url=url) for number in (GB, GB + 1) for url in (HOOK, "http://b/")]
    write_events(database, [*events, make_event(None)], writer_id=writer_id)
    write(database, disabled(due(database)[0]))

    with database.reading() as connection:
        found = outbox.pending_deliveries(connection, {(GB, HOOK), (GB + 1, HOOK), (None, HOOK)})
    assert [(each.number, each.url) for each in found] == [(GB + 1, HOOK)]


def test_deliveries_are_listed_the_newest_first_by_account_number_and_state(database, writer_id):
    for n, account_id in enumerate(("ada", "bob", "ada")):
        event = make_event(GB + n, account_id=account_id)
        write_events(database, [event], writer_id=writer_id, at=Instant(NEW_YEAR + n))
    write(database, disabled(due(database, LATER)[0]))

    def listed(limit=10, **values):
        with database.reading() as connection:
            found = outbox.list_told(connection, DeliveryFilter(**values), limit=limit)
        return [told.delivery.number - GB for told in found]

    assert listed() == [2, 1, 0]
    assert listed(limit=1) == [2]
    assert listed(account_id="ada") == [2, 0]
    assert listed(number=GB + 1) == [1]
    assert listed(state=DeliveryState.DISABLED) == [0]
    assert listed(account_id="bob", state=DeliveryState.DISABLED) == []
