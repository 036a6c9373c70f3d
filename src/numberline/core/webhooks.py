"""Webhooks: events that are told to the owner of a number, and how often that is tried."""

from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from numberline.core.instants import SECOND_US, Instant

FIRST_DELAY_S: Final = 5.0
"""How long after the first failure an event is sent again, before the jitter."""

DELAY_FACTOR: Final = 3
"""How many times longer each further delay is."""

DELAY_S_MAX: Final = 12 * 3600.0
"""The longest delay, before the jitter."""

JITTER: Final = 0.25
"""By what share a delay may be shorter or longer, so that failures do not return in step."""

ATTEMPTS_MAX: Final = 15
"""How often an event is sent before it is given up: with these delays after about three days."""

ERROR_LENGTH_MAX: Final = 200
"""How many characters of the reason of a failure are kept."""

GONE: Final = 410
"""The status by which a receiver says that it wants nothing any more."""


# --- the identifier of an event -------------------------------------------------------------

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_DIGITS: Final = {character: value for value, character in enumerate(_ALPHABET)}
_LENGTH: Final = 26

_SEQ_BITS: Final = 44
_WRITER_BITS: Final = 26
_MICROS_BITS: Final = 10
_MILLIS_BITS: Final = 48

_MILLISECOND_US: Final = 1_000


class EventPlace(NamedTuple):
    """When an event happened, and its place in the feed."""

    at: Instant
    writer_id: int
    seq: int


def event_id(place: EventPlace) -> str:
    """The name of an event: a ULID in lower case, as unique as its place and ordered as it.

    The 48 bits of a ULID's time hold the millisecond; what is random elsewhere holds the
    microseconds within it, the writer and the sequence number, so that the name tells the place.
    """
    millis, micros = divmod(place.at, _MILLISECOND_US)
    assert 0 <= millis < 1 << _MILLIS_BITS, place  # noqa: S101  far beyond any clock
    assert 0 <= place.writer_id < 1 << _WRITER_BITS, place  # noqa: S101  67 million processes
    assert 0 <= place.seq < 1 << _SEQ_BITS, place  # noqa: S101  17 million million events each
    value = millis << _MICROS_BITS | micros
    value = (value << _WRITER_BITS | place.writer_id) << _SEQ_BITS | place.seq
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def parse_event_id(text: str) -> EventPlace | None:
    """The place that an event's name tells, or None where it is no such name."""
    value = 0
    for character in text.lower():
        digit = _DIGITS.get(character)
        if digit is None:
            return None
        value = value << 5 | digit
    if len(text) != _LENGTH or value >> 128:
        return None
    rest, seq = divmod(value, 1 << _SEQ_BITS)
    rest, writer_id = divmod(rest, 1 << _WRITER_BITS)
    millis, micros = divmod(rest, 1 << _MICROS_BITS)
    if micros >= _MILLISECOND_US:
        return None
    return EventPlace(Instant(millis * _MILLISECOND_US + micros), writer_id, seq)


# --- deliveries -----------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """What has become of an event that is to be told."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every attempt failed; it is not sent again by itself."""
    DISABLED = "disabled"
    """The receiver has said that it wants nothing any more."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One sending of an event: when it began, how long it took, and what was answered.

    `status` is None where there was no answer, and `error` then says why.
    """

    at: Instant
    duration_ms: int
    status: int | None = None
    error: str = ""
    worker_id: int

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has taken the event."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is to be told, by its place in the feed.

    `version` counts the writes of the row, from 1; each holds only over the version that was
    read. `attempts` counts the attempts that ended; `attempts_before` those before it was asked
    to be replayed. `next_at` is when it is next due. While `leased_until` lies ahead, the worker
    `worker_id` sees to it.
    """

    writer_id: int
    seq: int
    version: int
    account_id: str
    number: int | None
    url: str
    host: str
    scheme: str
    created_at: Instant
    state: DeliveryState
    attempts: int
    attempts_before: int
    next_at: Instant
    leased_until: Instant | None = None
    worker_id: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        """Its place in the feed."""
        return self.writer_id, self.seq

    @property
    def event_id(self) -> str:
        """The name of its event."""
        return event_id(EventPlace(self.created_at, self.writer_id, self.seq))

    def is_leased(self, now: Instant) -> bool:
        """Whether a worker sees to it."""
        return self.leased_until is not None and self.leased_until > now


def host_of(url: str) -> str:
    """The host of a URL with its port, as it is written but in lower case; empty without one."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def retry_delay_s(attempts: int, chance: float) -> float:
    """How long to wait after so many failures, in seconds.

    Args:
        attempts: How many attempts have failed, from 1.
        chance: A random number from 0 up to 1, which moves the delay by its jitter.
    """
    delay_s = min(FIRST_DELAY_S * DELAY_FACTOR ** float(attempts - 1), DELAY_S_MAX)
    return delay_s * (1 - JITTER + 2 * JITTER * chance)


def leased(delivery: Delivery, worker_id: int, until: Instant) -> Delivery:
    """A delivery that a worker takes upon itself."""
    return msgspec.structs.replace(
        delivery, version=delivery.version + 1, leased_until=until, worker_id=worker_id
    )


def given_back(delivery: Delivery) -> Delivery:
    """A delivery that a worker did not come to."""
    return msgspec.structs.replace(
        delivery, version=delivery.version + 1, leased_until=None, worker_id=None
    )


def attempted(delivery: Delivery, attempt: Attempt, now: Instant, chance: float) -> Delivery:
    """A delivery after an attempt: delivered, disabled, given up, or due again.

    Args:
        delivery: As it stood before.
        attempt: What came of it.
        now: When it ended.
        chance: A random number from 0 up to 1 for the jitter.
    """
    attempts = delivery.attempts + 1
    failures = attempts - delivery.attempts_before
    state, next_at = DeliveryState.PENDING, delivery.next_at
    if attempt.succeeded:
        state = DeliveryState.DELIVERED
    elif attempt.status == GONE:
        state = DeliveryState.DISABLED
    elif failures >= ATTEMPTS_MAX:
        state = DeliveryState.FAILED
    else:
        next_at = Instant(now + round(retry_delay_s(failures, chance) * SECOND_US))
    return msgspec.structs.replace(
        given_back(delivery), state=state, attempts=attempts, next_at=next_at
    )


def disabled(delivery: Delivery) -> Delivery:
    """A delivery to a receiver that wants nothing any more."""
    return msgspec.structs.replace(given_back(delivery), state=DeliveryState.DISABLED)


def replayed(delivery: Delivery) -> Delivery:
    """A delivery that starts anew, whatever has become of it.

    It takes its old place before the later events of its number.
    """
    return msgspec.structs.replace(
        given_back(delivery),
        state=DeliveryState.PENDING,
        attempts_before=delivery.attempts,
        next_at=delivery.created_at,
    )
