"""Pools: named sets of the numbers that an account rents."""

from typing import Final

import msgspec

from numberline.core.instants import Instant

POOLS_MAX: Final = 100
"""How many pools an account has at most; each change of one reads them all."""

POOL_NAME_LENGTH_MAX: Final = 255
"""How long the name and the service of a pool are at most."""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of an account's rented numbers.

    Which numbers belong to it stands with each number. `pool_id` is never given to another pool;
    no two pools of an account have one name. `service` is what its owner uses it for, in the
    owner's words, and `by_country` whether the owner wants a number of it chosen by country.
    """

    account_id: str
    pool_id: str
    name: str
    service: str
    by_country: bool
    created_at: Instant
    updated_at: Instant


class PoolSet(msgspec.Struct, frozen=True, kw_only=True):
    """All pools of an account; `revision` counts the commits that changed one, from 1."""

    account_id: str
    revision: int = 0
    pools: tuple[Pool, ...] = ()

    def find(self, pool_id: str) -> Pool | None:
        """A pool by its identifier."""
        return next((pool for pool in self.pools if pool.pool_id == pool_id), None)

    def named(self, name: str) -> Pool | None:
        """A pool by its name."""
        return next((pool for pool in self.pools if pool.name == name), None)
