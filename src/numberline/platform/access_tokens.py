"""Access tokens: what a door hands out for a key and its secret, good for a while."""

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import jwt

from numberline.core.accounts import Credential, Door
from numberline.core.errors import NumberlineError
from numberline.core.instants import SECOND_US, Clock

ALGORITHM: Final = "HS256"
TOKEN_LENGTH_MAX: Final = 4_096
TOKENS_MAX: Final = 4_096
"""How many tokens are remembered with what they say; whether one is too old is asked each time."""


class AccessTokenInvalid(NumberlineError):
    """A token was not issued here, or not for this door."""

    code = "access_token_invalid"


class AccessTokenExpired(NumberlineError):
    """A token is too old."""

    code = "access_token_expired"


class AccessTokens:
    """Issues tokens and reads them.

    A token is a JSON Web Token that is signed under a key of this installation. It names the
    credential for which it was issued, so that what is revoked opens nothing any more.

    Attributes:
        lifetime_s: How long a token is good.
    """

    def __init__(self, hash_key: bytes, *, clock: Clock, lifetime_s: int) -> None:
        self.lifetime_s: Final = lifetime_s
        self._clock = clock
        self._key: Final = blake2b(b"access tokens", key=hash_key, digest_size=32).digest()
        self._claims: Final = lru_cache(TOKENS_MAX)(self._read_claims)

    def issue(self, credential: Credential) -> str:
        """A token that speaks for a credential from now on."""
        now_s = self._clock.now() // SECOND_US
        claims = {
            "aud": credential.door.value,
            "sub": credential.key,
            "iat": now_s,
            "exp": now_s + self.lifetime_s,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def read(self, door: Door, token: str) -> str:
        """The key of the credential for which a token was issued.

        Raises:
            AccessTokenInvalid: It was not issued here for this door.
            AccessTokenExpired: It is too old.
        """
        if len(token) > TOKEN_LENGTH_MAX:
            raise AccessTokenInvalid("the access token is invalid")
        claims = self._claims(door, token)
        if claims["exp"] * SECOND_US <= self._clock.now():
            raise AccessTokenExpired("the access token is expired")
        key: str = claims["sub"]
        return key

    def _read_claims(self, door: Door, token: str) -> dict[str, Any]:
        # Its age is told by our own clock, not by the library's.
        options: Any = {
            "require": ["aud", "sub", "exp"],
            "verify_exp": False,
            "verify_iat": False,
        }
        try:
            return jwt.decode(
                token, self._key, algorithms=[ALGORITHM], audience=door.value, options=options
            )
        except (jwt.InvalidTokenError, ValueError) as error:
            raise AccessTokenInvalid("the access token is invalid") from error
