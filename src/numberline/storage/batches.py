"""What a batch of the register reads and writes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from numberline.core.accounts import Account, Credential, Wallet
from numberline.core.rows import Entry, Event, NumberRow
from numberline.storage import rows, tables
from numberline.storage.engines import BulkInsert, Database


class VersionConflict(Exception):
    """Another process wrote a row, or spent a wallet, between our reading and our writing."""


class WalletChange(msgspec.Struct):
    """What a batch adds to a wallet, and how far that wallet may fall; in millionths."""

    amount_micros: int
    floor_micros: int


WalletChanges = Mapping[tuple[str, str], WalletChange]
"""Changes by account and currency."""


class BatchStatements:
    """The statements of the register, compiled once for its database.

    Reads name their keys in one list parameter; writes are bulk inserts that say how many rows
    held. None of them depends on the size of the batch.
    """

    def __init__(self, database: Database) -> None:
        def by_keys(column: sa.Column[Any]) -> sa.Select[Any]:
            return sa.select(column.table).where(database.any_of(column))

        self._select_numbers: Final = by_keys(tables.number.c.number)
        self._select_accounts: Final = by_keys(tables.account.c.account_id)
        self._select_wallets: Final = by_keys(tables.wallet.c.account_id)
        self._select_credentials: Final = by_keys(tables.credential.c.key)
        self._move_stream_end: Final = (
            sa.update(tables.writer)
            .where(tables.writer.c.writer_id == sa.bindparam("own_id"))
            .values(last_seq=sa.bindparam("last_seq"))
        )
        self._insert_numbers: Final = database.bulk_insert(tables.number, _newer_version)
        self._insert_entries: Final = database.bulk_insert(tables.ledger_entry)
        self._insert_events: Final = database.bulk_insert(tables.event)
        self._insert_wallets: Final = database.bulk_insert(tables.wallet, _above_floor)
        self._insert_accounts: Final = database.bulk_insert(tables.account)
        self._insert_credentials: Final = database.bulk_insert(tables.credential, _same_key)

    def numbers(self, connection: sa.Connection, keys: Collection[int]) -> list[NumberRow]:
        """The rows of these numbers, where they have one."""
        found = connection.execute(self._select_numbers, {"keys": list(keys)})
        return [rows.number_row(row) for row in found]

    def accounts(self, connection: sa.Connection, keys: Collection[str]) -> list[Account]:
        """These accounts, where they exist."""
        found = connection.execute(self._select_accounts, {"keys": list(keys)})
        return [rows.account_row(row) for row in found]

    def wallets(self, connection: sa.Connection, keys: Collection[str]) -> list[Wallet]:
        """Every wallet of these accounts."""
        found = connection.execute(self._select_wallets, {"keys": list(keys)})
        return [rows.wallet_row(row) for row in found]

    def credentials(self, connection: sa.Connection, keys: Collection[str]) -> list[Credential]:
        """The credentials with these keys, of any door."""
        found = connection.execute(self._select_credentials, {"keys": list(keys)})
        return [rows.credential_row(row) for row in found]

    def write_numbers(self, connection: sa.Connection, numbers: Sequence[NumberRow]) -> None:
        """Write number rows, each one version on from the one that was read.

        They go in ascending order, so that two processes never wait for each other.

        Raises:
            VersionConflict: A row has moved on since.
        """
        ordered = sorted(numbers, key=lambda row: row.number)
        values = [rows.number_values(row) for row in ordered]
        _write_all(self._insert_numbers, connection, values)

    def write_wallets(self, connection: sa.Connection, changes: WalletChanges) -> None:
        """Move wallets by what a batch adds to them.

        Raises:
            VersionConflict: A wallet would now fall below its floor.
        """
        ordered = sorted(changes.items())
        values = [(*key, change.amount_micros, change.floor_micros) for key, change in ordered]
        _write_all(self._insert_wallets, connection, values)

    def write_accounts(self, connection: sa.Connection, accounts: Sequence[Account]) -> None:
        """Add accounts."""
        self._insert_accounts(connection, [rows.account_values(row) for row in accounts])

    def write_credentials(
        self, connection: sa.Connection, credentials: Sequence[Credential]
    ) -> None:
        """Add credentials, or write their revocation."""
        self._insert_credentials(connection, [rows.credential_values(row) for row in credentials])

    def append(
        self,
        connection: sa.Connection,
        events: Sequence[tuple[Event, Sequence[Entry]]],
        *,
        writer_id: int,
        first_seq: int,
        at: int,
    ) -> None:
        """Append events to a writer's stream, with the ledger entries that each caused."""
        event_rows = []
        entry_rows = []
        for seq, (event, entries) in enumerate(events, first_seq):
            event_rows.append(rows.event_values(event, writer_id, seq, at))
            for line, entry in enumerate(entries):
                entry_rows.append(rows.entry_values(entry, writer_id, seq, line, at))
        self._insert_events(connection, event_rows)
        if entry_rows:
            self._insert_entries(connection, entry_rows)
        end = {"own_id": writer_id, "last_seq": first_seq + len(events) - 1}
        connection.execute(self._move_stream_end, end)

    def stands(self, connection: sa.Connection, writer_id: int, seq: int) -> bool:
        """Whether an event was committed; settles a commit whose answer was lost."""
        event = tables.event.c
        found = sa.select(event.seq).where(event.writer_id == writer_id, event.seq == seq)
        return connection.execute(found).first() is not None


def _write_all(
    insert: BulkInsert, connection: sa.Connection, values: Sequence[rows.Values]
) -> None:
    if insert(connection, values) != len(values):
        raise VersionConflict


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
        set_={"balance_micros": balance, "floor_micros": insert.excluded.floor_micros},
        where=balance >= insert.excluded.floor_micros,
    )


def _same_key(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["door", "key"],
        set_={"revoked_at": insert.excluded.revoked_at},
        where=tables.credential.c.account_id == insert.excluded.account_id,
    )
