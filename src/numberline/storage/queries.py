"""What is read outside the register: lists, look-ups and what falls due."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from numberline.core.accounts import Account, Credential, Door, Wallet
from numberline.core.instants import Instant
from numberline.core.lifecycle import OWNED, State
from numberline.core.pools import Pool
from numberline.core.rows import NumberRow
from numberline.storage import rows, tables
from numberline.storage.engines import ByBytes, EachText, HoldsText


class OwnedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which of an account's numbers to list; what is None does not filter.

    Each of `globs` is matched against the number's whole digits, with ``*`` and ``?``.
    """

    account_id: str
    offer_ids: Collection[int] | None = None
    globs: tuple[str, ...] = ()
    application_id: str | None = None
    has_application: bool | None = None
    tags: tuple[str, ...] = ()
    """What a number must be tagged with, all of them."""

    pool_id: str | None = None


class PoolFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which of an account's pools to list; what is None does not filter."""

    account_id: str
    name: str | None = None
    service: str | None = None


class PageCut(msgspec.Struct, frozen=True, kw_only=True):
    """Which page of a list: at most `limit` numbers, after `offset` others.

    Where `after` is given, the list is cut behind that number first; `descending` turns it round.
    Where `by_name` is true, display names count before numbers, also in `after`.
    """

    limit: int
    offset: int = 0
    after: int | tuple[str, int] | None = None
    descending: bool = False
    by_name: bool = False


def owned_numbers(
    connection: sa.Connection, filter_: OwnedFilter, cut: PageCut
) -> tuple[list[NumberRow], int]:
    """A page of the numbers that an account rents, and how many there are on all pages."""
    key = _order_key(cut)
    conditions = _owned_conditions(filter_)
    total = sa.select(sa.func.count()).select_from(tables.number).where(*conditions)
    page = (
        sa.select(*rows.NUMBER_COLUMNS)
        .where(*conditions)
        .order_by(*(column.desc() if cut.descending else column for column in key))
        .limit(cut.limit)
        .offset(cut.offset)
    )
    if cut.after is not None:
        before = sa.tuple_(*key)
        after = sa.tuple_(*(cut.after if isinstance(cut.after, tuple) else (cut.after,)))
        page = page.where(before < after if cut.descending else before > after)
    count: int = connection.execute(total).scalar_one()
    found = connection.execute(page) if cut.offset < count else ()
    return [rows.number_row(row) for row in found], count


def _order_key(cut: PageCut) -> tuple[sa.ColumnElement[Any], ...]:
    """What a list is ordered by; whatever the database's language, names go by their bytes."""
    number = tables.number.c.number
    if not cut.by_name:
        return (number,)
    name = tables.number.c.configuration["display_name"].as_string()
    return ByBytes(sa.func.coalesce(name, "")), number


def _owned_conditions(filter_: OwnedFilter) -> list[sa.ColumnElement[bool]]:
    c = tables.number.c
    application_id = c.configuration["application_id"].as_string()
    conditions = [
        c.account_id == filter_.account_id,
        c.state.in_([state.value for state in OWNED]),
    ]
    if filter_.offer_ids is not None:
        conditions.append(c.offer_id.in_(filter_.offer_ids))
    for glob in filter_.globs:
        like = glob.replace("*", "%").replace("?", "_")
        conditions.append(sa.cast(c.number, sa.Text).like(like))
    if filter_.application_id is not None:
        conditions.append(application_id == filter_.application_id)
    if filter_.has_application is not None:
        linked = application_id.is_not(None)
        conditions.append(linked if filter_.has_application else ~linked)
    conditions += [HoldsText(c.configuration, "tags", tag) for tag in filter_.tags]
    if filter_.pool_id is not None:
        conditions.append(HoldsText(c.configuration, "pools", filter_.pool_id))
    return conditions


def list_pools(
    connection: sa.Connection, filter_: PoolFilter, *, limit: int, offset: int
) -> tuple[list[Pool], int]:
    """A page of the pools of an account, the oldest first, and how many there are."""
    c = tables.pool.c
    conditions = [c.account_id == filter_.account_id]
    if filter_.name is not None:
        conditions.append(c.name == filter_.name)
    if filter_.service is not None:
        conditions.append(c.service == filter_.service)
    total = sa.select(sa.func.count()).select_from(tables.pool).where(*conditions)
    page = (
        sa.select(tables.pool)
        .where(*conditions)
        .order_by(c.created_at, c.pool_id)
        .limit(limit)
        .offset(offset)
    )
    count: int = connection.execute(total).scalar_one()
    found = connection.execute(page) if offset < count else ()
    return [rows.pool_row(row) for row in found], count


