"""How an event is told: what each door's manner needs to know, and the secrets that sign."""

from hashlib import blake2b
from typing import Final, Protocol

import msgspec

from numberline.core.instants import Instant
from numberline.storage.streams import StoredEvent

SECRETS_MAX: Final = 100_000
"""How many secrets are remembered; past that they are read anew."""

DEFAULT_SECRET_BYTES: Final = 16
"""The length of a secret that no account chose; it is written with two digits a byte."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is to be told now.

    `event_id` is the same in every attempt. `event` is as it was committed, with its number and
    account; `at` is when this attempt begins; `secret` is the account's.
    """

    event_id: str
    event: StoredEvent
    at: Instant
    secret: str


class Message(msgspec.Struct, frozen=True):
    """What is sent by POST: a body, and the headers that its door adds."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class Scheme(Protocol):
    """The manner in which a door tells events; registered under the name that callbacks carry."""

    async def message(self, notice: Notice) -> Message:
        """The message of a notice, signed; the same event may be asked for several times."""
        ...


class WebhookSecrets:
    """The secrets of accounts, remembered from the database in the clear.

    Attributes:
        changes: How often a secret had to be forgotten; what was read from the database before
            the last time may be out of date.
    """

    def __init__(self, hash_key: bytes) -> None:
        self._hash_key = hash_key
        self.changes = 0
        self._secrets: dict[str, str] = {}

    def default(self, account_id: str) -> str:
        """The secret of an account that chose none; it needs not be stored."""
        return blake2b(
            account_id.encode("utf-8", "surrogatepass"),
            key=self._hash_key,
            digest_size=DEFAULT_SECRET_BYTES,
            person=b"webhook-secret",
        ).hexdigest()

    def recall(self, account_id: str) -> str | None:
        """A secret that is remembered."""
        return self._secrets.get(account_id)

    def remember(self, account_id: str, secret: str) -> None:
        """Keep a secret for the next time."""
        if len(self._secrets) >= SECRETS_MAX:
            self._secrets.clear()
        self._secrets[account_id] = secret

    def forget(self, account_id: str) -> None:
        """Let the next message read a secret again."""
        self._secrets.pop(account_id, None)
        self.changes += 1
