"""The keyring: which account a key and its secret, or an access key, speak for."""

import hmac
import secrets
import uuid
from hashlib import blake2b
from typing import Final

from numberline.core.accounts import SCOPES, Credential, Door

CREDENTIALS_MAX: Final = 100_000
"""How many credentials are remembered; past that the keyring starts anew."""

SECRET_BYTES: Final = 16
"""The randomness of an issued secret: 128 bits."""

FINGERPRINT_BYTES: Final = 8
"""How much of an access key's hash is its fingerprint."""

KEY_BYTES: Final = 4
"""A Vonage api_key has eight hexadecimal digits; so has every key that is issued here."""


SCOPE_NAMESPACE: Final = uuid.UUID("6f0d3c1e-5f0b-4a7a-9d3c-2b8f1a6e4c70")
"""Under which the scopes of accounts are named; any one, for ever the same."""


def new_key() -> str:
    """A random key for a credential; not secret."""
    return secrets.token_hex(KEY_BYTES)


def new_secret() -> str:
    """A random secret for a credential."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_account_id() -> str:
    """A random identifier for an account."""
    return secrets.token_hex(8)


def default_scope(door: Door, account_id: str) -> tuple[str, ...]:
    """What a door's paths call an account that has not been given names of its own there.

    The same for every credential of the account, so that one may replace another.
    """
    return tuple(
        str(uuid.uuid5(SCOPE_NAMESPACE, f"{door}/{name}/{account_id}"))
        for name in SCOPES.get(door, ())
    )


def hash_secret(secret: str, hash_key: bytes) -> bytes:
    """The keyed hash under which a secret is stored."""
    return blake2b(secret.encode("utf-8", "surrogatepass"), key=hash_key, digest_size=32).digest()


def fingerprint(access_key: str, hash_key: bytes) -> str:
    """The name of an access key, by which it is looked up; it tells nothing of the key."""
    return fingerprint_of_hash(hash_secret(access_key, hash_key))


def fingerprint_of_hash(secret_hash: bytes) -> str:
    """The name of an access key, from the keyed hash under which it is stored."""
    return secret_hash[:FINGERPRINT_BYTES].hex()


class Keyring:
    """Credentials remembered from the database, and the comparison of secrets.

    It holds no secret, only what the database holds of it.

    Attributes:
        changes: How often a credential had to be forgotten; what was read from the database
            before the last time may be out of date.
    """

    def __init__(self, hash_key: bytes) -> None:
        self._hash_key = hash_key
        self.changes = 0
        self._credentials: dict[tuple[Door, str], Credential] = {}

    def recall(self, door: Door, key: str) -> Credential | None:
        """A credential that is remembered."""
        return self._credentials.get((door, key))

    def remember(self, credential: Credential) -> None:
        """Keep a credential for the next time."""
        if len(self._credentials) >= CREDENTIALS_MAX:
            self._credentials.clear()
        self._credentials[credential.door, credential.key] = credential

    def forget(self, door: Door, key: str) -> None:
        """Let the next request read a credential again."""
        self._credentials.pop((door, key), None)
        self.changes += 1

    def hash_secret(self, secret: str) -> bytes:
        """The keyed hash of a secret."""
        return hash_secret(secret, self._hash_key)


def opens(credential: Credential, given_hash: bytes) -> bool:
    """Whether a secret, of which this is the keyed hash, is the credential's own and still good.

    It takes the same time whatever the answer.
    """
    same = hmac.compare_digest(given_hash, credential.secret_hash)
    return same and credential.revoked_at is None
