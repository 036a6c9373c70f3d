"""The committer: a batch of commands in, one transaction out, whatever happens on the way."""

import time
from collections.abc import Iterable
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog

from numberline.core.accounts import Account
from numberline.core.decisions import decide
from numberline.core.errors import (
    CommandFailed,
    NumberlineError,
    RegisterBusy,
    Unavailable,
)
from numberline.core.instants import Clock
from numberline.core.rows import Event, NumberRow
from numberline.register.batch import Batch, Outcome, Ticket
from numberline.register.view import BatchView, Catalogue, Keys
from numberline.storage.batches import BatchStatements, VersionConflict
from numberline.storage.engines import Database
from numberline.storage.stock import read_offers

RECONNECT_PAUSES_S: Final = (0.0, 0.1, 0.4)
"""How long to wait after each attempt at a database that does not answer."""

ATTEMPTS_MAX: Final = 8
"""How often a batch is decided again after other processes were first."""

CONNECTION_ERRORS: Final = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,
)
"""Errors of the database's connection or state rather than of a statement."""

log = structlog.get_logger()


class Committed(msgspec.Struct, frozen=True):
    """What a batch has made of its commands; `numbers` are the rows as they now stand."""

    tickets: list[Ticket]
    numbers: list[NumberRow]
    events: list[Event]

    def settle(self) -> None:
        """Hand every outcome to who waits for it."""
        for ticket in self.tickets:
            ticket.settle()


class Doubt(msgspec.Struct, frozen=True):
    """A batch that may have been committed: the connection broke before the answer came."""

    tickets: list[Ticket]
    outcomes: list[Outcome]
    batch: Batch
    first_seq: int

    @property
    def next_seq(self) -> int:
        """The place in the stream after the batch."""
        return self.first_seq + len(self.batch.events)