def pool_sizes(connection: sa.Connection, account_id: str) -> dict[str, int]:
    """How many of the numbers that an account rents are in each pool that has any."""
    each = EachText(tables.number.c.configuration, "pools")
    pool_id = each.table_valued("value", joins_implicitly=True).c.value
    query = (
        sa.select(pool_id, sa.func.count().label("size"))
        .select_from(tables.number)
        .where(*_owned_conditions(OwnedFilter(account_id=account_id)))
        .group_by(pool_id)
    )
    return {row.value: row.size for row in connection.execute(query)}


def number_row(connection: sa.Connection, number: int) -> NumberRow | None:
    """The row of a number that has left the stock at least once."""
    query = sa.select(*rows.NUMBER_COLUMNS).where(tables.number.c.number == number)
    row = connection.execute(query).first()
    return rows.number_row(row) if row else None


def due_numbers(connection: sa.Connection, now: Instant, *, limit: int) -> list[tuple[int, State]]:
    """Numbers whose state has come to its end, the longest overdue first."""
    c = tables.number.c
    query = sa.select(c.number, c.state).where(c.due_at <= now).order_by(c.due_at).limit(limit)
    return [(row.number, State(row.state)) for row in connection.execute(query)]


def numbers_with_work(connection: sa.Connection, now: Instant, *, limit: int) -> list[NumberRow]:
    """Numbers at whose provisioning a worker has to look, the longest waiting first."""
    c = tables.number.c
    query = sa.select(*rows.NUMBER_COLUMNS).where(c.work_at <= now).order_by(c.work_at).limit(limit)
    return [rows.number_row(row) for row in connection.execute(query)]


def find_account(connection: sa.Connection, account_id: str) -> Account | None:
    """An account by its identifier."""
    query = sa.select(tables.account).where(tables.account.c.account_id == account_id)
    row = connection.execute(query).first()
    return rows.account_row(row) if row else None


def list_accounts(connection: sa.Connection) -> list[Account]:
    """Every account, the oldest first."""
    c = tables.account.c
    query = sa.select(tables.account).order_by(c.created_at, c.account_id)
    return [rows.account_row(row) for row in connection.execute(query)]


def list_wallets(connection: sa.Connection, account_id: str) -> list[Wallet]:
    """The wallets of an account by currency."""
    c = tables.wallet.c
    query = sa.select(tables.wallet).where(c.account_id == account_id).order_by(c.currency)
    return [
        Wallet(row.account_id, row.currency, row.balance_micros)
        for row in connection.execute(query)
    ]


def count_owned(connection: sa.Connection) -> dict[str, int]:
    """How many numbers each account rents."""
    c = tables.number.c
    query = (
        sa.select(c.account_id, sa.func.count().label("owned"))
        .where(c.state.in_([state.value for state in OWNED]))
        .group_by(c.account_id)
    )
    return {row.account_id: row.owned for row in connection.execute(query)}


def ledger_entries(connection: sa.Connection, account_id: str) -> Sequence[sa.Row[Any]]:
    """The ledger of an account, the oldest entry first."""
    c = tables.ledger_entry.c
    query = (
        sa.select(tables.ledger_entry)
        .where(c.account_id == account_id)
        .order_by(c.at, c.writer_id, c.seq, c.line)
    )
    return connection.execute(query).all()


def find_credential(connection: sa.Connection, door: Door, key: str) -> Credential | None:
    """A credential of a door by its key, revoked or not."""
    c = tables.credential.c
    query = sa.select(tables.credential).where(c.door == door.value, c.key == key)
    row = connection.execute(query).first()
    return rows.credential_row(row) if row else None


def list_credentials(connection: sa.Connection, account_id: str | None = None) -> list[Credential]:
    """The credentials of an account, or all, by the time of their issue."""
    c = tables.credential.c
    query = sa.select(tables.credential).order_by(c.issued_at, c.door, c.key)
    if account_id is not None:
        query = query.where(c.account_id == account_id)
    return [rows.credential_row(row) for row in connection.execute(query)]


def server_secret(connection: sa.Connection, name: str) -> bytes:
    """A random key of this installation."""
    c = tables.server_secret.c
    value: bytes = connection.execute(sa.select(c.value).where(c.name == name)).scalar_one()
    return bytes(value)


def find_webhook_secret(connection: sa.Connection, account_id: str) -> str | None:
    """The secret that an account chose for the signatures of its webhooks, or None."""
    c = tables.webhook_secret.c
    query = sa.select(c.secret).where(c.account_id == account_id)
    secret: str | None = connection.execute(query).scalar()
    return secret
