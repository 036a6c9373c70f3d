"""The outbox: what is to be told, what is due, and what came of it.

Events go in with `BatchStatements.append`, in the transaction of the change. A delivery's row is
then written only over the version that was read, like a number's, so that of two workers one is
first, whatever either believes.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from numberline.core.instants import Instant
from numberline.core.webhooks import Attempt, Delivery, DeliveryState
from numberline.storage import rows, tables
from numberline.storage.engines import Database
from numberline.storage.streams import StoredEvent, stored_event

Place = tuple[int, int]
"""A place in the feed: the writer and the sequence number."""

_webhook: Final = tables.webhook.c
_event: Final = tables.event.c
_DELIVERY_COLUMNS: Final = len(tables.webhook.columns)


class Told(msgspec.Struct, frozen=True):
    """A delivery and the event that it tells."""

    delivery: Delivery
    event: StoredEvent


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the outbox passes over.

    Attributes:
        hosts: Hosts that have enough to do.
        only_hosts: Where given, the only hosts to look at.
        numbers: Numbers of which something is being sent.
    """

    hosts: Collection[str] = ()
    only_hosts: Collection[str] | None = None
    numbers: Collection[int] = ()


class DeliveryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries to list; what is None does not filter."""

    account_id: str | None = None
    number: int | None = None
    state: DeliveryState | None = None


def leased_numbers(connection: sa.Connection, now: Instant) -> dict[int, str]:
    """The numbers of which something is being sent now, in any process, and to which host."""
    query = sa.select(_webhook.number, _webhook.host).where(
        _webhook.leased_until > now, _webhook.number.is_not(None)
    )
    return {row.number: row.host for row in connection.execute(query)}


def due_deliveries(
    connection: sa.Connection, now: Instant, elsewhere: Elsewhere, *, limit: int
) -> list[Told]:
    """Deliveries that are due and that no worker sees to, the longest overdue first.

    Those of one number that were not tried yet come in the order of their events.
    """
    conditions = [
        tables.PENDING,
        _webhook.next_at <= now,
        sa.or_(_webhook.leased_until.is_(None), _webhook.leased_until <= now),
    ]
    if elsewhere.hosts:
        conditions.append(_webhook.host.not_in(elsewhere.hosts))
    if elsewhere.only_hosts is not None:
        conditions.append(_webhook.host.in_(elsewhere.only_hosts))
    if elsewhere.numbers:
        free = _webhook.number.not_in(elsewhere.numbers)
        conditions.append(sa.or_(_webhook.number.is_(None), free))
    order = (_webhook.next_at, _webhook.writer_id, _webhook.seq)
    query = sa.select(tables.webhook).where(*conditions).order_by(*order).limit(limit)
    found = _with_events(connection, query)
    return sorted(found, key=lambda told: (told.delivery.next_at, *told.delivery.key))


def _with_events(connection: sa.Connection, query: sa.Select[Any]) -> list[Told]:
    """Deliveries with their events, in no order.

    The events are joined to what was chosen, and not to all that it was chosen from.
    """
    chosen = query.subquery()
    same = (chosen.c.writer_id == _event.writer_id) & (chosen.c.seq == _event.seq)
    joined = sa.select(chosen, tables.event).join(tables.event, same)
    return [
        Told(rows.delivery_row(row[:_DELIVERY_COLUMNS]), stored_event(row[_DELIVERY_COLUMNS:]))
        for row in connection.execute(joined)
    ]


def pending_deliveries(
    connection: sa.Connection, callbacks: Collection[tuple[int | None, str]]
) -> list[Delivery]:
    """What is still to be told of these numbers to these URLs."""
    numbers = {number for number, _ in callbacks if number is not None}
    query = sa.select(tables.webhook).where(tables.PENDING, _webhook.number.in_(numbers))
    found = map(rows.delivery_row, connection.execute(query))
    return [delivery for delivery in found if (delivery.number, delivery.url) in callbacks]


def read_deliveries(connection: sa.Connection, places: Collection[Place]) -> list[Delivery]:
    """The deliveries at these places of the feed."""
    key = sa.tuple_(_webhook.writer_id, _webhook.seq)
    query = sa.select(tables.webhook).where(key.in_(places))
    return [rows.delivery_row(row) for row in connection.execute(query)]


def find_told(connection: sa.Connection, place: Place) -> Told | None:
    """The delivery at a place of the feed, with its event."""
    writer_id, seq = place
    query = sa.select(tables.webhook).where(_webhook.writer_id == writer_id, _webhook.seq == seq)
    return next(iter(_with_events(connection, query)), None)


def list_told(connection: sa.Connection, filter_: DeliveryFilter, *, limit: int) -> list[Told]:
    """Deliveries with their events, the newest first."""
    conditions = []
    if filter_.account_id is not None:
        conditions.append(_webhook.account_id == filter_.account_id)
    if filter_.number is not None:
        conditions.append(_webhook.number == filter_.number)
    if filter_.state is not None:
        conditions.append(_webhook.state == filter_.state.value)
    order = (_webhook.created_at.desc(), _webhook.writer_id.desc(), _webhook.seq.desc())
    query = sa.select(tables.webhook).where(*conditions).order_by(*order).limit(limit)
    found = _with_events(connection, query)
    newest_first = sorted(found, key=lambda told: (told.delivery.created_at, *told.delivery.key))
    return newest_first[::-1]


def attempts_of(connection: sa.Connection, place: Place) -> list[Attempt]:
    """The attempts of a delivery, the first one first."""
    c = tables.webhook_attempt.c
    writer_id, seq = place
    query = (
        sa.select(tables.webhook_attempt)
        .where(c.writer_id == writer_id, c.seq == seq)
        .order_by(c.version)
    )
    return [rows.attempt_row(row) for row in connection.execute(query)]


class OutboxStatements:
    """What workers write, compiled once for its database. One thread at a time uses them."""

    def __init__(self, database: Database) -> None:
        self._write: Final = database.bulk_insert(tables.webhook, _newer_version)
        self._record: Final = database.bulk_insert(tables.webhook_attempt, _unless_recorded)

    def write(self, connection: sa.Connection, deliveries: Iterable[Delivery]) -> int:
        """Write deliveries, each one version on from the one that was read.

        They go in the order of their places, so that two processes never wait for each other.

        Returns:
            How many held; the others had moved on, and stay as they are.
        """
        ordered = sorted(deliveries, key=lambda delivery: delivery.key)
        if not ordered:
            return 0
        return self._write(connection, [rows.delivery_values(row) for row in ordered])()

    def record(
        self, connection: sa.Connection, attempts: Iterable[tuple[Delivery, Attempt]]
    ) -> None:
        """Add attempts, each with its delivery as it stands after it."""
        values = [rows.attempt_values(delivery, attempt) for delivery, attempt in attempts]
        if values:
            self._record(connection, values)


def _newer_version(insert: Any) -> Any:
    columns = [column.name for column in tables.webhook.columns if not column.primary_key]
    return insert.on_conflict_do_update(
        index_elements=["writer_id", "seq"],
        set_={name: insert.excluded[name] for name in columns},
        where=tables.webhook.c.version == insert.excluded.version - sa.literal_column("1"),
    )


def _unless_recorded(insert: Any) -> Any:
    """A commit whose answer was lost is made again."""
    return insert.on_conflict_do_nothing()
