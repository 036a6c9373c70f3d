"""Commands: what may be asked of the register, one frozen struct each."""

from typing import TypeAlias

import msgspec

from numberline.core.accounts import Account, Credential, Door
from numberline.core.instants import Instant
from numberline.core.provisioning import Result, Service, Setup
from numberline.core.rows import NO_CONFIGURATION, Configuration


class Rent(msgspec.Struct, frozen=True, kw_only=True):
    """Rent a number for an account; `country`, where given, must be the number's own.

    `interval_months`, where given, is billed instead of the offer's own interval.
    """

    account_id: str
    number: int
    country: str | None = None
    interval_months: int | None = None
    configuration: Configuration = NO_CONFIGURATION
    setup: Setup | None = None


class RentTogether(msgspec.Struct, frozen=True, kw_only=True):
    """Rent several different numbers for an account, all of them or none."""

    account_id: str
    numbers: tuple[int, ...]


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Reserve a number for an account until an instant."""

    account_id: str
    number: int
    until: Instant


class Configure(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the settings of a rented number, or its tags; what is None stays as it is.

    The tags are what `tags` says, and the display name what `setup` says, also where a
    configuration is given; the pools stay.
    """

    account_id: str
    number: int
    configuration: Configuration | None = None
    tags: tuple[str, ...] | None = None
    country: str | None = None
    setup: Setup | None = None


class JoinPool(msgspec.Struct, frozen=True, kw_only=True):
    """Put a rented number in a pool of its account."""

    account_id: str
    number: int
    pool_id: str


class LeavePool(msgspec.Struct, frozen=True, kw_only=True):
    """Take a rented number out of a pool, whether or not the pool still exists."""

    account_id: str
    number: int
    pool_id: str


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Give a number back: at once, or at its renewal date."""

    account_id: str
    number: int
    country: str | None = None
    at_renewal: bool = False


class EndHold(msgspec.Struct, frozen=True, kw_only=True):
    """Let a hold end that has fallen due."""

    number: int


class Expire(msgspec.Struct, frozen=True, kw_only=True):
    """Carry out a scheduled release that has fallen due."""

    number: int


class EndQuarantine(msgspec.Struct, frozen=True, kw_only=True):
    """Return a number to the stock after its rest."""

    number: int


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """Take a number that nobody has off the market."""

    number: int


class Restock(msgspec.Struct, frozen=True, kw_only=True):
    """Put a withdrawn number back on the market."""

    number: int


class StartProvisioning(msgspec.Struct, frozen=True, kw_only=True):
    """Take the next step of a provisioning task, which is of this service, until an instant.

    The lease that the task then has names the attempt.
    """

    number: int
    service: Service
    lease_until: Instant


class FinishProvisioning(msgspec.Struct, frozen=True, kw_only=True):
    """Say what has come of the attempt that a lease names."""

    number: int
    lease: str
    result: Result


class OpenAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Open an account."""

    account: Account


class TopUp(msgspec.Struct, frozen=True, kw_only=True):
    """Add money, in millionths of a unit, to the wallet that pays for an account."""

    account_id: str
    amount_micros: int
    currency: str


class IssueCredential(msgspec.Struct, frozen=True, kw_only=True):
    """Let a key speak for an account at one door."""

    credential: Credential


class RevokeCredential(msgspec.Struct, frozen=True, kw_only=True):
    """End what a key may do."""

    door: Door
    key: str


class CreatePool(msgspec.Struct, frozen=True, kw_only=True):
    """Create a pool without numbers, under an identifier that no pool had before."""

    account_id: str
    pool_id: str
    name: str
    service: str = ""
    by_country: bool = False


class ChangePool(msgspec.Struct, frozen=True, kw_only=True):
    """Rename a pool or change what is said of it; what is None stays as it is."""

    account_id: str
    pool_id: str
    name: str | None = None
    service: str | None = None
    by_country: bool | None = None


class DeletePool(msgspec.Struct, frozen=True, kw_only=True):
    """Delete a pool; its numbers stay rented."""

    account_id: str
    pool_id: str


class SetWebhookSecret(msgspec.Struct, frozen=True, kw_only=True):
    """Sign an account's webhooks under a secret from now on."""

    account_id: str
    secret: str


class DisableCallback(msgspec.Struct, frozen=True, kw_only=True):
    """Tell a URL nothing more of a number, for its receiver has said so."""

    number: int
    url: str


NumberCommand: TypeAlias = (
    Rent
    | RentTogether
    | Hold
    | Configure
    | JoinPool
    | LeavePool
    | Release
    | EndHold
    | Expire
    | EndQuarantine
    | Withdraw
    | Restock
    | StartProvisioning
    | FinishProvisioning
    | DisableCallback
)
AccountCommand: TypeAlias = (
    OpenAccount | TopUp | IssueCredential | RevokeCredential | SetWebhookSecret
)
PoolCommand: TypeAlias = CreatePool | ChangePool | DeletePool
Command: TypeAlias = NumberCommand | AccountCommand | PoolCommand
