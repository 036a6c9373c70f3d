"""Databases: a URL in, an engine out; what SQLite and PostgreSQL do differently stands here."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError

from numberline.core.errors import InvalidValue

BUSY_TIMEOUT_S: Final = 10.0
"""How long SQLite waits for another process's transaction."""

CONNECT_TIMEOUT_S: Final = 10
"""How long PostgreSQL may take to answer a new connection."""

OnConflict = Callable[[Any], Any]
"""Adds an ``on conflict`` clause to either dialect's insert, and returns it."""


class BulkInsert(Protocol):
    """One prepared statement that writes any number of rows in one go."""

    def __call__(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Write rows, each with a value for every column of the table in its order.

        Returns:
            How many rows were written; a row that an ``on conflict ... where`` turned away
            is not among them.
        """
        ...


class Database:
    """An engine, and the statements whose form depends on it."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writer = engine.execution_options(numberline_writes=True)
        self._insert: Any = sqlite.insert if self.is_sqlite else postgresql.insert

    def bulk_insert(self, table: sa.Table, on_conflict: OnConflict | None = None) -> BulkInsert:
        """The bulk insert for a table, compiled once.

        SQLite runs a prepared statement for each row; PostgreSQL takes a column as an array
        and unnests them, so that the statement's text never changes with the number of rows.
        """
        return (
            self._per_row(table, on_conflict)
            if self.is_sqlite
            else self._unnest(table, on_conflict)
        )

    def insert(self, table: sa.Table) -> Any:
        """The dialect's own insert, which knows ``on conflict``."""
        return self._insert(table)

    def any_of(self, column: sa.Column[Any]) -> sa.ColumnElement[bool]:
        """A condition that holds where the column is one of the list bound as ``keys``."""
        if self.is_sqlite:
            return column.in_(sa.bindparam("keys", expanding=True))
        keys = sa.bindparam("keys", type_=postgresql.ARRAY(column.type))
        return column == sa.any_(keys)

    def _compile(self, statement: Any, on_conflict: OnConflict | None) -> Any:
        if on_conflict is not None:
            statement = on_conflict(statement)
        return statement.compile(dialect=self.engine.dialect)

    def _per_row(self, table: sa.Table, on_conflict: OnConflict | None) -> BulkInsert:
        values: dict[str, Any] = {c.name: sa.bindparam(c.name) for c in table.columns}
        sql = str(self._compile(self._insert(table).values(values), on_conflict))

        def write(connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> int:
            return connection.exec_driver_sql(sql, list(rows)).rowcount

        return write

    def _unnest(self, table: sa.Table, on_conflict: OnConflict | None) -> BulkInsert:
        columns = list(table.columns)
        arrays = [
            sa.bindparam(column.name, type_=postgresql.ARRAY(_array_type(column)))
            for column in columns
        ]
        names = [column.name for column in columns]
        source = sa.func.unnest(*arrays).table_valued(*names, name="given")
        chosen = [sa.cast(source.c[column.name], column.type) for column in columns]
        statement = self._insert(table).from_select(names, sa.select(*chosen))
        sql = str(self._compile(statement, on_conflict))

        def write(connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> int:
            arrays = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
            return connection.exec_driver_sql(sql, arrays).rowcount

        return write

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection whose statements see one state of the database."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that commits at the end, or rolls back on an error."""
        with self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give every pooled connection back."""
        self.engine.dispose()


def _array_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """The element type in which a column travels: JSON goes as the text that it is."""
    return sa.Text() if isinstance(column.type, sa.JSON) else column.type


def open_database(url: str) -> Database:
    """The database of a URL.

    Args:
        url: ``sqlite:///path/to/file.db``, or ``postgresql://user@host/name``.

    Raises:
        InvalidValue: The URL is none, or names another kind of database.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise InvalidValue("--database", f"{url!r} is not a database URL") from error
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return Database(_sqlite_engine(parsed))
    if kind in ("postgresql", "postgres"):
        return Database(_postgresql_engine(parsed.set(drivername="postgresql+psycopg")))
    raise InvalidValue(
        "--database",
        f"{url!r} names no file and no server; use sqlite:///path/to/file.db"
        " or postgresql://user@host/name",
    )


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None},
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer that begins as a reader may find another writer in its way and cannot wait.
        writes = connection.get_execution_options().get("numberline_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql_engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "prepare_threshold": 1},
        pool_pre_ping=True,
        hide_parameters=True,
    )
