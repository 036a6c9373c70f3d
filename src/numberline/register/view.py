"""The view of a batch: the rows as read, with the decisions of the batch laid over them."""

from collections.abc import Iterable
from typing import Protocol

from numberline.core import commands as c
from numberline.core.accounts import Account, Credential, Door, Wallet
from numberline.core.decisions import Decision
from numberline.core.offers import Offer
from numberline.core.rows import NumberRow


class Catalogue(Protocol):
    """What the register asks of the stock in memory."""

    def offer(self, offer_id: int) -> Offer:
        """An offer of the stock."""
        ...

    def knows(self, offer_id: int) -> bool:
        """Whether an offer has been heard of."""
        ...

    def stocked(self, number: int) -> int | None:
        """The offer under which a number is available, or None where it is not."""
        ...


class Keys:
    """The rows that the commands of a batch may need."""

    def __init__(self, commands: Iterable[c.Command]) -> None:
        self.numbers: set[int] = set()
        self.accounts: set[str] = set()
        self.credentials: set[str] = set()
        for command in commands:
            self._add(command)

    def _add(self, command: c.Command) -> None:
        match command:
            case c.OpenAccount(account=account):
                named = {account.account_id, account.parent_id, account.payer_id}
                self.accounts |= {account_id for account_id in named if account_id}
            case c.IssueCredential(credential=credential):
                self.accounts.add(credential.account_id)
                self.credentials.add(credential.key)
            case c.RevokeCredential():
                self.credentials.add(command.key)
            case c.TopUp():
                self.accounts.add(command.account_id)
            case c.Rent() | c.Hold():
                self.numbers.add(command.number)
                self.accounts.add(command.account_id)
            case _:
                self.numbers.add(command.number)


class BatchView:
    """A `View` over loaded rows that moves on with each decision."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._offers: dict[int, Offer] = {}
        self.stocked = catalogue.stocked
        self._numbers: dict[int, NumberRow] = {}
        self._accounts: dict[str, Account] = {}
        self._wallets: dict[tuple[str, str], Wallet] = {}
        self._credentials: dict[tuple[Door, str], Credential] = {}

    def load(
        self,
        *,
        offers: Iterable[Offer] = (),
        numbers: Iterable[NumberRow] = (),
        accounts: Iterable[Account] = (),
        wallets: Iterable[Wallet] = (),
        credentials: Iterable[Credential] = (),
    ) -> None:
        """Take in rows as the database holds them."""
        self._offers.update((offer.offer_id, offer) for offer in offers)
        self._numbers.update((row.number, row) for row in numbers)
        self._accounts.update((row.account_id, row) for row in accounts)
        self._wallets.update(((row.account_id, row.currency), row) for row in wallets)
        self._credentials.update(((row.door, row.key), row) for row in credentials)

    def offer(self, offer_id: int) -> Offer:
        """An offer; another process may have made it without the catalogue knowing yet."""
        return self._offers.get(offer_id) or self._catalogue.offer(offer_id)

    def number(self, number: int) -> NumberRow | None:
        """The row of a number that has left the stock at least once."""
        return self._numbers.get(number)

    def account(self, account_id: str) -> Account | None:
        """An account."""
        return self._accounts.get(account_id)

    def wallet(self, account_id: str, currency: str) -> Wallet:
        """A wallet; one that was never used is empty."""
        found = self._wallets.get((account_id, currency))
        return found or Wallet(account_id, currency, 0)

    def credential(self, door: Door, key: str) -> Credential | None:
        """A credential, revoked or not."""
        return self._credentials.get((door, key))

    def apply(self, decision: Decision) -> None:
        """Let later decisions see what this one writes."""
        for row in decision.numbers:
            self._numbers[row.number] = row
        if decision.accounts or decision.credentials:
            self.load(accounts=decision.accounts, credentials=decision.credentials)
        for entry in decision.entries:
            key = (entry.account_id, entry.currency)
            balance = self.wallet(*key).balance_micros
            self._wallets[key] = Wallet(*key, balance + entry.wallet_change_micros)
