"""Decisions laid over a view, so that later ones see what earlier ones write."""

from numberline.core.accounts import Account, Credential, Door, Wallet
from numberline.core.decisions.decision import Decision
from numberline.core.pools import PoolSet
from numberline.core.rows import NumberRow, View


class Overlay:
    """A `View` that moves on with each decision; the view under it stays as it is."""

    def __init__(self, under: View) -> None:
        self._under = under
        self.offer = under.offer
        self.stocked = under.stocked
        self._numbers: dict[int, NumberRow] = {}
        self._accounts: dict[str, Account] = {}
        self._wallets: dict[tuple[str, str], Wallet] = {}
        self._credentials: dict[tuple[Door, str], Credential] = {}
        self._pools: dict[str, PoolSet] = {}

    def number(self, number: int) -> NumberRow | None:
        """The row of a number that has left the stock at least once."""
        return self._numbers.get(number) or self._under.number(number)

    def account(self, account_id: str) -> Account | None:
        """An account."""
        return self._accounts.get(account_id) or self._under.account(account_id)

    def wallet(self, account_id: str, currency: str) -> Wallet:
        """A wallet; one that was never used is empty."""
        found = self._wallets.get((account_id, currency))
        return found or self._under.wallet(account_id, currency)

    def credential(self, door: Door, key: str) -> Credential | None:
        """A credential, revoked or not."""
        return self._credentials.get((door, key)) or self._under.credential(door, key)

    def pools(self, account_id: str) -> PoolSet:
        """All pools of an account; one that never had any has none."""
        return self._pools.get(account_id) or self._under.pools(account_id)

    def apply(self, decision: Decision) -> None:
        """Let later decisions see what this one writes."""
        for row in decision.numbers:
            self._numbers[row.number] = row
        for account in decision.accounts:
            self._accounts[account.account_id] = account
        for credential in decision.credentials:
            self._credentials[credential.door, credential.key] = credential
        for pools in decision.pools:
            self._pools[pools.account_id] = pools
        for entry in decision.entries:
            key = (entry.account_id, entry.currency)
            balance = self.wallet(*key).balance_micros
            self._wallets[key] = Wallet(*key, balance + entry.wallet_change_micros)
