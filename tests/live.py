"""Servers that run for a test, as a user runs them, and clients that are not well behaved."""

import contextlib
import functools
import http.client
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import httpx
import msgspec

from factories import UNIT, all_rows, make_account
from numberline.cli.app import main
from numberline.core import commands as c
from numberline.core.accounts import Credential, Door
from numberline.core.instants import Instant
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.offers import Capability, NumberType, OfferTerms
from numberline.platform.clocks import SystemClock
from numberline.platform.demo import (
    SINCH_KEY,
    SINCH_SECRET,
    VONAGE_KEY,
    VONAGE_SECRET,
    demo_stock,
)
from numberline.platform.keyring import default_scope, fingerprint, hash_secret, new_key, new_secret
from numberline.register.sync import perform
from numberline.storage import queries, tables
from numberline.storage.engines import open_database

PROGRAM = Path(sys.prefix) / "bin" / "numberline"
START_S = 30
STOP_S = 45
ANSWER_S = 10
"""How long a server may take to start, to stop and to answer before a test fails."""

POLL_S = 0.02
PORTS_TRIED = 5


# --- servers --------------------------------------------------------------------------------


class Served:
    """A server process.

    Attributes:
        process: The supervisor; it leads a process group of its own.
        base_url: Where it listens.
        database: The URL of its database.
        stdout: What it has printed until it was ready.
    """

    def __init__(self, process, port, database, folder, *, tls):
        self.process = process
        self.port = port
        self.database = database
        self.base_url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self._folder = folder

    @property
    def stdout(self):
        return (self._folder / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self):
        return (self._folder / "stderr").read_text(encoding="utf-8")

    @property
    def events(self):
        """The lines of the log that are JSON, decoded."""
        lines = self.stderr.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self, signal_number=signal.SIGTERM):
        """End the supervisor as an operator does; returns the exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(STOP_S)

    def kill(self):
        """End the supervisor and its workers at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_S)
        until(lambda: not self.is_up(), within_s=STOP_S, what="the end of the workers")

    def is_up(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), ANSWER_S):
                return True
        except ConnectionRefusedError:
            return False


@contextmanager
def serving(*options, database=None, port=None):
    """A server of its own that is ready; in the end it must stop by itself with exit code 0.

    Whatever a test has sent, the server may not have logged an error.
    """
    with started(*options, database=database, port=port) as served:
        yield served
        assert served.stop() == 0
        errors = [event for event in served.events if event["level"] == "error"]
        assert errors == []


@contextmanager
def started(*options, database=None, port=None, program=(PROGRAM,)):
    """A server of its own that is ready; what the test leaves of it is killed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = database or f"sqlite:///{folder}/numberline.db"
        served = _start(program, options, url, port, folder)
        try:
            yield served
        finally:
            served.kill()


def _start(program, options, database, port, folder):
    for _ in range(PORTS_TRIED):
        chosen = port or free_port()
        arguments = ["serve", "--port", str(chosen), "--database", database, *options]
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            process = subprocess.Popen(
                [*program, *arguments], stdout=out, stderr=err, start_new_session=True
            )
        served = Served(process, chosen, database, folder, tls="--tls" in options)
        if _wait_until_ready(served):
            return served
        # Another process may have been given the port between our look and the start.
        if port or "choose another with --port" not in served.stderr:
            break
    served.kill()
    raise AssertionError(f"the server did not start: {served.stderr}")


def _wait_until_ready(served):
    deadline = time.monotonic() + START_S
    with httpx.Client(verify=False, timeout=ANSWER_S) as client:  # readiness, not identity
        while served.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                return client.get(f"{served.base_url}/healthz").status_code == 200
            time.sleep(POLL_S)
    return False


def child_pids(pid):
    """The processes that a process has started and that still run."""
    table = processes()
    return [child for child, (parent, state) in table.items() if parent == pid and state != "Z"]


def processes():
    """The parent and the state of every process of this machine; Z is one that has ended."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            state, parent = path.read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
            found[int(path.parent.name)] = int(parent), state
    return found or _listed_processes()


