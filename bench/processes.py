"""The server under test, as a user starts it, and a bare Granian application beside it."""

import base64
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from numberline.core import commands
from numberline.core.accounts import UNLIMITED_CREDIT, Account, Credential, Door
from numberline.core.instants import Instant
from numberline.platform.clocks import SystemClock
from numberline.platform.keyring import hash_secret
from numberline.register.sync import perform
from numberline.storage.engines import open_database
from numberline.storage.queries import server_secret

NUMBERLINE = Path(sys.executable).with_name("numberline")
START_S = 30
SECRET = "bench-secret-of-ordinary-length"


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: str) -> str:
    """What a numberline command prints."""
    return subprocess.run(
        [NUMBERLINE, *arguments], check=True, capture_output=True, text=True
    ).stdout


def open_accounts(database: str, count: int) -> list[str]:
    """Open accounts with unlimited credit, bench0 and so on; returns their Authorizations."""
    opened = open_database(database)
    with opened.reading() as connection:
        hash_key = server_secret(connection, "hash_key")
    orders: list[commands.Command] = []
    for account_id in (f"bench{index}" for index in range(count)):
        account = Account(
            account_id=account_id,
            name="Bench",
            parent_id=None,
            payer_id=account_id,
            credit_limit_micros=UNLIMITED_CREDIT,
            documents_on_file=False,
            created_at=Instant(0),
        )
        credential = Credential(
            door=Door.VONAGE,
            key=account_id,
            account_id=account_id,
            secret_hash=hash_secret(SECRET, hash_key),
            issued_at=Instant(0),
        )
        orders.append(commands.OpenAccount(account=account))
        orders.append(commands.IssueCredential(credential=credential))
    perform(opened, SystemClock(), orders)
    opened.close()
    return [basic(f"bench{index}", SECRET) for index in range(count)]


def basic(key: str, secret: str) -> str:
    """A Basic Authorization header."""
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


@contextmanager
def serving(*arguments: str) -> Iterator[int]:
    """A `numberline serve` process; yields its port once it is ready."""
    port = free_port()
    with _running([str(NUMBERLINE), "serve", "--port", str(port), *arguments], port, "/healthz"):
        yield port


@contextmanager
def bare_granian(body: bytes, interface: str) -> Iterator[int]:
    """A bare Granian application, ASGI or RSGI, that answers everything with these bytes."""
    port = free_port()
    granian = [str(NUMBERLINE.with_name("granian")), "--interface", interface, "--port", str(port)]
    options = ["--loop", "uvloop", "--no-ws", "--log-level", "error", f"bench.bare:{interface}_app"]
    environment = os.environ | {"BENCH_BODY": body.hex()}
    with _running([*granian, *options], port, "/", environment):
        yield port


@contextmanager
def _running(
    arguments: list[str], port: int, path: str, environment: dict[str, str] | None = None
) -> Iterator[None]:
    with running(arguments, environment):
        wait_until_ready(port, path)
        yield


@contextmanager
def running(arguments: list[str], environment: dict[str, str] | None = None) -> Iterator[None]:
    """A process that is told to end in the end."""
    process = subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(START_S)


def wait_until_ready(port: int, path: str) -> None:
    """Wait for the first 200."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.005)
    raise TimeoutError(f"nothing answers on port {port}")
