"""What a batch of the register reads and writes."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from numberline.core.accounts import Account, Credential, Wallet, WebhookSecret
from numberline.core.pools import Pool, PoolSet
from numberline.core.rows import Event, NumberRow
from numberline.storage import rows, tables
from numberline.storage.engines import BulkInsert, Count, Database


class VersionConflict(Exception):
    """Another process wrote a row, or spent a wallet, between our reading and our writing."""


class WalletChange(msgspec.Struct):
    """What a batch adds to a wallet, and how far that wallet may fall; in millionths."""

    amount_micros: int
    floor_micros: int


class PoolChange(msgspec.Struct):
    """All pools of an account as a batch found them, and as it leaves them."""

    before: PoolSet
    after: PoolSet


WalletChanges = Mapping[tuple[str, str], WalletChange]
"""Changes by account and currency."""


class BatchStatements:
    """The statements of the register, compiled once for its database.

    Reads name their keys in one list parameter; writes are bulk inserts that say how many rows
    held. None of them depends on the size of the batch. One thread at a time uses them.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._unchecked: list[tuple[Count, int]] | None = None
        select = database.bulk_select
        self._select_numbers: Final = select(rows.NUMBER_COLUMNS, tables.number.c.number)
        self._select_accounts: Final = select(tables.account.c, tables.account.c.account_id)
        self._select_wallets: Final = select(tables.wallet.c, tables.wallet.c.account_id)
        self._select_credentials: Final = select(tables.credential.c, tables.credential.c.key)
        self._select_pools: Final = select(tables.pool.c, tables.pool.c.account_id)
        self._select_revisions: Final = select(
            tables.pool_revision.c, tables.pool_revision.c.account_id
        )
        self._move_stream: Final = database.bulk_insert(tables.writer, _further_on)
        self._insert_numbers: Final = database.bulk_insert(tables.number, _newer_version)
        self._insert_entries: Final = database.bulk_insert(tables.ledger_entry)
        self._insert_events: Final = database.bulk_insert(tables.event)
        self._insert_wallets: Final = database.bulk_insert(tables.wallet, _above_floor)
        self._insert_accounts: Final = database.bulk_insert(tables.account)
        self._insert_credentials: Final = database.bulk_insert(tables.credential)
        self._insert_webhooks: Final = database.bulk_insert(tables.webhook)
        self._insert_webhook_secrets: Final = database.bulk_insert(
            tables.webhook_secret, _latest_secret
        )
        self._revoke_credentials: Final = database.bulk_insert(tables.credential, _not_yet_revoked)
        self._move_revisions: Final = database.bulk_insert(tables.pool_revision, _next_revision)
        self._insert_pools: Final = database.bulk_insert(tables.pool)
        self._delete_pools: Final = database.each_delete(tables.pool)

    def read(
        self,
        connection: sa.Connection,
        *,
        numbers: Collection[int],
        wallets: Collection[str],
        credentials: Collection[str],
    ) -> tuple[list[NumberRow], list[Wallet], list[Credential]]:
        """Numbers, the wallets of accounts, and credentials by key, in one round trip."""
        with self._database.pipeline(connection):
            some_numbers = self._select_numbers(connection, numbers) if numbers else list
            some_wallets = self._select_wallets(connection, wallets) if wallets else list
            some_keys = self._select_credentials(connection, credentials) if credentials else list
        return (
            [rows.number_row(row) for row in some_numbers()],
            [Wallet(*row[:3]) for row in some_wallets()],
            [rows.credential_row(row) for row in some_keys()],
        )

    def numbers(self, connection: sa.Connection, keys: Collection[int]) -> list[NumberRow]:
        """The rows of these numbers, where they have one."""
        return self.read(connection, numbers=keys, wallets=(), credentials=())[0]

    def accounts(self, connection: sa.Connection, keys: Collection[str]) -> list[Account]:
        """These accounts, where they exist."""
        return [rows.account_row(row) for row in self._select_accounts(connection, keys)()]

    def pools(self, connection: sa.Connection, accounts: Collection[str]) -> list[PoolSet]:
        """All pools of these accounts, where they ever had one.

        The revisions are read before the pools: if another process changes these in between, ours
        has an old revision and is not written.
        """
        with self._database.pipeline(connection):
            revisions = self._select_revisions(connection, accounts)
            found = self._select_pools(connection, accounts)
        by_account: dict[str, list[Pool]] = defaultdict(list)
        for row in found():
            pool = rows.pool_row(row)
            by_account[pool.account_id].append(pool)
        return [
            PoolSet(account_id=account_id, revision=revision, pools=tuple(by_account[account_id]))
            for account_id, revision in revisions()
        ]

    @contextmanager
    def together(self, connection: sa.Connection) -> Iterator[None]:
        """Make the writes inside in one round trip, and check them at its end.

        Raises:
            VersionConflict: One of them did not hold.
        """
        unchecked: list[tuple[Count, int]] = []
        self._unchecked = unchecked
        try:
            with self._database.pipeline(connection):
                yield
        finally:
            self._unchecked = None
        for count, expected in unchecked:
            if count() != expected:
                raise VersionConflict

    def write_numbers(self, connection: sa.Connection, numbers: Sequence[NumberRow]) -> None:
        """Write number rows, each one version on from the one that was read.

        They go in ascending order, so that two processes never wait for each other.

        Raises:
            VersionConflict: A row has moved on since.
        """
        ordered = sorted(numbers, key=lambda row: row.number)
        values = [rows.number_values(row) for row in ordered]
        self._write_all(self._insert_numbers, connection, values)

    def write_wallets(self, connection: sa.Connection, changes: WalletChanges) -> None:
        """Move wallets by what a batch adds to them.

        Raises:
            VersionConflict: A wallet would now fall below its floor.
        """
        # A database checks the row of an insert before it finds that there is one already; so
        # the floor of a first row gives way, for on an old row only its own floor counts.
        values = [
            (*key, change.amount_micros, min(change.floor_micros, change.amount_micros))
            for key, change in sorted(changes.items())
        ]
        self._write_all(self._insert_wallets, connection, values)

    def write_accounts(self, connection: sa.Connection, accounts: Sequence[Account]) -> None:
        """Add accounts."""
        self._insert_accounts(connection, [rows.account_values(row) for row in accounts])

    def write_credentials(
        self, connection: sa.Connection, credentials: Sequence[Credential]
    ) -> None:
        """Add credentials, and write revocations.

        Raises:
            VersionConflict: Another process has revoked one.
        """
        issued = [rows.credential_values(row) for row in credentials if row.revoked_at is None]
        revoked = [rows.credential_values(row) for row in credentials if row.revoked_at]
        if issued:
            self._insert_credentials(connection, issued)
        if revoked:
            self._write_all(self._revoke_credentials, connection, revoked)

    def write_pools(self, connection: sa.Connection, changes: Sequence[PoolChange]) -> None:
        """Write pools over those that were read.

        A pool that changed is deleted and inserted anew, all deletions first: so pools may swap
        their names within a batch. The revisions come first, so that of two processes that change
        the pools of one account the second waits there, before it has touched any.

        Raises:
            VersionConflict: The pools of an account have changed since they were read.
        """
        ordered = sorted(changes, key=lambda change: change.before.account_id)
        revisions = [(each.before.account_id, each.before.revision + 1) for each in ordered]
        self._write_all(self._move_revisions, connection, revisions)
        gone = [
            (pool.account_id, pool.pool_id)
            for change in ordered
            for pool in change.before.pools
            if pool not in change.after.pools
        ]
        new = [
            rows.pool_values(pool)
            for change in ordered
            for pool in change.after.pools
            if pool not in change.before.pools
        ]
        if gone:
            self._delete_pools(connection, gone)
        if new:
            self._insert_pools(connection, new)

    def write_webhook_secrets(
        self, connection: sa.Connection, secrets: Sequence[WebhookSecret]
    ) -> None:
        """Replace the secrets of accounts, of each once."""
        ordered = sorted(secrets, key=lambda row: row.account_id)
        self._insert_webhook_secrets(
            connection, [rows.webhook_secret_values(row) for row in ordered]
        )

    def _write_all(
        self, insert: BulkInsert, connection: sa.Connection, values: Sequence[rows.Values]
    ) -> None:
        count = insert(connection, values)
        if self._unchecked is not None:
            self._unchecked.append((count, len(values)))
        elif count() != len(values):
            raise VersionConflict

    def append(
        self,
        connection: sa.Connection,
        events: Sequence[Event],
        *,
        writer_id: int,
        first_seq: int,
        at: int,
    ) -> None:
        """Append events to a writer's stream, with the ledger entries that each caused.

        Those that are told to the owner of a number go into the outbox as well.
        """
        event_rows = []
        entry_rows = []
        webhook_rows = []
        for seq, event in enumerate(events, first_seq):
            event_rows.append(rows.event_values(event, writer_id, seq, at))
            for line, entry in enumerate(event.entries):
                entry_rows.append(rows.entry_values(entry, writer_id, seq, line, at))
            if event.callback:
                told = rows.callback_values(event, event.callback, writer_id, seq, at)
                webhook_rows.append(told)
        self._insert_events(connection, event_rows)
        if entry_rows:
            self._insert_entries(connection, entry_rows)
        if webhook_rows:
            self._insert_webhooks(connection, webhook_rows)
        last_seq = first_seq + len(events) - 1
        self._move_stream(connection, [(writer_id, at, last_seq)])

    def stands(
        self, connection: sa.Connection, event: Event, *, writer_id: int, seq: int, at: int
    ) -> bool:
        """Whether an event was committed at its place in a stream.

        Settles a commit whose answer was lost.
        """
        c = tables.event.c
        query = sa.select(c.kind, c.number, c.account_id, c.at).where(
            c.writer_id == writer_id, c.seq == seq
        )
        found = connection.execute(query).first()
        wanted = (event.kind.value, event.number, event.account_id, at)
        return found is not None and tuple(found) == wanted


def _newer_version(insert: Any) -> Any:
    columns = [c.name for c in tables.number.columns if c.name != "number"]
    return insert.on_conflict_do_update(
        index_elements=["number"],
        set_={name: insert.excluded[name] for name in columns},
        where=tables.number.c.version == insert.excluded.version - sa.literal_column("1"),
    )


def _above_floor(insert: Any) -> Any:
    balance = tables.wallet.c.balance_micros + insert.excluded.balance_micros
    return insert.on_conflict_do_update(
        index_elements=["account_id", "currency"],
        set_={"balance_micros": balance},
        where=balance >= tables.wallet.c.floor_micros,
    )


def _not_yet_revoked(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["door", "key"],
        set_={"revoked_at": insert.excluded.revoked_at},
        where=tables.credential.c.revoked_at.is_(None),
    )


def _next_revision(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["account_id"],
        set_={"revision": insert.excluded.revision},
        where=tables.pool_revision.c.revision == insert.excluded.revision - sa.literal_column("1"),
    )


def _latest_secret(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["account_id"],
        set_={"secret": insert.excluded.secret, "updated_at": insert.excluded.updated_at},
    )


def _further_on(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["writer_id"], set_={"last_seq": insert.excluded.last_seq}
    )
