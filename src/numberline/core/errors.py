"""What can go wrong, as one tree; each leaf carries its data.

Doors translate these into the words of their vendor; `code` is the platform's own word.

    NumberlineError
        InvalidValue
            MissingValue
        Refusal
            NumberNotInStock, NumberNotAvailable, NumberAlreadyOwned, NumberNotOwned
            ProvisioningNotDue, ProvisioningSuperseded, CallbackReplaced
            CountryMismatch, DocumentsRequired, InsufficientCredit, RentalsRefused
            AccountNotFound, AccountExists, CredentialExists, CredentialNotFound
            PoolNotFound, PoolExists, TooManyPools
        Unavailable
            RegisterBusy, RegisterClosed
        CommandFailed
"""

from collections.abc import Mapping
from typing import ClassVar

from numberline.core.money import amount_text


class NumberlineError(Exception):
    """Anything that Numberline itself refuses or cannot do."""

    code: ClassVar[str] = "error"


class InvalidValue(NumberlineError):
    """A value that a caller gave is not one; says which and why."""

    code = "invalid_value"

    def __init__(self, field: str, reason: str) -> None:
        """Name the field as the caller spelt it, and the reason as a clause."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class MissingValue(InvalidValue):
    """A value that a caller must give was left out."""

    code = "missing_value"

    def __init__(self, field: str) -> None:
        """Name the field as the vendor documents it."""
        super().__init__(field, "Is required.")


class Refusal(NumberlineError):
    """A well-formed command that the rules do not allow; nothing was changed."""

    code = "refused"


class _NumberRefusal(Refusal):
    message: ClassVar[str]

    def __init__(self, number: int) -> None:
        super().__init__(self.message.format(number))
        self.number = number


class NumberNotInStock(_NumberRefusal):
    """The number stands under no offer here."""

    code = "number_not_in_stock"
    message = "number {} is not in stock"


class NumberNotAvailable(_NumberRefusal):
    """The number is in stock, but someone else has it or it rests."""

    code = "number_not_available"
    message = "number {} is not available"


class NumberAlreadyOwned(_NumberRefusal):
    """The caller rents the number already."""

    code = "number_already_owned"
    message = "number {} is already rented by this account"


class NumberNotOwned(_NumberRefusal):
    """The caller does not rent the number; also said where another account does."""

    code = "number_not_owned"
    message = "number {} is not rented by this account"


class ProvisioningNotDue(_NumberRefusal):
    """The number has no such step of provisioning that a worker may take now."""

    code = "provisioning_not_due"
    message = "number {} has no such provisioning due"


class CallbackReplaced(_NumberRefusal):
    """What a callback URL was to be told about the number is told elsewhere now, or nowhere."""

    code = "callback_replaced"
    message = "number {} does not tell its events there any more"


class ProvisioningSuperseded(_NumberRefusal):
    """The attempt whose outcome is told is under way no longer."""

    code = "provisioning_superseded"
    message = "number {} has no such provisioning under way"


class CountryMismatch(_NumberRefusal):
    """The number does not belong to the country that the caller named."""

    code = "country_mismatch"
    message = "number {} is not of the country named"


class DocumentsRequired(_NumberRefusal):
    """The offer asks for documents that the account has not handed in."""

    code = "documents_required"
    message = "number {} needs documents that this account has not handed in"


class InsufficientCredit(Refusal):
    """The wallet that pays does not cover the charge."""

    code = "insufficient_credit"

    def __init__(self, account_id: str, needed_micros: int, currency: str) -> None:
        """Name the account that pays and what the charge needs."""
        super().__init__(f"credit does not cover {amount_text(needed_micros)} {currency}")
        self.account_id = account_id
        self.needed_micros = needed_micros
        self.currency = currency


class RentalsRefused(Refusal):
    """Some of several numbers that were to be rented together are not to be had."""

    code = "rentals_refused"

    def __init__(self, refusals: Mapping[int, Refusal]) -> None:
        """Say of each such number why."""
        super().__init__("; ".join(map(str, refusals.values())))
        self.refusals = refusals


class AccountNotFound(Refusal):
    """No account has this identifier."""

    code = "account_not_found"

    def __init__(self, account_id: str) -> None:
        """Name the account that is not there."""
        super().__init__(f"there is no account {account_id}")
        self.account_id = account_id


class AccountExists(Refusal):
    """An account with this identifier is there already."""

    code = "account_exists"

    def __init__(self, account_id: str) -> None:
        """Name the account that is there."""
        super().__init__(f"account {account_id} exists already")
        self.account_id = account_id


class _CredentialRefusal(Refusal):
    message: ClassVar[str]

    def __init__(self, door: str, key: str) -> None:
        super().__init__(self.message.format(door=door, key=key))
        self.door = door
        self.key = key


class CredentialExists(_CredentialRefusal):
    """The door has a credential with this key already."""

    code = "credential_exists"
    message = "the {door} door has a credential {key} already"


class CredentialNotFound(_CredentialRefusal):
    """The door has no live credential with this key."""

    code = "credential_not_found"
    message = "the {door} door has no live credential {key}"


class PoolNotFound(Refusal):
    """The account has no such pool; also said where another account does."""

    code = "pool_not_found"

    def __init__(self, pool: str) -> None:
        """Name the pool as it was looked for, by its name or its identifier."""
        super().__init__(f"there is no pool {pool}")
        self.pool = pool


class PoolExists(Refusal):
    """The account has a pool of this name already."""

    code = "pool_exists"

    def __init__(self, name: str) -> None:
        """Name the pool that is there."""
        super().__init__(f"there is a pool {name} already")
        self.name = name


class TooManyPools(Refusal):
    """The account has as many pools as it may have."""

    code = "too_many_pools"

    def __init__(self, pools_max: int) -> None:
        """Say how many those are."""
        super().__init__(f"an account has at most {pools_max} pools")
        self.pools_max = pools_max


class Unavailable(NumberlineError):
    """The server cannot take the command now; the same command may succeed later."""

    code = "unavailable"


class RegisterBusy(Unavailable):
    """More commands wait than the register takes in."""

    code = "register_busy"


class RegisterClosed(Unavailable):
    """The register is shutting down."""

    code = "register_closed"


class CommandFailed(NumberlineError):
    """A fault of ours: the command met an error that no rule foresees; nothing was changed."""

    code = "command_failed"
