"""Decisions about accounts, their wallets and their credentials."""

import msgspec

from numberline.core import commands as c
from numberline.core.accounts import (
    WEBHOOK_SECRET_LENGTH_MAX,
    Credential,
    Wallet,
    WebhookSecret,
)
from numberline.core.decisions.decision import Decision, existing_account
from numberline.core.errors import (
    AccountExists,
    CredentialExists,
    CredentialNotFound,
    InvalidValue,
)
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.core.money import MICROS_MAX
from numberline.core.rows import Book, Entry, Event, View


def open_account(command: c.OpenAccount, view: View, now: Instant) -> Decision:
    """An account that is opened."""
    account = msgspec.structs.replace(command.account, created_at=now)
    if view.account(account.account_id) is not None:
        raise AccountExists(account.account_id)
    payers = {account.account_id}
    if account.parent_id is not None:
        payers.add(existing_account(view, account.parent_id).payer_id)
    if account.payer_id not in payers:
        raise InvalidValue("payer_id", "must be the account itself or who pays for its parent")
    event = Event(kind=EventKind.ACCOUNT_OPENED, account_id=account.account_id)
    return Decision(reply=account, events=(event,), accounts=(account,))


def top_up(command: c.TopUp, view: View, _now: Instant) -> Decision:
    """Money that goes into the wallet that pays for an account."""
    if not 0 < command.amount_micros <= MICROS_MAX:
        raise InvalidValue("amount", "must lie between 0.000001 and 1000000000")
    payer_id = existing_account(view, command.account_id).payer_id
    entry = Entry(
        account_id=payer_id,
        debit=Book.FUNDING,
        credit=Book.WALLET,
        amount_micros=command.amount_micros,
        currency=command.currency,
        reason="top_up",
    )
    wallet = view.wallet(payer_id, command.currency)
    filled = Wallet(payer_id, command.currency, wallet.balance_micros + command.amount_micros)
    event = Event(kind=EventKind.WALLET_TOPPED_UP, account_id=payer_id, entries=(entry,))
    return Decision(reply=filled, events=(event,))


def _credential_event(kind: EventKind, credential: Credential) -> Event:
    data = msgspec.json.encode({"door": credential.door, "key": credential.key})
    return Event(kind=kind, account_id=credential.account_id, data=msgspec.Raw(data))


def issue_credential(command: c.IssueCredential, view: View, now: Instant) -> Decision:
    """A key that speaks for an account from now on."""
    credential = msgspec.structs.replace(command.credential, issued_at=now)
    existing_account(view, credential.account_id)
    if view.credential(credential.door, credential.key) is not None:
        raise CredentialExists(credential.door, credential.key)
    event = _credential_event(EventKind.CREDENTIAL_ISSUED, credential)
    return Decision(reply=credential, events=(event,), credentials=(credential,))


def revoke_credential(command: c.RevokeCredential, view: View, now: Instant) -> Decision:
    """A key that speaks for nobody any more."""
    credential = view.credential(command.door, command.key)
    if credential is None or credential.revoked_at is not None:
        raise CredentialNotFound(command.door, command.key)
    revoked = msgspec.structs.replace(credential, revoked_at=now)
    event = _credential_event(EventKind.CREDENTIAL_REVOKED, revoked)
    return Decision(reply=revoked, events=(event,), credentials=(revoked,))


def set_webhook_secret(command: c.SetWebhookSecret, view: View, now: Instant) -> Decision:
    """The secret under which an account's webhooks are signed from now on.

    The event tells that it changed, and not to what.
    """
    account = existing_account(view, command.account_id)
    secret = command.secret
    if not 0 < len(secret) <= WEBHOOK_SECRET_LENGTH_MAX:
        reason = f"must be 1 to {WEBHOOK_SECRET_LENGTH_MAX} characters long"
        raise InvalidValue("secret", reason)
    if not secret.isprintable():
        raise InvalidValue("secret", "must not hold control characters")
    row = WebhookSecret(account_id=account.account_id, secret=secret, updated_at=now)
    event = Event(kind=EventKind.WEBHOOK_SECRET_SET, account_id=account.account_id)
    return Decision(reply=row, events=(event,), webhook_secrets=(row,))
