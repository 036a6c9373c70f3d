"""``numberline webhook``: what is told to whom, what came of it, and telling it again."""

import pytest

from factories import GB, HOOK, NEW_YEAR, all_rows, make_event, write_events
from live import numberline
from numberline.core.instants import SECOND_US, Instant
from numberline.core.webhooks import Attempt, EventPlace, attempted, event_id
from numberline.storage import outbox, tables
from numberline.storage.outbox import OutboxStatements
from numberline.storage.streams import open_stream


@pytest.fixture
def told(database):
    """Three events: one that failed twice and waits, one delivered, one disabled."""
    writer_id = open_stream(database, NEW_YEAR)
    places = []
    for n, account_id in enumerate(("ada", "ada", "bob")):
        at = Instant(NEW_YEAR + n * SECOND_US)
        event = make_event(GB + n, account_id=account_id)
        write_events(database, [event], writer_id=writer_id, at=at)
        places.append(EventPlace(at, writer_id, n + 1))
    for place, statuses in zip(places, ((None, 302), (200,), (410,)), strict=True):
        for status in statuses:
            attempt(database, place, status)
    return [event_id(place) for place in places]


def attempt(database, place, status):
    with database.writing() as connection:
        [delivery] = outbox.read_deliveries(connection, [place[1:]])
        error = "" if status else "no answer within 10 s"
        made = Attempt(at=place.at, duration_ms=12, status=status, error=error, worker_id=7)
        after = attempted(delivery, made, place.at, 0.5)
        statements = OutboxStatements(database)
        statements.write(connection, [after])
        statements.record(connection, [(after, made)])


@pytest.fixture
def webhook(database_url):
    return lambda *arguments: numberline("webhook", *arguments, "--database", database_url)


def states(database):
    return [row["state"] for row in all_rows(database, tables.webhook)]


def ids(ran):
    assert (ran.code, ran.err) == (0, "")
    return [line.split()[0] for line in ran.out.splitlines()[1:]]


def test_what_is_told_is_listed_the_newest_first_with_its_state(webhook, told):
    ran = webhook("list")
    lines = ran.out.splitlines()

    assert ids(ran) == told[::-1]
    assert lines[3].split()[:6] == [told[0], "number_configured", str(GB), "ada", "pending", "2"]
    assert HOOK in lines[3]
    assert "delivered" in lines[2]
    assert "disabled" in lines[1]


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (("--account", "ada"), [1, 0]),
        (("--account", "nobody"), []),
        (("--number", str(GB + 2)), [2]),
        (("--state", "delivered"), [1]),
        (("--account", "ada", "--state", "pending"), [0]),
    ],
)
def test_the_list_may_be_narrowed(webhook, told, options, places):
    assert ids(webhook("list", *options)) == [told[place] for place in places]


def test_a_list_that_was_cut_says_so(webhook, told):
    ran = webhook("list", "--limit", "2")

    assert told[2] in ran.out
    assert told[0] not in ran.out
    assert "--limit" in ran.err


def test_an_event_is_shown_with_each_attempt(webhook, told):
    ran = webhook("show", told[0].upper())
    lines = ran.out.splitlines()

    assert ran.code == 0
    for text in (told[0], "number_configured", str(GB), "ada", HOOK, "pending, due 2026-01-01"):
        assert text in ran.out
    began = "2026-01-01 00:00:00 12 ms"
    assert " ".join(lines[-2].split()) == f"1 {began} no answer within 10 s"
    assert " ".join(lines[-1].split()) == f"2 {began} status 302"


@pytest.mark.parametrize("command", ["show", "replay"])
def test_an_id_that_names_nothing_is_said_in_one_line(webhook, told, command):
    near = event_id(EventPlace(Instant(NEW_YEAR + 1), 1, 1))
    for text in ("nonsense", "", "\u0661" * 26, told[0][:-1], near, "7" + "z" * 25):
        ran = webhook(command, text)

        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("numberline: ")


def test_an_event_is_replayed_by_its_id_whatever_became_of_it(webhook, told, database):
    for name in told:
        ran = webhook("replay", name)

        assert (ran.code, name in ran.out) == (0, True)
    assert states(database) == ["pending"] * 3
    assert [row["next_at"] for row in all_rows(database, tables.webhook)] == [
        NEW_YEAR + n * SECOND_US for n in range(3)
    ]


def test_many_events_are_replayed_by_their_state(webhook, told, database):
    ran = webhook("replay", "--state", "delivered", "--account", "ada")

    assert (ran.code, ran.out) == (0, "1 events are sent again\n")
    assert states(database) == ["pending", "pending", "disabled"]
    assert told


@pytest.mark.parametrize("arguments", [(), ("x", "--state", "failed"), ("x", "--account", "ada")])
def test_a_replay_of_nothing_or_of_two_things_is_refused(webhook, arguments):
    ran = webhook("replay", *arguments)

    assert (ran.code, ran.out) == (1, "")
    assert "--state" in ran.err


def test_an_unknown_state_is_refused(webhook):
    assert webhook("list", "--state", "lost").code == 2
