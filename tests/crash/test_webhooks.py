"""Webhooks of a server that is killed and started again: each event arrives, in order."""

import signal
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path

import pytest

from factories import GB, make_event, write_events
from live import STOP_S, free_port, started, tables_of, until
from numberline.platform.clocks import SystemClock
from numberline.platform.webhooks import WebhookSecrets
from numberline.storage.engines import open_database
from numberline.storage.queries import server_secret
from numberline.storage.streams import open_stream
from receivers import OK, STALL, answer, receiving_in_thread, signature

TELLING = (sys.executable, str(Path(__file__).parents[1] / "webhook_program.py"))
"""The program with a manner of telling that the receiver knows."""


@contextmanager
def telling(url, *options, port=None):
    """A server that tells events to this machine."""
    options = ("--webhooks-reach-loopback", *options)
    with started(*options, database=url, program=TELLING, port=port) as served:
        yield served


@pytest.fixture
def receiver():
    with receiving_in_thread() as found:
        yield found


def commit(url, numbers, hook):
    """Commit an event for each number, all in one transaction, as a register would."""
    database = open_database(url)
    now = SystemClock().now()
    events = [make_event(number, url=hook) for number in numbers]
    write_events(database, events, writer_id=open_stream(database, now), at=now)
    database.close()


def states(url):
    (rows,) = tables_of(url, "webhook")
    return Counter(row["state"] for row in rows)


def first_arrivals(receiver):
    """The events of each number by their first arrival."""
    found = defaultdict(list)
    for body in list(receiver.bodies):
        if body["id"] not in found[body["number"]]:
            found[body["number"]].append(body["id"])
    return found


def test_every_event_arrives_whatever_the_receiver_does_while_the_server_is_killed(
    sqlite_url, receiver
):
    """It fails, redirects, stalls and answers 410, and the server is killed in between."""
    numbers = [GB + n % 4 for n in range(20)]
    gone = GB + 3

    def answer_by_number(said):
        return lambda request: answer(410) if f"{gone}".encode() in request.body else said

    port = free_port()
    commit(sqlite_url, numbers, receiver.url())
    for said in (answer(500), answer(302, f"Location: {receiver.url('/other')}"), STALL):
        receiver.answer = answer_by_number(said)
        arrived = len(receiver.received)
        with telling(sqlite_url, port=port) as served:
            until(lambda n=arrived: len(receiver.received) > n, within_s=20)
            served.kill()
    receiver.answer = answer_by_number(OK)
    with telling(sqlite_url, port=port) as served:
        until(lambda: not states(sqlite_url)["pending"], within_s=60)
        assert served.stop() == 0

    assert states(sqlite_url) == {"delivered": 15, "disabled": 5}
    assert {came.line for came in receiver.received} == {"POST /hook HTTP/1.1"}
    arrivals = first_arrivals(receiver)
    assert {number: len(ids) for number, ids in arrivals.items()} == {
        GB: 5,
        GB + 1: 5,
        GB + 2: 5,
        gone: 1,
    }
    assert all(ids == sorted(ids) for ids in arrivals.values())


def test_a_burst_arrives_in_order_although_the_server_is_killed_and_stopped_within(
    sqlite_url, receiver
):
    count = 3_000
    commit(sqlite_url, [GB + n % 100 for n in range(count)], receiver.url())
    for end in (signal.SIGTERM, signal.SIGKILL, None):
        arrived = len(receiver.received)
        with telling(sqlite_url) as served:
            if end is None:
                until(lambda: states(sqlite_url) == {"delivered": count}, within_s=60)
            else:
                until(lambda n=arrived: len(receiver.received) > n + 300, within_s=30)
                served.kill() if end is signal.SIGKILL else served.stop(end)

    arrivals = first_arrivals(receiver)
    assert sum(map(len, arrivals.values())) == count
    assert all(ids == sorted(ids) for ids in arrivals.values())
    twice = len(receiver.received) - count
    assert twice < 500, "what a stopped server has sent is not sent again"


def test_each_message_is_signed_with_the_secret_of_its_account(sqlite_url, receiver):
    commit(sqlite_url, [GB], receiver.url())
    with telling(sqlite_url):
        until(lambda: receiver.received, within_s=20)
    [came] = receiver.received
    database = open_database(sqlite_url)
    with database.reading() as connection:
        secret = WebhookSecrets(server_secret(connection, "hash_key")).default("ada")
    database.close()

    assert came.headers["x-signature"] == signature(came.body, secret)


# --- a process for the background alone -----------------------------------------------------


@contextmanager
def working(url):
    """A `numberline worker` that is ready; it must end by itself, with exit code 0."""
    command = [*TELLING, "worker", "--database", url, "--webhooks-reach-loopback"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stderr:
                if "worker_ready" in line:
                    break
            yield process
            process.terminate()
            rest = process.stderr.read()
            assert process.wait(STOP_S) == 0
        finally:
            process.kill()
    assert "worker_closed" in rest
    assert '"level": "error"' not in rest


@pytest.mark.parametrize("fixture", ["sqlite_url", "clean_postgres_url"])
def test_a_server_may_leave_the_background_to_a_worker_beside_it(fixture, request, receiver):
    url = request.getfixturevalue(fixture)
    with telling(url, "--no-background") as served:
        commit(url, [GB + n % 10 for n in range(100)], receiver.url())
        assert served.is_up()
        with working(url):
            until(lambda: states(url) == {"delivered": 100}, within_s=30)
        commit(url, [GB], receiver.url())

        assert served.stop() == 0
    assert states(url) == {"delivered": 100, "pending": 1}
    assert len(receiver.received) == 100


def test_two_workers_share_the_work(clean_postgres_url, receiver):
    url = clean_postgres_url
    with working(url), working(url):
        commit(url, [GB + n % 200 for n in range(1_000)], receiver.url())
        until(lambda: states(url) == {"delivered": 1_000}, within_s=60)

    assert len(receiver.received) == 1_000
    arrivals = first_arrivals(receiver)
    assert all(ids == sorted(ids) for ids in arrivals.values())


def test_a_worker_ends_at_once_when_it_is_told_to(sqlite_url):
    with working(sqlite_url):
        pass
    with working(sqlite_url) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_S) == 0
