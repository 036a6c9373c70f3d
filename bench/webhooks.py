"""Ten thousand webhooks to a fast local receiver, while searches go on through the Vonage door.

Targets: drained in under 40 s, and searches keep at least half of their rate meanwhile; with the
server delivering by itself, and with `numberline worker` beside it.
"""

import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import load
from bench.processes import command, free_port, open_accounts, running, wait_until_ready
from numberline.core.lifecycle import EventKind
from numberline.core.rows import Callback, Event
from numberline.platform.clocks import SystemClock
from numberline.storage.batches import BatchStatements
from numberline.storage.engines import open_database
from numberline.storage.streams import open_stream

EVENTS = 10_000
CLIENTS = 32
SLICE_S = 2
ROUNDS = 2
DRAIN_S_MAX = 120
FIRST = 447_100_000_000
STOCK = 1_000_000
SEARCH = (
    "/number/search?country=GB&type=mobile-lvn&features=SMS%2CVOICE&pattern=77&search_pattern=1"
)
PROGRAM = [sys.executable, "-m", "bench.webhook_program"]


def main() -> None:
    print(f"load: {load.TOOL}, {CLIENTS} clients; {EVENTS:,} events")
    for name, options, beside in (
        ("by the server itself", (), False),
        ("by `numberline worker`", ("--no-background",), True),
    ):
        drains, ratios = [], []
        for _ in range(ROUNDS):
            drain_s, ratio = _measure(options, beside=beside)
            drains.append(drain_s)
            ratios.append(ratio)
        print(f"delivered {name}: drained in {statistics.mean(drains):.1f} s; target under 40 s")
        print(f"  searches keep {statistics.mean(ratios):.2f} of their rate; target 0.5")


def _measure(options: tuple[str, ...], *, beside: bool) -> tuple[float, float]:
    """Seconds until everything has arrived, and the rate of searches meanwhile beside before."""
    with tempfile.TemporaryDirectory() as directory:
        database = f"sqlite:///{Path(directory, 'bench.db')}"
        terms = ("--country", "GB", "--type", "mobile", "--features", "sms voice")
        command("stock", "add", str(FIRST), str(FIRST + STOCK - 1), *terms, "--database", database)
        [authorization] = open_accounts(database, 1)
        search = [load.get(SEARCH, authorization)]
        where = ("--database", database, "--webhooks-reach-loopback")
        with _receiver() as receiver, _server(*where, *options) as port, _worker(where, beside):
            idle = load.run(port, search, clients=CLIENTS, duration_s=2 * SLICE_S)
            _commit_events(database, f"http://127.0.0.1:{receiver}/hook")
            return _drain(port, search, receiver, idle)


def _drain(port: int, search: list[bytes], receiver: int, idle: load.Load) -> tuple[float, float]:
    started = time.monotonic()
    rates: list[float] = []
    while (count := _count(receiver)) < EVENTS:
        if time.monotonic() - started > DRAIN_S_MAX:
            raise RuntimeError(f"{count} of {EVENTS} events arrived in {DRAIN_S_MAX} s")
        busy = load.run(port, search, clients=CLIENTS, duration_s=SLICE_S)
        rates.append(busy.requests_per_s)
    drain_s = time.monotonic() - started
    whole = rates[:-1] or rates
    return drain_s, statistics.mean(whole) / idle.requests_per_s


def _commit_events(database: str, url: str) -> None:
    """Commit the events as another process would, one for each of as many numbers."""
    opened = open_database(database)
    now = SystemClock().now()
    writer_id = open_stream(opened, now)
    events = [
        Event(
            kind=EventKind.NUMBER_CONFIGURED,
            number=FIRST + index,
            account_id="bench0",
            callback=Callback(url, "bench"),
        )
        for index in range(EVENTS)
    ]
    with opened.writing() as connection:
        BatchStatements(opened).append(connection, events, writer_id=writer_id, first_seq=1, at=now)
    opened.close()


def _count(receiver: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{receiver}/") as answer:
        return int(answer.read())


@contextmanager
def _receiver() -> Iterator[int]:
    port = free_port()
    with running([sys.executable, "-m", "bench.webhook_receiver", str(port)]):
        wait_until_ready(port, "/")
        yield port


@contextmanager
def _server(*options: str) -> Iterator[int]:
    port = free_port()
    with running([*PROGRAM, "serve", "--port", str(port), *options]):
        wait_until_ready(port, "/healthz")
        yield port


@contextmanager
def _worker(where: tuple[str, ...], wanted: bool) -> Iterator[None]:  # noqa: FBT001
    if not wanted:
        yield
        return
    with running([*PROGRAM, "worker", *where]):
        yield


if __name__ == "__main__":
    main()
