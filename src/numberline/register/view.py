"""The view of a batch: the rows as read, with the decisions of the batch laid over them."""

from collections.abc import Iterable
from typing import Protocol

from numberline.core import commands as c
from numberline.core.accounts import Account, Credential, Door, Wallet
from numberline.core.decisions.overlay import Overlay
from numberline.core.offers import Offer
from numberline.core.pools import PoolSet
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
        self.pools: set[str] = set()
        """The accounts whose pools are needed."""
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
            case c.TopUp() | c.SetWebhookSecret():
                self.accounts.add(command.account_id)
            case c.RentTogether():
                self.numbers.update(command.numbers)
                self.accounts.add(command.account_id)
            case c.Rent() | c.Hold():
                self.numbers.add(command.number)
                self.accounts.add(command.account_id)
            case c.CreatePool():
                self.accounts.add(command.account_id)
                self.pools.add(command.account_id)
            case c.ChangePool() | c.DeletePool():
                self.pools.add(command.account_id)
            case c.JoinPool():
                self.numbers.add(command.number)
                self.pools.add(command.account_id)
            case _:
                self.numbers.add(command.number)


class BatchView(Overlay):
    """The rows that a batch has loaded, and its decisions laid over them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._loaded = LoadedRows(catalogue)
        super().__init__(self._loaded)

    def load(  # noqa: PLR0913  rows of every kind
        self,
        *,
        offers: Iterable[Offer] = (),
        numbers: Iterable[NumberRow] = (),
        accounts: Iterable[Account] = (),
        wallets: Iterable[Wallet] = (),
        credentials: Iterable[Credential] = (),
        pools: Iterable[PoolSet] = (),
    ) -> None:
        """Take in rows as the database holds them."""
        loaded = self._loaded
        loaded.offers.update((offer.offer_id, offer) for offer in offers)
        loaded.numbers.update((row.number, row) for row in numbers)
        loaded.accounts.update((row.account_id, row) for row in accounts)
        loaded.wallets.update(((row.account_id, row.currency), row) for row in wallets)
        loaded.credentials.update(((row.door, row.key), row) for row in credentials)
        loaded.pool_sets.update((row.account_id, row) for row in pools)


class LoadedRows:
    """A `View` of rows as the database holds them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.stocked = catalogue.stocked
        self.offers: dict[int, Offer] = {}
        self.numbers: dict[int, NumberRow] = {}
        self.accounts: dict[str, Account] = {}
        self.wallets: dict[tuple[str, str], Wallet] = {}
        self.credentials: dict[tuple[Door, str], Credential] = {}
        self.pool_sets: dict[str, PoolSet] = {}
        self.number = self.numbers.get
        self.account = self.accounts.get

    def offer(self, offer_id: int) -> Offer:
        """An offer; another process may have made it without the catalogue knowing yet."""
        return self.offers.get(offer_id) or self._catalogue.offer(offer_id)

    def wallet(self, account_id: str, currency: str) -> Wallet:
        """A wallet; one that was never used is empty."""
        found = self.wallets.get((account_id, currency))
        return found or Wallet(account_id, currency, 0)

    def credential(self, door: Door, key: str) -> Credential | None:
        """A credential, revoked or not."""
        return self.credentials.get((door, key))

    def pools(self, account_id: str) -> PoolSet:
        """All pools of an account; one that never had any has none."""
        return self.pool_sets.get(account_id) or PoolSet(account_id=account_id)