def _listed_processes():
    """The same where there is no /proc."""
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return {int(pid): (int(parent), state[0]) for pid, parent, state in rows}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, *, within_s, what="the condition"):
    """Wait until something holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not hold within {within_s} s"
        time.sleep(POLL_S)


# --- clients --------------------------------------------------------------------------------

DEMO = (VONAGE_KEY, VONAGE_SECRET)


def client_of(served, auth=DEMO):
    """A client that sends Basic credentials, as every SDK since 2023 does."""
    return httpx.Client(base_url=served.base_url, auth=auth, timeout=ANSWER_S)


def access_client(served, tenant):
    """A client that sends an access key, as the MessageBird SDKs do."""
    return httpx.Client(base_url=served.base_url, headers=tenant.access, timeout=ANSWER_S)


def bird_client(served, tenant):
    """A client that sends an access key, as Bird's pages show it."""
    headers = {"Authorization": f"AccessKey {tenant.bird_key}"}
    return httpx.Client(base_url=served.base_url, headers=headers, timeout=ANSWER_S)


def sinch_client(served, tenant):
    """A client that sends Basic credentials below its project's path."""
    url = f"{served.base_url}/v1/projects/{tenant.project}"
    return httpx.Client(base_url=url, auth=tenant.auth, timeout=ANSWER_S)


class RawAnswer(msgspec.Struct):
    """An answer as it came from the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    took_s: float

    def json(self):
        return msgspec.json.decode(self.body)


BASIC = httpx.BasicAuth(*DEMO)._auth_header
SINCH_BASIC = f"Authorization: {httpx.BasicAuth(SINCH_KEY, SINCH_SECRET)._auth_header}"
"""The header line of the demo's credentials at the Sinch door."""


def request_bytes(target, *lines, method="GET", body=b"", host="localhost", version="HTTP/1.1"):
    """A request, byte by byte, with the demo's credentials.

    Args:
        target: What stands after the method; text goes out as Latin-1.
        lines: More header lines; one for Authorization takes the place of the demo's.
        method: The method.
        body: The body; its length is told unless a line says how it comes.
        host: The Host, or None for a request without.
        version: The protocol.
    """
    names = {line.partition(":")[0].lower() for line in lines}
    head = [f"{method} {target} {version}"]
    if host is not None:
        head.append(f"Host: {host}")
    if "authorization" not in names:
        head.append(f"Authorization: {BASIC}")
    if body and not names & {"content-length", "transfer-encoding"}:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, *lines, "", ""]).encode("latin-1") + body


def exchange(served, request, *, timeout_s=ANSWER_S):
    """Send bytes on a connection of their own and read the one answer.

    A server that answers before it has read everything may close meanwhile.
    """
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", served.port), timeout_s) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        method = request.partition(b" ")[0].decode("latin-1")
        response = http.client.HTTPResponse(connection, method=method)
        try:
            response.begin()
            body = response.read()
        finally:
            response.close()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return RawAnswer(response.status, headers, body, time.monotonic() - begun)


def babble(served, content):
    """Send bytes that may be no request and hang up; returns whatever comes back."""
    received = b""
    with socket.create_connection(("127.0.0.1", served.port), ANSWER_S) as connection:
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        except TimeoutError:  # it may hang up at any moment, but not fall silent
            raise
        except OSError:
            pass
    return received


def fullwidth(digits):
    """Digits as East Asian keyboards type them, which Python takes for digits too."""
    return "".join(chr(0xFF10 + int(digit)) for digit in digits)


def arabic(digits):
    """Arabic-Indic digits."""
    return "".join(chr(0x0660 + int(digit)) for digit in digits)


# --- what is in a database ------------------------------------------------------------------

OFFER_TERMS = OfferTerms(
    country="GB",
    type=NumberType.MOBILE,
    capabilities=Capability.SMS | Capability.VOICE,
    setup_price_micros=UNIT // 2,
    monthly_price_micros=UNIT,
    quarantine_days=0,
)
"""Terms of a stock that a test makes for itself: 0.50 and 1.00 a month, no rest."""

