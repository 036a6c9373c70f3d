"""A batch: the outcome of several commands, to be committed as one transaction."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from numberline.core.commands import Command
from numberline.core.decisions import Decision
from numberline.core.instants import Instant
from numberline.core.rows import Entry, Event, NumberRow
from numberline.register.view import BatchView
from numberline.storage.batches import BatchStatements, PoolChange, WalletChange


class Settled(Protocol):
    """What waits for the outcome of a command: a future of asyncio or of threads."""

    def done(self) -> bool:
        """Whether nobody waits any more."""
        ...

    def set_result(self, result: Any, /) -> None:
        """Hand the reply over."""
        ...

    def set_exception(self, exception: Any, /) -> None:
        """Hand the refusal over."""
        ...


Question = Callable[[sa.Connection], Any]
"""What reads something from the database."""


class Outcome(msgspec.Struct, frozen=True):
    """What has come of a ticket: a reply, or the error that its caller is told."""

    reply: Any = None
    error: Exception | None = None


class Ticket(msgspec.Struct):
    """A command or a question in the register's queue, and its outcome once it has one."""

    asked: Any
    future: Settled
    outcome: Outcome = Outcome()

    @property
    def is_question(self) -> bool:
        """Whether it reads rather than commands."""
        return callable(self.asked)

    @property
    def command(self) -> Command:
        """What is to be decided."""
        command: Command = self.asked
        return command

    @property
    def question(self) -> Question:
        """What is to be read."""
        question: Question = self.asked
        return question

    def settle(self) -> None:
        """Hand the outcome to who waits for it."""
        if self.future.done():
            return
        if self.outcome.error is None:
            self.future.set_result(self.outcome.reply)
        else:
            self.future.set_exception(self.outcome.error)


class Batch:
    """The decisions of a batch, gathered into what is written.

    Attributes:
        at: When they were made.
        events: The events to append.
    """

    def __init__(self, view: BatchView, at: Instant) -> None:
        self.at = at
        self._view = view
        self._versions: dict[int, int] = {}
        self._numbers: dict[int, NumberRow] = {}
        self._wallets: dict[tuple[str, str], WalletChange] = {}
        self._pools: dict[str, PoolChange] = {}
        self.events: list[Event] = []
        self._decisions: list[Decision] = []

    def add(self, decision: Decision) -> None:
        """Take a decision in, and let later ones see it."""
        for row in decision.numbers:
            self._versions.setdefault(row.number, row.version)
            self._numbers[row.number] = row
        for entry in decision.entries:
            self._add_entry(entry)
        for pools in decision.pools:
            before = self._view.pools(pools.account_id)
            self._pools.setdefault(pools.account_id, PoolChange(before, pools)).after = pools
        self.events.extend(decision.events)
        self._decisions.append(decision)
        self._view.apply(decision)

    def _add_entry(self, entry: Entry) -> None:
        key = (entry.account_id, entry.currency)
        change = self._wallets.get(key)
        if change is None:
            payer = self._view.account(entry.account_id)
            floor_micros = -payer.credit_limit_micros if payer else 0
            change = self._wallets[key] = WalletChange(0, floor_micros)
        change.amount_micros += entry.wallet_change_micros

    def write(
        self,
        statements: BatchStatements,
        connection: sa.Connection,
        *,
        writer_id: int,
        first_seq: int,
    ) -> None:
        """Write everything with a handful of bulk statements.

        Raises:
            VersionConflict: Another process was there first.
        """
        accounts = [row for decision in self._decisions for row in decision.accounts]
        credentials = [row for decision in self._decisions for row in decision.credentials]
        # Of two secrets for one account the later is written, for a row is written once.
        secrets = {
            row.account_id: row for decision in self._decisions for row in decision.webhook_secrets
        }
        with statements.together(connection):
            if self._numbers:
                statements.write_numbers(connection, self.rows())
            if accounts:
                statements.write_accounts(connection, accounts)
            if credentials:
                statements.write_credentials(connection, credentials)
            if self._pools:
                statements.write_pools(connection, [*self._pools.values()])
            if secrets:
                statements.write_webhook_secrets(connection, list(secrets.values()))
            if self._wallets:
                statements.write_wallets(connection, self._wallets)
            statements.append(
                connection, self.events, writer_id=writer_id, first_seq=first_seq, at=self.at
            )

    def rows(self) -> list[NumberRow]:
        """The number rows to write; one that was decided about twice moves one version on."""
        return [
            row
            if row.version == self._versions[row.number]
            else msgspec.structs.replace(row, version=self._versions[row.number])
            for row in self._numbers.values()
        ]
