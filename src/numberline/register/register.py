"""The register: the one writer of a process.

Requests put commands in its queue; it takes whatever waits, decides one after another over the
same rows, writes the outcome in one transaction, and only then lets anyone know. A commit costs
the same for one rental as for fifty, so the busier the server, the cheaper each rental.
"""

import threading
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog

from numberline.core.accounts import Account
from numberline.core.commands import Command
from numberline.core.decisions import decide
from numberline.core.errors import (
    CommandFailed,
    NumberlineError,
    RegisterBusy,
    RegisterClosed,
    Unavailable,
)
from numberline.core.instants import Clock, Instant
from numberline.core.rows import Event, NumberRow
from numberline.register.batch import Batch, Settled, Ticket
from numberline.register.view import BatchView, Catalogue, Keys
from numberline.storage.batches import BatchStatements, VersionConflict
from numberline.storage.engines import Database
from numberline.storage.streams import open_stream

QUEUE_COMMANDS_MAX: Final = 20_000
"""How many commands may wait; beyond it the register says that it is busy."""

BATCH_COMMANDS_MAX: Final = 512
"""How many commands share a transaction at the most."""

RECONNECT_PAUSES_S: Final = (0.0, 0.1, 0.4)
"""How long to wait after each attempt at a database that does not answer."""

ATTEMPTS_MAX: Final = 8
"""How often a batch is decided again after other processes were first."""

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


class Doubtful(msgspec.Struct, frozen=True):
    """A batch that may have been committed: the connection broke before the answer came."""

    committed: Committed
    first_seq: int


CONNECTION_ERRORS: Final = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,
)
"""Errors of the database's connection or state rather than of a statement."""

Deliver = Callable[[Committed], None]
"""Called on the register's thread after each batch; it must see to `Committed.settle`."""


