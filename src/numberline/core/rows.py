"""The rows that decisions read and write, and what they read them through."""

from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from numberline.core.accounts import Account, Credential, Door, Wallet
from numberline.core.emergency import NO_EMERGENCY_ADDRESS, EmergencyAddress
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind, State
from numberline.core.offers import Offer
from numberline.core.pools import PoolSet
from numberline.core.provisioning import NO_PROVISIONING, Provisioning

VoiceRoute = Literal["", "sip", "tel", "app", "vxml"]


class Configuration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the traffic of a rented number goes, and how its owner has sorted it.

    An empty text is a setting that is not set. `pools` are the identifiers of the pools that the
    number was put in; one that no pool has any more says nothing.
    """

    application_id: str = ""
    sms_webhook_url: str = ""
    smpp_system_type: str = ""
    voice_route: VoiceRoute = ""
    voice_target: str = ""
    voice_status_url: str = ""
    messages_application_id: str = ""
    tags: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    display_name: str = ""
    emergency_address: EmergencyAddress = NO_EMERGENCY_ADDRESS


NO_CONFIGURATION = Configuration()


class NumberRow(msgspec.Struct, frozen=True, kw_only=True):
    """A number that has left the stock at least once.

    `account_id` holds or rents it. `due_at` is when the state ends by itself: a hold, a
    scheduled release, a quarantine. `version` counts the commits that wrote the row, from 1.
    `interval_months` is the billing interval that was chosen, None where it is the offer's.
    `release_asked_at` is when a scheduled release was asked for. `work_at` is when a worker
    has to look at its provisioning next.
    """

    number: int
    offer_id: int
    version: int
    state: State
    account_id: str | None
    changed_at: Instant
    rented_at: Instant | None = None
    renews_at: Instant | None = None
    due_at: Instant | None = None
    configuration: Configuration = NO_CONFIGURATION
    interval_months: int | None = None
    release_asked_at: Instant | None = None
    provisioning: Provisioning = NO_PROVISIONING
    work_at: Instant | None = None


class Book(StrEnum):
    """The books of the ledger; a wallet's balance is what it was credited less its debits."""

    WALLET = "wallet"
    REVENUE = "revenue"
    FUNDING = "funding"
    """Where top-ups come from: the money that an operator has taken in."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger entry: an amount that leaves one book for another, so that both legs agree.

    `account_id` is the account whose wallet it touches; `amount_micros` is above zero.
    """

    account_id: str
    debit: Book
    credit: Book
    amount_micros: int
    currency: str
    reason: str
    number: int | None = None

    @property
    def wallet_change_micros(self) -> int:
        """What the entry adds to the account's wallet; below zero where it takes."""
        if self.credit is Book.WALLET:
            return self.amount_micros
        return -self.amount_micros if self.debit is Book.WALLET else 0


class Callback(msgspec.Struct, frozen=True):
    """Where an event is told to the owner of its number, and in the manner of which door."""

    url: str
    scheme: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A past fact of the feed, the ledger entries that it caused, and who is told of it."""

    kind: EventKind
    number: int | None = None
    account_id: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")
    entries: tuple[Entry, ...] = ()
    callback: Callback | None = None


class View(Protocol):
    """What a decision may look at: the rows as they stand before it."""

    def number(self, number: int) -> NumberRow | None:
        """The row of a number that has left the stock at least once."""
        ...

    def offer(self, offer_id: int) -> Offer:
        """An offer of the stock."""
        ...

    def stocked(self, number: int) -> int | None:
        """The offer under which a number without a row is in stock."""
        ...

    def account(self, account_id: str) -> Account | None:
        """An account."""
        ...

    def wallet(self, account_id: str, currency: str) -> Wallet:
        """A wallet; one that was never used is empty."""
        ...

    def credential(self, door: Door, key: str) -> Credential | None:
        """A credential, revoked or not."""
        ...

    def pools(self, account_id: str) -> PoolSet:
        """All pools of an account; one that never had any has none."""
        ...
