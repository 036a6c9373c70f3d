"""A server that is asked to stop, in the middle of its work or with odd company."""

import signal
import socket
import subprocess
import time

import pytest

from crash.buyers import Buyers, assert_sound, buy_once, fresh_numbers, rentals
from live import (
    ANSWER_S,
    PROGRAM,
    STOP_S,
    child_pids,
    free_port,
    open_tenants,
    request_bytes,
    started,
    until,
)

CLIENTS = 6
PURCHASES_BEFORE = 60

SOON_S = 5.0
PATIENCE_S = 15.0
"""How long a server may take to stop that nothing holds up, and one with an unfinished request."""


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_every_purchase_that_was_accepted_is_answered_before_the_end(stocked_url, signal_number):
    """So the rentals are exactly those that were answered with 200, not one more or less."""
    tenants = open_tenants(stocked_url, CLIENTS)
    with started(database=stocked_url) as served:
        buyers = Buyers(served, tenants, fresh_numbers())
        until(lambda: len(buyers.answered) >= PURCHASES_BEFORE, within_s=20)
        code = served.stop(signal_number)
        buyers.join()
        events = [event["event"] for event in served.events]

    assert code == 0
    assert {each.status for each in buyers.answered} <= {200, 503}
    assert rentals(stocked_url) == {
        each.number: each.account_id for each in buyers.answered if each.status == 200
    }
    assert_sound(stocked_url)
    assert events == ["server_ready", "server_closed"]


def test_a_stopped_server_starts_again_at_once_on_the_same_port(stocked_url):
    (tenant,) = open_tenants(stocked_url)
    port, numbers = free_port(), fresh_numbers()
    for _ in range(2):
        with started(database=stocked_url, port=port) as served:
            assert buy_once(served, tenant, next(numbers)) == 200
            assert served.stop() == 0


def test_a_server_that_is_still_starting_stops_soon(stocked_url):
    """Its worker has been started, and may not have learnt yet what a signal means."""
    command = [PROGRAM, "serve", "--port", str(free_port()), "--database", stocked_url]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: child_pids(process.pid), within_s=ANSWER_S, what="the start of the worker")
    process.terminate()
    begun = time.monotonic()

    assert process.wait(STOP_S) == 0
    assert time.monotonic() - begun < SOON_S


def connected(served, content=b""):
    connection = socket.create_connection(("127.0.0.1", served.port), ANSWER_S)
    connection.sendall(content)
    return connection


COMPANY = {
    "silent": (b"", SOON_S),
    "idle": (request_bytes("/healthz"), SOON_S),
    "in the middle of its headers": (b"GET /account/numbers HTTP/1.1\r\nHos", PATIENCE_S),
    "in the middle of its body": (
        request_bytes("/number/buy", "Content-Length: 100", method="POST", body=b"country="),
        PATIENCE_S,
    ),
}


@pytest.mark.parametrize(("content", "within_s"), COMPANY.values(), ids=COMPANY)
def test_no_client_keeps_a_server_from_stopping(stocked_url, content, within_s):
    with started(database=stocked_url) as served, connected(served, content) as connection:
        if content.endswith(b"\r\n\r\n"):
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
        begun = time.monotonic()

        assert served.stop() == 0
        assert time.monotonic() - begun < within_s
        assert [event["event"] for event in served.events] == ["server_ready", "server_closed"]
