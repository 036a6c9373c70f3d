"""Pools: the use cases about them, by the names that their owner gave them."""

import asyncio
from collections.abc import Iterable, Mapping
from uuid import uuid4

import msgspec
import sqlalchemy as sa

from numberline.core import commands as c
from numberline.core.errors import NumberNotOwned, PoolNotFound
from numberline.core.pools import Pool
from numberline.core.rows import NumberRow
from numberline.platform.platform import Platform
from numberline.storage import queries
from numberline.storage.queries import OwnedFilter, PageCut, PoolFilter


class SizedPool(msgspec.Struct, frozen=True):
    """A pool, and how many numbers are in it."""

    pool: Pool
    size: int


def _sized_page(
    connection: sa.Connection, filter_: PoolFilter, limit: int, offset: int
) -> tuple[list[SizedPool], int]:
    pools, total = queries.list_pools(connection, filter_, limit=limit, offset=offset)
    sizes = queries.pool_sizes(connection, filter_.account_id) if pools else {}
    return [SizedPool(pool, sizes.get(pool.pool_id, 0)) for pool in pools], total


class Pools:
    """The pools of a platform's accounts."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def create(
        self, account_id: str, name: str, *, service: str, by_country: bool
    ) -> SizedPool:
        """Create a pool without numbers.

        Raises:
            PoolExists: The account has a pool of this name.
            TooManyPools: It has as many as it may have.
        """
        command = c.CreatePool(
            account_id=account_id,
            pool_id=str(uuid4()),
            name=name,
            service=service,
            by_country=by_country,
        )
        return SizedPool(await self._platform.execute(command), 0)

    async def change(
        self,
        account_id: str,
        name: str,
        *,
        new_name: str | None = None,
        service: str | None = None,
        by_country: bool | None = None,
    ) -> SizedPool:
        """Rename a pool or change what is said of it; what is None stays as it is.

        Raises:
            PoolNotFound: The account has no pool of this name.
            PoolExists: It has one of the new name.
        """
        found = await self.find(account_id, name)
        command = c.ChangePool(
            account_id=account_id,
            pool_id=found.pool.pool_id,
            name=new_name,
            service=service,
            by_country=by_country,
        )
        return SizedPool(await self._platform.execute(command), found.size)

    async def delete(self, account_id: str, name: str) -> None:
        """Delete a pool; its numbers stay rented.

        Raises:
            PoolNotFound: The account has no pool of this name.
        """
        pool = (await self.find(account_id, name)).pool
        await self._platform.execute(c.DeletePool(account_id=account_id, pool_id=pool.pool_id))

    async def find(self, account_id: str, name: str) -> SizedPool:
        """A pool of an account.

        Raises:
            PoolNotFound: The account has no pool of this name.
        """
        filter_ = PoolFilter(account_id=account_id, name=name)
        found, _ = await self.page(filter_, limit=1, offset=0)
        if not found:
            raise PoolNotFound(name)
        return found[0]

    async def page(
        self, filter_: PoolFilter, *, limit: int, offset: int
    ) -> tuple[list[SizedPool], int]:
        """A page of an account's pools, the oldest first, and how many there are."""
        if not ((filter_.name or "") + (filter_.service or "")).isprintable():
            return [], 0
        return await self._platform.read(
            lambda connection: _sized_page(connection, filter_, limit, offset)
        )

    async def numbers(
        self, account_id: str, name: str, cut: PageCut, *, globs: tuple[str, ...] = ()
    ) -> tuple[list[NumberRow], int]:
        """A page of the numbers of a pool, and how many there are on all pages.

        Args:
            account_id: Whose pool.
            name: Which pool.
            cut: Which page.
            globs: What a number's whole digits must match, with ``*``.

        Raises:
            PoolNotFound: The account has no pool of this name.
        """
        pool = (await self.find(account_id, name)).pool
        filter_ = OwnedFilter(account_id=account_id, globs=globs, pool_id=pool.pool_id)
        return await self._platform.owned(filter_, cut)

    async def add(
        self, account_id: str, name: str, numbers: Iterable[int]
    ) -> Mapping[int, NumberNotOwned | None]:
        """Put numbers in a pool, each by itself.

        Returns:
            For each number None, or why it is not in the pool.

        Raises:
            PoolNotFound: The account has no pool of this name.
            Unavailable: The server cannot take them all now; some may be in the pool.
        """
        pool = (await self.find(account_id, name)).pool
        return await self._each(
            {
                number: c.JoinPool(account_id=account_id, number=number, pool_id=pool.pool_id)
                for number in numbers
            }
        )

    async def remove(self, account_id: str, name: str, numbers: Iterable[int]) -> None:
        """Take numbers out of a pool; those that are not in it are passed over.

        Raises:
            PoolNotFound: The account has no pool of this name.
            Unavailable: The server cannot take them all now; some may still be in the pool.
        """
        pool = (await self.find(account_id, name)).pool
        await self._each(
            {
                number: c.LeavePool(account_id=account_id, number=number, pool_id=pool.pool_id)
                for number in numbers
            }
        )

    async def _each(self, commands: Mapping[int, c.Command]) -> Mapping[int, NumberNotOwned | None]:
        """Carry out a command for each number, all at once, so that they share a batch."""

        async def refusal(command: c.Command) -> NumberNotOwned | None:
            try:
                await self._platform.execute(command)
            except NumberNotOwned as refused:
                return refused
            return None

        # Every outcome is awaited before the first failure is told.
        outcomes = await asyncio.gather(*map(refusal, commands.values()), return_exceptions=True)
        refusals = {}
        for number, outcome in zip(commands, outcomes, strict=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, NumberNotOwned):
                raise outcome
            refusals[number] = outcome
        return refusals
