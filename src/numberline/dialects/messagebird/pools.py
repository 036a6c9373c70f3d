"""The operations on number pools; a pool is named in the path by the name that its owner gave it.

The Go SDK, the only one that knows pools, sends the filters of a list as a JSON body with GET, and
an empty object where it means to add or remove numbers.
"""

from typing import Final, TypeAlias

from numberline.dialects import shell
from numberline.dialects.messagebird import requests as asked
from numberline.dialects.messagebird.errors import BODY_ERRORS, ERRORS, Errors
from numberline.dialects.messagebird.messages import (
    AddedNumbers,
    FailedNumber,
    NumberPool,
    NumberPools,
    PoolNumbers,
    Wording,
    number_pool,
)
from numberline.dialects.openapi import answered, operation
from numberline.platform.pools import Pools
from numberline.storage.queries import PageCut, PoolFilter

Call: TypeAlias = shell.Call[Wording]


async def create_pool(call: Call) -> NumberPool:
    """Create a pool without numbers."""
    parameters = call.parameters
    created = await Pools(call.platform).create(
        call.caller.account_id,
        asked.NEW_POOL_NAME.need(parameters),
        service=asked.NEW_SERVICE.read(parameters) or "",
        by_country=asked.read_by_country(parameters) or False,
    )
    return number_pool(created)


async def list_pools(call: Call) -> NumberPools:
    """List the pools of the account."""
    parameters = call.parameters
    limit, offset = asked.read_page(parameters)
    filter_ = PoolFilter(
        account_id=call.caller.account_id,
        name=asked.POOL_NAME.read(parameters),
        service=asked.SERVICE.read(parameters),
    )
    found, total = await Pools(call.platform).page(filter_, limit=limit, offset=offset)
    items = tuple(map(number_pool, found))
    return NumberPools(offset, limit, len(items), total, items)


async def view_pool(call: Call) -> NumberPool:
    """Show a pool."""
    name = asked.POOL.need(call.parameters)
    return number_pool(await Pools(call.platform).find(call.caller.account_id, name))


async def change_pool(call: Call) -> NumberPool:
    """Rename a pool or change its service or configuration; what is left out stays as it is."""
    parameters = call.parameters
    service = None
    if asked.NEW_SERVICE.named_in(parameters):
        service = asked.NEW_SERVICE.read(parameters) or ""
    changed = await Pools(call.platform).change(
        call.caller.account_id,
        asked.POOL.need(parameters),
        new_name=asked.OTHER_POOL_NAME.read(parameters),
        service=service,
        by_country=asked.read_by_country(parameters),
    )
    return number_pool(changed)


async def delete_pool(call: Call) -> None:
    """Delete a pool; its numbers stay with the account."""
    await Pools(call.platform).delete(call.caller.account_id, asked.POOL.need(call.parameters))


async def list_pool_numbers(call: Call) -> PoolNumbers:
    """List the numbers of a pool."""
    parameters = call.parameters
    limit, offset = asked.read_page(parameters)
    pattern = asked.read_pattern(parameters)
    rows, total = await Pools(call.platform).numbers(
        call.caller.account_id,
        asked.POOL.need(parameters),
        PageCut(limit=limit, offset=offset),
        globs=(pattern.text,) if pattern else (),
    )
    numbers = tuple(str(row.number) for row in rows)
    return PoolNumbers(offset, limit, len(numbers), total, numbers)


async def add_pool_numbers(call: Call) -> AddedNumbers:
    """Put numbers that the account rents in a pool."""
    name = asked.POOL.need(call.parameters)
    numbers = asked.read_pool_numbers(call.parameters)
    refusals = await Pools(call.platform).add(call.caller.account_id, name, numbers)
    return AddedNumbers(
        tuple(str(number) for number, refusal in refusals.items() if refusal is None),
        tuple(
            FailedNumber(str(number), str(refusal))
            for number, refusal in refusals.items()
            if refusal is not None
        ),
    )


async def remove_pool_numbers(call: Call) -> None:
    """Take numbers out of a pool; those that are not in it are passed over."""
    name = asked.POOL.need(call.parameters)
    numbers = asked.read_pool_numbers(call.parameters)
    await Pools(call.platform).remove(call.caller.account_id, name, numbers)


POOLS: Final = "/v1/pools"
ONE_POOL: Final = "/v1/pools/{name}"
NUMBERS: Final = "/v1/pools/{name}/numbers"
NOT_FOUND: Final = {404: answered(Errors, "The account has no pool of this name")}


def add_pools(door: shell.Shell[Wording]) -> None:
    """Add the operations on pools to the door."""
    _add_all(door)
    _add_one(door)
    _add_numbers(door)


def _add_all(door: shell.Shell[Wording]) -> None:
    door.route(
        *("GET", POOLS, list_pools),
        description=operation(
            query=asked.POOLS_FIELDS,
            responses=BODY_ERRORS | {200: answered(NumberPools, "A page")},
        ),
        reads_body=True,
    )
    door.route(
        *("POST", POOLS, create_pool),
        description=operation(
            json=asked.CREATE_POOL_FIELDS,
            responses=BODY_ERRORS | {201: answered(NumberPool, "The pool was created")},
        ),
        status=201,
    )


def _add_one(door: shell.Shell[Wording]) -> None:
    door.route(
        *("GET", ONE_POOL, view_pool),
        description=operation(
            path=(asked.POOL,),
            responses=ERRORS | NOT_FOUND | {200: answered(NumberPool, "The pool")},
        ),
    )
    door.route(
        *("PUT", ONE_POOL, change_pool),
        description=operation(
            path=(asked.POOL,),
            json=asked.CHANGE_POOL_FIELDS,
            responses=BODY_ERRORS | NOT_FOUND | {200: answered(NumberPool, "The pool")},
        ),
    )
    door.route(
        *("DELETE", ONE_POOL, delete_pool),
        description=operation(
            path=(asked.POOL,),
            responses=ERRORS | NOT_FOUND | {204: answered(None, "The pool was deleted")},
        ),
        status=204,
    )


def _add_numbers(door: shell.Shell[Wording]) -> None:
    door.route(
        *("GET", NUMBERS, list_pool_numbers),
        description=operation(
            path=(asked.POOL,),
            query=asked.POOL_NUMBERS_FIELDS,
            responses=BODY_ERRORS | NOT_FOUND | {200: answered(PoolNumbers, "A page")},
        ),
        reads_body=True,
    )
    door.route(
        *("POST", NUMBERS, add_pool_numbers),
        description=operation(
            path=(asked.POOL,),
            json=(asked.POOL_NUMBERS,),
            responses=BODY_ERRORS | NOT_FOUND | {200: answered(AddedNumbers, "Each number")},
        ),
    )
    door.route(
        *("DELETE", NUMBERS, remove_pool_numbers),
        description=operation(
            path=(asked.POOL,),
            query=(asked.POOL_NUMBERS,),
            responses=BODY_ERRORS | NOT_FOUND | {204: answered(None, "None is in the pool")},
        ),
        status=204,
        reads_body=True,
    )
