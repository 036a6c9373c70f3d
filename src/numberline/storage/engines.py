"""Databases: a URL in, an engine out; what SQLite and PostgreSQL do differently stands here."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from numberline.core.errors import InvalidValue

BUSY_TIMEOUT_S: Final = 10.0
"""How long SQLite waits for another process's transaction."""

CONNECT_TIMEOUT_S: Final = 10
"""How long PostgreSQL may take to answer a new connection."""

_encode: Final = msgspec.json.Encoder().encode

OnConflict = Callable[[Any], Any]
"""Adds an ``on conflict`` clause to either dialect's insert, and returns it."""


Count = Callable[[], int]
Fetch = Callable[[], list[tuple[Any, ...]]]


class BulkInsert(Protocol):
    """One prepared statement that writes any number of rows in one go."""

    def __call__(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> Count:
        """Write rows, each with a value for every column of the table in its order.

        Returns:
            What tells how many rows were written; a row that an ``on conflict ... where``
            turned away is not among them. Inside `Database.pipeline` ask it at the end.
        """
        ...


class BulkSelect(Protocol):
    """One prepared statement that reads the rows of any number of keys."""

    def __call__(self, connection: sa.Connection, keys: Collection[Any]) -> Fetch:
        """Ask for the rows whose key is among these.

        Returns:
            What fetches them, as the driver gives them. Inside `Database.pipeline` the first
            fetch waits for all that was asked before.
        """
        ...


class EachDelete(Protocol):
    """One prepared statement that deletes a row, for as many rows as are named."""

    def __call__(self, connection: sa.Connection, keys: Sequence[tuple[Any, ...]]) -> None:
        """Delete rows, each named by a value for every column of the key in its order."""
        ...


class Database:
    """An engine, and the statements whose form depends on it.

    Bulk statements are compiled once and go straight to the driver's cursor: the register runs
    eight of them for each batch, and SQLAlchemy's own execution cost as much as the driver's.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writer = engine.execution_options(numberline_writes=True)
        self._reader = (
            engine
            if self.is_sqlite
            else engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._insert: Any = sqlite.insert if self.is_sqlite else postgresql.insert

    def bulk_insert(self, table: sa.Table, on_conflict: OnConflict | None = None) -> BulkInsert:
        """The bulk insert for a table.

        SQLite runs a prepared statement for each row; PostgreSQL takes a column as an array
        and unnests them, so that the statement's text never changes with the number of rows.
        """
        if self.is_sqlite:
            return self._insert_per_row(table, on_conflict)
        return self._insert_unnested(table, on_conflict)

    def bulk_select(
        self, columns: Iterable[sa.ColumnElement[Any]], key: sa.Column[Any]
    ) -> BulkSelect:
        """The statement that reads these columns where the key is one of a list.

        The list goes as one parameter: JSON for SQLite, an array for PostgreSQL.
        """
        if self.is_sqlite:
            given = sa.func.json_each(sa.bindparam("keys")).table_valued("value")
            condition: sa.ColumnElement[bool] = key.in_(sa.select(given.c.value))
        else:
            array = sa.bindparam("keys", type_=postgresql.ARRAY(key.type))
            condition = key == sa.any_(array)
        sql = self._compile(sa.select(*columns).where(condition))

        def read(connection: sa.Connection, keys: Collection[Any]) -> Fetch:
            literal = _encode(list(keys)).decode() if self.is_sqlite else _array_literal(keys)
            sent = (literal,) if self.is_sqlite else {"keys": literal}
            fetch: Fetch = _cursor(connection).execute(sql, sent).fetchall
            return fetch

        return read

    def each_delete(self, table: sa.Table) -> EachDelete:
        """The statement that deletes a row of a table by its primary key.

        It runs once for each row, and so goes straight to where that row lies.
        """
        columns = [*table.primary_key.columns]
        names = [column.name for column in columns]
        condition = sa.and_(*(column == sa.bindparam(column.name) for column in columns))
        sql = self._compile(sa.delete(table).where(condition))

        def delete(connection: sa.Connection, keys: Sequence[tuple[Any, ...]]) -> None:
            rows = keys if self.is_sqlite else [dict(zip(names, key, strict=True)) for key in keys]
            _cursor(connection).executemany(sql, rows)

        return delete

    def _compile(self, statement: Any) -> str:
        return str(statement.compile(dialect=self.engine.dialect))

    def _insert_per_row(self, table: sa.Table, on_conflict: OnConflict | None) -> BulkInsert:
        values: dict[str, Any] = {c.name: sa.bindparam(c.name) for c in table.columns}
        statement = self._insert(table).values(values)
        sql = self._compile(on_conflict(statement) if on_conflict else statement)

        def write(connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> Count:
            cursor = _cursor(connection).executemany(sql, rows)
            return lambda: int(cursor.rowcount)

        return write

    def _insert_unnested(self, table: sa.Table, on_conflict: OnConflict | None) -> BulkInsert:
        names = [column.name for column in table.columns]
        arrays = [
            sa.bindparam(column.name, type_=postgresql.ARRAY(_array_type(column)))
            for column in table.columns
        ]
        source = sa.func.unnest(*arrays).table_valued(*names, name="given").render_derived()
        chosen = [sa.cast(source.c[column.name], column.type) for column in table.columns]
        statement = self._insert(table).from_select(names, sa.select(*chosen))
        sql = self._compile(on_conflict(statement) if on_conflict else statement)

        def write(connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> Count:
            literals = map(_array_literal, zip(*rows, strict=True))
            sent = dict(zip(names, literals, strict=True))
            cursor = _cursor(connection).execute(sql, sent)
            return lambda: int(cursor.rowcount)

        return write

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection whose statements see one state of the database."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that commits at the end, or rolls back on an error."""
        with self._writer.connect() as connection, self.transaction(connection):
            yield connection

    def writer(self) -> sa.Connection:
        """A connection for many `transaction`s, each of which finds its rows by key."""
        connection = self._writer.connect()
        if self.is_sqlite:
            return connection
        try:
            # Prepared while the tables are small, a plan that reads them whole would be kept.
            connection.exec_driver_sql("set enable_seqscan = off")
            connection.commit()
        except sa.exc.DBAPIError:
            connection.close()
            raise
        return connection

    @contextmanager
    def transaction(self, connection: sa.Connection) -> Iterator[None]:
        """A transaction on a connection that was made to write."""
        with connection.begin():
            try:
                yield
            except self.engine.dialect.loaded_dbapi.Error as error:
                raise self._wrapped(error, connection) from error

    @contextmanager
    def pipeline(self, connection: sa.Connection) -> Iterator[None]:
        """Send the bulk statements inside without waiting for the answer to each.

        PostgreSQL answers them in one round trip; SQLite has none to save.
        """
        if self.is_sqlite:
            yield
            return
        driver_connection: Any = connection.connection.dbapi_connection
        with driver_connection.pipeline():
            yield

    def _wrapped(self, error: Exception, connection: sa.Connection) -> sa.exc.DBAPIError:
        """An error of the driver in SQLAlchemy's dress; a lost connection is not used again."""
        dialect = self.engine.dialect
        driver_connection: Any = connection.connection.dbapi_connection
        lost = dialect.is_disconnect(error, driver_connection, None)  # type: ignore[arg-type]
        if lost:
            connection.invalidate(error)
        wrapped = sa.exc.DBAPIError.instance(
            None, None, error, dialect.loaded_dbapi.Error, connection_invalidated=lost
        )
        return (
            wrapped
            if isinstance(wrapped, sa.exc.DBAPIError)
            else sa.exc.DBAPIError(None, None, error)
        )

    def close(self) -> None:
        """Give every pooled connection back."""
        self.engine.dispose()


class HoldsText(FunctionElement[bool]):
    """Whether a list of texts, which is a member of a JSON column's object, holds a text."""

    inherit_cache = True
    type = sa.Boolean()

    def __init__(self, column: sa.Column[Any], member: str, text: str) -> None:
        super().__init__(column, sa.literal(member), sa.literal(text))


@compiles(HoldsText, "sqlite")
def _holds_text_on_sqlite(element: HoldsText, compiler: Any, **options: Any) -> str:
    column, member, text = element.clauses
    each = sa.func.json_each(column, "$." + member).table_valued("value")
    return str(compiler.process(text.in_(sa.select(each.c.value)), **options))


@compiles(HoldsText, "postgresql")
def _holds_text_on_postgresql(element: HoldsText, compiler: Any, **options: Any) -> str:
    column, member, text = element.clauses
    texts = sa.cast(column, postgresql.JSONB)[member]
    return str(compiler.process(texts.has_key(text), **options))


class ByBytes(FunctionElement[str]):
    """A text that is compared by its bytes, in whatever language the database is."""

    inherit_cache = True
    type = sa.Text()


@compiles(ByBytes, "sqlite")
def _by_bytes_on_sqlite(element: ByBytes, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(ByBytes, "postgresql")
def _by_bytes_on_postgresql(element: ByBytes, compiler: Any, **options: Any) -> str:
    return f'(({compiler.process(element.clauses, **options)}) collate "C")'


class EachText(FunctionElement[str]):
    """The texts of a list that is a member of a JSON column's object, a row for each.

    Use it as a table, with ``table_valued("value", joins_implicitly=True)``.
    """

    inherit_cache = True
    type = sa.Text()

    def __init__(self, column: sa.Column[Any], member: str) -> None:
        super().__init__(column, sa.literal(member))


@compiles(EachText, "sqlite")
def _each_text_on_sqlite(element: EachText, compiler: Any, **options: Any) -> str:
    column, member = element.clauses
    return str(compiler.process(sa.func.json_each(column, "$." + member.value), **options))


@compiles(EachText, "postgresql")
def _each_text_on_postgresql(element: EachText, compiler: Any, **options: Any) -> str:
    column, member = element.clauses
    texts = sa.cast(column, postgresql.JSONB)[member]
    return str(compiler.process(sa.func.jsonb_array_elements_text(texts), **options))


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()


def _array_literal(values: Iterable[Any]) -> str:
    """A column as PostgreSQL writes an array; the driver's own way took half of a batch."""
    return "{" + ",".join(map(_array_element, values)) + "}"


def _array_element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'"\\\\x{value.hex()}"' if isinstance(value, bytes) else str(value)


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
        kind = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        kind = ""
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return Database(_sqlite_engine(parsed))
    if kind in ("postgresql", "postgres"):
        return Database(_postgresql_engine(parsed.set(drivername="postgresql+psycopg")))
    shown = re.sub(r"//.*@", "//***@", url)
    raise InvalidValue(
        "--database",
        f"{shown!r} names no file and no server; use sqlite:///path/to/file.db"
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