class Register:
    """The batching writer.

    Attributes:
        writer_id: The stream of the feed that this register appends to.
    """

    def __init__(
        self, database: Database, *, clock: Clock, catalogue: Catalogue, deliver: Deliver
    ) -> None:
        self.writer_id = open_stream(database, clock.now())
        self._database = database
        self._statements = BatchStatements(database)
        self._clock = clock
        self._catalogue = catalogue
        self._deliver = deliver
        self._accounts: dict[str, Account] = {}
        self._next_seq = 1
        self._doubtful: Doubtful | None = None
        self._connection: sa.Connection | None = None
        self._queue: SimpleQueue[Ticket | None] = SimpleQueue()
        self._closed = False
        self._door = threading.Lock()
        """Held for a moment by who puts something in the queue, so that nothing follows its end."""
        self._thread = threading.Thread(target=self._run, name="register", daemon=True)
        self._thread.start()

    def submit(self, command: Command, future: Settled) -> None:
        """Put a command in the queue; its outcome goes to the future once it is committed.

        Raises:
            RegisterBusy: Too many commands wait already.
            RegisterClosed: The register takes nothing any more.
        """
        with self._door:
            if self._closed:
                raise RegisterClosed("the server is shutting down")
            if self._queue.qsize() >= QUEUE_COMMANDS_MAX:
                raise RegisterBusy("too many commands wait; try again")
            self._queue.put(Ticket(command, future))

    def close(self) -> None:
        """Commit what waits, then stop; returns when it is done."""
        with self._door:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    # --- the register's own thread ----------------------------------------------------------

    def _run(self) -> None:
        open_ = True
        while open_:
            tickets, open_ = self._take()
            if tickets:
                committed = self._commit(tickets)
                try:
                    self._deliver(committed)
                except Exception:
                    log.exception("outcome_not_delivered", commands=len(tickets))
        self._disconnect()

    def _take(self) -> tuple[list[Ticket], bool]:
        """Whatever waits, and whether more may come; sleeps while nothing waits."""
        tickets: list[Ticket] = []
        ticket = self._queue.get()
        while ticket is not None:
            tickets.append(ticket)
            if len(tickets) == BATCH_COMMANDS_MAX or self._queue.empty():
                return tickets, True
            ticket = self._queue.get()
        return tickets, False

    def _commit(self, tickets: list[Ticket]) -> Committed:
        """Commit a batch; one that fails as a whole is tried again command by command.

        Only a database that does not answer fails them all, after it has had time to come back.
        """
        failure: Exception = RegisterBusy()
        for pause_s in RECONNECT_PAUSES_S:
            try:
                return self._attempt_repeatedly(tickets)
            except CONNECTION_ERRORS as error:
                log.warning("database_does_not_answer", commands=len(tickets), exc_info=True)
                failure = error
                time.sleep(pause_s)
            except Exception as error:  # noqa: BLE001  whatever it is, each waiting caller is told
                if len(tickets) > 1:
                    return _merged([self._commit([ticket]) for ticket in tickets])
                failure = error
                break
        log.error("commands_failed", commands=len(tickets), exc_info=failure)
        for ticket in tickets:
            ticket.error = _for_caller(failure)
        return Committed(tickets, [], [])

    def _attempt_repeatedly(self, tickets: list[Ticket]) -> Committed:
        for _ in range(ATTEMPTS_MAX - 1):
            try:
                return self._attempt(tickets)
            except VersionConflict:
                continue
        return self._attempt(tickets)

    def _attempt(self, tickets: list[Ticket]) -> Committed:
        batch: Batch | None = None
        try:
            connection = self._connection = self._connection or self._database.writer()
            with self._database.transaction(connection):
                earlier = self._settle_doubt(connection)
                if earlier is not None and earlier.tickets is tickets:
                    return earlier
                now = self._clock.now()
                view = self._load(connection, tickets)
                batch = Batch(view)
                for ticket in tickets:
                    self._decide(ticket, view, batch, now)
                if batch.events:
                    batch.write(
                        self._statements,
                        connection,
                        writer_id=self.writer_id,
                        first_seq=self._next_seq,
                        at=now,
                    )
        except sa.exc.IntegrityError as error:
            raise VersionConflict from error
        except CONNECTION_ERRORS:
            if batch is not None and batch.events:
                self._doubtful = Doubtful(_committed(tickets, batch), self._next_seq)
            self._disconnect()
            raise
        self._next_seq += len(batch.events)
        committed = _committed(tickets, batch)
        return committed if earlier is None else _merged([_unheard(earlier), committed])

    def _disconnect(self) -> None:
        """Give the connection back; the next batch takes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _settle_doubt(self, connection: sa.Connection) -> Committed | None:
        """The batch whose commit was never answered, if it turns out to stand."""
        doubtful, self._doubtful = self._doubtful, None
        if doubtful is None:
            return None
        try:
            stands = self._statements.stands(connection, self.writer_id, doubtful.first_seq)
        except sa.exc.DBAPIError:
            self._doubtful = doubtful
            raise
        if not stands:
            return None
        self._next_seq = doubtful.first_seq + len(doubtful.committed.events)
        return doubtful.committed

    def _decide(self, ticket: Ticket, view: BatchView, batch: Batch, now: Instant) -> None:
        try:
            decision = decide(ticket.command, view, now)
        except NumberlineError as refusal:
            ticket.error = refusal
        else:
            batch.add(decision)
            ticket.reply, ticket.error = decision.reply, None

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
        view = BatchView(self._catalogue)
        view.load(
            numbers=numbers,
            accounts=[*accounts, *payers],
            wallets=wallets,
            credentials=credentials,
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


def _committed(tickets: list[Ticket], batch: Batch) -> Committed:
    return Committed(tickets, batch.rows(), [event for event, _ in batch.events])


def _unheard(earlier: Committed) -> Committed:
    """A commit whose callers have been told that the database does not answer."""
    return Committed([], earlier.numbers, earlier.events)


def _merged(parts: list[Committed]) -> Committed:
    merged = Committed([], [], [])
    for part in parts:
        merged.tickets.extend(part.tickets)
        merged.numbers.extend(part.numbers)
        merged.events.extend(part.events)
    return merged