RENTAL_MICROS = OFFER_TERMS.setup_price_micros + OFFER_TERMS.monthly_price_micros


class Tenant(msgspec.Struct):
    """An account with its credentials: key and secret for Vonage, access keys for the others."""

    account_id: str
    key: str
    secret: str
    access_key: str
    bird_key: str
    organization: str
    workspace: str
    project: str

    @property
    def auth(self):
        return self.key, self.secret

    @property
    def access(self):
        """The header of a client that speaks to MessageBird."""
        return {"Authorization": f"AccessKey {self.access_key}"}

    @property
    def stock_path(self):
        """Where Bird shows the stock to this tenant."""
        return f"/organizations/{self.organization}/numbers-stock-items"

    @property
    def workspace_path(self):
        """Below what Bird shows this tenant's numbers."""
        return f"/workspaces/{self.workspace}"


_serial = itertools.count(1)


def open_tenants(database_url, count=1, **values):
    """Open accounts in a database, which a server may be using, with credentials for each door."""
    database = open_database(database_url)
    try:
        with database.reading() as connection:
            hash_key = queries.server_secret(connection, "hash_key")
        tenants = [_new_tenant(f"tenant-{os.getpid()}-{next(_serial)}") for _ in range(count)]
        perform(database, SystemClock(), _openings(tenants, hash_key, values))
    finally:
        database.close()
    return tenants


def _new_tenant(account_id):
    secrets = (new_secret() for _ in range(3))
    return Tenant(
        account_id,
        new_key(),
        *secrets,
        *default_scope(Door.BIRD, account_id),
        *default_scope(Door.SINCH, account_id),
    )


def _openings(tenants, hash_key, values):
    for tenant in tenants:
        yield c.OpenAccount(account=make_account(tenant.account_id, **values))
        for door, key, secret, scope in (
            (Door.VONAGE, tenant.key, tenant.secret, ()),
            (Door.MESSAGEBIRD, fingerprint(tenant.access_key, hash_key), tenant.access_key, ()),
            (
                *(Door.BIRD, fingerprint(tenant.bird_key, hash_key), tenant.bird_key),
                (tenant.organization, tenant.workspace),
            ),
            (Door.SINCH, tenant.key, tenant.secret, (tenant.project,)),
        ):
            yield c.IssueCredential(
                credential=Credential(
                    door=door,
                    key=key,
                    account_id=tenant.account_id,
                    secret_hash=hash_secret(secret, hash_key),
                    issued_at=Instant(0),
                    scope=scope,
                )
            )


def tables_of(database_url, *names):
    """Every row of some tables."""
    database = open_database(database_url)
    try:
        return [all_rows(database, tables.metadata.tables[name]) for name in names]
    finally:
        database.close()


def charges(database_url, account_id):
    """The ledger of an account: reason, number and millionths of each entry, oldest first."""
    (entries,) = tables_of(database_url, "ledger_entry")
    own = (entry for entry in entries if entry["account_id"] == account_id)
    ordered = sorted(own, key=lambda e: (e["at"], e["writer_id"], e["seq"], e["line"]))
    return [(e["reason"], str(e["number"]), e["amount_micros"]) for e in ordered]


@functools.cache
def demo_numbers(country):
    """The demo's numbers of a country, ascending, each with its terms."""
    found = [
        (chunk * CHUNK_SIZE + offset, terms)
        for terms, chunks in demo_stock().items()
        if terms.country == country
        for chunk, offsets in chunks.items()
        for offset in offsets
    ]
    return sorted(found, key=lambda pair: pair[0])


# --- the command line -----------------------------------------------------------------------


class Ran(msgspec.Struct):
    """What a command has printed, and its exit code."""

    code: int
    out: str
    err: str


def numberline(*arguments):
    """Run a command of the command line in this process; an escaped exception fails the test."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["numberline", *arguments]),
        mock.patch.dict(os.environ, {"COLUMNS": "200"}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code or 0
    return Ran(code, out.getvalue(), err.getvalue())
