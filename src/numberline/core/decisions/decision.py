"""The outcome of a command, and what deciders share."""

from itertools import chain

import msgspec

from numberline.core.accounts import Account, Credential, Wallet, WebhookSecret
from numberline.core.errors import AccountNotFound
from numberline.core.rows import Entry, Event, NumberRow, View


class Decision(msgspec.Struct, frozen=True):
    """The outcome of a command: the rows to write, the events to append, the reply.

    The reply is the row that the command is about, as it stands afterwards; where it is about
    several, all of them.
    """

    reply: NumberRow | Account | Credential | Wallet | WebhookSecret | tuple[NumberRow, ...]
    events: tuple[Event, ...]
    numbers: tuple[NumberRow, ...] = ()
    accounts: tuple[Account, ...] = ()
    credentials: tuple[Credential, ...] = ()
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
