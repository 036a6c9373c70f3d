"""The life of a number, as one table."""

from enum import StrEnum
from typing import Final, NamedTuple


class State(StrEnum):
    """Where a number stands in its life."""

    AVAILABLE = "available"
    HELD = "held"
    ACTIVE = "active"
    EXPIRING = "expiring"
    QUARANTINED = "quarantined"
    WITHDRAWN = "withdrawn"


OWNED: Final = frozenset({State.ACTIVE, State.EXPIRING})
"""The states in which an account rents the number."""


class Action(StrEnum):
    """What may be done to a number."""

    HOLD = "hold"
    END_HOLD = "end_hold"
    RENT = "rent"
    CONFIGURE = "configure"
    JOIN_POOL = "join_pool"
    LEAVE_POOL = "leave_pool"
    SCHEDULE_RELEASE = "schedule_release"
    RELEASE = "release"
    EXPIRE = "expire"
    END_QUARANTINE = "end_quarantine"
    WITHDRAW = "withdraw"
    RESTOCK = "restock"


class Actor(StrEnum):
    """Who may do it."""

    ANYONE = "anyone"
    OWNER = "owner"
    """The account that holds or rents the number."""
    SYSTEM = "system"
    """The worker that carries out what has fallen due."""
    OPERATOR = "operator"


class EventKind(StrEnum):
    """What has happened, as a past fact."""

    NUMBER_HELD = "number_held"
    HOLD_ENDED = "hold_ended"
    NUMBER_RENTED = "number_rented"
    NUMBER_CONFIGURED = "number_configured"
    POOL_JOINED = "pool_joined"
    POOL_LEFT = "pool_left"
    RELEASE_SCHEDULED = "release_scheduled"
    NUMBER_RELEASED = "number_released"
    QUARANTINE_ENDED = "quarantine_ended"
    NUMBER_WITHDRAWN = "number_withdrawn"
    NUMBER_RESTOCKED = "number_restocked"
    PROVISIONING_REQUESTED = "provisioning_requested"
    PROVISIONING_STARTED = "provisioning_started"
    PROVISIONING_POSTPONED = "provisioning_postponed"
    """An attempt has come to nothing; another follows."""
    PROVISIONING_SUPERSEDED = "provisioning_superseded"
    """An attempt has ended whose task was replaced meanwhile."""
    PROVISIONING_FAILED = "provisioning_failed"
    PROVISIONING_CANCELLED = "provisioning_cancelled"
    PROVISIONED = "provisioned"
    DEPROVISIONED = "deprovisioned"
    STOCK_ADDED = "stock_added"
    ACCOUNT_OPENED = "account_opened"
    WALLET_TOPPED_UP = "wallet_topped_up"
    CREDENTIAL_ISSUED = "credential_issued"
    CREDENTIAL_REVOKED = "credential_revoked"
    POOL_CREATED = "pool_created"
    POOL_CHANGED = "pool_changed"
    POOL_DELETED = "pool_deleted"
    WEBHOOK_SECRET_SET = "webhook_secret_set"  # noqa: S105  no secret, a word for one
    CALLBACK_DISABLED = "callback_disabled"


class Transition(NamedTuple):
    """One row of the table: in which state, what, by whom, and what comes of it."""

    before: State
    action: Action
    actor: Actor
    after: State
    event: EventKind


_S, _A, _W, _E = State, Action, Actor, EventKind

TRANSITIONS: Final = (
    Transition(_S.AVAILABLE, _A.HOLD, _W.ANYONE, _S.HELD, _E.NUMBER_HELD),
    Transition(_S.HELD, _A.HOLD, _W.OWNER, _S.HELD, _E.NUMBER_HELD),
    Transition(_S.HELD, _A.END_HOLD, _W.SYSTEM, _S.AVAILABLE, _E.HOLD_ENDED),
    Transition(_S.AVAILABLE, _A.RENT, _W.ANYONE, _S.ACTIVE, _E.NUMBER_RENTED),
    Transition(_S.HELD, _A.RENT, _W.OWNER, _S.ACTIVE, _E.NUMBER_RENTED),
    Transition(_S.ACTIVE, _A.CONFIGURE, _W.OWNER, _S.ACTIVE, _E.NUMBER_CONFIGURED),
    Transition(_S.EXPIRING, _A.CONFIGURE, _W.OWNER, _S.EXPIRING, _E.NUMBER_CONFIGURED),
    Transition(_S.ACTIVE, _A.JOIN_POOL, _W.OWNER, _S.ACTIVE, _E.POOL_JOINED),
    Transition(_S.EXPIRING, _A.JOIN_POOL, _W.OWNER, _S.EXPIRING, _E.POOL_JOINED),
    Transition(_S.ACTIVE, _A.LEAVE_POOL, _W.OWNER, _S.ACTIVE, _E.POOL_LEFT),
    Transition(_S.EXPIRING, _A.LEAVE_POOL, _W.OWNER, _S.EXPIRING, _E.POOL_LEFT),
    Transition(_S.ACTIVE, _A.SCHEDULE_RELEASE, _W.OWNER, _S.EXPIRING, _E.RELEASE_SCHEDULED),
    Transition(_S.EXPIRING, _A.SCHEDULE_RELEASE, _W.OWNER, _S.EXPIRING, _E.RELEASE_SCHEDULED),
    Transition(_S.ACTIVE, _A.RELEASE, _W.OWNER, _S.QUARANTINED, _E.NUMBER_RELEASED),
    Transition(_S.EXPIRING, _A.RELEASE, _W.OWNER, _S.QUARANTINED, _E.NUMBER_RELEASED),
    Transition(_S.EXPIRING, _A.EXPIRE, _W.SYSTEM, _S.QUARANTINED, _E.NUMBER_RELEASED),
    Transition(_S.QUARANTINED, _A.END_QUARANTINE, _W.SYSTEM, _S.AVAILABLE, _E.QUARANTINE_ENDED),
    Transition(_S.AVAILABLE, _A.WITHDRAW, _W.OPERATOR, _S.WITHDRAWN, _E.NUMBER_WITHDRAWN),
    Transition(_S.QUARANTINED, _A.WITHDRAW, _W.OPERATOR, _S.WITHDRAWN, _E.NUMBER_WITHDRAWN),
    Transition(_S.WITHDRAWN, _A.RESTOCK, _W.OPERATOR, _S.AVAILABLE, _E.NUMBER_RESTOCKED),
)
"""Every step that a number may take; what is not here is refused."""

_BY_STEP: Final = {(row.before, row.action): row for row in TRANSITIONS}


def transition(before: State, action: Action) -> Transition | None:
    """The row for an action in a state, or None where the table has none."""
    return _BY_STEP.get((before, action))
