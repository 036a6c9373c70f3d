"""Decisions about pools, and about which numbers are in them."""

import msgspec

from numberline.core import commands as c
from numberline.core.decisions.decision import Decision, existing_account, owned_row, step_of
from numberline.core.errors import InvalidValue, PoolExists, PoolNotFound, TooManyPools
from numberline.core.instants import Instant
from numberline.core.lifecycle import Action, EventKind
from numberline.core.pools import POOL_NAME_LENGTH_MAX, POOLS_MAX, Pool, PoolSet
from numberline.core.rows import Event, NumberRow, View


def _checked(pool: Pool) -> Pool:
    """A pool whose texts every database can store."""
    if not pool.name:
        raise InvalidValue("name", "must not be empty")
    for field, text in (("name", pool.name), ("service", pool.service)):
        if len(text) > POOL_NAME_LENGTH_MAX:
            raise InvalidValue(field, f"must be at most {POOL_NAME_LENGTH_MAX} characters long")
        if not text.isprintable():
            raise InvalidValue(field, "must not hold control characters")
    return pool


def _existing_pool(pools: PoolSet, pool_id: str) -> Pool:
    pool = pools.find(pool_id)
    if pool is None:
        raise PoolNotFound(pool_id)
    return pool


def _pool_decision(
    kind: EventKind, pool: Pool, before: PoolSet, pools: tuple[Pool, ...]
) -> Decision:
    data = msgspec.json.encode({"pool_id": pool.pool_id, "name": pool.name})
    event = Event(kind=kind, account_id=pool.account_id, data=msgspec.Raw(data))
    after = PoolSet(account_id=pool.account_id, revision=before.revision + 1, pools=pools)
    return Decision(reply=pool, events=(event,), pools=(after,))


def create_pool(command: c.CreatePool, view: View, now: Instant) -> Decision:
    """A pool that is created, without numbers."""
    existing_account(view, command.account_id)
    pool = _checked(
        Pool(
            account_id=command.account_id,
            pool_id=command.pool_id,
            name=command.name,
            service=command.service,
            by_country=command.by_country,
            created_at=now,
            updated_at=now,
        )
    )
    before = view.pools(command.account_id)
    if before.named(command.name) is not None:
        raise PoolExists(command.name)
    if len(before.pools) >= POOLS_MAX:
        raise TooManyPools(POOLS_MAX)
    return _pool_decision(EventKind.POOL_CREATED, pool, before, (*before.pools, pool))


def change_pool(command: c.ChangePool, view: View, now: Instant) -> Decision:
    """A pool with another name, service or configuration; its numbers stay in it."""
    before = view.pools(command.account_id)
    pool = _existing_pool(before, command.pool_id)
    changes = {
        name: value
        for name in ("name", "service", "by_country")
        if (value := getattr(command, name)) not in (None, getattr(pool, name))
    }
    if not changes:
        return Decision(reply=pool, events=())
    changed = _checked(msgspec.structs.replace(pool, **changes, updated_at=now))
    if "name" in changes and before.named(changed.name) is not None:
        raise PoolExists(changed.name)
    pools = tuple(changed if each is pool else each for each in before.pools)
    return _pool_decision(EventKind.POOL_CHANGED, changed, before, pools)


def delete_pool(command: c.DeletePool, view: View, _now: Instant) -> Decision:
    """A pool that is no more. Its numbers keep its identifier, which names nothing from now on."""
    before = view.pools(command.account_id)
    pool = _existing_pool(before, command.pool_id)
    pools = tuple(each for each in before.pools if each is not pool)
    return _pool_decision(EventKind.POOL_DELETED, pool, before, pools)


def join_pool(command: c.JoinPool, view: View, now: Instant) -> Decision:
    """A rented number that is in a pool; where it was in it already, nothing changes."""
    row = owned_row(view, command.number, command.account_id)
    pools = view.pools(command.account_id)
    _existing_pool(pools, command.pool_id)
    if command.pool_id in row.configuration.pools:
        return Decision(reply=row, events=())
    # What was deleted meanwhile goes, so that a number never names more pools than there may be.
    living = (pool_id for pool_id in row.configuration.pools if pools.find(pool_id))
    return _membership(row, Action.JOIN_POOL, command.pool_id, (*living, command.pool_id), now)


def leave_pool(command: c.LeavePool, view: View, now: Instant) -> Decision:
    """A rented number that is not in a pool; where it was not before, nothing changes."""
    row = owned_row(view, command.number, command.account_id)
    pools = tuple(pool_id for pool_id in row.configuration.pools if pool_id != command.pool_id)
    if pools == row.configuration.pools:
        return Decision(reply=row, events=())
    return _membership(row, Action.LEAVE_POOL, command.pool_id, pools, now)


def _membership(
    row: NumberRow, action: Action, pool_id: str, pools: tuple[str, ...], now: Instant
) -> Decision:
    step = step_of(row, action)
    sorted_ = msgspec.structs.replace(
        row,
        version=row.version + 1,
        state=step.after,
        changed_at=now,
        configuration=msgspec.structs.replace(row.configuration, pools=pools),
    )
    told = {"offer_id": row.offer_id, "state": sorted_.state, "pool_id": pool_id}
    event = Event(
        kind=step.event,
        number=row.number,
        account_id=row.account_id,
        data=msgspec.Raw(msgspec.json.encode(told)),
    )
    return Decision(reply=sorted_, events=(event,), numbers=(sorted_,))
