"""The outcome of a command, and what deciders share."""

from itertools import chain

import msgspec

from numberline.core.accounts import Account, Credential, Wallet, WebhookSecret
from numberline.core.errors import AccountNotFound, NumberNotAvailable, NumberNotOwned
from numberline.core.lifecycle import OWNED, Action, Transition, transition
from numberline.core.pools import Pool, PoolSet
from numberline.core.rows import Entry, Event, NumberRow, View


class Decision(msgspec.Struct, frozen=True):
    """The outcome of a command: the rows to write, the events to append, the reply.

    The reply is the row that the command is about, as it stands afterwards; where it is about
    several, all of them.
    """

    reply: NumberRow | Account | Credential | Wallet | WebhookSecret | Pool | tuple[NumberRow, ...]
    events: tuple[Event, ...]
    numbers: tuple[NumberRow, ...] = ()
    accounts: tuple[Account, ...] = ()
    credentials: tuple[Credential, ...] = ()
    pools: tuple[PoolSet, ...] = ()
    webhook_secrets: tuple[WebhookSecret, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The ledger entries that its events caused."""
        return tuple(chain.from_iterable(event.entries for event in self.events))


def existing_account(view: View, account_id: str) -> Account:
    """An account that must be there.

    Raises:
        AccountNotFound: It is not.
    """
    account = view.account(account_id)
    if account is None:
        raise AccountNotFound(account_id)
    return account


def owned_row(view: View, number: int, account_id: str) -> NumberRow:
    """The row of a number that the account rents; all others look alike to it.

    Raises:
        NumberNotOwned: The account does not rent it.
    """
    row = view.number(number)
    if row is None or row.account_id != account_id or row.state not in OWNED:
        raise NumberNotOwned(number)
    return row


def step_of(row: NumberRow, action: Action) -> Transition:
    """The transition of a number by an action.

    Raises:
        NumberNotAvailable: Its state does not allow the action.
    """
    step = transition(row.state, action)
    if step is None:
        raise NumberNotAvailable(row.number)
    return step
