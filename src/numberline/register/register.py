"""The register: the one writer of a process.

Requests put commands in its queue; it takes whatever waits, decides one after another over the
same rows, writes the outcome in one transaction, and only then lets anyone know. A commit costs
the same for one rental as for fifty, so the busier the server, the cheaper each rental.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

import structlog

from numberline.core.commands import Command
from numberline.core.errors import RegisterBusy, RegisterClosed
from numberline.core.instants import Clock
from numberline.register.batch import Outcome, Question, Settled, Ticket
from numberline.register.committer import Committed, Committer
from numberline.register.view import Catalogue
from numberline.storage.engines import Database
from numberline.storage.streams import open_stream

QUEUE_COMMANDS_MAX: Final = 20_000
"""How many commands may wait; beyond it the register says that it is busy."""

BATCH_COMMANDS_MAX: Final = 512
"""How many commands share a transaction at the most."""

log = structlog.get_logger()

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
        self._deliver = deliver
        self._committer = Committer(database, self.writer_id, clock=clock, catalogue=catalogue)
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
        self._put(Ticket(command, future))

    def ask(self, question: Question, future: Settled) -> None:
        """Read something between two batches.

        The answer is delivered after every commit of this register that it may have seen, and
        before every one that it has not.

        Raises:
            RegisterBusy: Too many commands wait already.
            RegisterClosed: The register takes nothing any more.
        """
        self._put(Ticket(question, future))

    def _put(self, ticket: Ticket) -> None:
        with self._door:
            if self._closed:
                raise RegisterClosed("the server is shutting down")
            if self._queue.qsize() >= QUEUE_COMMANDS_MAX:
                raise RegisterBusy("too many commands wait; try again")
            self._queue.put(ticket)

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
            commands = [ticket for ticket in tickets if not ticket.is_question]
            if commands:
                self._hand_over(self._committer.commit(commands))
            for ticket in tickets:
                if ticket.is_question:
                    self._answer(ticket)
                    self._hand_over(Committed([ticket], [], []))
        self._committer.close()

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

    def _answer(self, ticket: Ticket) -> None:
        try:
            with self._database.reading() as connection:
                ticket.outcome = Outcome(reply=ticket.question(connection))
        except Exception as error:  # noqa: BLE001  whoever asked is told
            ticket.outcome = Outcome(error=error)

    def _hand_over(self, committed: Committed) -> None:
        try:
            self._deliver(committed)
        except Exception:
            log.exception("outcome_not_delivered", commands=len(committed.tickets))
