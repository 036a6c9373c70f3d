"""Accounts, their wallets and their credentials."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from numberline.core.instants import Instant


class Door(StrEnum):
    """The front doors for which a credential may be issued."""

    VONAGE = "vonage"
    MESSAGEBIRD = "messagebird"
    BIRD = "bird"
    SINCH = "sinch"


ACCESS_KEY_DOORS: Final = frozenset({Door.MESSAGEBIRD, Door.BIRD})
"""The doors where a credential is one access key rather than a key and a secret."""

SCOPES: Final[Mapping[Door, tuple[str, ...]]] = {
    Door.BIRD: ("organization", "workspace"),
    Door.SINCH: ("project",),
}
"""What the paths of a door call the account, besides its numbers."""

UNLIMITED_CREDIT: Final = 4 * 10**18
"""The credit limit, in millionths, of an account that never runs out; fits 64 bits."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant.

    `payer_id` names the account whose wallets pay: its own, or for a sub-account that shares
    the credit of its parent, the parent's payer. `credit_limit_micros` is how far each of its
    wallets may fall below zero. `documents_on_file` lets it rent numbers that need documents.
    """

    account_id: str
    name: str
    parent_id: str | None
    payer_id: str
    credit_limit_micros: int
    documents_on_file: bool
    created_at: Instant


class Wallet(msgspec.Struct, frozen=True):
    """What an account has in one currency, in millionths."""

    account_id: str
    currency: str
    balance_micros: int


WEBHOOK_SECRET_LENGTH_MAX: Final = 256
"""How long a secret may be under which an account's webhooks are signed."""


class WebhookSecret(msgspec.Struct, frozen=True, kw_only=True):
    """The secret under which an account's webhooks are signed, in the clear."""

    account_id: str
    secret: str
    updated_at: Instant


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A key of one door that speaks for an account; its secret stands here as a keyed hash.

    Where the credential is one access key, that is the secret, and `key` its fingerprint.
    `scope` is what the door's paths call the account, in the order of `SCOPES`.
    """

    door: Door
    key: str
    account_id: str
    secret_hash: bytes
    issued_at: Instant
    revoked_at: Instant | None = None
    scope: tuple[str, ...] = ()
