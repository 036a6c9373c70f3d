"""A tap on the wire between the program and its database."""

import itertools
import sqlite3
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa


class Wire:
    """The way of every statement to the database, with something that happens before some.

    Args:
        database: The database, from which no connection is taken yet.
    """

    def __init__(self, database):
        self._actions = {}
        self._is_sqlite = database.is_sqlite
        wire = self

        class SQLiteCursor(sqlite3.Cursor):
            def execute(self, statement, *args):
                wire.before(statement)
                return super().execute(statement, *args)

            def executemany(self, statement, *args):
                wire.before(statement)
                return super().executemany(statement, *args)

        class SQLiteConnection(sqlite3.Connection):
            def cursor(self, factory=SQLiteCursor):
                return super().cursor(factory)

        class PostgreSQLCursor(psycopg.Cursor):
            def execute(self, statement, *args, **options):
                wire.before(str(statement))
                return super().execute(statement, *args, **options)

        @sa.event.listens_for(database.engine, "do_connect")
        def connect(_dialect, _record, _args, options):
            if database.is_sqlite:
                options["factory"] = SQLiteConnection
            else:
                options["cursor_factory"] = PostgreSQLCursor

    def before(self, statement):
        """What happens before a statement is sent."""
        for words, action in list(self._actions.items()):
            if words in statement:
                action()

    @contextmanager
    def doing(self, words, action, *, times):
        """While the block runs, do something before each of so many statements with these words."""
        left = itertools.count(times, -1)

        def act():
            if next(left) > 0:
                action()

        self._actions[words] = act
        try:
            yield
        finally:
            del self._actions[words]

    def failing(self, words, *, times):
        """While the block runs, so many statements with these words get no answer."""
        return self.doing(words, self._fail, times=times)

    def _fail(self):
        error = sqlite3.OperationalError if self._is_sqlite else psycopg.OperationalError
        raise error("the server has gone")