class Committer:
    """Decides batches and writes them; used by one thread.

    Attributes:
        writer_id: The stream of the feed to which it appends.
    """

    def __init__(
        self, database: Database, writer_id: int, *, clock: Clock, catalogue: Catalogue
    ) -> None:
        self.writer_id = writer_id
        self._database = database
        self._statements = BatchStatements(database)
        self._clock = clock
        self._catalogue = catalogue
        self._connection: sa.Connection | None = None
        self._accounts: dict[str, Account] = {}
        self._next_seq = 1
        self._doubts: list[Doubt] = []

    def commit(self, tickets: list[Ticket]) -> Committed:
        """Commit a batch; one that fails as a whole is tried again command by command.

        Only a database that does not answer fails them all, after it has had time to come back.
        """
        failure: Exception = RegisterBusy()
        for pause_s in RECONNECT_PAUSES_S:
            try:
                return self._attempt_repeatedly(tickets)
            except CONNECTION_ERRORS as error:
                log.warning("database_does_not_answer", commands=len(tickets), why=str(error))
                failure = error
                time.sleep(pause_s)
            except Exception as error:  # noqa: BLE001  whatever it is, each waiting caller is told
                if len(tickets) > 1:
                    return _merged([self.commit([ticket]) for ticket in tickets])
                failure = error
                break
        log.error("commands_failed", commands=len(tickets), exc_info=failure)
        for ticket in tickets:
            ticket.outcome = Outcome(error=_for_caller(failure))
        return Committed(tickets, [], [])

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _attempt_repeatedly(self, tickets: list[Ticket]) -> Committed:
        for _ in range(ATTEMPTS_MAX - 1):
            try:
                return self._attempt(tickets)
            except VersionConflict:
                continue
        return self._attempt(tickets)

    def _attempt(self, tickets: list[Ticket]) -> Committed:
        batch: Batch | None = None
        first_seq = self._next_seq
        try:
            connection = self._connection = self._connection or self._database.writer()
            with self._database.transaction(connection):
                standing = self._standing(connection)
                first_seq = max([first_seq, *(doubt.next_seq for doubt in standing)])
                if not any(doubt.tickets is tickets for doubt in standing):
                    batch = self._decide(connection, tickets)
                if batch is not None and batch.events:
                    batch.write(
                        self._statements, connection, writer_id=self.writer_id, first_seq=first_seq
                    )
        except sa.exc.IntegrityError as error:
            raise VersionConflict from error
        except CONNECTION_ERRORS:
            if batch is not None and batch.events:
                outcomes = [ticket.outcome for ticket in tickets]
                self._doubts.append(Doubt(tickets, outcomes, batch, first_seq))
            self._disconnect()
            raise
        self._next_seq = first_seq + (len(batch.events) if batch else 0)
        return self._resolved(tickets, batch, standing)

    def _resolved(
        self, tickets: list[Ticket], batch: Batch | None, standing: list[Doubt]
    ) -> Committed:
        """A commit, with earlier ones that turned out to stand although nobody was told."""
        # What does not stand and has lost its place in the stream can never stand.
        self._doubts = [
            doubt
            for doubt in self._doubts
            if doubt not in standing and doubt.first_seq >= self._next_seq
        ]
        parts = []
        for doubt in standing:
            if doubt.tickets is tickets:
                for ticket, outcome in zip(tickets, doubt.outcomes, strict=True):
                    ticket.outcome = outcome
            parts.append(_committed(doubt.batch))
        if batch is not None:
            parts.append(_committed(batch))
        return _merged([Committed(tickets, [], []), *parts])

    def _standing(self, connection: sa.Connection) -> list[Doubt]:
        """The doubtful batches that stand, by the first event of each."""
        return [
            doubt
            for doubt in self._doubts
            if self._statements.stands(
                connection,
                doubt.batch.events[0],
                writer_id=self.writer_id,
                seq=doubt.first_seq,
                at=doubt.batch.at,
            )
        ]

    def _disconnect(self) -> None:
        """Let go of a connection that broke; the next batch takes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _decide(self, connection: sa.Connection, tickets: list[Ticket]) -> Batch:
        """Decide all commands over the rows that they may need."""
        at = self._clock.now()
        view = self._load(connection, tickets)
        batch = Batch(view, at)
        for ticket in tickets:
            try:
                decision = decide(ticket.command, view, at)
            except NumberlineError as refusal:
                ticket.outcome = Outcome(error=refusal)
            else:
                batch.add(decision)
                ticket.outcome = Outcome(reply=decision.reply)
        return batch

    def _load(self, connection: sa.Connection, tickets: list[Ticket]) -> BatchView:
        """The rows that the commands may need, in a view."""
        keys = Keys(ticket.command for ticket in tickets)
        accounts = self._load_accounts(connection, keys.accounts)
        payers = self._load_accounts(connection, {row.payer_id for row in accounts})
        numbers, wallets, credentials = self._statements.read(
            connection,
            numbers=keys.numbers,
            wallets={row.account_id for row in payers},
            credentials=keys.credentials,
        )
        # After the numbers, so that every living pool that a number names is among them.
        pools = self._statements.pools(connection, keys.pools) if keys.pools else ()
        view = BatchView(self._catalogue)
        if not all(self._catalogue.knows(row.offer_id) for row in numbers):
            view.load(offers=read_offers(connection).values())
        view.load(
            numbers=numbers,
            accounts=[*accounts, *payers],
            wallets=wallets,
            credentials=credentials,
            pools=pools,
        )
        return view

    def _load_accounts(self, connection: sa.Connection, keys: Iterable[str]) -> list[Account]:
        """Accounts, from memory where they were read before: an account never changes."""
        missing = [key for key in keys if key not in self._accounts]
        if missing:
            found = self._statements.accounts(connection, missing)
            self._accounts.update((account.account_id, account) for account in found)
        return [self._accounts[key] for key in keys if key in self._accounts]


def _for_caller(error: Exception) -> NumberlineError:
    """A failure as its caller may see it: the database's words stay in the log."""
    if isinstance(error, VersionConflict):
        return RegisterBusy("other processes were first each time; try again")
    if isinstance(error, CONNECTION_ERRORS):
        return Unavailable("the database does not answer; try again")
    return CommandFailed("the command could not be carried out; the server's log says why")


def _committed(batch: Batch) -> Committed:
    """What a batch has written, without those who asked for it."""
    return Committed([], batch.rows(), batch.events)


def _merged(parts: list[Committed]) -> Committed:
    merged = Committed([], [], [])
    for part in parts:
        merged.tickets.extend(part.tickets)
        merged.numbers.extend(part.numbers)
        merged.events.extend(part.events)
    return merged
